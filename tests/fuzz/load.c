/* A field's bytes as they were put away, damaged ones, and any others: what is taken for a field is one, and
   goes on. */

#include "fields.h"

/* Those of a field that something has happened to, a few of them changed. */
static uint8_t *damaged(fuzz_script *script, uint32_t *size)
{
    bm_field *field = fuzz_field_played(script, fuzz_u8(script));
    uint32_t whole = (uint32_t)bm_field_save(field, NULL, 0);
    uint8_t *bytes = malloc(whole);

    CHECK(bytes && bm_field_save(field, bytes, whole) == whole);
    bm_field_free(field);
    for (int left = fuzz_u8(script) % 8; left; left--) {
        uint32_t at = fuzz_u16(script) % whole, value = fuzz_u32(script);
        memcpy(bytes + at, &value, whole - at < 4 ? whole - at : fuzz_u8(script) & 1 ? 4 : 1);
    }
    *size = fuzz_u8(script) & 1 ? fuzz_u16(script) % whole : whole;
    CHECK((bytes = realloc(bytes, *size ? *size : 1)));
    return bytes;
}

static void go_on(bm_field *field, bm_field *copy)
{
    int64_t now_ms = field->now_ms + 50;
    const uint32_t *slots;

    if (bm_field_step(field, field->tick + 1, now_ms, 1) == 0) {
        CHECK(bm_field_step(copy, copy->tick + 1, now_ms, 1) == 0);
        fuzz_field_check_sight(field);
    }
    fuzz_field_check(field);
    for (int i = bm_field_moved(field, &slots); i > 0; i--) CHECK(bm_field_has(field, slots[i - 1]));
}

void fuzz_load(const uint8_t *data, size_t all)
{
    fuzz_script script = {data, all};
    uint32_t size = (uint32_t)all;
    uint8_t *bytes = fuzz_u8(&script) & 1 ? damaged(&script, &size) : fuzz_bytes(&script, &size);
    bm_field *field = bm_field_load(bytes, size), *copy;

    free(bytes);
    if (!field) return;
    fuzz_field_check(field);
    copy = fuzz_field_copy(field);
    for (int step = 0; step < 5; step++) go_on(field, copy);
    bm_field_free(copy);
    copy = fuzz_field_copy(field);
    bm_field_free(copy);
    bm_field_free(field);
}
