/* What comes from the client: datagrams opened, prefix and sections read.  docs/bmu1.md sections 4 and 5. */

#include "link_inside.h"

#define HAS_BITS 1u
#define HAS_DELAY 2u
#define HAS_TICK 4u
#define NOTHING_YET 8u
#define DELAY_UNIT_US 2000
#define DELAY_LIMIT 255         /* that or more: it says nothing of the round trip */
#define INPUTS_MOST 8u

/* A datagram being read. */
typedef struct {
    bm_links *links;
    bm_link *link;
    bm_reader reader;
    uint32_t size;              /* of the datagram */
    uint32_t from;
    uint64_t now_us;
    int ticked;
    uint16_t tick;
} reading;

static int read_prefix(reading *it)
{
    bm_reader *reader = &it->reader;
    uint8_t flags = bm_read_u8(reader);
    int acks = !(flags & NOTHING_YET);
    uint16_t ack = acks ? bm_read_u16(reader) : 0;
    uint32_t bits = flags & HAS_BITS ? bm_read_u32(reader) : UINT32_MAX;
    int64_t delay_us = flags & HAS_DELAY ? bm_read_u8(reader) : DELAY_LIMIT;

    if (flags > 15 || (!acks && flags & (HAS_BITS | HAS_DELAY))) return BM_OUT_OF_RANGE;
    it->ticked = (flags & HAS_TICK) != 0;
    it->tick = it->ticked ? bm_read_u16(reader) : 0;
    if (reader->broken) return BM_OUT_OF_RANGE;
    delay_us = delay_us < DELAY_LIMIT ? delay_us * DELAY_UNIT_US : -1;
    return acks ? bm_flight_acked(it->links, it->link, ack, bits, delay_us, it->now_us) : 0;
}

/* Hands on the inputs that are newer than the last, or of a later epoch: what a corrected client replays has
   old numbers.  `moves` are the newest first, all of one epoch. */
static void hand_on(reading *it, const bm_move *moves, uint32_t count)
{
    bm_move ordered[INPUTS_MOST];
    uint32_t fresh = 0;
    int8_t later = (int8_t)(moves[0].epoch - it->link->input_epoch);

    if (!(it->link->flags & BM_LINK_HAS_INPUT)) later = 1;
    for (uint32_t i = count; i-- > 0; ) {
        int16_t newer = (int16_t)(moves[i].tick - it->link->input_tick);
        if (later > 0 || (later == 0 && newer > 0)) ordered[fresh++] = moves[i];
    }
    it->links->counts.inputs += fresh;
    it->links->counts.inputs_repeated += count - fresh;
    if (!fresh) return;
    it->link->input_tick = ordered[fresh - 1].tick;
    it->link->input_epoch = ordered[fresh - 1].epoch;
    it->link->flags |= BM_LINK_HAS_INPUT;
    it->links->sink.moves(it->links->sink.context, it->link, ordered, fresh);
}

