/* A client of docs/bmu1.md that knows only what it must: to attach, to answer a challenge, to say things. */

#ifndef PUPPET_H
#define PUPPET_H

#include <string.h>

#include "native.h"
#include "sealing.h"

typedef struct {
    bm_sealer sealer;
    bm_opener opener;
    uint8_t token[8];
    int challenged, attached;
    uint32_t heard;             /* datagrams that opened */
    int broken;                 /* one that did not */
} puppet;

/* A root of keys for a connection id, of no two the same. */
static inline void puppet_root(uint32_t cid, uint8_t *prk)
{
    for (uint32_t i = 0; i < 32; i++) prk[i] = (uint8_t)((cid * 2654435761u + 77u * i) >> i % 4 * 8);
    memcpy(prk, &cid, sizeof cid);
}

static inline int puppet_start(puppet *it, uint32_t cid, uint32_t aead)
{
    uint8_t prk[32];

    memset(it, 0, sizeof *it);
    puppet_root(cid, prk);
    return bm_sealer_start(&it->sealer, prk, aead, BM_C2S, cid) < 0
        || bm_opener_start(&it->opener, prk, aead, BM_S2C, cid) < 0;
}

/* Prefix and sections, sealed; `tick` below 0: none.  Acknowledges the highest number and 32 before it. */
static inline uint32_t puppet_say(bm_crypto *crypto, puppet *it, const uint8_t *sections, uint32_t size,
                                  int tick, uint8_t *out)
{
    uint8_t plain[BM_DATAGRAM_BYTES], *at = plain;
    uint64_t next = bm_opener_next(&it->opener);

    *at++ = (uint8_t)((next ? 0 : 8) | (tick >= 0 ? 4 : 0));
    if (next) {
        *at++ = (uint8_t)(next - 1);
        *at++ = (uint8_t)((next - 1) >> 8);
    }
    if (tick >= 0) {
        *at++ = (uint8_t)tick;
        *at++ = (uint8_t)(tick >> 8);
    }
    memcpy(at, sections, size);
    size += (uint32_t)(at - plain);
    return (uint32_t)bm_seal(crypto, &it->sealer, plain, size, out, BM_DATAGRAM_BYTES);
}

static inline uint32_t puppet_attach(bm_crypto *crypto, puppet *it, uint8_t *out)
{
    uint8_t sections[1200 - BM_C2S_HEAD_BYTES - BM_TAG_BYTES - 1] = {8, 1, 0, 1200 & 0xff, 1200 >> 8};

    return puppet_say(crypto, it, sections, sizeof sections - (bm_opener_next(&it->opener) ? 2 : 0), -1, out);
}

/* An input at the origin, as the only section. */
static inline uint32_t puppet_move(bm_crypto *crypto, puppet *it, int tick, uint8_t *out)
{
    uint8_t input[1 + 2 + 16] = {4, 1, 0, 1};

    return puppet_say(crypto, it, input, sizeof input, tick, out);
}

/* The answer to a challenge. */
static inline uint32_t puppet_answer(bm_crypto *crypto, puppet *it, uint8_t *out)
{
    uint8_t response[2 + 8] = {5, 1};

    memcpy(response + 2, it->token, sizeof it->token);
    it->challenged = 0;
    return puppet_say(crypto, it, response, sizeof response, -1, out);
}

/* Something has come.  A challenge is the first section of a datagram that has one. */
static inline void puppet_hear(bm_crypto *crypto, puppet *it, uint8_t *datagram, uint32_t size)
{
    int got = bm_open(crypto, &it->opener, datagram, size);
    const uint8_t *plain = datagram + BM_S2C_HEAD_BYTES;
    int at;

    if (got < 0) {
        it->broken = 1;
        return;
    }
    it->heard++;
    at = 1 + (plain[0] & 8 ? 0 : 2) + (plain[0] & 1 ? 4 : 0);
    at += (plain[0] & 2 ? 1 : 0) + (plain[0] & 4 ? 2 : 0);
    if (at + 10 <= got && plain[at] == 5 && plain[at + 1] == 0) {
        memcpy(it->token, plain + at + 2, sizeof it->token);
        it->challenged = 1;
    } else {
        it->attached = 1;
    }
}

#endif
