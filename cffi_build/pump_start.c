/* The pump's beginning and end, and the world waiting for its threads. */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "pump_io.h"

#define HANGS_US 10000000u
#define HANGS_LOOKS 200u
#define EVENT_CHUNKS (1u << 18)         /* 64 MiB of events not yet acknowledged, all links of a thread */
#define HUGE_BYTES ((size_t)2 << 20)    /* a large page */

static int refuse(bm_pump *pump, const char *doing, int error)
{
    snprintf(pump->why, sizeof pump->why, "%s: %s", doing, strerror(error));
    return BM_SYSTEM;
}

static void prepare_heads(struct mmsghdr *heads, struct iovec *pieces, uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        pieces[i] = (struct iovec){ bytes + (size_t)i * BM_PARCEL_BYTES, BM_PARCEL_BYTES };
        heads[i].msg_hdr.msg_iov = &pieces[i];
        heads[i].msg_hdr.msg_iovlen = 1;
    }
}

static int prepare_boxes(bm_io *io)
{
    if (!(io->inbox = calloc(1, sizeof *io->inbox))) return BM_NO_MEMORY;
    prepare_heads(io->inbox->heads, io->inbox->pieces, io->inbox->bytes[0], BM_RECEIVE_BATCH);
    for (uint32_t i = 0; i < BM_RECEIVE_BATCH; i++) {
        io->inbox->heads[i].msg_hdr.msg_name = &io->inbox->names[i];
        io->inbox->heads[i].msg_hdr.msg_namelen = sizeof io->inbox->names[i];
    }
    for (uint32_t socket = 0; socket < io->pump->socket_count; socket++) {
        bm_outbox *outbox = calloc(1, sizeof *outbox);

        if (!(io->outboxes[socket] = outbox)) return BM_NO_MEMORY;
        prepare_heads(outbox->heads, outbox->pieces, outbox->bytes[0], BM_SEND_BATCH);
        for (uint32_t i = 0; i < BM_SEND_BATCH; i++) outbox->heads[i].msg_hdr.msg_name = &outbox->to[i].name;
    }
    return 0;
}

/* Room for every link that the thread can have: pages that no link uses are never touched, so they take no
   memory.  Large ones spare lookups of addresses; of a few links the first page should stay small. */
static int prepare_places(bm_io *io)
{
    uint32_t count = BM_PUMP_LINKS / 256 * bm_pump_share(io->pump->options.threads);
    size_t links = count * BM_LINK_STRIDE, entries = count * sizeof *io->entries;
    uint8_t *at;

    io->memory_bytes = links + entries + count * sizeof *io->wakes.times + HUGE_BYTES;
    io->memory = mmap(NULL, io->memory_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (io->memory == MAP_FAILED) return BM_NO_MEMORY;
    at = io->memory;
    at += (HUGE_BYTES - (uintptr_t)at % HUGE_BYTES) % HUGE_BYTES;
    if (links > HUGE_BYTES) madvise(at + HUGE_BYTES, links + entries - HUGE_BYTES, MADV_HUGEPAGE);
    io->places = at;
    io->places_count = count;
    io->entries = (bm_entry *)(void *)(at + links);
    io->wakes.times = (uint64_t *)(void *)(at + links + entries);
    return 0;
}

static int prepare_links(bm_io *io)
{
    const bm_pump_options *options = &io->pump->options;
    uint8_t token_key[32];

    if (getrandom(token_key, sizeof token_key, 0) != (ssize_t)sizeof token_key) return BM_SYSTEM;
    io->links = bm_links_new(token_key, EVENT_CHUNKS);
    if (!io->links || prepare_places(io) < 0) return BM_NO_MEMORY;
    io->next_id = 1;
    bm_io_listen(io);
    if (options->rate_most
        && bm_links_budget(io->links, options->rate_first, options->rate_least, options->rate_most) < 0)
        return BM_OUT_OF_RANGE;
    if (options->update_numbers) bm_links_updates(io->links, options->update_numbers, options->update_us);
    return 0;
}

static int prepare(bm_io *io)
{
    int code;

    if ((code = prepare_boxes(io)) < 0 || (code = prepare_links(io)) < 0 || (code = bm_network_new(io)) < 0)
        return code == BM_SYSTEM ? refuse(io->pump, "getrandom", errno) : code;
    if ((io->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) < 0) return refuse(io->pump, "eventfd", errno);
    return 0;
}

static void release(bm_io *io)
{
    if (io->wake_fd >= 0) close(io->wake_fd);
    io->wake_fd = -1;
    for (uint32_t socket = 0; socket < BM_PUMP_SOCKETS; socket++) {
        free(io->outboxes[socket]);
        io->outboxes[socket] = NULL;
    }
    bm_network_free(io->network);
    bm_links_free(io->links);
    free(io->inbox);
    if (io->places) munmap(io->memory, io->memory_bytes);
    io->network = NULL;
    io->links = NULL;
    io->inbox = NULL;
    io->places = NULL;
    io->entries = NULL;
}

/* Signals are for the world's thread. */
static int launch(bm_io *io)
{
    sigset_t all, before;
    char name[16];
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&io->thread, NULL, bm_io_live, io);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) return refuse(io->pump, "pthread_create", error);
    io->started = 1;
    snprintf(name, sizeof name, "bm-io-%u", io->number % 100);
    pthread_setname_np(io->thread, name);
    return 0;
}

int bm_pump_start(bm_pump *pump)
{
    int code = 0;

    if (pump->running || pump->stopped) return BM_OUT_OF_RANGE;
    if ((pump->up_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) < 0) return refuse(pump, "eventfd", errno);
    pump->running = 1;
    for (uint32_t i = 0; i < pump->options.threads && code == 0; i++) code = prepare(&pump->threads[i]);
    for (uint32_t i = 0; i < pump->options.threads && code == 0; i++) code = launch(&pump->threads[i]);
    if (code < 0) bm_pump_stop(pump);
    return code;
}

