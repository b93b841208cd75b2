/* What everyone who sees a mover is told of it: components, the latest value of each. */

#include <string.h>

#include "field.h"

#define LOOK 1
#define COMPONENT_LIMIT 15

static uint64_t digest_of(const bm_value *value)
{
    uint64_t sum = (uint64_t)value->version << 8 | value->number;

    for (uint16_t i = 0; i < value->size; i++) sum = (sum ^ value->bytes[i]) * UINT64_C(0x100000001b3);
    return bm_field_mix(sum);
}

void bm_values_forget(bm_field *field, uint32_t slot)
{
    for (bm_value *value = field->movers.values[slot], *next; value; value = next) {
        next = value->next;
        bm_pieces_give(field->pieces, value, sizeof *value + value->size);
    }
    field->movers.values[slot] = NULL;
    field->movers.told[slot] = 0;
}

static int set(bm_field *field, uint32_t slot, uint8_t number, const uint8_t *bytes, size_t size)
{
    bm_movers *m = &field->movers;
    bm_value **at = &m->values[slot], *had, *value;

    if (size > BM_FIELD_VALUE_BYTES) return BM_OUT_OF_RANGE;
    while (*at && (*at)->number < number) at = &(*at)->next;
    had = *at && (*at)->number == number ? *at : NULL;
    if (had && had->size == size && memcmp(had->bytes, bytes, size) == 0) return 0;
    if (!(value = bm_pieces_take(field->pieces, sizeof *value + size))) return BM_NO_MEMORY;
    *value = (bm_value){.next = had ? had->next : *at, .version = had ? had->version + 1 : 1,
                        .since = ++m->state[slot], .size = (uint16_t)size, .number = number};
    memcpy(value->bytes, bytes, size);
    *at = value;
    m->told[slot] += digest_of(value);
    if (!had) return 0;
    m->told[slot] -= digest_of(had);
    bm_pieces_give(field->pieces, had, sizeof *had + had->size);
    return 0;
}

/* Puts back what was saved. */
int bm_values_restore(bm_field *field, uint32_t slot, uint8_t number, uint32_t version, uint32_t since,
                      const uint8_t *bytes, size_t size)
{
    uint32_t state = field->movers.state[slot];
    bm_value *value = field->movers.values[slot];
    int code;

    while (value && value->number != number) value = value->next;
    if (value || number < LOOK || number > COMPONENT_LIMIT) return BM_OUT_OF_RANGE;
    if ((code = set(field, slot, number, bytes, size)) < 0) return code;
    for (value = field->movers.values[slot]; value->number != number; value = value->next) {}
    field->movers.told[slot] -= digest_of(value);
    value->version = version;
    value->since = since;
    field->movers.told[slot] += digest_of(value);
    field->movers.state[slot] = state;
    return 0;
}

int bm_field_component(bm_field *field, uint32_t slot, uint8_t number, const uint8_t *value, size_t size)
{
    if (!bm_field_has(field, slot)) return BM_NO_SUCH;
    if (number < 2 || number > COMPONENT_LIMIT) return BM_OUT_OF_RANGE;
    return set(field, slot, number, value, size);
}

int bm_field_look(bm_field *field, uint32_t slot, uint64_t guid, const uint8_t *look, size_t size)
{
    int code;

    if (!bm_field_has(field, slot)) return BM_NO_SUCH;
    code = set(field, slot, LOOK, look, size);
    if (code < 0 || field->movers.guid[slot] == guid) return code;
    field->movers.guid[slot] = guid;
    field->movers.values[slot]->since = ++field->movers.state[slot];    /* the look is the first of them */
    return 0;
}
