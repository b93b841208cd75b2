/* Who steers which mover, how fast it may go, and when it must be told where it is. */

#include <stdlib.h>
#include <string.h>

#include "field.h"
#include "field_reach.h"

#define CIDS (1 << 14)              /* a cid's low bits are its link's number */
#define SPEED_LIMIT_MM 1000000
#define BUCKET_LIMIT_MM 200000000   /* more than the rules let any hold */

static const uint32_t usual_speeds_mm[4] = {7000, 2500, 4722, 0};  /* Source: sim/entity.py SPEEDS */

static bm_steer *steer_made(bm_field *field, uint32_t slot, int64_t now_ms)
{
    bm_movers *m = &field->movers;
    bm_steer *made;

    if (m->steer[slot] >= 0) return &field->steers[m->steer[slot]];
    if (field->steer_count == field->steer_capacity) {
        uint32_t capacity = field->steer_capacity ? field->steer_capacity * 2 : 64;
        bm_steer *steers = realloc(field->steers, (size_t)capacity * sizeof *steers);
        if (!steers) return NULL;
        field->steers = steers;
        field->steer_capacity = capacity;
    }
    m->steer[slot] = (int32_t)field->steer_count++;
    made = &field->steers[m->steer[slot]];
    *made = (bm_steer){.slot = slot};
    memcpy(made->speeds_mm, usual_speeds_mm, sizeof made->speeds_mm);
    bm_reach_refill(&field->rules, made, now_ms);
    return made;
}

static void unsteer(bm_field *field, bm_steer *steer)
{
    if (!steer->cid) return;
    field->by_cid[steer->cid % CIDS] = -1;
    steer->cid = 0;
    steer->corrected = 0;
    field->followed[steer->slot / 64] |= UINT64_C(1) << (steer->slot % 64);   /* where it came to a stand */
}

void bm_steering_forget(bm_field *field, uint32_t slot)
{
    int32_t at = field->movers.steer[slot];
    bm_steer *steer;

    if (at < 0) return;
    steer = &field->steers[at];
    unsteer(field, steer);
    *steer = field->steers[--field->steer_count];
    field->movers.steer[steer->slot] = at;
    if (steer->cid) field->by_cid[steer->cid % CIDS] = at;
    field->movers.steer[slot] = -1;
}

static int reserve_cids(bm_field *field)
{
    if (field->by_cid) return 0;
    if (!(field->by_cid = malloc(CIDS * sizeof *field->by_cid))) return BM_NO_MEMORY;
    memset(field->by_cid, 0xff, CIDS * sizeof *field->by_cid);
    return 0;
}

int bm_field_bind(bm_field *field, uint32_t cid, uint32_t slot, int64_t now_ms)
{
    bm_movers *m = &field->movers;
    bm_steer *steer;

    if (!bm_field_has(field, slot)) return BM_NO_SUCH;
    if (cid == 0 || !bm_field_clock(now_ms)) return BM_OUT_OF_RANGE;
    if (reserve_cids(field) < 0) return BM_NO_MEMORY;
    if (!(steer = steer_made(field, slot, now_ms))) return BM_NO_MEMORY;
    unsteer(field, steer);
    if (field->by_cid[cid % CIDS] >= 0) unsteer(field, &field->steers[field->by_cid[cid % CIDS]]);
    field->by_cid[cid % CIDS] = m->steer[slot];
    bm_walks_end(field, slot);
    steer->cid = cid;
    if (steer->filled_ms > now_ms) steer->filled_ms = now_ms;   /* made by the clock of the steps */
    steer->started = steer->looked = 0;
    steer->shown_ms = field->now_ms;
    steer->shown_x = m->x[slot], steer->shown_y = m->y[slot], steer->shown_z = m->z[slot];
    steer->shown_yaw = m->yaw[slot];
    steer->shown_flags = m->flags[slot];
    steer->grids = bm_steering_grids(field, slot);
    bm_steering_corrected(field, slot);
    return 0;
}

static int64_t within(int64_t v, int64_t greatest) { return v < 0 ? 0 : v < greatest ? v : greatest; }

/* Puts back what was saved of one; it may be anything. */
int bm_steering_restore(bm_field *field, const bm_steer *saved)
{
    bm_steer *steer;

    if (!bm_field_has(field, saved->slot) || field->movers.steer[saved->slot] >= 0
        || !bm_field_clock(saved->filled_ms) || !bm_field_clock(saved->shown_ms)) return BM_OUT_OF_RANGE;
    for (int i = 0; i < 4; i++)
        if (saved->speeds_mm[i] > SPEED_LIMIT_MM) return BM_OUT_OF_RANGE;
    if (!(steer = steer_made(field, saved->slot, 0)) || reserve_cids(field) < 0) return BM_NO_MEMORY;
    *steer = *saved;
    steer->cid = 0;
    steer->reach_mm = within(saved->reach_mm, BUCKET_LIMIT_MM);
    steer->climb_mm = within(saved->climb_mm, BUCKET_LIMIT_MM);
    steer->fall_mm = within(saved->fall_mm, BUCKET_LIMIT_MM);
    if (!saved->cid) return 0;
    if (field->by_cid[saved->cid % CIDS] >= 0) return BM_OUT_OF_RANGE;
    steer->cid = saved->cid;
    field->by_cid[saved->cid % CIDS] = field->movers.steer[saved->slot];
    bm_field_heed(field, saved->slot);
    return 0;
}

