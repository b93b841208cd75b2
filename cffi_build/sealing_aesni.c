/* AES-128-GCM of a datagram by the processor's own instructions, where it has AES, PCLMULQDQ and AVX.

   libcrypto does the same, and is what this is tested against.  But each datagram has another key than the
   one before, and for 200 bytes libcrypto spends three quarters of its time on parameters, contexts and
   tables (docs/native.md).  Here the key is expanded in passing, and eight blocks are under way at once.

   No branch and no address depends on a key or a text, only on sizes. */

#include <stdlib.h>
#include <string.h>

#include "sealing_aesni.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define FAST __attribute__((target("aes,pclmul,avx")))
#define ROUNDS 10
#define LANES 8u                /* blocks under way at once, to fill the time that each instruction takes */
#define POWERS 8u               /* blocks that are hashed between two reductions */
#define BLOCKS ((BM_DATAGRAM_BYTES + 15) / 16)
#define AHEAD 2u                /* of the stream: what H is, and what the tag is covered with */

typedef struct {
    __m128i keys[ROUNDS + 1];
} schedule;

int bm_aesni_there(void)
{
    return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("avx");
}

static inline FAST __m128i load(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static inline FAST void store(uint8_t *at, __m128i block)
{
    _mm_storeu_si128((__m128i *)(void *)at, block);
}

/* The last block of a text, zeros behind it. */
static inline FAST __m128i load_some(const uint8_t *at, uint32_t size)
{
    uint8_t block[16] = {0};

    memcpy(block, at, size);
    return load(block);
}

/* FIPS 197 5.2.  Of a block whose four words are the same, AESENCLAST takes SubWord of each and adds. */
static inline FAST void expand(const uint8_t *key, schedule *out)
{
    static const int rcon[ROUNDS] = {1, 2, 4, 8, 16, 32, 64, 128, 0x1b, 0x36};
    const __m128i last_rotated = _mm_set1_epi32(0x0c0f0e0d);
    __m128i it = load(key);

    out->keys[0] = it;
    for (int i = 0; i < ROUNDS; i++) {
        __m128i word = _mm_aesenclast_si128(_mm_shuffle_epi8(it, last_rotated), _mm_set1_epi32(rcon[i]));
        it = _mm_xor_si128(it, _mm_slli_si128(it, 4));
        it = _mm_xor_si128(it, _mm_slli_si128(it, 8));
        it = _mm_xor_si128(it, word);
        out->keys[i + 1] = it;
    }
}

static inline FAST void encrypt(const schedule *with, __m128i *blocks, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) blocks[i] = _mm_xor_si128(blocks[i], with->keys[0]);
    for (int round = 1; round < ROUNDS; round++)
        for (uint32_t i = 0; i < count; i++) blocks[i] = _mm_aesenc_si128(blocks[i], with->keys[round]);
    for (uint32_t i = 0; i < count; i++) blocks[i] = _mm_aesenclast_si128(blocks[i], with->keys[ROUNDS]);
}

/* stream[0] is H, AES of zeros; stream[i] is AES of the iv and the counter i, from 1: first the one for the
   tag, then those for the text.  Source: NIST SP 800-38D 7.1 */
static inline FAST void make_stream(const uint8_t *key, const uint8_t *iv, uint32_t size, __m128i *stream)
{
    schedule with;
    __m128i counter = load_some(iv, 12), blocks[LANES];

    expand(key, &with);
    for (uint32_t at = 0; at < AHEAD + (size + 15) / 16; at += LANES) {
        for (uint32_t i = 0; i < LANES; i++)
            blocks[i] = _mm_insert_epi32(counter, (int)__builtin_bswap32(at + i), 3);
        if (!at) blocks[0] = _mm_setzero_si128();
        encrypt(&with, blocks, LANES);
        for (uint32_t i = 0; i < LANES; i++) stream[at + i] = blocks[i];
    }
}

