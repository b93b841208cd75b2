/* The other end of a link under test: it has the keys, and says what a script wants said. */

#ifndef FUZZ_CLIENT_H
#define FUZZ_CLIENT_H

#include "fuzz.h"
#include "link_inside.h"

#define FUZZ_KEPT 4u

/* One as it is on the way. */
typedef struct {
    uint8_t *bytes;                     /* free it */
    uint32_t size;
    int honest;                         /* it must open */
    int forged;                         /* it must not */
} fuzz_datagram;

typedef struct {
    bm_crypto *crypto;
    bm_sealer sealer;
    bm_opener opener;
    uint8_t token[8];
    int challenged;                     /* `token` asks for an answer */
    uint32_t asked_at;                  /* the address it was sent to */
    fuzz_datagram kept[FUZZ_KEPT];      /* the last ones, whole */
    uint32_t kept_count;
} fuzz_client;

/* `crypto` is shared by all clients of a run. */
void fuzz_client_start(fuzz_client *it, bm_crypto *crypto, const uint8_t *prk, uint32_t aead, uint32_t cid);
void fuzz_client_end(fuzz_client *it);

/* The next datagram, as the script wants it: how it is sealed, what it says, what befalls it on the way. */
fuzz_datagram fuzz_client_say(fuzz_client *it, fuzz_script *script, const bm_opener *theirs);

/* One that came.  Answers whether it opened. */
int fuzz_client_hear(fuzz_client *it, const uint8_t *datagram, uint32_t size, uint32_t address);

#endif