/* Modulo 2^32, whatever they say. */
static int32_t plus(int32_t a, int16_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

static int read_inputs(reading *it)
{
    bm_reader *reader = &it->reader;
    uint8_t count = bm_read_u8(reader), epoch = bm_read_u8(reader);
    const uint8_t *newest_at, *older_at;
    bm_newest_input newest;
    bm_move moves[INPUTS_MOST];

    if (!count || count > INPUTS_MOST || !it->ticked) return BM_OUT_OF_RANGE;
    newest_at = bm_read(reader, BM_NEWEST_INPUT_BYTES);
    older_at = bm_read(reader, (count - 1u) * BM_OLDER_INPUT_BYTES);
    if (!older_at) return BM_OUT_OF_RANGE;
    bm_newest_input_get(newest_at, &newest);
    moves[0] = (bm_move){.cid = it->link->opener.cid, .tick = it->tick, .flags = newest.flags,
                         .yaw = newest.yaw, .epoch = epoch, .x = newest.x, .y = newest.y, .z = newest.z};
    for (uint32_t i = 1; i < count; i++, older_at += BM_OLDER_INPUT_BYTES) {
        const bm_move *newer = &moves[i - 1];
        bm_older_input older;
        bm_older_input_get(older_at, &older);
        moves[i] = (bm_move){.cid = newer->cid, .tick = (uint16_t)(newer->tick - 1), .flags = older.flags,
                             .yaw = older.yaw, .epoch = epoch};
        moves[i].x = plus(newer->x, older.dx);
        moves[i].y = plus(newer->y, older.dy);
        moves[i].z = plus(newer->z, older.dz);
    }
    hand_on(it, moves, count);
    return 0;
}

static int read_path(reading *it)
{
    uint8_t what = bm_read_u8(&it->reader);
    const uint8_t *token = bm_read(&it->reader, 8);

    if (!token || what != 1) return BM_OUT_OF_RANGE;    /* a challenge comes from servers only */
    bm_path_response(it->links, it->link, it->from, token);
    return 0;
}

static int read_time(reading *it)
{
    uint8_t what = bm_read_u8(&it->reader);
    uint32_t stamp = bm_read_u32(&it->reader);

    if (what == 1) bm_read_u32(&it->reader);
    if (it->reader.broken || what > 1) return BM_OUT_OF_RANGE;
    if (what == 1) return 0;    /* nobody here asks for the client's clock; that it came was what mattered */
    /* From elsewhere, many of them by UDP would each be answered through the TCP connection. */
    if (!(it->link->flags & BM_LINK_HAS_PATH) || it->from != it->link->path) return 0;
    it->link->pong_stamp = stamp;
    it->link->flags |= BM_LINK_HAS_PONG;
    return 0;
}

static int read_close(reading *it)
{
    uint8_t reason = bm_read_u8(&it->reader);

    if (it->reader.broken) return BM_OUT_OF_RANGE;
    it->link->state = BM_LINK_CLOSED;
    it->link->reason = reason;
    it->links->sink.closed(it->links->sink.context, it->link, reason);
    return 0;
}

static int read_attach(reading *it)
{
    uint16_t proto = bm_read_u16(&it->reader), mtu = bm_read_u16(&it->reader);
    bm_link *link = it->link;

    if (it->reader.broken || proto != BM_PROTO || it->size < BM_LINK_MTU_LEAST) return BM_OUT_OF_RANGE;
    if (mtu < link->mtu_limit) link->mtu_limit = mtu < BM_LINK_MTU_LEAST ? BM_LINK_MTU_LEAST : mtu;
    return 0;
}

static int read_section(reading *it)
{
    switch (bm_read_u8(&it->reader)) {
    case BM_EVENT:
        return bm_inbox_event(it->links, it->link, &it->reader);
    case BM_INPUT:
        return read_inputs(it);
    case BM_PATH:
        return read_path(it);
    case BM_TIME:
        return read_time(it);
    case BM_CLOSE:
        return read_close(it);
    case BM_ATTACH:
        return read_attach(it);
    case BM_FRAGMENT:
        return bm_inbox_fragment(it->links, it->link, &it->reader);
    case BM_PROBE:
        return bm_read_u16(&it->reader) == it->size && !it->reader.broken ? 0 : BM_OUT_OF_RANGE;
    default:
        return BM_OUT_OF_RANGE;
    }
}

int bm_link_read(bm_links *links, bm_link *link, const uint8_t *plain, uint32_t size, uint32_t datagram_size,
                 uint32_t from, uint64_t now_us)
{
    reading it = {.links = links, .link = link, .reader = {plain, plain + size, 0}, .size = datagram_size,
                  .from = from, .now_us = now_us};
    int count = 0;

    if (read_prefix(&it) < 0) {
        links->counts.malformed++;
        return 0;
    }
    if (bm_left(&it.reader) && *it.reader.at != BM_PAD && !link->owed_us) link->owed_us = now_us;
    while (link->state == BM_LINK_OPEN && bm_left(&it.reader) && *it.reader.at != BM_PAD) {
        if (read_section(&it) < 0) {
            links->counts.malformed++;
            break;
        }
        links->counts.sections++;
        count++;
    }
    return count;
}

static void count_refusal(bm_link_counts *counts, int code)
{
    if (code == BM_SHORT) counts->refused_short++;
    else if (code == BM_STRANGE) counts->strange++;
    else if (code == BM_REPLAYED) counts->replayed++;
    else if (code == BM_FORGED) counts->forged++;
}

int bm_link_open(bm_links *links, bm_link *link, uint8_t *datagram, uint32_t size, uint32_t from,
                 uint64_t now_us)
{
    uint32_t generation = link->opener.generation;
    int length, newest, count = 0;

    if (link->state != BM_LINK_OPEN) return BM_LINK_OVER;
    __builtin_prefetch(&link->sent_at[(link->sealer.next - 1) % BM_LINK_TIMES]);
    length = bm_open(links->crypto, &link->opener, datagram, size);
    if (length < 0) {
        count_refusal(&links->counts, length);
        return length;
    }
    links->counts.opened++;
    links->counts.key_updates += link->opener.generation != generation;
    link->heard_us = now_us;
    newest = link->opener.last + 1 == link->opener.next;
    if (newest) link->highest_us = now_us;
    if (links->sink.came(links->sink.context, link)) {
        bm_path_came(links, link, from, size, newest, now_us);
        count = bm_link_read(links, link, datagram + BM_C2S_HEAD_BYTES, (uint32_t)length, size, from, now_us);
    }
    bm_link_wait(links, link, now_us);
    return count;
}
