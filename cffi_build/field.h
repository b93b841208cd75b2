/* What the field's sources share, and what the feed reads of it between two steps.

   The field is simulated: it is a function of the calls made to it.  The feed changes nothing of it. */

#ifndef BM_FIELD_H
#define BM_FIELD_H

#include "native.h"
#include "pieces.h"
#include "api/field.h"

#define BM_UNITS_YARD 64
#define BM_EYE_SLOTS 256            /* rows have one more than BM_FIELD_SLOTS, for alignment */
#define BM_EYE_WORDS (BM_EYE_SLOTS / 64)
#define BM_EYE_BLOCK_BYTES (1u << 21)   /* of rows at a time, a huge page; they never move */
#define BM_EYE_TURNS 4              /* each eye looks once in so many steps */
#define BM_QUARANTINE_TICKS 60      /* a slot stays empty after a leave */
#define BM_NOBODY UINT32_MAX
#define BM_CLOCK_LIMIT_MS (INT64_C(1) << 50)

/* One eye's slots.  Slot s is empty, filled (`occupied`), or in quarantine (`held`).
   A row is aligned to 64 bytes. */
typedef struct bm_eye {
    uint64_t occupied[BM_EYE_WORDS];
    uint64_t held[BM_EYE_WORDS];
    uint8_t pace[BM_EYE_SLOTS]; /* added to the accumulator each tick, due at 60: 60, 30, 15, 3; 0: empty */
    uint32_t mover[BM_EYE_SLOTS];   /* who is in the slot; of a left one, who was */
    uint16_t birth[BM_EYE_SLOTS];   /* beside `mover`: its birth when it entered */
    uint8_t freed[BM_EYE_SLOTS];    /* of a held slot: the low bits of the tick in which it was left */
} bm_eye;

#define BM_EYE_BLOCK ((uint32_t)(BM_EYE_BLOCK_BYTES / sizeof(bm_eye)))

/* What else there is of an eye, beside it: short, so that all of them can be gone through. */
typedef struct {
    uint32_t owner;                 /* the mover whose eye it is; BM_NOBODY: the eye is free */
    int32_t sight;                  /* its own radius in units, at most the rules' */
    uint64_t table;                 /* a sum over what is in its slots, kept as they change, for the digest */
    uint64_t classes;               /* the same of paces and quarantine */
    uint16_t count;                 /* occupied slots */
    uint8_t due;                    /* it looks in the next step, whoever's turn it is */
    uint8_t reserved[5];
} bm_looker;

/* A component's newest value; a mover has a list of them, numbers ascending. */
typedef struct bm_value {
    struct bm_value *next;
    uint32_t version;               /* counts its changes, from 1 */
    uint32_t since;                 /* the mover's `state` at its last change: the feed sends what is new */
    uint16_t size;
    uint8_t number;
    uint8_t bytes[];
} bm_value;

/* A walk in progress. */
typedef struct {
    int32_t from[3], to[3];
    int64_t since_ms, until_ms;
    uint32_t slot;
    uint32_t reserved;
} bm_leg;

/* What a mover that is or was steered has beside its place. */
typedef struct {
    int64_t filled_ms;              /* when the buckets were last filled */
    int64_t reach_mm, climb_mm, fall_mm;
    int64_t shown_ms;               /* when it was last shown to those who watch over TCP */
    int32_t shown_x, shown_y, shown_z;
    uint32_t cid;                   /* 0: nobody steers it */
    uint32_t slot;
    uint32_t speeds_mm[4];          /* run, walk, swim, fly: thousandths of a yard a second */
    uint32_t grids;                 /* the least and greatest grids wanted, along x and y, a byte each */
    uint16_t shown_yaw, shown_flags;
    uint8_t rooted;
    uint8_t started;                /* its mover's `input` means something */
    uint8_t looked;                 /* inputs looked at in this tick */
    uint8_t corrected;              /* to be told in the next step's corrections */
} bm_steer;

/* Columns by slot; the arrays move when `capacity` grows, which only bm_field_put lets happen. */
typedef struct {
    uint32_t capacity;
    uint32_t count;                 /* one more than the greatest slot ever used */
    int32_t *x, *y, *z;
    uint16_t *yaw, *flags;
    uint8_t *speed, *kind;          /* kind 0: nothing is there */
    uint8_t *epoch;
    uint16_t *input;                /* the newest input taken */
    uint16_t *birth;                /* counts what was put into the empty slot */
    uint32_t *born;                 /* the field's `steps` when that was last so, or it was loaded */
    uint32_t *moved;                /* the tick of its last change of place, yaw, flags or speed */
    uint32_t *state;                /* counts changes of its components, and of its guid */
    uint32_t *own;                  /* counts what its client must be told by SELF: it differs, send again */
    int64_t *heed_ms;               /* when a step is to look at it, if it is steered and nothing happens */
    uint64_t *guid;
    uint64_t *told;                 /* a sum over its components, for the digest */
    int32_t *eye, *steer, *leg;     /* its eye's number, its index in `steers` and `legs`; -1 without */
    bm_value **values;
} bm_movers;

