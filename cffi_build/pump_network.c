/* A simulated network between the sockets and the links, for tests: it loses, doubles, delays and reorders by
   a seeded sequence of numbers.  What is to wait is kept here, by when it is due. */

#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "pump_io.h"

#define HELD_LIMIT 4096         /* more is lost, as in any queue */

typedef struct {
    uint64_t due_us, order;
    uint32_t at;                /* in `parcels` */
    uint8_t in;                 /* coming, not going */
} bm_held;

struct bm_network {
    uint64_t random, order;
    uint32_t count;
    bm_held held[HELD_LIMIT];   /* soonest last */
    uint32_t free[HELD_LIMIT];  /* the last HELD_LIMIT - count are */
    bm_parcel parcels[HELD_LIMIT];
    uint8_t bytes[HELD_LIMIT][BM_PARCEL_BYTES];
};

int bm_network_new(bm_io *io)
{
    const bm_pump_options *options = &io->pump->options;
    bm_network *network;

    if (!(options->loss | options->duplicate | options->reorder | options->delay_us | options->jitter_us))
        return 0;
    if (!(network = calloc(1, sizeof *network))) return BM_NO_MEMORY;
    network->random = options->seed + io->number;
    for (uint32_t i = 0; i < HELD_LIMIT; i++) {
        network->free[i] = i;
        network->parcels[i].bytes = network->bytes[i];
    }
    io->network = network;
    return 0;
}

void bm_network_free(bm_network *network)
{
    free(network);
}

/* SplitMix64.  Source: Steele, Lea, Flood, Fast splittable pseudorandom number generators (2014). */
static uint32_t draw(bm_network *network)
{
    uint64_t z = network->random += 0x9e3779b97f4a7c15ull;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

static int happens(bm_network *network, uint32_t share)
{
    return share && (draw(network) & 0xffff) < share;
}

static uint64_t delay(bm_network *network, const bm_pump_options *options)
{
    uint64_t wait = options->delay_us;

    if (options->jitter_us) {
        wait += draw(network) % (2 * (uint64_t)options->jitter_us + 1);
        wait = wait > options->jitter_us ? wait - options->jitter_us : 0;
    }
    return happens(network, options->reorder) ? 2 * wait : wait;
}

static void hold(bm_network *network, const bm_parcel *parcel, uint64_t due_us, int in)
{
    bm_held held = { due_us, network->order++, 0, (uint8_t)in };
    uint32_t at = network->count;

    if (network->count == HELD_LIMIT) return;
    held.at = network->free[network->count++];
    network->parcels[held.at].address = parcel->address;
    network->parcels[held.at].size = parcel->size;
    memcpy(network->parcels[held.at].bytes, parcel->bytes, parcel->size);
    for (; at > 0 && network->held[at - 1].due_us <= due_us; at--) network->held[at] = network->held[at - 1];
    network->held[at] = held;
}

static void pass(bm_io *io, const bm_parcel *parcel, int in)
{
    if (in) bm_io_open(io, parcel);
    else if (!bm_io_stuck(io)) bm_io_put(io, parcel);
}

static void treat(bm_io *io, const bm_parcel *parcel, int in)
{
    bm_network *network = io->network;
    const bm_pump_options *options = &io->pump->options;
    int copies = happens(network, options->loss) ? 0 : 1 + happens(network, options->duplicate);
    uint8_t bytes[BM_PARCEL_BYTES];
    bm_parcel copy = { parcel->address, parcel->size, bytes };

    memcpy(bytes, parcel->bytes, parcel->size);     /* opening changes them, and there may be a second */
    for (; copies > 0; copies--) {
        uint64_t wait = delay(network, options);

        if (wait) hold(network, parcel, io->now_us + wait, in);
        else pass(io, copies > 1 ? &copy : parcel, in);
    }
}

void bm_network_in(bm_io *io, const bm_parcel *parcel)
{
    treat(io, parcel, 1);
}

void bm_network_out(bm_io *io, const bm_parcel *parcel)
{
    treat(io, parcel, 0);
}

/* Lets through what has waited long enough; answers how many. */
uint32_t bm_network_turn(bm_io *io)
{
    bm_network *network = io->network;
    uint32_t done = 0;

    while (network->count && network->held[network->count - 1].due_us <= io->now_us
           && bm_io_may_report(io) && !bm_io_stuck(io)) {
        bm_held held = network->held[network->count - 1];
        bm_parcel parcel = network->parcels[held.at];

        network->free[--network->count] = held.at;
        pass(io, &parcel, held.in);     /* only when it is read may its room be needed again */
        done++;
    }
    return done;
}
