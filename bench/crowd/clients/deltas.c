/* Section 1, form 1, acknowledged deltas: docs/bmu1.md section 6. */

#include <math.h>
#include <string.h>

#include "crowd.h"

#define NO_COURSE (-1)
#define DELTA 3                 /* form: see crowd_mismatch */

typedef struct {
    const uint8_t *next, *end;
    uint64_t bits;              /* those that were taken from the bytes, the next one lowest */
    int count, short_of;        /* so many; it was asked for more than there are */
} reader;

/* One, as it stands there.  `steps` of a whole are its place. */
typedef struct {
    int32_t steps[3];
    uint8_t slot, age, keep;
    uint8_t turned, turned_far, changed;        /* there is a turn, a yaw, a motion */
    uint8_t yaw, speed, flags;
} delta;

/* How far along x something goes by heading in a tick at 1/4 yard a second, in 1/65536 of 1/64 yard. */
static int32_t along[256];

/* By the flags forward, backward, strafe left and strafe right. */
static const int16_t courses[16] = {NO_COURSE, 0, 128, NO_COURSE, 64, 32, 96, 64,
                                    192, 224, 160, 192, NO_COURSE, 0, 128, NO_COURSE};

void crowd_deltas_begin(void)
{
    for (int i = 0; i < 256; i++) along[i] = (int32_t)lrint(52428.8 * cos(i * (6.283185307179586 / 256)));
}

static crowd_past *past_of(const crowd *it, uint32_t index, uint32_t slot)
{
    return &it->pasts[(size_t)index * (CROWD_SLOTS + 1) + slot];
}

static uint32_t take(reader *in, int size)
{
    uint32_t value;

    while (in->count < size && in->next < in->end) {
        in->bits |= (uint64_t)*in->next++ << in->count;
        in->count += 8;
    }
    if (in->count < size) {
        in->short_of = 1;
        return 0;
    }
    value = (uint32_t)(in->bits & ((UINT64_C(1) << size) - 1));
    in->bits >>= size;
    in->count -= size;
    return value;
}

static int32_t take_signed(reader *in, int size)
{
    return (int32_t)(take(in, size) << (32 - size)) >> (32 - size);
}

static int32_t take_step(reader *in)
{
    if (!take(in, 1)) return take_signed(in, 5);
    return take_signed(in, take(in, 1) ? 23 : 9);
}

static void take_whole(reader *in, delta *it)
{
    for (int i = 0; i < 3; i++) it->steps[i] = take_signed(in, 22);
    it->yaw = (uint8_t)take(in, 8);
    it->speed = (uint8_t)take(in, 8);
    it->flags = (uint8_t)take(in, 6);
}

static void take_difference(reader *in, delta *it)
{
    int moved = (int)take(in, 1);

    for (int i = 0; i < 3; i++) it->steps[i] = moved ? take_step(in) : 0;
    it->turned = it->turned_far = 0;
    if (take(in, 1)) {
        it->turned_far = (uint8_t)take(in, 1);
        it->turned = !it->turned_far;
        it->yaw = (uint8_t)(it->turned ? take_signed(in, 4) : (int32_t)take(in, 8));
    }
    it->changed = (uint8_t)take(in, 1);
    if (!it->changed) return;
    it->speed = (uint8_t)take(in, 8);
    it->flags = (uint8_t)take(in, 6);
}

/* How many there are, or -1: then nothing has been taken over. */
static int take_deltas(crowd *it, uint32_t index, const uint8_t *p, uint32_t size, delta *deltas)
{
    const crowd_slot *slots = crowd_slots_of(it, index);
    reader in = {.next = p, .end = p + size};
    uint32_t count = take(&in, 8), slot = UINT32_MAX, age = 0;

    for (uint32_t i = 0; i < count && !in.short_of; i++) {
        slot = take(&in, 1) ? take(&in, 8) : slot + 1 + take(&in, 3);
        if (slot >= CROWD_SLOTS) return -1;
        __builtin_prefetch(&slots[slot], 1);
        __builtin_prefetch(past_of(it, index, slot), 1);
        __builtin_prefetch(&past_of(it, index, slot)->kept[2], 1);
        if (take(&in, 1)) age = take(&in, 6);
        deltas[i].slot = (uint8_t)slot;
        deltas[i].age = (uint8_t)age;
        deltas[i].keep = (uint8_t)take(&in, 1);
        age ? take_difference(&in, &deltas[i]) : take_whole(&in, &deltas[i]);
    }
    return in.short_of || in.next != in.end || in.count > 7 || in.bits ? -1 : (int)count;
}

