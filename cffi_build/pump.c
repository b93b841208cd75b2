/* The pump as the world's thread sees it: orders to the I/O threads. */

#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "pump_io.h"

#define SHOWN_BYTES 16384

static int sane(const bm_pump_options *options)
{
    return options->threads >= 1 && options->threads <= BM_PUMP_THREADS
           && options->lanes >= 1 && options->lanes <= BM_PUMP_LANES
           && options->ring_bytes >= BM_PUMP_RING && !(options->ring_bytes & (options->ring_bytes - 1))
           && options->loss <= 65536 && options->duplicate <= 65536 && options->reorder <= 65536;
}

bm_pump *bm_pump_new(const bm_pump_options *options)
{
    bm_pump *pump;

    if (!sane(options) || !(pump = calloc(1, sizeof *pump))) return NULL;
    pump->options = *options;
    pump->threads = aligned_alloc(BM_CACHE_LINE, options->threads * sizeof *pump->threads);
    if (!pump->threads) {
        free(pump);
        return NULL;
    }
    memset(pump->threads, 0, options->threads * sizeof *pump->threads);
    pump->clock_us = options->clock_us;
    for (uint32_t i = 0; i < options->threads; i++) {
        bm_io *io = &pump->threads[i];
        int code = bm_ring_open(&io->up, options->ring_bytes);

        io->pump = pump;
        io->number = i;
        io->wake_fd = -1;
        for (int socket = 0; socket < BM_PUMP_SOCKETS; socket++) io->sockets[socket] = -1;
        for (uint32_t lane = 0; lane < options->lanes && code == 0; lane++)
            code = bm_ring_open(&io->down[lane], options->ring_bytes);
        if (code < 0) {
            bm_pump_free(pump);
            return NULL;
        }
    }
    return pump;
}

void bm_pump_free(bm_pump *pump)
{
    if (!pump) return;
    bm_pump_stop(pump);
    for (uint32_t i = 0; i < pump->options.threads; i++)
        if (pump->threads[i].hangs) return;     /* it may wake up yet, and look at what is here */
    for (uint32_t i = 0; i < pump->options.threads; i++) {
        bm_ring_close(&pump->threads[i].up);
        for (uint32_t lane = 0; lane < pump->options.lanes; lane++)
            bm_ring_close(&pump->threads[i].down[lane]);
    }
    free(pump->threads);
    free(pump->moves.bytes);
    free(pump->fates.bytes);
    free(pump->budgets.bytes);
    free(pump->news.bytes);
    free(pump->bodies.bytes);
    free(pump);
}

static int order(bm_ring *ring, bm_order what, const void *bytes, uint32_t size, uint64_t spare)
{
    uint8_t *record = bm_ring_put(ring, (uint32_t)sizeof what + size, spare);

    if (!record) return BM_FULL;
    memcpy(record, &what, sizeof what);
    if (size) memcpy(record + sizeof what, bytes, size);
    return 0;
}

static int command(bm_pump *pump, bm_order what, const void *bytes, uint32_t size)
{
    bm_io *io = bm_pump_thread(pump, what.cid);
    int code = order(&io->down[0], what, bytes, size, 0);

    bm_ring_publish(&io->down[0]);
    bm_io_wake(io);
    return code;
}

int bm_pump_install(bm_pump *pump, uint32_t cid, uint32_t aead, const uint8_t *prk, uint32_t mtu,
                    uint32_t keepalive_ms)
{
    bm_terms terms = { .aead = aead, .mtu = mtu, .keepalive_ms = keepalive_ms };

    if (aead > 1 || mtu < 1200 || mtu > 1452 || !keepalive_ms || keepalive_ms > 15000) return BM_OUT_OF_RANGE;
    memcpy(terms.prk, prk, sizeof terms.prk);
    return command(pump, (bm_order){ .what = BM_ORDER_INSTALL, .cid = cid }, &terms, sizeof terms);
}

int bm_pump_close_link(bm_pump *pump, uint32_t cid, uint32_t reason)
{
    if (reason > 255) return BM_OUT_OF_RANGE;
    return command(pump, (bm_order){ .what = BM_ORDER_CLOSE, .cid = cid, .value = reason }, NULL, 0);
}

int bm_pump_event(bm_pump *pump, uint32_t cid, uint32_t opcode, const uint8_t *body, uint32_t size)
{
    if (size > BM_PUMP_EVENT) return BM_OUT_OF_RANGE;
    return command(pump, (bm_order){ .what = BM_ORDER_EVENT, .cid = cid, .value = opcode }, body, size);
}

