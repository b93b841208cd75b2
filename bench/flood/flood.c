/* A pump with links of its own, and somebody who throws datagrams at it: flood COUNT LINKS THREADS

   Each kind of datagram in its turn, COUNT of them; for each a line of JSON: what the pump counted, what came
   back, how often memory was asked for, and the I/O threads' time by datagram.  The links' clock stands
   still, so that whatever is sent is an answer. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pump.h"
#include "puppet.h"

#define BATCH 64u
#define AHEAD 8192u             /* datagrams under way at most: fewer than the socket's buffer holds */
#define KEPT 4096u              /* honest datagrams kept for later */

/* Every allocation of this process, libcrypto's too. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *bytes, size_t size);
static _Atomic uint64_t allocations;

void *malloc(size_t size)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_calloc(count, size);
}

void *realloc(void *bytes, size_t size)
{
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return __libc_realloc(bytes, size);
}

typedef struct {
    uint8_t bytes[1280];
    uint32_t size;
} datagram;

typedef struct {
    bm_pump *pump;
    bm_crypto *crypto;
    puppet *clients;
    uint32_t link_count, count;
    int client, thrower;        /* sockets */
    struct sockaddr_in server;
    datagram kept[KEPT];
    uint32_t kept_count;
    uint32_t tick;
    uint64_t random;
} flood;

static uint32_t cid_of(uint32_t i)
{
    return 1u << 14 | i;
}

static uint32_t draw(flood *it)
{
    it->random = it->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(it->random >> 32);
}

/* An input that a client has never sent before. */
static void honest(flood *it, datagram *out)
{
    uint32_t i = it->tick % it->link_count;

    out->size = puppet_move(it->crypto, &it->clients[i], (int)(it->tick++ / it->link_count), out->bytes);
    if (it->kept_count < KEPT) it->kept[it->kept_count++] = *out;
}

/* Of the right shape and for a link that there is, and nothing else. */
static void forged(flood *it, datagram *out)
{
    uint32_t cid = cid_of(draw(it) % it->link_count);

    out->size = 60;
    for (uint32_t i = 0; i < out->size; i += 4) bm_put_u32(out->bytes + i, draw(it));
    out->bytes[0] = 0x50 | (out->bytes[0] & 0x0f);
    bm_put_u32(out->bytes + 1, cid);
}

