/* What the sources of the pump share; they define _GNU_SOURCE first.  The world's side is pump.c,
   pump_start.c and pump_drain.c; an I/O thread's life is pump_thread.c, which calls the others in turns. */

#ifndef BM_PUMP_IO_H
#define BM_PUMP_IO_H

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "pump.h"
#include "link.h"
#include "ring.h"

#define BM_RECEIVE_BATCH 256u
#define BM_ORDERS_A_TURN 128u
#define BM_SEND_BATCH 64u               /* larger ones gain nothing.  Source: docs/native.md */
#define BM_PARCEL_BYTES 1472u           /* more than any datagram that we take; an odd number of cache lines:
                                           buffers' first lines do not compete for the same places */
#define BM_REPORT_BYTES (72u << 10)     /* the most that one datagram or order makes a link report */

/* Kept free in a ring of orders for what must not be refused: only snapshots may be. */
#define BM_ORDER_SPARE(ring) ((ring)->size / 8)

/* From the world to an I/O thread, the bytes behind it. */
typedef struct {
    uint16_t what;
    uint16_t tick;
    uint32_t cid;
    uint32_t value;             /* the record, the opcode or the reason */
} bm_order;

enum { BM_ORDER_INSTALL = 1, BM_ORDER_CLOSE, BM_ORDER_EVENT, BM_ORDER_TUNNEL, BM_ORDER_PUSH, BM_ORDER_ASK };

typedef struct {
    uint8_t prk[32];
    uint32_t aead, mtu, keepalive_ms;
} bm_terms;

/* From an I/O thread to the world, the bytes behind it: news, and what there is most of. */
typedef struct {
    uint32_t what;              /* BM_NEWS_ or BM_REPORT_ */
    uint32_t cid;
    uint32_t value, more;       /* a fate's record and whether it is lost; a budget's rate and room */
} bm_report;

enum { BM_REPORT_MOVES = 100, BM_REPORT_FATE, BM_REPORT_BUDGET };

/* Where a datagram came from, or goes to. */
typedef struct {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } name;
    uint16_t length;            /* of the name */
    uint16_t socket;            /* the number of ours */
} bm_address;

typedef struct {
    bm_address address;
    uint32_t size;
    uint8_t *bytes;
} bm_parcel;

/* What an I/O thread knows of a link beside the link itself.  What is asked for with each datagram is the
   first line. */
typedef struct {
    _Alignas(BM_CACHE_LINE) bm_address address; /* the first it had, mostly the only one */
    uint32_t ids[2];            /* what it and `other` are called when speaking with the link; 0: nothing */
    uint32_t cid;
    uint32_t open;              /* there is a link */
    uint64_t inputs_us, datagrams_us;   /* until then what its client has said is paid for: see pump_sink.c */
    bm_address other;
    uint64_t events_us;         /* likewise */
    uint32_t rate, room;        /* as last reported */
} bm_entry;

_Static_assert(offsetof(bm_entry, other) == BM_CACHE_LINE, "bm_io_prefetch asks for one line");

/* When each link is to be looked at, by index: see pump_wakes.c. */
typedef struct {
    uint64_t *times;            /* UINT64_MAX: never */
    uint64_t turned_us;         /* those up to here have been looked at, or are */
    uint64_t next_us;           /* none is sooner, of those gone through */
    uint32_t count;             /* of `times` that may be anything else */
    uint32_t at, turning;       /* how far the turn that is under way has come */
} bm_wakes;

/* What recvmmsg fills. */
typedef struct {
    struct mmsghdr heads[BM_RECEIVE_BATCH];
    struct iovec pieces[BM_RECEIVE_BATCH];
    struct sockaddr_in6 names[BM_RECEIVE_BATCH];
    uint8_t bytes[BM_RECEIVE_BATCH][BM_PARCEL_BYTES];
    uint32_t count, next;       /* received; of those, gone through */
    uint16_t socket;
} bm_inbox;

