/* Threads that share one piece of work at a time: the field's and the feed's ranges of eyes. */

#ifndef BM_WORKERS_H
#define BM_WORKERS_H

#include "native.h"

#define BM_WORKERS_LIMIT 16

/* Called once with each number from 0; they share out what is to do among themselves. */
typedef void bm_work(void *it, unsigned worker);

/* Answers when all are done.  Number 0 is the caller, and those for which no thread can be had; one piece
   of work is done at a time, other callers wait.  `threads`: 1 to BM_WORKERS_LIMIT. */
int bm_workers_run(unsigned threads, bm_work *work, void *it);

#endif