/* What a client has just made and the server has not yet seen, but for one bit behind the connection id. */
static void flipped(flood *it, datagram *out)
{
    uint32_t bit;

    honest(it, out);
    bit = 40 + draw(it) % (out->size * 8 - 40);
    out->bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

static void replayed(flood *it, datagram *out)
{
    *out = it->kept[draw(it) % it->kept_count];
}

static void stray(flood *it, datagram *out)
{
    forged(it, out);
    bm_put_u32(out->bytes + 1, cid_of(draw(it) % it->link_count) + ((1 + draw(it) % 1000) << 14));
}

static void malformed(flood *it, datagram *out)
{
    forged(it, out);
    if (draw(it) % 2) out->size = draw(it) % 27;
    else out->bytes[0] = (uint8_t)(0x60 | draw(it) % 16);
}

static uint64_t received(const flood *it)
{
    uint64_t counts[BM_COUNTS];

    bm_pump_count(it->pump, counts);
    return counts[BM_COUNT_RECEIVED] + counts[BM_COUNT_OVERFLOWS];
}

static void throw_all(flood *it, int socket, void (*make)(flood *, datagram *), uint32_t count)
{
    static datagram made[BATCH];
    struct mmsghdr heads[BATCH] = { 0 };
    struct iovec pieces[BATCH];
    uint64_t before = received(it);

    for (uint32_t done = 0; done < count;) {
        uint32_t some = count - done < BATCH ? count - done : BATCH;

        for (uint32_t i = 0; i < some; i++) {
            make(it, &made[i]);
            pieces[i] = (struct iovec){ made[i].bytes, made[i].size };
            heads[i].msg_hdr = (struct msghdr){ .msg_name = &it->server, .msg_namelen = sizeof it->server,
                                                .msg_iov = &pieces[i], .msg_iovlen = 1 };
        }
        for (uint32_t gone = 0; gone < some;) {
            int sent = sendmmsg(socket, heads + gone, some - gone, 0);
            if (sent > 0) gone += (uint32_t)sent;
        }
        done += some;
        while (before + done - received(it) > AHEAD) poll(NULL, 0, 1);
        bm_pump_drain(it->pump);
    }
    bm_pump_settle(it->pump, 10000);
    bm_pump_drain(it->pump);
}

static uint32_t answers(int socket)
{
    uint8_t bytes[1500];
    uint32_t count = 0;

    while (recv(socket, bytes, sizeof bytes, MSG_DONTWAIT) >= 0) count++;
    return count;
}

static void phase(flood *it, const char *name, int socket, void (*make)(flood *, datagram *))
{
    static const struct {
        const char *name;
        int what;
    } told[] = { { "received", BM_COUNT_RECEIVED }, { "overflows", BM_COUNT_OVERFLOWS },
                 { "opened", BM_COUNT_OPENED }, { "sent", BM_COUNT_SENT } };
    static const char *times[] = { "kernel_ns", "aead_ns", "other_ns" };
    uint64_t before[BM_COUNTS], now[BM_COUNTS], asked;

    answers(socket);
    bm_pump_count(it->pump, before);
    asked = atomic_load(&allocations);
    throw_all(it, socket, make, it->count);
    asked = atomic_load(&allocations) - asked;
    bm_pump_count(it->pump, now);
    for (int i = 0; i < BM_COUNTS; i++) now[i] -= before[i];
    printf("{\"kind\": \"%s\", \"thrown\": %u", name, it->count);
    for (uint32_t i = 0; i < sizeof told / sizeof *told; i++)
        printf(", \"%s\": %llu", told[i].name, (unsigned long long)now[told[i].what]);
    printf(", \"answers\": %u, \"allocations\": %llu", answers(socket), (unsigned long long)asked);
    for (uint32_t i = 0; i < 3; i++)
        printf(", \"%s\": %.0f", times[i], (double)now[BM_COUNT_KERNEL_NS + i] / it->count);
    printf("}\n");
    fflush(stdout);
}

static int begin(flood *it, uint32_t threads)
{
    bm_pump_options options = { .threads = threads, .lanes = 1, .ring_bytes = 1u << 23, .clock_us = 1000000,
                                .receive_bytes = 64u << 20 };
    uint8_t prk[32];
    int port;

    it->clients = calloc(it->link_count, sizeof *it->clients);
    it->crypto = bm_crypto_new();
    it->pump = bm_pump_new(&options);
    if (!it->clients || !it->crypto || !it->pump || (port = bm_pump_bind(it->pump, "127.0.0.1", 0)) < 0
        || bm_pump_start(it->pump) < 0) return 1;
    it->server = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    it->client = socket(AF_INET, SOCK_DGRAM, 0);
    it->thrower = socket(AF_INET, SOCK_DGRAM, 0);
    for (uint32_t i = 0; i < it->link_count; i++) {
        puppet_root(cid_of(i), prk);
        if (puppet_start(&it->clients[i], cid_of(i), BM_AES_128_GCM)) return 1;
        while (bm_pump_install(it->pump, cid_of(i), BM_AES_128_GCM, prk, 1200, 1000) == BM_FULL)
            bm_pump_settle(it->pump, 1000);
    }
    return !bm_pump_settle(it->pump, 10000);
}

/* Every client shows that it is where it says. */
static int attach(flood *it)
{
    uint8_t bytes[1500];
    ssize_t size;

    for (uint32_t i = 0; i < it->link_count; i++) {
        puppet *client = &it->clients[i];
        uint32_t made = puppet_attach(it->crypto, client, bytes);

        for (int tries = 0; tries < 2; tries++) {
            sendto(it->client, bytes, made, 0, (struct sockaddr *)&it->server, sizeof it->server);
            if (!bm_pump_settle(it->pump, 10000)) return 1;
            while ((size = recv(it->client, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
                puppet_hear(it->crypto, client, bytes, (uint32_t)size);
            if (client->challenged) made = puppet_answer(it->crypto, client, bytes);
        }
        if (client->broken || !client->heard) return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static flood it = { .random = 3 };

    if (argc != 4) return 2;
    it.count = (uint32_t)atoi(argv[1]);
    it.link_count = (uint32_t)atoi(argv[2]);
    if (begin(&it, (uint32_t)atoi(argv[3])) || attach(&it)) {
        fprintf(stderr, "flood: %s\n", it.pump ? bm_pump_why(it.pump) : "no memory");
        return 1;
    }
    phase(&it, "honest", it.client, honest);
    phase(&it, "forged", it.thrower, forged);
    phase(&it, "flipped", it.thrower, flipped);
    phase(&it, "replayed", it.thrower, replayed);
    phase(&it, "stray", it.thrower, stray);
    phase(&it, "malformed", it.thrower, malformed);
    bm_pump_free(it.pump);
    return 0;
}
