/* The server's end of one connection: beginning, end, and what time asks for.  docs/bmu1.md section 4. */

#include <stdlib.h>
#include <string.h>

#include "link_inside.h"

#define MTU_MOST 1452u
#define UPDATE_NUMBERS (1u << 22)
#define UPDATE_US 3600000000ull

bm_links *bm_links_new(const uint8_t *token_key, uint32_t chunk_limit)
{
    bm_links *links = calloc(1, sizeof *links);

    if (!links) return NULL;
    links->crypto = bm_crypto_new();
    links->scratch = malloc(BM_LINK_EVENT_RAW_BYTES);
    if (!links->crypto || !links->scratch || bm_pool_open(&links->pool, chunk_limit) < 0) {
        bm_links_free(links);
        return NULL;
    }
    memcpy(links->token_key, token_key, sizeof links->token_key);
    links->update_numbers = UPDATE_NUMBERS;
    links->update_us = UPDATE_US;
    bm_links_budget(links, 8000, 2000, 64000);
    return links;
}

void bm_links_free(bm_links *links)
{
    if (!links) return;
    bm_crypto_free(links->crypto);
    bm_pool_close(&links->pool);
    free(links->scratch);
    free(links);
}

bm_crypto *bm_links_crypto(bm_links *links)
{
    return links->crypto;
}

void bm_links_tell(bm_links *links, const bm_link_sink *sink)
{
    links->sink = *sink;
}

void bm_links_counts(const bm_links *links, bm_link_counts *counts)
{
    *counts = links->counts;
    counts->chunks = links->pool.used;
}

int bm_links_budget(bm_links *links, uint32_t first, uint32_t floor, uint32_t ceiling)
{
    if (!floor || floor > first || first > ceiling || ceiling > 1u << 30) return BM_OUT_OF_RANGE;
    links->budget_first = first;
    links->budget_floor = floor;
    links->budget_ceiling = ceiling;
    return 0;
}

void bm_links_updates(bm_links *links, uint32_t numbers, uint64_t update_us)
{
    links->update_numbers = numbers;
    links->update_us = update_us;
}

uint32_t bm_link_size(void)
{
    return sizeof(bm_link);
}

int bm_link_start(bm_links *links, bm_link *link, const uint8_t *prk, uint32_t aead, uint32_t cid,
                  uint32_t mtu, uint32_t keepalive_ms, uint64_t now_us)
{
    int code;

    memset(link, 0, sizeof *link);
    if (mtu < BM_LINK_MTU_LEAST || mtu > MTU_MOST || !keepalive_ms || keepalive_ms > UINT16_MAX || !now_us)
        return BM_OUT_OF_RANGE;
    if ((code = bm_sealer_start(&link->sealer, prk, aead, BM_S2C, cid)) < 0) return code;
    if ((code = bm_opener_start(&link->opener, prk, aead, BM_C2S, cid)) < 0) return code;
    link->state = BM_LINK_OPEN;
    link->heard_us = link->said_us = link->keys_us = link->period_us = now_us;
    link->keepalive_ms = (uint16_t)keepalive_ms;
    link->mtu = BM_LINK_MTU_LEAST;
    link->mtu_limit = (uint16_t)mtu;
    link->rate_bytes_per_s = links->budget_first;
    bm_link_wait(links, link, now_us);
    return 0;
}

void bm_link_end(bm_links *links, bm_link *link)
{
    bm_outbox_drop(links, link);
    bm_inbox_drop(links, link);
    bm_flight_end(links, link);
    memset(link, 0, sizeof *link);
}

void bm_link_close(bm_links *links, bm_link *link, uint32_t reason, uint64_t now_us)
{
    if (link->state != BM_LINK_OPEN) return;
    link->state = link->flags & BM_LINK_HAS_PATH ? BM_LINK_CLOSING : BM_LINK_CLOSED;
    link->reason = (uint8_t)reason;
    link->farewells = BM_LINK_CLOSES;
    link->farewell_us = now_us;
    links->sink.closed(links->sink.context, link, reason);
    bm_link_wait(links, link, now_us);
}

