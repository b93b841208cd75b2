/* The byte ring of ring.h.

   Each record has an 8-byte head with its size.  One that would cross the end of
   the ring begins at the start instead, behind a head that says SKIP. */

#include <stdlib.h>
#include <string.h>

#include "ring.h"

#define HEAD 8u
#define SKIP 0xffffffffu

static uint64_t rounded(uint32_t size)
{
    return ((uint64_t)size + HEAD + 7u) & ~(uint64_t)7u;
}

int bm_ring_open(bm_ring *ring, uint64_t size)
{
    memset(ring, 0, sizeof *ring);
    if (size < 64 || (size & (size - 1))) return BM_OUT_OF_RANGE;
    if (!(ring->bytes = aligned_alloc(BM_CACHE_LINE, size))) return BM_NO_MEMORY;
    ring->size = size;
    return 0;
}

void bm_ring_close(bm_ring *ring)
{
    free(ring->bytes);
    ring->bytes = NULL;
}

static void head(bm_ring *ring, uint64_t at, uint32_t size)
{
    memcpy(ring->bytes + (at & (ring->size - 1)), &size, sizeof size);
}

/* Whether `need` bytes from `put` on are free; looks at the consumer's line only when they seem not to be. */
static int has_room(bm_ring *ring, uint64_t need)
{
    if (ring->put + need - ring->taken_seen <= ring->size) return 1;
    ring->taken_seen = atomic_load_explicit(&ring->taken, memory_order_acquire);
    return ring->put + need - ring->taken_seen <= ring->size;
}

void *bm_ring_put(bm_ring *ring, uint32_t size, uint64_t spare)
{
    uint64_t need = rounded(size), at = ring->put & (ring->size - 1), left = ring->size - at;
    uint8_t *record;

    if (need + spare > ring->size / 2) return NULL;
    if (left < need) {      /* begin anew at the start */
        if (!has_room(ring, left + need + spare)) return NULL;
        head(ring, ring->put, SKIP);
        ring->put += left;
    } else if (!has_room(ring, need + spare)) {
        return NULL;
    }
    head(ring, ring->put, size);
    record = ring->bytes + (ring->put & (ring->size - 1)) + HEAD;
    ring->put += need;
    return record;
}

void bm_ring_publish(bm_ring *ring)
{
    atomic_store_explicit(&ring->shown, ring->put, memory_order_release);
}

void *bm_ring_next(bm_ring *ring, uint32_t *size)
{
    for (;;) {
        uint8_t *at = ring->bytes + (ring->read & (ring->size - 1));

        if (ring->read == ring->shown_seen) {
            ring->shown_seen = atomic_load_explicit(&ring->shown, memory_order_acquire);
            if (ring->read == ring->shown_seen) return NULL;
        }
        memcpy(size, at, sizeof *size);
        if (*size != SKIP) {
            ring->read += rounded(*size);
            return at + HEAD;
        }
        ring->read += ring->size - (ring->read & (ring->size - 1));
    }
}

const void *bm_ring_ahead(const bm_ring *ring)
{
    const uint8_t *at = ring->bytes + (ring->read & (ring->size - 1));
    uint32_t size;

    if (ring->read == ring->shown_seen) return NULL;
    memcpy(&size, at, sizeof size);
    return size == SKIP ? NULL : at + HEAD;
}

void bm_ring_release(bm_ring *ring)
{
    atomic_store_explicit(&ring->taken, ring->read, memory_order_release);
}

uint64_t bm_ring_room(bm_ring *ring)
{
    ring->taken_seen = atomic_load_explicit(&ring->taken, memory_order_acquire);
    return ring->size - (ring->put - ring->taken_seen);
}

int bm_ring_waiting(const bm_ring *ring)
{
    return ring->read != ring->shown_seen
           || ring->read != atomic_load_explicit(&ring->shown, memory_order_acquire);
}