/* Where a difference leads to from its base, or what a whole says. */
static crowd_place_at place_of(const delta *it, const crowd_place_at *base, uint16_t tick)
{
    crowd_place_at at = {it->steps[0], it->steps[1], it->steps[2], tick, it->yaw, it->speed, it->flags, {0}};
    int course;

    if (!base) return at;
    at.x += base->x;
    at.y += base->y;
    at.z += base->z;
    if (!it->turned_far) at.yaw = (uint8_t)(base->yaw + (it->turned ? it->yaw : 0));
    if (!it->changed) {
        at.speed = base->speed;
        at.flags = base->flags;
    }
    course = courses[base->flags & 15];
    if (course != NO_COURSE) {
        int64_t far = base->speed * it->age;
        int heading = base->yaw + course;

        at.x += (int32_t)(far * along[heading & 0xff] >> 16);
        at.y += (int32_t)(far * along[(heading - 64) & 0xff] >> 16);
    }
    return at;
}

/* The place of that tick on which a difference may build, or NULL. */
static const crowd_place_at *based(const crowd_past *past, uint16_t tick)
{
    if (past->based && past->base.tick == tick) return &past->base;
    for (int i = 0; i < past->count; i++)
        if (past->kept[i].tick == tick) return &past->kept[i];
    return NULL;
}

static void keep(crowd_past *past, const crowd_place_at *at)
{
    int oldest = 0;

    for (int i = 0; i < past->count; i++) {
        if (past->kept[i].tick == at->tick) {
            past->kept[i] = *at;
            return;
        }
        if ((int16_t)(past->kept[i].tick - past->kept[oldest].tick) < 0) oldest = i;
    }
    if (past->count < CROWD_KEPT)
        past->kept[past->count++] = *at;
    else if ((int16_t)(at->tick - past->kept[oldest].tick) > 0)
        past->kept[oldest] = *at;
}

/* Takes over one whose base is known, or that needs none. */
static void build(crowd *it, uint32_t index, const delta *one, uint16_t tick, const crowd_place_at *base,
                  int check)
{
    crowd_slot *slot = &crowd_slots_of(it, index)[one->slot];
    crowd_past *past = past_of(it, index, one->slot);
    int same = base ? past->based && past->base.tick == base->tick : !past->based;
    crowd_place_at at = place_of(one, base, tick);

    if ((int16_t)(tick - slot->tick) < 0) {
        it->figures.old_words++;
        if (!same) return;
    } else {
        if (!same) {
            if (base) past->base = *base;       /* before what it may point to is forgotten */
            past->based = base != NULL;
            past->count = 0;
        }
        slot->x = at.x;
        slot->y = at.y;
        slot->z = at.z;
        slot->yaw = at.yaw;
        slot->speed = at.speed;
        slot->flags = at.flags;
        slot->tick = tick;
        crowd_hear(it, slot);
        if (check) crowd_check(it, index, slot, DELTA);
    }
    if (one->keep) keep(past, &at);
}

int crowd_deltas(crowd *it, uint32_t index, uint16_t tick, const uint8_t *p, uint32_t size, int check)
{
    delta deltas[256];
    int count = it->pasts ? take_deltas(it, index, p, size, deltas) : -1;

    for (int i = 0; i < count; i++) {
        const crowd_place_at *base = NULL;

        if (!crowd_slots_of(it, index)[deltas[i].slot].who) {
            it->figures.empty_words++;
            continue;
        }
        if (deltas[i].age) {
            base = based(past_of(it, index, deltas[i].slot), (uint16_t)(tick - deltas[i].age));
            if (!base) {
                it->figures.baseless++;
                continue;
            }
        }
        build(it, index, &deltas[i], tick, base, check);
    }
    if (count > 0) it->figures.deltas += (uint64_t)count;
    return count < 0 ? -1 : 0;
}

void crowd_deltas_entered(crowd *it, uint32_t index, uint32_t number)
{
    const crowd_slot *slot = &crowd_slots_of(it, index)[number];

    if (it->pasts)
        *past_of(it, index, number) = (crowd_past){
            .base = {slot->x, slot->y, slot->z, slot->tick, slot->yaw, slot->speed, slot->flags, {0}},
            .based = 1};
}
