/* The snapshot section, docs/bmu1.md section 6, and who goes first when there is no room for all. */

#include <string.h>

#include "feed.h"

#define HEAD_BYTES 4            /* kind, form, near, far */
#define KIND 1
#define PRESSING 180            /* accumulators that go first, and */
#define WAITING 120             /* those that go next */

static int tier(uint8_t acc) { return acc >= PRESSING ? 0 : acc >= WAITING ? 1 : 2; }

/* The candidates, ascending. */
static void list(const bm_serving *it, uint8_t *slots)
{
    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++)
        for (uint64_t bits = it->due[q]; bits; bits &= bits - 1)
            *slots++ = (uint8_t)(q * 64 + (uint32_t)__builtin_ctzll(bits));
}

/* Puts the candidates into the order in which they are served: those that waited longest first, and among
   equals from where the last round ended. */
static void order(const bm_serving *it, uint8_t *slots)
{
    uint8_t ordered[BM_EYE_SLOTS];
    uint32_t count = 0, first = 0;

    while (first < it->count && slots[first] < it->reader->cursor) first++;
    for (int wanted = 0; wanted < 3; wanted++)
        for (uint32_t i = 0; i < it->count; i++) {
            uint8_t slot = slots[(first + i) % it->count];
            if (tier(it->reader->acc[slot]) == wanted) ordered[count++] = slot;
        }
    memcpy(slots, ordered, count);
}

/* Keeps as many candidates as there is room for; the rest stay due. */
static void choose(bm_serving *it, uint8_t *slots, uint32_t room)
{
    uint32_t count = 0, bytes = 0;

    order(it, slots);
    for (; count < it->count; count++) {
        uint32_t more = bm_bit(it->near, slots[count]) ? BM_NEAR_BYTES : BM_FAR_BYTES;
        if (bytes + more > room) break;
        bytes += more;
    }
    it->counts[BM_FED_DEFERRED] += it->count - count;
    it->reader->cursor = slots[count];
    it->count = count;
    it->word_bytes = bytes;
}

/* The slot is told now; its accumulator begins again. */
static void tell(bm_serving *it, uint32_t slot, const bm_word *word, bm_mark mark)
{
    bm_reader *reader = it->reader;
    bm_told *told = &reader->told[slot];

    if (told->leg == told->sure && mark.leg != told->sure) {
        told->leg = mark.leg;
        told->probe = (uint8_t)it->tick;
    }
    told->stamp = (uint8_t)(word->near >> 48);
    told->tick = (uint8_t)it->tick;
    bm_bit_clear(reader->settled, slot);
    reader->acc[slot] = (uint8_t)(reader->acc[slot] % BM_FEED_DUE);
}

uint32_t bm_snapshot_write(bm_serving *it, uint8_t *out, uint32_t room)
{
    uint8_t slots[BM_EYE_SLOTS], far[BM_EYE_SLOTS * BM_FAR_BYTES + 8];
    uint8_t *near_at = out + HEAD_BYTES, *far_at = far;
    uint32_t nears = 0;

    list(it, slots);
    if (it->count && HEAD_BYTES + it->word_bytes > room)
        choose(it, slots, room > HEAD_BYTES ? room - HEAD_BYTES : 0);
    if (!it->count) return 0;
    for (uint32_t i = 0; i < it->count; i++) {
        uint32_t slot = slots[i], mover = it->eye->mover[slot];
        bm_word word = it->feed->words[mover];
        int near = bm_bit(it->near, slot);

        if (near) {
            *near_at = (uint8_t)slot;
            memcpy(near_at + 1, &word.near, 8);         /* two bytes too many: the next word covers them */
            near_at += BM_NEAR_BYTES;
            nears++;
        } else {
            *far_at = (uint8_t)slot;
            memcpy(far_at + 1, &word.far, 8);
            far_at += BM_FAR_BYTES;
        }
        tell(it, slot, &word, it->feed->marks[mover]);
        near ? bm_bit_clear(it->reader->exact, slot) : bm_bit_set(it->reader->exact, slot);
    }
    memcpy(near_at, far, (size_t)(far_at - far));
    out[0] = KIND, out[1] = BM_FEED_WORDS, out[2] = (uint8_t)nears, out[3] = (uint8_t)(it->count - nears);
    it->counts[BM_FED_NEAR] += nears;
    it->counts[BM_FED_FAR] += it->count - nears;
    it->counts[BM_FED_SNAPSHOT_BYTES] += HEAD_BYTES + it->word_bytes;
    return HEAD_BYTES + it->word_bytes;
}
