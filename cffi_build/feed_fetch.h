/* Asking for what serving a reader reads, some readers before it is its turn: each step looks at what the one
   before brought.  All of it inline, or gcc takes a function that only asks for one that does nothing. */

#ifndef BM_FEED_FETCH_H
#define BM_FEED_FETCH_H

#include "feed.h"

#define BM_FETCH __attribute__((always_inline)) static inline void

BM_FETCH bm_fetch_lines(const void *from, size_t size)
{
    for (size_t at = 0; at < size; at += 64) __builtin_prefetch((const char *)from + at, 1);
}

/* First the reader and what tells whether it is its turn, */
BM_FETCH bm_fetch_reader(const bm_feed *feed, uint32_t number)
{
    __builtin_prefetch(feed->readers[number], 1);
    __builtin_prefetch(&feed->field->lookers[number]);
}

/* then what every turn looks at, */
BM_FETCH bm_fetch_banks(const bm_feed *feed, uint32_t number)
{
    const bm_reader *reader = feed->readers[number];
    const bm_eye *eye = bm_field_eye(feed->field, number);
    uint32_t left = feed->field->lookers[number].count;     /* low slots are filled first */

    bm_fetch_lines(reader->acked, 1);
    bm_fetch_lines(eye, sizeof eye->occupied);
    for (uint32_t q = 0; q < BM_SLOT_WORDS && left; q++) {
        const bm_bank *bank = reader->banks[q];
        uint32_t count = left < BM_BANK_SLOTS ? left : BM_BANK_SLOTS;

        bm_fetch_lines(eye->pace + q * BM_BANK_SLOTS, 1);
        bm_fetch_lines(eye->mover + q * BM_BANK_SLOTS, count * sizeof *eye->mover);
        left -= count;
        if (!bank) continue;
        bm_fetch_lines(bank, offsetof(bm_bank, signs) + count * sizeof *bank->signs);
        if (reader->form == BM_FEED_DELTAS) bm_fetch_lines(bank->bases, count * sizeof *bank->bases);
    }
}

/* What an ENTER or components are written from. */
BM_FETCH bm_fetch_slot(const bm_movers *m, const bm_bank *bank, const bm_eye *eye, uint32_t slot)
{
    uint32_t mover = eye->mover[slot];

    __builtin_prefetch(&bank->told[slot % BM_BANK_SLOTS], 1);
    __builtin_prefetch(&bank->known[slot % BM_BANK_SLOTS], 1);
    __builtin_prefetch(&eye->birth[slot]);
    __builtin_prefetch(&m->birth[mover]), __builtin_prefetch(&m->kind[mover]);
    __builtin_prefetch(&m->guid[mover]), __builtin_prefetch(&m->values[mover]);
    __builtin_prefetch(&m->x[mover]), __builtin_prefetch(&m->y[mover]), __builtin_prefetch(&m->z[mover]);
}

/* then what belongs to slots that somebody left or came into, or of which states are to be sent, */
BM_FETCH bm_fetch_changes(const bm_feed *feed, uint32_t number)
{
    const bm_movers *m = &feed->field->movers;
    const bm_reader *reader = feed->readers[number];
    const bm_eye *eye = bm_field_eye(feed->field, number);
    uint32_t owner = feed->field->lookers[number].owner;

    if (owner == BM_NOBODY) return;
    __builtin_prefetch(&m->own[owner]);
    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++) {
        const bm_bank *bank = reader->banks[q];
        uint64_t bits = bank ? (bank->occupied ^ eye->occupied[q]) | bm_entering(bank) | bm_owing(bank) : 0;

        for (; bits; bits &= bits - 1)
            bm_fetch_slot(m, bank, eye, q * BM_BANK_SLOTS + (uint32_t)__builtin_ctzll(bits));
    }
}

/* then the first component of each of these, which is the look, and at last the next one. */
BM_FETCH bm_fetch_values(const bm_serving *it, int next)
{
    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++) {
        const uint32_t *movers = it->eye->mover + q * BM_BANK_SLOTS;
        const bm_bank *bank = it->reader->banks[q];
        uint64_t bits = next ? bm_owing(bank) : bm_entering(bank) | bm_owing(bank);

        for (; bits; bits &= bits - 1) {
            const bm_value *value = it->movers->values[movers[__builtin_ctzll(bits)]];

            __builtin_prefetch(next && value ? value->next : value);
        }
    }
}

#endif
