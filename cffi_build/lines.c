/* What waits to be written to clients of the framed TCP stream.

   One packet mostly goes to many: here it is copied to each line behind a header
   that the line's own cipher has been over, without a Python object for any of it. */

#include <stdlib.h>
#include <string.h>

#include "lines.h"

#define ARC4_DROP_BYTES 1024
#define FIRST_BYTES 256
#define HEADER_BYTES 4
#define GENERATIONS (1u << (31 - BM_LINE_BITS))     /* so that a number is never negative */

bm_lines *bm_lines_new(void)
{
    return calloc(1, sizeof(bm_lines));
}

void bm_lines_free(bm_lines *them)
{
    if (!them) return;
    them->unwanted = 1;
    if (them->open_count) return;
    for (uint32_t i = 0; i < them->count; i++) {
        free(them->lines[i]->data);
        free(them->lines[i]);
    }
    free(them->lines);
    free(them->spare);
    free(them->touched);
    free(them->told);
    free(them);
}

static bm_line *held(const bm_lines *them, uint32_t number)
{
    uint32_t index = number & BM_LINE_INDEX;
    bm_line *line = index < them->count ? them->lines[index] : NULL;

    return line && line->generation & 1 && line->generation == number >> BM_LINE_BITS ? line : NULL;
}

static int grow(bm_lines *them)
{
    uint32_t capacity = them->capacity ? them->capacity * 2 : 64;
    uint32_t **lists[] = {&them->spare, &them->touched, &them->told};
    bm_line **lines;

    if (capacity > BM_LINE_INDEX + 1) return BM_OUT_OF_RANGE;
    if (!(lines = realloc(them->lines, capacity * sizeof *lines))) return BM_NO_MEMORY;
    them->lines = lines;
    for (int i = 0; i < 3; i++) {
        uint32_t *list = realloc(*lists[i], capacity * sizeof *list);
        if (!list) return BM_NO_MEMORY;
        *lists[i] = list;
    }
    them->capacity = capacity;
    return 0;
}

int bm_lines_open(bm_lines *them)
{
    uint32_t index;
    int code;

    if (them->spare_count) {
        index = them->spare[--them->spare_count];
    } else {
        if (them->count == them->capacity && (code = grow(them)) < 0) return code;
        if (!(them->lines[them->count] = calloc(1, sizeof(bm_line)))) return BM_NO_MEMORY;
        index = them->count++;
    }
    them->lines[index]->generation++;
    them->open_count++;
    return (int)((uint32_t)them->lines[index]->generation << BM_LINE_BITS | index);
}

static void drop_data(bm_line *line)
{
    free(line->data);
    line->data = NULL;
    line->count = line->capacity = 0;
}

/* Its place may be another's before the next bm_lines_touched: that one must be told of anew. */
static void forget_touch(bm_lines *them, uint32_t number)
{
    uint32_t at = 0;

    while (them->touched[at] != number) at++;
    memmove(&them->touched[at], &them->touched[at + 1], (--them->touched_count - at) * sizeof *them->touched);
    them->lines[number & BM_LINE_INDEX]->touched = 0;
}

int bm_lines_close(bm_lines *them, uint32_t number)
{
    bm_line *line = held(them, number);

    if (!line) return BM_NO_SUCH;
    if (line->touched) forget_touch(them, number);
    drop_data(line);
    memset(&line->cipher, 0, sizeof line->cipher);
    line->kind = 0;
    line->generation = (uint16_t)((line->generation + 1) % GENERATIONS);
    them->spare[them->spare_count++] = number & BM_LINE_INDEX;
    if (!--them->open_count && them->unwanted) bm_lines_free(them);
    return 0;
}

static uint8_t arc4_next(bm_arc4 *it)
{
    uint8_t a = it->state[++it->i], b;

    it->j = (uint8_t)(it->j + a);
    b = it->state[it->j];
    it->state[it->i] = b;
    it->state[it->j] = a;
    return it->state[(uint8_t)(a + b)];
}

static void arc4_start(bm_arc4 *it, const uint8_t *key, uint32_t size)
{
    uint8_t j = 0;

    it->i = it->j = 0;
    for (int i = 0; i < 256; i++) it->state[i] = (uint8_t)i;
    for (uint32_t i = 0; i < 256; i++) {
        uint8_t a = it->state[i];
        j = (uint8_t)(j + a + key[i % size]);
        it->state[i] = it->state[j];
        it->state[j] = a;
    }
    for (int i = 0; i < ARC4_DROP_BYTES; i++) arc4_next(it);
}

