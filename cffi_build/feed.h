/* What the feed's sources share. */

#ifndef BM_FEED_H
#define BM_FEED_H

#include "native.h"
#include "field.h"
#include "pieces.h"
#include "api/feed.h"

#define BM_BANK_SLOTS 64        /* a reader's slots are allocated so many at a time */
#define BM_READER_SENT 48       /* states a reader may have on the way */
#define BM_READER_MEMORY 128    /* verdicts on datagrams older than so many ticks do not count */
#define BM_FEED_DUE 60          /* of an accumulator; a pace of so much or more is due in every tick */
#define BM_FEED_NEAR 30         /* paces from here on have near words */
#define BM_NEAR_BYTES 7         /* slot and word */
#define BM_FAR_BYTES 9
#define BM_OUTSIDE_BYTES 32     /* of a datagram around its sections, at most */
#define BM_COUNTED_BYTES 28     /* of these, as the budget counts them */
#define BM_SECTIONS_LEAST (BM_FEED_MTU_LEAST - BM_OUTSIDE_BYTES)
#define BM_SECTIONS_MOST (BM_FEED_MTU_MOST - BM_OUTSIDE_BYTES)
#define BM_SLOT_WORDS BM_EYE_WORDS

/* A mover's words of docs/bmu1.md section 6, made once for all readers. */
typedef struct {
    uint64_t near, far;
} bm_word;

/* Whether there is anything to say of a mover.  The low byte, its stamp, counts how often it moved, 1 to 255
   and again; the high one in how many ticks something else of it changed: that is enough to tell whether it
   did, as what a client has is compared at least every 256 ticks. */
typedef uint16_t bm_sign;

#define BM_STAMP 0x00ffu
#define BM_NEWS 0xff00u

/* That something else, in the last tick: its state, birth and leg, and whether it was there.  A mover's
   way is cut into legs, so short that low bits of coordinates cannot be taken wrongly by who knows a place of
   this leg or the one before. */
typedef struct {
    uint32_t state;
    uint16_t birth;
    uint8_t leg;
    uint8_t there;
} bm_mark;

/* Whose way it is, the leg it is on, and where that began. */
typedef struct {
    int32_t x, y, z;
    uint16_t birth;
    uint8_t leg;
} bm_anchor;

/* Where a mover was in a tick, as form 1 tells it. */
typedef struct {
    int32_t x, y, z;
    uint8_t yaw, speed, flags;
    uint8_t known;              /* 1; 0: it was nowhere yet */
} bm_then;

/* What the deltas of a slot are built on, known by the low bits of ticks. */
typedef struct {
    uint8_t base;
    uint8_t kept[4];            /* places that may become the base, once acknowledged */
    uint8_t state;              /* bits 0-3: which are awaited; 4-6: how many were marked; 7: has a base */
} bm_base;

enum {
    BM_AGE_MOST = 63, BM_KEPT_MOST = 4, BM_HISTORY = 64,
    BM_AWAITED = 0x0f, BM_MARKED_SHIFT = 4, BM_BASED = 0x80,
};

/* What a client was told of the thing in one slot, beside what is looked at whenever the slot is due. */
typedef struct {
    uint16_t state;             /* low bits of the mover's `state` as of the last look at its components */
    uint8_t sure;               /* leg of a place that the client surely has */
    uint8_t leg;                /* leg told at `probe`, or `sure`: no verdict is awaited */
    uint8_t probe;
    uint8_t version;            /* of ENTER and GONE: odd while the client is told that there is something */
} bm_told;

/* A state on its way. */
typedef struct {
    uint16_t tick;
    uint8_t slot;
    uint8_t component;          /* GONE, ENTER, VALUES for any number of others, SELF */
    uint8_t version;            /* the slot's */
    uint8_t reserved;
    uint16_t state;             /* of VALUES: up to which `state` of the mover, low bits */
} bm_sent;

enum { BM_GONE = 0, BM_ENTER = 1, BM_VALUES = 2, BM_SELF = 16, BM_SELF_SLOT = 255 };

/* 64 of a reader's slots, in whole cache lines: those that every turn reads are the first five. */
typedef struct {
    _Alignas(64) uint64_t occupied;     /* as the eye's when it was last looked at */
    uint64_t enter;             /* ENTER is to be sent */
    uint64_t entered;           /* ENTER was acknowledged: words are taken */
    uint64_t leaving;           /* GONE was not acknowledged yet: nothing else is said of the slot */
    uint64_t owing;             /* components are to be sent */
    uint64_t exact;             /* the last word was a far one, or ENTER: all is said */
    uint64_t settled;           /* and it was acknowledged */
    uint64_t apart;             /* the mover, or what was told, is on another leg than `sure` */
    uint8_t acc[BM_BANK_SLOTS]; /* accumulators */
    uint8_t when[BM_BANK_SLOTS];        /* low bits of the tick in which it was last told */
    bm_sign signs[BM_BANK_SLOTS];       /* the mover's of then; stamp 0: the client may not have it */
    bm_told told[BM_BANK_SLOTS];
    uint32_t known[BM_BANK_SLOTS];      /* up to which `state` all components were acknowledged */
    bm_base bases[];            /* as many; form 1 alone has them */
} bm_bank;

