/* Inputs of clients, any number of any kind: nobody gets farther than the rules say, off the map, or loses
   count. */

#include "fields.h"

#define STEERED 6u

typedef struct {
    bm_field *field;
    int64_t now_ms;
} world;

static uint32_t cid_of(uint32_t slot)
{
    return (slot / 2 + 1) << 14 | slot;
}

static void begin(world *it, fuzz_script *script)
{
    it->field = fuzz_field_new(script);
    it->now_ms = 1000;
    for (uint32_t slot = 0; slot < STEERED; slot++) {
        int32_t xyz[3] = {0, (int32_t)slot * 100, 0};
        uint32_t speeds[4] = {7000, 2500, 4722, slot == 2 ? 7000 : 0};
        if (slot == 3) xyz[0] = 17066 * 64;
        CHECK(bm_field_put(it->field, slot, 1, xyz, 0, 0, 0) == 0);
        CHECK(bm_field_bind(it->field, cid_of(slot), slot, it->now_ms) == 0);
        CHECK(bm_field_speeds(it->field, slot, speeds) == 0);
        if (slot == 4) CHECK(bm_field_root(it->field, slot, 1) == 0);
        CHECK(bm_field_watch(it->field, slot) >= 0);
    }
}

/* A record whose sender, epoch and number are right if the script wishes, and which goes not too far. */
static void record(const world *it, fuzz_script *script, uint8_t *out)
{
    uint8_t how = fuzz_u8(script);
    uint32_t slot = how % STEERED, cid = cid_of(slot);
    bm_mover mover;
    int32_t xyz[3];

    if (how < 32) {
        fuzz_take(script, out, BM_MOVE_BYTES);
        return;
    }
    CHECK(bm_field_read(it->field, slot, &mover) == 0);
    xyz[0] = mover.x + (int16_t)fuzz_u16(script);
    xyz[1] = mover.y + (int16_t)fuzz_u16(script);
    xyz[2] = mover.z + (int8_t)fuzz_u8(script) * 16;
    mover.input = (uint16_t)(mover.input + 1 + (how & 64 ? fuzz_u16(script) : 0));
    mover.flags = fuzz_u16(script);
    memcpy(out, &cid, 4);
    memcpy(out + 4, &mover.input, 2);
    memcpy(out + 6, &mover.flags, 2);
    fuzz_take(script, out + 8, 2);
    out[10] = (uint8_t)(mover.epoch + (how & 128 ? fuzz_u8(script) : 0));
    out[11] = 0;
    memcpy(out + 12, xyz, sizeof xyz);
}

static uint64_t reach_of(const bm_field *field, uint32_t slot)
{
    const bm_steer *steer = bm_field_steer(field, slot);
    uint64_t fastest = 0, full;

    for (int i = 0; i < 4; i++) fastest = steer->speeds_mm[i] > fastest ? steer->speeds_mm[i] : fastest;
    full = fastest * (uint64_t)field->rules.slack_permille / 1000 * (uint64_t)field->rules.late_ms / 1000;
    return full + (uint64_t)field->rules.burst_mm;
}

/* What a mover may go in one batch is at most what its bucket holds when it is full. */
static void check_way(const bm_field *field, uint32_t slot, const bm_mover *before)
{
    bm_mover after;
    uint64_t dx, dy, reach = reach_of(field, slot) * 64 / 1000 + 8;

    CHECK(bm_field_read(field, slot, &after) == 0);
    dx = (uint64_t)llabs((long long)after.x - before->x);
    dy = (uint64_t)llabs((long long)after.y - before->y);
    CHECK(dx <= reach && dy <= reach && dx * dx + dy * dy <= reach * reach);
    if (slot == 4) CHECK(!dx && !dy);
    CHECK(!(after.flags & BM_FLYING) || slot == 2);
    CHECK((after.flags & BM_ROOT) == (slot == 4 ? BM_ROOT : 0));
}

static void batch(world *it, fuzz_script *script)
{
    uint32_t count = fuzz_u8(script) % 16, size = count * BM_MOVE_BYTES;
    uint8_t *bytes = malloc(size ? size : 1);
    bm_mover before[STEERED];
    uint64_t sum = 0;
    int taken;

    CHECK(bytes);
    for (uint32_t i = 0; i < count; i++) record(it, script, bytes + i * BM_MOVE_BYTES);
    for (uint32_t slot = 0; slot < STEERED; slot++) CHECK(bm_field_read(it->field, slot, &before[slot]) == 0);
    CHECK(!size || bm_field_moves(it->field, bytes, size - 1, it->now_ms) == BM_OUT_OF_RANGE);
    taken = bm_field_moves(it->field, bytes, size, it->now_ms);
    for (int reason = 0; reason < BM_MOVES_REASONS; reason++) sum += bm_field_counts(it->field)[reason];
    CHECK(sum == count && taken == (int)bm_field_counts(it->field)[BM_MOVES_TAKEN]);
    for (uint32_t slot = 0; slot < STEERED; slot++) check_way(it->field, slot, &before[slot]);
    free(bytes);
}

void fuzz_moves(const uint8_t *data, size_t size)
{
    fuzz_script script = {data, size};
    world it;

    begin(&it, &script);
    for (uint32_t tick = 1; script.left; tick++) {
        batch(&it, &script);
        if (fuzz_u8(&script) & 1) it.now_ms += fuzz_u16(&script);
        else it.now_ms += 50;
        CHECK(bm_field_step(it.field, tick, it.now_ms, 1) == 0);
        fuzz_field_check(it.field);
        fuzz_field_check_sight(it.field);
    }
    bm_field_free(fuzz_field_copy(it.field));
    bm_field_free(it.field);
}
