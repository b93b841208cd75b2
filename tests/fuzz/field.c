/* A libFuzzer target: a field and whatever is done to it, or bytes that may be one.  `make fuzz-native`.

   The input is one byte that says which, then a saved field, or steps of one byte that says what happens and
   what that takes.  Memory is the sanitizers' business; checked here is that slots are what they must be
   after every step, and that a field loaded from what was saved has the same digest. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "field.h"

enum {
    PUT, DROP, WALK, BIND, UNBIND, SPEEDS, ROOT, PLACE, MOVES, WATCH, UNWATCH, SIGHT, VALUE, STEP, SAVE, KINDS
};

static struct {
    const uint8_t *at;
    size_t left;
} input;

static void check(int true, const char *what)
{
    if (true) return;
    fprintf(stderr, "not so: %s\n", what);
    abort();
}

/* The next bytes of the input, zeros at its end. */
static uint64_t next(size_t size)
{
    uint64_t value = 0;

    if (size > input.left) size = input.left;
    memcpy(&value, input.at, size);
    input.at += size;
    input.left -= size;
    return value;
}

static uint32_t slot(void) { return (uint32_t)next(1) * 3; }

/* Mostly near 0, 0, now and then anywhere or off the map. */
static const int32_t *place(int32_t *xyz)
{
    for (int i = 0; i < 3; i++) {
        int32_t at = (int16_t)next(2);
        xyz[i] = at == INT16_MAX ? (int32_t)next(4) : at / (i == 2 ? 4 : 1);
    }
    return xyz;
}

static void check_eye(const bm_field *field, uint32_t number)
{
    static uint32_t met[256 * 3], round;
    const bm_eye *eye = bm_field_eye(field, number);
    uint32_t count = 0;

    round++;
    for (uint32_t i = 0; i < BM_EYE_SLOTS; i++) {
        int filled = eye->occupied[i / 64] >> (i % 64) & 1, held = eye->held[i / 64] >> (i % 64) & 1;
        check(!filled || !held, "a filled slot is not in quarantine");
        check(filled == (eye->pace[i] != 0), "filled slots, and no others, have a pace");
        if (!filled) continue;
        count++;
        check(i < BM_FIELD_SLOTS, "the last number is oneself");
        check(eye->mover[i] < field->movers.count, "there is such a mover");
        check(eye->mover[i] != field->lookers[number].owner, "nobody sees himself");
        check(eye->mover[i] >= 256 * 3 || met[eye->mover[i]] != round, "nobody is in two slots");
        if (eye->mover[i] < 256 * 3) met[eye->mover[i]] = round;
    }
    check(count == field->lookers[number].count, "slots are counted");
}

static void check_saved(const bm_field *field)
{
    size_t size = (size_t)bm_field_save(field, NULL, 0);
    uint8_t *saved = malloc(size), digests[2][32];
    bm_field *again;

    bm_field_save(field, saved, size);
    again = bm_field_load(saved, size);
    check(again != NULL, "what was saved can be loaded");
    bm_field_digest(field, digests[0]);
    bm_field_digest(again, digests[1]);
    check(memcmp(digests[0], digests[1], sizeof digests[0]) == 0, "it is the same again");
    bm_field_free(again);
    free(saved);
}

static void step(bm_field *field, uint64_t drawn)
{
    uint32_t tick = field->tick + 1 + (drawn >> 4 & 15);

    bm_field_radius(field, (int)(drawn & 3));
    check(bm_field_step(field, tick, field->now_ms + (int)(drawn & 240), 1) == 0, "a step is possible");
}

static void check_eyes(const bm_field *field)
{
    for (uint32_t eye = 0; eye < field->eye_count; eye++)
        if (field->lookers[eye].owner != BM_NOBODY) check_eye(field, eye);
}

/* Inputs near where the mover is, or just bytes. */
static void moves(bm_field *field)
{
    uint8_t record[BM_FIELD_INPUT_BYTES];
    uint32_t cid = 1 + (uint32_t)next(1), sure = (uint32_t)next(1);
    bm_mover mover = {.x = 0};
    uint16_t flags;
    int32_t xyz[3];

    memset(record, 0, sizeof record);
    if (field->by_cid && field->by_cid[cid] >= 0)
        bm_field_read(field, field->steers[field->by_cid[cid]].slot, &mover);
    place(xyz);
    xyz[0] = mover.x + xyz[0] / 256, xyz[1] = mover.y + xyz[1] / 256, xyz[2] = mover.z + xyz[2] / 256;
    mover.input = (uint16_t)(mover.input + (sure ? 1 : next(2)));
    memcpy(record, &cid, 4);
    memcpy(record + 4, &mover.input, 2);
    flags = (uint16_t)next(2);
    memcpy(record + 6, &flags, 2);
    record[10] = mover.epoch;
    memcpy(record + 12, xyz, sizeof xyz);
    bm_field_moves(field, record, sizeof record, field->now_ms);
}

static void happen(bm_field *field, uint32_t what)
{
    int32_t a[3], b[3];
    uint32_t speeds[4] = {7000, 2500, 4700, 0};
    uint8_t value[16] = {1, 2, 3};

    switch (what) {
    case PUT:
        speeds[0] = slot(), speeds[1] = 1 + (uint32_t)next(1) % 3;
        bm_field_put(field, speeds[0], (uint8_t)speeds[1], place(a), (uint16_t)next(2), 28, 1);
        break;
    case DROP: bm_field_drop(field, slot()); break;
    case WALK:
        bm_field_walk(field, slot(), place(a), place(b), field->now_ms, field->now_ms + (int64_t)next(2));
        break;
    case BIND: bm_field_bind(field, 1 + (uint32_t)next(1), slot(), field->now_ms); break;
    case UNBIND: bm_field_unbind(field, 1 + (uint32_t)next(1)); break;
    case SPEEDS: speeds[3] = (uint32_t)next(3), bm_field_speeds(field, slot(), speeds); break;
    case ROOT: bm_field_root(field, slot(), (int)next(1) & 1); break;
    case PLACE: bm_field_place(field, slot(), place(a), 0, field->now_ms); break;
    case MOVES: moves(field); break;
    case WATCH: bm_field_watch(field, slot()); break;
    case UNWATCH: bm_field_unwatch(field, slot()); break;
    case SIGHT: bm_field_sight(field, slot(), (int32_t)next(2)); break;
    case VALUE:
        bm_field_component(field, slot(), (uint8_t)next(1), value, next(1) % sizeof value);
        break;
    case STEP: step(field, next(1)), check_eyes(field); break;
    default: check_saved(field);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const bm_field_rules rules = {
        .sight = 9600, .leave = 10560, .height = 6400, .leave_height = 7040, .reach = 3200,
        .slack_permille = 1250, .burst_mm = 30000, .late_ms = 2000,
    };
    bm_field *field;

    if (!size) return 0;
    input.at = data + 1;
    input.left = size - 1;
    if (data[0] & 1) {
        if (!(field = bm_field_load(input.at, input.left))) return 0;
        field->now_ms = field->now_ms < BM_CLOCK_LIMIT_MS / 2 ? field->now_ms : 0;
        for (uint32_t i = 0; i < BM_EYE_TURNS; i++) step(field, 50 + i);   /* then every eye has looked */
    } else {
        field = bm_field_new(&rules);
        while (input.left) happen(field, (uint32_t)next(1) % KINDS);
        step(field, 50);
    }
    check_eyes(field);
    check_saved(field);
    bm_field_free(field);
    return 0;
}
