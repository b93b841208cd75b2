/* A field and everything that can be done to it, in any order, with any numbers: what is so of every field
   stays so, and a copy to which the same is done is the same. */

#include "fields.h"
#include "api/interest.h"

#define SLOTS 48u
#define CIDS 64u

typedef struct {
    bm_field *field, *copy;             /* the copy was saved and loaded at some time */
    bm_interest *interest;
    int64_t now_ms;
    uint32_t tick;
} world;

static uint32_t slot_of(fuzz_script *script)
{
    uint8_t it = fuzz_u8(script);

    return it < 250 ? it % SLOTS : it == 250 ? 4096 : it == 251 ? BM_FIELD_MOVERS : it;
}

/* Near the others as a rule. */
static void place_of(fuzz_script *script, int32_t *xyz)
{
    uint8_t how = fuzz_u8(script);

    for (int i = 0; i < 3; i++) {
        if (how & 1 << i) xyz[i] = (int32_t)fuzz_u32(script);
        else xyz[i] = (int16_t)fuzz_u16(script);
    }
    if (how & 8) xyz[0] = xyz[0] % 1092268, xyz[1] = xyz[1] % 1092268;
}

static int64_t time_of(int64_t now_ms, fuzz_script *script)
{
    uint8_t how = fuzz_u8(script);

    return how < 250 ? now_ms + how * 16 - 256 : (int64_t)fuzz_u64(script);
}

static int put(bm_field *field, fuzz_script *script)
{
    uint32_t slot = slot_of(script);
    int32_t xyz[3];
    uint8_t kind = fuzz_u8(script), speed = fuzz_u8(script);

    place_of(script, xyz);
    return bm_field_put(field, slot, kind % 4, xyz, fuzz_u16(script), speed, kind & 128 ? BM_FORWARD : 0);
}

static int walk(int64_t now_ms, bm_field *field, fuzz_script *script)
{
    uint32_t slot = slot_of(script);
    int32_t from[3], to[3];
    int64_t since_ms = time_of(now_ms, script), until_ms = since_ms + fuzz_u16(script);

    if (until_ms == since_ms) until_ms = time_of(now_ms, script);
    place_of(script, from);
    place_of(script, to);
    return bm_field_walk(field, slot, from, to, since_ms, until_ms);
}

static int place(int64_t now_ms, bm_field *field, fuzz_script *script)
{
    uint32_t slot = slot_of(script);
    int32_t xyz[3];

    place_of(script, xyz);
    return bm_field_place(field, slot, xyz, fuzz_u16(script), time_of(now_ms, script));
}

static int tell(bm_field *field, fuzz_script *script)
{
    uint32_t slot = slot_of(script), number = fuzz_u8(script) % 20, size = fuzz_u8(script);
    uint8_t *bytes;
    int code;

    if (size == 255) size = BM_FIELD_VALUE_BYTES + 1;
    bytes = calloc(1, size ? size : 1);
    CHECK(bytes);
    bytes[0] = fuzz_u8(script);
    if (number & 1) code = bm_field_look(field, slot, number, bytes, size);
    else code = bm_field_component(field, slot, (uint8_t)number, bytes, size);
    free(bytes);
    return code;
}

static int steer(int64_t now_ms, bm_field *field, uint8_t what, fuzz_script *script)
{
    uint32_t slot = slot_of(script), cid = fuzz_u8(script) % CIDS | (uint32_t)(fuzz_u8(script) % 2) << 14;
    int64_t allowance[4] = {fuzz_u16(script), fuzz_u16(script), fuzz_u16(script), now_ms};
    uint32_t speeds[4] = {fuzz_u32(script) % 1200000, fuzz_u16(script), fuzz_u16(script), fuzz_u16(script)};

    if (what == 0) return bm_field_bind(field, cid, slot, time_of(now_ms, script));
    if (what == 1) return bm_field_unbind(field, cid);
    if (what == 2) return bm_field_speeds(field, slot, speeds);
    if (what == 3) return bm_field_root(field, slot, cid & 1);
    allowance[3] = time_of(now_ms, script);
    return bm_field_allow(field, slot, allowance);
}

