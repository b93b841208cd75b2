/* What datagrams are sealed with: AEAD and the header protection's mask.  docs/bmu1.md section 2.

   A thread has one libcrypto context a cipher and way, and gives it the connection's key for each datagram:
   contexts of their own for ten thousand, 1.2 KB each, would not stay in the cache (measured: 0.6 against
   1.0 us).  AES-128-GCM needs none where the processor has instructions for it. */

#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "sealing_aesni.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NONCES 65536u

typedef struct {
    uint8_t used, aead;
    uint8_t key[32], iv[12];
} nonce;
#endif

struct bm_crypto {
    uint64_t *spent_ns;                             /* NULL: nobody wants to know */
    int aesni, wide;                                /* by the processor's own instructions; by wider ones */
    EVP_CIPHER_CTX *seal[2], *open[2], *mask[2];    /* by aead */
#ifdef NONCES
    nonce nonces[NONCES];
#endif
};

bm_crypto *bm_crypto_new(void)
{
    bm_crypto *crypto = calloc(1, sizeof *crypto);
    const EVP_CIPHER *ciphers[] = {EVP_aes_128_gcm(), EVP_chacha20_poly1305()};
    const EVP_CIPHER *masks[] = {EVP_aes_128_ecb(), EVP_chacha20()};

    if (!crypto) return NULL;
    crypto->aesni = bm_aesni_there();
    crypto->wide = bm_wide_there();
    for (int i = 0; i < 2; i++) {
        crypto->seal[i] = EVP_CIPHER_CTX_new();
        crypto->open[i] = EVP_CIPHER_CTX_new();
        crypto->mask[i] = EVP_CIPHER_CTX_new();
        if (!crypto->seal[i] || !crypto->open[i] || !crypto->mask[i]
            || !EVP_EncryptInit_ex(crypto->seal[i], ciphers[i], NULL, NULL, NULL)
            || !EVP_DecryptInit_ex(crypto->open[i], ciphers[i], NULL, NULL, NULL)
            || !EVP_EncryptInit_ex(crypto->mask[i], masks[i], NULL, NULL, NULL)
            || !EVP_CIPHER_CTX_set_padding(crypto->mask[i], 0)) {
            bm_crypto_free(crypto);
            return NULL;
        }
    }
    return crypto;
}

void bm_crypto_free(bm_crypto *crypto)
{
    if (!crypto) return;
    for (int i = 0; i < 2; i++) {
        EVP_CIPHER_CTX_free(crypto->seal[i]);
        EVP_CIPHER_CTX_free(crypto->open[i]);
        EVP_CIPHER_CTX_free(crypto->mask[i]);
    }
    free(crypto);
}

int bm_crypto_portable(bm_crypto *crypto)
{
    int before = crypto->aesni;

    crypto->aesni = crypto->wide = 0;
    return before;
}

int bm_crypto_narrow(bm_crypto *crypto)
{
    int before = crypto->wide;

    crypto->wide = 0;
    return before;
}

