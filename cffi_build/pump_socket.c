/* Sockets of the pump: one for each address and I/O thread.

   Several threads' sockets of one address form a REUSEPORT group, in which a little program chooses by the
   connection id's low byte, so that a link's datagrams always come to the thread that has the link, whatever
   address they are from. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pump_io.h"

#define CID_LOW_BYTE 1      /* where it is in a datagram */

static int refuse(bm_pump *pump, const char *doing, int error)
{
    snprintf(pump->why, sizeof pump->why, "%s: %s", doing, strerror(error));
    return BM_SYSTEM;
}

static int parse(const char *host, uint16_t port, bm_address *address)
{
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, host, &address->name.v4.sin_addr) == 1) {
        address->name.v4.sin_family = AF_INET;
        address->name.v4.sin_port = htons(port);
        address->length = sizeof address->name.v4;
        return 0;
    }
    if (inet_pton(AF_INET6, host, &address->name.v6.sin6_addr) == 1) {
        address->name.v6.sin6_family = AF_INET6;
        address->name.v6.sin6_port = htons(port);
        address->length = sizeof address->name.v6;
        return 0;
    }
    return BM_OUT_OF_RANGE;
}

/* Beyond the system's limit where that is allowed, else as near to it as it gets. */
static void enlarge(int socket, int forced, int plain, uint32_t bytes)
{
    int wanted = bytes > 0x3fffffffu ? 0x3fffffff : (int)bytes;

    if (!bytes || setsockopt(socket, SOL_SOCKET, forced, &wanted, sizeof wanted) == 0) return;
    setsockopt(socket, SOL_SOCKET, plain, &wanted, sizeof wanted);
}

static uint32_t buffer(int socket, int which)
{
    int bytes = 0;
    socklen_t size = sizeof bytes;

    getsockopt(socket, SOL_SOCKET, which, &bytes, &size);
    return (uint32_t)bytes;
}

/* Datagrams are never fragmented: routers that would have to drop them, which a probe finds out, and the
   kernel need not choose an id for each, which is 6 to 9 % of sending.  Source: docs/native.md */
static int configure(int socket, const bm_address *address)
{
    int on = 1, dont_v4 = IP_PMTUDISC_DO, dont_v6 = IPV6_PMTUDISC_DO;

    if (address->name.any.sa_family == AF_INET)
        return setsockopt(socket, IPPROTO_IP, IP_MTU_DISCOVER, &dont_v4, sizeof dont_v4);
    if (setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0) return -1;
    return setsockopt(socket, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &dont_v6, sizeof dont_v6);
}

