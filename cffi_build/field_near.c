/* Who is near an eye: the movers of the cells around it, and in a crowd the nearest of those. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "field_grid.h"

#if BM_WIDE
#include <immintrin.h>
#endif

#define BINS 256
#define LEVELS 3                    /* the last one's bins are a few units wide, in squares */

enum { STAYS = 1, ENTERS = 2 };

/* How far an eye sees, squared in the plane. */
typedef struct {
    int32_t x, y, z;
    int32_t sight, leave, height, leave_height;
} bm_reach;

void bm_look_free(bm_look *look)
{
    free(look->mark), free(look->near.mover), free(look->near.square), free(look->near.in);
    free(look->near.pace), free(look->measured), free(look->keys);
    memset(look, 0, sizeof *look);
}

/* Makes room for as many movers. */
int bm_look_reserve(bm_look *look, uint32_t capacity)
{
    size_t count = (size_t)capacity + BM_GRID_STRIDE;

    if (look->capacity >= capacity) return 0;
    bm_look_free(look);
    look->mark = calloc(count, sizeof *look->mark);
    look->near.mover = malloc(count * sizeof *look->near.mover);
    look->near.square = malloc(count * sizeof *look->near.square);
    look->near.in = malloc(count);
    look->near.pace = malloc(count);
    look->measured = malloc(count * sizeof *look->measured);
    look->keys = malloc(count * sizeof *look->keys);
    look->capacity = capacity;
    return look->mark && look->near.mover && look->near.square && look->near.in && look->near.pace
        && look->measured && look->keys ? 0 : BM_NO_MEMORY;
}

/* Notes which mover is in which of the eye's slots, but those that something else has replaced since. */
void bm_look_mark(bm_look *look, const bm_movers *m, const bm_eye *row)
{
    if (++look->round == 0) {
        memset(look->mark, 0, look->capacity * sizeof *look->mark);
        look->round = 1;
    }
    for (uint32_t word = 0; word < BM_EYE_WORDS; word++)
        for (uint64_t bits = row->occupied[word]; bits; bits &= bits - 1) {
            uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(bits), mover = row->mover[slot];
            uint16_t note = (uint16_t)(look->round << 8 | (slot + 1));
            look->mark[mover] = m->birth[mover] == row->birth[slot] ? note : 0;
        }
}

/* How far `count` movers are, a whole number of strides: squares in space, times 4, with STAYS and ENTERS
   below.  Of those that are in neither the square may be wrong, and of what the last stride holds beyond the
   row's movers all. */
BM_CLONES static void measure(const int32_t *restrict x, const int32_t *restrict y, const int32_t *restrict z,
                              size_t count, const bm_reach *reach, uint32_t *restrict measured)
{
    const uint32_t own_x = (uint32_t)reach->x, own_y = (uint32_t)reach->y;
    const uint32_t sight = (uint32_t)reach->sight, leave = (uint32_t)reach->leave;
    const int32_t own_z = reach->z, height = reach->height, leave_height = reach->leave_height;

    for (size_t i = 0; i < count; i++) {
        uint32_t dx = (uint32_t)x[i] - own_x, dy = (uint32_t)y[i] - own_y, plane = dx * dx + dy * dy;
        int32_t dz = z[i] - own_z, high = dz < 0 ? -dz : dz;
        uint32_t stays = (plane <= leave) & (high <= leave_height);
        uint32_t enters = (plane <= sight) & (high <= height);
        measured[i] = (plane + (uint32_t)high * (uint32_t)high) << 2 | stays * STAYS | enters * ENTERS;
    }
}

#if BM_WIDE
/* The same as `pick`, for machines that can pack what a mask selects: sixteen at a time, and what that writes
   too many is overwritten, or lies in the columns' last stride. */
