/* What comes: datagrams from the sockets to the links.

   Before any cryptography a datagram must have the size and version of one and name a connection that there
   is, its generation too; what does not is counted and forgotten.  An address is written down only when a
   datagram from it has opened and the link wants to know it again. */

#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "pump_io.h"

#define LEAST_BYTES (BM_C2S_HEAD_BYTES + BM_PLAIN_LEAST_BYTES + BM_TAG_BYTES)
#define AHEAD 2                 /* datagrams by which links are prefetched */
#define FIXED_BITS 0xf0
#define FIXED 0x50              /* 01, and version 01 */

static uint32_t cid_of(const uint8_t *datagram)
{
    return (uint32_t)datagram[1] | (uint32_t)datagram[2] << 8 | (uint32_t)datagram[3] << 16
           | (uint32_t)datagram[4] << 24;
}

static int same(const bm_address *a, const bm_address *b)
{
    return memcmp(a, b, sizeof *a) == 0;        /* all of it has been set: see `clean` */
}

/* What the link calls this address; if it knows none such, what it will be called if the link keeps it. */
static uint32_t name_of(const bm_io *io, const bm_entry *entry, const bm_address *address)
{
    if (entry->ids[0] && same(&entry->address, address)) return entry->ids[0];
    if (entry->ids[1] && same(&entry->other, address)) return entry->ids[1];
    return io->next_id;
}

/* A datagram from a new address has opened: if the link keeps the name, it replaces one that it does not. */
static void learn(bm_io *io, bm_entry *entry, const bm_link *link, const bm_address *address)
{
    uint32_t path = bm_link_path(link), candidate = bm_link_candidate(link), id = io->next_id;
    int at = entry->ids[0] && (entry->ids[0] == path || entry->ids[0] == candidate);

    if (id != path && id != candidate) return;
    entry->ids[at] = id;
    *(at ? &entry->other : &entry->address) = *address;
    if (++io->next_id == (uint32_t)BM_LINK_TUNNEL) io->next_id = 1;
}

static void count_refused(bm_io *io, int code)
{
    if (code == BM_FORGED) bm_io_count(io, BM_COUNT_FORGED, 1);
    else if (code == BM_REPLAYED) bm_io_count(io, BM_COUNT_REPLAYED, 1);
    else if (code == BM_LINK_OVER) bm_io_count(io, BM_COUNT_STRAY, 1);
    else bm_io_count(io, BM_COUNT_MALFORMED, 1);
}

/* The connection a datagram is for, or NULL, counted. */
static bm_entry *addressed(bm_io *io, const bm_parcel *parcel)
{
    bm_entry *entry;
    uint32_t cid;

    if (parcel->size < LEAST_BYTES || parcel->size > BM_DATAGRAM_BYTES
        || (parcel->bytes[0] & FIXED_BITS) != FIXED) {
        bm_io_count(io, BM_COUNT_MALFORMED, 1);
        return NULL;
    }
    cid = cid_of(parcel->bytes);
    entry = &io->entries[bm_io_place(io, cid)];
    if (entry->open && entry->cid == cid) return entry;
    bm_io_count(io, BM_COUNT_STRAY, 1);
    return NULL;
}

/* Answers whether it opened. */
static int opened(bm_io *io, bm_entry *entry, const bm_parcel *parcel, uint32_t from)
{
    uint32_t index = (uint32_t)(entry - io->entries);
    bm_link *link = bm_io_link(io, index);
    int code;

    /* Now and then what it acknowledges changes the budget: lines that most datagrams do not need. */
    if (io->now_us - link->period_us >= BM_LINK_PERIOD_LEAST_US) {
        __builtin_prefetch(&link->rate_bytes_per_s);
        __builtin_prefetch(&entry->rate);
    }
    code = bm_link_open(io->links, link, parcel->bytes, parcel->size, from, io->now_us);
    if (code < 0) {
        count_refused(io, code);
        return 0;
    }
    bm_io_count(io, BM_COUNT_OPENED, 1);
    if (from == io->next_id) learn(io, entry, link, &parcel->address);
    if (bm_link_wake(link) <= io->now_us) bm_io_tend(io, index);    /* mostly the datagram asks for nothing */
    else bm_wakes_set(io, index, bm_link_wake(link));
    return 1;
}

