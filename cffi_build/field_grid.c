/* A counting sort of all movers into cells. */

#include <stdlib.h>
#include <string.h>

#include "field_grid.h"

void bm_grid_free(bm_grid *grid)
{
    if (!grid) return;
    free(grid->starts), free(grid->ranks);
    free(grid->x), free(grid->y), free(grid->z), free(grid->slots);
    free(grid->due.items);
    for (int i = 0; i < BM_WORKERS_LIMIT; i++)
        bm_look_free(&grid->looks[i]);
    free(grid);
}

static int renew(void *column, size_t size)
{
    void **at = column;

    free(*at);
    return (*at = malloc(size)) ? 0 : BM_NO_MEMORY;
}

static int reserve(bm_grid *grid, uint32_t capacity)
{
    size_t size = ((size_t)capacity + BM_GRID_STRIDE) * sizeof(uint32_t);

    if (capacity <= grid->capacity) return 0;
    if (renew(&grid->ranks, size) < 0 || renew(&grid->slots, size) < 0 || renew(&grid->x, size) < 0
        || renew(&grid->y, size) < 0 || renew(&grid->z, size) < 0) return BM_NO_MEMORY;
    memset(grid->x, 0, size), memset(grid->y, 0, size), memset(grid->z, 0, size);   /* read beyond the last */
    grid->capacity = capacity;
    return 0;
}

/* Notes each mover's column and row, in place of its rank, and which of them there are. */
static void survey(bm_grid *grid, const bm_movers *m)
{
    uint32_t left = UINT32_MAX, right = 0, bottom = UINT32_MAX, top = 0;

    for (uint32_t slot = 0; slot < m->count; slot++) {
        uint32_t column = (uint32_t)(m->x[slot] + BM_GRID_ORIGIN) >> BM_GRID_SHIFT;
        uint32_t row = (uint32_t)(m->y[slot] + BM_GRID_ORIGIN) >> BM_GRID_SHIFT;
        grid->ranks[slot] = BM_GRID_NOWHERE;
        if (!m->kind[slot]) continue;
        grid->ranks[slot] = row << 16 | column;
        left = column < left ? column : left, right = column > right ? column : right;
        bottom = row < bottom ? row : bottom, top = row > top ? row : top;
    }
    if (left > right) left = right = bottom = top = 0;
    grid->column = left, grid->row = bottom;
    grid->columns = right - left + 1, grid->rows = top - bottom + 1;
}

int bm_grid_sort(bm_field *field)
{
    const bm_movers *m = &field->movers;
    bm_grid *grid = field->grid;
    uint32_t cells, *starts;

    if (!grid && !(grid = field->grid = calloc(1, sizeof *grid))) return BM_NO_MEMORY;
    if (reserve(grid, m->capacity) < 0) return BM_NO_MEMORY;
    survey(grid, m);
    cells = grid->columns * grid->rows;
    if (cells + 2 > grid->starts_capacity) {
        grid->starts_capacity = 0;
        if (renew(&grid->starts, (size_t)(cells + 2) * sizeof *grid->starts) < 0) return BM_NO_MEMORY;
        grid->starts_capacity = cells + 2;
    }
    memset(grid->starts, 0, (size_t)(cells + 2) * sizeof *grid->starts);
    starts = grid->starts + 1;          /* first the counts of the cell before, in the end the cell's start */
    for (uint32_t slot = 0; slot < m->count; slot++) {
        uint32_t cell = grid->ranks[slot];
        if (cell == BM_GRID_NOWHERE) continue;
        cell = ((cell >> 16) - grid->row) * grid->columns + (cell & 0xffff) - grid->column;
        grid->ranks[slot] = cell;
        starts[cell + 1]++;
    }
    for (uint32_t cell = 1; cell < cells; cell++) starts[cell] += starts[cell - 1];
    for (uint32_t slot = 0; slot < m->count; slot++) {
        uint32_t at;
        if (grid->ranks[slot] == BM_GRID_NOWHERE) continue;
        at = starts[grid->ranks[slot]]++;
        grid->ranks[slot] = at | (field->steps - m->born[slot] <= BM_EYE_TURNS ? BM_GRID_NEW : 0);
        grid->x[at] = m->x[slot], grid->y[at] = m->y[slot], grid->z[at] = m->z[slot];
        grid->slots[at] = slot;
    }
    grid->count = grid->starts[cells];
    return 0;
}
