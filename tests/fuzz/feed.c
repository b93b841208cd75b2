/* A feed and clients who hear some of what it says, late or never: what they come to know was so, and once
   all stands still and the links are good they know everything.  The clients are the bench's crowd, which
   reads datagrams by code of its own. */

#include "feed.h"
#include "fields.h"
#include "../../bench/crowd/clients/crowd.h"

#define CLIENTS 4u
#define PLACES 640u             /* movers whose places are remembered, by slot */
#define HISTORY 64u             /* so many ticks */
#define UNDER_WAY 64u
#define FIRST_GUID 1000u
#define PATIENCE 600            /* ticks until everybody must know everything */

typedef struct {
    int32_t x, y, z;
    uint8_t yaw, speed, flags, there;
} truth;

typedef struct {
    uint32_t tick, size;        /* size 0: not heard, or heard already */
    uint32_t heard_at, told_at; /* ticks: the client hears it, the feed hears what became of it; 0: done */
    uint32_t lost;
    uint8_t bytes[BM_SECTIONS_MOST + 16];
} parcel;

typedef struct {
    int joined;
    uint32_t slot, eye, cid, form;
    uint16_t birth;
    uint8_t losses, doubts, there, back;        /* by tick modulo 8; ticks on the way */
    parcel parcels[UNDER_WAY];
} client;

typedef struct {
    bm_field *field;
    bm_feed *feed;
    bm_tray *tray;
    crowd *crowd;
    client clients[CLIENTS];
    truth truths[HISTORY][PLACES];
    uint32_t tick;
} world;

static truth truth_of(const bm_movers *m, uint32_t slot)
{
    return (truth){m->x[slot], m->y[slot], m->z[slot], (uint8_t)((m->yaw[slot] + 128u) >> 8), m->speed[slot],
                   bm_word_flags(m->flags[slot]), m->kind[slot] != 0};
}

static void remember(world *it)
{
    bm_movers *m = &it->field->movers;

    for (uint32_t slot = 0; slot < PLACES; slot++) {
        truth *at = &it->truths[it->tick % HISTORY][slot];
        if (slot < m->count) *at = truth_of(m, slot);
        else at->there = 0;
    }
}

/* Before anybody sees them: a thing's guid stands as long as it is in a slot. */
static void name_all(world *it)
{
    static const uint8_t look[8];

    for (uint32_t slot = 0; slot < it->field->movers.count && slot < PLACES; slot++)
        if (it->field->movers.kind[slot])
            bm_field_look(it->field, slot, FIRST_GUID + slot, look, sizeof look);
}

/* Near words tell places to 1/32, and not how one moves; no word more than 63/4 yards a second. */
static int same(const truth *true, const crowd_slot *told, int roughly)
{
    if (roughly) return true->x >> 1 == told->x >> 1 && true->y >> 1 == told->y >> 1
                        && true->z >> 1 == told->z >> 1 && true->yaw == told->yaw;
    return true->x == told->x && true->y == told->y && true->z == told->z && true->yaw == told->yaw
           && (true->speed == told->speed || (true->speed > 63 && told->speed == 63))
           && true->flags == told->flags;
}

/* Whatever the client says was so in this tick was so, if it is about those whose places are known. */
static void check_told(const world *it, const client *of, uint32_t index, uint32_t tick)
{
    const crowd_slot *slots = crowd_slots_of(it->crowd, index);

    for (uint32_t slot = 0; slot < CROWD_SLOTS; slot++) {
        uint32_t who = slots[slot].who;
        const truth *then;
        if (!who || who > PLACES || slots[slot].tick != (uint16_t)tick) continue;
        then = &it->truths[tick % HISTORY][who - 1];
        CHECK(then->there && same(then, &slots[slot], of->form == BM_FEED_WORDS));
    }
}

static void hear(world *it, uint32_t index, parcel *parcel)
{
    uint8_t plain[3 + sizeof parcel->bytes] = {8 | 4, (uint8_t)parcel->tick, (uint8_t)(parcel->tick >> 8)};

    memcpy(plain + 3, parcel->bytes, parcel->size);
    CHECK(crowd_read_plain(it->crowd, index, 1, plain, 3 + parcel->size, 0) == 0);
    if (it->tick - parcel->tick < HISTORY) check_told(it, &it->clients[index], index, parcel->tick);
    parcel->heard_at = 0;
}

