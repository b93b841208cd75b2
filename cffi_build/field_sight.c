/* Whom each eye sees: enters, leaves, and how often each is told of.  Its meaning is tests/twins/field.py.

   An eye looks once in four steps, all eyes of a cell one after another: they look at the same movers.
   Threads share out the eyes, whose rows are all that they write. */

#include <stdatomic.h>
#include <string.h>

#include "field_grid.h"

#define SPREAD UINT32_C(0x9e3779b9) /* whose turn it is follows no pattern in the numbers of eyes */
#define CROWDED_OUT 64              /* slots in quarantine up to which the nearer push out the farther */
#define AT_ONCE 16                  /* of those it takes so many to begin: most looks at a crowd are short */
#define EARLY_LIMIT 1024            /* eyes that look out of turn in a step: thousands may arrive at once */
#define SHARE 32                    /* eyes a thread takes at a time */
#define AHEAD 6                     /* eyes between one that is prefetched and the one that looks */

static const int32_t level_permille[5] = {1000, 800, 600, 450, 333};

typedef struct {
    bm_field *field;
    atomic_uint next;
} bm_turn;

/* Which of 64 bytes are not 0: none is above 127. */
static uint64_t bits_of(const uint8_t *bytes)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; i < 8; i++) {
        uint64_t some;
        memcpy(&some, bytes + i * 8, sizeof some);
        some = (some + UINT64_C(0x7f7f7f7f7f7f7f7f)) >> 7 & UINT64_C(0x0101010101010101);
        bits |= (some * UINT64_C(0x0102040810204080)) >> 56 << (i * 8);
    }
    return bits;
}

/* Ends the quarantine of what was left long enough ago; answers how many slots are still in it. */
static uint32_t release(const bm_field *field, bm_eye *row)
{
    const uint8_t now = (uint8_t)field->tick;
    uint32_t count = 0;

    for (uint32_t word = 0; word < BM_EYE_WORDS; word++) {
        uint8_t recent[64];
        if (!row->held[word]) continue;
        for (uint32_t i = 0; i < 64; i++)
            recent[i] = (uint8_t)(now - row->freed[word * 64 + i]) < BM_QUARANTINE_TICKS;
        row->held[word] &= bits_of(recent);
        count += (uint32_t)__builtin_popcountll(row->held[word]);
    }
    return count;
}

/* Lets those go who have no pace any more. */
static void leave(bm_field *field, uint32_t eye, const uint8_t *paces)
{
    const bm_eye *row = bm_field_eye(field, eye);

    for (uint32_t word = 0; word < BM_EYE_WORDS; word++) {
        if (!row->occupied[word]) continue;
        for (uint64_t gone = row->occupied[word] & ~bits_of(paces + word * 64); gone; gone &= gone - 1) {
            uint32_t slot = word * 64 + (uint32_t)__builtin_ctzll(gone);
            bm_eyes_empty(field, eye, slot, bm_birth_seen(field, row, slot));
        }
    }
}

/* Lets those in who are new, nearest first if there is not room for all, each into the lowest free slot. */
static void enter(bm_field *field, bm_look *look, uint32_t eye, uint32_t room, uint8_t *paces)
{
    const bm_eye *row = bm_field_eye(field, eye);
    const bm_near *fresh = &look->fresh;
    uint32_t word = 0;

    if (!room) return;
    if (fresh->count > room) bm_crowd_nearest(field, look, room);
    for (uint32_t i = 0; i < fresh->count; i++) {
        uint32_t mover = fresh->who[i], slot;
        uint64_t free_slots;
        while (!(free_slots = ~(row->occupied[word] | row->held[word]))) word++;
        slot = word * 64 + (uint32_t)__builtin_ctzll(free_slots);
        bm_eyes_fill(field, eye, slot, mover, field->movers.birth[mover]);
        paces[slot] = bm_look_pace(fresh->square[i]);
    }
}