__attribute__((target("arch=x86-64-v4"), noinline))
static uint32_t pick_wide(const bm_look *look, const uint32_t *slots, uint32_t count, uint32_t owner,
                          uint32_t kept)
{
    const __m512i round = _mm512_set1_epi32(look->round), own = _mm512_set1_epi32((int)owner);

    for (uint32_t i = 0; i < count; i += 16) {
        __mmask16 within = (__mmask16)(count - i < 16 ? (1u << (count - i)) - 1 : 0xffff), seen, kept_of;
        __m512i movers = _mm512_maskz_loadu_epi32(within, slots + i);
        __m512i measured = _mm512_loadu_si512(look->measured + i);
        __m512i notes = _mm512_and_si512(_mm512_i32gather_epi32(movers, (const void *)look->mark, 2),
                                         _mm512_set1_epi32(0xffff)), in;

        seen = _mm512_cmpeq_epi32_mask(_mm512_srli_epi32(notes, 8), round);
        in = _mm512_maskz_and_epi32(seen, notes, _mm512_set1_epi32(0xff));
        kept_of = _mm512_test_epi32_mask(measured, _mm512_set1_epi32(ENTERS))
                  | (_mm512_test_epi32_mask(measured, _mm512_set1_epi32(STAYS)) & seen);
        kept_of &= _mm512_cmpneq_epi32_mask(movers, own) & within;
        _mm512_storeu_si512(look->near.mover + kept, _mm512_maskz_compress_epi32(kept_of, movers));
        _mm512_storeu_si512(look->near.square + kept,
                            _mm512_maskz_compress_epi32(kept_of, _mm512_srli_epi32(measured, 2)));
        _mm_storeu_si128((void *)(look->near.in + kept),
                         _mm512_cvtepi32_epi8(_mm512_maskz_compress_epi32(kept_of, in)));
        kept += (uint32_t)__builtin_popcount(kept_of);
    }
    return kept;
}
#endif

/* Appends those of the measured that the eye sees already or may begin to see.  Not inline: its loop needs
   all registers there are. */
__attribute__((noinline)) static uint32_t pick(const bm_look *look, const uint32_t *slots, uint32_t count,
                                               uint32_t owner, uint32_t kept)
{
    uint32_t *restrict movers = look->near.mover, *restrict square = look->near.square, round = look->round;
    const uint32_t *restrict measured = look->measured;
    const uint16_t *restrict mark = look->mark;
    uint8_t *restrict in = look->near.in;

#if BM_WIDE
    if (__builtin_cpu_supports("x86-64-v4")) return pick_wide(look, slots, count, owner, kept);
#endif
    for (uint32_t i = 0; i < count; i++) {
        uint32_t mover = slots[i], it = measured[i], note = mark[mover], seen = note >> 8 == round;
        movers[kept] = mover;
        square[kept] = it >> 2;
        in[kept] = (uint8_t)(note & (0 - seen));
        kept += ((it & ENTERS) / ENTERS | (it & seen)) & (mover != owner);  /* who may enter may stay, too */
    }
    return kept;
}

/* Finds all within `leave` in the plane, and within the height, that the eye sees, and of others those
   within `sight`, none if that is 0.  In the grid's order: by row, column, slot. */
void bm_look_gather(const bm_field *field, bm_look *look, uint32_t owner, int32_t sight, int32_t leave)
{
    const bm_grid *grid = field->grid;
    const bm_movers *m = &field->movers;
    bm_reach reach = {m->x[owner], m->y[owner], m->z[owner], sight * sight, leave * leave,
                      sight ? field->rules.height : -1, field->rules.leave_height};
    int32_t first = (int32_t)grid->row, last = first + (int32_t)grid->rows - 1;
    int32_t row = (reach.y - leave + BM_GRID_ORIGIN) >> BM_GRID_SHIFT;
    int32_t end = (reach.y + leave + BM_GRID_ORIGIN) >> BM_GRID_SHIFT;

    look->near.count = 0;
    for (row = row < first ? first : row; row <= end && row <= last; row++) {
        int32_t bottom = (row << BM_GRID_SHIFT) - BM_GRID_ORIGIN, top = bottom + (1 << BM_GRID_SHIFT) - 1;
        int32_t away = reach.y < bottom ? bottom - reach.y : reach.y > top ? reach.y - top : 0;
        int32_t half = (int32_t)sqrtf((float)(reach.leave - away * away)) + 2;  /* more would be right, too */
        int32_t left = ((reach.x - half + BM_GRID_ORIGIN) >> BM_GRID_SHIFT) - (int32_t)grid->column;
        int32_t right = ((reach.x + half + BM_GRID_ORIGIN) >> BM_GRID_SHIFT) - (int32_t)grid->column;
        const uint32_t *starts = grid->starts + (size_t)(row - first) * grid->columns;
        uint32_t from, count;
        if (left < 0) left = 0;
        if (right >= (int32_t)grid->columns) right = (int32_t)grid->columns - 1;
        if (left > right) continue;
        from = starts[left];
        count = starts[right + 1] - from;
        measure(grid->x + from, grid->y + from, grid->z + from,
                (count + BM_GRID_STRIDE - 1) / BM_GRID_STRIDE * (size_t)BM_GRID_STRIDE, &reach,
                look->measured);
        look->near.count = pick(look, grid->slots + from, count, owner, look->near.count);
    }
}

