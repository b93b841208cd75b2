/* One direction's keys and numbers, without a pointer in them.  docs/bmu1.md sections 1 to 3. */

#ifndef BM_SEALING_H
#define BM_SEALING_H

#include "native.h"
#include "sealing_face.h"

typedef struct {
    uint8_t key[32];            /* 16 of them for AES-128-GCM */
    uint8_t iv[12];
} bm_generation;

/* 136 bytes. */
struct bm_sealer {
    uint64_t next;              /* packet number */
    uint64_t first;             /* the first number of this generation */
    uint32_t cid;
    uint32_t generation;
    uint8_t aead, way;
    uint8_t spare[2];
    bm_generation now;
    uint8_t hp[32];
    uint8_t secret[32];         /* of this generation: the next one comes from it */
};

/* 256 bytes. */
struct bm_opener {
    uint64_t next;              /* one more than the highest opened; 0: none was */
    uint64_t window[4];         /* bit i: number next - 2 - i was opened */
    uint64_t last;              /* the number opened last */
    uint32_t cid;
    uint32_t generation;        /* of generations[1]; [0] is the one before, [2] the one after */
    uint8_t aead, way;
    uint8_t spare[2];
    bm_generation generations[3];
    uint8_t hp[32];
    uint8_t secret[32];         /* of generations[2] */
};

#endif
