/* Two threads and a ring: every record arrives once, whole and in order, also around the ring's end and when
   it is full.  Made for the thread sanitizer: `make check-threads`. */

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "ring.h"

#define RECORDS 200000u

static uint32_t size_of(uint32_t number)
{
    return 8 + number * 2654435761u % 401;
}

static void *produce(void *given)
{
    bm_ring *ring = given;

    for (uint32_t number = 0; number < RECORDS;) {
        uint32_t size = size_of(number);
        uint8_t *record = bm_ring_put(ring, size, number % 64);

        if (!record) {
            bm_ring_publish(ring);
            sched_yield();
            continue;
        }
        memset(record, (int)(number & 0xff), size);
        memcpy(record, &number, sizeof number);
        if (number++ % 7 == 0) bm_ring_publish(ring);
    }
    bm_ring_publish(ring);
    return NULL;
}

static int consume(bm_ring *ring)
{
    uint32_t wanted = 0, size;
    const uint8_t *record;

    while (wanted < RECORDS) {
        uint32_t taken = 0;

        while (taken++ < 5 && (record = bm_ring_next(ring, &size)) != NULL) {
            uint32_t number;
            memcpy(&number, record, sizeof number);
            if (number != wanted || size != size_of(wanted) || record[size - 1] != (number & 0xff)) return 1;
            wanted++;
        }
        bm_ring_release(ring);
        if (!bm_ring_waiting(ring)) sched_yield();
    }
    return bm_ring_next(ring, &size) != NULL;
}

int main(void)
{
    bm_ring ring;
    pthread_t producer;
    int wrong;

    if (bm_ring_open(&ring, 100) != BM_OUT_OF_RANGE) return 1;
    if (bm_ring_open(&ring, 4096) < 0 || pthread_create(&producer, NULL, produce, &ring)) return 1;
    wrong = consume(&ring);
    pthread_join(producer, NULL);
    bm_ring_close(&ring);
    printf("ring: %u records %s\n", RECORDS, wrong ? "WRONG" : "arrived once and in order");
    return wrong;
}
