/* All movers of a field in the order of their cells, made anew each step: what eyes look through. */

#ifndef BM_FIELD_GRID_H
#define BM_FIELD_GRID_H

#include "field.h"
#include "workers.h"

#define BM_GRID_SHIFT 12            /* a cell is 64 yards wide: most eyes look over seven by seven of them */
#define BM_GRID_STRIDE 16           /* columns have so many more, so that loops need no ends */
#define BM_GRID_ORIGIN (1 << 21)    /* added to coordinates to make them positive: whole cells */
#define BM_GRID_NEW (UINT32_C(1) << 31)     /* of a rank: its mover is not longer there than any eye's turn */
#define BM_GRID_NOWHERE UINT32_MAX  /* the rank of a slot without a mover */

/* Some whom an eye may see, in the grid's order. */
typedef struct {
    uint32_t *who;
    uint32_t *square;               /* of the distance in space, units */
    uint32_t count;
} bm_near;

/* What one thread needs to look. */
typedef struct {
    uint16_t *mark;                 /* by rank: `round` and its slot plus 1, if it is in this eye */
    uint8_t round;
    bm_near seen;                   /* who are in the eye: the slots they are in */
    bm_near fresh;                  /* who may come in: movers */
    uint32_t *keys;                 /* of a crowd: what it is ordered by */
    uint32_t *work;                 /* one row's distances; of a crowd, keys at work */
    uint32_t capacity;
} bm_look;

struct bm_grid {
    uint32_t column, row;           /* of the least cell with anyone in it */
    uint32_t columns, rows;
    uint32_t *starts;               /* by cell, and one more: where its movers begin */
    uint32_t starts_capacity;
    uint32_t count, capacity;       /* movers, here and allocated */
    uint32_t *ranks;                /* by slot: where it is in the columns that follow */
    int32_t *x, *y, *z;             /* by cell, within one by slot */
    uint32_t *slots;
    bm_slots due;                   /* eyes whose turn it is, by cell */
    bm_look looks[BM_WORKERS_LIMIT];
};

/* The classes are within 10, 50 and 100 yards; a little more here, because until an eye's turn comes again,
   and what it then finds due has been told, who comes nearer has come a yard or two. */
static inline uint8_t bm_look_pace(uint32_t square)
{
    const uint32_t near = 11 * BM_UNITS_YARD, mid = 52 * BM_UNITS_YARD, far = 103 * BM_UNITS_YARD;

    return square < near * near ? 60 : square < mid * mid ? 30 : square < far * far ? 15 : 3;
}

/* So many, rounded up to whole strides. */
static inline size_t bm_grid_filled(uint32_t count)
{
    return (count + BM_GRID_STRIDE - 1) / BM_GRID_STRIDE * (size_t)BM_GRID_STRIDE;
}

/* The birth of who is in an eye's slot: of one that is not new its row's line need not be asked for. */
static inline uint16_t bm_birth_seen(const bm_field *field, const bm_eye *row, uint32_t slot)
{
    uint32_t mover = row->mover[slot];

    return field->grid->ranks[mover] & BM_GRID_NEW ? row->birth[slot] : field->movers.birth[mover];
}

/* field_near.c: who is near an eye. */
int bm_look_reserve(bm_look *look, uint32_t capacity);
void bm_look_free(bm_look *look);
void bm_look_mark(const bm_field *field, bm_look *look, const bm_eye *row);
void bm_look_gather(const bm_field *field, bm_look *look, uint32_t owner, int32_t sight, int32_t leave);
void bm_look_paces(const bm_look *look, uint8_t *paces);

/* field_crowd.c: of too many the nearest. */
void bm_crowd_nearest(const bm_field *field, bm_look *look, uint32_t limit);
void bm_crowd_out(const bm_field *field, bm_look *look, uint32_t limit, uint32_t most);

#endif
