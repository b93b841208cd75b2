/* Which of a reader's slots are due, and which of those have something to say. */

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

bm_reader *bm_reader_new(bm_pieces *pieces, uint32_t form)
{
    bm_reader *reader = bm_pieces_take(pieces, sizeof *reader);

    if (reader) reader->form = (uint8_t)form;
    return reader;
}

void bm_reader_free(bm_pieces *pieces, bm_reader *reader)
{
    if (!reader) return;
    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++)
        if (reader->banks[q]) bm_pieces_give(pieces, reader->banks[q], BM_BANK_BYTES(reader->form));
    bm_pieces_give(pieces, reader, sizeof *reader);
}

/* What was in these slots has left: GONE is owed where the client was told that it was there. */
static void leave(bm_reader *reader, uint32_t q, uint64_t left)
{
    bm_bank *bank = reader->banks[q];

    bank->occupied &= ~left, bank->enter &= ~left, bank->entered &= ~left, bank->owing &= ~left;
    for (; left; left &= left - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(left);

        bank->acc[i] = 0;
        if (!(bank->told[i].version & 1)) continue;
        bank->told[i].version++;
        bank->leaving |= left & -left;
        reader->gone[q] |= left & -left;
    }
}

/* Takes over who came into the eye's slots and who left them; `anew`: so long after the last time that
   somebody may have left and another come in between. */
