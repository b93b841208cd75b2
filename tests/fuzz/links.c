/* A link's account: links.h. */

#include "links.h"

#define LEAST_RATE 2000u
#define MOST_RATE 64000u
#define HELD_BYTES 16384u
#define HELD_PARTS 320u
#define EVENT_LIMIT 65536u

void (*fuzz_link_sent)(fuzz_link *it, uint8_t *datagram, uint32_t size, uint32_t to);

static int came(void *context, bm_link *link)
{
    (void)context;
    (void)link;
    return 1;
}

static void moves(void *context, bm_link *link, const bm_move *moves, uint32_t count)
{
    fuzz_link *it = context;

    CHECK(link == it->link && count >= 1 && count <= 8);
    for (uint32_t i = 0; i < count; i++) {
        CHECK(moves[i].cid == FUZZ_CID && !moves[i].reserved && moves[i].epoch == moves[0].epoch);
        CHECK(!i || moves[i].tick == (uint16_t)(moves[i - 1].tick + 1));
    }
    if (it->moved && moves[0].epoch == it->epoch) CHECK((int16_t)(moves[0].tick - it->tick) > 0);
    if (it->moved) CHECK((int8_t)(moves[0].epoch - it->epoch) >= 0);
    it->moved = 1;
    it->epoch = moves[0].epoch;
    it->tick = moves[count - 1].tick;
}

static void fate(void *context, bm_link *link, uint32_t record, int lost)
{
    fuzz_link *it = context;
    uint32_t at = 0;

    CHECK(link == it->link && (lost == 0 || lost == 1));
    while (at < it->open_count && it->open[at] != record) at++;
    CHECK(at < it->open_count);
    it->open[at] = it->open[--it->open_count];
}

static void event(void *context, bm_link *link, uint32_t opcode, const uint8_t *body, uint32_t size)
{
    fuzz_link *it = context;

    CHECK(link == it->link && size <= EVENT_LIMIT && !it->closed);
    (void)opcode;
    fuzz_look(body, size);
    it->events++;
    CHECK(it->events == link->in_id);
}

static void attached(void *context, bm_link *link, uint32_t address)
{
    fuzz_link *it = context;

    CHECK(link == it->link && !it->attached && link->path == address);
    it->attached = 1;
}

static void migrated(void *context, bm_link *link, uint32_t address)
{
    fuzz_link *it = context;

    CHECK(link == it->link && it->attached && link->path == address);
}

static void closed(void *context, bm_link *link, uint32_t reason)
{
    fuzz_link *it = context;

    CHECK(link == it->link && !it->closed && reason <= 255);
    it->closed = 1;
}

static void rate(void *context, bm_link *link, uint32_t bytes_per_s)
{
    CHECK(link == ((fuzz_link *)context)->link && bytes_per_s >= LEAST_RATE && bytes_per_s <= MOST_RATE);
}

static void mtu(void *context, bm_link *link, uint32_t bytes)
{
    CHECK(link == ((fuzz_link *)context)->link && bytes >= 1200 && bytes <= 1452);
}

void fuzz_link_start(fuzz_link *it, const uint8_t *prk, uint32_t aead, uint32_t mtu_bytes, uint32_t chunks)
{
    static const uint8_t token_key[32] = {1};
    bm_link_sink sink = {it, came, moves, fate, event, attached, migrated, closed, rate, mtu};

    memset(it, 0, sizeof *it);
    it->now_us = 1000000;
    CHECK((it->links = bm_links_new(token_key, chunks)));
    CHECK((it->link = calloc(1, bm_link_size())));
    bm_links_tell(it->links, &sink);
    bm_links_updates(it->links, 64, 3600000000ull);
    CHECK(bm_link_start(it->links, it->link, prk, aead, FUZZ_CID, mtu_bytes, 1000, it->now_us) == 0);
}

void fuzz_link_end(fuzz_link *it)
{
    bm_link_end(it->links, it->link);
    CHECK(!it->open_count && !it->links->pool.used);
    free(it->link);
    bm_links_free(it->links);
}

/* How many chunks a part takes. */
static uint32_t chunks(const bm_part *part)
{
    return ((uint32_t)sizeof *part + part->size + BM_CHUNK_BYTES - 1) / BM_CHUNK_BYTES;
}

static uint32_t check_inbox(const fuzz_link *it)
{
    uint32_t parts = 0, bytes = 0, used = 0;

    for (uint32_t at = it->link->in_first; at; at = bm_part_at(&it->links->pool, at)->next) {
        const bm_part *part = bm_part_at(&it->links->pool, at);
        CHECK((uint16_t)(part->id - it->link->in_id) < 256 && part->index < part->count);
        CHECK(part->count <= BM_LINK_FRAGMENTS && part->size <= BM_DATAGRAM_BYTES);
        bytes += part->size;
        used += chunks(part);
        CHECK(++parts <= HELD_PARTS);
    }
    CHECK(parts == it->link->in_count && bytes == it->link->in_bytes && bytes <= HELD_BYTES);
    return used;
}

