/* One direction's keys and numbers, without a pointer in them.  docs/bmu1.md sections 1 to 3. */

#ifndef BM_SEALING_H
#define BM_SEALING_H

#include "native.h"
#include "api/sealing.h"

/* In these three what each datagram needs stands first, the keys of AES in as few cache lines as may be. */
typedef struct {
    uint8_t iv[12];
    uint8_t key[32];            /* of AES-128-GCM 16, then H: AES of zeros, if the processor does it */
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

/* 264 bytes. */
struct bm_opener {
    uint64_t next;              /* one more than the highest opened; 0: none was */
    uint64_t window[4];         /* bit i: number next - 2 - i was opened */
    uint64_t last;              /* the number opened last */
    uint32_t count;             /* opened so far */
    uint32_t cid;
    uint32_t generation;        /* of `now` */
    uint8_t aead, way;
    uint8_t spare[2];
    bm_generation now;
    uint8_t hp[32];
    bm_generation before, after;
    uint8_t secret[32];         /* of `after` */
};

/* 16 bytes as two numbers, the first bytes in the low bits of `low`.  Made in registers: bytes that are
   written one by one and then read as a whole keep the processor waiting. */
typedef struct {
    uint64_t low, high;
} bm_block;

/* As bm_aead_seal and bm_aead_open; `key` as in bm_generation, of `iv` the first 12 bytes count, behind those
   of `aad` are zeros. */
int bm_blocks_seal(bm_crypto *crypto, uint32_t aead, const uint8_t *key, bm_block iv, bm_block aad,
                   uint32_t aad_size, uint8_t *text, uint32_t size);
int bm_blocks_open(bm_crypto *crypto, uint32_t aead, const uint8_t *key, bm_block iv, bm_block aad,
                   uint32_t aad_size, uint8_t *text, uint32_t size);

/* The peer went on with its next keys: have the ones after those ready.  0 or BM_BROKEN. */
int bm_opener_advance(bm_opener *opener);

static inline uint16_t bm_u16_at(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t bm_u32_at(const uint8_t *at)
{
    return bm_u16_at(at) | (uint32_t)bm_u16_at(at + 2) << 16;
}

static inline void bm_put_u16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static inline void bm_put_u32(uint8_t *at, uint32_t value)
{
    bm_put_u16(at, value);
    bm_put_u16(at + 2, value >> 16);
}

/* From now on bm_seal and bm_open add the ns they take to `*spent_ns`; NULL, as at first: to nothing. */
void bm_crypto_time(bm_crypto *crypto, uint64_t *spent_ns);
uint64_t bm_crypto_begin(const bm_crypto *crypto);
void bm_crypto_end(const bm_crypto *crypto, uint64_t since_ns);

#endif
