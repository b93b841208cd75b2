/* How old what the clients know of moving entities is, at moments spread evenly over time.

   The server's newest state of something is the newest that any of the crowd has heard of it.  What a client
   knows is as old as the last tick in which that was the server's state: an entity of which no input has
   come since is known as well as can be, however long ago that was told. */

#include <string.h>

#include "crowd.h"

#define SAMPLED 4               /* clients a turn, which is a millisecond */
#define SEARCH_EVERY 16         /* turns; a search looks at all of the crowd */
#define SIGHT_YARDS 150.0f

static const float CLASS_YARDS[CROWD_CLASSES] = {10.0f, 50.0f, 100.0f, SIGHT_YARDS};

static float square(float v) { return v * v; }

static float apart(const crowd_truth *a, const crowd_truth *b)
{
    return square((float)(a->x - b->x)) + square((float)(a->y - b->y)) + square((float)(a->z - b->z));
}

/* The class of a squared distance in 1/64 yard; CROWD_CLASSES: out of sight. */
static int class_of(float distance2)
{
    int class = 0;

    while (class < CROWD_CLASSES && distance2 >= square(CLASS_YARDS[class] * 64)) class++;
    return class;
}

/* A client was told of another: is it news to the crowd? */
void crowd_hear(crowd *it, const crowd_slot *slot)
{
    crowd_news now = {0, slot->x >> 1, slot->y >> 1, slot->z >> 1, slot->tick, slot->yaw, 1}, *news;
    int ahead;

    if (slot->who == CROWD_NOBODY) return;
    news = &it->news[slot->who - 1];
    ahead = (int16_t)(slot->tick - news->tick);
    if (news->any && ahead <= 0) return;
    now.changes = news->any && ahead < 64 ? news->changes << ahead : 0;
    now.changes |= news->x != now.x || news->y != now.y || news->z != now.z || news->yaw != now.yaw;
    *news = now;
}

/* For how many ticks what was so at `tick` has not been so any more. */
static int age(const crowd *it, const crowd_news *news, uint16_t tick)
{
    int behind = (int16_t)(news->tick - tick);
    uint64_t since = behind < 64 ? (UINT64_C(1) << crowd_at_most(behind, 63)) - 1 : ~UINT64_C(0);

    since &= news->changes;
    return since ? (int16_t)(it->newest - news->tick) + 64 - __builtin_clzll(since) : 0;
}

static void sample(crowd *it, uint32_t index, int64_t now_ns)
{
    const crowd_truth *me = &it->truths[index];
    const crowd_slot *slots = crowd_slots_of(it, index);
    int64_t newest_ns = it->clock_ns + (int16_t)(it->newest - it->clock_tick) * (int64_t)CROWD_TICK_NS;
    int64_t late_ms = (now_ns - newest_ns) / 1000000;
    crowd_figures *figures = &it->figures;

    for (uint32_t i = 0; i < CROWD_SLOTS; i++) {
        const crowd_slot *slot = &slots[i];
        const crowd_truth *truth;
        int class, ticks;

        if (!slot->who || slot->who == CROWD_NOBODY) continue;
        truth = &it->truths[slot->who - 1];
        if (!truth->moving || !truth->here) continue;
        class = class_of(apart(me, truth));
        if (class == CROWD_CLASSES) class--;            /* it has left, and not been told so yet */
        ticks = age(it, &it->news[slot->who - 1], slot->tick);
        figures->ages[class * CROWD_AGES + crowd_at_most(ticks, CROWD_AGES - 1)]++;
        if (it->clocked)
            figures->ages_ms[class * CROWD_MS + crowd_at_most((late_ms + ticks * 50) / 4, CROWD_MS - 1)]++;
    }
}

/* Who truly is near, and is not in a slot: no staleness tells of them. */
static void search(crowd *it, uint32_t index)
{
    const crowd_truth *me = &it->truths[index];
    const crowd_slot *slots = crowd_slots_of(it, index);

    memset(it->marks, 0, it->count);
    for (uint32_t i = 0; i < CROWD_SLOTS; i++)
        if (slots[i].who && slots[i].who != CROWD_NOBODY) it->marks[slots[i].who - 1] = 1;
    for (uint32_t i = 0; i < it->count; i++) {
        const crowd_truth *truth = &it->truths[i];
        float distance2 = apart(me, truth);
        int class;

        if (distance2 >= square(SIGHT_YARDS * 64) || i == index || !truth->moving || !truth->here) continue;
        class = class_of(distance2);
        it->figures.near_by[class]++;
        it->figures.unseen[class] += !it->marks[i];
    }
}

void crowd_sample(crowd *it, int64_t now_ns)
{
    if (!it->measuring) return;
    for (int i = 0; i < SAMPLED; i++) {
        it->next_sampled = (it->next_sampled + 1) % it->count;
        if (it->truths[it->next_sampled].here) sample(it, it->next_sampled, now_ns);
    }
    if (it->turn % SEARCH_EVERY) return;
    it->next_searched = (it->next_searched + 7) % it->count;
    if (it->truths[it->next_searched].here) search(it, it->next_searched);
}

void crowd_sample_all(crowd *it, int64_t now_ns)
{
    for (uint32_t i = 0; i < it->count; i++)
        if (it->truths[i].here) {
            sample(it, i, now_ns);
            search(it, i);
        }
}
