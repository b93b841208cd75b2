/* Snapshots of form 1, docs/bmu1.md section 6: differences to what a client acknowledged.

   bluemarble/wire/deltas.py says the same in Python. */

#include <stdlib.h>
#include <string.h>

#include "feed.h"

#define MOST_BYTES 16           /* of one update; and of what stands before the first */
#define HEAD_BYTES 4            /* kind, form, size */
#define KIND 1

/* How far along x something goes in a tick at a quarter yard a second, in 1/65536 of 1/64 yard, by heading: a
   quarter of the circle, 256 to the turn. */
static const int32_t quarter[65] = {
    52429, 52413, 52366, 52287, 52176, 52035, 51861, 51657, 51421, 51155, 50858, 50530, 50171,
    49783, 49364, 48916, 48438, 47931, 47395, 46831, 46238, 45618, 44970, 44295, 43593, 42865,
    42111, 41332, 40528, 39700, 38847, 37971, 37073, 36152, 35209, 34245, 33260, 32256, 31232,
    30189, 29128, 28049, 26954, 25842, 24715, 23573, 22416, 21246, 20064, 18869, 17663, 16446,
    15219, 13983, 12739, 11487, 10228, 8963, 7693, 6418, 5139, 3857, 2573, 1287, 0,
};

/* Where it goes from where it looks, 256 to the turn, by its lowest four flags; -1: it stays. */
static const int16_t courses[16] = {-1, 0, 128, -1, 64, 32, 96, 64, 192, 224, 160, 192, -1, 0, 128, -1};

void bm_deltas_circle(int32_t *circle)
{
    for (int i = 0; i < 256; i++) {
        int half = i & 127, size = quarter[half < 64 ? half : 128 - half];

        circle[i] = ((i + 64) & 255) < 128 ? size : -size;
    }
}

/* Bits one after another, the first into the lowest bit of the first byte. */
typedef struct {
    uint64_t bits;
    uint32_t count;
    uint8_t *at;
} bm_bits;

static inline void put(bm_bits *it, uint32_t value, uint32_t size)
{
    it->bits |= (uint64_t)value << it->count;
    it->count += size;
    if (it->count < 32) return;
    memcpy(it->at, &it->bits, 4);
    it->at += 4;
    it->bits >>= 32;
    it->count -= 32;
}

static uint8_t *finish(bm_bits *it)
{
    memcpy(it->at, &it->bits, 4);
    return it->at + (it->count + 7) / 8;
}

static inline void put_step(bm_bits *out, int32_t step)
{
    if (step >= -16 && step < 16) put(out, ((uint32_t)step & 0x1f) << 1, 6);
    else if (step >= -256 && step < 256) put(out, ((uint32_t)step & 0x1ff) << 2 | 1, 11);
    else put(out, ((uint32_t)step & 0x7fffff) << 2 | 3, 25);
}

static void put_whole(bm_bits *out, const bm_then *now)
{
    put(out, (uint32_t)now->x & 0x3fffff, 22);
    put(out, (uint32_t)now->y & 0x3fffff, 22);
    put(out, (uint32_t)now->z & 0x3fffff, 22);
    put(out, now->yaw | (uint32_t)now->speed << 8 | (uint32_t)now->flags << 16, 22);
}

static void put_difference(const bm_feed *feed, bm_bits *out, const bm_then *now, const bm_then *base,
                           uint32_t age)
{
    int16_t course = courses[base->flags & 15];
    int32_t dx = now->x - base->x, dy = now->y - base->y, dz = now->z - base->z;
    int turn = (int8_t)(now->yaw - base->yaw);

    if (course >= 0) {
        uint32_t heading = base->yaw + (uint32_t)course;
        int32_t far = (int32_t)(base->speed * age);

        dx -= (far * feed->circle[heading & 255]) >> 16;
        dy -= (far * feed->circle[(heading - 64) & 255]) >> 16;
    }
    put(out, (dx | dy | dz) != 0, 1);
    if (dx | dy | dz) {
        put_step(out, dx);
        put_step(out, dy);
        put_step(out, dz);
    }
    if (!turn) put(out, 0, 1);
    else if (turn >= -8 && turn < 8) put(out, ((uint32_t)turn & 15) << 2 | 1, 6);
    else put(out, (uint32_t)now->yaw << 2 | 3, 10);
    if (now->speed == base->speed && now->flags == base->flags) put(out, 0, 1);
    else put(out, (uint32_t)now->flags << 9 | (uint32_t)now->speed << 1 | 1, 15);
}

/* Looks at what became of the places that may be built on; answers how old the slot's base is, 0: none. */
static uint32_t base_age(const bm_reader *reader, bm_base *it, uint32_t tick)
{
    uint8_t age, best = BM_AGE_MOST + 1;

    for (int i = 0; i < BM_KEPT_MOST; i++) {
        int fate;

        if (!(it->state >> i & 1)) continue;
        age = (uint8_t)(tick - it->kept[i]);
        fate = age > BM_AGE_MOST ? -1 : bm_reader_verdict(reader, tick, it->kept[i]);
        if (fate > 0 && age < best) best = age;
        if (fate < 0) it->state &= (uint8_t)~(1 << i);
    }
    if (best <= BM_AGE_MOST) {
        it->base = (uint8_t)(tick - best);
        it->state = BM_BASED;
    }
    if (!(it->state & BM_AWAITED)) it->state &= BM_BASED;
    age = (uint8_t)(tick - it->base);
    if (it->state & BM_BASED && age > BM_AGE_MOST) it->state = 0;
    return it->state & BM_BASED ? age : 0;
}