/* What sendmmsg takes: one a socket. */
typedef struct {
    struct mmsghdr heads[BM_SEND_BATCH];
    struct iovec pieces[BM_SEND_BATCH];
    bm_address to[BM_SEND_BATCH];
    uint8_t bytes[BM_SEND_BATCH][BM_PARCEL_BYTES];
    uint32_t count;
    uint64_t stuck_us;          /* since when the kernel has had no room; 0: it has */
} bm_outbox;

typedef struct bm_network bm_network;   /* the simulated one */

/* CPU time of a thread, measured in every sixteenth turn: see pump_meter.c. */
typedef struct {
    int on;
    uint64_t mark_ns;
    uint64_t aead_ns;           /* since then */
} bm_meter;

/* An I/O thread, and what it shares with the world. */
typedef struct {
    /* Shared. */
    bm_ring down[BM_PUMP_LANES];
    bm_ring up;
    _Atomic uint64_t counts[BM_COUNTS];
    _Atomic uint64_t sampled_ns[3], total_ns;   /* by pump_meter.c */
    _Atomic uint32_t asleep;    /* write to wake_fd to make it look at its rings */
    _Atomic uint32_t stopping, failed;
    _Atomic uint32_t faults[2]; /* of receiving and sending, for tests: how many times << 16 | errno */
    _Atomic uint32_t asked, answered;   /* bm_pump_settle */
    char why[160];              /* written before `failed` */
    /* The world's. */
    struct {
        uint64_t total_ns, sampled_ns[3];       /* as last read */
        uint64_t ns[3];
    } read;
    bm_watch watch;
    int hangs;                  /* it is never joined, and what it may use never freed */
    /* Set before the start. */
    bm_pump *pump;
    uint32_t number;
    pthread_t thread;
    int started;
    int wake_fd;
    int sockets[BM_PUMP_SOCKETS];
    /* The thread's own. */
    uint64_t now_us;
    bm_links *links;
    uint64_t malformed;         /* sections that the links could not read, as last counted */
    bm_link_sink sink;
    void *memory;               /* of all that goes by index */
    size_t memory_bytes;
    uint8_t *places;            /* of links, by index, BM_LINK_STRIDE each */
    bm_entry *entries;          /* likewise */
    uint32_t places_count;
    bm_wakes wakes;
    uint32_t next_id;           /* of addresses */
    uint32_t link_count;
    uint32_t lane;              /* whose turn it is */
    bm_inbox *inbox;
    bm_outbox *outboxes[BM_PUMP_SOCKETS];
    bm_network *network;        /* NULL: the real one */
    bm_meter meter;
} bm_io;

/* An array that grows. */
typedef struct {
    uint8_t *bytes;
    size_t size, capacity;
} bm_store;

struct bm_pump {
    bm_pump_options options;
    bm_io *threads;
    uint32_t socket_count;
    uint32_t receive_bytes, send_bytes;     /* the smallest buffers got */
    _Atomic uint64_t refused[BM_PUMP_LANES];    /* snapshots, by a full ring */
    char why[160];
    int running, stopped;
    int up_fd;                  /* written to when `waiting` */
    _Atomic uint32_t waiting;
    _Atomic uint64_t clock_us;  /* 0: the real one */
    bm_store moves, fates, budgets, news, bodies;
};

/* The thread that has a connection id; also the number of its sockets in their REUSEPORT groups. */
static inline bm_io *bm_pump_thread(const bm_pump *pump, uint32_t cid)
{
    return &pump->threads[(cid & 0xff) % pump->options.threads];
}

/* One thread writes, so this needs no locked instruction. */
static inline void bm_io_count(bm_io *io, int what, uint64_t more)
{
    uint64_t so_far = atomic_load_explicit(&io->counts[what], memory_order_relaxed);

    atomic_store_explicit(&io->counts[what], so_far + more, memory_order_relaxed);
}

#define BM_LINK_STRIDE ((sizeof(bm_link) + BM_CACHE_LINE - 1) / BM_CACHE_LINE * BM_CACHE_LINE)

static inline bm_link *bm_io_link(const bm_io *io, uint32_t index)
{
    return (bm_link *)(void *)(io->places + index * BM_LINK_STRIDE);
}

static inline uint32_t bm_io_index(const bm_io *io, const bm_link *link)
{
    return (uint32_t)((size_t)((const uint8_t *)link - io->places) / BM_LINK_STRIDE);
}

