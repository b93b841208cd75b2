/* Who is within sight of whom on one map.  Its meaning is tests/twins/interest.py.

   What changes marks its cell dirty; a refresh wakes only the observers that a
   dirty cell is within reach of, so those with nothing moving near cost nothing. */

#include <stdlib.h>
#include <string.h>

#include "interest.h"

bm_interest *bm_interest_new(uint32_t sight_limit)
{
    bm_interest *in = calloc(1, sizeof *in);

    if (in) in->sight_limit = sight_limit;
    return in;
}

static void free_eye(bm_slot *thing)
{
    if (!thing->eye) return;
    free(thing->eye->seen.items);
    free(thing->eye->births.items);
    free(thing->eye);
    thing->eye = NULL;
}

void bm_interest_free(bm_interest *in)
{
    if (!in) return;
    for (uint32_t i = 0; i < in->slot_count; i++) {
        free(in->slots[i].watchers.items);
        free_eye(&in->slots[i]);
    }
    for (int grid = 0; grid < BM_GRIDS * BM_GRIDS; grid++) {
        for (int i = 0; in->grids[grid] && i < BM_GRID_CELLS * BM_GRID_CELLS; i++)
            free(in->grids[grid][i].entries);
        free(in->grids[grid]);
    }
    free(in->slots);
    free(in->places);
    free(in->dirty.items);
    free(in->due.items);
    free(in->observers.items);
    free(in->targets.items);
    free(in->taken.items);
    free(in->entered);
    free(in->candidates);
    free(in);
}

static bm_slot *held(const bm_interest *in, uint32_t slot)
{
    return slot < in->slot_count && in->places[slot].birth & 1 ? &in->slots[slot] : NULL;
}

static int reserve_slot(bm_interest *in, uint32_t slot)
{
    uint32_t count = in->slot_count ? in->slot_count : 64;
    bm_slot *slots;
    bm_place *places;

    if (slot >= BM_SLOT_LIMIT) return BM_OUT_OF_RANGE;
    if (slot < in->slot_count) return 0;
    while (count <= slot) count *= 2;
    slots = realloc(in->slots, (size_t)count * sizeof *slots);
    if (!slots) return BM_NO_MEMORY;
    in->slots = slots;
    places = realloc(in->places, (size_t)count * sizeof *places);
    if (!places) return BM_NO_MEMORY;
    in->places = places;
    memset(slots + in->slot_count, 0, (size_t)(count - in->slot_count) * sizeof *slots);
    memset(places + in->slot_count, 0, (size_t)(count - in->slot_count) * sizeof *places);
    in->slot_count = count;
    return 0;
}

static int wake(bm_interest *in, uint32_t slot)
{
    bm_slot *thing = &in->slots[slot];

    if (thing->due) return 0;
    if (bm_list_push(&in->due, slot) < 0) return BM_NO_MEMORY;
    thing->due = 1;
    return 0;
}

static int inside(float v)
{
    return v >= -BM_HALF_MAP_YARDS && v <= BM_HALF_MAP_YARDS;     /* not a number is not inside */
}

int bm_interest_put(bm_interest *in, uint32_t slot, float x, float y)
{
    bm_slot *thing;
    bm_place *place;
    uint32_t cell;
    int code, held_before;

    if (!inside(x) || !inside(y)) return BM_OUT_OF_RANGE;
    if ((code = reserve_slot(in, slot)) < 0) return code;
    thing = &in->slots[slot];
    place = &in->places[slot];
    held_before = held(in, slot) != NULL;
    cell = (uint32_t)(bm_cell_axis(y) * BM_CELLS + bm_cell_axis(x));
    if (held_before && place->x == x && place->y == y) return 0;
    if (bm_cell_dirty(in, cell) < 0) return BM_NO_MEMORY;
    if (thing->eye && wake(in, slot) < 0) return BM_NO_MEMORY;
    if (held_before && thing->cell != cell) {
        if (bm_cell_dirty(in, thing->cell) < 0) return BM_NO_MEMORY;
        bm_cell_remove(in, slot);
    }
    place->x = x;
    place->y = y;
    if (held_before && thing->cell == cell) {
        bm_entry *entry = &bm_cell_at(in, (int)(cell % BM_CELLS), (int)(cell / BM_CELLS))->entries[thing->at];
        entry->x = x;
        entry->y = y;
        return 0;
    }
    if (!held_before) place->birth++;
    return bm_cell_add(in, slot, cell);
}

int bm_interest_unwatch(bm_interest *in, uint32_t slot)
{
    bm_slot *thing = held(in, slot);
    const bm_eye *eye;

    if (!thing || !thing->eye) return BM_NO_SUCH;
    eye = thing->eye;
    for (uint32_t i = 0; i < eye->seen.count; i++)
        if (in->places[eye->seen.items[i]].birth == eye->births.items[i])
            bm_list_remove_sorted(&in->slots[eye->seen.items[i]].watchers, slot);
    bm_cell_at(in, (int)(thing->cell % BM_CELLS), (int)(thing->cell / BM_CELLS))->observer_count--;
    free_eye(thing);
    return 0;
}

