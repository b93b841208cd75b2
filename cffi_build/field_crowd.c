/* Of too many the nearest: whom a crowded eye lets in, and whom it lets go. */

#include <string.h>

#include "field_grid.h"

#if BM_WIDE
#include <immintrin.h>
#endif

#define FINE_BITS 24                /* of a key: who differs only below them is as near */

/* A set of keys that are as good as equal: from `base`, so many bits of what is above that. */
typedef struct {
    uint32_t base;
    int width;
    uint32_t below;                 /* keys that are less */
} bm_bin;

/* How many keys are less; quickest for a whole number of strides. */
BM_CLONES static uint32_t count_below(const uint32_t *keys, size_t count, uint32_t key)
{
    uint32_t below = 0;

    for (size_t i = 0; i < count; i++) below += keys[i] < key;
    return below;
}

#if BM_WIDE
__attribute__((target("arch=x86-64-v4"), noinline))
static uint32_t sift_wide(const uint32_t *keys, uint32_t count, uint32_t base, int width, uint32_t *kept)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < count; i += 16) {
        __mmask16 within = (__mmask16)(count - i < 16 ? (1u << (count - i)) - 1 : 0xffff);
        __m512i some = _mm512_loadu_si512(keys + i);
        __m512i above = _mm512_srl_epi32(_mm512_sub_epi32(some, _mm512_set1_epi32((int)base)),
                                         _mm_cvtsi32_si128(width));
        __mmask16 in_it = _mm512_mask_testn_epi32_mask(within, above, above);

        _mm512_storeu_si512(kept + at, _mm512_maskz_compress_epi32(in_it, some));
        at += (uint32_t)__builtin_popcount(in_it);
    }
    return at;
}
#endif

/* Copies the keys of one bin, which may be to where they are; answers how many. */
__attribute__((noinline)) static uint32_t sift(const uint32_t *keys, uint32_t count, uint32_t base, int width,
                                               uint32_t *kept)
{
    uint32_t at = 0;

#if BM_WIDE
    if (__builtin_cpu_supports("x86-64-v4")) return sift_wide(keys, count, base, width, kept);
#endif
    for (uint32_t i = 0; i < count; i++) {
        uint32_t key = keys[i];
        kept[at] = key;
        at += (key - base) >> width == 0;
    }
    return at;
}

/* Makes them a whole number of strides with keys that are greater than all; answers how many then. */
static size_t filled_up(uint32_t *keys, uint32_t count)
{
    memset(keys + count, 0xff, BM_GRID_STRIDE * sizeof *keys);
    return bm_grid_filled(count);
}

/* The bin of the key that `limit` of them come before, less than there are: bit by bit, and whenever few are
   left only among those.  `work` has room for all of them. */
static bm_bin threshold(uint32_t *keys, uint32_t count, uint32_t limit, int bits, uint32_t *work)
{
    bm_bin bin = {.width = bits > FINE_BITS ? bits - FINE_BITS : 0};
    uint32_t apart = 0, upto = count;   /* less than all of `keys`; less than the end of what is looked at */
    size_t filled = filled_up(keys, count);

    for (int bit = bits - 1; bit >= bin.width && count > 1; bit--) {
        uint32_t middle = bin.base + (1u << bit), less = apart + count_below(keys, filled, middle);
        int after = less <= limit;

        bin.base = after ? middle : bin.base;
        bin.below = after ? less : bin.below;
        upto = after ? upto : less;
        if ((upto - bin.below) * 4 > count && upto - bin.below > 1) continue;
        count = sift(keys, count, bin.base, bit, work);
        keys = work;
        apart = bin.below;
        filled = filled_up(keys, count);
    }
    if (count == 1) bin.base = keys[0] >> bin.width << bin.width;
    return bin;
}

/* What a crowd is ordered by: who is seen counts as a tenth nearer, so that ranks do not flicker. */
BM_CLONES static void rank(const uint32_t *restrict square, size_t count, uint32_t *restrict keys)
{
    for (size_t i = 0; i < count; i++) keys[i] = square[i] - (square[i] >> 3) - (square[i] >> 4);
}

static int key_bits(const bm_field_rules *rules)
{
    uint32_t farthest = (uint32_t)(rules->leave * rules->leave + rules->leave_height * rules->leave_height);

    return 32 - __builtin_clz(farthest);
}

