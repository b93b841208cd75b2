/* The life of an I/O thread: turns of receiving, obeying and looking at what time asks for, until it is
   stopped or something fails.

   Receiving and sending take turns in small batches: what the world pushes at once goes out spread over the
   tick, and what comes meanwhile does not wait for the end of it. */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pump_io.h"

#define NAP_US 2000u            /* after datagrams came: for more to come, which one system call then takes */
#define REST_US 1000000u        /* without anything to wait for */
#define BEHIND_US 5000u         /* until one tries again what the world or the kernel had no room for */

void bm_io_fail(bm_io *io, const char *doing, int error)
{
    if (atomic_load(&io->failed)) return;
    snprintf(io->why, sizeof io->why, "I/O thread %u: %s: %s", io->number, doing, strerror(error));
    atomic_store(&io->failed, 1);
}

static void look_at_clock(bm_io *io)
{
    uint64_t now = atomic_load_explicit(&io->pump->clock_us, memory_order_relaxed);

    if (!now) {
        struct timespec real;
        clock_gettime(CLOCK_MONOTONIC, &real);
        now = (uint64_t)real.tv_sec * 1000000u + (uint64_t)real.tv_nsec / 1000u;
    }
    if (now > io->now_us) io->now_us = now;
}

/* Shows the world what there is for it, and wakes it if it waits for that. */
static void tell(bm_io *io)
{
    static const uint64_t one = 1;

    bm_ring_publish(&io->up);
    if (atomic_fetch_add(&io->pump->waiting, 0)     /* not a load: see bm_io_wake */
        && write(io->pump->up_fd, &one, sizeof one) < 0 && errno != EAGAIN) bm_io_fail(io, "eventfd", errno);
}

static int ordered(bm_io *io)
{
    for (uint32_t lane = 0; lane < io->pump->options.lanes; lane++)
        if (bm_ring_waiting(&io->down[lane])) return 1;
    return atomic_load(&io->stopping) || atomic_load(&io->asked) != atomic_load(&io->answered);
}

/* Sleeps until there are orders, at most so long; or, with sockets, until something comes or may go.
   `blocked`: orders cannot be obeyed now. */
static void sleep_until(bm_io *io, uint64_t limit_us, int with_sockets, int blocked)
{
    struct pollfd polled[1 + BM_PUMP_SOCKETS] = { { .fd = io->wake_fd, .events = POLLIN } };
    struct timespec limit = { (time_t)(limit_us / 1000000u), (long)(limit_us % 1000000u) * 1000 };
    nfds_t count = 1;
    uint64_t rung;

    for (uint32_t i = 0; with_sockets && i < io->pump->socket_count; i++) {
        short sending = io->outboxes[i]->count ? POLLOUT : 0, receiving = bm_io_may_report(io) ? POLLIN : 0;
        polled[count++] = (struct pollfd){ .fd = io->sockets[i], .events = (short)(receiving | sending) };
    }
    atomic_exchange(&io->asleep, 1);
    if (blocked || !ordered(io)) ppoll(polled, count, &limit, NULL);
    atomic_store(&io->asleep, 0);
    if (polled[0].revents && read(io->wake_fd, &rung, sizeof rung) < 0 && errno != EAGAIN)
        bm_io_fail(io, "eventfd", errno);
}

static void rest(bm_io *io, int clear, uint32_t received)
{
    uint64_t limit = REST_US, next = bm_wakes_next(io);
    int blocked = bm_io_stuck(io) || !bm_io_may_report(io);

    if (received || io->network) limit = NAP_US;
    else if (!clear || blocked) limit = BEHIND_US;
    else if (next != UINT64_MAX) limit = next > io->now_us ? next - io->now_us : 0;
    sleep_until(io, limit < REST_US ? limit : REST_US, !received, blocked);
    bm_meter_lap(io, BM_METER_KERNEL);
}

static void count_malformed(bm_io *io)
{
    bm_link_counts counts;

    bm_links_counts(io->links, &counts);
    bm_io_count(io, BM_COUNT_MALFORMED, counts.malformed - io->malformed);
    io->malformed = counts.malformed;
}

static void turn(bm_io *io)
{
    uint32_t asked = atomic_load(&io->asked), received, done, orders = 0;
    int clear;

    look_at_clock(io);
    bm_meter_begin(io);
    received = bm_io_receive(io, &orders);
    done = received + orders;
    if (io->network) done += bm_network_turn(io);
    done += bm_wakes_turn(io);
    count_malformed(io);
    /* What more there is to be sent fills the batch that has been begun. */
    clear = orders < BM_ORDERS_A_TURN && bm_io_flush(io);
    if (!done && clear && io->inbox->next == io->inbox->count) atomic_store(&io->answered, asked);
    tell(io);
    if (done == received && done < BM_RECEIVE_BATCH) rest(io, clear, received);
    bm_meter_end(io);
    bm_io_count(io, BM_COUNT_TURNS, 1);
}

/* What was ordered before the stop is done; nothing new is listened to. */
static void finish(bm_io *io)
{
    while (!atomic_load(&io->failed) && bm_io_obey(io, BM_ORDERS_A_TURN)) look_at_clock(io);
    bm_io_part(io);
    bm_io_flush(io);
}

void *bm_io_live(void *given)
{
    bm_io *io = given;

    look_at_clock(io);
    bm_wakes_start(io);
    while (!atomic_load_explicit(&io->stopping, memory_order_relaxed)
           && !atomic_load_explicit(&io->failed, memory_order_relaxed)) turn(io);
    if (!atomic_load(&io->failed)) finish(io);
    tell(io);
    return NULL;
}
