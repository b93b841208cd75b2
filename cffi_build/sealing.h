/* One direction's keys and numbers, without a pointer in them.  docs/bmu1.md sections 1 to 3. */

#ifndef BM_SEALING_H
#define BM_SEALING_H

#include "native.h"
#include "api/sealing.h"

/* In these three what each datagram needs stands first, the keys of AES in as few cache lines as may be. */
typedef struct {
    uint8_t iv[12];
    uint8_t key[32];            /* 16 of them for AES-128-GCM */
} bm_generation;

enum { BM_KEYS_NOW, BM_KEYS_BEFORE, BM_KEYS_NEXT };     /* the peer's, by what it has gone on to */

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
    uint32_t generation;        /* of keys[BM_KEYS_NOW] */
    uint8_t aead, way;
    uint8_t spare[2];
    uint8_t hp[32];
    bm_generation keys[3];
    uint8_t secret[32];         /* of keys[BM_KEYS_NEXT] */
};

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
