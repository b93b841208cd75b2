/* What the sources of a link share and nobody else needs. */

#ifndef BM_LINK_INSIDE_H
#define BM_LINK_INSIDE_H

#include "link.h"

#define BM_LINK_ACK_US 200000u
#define BM_LINK_SILENCE_US 15000000u
#define BM_LINK_CLOSES 3u
#define BM_LINK_CLOSE_US 100000u
#define BM_LINK_LOSS_DISTANCE 3u        /* an acknowledged number so far above means lost */
#define BM_LINK_LOSS_LEAST_US 60000u
#define BM_LINK_RTT_FIRST_US 250000u
#define BM_LINK_PING_US 250000u
#define BM_LINK_ACK_NUMBERS 32u
#define BM_LINK_MTU_LEAST 1200u         /* also what an attach is padded to */
#define BM_LINK_PREFIX_BYTES 10u        /* most that one takes */

/* Kinds of sections. */
enum {
    BM_PAD = 0, BM_EVENT = 3, BM_INPUT = 4, BM_PATH = 5, BM_TIME = 6, BM_CLOSE = 7, BM_ATTACH = 8,
    BM_FRAGMENT = 10, BM_PROBE = 11,
};

/* Memory of events: chunks of 256 bytes in slabs that are allocated as needed and kept.  Chunk numbers begin
   at 1. */
#define BM_CHUNK_BYTES 252u
#define BM_SLAB_CHUNKS 1024u

typedef struct {
    uint32_t next;              /* chunk of the same part, or of the free list */
    uint8_t bytes[BM_CHUNK_BYTES];
} bm_chunk;

/* What a part's first chunk begins with; its bytes follow. */
typedef struct {
    uint32_t next;              /* part of the same link */
    uint32_t number;            /* out: the datagram's it was sent in last, low bits */
    uint32_t value;             /* out: bytes of the whole event; in: opcode of one that is whole */
    uint16_t id;
    uint16_t size;              /* bytes kept here: out: the section; in: what the section holds */
    uint16_t data_size;         /* out: bytes of the event's own in it */
    uint8_t index, count;
    uint8_t state;              /* out: enum bm_part_state */
} bm_part;

enum bm_part_state { BM_PART_BEHIND, BM_PART_READY, BM_PART_FLYING, BM_PART_ARRIVED };

typedef struct {
    bm_chunk **slabs;
    uint32_t slab_count, slab_limit;
    uint32_t free_first;
    uint32_t used;
} bm_pool;

struct bm_links {
    bm_crypto *crypto;
    bm_link_sink sink;
    bm_link_counts counts;
    bm_pool pool;
    uint8_t token_key[32];
    uint64_t token_count;
    uint32_t budget_first, budget_floor, budget_ceiling;
    uint32_t update_numbers;
    uint64_t update_us;
    uint8_t *scratch;           /* room for an event put together, BM_LINK_EVENT_RAW_BYTES */
};

#define BM_LINK_FRAGMENT_BYTES 1024u
#define BM_LINK_FRAGMENTS 64u
#define BM_LINK_EVENT_RAW_BYTES (BM_LINK_FRAGMENT_BYTES * BM_LINK_FRAGMENTS)    /* opcode varint and body */

/* A piece of memory that is read from its beginning; what is not there reads as 0 and is remembered. */
typedef struct {
    const uint8_t *at, *end;
    int broken;
} bm_reader;

static inline uint64_t bm_left(const bm_reader *reader)
{
    return (uint64_t)(reader->end - reader->at);
}

static inline const uint8_t *bm_read(bm_reader *reader, uint32_t size)
{
    const uint8_t *at = reader->at;

    if (reader->broken || size > bm_left(reader)) {
        reader->broken = 1;
        return NULL;
    }
    reader->at += size;
    return at;
}

static inline uint8_t bm_read_u8(bm_reader *reader)
{
    const uint8_t *at = bm_read(reader, 1);
    return at ? *at : 0;
}