static uint32_t check_outbox(const fuzz_link *it)
{
    const bm_link *link = it->link;
    uint32_t ready = 0, flying = 0, flying_bytes = 0, used = 0, last = 0;
    int behind = 0;

    for (uint32_t at = link->out_first; at; at = bm_part_at(&it->links->pool, at)->next) {
        const bm_part *part = bm_part_at(&it->links->pool, at);
        behind |= at == link->out_behind;
        CHECK(behind == (part->state == BM_PART_BEHIND));
        CHECK((uint16_t)(link->out_id - part->id) <= 2048 && part->index < part->count);
        ready += part->state == BM_PART_READY;
        flying += part->state == BM_PART_FLYING;
        if (part->state == BM_PART_FLYING) flying_bytes += part->data_size;
        used += chunks(part);
        last = at;
    }
    CHECK(last == link->out_last && (behind || !link->out_behind));
    CHECK(ready == link->out_ready_count && flying == link->out_flying_count);
    CHECK(flying_bytes == link->out_flight_bytes && flying_bytes <= 16384 && link->out_bytes <= 131072);
    return used;
}

static void check_flight(const fuzz_link *it)
{
    const bm_link *link = it->link;
    uint64_t next = link->sealer.next;
    uint32_t asking = 0, flying = 0, records = 0;

    CHECK(link->oldest <= next && link->arrived <= next && link->probe <= next);
    for (uint64_t number = next > BM_LINK_FLIGHT ? next - BM_LINK_FLIGHT : 0; number < next; number++) {
        int flies = bm_bit(link->flying, number);
        CHECK(!flies || number >= link->oldest);
        flying += (uint32_t)flies;
        asking += (uint32_t)(flies && bm_bit(link->asking, number));
        records += (uint32_t)(flies && bm_bit(link->recorded, number));
    }
    CHECK(asking == link->asking_count && records == it->open_count);
    CHECK(flying || link->oldest == next);
}

void fuzz_link_check(const fuzz_link *it)
{
    const bm_link *link = it->link;
    uint32_t used = check_inbox(it) + check_outbox(it);

    check_flight(it);
    CHECK(used == it->links->pool.used);
    CHECK(link->state >= BM_LINK_OPEN && link->state <= BM_LINK_CLOSED);
    CHECK((link->state == BM_LINK_OPEN) == !it->closed);
    CHECK(it->attached == ((link->flags & BM_LINK_HAS_PATH) != 0));
    CHECK(link->mtu >= 1200 && link->mtu <= 1452 && link->mtu_limit >= 1200);
    CHECK(bm_link_room(link) < link->mtu);
}

static uint32_t next_record(fuzz_link *it, fuzz_script *script)
{
    uint8_t how = fuzz_u8(script);

    if (how < 64) return (uint32_t)BM_LINK_NO_RECORD;
    if (how == 64) it->next_record = fuzz_u32(script);      /* another count */
    else if (how < 72) it->next_record += fuzz_u16(script);
    if (it->next_record == (uint32_t)BM_LINK_NO_RECORD) it->next_record = 0;
    CHECK(it->open_count < FUZZ_OPEN_RECORDS);
    it->open[it->open_count++] = it->next_record;
    return it->next_record++;
}

static void made(fuzz_link *it, uint8_t *datagram, int size, uint32_t to)
{
    if (size <= 0) return;
    CHECK((uint32_t)size <= it->link->mtu || (uint32_t)size <= it->link->mtu_limit);
    if (fuzz_link_sent) fuzz_link_sent(it, datagram, (uint32_t)size, to);
}

static void send(fuzz_link *it, fuzz_script *script)
{
    uint8_t *out = malloc(BM_DATAGRAM_BYTES), *sections;
    uint32_t size = fuzz_u16(script) % 1500, tick = fuzz_u16(script), record = next_record(it, script);
    int code;

    sections = calloc(1, size + 1);
    CHECK(out && sections);
    code = bm_link_seal(it->links, it->link, sections, size, record, tick, it->now_us, out);
    made(it, out, code, bm_link_path(it->link));
    free(sections);
    free(out);
}

static void tend(fuzz_link *it)
{
    uint8_t *out = malloc(BM_DATAGRAM_BYTES);

    CHECK(out);
    for (int i = 0, due = 1; i < 16; i++) {
        int challenge = 0, sealed = 0;
        due = bm_link_due(it->links, it->link, it->now_us);
        if (!due || due & BM_DUE_OVER) break;
        if (due & BM_DUE_CHALLENGE) challenge = bm_link_challenge(it->links, it->link, it->now_us, out);
        made(it, out, challenge, bm_link_candidate(it->link));
        if (due & BM_DUE_SEND)
            sealed = bm_link_seal(it->links, it->link, NULL, 0, (uint32_t)BM_LINK_NO_RECORD,
                                  (uint32_t)BM_LINK_NO_TICK, it->now_us, out);
        made(it, out, sealed, bm_link_path(it->link));
        if (challenge <= 0 && sealed <= 0) break;
    }
    free(out);
}

void fuzz_link_act(fuzz_link *it, int what, fuzz_script *script)
{
    static const uint8_t body[EVENT_LIMIT];

    if (what == FUZZ_PASS_TIME) it->now_us += 250u * (uint64_t)fuzz_u16(script);
    else if (what == FUZZ_SEND) send(it, script);
    else if (what == FUZZ_TEND) tend(it);
    else if (what == FUZZ_CLOSE) bm_link_close(it->links, it->link, fuzz_u8(script), it->now_us);
    else if (what == FUZZ_EVENT) {
        uint32_t opcode = fuzz_u16(script), size = fuzz_u16(script);
        if (size >= 0xff00) size = size % 256 + EVENT_LIMIT - 200;
        int id = bm_link_event(it->links, it->link, opcode, body, size);
        CHECK(id == BM_NO_ROOM || id == BM_OUT_OF_RANGE || id == BM_LINK_OVER
              || (uint16_t)(id + 1) == it->link->out_id);
    }
}