/* Bases are known by the low bits of ticks: one that grows too old to be meant is forgotten in time. */
void bm_deltas_age(bm_reader *reader, uint32_t tick)
{
    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++)
        for (uint32_t i = 0; reader->banks[q] && i < BM_BANK_SLOTS; i++)
            base_age(reader, &reader->banks[q]->bases[i], tick);
}

static inline bm_base *base_of(const bm_serving *it, uint32_t slot)
{
    return &bm_bank_of(it->reader, slot)->bases[slot % BM_BANK_SLOTS];
}

/* Whether what follows may build on this place. */
static uint32_t mark(bm_base *it, uint32_t tick)
{
    uint32_t count = it->state >> BM_MARKED_SHIFT & 7;

    if (count == BM_KEPT_MOST) return 0;
    it->kept[count] = (uint8_t)tick;
    it->state = (uint8_t)(it->state + (1 << BM_MARKED_SHIFT)) | (uint8_t)(1 << count);
    return 1;
}

/* What has the places of those that are written, asked for in advance. */
static void look_up(bm_serving *it, const uint8_t *slots, uint8_t *ages)
{
    for (uint32_t i = 0; i < it->count; i++) {
        uint32_t mover = it->eye->mover[slots[i]];

        ages[i] = (uint8_t)base_age(it->reader, base_of(it, slots[i]), it->tick);
        __builtin_prefetch(&it->feed->now[mover]);
        if (ages[i]) bm_history_fetch(it->feed, mover, it->tick - ages[i]);
    }
}

static void write_one(bm_serving *it, bm_bits *out, uint32_t slot, uint32_t age)
{
    uint32_t mover = it->eye->mover[slot];
    const bm_then *now = &it->feed->now[mover];
    bm_bank *bank = bm_bank_of(it->reader, slot);

    put(out, mark(base_of(it, slot), it->tick), 1);
    if (age) put_difference(it->feed, out, now, bm_history_then(it->feed, mover, it->tick - age), age);
    else put_whole(out, now);
    bank->signs[slot % BM_BANK_SLOTS] = it->feed->signs[mover];
    bank->when[slot % BM_BANK_SLOTS] = (uint8_t)it->tick;
}

/* Answers how many of `slots` it wrote; `size`: how many bytes. */
static uint32_t write_all(bm_serving *it, uint8_t *out, uint32_t room, const uint8_t *slots, uint32_t *size)
{
    bm_bits bits = {.at = out + HEAD_BYTES};
    uint8_t ages[BM_EYE_SLOTS];
    uint32_t next = 0, last_age = 0, i = 0;

    look_up(it, slots, ages);
    put(&bits, 0, 8);
    for (; i < it->count && (uint32_t)(bits.at - out) + (bits.count + 7) / 8 + MOST_BYTES <= room; i++) {
        uint32_t slot = slots[i], gap = slot - next;

        if (gap < 8) put(&bits, gap << 1, 4);
        else put(&bits, slot << 1 | 1, 9);
        if (ages[i] == last_age) put(&bits, 0, 1);
        else put(&bits, (uint32_t)ages[i] << 1 | 1, 7);
        write_one(it, &bits, slot, ages[i]);
        next = slot + 1;
        last_age = ages[i];
    }
    *size = (uint32_t)(finish(&bits) - out);
    return i;
}

uint32_t bm_deltas_write(bm_serving *it, uint8_t *out, uint32_t room)
{
    uint8_t slots[BM_EYE_SLOTS];
    uint32_t size, count, nears = 0;

    bm_candidates(it, slots, HEAD_BYTES + MOST_BYTES * (it->count + 1) > room);
    count = write_all(it, out, room, slots, &size);
    if (count < it->count) bm_candidates_cut(it, slots, count);
    if (!count) return 0;
    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++) {
        if (!it->said[q]) continue;
        it->reader->banks[q]->settled &= ~it->said[q];
        it->reader->banks[q]->exact |= it->said[q];
        for (uint64_t bits = it->near[q] & it->said[q]; bits; bits &= bits - 1) nears++;
    }
    out[0] = KIND, out[1] = BM_FEED_DELTAS;
    out[2] = (uint8_t)(size - HEAD_BYTES), out[3] = (uint8_t)((size - HEAD_BYTES) >> 8);
    out[HEAD_BYTES] = (uint8_t)count;
    it->counts[BM_FED_NEAR] += nears;
    it->counts[BM_FED_FAR] += count - nears;
    it->counts[BM_FED_SNAPSHOT_BYTES] += size;
    return size;
}
