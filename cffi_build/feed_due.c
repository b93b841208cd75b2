/* Which of a reader's slots are due, and which of those have something to say. */

#include <stdlib.h>
#include <string.h>

#include "feed.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define LOOK 1

/* A number of 0 to 59 that differs between slots, eyes and times: where a new slot's accumulator begins. */
static uint8_t phase(uint32_t cid, uint32_t slot, uint32_t tick)
{
    uint32_t v = cid * 0x9e3779b1u ^ (slot + 1) * 0x85ebca6bu ^ tick * 0xc2b2ae35u;

    v = (v ^ v >> 15) * 0x2c1b3c6du;
    return (uint8_t)(((v >> 16) * BM_FEED_DUE) >> 16);
}

/* A column of a reader's slots: some of it is looked at in each turn, the rest seldom. */
static void *column(uint8_t **block, uint32_t count, size_t width, const void *had, uint32_t had_count)
{
    uint8_t *at = *block;

    *block += count * width;
    if (had_count) memcpy(at, had, had_count * width);
    return at;
}

#define COLUMN(it) (reader->it = column(&at, wanted, sizeof *old.it, old.it, had))

/* Makes room for slots up to and with `slot`. */
static int grow(bm_reader *reader, uint32_t slot)
{
    uint32_t had = reader->capacity, wanted = (slot / BM_READER_BANK + 1) * BM_READER_BANK;
    uint8_t *block = aligned_alloc(64, wanted * BM_SLOT_BYTES(reader->form)), *at = block;
    bm_reader old = *reader;

    if (!block) return BM_NO_MEMORY;
    memset(block, 0, wanted * BM_SLOT_BYTES(reader->form));
    COLUMN(acc), COLUMN(when), COLUMN(signs), COLUMN(known), COLUMN(told);
    if (reader->form == BM_FEED_DELTAS) COLUMN(bases);
    free(old.acc);
    reader->capacity = (uint16_t)wanted;
    return 0;
}

bm_reader *bm_reader_new(uint32_t form)
{
    bm_reader *reader = aligned_alloc(64, sizeof *reader);

    if (!reader) return NULL;
    memset(reader, 0, sizeof *reader);
    reader->form = (uint8_t)form;
    if (grow(reader, 0) == 0) return reader;
    free(reader);
    return NULL;
}

void bm_reader_free(bm_reader *reader)
{
    if (reader) free(reader->acc);
    free(reader);
}

/* What was in these slots has left: GONE is owed where the client was told that it was there. */
static void leave(bm_reader *reader, uint32_t q, uint64_t left)
{
    reader->occupied[q] &= ~left, reader->enter[q] &= ~left, reader->entered[q] &= ~left;
    reader->owing[q] &= ~left;
    for (; left; left &= left - 1) {
        uint32_t slot = q * 64 + (uint32_t)__builtin_ctzll(left);

        reader->acc[slot] = 0;
        if (!(reader->told[slot].version & 1)) continue;
        reader->told[slot].version++;
        bm_bit_set(reader->gone, slot);
        bm_bit_set(reader->leaving, slot);
    }
}

/* Takes over who came into the eye's slots and who left them; `anew`: so long after the last time that
   somebody may have left and another come in between. */
int bm_due_follow(bm_serving *it, int anew)
{
    bm_reader *reader = it->reader;

    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++) {
        uint64_t now = it->eye->occupied[q], left = reader->occupied[q], fresh;

        if (now == left && !anew) continue;
        if (!anew) left &= ~now;
        leave(reader, q, left);
        fresh = now & ~reader->occupied[q];
        if (!fresh) continue;
        if (q * 64 >= reader->capacity && grow(reader, q * 64) < 0) return BM_NO_MEMORY;
        reader->occupied[q] |= fresh;
        reader->enter[q] |= fresh;
        for (; fresh; fresh &= fresh - 1) {
            uint32_t slot = q * 64 + (uint32_t)__builtin_ctzll(fresh);
            reader->acc[slot] = phase(reader->cid, slot, it->tick);
        }
    }
    return 0;
}

