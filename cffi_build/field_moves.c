/* Inputs: whether a client may have moved as it says.  The rules are sim/handlers/movement.py's and
   sim/reach.py's, in whole units and thousandths of a yard. */

#include <string.h>

#include "field.h"
#include "field_reach.h"
#include "hot.h"

#define CIDS (1 << 14)
#define MAP_LIMIT (17066 * BM_UNITS_YARD)       /* half a yard inside the edge */
#define HEIGHT_LIMIT (5000 * BM_UNITS_YARD)
#define STEEPEST_PERMILLE 1200      /* up for along: no slope beyond fifty degrees can be walked */
#define JUMP_MM_S 7960              /* how fast one leaves the ground */
#define STEPS_MM 5000               /* a jump and some stairs, at once */
#define FALL_MM_S 60148             /* nobody falls faster */
#define NEAR_QUARTERS 2             /* a speed so close to the usual one is that */

enum { RUN, WALK, SWIM, FLY };

void bm_reach_refill(const bm_field_rules *rules, bm_steer *steer, int64_t now_ms)
{
    steer->reach_mm = steer->fall_mm = rules->burst_mm;
    steer->climb_mm = STEPS_MM;
    steer->filled_ms = now_ms;
}

static int64_t filled(int64_t had_mm, int64_t mm_s, int64_t passed_ms, int64_t full_mm)
{
    int64_t mm = had_mm + passed_ms * mm_s / 1000;

    return mm < full_mm ? mm : full_mm;
}

/* Pays for a way from buckets that fill with time: along, up and down; answers whether there was enough.
   If not, none is spent. */
static int spend(const bm_field_rules *rules, bm_steer *steer, uint16_t flags, int64_t dx, int64_t dy,
                 int64_t dz, int64_t now_ms)
{
    const uint32_t *speeds = steer->speeds_mm;
    int64_t speed = speeds[RUN], climb, fall = (int64_t)FALL_MM_S * rules->slack_permille / 1000;
    int64_t passed_ms = now_ms - steer->filled_ms, late_ms = rules->late_ms, square = dx * dx + dy * dy;

    if (flags & BM_FLYING) speed = speeds[FLY];
    else if (flags & BM_SWIMMING && speeds[SWIM] > speed) speed = speeds[SWIM];
    speed = speed * rules->slack_permille / 1000;
    climb = speed * STEEPEST_PERMILLE / 1000;
    if (climb < JUMP_MM_S) climb = JUMP_MM_S;
    if (passed_ms < 0) passed_ms = 0;
    if (passed_ms > 1000000000) passed_ms = 1000000000;
    steer->reach_mm = filled(steer->reach_mm, speed, passed_ms, rules->burst_mm + speed * late_ms / 1000);
    steer->climb_mm = filled(steer->climb_mm, climb, passed_ms, STEPS_MM + climb * late_ms / 1000);
    steer->fall_mm = filled(steer->fall_mm, fall, passed_ms, rules->burst_mm + fall * late_ms / 1000);
    steer->filled_ms = now_ms;

    if (flags & (BM_SWIMMING | BM_FLYING)) square += dz * dz;
    /* mm are units x 1000 / 64: compared squared, both sides times 4096 / 64 */
    if (square * 15625 > steer->reach_mm * steer->reach_mm * 64
        || dz * 1000 > steer->climb_mm * 64 || -dz * 1000 > steer->fall_mm * 64) return 0;
    steer->reach_mm -= (int64_t)bm_field_root_of((uint64_t)(square * 15625 / 64));
    if (dz > 0) steer->climb_mm -= dz * 1000 / 64;
    else steer->fall_mm -= -dz * 1000 / 64;
    return 1;
}

/* Flags without what cannot be.  Source: sim/handlers/movement.py allowed. */
static uint16_t allowed(const bm_steer *steer, uint16_t flags)
{
    static const uint16_t opposites[] = {
        BM_TURN_LEFT | BM_TURN_RIGHT, BM_STRAFE_LEFT | BM_STRAFE_RIGHT, BM_PITCH_UP | BM_PITCH_DOWN,
        BM_FORWARD | BM_BACKWARD,
    };

    flags &= (uint16_t)~(BM_ON_TRANSPORT | BM_ROOT);
    if (steer->rooted) flags |= BM_ROOT;
    if (!steer->speeds_mm[FLY]) flags &= (uint16_t)~BM_FLYING;
    for (size_t i = 0; i < sizeof opposites / sizeof *opposites; i++)
        if ((flags & opposites[i]) == opposites[i]) flags &= (uint16_t)~opposites[i];
    if (flags & BM_FALLING && flags & BM_NO_GRAVITY) flags &= (uint16_t)~BM_FALLING;
    return flags;
}

