/* pump*.c: the sockets, the links and the threads that serve them.

   The world's thread (and the feed's, each with a lane of its own) puts what is to
   be sent into rings; I/O threads seal and send it, open what comes and put that
   into rings, which bm_pump_drain empties once a tick.  Nothing here waits for an
   I/O thread but bm_pump_stop and bm_pump_wait.

   Every function is the world thread's alone, but bm_pump_push and bm_pump_flush:
   one thread a lane. */
typedef struct bm_pump bm_pump;

enum {
    BM_PUMP_THREADS = 16,           /* most I/O threads */
    BM_PUMP_LANES = 16,             /* most threads that push */
    BM_PUMP_SOCKETS = 8,            /* most addresses */
    BM_PUMP_LINKS = 16384,          /* most links: a connection id's low 14 bits */
    BM_PUMP_SECTIONS = 1452 - 29,   /* most bytes of sections in a datagram: of BM_DATAGRAM_BYTES */
    BM_PUMP_RING = 262144,          /* least bytes of a ring */
    BM_PUMP_EVENT = 65536 - 5,      /* bytes of an event's body */
};

/* What bm_pump_news is about. */
enum {
    BM_NEWS_ATTACHED = 1,           /* the link has a path; value: 1: the TCP connection */
    BM_NEWS_CLOSED = 2,             /* the link is gone; value: the reason, docs/bmu1.md section 4 */
    BM_NEWS_EVENT = 3,              /* value: opcode; bytes: its body */
    BM_NEWS_TUNNEL = 4,             /* bytes: a datagram to send over the client's TCP connection */
    BM_NEWS_MOVED = 5,              /* the link has another path; value: 1: the TCP connection */
    BM_NEWS_FACTS = 6,              /* bytes: a bm_link_facts, which bm_pump_ask asked for */
};

typedef struct {
    uint32_t threads;               /* 1 to BM_PUMP_THREADS */
    uint32_t lanes;                 /* 1 to BM_PUMP_LANES */
    uint32_t receive_bytes;         /* SO_RCVBUF asked for, each socket; 0: the kernel's */
    uint32_t send_bytes;            /* SO_SNDBUF likewise */
    uint32_t ring_bytes;            /* each ring; a power of two, BM_PUMP_RING at least */
    uint32_t rate_first, rate_least, rate_most;     /* of links, bytes a second; 0: docs/bmu1.md's */
    uint32_t update_numbers;        /* new keys after so many datagrams, or update_us; 0: likewise */
    uint64_t update_us;
    uint64_t clock_us;              /* not 0: the threads' time, until bm_pump_clock (tests) */
    uint64_t seed;                  /* of the simulated network (tests), each way */
    uint32_t loss, duplicate, reorder;      /* in 65,536ths; all 0 and no delay: switched off */
    uint32_t delay_us, jitter_us;           /* plus or minus; what is reordered waits twice */
} bm_pump_options;

/* What became of a snapshot's record, the number bm_pump_push was given. */
typedef struct {
    uint32_t cid;
    uint32_t record;
    uint32_t lost;                  /* 0: acknowledged */
} bm_fate;

/* What a link may be sent from now on: when it is attached, and when that has changed by a sixteenth. */
typedef struct {
    uint32_t cid;
    uint32_t bytes_per_second;
    uint32_t room;                  /* bytes of sections in a datagram */
} bm_budget;

typedef struct {
    uint32_t what;                  /* BM_NEWS_ */
    uint32_t cid;
    uint32_t value;
    uint32_t size;
    const uint8_t *bytes;
} bm_news;

/* What bm_pump_count counts, since the start; all threads together. */
enum bm_pump_count {
    BM_COUNT_RECEIVED, BM_COUNT_RECEIVED_BYTES,     /* datagrams; bytes without IP and UDP */
    BM_COUNT_SENT, BM_COUNT_SENT_BYTES,
    BM_COUNT_OPENED,            /* of those received: authentic and new */
    BM_COUNT_STRAY,             /* no such connection, or another generation of it */
    BM_COUNT_FORGED,            /* did not open */
    BM_COUNT_REPLAYED,
    BM_COUNT_MALFORMED,         /* too short, of another version, or a section was none */
    BM_COUNT_UNREAD,            /* of those opened: more than a client may send */
    BM_COUNT_INPUTS,            /* handed on */
    BM_COUNT_INPUTS_DROPPED,    /* the world is too far behind */
    BM_COUNT_INPUTS_BEYOND,     /* more than a client may send */
    BM_COUNT_SNAPSHOTS,
    BM_COUNT_SNAPSHOTS_LOST,    /* could not even be sent */
    BM_COUNT_OVERFLOWS,         /* datagrams the kernel dropped for want of socket buffer */
    BM_COUNT_SEND_AGAIN,        /* times the kernel had no room to send */
    BM_COUNT_SEND_ERRORS,       /* datagrams it would not send */
    BM_COUNT_TUNNELED_IN, BM_COUNT_TUNNELED_OUT,
    BM_COUNT_LINKS,             /* now */
    BM_COUNT_TURNS,             /* of the threads' loops */
    BM_COUNT_KERNEL_NS,         /* CPU time of the I/O threads: in system calls */
    BM_COUNT_AEAD_NS,           /* in opening and sealing */
    BM_COUNT_OTHER_NS,          /* in everything else */
    BM_COUNTS,
};