#define BM_BANK_BYTES(form) (sizeof(bm_bank) + (form) * BM_BANK_SLOTS * sizeof(bm_base))

/* A turn reads the first line, and the second when something was acknowledged or is asked. */
typedef struct bm_reader {
    _Alignas(64) uint32_t cid;
    uint32_t tick;              /* when it was last served */
    uint32_t own;               /* its owner's `own` that it was told */
    int32_t tokens;             /* twentieths of a byte */
    int32_t rate;               /* twentieths of a byte a tick: bytes a second */
    uint16_t room;              /* bytes of sections in a datagram */
    uint8_t form;
    uint8_t self;               /* SELF is to be sent */
    uint8_t quick;              /* something of the quickest pace is in sight */
    uint8_t served;             /* in the tick before a full turn, too */
    uint8_t cursor, values_cursor;      /* where to go on when there was no room for all */
    uint8_t sent_count;
    bm_bank *banks[BM_SLOT_WORDS];      /* NULL: nothing has been in these slots yet */
    uint64_t acked[BM_READER_MEMORY / 64], lost[BM_READER_MEMORY / 64];     /* verdicts, by tick */
    uint64_t gone[BM_SLOT_WORDS];       /* of those that are leaving: GONE is to be sent */
    bm_sent sent[BM_READER_SENT];
} bm_reader;

_Static_assert(offsetof(bm_reader, acked) == 64, "what every turn reads is one line");

typedef int bm_feed_push(void *to, uint32_t lane, uint32_t cid, uint32_t record, uint32_t tick,
                         const uint8_t *sections, uint32_t size);
typedef void bm_feed_flush(void *to, uint32_t lane);

struct bm_feed {
    const bm_field *field;
    bm_pump *pump;
    void *to;
    bm_feed_push *push;
    bm_feed_flush *flush;
    bm_reader **readers;        /* by eye; NULL: nobody is told what it sees */
    uint32_t reader_count;
    bm_pieces *pieces;          /* readers and their banks */
    uint16_t *by_cid;           /* by a cid's low 14 bits: 1 + the eye, 0: none */
    bm_word *words;             /* by mover */
    bm_sign *signs;
    bm_mark *marks;
    bm_anchor *anchors;
    uint32_t mover_capacity;
    int deltas;                 /* somebody is, or was, told by deltas: these are kept, by mover */
    bm_then *now;
    bm_then **rings;            /* of BM_HISTORY ticks; NULL: it never moved */
    uint32_t *noted;            /* the tick of the ring's newest place */
    int32_t circle[256];
    uint32_t steps, tick;       /* of the field, when the words were made */
    int anew;                   /* all are to be made */
    uint64_t counts[BM_FED_COUNTS];
};

/* A reader's turn: in full, or only for what is very near; and how often paces are added, the quickest and
   the others. */
typedef struct {
    int full;
    uint32_t slow, quick;
} bm_turn;

/* Of a bank's due slots, those whose movers moved since they were told, which is all there is to it, and
   those that want a closer look. */
typedef struct {
    uint64_t due, moved, special;
} bm_changes;

/* Serving one reader: what is at hand meanwhile. */
typedef struct {
    const bm_feed *feed;
    const bm_movers *movers;
    bm_reader *reader;
    const bm_eye *eye;
    uint32_t owner;
    uint32_t tick;
    uint64_t *counts;
    bm_turn turn;
    uint64_t due[BM_SLOT_WORDS];        /* in between only those of the quickest pace; */
    uint64_t others[BM_SLOT_WORDS];     /* these only if one of those speaks */
    bm_changes found[BM_SLOT_WORDS];    /* by bm_due_compare */
    uint64_t said[BM_SLOT_WORDS];       /* due ones that have something to say: candidates */
    uint64_t near[BM_SLOT_WORDS];       /* slots that get near words */
    uint64_t probes[BM_SLOT_WORDS];     /* candidates on another leg than the client's */
    uint32_t count;             /* of candidates, and of the bytes they want */
    uint32_t word_bytes;
    _Alignas(64) uint8_t sums[BM_EYE_SLOTS];    /* what the accumulators came to */
} bm_serving;

static inline int bm_bit(const uint64_t *bits, uint32_t i) { return bits[i / 64] >> (i % 64) & 1; }
static inline void bm_bit_set(uint64_t *bits, uint32_t i) { bits[i / 64] |= UINT64_C(1) << (i % 64); }
static inline void bm_bit_clear(uint64_t *bits, uint32_t i) { bits[i / 64] &= ~(UINT64_C(1) << (i % 64)); }

static inline bm_bank *bm_bank_of(const bm_reader *reader, uint32_t slot)
{
    return reader->banks[slot / BM_BANK_SLOTS];
}

