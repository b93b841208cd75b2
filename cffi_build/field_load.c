/* A field made from the bytes that bm_field_save wrote; of any other bytes nothing is made. */

#include <string.h>

#include "field.h"
#include "field_state.h"

typedef struct {
    const uint8_t *at;
    size_t left;
    int bad;
} bm_source;

static void take(bm_source *from, void *to, size_t size)
{
    if (size > from->left) {
        from->bad = 1;
        memset(to, 0, size);
        return;
    }
    if (size) memcpy(to, from->at, size);
    from->at += size;
    from->left -= size;
}

#define TAKE(v) take(from, &(v), sizeof (v))
#define TAKE_COLUMN(v) take(from, (v), (size_t)m->count * sizeof *(v))

/* Answers whether columns are as they can be. */
static int take_columns(bm_field *field, bm_source *from)
{
    bm_movers *m = &field->movers;
    size_t words = ((size_t)m->count + 63) / 64 * sizeof(uint64_t);

    TAKE_COLUMN(m->kind), TAKE_COLUMN(m->x), TAKE_COLUMN(m->y), TAKE_COLUMN(m->z);
    TAKE_COLUMN(m->yaw), TAKE_COLUMN(m->flags), TAKE_COLUMN(m->speed), TAKE_COLUMN(m->epoch);
    TAKE_COLUMN(m->input), TAKE_COLUMN(m->birth), TAKE_COLUMN(m->moved), TAKE_COLUMN(m->state);
    TAKE_COLUMN(m->own), TAKE_COLUMN(m->guid);
    take(from, field->touched, words), take(from, field->followed, words);
    for (uint32_t slot = 0; slot < m->count; slot++) {
        const int32_t xyz[3] = {m->x[slot], m->y[slot], m->z[slot]};
        if (bm_field_refuse(xyz)) return 0;
        m->born[slot] = field->steps;
    }
    if (m->count % 64) {            /* no bits of slots that there are not */
        uint64_t beyond = ~UINT64_C(0) << (m->count % 64);
        if ((field->touched[m->count / 64] | field->followed[m->count / 64]) & beyond) return 0;
    }
    return !from->bad;
}

/* Puts back who is steered and who walks. */
static int take_motion(bm_field *field, bm_source *from)
{
    uint32_t steers, legs;

    TAKE(steers), TAKE(legs);
    for (uint32_t i = 0; i < steers; i++) {
        bm_steer steer;
        TAKE(steer);
        if (from->bad || bm_steering_restore(field, &steer) < 0) return 0;
    }
    for (uint32_t i = 0; i < legs; i++) {
        bm_leg leg;
        TAKE(leg);
        if (from->bad || bm_field_walk(field, leg.slot, leg.from, leg.to, leg.since_ms, leg.until_ms) < 0)
            return 0;
    }
    return field->leg_count == legs;
}

static int take_values(bm_field *field, bm_source *from)
{
    uint32_t slot, version, since;
    uint8_t number, bytes[BM_FIELD_VALUE_BYTES];
    uint16_t size;

    for (TAKE(slot); !from->bad && slot != BM_NOBODY; TAKE(slot)) {
        TAKE(number), TAKE(version), TAKE(since), TAKE(size);
        if (from->bad || !bm_field_has(field, slot) || size > sizeof bytes) return 0;
        take(from, bytes, size);
        if (from->bad || bm_values_restore(field, slot, number, version, since, bytes, size) < 0) return 0;
    }
    return !from->bad;
}

static int take_eye(bm_field *field, bm_source *from, uint32_t eye)
{
    bm_eye *row = bm_field_eye(field, eye);
    uint64_t occupied[BM_EYE_WORDS];

    TAKE(occupied), TAKE(row->held);
    if (from->bad || (occupied[3] | row->held[3]) >> 63) return 0;
    for (uint32_t slot = 0; slot < BM_FIELD_SLOTS; slot++) {
        uint64_t bit = UINT64_C(1) << (slot % 64);
        if (occupied[slot / 64] & bit) {
            uint32_t mover;
            uint16_t birth;
            TAKE(mover), TAKE(birth), TAKE(row->pace[slot]);
            if (mover >= field->movers.count || row->held[slot / 64] & bit || !row->pace[slot]
                || row->pace[slot] > 60) return 0;
            bm_eyes_fill(field, eye, slot, mover, birth);
        } else if (row->held[slot / 64] & bit) TAKE(row->freed[slot]);
    }
    return !from->bad;
}

/* Makes the eyes' rows; what they hold comes last. */
static int take_lookers(bm_field *field, bm_source *from, uint32_t count)
{
    for (uint32_t eye = 0; eye < count; eye++) {
        bm_looker looker;
        TAKE(looker);
        if (from->bad || bm_eyes_reserve(field, eye) < 0) return 0;
        field->lookers[eye] = looker;
        if (looker.owner == BM_NOBODY) continue;
        if (!bm_field_has(field, looker.owner) || field->movers.eye[looker.owner] >= 0
            || looker.sight <= 0 || looker.sight > field->rules.sight) return 0;
        field->movers.eye[looker.owner] = (int32_t)eye;
        field->lookers[eye].table = field->lookers[eye].count = 0;
        field->waiting += looker.due != 0;
        memset(bm_field_eye(field, eye), 0, sizeof(bm_eye));
    }
    field->eye_count = count;
    return 1;
}

static int take_all(bm_field *field, bm_source *from)
{
    uint32_t count, eyes;

    TAKE(field->tick), TAKE(field->steps), TAKE(field->now_ms), TAKE(field->level);
    TAKE(count), TAKE(eyes);
    if (from->bad || field->level < 0 || field->level > 4 || !bm_field_clock(field->now_ms)
        || count > BM_FIELD_MOVERS || eyes > BM_FIELD_EYES || count > from->left) return 0;
    if (count && bm_field_grow(field, count - 1) < 0) return 0;
    if (!take_columns(field, from) || !take_motion(field, from) || !take_lookers(field, from, eyes)
        || !take_values(field, from)) return 0;
    for (uint32_t eye = 0; eye < eyes; eye++)
        if (field->lookers[eye].owner != BM_NOBODY && !take_eye(field, from, eye)) return 0;
    return from->left == 0;
}

bm_field *bm_field_load(const uint8_t *saved, size_t size)
{
    bm_source source = {.at = saved, .left = size}, *from = &source;
    bm_field_rules rules;
    bm_field *field;
    uint32_t magic;

    TAKE(magic), TAKE(rules);
    if (from->bad || magic != BM_STATE_MAGIC || !(field = bm_field_new(&rules))) return NULL;
    if (take_all(field, from)) return field;
    bm_field_free(field);
    return NULL;
}
