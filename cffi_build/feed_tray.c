/* Where a feed without a pump puts what is to be sent: tests and measurements. */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "feed.h"

struct bm_tray {
    uint32_t limit, size;
    int taken;                  /* begin anew with the next push */
    pthread_mutex_t lock;       /* several lanes push at a time */
    uint8_t bytes[];
};

bm_tray *bm_tray_new(uint32_t limit)
{
    bm_tray *tray = malloc(sizeof *tray + limit);

    if (!tray) return NULL;
    tray->limit = limit;
    tray->size = 0;
    tray->taken = 0;
    pthread_mutex_init(&tray->lock, NULL);
    return tray;
}

void bm_tray_free(bm_tray *tray)
{
    if (tray) pthread_mutex_destroy(&tray->lock);
    free(tray);
}

int bm_tray_push(void *to, uint32_t lane, uint32_t cid, uint32_t record, uint32_t tick,
                   const uint8_t *sections, uint32_t size)
{
    bm_tray *tray = to;
    uint32_t head[4] = {cid, record, tick, size};
    int code = BM_FULL;

    (void)lane;
    pthread_mutex_lock(&tray->lock);
    if (tray->taken) tray->size = 0, tray->taken = 0;
    if (tray->size + sizeof head + size <= tray->limit) {
        memcpy(tray->bytes + tray->size, head, sizeof head);
        memcpy(tray->bytes + tray->size + sizeof head, sections, size);
        tray->size += (uint32_t)sizeof head + size;
        code = 0;
    }
    pthread_mutex_unlock(&tray->lock);
    return code;
}

void bm_tray_flush(void *to, uint32_t lane)
{
    (void)to;
    (void)lane;
}

uint32_t bm_tray_take(bm_tray *tray, const uint8_t **bytes)
{
    *bytes = tray->bytes;
    if (tray->taken) return 0;
    tray->taken = 1;
    return tray->size;
}
