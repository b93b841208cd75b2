/* feed*.c: what each client is told of what its eye sees, and when: docs/bmu1.md sections 6 and 7.

   A reader is a client at the other end of a link; it has the number of its eye.  What a feed does depends on
   what was acknowledged and what a link may be sent: nothing of it is simulated. */
typedef struct bm_feed bm_feed;
typedef struct bm_tray bm_tray;
typedef struct bm_field bm_field;
typedef struct bm_pump bm_pump;

enum {
    BM_FEED_LEVELS = 4,             /* of overload: 0 none */
    BM_FEED_MTU_LEAST = 1200, BM_FEED_MTU_MOST = 1452,
    BM_FEED_RATE_MOST = 10000000,   /* bytes a second */
    BM_FEED_WORDS = 0, BM_FEED_DELTAS = 1,      /* forms of snapshots */
};

/* What bm_feed_count counts, since the start; all readers together. */
enum bm_feed_count {
    BM_FED_DATAGRAMS, BM_FED_BYTES,     /* bytes of sections */
    BM_FED_SNAPSHOT_BYTES,              /* of these, in snapshots */
    BM_FED_NEAR, BM_FED_FAR,            /* updates sent, by class */
    BM_FED_IDLE,                        /* updates that were due and had nothing new to say */
    BM_FED_DEFERRED,                    /* times that one that was due had to wait: no budget, or no room */
    BM_FED_STATE_BYTES,
    BM_FED_ENTERS, BM_FED_GONES, BM_FED_VALUES, BM_FED_SELVES,      /* states sent, also when sent again */
    BM_FED_AGAIN,                       /* states found lost */
    BM_FED_REFUSED,                     /* datagrams there was no room for in the ring */
    BM_FED_READERS,                     /* now */
    BM_FED_COUNTS,
};

/* NULL: out of memory.  What is to be sent goes into the pump, or to `tray` (the other is NULL); they and
   the field must outlive the feed. */
bm_feed *bm_feed_new(bm_field *field, bm_pump *pump, bm_tray *tray);
void bm_feed_free(bm_feed *feed);

/* A reader for this eye's owner, from the next tick on; one that there is is replaced.  `form`: BM_FEED_WORDS
   or BM_FEED_DELTAS.  `mtu`: the largest datagram.  `rate`: bytes a second until bm_feed_budget. */
int bm_feed_join(bm_feed *feed, uint32_t eye, uint32_t cid, uint32_t form, uint32_t mtu, uint32_t rate);
int bm_feed_leave(bm_feed *feed, uint32_t eye);

/* What became of records (three numbers each: cid, record, whether it was lost) and what a link may be sent,
   as the pump reports it: bytes a second, and of sections in a datagram.  Others' links are ignored. */
void bm_feed_fates(bm_feed *feed, const uint32_t *fates, uint32_t count);
void bm_feed_budget(bm_feed *feed, uint32_t cid, uint32_t rate, uint32_t room);
void bm_feed_hear(bm_feed *feed);       /* both, of the pump's last drain */

/* Tells every reader what it should know, after bm_field_step with this tick.  Records' numbers are ticks. */
int bm_feed_tick(bm_feed *feed, uint32_t tick, int level, unsigned threads);
void bm_feed_count(const bm_feed *feed, uint64_t *counts);      /* BM_FED_COUNTS of them */
uint64_t bm_feed_memory(const bm_feed *feed);                   /* bytes allocated */

/* Instead of a pump: keeps what is pushed until it is taken.  `limit`: bytes it holds at most. */
bm_tray *bm_tray_new(uint32_t limit);
void bm_tray_free(bm_tray *tray);
/* Points `bytes` at everything pushed since, one after the other: cid, record, tick, size (u32 each) and the
   sections; answers how many bytes.  Good until the next push. */
uint32_t bm_tray_take(bm_tray *tray, const uint8_t **bytes);
