/* One reader's turn: what is due, what fits, and off it goes. */

#include <string.h>

#include "feed_fetch.h"

#define LEAST_ROOM 40           /* bytes: for less no datagram is worth its price */
#define ANEW_TICKS 50           /* less than a slot's quarantine, so that nobody comes and goes unseen */
#define AGING_TICKS 64          /* how often what deltas are built on is gone through */
#define TWENTIETHS 20

/* How a level of overload lets accumulators grow: docs/native.md. */
typedef struct {
    uint32_t period;            /* ticks from one full turn to the next */
    int between;                /* in the ticks between, whoever has something very near is served */
    int halved;                 /* all but the quickest pace */
} bm_level;

static const bm_level levels[BM_FEED_LEVELS] = {
    {.period = 2, .between = 1, .halved = 0},
    {.period = 2, .between = 1, .halved = 1},
    {.period = 2, .between = 0, .halved = 1},
    {.period = 4, .between = 0, .halved = 1},
};

static int is_full(const bm_level *level, uint32_t number, uint32_t tick)
{
    return (tick + number) % level->period == 0;    /* at different ticks for different eyes */
}

int bm_feed_turn(const bm_reader *reader, uint32_t number, uint32_t tick, int level)
{
    return is_full(&levels[level], number, tick) || (levels[level].between && reader->quick);
}

static bm_turn turn_of(const bm_level *level, const bm_reader *reader, uint32_t number, uint32_t tick)
{
    bm_turn turn = {.full = is_full(level, number, tick), .quick = 1};

    if (turn.full && level->between && !reader->served) turn.quick = 2;
    turn.slow = level->halved ? (uint32_t)turn.full : turn.quick;
    return turn;
}

static void earn(bm_reader *reader, uint32_t ticks)
{
    int64_t most = (int64_t)TWENTIETHS * (reader->room + BM_COUNTED_BYTES);
    int64_t quarter = (int64_t)reader->rate * (TWENTIETHS / 4);
    int64_t tokens = reader->tokens + (int64_t)reader->rate * ticks;

    if (quarter > most) most = quarter;
    reader->tokens = (int32_t)(tokens < most ? tokens : most);
}

/* Bytes of sections that may go now. */
static uint32_t room_of(const bm_reader *reader)
{
    int32_t paid = reader->tokens / TWENTIETHS - BM_COUNTED_BYTES;

    if (paid < LEAST_ROOM) return 0;
    return (uint32_t)(paid < reader->room ? paid : reader->room);
}

static void send(bm_serving *it, uint32_t lane, const uint8_t *sections, uint32_t size)
{
    bm_reader *reader = it->reader;
    uint32_t then = it->tick % BM_READER_MEMORY;

    bm_bit_clear(reader->acked, then);
    bm_bit_clear(reader->lost, then);
    reader->tokens -= (int32_t)(TWENTIETHS * (size + BM_COUNTED_BYTES));
    it->counts[BM_FED_DATAGRAMS]++;
    it->counts[BM_FED_BYTES] += size;
    if (it->feed->push(it->feed->to, lane, reader->cid, it->tick, it->tick, sections, size) == 0) return;
    it->counts[BM_FED_REFUSED]++;
    bm_reader_heard(reader, it->tick, it->tick, 1, it->counts);
}

/* A reader was told something, or its datagram was lost. */
void bm_reader_heard(bm_reader *reader, uint32_t tick, uint32_t record, int lost, uint64_t *counts)
{
    uint32_t age = tick - record;

    if (age < BM_READER_MEMORY) bm_bit_set(lost ? reader->lost : reader->acked, record % BM_READER_MEMORY);
    bm_state_verdict(reader, record, lost, age >= BM_READER_MEMORY, counts);
}

static void compose(bm_serving *it, uint32_t lane)
{
    uint8_t out[BM_SECTIONS_MOST + 16];
    uint32_t room = room_of(it->reader), half = room / 2, state, size, rest;
    int starved = 0;

    if (!room) {
        bm_snapshot_put_off(it);
        return;
    }
    rest = it->word_bytes + 4 < half ? room - it->word_bytes - 4 : half;
    state = bm_state_write(it, out, rest, room, &starved);
    rest = starved ? half : room - state;       /* what did not fit must be saved up for */
    size = state + bm_snapshot_write(it, out + state, rest);
    if (size) send(it, lane, out, size);
}

int bm_feed_look(bm_serving *it, const bm_feed *feed, uint32_t number, uint32_t tick, int level,
                 uint64_t *counts)
{
    bm_reader *reader = feed->readers[number];
    uint32_t ticks = tick - reader->tick;

    if (!bm_feed_turn(reader, number, tick, level)) {
        reader->served = 0;
        return 0;
    }
    it->turn = turn_of(&levels[level], reader, number, tick);
    it->feed = feed, it->movers = &feed->field->movers, it->reader = reader, it->counts = counts;
    it->tick = tick;
    it->count = it->word_bytes = 0;
    it->eye = bm_field_eye(feed->field, number);
    it->owner = feed->field->lookers[number].owner;
    if (it->owner == BM_NOBODY) return 0;
    if (reader->form == BM_FEED_DELTAS && tick / AGING_TICKS != reader->tick / AGING_TICKS)
        bm_deltas_age(reader, tick);
    if (bm_due_follow(it, ticks >= ANEW_TICKS) < 0) return BM_NO_MEMORY;
    reader->tick = tick;        /* only now: a turn that failed is to be made up for */
    reader->served = !it->turn.full;
    if (it->movers->own[it->owner] != reader->own) {
        reader->own = it->movers->own[it->owner];
        reader->self = 1;
    }
    earn(reader, ticks);
    bm_due_accumulate(it);
    bm_due_compare(it, it->due);
    bm_fetch_values(it, 0);
    return 1;
}

/* In between only what is very near is worth a datagram; it takes the rest with it. */
void bm_feed_tell(bm_serving *it, uint32_t lane)
{
    bm_due_settle(it);
    if (!it->turn.full) {
        if (!it->count) {
            bm_due_put_off(it, it->others);
            return;
        }
        bm_due_compare(it, it->others);
        bm_due_settle(it);
    }
    compose(it, lane);
}
