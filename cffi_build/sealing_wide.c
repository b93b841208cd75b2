/* The same as sealing_aesni.c, four blocks at a time, where the processor has AVX-512 with VAES and
   VPCLMULQDQ: a carry-less product of four pairs takes it no longer than that of one.

   What is hashed is cut into vectors of four blocks from its end, so that the last one has the sizes in its
   last lane, and a lane of the first has the additional data: its counter is 1, whose stream covers the tag.
   Lanes before it are zeros, which change no hash. */

#include <stdlib.h>

#include "sealing_aesni.h"

#if defined(__x86_64__)

#include <cpuid.h>

#include "sealing_inside.h"

#define WIDE __attribute__((target("aes,pclmul,avx512f,avx512bw,avx512vl,vaes,vpclmulqdq")))
#define VECTORS ((1 + BLOCKS + 1 + 3) / 4)

_Static_assert(BLOCKS + 4 < 256, "of a counter one byte changes");

/* Not every compiler knows the last two by name: they are bits 9 and 10 of CPUID 7 in ECX. */
int bm_wide_there(void)
{
    unsigned a, b, c = 0, d;

    return bm_aesni_there() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
           && __builtin_cpu_supports("avx512vl") && __get_cpuid_count(7, 0, &a, &b, &c, &d)
           && (c & 3u << 9) == 3u << 9;
}

/* A text in vectors: `lead` blocks stand before it in the first, the last of them the additional data. */
typedef struct {
    uintptr_t text;
    uint32_t size, count, lead;
} frame;

static inline frame frame_of(uint8_t *text, uint32_t size)
{
    uint32_t blocks = (size + 15) / 16 + 2, count = (blocks + 3) / 4;

    return (frame){(uintptr_t)text, size, count, 4 * count - blocks + 1};
}

