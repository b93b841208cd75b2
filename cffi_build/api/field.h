/* field*.c: the movers of one map, who steers them, and which of them each eye sees.

   Lengths are 1/64 yard (a unit), angles 1/65536 turn, speeds 1/4 yard a second, times ms of the zone's
   clock, a tick 50 ms; flags are an input's (docs/bmu1.md section 5), but where a comment says otherwise.
   Arrays that functions point at are good until the next call that changes the field. */
typedef struct bm_field bm_field;
typedef struct bm_interest bm_interest;

enum {
    BM_FIELD_SLOTS = 255,           /* of an eye; number 255 is oneself */
    BM_FIELD_MOVERS = 1 << 20,      /* slots of the map */
    BM_FIELD_EYES = 1 << 14,
    BM_FIELD_INPUTS = 8,            /* of one mover that are looked at in one tick */
    BM_FIELD_VALUE_BYTES = 512,     /* of a component */
};

/* Why an input was not taken: places in bm_field_counts. */
enum {
    BM_MOVES_TAKEN = 0,
    BM_MOVES_UNKNOWN = 1,           /* no such connection is bound */
    BM_MOVES_EPOCH = 2,             /* sent before a correction was known */
    BM_MOVES_OLD = 3,               /* this tick's input was taken, or a later one's */
    BM_MOVES_MANY = 4,              /* more than BM_FIELD_INPUTS in one tick */
    BM_MOVES_OFF_MAP = 5,           /* this and the next two are corrected */
    BM_MOVES_ROOTED = 6,
    BM_MOVES_TOO_FAST = 7,
    BM_MOVES_REASONS = 8,
};

/* What the rules say; all of it is part of the state. */
typedef struct {
    uint64_t seed;
    int32_t sight, leave;           /* an eye begins to see nearer than, ceases to see farther than */
    int32_t height, leave_height;   /* the same for up and down */
    int32_t reach;                  /* how far around a mover grids are wanted: bm_field_crossed */
    int32_t slack_permille;         /* of the speed, for rounding and jitter */
    int32_t burst_mm;               /* thousandths of a yard beyond the speed, saved up while standing */
    int32_t late_ms;                /* latency that is forgiven on top */
} bm_field_rules;

/* One mover, as bm_field_read answers it. */
typedef struct {
    int32_t x, y, z;
    uint16_t yaw, flags;
    uint8_t kind, speed, epoch;
    uint16_t input;                 /* the newest input taken */
    int32_t eye;                    /* its eye's number, -1 without */
    uint32_t cid;                   /* 0: nobody steers it */
    uint32_t moved;                 /* the tick in which it last changed */
} bm_mover;

bm_field *bm_field_new(const bm_field_rules *rules);
void bm_field_free(bm_field *field);

/* Movers.  `kind`: 1 player, 2 creature, 3 object.  Ends a walk; of a steered mover it is a teleport. */
int bm_field_put(bm_field *field, uint32_t slot, uint8_t kind, const int32_t *xyz, uint16_t yaw,
                 uint8_t speed, uint16_t flags);
int bm_field_walk(bm_field *field, uint32_t slot, const int32_t *from, const int32_t *to, int64_t since_ms,
                  int64_t until_ms);
int bm_field_halt(bm_field *field, uint32_t slot);
int bm_field_drop(bm_field *field, uint32_t slot);
int bm_field_read(const bm_field *field, uint32_t slot, bm_mover *out);

/* Steering.  Speeds: run, walk, swim, fly in thousandths of a yard a second; fly 0: it may not. */
int bm_field_bind(bm_field *field, uint32_t cid, uint32_t slot, int64_t now_ms);
int bm_field_unbind(bm_field *field, uint32_t cid);
int bm_field_speeds(bm_field *field, uint32_t slot, const uint32_t *speeds_mm);
int bm_field_root(bm_field *field, uint32_t slot, int on);
int bm_field_place(bm_field *field, uint32_t slot, const int32_t *xyz, uint16_t yaw, int64_t now_ms);
/* What it may spend on its way: thousandths of a yard along, up and down, and when these were filled, ms. */
int bm_field_allow(bm_field *field, uint32_t slot, const int64_t *allowance);
int bm_field_allowance(const bm_field *field, uint32_t slot, int64_t *allowance);
int bm_field_moves(bm_field *field, const uint8_t *batch, size_t size, int64_t now_ms);
const uint64_t *bm_field_counts(const bm_field *field);

/* Sight.  A level of 0 is the rules' sight; 4 is a third of it. */
int bm_field_watch(bm_field *field, uint32_t slot);
int bm_field_unwatch(bm_field *field, uint32_t slot);
int bm_field_sight(bm_field *field, uint32_t slot, int32_t sight);
int bm_field_radius(bm_field *field, int level);
int bm_field_seen(const bm_field *field, uint32_t eye, uint32_t *movers, uint8_t *paces);

/* What everyone who sees it is told of it beside where it is. */
int bm_field_look(bm_field *field, uint32_t slot, uint64_t guid, const uint8_t *look, size_t size);
int bm_field_component(bm_field *field, uint32_t slot, uint8_t number, const uint8_t *value, size_t size);

/* A tick: what was put, walked and moved since the last becomes what others see. */
int bm_field_step(bm_field *field, uint32_t tick, int64_t now_ms, unsigned threads);
int bm_field_moved(const bm_field *field, const uint32_t **slots);
int bm_field_corrections(const bm_field *field, const uint32_t **slots);
int bm_field_crossed(const bm_field *field, const uint32_t **slots);
int bm_field_shown(const bm_field *field, const uint32_t **slots);
int bm_field_follow(bm_field *field, bm_interest *interest);

/* Saving answers the size, and writes it all if there is room.  Loading answers NULL if these are no field's
   bytes; to the feed all that eyes see is fresh then.  The digest has 32 bytes.  The trace is of what the
   last step changed, and of what all eyes have: cheap enough for each tick, but not all that there is. */
int64_t bm_field_save(const bm_field *field, uint8_t *out, size_t size);
bm_field *bm_field_load(const uint8_t *saved, size_t size);
int bm_field_digest(const bm_field *field, uint8_t *out);
uint64_t bm_field_trace(const bm_field *field);