int bm_interest_drop(bm_interest *in, uint32_t slot)
{
    bm_slot *thing = held(in, slot);

    if (!thing) return BM_NO_SUCH;
    if (bm_cell_dirty(in, thing->cell) < 0) return BM_NO_MEMORY;
    if (thing->eye) bm_interest_unwatch(in, slot);
    bm_cell_remove(in, slot);
    in->places[slot].birth++;
    thing->watchers.count = 0;
    return 0;
}

int bm_interest_watch(bm_interest *in, uint32_t slot, double radius_yards, double leave_radius_yards)
{
    bm_slot *thing = held(in, slot);

    if (!thing) return BM_NO_SUCH;
    if (!(radius_yards > 0.0 && radius_yards <= leave_radius_yards
          && leave_radius_yards <= BM_RADIUS_LIMIT_YARDS)) return BM_OUT_OF_RANGE;
    if (wake(in, slot) < 0) return BM_NO_MEMORY;
    if (!thing->eye) {
        if (!(thing->eye = calloc(1, sizeof *thing->eye))) return BM_NO_MEMORY;
        bm_cell_at(in, (int)(thing->cell % BM_CELLS), (int)(thing->cell / BM_CELLS))->observer_count++;
    }
    thing->eye->radius = radius_yards;
    thing->eye->leave_radius = leave_radius_yards;
    thing->eye->reach_cells = (int)((leave_radius_yards + BM_MARGIN_YARDS) / BM_CELL_YARDS) + 1;
    if (thing->eye->reach_cells > in->reach_cells) in->reach_cells = thing->eye->reach_cells;
    return 0;
}

static int see(bm_interest *in, uint32_t observer, uint32_t target)
{
    bm_eye *eye = in->slots[observer].eye;
    bm_slot *thing = &in->slots[target];
    uint32_t at = bm_list_find(&eye->seen, target), after = eye->seen.count - at;

    if (bm_list_reserve(&eye->seen, eye->seen.count + 1) < 0
        || bm_list_reserve(&eye->births, eye->seen.count + 1) < 0
        || bm_list_insert_sorted(&thing->watchers, observer) < 0) return BM_NO_MEMORY;
    memmove(eye->seen.items + at + 1, eye->seen.items + at, after * sizeof(uint32_t));
    memmove(eye->births.items + at + 1, eye->births.items + at, after * sizeof(uint32_t));
    eye->seen.items[at] = target;
    eye->births.items[at] = in->places[target].birth;
    eye->seen.count++;
    return 0;
}

int bm_interest_admit(bm_interest *in, uint32_t observer, const uint32_t *targets, uint32_t count)
{
    const bm_slot *looking = held(in, observer);

    if (!looking || !looking->eye) return BM_NO_SUCH;
    for (uint32_t i = 0; i < count; i++)
        if (!held(in, targets[i]) || targets[i] == observer) return BM_NO_SUCH;
    for (uint32_t i = 0; i < count; i++) {
        const bm_list *seen = &looking->eye->seen;
        uint32_t at = bm_list_find(seen, targets[i]);
        if (at < seen->count && seen->items[at] == targets[i]) continue;
        if (see(in, observer, targets[i]) < 0) return BM_NO_MEMORY;
    }
    return wake(in, observer);
}

static int report(bm_interest *in, uint32_t observer, uint32_t target, uint8_t entered)
{
    uint32_t count = in->targets.count;

    if (count == in->entered_capacity) {
        uint32_t capacity = count ? count * 2 : 64;
        uint8_t *grown = realloc(in->entered, capacity);
        if (!grown) return BM_NO_MEMORY;
        in->entered = grown;
        in->entered_capacity = capacity;
    }
    if (bm_list_push(&in->observers, observer) < 0) return BM_NO_MEMORY;
    if (bm_list_push(&in->targets, target) < 0) return BM_NO_MEMORY;
    in->entered[count] = entered;
    return 0;
}

/* Reports and forgets what has gone; marks what is still seen. */
static int leaves(bm_interest *in, uint32_t observer, uint32_t mark)
{
    bm_eye *eye = in->slots[observer].eye;
    double x = in->places[observer].x, y = in->places[observer].y;
    double limit = eye->leave_radius * eye->leave_radius;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < eye->seen.count; i++) {
        uint32_t target = eye->seen.items[i], birth = eye->births.items[i];
        bm_place *place = &in->places[target];
        double dx = (double)place->x - x, dy = (double)place->y - y;
        int same = place->birth == birth;
        if (same && !(dx * dx + dy * dy > limit)) {
            place->mark = mark;
            eye->seen.items[kept] = target;
            eye->births.items[kept++] = birth;
            continue;
        }
        if (report(in, observer, target, 0) < 0) return BM_NO_MEMORY;
        if (same) bm_list_remove_sorted(&in->slots[target].watchers, observer);
    }
    eye->seen.count = kept;
    return 0;
}

