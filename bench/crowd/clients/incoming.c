/* What a client receives: docs/bmu1.md, sections 2 and 4. */

#include <string.h>

#include "crowd.h"

#define PF_BITS 1
#define PF_DELAY 2
#define PF_TICK 4
#define PF_NOTHING 8
#define PAD 0
#define SNAPSHOT 1
#define EVENT 3
#define PATH 5
#define TIME 6
#define CLOSE 7
#define STATE 9
#define FRAGMENT 10
#define PROBE 11

typedef struct {
    uint64_t ack;               /* of the low 16 bits alone */
    uint32_t bits;
    int delay;                  /* in 2 ms; -1: none */
    uint16_t tick;
    uint8_t has_ack, has_tick;
} prefix;

/* Answers its size, or -1. */
static int read_prefix(const uint8_t *p, uint32_t size, prefix *out)
{
    const uint8_t *begin = p, *end = p + size;
    uint8_t pf;

    *out = (prefix){.bits = 0xffffffffu, .delay = -1};
    if (p == end) return -1;
    pf = *p++;
    if (pf & 0xf0 || (pf & PF_NOTHING && pf & (PF_BITS | PF_DELAY))) return -1;
    if (end - p < (pf & PF_NOTHING ? 0 : 2) + (pf & PF_BITS ? 4 : 0) + (pf & PF_DELAY ? 1 : 0)
                  + (pf & PF_TICK ? 2 : 0))
        return -1;
    if (!(pf & PF_NOTHING)) {
        out->has_ack = 1;
        out->ack = crowd_u16(p);
        p += 2;
    }
    if (pf & PF_BITS) {
        out->bits = crowd_u32(p);
        p += 4;
    }
    if (pf & PF_DELAY) out->delay = *p++;
    if (pf & PF_TICK) {
        out->has_tick = 1;
        out->tick = (uint16_t)crowd_u16(p);
        p += 2;
    }
    return (int)(p - begin);
}

static void note_acked(crowd *it, crowd_client *client, uint64_t number)
{
    crowd_sent *sent = &client->last[number % CROWD_SENT];

    if (sent->number != number + 1 || sent->acked) return;
    sent->acked = 1;
    it->figures.acked++;
    if ((int16_t)(sent->input - client->input_acked) > 0) client->input_acked = sent->input;
}

static void take_acks(crowd *it, crowd_client *client, const prefix *head, int64_t now_ns)
{
    uint64_t next = client->sealer.next, ack;
    const crowd_sent *sent;

    if (!head->has_ack || !next) return;
    ack = next - 1 - (uint16_t)(next - 1 - head->ack);
    if (ack >= next) return;    /* never sent */
    sent = &client->last[ack % CROWD_SENT];
    if (sent->number == ack + 1 && !sent->acked && head->delay >= 0 && head->delay < 255)
        it->figures.rtt_ms[crowd_at_most((now_ns - sent->at_ns) / 1000000 - head->delay * 2,
                                         CROWD_MS - 1)]++;
    note_acked(it, client, ack);
    for (uint32_t i = 0; i < CROWD_SENT && i < ack; i++)
        if (head->bits >> i & 1) note_acked(it, client, ack - 1 - i);
}

static void take_tick(crowd *it, uint16_t tick, int64_t now_ns)
{
    int64_t due_ns = it->clock_ns + (int16_t)(tick - it->clock_tick) * (int64_t)CROWD_TICK_NS;

    if (!it->any_tick || (int16_t)(tick - it->newest) > 0) it->newest = tick;
    it->any_tick = 1;
    if (it->clocked) it->figures.delay_ms[crowd_at_most((now_ns - due_ns) / 1000000, CROWD_MS - 1)]++;
}

/* Each of these answers how many bytes it read, or -1. */
static int take_path(crowd *it, uint32_t index, const uint8_t *p, uint32_t size)
{
    crowd_client *client = &it->clients[index];

    if (size < 9 || p[0] != 0) return -1;
    memcpy(client->token, p + 1, sizeof client->token);
    client->token_due = 1;
    return 9;
}

