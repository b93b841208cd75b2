/* Memory in pieces of whole cache lines, cut from huge pages and used again: what ten thousand players have
   of their own would lie on more small pages than a processor remembers the places of.  Any thread may take
   pieces and give them back. */

#ifndef BM_PIECES_H
#define BM_PIECES_H

#include "native.h"

#define BM_PIECE_BYTES 2048         /* the largest */

typedef struct bm_pieces bm_pieces;

bm_pieces *bm_pieces_new(void);                         /* NULL: out of memory */
void bm_pieces_free(bm_pieces *pieces);                 /* everything must have been given back */
void *bm_pieces_take(bm_pieces *pieces, size_t size);   /* zeros; NULL: out of memory */
void bm_pieces_give(bm_pieces *pieces, void *piece, size_t size);
uint64_t bm_pieces_bytes(const bm_pieces *pieces);      /* taken and not given back */

#endif
