/* Datagrams closed and opened.  docs/bmu1.md section 2. */

#include <string.h>

#include "sealing.h"

#define AAD_BYTES 9

/* The number's eight bytes, highest first, are added to the last eight of twelve. */
static bm_block nonce_of(const bm_generation *keys, uint64_t number)
{
    uint64_t turned = __builtin_bswap64(number);
    bm_block iv = {0, 0};

    memcpy(&iv.low, keys->iv, 8);
    memcpy(&iv.high, keys->iv + 8, 4);
    iv.low ^= turned << 32;
    iv.high ^= turned >> 32;
    return iv;
}

/* Flags u8, number u16, cid u32, protocol u16. */
static bm_block additional(uint8_t flags, uint64_t number, uint32_t cid)
{
    uint64_t low = flags | (number & 0xffff) << 8 | (uint64_t)cid << 24 | (uint64_t)BM_PROTO << 56;

    return (bm_block){low, BM_PROTO >> 8};
}

static uint32_t head_size(uint32_t way)
{
    return way == BM_C2S ? BM_C2S_HEAD_BYTES : BM_S2C_HEAD_BYTES;
}

static int encrypt(bm_crypto *crypto, const bm_sealer *sealer, uint64_t number, uint8_t flags, uint8_t *text,
                   uint32_t size)
{
    return bm_blocks_seal(crypto, sealer->aead, sealer->now.key, nonce_of(&sealer->now, number),
                          additional(flags, number, sealer->cid), AAD_BYTES, text, size);
}

static int seal(bm_crypto *crypto, bm_sealer *sealer, const uint8_t *plain, uint32_t size, uint8_t *out,
                uint32_t capacity)
{
    uint32_t head = head_size(sealer->way);
    uint32_t length = size < BM_PLAIN_LEAST_BYTES ? BM_PLAIN_LEAST_BYTES : size;
    uint8_t *text = out + head, *number_at = text - 2, mask[16];
    uint8_t flags = (uint8_t)(0x50 | (sealer->generation & 1) << 3);
    uint64_t number;

    if (size > BM_DATAGRAM_BYTES || head + length + BM_TAG_BYTES > capacity) return BM_OUT_OF_RANGE;
    number = sealer->next++;
    if (text != plain) memmove(text, plain, size);
    for (uint32_t i = size; i < length; i++) text[i] = 0;
    if (encrypt(crypto, sealer, number, flags, text, length) < 0) return BM_BROKEN;
    if (bm_aead_mask(crypto, sealer->aead, sealer->hp, text, mask) < 0) return BM_BROKEN;
    if (sealer->way == BM_C2S) bm_put_u32(out + 1, sealer->cid);
    out[0] = flags ^ (mask[0] & 0x0f);
    number_at[0] = (uint8_t)number ^ mask[1];
    number_at[1] = (uint8_t)(number >> 8) ^ mask[2];
    return (int)(head + length + BM_TAG_BYTES);
}

int bm_seal(bm_crypto *crypto, bm_sealer *sealer, const uint8_t *plain, uint32_t size, uint8_t *out,
            uint32_t capacity)
{
    uint64_t begun = bm_crypto_begin(crypto);
    int made = seal(crypto, sealer, plain, size, out, capacity);

    bm_crypto_end(crypto, begun);
    return made;
}

/* The number nearest to `expected` with these low 16 bits.  Source: RFC 9000 A.3. */
static uint64_t expand(uint64_t expected, uint16_t low)
{
    uint64_t nearest = (expected & ~0xffffull) | low;

    if (nearest + 0x8000 <= expected) return nearest + 0x10000;
    if (nearest > expected + 0x8000 && nearest >= 0x10000) return nearest - 0x10000;
    return nearest;
}

static int seen(const bm_opener *opener, uint64_t number)
{
    uint64_t below;

    if (number >= opener->next) return 0;
    below = opener->next - 1 - number;
    if (below > BM_REPLAY_WINDOW) return 1;
    return below == 0 || opener->window[(below - 1) / 64] >> (below - 1) % 64 & 1;
}

