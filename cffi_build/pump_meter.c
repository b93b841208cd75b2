/* Where an I/O thread's CPU time goes: to the kernel, to opening and sealing, to the rest.

   Reading a thread's CPU clock costs a system call (0.4 us), so only every sixteenth turn is divided, and
   only at the borders between its batches; the thread's whole time, which is exact, is shared out in the
   proportion found.  In those turns the cryptography measures itself, by the system's clock (0.02 us). */

#define _GNU_SOURCE
#include <time.h>

#include "pump_io.h"

#define EVERY_TURNS 16
#define ENOUGH_NS 1000000u

static uint64_t cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void add(_Atomic uint64_t *sum, uint64_t more)
{
    atomic_store_explicit(sum, atomic_load_explicit(sum, memory_order_relaxed) + more, memory_order_relaxed);
}

void bm_meter_begin(bm_io *io)
{
    uint64_t turns = atomic_load_explicit(&io->counts[BM_COUNT_TURNS], memory_order_relaxed);

    io->meter.on = turns % EVERY_TURNS == 0;
    bm_crypto_time(bm_links_crypto(io->links), io->meter.on ? &io->meter.aead_ns : NULL);
    if (io->meter.on) io->meter.mark_ns = cpu_ns();
}

/* What has passed since the last lap was `what`; cryptography is found in the rest. */
void bm_meter_lap(bm_io *io, int what)
{
    uint64_t now, spent, aead = 0;

    if (!io->meter.on) return;
    now = cpu_ns();
    spent = now - io->meter.mark_ns;
    io->meter.mark_ns = now;
    if (what == BM_METER_OTHER) {
        aead = io->meter.aead_ns < spent ? io->meter.aead_ns : spent;
        io->meter.aead_ns = 0;
        add(&io->sampled_ns[BM_METER_AEAD], aead);
    }
    add(&io->sampled_ns[what], spent - aead);
}

void bm_meter_end(bm_io *io)
{
    if (!io->meter.on) return;
    bm_meter_lap(io, BM_METER_OTHER);
    atomic_store_explicit(&io->total_ns, io->meter.mark_ns, memory_order_relaxed);
}

/* Adds the thread's times to the three counters.  The world's: what has passed since it last asked is divided
   as what was measured since then, once that is enough to go by. */
void bm_meter_read(bm_io *io, uint64_t *counts)
{
    uint64_t total = atomic_load_explicit(&io->total_ns, memory_order_relaxed), sampled[3], all = 0;

    for (int what = 0; what < 3; what++) {
        sampled[what] = atomic_load_explicit(&io->sampled_ns[what], memory_order_relaxed);
        all += sampled[what] - io->read.sampled_ns[what];
    }
    for (int what = 0; all >= ENOUGH_NS && what < 3; what++) {
        double share = (double)(sampled[what] - io->read.sampled_ns[what]) / (double)all;

        io->read.ns[what] += (uint64_t)((double)(total - io->read.total_ns) * share);
        io->read.sampled_ns[what] = sampled[what];
    }
    if (all >= ENOUGH_NS) io->read.total_ns = total;
    for (int what = 0; what < 3; what++) counts[BM_COUNT_KERNEL_NS + what] += io->read.ns[what];
}
