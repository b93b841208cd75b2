/* An I/O thread of the pump without its thread: orders as the world gives them, datagrams as sockets and
   tunnels bring them, and what the world is told, in any order and with rings that fill up. */

#define _GNU_SOURCE
#include "pump_start.c"         /* prepare and release are its own */

#include "client.h"

#define CLIENTS 3u
#define RECORDS 65536u

/* The third one replaces the first. */
static const uint32_t cids[CLIENTS] = {1u << 14 | 1, 1u << 14 | 2, 2u << 14 | 1};

typedef struct {
    bm_pump *pump;
    bm_io *io;
    bm_crypto *crypto;
    fuzz_client clients[CLIENTS];
    uint32_t installs, ends;            /* of links: ordered, and told of */
    uint32_t pushed;                    /* records so far: numbers of their own */
    uint8_t open[RECORDS];              /* by record: 1 + which client waits to hear of it */
    uint8_t keys;
} world;

static void install(world *it, uint32_t who, fuzz_script *script)
{
    uint8_t how = fuzz_u8(script), prk[32] = {++it->keys, (uint8_t)who};

    if (bm_pump_install(it->pump, cids[who], how & 1, prk, how & 2 ? 1452 : 1200, 1000) < 0) return;
    it->installs++;
    fuzz_client_end(&it->clients[who]);
    fuzz_client_start(&it->clients[who], it->crypto, prk, how & 1, cids[who]);
}

static void push(world *it, uint32_t who, fuzz_script *script)
{
    uint8_t sections[BM_PUMP_SECTIONS] = {0};
    uint32_t lane = fuzz_u8(script) % 2, size = fuzz_u16(script) % (BM_PUMP_SECTIONS + 1);
    uint32_t record = it->pushed;

    if (record == RECORDS) return;
    it->pushed++;
    if (bm_pump_push(it->pump, lane, cids[who], record, record, sections, size) == 0)
        it->open[record] = (uint8_t)(1 + who);
}

static void event(world *it, uint32_t who, fuzz_script *script)
{
    static const uint8_t body[BM_PUMP_EVENT];

    bm_pump_event(it->pump, cids[who], fuzz_u16(script), body, fuzz_u16(script) % (BM_PUMP_EVENT + 1));
}

/* What comes: sealed by the client, or by nobody; over a socket or the TCP connection of this or another. */
static void come(world *it, uint32_t who, fuzz_script *script)
{
    static const bm_opener fresh;
    const bm_link *link = bm_io_link(it->io, bm_io_place(it->io, cids[who]));
    uint8_t how = fuzz_u8(script);
    fuzz_datagram datagram = {.size = fuzz_u16(script) % 1600};
    bm_parcel parcel = {.address.length = sizeof(struct sockaddr_in)};

    if (how & 1 && it->clients[who].crypto)
        datagram = fuzz_client_say(&it->clients[who], script,
                                   link->opener.cid == cids[who] ? &link->opener : &fresh);
    else datagram.bytes = fuzz_bytes(script, &datagram.size);
    parcel.address.name.v4.sin_port = (in_port_t)(who << 4 | how >> 4);
    parcel.bytes = datagram.bytes;
    parcel.size = datagram.size;
    if (how & 2) bm_pump_tunnel(it->pump, cids[how & 4 ? (who + 1) % CLIENTS : who], datagram.bytes,
                                datagram.size);
    else if (bm_io_may_report(it->io)) bm_io_open(it->io, &parcel);
    free(datagram.bytes);
}

/* What the link made for who was there before, nobody can open. */
static void hear(world *it, uint32_t who, const uint8_t *datagram, size_t size)
{
    CHECK(size <= BM_DATAGRAM_BYTES && who < CLIENTS);
    if (it->clients[who].crypto) fuzz_client_hear(&it->clients[who], datagram, (uint32_t)size, 0);
}

/* Clients hear what would go into the socket. */
static void carry(world *it)
{
    bm_outbox *outbox = it->io->outboxes[0];

    for (uint32_t i = 0; i < outbox->count; i++)
        hear(it, outbox->to[i].name.v4.sin_port >> 4, outbox->bytes[i], outbox->pieces[i].iov_len);
    outbox->count = 0;
}

static void hear_news(world *it, const bm_news *news)
{
    CHECK(news->what >= BM_NEWS_ATTACHED && news->what <= BM_NEWS_FACTS);
    fuzz_look(news->bytes, news->size);
    if (news->what == BM_NEWS_CLOSED) it->ends++;
    CHECK(it->ends <= it->installs);
    for (uint32_t i = 0; news->what == BM_NEWS_TUNNEL && i < CLIENTS; i++)
        if (news->cid == cids[i]) hear(it, i, news->bytes, news->size);
    CHECK(news->what != BM_NEWS_FACTS || news->size == sizeof(bm_link_facts));
}

