/* What is so of every field: fields.h. */

#include "fields.h"
#include "field_grid.h"

#define CIDS (1u << 14)              /* places by a cid's low bits */

bm_field *fuzz_field_new(fuzz_script *script)
{
    bm_field_rules rules = {.sight = 9600, .leave = 10560, .height = 6400, .leave_height = 7040,
                            .reach = 9600, .slack_permille = 1250, .burst_mm = 30000, .late_ms = 2000};
    uint8_t how = fuzz_u8(script);
    bm_field *field;

    if (how & 1) rules.sight = rules.leave = 1 + fuzz_u16(script) % 19200;
    if (how & 2) rules.height = rules.leave_height = 1 + fuzz_u16(script) % 19200;
    if (how & 4) rules.slack_permille = 1000 + fuzz_u16(script) % 9001;
    if (how & 8) rules.reach = (int32_t)(fuzz_u32(script) % 1092268);
    if (how & 16) rules.burst_mm = (int32_t)(fuzz_u32(script) % 1000001), rules.late_ms = 10000;
    CHECK((field = bm_field_new(&rules)));
    return field;
}

static void check_mover(const bm_field *field, uint32_t slot)
{
    const bm_movers *m = &field->movers;
    const int32_t xyz[3] = {m->x[slot], m->y[slot], m->z[slot]};
    uint32_t values = 0;

    CHECK(!bm_field_refuse(xyz));
    CHECK(m->kind[slot] || (m->eye[slot] < 0 && m->steer[slot] < 0 && m->leg[slot] < 0 && !m->values[slot]));
    if (m->eye[slot] >= 0) {
        CHECK((uint32_t)m->eye[slot] < field->eye_count);
        CHECK(field->lookers[m->eye[slot]].owner == slot);
    }
    if (m->steer[slot] >= 0) {
        CHECK((uint32_t)m->steer[slot] < field->steer_count);
        CHECK(field->steers[m->steer[slot]].slot == slot);
    }
    if (m->leg[slot] >= 0) {
        CHECK((uint32_t)m->leg[slot] < field->leg_count && field->legs[m->leg[slot]].slot == slot);
    }
    for (const bm_value *value = m->values[slot]; value; value = value->next) {
        CHECK(value->number >= 1 && value->number <= 15 && value->size <= BM_FIELD_VALUE_BYTES);
        CHECK(!value->next || value->next->number > value->number);
        CHECK(++values <= 15);
    }
}

static void check_steers(const bm_field *field)
{
    uint32_t bound = 0, named = 0;

    for (uint32_t i = 0; i < field->steer_count; i++) {
        const bm_steer *steer = &field->steers[i];
        CHECK(field->movers.steer[steer->slot] == (int32_t)i);
        CHECK(steer->reach_mm >= 0 && steer->climb_mm >= 0 && steer->fall_mm >= 0 && steer->looked <= 8);
        if (!steer->cid) continue;
        CHECK(field->by_cid[steer->cid % CIDS] == (int32_t)i);
        CHECK(field->movers.leg[steer->slot] < 0);
        bound++;
    }
    for (uint32_t i = 0; field->by_cid && i < CIDS; i++) named += field->by_cid[i] >= 0;
    CHECK(named == bound);
    for (uint32_t i = 0; i < field->leg_count; i++)
        CHECK(field->movers.leg[field->legs[i].slot] == (int32_t)i);
}