BM_CLONES static void paces(const uint32_t *restrict square, size_t count, uint8_t *restrict pace)
{
    for (size_t i = 0; i < count; i++) pace[i] = bm_look_pace(square[i]);
}

/* How often each of the near ones is told of. */
void bm_look_paces(bm_look *look)
{
    paces(look->near.square, look->near.count, look->near.pace);
}

#if BM_WIDE
__attribute__((target("arch=x86-64-v4"), noinline))
static uint32_t sift_wide(uint32_t *keys, uint32_t count, uint32_t base, int shift, uint32_t bin)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < count; i += 16) {
        __mmask16 within = (__mmask16)(count - i < 16 ? (1u << (count - i)) - 1 : 0xffff);
        __m512i some = _mm512_maskz_loadu_epi32(within, keys + i);
        __m512i bins = _mm512_srl_epi32(_mm512_sub_epi32(some, _mm512_set1_epi32((int)base)),
                                        _mm_cvtsi32_si128(shift));
        __mmask16 in_it = _mm512_mask_cmpeq_epi32_mask(within, bins, _mm512_set1_epi32((int)bin));

        _mm512_storeu_si512(keys + kept, _mm512_maskz_compress_epi32(in_it, some));
        kept += (uint32_t)__builtin_popcount(in_it);
    }
    return kept;
}
#endif

/* Keeps the keys of one bin; answers how many. */
__attribute__((noinline)) static uint32_t sift(uint32_t *keys, uint32_t count, uint32_t base, int shift,
                                               uint32_t bin)
{
    uint32_t kept = 0;

#if BM_WIDE
    if (__builtin_cpu_supports("x86-64-v4")) return sift_wide(keys, count, base, shift, bin);
#endif
    for (uint32_t i = 0; i < count; i++) {
        uint32_t key = keys[i];
        keys[kept] = key;
        kept += (key - base) >> shift == bin;
    }
    return kept;
}

/* The least key of which more than `limit` are not above its bin; `*width` is that bin's, `*below` how many
   have less than the bin. */
static uint32_t threshold(uint32_t *keys, uint32_t count, uint32_t limit, int bits, int *width,
                          uint32_t *below)
{
    uint32_t base = 0;

    *below = 0;
    for (int level = 1; level <= LEVELS; level++) {
        int shift = bits > 8 * level ? bits - 8 * level : 0;
        uint32_t bins[BINS] = {0}, bin = 0;
        for (uint32_t i = 0; i < count; i++) bins[(keys[i] - base) >> shift]++;
        while (*below + bins[bin] <= limit) *below += bins[bin++];
        count = sift(keys, count, base, shift, bin);
        base += bin << shift;
        *width = shift;
        if (shift == 0) break;
    }
    return base;
}

/* What a crowd is ordered by: who is seen counts as a tenth nearer, so that ranks do not flicker. */
BM_CLONES static void rank(const uint32_t *restrict square, const uint8_t *restrict in, size_t count,
                           uint32_t *restrict keys, uint32_t *restrict copy)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t less = (square[i] >> 3) + (square[i] >> 4);
        keys[i] = copy[i] = square[i] - (in[i] ? less : 0);
    }
}

static int key_bits(const bm_field_rules *rules)
{
    uint32_t farthest = (uint32_t)(rules->leave * rules->leave + rules->leave_height * rules->leave_height);

    return 32 - __builtin_clz(farthest);
}

