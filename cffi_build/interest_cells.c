/* The grid under interest.c, and the growing arrays both use. */

#include <stdlib.h>
#include <string.h>

#include "interest.h"

int bm_list_reserve(bm_list *list, uint32_t capacity)
{
    uint32_t grown = list->capacity ? list->capacity : 8;
    uint32_t *items;

    if (capacity <= list->capacity) return 0;
    while (grown < capacity) {
        if (grown > UINT32_MAX / 2) return BM_NO_MEMORY;
        grown *= 2;
    }
    items = realloc(list->items, (size_t)grown * sizeof *items);
    if (!items) return BM_NO_MEMORY;
    list->items = items;
    list->capacity = grown;
    return 0;
}

int bm_list_push(bm_list *list, uint32_t item)
{
    if (bm_list_reserve(list, list->count + 1) < 0) return BM_NO_MEMORY;
    list->items[list->count++] = item;
    return 0;
}

/* Where `item` is in an ascending list, or would be. */
uint32_t bm_list_find(const bm_list *list, uint32_t item)
{
    uint32_t low = 0, high = list->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (list->items[middle] < item) low = middle + 1;
        else high = middle;
    }
    return low;
}

int bm_list_insert_sorted(bm_list *list, uint32_t item)
{
    uint32_t at = bm_list_find(list, item);

    if (at < list->count && list->items[at] == item) return 0;
    if (bm_list_reserve(list, list->count + 1) < 0) return BM_NO_MEMORY;
    memmove(list->items + at + 1, list->items + at, (size_t)(list->count - at) * sizeof *list->items);
    list->items[at] = item;
    list->count++;
    return 0;
}

void bm_list_remove_sorted(bm_list *list, uint32_t item)
{
    uint32_t at = bm_list_find(list, item);

    if (at == list->count || list->items[at] != item) return;
    list->count--;
    memmove(list->items + at, list->items + at + 1, (size_t)(list->count - at) * sizeof *list->items);
}

/* The column (or row) of cells a coordinate falls into; the map's edge belongs to the last one. */
int bm_cell_axis(double yards)
{
    double at = (yards + BM_HALF_MAP_YARDS) / BM_CELL_YARDS;

    if (at < 0.0) return 0;
    if (at >= BM_CELLS) return BM_CELLS - 1;
    return (int)at;
}

/* NULL where nothing has ever been. */
bm_cell *bm_cell_at(const bm_interest *in, int column, int row)
{
    bm_cell *grid = in->grids[row / BM_GRID_CELLS * BM_GRIDS + column / BM_GRID_CELLS];

    return grid ? grid + row % BM_GRID_CELLS * BM_GRID_CELLS + column % BM_GRID_CELLS : NULL;
}

int bm_cell_open(bm_interest *in, uint32_t cell, bm_cell **opened)
{
    int column = (int)(cell % BM_CELLS), row = (int)(cell / BM_CELLS);
    bm_cell **grid = &in->grids[row / BM_GRID_CELLS * BM_GRIDS + column / BM_GRID_CELLS];

    if (!*grid) *grid = calloc(BM_GRID_CELLS * BM_GRID_CELLS, sizeof **grid);
    if (!*grid) return BM_NO_MEMORY;
    *opened = bm_cell_at(in, column, row);
    return 0;
}

int bm_cell_dirty(bm_interest *in, uint32_t cell)
{
    bm_cell *it;

    if (bm_cell_open(in, cell, &it) < 0) return BM_NO_MEMORY;
    if (it->dirty) return 0;
    if (bm_list_push(&in->dirty, cell) < 0) return BM_NO_MEMORY;
    it->dirty = 1;
    return 0;
}

int bm_cell_add(bm_interest *in, uint32_t slot, uint32_t cell)
{
    bm_slot *thing = &in->slots[slot];
    const bm_place *place = &in->places[slot];
    bm_cell *it;

    if (bm_cell_open(in, cell, &it) < 0) return BM_NO_MEMORY;
    if (it->count == it->capacity) {
        uint32_t capacity = it->capacity ? it->capacity * 2 : 4;
        bm_entry *entries = realloc(it->entries, (size_t)capacity * sizeof *entries);
        if (!entries) return BM_NO_MEMORY;
        it->entries = entries;
        it->capacity = capacity;
    }
    it->entries[it->count] = (bm_entry){place->x, place->y, slot};
    thing->at = it->count++;
    thing->cell = cell;
    if (thing->eye) it->observer_count++;
    return 0;
}

void bm_cell_remove(bm_interest *in, uint32_t slot)
{
    bm_slot *thing = &in->slots[slot];
    bm_cell *it = bm_cell_at(in, (int)(thing->cell % BM_CELLS), (int)(thing->cell / BM_CELLS));
    bm_entry last = it->entries[--it->count];

    it->entries[thing->at] = last;
    in->slots[last.slot].at = thing->at;
    if (thing->eye) it->observer_count--;
}

static int add_candidate(bm_interest *in, double square, uint32_t slot)
{
    if (in->candidate_count == in->candidate_capacity) {
        uint32_t capacity = in->candidate_capacity ? in->candidate_capacity * 2 : 64;
        bm_candidate *grown = realloc(in->candidates, (size_t)capacity * sizeof *grown);
        if (!grown) return BM_NO_MEMORY;
        in->candidates = grown;
        in->candidate_capacity = capacity;
    }
    in->candidates[in->candidate_count++] = (bm_candidate){square, slot};
    return 0;
}

static int by_distance(const void *left, const void *right)
{
    const bm_candidate *a = left, *b = right;

    if (a->square != b->square) return a->square < b->square ? -1 : 1;
    return (a->slot > b->slot) - (a->slot < b->slot);
}

/* Gathers what is nearer than `radius` and not marked `mark` (0: no mark), nearest first, ties by slot. */
int bm_cell_candidates(bm_interest *in, double x, double y, double radius, uint32_t except, uint32_t mark)
{
    double reach = radius + BM_MARGIN_YARDS, limit = radius * radius;
    int left = bm_cell_axis(x - reach), right = bm_cell_axis(x + reach);
    int bottom = bm_cell_axis(y - reach), top = bm_cell_axis(y + reach);

    in->candidate_count = 0;
    for (int row = bottom; row <= top; row++)
        for (int column = left; column <= right; column++) {
            const bm_cell *cell = bm_cell_at(in, column, row);
            if (!cell) continue;
            for (uint32_t i = 0; i < cell->count; i++) {
                const bm_entry *entry = &cell->entries[i];
                double dx = (double)entry->x - x, dy = (double)entry->y - y;
                double square = dx * dx + dy * dy;
                if (square >= limit || entry->slot == except) continue;
                if (mark && in->places[entry->slot].mark == mark) continue;
                if (add_candidate(in, square, entry->slot) < 0) return BM_NO_MEMORY;
            }
        }
    if (in->candidate_count > 1)
        qsort(in->candidates, in->candidate_count, sizeof *in->candidates, by_distance);
    return 0;
}