static void look_around(bm_field *field, bm_look *look, uint32_t eye)
{
    bm_eye *row = bm_field_eye(field, eye);
    bm_looker *looker = &field->lookers[eye];
    uint32_t held = release(field, row), limit = BM_FIELD_SLOTS - held, room = limit - looker->count;
    int64_t sight = (int64_t)looker->sight * level_permille[field->level] / 1000, farthest;
    int pushes = held + AT_ONCE <= CROWDED_OUT;
    uint64_t had[BM_EYE_WORDS];
    uint8_t paces[BM_EYE_SLOTS] = {0};

    if (sight < 1) sight = 1;
    farthest = sight * field->rules.leave / field->rules.sight;
    looker->due = 0;
    bm_look_mark(field, look, row);
    bm_look_gather(field, look, looker->owner, room || pushes ? (int32_t)sight : 0, (int32_t)farthest);
    if (look->seen.count + look->fresh.count > limit && pushes)
        bm_crowd_out(field, look, limit, CROWDED_OUT - held);
    bm_look_paces(look, paces);
    memcpy(had, row->occupied, sizeof had);
    leave(field, eye, paces);
    enter(field, look, eye, room, paces);
    for (uint32_t word = 0; word < BM_EYE_WORDS; word++)    /* the others' lines stay untouched */
        if (had[word] | row->occupied[word]) memcpy(row->pace + word * 64, paces + word * 64, 64);
    bm_eyes_classes(field, eye, paces);
}

/* Inline, or gcc takes a function that only prefetches for one that does nothing. */
__attribute__((always_inline)) static inline void prefetch(const bm_field *field, uint32_t eye)
{
    const char *row = (const char *)bm_field_eye(field, eye);
    size_t filled = field->lookers[eye].count;  /* low slots are filled first */

    __builtin_prefetch(row, 1);
    for (size_t at = 0; at < filled; at += 64) {
        __builtin_prefetch(row + offsetof(bm_eye, pace) + at, 1);
        __builtin_prefetch(row + offsetof(bm_eye, freed) + at);
    }
    for (size_t at = 0; at < filled * sizeof(uint32_t); at += 64)
        __builtin_prefetch(row + offsetof(bm_eye, mover) + at);
}

static void take_turns(void *it, unsigned worker)
{
    bm_turn *turn = it;
    const bm_slots *due = &turn->field->grid->due;
    uint32_t at;

    while ((at = atomic_fetch_add_explicit(&turn->next, SHARE, memory_order_relaxed)) < due->count) {
        uint32_t end = at + SHARE < due->count ? at + SHARE : due->count;
        for (uint32_t i = at; i < at + AHEAD && i < end; i++) prefetch(turn->field, due->items[i]);
        for (; at < end; at++) {
            if (at + 2 * AHEAD < due->count)    /* the row's prefetching reads it */
                __builtin_prefetch(&turn->field->lookers[due->items[at + 2 * AHEAD]], 1);
            if (at + AHEAD < end) prefetch(turn->field, due->items[at + AHEAD]);
            look_around(turn->field, &turn->field->grid->looks[worker], due->items[at]);
        }
    }
}

int bm_sight_step(bm_field *field, unsigned threads)
{
    bm_grid *grid = field->grid;
    bm_turn turn = {.field = field};
    uint32_t early = 0;

    grid->due.count = 0;
    for (uint32_t at = 0; at < grid->count; at++) {
        int32_t eye = field->movers.eye[grid->slots[at]];
        if (eye < 0) continue;
        if (((uint32_t)eye * SPREAD >> 30) != field->steps % BM_EYE_TURNS) {
            if (!field->waiting || !field->lookers[eye].due || early == EARLY_LIMIT) continue;
            early++;
        }
        if (field->waiting) field->waiting -= field->lookers[eye].due != 0;
        if (bm_slots_push(&grid->due, (uint32_t)eye) < 0) return BM_NO_MEMORY;
    }
    for (unsigned i = 0; i < threads; i++)
        if (bm_look_reserve(&grid->looks[i], field->movers.capacity) < 0) return BM_NO_MEMORY;
    return bm_workers_run(threads, take_turns, &turn);
}