static inline uint64_t bm_slot_bit(uint32_t slot) { return UINT64_C(1) << slot % BM_BANK_SLOTS; }

/* The slots of a bank of which an ENTER is to be sent, and components. */
static inline uint64_t bm_entering(const bm_bank *bank) { return bank ? bank->enter & ~bank->leaving : 0; }
static inline uint64_t bm_owing(const bm_bank *bank) { return bank ? bank->owing & bank->entered : 0; }

/* Whether the mover in a slot is still who was seen there: the field notices a few ticks later. */
static inline int bm_slot_stale(const bm_serving *it, uint32_t slot)
{
    uint32_t mover = it->eye->mover[slot];

    return !it->movers->kind[mover] || it->movers->birth[mover] != it->eye->birth[slot];
}

/* Where a mover was at a tick of the last BM_HISTORY, that it has not left since or that its ring has. */
static inline const bm_then *bm_history_then(const bm_feed *feed, uint32_t mover, uint32_t tick)
{
    uint32_t since = feed->noted[mover] - tick;

    return since - 1 < BM_HISTORY - 1 ? &feed->rings[mover][tick % BM_HISTORY] : &feed->now[mover];
}

static inline void bm_history_fetch(const bm_feed *feed, uint32_t mover, uint32_t tick)
{
    if (feed->rings[mover]) __builtin_prefetch(&feed->rings[mover][tick % BM_HISTORY]);
}

/* words.c */
int bm_words_step(bm_feed *feed);
int bm_column_grow(void *column, size_t width, uint32_t had, uint32_t wanted);
uint8_t bm_word_flags(uint16_t flags);

/* feed_serve.c: whether it is a reader's turn. */
int bm_feed_turn(const bm_reader *reader, uint32_t number, uint32_t tick, int level);
/* First looks at what is due, and asks for what telling it takes; answers whether it is the reader's turn, or
   BM_NO_MEMORY. */
int bm_feed_look(bm_serving *it, const bm_feed *feed, uint32_t number, uint32_t tick, int level,
                 uint64_t *counts);
void bm_feed_tell(bm_serving *it, uint32_t lane);

/* feed_due.c: those that answer a code answer 0 or BM_NO_MEMORY. */
bm_reader *bm_reader_new(bm_pieces *pieces, uint32_t form);     /* NULL: out of memory */
void bm_reader_free(bm_pieces *pieces, bm_reader *reader);
int bm_due_follow(bm_serving *it, int anew);
/* Adds the paces, the quickest so many times and the others so many, and finds what is due of what the client
   has.  Who is put off is due still. */
void bm_due_accumulate(bm_serving *it);
void bm_due_put_off(bm_serving *it, const uint64_t *slots);
/* Compares due slots with their movers, and then finds those of them that have something to say. */
void bm_due_compare(bm_serving *it, const uint64_t *due);
void bm_due_settle(bm_serving *it);

/* What became of a datagram: 1 acknowledged, -1 lost or too old, 0 not known yet. */
static inline int bm_reader_verdict(const bm_reader *reader, uint32_t tick, uint8_t then)
{
    if ((uint8_t)(tick - then) >= BM_READER_MEMORY) return -1;
    then %= BM_READER_MEMORY;
    return bm_bit(reader->acked, then) ? 1 : bm_bit(reader->lost, then) ? -1 : 0;
}

/* feed_state.c: answers how many bytes were written; `*starved`: there was something, but nothing fitted. */
uint32_t bm_state_write(bm_serving *it, uint8_t *out, uint32_t soft, uint32_t hard, int *starved);
void bm_state_verdict(bm_reader *reader, uint32_t record, int lost, int old, uint64_t *counts);

/* feed_snapshot.c: answers how many bytes were written. */
uint32_t bm_snapshot_write(bm_serving *it, uint8_t *out, uint32_t room);
void bm_snapshot_put_off(bm_serving *it);
/* The candidates, ascending, or in the order in which they are served if there is not room for all; and those
   that are not served, all from `count` on. */
void bm_candidates(const bm_serving *it, uint8_t *slots, int pressing);
void bm_candidates_cut(bm_serving *it, const uint8_t *slots, uint32_t count);

/* deltas.c and history.c */
uint32_t bm_deltas_write(bm_serving *it, uint8_t *out, uint32_t room);
void bm_deltas_age(bm_reader *reader, uint32_t tick);
void bm_deltas_circle(int32_t *circle);
int bm_history_begin(bm_feed *feed);
int bm_history_note(bm_feed *feed, uint32_t slot);
void bm_history_free(bm_feed *feed);
uint64_t bm_history_memory(const bm_feed *feed);
void bm_reader_heard(bm_reader *reader, uint32_t tick, uint32_t record, int lost, uint64_t *counts);

/* feed_tray.c */
int bm_tray_push(void *to, uint32_t lane, uint32_t cid, uint32_t record, uint32_t tick,
                   const uint8_t *sections, uint32_t size);
void bm_tray_flush(void *to, uint32_t lane);

#endif
