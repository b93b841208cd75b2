/* What goes to the client: prefix, sections, and what the link has to say itself.  docs/bmu1.md section 4. */

#include <string.h>

#include "link_inside.h"

#define DELAY_UNIT_US 2000u
#define DELAY_LIMIT 255u

/* The client has been heard, or there would be nowhere to send to: there is something to acknowledge. */
static uint32_t put_prefix(bm_link *link, uint32_t tick, uint64_t now_us, uint8_t *out)
{
    uint64_t highest = link->opener.next - 1;
    uint32_t at = 1, existing, bits, delay;

    out[0] = 0;
    link->owed_us = 0;
    existing = highest < BM_LINK_ACK_NUMBERS ? (1u << highest) - 1 : UINT32_MAX;
    bits = (uint32_t)link->opener.window[0] & existing;
    bm_put_u16(out + at, (uint32_t)highest);
    at += 2;
    if (bits != existing) {
        out[0] |= 1;
        bm_put_u32(out + at, bits);
        at += 4;
    }
    if (link->highest_us) {
        delay = now_us - link->highest_us >= DELAY_UNIT_US * DELAY_LIMIT
            ? DELAY_LIMIT : (uint32_t)(now_us - link->highest_us) / DELAY_UNIT_US;
        out[0] |= 2;
        out[at++] = (uint8_t)delay;
        link->highest_us = 0;
    }
    if (tick != (uint32_t)BM_LINK_NO_TICK) {
        out[0] |= 4;
        bm_put_u16(out + at, tick);
        at += 2;
    }
    return at;
}

static uint32_t put_control(bm_link *link, uint64_t now_us, uint8_t *out, uint32_t room)
{
    uint32_t at = 0;

    if (link->flags & BM_LINK_HAS_PONG && room >= 10) {
        out[0] = BM_TIME;
        out[1] = 1;
        bm_put_u32(out + 2, link->pong_stamp);
        bm_put_u32(out + 6, (uint32_t)(now_us / 1000));
        link->flags &= (uint16_t)~BM_LINK_HAS_PONG;
        at = 10;
    }
    if (link->flags & BM_LINK_HAS_PING && room - at >= 6) {
        out[at] = BM_TIME;
        out[at + 1] = 0;
        bm_put_u32(out + at + 2, link->ping_stamp);
        link->flags &= (uint16_t)~BM_LINK_HAS_PING;
        at += 6;
    }
    return at;
}

/* New keys, if they are due and the client has shown that it has these. */
static int renew(bm_links *links, bm_link *link, uint64_t now_us)
{
    bm_sealer *sealer = &link->sealer;
    int code;

    if (!(link->flags & BM_LINK_HAS_PROOF)) return 0;
    if (sealer->next - sealer->first < links->update_numbers && now_us - link->keys_us < links->update_us)
        return 0;
    if ((code = bm_sealer_update(sealer)) < 0) return code;
    link->keys_us = now_us;
    link->flags &= (uint16_t)~BM_LINK_HAS_PROOF;
    links->counts.key_updates++;
    return 0;
}

/* Seals the plaintext that stands in `out` behind the header. */
static int finish(bm_links *links, bm_link *link, uint8_t *out, uint32_t size, uint32_t record, int asks,
                  uint64_t now_us)
{
    uint8_t *plain = out + BM_S2C_HEAD_BYTES;
    int code;

    bm_flight_sent(links, link, link->sealer.next, record, asks, now_us);
    code = renew(links, link, now_us);
    if (code == 0) code = bm_seal(links->crypto, &link->sealer, plain, size, out, BM_DATAGRAM_BYTES);
    if (code < 0) return code;
    link->said_us = now_us;
    links->counts.sealed++;
    links->counts.sealed_bytes += (uint32_t)code;
    return code;
}

/* A datagram of that section and nothing else, padded to `padded` bytes. */
static int seal_alone(bm_links *links, bm_link *link, const uint8_t *section, uint32_t size, uint32_t padded,
                      uint64_t now_us, uint8_t *out)
{
    uint8_t *plain = out + BM_S2C_HEAD_BYTES;
    uint32_t length = put_prefix(link, (uint32_t)BM_LINK_NO_TICK, now_us, plain);

    memcpy(plain + length, section, size);
    length += size;
    while (length + BM_S2C_HEAD_BYTES + BM_TAG_BYTES < padded) plain[length++] = 0;
    return finish(links, link, out, length, (uint32_t)BM_LINK_NO_RECORD, 1, now_us);
}

