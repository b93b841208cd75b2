/* What the sources of the pump share: the world's side (pump.c, pump_drain.c) and the I/O threads'. */

#ifndef BM_PUMP_H
#define BM_PUMP_H

#include "native.h"
#include "ring.h"
#include "api/pump.h"

/* Kept free in a ring of orders for what must not be refused: only snapshots may be. */
#define BM_PUMP_SPARE(ring) ((ring)->size / 8)

/* From the world to an I/O thread, the bytes behind it. */
typedef struct {
    uint16_t what;
    uint16_t tick;
    uint32_t cid;
    uint32_t value;             /* the record, the opcode or the reason */
} bm_order;

enum { BM_ORDER_INSTALL = 1, BM_ORDER_CLOSE, BM_ORDER_EVENT, BM_ORDER_TUNNEL, BM_ORDER_PUSH };

typedef struct {
    uint8_t prk[32];
    uint32_t aead, mtu, keepalive_ms;
} bm_terms;

/* From an I/O thread to the world, the bytes behind it: news, and what there is most of. */
typedef struct {
    uint32_t what;              /* BM_NEWS_ or BM_REPORT_ */
    uint32_t cid;
    uint32_t value, more;       /* a fate's record and whether it is lost; a budget's rate and RTT */
} bm_report;

enum { BM_REPORT_MOVES = 100, BM_REPORT_FATE, BM_REPORT_BUDGET };

/* An I/O thread, and what it shares with the world. */
typedef struct {
    bm_pump *pump;
    uint32_t number;
    bm_ring down[BM_PUMP_LANES];
    bm_ring up;
    _Atomic uint64_t counts[BM_COUNTS];
} bm_io;

/* An array that grows. */
typedef struct {
    uint8_t *bytes;
    size_t size, capacity;
} bm_store;

struct bm_pump {
    bm_pump_options options;
    bm_io *threads;
    bm_store moves, fates, budgets, news, bodies;
};

/* The thread that has a connection id, which is also the number of its sockets in their REUSEPORT groups. */
static inline bm_io *bm_pump_thread(const bm_pump *pump, uint32_t cid)
{
    return &pump->threads[(cid & 0xff) % pump->options.threads];
}

/* One thread writes, so this needs no locked instruction. */
static inline void bm_io_count(bm_io *io, int what, uint64_t more)
{
    uint64_t so_far = atomic_load_explicit(&io->counts[what], memory_order_relaxed);

    atomic_store_explicit(&io->counts[what], so_far + more, memory_order_relaxed);
}

#endif
