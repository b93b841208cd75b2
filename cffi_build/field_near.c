/* Who is near an eye: the movers of the cells around it. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "field_grid.h"

#if BM_WIDE
#include <immintrin.h>
#endif

#define RUNS 16                     /* rows of cells: no eye sees farther than 330 yards */

enum { STAYS = 1, ENTERS = 2 };

/* Where an eye is and how far it sees, squared in the plane. */
typedef struct {
    uint32_t rank;
    int32_t x, y, z;
    int32_t sight, leave, height, leave_height;
} bm_reach;

/* Movers of neighbouring cells. */
typedef struct {
    uint32_t from, count;
} bm_run;

void bm_look_free(bm_look *look)
{
    free(look->mark), free(look->keys), free(look->work);
    free(look->seen.who), free(look->seen.square), free(look->fresh.who), free(look->fresh.square);
    memset(look, 0, sizeof *look);
}

/* Makes room for as many movers. */
int bm_look_reserve(bm_look *look, uint32_t capacity)
{
    size_t count = (size_t)capacity + BM_GRID_STRIDE, seen = BM_EYE_SLOTS + BM_GRID_STRIDE;

    if (look->capacity >= capacity) return 0;
    bm_look_free(look);
    look->mark = calloc(count, sizeof *look->mark);
    look->seen.who = calloc(seen, sizeof *look->seen.who);
    look->seen.square = calloc(seen, sizeof *look->seen.square);
    look->fresh.who = malloc(count * sizeof *look->fresh.who);
    look->fresh.square = malloc(count * sizeof *look->fresh.square);
    look->keys = malloc(count * sizeof *look->keys);
    look->work = malloc(count * sizeof *look->work);
    if (!look->mark || !look->seen.who || !look->seen.square || !look->fresh.who || !look->fresh.square
        || !look->keys || !look->work) return BM_NO_MEMORY;
    look->capacity = capacity;
    return 0;
}

/* Notes who of the grid is in which of the eye's slots, but for those that something else has replaced since.
   That takes a look at births only for movers that are new. */
void bm_look_mark(const bm_field *field, bm_look *look, const bm_eye *row)
{
    const uint32_t *ranks = field->grid->ranks;
    uint16_t *mark = look->mark;
    uint32_t round;

    if (++look->round == 0) {
        memset(mark, 0, look->capacity * sizeof *mark);
        look->round = 1;
    }
    round = (uint32_t)look->round << 8;
    for (uint32_t word = 0; word < BM_EYE_WORDS; word++)
        for (uint64_t bits = row->occupied[word]; bits; bits &= bits - 1) {
            uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(bits), mover = row->mover[slot];
            uint32_t rank = ranks[mover];
            if (rank & BM_GRID_NEW) {
                if (rank == BM_GRID_NOWHERE || field->movers.birth[mover] != row->birth[slot]) continue;
                rank &= ~BM_GRID_NEW;
            }
            mark[rank] = (uint16_t)(round | (slot + 1));
        }
}

#if BM_WIDE
/* The same as `pick` of all runs, which have so many strides, for machines that can pack what a mask selects:
   sixteen at a time, and what that writes too many is overwritten, or lies in the columns' last stride. */
