/* Events from the client: each delivered once and in order.  docs/bmu1.md section 4.

   What comes before its turn is held: a part with what its section said, in the thread's pool. */

#include <string.h>

#include "link_inside.h"

#define WINDOW_EVENTS 256u
#define COPIES 0x8000u          /* so many ids before the next awaited are those of copies */
#define HELD_BYTES 16384u
/* An honest client has at most 256 events on their way, and of 16,384 bytes at most 16 more fragments. */
#define HELD_PARTS 320u

/* One event's part, as its section says it; in place of an opcode, a fragment has it in its data. */
typedef struct {
    uint16_t id;
    uint8_t index, count;
    uint32_t opcode;
    const uint8_t *data;
    uint32_t size;
} piece;

uint32_t bm_read_varint(bm_reader *reader)
{
    uint64_t value = 0;

    for (int i = 0; i < 5; i++) {
        uint8_t byte = bm_read_u8(reader);
        value |= (uint64_t)(byte & 0x7f) << 7 * i;
        if (byte < 0x80) {
            if (value > UINT32_MAX) break;
            return (uint32_t)value;
        }
    }
    reader->broken = 1;
    return 0;
}

static void deliver(bm_links *links, bm_link *link, uint32_t opcode, const uint8_t *body, uint32_t size)
{
    link->in_id++;
    links->counts.events_in++;
    links->sink.event(links->sink.context, link, opcode, body, size);
}

/* How many parts of an event are held; its number of parts goes to `*count`, 0 if none is.  `*same`: whether
   the one with this index is. */
static uint32_t held(const bm_links *links, const bm_link *link, const piece *it, uint8_t *count, int *same)
{
    uint32_t found = 0;

    *count = 0;
    *same = 0;
    for (uint32_t at = link->in_first; at; at = bm_part_at(&links->pool, at)->next) {
        const bm_part *part = bm_part_at(&links->pool, at);
        if (part->id != it->id) continue;
        found++;
        *count = part->count;
        if (part->index == it->index) *same = 1;
    }
    return found;
}

/* Puts an event together in `scratch` from its parts, of which one may be `extra`; answers its size. */
static uint32_t gather(const bm_links *links, const bm_link *link, uint16_t id, const piece *extra)
{
    uint32_t offsets[BM_LINK_FRAGMENTS + 1] = {0};

    for (uint32_t at = link->in_first; at; at = bm_part_at(&links->pool, at)->next) {
        const bm_part *part = bm_part_at(&links->pool, at);
        if (part->id == id) offsets[part->index + 1] = part->size;
    }
    if (extra) offsets[extra->index + 1] = extra->size;
    for (uint32_t i = 0; i < BM_LINK_FRAGMENTS; i++) offsets[i + 1] += offsets[i];
    for (uint32_t at = link->in_first; at; at = bm_part_at(&links->pool, at)->next) {
        const bm_part *part = bm_part_at(&links->pool, at);
        if (part->id == id) bm_part_copy(&links->pool, at, links->scratch + offsets[part->index]);
    }
    if (extra) memcpy(links->scratch + offsets[extra->index], extra->data, extra->size);
    return offsets[BM_LINK_FRAGMENTS];
}

static void let_go(bm_links *links, bm_link *link, uint16_t id)
{
    uint32_t previous = 0, next;

    for (uint32_t at = link->in_first; at; at = next) {
        const bm_part *part = bm_part_at(&links->pool, at);
        next = part->next;
        if (part->id != id) {
            previous = at;
            continue;
        }
        link->in_bytes -= part->size;
        link->in_count--;
        if (previous) bm_part_at(&links->pool, previous)->next = next;
        else link->in_first = next;
        bm_part_free(&links->pool, at);
    }
}

/* Delivers what is whole and has its turn. */
static void deliver_held(bm_links *links, bm_link *link)
{
    for (;;) {
        uint32_t at = link->in_first, opcode, size;
        piece it = {.id = link->in_id};
        uint8_t count;
        int same;
        if (!at || held(links, link, &it, &count, &same) < count || !count) return;
        while (bm_part_at(&links->pool, at)->id != it.id) at = bm_part_at(&links->pool, at)->next;
        opcode = bm_part_at(&links->pool, at)->value;
        size = gather(links, link, it.id, NULL);
        let_go(links, link, it.id);
        bm_reader raw = {links->scratch, links->scratch + size, 0};
        if (count > 1) opcode = bm_read_varint(&raw);
        deliver(links, link, opcode, raw.at, (uint32_t)bm_left(&raw));
    }
}

static int hold(bm_links *links, bm_link *link, const piece *it)
{
    uint32_t number = bm_part_new(&links->pool, NULL, 0, it->data, it->size);
    bm_part *part;

    if (!number) {              /* it was acknowledged and would never come again */
        bm_link_close(links, link, BM_PROTOCOL, link->heard_us);
        return BM_NO_ROOM;
    }
    part = bm_part_at(&links->pool, number);
    part->id = it->id;
    part->index = it->index;
    part->count = it->count;
    part->value = it->opcode;
    part->next = link->in_first;
    link->in_first = number;
    link->in_bytes += it->size;
    link->in_count++;
    return 0;
}

static int take(bm_links *links, bm_link *link, const piece *it)
{
    uint16_t ahead = (uint16_t)(it->id - link->in_id);
    uint32_t found;
    uint8_t count;
    int same, code;

    if (ahead >= COPIES) return 0;
    if (ahead >= WINDOW_EVENTS) return BM_OUT_OF_RANGE;
    found = held(links, link, it, &count, &same);
    if (found && count != it->count) return BM_OUT_OF_RANGE;
    if (same || (found && found == count)) return 0;
    if (link->in_bytes + it->size > HELD_BYTES || link->in_count >= HELD_PARTS) return BM_OUT_OF_RANGE;
    if (it->count > 1 && found + 1 == it->count) {
        bm_reader raw = {links->scratch, links->scratch, 0};
        raw.end += gather(links, link, it->id, it);
        bm_read_varint(&raw);
        if (raw.broken) return BM_OUT_OF_RANGE;
    }
    if (!ahead && it->count == 1) deliver(links, link, it->opcode, it->data, it->size);
    else if ((code = hold(links, link, it)) < 0) return code;
    deliver_held(links, link);
    return 0;
}

int bm_inbox_event(bm_links *links, bm_link *link, bm_reader *section)
{
    piece it = {.id = bm_read_u16(section), .count = 1};

    it.opcode = bm_read_varint(section);
    it.size = bm_read_varint(section);
    it.data = bm_read(section, it.size);
    return section->broken ? BM_OUT_OF_RANGE : take(links, link, &it);
}

int bm_inbox_fragment(bm_links *links, bm_link *link, bm_reader *section)
{
    piece it = {.id = bm_read_u16(section)};

    it.index = bm_read_u8(section);
    it.count = bm_read_u8(section);
    it.size = bm_read_varint(section);
    it.data = bm_read(section, it.size);
    if (section->broken || it.count < 2 || it.count > BM_LINK_FRAGMENTS || it.index >= it.count || !it.size
        || it.size > BM_LINK_FRAGMENT_BYTES) return BM_OUT_OF_RANGE;
    return take(links, link, &it);
}

void bm_inbox_drop(bm_links *links, bm_link *link)
{
    while (link->in_first) {
        uint32_t next = bm_part_at(&links->pool, link->in_first)->next;
        bm_part_free(&links->pool, link->in_first);
        link->in_first = next;
    }
    link->in_bytes = link->in_count = 0;
}