int bm_pump_tunnel(bm_pump *pump, uint32_t cid, const uint8_t *datagram, uint32_t size)
{
    if (size > 1452) return BM_OUT_OF_RANGE;
    return command(pump, (bm_order){ .what = BM_ORDER_TUNNEL, .cid = cid }, datagram, size);
}

int bm_pump_ask(bm_pump *pump, uint32_t cid)
{
    return command(pump, (bm_order){ .what = BM_ORDER_ASK, .cid = cid }, NULL, 0);
}

int bm_pump_push(bm_pump *pump, uint32_t lane, uint32_t cid, uint32_t record, uint32_t tick,
                 const uint8_t *sections, uint32_t size)
{
    bm_order what = { .what = BM_ORDER_PUSH, .tick = (uint16_t)tick, .cid = cid, .value = record };
    bm_io *io = bm_pump_thread(pump, cid);
    bm_ring *ring;
    int code;

    if (lane >= pump->options.lanes || size > BM_PUMP_SECTIONS) return BM_OUT_OF_RANGE;
    ring = &io->down[lane];
    code = order(ring, what, sections, size, BM_ORDER_SPARE(ring));
    if (code < 0) atomic_fetch_add_explicit(&pump->refused[lane], 1, memory_order_relaxed);
    /* Shown a few thousand bytes at a time: the threads begin while the feed goes on. */
    if (ring->put - atomic_load_explicit(&ring->shown, memory_order_relaxed) < SHOWN_BYTES) return code;
    bm_ring_publish(ring);
    bm_io_wake(io);
    return code;
}

void bm_pump_flush(bm_pump *pump, uint32_t lane)
{
    for (uint32_t i = 0; lane < pump->options.lanes && i < pump->options.threads; i++) {
        bm_ring_publish(&pump->threads[i].down[lane]);
        bm_io_wake(&pump->threads[i]);
    }
}

int bm_pump_pull(bm_pump *pump, bm_pushed *pushed)
{
    for (uint32_t i = 0; i < pump->options.threads * pump->options.lanes; i++) {
        bm_ring *ring = &pump->threads[i / pump->options.lanes].down[i % pump->options.lanes];
        bm_order what;
        const uint8_t *record;
        uint32_t size;

        bm_ring_release(ring);
        while ((record = bm_ring_next(ring, &size)) != NULL) {
            memcpy(&what, record, sizeof what);
            if (what.what != BM_ORDER_PUSH) continue;
            *pushed = (bm_pushed){ what.cid, what.value, what.tick, size - (uint32_t)sizeof what,
                                   record + sizeof what };
            return 1;
        }
    }
    return 0;
}

static int report(bm_pump *pump, bm_report what)
{
    bm_ring *ring = &bm_pump_thread(pump, what.cid)->up;
    bm_report *record = bm_ring_put(ring, sizeof *record, 0);

    if (!record) return BM_FULL;
    *record = what;
    bm_ring_publish(ring);
    return 0;
}

int bm_pump_feign(bm_pump *pump, uint32_t cid, uint32_t record, int lost)
{
    return report(pump, (bm_report){ BM_REPORT_FATE, cid, record, lost != 0 });
}

int bm_pump_allow(bm_pump *pump, uint32_t cid, uint32_t bytes_per_second, uint32_t room)
{
    return report(pump, (bm_report){ BM_REPORT_BUDGET, cid, bytes_per_second, room });
}

void bm_pump_count(bm_pump *pump, uint64_t *counts)
{
    memset(counts, 0, BM_COUNTS * sizeof *counts);
    for (uint32_t i = 0; i < pump->options.threads; i++) {
        bm_io *io = &pump->threads[i];

        for (int what = 0; what < BM_COUNTS; what++)
            counts[what] += atomic_load_explicit(&io->counts[what], memory_order_relaxed);
        for (uint32_t socket = 0; socket < pump->socket_count; socket++)
            counts[BM_COUNT_OVERFLOWS] += bm_socket_overflows(io->sockets[socket]);
        bm_meter_read(io, counts);
    }
    for (uint32_t lane = 0; lane < pump->options.lanes; lane++)
        counts[BM_COUNT_SNAPSHOTS_LOST] += atomic_load_explicit(&pump->refused[lane], memory_order_relaxed);
}
