/* Section 9, state: docs/bmu1.md section 7. */

#include <string.h>

#include "crowd.h"

#define GONE 0
#define ENTER 1
#define SELF 16
#define ENTER_BYTES 26          /* before the look */
#define SELF_BYTES 27

enum { ENTERED_FORM = 2 };

int crowd_varint(const uint8_t *p, uint32_t size, uint32_t *value)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < 5 && i < size; i++) {
        sum |= (uint64_t)(p[i] & 0x7f) << 7 * i;
        if (p[i] & 0x80) continue;
        *value = (uint32_t)sum;
        return sum > 0xffffffffu ? -1 : (int)i + 1;
    }
    return -1;
}

/* Whether this version of ENTER and GONE is older than what is known. */
static int older(const crowd_slot *slot, uint8_t version)
{
    return slot->known && (uint8_t)(version - slot->version) >= 128;
}

/* The same one again is the same thing, and where it is may be new. */
static void take_enter(crowd *it, uint32_t index, crowd_slot *slot, uint8_t version, const uint8_t *p)
{
    uint64_t who = crowd_u64(p) - it->first_guid;
    uint16_t tick = (uint16_t)crowd_u16(p + 24);
    int again = slot->known && slot->version == version;

    if (again && (!slot->who || (int16_t)(tick - slot->tick) < 0)) return;
    if (!again) slot->who = who < it->count ? (uint16_t)(who + 1) : CROWD_NOBODY;
    slot->x = (int32_t)crowd_u32(p + 9);
    slot->y = (int32_t)crowd_u32(p + 13);
    slot->z = (int32_t)crowd_u32(p + 17);
    slot->yaw = p[21];
    slot->speed = p[22];
    slot->flags = p[23];
    slot->tick = tick;
    it->figures.enters += !again;
    crowd_deltas_entered(it, index, (uint32_t)(slot - crowd_slots_of(it, index)));
    crowd_hear(it, slot);
    crowd_check(it, index, slot, ENTERED_FORM);
}

static int take_self(crowd *it, uint32_t index, uint16_t tick, const uint8_t *p, uint32_t size)
{
    crowd_client *client = &it->clients[index];
    int32_t x, y, z;

    if (size != SELF_BYTES) return -1;
    it->figures.selves++;
    if (client->told && (int16_t)(tick - client->self_tick) < 0) return 0;
    client->told = client->settled = 1;
    client->self_tick = tick;
    if (p[0] == client->epoch) return 0;
    client->epoch = p[0];
    x = (int32_t)crowd_u32(p + 3);
    y = (int32_t)crowd_u32(p + 7);
    z = (int32_t)crowd_u32(p + 11);
    if (x == client->placed.x && y == client->placed.y && z == client->placed.z) return 0;
    it->figures.corrections++;
    crowd_place(it, index, x, y, z, (uint16_t)crowd_u16(p + 15));
    return 0;
}

static int take_component(crowd *it, uint32_t index, uint16_t tick, const uint8_t *p, const uint8_t *value,
                          uint32_t size)
{
    crowd_slot *slot = &crowd_slots_of(it, index)[p[0]];

    if (p[0] == CROWD_SLOTS) {
        if (p[1] == SELF) return take_self(it, index, tick, value, size);
        it->figures.components++;
        return 0;
    }
    if (p[1] > ENTER) {
        it->figures.components++;
        return 0;
    }
    if (p[1] == GONE ? size != 0 : size < ENTER_BYTES) return -1;
    if (older(slot, p[2])) return 0;
    if (p[1] == ENTER)
        take_enter(it, index, slot, p[2], value);
    else {
        slot->who = 0;
        it->figures.gones++;
    }
    slot->known = 1;
    slot->version = p[2];
    return 0;
}

int crowd_state(crowd *it, uint32_t index, uint16_t tick, const uint8_t *p, uint32_t size)
{
    uint32_t at = 1, value_bytes = 0;
    int read;

    if (size < 1) return -1;
    it->figures.states++;
    for (uint32_t left = p[0]; left; left--) {
        if (size < at + 3 || (read = crowd_varint(p + at + 3, size - at - 3, &value_bytes)) < 0) return -1;
        if (value_bytes > size - at - 3 - (uint32_t)read) return -1;
        if (take_component(it, index, tick, p + at, p + at + 3 + read, value_bytes) < 0) return -1;
        at += 3 + (uint32_t)read + value_bytes;
    }
    return (int)at;
}
