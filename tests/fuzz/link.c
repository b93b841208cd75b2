/* A libFuzzer target: a link and whatever its client may say, with keys or without.  `make fuzz-native`.

   The input is a conversation: steps of one byte that says what happens, and what that takes.  Whatever the
   client says, memory is the sanitizers' business; checked here is that a refused datagram changes no byte of
   the link, that each record is told once, that events and inputs keep within their limits, and that nothing
   is kept in the end. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link_inside.h"

#define CID 0x04003002u
#define RECORDS 4096u
#define DUE_LIMIT 64

static bm_links *links;
static bm_crypto *crypto;
static struct {
    bm_link link;
    bm_sealer client;
    uint64_t now_us;
    uint32_t records;               /* given so far */
    uint8_t told[RECORDS];
    uint32_t told_count;
    int closed;
    uint8_t late[BM_DATAGRAM_BYTES];    /* a datagram under way */
    int late_size;
} world;

static void check(int true, const char *what)
{
    if (true) return;
    fprintf(stderr, "not so: %s\n", what);
    abort();
}

static void moves(void *context, bm_link *link, const bm_link_move *them, uint32_t count)
{
    (void)context, (void)link;
    check(count >= 1 && count <= 8, "one to eight inputs");
    for (uint32_t i = 0; i < count; i++) {
        check(them[i].cid == CID && !them[i].zero, "the client's own inputs");
        check(i == 0 || (uint16_t)(them[i].tick - them[i - 1].tick) == 1, "consecutive inputs");
    }
}

static void fate(void *context, bm_link *link, uint32_t record, int lost)
{
    (void)context, (void)link, (void)lost;
    check(record < world.records, "a record that was given");
    check(!world.told[record]++, "a record is told once");
    world.told_count++;
}

static void event(void *context, bm_link *link, uint32_t opcode, const uint8_t *body, uint32_t size)
{
    volatile uint8_t sum = 0;

    (void)context, (void)link, (void)opcode;
    check(size <= 16384, "an event of a client's size");
    for (uint32_t i = 0; i < size; i++) sum = (uint8_t)(sum + body[i]);
}

static void address(void *context, bm_link *link, uint32_t number)
{
    (void)context, (void)link, (void)number;
}

static void closed(void *context, bm_link *link, uint32_t reason)
{
    (void)context, (void)link, (void)reason;
    check(!world.closed++, "closed once");
}

static void begin(void)
{
    static const uint8_t prk[32] = {1, 2, 3};
    static const bm_link_sink sink = {NULL, moves, fate, event, address, address, closed, address, address};

    if (!links) {
        links = bm_links_new(prk, 8192);
        crypto = bm_crypto_new();
        check(links && crypto, "there is memory");
        bm_links_tell(links, &sink);
        bm_links_updates(links, 8, UINT64_MAX);
    }
    memset(&world, 0, sizeof world);
    world.now_us = 1000000;
    check(!bm_link_start(links, &world.link, prk, 0, CID, 1452, 1000, world.now_us), "begun");
    check(!bm_sealer_start(&world.client, prk, 0, BM_C2S, CID), "begun");
}

/* The client says that, from one of four addresses or the tunnel; `flip`: one bit is changed under way. */
static void say(const uint8_t *plain, uint32_t size, uint8_t from, int flip)
{
    uint8_t datagram[BM_DATAGRAM_BYTES];
    uint32_t number = from % 5 == 4 ? (uint32_t)BM_LINK_TUNNEL : from % 5;
    int sealed = bm_seal(crypto, &world.client, plain, size, datagram, sizeof datagram), opened;
    bm_link before = world.link;

    if (sealed < 0) return;
    if (flip >= 0) datagram[flip / 8 % sealed] ^= (uint8_t)(1 << flip % 8);
    opened = bm_link_open(links, &world.link, datagram, (uint32_t)sealed, number, world.now_us);
    check(flip < 0 || opened < 0, "a flipped bit is found");
    check(opened >= 0 || !memcmp(&before, &world.link, sizeof before), "refused means unchanged");
    check(opened < 0 || world.link.in_count <= 320, "few parts are held");
}

/* The client says that, but it comes after what it says next in this way. */
static void say_late(const uint8_t *plain, uint32_t size)
{
    if (world.late_size > 0)
        bm_link_open(links, &world.link, world.late, (uint32_t)world.late_size, 0, world.now_us);
    world.late_size = bm_seal(crypto, &world.client, plain, size, world.late, sizeof world.late);
}

/* The client goes on with new keys, skips numbers, or is overheard by somebody who changes a bit. */
static void trouble(uint8_t which, uint16_t value)
{
    static const uint8_t plain[30] = {8};

    if (which & 0x80) check(!bm_sealer_update(&world.client), "new keys");
    else if (which & 0x40) world.client.next += value;
    else say(plain, sizeof plain, 0, value);
}

static void send_due(void)
{
    uint8_t out[BM_DATAGRAM_BYTES];

    for (int i = 0; i < DUE_LIMIT; i++) {
        int due = bm_link_due(links, &world.link, world.now_us);
        if (!(due & (BM_DUE_SEND | BM_DUE_CHALLENGE))) return;
        if (due & BM_DUE_CHALLENGE)
            check(bm_link_challenge(links, &world.link, world.now_us, out) <= 64, "a challenge is small");
        else
            check(bm_link_seal(links, &world.link, NULL, 0, (uint32_t)BM_LINK_NO_RECORD,
                               (uint32_t)BM_LINK_NO_TICK, world.now_us, out) > 0, "what is due is sealed");
    }
    check(0, "nothing more is due");
}

static void send_snapshot(uint32_t size)
{
    static const uint8_t sections[BM_DATAGRAM_BYTES] = {1, 0};
    uint8_t out[BM_DATAGRAM_BYTES];
    int made;

    if (world.records == RECORDS) return;
    made = bm_link_seal(links, &world.link, sections, size, world.records++, 7, world.now_us, out);
    check(made != 0 && made <= world.link.mtu, "a datagram has its size");
}

/* The client answers the challenge it would have got. */
static void respond(uint8_t from)
{
    uint8_t plain[11] = {8, BM_PATH, 1};

    memcpy(plain + 3, world.link.token, 8);
    say(plain, sizeof plain, from, -1);
}

static void step(bm_reader *input)
{
    static const uint8_t noise[70000];
    uint8_t what = bm_read_u8(input);
    uint16_t value = bm_read_u16(input);
    uint32_t size = value % 1500;

    switch (what % 8) {
    case 0: case 1:
        if (size > bm_left(input)) size = (uint32_t)bm_left(input);
        if (what % 8) say_late(input->at, size);
        else say(input->at, size, (uint8_t)(value >> 12), -1);
        input->at += size;
        break;
    case 2:
        trouble(what, value);
        break;
    case 3:
        send_snapshot(size);
        break;
    case 4:
        bm_link_event(links, &world.link, value, noise, what < 128 ? size : value);
        break;
    case 5:
        respond((uint8_t)value);
        break;
    case 6:
        send_due();
        break;
    case 7:
        world.now_us += 250ull * value;
        if (value == 0xffff) bm_link_close(links, &world.link, BM_KICKED, world.now_us);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bm_reader input = {data, data + size, 0};
    bm_link_counts counts;

    begin();
    while (bm_left(&input) >= 3) step(&input);
    bm_link_end(links, &world.link);
    check(world.told_count == world.records, "every record is told");
    bm_links_counts(links, &counts);
    check(counts.chunks == 0, "nothing is kept");
    return 0;
}
