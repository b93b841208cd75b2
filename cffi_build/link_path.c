/* Where a client is: only what it shows to be its own address is sent more than it asked for.  And how large
   datagrams may be on the way there.  docs/bmu1.md section 4: attach, migration, probe. */

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "link_inside.h"

#define CHALLENGE_MOST 37u      /* bytes of a datagram with one: header, prefix, section, tag */
#define CHALLENGE_AGAIN_US 250000u
#define GIVEN_UP_US 5000000u
#define PROBE_TRIES 3u

/* HMAC-SHA256(token key, how many tokens there were before, u64): nobody else can tell the next one. */
static void new_token(bm_links *links, uint8_t *token)
{
    uint8_t count[8], digest[32] = {0};

    for (int i = 0; i < 8; i++) count[i] = (uint8_t)(links->token_count >> 8 * i);
    links->token_count++;
    HMAC(EVP_sha256(), links->token_key, sizeof links->token_key, count, sizeof count, digest, NULL);
    memcpy(token, digest, 8);
}

static void begin_probing(bm_link *link)
{
    link->mtu = BM_LINK_MTU_LEAST;
    link->probe = 0;
    link->probe_tries = 0;
    link->probe_size = 0;
    if (link->path != (uint32_t)BM_LINK_TUNNEL && link->mtu_limit > link->mtu)
        link->probe_size = link->mtu_limit;
}

/* From here on the client is there. */
static void validated(bm_links *links, bm_link *link, uint32_t address)
{
    int moved = link->flags & BM_LINK_HAS_PATH, shrinks = link->mtu > BM_LINK_MTU_LEAST;

    link->path = address;
    link->flags |= BM_LINK_HAS_PATH;
    link->flags &= (uint16_t)~(BM_LINK_HAS_CANDIDATE | BM_LINK_HAS_CHALLENGE | BM_LINK_HAS_LEAST);
    begin_probing(link);
    (moved ? links->sink.migrated : links->sink.attached)(links->sink.context, link, address);
    if (shrinks) links->sink.mtu(links->sink.context, link, link->mtu);
}

void bm_path_came(bm_links *links, bm_link *link, uint32_t from, uint32_t size, int newest, uint64_t now_us)
{
    if (link->flags & BM_LINK_HAS_PATH && from == link->path) return;
    if (link->flags & BM_LINK_HAS_CANDIDATE && now_us - link->candidate_us >= GIVEN_UP_US)
        link->flags &= (uint16_t)~(BM_LINK_HAS_CANDIDATE | BM_LINK_HAS_CHALLENGE);
    if (newest && from == (uint32_t)BM_LINK_TUNNEL) {
        validated(links, link, from);
        return;
    }
    if (newest && (!(link->flags & BM_LINK_HAS_CANDIDATE) || link->candidate != from)) {
        link->candidate = from;
        link->candidate_in = link->candidate_out = 0;
        link->candidate_us = now_us;
        link->challenged_us = now_us - CHALLENGE_AGAIN_US;
        link->flags |= BM_LINK_HAS_CANDIDATE;
        link->flags &= (uint16_t)~BM_LINK_HAS_CHALLENGE;
        new_token(links, link->token);
    }
    if (link->flags & BM_LINK_HAS_CANDIDATE && link->candidate == from) {
        link->candidate_in += size;
        /* Nobody can have us send more to where he seems to be than he sends himself. */
        if (now_us - link->challenged_us >= CHALLENGE_AGAIN_US
            && link->candidate_in - link->candidate_out >= CHALLENGE_MOST)
            link->flags |= BM_LINK_HAS_CHALLENGE;
    }
}

void bm_path_response(bm_links *links, bm_link *link, uint32_t from, const uint8_t *token)
{
    if (link->flags & BM_LINK_HAS_CANDIDATE && link->candidate == from
        && !CRYPTO_memcmp(link->token, token, sizeof link->token)) validated(links, link, from);
}

uint32_t bm_probe_wanted(const bm_link *link)
{
    return link->flags & BM_LINK_HAS_PATH && !link->probe ? link->probe_size : 0;
}

void bm_probe_arrived(bm_links *links, bm_link *link)
{
    link->mtu = link->probe_size;
    link->probe = 0;
    link->probe_size = 0;
    links->sink.mtu(links->sink.context, link, link->mtu);
}

void bm_probe_lost(bm_link *link)
{
    static const uint16_t sizes[] = {1400, 1280, 0};
    uint16_t tried = link->probe_size;
    int i = 0;

    link->probe = 0;
    if (++link->probe_tries < PROBE_TRIES) return;
    while (sizes[i] >= tried) i++;
    link->probe_size = sizes[i];
    link->probe_tries = 0;
}