static int take_time(crowd_client *client, const uint8_t *p, uint32_t size)
{
    if (size < 5 || p[0] > 1 || (p[0] == 1 && size < 9)) return -1;
    if (p[0] == 1) return 9;
    client->pong_due = 1;
    client->pong_stamp = crowd_u32(p + 1);
    return 5;
}

static int take_event(crowd *it, const uint8_t *p, uint32_t size, int fragment)
{
    uint32_t head = fragment ? 4 : 2, value = 0;
    int read;

    if (size < head) return -1;
    if (!fragment) {
        if ((read = crowd_varint(p + head, size - head, &value)) < 0) return -1;
        head += (uint32_t)read;
    }
    if ((read = crowd_varint(p + head, size - head, &value)) < 0) return -1;
    head += (uint32_t)read;
    if (value > size - head) return -1;
    it->figures.events++;
    return (int)(head + value);
}

static int take_section(crowd *it, uint32_t index, const prefix *head, uint64_t number, const uint8_t *p,
                        uint32_t size)
{
    crowd_client *client = &it->clients[index];

    switch (p[0]) {
    case PAD:
        return (int)size - 1;
    case SNAPSHOT:
        if (!head->has_tick) return -1;
        return crowd_snapshot(it, index, head->tick, p + 1, size - 1,
                              (number + index) % CROWD_CHECK_EVERY == 0);
    case EVENT:
    case FRAGMENT:
        return take_event(it, p + 1, size - 1, p[0] == FRAGMENT);
    case PATH:
        return take_path(it, index, p + 1, size - 1);
    case TIME:
        return take_time(client, p + 1, size - 1);
    case CLOSE:
        if (size < 2) return -1;
        client->phase = CROWD_CLOSED;
        it->truths[index].here = 0;
        it->figures.closes++;
        return 1;
    case STATE:
        if (!head->has_tick) return -1;
        return crowd_state(it, index, head->tick, p + 1, size - 1);
    case PROBE:
        return size < 3 ? -1 : 2;
    default:
        return -1;
    }
}

int crowd_read_sections(crowd *it, uint32_t index, uint64_t number, const uint8_t *plain, uint32_t size,
                        int64_t now_ns)
{
    crowd_client *client = &it->clients[index];
    prefix head;
    int read = read_prefix(plain, size, &head);

    if (read < 0) return -1;
    take_acks(it, client, &head, now_ns);
    if (head.has_tick) take_tick(it, head.tick, now_ns);
    if (client->phase == CROWD_ATTACHING) {
        client->phase = CROWD_PLAYING;
        it->truths[index].here = 1;
        it->attached++;
    }
    for (uint32_t at = (uint32_t)read; at < size; at += 1 + (uint32_t)read)
        if ((read = take_section(it, index, &head, number, plain + at, size - at)) < 0) return -1;
    return 0;
}

/* This number came, for the first time. */
static void admit(crowd_client *client, uint64_t number, int64_t now_ns)
{
    uint64_t ahead = client->any ? number - client->highest : number + 1;

    if (client->any && number <= client->highest) {
        if (client->highest - number < 64) client->seen |= (uint64_t)1 << (client->highest - number);
        client->gaps--;
        return;
    }
    client->seen = ahead < 64 ? client->seen << ahead | 1 : 1;
    client->gaps += (int64_t)ahead - 1;
    client->highest = number;
    client->highest_ns = now_ns;
    client->any = client->ack_due = 1;
}

int crowd_open_datagram(crowd *it, uint32_t index, uint8_t *datagram, uint32_t size, int64_t now_ns)
{
    crowd_client *client = &it->clients[index];
    int plain_bytes = bm_open(it->crypto, &client->opener, datagram, size);

    if (plain_bytes < 0) {
        *(plain_bytes == BM_REPLAYED ? &it->figures.replayed : &it->figures.forged) += 1;
        return plain_bytes;
    }
    admit(client, client->opener.last, now_ns);
    if (crowd_read_sections(it, index, client->opener.last, datagram + BM_S2C_HEAD_BYTES,
                            (uint32_t)plain_bytes, now_ns) < 0)
        it->figures.malformed++;
    return 0;
}
