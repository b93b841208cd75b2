/* The crowd's socket and its clock: turns of 1 ms, a hundredth of the clients sends in each. */

#define _GNU_SOURCE

#include <errno.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "crowd.h"

#define BATCH 128
#define AHEAD 3                 /* datagrams, of asking for their clients */
#define BUFFER_BYTES (64 << 20)
#define LATE_BUCKET_NS 50000000
#define RECEIVES_MOST 32        /* batches before it is time to look at the clock again */

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif

typedef union {                 /* room for the address of one datagram, aligned as a header */
    char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
    struct cmsghdr head;
} control;

typedef struct {
    struct mmsghdr heads[BATCH];
    struct iovec parts[BATCH];
    control controls[BATCH];
    uint8_t bytes[BATCH][CROWD_MTU];
    int32_t to[BATCH];          /* clients, of what came */
    int count;
} batch;

static int64_t now_ns(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * (int64_t)1000000000 + at.tv_nsec;
}

static void sleep_until(int64_t at_ns)
{
    struct timespec at = {at_ns / 1000000000, at_ns % 1000000000};

    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static void widen(int fd, int forced, int plain)
{
    int bytes = BUFFER_BYTES;

    if (setsockopt(fd, SOL_SOCKET, forced, &bytes, sizeof bytes) < 0)
        setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof bytes);
}

int crowd_open(crowd *it, uint32_t first_address, uint16_t port, uint32_t server, uint16_t server_port)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    int on = 1, dont_fragment = IP_PMTUDISC_DO;

    it->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (it->fd < 0) return -errno;
    widen(it->fd, SO_RCVBUFFORCE, SO_RCVBUF);
    widen(it->fd, SO_SNDBUFFORCE, SO_SNDBUF);
    if (setsockopt(it->fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) < 0
        || setsockopt(it->fd, IPPROTO_IP, IP_MTU_DISCOVER, &dont_fragment, sizeof dont_fragment) < 0
        || bind(it->fd, (struct sockaddr *)&any, sizeof any) < 0)
        return -errno;
    it->first_address = first_address;
    for (uint32_t i = 0; i < it->count; i++) it->clients[i].address = htonl(first_address + i);
    it->server = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(server_port), .sin_addr.s_addr = htonl(server)};
    it->began_ns = now_ns();
    return 0;
}

/* Sends what the batch holds; what the socket does not take is lost, as on any network. */
static void flush(crowd *it, batch *out)
{
    int at = 0;

    while (at < out->count) {
        int sent = sendmmsg(it->fd, out->heads + at, (unsigned)(out->count - at), 0);

        if (sent <= 0) {
            it->figures.send_failed++;
            sent = 1;
        }
        at += sent;
    }
    out->count = 0;
}

static void add(crowd *it, batch *out, uint32_t index, uint32_t size)
{
    int at = out->count++;
    struct msghdr *head = &out->heads[at].msg_hdr;
    struct cmsghdr *which = &out->controls[at].head;
    struct in_pktinfo source = {.ipi_spec_dst.s_addr = it->clients[index].address};

    out->parts[at] = (struct iovec){out->bytes[at], size};
    *head = (struct msghdr){.msg_name = &it->server, .msg_namelen = sizeof it->server,
                            .msg_iov = &out->parts[at], .msg_iovlen = 1,
                            .msg_control = which, .msg_controllen = sizeof out->controls[at]};
    which->cmsg_level = IPPROTO_IP;
    which->cmsg_type = IP_PKTINFO;
    which->cmsg_len = CMSG_LEN(sizeof source);
    memcpy(CMSG_DATA(which), &source, sizeof source);
    it->figures.sent++;
    it->figures.sent_bytes += size;
    it->figures.sizes_out[crowd_at_most(size, CROWD_SIZES - 1)]++;
    if (out->count == BATCH) flush(it, out);
}

/* The clients after this one in its turn: the next one's inputs, all of the one after that. */
static void expect(const crowd *it, uint32_t index)
{
    uint32_t next = index + CROWD_TURNS;

    if (next < it->count) {
        const crowd_client *client = &it->clients[next];

        __builtin_prefetch(&client->inputs[client->input % CROWD_INPUTS], 1);
        __builtin_prefetch(&client->inputs[(client->input + 2) % CROWD_INPUTS], 1);
        __builtin_prefetch(&client->last[client->sealer.next % CROWD_SENT], 1);
    }
    if (next + CROWD_TURNS < it->count) crowd_expect(&it->clients[next + CROWD_TURNS]);
}