/* What is due of what is under way; in the order in which it was sent, so far as that is how it comes. */
static void carry(world *it, uint32_t index)
{
    client *of = &it->clients[index];

    for (uint32_t i = 0; i < UNDER_WAY; i++) {
        parcel *parcel = &of->parcels[(it->tick + 1 + i) % UNDER_WAY];
        if (parcel->heard_at && (int32_t)(it->tick - parcel->heard_at) >= 0) hear(it, index, parcel);
        if (!parcel->told_at || (int32_t)(it->tick - parcel->told_at) < 0) continue;
        parcel->told_at = 0;
        bm_feed_fates(it->feed, (uint32_t[]){of->cid, parcel->tick, parcel->lost}, 1);
    }
}

static void post(world *it, const uint32_t *head, const uint8_t *sections)
{
    client *of = it->clients;
    parcel *parcel;

    while (of->cid != head[0]) of++;
    parcel = &of->parcels[it->tick % UNDER_WAY];
    CHECK(of->joined && head[1] == it->tick && head[2] == it->tick && head[3] <= sizeof parcel->bytes);
    CHECK(head[3] <= it->feed->readers[of->eye]->room);
    parcel->tick = it->tick;
    parcel->size = head[3];
    memcpy(parcel->bytes, sections, head[3]);
    parcel->lost = of->losses >> it->tick % 8 & 1;
    parcel->heard_at = parcel->lost ? 0 : it->tick + of->there;
    parcel->told_at = it->tick + of->there + of->back + 1u;
    parcel->lost |= of->doubts >> it->tick % 8 & 1;
}

static void step(world *it, int level)
{
    const uint8_t *pushed;
    uint32_t size, head[4];

    it->tick++;
    name_all(it);
    CHECK(bm_field_step(it->field, it->tick, (int64_t)it->tick * 50, 1) == 0);
    remember(it);
    for (uint32_t i = 0; i < CLIENTS; i++)
        if (it->clients[i].joined) carry(it, i);
    CHECK(bm_feed_tick(it->feed, it->tick, level, 1) == 0);
    size = bm_tray_take(it->tray, &pushed);
    for (uint32_t at = 0; at < size; at += (uint32_t)sizeof head + head[3]) {
        memcpy(head, pushed + at, sizeof head);
        post(it, head, pushed + at + sizeof head);
    }
}

static void leave(world *it, client *of)
{
    if (of->joined) CHECK(bm_feed_leave(it->feed, of->eye) == 0);
    of->joined = 0;
}

static void join(world *it, fuzz_script *script)
{
    uint32_t index = fuzz_u8(script) % CLIENTS, slot = fuzz_u8(script) % 48;
    int eye = bm_field_watch(it->field, slot);
    client *of = &it->clients[index];
    uint8_t how = fuzz_u8(script);

    leave(it, of);
    for (uint32_t i = 0; i < CLIENTS; i++)
        if (it->clients[i].joined && it->clients[i].slot == slot) return;
    if (eye < 0) return;
    memset(of, 0, sizeof *of);
    memset(crowd_slots_of(it->crowd, index), 0, (CROWD_SLOTS + 1) * sizeof(crowd_slot));
    memset(&it->crowd->pasts[index * (CROWD_SLOTS + 1)], 0, (CROWD_SLOTS + 1) * sizeof(crowd_past));
    it->crowd->clients[index].told = 0;
    *of = (client){.joined = 1, .slot = slot, .eye = (uint32_t)eye, .form = how & 1,
                   .cid = (it->tick % 256 << 14) + 1 + index, .birth = it->field->movers.birth[slot]};
    CHECK(bm_feed_join(it->feed, of->eye, of->cid, of->form, how & 2 ? 1452 : 1200,
                       how & 4 ? 2000 : 64000) == 0);
}