#if BM_WIDE
__attribute__((target("arch=x86-64-v4"), noinline))
static void keep_wide(bm_look *look, uint32_t base, int width, uint32_t room, uint32_t seen)
{
    bm_near *near = &look->near;
    const __m512i least = _mm512_set1_epi32((int)base);
    uint32_t kept = 0;

    for (uint32_t i = 0; i < near->count; i += 16) {
        __mmask16 within = (__mmask16)(near->count - i < 16 ? (1u << (near->count - i)) - 1 : 0xffff);
        __m512i keys = _mm512_loadu_si512(look->keys + i), movers = _mm512_loadu_si512(near->mover + i);
        __m512i squares = _mm512_loadu_si512(near->square + i);
        __m128i in = _mm_loadu_si128((const void *)(near->in + i));
        __mmask16 above = _mm512_mask_cmpge_epu32_mask(seen ? within & _mm_test_epi8_mask(in, in) : within,
                                                       keys, least);
        __m512i bins = _mm512_srl_epi32(_mm512_sub_epi32(keys, least), _mm_cvtsi32_si128(width));
        uint32_t ties = _mm512_mask_testn_epi32_mask(above, bins, bins), count, all;

        if (room < 16) ties = _pdep_u32((1u << room) - 1, ties);       /* the first of them */
        room -= (uint32_t)__builtin_popcount(ties);
        all = (within & ~(uint32_t)above) | ties;
        count = (uint32_t)__builtin_popcount(all);
        _mm512_storeu_si512(near->mover + kept, _mm512_maskz_compress_epi32((__mmask16)all, movers));
        _mm512_storeu_si512(near->square + kept, _mm512_maskz_compress_epi32((__mmask16)all, squares));
        in = _mm512_cvtepi32_epi8(_mm512_maskz_compress_epi32((__mmask16)all, _mm512_cvtepu8_epi32(in)));
        _mm_storeu_si128((void *)(near->in + kept), in);
        kept += count;
    }
    near->count = kept;
}
#endif

/* Keeps those with a key less than `base`, in their order, and the first `room` of those in its bin; with
   `seen`, of those who are seen, and all others. */
static void keep(bm_look *look, uint32_t base, int width, uint32_t room, uint32_t seen)
{
    bm_near *near = &look->near;
    uint32_t *mover = near->mover, *square = near->square, kept = 0;
    const uint32_t *keys = look->keys;
    uint8_t *in = near->in;

#if BM_WIDE
    if (__builtin_cpu_supports("x86-64-v4")) {
        keep_wide(look, base, width, room, seen);
        return;
    }
#endif
    for (uint32_t i = 0, count = near->count; i < count; i++) {
        uint32_t asked = (in[i] != 0) | (seen ^ 1), above = asked & (keys[i] >= base);
        uint32_t tie = above & ((keys[i] - base) >> width == 0) & (room > 0);
        mover[kept] = mover[i];
        square[kept] = square[i];
        in[kept] = in[i];
        kept += (above ^ 1) | tie;
        room -= tie;
    }
    near->count = kept;
}

/* Keeps the `limit` nearest, in their order, and of those who are as far, to a few units, the first;
   `limit` is less than there are. */
void bm_look_nearest(const bm_field *field, bm_look *look, uint32_t limit)
{
    bm_near *near = &look->near;
    uint32_t base, below;
    int width;

    rank(near->square, near->in, near->count, look->keys, look->measured);
    base = threshold(look->measured, near->count, limit, key_bits(&field->rules), &width, &below);
    keep(look, base, width, limit - below, 0);
}

/* Whether anyone who is seen is farther than anyone who is not: not so where all stand on one spot. */
BM_CLONES static int outranked(const uint8_t *restrict in, const uint32_t *restrict keys, size_t count)
{
    uint32_t farthest = 0, nearest = UINT32_MAX;

    for (size_t i = 0; i < count; i++) {
        uint32_t mask = 0 - (uint32_t)(in[i] != 0), seen = keys[i] & mask, other = keys[i] | mask;
        farthest = seen > farthest ? seen : farthest;
        nearest = other < nearest ? other : nearest;
    }
    return farthest > nearest;
}

/* Lets the farthest of those who are seen go: as many as are not among the `limit` nearest of all, but at
   most so many.  `limit` is less than there are. */
void bm_look_crowd_out(const bm_field *field, bm_look *look, uint32_t limit, uint32_t most)
{
    bm_near *near = &look->near;
    uint32_t *keys = look->keys, *copy = look->measured, base, below, seen = 0, beyond = 0;
    int width, bits = key_bits(&field->rules);

    rank(near->square, near->in, near->count, keys, copy);
    if (!outranked(near->in, keys, near->count)) return;
    base = threshold(copy, near->count, limit, bits, &width, &below);
    for (uint32_t i = 0; i < near->count; i++) {
        uint32_t here = near->in[i] != 0;
        copy[seen] = keys[i];
        seen += here;
        beyond += here & (keys[i] >= base) & ((keys[i] - base) >> width != 0);
    }
    if (beyond > most) beyond = most;
    if (!beyond) return;
    base = threshold(copy, seen, seen - beyond, bits, &width, &below);
    keep(look, base, width, seen - beyond - below, 1);
}
