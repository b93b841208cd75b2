/* The links of an I/O thread: what the world orders for them, what time asks of them, and their datagrams. */

#define _GNU_SOURCE
#include <string.h>

#include "pump_io.h"

#define TEND_LIMIT 16           /* datagrams a link may make at once */
#define EVENT_LINGER_US 10000u  /* an event waits so long for a snapshot to ride in */

static const bm_address *address_of(const bm_entry *entry, uint32_t id)
{
    if (entry->ids[0] && entry->ids[0] == id) return &entry->address;
    return entry->ids[1] && entry->ids[1] == id ? &entry->other : NULL;
}

static void deliver(bm_io *io, uint32_t cid, const bm_address *address, uint8_t *bytes, uint32_t size)
{
    if (!address) {
        bm_io_count(io, BM_COUNT_TUNNELED_OUT, 1);
        bm_io_report(io, (bm_report){ .what = BM_NEWS_TUNNEL, .cid = cid }, bytes, size);
        return;
    }
    bm_parcel parcel = { *address, size, bytes };
    if (io->network) bm_network_out(io, &parcel);
    else bm_io_put(io, &parcel);
}

/* Makes a link's next datagram and sends it.  Answers its size, or as bm_link_seal. */
static int seal(bm_io *io, uint32_t index, const uint8_t *sections, uint32_t size, uint32_t record,
                uint32_t tick)
{
    bm_link *link = bm_io_link(io, index);
    const bm_entry *entry = &io->entries[index];
    const bm_address *address = address_of(entry, bm_link_path(link));
    uint8_t tunneled[BM_DATAGRAM_BYTES], *out = address ? bm_io_blank(io, address->socket) : tunneled;
    int made = bm_link_seal(io->links, link, sections, size, record, tick, io->now_us, out);

    if (made > 0) deliver(io, entry->cid, address, out, (uint32_t)made);
    return made;
}

static int challenge(bm_io *io, uint32_t index)
{
    bm_link *link = bm_io_link(io, index);
    const bm_entry *entry = &io->entries[index];
    const bm_address *address = address_of(entry, bm_link_candidate(link));
    uint8_t *out;
    int made;

    if (!address) return 0;
    out = bm_io_blank(io, address->socket);
    if ((made = bm_link_challenge(io->links, link, io->now_us, out)) > 0)
        deliver(io, entry->cid, address, out, (uint32_t)made);
    return made;
}

static void forget(bm_io *io, uint32_t index)
{
    bm_link_end(io->links, bm_io_link(io, index));
    bm_wakes_never(io, index);
    io->entries[index].open = 0;
    io->link_count--;
    bm_io_count(io, BM_COUNT_LINKS, (uint64_t)-1);
}

void bm_io_tend(bm_io *io, uint32_t index)
{
    bm_link *link = bm_io_link(io, index);
    int due = 1, made = 1;

    for (int i = 0; made && i < TEND_LIMIT; i++) {
        if (bm_io_stuck(io) || !bm_io_may_report(io)) break;
        if (!(due = bm_link_due(io->links, link, io->now_us))) break;
        if (due & BM_DUE_OVER) {
            forget(io, index);
            return;
        }
        made = due & BM_DUE_CHALLENGE && challenge(io, index) > 0;
        if (due & BM_DUE_SEND) made |= seal(io, index, NULL, 0, (uint32_t)BM_LINK_NO_RECORD,
                                            (uint32_t)BM_LINK_NO_TICK) > 0;
    }
    bm_wakes_set(io, index, due ? io->now_us : bm_link_wake(link));
}

/* Where a link is that there is, or BM_PUMP_LINKS. */
static uint32_t index_of(const bm_io *io, uint32_t cid)
{
    uint32_t index = bm_io_place(io, cid);
    const bm_entry *entry = &io->entries[index];

    return entry->open && entry->cid == cid ? index : BM_PUMP_LINKS;
}

static void close_link(bm_io *io, uint32_t index, uint32_t reason)
{
    bm_link_close(io->links, bm_io_link(io, index), reason, io->now_us);
    bm_io_tend(io, index);
}

