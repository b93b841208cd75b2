/* The movers of one map, as columns.  Their meaning is tests/twins/field.py. */

#include <stdlib.h>
#include <string.h>

#include "field.h"

#define MAP_UNITS 1092267           /* 64 grids of 533.3333 yards, halved */
#define HEIGHT_UNITS (30000 * BM_UNITS_YARD)
#define SIGHT_UNITS (330 * BM_UNITS_YARD)   /* beyond it squares of distances would not fit 30 bits */

static int sane(const bm_field_rules *r)
{
    return r->sight > 0 && r->sight <= r->leave && r->leave <= SIGHT_UNITS
        && r->height > 0 && r->height <= r->leave_height && r->leave_height <= SIGHT_UNITS
        && r->reach >= 0 && r->reach <= MAP_UNITS
        && r->slack_permille >= 1000 && r->slack_permille <= 10000
        && r->burst_mm >= 0 && r->burst_mm <= 1000000 && r->late_ms >= 0 && r->late_ms <= 10000;
}

bm_field *bm_field_new(const bm_field_rules *rules)
{
    bm_field *field;

    if (!sane(rules)) return NULL;
    if (!(field = calloc(1, sizeof *field))) return NULL;
    field->rules = *rules;
    if ((field->pieces = bm_pieces_new())) return field;
    free(field);
    return NULL;
}

static void free_columns(bm_movers *m)
{
    free(m->x), free(m->y), free(m->z), free(m->yaw), free(m->flags), free(m->speed), free(m->kind);
    free(m->epoch), free(m->input), free(m->birth), free(m->born), free(m->moved), free(m->state);
    free(m->own), free(m->heed_ms);
    free(m->guid), free(m->told), free(m->eye), free(m->steer), free(m->leg), free(m->values);
}

void bm_field_free(bm_field *field)
{
    if (!field) return;
    for (uint32_t slot = 0; slot < field->movers.count; slot++) bm_values_forget(field, slot);
    bm_pieces_free(field->pieces);
    free_columns(&field->movers);
    for (uint32_t block = 0; block < field->eye_capacity / BM_EYE_BLOCK; block++) free(field->eyes[block]);
    free(field->eyes);
    free(field->lookers);
    free(field->steers);
    free(field->by_cid);
    free(field->legs);
    free(field->touched), free(field->followed), free(field->heeded);
    free(field->moved.items), free(field->corrections.items);
    free(field->crossed.items), free(field->shown.items);
    bm_grid_free(field->grid);
    free(field);
}

int bm_slots_push(bm_slots *list, uint32_t item)
{
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity ? list->capacity * 2 : 64;
        uint32_t *items = realloc(list->items, (size_t)capacity * sizeof *items);
        if (!items) return BM_NO_MEMORY;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
    return 0;
}

/* Spreads the bits of a number: sums of what it answers tell sets of numbers apart.
   Source: S. Vigna, splitmix64. */