/* Clients whose eyes are gone are gone, too. */
static void part(world *it)
{
    const bm_movers *m = &it->field->movers;

    for (uint32_t i = 0; i < CLIENTS; i++) {
        client *of = &it->clients[i];
        if (!of->joined) continue;
        if (m->eye[of->slot] != (int32_t)of->eye || m->birth[of->slot] != of->birth) leave(it, of);
    }
}

static void worsen(world *it, fuzz_script *script)
{
    client *of = &it->clients[fuzz_u8(script) % CLIENTS];

    of->losses = fuzz_u8(script);
    of->doubts = fuzz_u8(script);
    of->there = fuzz_u8(script) % 24;
    of->back = fuzz_u8(script) % 24;
}

static void budget(world *it, fuzz_script *script)
{
    const client *of = &it->clients[fuzz_u8(script) % CLIENTS];

    bm_feed_budget(it->feed, of->cid, fuzz_u16(script), fuzz_u16(script));
}

/* Whether the client knows what its eye sees. */
static int agrees(const world *it, uint32_t index)
{
    const client *of = &it->clients[index];
    const bm_eye *eye = bm_field_eye(it->field, of->eye);
    const crowd_slot *slots = crowd_slots_of(it->crowd, index);

    for (uint32_t slot = 0; slot < CROWD_SLOTS; slot++) {
        uint32_t mover = eye->mover[slot];
        truth now;
        if (!(eye->occupied[slot / 64] >> slot % 64 & 1)) {
            if (slots[slot].who) return 0;
            continue;
        }
        now = truth_of(&it->field->movers, mover);
        if (!slots[slot].who || !same(&now, &slots[slot], 0)) return 0;
        if (mover < PLACES && slots[slot].who != mover + 1) return 0;
    }
    return 1;
}

/* Everything stands, everything arrives: everybody comes to know. */
static void settle(world *it)
{
    int knowing = 0;

    for (uint32_t slot = 0; slot < it->field->movers.count; slot++) bm_field_halt(it->field, slot);
    for (uint32_t i = 0; i < CLIENTS; i++) {
        client *of = &it->clients[i];
        of->losses = of->doubts = of->there = of->back = 0;
        if (of->joined) bm_feed_budget(it->feed, of->cid, 64000, 1420);
    }
    for (int left = PATIENCE; left && !knowing; left--) {
        step(it, 0);
        knowing = 1;
        for (uint32_t i = 0; i < CLIENTS; i++) knowing &= !it->clients[i].joined || agrees(it, i);
    }
    CHECK(knowing);
}

static void begin(world *it, fuzz_script *script)
{
    static const crowd_invitation with = {.encoder = 1};
    crowd *crowd = it->crowd;

    if (!crowd) {
        CHECK((crowd = crowd_new(PLACES, 1, FIRST_GUID)));
        CHECK(crowd_invite(crowd, 0, &with) == 0);     /* makes room for what deltas build on */
    }
    memset(it, 0, sizeof *it);
    memset(crowd->news, 0, PLACES * sizeof *crowd->news);
    it->crowd = crowd;
    it->field = fuzz_field_new(script);
    CHECK((it->tray = bm_tray_new(1u << 16)) && (it->feed = bm_feed_new(it->field, NULL, it->tray)));
    it->tick = fuzz_u8(script) & 1 ? 65500 : 0;
}

void fuzz_feed(const uint8_t *data, size_t size)
{
    fuzz_script script = {data, size};
    static world it;

    begin(&it, &script);
    for (uint32_t steps = 0; script.left && steps < 2000;) {
        uint8_t what = fuzz_u8(&script) % 48;
        if (what < FUZZ_FIELD_ACTS) fuzz_field_act(it.field, (int64_t)it.tick * 50, what, &script);
        else if (what < 26) join(&it, &script);
        else if (what < 28) worsen(&it, &script);
        else if (what < 30) budget(&it, &script);
        else if (what == 30) leave(&it, &it.clients[fuzz_u8(&script) % CLIENTS]);
        else for (int left = what == 31 ? fuzz_u8(&script) : 1; left; left--, steps++) step(&it, what % 4);
        part(&it);
    }
    settle(&it);
    bm_feed_free(it.feed);
    bm_tray_free(it.tray);
    bm_field_free(it.field);
}