static void install(bm_io *io, uint32_t cid, const uint8_t *bytes)
{
    uint32_t index = bm_io_place(io, cid);
    bm_entry *entry = &io->entries[index];
    bm_link *link = bm_io_link(io, index);
    bm_terms terms;
    int code;

    memcpy(&terms, bytes, sizeof terms);
    if (entry->open) close_link(io, index, BM_REPLACED);
    if (entry->open) forget(io, index);
    code = bm_link_start(io->links, link, terms.prk, terms.aead, cid, terms.mtu, terms.keepalive_ms,
                         io->now_us);
    if (code < 0) {
        bm_io_report(io, (bm_report){ .what = BM_NEWS_CLOSED, .cid = cid, .value = BM_PROTOCOL }, NULL, 0);
        return;
    }
    memset(entry, 0, sizeof *entry);
    entry->cid = cid;
    entry->open = 1;
    io->link_count++;
    bm_io_count(io, BM_COUNT_LINKS, 1);
    bm_wakes_set(io, index, bm_link_wake(link));
}

static void push(bm_io *io, const bm_order *order, const uint8_t *sections, uint32_t size)
{
    uint32_t index = index_of(io, order->cid);
    int made = BM_NO_SUCH;

    if (index == BM_PUMP_LINKS)
        bm_io_report(io, (bm_report){ BM_REPORT_FATE, order->cid, order->value, 1 }, NULL, 0);
    else
        made = seal(io, index, sections, size, order->value, order->tick);
    bm_io_count(io, made > 0 ? BM_COUNT_SNAPSHOTS : BM_COUNT_SNAPSHOTS_LOST, 1);
    if (index < BM_PUMP_LINKS) bm_wakes_set(io, index, bm_link_wake(bm_io_link(io, index)));
}

static void event(bm_io *io, uint32_t index, uint32_t opcode, const uint8_t *body, uint32_t size)
{
    int code = bm_link_event(io->links, bm_io_link(io, index), opcode, body, size);
    uint64_t at_us = io->now_us + EVENT_LINGER_US;

    /* A client that takes nothing in for so long has lost the thread: better none than some of it. */
    if (code == BM_NO_ROOM) close_link(io, index, BM_KICKED);
    else if (io->wakes.times[index] > at_us) bm_wakes_set(io, index, at_us);
}

static void ask(bm_io *io, uint32_t index)
{
    bm_report report = { .what = BM_NEWS_FACTS, .cid = io->entries[index].cid };
    bm_link_facts facts;

    bm_link_facts_of(bm_io_link(io, index), &facts);
    bm_io_report(io, report, &facts, sizeof facts);
}

static void obey(bm_io *io, const bm_order *order, uint8_t *bytes, uint32_t size)
{
    uint32_t index = index_of(io, order->cid);
    bm_parcel parcel = { .size = size, .bytes = bytes };

    if (order->what == BM_ORDER_PUSH) push(io, order, bytes, size);
    else if (order->what == BM_ORDER_INSTALL) install(io, order->cid, bytes);
    else if (order->what == BM_ORDER_TUNNEL) bm_io_open_tunneled(io, order->cid, &parcel);
    else if (index == BM_PUMP_LINKS) return;
    else if (order->what == BM_ORDER_CLOSE) close_link(io, index, order->value);
    else if (order->what == BM_ORDER_EVENT) event(io, index, order->value, bytes, size);
    else if (order->what == BM_ORDER_ASK) ask(io, index);
}

uint32_t bm_io_obey(bm_io *io, uint32_t limit)
{
    uint32_t lanes = io->pump->options.lanes, done = 0, size;
    bm_order order;
    uint8_t *record;

    for (uint32_t i = 0; i < lanes && done < limit; i++) {
        bm_ring *ring = &io->down[io->lane];

        while (done < limit && !bm_io_stuck(io) && bm_io_may_report(io)
               && (record = bm_ring_next(ring, &size)) != NULL) {
            const uint8_t *ahead = bm_ring_ahead(ring);

            if (ahead) {
                memcpy(&order, ahead, sizeof order);
                bm_io_prefetch(io, order.cid);
            }
            memcpy(&order, record, sizeof order);
            obey(io, &order, record + sizeof order, size - (uint32_t)sizeof order);
            done++;
        }
        bm_ring_release(ring);
        if (done < limit) io->lane = (io->lane + 1) % lanes;
    }
    return done;
}

/* The last thing a thread does: goodbye to everybody. */
void bm_io_part(bm_io *io)
{
    for (uint32_t index = 0; io->link_count && index < io->places_count; index++)
        if (io->entries[index].open && bm_io_may_report(io) && !bm_io_stuck(io))
            close_link(io, index, BM_SHUTTING_DOWN);
}
