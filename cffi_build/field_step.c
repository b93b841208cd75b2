/* A field's tick, and the lists that come out of it. */

#include <string.h>

#include "field.h"
#include "workers.h"
#include "api/interest.h"

#define TURNED 910                  /* five degrees */
#define SHOWN_MS 500                /* those who move are shown again.  Source: the client's heartbeat */

/* Lists what was touched, and notes the tick. */
static int list_moved(bm_field *field)
{
    bm_movers *m = &field->movers;

    field->moved.count = 0;
    for (uint32_t word = 0; word * 64 < m->count; word++) {
        uint64_t bits = field->touched[word];
        field->touched[word] = 0;
        for (; bits; bits &= bits - 1) {
            uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(bits);
            const bm_steer *steer;
            if (!m->kind[slot]) continue;
            m->moved[slot] = field->tick;
            steer = bm_field_steer(field, slot);
            if (steer && steer->cid) field->followed[word] |= bits & -bits;
            if (bm_slots_push(&field->moved, slot) < 0) return BM_NO_MEMORY;
        }
    }
    return 0;
}

/* Whether those who watch over TCP are to be told. */
static int due(const bm_field *field, const bm_steer *steer)
{
    const bm_movers *m = &field->movers;
    uint32_t slot = steer->slot;
    int turn = (int16_t)(uint16_t)(m->yaw[slot] - steer->shown_yaw);

    if (m->flags[slot] != steer->shown_flags || turn > TURNED || turn < -TURNED) return 1;
    return field->now_ms - steer->shown_ms >= SHOWN_MS
        && (m->flags[slot] & BM_MOVING || m->x[slot] != steer->shown_x || m->y[slot] != steer->shown_y
            || m->z[slot] != steer->shown_z);
}

static int list_steered(bm_field *field)
{
    const bm_movers *m = &field->movers;

    field->corrections.count = field->crossed.count = field->shown.count = 0;
    for (uint32_t slot = 0; slot < m->count; slot++) {
        bm_steer *steer = bm_field_steer(field, slot);
        uint32_t grids;
        if (!steer || !steer->cid) continue;
        steer->looked = 0;
        if (steer->corrected && bm_slots_push(&field->corrections, slot) < 0) return BM_NO_MEMORY;
        steer->corrected = 0;
        grids = bm_steering_grids(field, slot);
        if (grids != steer->grids && bm_slots_push(&field->crossed, slot) < 0) return BM_NO_MEMORY;
        steer->grids = grids;
        if (!due(field, steer)) continue;
        if (bm_slots_push(&field->shown, slot) < 0) return BM_NO_MEMORY;
        steer->shown_ms = field->now_ms;
        steer->shown_x = m->x[slot], steer->shown_y = m->y[slot], steer->shown_z = m->z[slot];
        steer->shown_yaw = m->yaw[slot];
        steer->shown_flags = m->flags[slot];
    }
    return 0;
}

int bm_field_step(bm_field *field, uint32_t tick, int64_t now_ms, unsigned threads)
{
    if (!bm_field_clock(now_ms) || threads < 1 || threads > BM_WORKERS_LIMIT) return BM_OUT_OF_RANGE;
    field->tick = tick;
    field->now_ms = now_ms;
    field->steps++;
    bm_walks_step(field);
    if (list_moved(field) < 0 || list_steered(field) < 0 || bm_grid_sort(field) < 0) return BM_NO_MEMORY;
    return bm_sight_step(field, threads);
}

static int answer(const bm_slots *list, const uint32_t **slots)
{
    *slots = list->items;
    return (int)list->count;
}

int bm_field_moved(const bm_field *field, const uint32_t **slots) { return answer(&field->moved, slots); }
int bm_field_crossed(const bm_field *field, const uint32_t **slots) { return answer(&field->crossed, slots); }
int bm_field_shown(const bm_field *field, const uint32_t **slots) { return answer(&field->shown, slots); }

int bm_field_corrections(const bm_field *field, const uint32_t **slots)
{
    return answer(&field->corrections, slots);
}

int bm_field_follow(bm_field *field, bm_interest *interest)
{
    const bm_movers *m = &field->movers;

    for (uint32_t word = 0; word * 64 < m->count; word++) {
        uint64_t bits = field->followed[word];
        field->followed[word] = 0;
        for (; bits; bits &= bits - 1) {
            uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(bits);
            int code = bm_interest_put(interest, slot, (float)m->x[slot] / BM_UNITS_YARD,
                                       (float)m->y[slot] / BM_UNITS_YARD);
            if (code < 0) return code;
        }
    }
    return 0;
}
