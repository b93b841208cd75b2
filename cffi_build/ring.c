/* The byte ring of ring.h.

   Each record has an 8-byte head with its size.  One that would cross the end of
   the ring begins at the start instead, behind a head that says SKIP.

   `begun` changes only when everything has been taken.  The consumer reads it only
   when it finds that there is more than it knew of, which is put and shown later,
   and takes that later still: the two never touch it at once. */

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
    memcpy(ring->bytes + at, &size, sizeof size);
}

/* Where the next record may be put; where the next to be read is. */
static uint64_t place_of_put(const bm_ring *ring)
{
    return (ring->put - ring->begun) & (ring->size - 1);
}

static uint64_t place_of_read(const bm_ring *ring)
{
    return (ring->read - ring->begun_seen) & (ring->size - 1);
}

/* Looks at the consumer's line for the first record after those that were shown, not for each. */
static void begin_anew(bm_ring *ring)
{
    if (ring->put != atomic_load_explicit(&ring->shown, memory_order_relaxed)) return;
    ring->taken_seen = atomic_load_explicit(&ring->taken, memory_order_acquire);
    if (ring->taken_seen == ring->put) ring->begun = ring->put;
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
    uint64_t need = rounded(size), at, left;

    if (need + spare > ring->size / 2) return NULL;
    begin_anew(ring);
    at = place_of_put(ring);
    left = ring->size - at;
    if (left < need) {      /* go on at the start */
        if (!has_room(ring, left + need + spare)) return NULL;
        head(ring, at, SKIP);
        ring->put += left;
        at = 0;
    } else if (!has_room(ring, need + spare)) {
        return NULL;
    }
    head(ring, at, size);
    ring->put += need;
    return ring->bytes + at + HEAD;
}

void bm_ring_publish(bm_ring *ring)
{
    atomic_store_explicit(&ring->shown, ring->put, memory_order_release);
}

void *bm_ring_next(bm_ring *ring, uint32_t *size)
{
    for (;;) {
        uint64_t at;

        if (ring->read == ring->shown_seen) {
            ring->shown_seen = atomic_load_explicit(&ring->shown, memory_order_acquire);
            if (ring->read == ring->shown_seen) return NULL;
            ring->begun_seen = ring->begun;
        }
        at = place_of_read(ring);
        memcpy(size, ring->bytes + at, sizeof *size);
        if (*size != SKIP) {
            ring->read += rounded(*size);
            return ring->bytes + at + HEAD;
        }
        ring->read += ring->size - at;
    }
}

const void *bm_ring_ahead(const bm_ring *ring)
{
    const uint8_t *at = ring->bytes + place_of_read(ring);
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
