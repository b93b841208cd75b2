/* What the sources of a link share, and what the pump reads of it.  docs/bmu1.md sections 2 to 5. */

#ifndef BM_LINK_H
#define BM_LINK_H

#include "native.h"
#include "sealing.h"
#include "link_face.h"

#define BM_LINK_FLIGHT 256u             /* numbers sent and not yet known to be acknowledged or lost */
#define BM_LINK_TIMES 128u               /* of those, the newest whose time of sending is kept */
#define BM_LINK_EVENT_WINDOW 256u       /* events sent or kept that were not acknowledged or delivered */
#define BM_LINK_FRAGMENT_BYTES 1024u
#define BM_LINK_FRAGMENTS 64u
#define BM_LINK_INPUTS 8u
#define BM_LINK_ATTACH_BYTES 1200u      /* an attach is padded to it; also the datagram's size until probed */
#define BM_LINK_TICK_US 50000u
#define BM_LINK_ACK_WITHIN_US 200000u
#define BM_LINK_CHALLENGE_AGAIN_US 250000u
#define BM_LINK_SILENT_US 15000000u
#define BM_LINK_UPDATE_PACKETS (1u << 22)
#define BM_LINK_UPDATE_US 3600000000ull

/* What a link tells, while it is called; `link` tells which (it is in the caller's array).  What points to
   bytes is good during the call only.  None may be NULL; none may call the link. */
typedef struct {
    void *context;
    /* Oldest first. */
    void (*moves)(void *context, bm_link *link, const bm_link_move *moves, uint32_t count);
    void (*fate)(void *context, bm_link *link, uint32_t record, int lost);
    void (*event)(void *context, bm_link *link, uint32_t opcode, const uint8_t *body, uint32_t size);
    void (*attached)(void *context, bm_link *link, uint32_t address);       /* it may be sent to now */
    void (*migrated)(void *context, bm_link *link, uint32_t address);       /* ... to another address */
    void (*closed)(void *context, bm_link *link, uint32_t reason);          /* once; see BM_DUE_OVER */
    void (*rate)(void *context, bm_link *link, uint32_t bytes_per_s);       /* the budget changed */
    void (*mtu)(void *context, bm_link *link, uint32_t bytes);              /* of the largest datagram now */
} bm_link_sink;

/* At most 1 KiB, what it hears of and says most first.  Times are us; 0: never. */
struct bm_link {
    bm_opener opener;           /* c2s */
    bm_sealer sealer;           /* s2c */

    uint64_t wake_us;           /* when bm_link_due is to be called; UINT64_MAX: never */
    uint64_t heard_us;          /* the last that opened */
    uint64_t spoke_us;          /* the last sent to the path */
    uint64_t highest_us;        /* when the highest number opened so far came */
    uint64_t owed_us;           /* the first opened one that no ack has gone out for; 0: none */

    /* What was sent: number n is at n mod BM_LINK_FLIGHT. */
    uint64_t flying[4];         /* not known to be acknowledged or lost */
    uint64_t recorded[4];       /* ... and it had a record */
    uint64_t records[4];        /* bit i: record newest_record - i was given to a datagram */
    uint64_t oldest;            /* no number below it is flying */
    uint64_t acked[3];          /* the three highest numbers acknowledged, + 1, falling */
    uint16_t sent_at[BM_LINK_TIMES];    /* 1/4 ms, low bits */
    uint32_t newest_record;

    /* The way there and back. */
    uint32_t rtt_us, rtt_variance_us, rtt_least_us, jitter_us, rtt_last_us;
    uint32_t acked_count, lost_count;
    uint16_t period_acked, period_lost;
    uint32_t rate_bytes_per_s;
    uint64_t period_us;         /* when the budget's period began */

    /* The path. */
    uint32_t path, candidate;
    uint32_t candidate_in, candidate_out;       /* bytes, until the candidate answers */
    uint64_t challenged_us;
    uint8_t token[8];

    /* Events: chunk numbers of the thread's pool, + 1. */
    uint32_t out_first, out_last, in_first;
    uint32_t in_bytes;
    uint16_t out_id, out_count; /* the next id; parts queued */
    uint16_t out_waiting, out_flying;   /* of those: to be sent, and sent */
    uint16_t in_id;             /* the next to be delivered */

    uint16_t input_tick;        /* of the newest input handed on */
    uint16_t mtu, mtu_limit, probing;   /* in use, agreed, size being tried */
    uint16_t keepalive_ms;
    uint64_t probe;             /* the number that tries it, + 1 */
    uint32_t pong_stamp;
    uint8_t probes;             /* tries */
    uint8_t state;              /* enum bm_link_state */
    uint8_t reason;             /* of the close */
    uint8_t farewells;          /* closes still to be sent */
    uint8_t flags;              /* BM_LINK_HAS_ */
};

enum bm_link_state { BM_LINK_UNUSED, BM_LINK_WAITING, BM_LINK_ATTACHED, BM_LINK_CLOSING, BM_LINK_DONE };

enum {
    BM_LINK_HAS_INPUT = 1,      /* input_tick is one */
    BM_LINK_HAS_PONG = 2,       /* a ping waits for its answer */
    BM_LINK_HAS_DELAY = 4,      /* the next datagram is the first to acknowledge the highest number */
    BM_LINK_HAS_CANDIDATE = 8,
    BM_LINK_HAS_CHALLENGE = 16, /* one is due */
    BM_LINK_HAS_RECORDS = 32,   /* newest_record is one */
};

_Static_assert(sizeof(struct bm_link) <= 1024, "a link is at most 1 KiB");

/* Becomes the sink of every link of these; before the first is started. */
void bm_links_tell(bm_links *links, const bm_link_sink *sink);

#endif
