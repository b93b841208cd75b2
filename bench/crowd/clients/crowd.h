/* What the crowd's sources share. */

#ifndef CROWD_H
#define CROWD_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#include "native.h"
#include "sealing.h"
#include "api.h"

#define CROWD_SLOTS 255
#define CROWD_INPUTS 256        /* remembered: 12.8 s */
#define CROWD_SENT 16           /* datagrams remembered: 1.6 s */
#define CROWD_TURNS 100         /* of 1 ms: each client sends in one of them */
#define CROWD_TURN_NS 1000000
#define CROWD_TICK_NS 50000000
#define CROWD_MTU 1500          /* what is taken; what is sent is far smaller, but for the attach */
#define CROWD_ATTACH_BYTES 1200
#define CROWD_ATTACH_NS 250000000
#define CROWD_LATE_NS 50000000
#define CROWD_CHECK_EVERY 32    /* one datagram in so many is checked against what was sent */
#define CROWD_KEPT 4            /* places of a slot that deltas may build on, beside its base */
#define CROWD_NOBODY 0xffff     /* a slot that holds something that is none of the crowd */

enum { CROWD_OUTSIDE, CROWD_ATTACHING, CROWD_PLAYING, CROWD_CLOSED };

/* A slot of a client's: two in a cache line. */
typedef struct {
    int32_t x, y, z;
    uint16_t who;               /* index + 1 of the client it shows, CROWD_NOBODY, 0: empty */
    uint16_t tick;              /* of its last state */
    uint8_t yaw, speed, flags;
    uint8_t version;            /* of ENTER and GONE */
    uint8_t known;              /* there has been one */
    uint8_t unused[11];
} crowd_slot;

/* What deltas build on. */
typedef struct {
    int32_t x, y, z;
    uint16_t tick;
    uint8_t yaw, speed, flags;
    uint8_t unused[3];
} crowd_place_at;

/* Beside a slot, where there are deltas: two cache lines. */
typedef struct {
    crowd_place_at base, kept[CROWD_KEPT];
    uint8_t based, count;       /* there is a base; so many are kept */
    uint8_t unused[26];
} crowd_past;

typedef struct {
    int32_t x, y, z;
    uint16_t yaw, flags;
} crowd_input;

typedef struct {
    int64_t at_ns;
    uint64_t number;            /* packet number + 1; 0: none */
    uint16_t input;             /* the newest in it */
    uint8_t acked;
} crowd_sent;

/* Where a client truly is; apart from it, because every sampling reads all of them. */
typedef struct {
    int32_t x, y, z;
    uint8_t moving, here;
    uint8_t unused[2];
} crowd_truth;

/* What any of the crowd has heard of a client last, and in which ticks that was another thing than before. */
typedef struct {
    uint64_t changes;           /* bit i: in tick - i */
    int32_t x, y, z;            /* 1/32 yard, as near words tell it */
    uint16_t tick;
    uint8_t yaw, any;
} crowd_news;

typedef struct {
    bm_opener opener;           /* s2c */
    bm_sealer sealer;           /* c2s */
    in_addr_t address;
    uint8_t phase, epoch, mode;
    uint8_t token_due, pong_due, any, ack_due, settled, told;
    uint8_t token[8];
    uint32_t pong_stamp;
    uint16_t input, input_acked;        /* newest made, newest that the server has */
    uint16_t self_tick;         /* of the SELF it knows, if it is settled */
    uint64_t highest;           /* received, if `any` */
    uint64_t seen;              /* bit i: highest - i was received */
    int64_t gaps;               /* numbers passed over and not seen so far, since the measuring began */
    int64_t highest_ns, attach_ns;
    uint64_t chance;
    float x, y, yaw;            /* yards, radians */
    float home_x, home_y, home_radius;
    crowd_input inputs[CROWD_INPUTS];   /* by number */
    crowd_input placed;         /* where the server put it last */
    crowd_sent last[CROWD_SENT];        /* by packet number */
} crowd_client;

struct crowd {
    uint32_t count;
    uint64_t first_guid;
    bm_crypto *crypto;
    crowd_client *clients;
    crowd_truth *truths;
    crowd_news *news;
    crowd_slot *slots;          /* CROWD_SLOTS + 1 a client */
    crowd_past *pasts;          /* beside them, if any client takes deltas */
    uint8_t *marks;             /* scratch of the sampling, one a client */
    uint32_t attached;
    uint32_t next_sampled, next_searched;
    uint16_t newest;            /* tick of the server's */
    uint8_t any_tick, measuring, clocked;
    uint16_t clock_tick;
    int64_t clock_ns;
    int64_t began_ns;
    uint64_t turn;              /* the next one */
    int fd;
    uint32_t first_address;
    struct sockaddr_in server;
    crowd_figures figures;
};

static inline uint32_t crowd_u16(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8; }
static inline uint32_t crowd_u32(const uint8_t *p) { return crowd_u16(p) | crowd_u16(p + 2) << 16; }
static inline uint64_t crowd_u64(const uint8_t *p) { return crowd_u32(p) | (uint64_t)crowd_u32(p + 4) << 32; }

static inline int crowd_at_most(int64_t value, int most)
{
    return value < 0 ? 0 : value > most ? most : (int)value;
}

static inline crowd_slot *crowd_slots_of(const crowd *it, uint32_t index)
{
    return it->slots + (size_t)index * (CROWD_SLOTS + 1);
}

/* Ten thousand clients are more than a cache holds: ask for one before it is its turn. */
static inline void crowd_expect(const crowd_client *client)
{
    for (size_t at = 0; at < offsetof(crowd_client, inputs); at += 64)
        __builtin_prefetch((const char *)client + at, 1);
}

/* walk.c */
double crowd_random(uint64_t *state);
void crowd_walk(crowd *it, uint32_t index);
void crowd_place(crowd *it, uint32_t index, int32_t x, int32_t y, int32_t z, uint16_t yaw);

/* outgoing.c: answers the size, or 0 when there is nothing to send. */
uint32_t crowd_write(crowd *it, uint32_t index, int64_t now_ns, uint8_t *out);

/* incoming.c */
int crowd_open_datagram(crowd *it, uint32_t index, uint8_t *datagram, uint32_t size, int64_t now_ns);
int crowd_read_sections(crowd *it, uint32_t index, uint64_t number, const uint8_t *plain, uint32_t size,
                        int64_t now_ns);

/* snapshots.c, state.c: answer how many bytes they read, or -1. */
int crowd_snapshot(crowd *it, uint32_t index, uint16_t tick, const uint8_t *p, uint32_t size, int check);
int crowd_state(crowd *it, uint32_t index, uint16_t tick, const uint8_t *p, uint32_t size);

/* deltas.c: all `size` bytes of a snapshot of form 1; 0, or -1.  An ENTER was taken into the slot. */
void crowd_deltas_begin(void);
int crowd_deltas(crowd *it, uint32_t index, uint16_t tick, const uint8_t *p, uint32_t size, int check);
void crowd_deltas_entered(crowd *it, uint32_t index, uint32_t slot);

void crowd_check(crowd *it, uint32_t observer, const crowd_slot *slot, uint8_t form);
int crowd_varint(const uint8_t *p, uint32_t size, uint32_t *value);

/* sampling.c */
void crowd_hear(crowd *it, const crowd_slot *slot);
void crowd_sample(crowd *it, int64_t now_ns);

#endif