uint64_t bm_crypto_begin(const bm_crypto *crypto)
{
    struct timespec now;

    if (!crypto->spent_ns) return 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* A span that long was not ours: the thread was put aside. */
void bm_crypto_end(const bm_crypto *crypto, uint64_t since_ns)
{
    uint64_t took;

    if (!crypto->spent_ns) return;
    took = bm_crypto_begin(crypto) - since_ns;
    if (took < 100000) *crypto->spent_ns += took;
}

void bm_crypto_time(bm_crypto *crypto, uint64_t *spent_ns)
{
    crypto->spent_ns = spent_ns;
}

/* No key and nonce twice: looked at in builds for the sanitizers, among the last many. */
static void watch_nonce(bm_crypto *crypto, uint32_t aead, const uint8_t *key, const uint8_t *iv)
{
#ifdef NONCES
    nonce it = {.used = 1, .aead = (uint8_t)aead};
    uint32_t hash = 2166136261u;
    nonce *at;

    memcpy(it.key, key, aead == BM_AES_128_GCM ? 16 : 32);
    memcpy(it.iv, iv, sizeof it.iv);
    for (size_t i = 0; i < sizeof it; i++) hash = (hash ^ ((const uint8_t *)&it)[i]) * 16777619u;
    at = &crypto->nonces[(hash ^ hash >> 16) % NONCES];
    if (!memcmp(at, &it, sizeof it)) abort();
    *at = it;
#else
    (void)crypto, (void)aead, (void)key, (void)iv;
#endif
}

int bm_aead_mask(bm_crypto *crypto, uint32_t aead, const uint8_t *hp, const uint8_t *sample, uint8_t *mask)
{
    static const uint8_t zeros[16];
    EVP_CIPHER_CTX *context = crypto->mask[aead];
    const uint8_t *iv = NULL, *from = sample;
    int size;

    if (aead == BM_AES_128_GCM && crypto->aesni) {
        bm_aesni_block(hp, sample, mask);
        return 0;
    }
    if (aead == BM_CHACHA20_POLY1305) {     /* the sample is counter and nonce: what EVP calls the IV */
        iv = sample;
        from = zeros;
    }
    return EVP_EncryptInit_ex(context, NULL, NULL, hp, iv)
        && EVP_EncryptUpdate(context, mask, &size, from, sizeof zeros) ? 0 : BM_BROKEN;
}

int bm_blocks_seal(bm_crypto *crypto, uint32_t aead, const uint8_t *key, bm_block iv, bm_block aad,
                   uint32_t aad_size, uint8_t *text, uint32_t size)
{
    const uint8_t *iv_bytes = (const uint8_t *)&iv, *aad_bytes = (const uint8_t *)&aad;
    EVP_CIPHER_CTX *context = crypto->seal[aead];
    int done;

    watch_nonce(crypto, aead, key, iv_bytes);
    if (aead == BM_AES_128_GCM && crypto->wide) {
        bm_wide_seal(key, iv, aad, aad_size, text, size);
        return 0;
    }
    if (aead == BM_AES_128_GCM && crypto->aesni) {
        bm_aesni_seal(key, iv, aad, aad_size, text, size);
        return 0;
    }
    return EVP_EncryptInit_ex(context, NULL, NULL, key, iv_bytes)
        && EVP_EncryptUpdate(context, NULL, &done, aad_bytes, (int)aad_size)
        && EVP_EncryptUpdate(context, text, &done, text, (int)size)
        && EVP_EncryptFinal_ex(context, text + size, &done)
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, BM_TAG_BYTES, text + size) ? 0 : BM_BROKEN;
}

int bm_blocks_open(bm_crypto *crypto, uint32_t aead, const uint8_t *key, bm_block iv, bm_block aad,
                   uint32_t aad_size, uint8_t *text, uint32_t size)
{
    EVP_CIPHER_CTX *context = crypto->open[aead];
    uint8_t rest[16];
    int done;

    if (aead == BM_AES_128_GCM && crypto->wide) return bm_wide_open(key, iv, aad, aad_size, text, size);
    if (aead == BM_AES_128_GCM && crypto->aesni)
        return bm_aesni_open(key, iv, aad, aad_size, text, size);
    if (!EVP_DecryptInit_ex(context, NULL, NULL, key, (const uint8_t *)&iv)
        || !EVP_DecryptUpdate(context, NULL, &done, (const uint8_t *)&aad, (int)aad_size)
        || !EVP_DecryptUpdate(context, text, &done, text, (int)size)
        || !EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, BM_TAG_BYTES, text + size)) return BM_BROKEN;
    return EVP_DecryptFinal_ex(context, rest, &done) > 0 ? 0 : BM_FORGED;
}

static bm_block block_of(const uint8_t *bytes, uint32_t size)
{
    bm_block it = {0, 0};

    if (size) memcpy(&it, bytes, size);
    return it;
}

/* `key`, and for AES behind it what bm_generation has there. */
static void complete(const bm_crypto *crypto, uint32_t aead, const uint8_t *key, uint8_t *out)
{
    memset(out, 0, 32);
    memcpy(out, key, aead == BM_AES_128_GCM ? 16 : 32);
    if (aead == BM_AES_128_GCM && crypto->aesni) bm_aesni_block(key, out + 16, out + 16);
}

int bm_aead_seal(bm_crypto *crypto, uint32_t aead, const uint8_t *key, const uint8_t *iv, const uint8_t *aad,
                 uint32_t aad_size, uint8_t *text, uint32_t size)
{
    uint8_t whole[32];

    complete(crypto, aead, key, whole);
    return bm_blocks_seal(crypto, aead, whole, block_of(iv, 12), block_of(aad, aad_size), aad_size, text,
                          size);
}

int bm_aead_open(bm_crypto *crypto, uint32_t aead, const uint8_t *key, const uint8_t *iv, const uint8_t *aad,
                 uint32_t aad_size, uint8_t *text, uint32_t size)
{
    uint8_t whole[32];

    complete(crypto, aead, key, whole);
    return bm_blocks_open(crypto, aead, whole, block_of(iv, 12), block_of(aad, aad_size), aad_size, text,
                          size);
}
