/* The snapshot section, docs/bmu1.md section 6, and who goes first when there is no room for all. */

#include <string.h>

#include "feed.h"

#define HEAD_BYTES 4            /* kind, form, near, far */
#define KIND 1
#define PRESSING 180            /* sums of accumulators that go first, and */
#define WAITING 120             /* those that go next */

static int tier(uint8_t sum) { return sum >= PRESSING ? 0 : sum >= WAITING ? 1 : 2; }

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
            if (tier(it->sums[slot]) == wanted) ordered[count++] = slot;
        }
    memcpy(slots, ordered, count);
}

void bm_candidates(const bm_serving *it, uint8_t *slots, int pressing)
{
    uint32_t count = 0;

    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++)
        for (uint64_t bits = it->said[q]; bits; bits &= bits - 1)
            slots[count++] = (uint8_t)(q * 64 + (uint32_t)__builtin_ctzll(bits));
    if (pressing) order(it, slots);
}

/* They stay due, and their clients may not have what they would say. */
void bm_candidates_cut(bm_serving *it, const uint8_t *slots, uint32_t count)
{
    for (uint32_t i = count; i < it->count; i++) {
        bm_bank *bank = bm_bank_of(it->reader, slots[i]);

        bank->signs[slots[i] % BM_BANK_SLOTS] &= BM_NEWS;
        bank->acc[slots[i] % BM_BANK_SLOTS] = it->sums[slots[i]];
        bm_bit_clear(it->said, slots[i]);
    }
    if (count < it->count) it->reader->cursor = slots[count];
    it->counts[BM_FED_DEFERRED] += it->count - count;
    it->count = count;
}

void bm_snapshot_put_off(bm_serving *it)
{
    uint8_t slots[BM_EYE_SLOTS];

    bm_candidates(it, slots, 1);
    bm_candidates_cut(it, slots, 0);
}

/* Keeps as many candidates as there is room for. */
static void choose(bm_serving *it, uint32_t room)
{
    uint8_t slots[BM_EYE_SLOTS];
    uint32_t count = 0, bytes = 0;

    bm_candidates(it, slots, 1);
    for (; count < it->count; count++) {
        uint32_t more = bm_bit(it->near, slots[count]) ? BM_NEAR_BYTES : BM_FAR_BYTES;
        if (bytes + more > room) break;
        bytes += more;
    }
    bm_candidates_cut(it, slots, count);
    it->word_bytes = bytes;
}

/* Both kinds of words are stored and one of them counts: which it is cannot be predicted. */
static uint32_t write_words(const bm_serving *it, uint8_t *out, uint8_t *far)
{
    const bm_word *words = it->feed->words;
    const bm_sign *signs = it->feed->signs;
    uint8_t *near_at = out, *far_at = far;

    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++) {
        const uint32_t *movers = it->eye->mover + q * BM_BANK_SLOTS;
        bm_bank *bank = it->reader->banks[q];

        for (uint64_t bits = it->said[q]; bits; bits &= bits - 1) {
            uint32_t i = (uint32_t)__builtin_ctzll(bits), is_near = (it->near[q] & bits & -bits) != 0;
            const bm_word *word = &words[movers[i]];

            *near_at = *far_at = (uint8_t)(q * BM_BANK_SLOTS + i);
            memcpy(near_at + 1, &word->near, 8);     /* two bytes too many, which the next word covers */
            memcpy(far_at + 1, &word->far, 8);
            near_at += is_near * BM_NEAR_BYTES;
            far_at += (1 - is_near) * BM_FAR_BYTES;
            bank->signs[i] = signs[movers[i]];
            bank->when[i] = (uint8_t)it->tick;
        }
    }
    memcpy(near_at, far, (size_t)(far_at - far));
    return (uint32_t)(near_at - out) / BM_NEAR_BYTES;
}

/* Notes what was told beside the words' signs. */
static void note(bm_serving *it)
{
    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++) {
        bm_bank *bank = it->reader->banks[q];

        if (!it->said[q]) continue;
        bank->settled &= ~it->said[q];
        bank->exact = (bank->exact & ~it->said[q]) | (it->said[q] & ~it->near[q]);
        for (uint64_t bits = it->probes[q] & it->said[q]; bits; bits &= bits - 1) {
            uint32_t i = (uint32_t)__builtin_ctzll(bits);
            bank->told[i].leg = it->feed->marks[it->eye->mover[q * BM_BANK_SLOTS + i]].leg;
            bank->told[i].probe = (uint8_t)it->tick;
        }
    }
}

uint32_t bm_snapshot_write(bm_serving *it, uint8_t *out, uint32_t room)
{
    uint8_t far[BM_EYE_SLOTS * BM_FAR_BYTES + 8];
    uint32_t nears;

    if (it->count && it->reader->form == BM_FEED_DELTAS) return bm_deltas_write(it, out, room);
    if (it->count && HEAD_BYTES + it->word_bytes > room)
        choose(it, room > HEAD_BYTES ? room - HEAD_BYTES : 0);
    if (!it->count) return 0;
    nears = write_words(it, out + HEAD_BYTES, far);
    note(it);
    out[0] = KIND, out[1] = BM_FEED_WORDS, out[2] = (uint8_t)nears, out[3] = (uint8_t)(it->count - nears);
    it->counts[BM_FED_NEAR] += nears;
    it->counts[BM_FED_FAR] += it->count - nears;
    it->counts[BM_FED_SNAPSHOT_BYTES] += HEAD_BYTES + it->word_bytes;
    return HEAD_BYTES + it->word_bytes;
}
