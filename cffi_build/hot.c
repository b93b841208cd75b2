/* Written by emit_c.py from the records marked `hot` of opcodes/: change those, not this. */

#include "hot.h"

int bm_newest_input_read(const uint8_t *from, uint32_t size, bm_newest_input *it)
{
    if (size < BM_NEWEST_INPUT_BYTES) return BM_OUT_OF_RANGE;
    bm_newest_input_get(from, it);
    return BM_NEWEST_INPUT_BYTES;
}

int bm_newest_input_write(const bm_newest_input *it, uint8_t *to, uint32_t size)
{
    if (size < BM_NEWEST_INPUT_BYTES) return BM_OUT_OF_RANGE;
    bm_newest_input_put(to, it);
    return BM_NEWEST_INPUT_BYTES;
}

int bm_older_input_read(const uint8_t *from, uint32_t size, bm_older_input *it)
{
    if (size < BM_OLDER_INPUT_BYTES) return BM_OUT_OF_RANGE;
    bm_older_input_get(from, it);
    return BM_OLDER_INPUT_BYTES;
}

int bm_older_input_write(const bm_older_input *it, uint8_t *to, uint32_t size)
{
    if (size < BM_OLDER_INPUT_BYTES) return BM_OUT_OF_RANGE;
    bm_older_input_put(to, it);
    return BM_OLDER_INPUT_BYTES;
}

int bm_move_read(const uint8_t *from, uint32_t size, bm_move *it)
{
    if (size < BM_MOVE_BYTES) return BM_OUT_OF_RANGE;
    bm_move_get(from, it);
    return BM_MOVE_BYTES;
}

int bm_move_write(const bm_move *it, uint8_t *to, uint32_t size)
{
    if (size < BM_MOVE_BYTES) return BM_OUT_OF_RANGE;
    bm_move_put(to, it);
    return BM_MOVE_BYTES;
}

int bm_enter_head_read(const uint8_t *from, uint32_t size, bm_enter_head *it)
{
    if (size < BM_ENTER_HEAD_BYTES) return BM_OUT_OF_RANGE;
    bm_enter_head_get(from, it);
    return BM_ENTER_HEAD_BYTES;
}

int bm_enter_head_write(const bm_enter_head *it, uint8_t *to, uint32_t size)
{
    if (size < BM_ENTER_HEAD_BYTES) return BM_OUT_OF_RANGE;
    bm_enter_head_put(to, it);
    return BM_ENTER_HEAD_BYTES;
}

int bm_oneself_read(const uint8_t *from, uint32_t size, bm_oneself *it)
{
    if (size < BM_ONESELF_BYTES) return BM_OUT_OF_RANGE;
    bm_oneself_get(from, it);
    return BM_ONESELF_BYTES;
}

int bm_oneself_write(const bm_oneself *it, uint8_t *to, uint32_t size)
{
    if (size < BM_ONESELF_BYTES) return BM_OUT_OF_RANGE;
    bm_oneself_put(to, it);
    return BM_ONESELF_BYTES;
}

int bm_life_read(const uint8_t *from, uint32_t size, bm_life *it)
{
    if (size < BM_LIFE_BYTES) return BM_OUT_OF_RANGE;
    bm_life_get(from, it);
    return BM_LIFE_BYTES;
}

int bm_life_write(const bm_life *it, uint8_t *to, uint32_t size)
{
    if (size < BM_LIFE_BYTES) return BM_OUT_OF_RANGE;
    bm_life_put(to, it);
    return BM_LIFE_BYTES;
}

int bm_look_head_read(const uint8_t *from, uint32_t size, bm_look_head *it)
{
    if (size < BM_LOOK_HEAD_BYTES) return BM_OUT_OF_RANGE;
    bm_look_head_get(from, it);
    return BM_LOOK_HEAD_BYTES;
}

int bm_look_head_write(const bm_look_head *it, uint8_t *to, uint32_t size)
{
    if (size < BM_LOOK_HEAD_BYTES) return BM_OUT_OF_RANGE;
    bm_look_head_put(to, it);
    return BM_LOOK_HEAD_BYTES;
}