void bm_io_open(bm_io *io, const bm_parcel *parcel)
{
    bm_entry *entry = addressed(io, parcel);

    if (entry) opened(io, entry, parcel, name_of(io, entry, &parcel->address));
}

void bm_io_open_tunneled(bm_io *io, uint32_t cid, const bm_parcel *parcel)
{
    bm_entry *entry = addressed(io, parcel);

    bm_io_count(io, BM_COUNT_TUNNELED_IN, 1);
    if (!entry) return;
    if (entry->cid != cid) bm_io_count(io, BM_COUNT_STRAY, 1);      /* another player's connection id */
    else opened(io, entry, parcel, (uint32_t)BM_LINK_TUNNEL);
}

/* The address of a datagram, made comparable: what the kernel leaves undefined or may vary is zero. */
static void clean(bm_address *address, const struct sockaddr_in6 *name, uint16_t socket)
{
    memset(address, 0, sizeof *address);
    address->socket = socket;
    if (name->sin6_family == AF_INET) {
        memcpy(&address->name, name, offsetof(struct sockaddr_in, sin_zero));
        address->length = sizeof address->name.v4;
    } else {
        address->name.v6 = *name;
        address->name.v6.sin6_flowinfo = 0;
        address->length = sizeof address->name.v6;
    }
}

/* Goes through what was received, as far as there is room to tell the world of it. */
static uint32_t unpack(bm_io *io)
{
    bm_inbox *inbox = io->inbox;
    uint32_t begun = inbox->next;
    bm_parcel parcel;

    for (; inbox->next < inbox->count && bm_io_may_report(io); inbox->next++) {
        uint32_t i = inbox->next;

        if (i + AHEAD < inbox->count) bm_io_prefetch(io, cid_of(inbox->bytes[i + AHEAD]));
        clean(&parcel.address, &inbox->names[i], inbox->socket);
        parcel.bytes = inbox->bytes[i];
        parcel.size = inbox->heads[i].msg_len;
        bm_io_count(io, BM_COUNT_RECEIVED_BYTES, parcel.size);
        if (io->network) bm_network_in(io, &parcel);
        else bm_io_open(io, &parcel);
    }
    bm_io_count(io, BM_COUNT_RECEIVED, inbox->next - begun);
    return inbox->next - begun;
}

static void fill(bm_io *io, uint16_t socket)
{
    bm_inbox *inbox = io->inbox;
    int got;

    for (uint32_t i = 0; i < inbox->count; i++) inbox->heads[i].msg_hdr.msg_namelen = sizeof *inbox->names;
    inbox->count = inbox->next = 0;
    inbox->socket = socket;
    got = bm_socket_receive(io, io->sockets[socket], inbox->heads, BM_RECEIVE_BATCH);
    bm_meter_lap(io, BM_METER_KERNEL);
    if (got > 0) inbox->count = (uint32_t)got;
    else if (got < 0 && (errno == EBADF || errno == ENOTSOCK || errno == EFAULT || errno == EINVAL))
        bm_io_fail(io, "recvmmsg", errno);      /* whatever else it was passes */
}

/* Orders are obeyed between taking datagrams and opening them: a link that was installed before its client
   could send is there when that is looked at. */
uint32_t bm_io_receive(bm_io *io, uint32_t *orders)
{
    int behind = io->inbox->next < io->inbox->count;
    uint32_t done = 0;

    if (!io->pump->socket_count) *orders += bm_io_obey(io, BM_ORDERS_A_TURN);      /* tunnels alone */
    for (uint16_t socket = 0; socket < io->pump->socket_count; socket++) {
        if (!behind) fill(io, socket);
        *orders += bm_io_obey(io, BM_ORDERS_A_TURN);
        done += unpack(io);
        bm_meter_lap(io, BM_METER_OTHER);
        if (io->inbox->next < io->inbox->count) break;      /* the world is behind */
        behind = 0;
    }
    return done;
}
