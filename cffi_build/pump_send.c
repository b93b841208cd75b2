/* What goes: datagrams from the links to the sockets, in batches.

   When the kernel has no room a full batch stays as it is, nothing more is sealed for any socket, and
   receiving goes on; after STUCK_US the batch is given up: clients would rather hear of now than of then. */

#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "pump_io.h"

#define STUCK_US 100000u

/* Takes the first `done` datagrams out of a batch: swapped, so that buffers keep their heads. */
static void advance(bm_outbox *outbox, uint32_t done)
{
    uint32_t left = outbox->count - done;

    for (uint32_t i = 0; done && i < left; i++) {
        outbox->to[i] = outbox->to[done + i];
        outbox->pieces[i].iov_len = outbox->pieces[done + i].iov_len;
        memcpy(outbox->bytes[i], outbox->bytes[done + i], outbox->pieces[i].iov_len);
        outbox->heads[i].msg_hdr.msg_namelen = outbox->to[i].length;
    }
    outbox->count = left;
}

static void sent(bm_io *io, const bm_outbox *outbox, uint32_t from, uint32_t to)
{
    uint64_t bytes = 0;

    for (uint32_t i = from; i < to; i++) bytes += outbox->pieces[i].iov_len;
    bm_io_count(io, BM_COUNT_SENT, to - from);
    bm_io_count(io, BM_COUNT_SENT_BYTES, bytes);
}

/* How many of the datagrams that are left to leave out because of an error; 0: try again later. */
static uint32_t judge(bm_io *io, bm_outbox *outbox, uint32_t left, int error)
{
    switch (error) {
    case EAGAIN:
        bm_io_count(io, BM_COUNT_SEND_AGAIN, 1);
        if (!outbox->stuck_us) outbox->stuck_us = io->now_us;
        return io->now_us - outbox->stuck_us < STUCK_US ? 0 : left;
    case EBADF: case ENOTSOCK: case EFAULT: case EPIPE:
        bm_io_fail(io, "sendmmsg", error);
        return 0;
    default:    /* ENOBUFS, EMSGSIZE, EPERM, no route: this client's trouble, which its link will notice */
        return 1;
    }
}

static void push_out(bm_io *io, uint16_t socket)
{
    bm_outbox *outbox = io->outboxes[socket];
    uint32_t done = 0;

    while (done < outbox->count) {
        uint32_t left = outbox->count - done, out;
        int got = bm_socket_send(io, io->sockets[socket], outbox->heads + done, left);

        if (got > 0) {
            sent(io, outbox, done, done + (uint32_t)got);
            done += (uint32_t)got;
            outbox->stuck_us = 0;
            continue;
        }
        if (got < 0 && errno == EINTR) continue;
        if (!(out = judge(io, outbox, left, got < 0 ? errno : EAGAIN))) break;
        bm_io_count(io, BM_COUNT_SEND_ERRORS, out);
        done += out;
    }
    advance(outbox, done);
}

/* Answers whether everything is gone. */
int bm_io_flush(bm_io *io)
{
    int clear = 1;

    bm_meter_lap(io, BM_METER_OTHER);
    for (uint16_t socket = 0; socket < io->pump->socket_count; socket++) {
        if (io->outboxes[socket]->count) push_out(io, socket);
        clear &= io->outboxes[socket]->count == 0;
    }
    bm_meter_lap(io, BM_METER_KERNEL);
    return clear;
}

int bm_io_stuck(const bm_io *io)
{
    for (uint32_t socket = 0; socket < io->pump->socket_count; socket++)
        if (io->outboxes[socket]->count == BM_SEND_BATCH) return 1;
    return 0;
}

uint8_t *bm_io_blank(const bm_io *io, uint16_t socket)
{
    bm_outbox *outbox = io->outboxes[socket];

    return outbox->bytes[outbox->count];
}

void bm_io_put(bm_io *io, const bm_parcel *parcel)
{
    bm_outbox *outbox = io->outboxes[parcel->address.socket];
    uint32_t i = outbox->count;

    if (parcel->bytes != outbox->bytes[i]) memcpy(outbox->bytes[i], parcel->bytes, parcel->size);
    outbox->to[i] = parcel->address;
    outbox->pieces[i].iov_len = parcel->size;
    outbox->heads[i].msg_hdr.msg_namelen = parcel->address.length;
    if (++outbox->count == BM_SEND_BATCH) bm_io_flush(io);
}
