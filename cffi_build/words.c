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
static void walk_on(bm_mark *mark, bm_anchor *anchor, int32_t x, int32_t y, int32_t z)
{
    uint32_t dx = apart(x, anchor->x), dy = apart(y, anchor->y), dz = apart(z, anchor->z);
    uint32_t plane = dx > dy ? dx : dy;

    if (plane < LEG_UNITS && dz < LEG_HEIGHT_UNITS) return;
    mark->leg += plane < 2 * LEG_UNITS && dz < 2 * LEG_HEIGHT_UNITS ? 1 : 2;
    *anchor = (bm_anchor){x, y, z};
}

static int make(bm_feed *feed, const bm_movers *m, uint32_t slot, int moved)
{
    bm_mark *mark = &feed->marks[slot];
    uint64_t stamp = feed->words[slot].near >> 48;
    uint64_t x = (uint32_t)m->x[slot], y = (uint32_t)m->y[slot], z = (uint32_t)m->z[slot];
    uint64_t yaw = ((m->yaw[slot] + 128u) >> 8) & 0xff;
    uint64_t speed = m->speed[slot] < SPEED_MOST ? m->speed[slot] : SPEED_MOST;

    if (m->birth[slot] != mark->birth) {
        feed->anchors[slot] = (bm_anchor){m->x[slot], m->y[slot], m->z[slot]};
        mark->birth = m->birth[slot];
        mark->born = (uint8_t)feed->field->tick;
    } else {
        walk_on(mark, &feed->anchors[slot], m->x[slot], m->y[slot], m->z[slot]);
    }
    if (moved || !stamp) stamp = stamp % 255 + 1;
    feed->words[slot].near = (x >> 1 & 0x3fff) | (y >> 1 & 0x3fff) << 14 | (z >> 1 & 0xfff) << 28 | yaw << 40
                             | stamp << 48;
    feed->words[slot].far = (x & 0x7fff) | (y & 0x7fff) << 15 | (z & 0x3fff) << 30 | yaw << 44 | speed << 52
                            | (uint64_t)bm_word_flags(m->flags[slot]) << 58;
    return feed->deltas ? bm_history_note(feed, slot) : 0;
}

/* Makes one column longer, with zeros. */
int bm_column_grow(void *column, size_t width, uint32_t had, uint32_t wanted)
{
    void **at = column;
    uint8_t *grown = realloc(*at, (size_t)wanted * width + 1);

    if (!grown) return BM_NO_MEMORY;
    memset(grown + (size_t)had * width, 0, (size_t)(wanted - had) * width);
    *at = grown;
    return 0;
}

#define GROW(column) (bm_column_grow(&(column), sizeof *(column), had, wanted) < 0)

static int grow(bm_feed *feed, uint32_t wanted)
{
    uint32_t had = feed->mover_capacity;

    if (wanted <= had) return 0;
    if (GROW(feed->words) || GROW(feed->marks) || GROW(feed->anchors)) return BM_NO_MEMORY;
    if (feed->deltas && (GROW(feed->now) || GROW(feed->rings) || GROW(feed->noted))) return BM_NO_MEMORY;
    feed->mover_capacity = wanted;
    return 0;
}

int bm_words_step(bm_feed *feed)
{
    const bm_field *field = feed->field;
    const bm_movers *m = &field->movers;
    uint32_t steps = field->steps - feed->steps;
    int code = grow(feed, m->capacity);

    if (steps == 1 && !feed->anew)
        for (uint32_t i = 0; i < field->moved.count && code == 0; i++)
            code = make(feed, m, field->moved.items[i], 1);
    else if (steps || feed->anew)
        for (uint32_t slot = 0; slot < m->count && code == 0; slot++)
            code = make(feed, m, slot, (int32_t)(m->moved[slot] - feed->tick) > 0);
    feed->steps = field->steps;
    feed->tick = field->tick;
    feed->anew = 0;
    return code;
}