/* One bit of each of 64 bytes that are 0 or 255. */
static inline uint64_t packed(const uint8_t *flags)
{
    uint64_t bits = 0;

#ifdef __SSE2__
    for (int i = 0; i < 4; i++) {
        __m128i some = _mm_loadu_si128((const __m128i *)(flags + 16 * i));

        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(some) << 16 * i;
    }
#else
    for (int i = 0; i < 8; i++) {
        uint64_t eight;

        memcpy(&eight, flags + 8 * i, 8);
        eight &= UINT64_C(0x0101010101010101);
        bits |= (eight * UINT64_C(0x0102040810204080) >> 56) << 8 * i;
    }
#endif
    return bits;
}

/* How often paces are added: bits that one is multiplied by, once or twice. */
typedef struct {
    uint8_t slow, slow_again, quick_again;
} bm_times;

static uint8_t less(uint8_t a, uint8_t b) { return a < b ? a : b; }

/* What is so of 64 slots: bytes that are 0 or 255. */
typedef struct {
    uint8_t due[64], quickest[64], near[64];
} bm_flags;

/* 64 accumulators: what they come to is `sums`; where that is due, they begin again with what is over. */
BM_CLONES static void add_paces(uint8_t *restrict acc, const uint8_t *restrict pace, bm_times times,
                                uint8_t *restrict sums, bm_flags *restrict flags)
{
    for (int i = 0; i < 64; i++) {
        uint8_t had = acc[i], often = pace[i], quick = (uint8_t)(often + (often & times.quick_again));
        uint8_t slow = (uint8_t)((often & times.slow) + (often & times.slow_again));
        uint8_t sum = (uint8_t)(had + (often >= BM_FEED_DUE ? quick : slow));

        sum = sum < had ? 255 : sum;
        sums[i] = sum;
        flags->due[i] = sum >= BM_FEED_DUE ? 255 : 0;
        flags->quickest[i] = often >= BM_FEED_DUE ? 255 : 0;
        flags->near[i] = often >= BM_FEED_NEAR ? 255 : 0;
        for (int j = 0; j < 255 / BM_FEED_DUE; j++) sum = less(sum, (uint8_t)(sum - BM_FEED_DUE));
        acc[i] = sum;
    }
}

void bm_due_accumulate(bm_serving *it, uint32_t slow, uint32_t quick)
{
    bm_reader *reader = it->reader;
    bm_times times = {.slow = slow ? 255 : 0, .slow_again = slow > 1 ? 255 : 0,
                      .quick_again = quick > 1 ? 255 : 0};
    uint64_t any_quick = 0;

    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++) {
        bm_flags flags;

        it->due[q] = it->said[q] = it->near[q] = it->probes[q] = it->quickest[q] = 0;
        if (!reader->occupied[q]) continue;
        add_paces(reader->acc + q * 64, it->eye->pace + q * 64, times, it->sums + q * 64, &flags);
        it->quickest[q] = packed(flags.quickest) & reader->occupied[q];
        it->near[q] = packed(flags.near);
        it->due[q] = packed(flags.due) & reader->entered[q];
        any_quick |= it->quickest[q];
    }
    reader->quick = any_quick != 0;
}

void bm_due_put_off(bm_serving *it, uint32_t q, uint64_t bits)
{
    for (; bits; bits &= bits - 1) {
        uint32_t slot = q * 64 + (uint32_t)__builtin_ctzll(bits);

        it->reader->acc[slot] = it->sums[slot];
    }
}

/* Something of the mover's state changed: what of it is to be sent? */
static void notice(bm_serving *it, uint32_t slot, uint32_t mover)
{
    bm_reader *reader = it->reader;
    uint16_t state = (uint16_t)it->movers->state[mover], seen = reader->told[slot].state;
    int found = 0, look = 0;

    for (const bm_value *value = it->movers->values[mover]; value; value = value->next) {
        if ((uint16_t)(value->since - seen - 1u) >= (uint16_t)(state - seen)) continue;
        found = 1;
        if (value->number == LOOK) look = 1;
        else bm_bit_set(reader->owing, slot);
    }
    reader->told[slot].state = state;
    if (found && !look) return;
    bm_bit_clear(reader->entered, slot);        /* it looks otherwise, or is called otherwise */
    bm_bit_set(reader->enter, slot);
}

enum { SILENT, SPEAKS, REPEATS };

