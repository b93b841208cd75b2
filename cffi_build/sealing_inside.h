/* AES and GHASH of a block by the processor's own instructions, for sealing_aesni.c and sealing_wide.c. */

#ifndef BM_SEALING_INSIDE_H
#define BM_SEALING_INSIDE_H

#include <immintrin.h>

#include "sealing_aesni.h"

#define FAST __attribute__((target("aes,pclmul,avx")))
#define ROUNDS 10
#define BLOCKS ((BM_DATAGRAM_BYTES + 15) / 16)

typedef struct {
    __m128i keys[ROUNDS + 1];
} schedule;

static inline FAST __m128i load(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static inline FAST void store(uint8_t *at, __m128i block)
{
    _mm_storeu_si128((__m128i *)(void *)at, block);
}

static inline FAST __m128i numbers(bm_block it)
{
    return _mm_set_epi64x((long long)it.high, (long long)it.low);
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

#endif