static int look(bm_interest *in, uint32_t observer, uint32_t enter_limit)
{
    const bm_place *at = &in->places[observer];
    const bm_eye *eye = in->slots[observer].eye;
    uint32_t room, taken = 0;

    if (++in->mark == 0) {
        for (uint32_t i = 0; i < in->slot_count; i++) in->places[i].mark = 0;
        in->mark = 1;
    }
    in->slots[observer].due = 0;
    if (leaves(in, observer, in->mark) < 0) return BM_NO_MEMORY;
    if (bm_cell_candidates(in, at->x, at->y, eye->radius, observer, in->mark) < 0)
        return BM_NO_MEMORY;
    room = eye->seen.count < in->sight_limit ? in->sight_limit - eye->seen.count : 0;
    for (; taken < in->candidate_count && taken < room && taken < enter_limit; taken++) {
        uint32_t target = in->candidates[taken].slot;
        if (see(in, observer, target) < 0 || report(in, observer, target, 1) < 0) return BM_NO_MEMORY;
    }
    return taken < in->candidate_count && taken < room ? wake(in, observer) : 0;
}

/* Wakes every observer that a dirty cell is within reach of. */
static int wake_around(bm_interest *in, uint32_t cell)
{
    int column = (int)(cell % BM_CELLS), row = (int)(cell / BM_CELLS), reach = in->reach_cells;

    for (int r = row < reach ? 0 : row - reach; r <= row + reach && r < BM_CELLS; r++)
        for (int c = column < reach ? 0 : column - reach; c <= column + reach && c < BM_CELLS; c++) {
            const bm_cell *it = bm_cell_at(in, c, r);
            int away = abs(c - column) > abs(r - row) ? abs(c - column) : abs(r - row);
            if (!it || !it->observer_count) continue;
            for (uint32_t i = 0; i < it->count; i++) {
                const bm_eye *eye = in->slots[it->entries[i].slot].eye;
                if (eye && eye->reach_cells >= away && wake(in, it->entries[i].slot) < 0) return BM_NO_MEMORY;
            }
        }
    return 0;
}

static int ascending(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}

int bm_interest_refresh(bm_interest *in, uint32_t enter_limit)
{
    bm_list woken;
    int code = 0;

    in->observers.count = in->targets.count = 0;
    for (uint32_t i = 0; i < in->dirty.count; i++) {
        uint32_t cell = in->dirty.items[i];
        if (wake_around(in, cell) < 0) return BM_NO_MEMORY;
        bm_cell_at(in, (int)(cell % BM_CELLS), (int)(cell / BM_CELLS))->dirty = 0;
    }
    in->dirty.count = 0;
    woken = in->due;                        /* `look` may put an observer on the next call's list */
    memset(&in->due, 0, sizeof in->due);
    if (woken.count > 1) qsort(woken.items, woken.count, sizeof *woken.items, ascending);
    for (uint32_t i = 0; i < woken.count && code == 0; i++) {
        bm_slot *looking = &in->slots[woken.items[i]];
        if (looking->eye) code = look(in, woken.items[i], enter_limit);
        else looking->due = 0;
    }
    free(woken.items);
    if (code < 0) return code;
    return in->targets.count <= INT32_MAX ? (int)in->targets.count : BM_NO_MEMORY;
}

const uint32_t *bm_interest_observers(const bm_interest *in) { return in->observers.items; }
const uint32_t *bm_interest_targets(const bm_interest *in) { return in->targets.items; }
const uint8_t *bm_interest_entered(const bm_interest *in) { return in->entered; }

int bm_interest_watchers(const bm_interest *in, uint32_t slot, const uint32_t **slots)
{
    const bm_slot *thing = held(in, slot);

    if (!thing) return 0;
    *slots = thing->watchers.items;
    return (int)thing->watchers.count;
}

int bm_interest_seen(const bm_interest *in, uint32_t slot, const uint32_t **slots)
{
    const bm_slot *thing = held(in, slot);

    if (!thing || !thing->eye) return 0;
    *slots = thing->eye->seen.items;
    return (int)thing->eye->seen.count;
}

int bm_interest_near(bm_interest *in, double x, double y, double radius_yards, const uint32_t **slots)
{
    if (!(radius_yards >= 0.0 && radius_yards <= BM_RADIUS_LIMIT_YARDS)) return BM_OUT_OF_RANGE;
    if (!(x >= -BM_HALF_MAP_YARDS && x <= BM_HALF_MAP_YARDS && y >= -BM_HALF_MAP_YARDS
          && y <= BM_HALF_MAP_YARDS)) return BM_OUT_OF_RANGE;
    if (bm_cell_candidates(in, x, y, radius_yards, UINT32_MAX, 0) < 0) return BM_NO_MEMORY;
    if (bm_list_reserve(&in->taken, in->candidate_count) < 0) return BM_NO_MEMORY;
    in->taken.count = in->candidate_count;
    for (uint32_t i = 0; i < in->candidate_count; i++) in->taken.items[i] = in->candidates[i].slot;
    *slots = in->taken.items;
    return (int)in->candidate_count;
}