/* Whether a due slot has something to say, when that is not plain. */
__attribute__((noinline)) static int speaks(bm_serving *it, uint32_t slot)
{
    bm_reader *reader = it->reader;
    bm_told *told = &reader->told[slot];
    uint32_t mover = it->eye->mover[slot], sign = it->feed->signs[mover], had = reader->signs[slot];
    uint8_t leg = it->feed->marks[mover].leg;
    int fate, speaks = SPEAKS;

    if ((sign ^ had) & BM_NEWS) {
        if (bm_slot_stale(it, slot)) return SILENT;
        reader->signs[slot] = (bm_sign)((sign & BM_NEWS) | (had & BM_STAMP));
        if ((uint16_t)it->movers->state[mover] != told->state) notice(it, slot, mover);
        if (!bm_bit(reader->entered, slot)) return SILENT;
        if (leg != told->sure && reader->form != BM_FEED_DELTAS) bm_bit_set(reader->apart, slot);
    }
    if (bm_bit(reader->apart, slot) && told->leg != told->sure
        && (fate = bm_reader_verdict(reader, it->tick, told->probe)) != 0) {
        if (fate > 0) told->sure = told->leg;
        else told->leg = told->sure;
    }
    if (!((sign ^ had) & BM_STAMP)) {
        if (bm_bit(reader->settled, slot)) return SILENT;
        fate = bm_reader_verdict(reader, it->tick, reader->when[slot]);
        if (fate > 0 && bm_bit(reader->exact, slot)) {
            bm_bit_set(reader->settled, slot);
            if (bm_bit(reader->apart, slot)) told->sure = told->leg = leg;  /* it has not moved since */
            bm_bit_clear(reader->apart, slot);
        }
        if (fate == 0 || bm_bit(reader->settled, slot)) return SILENT;
        speaks = REPEATS;       /* as a far word: where something stands is to be known exactly */
    }
    if (!bm_bit(reader->apart, slot)) return speaks;
    if (leg == told->sure && told->leg == told->sure) bm_bit_clear(reader->apart, slot);
    else if ((uint8_t)(leg - told->sure) >= 2) {
        bm_bit_clear(reader->entered, slot);    /* so far that a word might be taken wrongly */
        bm_bit_set(reader->enter, slot);
        return SILENT;
    } else if (leg != told->sure && told->leg == told->sure) bm_bit_set(it->probes, slot);
    return speaks;
}

/* Of a word's due slots, those whose movers moved since they were told, and those of which something else
   changed. */
typedef struct {
    uint64_t moved, news;
} bm_changes;

static inline bm_changes compare(const bm_serving *it, uint32_t q, uint64_t due)
{
    const uint32_t *movers = it->eye->mover + q * 64;
    const bm_sign *signs = it->feed->signs, *had = it->reader->signs + q * 64;
    const bm_word *words = it->feed->words;
    bm_changes found = {0, 0};

    for (; due; due &= due - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(due), differs = signs[movers[i]] ^ (uint32_t)had[i];

        __builtin_prefetch(&words[movers[i]]);      /* most of them are written */
        found.moved |= (uint64_t)((differs & BM_STAMP) != 0) << i;
        found.news |= (uint64_t)((differs & BM_NEWS) != 0) << i;
    }
    return found;
}

/* Finds those that have something to say among the due slots of one word. */
BM_CLONES void bm_due_gather(bm_serving *it, uint32_t q, uint64_t due)
{
    const bm_reader *reader = it->reader;
    bm_changes found = compare(it, q, due);
    uint64_t special = found.news | (reader->apart[q] & due) | (due & ~found.moved & ~reader->settled[q]);
    uint64_t said = found.moved & ~special;
    uint32_t speakers, nears;

    for (uint64_t bits = special; bits; bits &= bits - 1)
        __builtin_prefetch(&reader->told[q * 64 + (uint32_t)__builtin_ctzll(bits)], 1);
    for (; special; special &= special - 1) {
        int how = speaks(it, q * 64 + (uint32_t)__builtin_ctzll(special));

        if (how) said |= special & -special;
        if (how == REPEATS) it->near[q] &= ~(special & -special);
    }
    speakers = (uint32_t)__builtin_popcountll(said);
    nears = (uint32_t)__builtin_popcountll(said & it->near[q]);
    it->said[q] |= said;
    it->count += speakers;
    it->word_bytes += BM_FAR_BYTES * speakers - (BM_FAR_BYTES - BM_NEAR_BYTES) * nears;
    it->counts[BM_FED_IDLE] += (uint32_t)__builtin_popcountll(due) - speakers;
}