static int hanging(const bm_pump *pump)
{
    for (uint32_t i = 0; i < pump->options.threads; i++)
        if (pump->threads[i].hangs) return 1;
    return 0;
}

/* Whatever is in the rings when the threads have ended may still be drained. */
int bm_pump_stop(bm_pump *pump)
{
    for (uint32_t i = 0; i < pump->options.threads; i++) {
        bm_io *io = &pump->threads[i];

        for (uint32_t lane = 0; io->started && lane < pump->options.lanes; lane++)
            bm_ring_publish(&io->down[lane]);
        atomic_store(&io->stopping, 1);
        if (io->started) bm_io_wake(io);
    }
    for (uint32_t i = 0; i < pump->options.threads; i++) {
        bm_io *io = &pump->threads[i];

        if (io->started && !io->hangs) pthread_join(io->thread, NULL);
        io->started = io->hangs;
    }
    if (hanging(pump)) return 0;
    if (!pump->stopped) bm_sockets_close(pump);
    for (uint32_t i = 0; pump->running && i < pump->options.threads; i++) release(&pump->threads[i]);
    if (pump->running) close(pump->up_fd);
    pump->running = 0;
    pump->stopped = 1;
    return 0;
}

int bm_watch_hangs(bm_watch *watch, uint64_t turns, uint64_t now_us)
{
    if (turns != watch->turns || !watch->since_us) *watch = (bm_watch){ .turns = turns, .since_us = now_us };
    return ++watch->looks > HANGS_LOOKS && now_us - watch->since_us >= HANGS_US;
}

/* A thread that rests looks about once a second: see pump_thread.c. */
static int hangs(bm_io *io, uint64_t now_us)
{
    uint64_t turns = atomic_load_explicit(&io->counts[BM_COUNT_TURNS], memory_order_relaxed);

    if (!io->started || !bm_watch_hangs(&io->watch, turns, now_us)) return 0;
    io->hangs = 1;
    bm_io_fail(io, "it hangs", ETIMEDOUT);
    return 1;
}

int bm_pump_alive(bm_pump *pump)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    for (uint32_t i = 0; i < pump->options.threads; i++) {
        bm_io *io = &pump->threads[i];

        if (atomic_load(&io->failed)) return 0;
        if (hangs(io, (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u)) return 0;
    }
    return pump->running;
}

const char *bm_pump_why(const bm_pump *pump)
{
    for (uint32_t i = 0; i < pump->options.threads; i++)
        if (atomic_load(&pump->threads[i].failed)) return pump->threads[i].why;
    return pump->why;
}

/* The caller has published something or set a flag, the thread says that it sleeps before it looks for such:
   one of the two sees what the other did, as both change `asleep`. */
void bm_io_wake(bm_io *io)
{
    static const uint64_t one = 1;

    if (io->started && atomic_fetch_add(&io->asleep, 0) && write(io->wake_fd, &one, sizeof one) < 0) return;
}

static uint64_t real_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static int has_reports(const bm_pump *pump)
{
    for (uint32_t i = 0; i < pump->options.threads; i++)
        if (bm_ring_waiting(&pump->threads[i].up)) return 1;
    return 0;
}

static int settled(const bm_pump *pump)
{
    for (uint32_t i = 0; i < pump->options.threads; i++) {
        const bm_io *io = &pump->threads[i];
        if (atomic_load(&io->answered) != atomic_load(&io->asked) && !atomic_load(&io->failed)) return 0;
    }
    return 1;
}

static int any_living(const bm_pump *pump)
{
    for (uint32_t i = 0; i < pump->options.threads; i++)
        if (!atomic_load(&pump->threads[i].failed)) return pump->running;
    return 0;
}

/* Until `reached` or the time is up; the threads ring `up_fd` when there may be a change. */
static int await(bm_pump *pump, int (*reached)(const bm_pump *), uint32_t limit_ms)
{
    uint64_t end = real_ms() + limit_ms, now, rung;
    int yes;

    if (!pump->running) return reached(pump);
    atomic_exchange(&pump->waiting, 1);
    while (!(yes = reached(pump)) && any_living(pump) && (now = real_ms()) < end) {
        struct pollfd polled = { .fd = pump->up_fd, .events = POLLIN };

        if (poll(&polled, 1, (int)(end - now)) > 0 && read(pump->up_fd, &rung, sizeof rung) < 0) break;
    }
    atomic_exchange(&pump->waiting, 0);
    return yes;
}

int bm_pump_wait(bm_pump *pump, uint32_t limit_ms)
{
    return await(pump, has_reports, limit_ms);
}

int bm_pump_settle(bm_pump *pump, uint32_t limit_ms)
{
    for (uint32_t i = 0; i < pump->options.threads; i++) {
        bm_io *io = &pump->threads[i];

        for (uint32_t lane = 0; lane < pump->options.lanes; lane++) bm_ring_publish(&io->down[lane]);
        atomic_fetch_add(&io->asked, 1);
        bm_io_wake(io);
    }
    return await(pump, settled, limit_ms);
}

void bm_pump_clock(bm_pump *pump, uint64_t now_us)
{
    atomic_store(&pump->clock_us, now_us);
}

int bm_pump_fault(bm_pump *pump, uint32_t thread, int sending, uint32_t error, uint32_t times)
{
    if (thread >= pump->options.threads || error > 0xffff || times > 0xffff) return BM_OUT_OF_RANGE;
    atomic_store(&pump->threads[thread].faults[sending != 0], times << 16 | error);
    return 0;
}
