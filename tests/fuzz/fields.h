/* What is so of every field, whatever was done to it. */

#ifndef FUZZ_FIELDS_H
#define FUZZ_FIELDS_H

#include "fuzz.h"
#include "field.h"
#include "hot.h"

/* What something points to points back, sums are those of what they sum up, all stand on the map. */
void fuzz_field_check(const bm_field *field);

/* After a step: those whose turn it was see whom they should. */
void fuzz_field_check_sight(const bm_field *field);

/* Saved and loaded it is the same; answers the copy. */
bm_field *fuzz_field_copy(const bm_field *field);

/* One with nothing on it; one to which so many things were done. */
bm_field *fuzz_field_new(fuzz_script *script);
bm_field *fuzz_field_played(fuzz_script *script, uint32_t acts);

/* Does one of FUZZ_FIELD_ACTS things at about that time; answers what was answered. */
#define FUZZ_FIELD_ACTS 23
int fuzz_field_act(bm_field *field, int64_t now_ms, uint8_t what, fuzz_script *script);

#endif
