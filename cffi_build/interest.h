/* What interest.c and interest_cells.c share: slots, cells and growing arrays. */

#ifndef BM_INTEREST_H
#define BM_INTEREST_H

#include "native.h"
#include "api/interest.h"

/* A map is 64 x 64 grids of 533.3333 yards, a grid 8 x 8 cells.  Source: the client's map tiles. */
#define BM_HALF_MAP_YARDS (64.0 * 533.0 / 2.0 + 64.0 / 6.0)     /* 17066.67 */
#define BM_CELL_YARDS (2.0 * BM_HALF_MAP_YARDS / 512.0)         /* 66.6667 */
#define BM_CELLS 512
#define BM_GRIDS 64
#define BM_GRID_CELLS 8
#define BM_SLOT_LIMIT (1u << 22)
#define BM_RADIUS_LIMIT_YARDS 1100.0    /* 17 cells: more would make one look at a third of a map's row */
#define BM_MARGIN_YARDS 0.001           /* cell ranges are widened by it; distances are compared exactly */

typedef struct {
    uint32_t *items;
    uint32_t count, capacity;
} bm_list;

typedef struct {
    float x, y;
    uint32_t slot;
} bm_entry;

typedef struct {
    bm_entry *entries;
    uint32_t count, capacity;
    uint32_t observer_count;
    uint8_t dirty;              /* something in it changed since the last refresh */
} bm_cell;

/* What a slot that looks has beside its place. */
typedef struct {
    double radius, leave_radius;
    bm_list seen;               /* target slots, ascending */
    bm_list births;             /* beside `seen`: the slot's birth when it was first seen */
    int reach_cells;
} bm_eye;

/* What every look at a slot reads: small, so that a crowd of them stays in the cache. */
typedef struct {
    float x, y;
    uint32_t birth;             /* counts puts into it and drops: odd while it holds something */
    uint32_t mark;              /* scratch: the round that last met it */
} bm_place;

typedef struct {
    uint32_t cell, at;          /* its cell's number and its index there */
    bm_list watchers;           /* observer slots, ascending */
    bm_eye *eye;                /* NULL: does not look */
    uint8_t due;
} bm_slot;

typedef struct {
    double square;
    uint32_t slot;
} bm_candidate;

struct bm_interest {
    bm_slot *slots;
    bm_place *places;           /* beside `slots` */
    uint32_t slot_count;        /* allocated, of both */
    uint32_t sight_limit;
    uint32_t mark;
    int reach_cells;            /* the farthest any observer looks */
    bm_cell *grids[BM_GRIDS * BM_GRIDS];
    bm_list dirty;              /* cells */
    bm_list due;                /* observers to look at again */
    bm_list observers, targets; /* the last refresh's changes */
    uint8_t *entered;
    uint32_t entered_capacity;
    bm_candidate *candidates;
    uint32_t candidate_count, candidate_capacity;
    bm_list taken;              /* scratch, and what `near` answers */
};

int bm_list_reserve(bm_list *list, uint32_t capacity);
int bm_list_push(bm_list *list, uint32_t item);
uint32_t bm_list_find(const bm_list *list, uint32_t item);
int bm_list_insert_sorted(bm_list *list, uint32_t item);
void bm_list_remove_sorted(bm_list *list, uint32_t item);

int bm_cell_axis(double yards);
bm_cell *bm_cell_at(const bm_interest *in, int column, int row);
int bm_cell_open(bm_interest *in, uint32_t cell, bm_cell **opened);
int bm_cell_add(bm_interest *in, uint32_t slot, uint32_t cell);
void bm_cell_remove(bm_interest *in, uint32_t slot);
int bm_cell_dirty(bm_interest *in, uint32_t cell);
int bm_cell_candidates(bm_interest *in, double x, double y, double radius, uint32_t except, uint32_t mark);

#endif