typedef struct {
    uint32_t *items;
    uint32_t count, capacity;
} bm_slots;

typedef struct bm_grid bm_grid;

struct bm_field {
    bm_field_rules rules;
    bm_movers movers;
    bm_eye **eyes;                  /* blocks of BM_EYE_BLOCK, use bm_field_eye */
    bm_looker *lookers;             /* by eye */
    uint32_t eye_capacity, eye_count;       /* eye_count: one more than the greatest ever used */
    uint32_t waiting;               /* eyes that are due */
    bm_steer *steers;
    uint32_t steer_count, steer_capacity;
    int32_t *by_cid;                /* index in `steers` by a cid's low 14 bits; -1 */
    bm_leg *legs;
    uint32_t leg_count, leg_capacity;
    uint64_t *touched, *followed;   /* bits by slot: changed since the last step, since the last follow */
    uint64_t *heeded;               /* the same: of who is steered something else may have changed */
    bm_slots moved, corrections, crossed, shown;
    uint64_t counts[BM_MOVES_REASONS];
    bm_pieces *pieces;              /* components: the feed looks them up all over the world */
    uint32_t tick;                  /* of the last step */
    uint32_t steps;                 /* so many there were: whose turn it is to look */
    int64_t now_ms;                 /* of the last step */
    int32_t level;                  /* of overload: how far all see */
    bm_grid *grid;
};

static inline bm_eye *bm_field_eye(const bm_field *field, uint32_t eye)
{
    return &field->eyes[eye / BM_EYE_BLOCK][eye % BM_EYE_BLOCK];
}

static inline int bm_field_has(const bm_field *field, uint32_t slot)
{
    return slot < field->movers.count && field->movers.kind[slot] != 0;
}

/* Whether a time is one that can be reckoned with. */
static inline int bm_field_clock(int64_t ms)
{
    return ms >= -BM_CLOCK_LIMIT_MS && ms <= BM_CLOCK_LIMIT_MS;
}

static inline bm_steer *bm_field_steer(const bm_field *field, uint32_t slot)
{
    return field->movers.steer[slot] < 0 ? NULL : &field->steers[field->movers.steer[slot]];
}

/* Flags of an input and a mover: the low movement flags of 3.3.5a, and two of the high ones moved down. */
enum {
    BM_FORWARD = 0x0001, BM_BACKWARD = 0x0002, BM_STRAFE_LEFT = 0x0004, BM_STRAFE_RIGHT = 0x0008,
    BM_TURN_LEFT = 0x0010, BM_TURN_RIGHT = 0x0020, BM_PITCH_UP = 0x0040, BM_PITCH_DOWN = 0x0080,
    BM_WALKING = 0x0100, BM_ON_TRANSPORT = 0x0200, BM_NO_GRAVITY = 0x0400, BM_ROOT = 0x0800,
    BM_FALLING = 0x1000, BM_FALLING_FAR = 0x2000, BM_SWIMMING = 0x4000, BM_FLYING = 0x8000,
    BM_MOVING = BM_FORWARD | BM_BACKWARD | BM_STRAFE_LEFT | BM_STRAFE_RIGHT | BM_FALLING,
};

/* field.c: columns. */
int bm_slots_push(bm_slots *list, uint32_t item);
int bm_field_grow(bm_field *field, uint32_t slot);
int bm_field_refuse(const int32_t *xyz);
void bm_field_touch(bm_field *field, uint32_t slot);
void bm_field_heed(bm_field *field, uint32_t slot);
void bm_field_stand(bm_field *field, uint32_t slot, const int32_t *xyz, uint16_t yaw, uint8_t speed,
                    uint16_t flags);
uint64_t bm_field_mix(uint64_t v);

/* field_eyes.c */
int bm_eyes_reserve(bm_field *field, uint32_t eye);
void bm_eyes_fill(bm_field *field, uint32_t eye, uint32_t slot, uint32_t mover, uint16_t birth);
void bm_eyes_empty(bm_field *field, uint32_t eye, uint32_t slot, uint16_t birth);
void bm_eyes_due(bm_field *field, uint32_t eye);
void bm_eyes_classes(bm_field *field, uint32_t eye, const uint8_t *pace);

/* field_walks.c */
void bm_walks_end(bm_field *field, uint32_t slot);
void bm_walks_step(bm_field *field);
uint64_t bm_field_root_of(uint64_t square);

/* field_steering.c */
void bm_steering_forget(bm_field *field, uint32_t slot);
int bm_steering_restore(bm_field *field, const bm_steer *saved);
void bm_steering_corrected(bm_field *field, uint32_t slot);
uint32_t bm_steering_grids(const bm_field *field, uint32_t slot);

/* field_values.c */
void bm_values_forget(bm_field *field, uint32_t slot);
int bm_values_restore(bm_field *field, uint32_t slot, uint8_t number, uint32_t version, uint32_t since,
                      const uint8_t *bytes, size_t size);

/* field_grid.c and field_sight.c: a step's larger halves. */
void bm_grid_free(bm_grid *grid);
int bm_grid_sort(bm_field *field);
int bm_sight_step(bm_field *field, unsigned threads);

#endif
