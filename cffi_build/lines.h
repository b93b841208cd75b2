/* The lines' insides. */

#ifndef BM_LINES_H
#define BM_LINES_H

#include "native.h"
#include "api/lines.h"

#define BM_LINE_BITS 20
#define BM_LINE_INDEX ((1u << BM_LINE_BITS) - 1)
#define BM_LINE_KEY_BYTES 40
#define BM_LINE_KEPT_BYTES 8192     /* a larger buffer is given back once it is empty */
#define BM_LINE_BYTES_LIMIT (1u << 30)
#define BM_BODY_LIMIT (0x7FFF - 2)  /* a larger size would need a fifth header byte */

typedef struct {
    uint8_t state[256];
    uint8_t i, j;
} bm_arc4;

typedef struct {
    uint8_t key[BM_LINE_KEY_BYTES];
    uint8_t size, at, last;
} bm_chain;

typedef struct {
    uint8_t *data;
    uint32_t count, capacity;
    uint16_t generation;        /* odd while it is open */
    uint8_t kind, touched;
    union {
        bm_arc4 arc4;
        bm_chain chain;
    } cipher;
} bm_line;

struct bm_lines {
    bm_line **lines;            /* each in its own place: most are small and idle, and none moves */
    uint32_t count, capacity, open_count;
    int unwanted;
    uint32_t *spare, spare_count;
    uint32_t *touched, *told, touched_count;
};

#endif