static inline uint16_t bm_read_u16(bm_reader *reader)
{
    const uint8_t *at = bm_read(reader, 2);
    return at ? bm_u16_at(at) : 0;
}

static inline uint32_t bm_read_u32(bm_reader *reader)
{
    const uint8_t *at = bm_read(reader, 4);
    return at ? bm_u32_at(at) : 0;
}

uint32_t bm_read_varint(bm_reader *reader);
uint32_t bm_put_varint(uint8_t *at, uint32_t value);    /* how many bytes it took */

/* link_pool.c */
int bm_pool_open(bm_pool *pool, uint32_t chunk_limit);
void bm_pool_close(bm_pool *pool);
/* A part of `head` and `data` one after the other, at most 64 KiB; 0: no room. */
uint32_t bm_part_new(bm_pool *pool, const uint8_t *head, uint32_t head_size, const uint8_t *data,
                     uint32_t size);
void bm_part_free(bm_pool *pool, uint32_t part);
void bm_part_copy(const bm_pool *pool, uint32_t part, uint8_t *out);
bm_part *bm_part_at(const bm_pool *pool, uint32_t part);

/* link_outbox.c */
int bm_outbox_sendable(const bm_links *links, const bm_link *link);
uint32_t bm_outbox_take(bm_links *links, bm_link *link, uint64_t number, uint8_t *out, uint32_t room);
void bm_outbox_arrived(bm_links *links, bm_link *link, uint64_t number);
void bm_outbox_lost(bm_links *links, bm_link *link, uint64_t number);
void bm_outbox_drop(bm_links *links, bm_link *link);

/* link_inbox.c: 0, or below if no honest client would have sent it. */
int bm_inbox_event(bm_links *links, bm_link *link, bm_reader *section);
int bm_inbox_fragment(bm_links *links, bm_link *link, bm_reader *section);
void bm_inbox_drop(bm_links *links, bm_link *link);

/* link_flight.c */
uint32_t bm_flight_patience_us(const bm_link *link);
uint32_t bm_flight_ping_us(const bm_link *link);
uint64_t bm_flight_loss_us(const bm_link *link, uint64_t now_us);       /* UINT64_MAX: none is expected */
/* `number` is about to be sealed. */
void bm_flight_sent(bm_links *links, bm_link *link, uint64_t number, uint32_t record, int asks,
                    uint64_t now_us);
void bm_flight_overdue(bm_links *links, bm_link *link, uint64_t now_us);
void bm_flight_end(bm_links *links, bm_link *link);
/* `bits`: as in the prefix; `delay_us` below 0: not known.  Below 0: it was never sent. */
int bm_flight_acked(bm_links *links, bm_link *link, uint16_t ack, uint32_t bits, int64_t delay_us,
                    uint64_t now_us);

/* link_path.c */
void bm_path_came(bm_links *links, bm_link *link, uint32_t from, uint32_t size, int newest, uint64_t now_us);
void bm_path_response(bm_links *links, bm_link *link, uint32_t from, const uint8_t *token);
uint32_t bm_probe_wanted(const bm_link *link);
void bm_probe_arrived(bm_links *links, bm_link *link);
void bm_probe_lost(bm_link *link);

/* link_open.c */
/* Reads a plaintext.  Answers how many sections were as they should be. */
int bm_link_read(bm_links *links, bm_link *link, const uint8_t *plain, uint32_t size, uint32_t datagram_size,
                 uint32_t from, uint64_t now_us);

/* link.c */
void bm_link_wait(bm_links *links, bm_link *link, uint64_t now_us);     /* puts wake_us right */

static inline int bm_bit(const uint64_t *bits, uint64_t number)
{
    return bits[number / 64 % 4] >> number % 64 & 1;
}

static inline void bm_bit_set(uint64_t *bits, uint64_t number)
{
    bits[number / 64 % 4] |= 1ull << number % 64;
}

static inline void bm_bit_clear(uint64_t *bits, uint64_t number)
{
    bits[number / 64 % 4] &= ~(1ull << number % 64);
}

#endif