static void check_eye(const bm_field *field, uint32_t eye)
{
    const bm_looker *looker = &field->lookers[eye];
    const bm_eye *row = bm_field_eye(field, eye);
    uint64_t table = 0;
    uint32_t count = 0;

    if (looker->owner == BM_NOBODY) return;
    CHECK(bm_field_has(field, looker->owner) && field->movers.eye[looker->owner] == (int32_t)eye);
    CHECK(looker->sight > 0 && looker->sight <= field->rules.sight);
    for (uint32_t slot = 0; slot < BM_EYE_SLOTS; slot++) {
        int occupied = row->occupied[slot / 64] >> slot % 64 & 1;
        int held = row->held[slot / 64] >> slot % 64 & 1;
        CHECK(!(occupied && held) && (slot < BM_FIELD_SLOTS || !(occupied || held)));
        CHECK((row->pace[slot] != 0) == occupied && row->pace[slot] <= 60);
        if (!occupied) continue;
        CHECK(row->mover[slot] < field->movers.count);
        table += bm_field_mix((uint64_t)row->birth[slot] << 40 | (uint64_t)row->mover[slot] << 8 | slot);
        count++;
    }
    CHECK(count == looker->count && table == looker->table);
}

void fuzz_field_check(const bm_field *field)
{
    CHECK(field->movers.count <= field->movers.capacity && field->eye_count <= field->eye_capacity);
    for (uint32_t slot = 0; slot < field->movers.count; slot++) check_mover(field, slot);
    check_steers(field);
    for (uint32_t eye = 0; eye < field->eye_count; eye++) check_eye(field, eye);
}

/* How far the eye's owner and a mover are apart: squared in the plane, and up or down. */
static void apart(const bm_movers *m, uint32_t owner, uint32_t mover, int64_t *square, int64_t *high)
{
    int64_t dx = (int64_t)m->x[mover] - m->x[owner], dy = (int64_t)m->y[mover] - m->y[owner];
    int64_t dz = (int64_t)m->z[mover] - m->z[owner];

    *square = dx * dx + dy * dy;
    *high = dz < 0 ? -dz : dz;
}

/* Who is seen is near enough, once; who is nearer than the rules' least sight is seen, if there was room. */
static void check_seen(const bm_field *field, uint32_t eye)
{
    const bm_movers *m = &field->movers;
    const bm_field_rules *rules = &field->rules;
    const bm_looker *looker = &field->lookers[eye];
    const bm_eye *row = bm_field_eye(field, eye);
    int64_t square, high, least = looker->sight / 4;
    uint8_t *seen = calloc(1, m->count);
    uint32_t taken = looker->count;

    CHECK(seen);
    for (uint32_t slot = 0; slot < BM_FIELD_SLOTS; slot++) {
        uint32_t mover = row->mover[slot];
        taken += row->held[slot / 64] >> slot % 64 & 1;
        if (!(row->occupied[slot / 64] >> slot % 64 & 1)) continue;
        CHECK(!seen[mover]++ && mover != looker->owner && m->kind[mover]);
        CHECK(row->birth[slot] == m->birth[mover]);
        apart(m, looker->owner, mover, &square, &high);
        CHECK(square <= (int64_t)rules->leave * rules->leave && high <= rules->leave_height);
    }
    for (uint32_t mover = 0; taken < BM_FIELD_SLOTS && mover < m->count; mover++) {
        if (!m->kind[mover] || seen[mover] || mover == looker->owner) continue;
        apart(m, looker->owner, mover, &square, &high);
        CHECK(square >= least * least || high > rules->height);
    }
    free(seen);
}

void fuzz_field_check_sight(const bm_field *field)
{
    for (uint32_t i = 0; i < field->grid->due.count; i++) check_seen(field, field->grid->due.items[i]);
}

bm_field *fuzz_field_copy(const bm_field *field)
{
    int64_t size = bm_field_save(field, NULL, 0);
    uint8_t *bytes = malloc((size_t)size), *again = malloc((size_t)size), digests[2][32];
    bm_field *copy;

    CHECK(size > 0 && bytes && again && bm_field_save(field, bytes, (size_t)size) == size);
    CHECK((copy = bm_field_load(bytes, (size_t)size)));
    CHECK(bm_field_save(copy, again, (size_t)size) == size && !memcmp(bytes, again, (size_t)size));
    CHECK(bm_field_digest(field, digests[0]) == 0 && bm_field_digest(copy, digests[1]) == 0);
    CHECK(!memcmp(digests[0], digests[1], 32));
    free(bytes);
    free(again);
    return copy;
}