/* How many of 256 connection ids in succession a thread has at most. */
static inline uint32_t bm_pump_share(uint32_t threads)
{
    return (256 + threads - 1) / threads;
}

/* Where a thread has the link of a connection id, one of its own: links of one page are all its own, too. */
static inline uint32_t bm_io_place(const bm_io *io, uint32_t cid)
{
    uint32_t threads = io->pump->options.threads;

    return cid % BM_PUMP_LINKS / 256 * bm_pump_share(threads) + cid % 256 / threads;
}

/* Ten thousand links do not fit into a core's cache: what is about to be touched is asked for before.
   Always inline, or gcc takes a function that only prefetches for one that does nothing. */
__attribute__((always_inline)) static inline void bm_io_prefetch(const bm_io *io, uint32_t cid)
{
    static const uint8_t lines[] = BM_LINK_HOT_LINES;
    uint32_t index = bm_io_place(io, cid);
    const uint8_t *link = io->places + index * BM_LINK_STRIDE;

    __builtin_prefetch(&io->entries[index]);
    __builtin_prefetch(&io->wakes.times[index]);
    for (size_t i = 0; i < sizeof lines; i++) __builtin_prefetch(link + lines[i] * BM_CACHE_LINE);
}

/* pump_start.c */
void bm_io_wake(bm_io *io);

/* pump_thread.c */
void *bm_io_live(void *io);
void bm_io_fail(bm_io *io, const char *doing, int error);

/* pump_socket.c: as the calls they are named for, nonblocking, with simulated faults. */
int bm_socket_receive(bm_io *io, int socket, struct mmsghdr *heads, uint32_t count);
int bm_socket_send(bm_io *io, int socket, struct mmsghdr *heads, uint32_t count);
uint64_t bm_socket_overflows(int socket);
void bm_sockets_close(bm_pump *pump);

/* pump_receive.c.  The first answers how many datagrams there were, and obeys orders between. */
uint32_t bm_io_receive(bm_io *io, uint32_t *orders);
void bm_io_open(bm_io *io, const bm_parcel *parcel);
void bm_io_open_tunneled(bm_io *io, uint32_t cid, const bm_parcel *parcel);

/* pump_send.c.  Nothing may be made or put while bm_io_stuck. */
int bm_io_stuck(const bm_io *io);
uint8_t *bm_io_blank(const bm_io *io, uint16_t socket);     /* where to make the next one, to spare a copy */
void bm_io_put(bm_io *io, const bm_parcel *parcel);
int bm_io_flush(bm_io *io);                                 /* answers whether everything is gone */

/* pump_links.c.  The first answers how many orders were obeyed. */
uint32_t bm_io_obey(bm_io *io, uint32_t limit);
void bm_io_tend(bm_io *io, uint32_t index);
void bm_io_part(bm_io *io);

/* pump_sink.c */
void bm_io_listen(bm_io *io);
void bm_io_report(bm_io *io, bm_report report, const void *bytes, uint32_t size);
int bm_io_may_report(bm_io *io);

/* pump_wakes.c */
void bm_wakes_start(bm_io *io);
void bm_wakes_set(bm_io *io, uint32_t index, uint64_t wake_us);
void bm_wakes_never(bm_io *io, uint32_t index);
uint32_t bm_wakes_turn(bm_io *io);          /* how many were looked at */
uint64_t bm_wakes_next(const bm_io *io);    /* when to turn again; UINT64_MAX: never */

/* pump_network.c */
int bm_network_new(bm_io *io);
void bm_network_free(bm_network *network);
void bm_network_in(bm_io *io, const bm_parcel *parcel);
void bm_network_out(bm_io *io, const bm_parcel *parcel);
uint32_t bm_network_turn(bm_io *io);

/* pump_meter.c */
enum { BM_METER_KERNEL, BM_METER_AEAD, BM_METER_OTHER };
void bm_meter_begin(bm_io *io);
void bm_meter_lap(bm_io *io, int what);
void bm_meter_end(bm_io *io);
void bm_meter_read(bm_io *io, uint64_t *counts);

#endif