static inline FAST __m128i reversed(__m128i block)
{
    return _mm_shuffle_epi8(block, _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

/* GHASH is POLYVAL of the bytes in reverse, with H times x: there a product need not be shifted.  The modulus
   is x^128 + x^127 + x^126 + x^121 + 1, a product is divided by x^128.  Source: RFC 8452 3 and appendix A */
static inline FAST __m128i modulus(void)
{
    return _mm_set_epi64x((long long)0xc200000000000000ull, 1);
}

typedef struct {
    __m128i low, middle, high;
} product;

static inline FAST void add_product(product *sum, __m128i a, __m128i b)
{
    sum->low = _mm_xor_si128(sum->low, _mm_clmulepi64_si128(a, b, 0x00));
    sum->middle = _mm_xor_si128(sum->middle, _mm_clmulepi64_si128(a, b, 0x01));
    sum->middle = _mm_xor_si128(sum->middle, _mm_clmulepi64_si128(a, b, 0x10));
    sum->high = _mm_xor_si128(sum->high, _mm_clmulepi64_si128(a, b, 0x11));
}

/* Adding the modulus so often that the low half becomes zero, 64 bits at a time. */
static inline FAST __m128i reduced(const product *sum)
{
    __m128i low = _mm_xor_si128(sum->low, _mm_slli_si128(sum->middle, 8));
    __m128i high = _mm_xor_si128(sum->high, _mm_srli_si128(sum->middle, 8));

    for (int i = 0; i < 2; i++)
        low = _mm_xor_si128(_mm_shuffle_epi32(low, 0x4e), _mm_clmulepi64_si128(low, modulus(), 0x10));
    return _mm_xor_si128(low, high);
}

static inline FAST __m128i times(__m128i a, __m128i b)
{
    product sum = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};

    add_product(&sum, a, b);
    return reduced(&sum);
}

static inline FAST __m128i times_x(__m128i it)
{
    __m128i carried = _mm_slli_si128(_mm_srli_epi64(it, 63), 8);
    __m128i top = _mm_shuffle_epi32(_mm_srai_epi32(it, 31), 0xff);

    return _mm_xor_si128(_mm_or_si128(_mm_slli_epi64(it, 1), carried), _mm_and_si128(top, modulus()));
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

static inline FAST __m128i tag_of(const __m128i *stream, const uint8_t *aad, uint32_t aad_size,
                                  const uint8_t *text, uint32_t size)
{
    __m128i blocks[1 + BLOCKS + 1];
    uint32_t count = 1, at = 0;

    blocks[0] = load_some(aad, aad_size);       /* if there is none: a leading zero changes no hash */
    for (; at + 16 <= size; at += 16) blocks[count++] = load(text + at);
    if (at < size) blocks[count++] = load_some(text + at, size - at);
    blocks[count++] = _mm_set_epi32((int)__builtin_bswap32(8 * size), 0,
                                    (int)__builtin_bswap32(8 * aad_size), 0);
    return _mm_xor_si128(ghash(stream[0], blocks, count), stream[1]);
}

/* Encrypts or decrypts. */
static inline FAST void apply(const __m128i *stream, uint8_t *text, uint32_t size)
{
    uint8_t last[16];
    uint32_t at = 0;

    for (; at + 16 <= size; at += 16)
        store(text + at, _mm_xor_si128(load(text + at), stream[AHEAD + at / 16]));
    if (at == size) return;
    store(last, _mm_xor_si128(load_some(text + at, size - at), stream[AHEAD + at / 16]));
    memcpy(text + at, last, size - at);
}

FAST void bm_aesni_seal(const uint8_t *key, const uint8_t *iv, const uint8_t *aad, uint32_t aad_size,
                        uint8_t *text, uint32_t size)
{
    __m128i stream[AHEAD + BLOCKS + LANES];

    make_stream(key, iv, size, stream);
    apply(stream, text, size);
    store(text + size, tag_of(stream, aad, aad_size, text, size));
}

FAST int bm_aesni_open(const uint8_t *key, const uint8_t *iv, const uint8_t *aad, uint32_t aad_size,
                       uint8_t *text, uint32_t size)
{
    __m128i stream[AHEAD + BLOCKS + LANES], off;

    make_stream(key, iv, size, stream);
    off = _mm_xor_si128(load(text + size), tag_of(stream, aad, aad_size, text, size));
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

void bm_aesni_seal(const uint8_t *key, const uint8_t *iv, const uint8_t *aad, uint32_t aad_size,
                   uint8_t *text, uint32_t size)
{
    (void)key, (void)iv, (void)aad, (void)aad_size, (void)text, (void)size;
    abort();
}

int bm_aesni_open(const uint8_t *key, const uint8_t *iv, const uint8_t *aad, uint32_t aad_size,
                  uint8_t *text, uint32_t size)
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
