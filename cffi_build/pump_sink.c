/* What links tell, written into the ring to the world. */

#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "pump_io.h"

void bm_io_report(bm_io *io, bm_report report, const void *bytes, uint32_t size)
{
    uint8_t *record = bm_ring_put(&io->up, (uint32_t)sizeof report + size, 0);

    if (!record) {      /* bm_io_may_report has been asked: something tells more than BM_REPORT_BYTES */
        bm_io_fail(io, "telling the world", ENOBUFS);
        return;
    }
    memcpy(record, &report, sizeof report);
    if (size) memcpy(record + sizeof report, bytes, size);
}

/* Whether there is room for whatever comes of one more datagram or order. */
int bm_io_may_report(bm_io *io)
{
    return bm_ring_room(&io->up) >= BM_REPORT_BYTES;
}

/* Each event costs the world's thread time: a client may say 200 things a second, and has 600 saved up.  As
   many packets may come over TCP, where limits.packets_per_second is not set otherwise. */
#define EVENT_US 5000u
#define EVENTS_SAVED_US (600u * EVENT_US)

static int may_say(bm_io *io, uint32_t index)
{
    bm_entry *entry = &io->entries[index];

    if (entry->events_us < io->now_us) entry->events_us = io->now_us;
    entry->events_us += EVENT_US;
    return entry->events_us <= io->now_us + EVENTS_SAVED_US;
}

static void budget(bm_io *io, uint32_t index)
{
    bm_entry *entry = &io->entries[index];
    bm_report report = { BM_REPORT_BUDGET, entry->cid, entry->rate, entry->room };

    bm_io_report(io, report, NULL, 0);
}

static void moves(void *context, bm_link *link, const bm_link_move *moves, uint32_t count)
{
    bm_io *io = context;
    bm_report report = { .what = BM_REPORT_MOVES, .cid = io->entries[bm_io_index(io, link)].cid };

    /* The last quarter of the ring, or more, is for what is said only once. */
    if (bm_ring_room(&io->up) < io->up.size / 4 + BM_REPORT_BYTES) {
        bm_io_count(io, BM_COUNT_INPUTS_DROPPED, count);
        return;
    }
    bm_io_count(io, BM_COUNT_INPUTS, count);
    bm_io_report(io, report, moves, count * (uint32_t)sizeof *moves);
}

static void fate(void *context, bm_link *link, uint32_t record, int lost)
{
    bm_io *io = context;

    bm_io_report(io, (bm_report){ BM_REPORT_FATE, io->entries[bm_io_index(io, link)].cid, record, lost != 0 },
                 NULL, 0);
}

static void news(bm_io *io, const bm_link *link, uint32_t what, uint32_t value, const uint8_t *bytes,
                 uint32_t size)
{
    bm_report report = { .what = what, .cid = io->entries[bm_io_index(io, link)].cid, .value = value };

    bm_io_report(io, report, bytes, size);
}

static void event(void *context, bm_link *link, uint32_t opcode, const uint8_t *body, uint32_t size)
{
    bm_io *io = context;

    if (link->state != BM_LINK_OPEN) return;    /* what was held behind the one that was too much */
    if (!may_say(io, bm_io_index(io, link))) {
        bm_link_close(io->links, link, BM_KICKED, io->now_us);
        return;
    }
    news(context, link, BM_NEWS_EVENT, opcode, body, size);
}

static void attached(void *context, bm_link *link, uint32_t address)
{
    bm_io *io = context;
    uint32_t index = bm_io_index(io, link);
    bm_link_facts facts;

    bm_link_facts_of(link, &facts);
    io->entries[index].rate = facts.rate_bytes_per_s;
    io->entries[index].room = bm_link_room(link);
    news(io, link, BM_NEWS_ATTACHED, address == (uint32_t)BM_LINK_TUNNEL, NULL, 0);
    budget(io, index);
}

static void migrated(void *context, bm_link *link, uint32_t address)
{
    news(context, link, BM_NEWS_MOVED, address == (uint32_t)BM_LINK_TUNNEL, NULL, 0);
}

static void closed(void *context, bm_link *link, uint32_t reason)
{
    news(context, link, BM_NEWS_CLOSED, reason, NULL, 0);
}

/* The rate changes with every round trip: the feed hears of it when it has changed by a sixteenth. */
static void rate(void *context, bm_link *link, uint32_t bytes_per_s)
{
    bm_io *io = context;
    uint32_t index = bm_io_index(io, link), before = io->entries[index].rate;
    uint32_t change = bytes_per_s > before ? bytes_per_s - before : before - bytes_per_s;

    if (change < before / 16) return;
    io->entries[index].rate = bytes_per_s;
    budget(io, index);
}

static void mtu(void *context, bm_link *link, uint32_t bytes)
{
    bm_io *io = context;
    uint32_t index = bm_io_index(io, link), room = bm_link_room(link);

    (void)bytes;
    if (room == io->entries[index].room) return;
    io->entries[index].room = room;
    budget(io, index);
}

void bm_io_listen(bm_io *io)
{
    io->sink = (bm_link_sink){ io, moves, fate, event, attached, migrated, closed, rate, mtu };
    bm_links_tell(io->links, &io->sink);
}
