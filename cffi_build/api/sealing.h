/* sealing*.c: datagrams closed and opened, as docs/bmu1.md sections 1 to 3 say: header protection, AEAD,
   packet numbers, the replay window and key updates.  Both ends: the server seals s2c and opens c2s, a client
   the other way round.

   bm_crypto is what one thread computes with; a sealer and an opener are one direction of one connection, and
   nothing in them points anywhere: they may be copied, compared and kept in arrays. */
typedef struct bm_crypto bm_crypto;
typedef struct bm_sealer bm_sealer;
typedef struct bm_opener bm_opener;

enum {
    BM_C2S = 0,
    BM_S2C = 1,

    BM_AES_128_GCM = 0,
    BM_CHACHA20_POLY1305 = 1,

    BM_PROTO = 1,
    BM_TAG_BYTES = 16,
    BM_C2S_HEAD_BYTES = 7,      /* flags, cid, packet number */
    BM_S2C_HEAD_BYTES = 3,      /* flags, packet number */
    BM_PLAIN_LEAST_BYTES = 4,   /* shorter ones are padded */
    BM_DATAGRAM_BYTES = 1452,   /* no mtu is larger */
    BM_REPLAY_WINDOW = 256,     /* numbers below the highest */
};

/* Why a datagram was not opened.  Nothing has changed then, but the datagram's own bytes may have. */
enum {
    BM_SHORT = -16,             /* too short for any, or too long */
    BM_STRANGE = -17,           /* other fixed or version bits, or another connection's id */
    BM_REPLAYED = -18,          /* seen, or too old to know */
    BM_FORGED = -19,            /* does not open */
    BM_BROKEN = -20,            /* libcrypto failed: not the datagram's fault */
};

/* NULL: libcrypto has not got the ciphers, or no memory. */
bm_crypto *bm_crypto_new(void);
void bm_crypto_free(bm_crypto *crypto);

/* From now on all by libcrypto, as where the processor has no instructions for AES.  Answers if it has. */
int bm_crypto_portable(bm_crypto *crypto);

/* From now on as where the processor has AES for one block at a time.  Answers if it has it for more. */
int bm_crypto_narrow(bm_crypto *crypto);

/* What datagrams are sealed with.  `key` is 16 or 32 bytes, by `aead`; `iv` 12; `aad` at most 16; `text` at
   most BM_DATAGRAM_BYTES, and the tag behind it.  0, or BM_BROKEN; BM_FORGED: it does not open, and `text` is
   anything.  No key and iv may be used for two texts. */
int bm_aead_seal(bm_crypto *crypto, uint32_t aead, const uint8_t *key, const uint8_t *iv, const uint8_t *aad,
                 uint32_t aad_size, uint8_t *text, uint32_t size);
int bm_aead_open(bm_crypto *crypto, uint32_t aead, const uint8_t *key, const uint8_t *iv, const uint8_t *aad,
                 uint32_t aad_size, uint8_t *text, uint32_t size);

/* The header protection's mask, 16 bytes of which the first 3 are used, from a sample of 16. */
int bm_aead_mask(bm_crypto *crypto, uint32_t aead, const uint8_t *hp, const uint8_t *sample, uint8_t *mask);

/* HKDF-Expand-SHA256(prk, label, size) for size up to 32.  0, or BM_BROKEN. */
int bm_expand(const uint8_t *prk, const char *label, uint8_t *out, uint32_t size);

uint32_t bm_sealer_size(void);
uint32_t bm_opener_size(void);

/* From the `prk` (32 bytes) of section 1.  0, BM_OUT_OF_RANGE for an unknown aead or way, or BM_BROKEN. */
int bm_sealer_start(bm_sealer *sealer, const uint8_t *prk, uint32_t aead, uint32_t way, uint32_t cid);
int bm_opener_start(bm_opener *opener, const uint8_t *prk, uint32_t aead, uint32_t way, uint32_t cid);

/* Seal `plain` under the next packet number into `out`, which may begin header-size bytes before `plain`
   (sealed in place) and has room for the header, max(size, 4) and 16 bytes.
   Answers the datagram's size; BM_OUT_OF_RANGE: no room; BM_BROKEN (the number is used up all the same). */
int bm_seal(bm_crypto *crypto, bm_sealer *sealer, const uint8_t *plain, uint32_t size, uint8_t *out,
            uint32_t capacity);

/* Open a datagram in place.  Answers the size of the plaintext, which begins behind the header (at
   BM_C2S_HEAD_BYTES or BM_S2C_HEAD_BYTES), or why not.  bm_opener_last says which number it had. */
int bm_open(bm_crypto *crypto, bm_opener *opener, uint8_t *datagram, uint32_t size);

uint64_t bm_sealer_next(const bm_sealer *sealer);           /* the number the next datagram gets */
uint32_t bm_sealer_generation(const bm_sealer *sealer);
uint64_t bm_opener_last(const bm_opener *opener);           /* the number of what was opened last */
uint64_t bm_opener_next(const bm_opener *opener);           /* the highest opened + 1; 0: none yet */
uint32_t bm_opener_generation(const bm_opener *opener);

/* Go on with the next keys.  The caller knows that something sent under these was acknowledged. */
int bm_sealer_update(bm_sealer *sealer);
