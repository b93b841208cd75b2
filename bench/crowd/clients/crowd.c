/* Making a crowd, and reading what came of it. */

#define _GNU_SOURCE

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "crowd.h"

#define PAGE_BYTES (2u << 20)

/* A table that is read in no order: on large pages, where there are any. */
static void *table(uint32_t count, size_t size)
{
    size_t bytes = (count * size + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    void *at = aligned_alloc(PAGE_BYTES, bytes);

    if (!at) return NULL;
    madvise(at, bytes, MADV_HUGEPAGE);
    return memset(at, 0, bytes);
}

crowd *crowd_new(uint32_t count, uint64_t seed, uint64_t first_guid)
{
    crowd *it = count < CROWD_NOBODY ? calloc(1, sizeof *it) : NULL;

    if (!it) return NULL;
    it->count = count;
    it->first_guid = first_guid;
    it->fd = -1;
    it->clients = table(count, sizeof *it->clients);
    it->truths = table(count, sizeof *it->truths);
    it->news = table(count, sizeof *it->news);
    it->slots = table(count, (CROWD_SLOTS + 1) * sizeof *it->slots);
    it->marks = table(count, sizeof *it->marks);
    it->crypto = bm_crypto_new();
    crowd_deltas_begin();
    if (!it->crypto || !it->clients || !it->truths || !it->news || !it->slots || !it->marks) {
        crowd_free(it);
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) it->clients[i].chance = seed + i * (uint64_t)0x2545f4914f6cdd1d;
    return it;
}

void crowd_free(crowd *it)
{
    if (!it) return;
    if (it->fd >= 0) close(it->fd);
    bm_crypto_free(it->crypto);
    free(it->clients);
    free(it->truths);
    free(it->news);
    free(it->slots);
    free(it->pasts);
    free(it->marks);
    free(it);
}

int crowd_invite(crowd *it, uint32_t index, const crowd_invitation *with)
{
    crowd_client *client;

    if (index >= it->count) return -EINVAL;
    client = &it->clients[index];
    if (bm_sealer_start(&client->sealer, with->prk, with->aead, BM_C2S, with->cid) < 0
        || bm_opener_start(&client->opener, with->prk, with->aead, BM_S2C, with->cid) < 0)
        return -EINVAL;
    if (with->encoder && !it->pasts && !(it->pasts = table(it->count, (CROWD_SLOTS + 1) * sizeof *it->pasts)))
        return -ENOMEM;
    client->phase = CROWD_ATTACHING;
    client->home_x = with->home_x;
    client->home_y = with->home_y;
    client->home_radius = with->home_radius;
    client->mode = (uint8_t)(crowd_random(&client->chance) * 10);
    client->input_acked = client->input = 0;
    crowd_place(it, index, with->x, with->y, with->z, with->yaw);
    return 0;
}

uint32_t crowd_attached(const crowd *it)
{
    return it->attached;
}

int64_t crowd_began_ns(const crowd *it)
{
    return it->began_ns;
}

void crowd_clock(crowd *it, uint16_t tick, int64_t due_ns)
{
    it->clock_tick = tick;
    it->clock_ns = due_ns;
    it->clocked = 1;
}

void crowd_measure(crowd *it, int on)
{
    uint16_t buckets[CROWD_BUCKETS];

    memcpy(buckets, it->figures.buckets, sizeof buckets);
    memset(&it->figures, 0, sizeof it->figures);
    memcpy(it->figures.buckets, buckets, sizeof buckets);
    for (uint32_t i = 0; i < it->count; i++) it->clients[i].gaps = 0;
    it->measuring = (uint8_t)on;
}

const crowd_figures *crowd_read(crowd *it)
{
    it->figures.lost = 0;
    for (uint32_t i = 0; i < it->count; i++) it->figures.lost += (uint64_t)it->clients[i].gaps;
    return &it->figures;
}

int crowd_step(crowd *it, uint32_t index, int64_t now_ns, uint8_t *out)
{
    return index < it->count ? (int)crowd_write(it, index, now_ns, out) : -EINVAL;
}

int crowd_take(crowd *it, uint32_t index, const uint8_t *datagram, uint32_t size, int64_t now_ns)
{
    uint8_t copy[CROWD_MTU];

    if (index >= it->count || size > sizeof copy) return -EINVAL;
    memcpy(copy, datagram, size);
    return crowd_open_datagram(it, index, copy, size, now_ns);
}

int crowd_read_plain(crowd *it, uint32_t index, uint64_t number, const uint8_t *plain, uint32_t size,
                     int64_t now_ns)
{
    return index < it->count ? crowd_read_sections(it, index, number, plain, size, now_ns) : -EINVAL;
}

int crowd_slot_at(const crowd *it, uint32_t index, uint32_t slot, int64_t *out)
{
    const crowd_slot *at;

    if (index >= it->count || slot >= CROWD_SLOTS) return -EINVAL;
    at = &crowd_slots_of(it, index)[slot];
    out[0] = at->who == 0 ? 0 : at->who == CROWD_NOBODY ? -1 : (int64_t)it->first_guid + at->who - 1;
    out[1] = at->tick;
    out[2] = at->x;
    out[3] = at->y;
    out[4] = at->z;
    out[5] = at->yaw;
    out[6] = at->speed;
    out[7] = at->flags;
    return 0;
}

int crowd_self(const crowd *it, uint32_t index, int64_t *out)
{
    const crowd_client *client;

    if (index >= it->count) return -EINVAL;
    client = &it->clients[index];
    out[0] = client->input;
    out[1] = client->epoch;
    out[2] = it->truths[index].x;
    out[3] = it->truths[index].y;
    out[4] = it->truths[index].z;
    out[5] = client->inputs[client->input % CROWD_INPUTS].yaw;
    return 0;
}
