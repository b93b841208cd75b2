/* What each client is told of what its eye sees.  Its meaning is tests/twins/feed.py. */

#include <stdlib.h>
#include <string.h>

#include "feed_fetch.h"
#include "api/pump.h"
#include "workers.h"

#define LINKS 16384             /* a cid's low 14 bits */
#define AHEAD 6                 /* so many readers in advance memory is asked for */

static int push_to_pump(void *to, uint32_t lane, uint32_t cid, uint32_t record, uint32_t tick,
                        const uint8_t *sections, uint32_t size)
{
    return bm_pump_push(to, lane, cid, record, tick, sections, size);
}

static void flush_pump(void *to, uint32_t lane)
{
    bm_pump_flush(to, lane);
}

bm_feed *bm_feed_new(bm_field *field, bm_pump *pump, bm_tray *tray)
{
    bm_feed *feed = calloc(1, sizeof *feed);

    if (!feed) return NULL;
    feed->by_cid = calloc(LINKS, sizeof *feed->by_cid);
    feed->pieces = bm_pieces_new();
    if (!feed->by_cid || !feed->pieces) {
        bm_feed_free(feed);
        return NULL;
    }
    feed->field = field;
    feed->pump = pump;
    feed->to = pump ? (void *)pump : tray;
    feed->push = pump ? push_to_pump : bm_tray_push;
    feed->flush = pump ? flush_pump : bm_tray_flush;
    return feed;
}

void bm_feed_free(bm_feed *feed)
{
    if (!feed) return;
    for (uint32_t i = 0; i < feed->reader_count; i++) bm_reader_free(feed->pieces, feed->readers[i]);
    bm_pieces_free(feed->pieces);
    free(feed->readers);
    bm_history_free(feed);
    free(feed->by_cid);
    free(feed->words);
    free(feed->signs);
    free(feed->marks);
    free(feed->anchors);
    free(feed);
}

int bm_feed_leave(bm_feed *feed, uint32_t eye)
{
    bm_reader *reader = eye < feed->reader_count ? feed->readers[eye] : NULL;
    uint16_t *index;

    if (!reader) return BM_NO_SUCH;
    index = &feed->by_cid[reader->cid % LINKS];
    if (*index == eye + 1) *index = 0;
    bm_reader_free(feed->pieces, reader);
    feed->readers[eye] = NULL;
    feed->counts[BM_FED_READERS]--;
    return 0;
}

static int reserve(bm_feed *feed, uint32_t eye)
{
    uint32_t capacity = (eye / 64 + 1) * 64;
    bm_reader **readers;

    if (eye < feed->reader_count) return 0;
    if (!(readers = realloc(feed->readers, capacity * sizeof *readers))) return BM_NO_MEMORY;
    memset(readers + feed->reader_count, 0, (capacity - feed->reader_count) * sizeof *readers);
    feed->readers = readers;
    feed->reader_count = capacity;
    return 0;
}

int bm_feed_join(bm_feed *feed, uint32_t eye, uint32_t cid, uint32_t form, uint32_t mtu, uint32_t rate)
{
    bm_reader *reader;
    int code;

    if (eye >= feed->field->eye_count || feed->field->lookers[eye].owner == BM_NOBODY) return BM_NO_SUCH;
    if (form > BM_FEED_DELTAS || mtu < BM_FEED_MTU_LEAST || mtu > BM_FEED_MTU_MOST
        || rate > BM_FEED_RATE_MOST) return BM_OUT_OF_RANGE;
    if ((code = reserve(feed, eye)) < 0) return code;
    if (form == BM_FEED_DELTAS && (code = bm_history_begin(feed)) < 0) return code;
    bm_feed_leave(feed, eye);
    if (!(reader = bm_reader_new(feed->pieces, form))) return BM_NO_MEMORY;
    feed->readers[eye] = reader;
    reader->cid = cid;
    reader->room = (uint16_t)(mtu - BM_OUTSIDE_BYTES);
    reader->rate = (int32_t)rate;
    reader->tokens = (int32_t)(20 * mtu);
    reader->tick = feed->field->tick;
    reader->self = 1;
    feed->by_cid[cid % LINKS] = (uint16_t)(eye + 1);
    feed->counts[BM_FED_READERS]++;
    return 0;
}

static bm_reader *linked(const bm_feed *feed, uint32_t cid)
{
    uint32_t index = feed->by_cid[cid % LINKS];
    bm_reader *reader = index ? feed->readers[index - 1] : NULL;

    return reader && reader->cid == cid ? reader : NULL;
}

/* Asks for what a verdict on this record will change: three times, each for what the last brought. */
BM_FETCH fetch_reader(const bm_feed *feed, const uint32_t *fate)
{
    uint32_t index = feed->by_cid[fate[0] % LINKS];

    if (index) __builtin_prefetch(feed->readers[index - 1], 1);
}

BM_FETCH fetch_sent(const bm_feed *feed, const uint32_t *fate)
{
    const bm_reader *reader = linked(feed, fate[0]);

    if (!reader) return;
    __builtin_prefetch(reader->acked, 1);
    if (reader->sent_count) __builtin_prefetch(reader->sent, 1);
}

BM_FETCH fetch_slots(const bm_feed *feed, const uint32_t *fate)
{
    const bm_reader *reader = linked(feed, fate[0]);

    for (uint32_t i = 0; reader && i < reader->sent_count; i++) {
        const bm_bank *bank = bm_bank_of(reader, reader->sent[i].slot);

        if (reader->sent[i].tick != (uint16_t)fate[1] || !bank) continue;
        __builtin_prefetch(bank, 1);
        __builtin_prefetch(&bank->told[reader->sent[i].slot % BM_BANK_SLOTS]);
    }
}

