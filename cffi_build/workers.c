/* The process's pool of threads: started when first wanted, asleep between two pieces of work, never ended.

   A child of fork() has none of them: it starts its own. */

#include <pthread.h>
#include <unistd.h>

#include "workers.h"

static struct {
    pthread_mutex_t turn;           /* held by who is served */
    pthread_mutex_t lock;           /* of what follows */
    pthread_cond_t wanted, done;
    pid_t owner;
    unsigned started;               /* threads, numbers 1 to this */
    unsigned wanted_count;          /* of those, who take part in the current piece */
    unsigned busy;
    uint64_t piece;
    uint64_t seen[BM_WORKERS_LIMIT];    /* by thread: the last piece it did, or was too late for */
    bm_work *work;
    void *it;
} pool = {
    .turn = PTHREAD_MUTEX_INITIALIZER,
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .wanted = PTHREAD_COND_INITIALIZER,
    .done = PTHREAD_COND_INITIALIZER,
};

static void *wait_for_work(void *argument)
{
    unsigned number = (unsigned)(uintptr_t)argument;
    uint64_t *seen = &pool.seen[number];

    pthread_mutex_lock(&pool.lock);
    for (;;) {
        while (pool.piece == *seen || number > pool.wanted_count) {
            *seen = pool.piece;
            pthread_cond_wait(&pool.wanted, &pool.lock);
        }
        *seen = pool.piece;
        pthread_mutex_unlock(&pool.lock);
        pool.work(pool.it, number);
        pthread_mutex_lock(&pool.lock);
        if (--pool.busy == 0) pthread_cond_signal(&pool.done);
    }
    return NULL;
}

/* Starts what is missing; answers how many there are, at most `count`. */
static unsigned start(unsigned count)
{
    pthread_attr_t detached;

    if (pool.owner != getpid()) {
        pool.owner = getpid();
        pool.started = 0;
    }
    if (pthread_attr_init(&detached)) return 0;
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    while (pool.started < count) {
        pthread_t thread;
        pool.seen[pool.started + 1] = pool.piece;   /* it takes part in the next one */
        if (pthread_create(&thread, &detached, wait_for_work, (void *)(uintptr_t)(pool.started + 1))) break;
        pool.started++;
    }
    pthread_attr_destroy(&detached);
    return pool.started < count ? pool.started : count;
}

int bm_workers_run(unsigned threads, bm_work *work, void *it)
{
    unsigned had;

    if (threads < 1 || threads > BM_WORKERS_LIMIT) return BM_OUT_OF_RANGE;
    if (threads == 1) {
        work(it, 0);
        return 0;
    }
    pthread_mutex_lock(&pool.turn);
    pthread_mutex_lock(&pool.lock);
    had = pool.wanted_count = pool.busy = start(threads - 1);
    pool.work = work;
    pool.it = it;
    pool.piece++;
    pthread_cond_broadcast(&pool.wanted);
    pthread_mutex_unlock(&pool.lock);
    work(it, 0);
    for (unsigned number = had + 1; number < threads; number++) work(it, number);
    pthread_mutex_lock(&pool.lock);
    while (pool.busy) pthread_cond_wait(&pool.done, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
    pthread_mutex_unlock(&pool.turn);
    return 0;
}