/* How fast it goes, for those who draw it between two words: as it went from the input before, or the
   usual speed if that is about the same. */
static uint8_t pace(const bm_steer *steer, uint16_t flags, int64_t dx, int64_t dy, int64_t dz, int64_t ticks)
{
    uint32_t mm_s = steer->speeds_mm[flags & BM_FLYING ? FLY : flags & BM_SWIMMING ? SWIM
                                     : flags & BM_WALKING ? WALK : RUN];
    int64_t usual = (mm_s * 4 + 500) / 1000, square = dx * dx + dy * dy, speed;

    if (!(flags & (BM_MOVING | BM_SWIMMING | BM_FLYING))) return 0;
    if (flags & (BM_SWIMMING | BM_FLYING)) square += dz * dz;
    /* units a tick are 20/64 yards a second, 5/4 quarters of one */
    speed = ((int64_t)bm_field_root_of((uint64_t)square) * 5 + 2 * ticks) / (4 * ticks);
    if (speed >= usual - NEAR_QUARTERS && speed <= usual + NEAR_QUARTERS) speed = usual;
    if (speed > usual * 5 / 4) speed = usual * 5 / 4;
    return (uint8_t)(speed < 255 ? speed : 255);
}

static int off_map(const int32_t *xyz)
{
    return xyz[0] < -MAP_LIMIT || xyz[0] > MAP_LIMIT || xyz[1] < -MAP_LIMIT || xyz[1] > MAP_LIMIT
        || xyz[2] < -HEIGHT_LIMIT || xyz[2] > HEIGHT_LIMIT;
}

static int refused(bm_field *field, uint32_t slot, int reason)
{
    field->movers.epoch[slot]++;
    bm_steering_corrected(field, slot);
    return reason;
}

/* Takes one input, or says why not. */
static int take(bm_field *field, bm_steer *steer, const bm_move *in, int64_t now_ms)
{
    const int32_t xyz[3] = {in->x, in->y, in->z};
    bm_movers *m = &field->movers;
    uint32_t slot = steer->slot;
    uint16_t ahead = (uint16_t)(in->tick - m->input[slot]), flags;
    int64_t dx, dy, dz;

    if (in->epoch != m->epoch[slot]) return BM_MOVES_EPOCH;
    if (steer->started && (ahead == 0 || ahead >= 0x8000)) return BM_MOVES_OLD;
    if (steer->looked >= BM_FIELD_INPUTS) return BM_MOVES_MANY;
    steer->looked++;
    bm_field_heed(field, slot);
    if (off_map(xyz)) return refused(field, slot, BM_MOVES_OFF_MAP);
    dx = (int64_t)in->x - m->x[slot], dy = (int64_t)in->y - m->y[slot];
    dz = (int64_t)in->z - m->z[slot];
    if (steer->rooted && (in->flags & BM_MOVING || dx || dy)) return refused(field, slot, BM_MOVES_ROOTED);
    flags = allowed(steer, in->flags);
    if (!spend(&field->rules, steer, flags, dx, dy, dz, now_ms))
        return refused(field, slot, BM_MOVES_TOO_FAST);
    bm_field_stand(field, slot, xyz, in->yaw, pace(steer, flags, dx, dy, dz, steer->started ? ahead : 1),
                   flags);
    m->input[slot] = in->tick;
    steer->started = 1;
    return BM_MOVES_TAKEN;
}

int bm_field_moves(bm_field *field, const uint8_t *batch, size_t size, int64_t now_ms)
{
    if (size % BM_MOVE_BYTES || !bm_field_clock(now_ms)) return BM_OUT_OF_RANGE;
    memset(field->counts, 0, sizeof field->counts);
    for (size_t at = 0; at < size; at += BM_MOVE_BYTES) {
        bm_move in;
        int32_t steer;
        bm_move_get(batch + at, &in);
        steer = field->by_cid && in.cid ? field->by_cid[in.cid % CIDS] : -1;
        if (steer < 0 || field->steers[steer].cid != in.cid) field->counts[BM_MOVES_UNKNOWN]++;
        else field->counts[take(field, &field->steers[steer], &in, now_ms)]++;
    }
    return field->counts[BM_MOVES_TAKEN] <= INT32_MAX ? (int)field->counts[BM_MOVES_TAKEN] : INT32_MAX;
}

const uint64_t *bm_field_counts(const bm_field *field) { return field->counts; }
