/* One link whose account is kept: each record is told of once, events come in order, counts are right. */

#ifndef FUZZ_LINKS_H
#define FUZZ_LINKS_H

#include "fuzz.h"
#include "link_inside.h"

#define FUZZ_CID (5u << 14 | 77u)
#define FUZZ_OPEN_RECORDS 4096u

typedef struct {
    bm_links *links;
    bm_link *link;
    uint64_t now_us;
    uint32_t open[FUZZ_OPEN_RECORDS], open_count;   /* records given and not told of */
    uint32_t next_record;
    uint16_t events;                /* how many came */
    int attached, closed;
    uint8_t epoch;
    uint16_t tick;
    int moved;
} fuzz_link;

/* A link that waits for its client; with few chunks of event memory. */
void fuzz_link_start(fuzz_link *it, const uint8_t *prk, uint32_t aead, uint32_t mtu, uint32_t chunks);
void fuzz_link_end(fuzz_link *it);

/* Whether the link is as it can be. */
void fuzz_link_check(const fuzz_link *it);

/* What the link's owner does; of these the script says the details. */
enum { FUZZ_PASS_TIME, FUZZ_SEND, FUZZ_EVENT, FUZZ_CLOSE, FUZZ_TEND, FUZZ_OWNER };
void fuzz_link_act(fuzz_link *it, int what, fuzz_script *script);

/* Called with every datagram the link makes, with the address it goes to; may be NULL. */
extern void (*fuzz_link_sent)(fuzz_link *it, uint8_t *datagram, uint32_t size, uint32_t to);

#endif
