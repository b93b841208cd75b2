/* A field's eyes: numbers, rows of slots, and how far they see. */

#define _DEFAULT_SOURCE         /* madvise */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "field.h"

static uint32_t block_of_rows(uint32_t eye) { return eye / BM_EYE_BLOCK; }

/* Makes room for an eye of this number; rows that there are stay where they are. */
int bm_eyes_reserve(bm_field *field, uint32_t eye)
{
    uint32_t had = field->eye_capacity, wanted = had + BM_EYE_BLOCK;
    bm_looker *lookers;
    bm_eye **eyes, *rows;

    if (eye >= BM_FIELD_EYES) return BM_OUT_OF_RANGE;
    if (eye < had) return 0;
    eyes = realloc(field->eyes, (size_t)(block_of_rows(had) + 1) * sizeof *eyes);
    if (!eyes) return BM_NO_MEMORY;
    field->eyes = eyes;
    lookers = realloc(field->lookers, (size_t)wanted * sizeof *lookers);
    if (!lookers) return BM_NO_MEMORY;
    field->lookers = lookers;
    rows = aligned_alloc(BM_EYE_BLOCK_BYTES, BM_EYE_BLOCK_BYTES);
    if (!rows) return BM_NO_MEMORY;
    if (had) madvise(rows, BM_EYE_BLOCK_BYTES, MADV_HUGEPAGE);     /* a field of a few should stay small */
    eyes[block_of_rows(had)] = rows;
    memset(lookers + had, 0, BM_EYE_BLOCK * sizeof *lookers);
    for (uint32_t i = had; i < wanted; i++) lookers[i].owner = BM_NOBODY;
    field->eye_capacity = wanted;
    return bm_eyes_reserve(field, eye);
}

int bm_field_watch(bm_field *field, uint32_t slot)
{
    uint32_t eye = 0;
    int code;

    if (!bm_field_has(field, slot)) return BM_NO_SUCH;
    if (field->movers.eye[slot] >= 0) return field->movers.eye[slot];
    while (eye < field->eye_count && field->lookers[eye].owner != BM_NOBODY) eye++;
    if ((code = bm_eyes_reserve(field, eye)) < 0) return code;
    if (eye == field->eye_count) field->eye_count++;
    memset(bm_field_eye(field, eye), 0, sizeof(bm_eye));
    field->lookers[eye] = (bm_looker){.owner = slot, .sight = field->rules.sight};
    bm_eyes_due(field, eye);
    field->movers.eye[slot] = (int32_t)eye;
    return (int)eye;
}

/* Lets an eye look in the next step. */
void bm_eyes_due(bm_field *field, uint32_t eye)
{
    if (!field->lookers[eye].due) field->waiting++;
    field->lookers[eye].due = 1;
}

int bm_field_unwatch(bm_field *field, uint32_t slot)
{
    bm_looker *looker;

    if (!bm_field_has(field, slot) || field->movers.eye[slot] < 0) return BM_NO_SUCH;
    looker = &field->lookers[field->movers.eye[slot]];
    field->waiting -= looker->due != 0;
    *looker = (bm_looker){.owner = BM_NOBODY};
    field->movers.eye[slot] = -1;
    return 0;
}

int bm_field_sight(bm_field *field, uint32_t slot, int32_t sight)
{
    if (!bm_field_has(field, slot) || field->movers.eye[slot] < 0) return BM_NO_SUCH;
    if (sight <= 0) return BM_OUT_OF_RANGE;
    if (sight > field->rules.sight) sight = field->rules.sight;
    field->lookers[field->movers.eye[slot]].sight = sight;
    return 0;
}

int bm_field_radius(bm_field *field, int level)
{
    if (level < 0 || level > 4) return BM_OUT_OF_RANGE;
    field->level = level;
    return 0;
}

int bm_field_seen(const bm_field *field, uint32_t eye, uint32_t *movers, uint8_t *paces)
{
    const bm_eye *row;

    if (eye >= field->eye_count || field->lookers[eye].owner == BM_NOBODY) return BM_NO_SUCH;
    row = bm_field_eye(field, eye);
    memcpy(movers, row->mover, sizeof row->mover);
    memcpy(paces, row->pace, sizeof row->pace);
    return field->lookers[eye].count;
}

static uint64_t mixed(uint32_t slot, uint32_t mover, uint16_t birth)
{
    return bm_field_mix((uint64_t)birth << 40 | (uint64_t)mover << 8 | slot);
}

/* Fills an empty slot; its pace is for the caller to set. */
void bm_eyes_fill(bm_field *field, uint32_t eye, uint32_t slot, uint32_t mover, uint16_t birth)
{
    bm_eye *row = bm_field_eye(field, eye);
    uint64_t bit = UINT64_C(1) << (slot % 64);

    row->mover[slot] = mover;
    row->birth[slot] = birth;
    row->occupied[slot / 64] |= bit;
    field->lookers[eye].table += mixed(slot, mover, birth);
    field->lookers[eye].count++;
}

/* Empties a slot, `birth` and all, and puts it into quarantine; its pace is for the caller to take. */
void bm_eyes_empty(bm_field *field, uint32_t eye, uint32_t slot, uint16_t birth)
{
    bm_eye *row = bm_field_eye(field, eye);
    uint64_t bit = UINT64_C(1) << (slot % 64);

    row->occupied[slot / 64] &= ~bit;
    row->held[slot / 64] |= bit;
    row->freed[slot] = (uint8_t)field->tick;
    field->lookers[eye].table -= mixed(slot, row->mover[slot], birth);
    field->lookers[eye].count--;
}

/* Sums up an eye's paces, a row of them, and quarantine. */
void bm_eyes_classes(bm_field *field, uint32_t eye, const uint8_t *pace)
{
    const uint64_t paces = UINT64_C(0x9e3779b97f4a7c15), quarantine = UINT64_C(0xbf58476d1ce4e5b9);
    const uint64_t *held = bm_field_eye(field, eye)->held;
    uint64_t a = 1, b = 2, c = 3, d = 4;    /* four sums side by side, each its own chain */

    for (int i = 0; i < BM_EYE_SLOTS; i += 4 * (int)sizeof a) {
        uint64_t words[4];
        memcpy(words, pace + i, sizeof words);
        a = (a ^ words[0]) * paces, b = (b ^ words[1]) * paces;
        c = (c ^ words[2]) * paces, d = (d ^ words[3]) * paces;
    }
    a = (a ^ held[0]) * quarantine, b = (b ^ held[1]) * quarantine;
    c = (c ^ held[2]) * quarantine, d = (d ^ held[3]) * quarantine;
    field->lookers[eye].classes = bm_field_mix(a ^ bm_field_mix(b ^ bm_field_mix(c ^ bm_field_mix(d))));
}