static int moves(int64_t now_ms, bm_field *field, fuzz_script *script)
{
    uint8_t batch[4 * BM_MOVE_BYTES];
    uint32_t count = fuzz_u8(script) % 5;

    for (uint32_t i = 0; i < count; i++) {
        uint8_t *at = batch + i * BM_MOVE_BYTES;
        uint32_t cid = fuzz_u8(script) % CIDS | (uint32_t)(fuzz_u8(script) % 2) << 14;
        int32_t xyz[3];
        fuzz_take(script, at, 12);
        memcpy(at, &cid, 4);
        at[10] %= 4;
        place_of(script, xyz);
        memcpy(at + 12, xyz, sizeof xyz);
    }
    return bm_field_moves(field, batch, count * BM_MOVE_BYTES, time_of(now_ms, script));
}

/* Many at once, more than an eye has slots for. */
static int crowd(bm_field *field, fuzz_script *script)
{
    uint32_t count = 2 * fuzz_u8(script), seed = fuzz_u8(script), wide = 1u << fuzz_u8(script) % 15;
    int code = 0;

    for (uint32_t i = 0; i < count && code == 0; i++) {
        uint64_t random = bm_field_mix(seed << 16 | i);
        int32_t xyz[3] = {0, 0, (int32_t)(random >> 58)};
        xyz[0] = (int32_t)(random % wide), xyz[1] = (int32_t)((random >> 20) % wide);
        code = bm_field_put(field, SLOTS + i, 2, xyz, 0, 0, 0);
    }
    return code;
}

int fuzz_field_act(bm_field *field, int64_t now_ms, uint8_t what, fuzz_script *script)
{
    if (what < 4) return put(field, script);
    if (what == 4) return walk(now_ms, field, script);
    if (what == 5) return bm_field_halt(field, slot_of(script));
    if (what == 6) return bm_field_drop(field, slot_of(script));
    if (what < 9) return bm_field_watch(field, slot_of(script));
    if (what == 9) return bm_field_unwatch(field, slot_of(script));
    if (what == 10) return bm_field_sight(field, slot_of(script), fuzz_u16(script));
    if (what == 11) return bm_field_radius(field, fuzz_u8(script) % 6);
    if (what == 12) return place(now_ms, field, script);
    if (what < 15) return tell(field, script);
    if (what < 20) return steer(now_ms, field, (uint8_t)(what - 15), script);
    if (what < 22) return moves(now_ms, field, script);
    return crowd(field, script);
}

static void step(world *it, fuzz_script *script)
{
    uint8_t digests[2][32];

    it->now_ms += 50;
    it->tick += 1 + fuzz_u8(script) % 64;
    CHECK(bm_field_step(it->field, it->tick, it->now_ms, 1) == 0);
    fuzz_field_check_sight(it->field);
    CHECK(bm_field_follow(it->field, it->interest) == 0);
    if (!it->copy) return;
    CHECK(bm_field_step(it->copy, it->tick, it->now_ms, 1) == 0);
    CHECK(bm_field_follow(it->copy, it->interest) == 0);
    CHECK(bm_field_digest(it->field, digests[0]) == 0 && bm_field_digest(it->copy, digests[1]) == 0);
    CHECK(!memcmp(digests[0], digests[1], 32));
}

static void begin(world *it, fuzz_script *script)
{
    *it = (world){.now_ms = 1000, .tick = 1, .field = fuzz_field_new(script)};
    it->interest = bm_interest_new(255);
    CHECK(it->interest);
}

static void go_on(world *it, fuzz_script *script)
{
    uint8_t what = fuzz_u8(script) % 32;
    fuzz_script again = *script;

    if (what >= 24) {
        step(it, script);
    } else if (what == 23) {
        bm_field_free(it->copy);
        it->copy = fuzz_field_copy(it->field);
    } else {
        int code = fuzz_field_act(it->field, it->now_ms, what, script);
        if (it->copy) CHECK(fuzz_field_act(it->copy, it->now_ms, what, &again) == code);
    }
}

bm_field *fuzz_field_played(fuzz_script *script, uint32_t acts)
{
    world it;

    begin(&it, script);
    while (acts--) go_on(&it, script);
    bm_field_free(it.copy);
    bm_interest_free(it.interest);
    return it.field;
}

void fuzz_field(const uint8_t *data, size_t size)
{
    fuzz_script script = {data, size};
    world it;

    begin(&it, &script);
    while (script.left) {
        go_on(&it, &script);
        fuzz_field_check(it.field);
    }
    bm_field_free(it.copy);
    bm_field_free(fuzz_field_copy(it.field));
    bm_field_free(it.field);
    bm_interest_free(it.interest);
}