static inline uint64_t ones(int32_t count)
{
    return count <= 0 ? 0 : count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

/* Where a vector lies in the text; `*mask`: which of its bytes are the text's. */
static inline void *place_of(const frame *of, uint32_t vector, __mmask64 *mask)
{
    int32_t from = (int32_t)(64 * vector) - (int32_t)(16 * of->lead);

    *mask = ones((int32_t)of->size - from) & ~ones(-from);
    return (void *)(of->text + (uintptr_t)(intptr_t)from);
}

static inline WIDE __m512i encrypt_wide(const schedule *with, __m512i it)
{
    it = _mm512_xor_si512(it, _mm512_broadcast_i32x4(with->keys[0]));
    for (int round = 1; round < ROUNDS; round++)
        it = _mm512_aesenc_epi128(it, _mm512_broadcast_i32x4(with->keys[round]));
    return _mm512_aesenclast_epi128(it, _mm512_broadcast_i32x4(with->keys[ROUNDS]));
}

/* Counters of the first vector, the one behind the leading blocks being 2.  Big-endian, in each last word. */
static inline WIDE __m512i first_counters(const frame *of, bm_block iv)
{
    __m512i lanes = _mm512_set_epi32(3 << 24, 0, 0, 0, 2 << 24, 0, 0, 0, 1 << 24, 0, 0, 0, 0, 0, 0, 0);
    __m512i base = _mm512_maskz_set1_epi32(0x8888, (int)((2u - of->lead) << 24));

    lanes = _mm512_maskz_add_epi32(0x8888, lanes, base);
    return _mm512_or_si512(_mm512_broadcast_i32x4(_mm_insert_epi32(numbers(iv), 0, 3)), lanes);
}

static inline WIDE __m512i next_counters(__m512i counters)
{
    return _mm512_mask_add_epi32(counters, 0x8888, counters, _mm512_set1_epi32(4 << 24));
}

typedef struct {
    __m512i low, middle, high;
} wide_product;

static inline WIDE wide_product product_of(__m512i a, __m512i b)
{
    return (wide_product){
        _mm512_clmulepi64_epi128(a, b, 0x00),
        _mm512_xor_si512(_mm512_clmulepi64_epi128(a, b, 0x01), _mm512_clmulepi64_epi128(a, b, 0x10)),
        _mm512_clmulepi64_epi128(a, b, 0x11),
    };
}

/* See `reduced`. */
static inline WIDE __m512i times_wide(__m512i a, __m512i b)
{
    wide_product it = product_of(a, b);
    __m512i low = _mm512_xor_si512(it.low, _mm512_bslli_epi128(it.middle, 8));
    __m512i high = _mm512_xor_si512(it.high, _mm512_bsrli_epi128(it.middle, 8));
    __m512i with = _mm512_broadcast_i32x4(modulus());

    for (int i = 0; i < 2; i++)
        low = _mm512_xor_si512(_mm512_shuffle_epi32(low, (_MM_PERM_ENUM)0x4e),
                               _mm512_clmulepi64_epi128(low, with, 0x10));
    return _mm512_xor_si512(low, high);
}

static inline WIDE __m128i folded(__m512i it)
{
    __m256i half = _mm256_xor_si256(_mm512_castsi512_si256(it), _mm512_extracti64x4_epi64(it, 1));

    return _mm_xor_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

/* H to the fourth, third, second and first. */
static inline WIDE __m512i powers_of(__m128i h)
{
    __m128i one = times_x(reversed(h)), two = times(one, one);
    __m256i low = _mm256_set_m128i(one, two);
    __m512i high = times_wide(_mm512_broadcast_i32x4(two), _mm512_castsi256_si512(low));

    return _mm512_inserti64x4(high, low, 1);
}

static inline WIDE __m512i reversed_wide(__m512i blocks)
{
    __m128i turn = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

    return _mm512_shuffle_epi8(blocks, _mm512_broadcast_i32x4(turn));
}

/* The hash of `count` vectors: each lane's goes on by the fourth power of H. */
static inline WIDE __m128i hash_of(__m512i powers, const __m512i *vectors, uint32_t count)
{
    __m512i sum = reversed_wide(vectors[0]), fourth = _mm512_broadcast_i32x4(_mm512_castsi512_si128(powers));
    wide_product last;
    product all;

    for (uint32_t i = 1; i < count; i++)
        sum = _mm512_xor_si512(times_wide(sum, fourth), reversed_wide(vectors[i]));
    last = product_of(sum, powers);
    all = (product){folded(last.low), folded(last.middle), folded(last.high)};
    return reversed(reduced(&all));
}

/* What is added to the text to be hashed: the additional data in the first vector, the sizes in the last. */
static inline WIDE void complete(const frame *of, bm_block aad, uint32_t aad_size, __m512i *vectors)
{
    __mmask16 lane = (__mmask16)(0xfu << 4 * (of->lead - 1));
    __m128i sizes = _mm_set_epi32((int)__builtin_bswap32(8 * of->size), 0,
                                  (int)__builtin_bswap32(8 * aad_size), 0);

    vectors[0] = _mm512_mask_broadcast_i32x4(vectors[0], lane, numbers(aad));
    vectors[of->count - 1] = _mm512_inserti32x4(vectors[of->count - 1], sizes, 3);
}

/* A lane of the first vector's stream. */
static inline WIDE __m128i lane_of(__m512i stream, uint32_t lane)
{
    __m512i at = _mm512_set_epi64(0, 0, 0, 0, 0, 0, 1, 0);

    at = _mm512_add_epi64(at, _mm512_set1_epi64(2 * lane));
    return _mm512_castsi512_si128(_mm512_permutexvar_epi64(at, stream));
}

WIDE void bm_wide_seal(const uint8_t *key, bm_block iv, bm_block aad, uint32_t aad_size, uint8_t *text,
                       uint32_t size)
{
    frame of = frame_of(text, size);
    __m512i vectors[VECTORS], counters = first_counters(&of, iv), first = counters;
    __m128i tag;
    schedule with;

    expand(key, &with);
    for (uint32_t i = 0; i < of.count; i++, counters = next_counters(counters)) {
        __m512i stream = encrypt_wide(&with, counters);
        __mmask64 mask;
        void *at = place_of(&of, i, &mask);

        if (!i) first = stream;
        vectors[i] = _mm512_maskz_mov_epi8(mask, _mm512_xor_si512(stream, _mm512_maskz_loadu_epi8(mask, at)));
        _mm512_mask_storeu_epi8(at, mask, vectors[i]);
    }
    complete(&of, aad, aad_size, vectors);
    tag = hash_of(powers_of(load(key + 16)), vectors, of.count);
    store(text + size, _mm_xor_si128(tag, lane_of(first, of.lead - 1)));
}

WIDE int bm_wide_open(const uint8_t *key, bm_block iv, bm_block aad, uint32_t aad_size, uint8_t *text,
                      uint32_t size)
{
    frame of = frame_of(text, size);
    __m512i vectors[VECTORS], streams[VECTORS], counters = first_counters(&of, iv);
    __m128i off;
    schedule with;
    __mmask64 mask;

    expand(key, &with);
    for (uint32_t i = 0; i < of.count; i++, counters = next_counters(counters)) {
        void *at = place_of(&of, i, &mask);

        vectors[i] = _mm512_maskz_loadu_epi8(mask, at);
        streams[i] = encrypt_wide(&with, counters);
    }
    complete(&of, aad, aad_size, vectors);
    off = hash_of(powers_of(load(key + 16)), vectors, of.count);
    off = _mm_xor_si128(off, lane_of(streams[0], of.lead - 1));
    off = _mm_xor_si128(off, load(text + size));
    if (!_mm_testz_si128(off, off)) return BM_FORGED;
    for (uint32_t i = 0; i < of.count; i++) {
        void *at = place_of(&of, i, &mask);

        _mm512_mask_storeu_epi8(at, mask, _mm512_xor_si512(streams[i], _mm512_maskz_loadu_epi8(mask, at)));
    }
    return 0;
}

#else

int bm_wide_there(void)
{
    return 0;
}

void bm_wide_seal(const uint8_t *key, bm_block iv, bm_block aad, uint32_t aad_size, uint8_t *text,
                  uint32_t size)
{
    (void)key, (void)iv, (void)aad, (void)aad_size, (void)text, (void)size;
    abort();
}

int bm_wide_open(const uint8_t *key, bm_block iv, bm_block aad, uint32_t aad_size, uint8_t *text,
                 uint32_t size)
{
    (void)key, (void)iv, (void)aad, (void)aad_size, (void)text, (void)size;
    abort();
}

#endif
