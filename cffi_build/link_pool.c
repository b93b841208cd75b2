/* Memory of events, for all links of a thread: chunks of one size, so that none is in the way of another,
   from slabs that are allocated as they are first needed and stay. */

#include <stdlib.h>
#include <string.h>

#include "link_inside.h"

static bm_chunk *chunk_at(const bm_pool *pool, uint32_t chunk)
{
    return &pool->slabs[(chunk - 1) / BM_SLAB_CHUNKS][(chunk - 1) % BM_SLAB_CHUNKS];
}

bm_part *bm_part_at(const bm_pool *pool, uint32_t part)
{
    return (bm_part *)(void *)chunk_at(pool, part)->bytes;
}

int bm_pool_open(bm_pool *pool, uint32_t chunk_limit)
{
    memset(pool, 0, sizeof *pool);
    pool->slab_limit = chunk_limit / BM_SLAB_CHUNKS + (chunk_limit % BM_SLAB_CHUNKS != 0);
    if (!pool->slab_limit) return 0;
    pool->slabs = calloc(pool->slab_limit, sizeof *pool->slabs);
    return pool->slabs ? 0 : BM_NO_MEMORY;
}

void bm_pool_close(bm_pool *pool)
{
    for (uint32_t i = 0; i < pool->slab_count; i++) free(pool->slabs[i]);
    free(pool->slabs);
    memset(pool, 0, sizeof *pool);
}

static int grow(bm_pool *pool)
{
    uint32_t first = pool->slab_count * BM_SLAB_CHUNKS + 1;
    bm_chunk *slab;

    if (pool->slab_count == pool->slab_limit) return BM_NO_ROOM;
    slab = calloc(BM_SLAB_CHUNKS, sizeof *slab);
    if (!slab) return BM_NO_MEMORY;
    for (uint32_t i = 0; i < BM_SLAB_CHUNKS; i++) slab[i].next = i + 1 < BM_SLAB_CHUNKS ? first + i + 1 : 0;
    pool->slabs[pool->slab_count++] = slab;
    pool->free_first = first;
    return 0;
}

static uint32_t chunk_new(bm_pool *pool)
{
    uint32_t chunk;

    if (!pool->free_first && grow(pool) < 0) return 0;
    chunk = pool->free_first;
    pool->free_first = chunk_at(pool, chunk)->next;
    chunk_at(pool, chunk)->next = 0;
    pool->used++;
    return chunk;
}

void bm_part_free(bm_pool *pool, uint32_t part)
{
    while (part) {
        bm_chunk *chunk = chunk_at(pool, part);
        uint32_t next = chunk->next;
        chunk->next = pool->free_first;
        pool->free_first = part;
        pool->used--;
        part = next;
    }
}

/* Appends to the chain whose last chunk is `*last` and has `*filled` bytes.  0, or BM_NO_ROOM. */
static int append(bm_pool *pool, uint32_t *last, uint32_t *filled, const uint8_t *bytes, uint32_t size)
{
    while (size) {
        uint32_t piece = BM_CHUNK_BYTES - *filled;
        if (!piece) {
            uint32_t next = chunk_new(pool);
            if (!next) return BM_NO_ROOM;
            chunk_at(pool, *last)->next = next;
            *last = next;
            *filled = 0;
            continue;
        }
        if (piece > size) piece = size;
        memcpy(chunk_at(pool, *last)->bytes + *filled, bytes, piece);
        *filled += piece;
        bytes += piece;
        size -= piece;
    }
    return 0;
}

uint32_t bm_part_new(bm_pool *pool, const uint8_t *head, uint32_t head_size, const uint8_t *data,
                     uint32_t size)
{
    uint32_t part = chunk_new(pool), last = part, filled = sizeof(bm_part);

    if (!part) return 0;
    memset(bm_part_at(pool, part), 0, sizeof(bm_part));
    bm_part_at(pool, part)->size = (uint16_t)(head_size + size);
    if (append(pool, &last, &filled, head, head_size) < 0 || append(pool, &last, &filled, data, size) < 0) {
        bm_part_free(pool, part);
        return 0;
    }
    return part;
}

void bm_part_copy(const bm_pool *pool, uint32_t part, uint8_t *out)
{
    uint32_t left = bm_part_at(pool, part)->size, from = sizeof(bm_part);

    for (; left; part = chunk_at(pool, part)->next, from = 0) {
        uint32_t piece = BM_CHUNK_BYTES - from;
        if (piece > left) piece = left;
        memcpy(out, chunk_at(pool, part)->bytes + from, piece);
        out += piece;
        left -= piece;
    }
}
