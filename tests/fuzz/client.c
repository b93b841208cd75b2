/* The other end of a link under test: client.h. */

#include "client.h"

void fuzz_client_start(fuzz_client *it, bm_crypto *crypto, const uint8_t *prk, uint32_t aead, uint32_t cid)
{
    memset(it, 0, sizeof *it);
    it->crypto = crypto;
    CHECK(bm_sealer_start(&it->sealer, prk, aead, BM_C2S, cid) == 0);
    CHECK(bm_opener_start(&it->opener, prk, aead, BM_S2C, cid) == 0);
}

void fuzz_client_end(fuzz_client *it)
{
    for (uint32_t i = 0; i < FUZZ_KEPT; i++) free(it->kept[i].bytes);
}

static fuzz_datagram repeated(const fuzz_client *from, uint8_t which)
{
    const fuzz_datagram *it = &from->kept[which % FUZZ_KEPT];
    fuzz_datagram out = {.size = it->size, .forged = it->honest};       /* once it was heard, it is a copy */

    CHECK((out.bytes = malloc(out.size ? out.size : 1)));
    if (out.size) memcpy(out.bytes, it->bytes, out.size);
    return out;
}

/* The highest number it knows of, or one close to it, and which before. */
static uint32_t put_acks(const fuzz_client *it, fuzz_script *script, uint8_t *plain)
{
    uint32_t ack = (uint32_t)bm_opener_next(&it->opener) - 1 - fuzz_u8(script) % 8, bits = fuzz_u32(script);

    if (!bm_opener_next(&it->opener)) {
        plain[0] = 8 | 4;
        bm_put_u16(plain + 1, fuzz_u16(script));
        return 3;
    }
    plain[0] = 1 | 2 | 4;
    bm_put_u16(plain + 1, ack);
    bm_put_u32(plain + 3, bits);
    plain[7] = fuzz_u8(script);
    bm_put_u16(plain + 8, fuzz_u16(script));
    return 10;
}

/* How a datagram begins: as the script likes, or with a prefix that means something and perhaps the answer to
   a challenge. */
static uint32_t put_start(fuzz_client *it, fuzz_script *script, uint8_t how, uint8_t *plain)
{
    uint32_t at = how & 1 ? put_acks(it, script, plain) : 0;

    if (how & 2 && at && it->challenged) {
        plain[at] = BM_PATH;
        plain[at + 1] = 1;
        memcpy(plain + at + 2, it->token, 8);
        it->challenged = 0;
        at += 10;
    }
    return at;
}

static void harm(fuzz_datagram *it, fuzz_script *script)
{
    uint32_t at = fuzz_u16(script), size = it->size;
    uint8_t mask = fuzz_u8(script);

    it->honest = 0;
    it->forged = 1;
    if (mask) it->bytes[at % size] ^= mask;
    else it->size = at % size;          /* cut off */
}

static void keep(fuzz_client *it, const fuzz_datagram *datagram)
{
    fuzz_datagram *place = &it->kept[it->kept_count++ % FUZZ_KEPT];

    free(place->bytes);
    *place = *datagram;
    CHECK((place->bytes = malloc(datagram->size)));
    memcpy(place->bytes, datagram->bytes, datagram->size);
}

fuzz_datagram fuzz_client_say(fuzz_client *it, fuzz_script *script, const bm_opener *theirs)
{
    uint8_t how = fuzz_u8(script), plain[BM_DATAGRAM_BYTES] = {0};
    uint32_t padded = how & 4 ? 1200 - BM_C2S_HEAD_BYTES - BM_TAG_BYTES : 0, at, size;
    fuzz_datagram out = {0};

    if ((how & 0xc0) == 0xc0) return repeated(it, fuzz_u8(script));
    if (how & 0x10) it->sealer.next += fuzz_u8(script);
    if (how & 0x20 && it->sealer.generation <= theirs->generation) CHECK(bm_sealer_update(&it->sealer) == 0);
    at = put_start(it, script, how, plain);
    size = fuzz_u16(script) % (BM_DATAGRAM_BYTES - BM_C2S_HEAD_BYTES - BM_TAG_BYTES + 1 - at);
    fuzz_take(script, plain + at, size < script->left ? size : script->left);
    size += at;
    if (size < padded) size = padded;
    out.honest = it->sealer.next - theirs->next < 0x7fff;
    CHECK((out.bytes = malloc(BM_DATAGRAM_BYTES)));
    out.size = (uint32_t)bm_seal(it->crypto, &it->sealer, plain, size, out.bytes, BM_DATAGRAM_BYTES);
    CHECK(out.size <= BM_DATAGRAM_BYTES);
    keep(it, &out);
    if (how & 8) {
        it->kept[(it->kept_count - 1) % FUZZ_KEPT].honest = 0;  /* nobody heard it */
        harm(&out, script);
    }
    CHECK((out.bytes = realloc(out.bytes, out.size ? out.size : 1)));
    return out;
}

int fuzz_client_hear(fuzz_client *it, const uint8_t *datagram, uint32_t size, uint32_t address)
{
    uint8_t bytes[BM_DATAGRAM_BYTES], *plain = bytes + BM_S2C_HEAD_BYTES;
    int length, at;

    CHECK(size <= BM_DATAGRAM_BYTES);
    memcpy(bytes, datagram, size);
    length = bm_open(it->crypto, &it->opener, bytes, size);
    if (length < 0) return 0;
    CHECK(length >= BM_PLAIN_LEAST_BYTES);
    CHECK(plain[0] < 16 && (!(plain[0] & 8) || !(plain[0] & 3)));
    at = 1 + (plain[0] & 8 ? 0 : 2) + (plain[0] & 1 ? 4 : 0);
    at += (plain[0] & 2 ? 1 : 0) + (plain[0] & 4 ? 2 : 0);
    if (at + 10 > length || plain[at] != BM_PATH) return 1;
    CHECK(plain[at + 1] == 0);
    memcpy(it->token, plain + at + 2, sizeof it->token);
    it->challenged = 1;
    it->asked_at = address;
    return 1;
}