/* Whether there is something to say at once. */
static int pressing(const bm_links *links, const bm_link *link)
{
    return link->flags & (BM_LINK_HAS_PING | BM_LINK_HAS_PONG) || bm_outbox_sendable(links, link);
}

static int wants(const bm_links *links, const bm_link *link, uint64_t now_us)
{
    return pressing(links, link) || now_us - link->said_us >= 1000u * link->keepalive_ms
        || (link->owed_us && now_us - link->owed_us >= BM_LINK_ACK_US);
}

/* What happens when nothing does. */
static void elapse(bm_links *links, bm_link *link, uint64_t now_us)
{
    bm_flight_overdue(links, link, now_us);
    if (now_us - link->heard_us >= BM_LINK_SILENCE_US) bm_link_close(links, link, BM_SILENT, now_us);
    else if (link->asking_count && now_us - link->said_us >= bm_flight_ping_us(link)) {
        link->ping_stamp = (uint32_t)(now_us / 1000);
        link->flags |= BM_LINK_HAS_PING;
    }
}

int bm_link_due(bm_links *links, bm_link *link, uint64_t now_us)
{
    int due = 0;

    if (link->state == BM_LINK_OPEN) elapse(links, link, now_us);
    if (link->state == BM_LINK_CLOSING) due = now_us >= link->farewell_us ? BM_DUE_SEND : 0;
    else if (link->state != BM_LINK_OPEN) due = BM_DUE_OVER;
    else {
        if (link->flags & BM_LINK_HAS_CHALLENGE) due |= BM_DUE_CHALLENGE;
        if (link->flags & BM_LINK_HAS_PATH && (bm_probe_wanted(link) || wants(links, link, now_us)))
            due |= BM_DUE_SEND;
    }
    bm_link_wait(links, link, now_us);
    return due;
}

static void sooner(uint64_t *wake_us, uint64_t other_us)
{
    if (other_us < *wake_us) *wake_us = other_us;
}

void bm_link_wait(bm_links *links, bm_link *link, uint64_t now_us)
{
    uint64_t wake_us = link->heard_us + BM_LINK_SILENCE_US;

    if (link->state == BM_LINK_OPEN) {
        sooner(&wake_us, bm_flight_loss_us(link, now_us));
        if (link->flags & BM_LINK_HAS_CHALLENGE) wake_us = link->said_us;
        if (link->flags & BM_LINK_HAS_PATH) {
            if (pressing(links, link) || bm_probe_wanted(link)) wake_us = link->said_us;
            sooner(&wake_us, link->said_us + 1000u * link->keepalive_ms);
            if (link->asking_count) sooner(&wake_us, link->said_us + bm_flight_ping_us(link));
            if (link->owed_us) sooner(&wake_us, link->owed_us + BM_LINK_ACK_US);
        }
    } else {
        wake_us = link->state == BM_LINK_CLOSING ? link->farewell_us : now_us;     /* it is over: say so */
    }
    link->wake_us = wake_us;
}

uint64_t bm_link_wake(const bm_link *link)
{
    return link->state == BM_LINK_UNUSED ? UINT64_MAX : link->wake_us;
}

uint32_t bm_link_path(const bm_link *link)
{
    return link->path;
}

uint32_t bm_link_candidate(const bm_link *link)
{
    return link->candidate;
}

void bm_link_facts_of(const bm_link *link, bm_link_facts *facts)
{
    *facts = (bm_link_facts){
        .sent = link->sealer.next, .received = link->opener.count,
        .acked = link->acked_count, .lost = link->lost_count, .loss_ppm = link->loss_ppm,
        .rtt_us = link->rtt_us, .least_us = link->flags & BM_LINK_HAS_LEAST ? link->least_us : 0,
        .jitter_us = link->jitter_us, .rate_bytes_per_s = link->rate_bytes_per_s, .mtu = link->mtu,
        .path = link->path, .candidate = link->candidate,
        .attached = (link->flags & BM_LINK_HAS_PATH) != 0,
        .rtt_known = (link->flags & BM_LINK_HAS_RTT) != 0,
        .generation_out = link->sealer.generation, .generation_in = link->opener.generation,
    };
}
