/* Datagrams as they come from the network: sealed with the right keys and saying anything, harmed, repeated,
   or no datagrams at all.  What does not open leaves no trace. */

#include "client.h"
#include "links.h"

static fuzz_client client;

static void heard(fuzz_link *it, uint8_t *datagram, uint32_t size, uint32_t to)
{
    (void)it;
    CHECK(fuzz_client_hear(&client, datagram, size, to));
}

static void deliver(fuzz_link *it, fuzz_datagram datagram, uint32_t from)
{
    bm_link before = *it->link;
    int code = bm_link_open(it->links, it->link, datagram.bytes, datagram.size, from, it->now_us);

    if (before.state != BM_LINK_OPEN) CHECK(code == BM_LINK_OVER);
    else if (datagram.honest) CHECK(code >= 0);
    else if (datagram.forged) CHECK(code < 0);
    if (code < 0) CHECK(!memcmp(&before, it->link, sizeof before));
    free(datagram.bytes);
}

static void say(fuzz_link *it, fuzz_script *script)
{
    uint32_t from = fuzz_u8(script) % 4;

    if (from == 3) from = (uint32_t)BM_LINK_TUNNEL;
    if (client.challenged && fuzz_u8(script) & 1) from = client.asked_at;
    deliver(it, fuzz_client_say(&client, script, &it->link->opener), from);
}

/* What has never seen a key. */
static void shout(fuzz_link *it, fuzz_script *script)
{
    fuzz_datagram datagram = {.size = fuzz_u16(script) % 2000, .forged = 1};
    uint8_t how = fuzz_u8(script);

    datagram.bytes = fuzz_bytes(script, &datagram.size);
    if (how & 1 && datagram.size) datagram.bytes[0] = 0x50 | (datagram.bytes[0] & 0x0f);
    if (how & 2 && datagram.size >= BM_C2S_HEAD_BYTES) bm_put_u32(datagram.bytes + 1, FUZZ_CID);
    deliver(it, datagram, fuzz_u8(script));
}

void fuzz_datagrams(const uint8_t *data, size_t size)
{
    fuzz_script script = {data, size};
    uint8_t how = fuzz_u8(&script), prk[32] = {fuzz_u8(&script)};
    fuzz_link it;
    bm_crypto *crypto = bm_crypto_new();

    CHECK(crypto);
    fuzz_client_start(&client, crypto, prk, how & 1, FUZZ_CID);
    fuzz_link_sent = heard;
    fuzz_link_start(&it, prk, how & 1, how & 2 ? 1452 : 1200, how & 4 ? 1024 : 16384);
    while (script.left) {
        uint8_t what = fuzz_u8(&script) % (FUZZ_OWNER + 4);
        if (what < FUZZ_OWNER) fuzz_link_act(&it, what, &script);
        else if (what == FUZZ_OWNER) shout(&it, &script);
        else say(&it, &script);
        fuzz_link_check(&it);
    }
    fuzz_link_end(&it);
    fuzz_client_end(&client);
    bm_crypto_free(crypto);
}
