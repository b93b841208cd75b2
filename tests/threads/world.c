/* A world on datagram links, with all its threads at once: field and feed share out their work, two I/O
   threads carry it, and players in a thread of their own play, are closed or replaced, and come again under
   new keys while all of that goes on.  Made for the thread sanitizer: `make check-threads`. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "feed.h"
#include "hot.h"
#include "pump.h"
#include "puppet.h"
#include "api/link.h"

#define PLAYERS 48u
#define OTHERS 200u
#define VISITS (4 * PLAYERS)    /* so many times somebody comes */
#define TICKS_MOST 20000u
#define WAIT_MS 5
#define LANES 4u

typedef struct {
    /* Shared: the generation of a player's link; the players' thread begins anew when it changes. */
    _Atomic uint32_t generations[PLAYERS];
    _Atomic int over;
    /* The players'. */
    puppet puppets[PLAYERS];
    uint32_t playing[PLAYERS];  /* the generation each plays with */
    int sockets[PLAYERS];
    struct sockaddr_in server;
    bm_crypto *crypto;
    /* The world's. */
    bm_pump *pump;
    bm_field *field;
    bm_feed *feed;
    int32_t eyes[PLAYERS];      /* -1: no reader */
    uint32_t installs, visits, ends;
    int wrong;
} town;

static uint32_t cid_of(uint32_t player, uint32_t generation)
{
    return generation << 14 | (player * 3 + 1);
}

static uint32_t player_of(uint32_t cid)
{
    return (cid % (1u << 14) - 1) / 3;
}

static void say(town *town, uint32_t i, const uint8_t *datagram, uint32_t size)
{
    sendto(town->sockets[i], datagram, size, 0, (struct sockaddr *)&town->server, sizeof town->server);
}

static void play_one(town *town, uint32_t i, int turn)
{
    uint32_t generation = atomic_load(&town->generations[i]);
    puppet *it = &town->puppets[i];
    uint8_t datagram[BM_DATAGRAM_BYTES];
    ssize_t size;

    if (generation != town->playing[i]) {
        puppet_start(it, cid_of(i, generation), generation % 2);
        town->playing[i] = generation;
    }
    while ((size = recv(town->sockets[i], datagram, sizeof datagram, MSG_DONTWAIT)) > 0)
        puppet_hear(town->crypto, it, datagram, (uint32_t)size);       /* some is of the link before */
    if (it->challenged) say(town, i, datagram, puppet_answer(town->crypto, it, datagram));
    else if (it->attached) say(town, i, datagram, puppet_move(town->crypto, it, turn, datagram));
    else if (turn % 8 == 0) say(town, i, datagram, puppet_attach(town->crypto, it, datagram));
}

static void *play(void *given)
{
    town *town = given;

    for (int turn = 0; !atomic_load(&town->over); turn++) {
        for (uint32_t i = 0; i < PLAYERS; i++) play_one(town, i, turn);
        poll(NULL, 0, 1);
    }
    return NULL;
}

/* Keys for the player's next link; where there is one, it is replaced. */
static void install(town *town, uint32_t i)
{
    uint32_t generation = atomic_load(&town->generations[i]) + 1;
    uint8_t prk[32];

    puppet_root(cid_of(i, generation), prk);
    town->wrong |= bm_pump_install(town->pump, cid_of(i, generation), generation % 2, prk, 1200, 1000) < 0;
    town->installs++;
    atomic_store(&town->generations[i], generation);
}

static void leave(town *town, uint32_t i)
{
    if (town->eyes[i] >= 0) town->wrong |= bm_feed_leave(town->feed, (uint32_t)town->eyes[i]) < 0;
    town->eyes[i] = -1;
}

static void attached(town *town, uint32_t cid, uint32_t tick)
{
    uint32_t i = player_of(cid);

    town->visits++;
    if (cid != cid_of(i, atomic_load(&town->generations[i]))) return;   /* replaced meanwhile */
    leave(town, i);
    town->eyes[i] = bm_field_watch(town->field, i);
    town->wrong |= bm_field_bind(town->field, cid, i, tick * 50) < 0 || town->eyes[i] < 0;
    town->wrong |= bm_feed_join(town->feed, (uint32_t)town->eyes[i], cid, tick % 2, 1200, 64000) < 0;
}

/* Who is closed comes again. */
static void closed(town *town, uint32_t cid)
{
    uint32_t i = player_of(cid);

    town->ends++;
    if (atomic_load(&town->over) || cid != cid_of(i, atomic_load(&town->generations[i]))) return;
    leave(town, i);
    bm_field_unbind(town->field, cid);
    install(town, i);
}