static void take_turn(crowd *it, batch *out, int64_t now, uint32_t per_second)
{
    uint64_t may = (uint64_t)(now - it->began_ns) / 1000000 * per_second / 1000;

    for (uint32_t i = (uint32_t)(it->turn % CROWD_TURNS); i < it->count && i < may; i += CROWD_TURNS) {
        uint32_t size;

        expect(it, i);
        size = crowd_write(it, i, now, out->bytes[out->count]);
        if (size) add(it, out, i, size);
    }
    flush(it, out);
}

/* Whose datagram it is, or -1. */
static int32_t receiver(const crowd *it, struct msghdr *head)
{
    struct cmsghdr *which = CMSG_FIRSTHDR(head);
    struct in_pktinfo where;
    uint32_t index;

    if (!which || which->cmsg_level != IPPROTO_IP || which->cmsg_type != IP_PKTINFO) return -1;
    memcpy(&where, CMSG_DATA(which), sizeof where);
    index = ntohl(where.ipi_addr.s_addr) - it->first_address;
    return index < it->count ? (int32_t)index : -1;
}

static int receive(crowd *it, batch *in)
{
    int count;
    int64_t now;

    for (int i = 0; i < BATCH; i++) {
        in->parts[i] = (struct iovec){in->bytes[i], CROWD_MTU};
        in->heads[i].msg_hdr = (struct msghdr){.msg_iov = &in->parts[i], .msg_iovlen = 1,
                                               .msg_control = &in->controls[i],
                                               .msg_controllen = sizeof in->controls[i]};
    }
    count = recvmmsg(it->fd, in->heads, BATCH, MSG_DONTWAIT, NULL);
    now = now_ns();
    for (int i = 0; i < count; i++) {
        in->to[i] = receiver(it, &in->heads[i].msg_hdr);
        if (in->to[i] >= 0 && i < AHEAD) crowd_expect(&it->clients[in->to[i]]);
    }
    for (int i = 0; i < count; i++) {
        uint32_t size = in->heads[i].msg_len;

        if (i + AHEAD < count && in->to[i + AHEAD] >= 0) crowd_expect(&it->clients[in->to[i + AHEAD]]);
        it->figures.received++;
        it->figures.received_bytes += size;
        it->figures.sizes_in[crowd_at_most(size, CROWD_SIZES - 1)]++;
        if (in->to[i] < 0)
            it->figures.strangers++;
        else
            crowd_open_datagram(it, (uint32_t)in->to[i], in->bytes[i], size, now);
    }
    return count;
}

static void note_lateness(crowd *it, int64_t due_ns, int64_t late_ns)
{
    int ms = crowd_at_most(late_ns / 1000000, 0xffff);
    int bucket = crowd_at_most((due_ns - it->began_ns) / LATE_BUCKET_NS, CROWD_BUCKETS - 1);

    if (ms > it->figures.buckets[bucket]) it->figures.buckets[bucket] = (uint16_t)ms;
    it->figures.late_ms[crowd_at_most(ms, CROWD_MS - 1)]++;
    it->figures.turns++;
    it->figures.late_turns += late_ns > CROWD_LATE_NS;
}

static void note_drops(crowd *it)
{
    uint32_t info[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof info;

    if (getsockopt(it->fd, SOL_SOCKET, SO_MEMINFO, info, &size) == 0)
        it->figures.socket_drops = info[SK_MEMINFO_DROPS];
}

int crowd_run(crowd *it, int64_t until_ns, uint32_t per_second)
{
    static batch in, out;       /* one crowd a process */
    int64_t now = now_ns();

    while (now < until_ns) {
        int64_t due_ns = it->began_ns + (int64_t)it->turn * CROWD_TURN_NS;

        if (now < due_ns) {
            sleep_until(due_ns);
            now = now_ns();
        }
        note_lateness(it, due_ns, now - due_ns);
        take_turn(it, &out, now, per_second);
        it->turn++;
        for (int i = 0; i < RECEIVES_MOST && receive(it, &in) == BATCH; i++) continue;
        now = now_ns();
        crowd_sample(it, now);
    }
    note_drops(it);
    return 0;
}
