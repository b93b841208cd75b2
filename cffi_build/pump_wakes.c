/* When each link is to be looked at: a column of times, which is gone through when one of them has come, but
   every 4 ms at most.

   That takes 2 us for ten thousand links, and each datagram changes one number.  A wheel of lists would have
   to take a link out of one and put it into another, whose neighbours there are in no cache. */

#define _GNU_SOURCE
#include <string.h>

#include "pump_io.h"

#define SLOT_US 4096u
#define BLOCK 64u

_Static_assert(BM_PUMP_LINKS % BLOCK == 0, "whole blocks");

void bm_wakes_start(bm_io *io)
{
    io->wakes.turned_us = io->now_us;
    io->wakes.next_us = UINT64_MAX;
    io->wakes.count = io->wakes.at = io->wakes.turning = 0;
    memset(io->wakes.times, 0xff, io->places_count * sizeof *io->wakes.times);      /* UINT64_MAX: never */
}

void bm_wakes_never(bm_io *io, uint32_t index)
{
    io->wakes.times[index] = UINT64_MAX;
}

void bm_wakes_set(bm_io *io, uint32_t index, uint64_t wake_us)
{
    bm_wakes *wakes = &io->wakes;

    if (wake_us <= wakes->turned_us) wake_us = wakes->turned_us + 1;        /* not twice in one turn */
    wakes->times[index] = wake_us;
    if (wake_us < wakes->next_us) wakes->next_us = wake_us;
    if (index >= wakes->count) wakes->count = index + 1;
}

static BM_CLONES uint64_t soonest(const uint64_t *times)
{
    uint64_t found = UINT64_MAX;

    for (uint32_t i = 0; i < BLOCK; i++) found = times[i] < found ? times[i] : found;
    return found;
}

/* Looks at those of a block whose time has come; answers whether there was room to tell of all. */
static int look(bm_io *io, uint32_t *woken)
{
    bm_wakes *wakes = &io->wakes;

    for (uint32_t i = wakes->at; i < wakes->at + BLOCK; i++) {
        if (wakes->times[i] > wakes->turned_us) continue;
        if (!bm_io_may_report(io) || bm_io_stuck(io)) return 0;
        bm_wakes_never(io, i);
        bm_io_tend(io, i);
        ++*woken;
    }
    return 1;
}

/* Looks at the links whose time has come; answers how many, as far as there is room to tell of them. */
uint32_t bm_wakes_turn(bm_io *io)
{
    bm_wakes *wakes = &io->wakes;
    uint64_t now_us = io->now_us - io->now_us % SLOT_US;
    uint32_t woken = 0;

    if (!wakes->turning) {
        if (wakes->next_us > now_us) return 0;
        wakes->turning = 1;
        wakes->turned_us = now_us;
        wakes->next_us = UINT64_MAX;
        wakes->at = 0;
    }
    for (; wakes->at < wakes->count; wakes->at += BLOCK) {
        uint64_t found = soonest(wakes->times + wakes->at);

        if (found <= wakes->turned_us) {
            if (!look(io, &woken)) return woken;        /* the next turn goes on here */
            found = soonest(wakes->times + wakes->at);
        }
        if (found < wakes->next_us) wakes->next_us = found;
    }
    wakes->turning = 0;
    return woken;
}

uint64_t bm_wakes_next(const bm_io *io)
{
    if (io->wakes.turning) return io->now_us;
    if (io->wakes.next_us == UINT64_MAX) return UINT64_MAX;
    return (io->wakes.next_us + SLOT_US - 1) / SLOT_US * SLOT_US;
}