int bm_lines_cipher(bm_lines *them, uint32_t number, int kind, const uint8_t *key, uint32_t size)
{
    bm_line *line = held(them, number);

    if (!line) return BM_NO_SUCH;
    if (!size || size > BM_LINE_KEY_BYTES || (kind != BM_CIPHER_ARC4 && kind != BM_CIPHER_CHAIN))
        return BM_OUT_OF_RANGE;
    line->kind = (uint8_t)kind;
    if (kind == BM_CIPHER_ARC4) {
        arc4_start(&line->cipher.arc4, key, size);
    } else {
        memset(&line->cipher.chain, 0, sizeof line->cipher.chain);
        memcpy(line->cipher.chain.key, key, size);
        line->cipher.chain.size = (uint8_t)size;
    }
    return 0;
}

static void encipher(bm_line *line, uint8_t *header)
{
    bm_chain *chain = &line->cipher.chain;

    for (int i = 0; i < HEADER_BYTES; i++) {
        if (line->kind == BM_CIPHER_ARC4) {
            header[i] ^= arc4_next(&line->cipher.arc4);
        } else if (line->kind == BM_CIPHER_CHAIN) {
            chain->last = (uint8_t)((header[i] ^ chain->key[chain->at]) + chain->last);
            chain->at = (uint8_t)((chain->at + 1) % chain->size);
            header[i] = chain->last;
        }
    }
}

static int reserve(bm_line *line, uint32_t size)
{
    uint32_t capacity = line->capacity ? line->capacity : FIRST_BYTES;
    uint8_t *data;

    if (line->capacity - line->count >= size) return 0;
    if (line->count + size > BM_LINE_BYTES_LIMIT) return BM_OUT_OF_RANGE;
    while (capacity < line->count + size) capacity *= 2;
    if (!(data = realloc(line->data, capacity))) return BM_NO_MEMORY;
    line->data = data;
    line->capacity = capacity;
    return 0;
}

int bm_lines_queue(bm_lines *them, const uint32_t *lines, uint32_t count, uint32_t opcode,
                   const uint8_t *body, uint32_t size)
{
    int taken = 0, code;

    if (size > BM_BODY_LIMIT || opcode > 0xFFFF) return BM_OUT_OF_RANGE;
    for (uint32_t i = 0; i < count; i++) {
        bm_line *line = held(them, lines[i]);
        uint8_t *at;
        if (!line) continue;
        if ((code = reserve(line, HEADER_BYTES + size)) < 0) return code;
        at = line->data + line->count;
        at[0] = (uint8_t)((size + 2) >> 8);     /* big-endian, then the opcode the other way round */
        at[1] = (uint8_t)(size + 2);
        at[2] = (uint8_t)opcode;
        at[3] = (uint8_t)(opcode >> 8);
        encipher(line, at);
        if (size) memcpy(at + HEADER_BYTES, body, size);
        line->count += HEADER_BYTES + size;
        if (!line->touched) {
            line->touched = 1;
            them->touched[them->touched_count++] = lines[i];
        }
        taken++;
    }
    return taken;
}

int bm_lines_peek(const bm_lines *them, uint32_t number, const uint8_t **data)
{
    const bm_line *line = held(them, number);

    if (!line) return BM_NO_SUCH;
    *data = line->data;
    return (int)line->count;
}

int bm_lines_taken(bm_lines *them, uint32_t number)
{
    bm_line *line = held(them, number);

    if (!line) return BM_NO_SUCH;
    line->count = 0;
    if (line->capacity > BM_LINE_KEPT_BYTES) drop_data(line);
    return 0;
}

int bm_lines_touched(bm_lines *them, const uint32_t **lines)
{
    uint32_t count = them->touched_count, *swapped = them->told;

    for (uint32_t i = 0; i < count; i++) them->lines[them->touched[i] & BM_LINE_INDEX]->touched = 0;
    them->told = them->touched;
    them->touched = swapped;
    them->touched_count = 0;
    *lines = them->told;
    return (int)count;
}
