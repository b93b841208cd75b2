/* A field's state as bytes: to hash it and to put it away.  Little-endian, as everything we run on is. */

#include <string.h>
#include <openssl/evp.h>

#include "field.h"
#include "field_state.h"

_Static_assert(sizeof(bm_field_rules) == 40, "no padding in what is hashed");
_Static_assert(sizeof(bm_steer) == 88, "no padding in what is hashed");
_Static_assert(sizeof(bm_leg) == 48, "no padding in what is hashed");
_Static_assert(sizeof(bm_looker) == 32, "no padding in what is hashed");

/* Where the bytes go: into a hash, or into `out`, as far as there is room. */
typedef struct {
    EVP_MD_CTX *hash;
    uint8_t *out;
    size_t size, room;
} bm_sink;

static void put(bm_sink *sink, const void *bytes, size_t size)
{
    if (sink->hash) EVP_DigestUpdate(sink->hash, bytes, size);
    else if (sink->size + size <= sink->room && size) memcpy(sink->out + sink->size, bytes, size);
    sink->size += size;
}

#define PUT(v) put(sink, &(v), sizeof (v))
#define PUT_COLUMN(v) put(sink, (v), (size_t)m->count * sizeof *(v))

static void put_columns(const bm_field *field, bm_sink *sink)
{
    const bm_movers *m = &field->movers;
    size_t words = ((size_t)m->count + 63) / 64 * sizeof(uint64_t);

    PUT_COLUMN(m->kind), PUT_COLUMN(m->x), PUT_COLUMN(m->y), PUT_COLUMN(m->z);
    PUT_COLUMN(m->yaw), PUT_COLUMN(m->flags), PUT_COLUMN(m->speed), PUT_COLUMN(m->epoch);
    PUT_COLUMN(m->input), PUT_COLUMN(m->birth), PUT_COLUMN(m->moved), PUT_COLUMN(m->state);
    PUT_COLUMN(m->own), PUT_COLUMN(m->guid);
    put(sink, field->touched, words), put(sink, field->followed, words);
}

static void put_motion(const bm_field *field, bm_sink *sink)
{
    const bm_movers *m = &field->movers;

    PUT(field->steer_count), PUT(field->leg_count);
    for (uint32_t slot = 0; slot < m->count; slot++)
        if (m->steer[slot] >= 0) PUT(field->steers[m->steer[slot]]);
    for (uint32_t slot = 0; slot < m->count; slot++)
        if (m->leg[slot] >= 0) PUT(field->legs[m->leg[slot]]);
}

static void put_values(const bm_field *field, bm_sink *sink)
{
    const uint32_t end = BM_NOBODY;

    for (uint32_t slot = 0; slot < field->movers.count; slot++)
        for (const bm_value *value = field->movers.values[slot]; value; value = value->next) {
            PUT(slot), PUT(value->number), PUT(value->version), PUT(value->since), PUT(value->size);
            put(sink, value->bytes, value->size);
        }
    PUT(end);
}

static void put_eye(const bm_field *field, bm_sink *sink, uint32_t eye)
{
    const bm_eye *row = bm_field_eye(field, eye);

    PUT(row->occupied), PUT(row->held);
    for (uint32_t slot = 0; slot < BM_FIELD_SLOTS; slot++) {
        uint64_t bit = UINT64_C(1) << (slot % 64);
        if (row->occupied[slot / 64] & bit)
            PUT(row->mover[slot]), PUT(row->birth[slot]), PUT(row->pace[slot]);
        else if (row->held[slot / 64] & bit) PUT(row->freed[slot]);
    }
}

static void put_field(const bm_field *field, bm_sink *sink)
{
    const uint32_t magic = BM_STATE_MAGIC;

    PUT(magic), PUT(field->rules), PUT(field->tick), PUT(field->steps), PUT(field->now_ms), PUT(field->level);
    PUT(field->movers.count), PUT(field->eye_count);
    put_columns(field, sink);
    put_motion(field, sink);
    put(sink, field->lookers, field->eye_count * sizeof *field->lookers);
}

int64_t bm_field_save(const bm_field *field, uint8_t *out, size_t size)
{
    bm_sink sink = {.out = out, .room = size};

    put_field(field, &sink);
    put_values(field, &sink);
    for (uint32_t eye = 0; eye < field->eye_count; eye++)
        if (field->lookers[eye].owner != BM_NOBODY) put_eye(field, &sink, eye);
    return (int64_t)sink.size;
}

/* Values and eyes go in by their sums, kept as they change: whole they would be twenty megabytes. */
int bm_field_digest(const bm_field *field, uint8_t *out)
{
    bm_sink sink = {.hash = EVP_MD_CTX_new()};
    int fine;

    if (!sink.hash) return BM_NO_MEMORY;
    fine = EVP_DigestInit_ex(sink.hash, EVP_sha256(), NULL);
    if (fine) {
        put_field(field, &sink);
        put(&sink, field->movers.told, field->movers.count * sizeof *field->movers.told);
        fine = EVP_DigestFinal_ex(sink.hash, out, NULL);
    }
    EVP_MD_CTX_free(sink.hash);
    return fine ? 0 : BM_NO_MEMORY;
}

/* One mover as it is now; the sum of several is that of the set, in whatever order. */
static uint64_t word_of(const bm_movers *m, uint32_t slot)
{
    uint64_t word = bm_field_mix((uint32_t)m->x[slot] | (uint64_t)(uint32_t)m->y[slot] << 32);

    word = bm_field_mix(word ^ ((uint32_t)m->z[slot] | (uint64_t)m->yaw[slot] << 32 |
                                (uint64_t)m->flags[slot] << 48));
    return bm_field_mix(word ^ (slot | (uint64_t)m->input[slot] << 32 | (uint64_t)m->epoch[slot] << 48 |
                                (uint64_t)m->speed[slot] << 56));
}

uint64_t bm_field_trace(const bm_field *field)
{
    const bm_movers *m = &field->movers;
    uint64_t sum = bm_field_mix(field->tick | (uint64_t)field->steps << 32);

    sum += bm_field_mix(m->count | (uint64_t)field->eye_count << 32);
    sum += bm_field_mix(field->steer_count | (uint64_t)field->leg_count << 32);
    for (uint32_t at = 0; at < field->moved.count; at++) sum += word_of(m, field->moved.items[at]);
    for (uint32_t slot = 0; slot < m->count; slot++) sum += m->told[slot] * (2 * (uint64_t)slot + 1);
    for (uint32_t eye = 0; eye < field->eye_count; eye++)
        if (field->lookers[eye].owner != BM_NOBODY)
            sum += bm_field_mix(field->lookers[eye].table ^ eye) ^ field->lookers[eye].classes;
    return bm_field_mix(sum);
}