uint64_t bm_field_mix(uint64_t v)
{
    v += UINT64_C(0x9e3779b97f4a7c15);
    v = (v ^ (v >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    v = (v ^ (v >> 27)) * UINT64_C(0x94d049bb133111eb);
    return v ^ (v >> 31);
}

/* Makes one column longer; what is new is filled with `fill`. */
static int longer(void *column, size_t width, uint32_t had, uint32_t wanted, int fill)
{
    void **at = column;
    uint8_t *grown = realloc(*at, (size_t)wanted * width);

    if (!grown) return BM_NO_MEMORY;
    memset(grown + (size_t)had * width, fill, (size_t)(wanted - had) * width);
    *at = grown;
    return 0;
}

#define LONGER(column, fill) (longer(&(column), sizeof *(column), had, wanted, fill) < 0)

/* Makes room for a slot. */
int bm_field_grow(bm_field *field, uint32_t slot)
{
    bm_movers *m = &field->movers;
    uint32_t had = m->capacity, wanted = had ? had : 64;

    if (slot >= BM_FIELD_MOVERS) return BM_OUT_OF_RANGE;
    while (wanted <= slot) wanted *= 2;
    if (wanted > had) {
        if (LONGER(m->x, 0) || LONGER(m->y, 0) || LONGER(m->z, 0) || LONGER(m->yaw, 0) || LONGER(m->flags, 0)
            || LONGER(m->speed, 0) || LONGER(m->kind, 0) || LONGER(m->epoch, 0) || LONGER(m->input, 0)
            || LONGER(m->birth, 0) || LONGER(m->born, 0) || LONGER(m->moved, 0) || LONGER(m->state, 0)
            || LONGER(m->own, 0) || LONGER(m->heed_ms, 0x7f) || LONGER(m->guid, 0)
            || LONGER(m->told, 0) || LONGER(m->eye, 0xff) || LONGER(m->steer, 0xff)
            || LONGER(m->leg, 0xff) || LONGER(m->values, 0)) return BM_NO_MEMORY;
        had /= 64, wanted /= 64;
        if (LONGER(field->touched, 0) || LONGER(field->followed, 0) || LONGER(field->heeded, 0))
            return BM_NO_MEMORY;
        m->capacity = wanted * 64;
    }
    if (slot >= m->count) m->count = slot + 1;
    return 0;
}

/* Whether nothing can stand there. */
int bm_field_refuse(const int32_t *xyz)
{
    return xyz[0] < -MAP_UNITS || xyz[0] > MAP_UNITS || xyz[1] < -MAP_UNITS || xyz[1] > MAP_UNITS
        || xyz[2] < -HEIGHT_UNITS || xyz[2] > HEIGHT_UNITS;
}

void bm_field_touch(bm_field *field, uint32_t slot)
{
    field->touched[slot / 64] |= UINT64_C(1) << (slot % 64);
}

/* Lets the next step look at who is steered, though nothing touched it. */
void bm_field_heed(bm_field *field, uint32_t slot)
{
    field->heeded[slot / 64] |= UINT64_C(1) << (slot % 64);
}

/* Puts what is there somewhere. */
void bm_field_stand(bm_field *field, uint32_t slot, const int32_t *xyz, uint16_t yaw, uint8_t speed,
                    uint16_t flags)
{
    bm_movers *m = &field->movers;

    if (m->x[slot] == xyz[0] && m->y[slot] == xyz[1] && m->z[slot] == xyz[2] && m->yaw[slot] == yaw
        && m->speed[slot] == speed && m->flags[slot] == flags) return;
    m->x[slot] = xyz[0], m->y[slot] = xyz[1], m->z[slot] = xyz[2];
    m->yaw[slot] = yaw;
    m->speed[slot] = speed;
    m->flags[slot] = flags;
    bm_field_touch(field, slot);
}

int bm_field_put(bm_field *field, uint32_t slot, uint8_t kind, const int32_t *xyz, uint16_t yaw,
                 uint8_t speed, uint16_t flags)
{
    bm_movers *m = &field->movers;
    const bm_steer *steer;
    int code;

    if (kind == 0 || bm_field_refuse(xyz)) return BM_OUT_OF_RANGE;
    if ((code = bm_field_grow(field, slot)) < 0) return code;
    if (!m->kind[slot]) {
        m->birth[slot]++;
        m->born[slot] = field->steps;
        bm_field_touch(field, slot);
    } else {
        bm_walks_end(field, slot);
        if (m->kind[slot] != kind) m->state[slot]++;
    }
    m->kind[slot] = kind;
    steer = bm_field_steer(field, slot);
    if (steer && steer->cid) bm_field_place(field, slot, xyz, yaw, steer->filled_ms);
    bm_field_stand(field, slot, xyz, yaw, speed, flags);
    return 0;
}

int bm_field_drop(bm_field *field, uint32_t slot)
{
    static const int32_t nowhere[3];
    bm_movers *m = &field->movers;

    if (!bm_field_has(field, slot)) return BM_NO_SUCH;
    if (m->eye[slot] >= 0) bm_field_unwatch(field, slot);
    bm_walks_end(field, slot);
    bm_steering_forget(field, slot);
    bm_values_forget(field, slot);
    bm_field_stand(field, slot, nowhere, 0, 0, 0);
    m->kind[slot] = m->epoch[slot] = 0;
    m->input[slot] = 0;
    m->moved[slot] = m->state[slot] = m->own[slot] = 0;
    m->guid[slot] = 0;
    bm_field_touch(field, slot);
    field->followed[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
    return 0;
}

int bm_field_read(const bm_field *field, uint32_t slot, bm_mover *out)
{
    const bm_movers *m = &field->movers;

    if (!bm_field_has(field, slot)) return BM_NO_SUCH;
    *out = (bm_mover){
        .x = m->x[slot], .y = m->y[slot], .z = m->z[slot], .yaw = m->yaw[slot], .flags = m->flags[slot],
        .kind = m->kind[slot], .speed = m->speed[slot], .epoch = m->epoch[slot], .input = m->input[slot],
        .eye = m->eye[slot], .moved = m->moved[slot],
        .cid = m->steer[slot] < 0 ? 0 : field->steers[m->steer[slot]].cid,
    };
    return 0;
}
