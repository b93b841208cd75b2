/* AES-128-GCM by the processor's own instructions: sealing_aesni.c. */

#ifndef BM_SEALING_AESNI_H
#define BM_SEALING_AESNI_H

#include "sealing.h"

/* Whether this processor has them; if not, nothing else here may be called. */
int bm_aesni_there(void);

/* As bm_blocks_seal and bm_blocks_open, H standing behind the key; the latter changes nothing where it
   refuses. */
void bm_aesni_seal(const uint8_t *key, bm_block iv, bm_block aad, uint32_t aad_size, uint8_t *text,
                   uint32_t size);
int bm_aesni_open(const uint8_t *key, bm_block iv, bm_block aad, uint32_t aad_size, uint8_t *text,
                  uint32_t size);

/* The same by wider ones: sealing_wide.c. */
int bm_wide_there(void);
void bm_wide_seal(const uint8_t *key, bm_block iv, bm_block aad, uint32_t aad_size, uint8_t *text,
                  uint32_t size);
int bm_wide_open(const uint8_t *key, bm_block iv, bm_block aad, uint32_t aad_size, uint8_t *text,
                 uint32_t size);

/* AES-128 of one block. */
void bm_aesni_block(const uint8_t *key, const uint8_t *block, uint8_t *out);

#endif