static int seal_farewell(bm_links *links, bm_link *link, uint64_t now_us, uint8_t *out)
{
    uint8_t section[2] = {BM_CLOSE, link->reason};

    if (!link->farewells || now_us < link->farewell_us) return 0;
    link->farewell_us = now_us + BM_LINK_CLOSE_US;
    if (!--link->farewells) link->state = BM_LINK_CLOSED;
    return seal_alone(links, link, section, sizeof section, 0, now_us, out);
}

static int seal_probe(bm_links *links, bm_link *link, uint32_t size, uint64_t now_us, uint8_t *out)
{
    uint8_t section[3] = {BM_PROBE};
    uint64_t number = link->sealer.next;
    int code;

    bm_put_u16(section + 1, size);
    code = seal_alone(links, link, section, sizeof section, size, now_us, out);
    link->probe = number + 1;
    return code;
}

static int seal_ordinary(bm_links *links, bm_link *link, const uint8_t *sections, uint32_t size,
                         uint32_t record, uint32_t tick, uint64_t now_us, uint8_t *out)
{
    uint8_t *plain = out + BM_S2C_HEAD_BYTES;
    uint32_t head = put_prefix(link, tick, now_us, plain), length = head;
    uint32_t room = link->mtu - BM_S2C_HEAD_BYTES - BM_TAG_BYTES - head - size, control;

    if (size) memcpy(plain + length, sections, size);
    length += size;
    control = put_control(link, now_us, plain + length, room);
    length += control;
    length += bm_outbox_take(links, link, link->sealer.next, plain + length, room - control);
    return finish(links, link, out, length, record, length > head, now_us);
}

uint32_t bm_link_room(const bm_link *link)
{
    return link->mtu - BM_S2C_HEAD_BYTES - BM_TAG_BYTES - BM_LINK_PREFIX_BYTES;
}

/* Why these sections cannot be sent; 0: they can. */
static int refusal(const bm_link *link, uint32_t size)
{
    if (link->state != BM_LINK_OPEN) return BM_LINK_OVER;
    if (!(link->flags & BM_LINK_HAS_PATH)) return BM_NO_PATH;
    return size > bm_link_room(link) ? BM_NO_ROOM : 0;
}

int bm_link_seal(bm_links *links, bm_link *link, const uint8_t *sections, uint32_t size, uint32_t record,
                 uint32_t tick, uint64_t now_us, uint8_t *out)
{
    int bare = !size && record == (uint32_t)BM_LINK_NO_RECORD, code = refusal(link, size);
    uint32_t probe = bare && !code ? bm_probe_wanted(link) : 0;

    __builtin_prefetch(&link->sent_at[link->sealer.next % BM_LINK_TIMES]);
    if (bare && link->state == BM_LINK_CLOSING) code = seal_farewell(links, link, now_us, out);
    else if (code < 0) {
        if (record != (uint32_t)BM_LINK_NO_RECORD) links->sink.fate(links->sink.context, link, record, 1);
        return code;
    } else if (probe) code = seal_probe(links, link, probe, now_us, out);
    else code = seal_ordinary(links, link, sections, size, record, tick, now_us, out);
    bm_link_wait(links, link, now_us);
    return code;
}

int bm_link_challenge(bm_links *links, bm_link *link, uint64_t now_us, uint8_t *out)
{
    uint8_t section[10] = {BM_PATH, 0};
    int code;

    memcpy(section + 2, link->token, sizeof link->token);
    if (link->state != BM_LINK_OPEN || !(link->flags & BM_LINK_HAS_CHALLENGE)) return 0;
    code = seal_alone(links, link, section, sizeof section, 0, now_us, out);
    link->flags &= (uint16_t)~BM_LINK_HAS_CHALLENGE;
    link->challenged_us = now_us;
    if (code > 0) {
        link->candidate_out += (uint32_t)code;
        links->counts.challenges++;
    }
    bm_link_wait(links, link, now_us);
    return code;
}