__attribute__((target("arch=x86-64-v4"), noinline))
static void pick_wide(const bm_grid *grid, bm_look *look, const bm_reach *reach, const bm_run *runs,
                      uint32_t strides)
{
    const __m512i own_x = _mm512_set1_epi32(reach->x), own_y = _mm512_set1_epi32(reach->y);
    const __m512i own_z = _mm512_set1_epi32(reach->z), one = _mm512_set1_epi32(1);
    const __m512i sight = _mm512_set1_epi32(reach->sight), leave = _mm512_set1_epi32(reach->leave);
    const __m512i height = _mm512_set1_epi32(reach->height), low = _mm512_set1_epi32(reach->leave_height);
    const __m256i round = _mm256_set1_epi16((short)(look->round << 8)), slots = _mm256_set1_epi16(256);
    uint32_t seen = 0, fresh = 0, at = runs->from, end = at + runs->count;

    while (strides--) {
        uint32_t own = reach->rank - at, all = end - at < 16 ? (1u << (end - at)) - 1 : 0xffff, next;
        __mmask16 others = (__mmask16)(all & ~((uint32_t)(own < 16) << (own & 15))), noted, stays, enters;
        __m512i dx = _mm512_sub_epi32(_mm512_loadu_si512(grid->x + at), own_x);
        __m512i dy = _mm512_sub_epi32(_mm512_loadu_si512(grid->y + at), own_y);
        __m512i dz = _mm512_abs_epi32(_mm512_sub_epi32(_mm512_loadu_si512(grid->z + at), own_z));
        __m512i plane = _mm512_add_epi32(_mm512_mullo_epi32(dx, dx), _mm512_mullo_epi32(dy, dy));
        __m512i square = _mm512_add_epi32(plane, _mm512_mullo_epi32(dz, dz));
        __m256i marks = _mm256_xor_si256(_mm256_loadu_si256((const void *)(look->mark + at)), round);
        __m512i who = _mm512_sub_epi32(_mm512_cvtepu16_epi32(marks), one);

        noted = _mm256_cmplt_epu16_mask(marks, slots);
        stays = _mm512_mask_cmple_epu32_mask(noted & others, plane, leave);
        stays = _mm512_mask_cmple_epi32_mask(stays, dz, low);
        enters = _mm512_mask_cmple_epu32_mask((__mmask16)~noted & others, plane, sight);
        enters = _mm512_mask_cmple_epi32_mask(enters, dz, height);
        _mm512_storeu_si512(look->seen.who + seen, _mm512_maskz_compress_epi32(stays, who));
        _mm512_storeu_si512(look->seen.square + seen, _mm512_maskz_compress_epi32(stays, square));
        seen += (uint32_t)__builtin_popcount(stays);
        if (enters) {
            who = _mm512_loadu_si512(grid->slots + at);
            _mm512_storeu_si512(look->fresh.who + fresh, _mm512_maskz_compress_epi32(enters, who));
            _mm512_storeu_si512(look->fresh.square + fresh, _mm512_maskz_compress_epi32(enters, square));
            fresh += (uint32_t)__builtin_popcount(enters);
        }
        next = at + 16 >= end;      /* no branch: where a run ends cannot be foreseen */
        runs += next;
        at = next ? runs->from : at + 16;
        end = next ? at + runs->count : end;
    }
    look->seen.count = seen;
    look->fresh.count = fresh;
}
#endif

/* How far `count` movers are, a whole number of strides: squares in space, times 4, with STAYS and ENTERS
   below.  Of those that are in neither the square may be wrong, and of what the last stride holds beyond the
   run's movers all. */
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

/* Appends those of a run, which are measured, that the eye sees already or may begin to see. */
static void pick(const bm_grid *grid, bm_look *look, const bm_reach *reach, const bm_run *run)
{
    uint32_t *restrict seen = look->seen.who, *restrict seen_square = look->seen.square;
    uint32_t *restrict fresh = look->fresh.who, *restrict fresh_square = look->fresh.square;
    const uint32_t *restrict measured = look->work, *restrict slots = grid->slots;
    uint32_t seen_count = look->seen.count, fresh_count = look->fresh.count, round = look->round;

    for (uint32_t i = 0; i < run->count; i++) {
        uint32_t rank = run->from + i, it = measured[i], note = look->mark[rank], other = rank != reach->rank;
        uint32_t noted = note >> 8 == round;
        seen[seen_count] = (note & 0xff) - 1;
        seen_square[seen_count] = it >> 2;
        seen_count += it & STAYS & noted & other;
        fresh[fresh_count] = slots[rank];
        fresh_square[fresh_count] = it >> 2;
        fresh_count += (it & ENTERS) / ENTERS & (noted ^ 1) & other;
    }
    look->seen.count = seen_count;
    look->fresh.count = fresh_count;
}

