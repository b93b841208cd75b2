/* What a client's datagram says, once it is open: every prefix and section in every state of a link, without
   cryptography in between. */

#include "links.h"

/* As if the next number, or an old one, had come out of its seal. */
static void opened(fuzz_link *it, int newest)
{
    bm_opener *opener = &it->link->opener;

    it->link->heard_us = it->now_us;
    if (!newest) return;
    memset(opener->window, 0xff, sizeof opener->window);
    opener->last = opener->next++;
    it->link->highest_us = it->now_us;
}

static void say(fuzz_link *it, fuzz_script *script)
{
    uint32_t from = fuzz_u8(script) % 4, size = fuzz_u16(script) % (BM_DATAGRAM_BYTES + 1), whole;
    uint8_t how = fuzz_u8(script), *plain = fuzz_bytes(script, &size);

    if (from == 3) from = (uint32_t)BM_LINK_TUNNEL;
    whole = how & 1 ? 1200 : BM_C2S_HEAD_BYTES + size + BM_TAG_BYTES;      /* as if there was pad behind it */
    if (it->link->state == BM_LINK_OPEN) {
        opened(it, !(how & 2));
        bm_path_came(it->links, it->link, from, whole, !(how & 2), it->now_us);
        bm_link_read(it->links, it->link, plain, size, whole, from, it->now_us);
        bm_link_wait(it->links, it->link, it->now_us);
    }
    free(plain);
}

/* The client's answer to a challenge: nobody guesses a token. */
static void answer(fuzz_link *it)
{
    uint8_t plain[11] = {8, BM_PATH, 1};

    memcpy(plain + 3, it->link->token, 8);
    if (it->link->state != BM_LINK_OPEN || !(it->link->flags & BM_LINK_HAS_CANDIDATE)) return;
    opened(it, 1);
    bm_link_read(it->links, it->link, plain, sizeof plain, 1200, it->link->candidate, it->now_us);
}

void fuzz_sections(const uint8_t *data, size_t size)
{
    static const uint8_t prk[32];
    fuzz_script script = {data, size};
    uint8_t how = fuzz_u8(&script);
    fuzz_link it;

    fuzz_link_sent = NULL;
    fuzz_link_start(&it, prk, how & 1, how & 2 ? 1452 : 1200, how & 4 ? 1024 : 16384);
    while (script.left) {
        uint8_t what = fuzz_u8(&script) % (FUZZ_OWNER + 4);
        if (what < FUZZ_OWNER) fuzz_link_act(&it, what, &script);
        else if (what == FUZZ_OWNER) answer(&it);
        else say(&it, &script);
        fuzz_link_check(&it);
    }
    fuzz_link_end(&it);
}
