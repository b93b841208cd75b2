/* Where movers were in the last ticks: what deltas are built on.

   A mover that moves has its places of so many ticks in a ring; one that never does needs none. */

#include <stdlib.h>
#include <string.h>

#include "feed.h"

static bm_then place_of(const bm_movers *m, uint32_t slot)
{
    return (bm_then){
        .x = m->x[slot], .y = m->y[slot], .z = m->z[slot], .yaw = (uint8_t)((m->yaw[slot] + 128u) >> 8),
        .speed = m->speed[slot], .flags = bm_word_flags(m->flags[slot]), .known = 1,
    };
}

/* Notes where a mover is from this tick on, and that it was where it was until then. */
int bm_history_note(bm_feed *feed, uint32_t slot)
{
    bm_then had = feed->now[slot], now = place_of(&feed->field->movers, slot);
    uint32_t tick = feed->field->tick, from = feed->noted[slot];
    bm_then *ring = feed->rings[slot];

    if (memcmp(&had, &now, sizeof now) == 0) return 0;
    if (!ring && had.known && !(ring = malloc(BM_HISTORY * sizeof *ring))) return BM_NO_MEMORY;
    feed->rings[slot] = ring;
    feed->now[slot] = now;
    feed->noted[slot] = tick;
    if (!ring) return 0;
    if (tick - from >= BM_HISTORY) from = tick - BM_HISTORY + 1;
    for (uint32_t then = from; (int32_t)(tick - then) > 0; then++) ring[then % BM_HISTORY] = had;
    ring[tick % BM_HISTORY] = now;
    return 0;
}

/* Begins to keep places: all that there are are new in the next tick. */
int bm_history_begin(bm_feed *feed)
{
    if (feed->deltas) return 0;
    if (bm_column_grow(&feed->now, sizeof *feed->now, 0, feed->mover_capacity) < 0
        || bm_column_grow(&feed->rings, sizeof *feed->rings, 0, feed->mover_capacity) < 0
        || bm_column_grow(&feed->noted, sizeof *feed->noted, 0, feed->mover_capacity) < 0)
        return BM_NO_MEMORY;
    bm_deltas_circle(feed->circle);
    feed->deltas = 1;
    feed->anew = 1;
    return 0;
}

void bm_history_free(bm_feed *feed)
{
    for (uint32_t slot = 0; feed->deltas && slot < feed->mover_capacity; slot++) free(feed->rings[slot]);
    free(feed->rings);
    free(feed->now);
    free(feed->noted);
}

uint64_t bm_history_memory(const bm_feed *feed)
{
    uint64_t bytes = 0;

    if (!feed->deltas) return 0;
    for (uint32_t slot = 0; slot < feed->mover_capacity; slot++)
        bytes += sizeof *feed->now + sizeof *feed->rings + sizeof *feed->noted
                 + (feed->rings[slot] ? BM_HISTORY * sizeof *feed->now : 0);
    return bytes;
}