static void hear(town *town, uint32_t tick)
{
    const bm_news *news;
    const uint8_t *moves;
    uint32_t count;

    town->wrong |= bm_pump_drain(town->pump) < 0;
    count = bm_pump_moves(town->pump, &moves);
    bm_field_moves(town->field, moves, count * BM_MOVE_BYTES, tick * 50);
    bm_feed_hear(town->feed);
    count = bm_pump_news(town->pump, &news);
    for (uint32_t i = 0; i < count; i++) {
        if (news[i].what == BM_NEWS_ATTACHED) attached(town, news[i].cid, tick);
        else if (news[i].what == BM_NEWS_CLOSED) closed(town, news[i].cid);
    }
}

/* Others walk about; one link is closed and another replaced, whatever they are at. */
static void stir(town *town, uint32_t tick)
{
    for (uint32_t i = 0; i < OTHERS; i += 1 + tick % 3) {
        uint64_t drawn = bm_field_mix(tick << 16 | i);
        int32_t xyz[3] = {(int32_t)(drawn % 9000), (int32_t)((drawn >> 20) % 9000), 0};
        town->wrong |= bm_field_put(town->field, PLAYERS + i, 2, xyz, (uint16_t)drawn, 0, 0) < 0;
    }
    if (tick % 4 == 0) {
        uint32_t i = tick / 4 % PLAYERS;
        bm_pump_close_link(town->pump, cid_of(i, atomic_load(&town->generations[i])), BM_KICKED);
    }
    if (tick % 8 == 2) {
        uint32_t i = tick / 8 * 5 % PLAYERS;
        leave(town, i);
        install(town, i);
    }
}

static int settle(town *town, int port)
{
    static const bm_field_rules rules = {
        .sight = 9600, .leave = 10560, .height = 6400, .leave_height = 7040,
        .slack_permille = 1250, .burst_mm = 30000, .late_ms = 2000,
    };
    static const int32_t origin[3];

    town->crypto = bm_crypto_new();
    town->field = bm_field_new(&rules);
    town->feed = town->field ? bm_feed_new(town->field, town->pump, NULL) : NULL;
    town->server = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (!town->crypto || !town->feed) return 1;
    for (uint32_t i = 0; i < PLAYERS; i++) {
        town->eyes[i] = -1;
        town->sockets[i] = socket(AF_INET, SOCK_DGRAM, 0);
        town->wrong |= town->sockets[i] < 0 || bm_field_put(town->field, i, 1, origin, 0, 0, 0) < 0;
        install(town, i);
    }
    return town->wrong;
}

static void leave_town(town *town)
{
    for (uint32_t i = 0; i < PLAYERS; i++) close(town->sockets[i]);
    bm_feed_free(town->feed);
    bm_field_free(town->field);
    bm_crypto_free(town->crypto);
    bm_pump_free(town->pump);
}

static int run(town *town)
{
    uint64_t pumped[BM_COUNTS], fed[BM_FED_COUNTS];
    pthread_t players;
    uint32_t tick = 0;

    if (pthread_create(&players, NULL, play, town)) return 1;
    while (!town->wrong && town->visits < VISITS && ++tick < TICKS_MOST) {
        hear(town, tick);
        stir(town, tick);
        town->wrong |= bm_field_step(town->field, tick, tick * 50, 1 + tick % LANES) < 0
            || bm_feed_tick(town->feed, tick, (int)(tick / 16 % BM_FEED_LEVELS), 1 + tick % LANES) < 0
            || !bm_pump_alive(town->pump);
        bm_pump_wait(town->pump, WAIT_MS);
    }
    atomic_store(&town->over, 1);
    pthread_join(players, NULL);
    bm_pump_stop(town->pump);
    hear(town, tick + 1);
    bm_pump_count(town->pump, pumped);
    bm_feed_count(town->feed, fed);
    town->wrong |= town->visits < VISITS || town->ends != town->installs || !pumped[BM_COUNT_INPUTS]
        || !fed[BM_FED_NEAR] || !fed[BM_FED_ENTERS];
    printf("world: %u ticks, %u links, %u attached, %u ended, %llu inputs, %llu datagrams%s\n", tick,
           town->installs, town->visits, town->ends, (unsigned long long)pumped[BM_COUNT_INPUTS],
           (unsigned long long)fed[BM_FED_DATAGRAMS], town->wrong ? ": WRONG" : "");
    return town->wrong;
}

int main(void)
{
    bm_pump_options options = { .threads = 2, .lanes = LANES, .ring_bytes = 1u << 20,
                                .receive_bytes = 1u << 20, .send_bytes = 1u << 20 };
    static town town;
    int port, wrong;

    town.pump = bm_pump_new(&options);
    port = town.pump ? bm_pump_bind(town.pump, "127.0.0.1", 0) : -1;
    if (port < 0 || bm_pump_start(town.pump) < 0 || settle(&town, port)) {
        printf("world: %s\n", town.pump ? bm_pump_why(town.pump) : "no memory");
        return 1;
    }
    wrong = run(&town);
    leave_town(&town);
    return wrong;
}
