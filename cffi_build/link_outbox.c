/* Events on their way to the client: each exactly once and in order.  docs/bmu1.md section 4.

   A link's parts are a list in the order of ids: arrived, flying, ready to be sent, and behind, which may not
   be sent before older ones have arrived.  A part is kept as the section that it is sent in. */

#include "link_inside.h"

#define WINDOW_EVENTS 256u
#define WINDOW_BYTES 131072u    /* from the oldest that has not arrived to the newest that may be sent */
#define BEHIND_EVENTS 1024u
#define FLIGHT_LEAST 2048u
#define FLIGHT_MOST 16384u

uint32_t bm_put_varint(uint8_t *at, uint32_t value)
{
    uint32_t size = 0;

    for (; value > 0x7f; value >>= 7) at[size++] = (uint8_t)(value | 0x80);
    at[size++] = (uint8_t)value;
    return size;
}

static uint32_t flight_limit(const bm_link *link)
{
    uint32_t limit = link->rate_bytes_per_s / 2;

    return limit < FLIGHT_LEAST ? FLIGHT_LEAST : limit > FLIGHT_MOST ? FLIGHT_MOST : limit;
}

/* Lets what is behind be sent, as far as the window allows. */
static void admit(bm_links *links, bm_link *link)
{
    while (link->out_behind) {
        const bm_part *behind = bm_part_at(&links->pool, link->out_behind);
        const bm_part *oldest = bm_part_at(&links->pool, link->out_first);
        uint16_t id = behind->id;
        if ((uint16_t)(id - oldest->id) >= WINDOW_EVENTS) return;
        if (link->out_bytes + behind->value > WINDOW_BYTES) return;
        link->out_bytes += behind->value;
        link->out_behind_count--;
        while (link->out_behind && bm_part_at(&links->pool, link->out_behind)->id == id) {
            bm_part *part = bm_part_at(&links->pool, link->out_behind);
            part->state = BM_PART_READY;
            link->out_ready_count++;
            link->out_behind = part->next;
        }
    }
}

static void enqueue(bm_links *links, bm_link *link, uint32_t part)
{
    if (link->out_last) bm_part_at(&links->pool, link->out_last)->next = part;
    else link->out_first = part;
    link->out_last = part;
    if (!link->out_behind) link->out_behind = part;
}

/* The section of one part: `opcode_size` bytes of `opcode`, then `size` of `body`.  0: no room. */
static uint32_t part_new(bm_links *links, uint16_t id, uint32_t index, uint32_t count, const uint8_t *opcode,
                         uint32_t opcode_size, const uint8_t *body, uint32_t size)
{
    uint8_t head[20];
    uint32_t at = 3, part;

    head[0] = count > 1 ? BM_FRAGMENT : BM_EVENT;
    bm_put_u16(head + 1, id);
    if (count > 1) {
        head[at++] = (uint8_t)index;
        head[at++] = (uint8_t)count;
        at += bm_put_varint(head + at, opcode_size + size);
    }
    for (uint32_t i = 0; i < opcode_size; i++) head[at++] = opcode[i];
    if (count == 1) at += bm_put_varint(head + at, size);
    part = bm_part_new(&links->pool, head, at, body, size);
    if (!part) return 0;
    bm_part_at(&links->pool, part)->id = id;
    bm_part_at(&links->pool, part)->index = (uint8_t)index;
    bm_part_at(&links->pool, part)->count = (uint8_t)count;
    bm_part_at(&links->pool, part)->data_size = (uint16_t)(opcode_size + size);
    return part;
}

int bm_link_event(bm_links *links, bm_link *link, uint32_t opcode, const uint8_t *body, uint32_t size)
{
    uint8_t number[5];
    uint32_t number_size = bm_put_varint(number, opcode), count, taken = 0, first = 0, last = 0;

    if (link->state != BM_LINK_OPEN) return BM_LINK_OVER;
    if (size > BM_LINK_EVENT_RAW_BYTES - number_size) return BM_OUT_OF_RANGE;
    if (link->out_behind_count >= BEHIND_EVENTS) return BM_NO_ROOM;
    count = (number_size + size + BM_LINK_FRAGMENT_BYTES - 1) / BM_LINK_FRAGMENT_BYTES;
    for (uint32_t index = 0; index < count; index++) {
        uint32_t lead = index ? 0 : number_size, piece = BM_LINK_FRAGMENT_BYTES - lead, part;
        if (piece > size - taken) piece = size - taken;
        part = part_new(links, link->out_id, index, count, number, lead, taken ? body + taken : body, piece);
        if (!part) break;
        bm_part_at(&links->pool, part)->value = number_size + size;
        if (last) bm_part_at(&links->pool, last)->next = part;
        else first = part;
        last = part;
        taken += piece;
    }
    if (taken < size || !first) {
        for (uint32_t next; first; first = next) {
            next = bm_part_at(&links->pool, first)->next;
            bm_part_free(&links->pool, first);
        }
        return BM_NO_ROOM;
    }
    for (uint32_t next; first; first = next) {
        next = bm_part_at(&links->pool, first)->next;
        bm_part_at(&links->pool, first)->next = 0;
        enqueue(links, link, first);
    }
    link->out_behind_count++;
    admit(links, link);
    link->wake_us = 1;          /* there may be something to send: bm_link_due looks */
    return link->out_id++;
}

