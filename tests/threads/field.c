/* Two fields called alike, one stepped by the caller alone, the other by up to five threads: no races, and
   the same digests; also when two callers share the pool of threads.  Made for the thread sanitizer:
   `make check-threads`. */

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "field.h"

#define MOVERS 600u
#define TICKS 30u

static int32_t drawn(uint64_t *state, int32_t most)
{
    return (int32_t)(bm_field_mix((*state)++) % (uint64_t)(2 * most + 1)) - most;
}

static bm_field *made(void)
{
    const bm_field_rules rules = {
        .sight = 9600, .leave = 10560, .height = 6400, .leave_height = 7040,
        .slack_permille = 1250, .burst_mm = 30000, .late_ms = 2000,
    };

    return bm_field_new(&rules);
}

/* A third of them go somewhere, some go away, all look. */
static void stir(bm_field *field, uint64_t state)
{
    for (uint32_t i = 0; i < MOVERS / 3; i++) {
        uint32_t slot = (uint32_t)drawn(&state, MOVERS / 2 - 1) + MOVERS / 2 - 1;
        int32_t xyz[3] = {drawn(&state, 8000), drawn(&state, 8000), 0};
        bm_field_put(field, slot, 1, xyz, 0, 0, 0);
        bm_field_watch(field, slot);
        if (i % 16 == 0) bm_field_drop(field, slot);
    }
}

/* Answers whether all numbers of threads came to the same. */
static int alike(uint64_t state)
{
    bm_field *alone = made(), *shared = made();
    uint8_t digests[2][32];
    int same = alone && shared;

    for (uint32_t tick = 1; same && tick <= TICKS; tick++, state += 10000) {
        stir(alone, state);
        stir(shared, state);
        same = bm_field_step(alone, tick, tick * 50, 1) == 0
            && bm_field_step(shared, tick, tick * 50, 2 + tick % 4) == 0
            && bm_field_digest(alone, digests[0]) == 0 && bm_field_digest(shared, digests[1]) == 0
            && memcmp(digests[0], digests[1], sizeof digests[0]) == 0;
    }
    bm_field_free(alone);
    bm_field_free(shared);
    return same;
}

static void *other(void *given)
{
    return alike(UINT64_C(1000000000)) ? NULL : given;
}

int main(void)
{
    pthread_t thread;
    void *wrong;
    int same;

    if (pthread_create(&thread, NULL, other, &same)) return 2;
    same = alike(0);
    pthread_join(thread, &wrong);
    puts(same && !wrong ? "field: the same with any number of threads" : "field: threads differ");
    return !same || wrong;
}
