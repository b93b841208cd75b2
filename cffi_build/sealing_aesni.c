/* AES-128-GCM of a datagram by the processor's own instructions, where it has AES, PCLMULQDQ and AVX.

   libcrypto does the same, and is what this is tested against.  But each datagram has another key than the
   one before, and for 200 bytes libcrypto spends three quarters of its time on parameters, contexts and
   tables (docs/native.md).  Here the key is expanded in passing, and eight blocks are under way at once.

   No branch and no address depends on a key or a text, only on sizes. */

#include <stdlib.h>

#include "sealing_aesni.h"

#if defined(__x86_64__)

#include "sealing_inside.h"

#define LANES 8u                /* blocks under way at once, to fill the time that each instruction takes */
#define POWERS 8u               /* blocks that are hashed between two reductions */
#define AHEAD 1u                /* of the stream: what the tag is covered with */

int bm_aesni_there(void)
{
    return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("avx");
}

/* Ones in the first `size` bytes, zeros behind them. */
static inline FAST __m128i first(uint32_t size)
{
    static const uint8_t ends[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                     255, 255, 255, 255, 255, 255, 255, 255};

    return load(ends + 16 - size);
}

/* The last block of a text, zeros behind it; what is read of the tag, or its room, is cut off. */
static inline FAST __m128i load_some(const uint8_t *at, uint32_t size)
{
    return _mm_and_si128(load(at), first(size));
}

/* stream[i] is AES of the iv and the counter i + 1: first the one for the tag, then those for the text.
   Source: NIST SP 800-38D 7.1 */
static inline FAST void make_stream(const uint8_t *key, bm_block iv, uint32_t size, __m128i *stream)
{
    schedule with;
    __m128i counter = numbers(iv), blocks[LANES];

    expand(key, &with);
    for (uint32_t at = 0; at < AHEAD + (size + 15) / 16; at += LANES) {
        for (uint32_t i = 0; i < LANES; i++)
            blocks[i] = _mm_insert_epi32(counter, (int)__builtin_bswap32(at + i + 1), 3);
        encrypt(&with, blocks, LANES);
        for (uint32_t i = 0; i < LANES; i++) stream[at + i] = blocks[i];
    }
}

static inline FAST __m128i ghash(__m128i h, const __m128i *blocks, uint32_t count)
{
    __m128i powers[POWERS], digest = _mm_setzero_si128();       /* powers[i]: H to the i + 1 */

    powers[0] = times_x(reversed(h));
    for (uint32_t i = 1; i < POWERS && i < count; i++) powers[i] = times(powers[(i - 1) / 2], powers[i / 2]);
    for (uint32_t at = 0, some; at < count; at += some) {
        product sum = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
        some = count - at < POWERS ? count - at : POWERS;
        for (uint32_t i = 0; i < some; i++) {
            __m128i block = reversed(blocks[at + i]);
            if (!i) block = _mm_xor_si128(block, digest);
            add_product(&sum, block, powers[some - 1 - i]);
        }
        digest = reduced(&sum);
    }
    return reversed(digest);
}

static inline FAST __m128i tag_of(const uint8_t *key, __m128i cover, bm_block aad, uint32_t aad_size,
                                  const uint8_t *text, uint32_t size)
{
    __m128i blocks[1 + BLOCKS + 1];
    uint32_t count = 1, at = 0;

    blocks[0] = numbers(aad);                   /* if there is none: a leading zero changes no hash */
    for (; at + 16 <= size; at += 16) blocks[count++] = load(text + at);
    if (at < size) blocks[count++] = load_some(text + at, size - at);
    blocks[count++] = _mm_set_epi32((int)__builtin_bswap32(8 * size), 0,
                                    (int)__builtin_bswap32(8 * aad_size), 0);
    return _mm_xor_si128(ghash(load(key + 16), blocks, count), cover);
}

/* Encrypts or decrypts; behind the text everything stays as it is. */
static inline FAST void apply(const __m128i *stream, uint8_t *text, uint32_t size)
{
    uint32_t at = 0;

    for (; at + 16 <= size; at += 16)
        store(text + at, _mm_xor_si128(load(text + at), stream[AHEAD + at / 16]));
    if (at == size) return;
    store(text + at,
          _mm_xor_si128(load(text + at), _mm_and_si128(stream[AHEAD + at / 16], first(size - at))));
}

FAST void bm_aesni_seal(const uint8_t *key, bm_block iv, bm_block aad, uint32_t aad_size, uint8_t *text,
                        uint32_t size)
{
    __m128i stream[AHEAD + BLOCKS + LANES];

    make_stream(key, iv, size, stream);
    apply(stream, text, size);
    store(text + size, tag_of(key, stream[0], aad, aad_size, text, size));
}

FAST int bm_aesni_open(const uint8_t *key, bm_block iv, bm_block aad, uint32_t aad_size, uint8_t *text,
                       uint32_t size)
{
    __m128i stream[AHEAD + BLOCKS + LANES], off;

    make_stream(key, iv, size, stream);
    off = _mm_xor_si128(load(text + size), tag_of(key, stream[0], aad, aad_size, text, size));
    if (!_mm_testz_si128(off, off)) return BM_FORGED;
    apply(stream, text, size);
    return 0;
}

FAST void bm_aesni_block(const uint8_t *key, const uint8_t *block, uint8_t *out)
{
    schedule with;
    __m128i it = load(block);

    expand(key, &with);
    encrypt(&with, &it, 1);
    store(out, it);
}

#else

int bm_aesni_there(void)
{
    return 0;
}

void bm_aesni_seal(const uint8_t *key, bm_block iv, bm_block aad, uint32_t aad_size, uint8_t *text,
                   uint32_t size)
{
    (void)key, (void)iv, (void)aad, (void)aad_size, (void)text, (void)size;
    abort();
}

int bm_aesni_open(const uint8_t *key, bm_block iv, bm_block aad, uint32_t aad_size, uint8_t *text,
                  uint32_t size)
{
    (void)key, (void)iv, (void)aad, (void)aad_size, (void)text, (void)size;
    abort();
}

void bm_aesni_block(const uint8_t *key, const uint8_t *block, uint8_t *out)
{
    (void)key, (void)block, (void)out;
    abort();
}

#endif