void bm_feed_fates(bm_feed *feed, const uint32_t *fates, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++, fates += 3) {
        bm_reader *reader = linked(feed, fates[0]);

        if (i + 3 * AHEAD < count) fetch_reader(feed, fates + 9 * AHEAD);
        if (i + 2 * AHEAD < count) fetch_sent(feed, fates + 6 * AHEAD);
        if (i + AHEAD < count) fetch_slots(feed, fates + 3 * AHEAD);
        if (reader) bm_reader_heard(reader, feed->field->tick, fates[1], fates[2] != 0, feed->counts);
    }
}

void bm_feed_budget(bm_feed *feed, uint32_t cid, uint32_t rate, uint32_t room)
{
    bm_reader *reader = linked(feed, cid);

    if (!reader) return;
    reader->rate = (int32_t)(rate < BM_FEED_RATE_MOST ? rate : BM_FEED_RATE_MOST);
    reader->room = (uint16_t)(room < BM_SECTIONS_LEAST ? BM_SECTIONS_LEAST
                              : room > BM_SECTIONS_MOST ? BM_SECTIONS_MOST : room);
}

_Static_assert(sizeof(bm_fate) == 12, "numbers as bm_feed_fates reads them");

void bm_feed_hear(bm_feed *feed)
{
    const bm_fate *fates;
    const bm_budget *budgets;
    uint32_t count;

    if (!feed->pump) return;
    count = bm_pump_fates(feed->pump, &fates);
    bm_feed_fates(feed, (const uint32_t *)fates, count);
    count = bm_pump_budgets(feed->pump, &budgets);
    for (uint32_t i = 0; i < count; i++)
        bm_feed_budget(feed, budgets[i].cid, budgets[i].bytes_per_second, budgets[i].room);
}

/* A tick's work, in ranges of eyes. */
typedef struct {
    const bm_feed *feed;
    uint32_t tick;
    int level;
    unsigned threads;
    struct {
        uint64_t counts[BM_FED_COUNTS];
        int code;
    } ranges[BM_WORKERS_LIMIT];
} bm_round;

static inline int has_turn(const bm_round *round, uint32_t number)
{
    const bm_reader *reader = round->feed->readers[number];

    return reader && bm_feed_turn(reader, number, round->tick, round->level);
}

/* Asks for what will be read of those whose turn comes soon. */
BM_FETCH fetch(const bm_round *round, uint32_t number, uint32_t end)
{
    const bm_feed *feed = round->feed;

    if (number + 2 * AHEAD < end) bm_fetch_reader(feed, number + 2 * AHEAD);
    if (number + AHEAD < end && has_turn(round, number + AHEAD)) bm_fetch_banks(feed, number + AHEAD);
    if (number + AHEAD / 2 < end && has_turn(round, number + AHEAD / 2))
        bm_fetch_changes(feed, number + AHEAD / 2);
}

static void work(void *it, unsigned worker)
{
    bm_round *round = it;
    const bm_feed *feed = round->feed;
    uint64_t counts[BM_FED_COUNTS] = {0};
    uint64_t all = feed->reader_count < feed->field->eye_count ? feed->reader_count : feed->field->eye_count;
    uint32_t end = (uint32_t)(all * (worker + 1) / round->threads);
    bm_serving two[2], *next = &two[0], *last = NULL;   /* each is looked at before the one before is told */
    int code = 0;

    for (uint32_t number = (uint32_t)(all * worker / round->threads); number < end && code >= 0; number++) {
        fetch(round, number, end);
        if (!feed->readers[number]) continue;
        code = bm_feed_look(next, feed, number, round->tick, round->level, counts);
        if (code <= 0) continue;
        if (last) bm_feed_tell(last, worker);
        last = next;
        next = &two[last == &two[0]];
    }
    if (last) bm_feed_tell(last, worker);
    feed->flush(feed->to, worker);
    memcpy(round->ranges[worker].counts, counts, sizeof counts);
    round->ranges[worker].code = code < 0 ? code : 0;
}

int bm_feed_tick(bm_feed *feed, uint32_t tick, int level, unsigned threads)
{
    bm_round round = {.feed = feed, .tick = tick, .level = level, .threads = threads};
    int code;

    if (level < 0 || level >= BM_FEED_LEVELS || tick != feed->field->tick) return BM_OUT_OF_RANGE;
    if (threads < 1 || threads > BM_WORKERS_LIMIT) return BM_OUT_OF_RANGE;
    if ((code = bm_words_step(feed)) < 0) return code;
    if ((code = bm_workers_run(threads, work, &round)) < 0) return code;
    for (unsigned i = 0; i < threads; i++) {
        if (round.ranges[i].code < 0) code = round.ranges[i].code;
        for (int what = 0; what < BM_FED_COUNTS; what++) feed->counts[what] += round.ranges[i].counts[what];
    }
    return code;
}

void bm_feed_count(const bm_feed *feed, uint64_t *counts)
{
    memcpy(counts, feed->counts, sizeof feed->counts);
}

uint64_t bm_feed_memory(const bm_feed *feed)
{
    return sizeof *feed + LINKS * sizeof *feed->by_cid + feed->reader_count * sizeof *feed->readers
           + (uint64_t)feed->mover_capacity
             * (sizeof *feed->words + sizeof *feed->signs + sizeof *feed->marks + sizeof *feed->anchors)
           + bm_history_memory(feed) + bm_pieces_bytes(feed->pieces);
}
