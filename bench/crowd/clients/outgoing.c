/* What a client sends: docs/bmu1.md, sections 2, 4 and 5. */

#include <string.h>

#include "crowd.h"

#define PF_BITS 1
#define PF_DELAY 2
#define PF_TICK 4
#define PF_NOTHING 8
#define PATH 5
#define INPUT 4
#define TIME 6
#define ATTACH 8
#define INPUTS_MOST 8
#define MTU_TAKEN 1452

static uint8_t *put_u16(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    return p + 2;
}

static uint8_t *put_u32(uint8_t *p, uint32_t value)
{
    return put_u16(put_u16(p, value), value >> 16);
}

static uint8_t *write_prefix(crowd_client *client, int64_t now_ns, uint8_t *p)
{
    uint8_t *pf = p++;
    uint64_t exist = client->highest >= 32 ? 0xffffffffu : (1u << client->highest) - 1;
    uint64_t bits = client->seen >> 1 & 0xffffffffu;

    *pf = PF_TICK;
    if (!client->any) {
        *pf |= PF_NOTHING;
        return put_u16(p, client->input);
    }
    p = put_u16(p, (uint32_t)client->highest);
    if ((bits & exist) != exist) {
        *pf |= PF_BITS;
        p = put_u32(p, (uint32_t)bits);
    }
    if (client->ack_due) {
        *pf |= PF_DELAY;
        *p++ = (uint8_t)crowd_at_most((now_ns - client->highest_ns) / 2000000, 255);
        client->ack_due = 0;
    }
    return put_u16(p, client->input);
}

/* The newest, and what else the server has not acknowledged: two at least, eight at most. */
static uint8_t *write_inputs(const crowd_client *client, uint8_t *p)
{
    int count = crowd_at_most((uint16_t)(client->input - client->input_acked), INPUTS_MOST);
    const crowd_input *newer = &client->inputs[client->input % CROWD_INPUTS];

    if (count < 2) count = 2;
    *p++ = INPUT;
    *p++ = (uint8_t)count;
    *p++ = client->epoch;
    p = put_u16(put_u16(p, newer->flags), newer->yaw);
    p = put_u32(put_u32(put_u32(p, (uint32_t)newer->x), (uint32_t)newer->y), (uint32_t)newer->z);
    for (int i = 1; i < count; i++) {
        const crowd_input *older = &client->inputs[(uint16_t)(client->input - i) % CROWD_INPUTS];

        p = put_u16(put_u16(p, older->flags), older->yaw);
        p = put_u16(p, (uint32_t)(older->x - newer->x));
        p = put_u16(p, (uint32_t)(older->y - newer->y));
        p = put_u16(p, (uint32_t)(older->z - newer->z));
        newer = older;
    }
    return p;
}

static uint8_t *write_answers(crowd_client *client, int64_t now_ns, uint8_t *p)
{
    if (client->token_due) {
        *p++ = PATH;
        *p++ = 1;
        memcpy(p, client->token, sizeof client->token);
        p += sizeof client->token;
        client->token_due = 0;
    }
    if (client->pong_due) {
        *p++ = TIME;
        *p++ = 1;
        p = put_u32(put_u32(p, client->pong_stamp), (uint32_t)(now_ns / 1000000));
        client->pong_due = 0;
    }
    return p;
}

static void note_sent(crowd *it, crowd_client *client, uint64_t number, int64_t now_ns)
{
    crowd_sent *sent = &client->last[number % CROWD_SENT];

    if (sent->number && !sent->acked) it->figures.lost_up++;
    *sent = (crowd_sent){now_ns, number + 1, client->input, 0};
}

/* Whether there is anything to send; what it did since the last time, if it plays. */
static int act(crowd *it, uint32_t index, int64_t now_ns)
{
    crowd_client *client = &it->clients[index];

    if (client->phase == CROWD_ATTACHING) {
        if (client->attach_ns && now_ns - client->attach_ns < CROWD_ATTACH_NS) return 0;
        client->attach_ns = now_ns;
        return 1;
    }
    if (client->phase != CROWD_PLAYING) return 0;
    crowd_walk(it, index);
    crowd_walk(it, index);
    return 1;
}

uint32_t crowd_write(crowd *it, uint32_t index, int64_t now_ns, uint8_t *out)
{
    crowd_client *client = &it->clients[index];
    uint8_t *plain = out + BM_C2S_HEAD_BYTES, *p;
    int size;

    if (!act(it, index, now_ns)) return 0;
    note_sent(it, client, client->sealer.next, now_ns);
    p = write_answers(client, now_ns, write_prefix(client, now_ns, plain));
    if (client->phase == CROWD_ATTACHING) {
        *p++ = ATTACH;
        p = put_u16(put_u16(p, 1), MTU_TAKEN);
        memset(p, 0, (size_t)(out + CROWD_ATTACH_BYTES - BM_TAG_BYTES - p));
        p = out + CROWD_ATTACH_BYTES - BM_TAG_BYTES;
    } else
        p = write_inputs(client, p);
    size = bm_seal(it->crypto, &client->sealer, plain, (uint32_t)(p - plain), out, CROWD_MTU);
    return size < 0 ? 0 : (uint32_t)size;
}
