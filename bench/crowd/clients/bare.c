/* What the kernel alone takes: as many datagrams of the same sizes, sent and received with nothing
   done to them.  CPU time of the measured thread, which on loopback has the receiver's half of a
   sent datagram in it, as the server's has. */

#define _GNU_SOURCE

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "crowd.h"

#define BATCH 64                /* of what is sent */
#define RECEIVED 256            /* of what is received */
#define BUFFER_BYTES (64 << 20)
#define ANY_PORT 0

typedef struct {
    int fd;
    atomic_int stop;
    atomic_uint got;
} sink;

typedef union {
    char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
    struct cmsghdr head;
} control;

static uint8_t payload[BATCH][CROWD_MTU];
static uint8_t taken[RECEIVED][CROWD_MTU];

static int64_t cpu_ns(void)
{
    struct timespec at;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return at.tv_sec * (int64_t)1000000000 + at.tv_nsec;
}

/* This thread on one core, those that it starts on the others, as the server and the crowd are. */
typedef struct {
    cpu_set_t before, others;
} places;

static void part(places *where)
{
    int here = sched_getcpu();
    cpu_set_t mine;

    pthread_getaffinity_np(pthread_self(), sizeof where->before, &where->before);
    where->others = where->before;
    if (here < 0 || CPU_COUNT(&where->before) < 2) return;
    CPU_ZERO(&mine);
    CPU_SET(here, &mine);
    CPU_CLR(here, &where->others);
    pthread_setaffinity_np(pthread_self(), sizeof mine, &mine);
}

static int start(const places *where, pthread_t *thread, void *(*run)(void *), void *argument)
{
    pthread_attr_t how;
    int code;

    pthread_attr_init(&how);
    pthread_attr_setaffinity_np(&how, sizeof where->others, &where->others);
    code = pthread_create(thread, &how, run, argument);
    pthread_attr_destroy(&how);
    return code;
}

static void meet(const places *where)
{
    pthread_setaffinity_np(pthread_self(), sizeof where->before, &where->before);
}

/* A socket as the server's are, bound to a port of the kernel's choice, or unbound for sending. */
static int open_socket(struct sockaddr_in *bound)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), bytes = BUFFER_BYTES, whole = IP_PMTUDISC_DO;
    socklen_t size = sizeof *bound;

    if (fd < 0) return -errno;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &whole, sizeof whole);
    if (bound) {
        *bound = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(ANY_PORT)};
        if (bind(fd, (struct sockaddr *)bound, sizeof *bound) < 0
            || getsockname(fd, (struct sockaddr *)bound, &size) < 0) {
            close(fd);
            return -errno;
        }
    }
    return fd;
}

static void *drain(void *argument)
{
    sink *it = argument;
    struct mmsghdr heads[BATCH];
    struct iovec parts[BATCH];
    static uint8_t bytes[BATCH][CROWD_MTU];

    for (int i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec){bytes[i], CROWD_MTU};
        heads[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
    }
    while (!atomic_load(&it->stop)) {
        int count = recvmmsg(it->fd, heads, BATCH, MSG_DONTWAIT, NULL);

        if (count > 0)
            atomic_fetch_add(&it->got, (unsigned)count);
        else
            nanosleep(&(struct timespec){0, 100000}, NULL);
    }
    return NULL;
}

static int send_all(int fd, const uint16_t *sizes, uint32_t count, uint32_t first_address,
                    uint32_t addresses, in_port_t port)
{
    struct mmsghdr heads[BATCH];
    struct iovec parts[BATCH];
    struct sockaddr_in to[BATCH];

    for (uint32_t at = 0; at < count;) {
        uint32_t batch = count - at < BATCH ? count - at : BATCH;

        for (uint32_t i = 0; i < batch; i++) {
            to[i] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port,
                                         .sin_addr.s_addr = htonl(first_address + (at + i) % addresses)};
            parts[i] = (struct iovec){payload[i], sizes[at + i]};
            heads[i].msg_hdr = (struct msghdr){.msg_name = &to[i], .msg_namelen = sizeof to[i],
                                               .msg_iov = &parts[i], .msg_iovlen = 1};
        }
        for (uint32_t sent = 0; sent < batch;) {
            int more = sendmmsg(fd, heads + sent, batch - sent, 0);

            if (more <= 0) return -errno;
            sent += (uint32_t)more;
        }
        at += batch;
    }
    return 0;
}

int64_t bare_send(const uint16_t *sizes, uint32_t count, uint32_t first_address, uint32_t addresses)
{
    struct sockaddr_in bound;
    sink it = {.fd = open_socket(&bound)};
    int fd = open_socket(NULL), code;
    pthread_t drainer;
    int64_t began;
    places where;

    part(&where);
    if (it.fd < 0 || fd < 0 || start(&where, &drainer, drain, &it)) return -EIO;
    began = cpu_ns();
    code = send_all(fd, sizes, count, first_address, addresses, bound.sin_port);
    began = cpu_ns() - began;
    atomic_store(&it.stop, 1);
    pthread_join(drainer, NULL);
    meet(&where);
    close(it.fd);
    close(fd);
    return code < 0 ? code : began;
}

typedef struct {
    const uint16_t *sizes;
    uint32_t count, first_address, addresses;
    struct sockaddr_in to;
    int code;
} source;

/* From an address of its own each, as the crowd does it. */
static void *fill(void *argument)
{
    source *it = argument;
    int fd = open_socket(NULL);

    for (uint32_t i = 0; i < it->count && fd >= 0; i++) {
        struct iovec part = {payload[0], it->sizes[i]};
        control which = {.head = {.cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO,
                                  .cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo))}};
        struct in_pktinfo from = {.ipi_spec_dst.s_addr = htonl(it->first_address + i % it->addresses)};
        struct msghdr head = {.msg_name = &it->to, .msg_namelen = sizeof it->to,
                              .msg_iov = &part, .msg_iovlen = 1,
                              .msg_control = &which, .msg_controllen = sizeof which};

        memcpy(CMSG_DATA(&which.head), &from, sizeof from);
        if (sendmsg(fd, &head, 0) < 0) it->code = -errno;
    }
    if (fd >= 0) close(fd);
    return NULL;
}

int64_t bare_receive(const uint16_t *sizes, uint32_t count, uint32_t first_address, uint32_t addresses,
                     uint32_t *got)
{
    source it = {.sizes = sizes, .count = count, .first_address = first_address, .addresses = addresses};
    int fd = open_socket(&it.to), more;
    pthread_t filler;
    struct mmsghdr heads[RECEIVED];
    struct iovec parts[RECEIVED];
    struct sockaddr_in from[RECEIVED];
    int64_t began;
    places where;

    if (fd < 0) return fd;
    it.to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    part(&where);
    if (start(&where, &filler, fill, &it)) return -EIO;
    pthread_join(filler, NULL);
    *got = 0;
    began = cpu_ns();
    do {
        for (int i = 0; i < RECEIVED; i++) {
            parts[i] = (struct iovec){taken[i], CROWD_MTU};
            heads[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i],
                                               .msg_iov = &parts[i], .msg_iovlen = 1};
        }
        more = recvmmsg(fd, heads, RECEIVED, MSG_DONTWAIT, NULL);
        *got += more > 0 ? (uint32_t)more : 0;
    } while (more > 0);
    began = cpu_ns() - began;
    meet(&where);
    close(fd);
    return it.code < 0 ? it.code : began;
}
