/* Memory in pieces: pieces.h. */

#define _DEFAULT_SOURCE         /* madvise */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pieces.h"

#define LINE 64
#define BLOCK_BYTES (1u << 21)  /* a huge page */

struct bm_pieces {
    pthread_mutex_t lock;
    uint8_t **blocks;           /* the last one is cut up to `cut` */
    uint32_t block_count, cut;
    void *free[BM_PIECE_BYTES / LINE + 1];      /* by size in lines: the first of a list */
    uint64_t bytes;
};

bm_pieces *bm_pieces_new(void)
{
    bm_pieces *pieces = calloc(1, sizeof *pieces);

    if (!pieces) return NULL;
    if (pthread_mutex_init(&pieces->lock, NULL) == 0) return pieces;
    free(pieces);
    return NULL;
}

void bm_pieces_free(bm_pieces *pieces)
{
    if (!pieces) return;
    for (uint32_t i = 0; i < pieces->block_count; i++) free(pieces->blocks[i]);
    free(pieces->blocks);
    pthread_mutex_destroy(&pieces->lock);
    free(pieces);
}

static size_t rounded(size_t size) { return (size + LINE - 1) / LINE * LINE; }

#ifdef __SANITIZE_ADDRESS__

/* Each by itself: who reads beyond a piece, or after it was given back, is found out. */
static void *find(bm_pieces *pieces, size_t size)
{
    (void)pieces;
    return aligned_alloc(LINE, size);
}

static void put_back(bm_pieces *pieces, void *piece, size_t size)
{
    (void)pieces, (void)size;
    free(piece);
}

#else

static int another_block(bm_pieces *pieces)
{
    uint8_t **blocks = realloc(pieces->blocks, (pieces->block_count + 1) * sizeof *blocks), *block;

    if (!blocks) return BM_NO_MEMORY;
    pieces->blocks = blocks;
    if (!(block = aligned_alloc(BLOCK_BYTES, BLOCK_BYTES))) return BM_NO_MEMORY;
    if (pieces->block_count) madvise(block, BLOCK_BYTES, MADV_HUGEPAGE);    /* a few pieces stay small */
    blocks[pieces->block_count++] = block;
    pieces->cut = 0;
    return 0;
}

/* A piece that was given back, or a new one. */
static void *find(bm_pieces *pieces, size_t size)
{
    void **first = &pieces->free[size / LINE], *piece = *first;

    if (piece) {
        memcpy(first, piece, sizeof *first);
        return piece;
    }
    if ((!pieces->block_count || BLOCK_BYTES - pieces->cut < size) && another_block(pieces) < 0) return NULL;
    piece = pieces->blocks[pieces->block_count - 1] + pieces->cut;
    pieces->cut += (uint32_t)size;
    return piece;
}

static void put_back(bm_pieces *pieces, void *piece, size_t size)
{
    void **first = &pieces->free[size / LINE];

    memcpy(piece, first, sizeof *first);
    *first = piece;
}

#endif

void *bm_pieces_take(bm_pieces *pieces, size_t size)
{
    void *piece;

    pthread_mutex_lock(&pieces->lock);
    if ((piece = find(pieces, rounded(size)))) pieces->bytes += rounded(size);
    pthread_mutex_unlock(&pieces->lock);
    return piece ? memset(piece, 0, rounded(size)) : NULL;
}

void bm_pieces_give(bm_pieces *pieces, void *piece, size_t size)
{
    pthread_mutex_lock(&pieces->lock);
    put_back(pieces, piece, rounded(size));
    pieces->bytes -= rounded(size);
    pthread_mutex_unlock(&pieces->lock);
}

uint64_t bm_pieces_bytes(const bm_pieces *pieces)
{
    return pieces->bytes;
}
