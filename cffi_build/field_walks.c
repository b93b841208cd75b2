/* Straight walks that a step interpolates: creatures under way, set off by the rules. */

#include <math.h>
#include <stdlib.h>

#include "field.h"

#define SPAN_LIMIT_MS 1000000000    /* eleven days */

/* The integer part of a square root. */
uint64_t bm_field_root_of(uint64_t square)
{
    uint64_t root = (uint64_t)sqrt((double)square);     /* off by one at most, whatever the rounding */

    while (root * root > square) root--;
    while ((root + 1) * (root + 1) <= square) root++;
    return root;
}

/* The direction of (dx, dy) in 1/65536 turn, to 60 of them, without trigonometry.
   Source: S. Rajan et al., "Efficient Approximations for the Arctangent Function", IEEE SPM 2006. */
static uint16_t bearing(int64_t dx, int64_t dy)
{
    int64_t ax = dx < 0 ? -dx : dx, ay = dy < 0 ? -dy : dy, low = ax < ay ? ax : ay, high = ax < ay ? ay : ax;
    int64_t t, angle;

    if (high == 0) return 0;
    t = low * 65536 / high;
    angle = t * (8192 * 65536 + 2847 * (65536 - t)) / 65536 / 65536;    /* 2847: 0.273 / 2 pi x 65536 */
    if (ay > ax) angle = 16384 - angle;
    if (dx < 0) angle = 32768 - angle;
    if (dy < 0) angle = 65536 - angle;
    return (uint16_t)angle;
}

int bm_field_walk(bm_field *field, uint32_t slot, const int32_t *from, const int32_t *to, int64_t since_ms,
                  int64_t until_ms)
{
    bm_movers *m = &field->movers;
    const bm_steer *steer;

    if (!bm_field_has(field, slot)) return BM_NO_SUCH;
    steer = bm_field_steer(field, slot);
    if (bm_field_refuse(from) || bm_field_refuse(to) || (steer && steer->cid) || !bm_field_clock(since_ms)
        || !bm_field_clock(until_ms) || since_ms >= until_ms || until_ms - since_ms > SPAN_LIMIT_MS)
        return BM_OUT_OF_RANGE;
    if (m->leg[slot] < 0) {
        if (field->leg_count == field->leg_capacity) {
            uint32_t capacity = field->leg_capacity ? field->leg_capacity * 2 : 64;
            bm_leg *legs = realloc(field->legs, (size_t)capacity * sizeof *legs);
            if (!legs) return BM_NO_MEMORY;
            field->legs = legs;
            field->leg_capacity = capacity;
        }
        m->leg[slot] = (int32_t)field->leg_count++;
    }
    field->legs[m->leg[slot]] = (bm_leg){
        .from = {from[0], from[1], from[2]}, .to = {to[0], to[1], to[2]},
        .since_ms = since_ms, .until_ms = until_ms, .slot = slot,
    };
    return 0;
}

/* Forgets a walk; its mover stays where it is. */
void bm_walks_end(bm_field *field, uint32_t slot)
{
    int32_t leg = field->movers.leg[slot];

    if (leg < 0) return;
    field->legs[leg] = field->legs[--field->leg_count];
    field->movers.leg[field->legs[leg].slot] = leg;
    field->movers.leg[slot] = -1;
}

int bm_field_halt(bm_field *field, uint32_t slot)
{
    bm_movers *m = &field->movers;
    int32_t here[3];

    if (!bm_field_has(field, slot)) return BM_NO_SUCH;
    if (m->leg[slot] < 0) return 0;
    here[0] = m->x[slot], here[1] = m->y[slot], here[2] = m->z[slot];
    bm_walks_end(field, slot);
    bm_field_stand(field, slot, here, m->yaw[slot], 0, 0);
    return 0;
}

/* Puts a walker where it is by now; answers whether it has arrived. */
static int advance(bm_field *field, const bm_leg *leg)
{
    int64_t span_ms = leg->until_ms - leg->since_ms, passed_ms = field->now_ms - leg->since_ms;
    int64_t dx = (int64_t)leg->to[0] - leg->from[0], dy = (int64_t)leg->to[1] - leg->from[1];
    int64_t dz = (int64_t)leg->to[2] - leg->from[2], length, speed;
    uint16_t yaw = dx || dy ? bearing(dx, dy) : field->movers.yaw[leg->slot];
    int32_t here[3];

    if (passed_ms >= span_ms) {
        bm_field_stand(field, leg->slot, leg->to, yaw, 0, 0);
        return 1;
    }
    if (passed_ms < 0) passed_ms = 0;
    here[0] = (int32_t)(leg->from[0] + dx * passed_ms / span_ms);
    here[1] = (int32_t)(leg->from[1] + dy * passed_ms / span_ms);
    here[2] = (int32_t)(leg->from[2] + dz * passed_ms / span_ms);
    length = (int64_t)bm_field_root_of((uint64_t)(dx * dx + dy * dy + dz * dz));
    speed = (length * 125 + span_ms) / (2 * span_ms);   /* 1/64 yards in ms, as 1/4 yards a second */
    bm_field_stand(field, leg->slot, here, yaw, (uint8_t)(speed < 255 ? speed : 255), BM_FORWARD);
    return 0;
}

void bm_walks_step(bm_field *field)
{
    for (uint32_t i = 0; i < field->leg_count;) {
        uint32_t slot = field->legs[i].slot;
        if (advance(field, &field->legs[i])) bm_walks_end(field, slot);
        else i++;
    }
}