#if BM_WIDE
__attribute__((target("arch=x86-64-v4"), noinline))
static void keep_wide(bm_near *near, const uint32_t *keys, const bm_bin *bin, uint32_t room)
{
    const __m512i least = _mm512_set1_epi32((int)bin->base);
    uint32_t kept = 0;

    for (uint32_t i = 0; i < near->count; i += 16) {
        __mmask16 within = (__mmask16)(near->count - i < 16 ? (1u << (near->count - i)) - 1 : 0xffff);
        __m512i some = _mm512_loadu_si512(keys + i);
        __m512i who = _mm512_loadu_si512(near->who + i), square = _mm512_loadu_si512(near->square + i);
        __m512i above = _mm512_srl_epi32(_mm512_sub_epi32(some, least), _mm_cvtsi32_si128(bin->width));
        __mmask16 less = _mm512_mask_cmplt_epu32_mask(within, some, least), all;
        uint32_t ties = _mm512_mask_testn_epi32_mask(within, above, above);

        if (room < 16) ties = _pdep_u32((1u << room) - 1, ties);       /* the first of them */
        room -= (uint32_t)__builtin_popcount(ties);
        all = (__mmask16)(less | ties);
        _mm512_storeu_si512(near->who + kept, _mm512_maskz_compress_epi32(all, who));
        _mm512_storeu_si512(near->square + kept, _mm512_maskz_compress_epi32(all, square));
        kept += (uint32_t)__builtin_popcount(all);
    }
    near->count = kept;
}
#endif

/* Keeps those whose keys are less than a bin's, in their order, and the first `room` of those in it. */
static void keep(bm_near *near, const uint32_t *keys, const bm_bin *bin, uint32_t room)
{
    uint32_t kept = 0;

#if BM_WIDE
    if (__builtin_cpu_supports("x86-64-v4")) {
        keep_wide(near, keys, bin, room);
        return;
    }
#endif
    for (uint32_t i = 0; i < near->count; i++) {
        uint32_t less = keys[i] < bin->base, tie = (keys[i] - bin->base) >> bin->width == 0 && room > 0;
        near->who[kept] = near->who[i];
        near->square[kept] = near->square[i];
        kept += less | tie;
        room -= tie;
    }
    near->count = kept;
}

/* Keeps the `limit` nearest of the fresh ones, in their order, and of those who are as far, to a few units,
   the first; `limit` is less than there are. */
void bm_crowd_nearest(const bm_field *field, bm_look *look, uint32_t limit)
{
    bm_near *fresh = &look->fresh;
    bm_bin bin = threshold(fresh->square, fresh->count, limit, key_bits(&field->rules), look->work);

    keep(fresh, fresh->square, &bin, limit - bin.below);
}

/* Whether anyone who is seen is farther than anyone who is not: not so where all stand on one spot. */
BM_CLONES static int outranked(const uint32_t *restrict seen, size_t seen_count,
                               const uint32_t *restrict fresh, size_t fresh_count)
{
    uint32_t farthest = 0, nearest = UINT32_MAX;

    for (size_t i = 0; i < seen_count; i++) farthest = seen[i] > farthest ? seen[i] : farthest;
    for (size_t i = 0; i < fresh_count; i++) nearest = fresh[i] < nearest ? fresh[i] : nearest;
    return farthest > nearest;
}

/* Lets the farthest of those who are seen go: as many as are not among the `limit` nearest of all, but at
   most so many.  `limit` is less than there are. */
void bm_crowd_out(const bm_field *field, bm_look *look, uint32_t limit, uint32_t most)
{
    const bm_near *fresh = &look->fresh;
    uint32_t *keys = look->keys, seen = look->seen.count, beyond;
    int bits = key_bits(&field->rules);
    bm_bin bin;

    rank(look->seen.square, seen, keys);
    if (!outranked(keys, seen, fresh->square, fresh->count)) return;
    memcpy(keys + seen, fresh->square, fresh->count * sizeof *keys);
    bin = threshold(keys, seen + fresh->count, limit, bits, look->work);
    beyond = seen - count_below(keys, seen, bin.base + (1u << bin.width));
    if (beyond > most) beyond = most;
    if (!beyond) return;
    bin = threshold(keys, seen, seen - beyond, bits, look->work);
    keep(&look->seen, keys, &bin, seen - beyond - bin.below);
}