static int fits(const bm_link *link, const bm_part *part)
{
    return link->out_flight_bytes + part->data_size <= flight_limit(link);
}

int bm_outbox_sendable(const bm_links *links, const bm_link *link)
{
    uint32_t at = link->out_first;

    if (!link->out_ready_count) return 0;
    while (bm_part_at(&links->pool, at)->state != BM_PART_READY) at = bm_part_at(&links->pool, at)->next;
    return fits(link, bm_part_at(&links->pool, at));
}

uint32_t bm_outbox_take(bm_links *links, bm_link *link, uint64_t number, uint8_t *out, uint32_t room)
{
    uint32_t written = 0;

    for (uint32_t at = link->out_first; at && link->out_ready_count; ) {
        bm_part *part = bm_part_at(&links->pool, at);
        if (part->state == BM_PART_READY) {
            if (part->size > room - written || !fits(link, part)) break;
            bm_part_copy(&links->pool, at, out + written);
            written += part->size;
            links->counts.events_out++;
            if (part->number) links->counts.events_again++;
            part->number = (uint32_t)number + 1;
            part->state = BM_PART_FLYING;
            link->out_flight_bytes += part->data_size;
            link->out_ready_count--;
            link->out_flying_count++;
        }
        at = part->next;
    }
    return written;
}

/* Changes the state of all parts that fly in this datagram; whether there were any. */
static int land(bm_links *links, bm_link *link, uint64_t number, uint8_t state)
{
    uint16_t before = link->out_flying_count;

    for (uint32_t at = link->out_first; at != link->out_behind && link->out_flying_count; ) {
        bm_part *part = bm_part_at(&links->pool, at);
        if (part->state == BM_PART_FLYING && part->number == (uint32_t)number + 1) {
            part->state = state;
            link->out_flight_bytes -= part->data_size;
            link->out_flying_count--;
            if (state == BM_PART_READY) link->out_ready_count++;
        }
        at = part->next;
    }
    return link->out_flying_count != before;
}

void bm_outbox_lost(bm_links *links, bm_link *link, uint64_t number)
{
    land(links, link, number, BM_PART_READY);
}

/* Whether the oldest event has arrived with all its parts. */
static int oldest_arrived(const bm_links *links, const bm_link *link)
{
    uint16_t id = bm_part_at(&links->pool, link->out_first)->id;

    for (uint32_t at = link->out_first; at; at = bm_part_at(&links->pool, at)->next) {
        const bm_part *part = bm_part_at(&links->pool, at);
        if (part->id != id) return 1;
        if (part->state != BM_PART_ARRIVED) return 0;
    }
    return 1;
}

static void drop_first(bm_links *links, bm_link *link)
{
    uint32_t first = link->out_first;

    link->out_first = bm_part_at(&links->pool, first)->next;
    if (!link->out_first) link->out_last = 0;
    bm_part_free(&links->pool, first);
}

void bm_outbox_arrived(bm_links *links, bm_link *link, uint64_t number)
{
    if (!land(links, link, number, BM_PART_ARRIVED)) return;
    while (link->out_first && oldest_arrived(links, link)) {
        const bm_part *oldest = bm_part_at(&links->pool, link->out_first);
        link->out_bytes -= oldest->value;
        for (uint32_t left = oldest->count; left; left--) drop_first(links, link);
    }
    admit(links, link);
}

void bm_outbox_drop(bm_links *links, bm_link *link)
{
    while (link->out_first) drop_first(links, link);
    link->out_behind = link->out_bytes = link->out_flight_bytes = 0;
    link->out_behind_count = link->out_ready_count = link->out_flying_count = 0;
}
