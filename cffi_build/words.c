/* The words of docs/bmu1.md section 6, form 0: made once a tick for each mover that changed. */

#include <stdlib.h>
#include <string.h>

#include "feed.h"

/* A leg ends where its mover is so far from where it began, in units of 1/64 yard.  Two places of one leg or
   of two in succession are nearer to each other than four times that, which is less than half of what the
   words' bits can tell apart: 512 yards along x and y, and 128 up and down (near words). */
#define LEG_UNITS 4000
#define LEG_HEIGHT_UNITS 1000
#define SPEED_MOST 63
#define AHEAD 8                 /* so many movers in advance memory is asked for */

uint8_t bm_word_flags(uint16_t flags)
{
    return (uint8_t)((flags & (BM_FORWARD | BM_BACKWARD | BM_STRAFE_LEFT | BM_STRAFE_RIGHT))
                     | (flags & BM_FALLING ? 16 : 0) | (flags & (BM_SWIMMING | BM_FLYING) ? 32 : 0));
}

static uint32_t apart(int32_t a, int32_t b)
{
    return a < b ? (uint32_t)b - (uint32_t)a : (uint32_t)a - (uint32_t)b;
}

/* Counts legs: one that is left by a leap counts twice, so that nobody takes a word across it. */
static void walk_on(bm_anchor *anchor, const bm_movers *m, uint32_t slot)
{
    int32_t x = m->x[slot], y = m->y[slot], z = m->z[slot];
    uint32_t dx = apart(x, anchor->x), dy = apart(y, anchor->y), dz = apart(z, anchor->z);
    uint32_t plane = dx > dy ? dx : dy;

    if (anchor->birth == m->birth[slot]) {
        if (plane < LEG_UNITS && dz < LEG_HEIGHT_UNITS) return;
        anchor->leg += plane < 2 * LEG_UNITS && dz < 2 * LEG_HEIGHT_UNITS ? 1 : 2;
    }
    anchor->birth = m->birth[slot];
    anchor->x = x, anchor->y = y, anchor->z = z;
}

static int make(bm_feed *feed, const bm_movers *m, uint32_t slot, int moved)
{
    bm_word *word = &feed->words[slot];
    uint32_t sign = feed->signs[slot], stamp = sign & BM_STAMP;
    uint64_t x = (uint32_t)m->x[slot], y = (uint32_t)m->y[slot], z = (uint32_t)m->z[slot];
    uint64_t yaw = ((m->yaw[slot] + 128u) >> 8) & 0xff;
    uint64_t speed = m->speed[slot] < SPEED_MOST ? m->speed[slot] : SPEED_MOST;

    walk_on(&feed->anchors[slot], m, slot);
    if (moved || !stamp) feed->signs[slot] = (bm_sign)((sign & BM_NEWS) | (stamp % 255 + 1));
    word->near = (x >> 1 & 0x3fff) | (y >> 1 & 0x3fff) << 14 | (z >> 1 & 0xfff) << 28 | yaw << 40;
    word->far = (x & 0x7fff) | (y & 0x7fff) << 15 | (z & 0x3fff) << 30 | yaw << 44 | speed << 52
                | (uint64_t)bm_word_flags(m->flags[slot]) << 58;
    return feed->deltas ? bm_history_note(feed, slot) : 0;
}

/* Of whom something else than the place changed since the last tick. */
static void note_news(bm_feed *feed, const bm_movers *m)
{
    for (uint32_t slot = 0; slot < m->count; slot++) {
        bm_mark *had = &feed->marks[slot], now = {
            .state = m->state[slot], .birth = m->birth[slot], .leg = feed->anchors[slot].leg,
            .there = m->kind[slot] != 0,
        };

        if (memcmp(had, &now, sizeof now) == 0) continue;
        *had = now;
        feed->signs[slot] = (bm_sign)(feed->signs[slot] + (1u << 8));
    }
}

/* Makes one column longer, with zeros, at the beginning of a cache line. */
int bm_column_grow(void *column, size_t width, uint32_t had, uint32_t wanted)
{
    void **at = column;
    uint8_t *grown = aligned_alloc(64, ((size_t)wanted * width + 64) / 64 * 64);

    if (!grown) return BM_NO_MEMORY;
    if (had) memcpy(grown, *at, (size_t)had * width);
    memset(grown + (size_t)had * width, 0, (size_t)(wanted - had) * width);
    free(*at);
    *at = grown;
    return 0;
}

#define GROW(column) (bm_column_grow(&(column), sizeof *(column), had, wanted) < 0)

static int grow(bm_feed *feed, uint32_t wanted)
{
    uint32_t had = feed->mover_capacity;

    if (wanted <= had) return 0;
    if (GROW(feed->words) || GROW(feed->signs) || GROW(feed->marks) || GROW(feed->anchors))
        return BM_NO_MEMORY;
    if (feed->deltas && (GROW(feed->now) || GROW(feed->rings) || GROW(feed->noted))) return BM_NO_MEMORY;
    feed->mover_capacity = wanted;
    return 0;
}

/* Inline, or gcc takes a function that only prefetches for one that does nothing. */
__attribute__((always_inline)) static inline void fetch(const bm_feed *feed, const bm_movers *m,
                                                        uint32_t slot)
{
    __builtin_prefetch(&feed->words[slot], 1), __builtin_prefetch(&feed->anchors[slot], 1);
    __builtin_prefetch(&m->x[slot]), __builtin_prefetch(&m->y[slot]), __builtin_prefetch(&m->z[slot]);
}

int bm_words_step(bm_feed *feed)
{
    const bm_field *field = feed->field;
    const bm_movers *m = &field->movers;
    uint32_t steps = field->steps - feed->steps;
    int code = grow(feed, m->capacity);

    if (steps == 1 && !feed->anew)
        for (uint32_t i = 0; i < field->moved.count && code == 0; i++) {
            if (i + AHEAD < field->moved.count) fetch(feed, m, field->moved.items[i + AHEAD]);
            code = make(feed, m, field->moved.items[i], 1);
        }
    else if (steps || feed->anew)
        for (uint32_t slot = 0; slot < m->count && code == 0; slot++)
            code = make(feed, m, slot, (int32_t)(m->moved[slot] - feed->tick) > 0);
    if (code < 0) return code;          /* the next tick finds that it is not the one after this */
    note_news(feed, m);
    feed->steps = field->steps;
    feed->tick = field->tick;
    feed->anew = 0;
    return 0;
}