/* The runs of movers in cells within reach, a row of cells each, none empty; after them one that is.  Answers
   how many strides they have in all. */
static uint32_t runs_around(const bm_grid *grid, const bm_reach *reach, int32_t leave, bm_run *runs)
{
    int32_t first = (int32_t)grid->row, last = first + (int32_t)grid->rows - 1;
    int32_t row = (reach->y - leave + BM_GRID_ORIGIN) >> BM_GRID_SHIFT;
    int32_t end = (reach->y + leave + BM_GRID_ORIGIN) >> BM_GRID_SHIFT;
    uint32_t strides = 0;

    for (row = row < first ? first : row; row <= end && row <= last; row++) {
        int32_t bottom = (row << BM_GRID_SHIFT) - BM_GRID_ORIGIN, top = bottom + (1 << BM_GRID_SHIFT) - 1;
        int32_t away = reach->y < bottom ? bottom - reach->y : reach->y > top ? reach->y - top : 0;
        int32_t half = (int32_t)sqrtf((float)(reach->leave - away * away)) + 2; /* more would be right, too */
        int32_t left = ((reach->x - half + BM_GRID_ORIGIN) >> BM_GRID_SHIFT) - (int32_t)grid->column;
        int32_t right = ((reach->x + half + BM_GRID_ORIGIN) >> BM_GRID_SHIFT) - (int32_t)grid->column;
        const uint32_t *starts = grid->starts + (size_t)(row - first) * grid->columns;
        if (left < 0) left = 0;
        if (right >= (int32_t)grid->columns) right = (int32_t)grid->columns - 1;
        if (left > right) continue;
        *runs = (bm_run){starts[left], starts[right + 1] - starts[left]};
        strides += (runs->count + BM_GRID_STRIDE - 1) / BM_GRID_STRIDE;
        runs += runs->count > 0;
    }
    *runs = (bm_run){0};
    return strides;
}

/* Finds all within `leave` in the plane, and within the height, that the eye sees, and of others those
   within `sight`, none if that is 0.  In the grid's order: by row, column, slot. */
void bm_look_gather(const bm_field *field, bm_look *look, uint32_t owner, int32_t sight, int32_t leave)
{
    const bm_grid *grid = field->grid;
    uint32_t rank = grid->ranks[owner] & ~BM_GRID_NEW, strides;
    const bm_reach reach = {rank, grid->x[rank], grid->y[rank], grid->z[rank], sight * sight, leave * leave,
                            sight ? field->rules.height : -1, field->rules.leave_height};
    bm_run runs[RUNS];

    strides = runs_around(grid, &reach, leave, runs);
#if BM_WIDE
    if (__builtin_cpu_supports("x86-64-v4")) {
        pick_wide(grid, look, &reach, runs, strides);
        return;
    }
#endif
    look->seen.count = look->fresh.count = 0;
    (void)strides;
    for (const bm_run *run = runs; run->count; run++) {
        measure(grid->x + run->from, grid->y + run->from, grid->z + run->from,
                bm_grid_filled(run->count), &reach, look->work);
        pick(grid, look, &reach, run);
    }
}

BM_CLONES static void paces_of(const uint32_t *restrict square, size_t count, uint8_t *restrict paces)
{
    for (size_t i = 0; i < count; i++) paces[i] = bm_look_pace(square[i]);
}

/* How often each of the seen ones is told of, by the eye's slots; the others' are left alone. */
void bm_look_paces(const bm_look *look, uint8_t *paces)
{
    uint8_t found[BM_EYE_SLOTS + BM_GRID_STRIDE];
    const bm_near *seen = &look->seen;

    paces_of(seen->square, bm_grid_filled(seen->count), found);
    for (uint32_t i = 0; i < seen->count; i++) paces[seen->who[i]] = found[i];
}
