/* A sink that writes down what it is told, for tests. */

#include <stdlib.h>
#include <string.h>

#include "link_inside.h"

struct bm_tape {
    uint8_t *bytes;
    uint32_t size, capacity;
};

bm_tape *bm_tape_new(void)
{
    return calloc(1, sizeof(bm_tape));
}

void bm_tape_free(bm_tape *tape)
{
    if (!tape) return;
    free(tape->bytes);
    free(tape);
}

static void write_bytes(bm_tape *tape, const void *bytes, uint32_t size)
{
    if (tape->size + size > tape->capacity) {
        uint32_t capacity = 2 * (tape->size + size);
        uint8_t *grown = realloc(tape->bytes, capacity);
        if (!grown) abort();
        tape->bytes = grown;
        tape->capacity = capacity;
    }
    if (size) memcpy(tape->bytes + tape->size, bytes, size);
    tape->size += size;
}

static void write_down(void *context, uint8_t what, const void *head, uint32_t head_size, const void *body,
                       uint32_t size)
{
    uint8_t start[5] = {what};

    bm_put_u32(start + 1, head_size + size);
    write_bytes(context, start, sizeof start);
    write_bytes(context, head, head_size);
    write_bytes(context, body, size);
}

static void number(void *context, uint8_t what, uint32_t value)
{
    uint8_t bytes[4];

    bm_put_u32(bytes, value);
    write_down(context, what, bytes, sizeof bytes, NULL, 0);
}

static int came(void *context, bm_link *link)
{
    (void)context;
    (void)link;
    return 1;
}

static void moves(void *context, bm_link *link, const bm_move *them, uint32_t count)
{
    (void)link;
    for (uint32_t i = 0; i < count; i++) write_down(context, BM_TAPE_MOVE, &them[i], sizeof them[i], NULL, 0);
}

static void fate(void *context, bm_link *link, uint32_t record, int lost)
{
    (void)link;
    number(context, lost ? BM_TAPE_LOST : BM_TAPE_ACKED, record);
}

static void event(void *context, bm_link *link, uint32_t opcode, const uint8_t *body, uint32_t size)
{
    uint8_t bytes[4];

    (void)link;
    bm_put_u32(bytes, opcode);
    write_down(context, BM_TAPE_EVENT, bytes, sizeof bytes, body, size);
}

static void attached(void *context, bm_link *link, uint32_t address)
{
    (void)link;
    number(context, BM_TAPE_ATTACHED, address);
}

static void migrated(void *context, bm_link *link, uint32_t address)
{
    (void)link;
    number(context, BM_TAPE_MIGRATED, address);
}

static void closed(void *context, bm_link *link, uint32_t reason)
{
    (void)link;
    number(context, BM_TAPE_CLOSED, reason);
}

static void rate(void *context, bm_link *link, uint32_t bytes_per_s)
{
    (void)link;
    number(context, BM_TAPE_RATE, bytes_per_s);
}

static void mtu(void *context, bm_link *link, uint32_t bytes)
{
    (void)link;
    number(context, BM_TAPE_MTU, bytes);
}

void bm_tape_attach(bm_tape *tape, bm_links *links)
{
    bm_link_sink sink = {tape, came, moves, fate, event, attached, migrated, closed, rate, mtu};

    bm_links_tell(links, &sink);
}

uint32_t bm_tape_read(const bm_tape *tape, const uint8_t **bytes)
{
    *bytes = tape->bytes;
    return tape->size;
}

void bm_tape_clear(bm_tape *tape)
{
    tape->size = 0;
}
