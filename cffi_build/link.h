/* What the sources of a link share, and what the pump reads of it.  docs/bmu1.md sections 2 to 5. */

#ifndef BM_LINK_H
#define BM_LINK_H

#include "native.h"
#include "hot.h"
#include "sealing.h"
#include "api/link.h"

#define BM_LINK_FLIGHT 256u             /* numbers sent and not yet known to be acknowledged or lost */
#define BM_LINK_TIMES 128u              /* of those, the newest whose time of sending is kept */
#define BM_LINK_TIME_US 250u
#define BM_LINK_PERIOD_LEAST_US 200000u /* between changes of the budget */

/* What a link tells, while it is called; `link` tells which (it is in the caller's array).  What points to
   bytes is good during the call only.  None may be NULL; none may call the link, but to close it. */
typedef struct {
    void *context;
    /* A datagram has opened: whether it is to be read.  If not, it was received, and that is all. */
    int (*came)(void *context, bm_link *link);
    /* Oldest first. */
    void (*moves)(void *context, bm_link *link, const bm_move *moves, uint32_t count);
    void (*fate)(void *context, bm_link *link, uint32_t record, int lost);
    void (*event)(void *context, bm_link *link, uint32_t opcode, const uint8_t *body, uint32_t size);
    void (*attached)(void *context, bm_link *link, uint32_t address);       /* it may be sent to now */
    void (*migrated)(void *context, bm_link *link, uint32_t address);       /* ... to another address */
    void (*closed)(void *context, bm_link *link, uint32_t reason);          /* once; see BM_DUE_OVER */
    void (*rate)(void *context, bm_link *link, uint32_t bytes_per_s);       /* the budget changed */
    void (*mtu)(void *context, bm_link *link, uint32_t bytes);              /* of the largest datagram now */
} bm_link_sink;

enum bm_link_state { BM_LINK_UNUSED, BM_LINK_OPEN, BM_LINK_CLOSING, BM_LINK_CLOSED };

/* Of bm_link.flags. */
enum {
    BM_LINK_HAS_PATH = 1,       /* `path` is valid */
    BM_LINK_HAS_CANDIDATE = 2,
    BM_LINK_HAS_CHALLENGE = 4,  /* one is due */
    BM_LINK_HAS_INPUT = 8,      /* input_tick is one */
    BM_LINK_HAS_PONG = 16,      /* a ping waits for its answer */
    BM_LINK_HAS_PING = 32,      /* one is due */
    BM_LINK_HAS_RECORD = 64,    /* newest_record is one */
    BM_LINK_HAS_RTT = 128,
    BM_LINK_HAS_LEAST = 256,
    BM_LINK_HAS_PROOF = 512,    /* something sent under these keys was acknowledged */
};

/* At most 1 KiB.  Times are us; 0: never.  Begins on a cache line in the pump, which asks for those that most
   datagrams need: BM_LINK_HOT_LINES. */
struct bm_link {
    bm_opener opener;           /* c2s */
    bm_sealer sealer;           /* s2c */

    /* Another path that the client may have, and the end. */
    uint32_t candidate;
    uint32_t candidate_in, candidate_out;       /* bytes, until the candidate answers */
    uint32_t lost_count;
    uint64_t candidate_us, challenged_us;       /* when it was heard first, and asked last */
    uint8_t token[8];
    uint64_t farewell_us;       /* when the next one is */

    uint64_t wake_us;           /* when bm_link_due is to be called; UINT64_MAX: never */
    uint64_t heard_us;          /* the last that opened */
    uint64_t said_us;           /* the last sent */
    uint64_t highest_us;        /* when the highest number opened came; 0: that has been said */
    uint64_t owed_us;           /* since when an acknowledgement is asked for; 0: none is */
    uint64_t keys_us;           /* when the sealer's generation began */
    uint64_t oldest;            /* no number below it is flying */
    uint64_t arrived;           /* the highest number acknowledged, + 1 */

    uint64_t probe;             /* the number that tries a larger size, + 1 */
    uint64_t period_us;         /* when the budget's period began */
    uint32_t rtt_us, jitter_us, least_us;       /* round trip: smoothed, its deviation, the least */
    uint32_t acked_count, period_acked;
    uint32_t newest_record;
    uint32_t asking_count;      /* flying and asking */
    uint32_t path;
    uint16_t out_ready_count, out_flying_count; /* parts of events */
    uint16_t mtu, probe_size;   /* in use, being tried (0: none) */
    uint16_t keepalive_ms;
    uint16_t flags;             /* BM_LINK_HAS_ */
    uint16_t input_tick;        /* of the newest input handed on, and its epoch */
    uint8_t input_epoch;
    uint8_t state;              /* enum bm_link_state */

    /* What was sent: number n is at n mod BM_LINK_FLIGHT. */
    uint64_t flying[4];         /* not known to be acknowledged or lost */
    uint64_t recorded[4];       /* it had a record */
    uint64_t asking[4];         /* it had more than pad in it: the other end owes an acknowledgement */
    uint64_t records[4];        /* bit i: record newest_record - i was given to a datagram */
    uint16_t sent_at[BM_LINK_TIMES];    /* in BM_LINK_TIME_US, low bits; number n is at n mod BM_LINK_TIMES */

    uint32_t period_lost, loss_ppm;
    uint32_t rate_bytes_per_s;

    /* Events: parts in the thread's pool, 0: none. */
    uint32_t out_first, out_last, out_behind;   /* all, in order; the first that may not be sent yet */
    uint32_t out_bytes, out_flight_bytes;       /* of what may be sent; of what is flying */
    uint32_t in_first, in_bytes;                /* what is held until its turn comes */
    uint16_t out_id, out_behind_count;          /* the next event's id; events from out_behind on */
    uint16_t in_id, in_count;                   /* the next to be delivered; parts held */

    uint32_t pong_stamp, ping_stamp;
    uint16_t mtu_limit;         /* agreed */
    uint8_t probe_tries;
    uint8_t reason;             /* of the close */
    uint8_t farewells;          /* closes still to be sent */
};

_Static_assert(sizeof(struct bm_link) <= 1024, "a link is at most 1 KiB");

/* The 64-byte lines of a link that are read or written with most datagrams.  Of `sent_at` it is one: which,
   is known when these are there. */
#define BM_LINK_HOT_LINES {0, 1, 4, 5, 7, 8, 9, 10}
_Static_assert(offsetof(struct bm_link, opener.hp) + 16 <= 2 * 64
               && offsetof(struct bm_link, sealer) >= 4 * 64
               && offsetof(struct bm_link, sealer.secret) <= 6 * 64
               && offsetof(struct bm_link, wake_us) == 7 * 64 && offsetof(struct bm_link, sent_at) == 11 * 64,
               "BM_LINK_HOT_LINES");

/* Becomes the sink of every link of these; before the first is started. */
void bm_links_tell(bm_links *links, const bm_link_sink *sink);

/* What all links of these compute with. */
bm_crypto *bm_links_crypto(bm_links *links);

#endif
