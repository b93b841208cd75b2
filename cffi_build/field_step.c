/* A field's tick, and the lists that come out of it. */

#include <string.h>

#include "field.h"
#include "workers.h"
#include "api/interest.h"

#define TURNED 910                  /* five degrees */
#define SHOWN_MS 500                /* those who move are shown again.  Source: the client's heartbeat */
#define NEVER_MS INT64_MAX

/* Whether those who watch over TCP are to be told; also when to ask again, if nothing happens until then. */
static int due(const bm_field *field, const bm_steer *steer, int64_t *again_ms)
{
    const bm_movers *m = &field->movers;
    uint32_t slot = steer->slot;
    int turn = (int16_t)(uint16_t)(m->yaw[slot] - steer->shown_yaw);
    int moving = (m->flags[slot] & BM_MOVING) != 0;

    if (m->flags[slot] == steer->shown_flags && turn <= TURNED && turn >= -TURNED) {
        int elsewhere = m->x[slot] != steer->shown_x || m->y[slot] != steer->shown_y
            || m->z[slot] != steer->shown_z;
        *again_ms = moving || elsewhere ? steer->shown_ms + SHOWN_MS : NEVER_MS;
        if (field->now_ms < *again_ms) return 0;
    }
    *again_ms = moving ? field->now_ms + SHOWN_MS : NEVER_MS;
    return 1;
}

/* Lists one who is steered wherever it belongs. */
static int list_steered(bm_field *field, bm_steer *steer)
{
    const bm_movers *m = &field->movers;
    uint32_t slot = steer->slot, grids = bm_steering_grids(field, slot);

    steer->looked = 0;
    if (steer->corrected && bm_slots_push(&field->corrections, slot) < 0) return BM_NO_MEMORY;
    steer->corrected = 0;
    if (grids != steer->grids && bm_slots_push(&field->crossed, slot) < 0) return BM_NO_MEMORY;
    steer->grids = grids;
    if (!due(field, steer, &m->heed_ms[slot])) return 0;
    if (bm_slots_push(&field->shown, slot) < 0) return BM_NO_MEMORY;
    steer->shown_ms = field->now_ms;
    steer->shown_x = m->x[slot], steer->shown_y = m->y[slot], steer->shown_z = m->z[slot];
    steer->shown_yaw = m->yaw[slot];
    steer->shown_flags = m->flags[slot];
    return 0;
}

/* Which of 64 movers' time has come. */
static uint64_t to_heed(const int64_t *heed_ms, int64_t now_ms)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; i < 64; i++) bits |= (uint64_t)(heed_ms[i] <= now_ms) << i;
    return bits;
}

/* Lists what was touched and what must be told of who is steered, and notes the tick.  Who stands and says
   nothing costs no look at it. */
static int list_changes(bm_field *field)
{
    bm_movers *m = &field->movers;

    field->moved.count = field->corrections.count = field->crossed.count = field->shown.count = 0;
    for (uint32_t word = 0; word * 64 < m->count; word++) {
        uint64_t touched = field->touched[word];
        uint64_t bits = touched | field->heeded[word] | to_heed(m->heed_ms + word * 64, field->now_ms);
        field->touched[word] = field->heeded[word] = 0;
        for (; bits; bits &= bits - 1) {
            uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(bits);
            uint64_t moved = touched & bits & -bits;
            bm_steer *steer = bm_field_steer(field, slot);
            if (!m->kind[slot]) continue;
            if (moved) m->moved[slot] = field->tick;
            if (moved && bm_slots_push(&field->moved, slot) < 0) return BM_NO_MEMORY;
            m->heed_ms[slot] = NEVER_MS;
            if (!steer || !steer->cid) continue;
            field->followed[word] |= moved;
            if (list_steered(field, steer) < 0) return BM_NO_MEMORY;
        }
    }
    return 0;
}

/* Eyes missed their turn: until each has had one, it cannot be sure who is still who it saw. */
static int missed(bm_field *field)
{
    for (uint32_t slot = 0; slot < field->movers.count; slot++) field->movers.born[slot] = field->steps;
    field->waiting = 0;
    for (uint32_t eye = 0; eye < field->eye_count; eye++)
        field->waiting += field->lookers[eye].owner != BM_NOBODY && field->lookers[eye].due;
    return BM_NO_MEMORY;
}

int bm_field_step(bm_field *field, uint32_t tick, int64_t now_ms, unsigned threads)
{
    int code;

    if (!bm_field_clock(now_ms) || threads < 1 || threads > BM_WORKERS_LIMIT) return BM_OUT_OF_RANGE;
    field->tick = tick;
    field->now_ms = now_ms;
    field->steps++;
    bm_walks_step(field);
    if (list_changes(field) < 0 || bm_grid_sort(field) < 0) return missed(field);
    code = bm_sight_step(field, threads);
    return code == BM_NO_MEMORY ? missed(field) : code;
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
