/* A byte ring between exactly two threads: one puts records in, the other takes
   them out.  No locks, no allocation after it was made.

   A record is contiguous and begins at a multiple of 8.  The producer fills what
   bm_ring_put gives it and shows everything put so far with bm_ring_publish; the
   consumer looks at one record after the other with bm_ring_next and gives the
   room of all it has looked at back with bm_ring_release.  Both are cheap to call
   once a batch rather than once a record, which keeps the two cache lines still.

   A ring whose records have all been taken begins at its start again: it takes as
   much memory and cache as there ever was in it at a time, however large it is. */

#ifndef BM_RING_H
#define BM_RING_H

#include <stdatomic.h>

#include "native.h"

#define BM_CACHE_LINE 64

typedef struct {
    /* Written by neither after bm_ring_open. */
    _Alignas(BM_CACHE_LINE) uint8_t *bytes;
    uint64_t size;                                      /* a power of two */
    /* The producer's: counts of bytes since the beginning, never wrapped. */
    _Alignas(BM_CACHE_LINE) _Atomic uint64_t shown;     /* what the consumer may read up to */
    uint64_t begun;                                     /* which of them is at the start; seen with `shown` */
    uint64_t put;                                       /* what is written up to */
    uint64_t taken_seen;                                /* `taken` as last looked at */
    /* The consumer's. */
    _Alignas(BM_CACHE_LINE) _Atomic uint64_t taken;     /* what the producer may overwrite up to */
    uint64_t read;                                      /* what was looked at up to */
    uint64_t shown_seen, begun_seen;                    /* `shown` and `begun` as last looked at */
} bm_ring;

/* @param size: a power of two, 64 at least.  0, BM_NO_MEMORY or BM_OUT_OF_RANGE. */
int bm_ring_open(bm_ring *ring, uint64_t size);
void bm_ring_close(bm_ring *ring);

/* Room for a record of `size` bytes, 8-aligned, leaving `spare` bytes free behind it; NULL: not now.
   A record and its spare may not exceed half the ring: else never. */
void *bm_ring_put(bm_ring *ring, uint32_t size, uint64_t spare);

void bm_ring_publish(bm_ring *ring);

/* The next published record and its size, or NULL; good until bm_ring_release. */
void *bm_ring_next(bm_ring *ring, uint32_t *size);
void bm_ring_release(bm_ring *ring);

/* The record behind the one bm_ring_next gave last, if it is already known that there is one; else NULL. */
const void *bm_ring_ahead(const bm_ring *ring);

/* How many bytes a producer could still put: a lower bound that costs a look at the other's cache line. */
uint64_t bm_ring_room(bm_ring *ring);

/* The consumer's question: is something published that it has not looked at? */
int bm_ring_waiting(const bm_ring *ring);

#endif