int bm_due_follow(bm_serving *it, int anew)
{
    bm_reader *reader = it->reader;

    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++) {
        bm_bank *bank = reader->banks[q];
        uint64_t now = it->eye->occupied[q], had = bank ? bank->occupied : 0, left = anew ? had : had & ~now;
        uint64_t fresh = now & ~(had & ~left);

        if (left) leave(reader, q, left);
        if (!fresh) continue;
        if (!bank) bank = reader->banks[q] = bm_pieces_take(it->feed->pieces, BM_BANK_BYTES(reader->form));
        if (!bank) return BM_NO_MEMORY;
        bank->occupied |= fresh;
        bank->enter |= fresh;
        for (; fresh; fresh &= fresh - 1) {
            uint32_t i = (uint32_t)__builtin_ctzll(fresh);
            bank->acc[i] = phase(reader->cid, q * BM_BANK_SLOTS + i, it->tick);
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

/* What is so of 64 slots: bytes that are 0 or 255.  Aligned, as what was stored across lines is not at hand
   again at once. */
typedef struct {
    _Alignas(64) uint8_t due[64];
    uint8_t quickest[64], near[64];
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

void bm_due_accumulate(bm_serving *it)
{
    bm_reader *reader = it->reader;
    bm_times times = {.slow = it->turn.slow ? 255 : 0, .slow_again = it->turn.slow > 1 ? 255 : 0,
                      .quick_again = it->turn.quick > 1 ? 255 : 0};
    uint64_t any_quick = 0;

    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++) {
        bm_bank *bank = reader->banks[q];
        bm_flags flags;
        uint64_t quickest, due;

        it->due[q] = it->others[q] = it->said[q] = it->near[q] = it->probes[q] = 0;
        if (!bank || !bank->occupied) continue;
        add_paces(bank->acc, it->eye->pace + q * BM_BANK_SLOTS, times, it->sums + q * BM_BANK_SLOTS, &flags);
        quickest = packed(flags.quickest) & bank->occupied;
        due = packed(flags.due) & bank->entered;
        it->near[q] = packed(flags.near);
        it->due[q] = it->turn.full ? due : due & quickest;
        it->others[q] = due & ~it->due[q];
        any_quick |= quickest;
    }
    reader->quick = any_quick != 0;
}

void bm_due_put_off(bm_serving *it, const uint64_t *slots)
{
    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++)
        for (uint64_t bits = slots[q]; bits; bits &= bits - 1) {
            uint32_t i = (uint32_t)__builtin_ctzll(bits);

            it->reader->banks[q]->acc[i] = it->sums[q * BM_BANK_SLOTS + i];
        }
}

/* Something of the mover's state changed: what of it is to be sent? */
static void notice(bm_serving *it, uint32_t slot, uint32_t mover)
{
    bm_bank *bank = bm_bank_of(it->reader, slot);
    bm_told *told = &bank->told[slot % BM_BANK_SLOTS];
    uint16_t state = (uint16_t)it->movers->state[mover], seen = told->state;
    int found = 0, look = 0;

    for (const bm_value *value = it->movers->values[mover]; value; value = value->next) {
        if ((uint16_t)(value->since - seen - 1u) >= (uint16_t)(state - seen)) continue;
        found = 1;
        if (value->number == LOOK) look = 1;
        else bank->owing |= bm_slot_bit(slot);
    }
    told->state = state;
    if (found && !look) return;
    bank->entered &= ~bm_slot_bit(slot);        /* it looks otherwise, or is called otherwise */
    bank->enter |= bm_slot_bit(slot);
}

enum { SILENT, SPEAKS, REPEATS };

/* Whether a due slot has something to say, when that is not plain. */
__attribute__((noinline)) static int speaks(bm_serving *it, uint32_t slot)
{
    bm_reader *reader = it->reader;
    bm_bank *bank = bm_bank_of(reader, slot);
    uint32_t i = slot % BM_BANK_SLOTS, mover = it->eye->mover[slot];
    uint32_t sign = it->feed->signs[mover], had = bank->signs[i];
    uint64_t bit = bm_slot_bit(slot);
    bm_told *told = &bank->told[i];
    uint8_t leg = it->feed->marks[mover].leg;
    int fate, speaks = SPEAKS;

    if ((sign ^ had) & BM_NEWS) {
        if (bm_slot_stale(it, slot)) return SILENT;
        bank->signs[i] = (bm_sign)((sign & BM_NEWS) | (had & BM_STAMP));
        if ((uint16_t)it->movers->state[mover] != told->state) notice(it, slot, mover);
        if (!(bank->entered & bit)) return SILENT;
        if (leg != told->sure && reader->form != BM_FEED_DELTAS) bank->apart |= bit;
    }
    if (bank->apart & bit && told->leg != told->sure
        && (fate = bm_reader_verdict(reader, it->tick, told->probe)) != 0) {
        if (fate > 0) told->sure = told->leg;
        else told->leg = told->sure;
    }
    if (!((sign ^ had) & BM_STAMP)) {
        if (bank->settled & bit) return SILENT;
        fate = bm_reader_verdict(reader, it->tick, bank->when[i]);
        if (fate > 0 && bank->exact & bit) {
            bank->settled |= bit;
            if (bank->apart & bit) told->sure = told->leg = leg;    /* it has not moved since */
            bank->apart &= ~bit;
        }
        if (fate == 0 || bank->settled & bit) return SILENT;
        speaks = REPEATS;       /* as a far word: where something stands is to be known exactly */
    }
    if (!(bank->apart & bit)) return speaks;
    if (leg == told->sure && told->leg == told->sure) bank->apart &= ~bit;
    else if ((uint8_t)(leg - told->sure) >= 2) {
        bank->entered &= ~bit;          /* so far that a word might be taken wrongly */
        bank->enter |= bit;
        return SILENT;
    } else if (leg != told->sure && told->leg == told->sure) it->probes[slot / BM_BANK_SLOTS] |= bit;
    return speaks;
}

static inline bm_changes compare(const bm_serving *it, uint32_t q, uint64_t due)
{
    const bm_bank *bank = it->reader->banks[q];
    const uint32_t *movers = it->eye->mover + q * BM_BANK_SLOTS;
    const bm_sign *signs = it->feed->signs;
    uint64_t moved = 0, news = 0, special;

    for (uint64_t bits = due; bits; bits &= bits - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(bits), differs = signs[movers[i]] ^ (uint32_t)bank->signs[i];

        __builtin_prefetch(&it->feed->words[movers[i]]);    /* most of them are written */
        moved |= (uint64_t)((differs & BM_STAMP) != 0) << i;
        news |= (uint64_t)((differs & BM_NEWS) != 0) << i;
    }
    special = news | (bank->apart & due) | (due & ~moved & ~bank->settled);
    for (uint64_t bits = special; bits; bits &= bits - 1) {
        uint32_t i = (uint32_t)__builtin_ctzll(bits);

        __builtin_prefetch(&bank->told[i], 1);
        __builtin_prefetch(&it->feed->marks[movers[i]]);
        if (news >> i & 1) __builtin_prefetch(&it->eye->birth[q * BM_BANK_SLOTS + i]);
    }
    return (bm_changes){.due = due, .moved = moved & ~special, .special = special};
}

BM_CLONES void bm_due_compare(bm_serving *it, const uint64_t *due)
{
    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++)
        it->found[q] = due[q] ? compare(it, q, due[q]) : (bm_changes){0, 0, 0};
}

BM_CLONES void bm_due_settle(bm_serving *it)
{
    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++) {
        bm_changes *found = &it->found[q];
        uint64_t said = found->moved;
        uint32_t speakers, nears;

        if (!found->due) continue;
        for (uint64_t bits = found->special; bits; bits &= bits - 1) {
            int how = speaks(it, q * BM_BANK_SLOTS + (uint32_t)__builtin_ctzll(bits));

            if (how) said |= bits & -bits;
            if (how == REPEATS) it->near[q] &= ~(bits & -bits);
        }
        speakers = (uint32_t)__builtin_popcountll(said);
        nears = (uint32_t)__builtin_popcountll(said & it->near[q]);
        it->said[q] |= said;
        it->count += speakers;
        it->word_bytes += BM_FAR_BYTES * speakers - (BM_FAR_BYTES - BM_NEAR_BYTES) * nears;
        it->counts[BM_FED_IDLE] += (uint32_t)__builtin_popcountll(found->due) - speakers;
    }
}
