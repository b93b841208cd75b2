/* interest.c: who is within sight of whom on one map. */
typedef struct bm_interest bm_interest;

bm_interest *bm_interest_new(uint32_t sight_limit);
void bm_interest_free(bm_interest *in);

int bm_interest_put(bm_interest *in, uint32_t slot, float x, float y);
int bm_interest_drop(bm_interest *in, uint32_t slot);
int bm_interest_watch(bm_interest *in, uint32_t slot, double radius_yards, double leave_radius_yards);
int bm_interest_unwatch(bm_interest *in, uint32_t slot);

/* Makes `observer` see `targets` without reporting it: a snapshot put back. */
int bm_interest_admit(bm_interest *in, uint32_t observer, const uint32_t *targets, uint32_t count);

/* Answers how many changes the next three functions' arrays hold, in order. */
int bm_interest_refresh(bm_interest *in, uint32_t enter_limit);
const uint32_t *bm_interest_observers(const bm_interest *in);
const uint32_t *bm_interest_targets(const bm_interest *in);
const uint8_t *bm_interest_entered(const bm_interest *in);

/* Answer how many, and point `*slots` at them, ascending; good until the next call that changes anything. */
int bm_interest_watchers(const bm_interest *in, uint32_t slot, const uint32_t **slots);
int bm_interest_seen(const bm_interest *in, uint32_t slot, const uint32_t **slots);

/* Answers how many things stand within `radius_yards` of x, y, nearest first, and points `*slots` at them. */
int bm_interest_near(bm_interest *in, double x, double y, double radius_yards, const uint32_t **slots);