static void drain(world *it)
{
    const uint8_t *moves;
    const bm_fate *fates;
    const bm_budget *budgets;
    const bm_news *news;
    uint32_t count;

    bm_ring_publish(&it->io->up);
    CHECK(bm_pump_drain(it->pump) == 0);
    count = bm_pump_moves(it->pump, &moves);
    for (uint32_t i = 0; i < count; i++) {
        bm_move move;
        memcpy(&move, moves + (size_t)i * sizeof move, sizeof move);
        CHECK(move.cid == cids[0] || move.cid == cids[1] || move.cid == cids[2]);
    }
    count = bm_pump_fates(it->pump, &fates);
    for (uint32_t i = 0; i < count; i++) {
        CHECK(fates[i].record < it->pushed && it->open[fates[i].record]);
        CHECK(fates[i].cid == cids[it->open[fates[i].record] - 1]);
        it->open[fates[i].record] = 0;
    }
    count = bm_pump_budgets(it->pump, &budgets);
    for (uint32_t i = 0; i < count; i++) CHECK(budgets[i].bytes_per_second >= 2000 && budgets[i].room < 1452);
    count = bm_pump_news(it->pump, &news);
    for (uint32_t i = 0; i < count; i++) hear_news(it, &news[i]);
}

static void act(world *it, uint8_t what, uint32_t who, fuzz_script *script)
{
    if (what == 0) install(it, who, script);
    else if (what == 1) bm_pump_close_link(it->pump, cids[who], fuzz_u8(script));
    else if (what == 2) event(it, who, script);
    else if (what == 3) push(it, who, script);
    else if (what == 4) bm_pump_ask(it->pump, cids[who]);
    else if (what == 5) drain(it);
    else if (what == 6) {
        bm_pump_flush(it->pump, 0);
        bm_pump_flush(it->pump, 1);
        bm_io_obey(it->io, 1 + fuzz_u8(script));
    } else if (what == 7) {
        it->io->now_us += 1000u * (uint64_t)fuzz_u16(script);
        bm_wakes_turn(it->io);
    } else if (what == 8) carry(it);
    else come(it, who, script);
}

/* What the pump does with a link that is over. */
static void forget(world *it, bm_entry *entry)
{
    uint32_t index = (uint32_t)(entry - it->io->entries);

    bm_link_end(it->io->links, bm_io_link(it->io, index));
    bm_wakes_never(it->io, index);
    memset(entry, 0, sizeof *entry);
    it->io->link_count--;
}

/* Made once: so much memory takes longer than a run. */
static bm_pump *only_pump(void)
{
    static bm_pump *pump;
    bm_pump_options options = {.threads = 1, .lanes = 2, .ring_bytes = BM_PUMP_RING};

    if (pump) return pump;
    CHECK((pump = bm_pump_new(&options)));
    pump->socket_count = 1;             /* of number -1: nothing is sent into it */
    CHECK(prepare(&pump->threads[0]) == 0);
    return pump;
}

static void empty(bm_ring *ring)
{
    ring->put = ring->taken_seen = ring->read = ring->shown_seen = ring->begun = ring->begun_seen = 0;
    atomic_store(&ring->shown, 0);
    atomic_store(&ring->taken, 0);
}

/* As if it had just been started; in place of what is random there is a number. */
static void begin(world *it)
{
    static const uint8_t token_key[32] = {1};

    memset(it, 0, sizeof *it);
    CHECK((it->crypto = bm_crypto_new()));
    it->pump = only_pump();
    it->io = &it->pump->threads[0];
    for (int lane = 0; lane < 2; lane++) empty(&it->io->down[lane]);
    empty(&it->io->up);
    bm_links_free(it->io->links);
    CHECK((it->io->links = bm_links_new(token_key, 8192)));
    bm_links_updates(it->io->links, 64, 3600000000u);
    bm_io_listen(it->io);
    it->io->next_id = 1;
    it->io->lane = 0;
    it->io->now_us = 1000000;
    it->io->outboxes[0]->stuck_us = 0;
    bm_wakes_start(it->io);
}

/* The world goes on until all is obeyed, then everybody is told goodbye. */
static void end(world *it)
{
    bm_pump_flush(it->pump, 0);
    bm_pump_flush(it->pump, 1);
    do {
        carry(it);
        drain(it);
    } while (bm_io_obey(it->io, BM_ORDERS_A_TURN));
    for (uint32_t turns = 0; turns < 16 && it->ends < it->installs; turns++) {
        bm_io_part(it->io);
        carry(it);
        drain(it);
    }
    CHECK(it->ends == it->installs && !atomic_load(&it->io->failed));
    for (uint32_t i = 0; i < CLIENTS; i++) {
        bm_entry *entry = &it->io->entries[bm_io_place(it->io, cids[i])];
        if (entry->open) forget(it, entry);
        fuzz_client_end(&it->clients[i]);
    }
    CHECK(!it->io->link_count && !it->io->links->pool.used);
    drain(it);
    for (uint32_t i = 0; i < it->pushed; i++) CHECK(!it->open[i]);      /* each push had its answer */
    bm_crypto_free(it->crypto);
}

void fuzz_pump(const uint8_t *data, size_t size)
{
    fuzz_script script = {data, size};
    static world it;

    begin(&it);
    while (script.left) {
        uint8_t what = fuzz_u8(&script);
        atomic_store(&it.io->faults[1], 0xffffu << 16 | ENOBUFS);
        act(&it, what / CLIENTS % 12, what % CLIENTS, &script);
        CHECK(!atomic_load(&it.io->failed));
        CHECK(it.io->outboxes[0]->count <= BM_SEND_BATCH);
    }
    end(&it);
}
