/* Section 1, snapshots: docs/bmu1.md section 6; and whether what they say is true. */

#include <stdlib.h>
#include <string.h>

#include "crowd.h"

#define NEAR_BYTES 7
#define FAR_BYTES 9

enum { NEAR, FAR, ENTERED, DELTA };

/* The value nearest `known` whose low `bits` bits are `word`'s; of two equally near, the lower. */
static int32_t unwrap(int32_t known, uint32_t word, int bits)
{
    uint32_t ahead = (word - (uint32_t)known) << (32 - bits);

    return known + (int32_t)ahead / (1 << (32 - bits));
}

static void take_near(crowd_slot *slot, const uint8_t *p)
{
    uint64_t word = crowd_u32(p) | (uint64_t)crowd_u16(p + 4) << 32;

    slot->x = unwrap(slot->x >> 1, word & 0x3fff, 14) * 2;
    slot->y = unwrap(slot->y >> 1, word >> 14 & 0x3fff, 14) * 2;
    slot->z = unwrap(slot->z >> 1, word >> 28 & 0xfff, 12) * 2;
    slot->yaw = (uint8_t)(word >> 40);
}

static void take_far(crowd_slot *slot, const uint8_t *p)
{
    uint64_t word = crowd_u64(p);

    slot->x = unwrap(slot->x, word & 0x7fff, 15);
    slot->y = unwrap(slot->y, word >> 15 & 0x7fff, 15);
    slot->z = unwrap(slot->z, word >> 30 & 0x3fff, 14);
    slot->yaw = (uint8_t)(word >> 44);
    slot->speed = word >> 52 & 0x3f;
    slot->flags = (uint8_t)(word >> 58);
}

static void take_words(crowd *it, uint32_t index, uint16_t tick, const uint8_t *p, uint32_t count,
                       uint8_t form, int check)
{
    crowd_slot *slots = crowd_slots_of(it, index);
    uint32_t step = form == NEAR ? NEAR_BYTES : FAR_BYTES;

    for (uint32_t i = 0; i < count; i++, p += step) {
        crowd_slot *slot = &slots[p[0]];

        if (!slot->who || p[0] == CROWD_SLOTS) {
            it->figures.empty_words++;
            continue;
        }
        if ((int16_t)(tick - slot->tick) < 0) {
            it->figures.old_words++;
            continue;
        }
        slot->tick = tick;
        form == NEAR ? take_near(slot, p + 1) : take_far(slot, p + 1);
        crowd_hear(it, slot);
        if (check) crowd_check(it, index, slot, form);
    }
}

int crowd_snapshot(crowd *it, uint32_t index, uint16_t tick, const uint8_t *p, uint32_t size, int check)
{
    const crowd_slot *slots = crowd_slots_of(it, index);
    const uint8_t *words;
    uint32_t near, far, bytes;

    if (size < 3 || p[0] > 1) return -1;
    if (p[0] == 1) {
        bytes = 3 + crowd_u16(p + 1);
        if (size < bytes || crowd_deltas(it, index, tick, p + 3, bytes - 3, check) < 0) return -1;
        it->figures.snapshots++;
        it->figures.snapshot_bytes += bytes;
        return (int)bytes;
    }
    near = p[1];
    far = p[2];
    bytes = 3 + near * NEAR_BYTES + far * FAR_BYTES;
    if (size < bytes) return -1;
    for (uint32_t i = 0; i < near; i++) __builtin_prefetch(&slots[p[3 + i * NEAR_BYTES]], 1);
    words = p + 3 + near * NEAR_BYTES;
    for (uint32_t i = 0; i < far; i++) __builtin_prefetch(&slots[words[i * FAR_BYTES]], 1);
    it->figures.snapshots++;
    it->figures.snapshot_bytes += bytes;
    it->figures.near_words += near;
    it->figures.far_words += far;
    take_words(it, index, tick, p + 3, near, NEAR, check);
    take_words(it, index, tick, words, far, FAR, check);
    return (int)bytes;
}

static int64_t apart(const crowd_slot *slot, const crowd_input *input)
{
    return llabs((int64_t)slot->x - input->x) + llabs((int64_t)slot->y - input->y)
           + llabs((int64_t)slot->z - input->z);
}

/* Whether the slot says exactly this, as far as its form can. */
static int agrees(const crowd_slot *slot, const crowd_input *input, uint8_t form)
{
    int bits = form == NEAR ? 1 : 0;    /* near words are in 1/32 */

    return slot->x >> bits == input->x >> bits && slot->y >> bits == input->y >> bits
           && slot->z >> bits == input->z >> bits;
}

void crowd_check(crowd *it, uint32_t observer, const crowd_slot *slot, uint8_t form)
{
    const crowd_client *shown;
    const crowd_input *nearest;

    if (slot->who == CROWD_NOBODY) return;
    shown = &it->clients[slot->who - 1];
    nearest = &shown->placed;
    it->figures.checked++;
    if (agrees(slot, nearest, form)) return;
    for (uint32_t i = 0; i < CROWD_INPUTS; i++) {
        const crowd_input *input = &shown->inputs[(uint16_t)(shown->input - i) % CROWD_INPUTS];

        if (agrees(slot, input, form)) return;
        if (apart(slot, input) < apart(slot, nearest)) nearest = input;
    }
    if (it->figures.mismatched < CROWD_MISMATCHES)
        it->figures.mismatches[it->figures.mismatched] = (crowd_mismatch){
            observer, slot->who - 1u, slot->tick, form, slot->x, slot->y, slot->z,
            nearest->x, nearest->y, nearest->z};
    it->figures.mismatched++;
}