int bm_field_unbind(bm_field *field, uint32_t cid)
{
    int32_t at = field->by_cid ? field->by_cid[cid % CIDS] : -1;

    if (at >= 0 && field->steers[at].cid == cid) unsteer(field, &field->steers[at]);
    return 0;
}

/* Its client must hear of it again. */
void bm_steering_corrected(bm_field *field, uint32_t slot)
{
    bm_steer *steer = bm_field_steer(field, slot);

    field->movers.own[slot]++;
    if (!steer || !steer->cid) return;
    steer->corrected = 1;
    bm_field_heed(field, slot);
}

int bm_field_speeds(bm_field *field, uint32_t slot, const uint32_t *speeds_mm)
{
    bm_steer *steer;

    if (!bm_field_has(field, slot)) return BM_NO_SUCH;
    for (int i = 0; i < 4; i++)
        if (speeds_mm[i] > SPEED_LIMIT_MM) return BM_OUT_OF_RANGE;
    if (!(steer = steer_made(field, slot, field->now_ms))) return BM_NO_MEMORY;
    if (memcmp(steer->speeds_mm, speeds_mm, sizeof steer->speeds_mm) == 0) return 0;
    memcpy(steer->speeds_mm, speeds_mm, sizeof steer->speeds_mm);
    bm_steering_corrected(field, slot);
    return 0;
}

int bm_field_root(bm_field *field, uint32_t slot, int on)
{
    bm_movers *m = &field->movers;
    bm_steer *steer;
    uint16_t flags;
    int32_t here[3];

    if (!bm_field_has(field, slot)) return BM_NO_SUCH;
    if (!(steer = steer_made(field, slot, field->now_ms))) return BM_NO_MEMORY;
    if (steer->rooted == (on != 0)) return 0;
    steer->rooted = on != 0;
    flags = on ? (uint16_t)((m->flags[slot] & ~BM_MOVING) | BM_ROOT) : (uint16_t)(m->flags[slot] & ~BM_ROOT);
    here[0] = m->x[slot], here[1] = m->y[slot], here[2] = m->z[slot];
    bm_field_stand(field, slot, here, m->yaw[slot], on ? 0 : m->speed[slot], flags);
    m->epoch[slot]++;
    bm_steering_corrected(field, slot);
    return 0;
}

int bm_field_place(bm_field *field, uint32_t slot, const int32_t *xyz, uint16_t yaw, int64_t now_ms)
{
    bm_movers *m = &field->movers;
    bm_steer *steer;

    if (!bm_field_has(field, slot)) return BM_NO_SUCH;
    if (bm_field_refuse(xyz) || !bm_field_clock(now_ms)) return BM_OUT_OF_RANGE;
    steer = bm_field_steer(field, slot);
    bm_walks_end(field, slot);
    if (steer) bm_reach_refill(&field->rules, steer, now_ms);
    bm_field_stand(field, slot, xyz, yaw, 0, steer && steer->rooted ? BM_ROOT : 0);
    m->epoch[slot]++;
    if (m->eye[slot] >= 0) bm_eyes_due(field, (uint32_t)m->eye[slot]);
    bm_steering_corrected(field, slot);
    return 0;
}

/* The grid of 533.3333 yards a coordinate is in, 0 to 63: 3 of them have 102 400 units. */
static uint32_t grid_axis(int32_t units)
{
    int32_t at = (units * 3 + 32 * 102400) / 102400;

    return at < 0 ? 0 : at > 63 ? 63 : (uint32_t)at;
}

/* The grids wanted around a mover: least and greatest along x, and along y. */
uint32_t bm_steering_grids(const bm_field *field, uint32_t slot)
{
    int32_t x = field->movers.x[slot], y = field->movers.y[slot], reach = field->rules.reach;

    return grid_axis(x - reach) | grid_axis(x + reach) << 8 | grid_axis(y - reach) << 16
        | grid_axis(y + reach) << 24;
}

int bm_field_allow(bm_field *field, uint32_t slot, const int64_t *allowance)
{
    bm_steer *steer;

    if (!bm_field_has(field, slot)) return BM_NO_SUCH;
    for (int i = 0; i < 3; i++)
        if (allowance[i] < 0 || allowance[i] > BUCKET_LIMIT_MM) return BM_OUT_OF_RANGE;
    if (!bm_field_clock(allowance[3])) return BM_OUT_OF_RANGE;
    if (!(steer = steer_made(field, slot, allowance[3]))) return BM_NO_MEMORY;
    steer->reach_mm = allowance[0], steer->climb_mm = allowance[1], steer->fall_mm = allowance[2];
    steer->filled_ms = allowance[3];
    return 0;
}

int bm_field_allowance(const bm_field *field, uint32_t slot, int64_t *allowance)
{
    const bm_steer *steer;

    if (!bm_field_has(field, slot) || field->movers.steer[slot] < 0) return BM_NO_SUCH;
    steer = &field->steers[field->movers.steer[slot]];
    allowance[0] = steer->reach_mm, allowance[1] = steer->climb_mm, allowance[2] = steer->fall_mm;
    allowance[3] = steer->filled_ms;
    return 0;
}