/* A socket for this address; `shared`: one of a group.  Negative: errno says why. */
static int open_one(const bm_pump *pump, const bm_address *address, int shared)
{
    int made = socket(address->name.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

    if (made < 0) return -1;
    enlarge(made, SO_RCVBUFFORCE, SO_RCVBUF, pump->options.receive_bytes);
    enlarge(made, SO_SNDBUFFORCE, SO_SNDBUF, pump->options.send_bytes);
    if (configure(made, address) == 0
        && (!shared || setsockopt(made, SOL_SOCKET, SO_REUSEPORT, &shared, sizeof shared) == 0)
        && bind(made, &address->name.any, address->length) == 0) return made;
    error = errno;
    close(made);
    errno = error;
    return -1;
}

static int steer(const bm_pump *pump, int socket)
{
    struct sock_filter program[] = {
        { BPF_LD | BPF_B | BPF_ABS, 0, 0, CID_LOW_BYTE },   /* too short for it: thread 0, which counts it */
        { BPF_ALU | BPF_MOD | BPF_K, 0, 0, pump->options.threads },
        { BPF_RET | BPF_A, 0, 0, 0 },
    };
    struct sock_fprog filter = { sizeof program / sizeof *program, program };

    return setsockopt(socket, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &filter, sizeof filter);
}

static void note_buffers(bm_pump *pump, int socket)
{
    uint32_t receive = buffer(socket, SO_RCVBUF), send = buffer(socket, SO_SNDBUF);

    if (!pump->receive_bytes || receive < pump->receive_bytes) pump->receive_bytes = receive;
    if (!pump->send_bytes || send < pump->send_bytes) pump->send_bytes = send;
}

/* All threads' sockets of one address, whose port is known. */
static int open_group(bm_pump *pump, const bm_address *address)
{
    for (uint32_t i = 0; i < pump->options.threads; i++) {
        int *mine = &pump->threads[i].sockets[pump->socket_count];

        if ((*mine = open_one(pump, address, 1)) >= 0) {
            note_buffers(pump, *mine);
            if (i + 1 < pump->options.threads || steer(pump, *mine) == 0) continue;
        }
        for (uint32_t made = 0; made <= i; made++) {
            int *other = &pump->threads[made].sockets[pump->socket_count], error = errno;
            if (*other >= 0) close(*other);
            *other = -1;
            errno = error;
        }
        return -1;
    }
    pump->socket_count++;
    return 0;
}

static int bind_once(bm_pump *pump, bm_address *address)
{
    socklen_t length = sizeof address->name;
    /* Alone: that chooses the port, and fails where another program's group would let us in. */
    int first = open_one(pump, address, 0);

    if (first < 0 || getsockname(first, &address->name.any, &length) < 0) return -1;
    if (pump->options.threads == 1) {
        pump->threads[0].sockets[pump->socket_count++] = first;
        note_buffers(pump, first);
        return 0;
    }
    close(first);
    return open_group(pump, address);
}

int bm_pump_bind(bm_pump *pump, const char *host, uint16_t port)
{
    bm_address address;
    int tries = port ? 1 : 16;      /* somebody else may get a port that was free */

    if (pump->threads[0].started || pump->socket_count == BM_PUMP_SOCKETS) return BM_OUT_OF_RANGE;
    do {
        if (parse(host, port, &address) < 0) return BM_OUT_OF_RANGE;
        if (bind_once(pump, &address) == 0)
            return ntohs(address.name.v4.sin_port);     /* at the same place in both kinds */
    } while (--tries && errno == EADDRINUSE);
    return refuse(pump, "bind", errno);
}

int bm_pump_buffers(const bm_pump *pump, uint32_t *receive_bytes, uint32_t *send_bytes)
{
    *receive_bytes = pump->receive_bytes;
    *send_bytes = pump->send_bytes;
    return (int)pump->socket_count;
}

/* What SO_RXQ_OVFL would report with each datagram, asked for when somebody wants to know instead. */
uint64_t bm_socket_overflows(int socket)
{
    uint32_t info[SK_MEMINFO_VARS] = { 0 };
    socklen_t size = sizeof info;

    if (socket < 0 || getsockopt(socket, SOL_SOCKET, SO_MEMINFO, info, &size) < 0) return 0;
    return info[SK_MEMINFO_DROPS];
}

void bm_sockets_close(bm_pump *pump)
{
    for (uint32_t i = 0; i < pump->options.threads; i++)
        for (uint32_t j = 0; j < pump->socket_count; j++) {
            int *mine = &pump->threads[i].sockets[j];
            bm_io_count(&pump->threads[i], BM_COUNT_OVERFLOWS, bm_socket_overflows(*mine));
            if (*mine >= 0) close(*mine);
            *mine = -1;
        }
}

/* A fault asked for by bm_pump_fault, so many times; 0 as a rule. */
static int fault(_Atomic uint32_t *faults)
{
    uint32_t left = atomic_load_explicit(faults, memory_order_relaxed);

    if (!left) return 0;
    atomic_store_explicit(faults, left < 2u << 16 ? 0 : left - (1u << 16), memory_order_relaxed);
    return (int)(left & 0xffff);
}

int bm_socket_receive(bm_io *io, int socket, struct mmsghdr *heads, uint32_t count)
{
    if ((errno = fault(&io->faults[0])) != 0) return -1;
    return recvmmsg(socket, heads, count, MSG_DONTWAIT, NULL);
}

int bm_socket_send(bm_io *io, int socket, struct mmsghdr *heads, uint32_t count)
{
    if ((errno = fault(&io->faults[1])) != 0) return -1;
    return sendmmsg(socket, heads, count, MSG_DONTWAIT);
}
