/* How old what the clients know is, at moments spread evenly over time.

   Moving entities only: of one that stands, old news are no worse than new ones.  One that has
   begun to move is known as far as the newest tick of the server's from before its first input. */

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

static void sample(crowd *it, uint32_t index, int64_t now_ns)
{
    const crowd_truth *me = &it->truths[index];
    const crowd_slot *slots = crowd_slots_of(it, index);
    int64_t newest_ns = it->clock_ns + (int16_t)(it->newest - it->clock_tick) * (int64_t)CROWD_TICK_NS;
    crowd_figures *figures = &it->figures;

    for (uint32_t i = 0; i < CROWD_SLOTS; i++) {
        const crowd_slot *slot = &slots[i];
        const crowd_truth *truth;
        int class, age;

        if (!slot->who || slot->who == CROWD_NOBODY) continue;
        truth = &it->truths[slot->who - 1];
        if (!truth->moving || !truth->here) continue;
        class = class_of(apart(me, truth));
        if (class == CROWD_CLASSES) class--;            /* it has left, and not been told so yet */
        age = (int16_t)(slot->tick - truth->since) > 0 ? (int16_t)(it->newest - slot->tick)
                                                       : (int16_t)(it->newest - truth->since);
        figures->ages[class * CROWD_AGES + crowd_at_most(age, CROWD_AGES - 1)]++;
        if (it->clocked)
            figures->ages_ms[class * CROWD_MS + crowd_at_most((now_ns - newest_ns) / 1000000 + age * 50,
                                                              CROWD_MS - 1)]++;
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