typedef struct {
    uint32_t cid;
    uint32_t record;
    uint32_t tick;
    uint32_t size;
    const uint8_t *sections;
} bm_pushed;

/* NULL: out of memory, or an option is out of its range. */
bm_pump *bm_pump_new(const bm_pump_options *options);
void bm_pump_free(bm_pump *pump);   /* stops it first */

/* Before the start.  `host`: a numeric IPv4 or IPv6 address; port 0: any.  Answers the port, or BM_SYSTEM. */
int bm_pump_bind(bm_pump *pump, const char *host, uint16_t port);

/* The smallest of the sockets' buffers in bytes, as the kernel counts them. */
int bm_pump_buffers(const bm_pump *pump, uint32_t *receive_bytes, uint32_t *send_bytes);

/* How far a thread had come, and since when it has come no further. */
typedef struct {
    uint64_t turns, since_us;
    uint32_t looks;
} bm_watch;

/* 1: it has made no turn for ten seconds, nor in the last 200 looks, so that a machine that was halted is
   not taken for a thread that hangs. */
int bm_watch_hangs(bm_watch *watch, uint64_t turns, uint64_t now_us);

int bm_pump_start(bm_pump *pump);
int bm_pump_stop(bm_pump *pump);    /* returns when every thread that does not hang has ended, and has sent
                                       what was pushed before */
int bm_pump_alive(bm_pump *pump);   /* 1: started, and no thread has failed or hangs; to be asked each tick */
const char *bm_pump_why(const bm_pump *pump);   /* what failed; "" if nothing did */

/* These answer 0, BM_OUT_OF_RANGE, or BM_FULL when the thread concerned is far behind.
   `prk`: 32 bytes, docs/bmu1.md section 1.  A link with the same index is replaced. */
int bm_pump_install(bm_pump *pump, uint32_t cid, uint32_t aead, const uint8_t *prk, uint32_t mtu,
                    uint32_t keepalive_ms);
int bm_pump_close_link(bm_pump *pump, uint32_t cid, uint32_t reason);
int bm_pump_event(bm_pump *pump, uint32_t cid, uint32_t opcode, const uint8_t *body, uint32_t size);
int bm_pump_tunnel(bm_pump *pump, uint32_t cid, const uint8_t *datagram, uint32_t size);
int bm_pump_ask(bm_pump *pump, uint32_t cid);       /* how the link does; nothing comes if there is none */

/* Send `sections` (at most BM_PUMP_SECTIONS bytes) with the tick in the prefix.  `record` comes back in
   bm_pump_fates, once, unless this answers BM_FULL: then it is lost already. */
int bm_pump_push(bm_pump *pump, uint32_t lane, uint32_t cid, uint32_t record, uint32_t tick,
                 const uint8_t *sections, uint32_t size);
/* Nothing more from this lane for now: wakes the threads. */
void bm_pump_flush(bm_pump *pump, uint32_t lane);

/* Takes over what the threads have put into their rings.  The other four answer how many of it there are and
   are good until the next drain; moves are bm_move records of BM_MOVE_BYTES, as bm_field_moves reads them. */
int bm_pump_drain(bm_pump *pump);
uint32_t bm_pump_moves(const bm_pump *pump, const uint8_t **moves);
uint32_t bm_pump_fates(const bm_pump *pump, const bm_fate **fates);
uint32_t bm_pump_budgets(const bm_pump *pump, const bm_budget **budgets);
uint32_t bm_pump_news(const bm_pump *pump, const bm_news **news);

void bm_pump_count(bm_pump *pump, uint64_t *counts);      /* BM_COUNTS of them */

/* For tests and ends.  Wait until there is something to drain, or until everything that has been ordered, or
   has come to a socket, is dealt with: 1, or 0 after `limit_ms`. */
int bm_pump_wait(bm_pump *pump, uint32_t limit_ms);
int bm_pump_settle(bm_pump *pump, uint32_t limit_ms);
void bm_pump_clock(bm_pump *pump, uint64_t now_us);
/* The next so many receive or send calls of this thread fail with this errno. */
int bm_pump_fault(bm_pump *pump, uint32_t thread, int sending, uint32_t error, uint32_t times);
/* Instead of a start: what the threads would be given, one after the other (0: no more), and a fate or a
   budget as if from one of them. */
int bm_pump_pull(bm_pump *pump, bm_pushed *pushed);
int bm_pump_feign(bm_pump *pump, uint32_t cid, uint32_t record, int lost);
int bm_pump_allow(bm_pump *pump, uint32_t cid, uint32_t bytes_per_second, uint32_t room);