/* Shifts the window up by `count`; what was the highest number comes into it. */
static void raise(bm_opener *opener, uint64_t count)
{
    uint64_t *window = opener->window, high = opener->next;
    uint32_t words = (uint32_t)(count / 64), bits = count % 64;

    if (count > BM_REPLAY_WINDOW) {
        memset(window, 0, sizeof opener->window);
        return;
    }
    for (int i = 3; i >= 0; i--) {
        uint64_t from = i >= (int)words ? window[i - (int)words] : 0;
        uint64_t under = i > (int)words ? window[i - (int)words - 1] : 0;
        window[i] = bits ? from << bits | under >> (64 - bits) : from;
    }
    if (high) window[(count - 1) / 64] |= 1ull << (count - 1) % 64;
}

static void remember(bm_opener *opener, uint64_t number)
{
    opener->last = number;
    opener->count++;
    if (number >= opener->next) {
        raise(opener, number + 1 - opener->next);
        opener->next = number + 1;
        return;
    }
    uint64_t below = opener->next - 2 - number;
    opener->window[below / 64] |= 1ull << below % 64;
}

static int decrypt(bm_crypto *crypto, const bm_opener *opener, const bm_generation *keys, uint64_t number,
                   uint8_t flags, uint8_t *text, uint32_t size)
{
    return bm_blocks_open(crypto, opener->aead, keys->key, nonce_of(keys, number),
                          additional(flags, number, opener->cid), AAD_BYTES, text, size);
}

static int open_sealed(bm_crypto *crypto, bm_opener *opener, uint8_t *datagram, uint32_t size)
{
    uint32_t head = head_size(opener->way), length;
    uint8_t *text = datagram + head, mask[16], flags;
    uint64_t number;
    const bm_generation *keys = &opener->now;
    int code;

    if (size < head + BM_PLAIN_LEAST_BYTES + BM_TAG_BYTES || size > BM_DATAGRAM_BYTES) return BM_SHORT;
    if ((datagram[0] & 0xf0) != 0x50) return BM_STRANGE;
    if (opener->way == BM_C2S && bm_u32_at(datagram + 1) != opener->cid) return BM_STRANGE;
    if (bm_aead_mask(crypto, opener->aead, opener->hp, text, mask) < 0) return BM_BROKEN;
    flags = datagram[0] ^ (mask[0] & 0x0f);
    number = expand(opener->next, (uint16_t)((text[-2] ^ mask[1]) | (text[-1] ^ mask[2]) << 8));
    if (seen(opener, number)) return BM_REPLAYED;
    if ((flags >> 3 & 1) != (opener->generation & 1))
        keys = number >= opener->next ? &opener->after : &opener->before;
    if (keys == &opener->before && opener->generation == 0) return BM_FORGED;
    length = size - head - BM_TAG_BYTES;
    code = decrypt(crypto, opener, keys, number, flags, text, length);
    if (code < 0) return code;
    if (keys == &opener->after && (code = bm_opener_advance(opener)) < 0) return code;
    remember(opener, number);
    return (int)length;
}

int bm_open(bm_crypto *crypto, bm_opener *opener, uint8_t *datagram, uint32_t size)
{
    uint64_t begun = bm_crypto_begin(crypto);
    int made = open_sealed(crypto, opener, datagram, size);

    bm_crypto_end(crypto, begun);
    return made;
}

uint32_t bm_sealer_size(void) { return sizeof(bm_sealer); }
uint32_t bm_opener_size(void) { return sizeof(bm_opener); }
uint64_t bm_sealer_next(const bm_sealer *sealer) { return sealer->next; }
uint32_t bm_sealer_generation(const bm_sealer *sealer) { return sealer->generation; }
uint64_t bm_opener_last(const bm_opener *opener) { return opener->last; }
uint64_t bm_opener_next(const bm_opener *opener) { return opener->next; }
uint32_t bm_opener_generation(const bm_opener *opener) { return opener->generation; }
