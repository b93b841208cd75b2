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

/* What a client may send, docs/bmu1.md sections 4 and 5.  What it has sent is paid for until a moment, which
   may be as far ahead of now as it can have saved up; a new link has saved all of that.

   Each event costs the world's thread time: a client may say 200 things a second, and has 600 saved up.  As
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

/* Inputs are 20 a second, more after corrections, and come all at once when the network has held them up. */
#define INPUT_US 25000u
#define INPUTS_SAVED_US (80u * INPUT_US)

/* How many of `count` inputs are paid for. */
static uint32_t may_move(bm_io *io, uint32_t index, uint32_t count)
{
    bm_entry *entry = &io->entries[index];
    uint64_t saved;

    if (entry->inputs_us < io->now_us) entry->inputs_us = io->now_us;
    saved = (io->now_us + INPUTS_SAVED_US - entry->inputs_us) / INPUT_US;
    if (count > saved) count = (uint32_t)saved;
    entry->inputs_us += count * INPUT_US;
    return count;
}

/* 250 a second and 750 saved up: a datagram for each event that a client may say, and those it sends anyway.
   One that is not read costs a tenth of one that is, so who sends up to 2,500 a second is read now and then,
   and who sends more gets into debt, until that is as much as can be. */
#define DATAGRAM_US 4000u
#define DATAGRAMS_SAVED_US (750u * DATAGRAM_US)
#define UNREAD_US (DATAGRAM_US / 10)
#define DEBT_US (5000u * UNREAD_US)

static int came(void *context, bm_link *link)
{
    bm_io *io = context;
    bm_entry *entry = &io->entries[bm_io_index(io, link)];
    uint64_t most_us = io->now_us + DATAGRAMS_SAVED_US;

    if (entry->datagrams_us < io->now_us) entry->datagrams_us = io->now_us;
    if (entry->datagrams_us + DATAGRAM_US <= most_us) {
        entry->datagrams_us += DATAGRAM_US;
        return 1;
    }
    bm_io_count(io, BM_COUNT_UNREAD, 1);
    entry->datagrams_us += UNREAD_US;
    if (entry->datagrams_us > most_us + DEBT_US) bm_link_close(io->links, link, BM_KICKED, io->now_us);
    return 0;
}

static void budget(bm_io *io, uint32_t index)
{
    bm_entry *entry = &io->entries[index];
    bm_report report = { BM_REPORT_BUDGET, entry->cid, entry->rate, entry->room };

    bm_io_report(io, report, NULL, 0);
}

_Static_assert(sizeof(bm_move) == BM_MOVE_BYTES, "in memory as on its way");

static void moves(void *context, bm_link *link, const bm_move *moves, uint32_t count)
{
    bm_io *io = context;
    uint32_t index = bm_io_index(io, link), paid = may_move(io, index, count);
    bm_report report = { .what = BM_REPORT_MOVES, .cid = io->entries[index].cid };

    if (paid < count) {
        bm_io_count(io, BM_COUNT_INPUTS_BEYOND, count - paid);
        if (!paid) return;
        moves += count - paid;      /* the newest say where the client is */
        count = paid;
    }
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
    io->sink = (bm_link_sink){ io, came, moves, fate, event, attached, migrated, closed, rate, mtu };
    bm_links_tell(io->links, &io->sink);
}
