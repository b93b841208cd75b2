/* Where keys come from, and what comes after them.  docs/bmu1.md sections 1 and 3. */

#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "sealing_aesni.h"

#define LABEL_LIMIT 16u

static uint32_t key_size(uint32_t aead)
{
    return aead == BM_AES_128_GCM ? 16 : 32;
}

int bm_expand(const uint8_t *prk, const char *label, uint8_t *out, uint32_t size)
{
    uint8_t info[LABEL_LIMIT + 1], digest[32];
    size_t length = strlen(label);

    if (length > LABEL_LIMIT || size > sizeof digest) return BM_OUT_OF_RANGE;
    memcpy(info, label, length);
    info[length] = 1;                   /* the first block's number: 32 bytes never need a second */
    if (!HMAC(EVP_sha256(), prk, 32, info, length + 1, digest, NULL)) return BM_BROKEN;
    memcpy(out, digest, size);
    return 0;
}

static int derive(bm_generation *out, const uint8_t *secret, uint32_t aead)
{
    memset(out, 0, sizeof *out);
    if (bm_expand(secret, "key", out->key, key_size(aead)) < 0) return BM_BROKEN;
    if (aead == BM_AES_128_GCM && bm_aesni_there()) bm_aesni_block(out->key, out->key + 16, out->key + 16);
    return bm_expand(secret, "iv", out->iv, sizeof out->iv);
}

/* What both directions begin with: the first secret and the header protection's key. */
static int begin(const uint8_t *prk, uint32_t aead, uint32_t way, uint8_t *secret, uint8_t *hp)
{
    if (aead > BM_CHACHA20_POLY1305 || way > BM_S2C) return BM_OUT_OF_RANGE;
    if (bm_expand(prk, way == BM_C2S ? "c2s secret" : "s2c secret", secret, 32) < 0) return BM_BROKEN;
    return bm_expand(secret, "hp", hp, key_size(aead));
}

int bm_sealer_start(bm_sealer *sealer, const uint8_t *prk, uint32_t aead, uint32_t way, uint32_t cid)
{
    int code;

    memset(sealer, 0, sizeof *sealer);
    if ((code = begin(prk, aead, way, sealer->secret, sealer->hp)) < 0) return code;
    sealer->cid = cid;
    sealer->aead = (uint8_t)aead;
    sealer->way = (uint8_t)way;
    return derive(&sealer->now, sealer->secret, aead);
}

int bm_opener_start(bm_opener *opener, const uint8_t *prk, uint32_t aead, uint32_t way, uint32_t cid)
{
    uint8_t first[32];
    int code;

    memset(opener, 0, sizeof *opener);
    if ((code = begin(prk, aead, way, first, opener->hp)) < 0) return code;
    opener->cid = cid;
    opener->aead = (uint8_t)aead;
    opener->way = (uint8_t)way;
    if (derive(&opener->now, first, aead) < 0) return BM_BROKEN;
    if (bm_expand(first, "next", opener->secret, 32) < 0) return BM_BROKEN;
    return derive(&opener->after, opener->secret, aead);
}

int bm_sealer_update(bm_sealer *sealer)
{
    bm_generation next;
    uint8_t secret[32];

    if (bm_expand(sealer->secret, "next", secret, 32) < 0) return BM_BROKEN;
    if (derive(&next, secret, sealer->aead) < 0) return BM_BROKEN;
    memcpy(sealer->secret, secret, sizeof secret);
    sealer->now = next;
    sealer->first = sealer->next;
    sealer->generation++;
    return 0;
}

int bm_opener_advance(bm_opener *opener)
{
    bm_generation next;
    uint8_t secret[32];

    if (bm_expand(opener->secret, "next", secret, 32) < 0) return BM_BROKEN;
    if (derive(&next, secret, opener->aead) < 0) return BM_BROKEN;
    memcpy(opener->secret, secret, sizeof secret);
    opener->before = opener->now;
    opener->now = opener->after;
    opener->after = next;
    opener->generation++;
    return 0;
}
