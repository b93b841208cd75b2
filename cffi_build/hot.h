/* Written by emit_c.py from the records marked `hot` of opcodes/: change those, not this. */

#ifndef BM_HOT_H
#define BM_HOT_H

#include <string.h>

#include "native.h"
#include "api/hot.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error these copies are for little-endian machines
#endif

/* `from` and `to` have as many bytes as the record has. */

static inline void bm_newest_input_get(const uint8_t *from, bm_newest_input *it)
{
    memcpy(&it->flags, from + 0, 2);
    memcpy(&it->yaw, from + 2, 2);
    memcpy(&it->x, from + 4, 4);
    memcpy(&it->y, from + 8, 4);
    memcpy(&it->z, from + 12, 4);
}

static inline void bm_newest_input_put(uint8_t *to, const bm_newest_input *it)
{
    memcpy(to + 0, &it->flags, 2);
    memcpy(to + 2, &it->yaw, 2);
    memcpy(to + 4, &it->x, 4);
    memcpy(to + 8, &it->y, 4);
    memcpy(to + 12, &it->z, 4);
}

static inline void bm_older_input_get(const uint8_t *from, bm_older_input *it)
{
    memcpy(&it->flags, from + 0, 2);
    memcpy(&it->yaw, from + 2, 2);
    memcpy(&it->dx, from + 4, 2);
    memcpy(&it->dy, from + 6, 2);
    memcpy(&it->dz, from + 8, 2);
}

static inline void bm_older_input_put(uint8_t *to, const bm_older_input *it)
{
    memcpy(to + 0, &it->flags, 2);
    memcpy(to + 2, &it->yaw, 2);
    memcpy(to + 4, &it->dx, 2);
    memcpy(to + 6, &it->dy, 2);
    memcpy(to + 8, &it->dz, 2);
}

static inline void bm_move_get(const uint8_t *from, bm_move *it)
{
    memcpy(&it->cid, from + 0, 4);
    memcpy(&it->tick, from + 4, 2);
    memcpy(&it->flags, from + 6, 2);
    memcpy(&it->yaw, from + 8, 2);
    memcpy(&it->epoch, from + 10, 1);
    memcpy(&it->reserved, from + 11, 1);
    memcpy(&it->x, from + 12, 4);
    memcpy(&it->y, from + 16, 4);
    memcpy(&it->z, from + 20, 4);
}

static inline void bm_move_put(uint8_t *to, const bm_move *it)
{
    memcpy(to + 0, &it->cid, 4);
    memcpy(to + 4, &it->tick, 2);
    memcpy(to + 6, &it->flags, 2);
    memcpy(to + 8, &it->yaw, 2);
    memcpy(to + 10, &it->epoch, 1);
    memcpy(to + 11, &it->reserved, 1);
    memcpy(to + 12, &it->x, 4);
    memcpy(to + 16, &it->y, 4);
    memcpy(to + 20, &it->z, 4);
}

static inline void bm_enter_head_get(const uint8_t *from, bm_enter_head *it)
{
    memcpy(&it->guid, from + 0, 8);
    memcpy(&it->kind, from + 8, 1);
    memcpy(&it->x, from + 9, 4);
    memcpy(&it->y, from + 13, 4);
    memcpy(&it->z, from + 17, 4);
    memcpy(&it->yaw, from + 21, 1);
    memcpy(&it->speed, from + 22, 1);
    memcpy(&it->flags, from + 23, 1);
    memcpy(&it->tick, from + 24, 2);
}

static inline void bm_enter_head_put(uint8_t *to, const bm_enter_head *it)
{
    memcpy(to + 0, &it->guid, 8);
    memcpy(to + 8, &it->kind, 1);
    memcpy(to + 9, &it->x, 4);
    memcpy(to + 13, &it->y, 4);
    memcpy(to + 17, &it->z, 4);
    memcpy(to + 21, &it->yaw, 1);
    memcpy(to + 22, &it->speed, 1);
    memcpy(to + 23, &it->flags, 1);
    memcpy(to + 24, &it->tick, 2);
}

static inline void bm_oneself_get(const uint8_t *from, bm_oneself *it)
{
    memcpy(&it->epoch, from + 0, 1);
    memcpy(&it->input, from + 1, 2);
    memcpy(&it->x, from + 3, 4);
    memcpy(&it->y, from + 7, 4);
    memcpy(&it->z, from + 11, 4);
    memcpy(&it->yaw, from + 15, 2);
    memcpy(&it->flags, from + 17, 2);
    memcpy(&it->run, from + 19, 2);
    memcpy(&it->walk, from + 21, 2);
    memcpy(&it->swim, from + 23, 2);
    memcpy(&it->fly, from + 25, 2);
}

static inline void bm_oneself_put(uint8_t *to, const bm_oneself *it)
{
    memcpy(to + 0, &it->epoch, 1);
    memcpy(to + 1, &it->input, 2);
    memcpy(to + 3, &it->x, 4);
    memcpy(to + 7, &it->y, 4);
    memcpy(to + 11, &it->z, 4);
    memcpy(to + 15, &it->yaw, 2);
    memcpy(to + 17, &it->flags, 2);
    memcpy(to + 19, &it->run, 2);
    memcpy(to + 21, &it->walk, 2);
    memcpy(to + 23, &it->swim, 2);
    memcpy(to + 25, &it->fly, 2);
}

static inline void bm_life_get(const uint8_t *from, bm_life *it)
{
    memcpy(&it->health, from + 0, 4);
    memcpy(&it->health_max, from + 4, 4);
    memcpy(&it->power, from + 8, 4);
    memcpy(&it->power_max, from + 12, 4);
}

static inline void bm_life_put(uint8_t *to, const bm_life *it)
{
    memcpy(to + 0, &it->health, 4);
    memcpy(to + 4, &it->health_max, 4);
    memcpy(to + 8, &it->power, 4);
    memcpy(to + 12, &it->power_max, 4);
}

static inline void bm_look_head_get(const uint8_t *from, bm_look_head *it)
{
    memcpy(&it->level, from + 0, 1);
    memcpy(&it->race, from + 1, 1);
    memcpy(&it->class_, from + 2, 1);
    memcpy(&it->gender, from + 3, 1);
    memcpy(&it->display, from + 4, 4);
}

static inline void bm_look_head_put(uint8_t *to, const bm_look_head *it)
{
    memcpy(to + 0, &it->level, 1);
    memcpy(to + 1, &it->race, 1);
    memcpy(to + 2, &it->class_, 1);
    memcpy(to + 3, &it->gender, 1);
    memcpy(to + 4, &it->display, 4);
}

#endif
