/* What the I/O threads have put into their rings, sorted into arrays once a tick. */

#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "pump_io.h"

/* The bytes to fill in, or NULL when there is no memory. */
static void *more(bm_store *store, size_t size)
{
    if (store->size + size > store->capacity) {
        size_t capacity = store->capacity ? store->capacity * 2 : 4096;
        uint8_t *grown;

        while (capacity < store->size + size) capacity *= 2;
        if (!(grown = realloc(store->bytes, capacity))) return NULL;
        store->bytes = grown;
        store->capacity = capacity;
    }
    store->size += size;
    return store->bytes + store->size - size;
}

static int copied(bm_store *store, const void *bytes, size_t size)
{
    void *at;

    if (!size) return 0;
    if (!(at = more(store, size))) return BM_NO_MEMORY;
    memcpy(at, bytes, size);
    return 0;
}

/* `bytes` are where the body will be, which may move while there is more: an offset until the end. */
static int news(bm_pump *pump, const bm_report *report, const uint8_t *bytes, uint32_t size)
{
    bm_news item = { .what = report->what, .cid = report->cid, .value = report->value, .size = size };

    if (copied(&pump->bodies, bytes, size) < 0) return BM_NO_MEMORY;
    return copied(&pump->news, &item, sizeof item);
}

static int sort(bm_pump *pump, const uint8_t *record, uint32_t size)
{
    bm_report report;
    const uint8_t *bytes = record + sizeof report;

    memcpy(&report, record, sizeof report);
    size -= (uint32_t)sizeof report;
    switch (report.what) {
    case BM_REPORT_MOVES:
        return copied(&pump->moves, bytes, size);
    case BM_REPORT_FATE: {
        bm_fate fate = { report.cid, report.value, report.more };
        return copied(&pump->fates, &fate, sizeof fate);
    }
    case BM_REPORT_BUDGET: {
        bm_budget budget = { report.cid, report.value, report.more };
        return copied(&pump->budgets, &budget, sizeof budget);
    }
    default:
        return news(pump, &report, bytes, size);
    }
}

int bm_pump_drain(bm_pump *pump)
{
    const uint8_t *record, *body;
    bm_news *item;
    uint32_t size;
    int code = 0;

    pump->moves.size = pump->fates.size = pump->budgets.size = pump->news.size = pump->bodies.size = 0;
    for (uint32_t i = 0; i < pump->options.threads; i++) {
        bm_ring *ring = &pump->threads[i].up;

        while (code == 0 && (record = bm_ring_next(ring, &size)) != NULL) code = sort(pump, record, size);
        bm_ring_release(ring);
    }
    body = pump->bodies.bytes;
    item = (bm_news *)pump->news.bytes;
    for (size_t left = pump->news.size / sizeof *item; left; left--, item++) {
        item->bytes = body;
        if (item->size) body += item->size;     /* there may be no bodies at all */
    }
    return code;
}

uint32_t bm_pump_moves(const bm_pump *pump, const uint8_t **moves)
{
    *moves = pump->moves.bytes;
    return (uint32_t)(pump->moves.size / BM_MOVE_BYTES);
}

uint32_t bm_pump_fates(const bm_pump *pump, const bm_fate **fates)
{
    *fates = (const bm_fate *)pump->fates.bytes;
    return (uint32_t)(pump->fates.size / sizeof **fates);
}

uint32_t bm_pump_budgets(const bm_pump *pump, const bm_budget **budgets)
{
    *budgets = (const bm_budget *)pump->budgets.bytes;
    return (uint32_t)(pump->budgets.size / sizeof **budgets);
}

uint32_t bm_pump_news(const bm_pump *pump, const bm_news **news)
{
    *news = (const bm_news *)pump->news.bytes;
    return (uint32_t)(pump->news.size / sizeof **news);
}
