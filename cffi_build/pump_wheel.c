/* When each link is to be looked at: a wheel of 4 ms slots, so that nothing is scanned.

   What lies beyond one turn of the wheel waits in its last slot and is filed again.  So is a link that was
   filed and then need not be woken before later: it is moved when its slot comes, rather than with every
   datagram, and without a look at it, since it would have to come into the cache for that. */

#define _GNU_SOURCE
#include <string.h>

#include "pump_io.h"

void bm_wheel_start(bm_io *io)
{
    io->wheel.turned = io->now_us / BM_WHEEL_SLOT_US;
    memset(io->wheel.first, 0xff, sizeof io->wheel.first);      /* BM_WHEEL_NONE */
}

void bm_wheel_remove(bm_io *io, uint32_t index)
{
    bm_entry *entry = &io->entries[index];

    if (!entry->filed) return;
    entry->filed = 0;
    if (entry->before == BM_WHEEL_NONE) io->wheel.first[entry->slot] = entry->after;
    else io->entries[entry->before].after = entry->after;
    if (entry->after != BM_WHEEL_NONE) io->entries[entry->after].before = entry->before;
}

/* The slot in which it is filed, counted from the beginning as `turned` is. */
static uint64_t slot_of(const bm_io *io, const bm_entry *entry)
{
    uint64_t next = io->wheel.turned + 1;

    return next + (entry->slot - next) % BM_WHEEL_SLOTS;
}

void bm_wheel_file(bm_io *io, uint32_t index, uint64_t wake_us)
{
    bm_entry *entry = &io->entries[index];
    uint64_t slot;

    entry->wake_us = wake_us;
    if (entry->filed && slot_of(io, entry) * BM_WHEEL_SLOT_US <= wake_us) return;
    bm_wheel_remove(io, index);
    if (wake_us == UINT64_MAX) return;
    slot = (wake_us + BM_WHEEL_SLOT_US - 1) / BM_WHEEL_SLOT_US;
    if (slot <= io->wheel.turned) slot = io->wheel.turned + 1;
    if (slot >= io->wheel.turned + BM_WHEEL_SLOTS) slot = io->wheel.turned + BM_WHEEL_SLOTS - 1;
    entry->slot = (uint16_t)(slot % BM_WHEEL_SLOTS);
    entry->filed = 1;
    entry->before = BM_WHEEL_NONE;
    entry->after = io->wheel.first[entry->slot];
    if (entry->after != BM_WHEEL_NONE) io->entries[entry->after].before = (uint16_t)index;
    io->wheel.first[entry->slot] = (uint16_t)index;
}

/* Looks at the links whose time has come; answers how many, as far as there is room to tell of them. */
uint32_t bm_wheel_turn(bm_io *io)
{
    uint64_t now = io->now_us / BM_WHEEL_SLOT_US;
    uint32_t woken = 0;

    if (now > io->wheel.turned + BM_WHEEL_SLOTS) io->wheel.turned = now - BM_WHEEL_SLOTS;
    while (io->wheel.turned < now) {
        uint16_t *first = &io->wheel.first[++io->wheel.turned % BM_WHEEL_SLOTS];

        while (*first != BM_WHEEL_NONE) {
            uint32_t index = *first;
            const bm_entry *entry = &io->entries[index];

            if (entry->after != BM_WHEEL_NONE) __builtin_prefetch(&io->entries[entry->after]);
            if (entry->wake_us > io->now_us) {
                bm_wheel_remove(io, index);
                bm_wheel_file(io, index, entry->wake_us);
                continue;
            }
            if (!bm_io_may_report(io) || bm_io_stuck(io)) {
                io->wheel.turned--;     /* go on with this slot */
                return woken;
            }
            bm_wheel_remove(io, index);
            bm_io_tend(io, index);
            woken++;
        }
    }
    return woken;
}

/* When to turn it again: at the first slot that holds something, but in 64 slots (262 ms) at the latest. */
uint64_t bm_wheel_next(const bm_io *io)
{
    uint64_t slot = io->wheel.turned + 1;

    if (!io->link_count) return UINT64_MAX;
    while (slot < io->wheel.turned + 64 && io->wheel.first[slot % BM_WHEEL_SLOTS] == BM_WHEEL_NONE) slot++;
    return slot * BM_WHEEL_SLOT_US;
}
