/* field_moves.c: how far the steered may have got; for field_steering.c. */

#ifndef BM_FIELD_REACH_H
#define BM_FIELD_REACH_H

#include "field.h"

/* It stands somewhere new: what it may spend there at once. */
void bm_reach_refill(const bm_field_rules *rules, bm_steer *steer, int64_t now_ms);

#endif
