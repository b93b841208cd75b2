/* The pump with two I/O threads, its clients in a thread of their own, two threads that push, and the world
   in the main one, which gives orders, asks and drains meanwhile: all that is shared is shared at once.
   In the end one of the I/O threads fails, and all are stopped.  Made for the thread sanitizer:
   `make check-threads`. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pump.h"
#include "puppet.h"

#define CLIENTS 64u
#define SNAPSHOTS 40u           /* to each client, of each lane */
#define LIMIT_MS 60000

static uint32_t cid_of(uint32_t i)
{
    return 7u << 14 | (i * 3 + 1);
}

typedef struct {
    puppet clients[CLIENTS];
    int sockets[CLIENTS];
    struct sockaddr_in server;
    bm_crypto *crypto;
    _Atomic int over;
    int wrong;
} town;

static void send_to(town *town, uint32_t i, const uint8_t *datagram, uint32_t size)
{
    sendto(town->sockets[i], datagram, size, 0, (struct sockaddr *)&town->server, sizeof town->server);
}

static void hear(town *town, uint32_t i)
{
    puppet *it = &town->clients[i];
    uint8_t datagram[BM_DATAGRAM_BYTES];
    ssize_t size;

    while ((size = recv(town->sockets[i], datagram, sizeof datagram, MSG_DONTWAIT)) > 0)
        puppet_hear(town->crypto, it, datagram, (uint32_t)size);
    town->wrong |= it->broken;
    if (it->challenged) send_to(town, i, datagram, puppet_answer(town->crypto, it, datagram));
}

/* Attaches all, then moves, and every few turns lies. */
static void *play(void *given)
{
    town *town = given;
    uint8_t datagram[BM_DATAGRAM_BYTES];

    for (int turn = 0; !atomic_load(&town->over); turn++) {
        for (uint32_t i = 0; i < CLIENTS; i++) {
            puppet *it = &town->clients[i];
            uint32_t size;

            hear(town, i);
            if (!it->attached && turn % 32) continue;
            size = it->attached ? puppet_move(town->crypto, it, turn, datagram)
                                : puppet_attach(town->crypto, it, datagram);
            send_to(town, i, datagram, size);
            if (turn % 8 == 0) {
                datagram[size - 1] ^= 1;
                send_to(town, i, datagram, size);
            }
        }
        poll(NULL, 0, 1);
    }
    return NULL;
}

typedef struct {
    bm_pump *pump;
    uint32_t lane;
    _Atomic uint32_t refused;
    _Atomic int done;
} pusher;

static void *push(void *given)
{
    pusher *mine = given;
    static const uint8_t snapshot[] = {1, 0, 0, 0};

    for (uint32_t record = 0; record < SNAPSHOTS; record++) {
        for (uint32_t i = 0; i < CLIENTS; i++)
            if (bm_pump_push(mine->pump, mine->lane, cid_of(i), record * 2 + mine->lane, record, snapshot,
                             sizeof snapshot) < 0) atomic_fetch_add(&mine->refused, 1);
        bm_pump_flush(mine->pump, mine->lane);
        poll(NULL, 0, 2);
    }
    atomic_store(&mine->done, 1);
    return NULL;
}

/* Drains until there were `wanted` of what `count` answers, or nothing comes for LIMIT_MS. */
static uint32_t drained(bm_pump *pump, uint32_t wanted, uint32_t (*count)(bm_pump *))
{
    uint32_t got = 0, turn = 0;

    while (got < wanted && bm_pump_wait(pump, LIMIT_MS) && bm_pump_drain(pump) == 0) {
        uint32_t cid = cid_of(++turn % CLIENTS);
        uint64_t counts[BM_COUNTS];

        got += count(pump);
        bm_pump_event(pump, cid, turn, (const uint8_t *)"said", 4);
        bm_pump_tunnel(pump, cid, (const uint8_t *)"no datagram", 11);
        bm_pump_ask(pump, cid);
        bm_pump_count(pump, counts);
    }
    return got;
}

static uint32_t attachments(bm_pump *pump)
{
    const bm_news *news;
    uint32_t got = 0, count = bm_pump_news(pump, &news);

    for (uint32_t i = 0; i < count; i++) got += news[i].what == BM_NEWS_ATTACHED;
    return got;
}

static uint32_t fates(bm_pump *pump)
{
    const bm_fate *found;

    return bm_pump_fates(pump, &found);
}

static int settle_town(town *town, bm_pump *pump, int port)
{
    town->crypto = bm_crypto_new();
    town->server = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    for (uint32_t i = 0; i < CLIENTS; i++) {
        uint8_t prk[32];

        puppet_root(cid_of(i), prk);
        town->sockets[i] = socket(AF_INET, SOCK_DGRAM, 0);
        if (town->sockets[i] < 0 || puppet_start(&town->clients[i], cid_of(i), i % 2)
            || bm_pump_install(pump, cid_of(i), i % 2, prk, 1200, 1000) < 0) return 1;
    }
    return 0;
}

static void leave_town(town *town)
{
    for (uint32_t i = 0; i < CLIENTS; i++) close(town->sockets[i]);
    bm_crypto_free(town->crypto);
}

static int run(bm_pump *pump, town *town)
{
    pusher lanes[2] = { { .pump = pump, .lane = 1 }, { .pump = pump, .lane = 2 } };
    uint32_t wanted = 2 * SNAPSHOTS * CLIENTS, met, told;
    pthread_t threads[2], players;
    uint64_t counts[BM_COUNTS];
    unsigned long long inputs, lies;
    int wrong;

    if (pthread_create(&players, NULL, play, town)) return 1;
    met = drained(pump, CLIENTS, attachments);
    for (int lane = 0; lane < 2; lane++)
        if (pthread_create(&threads[lane], NULL, push, &lanes[lane])) return 1;
    told = drained(pump, wanted, fates);
    for (int lane = 0; lane < 2; lane++) {
        pthread_join(threads[lane], NULL);
        told += atomic_load(&lanes[lane].refused);
    }
    wrong = met != CLIENTS || told != wanted || !bm_pump_alive(pump);
    bm_pump_fault(pump, 1, 0, ENOTSOCK, 1);
    wrong |= !bm_pump_settle(pump, LIMIT_MS) || bm_pump_alive(pump) || !*bm_pump_why(pump);
    atomic_store(&town->over, 1);
    pthread_join(players, NULL);
    bm_pump_stop(pump);
    bm_pump_count(pump, counts);
    inputs = counts[BM_COUNT_INPUTS];
    lies = counts[BM_COUNT_FORGED] + counts[BM_COUNT_REPLAYED];
    wrong |= town->wrong || !inputs || !lies;
    printf("pump: %u of %u attached, %u of %u fates, %llu inputs, %llu lies%s\n", met, CLIENTS, told, wanted,
           inputs, lies, wrong ? ": WRONG" : "");
    return wrong;
}

int main(void)
{
    bm_pump_options options = { .threads = 2, .lanes = 3, .ring_bytes = 1u << 20, .receive_bytes = 1u << 20 };
    static town town;
    bm_pump *pump = bm_pump_new(&options);
    int port = pump ? bm_pump_bind(pump, "127.0.0.1", 0) : -1, wrong;

    if (port < 0 || bm_pump_start(pump) < 0 || settle_town(&town, pump, port)) {
        printf("pump: %s\n", pump ? bm_pump_why(pump) : "no memory");
        return 1;
    }
    wrong = run(pump, &town);
    leave_town(&town);
    bm_pump_free(pump);
    return wrong;
}
