/* The byte ring against a plain queue: what was put and published comes out once, whole and in order,
   whatever the sizes, and a ring with room enough takes it. */

#include "fuzz.h"
#include "ring.h"

#define KEPT 65536u

typedef struct {
    bm_ring ring;
    struct {
        uint32_t size;
        uint8_t seed;
    } items[KEPT];
    uint32_t put, published, read;      /* records */
    uint8_t seed;
} model;

static uint64_t whole(uint32_t size)
{
    return ((uint64_t)size + 8 + 7) / 8 * 8;
}

static void fill(uint8_t *record, uint32_t size, uint8_t seed)
{
    for (uint32_t i = 0; i < size; i++) record[i] = (uint8_t)(seed + i * 7);
}

static void put(model *it, uint32_t size, uint32_t spare)
{
    uint64_t need = whole(size) + spare;
    uint8_t *record = bm_ring_put(&it->ring, size, spare);

    if (!record) {
        /* Twice as much is enough even where it has to begin at the start. */
        CHECK(need > it->ring.size / 2 || bm_ring_room(&it->ring) < 2 * need);
        return;
    }
    CHECK(need <= it->ring.size / 2 && (uintptr_t)record % 8 == 0);
    CHECK(record > it->ring.bytes && record + size <= it->ring.bytes + it->ring.size);
    it->items[it->put % KEPT].size = size;
    it->items[it->put % KEPT].seed = ++it->seed;
    fill(record, size, it->seed);
    it->put++;
}

/* What it knows of without looking at the other side: nothing, or what comes next. */
static void ahead(const model *it)
{
    const uint8_t *record = bm_ring_ahead(&it->ring);

    if (!record) return;
    CHECK(it->read != it->published);
    if (it->items[it->read % KEPT].size) CHECK(*record == it->items[it->read % KEPT].seed);
}

static void next(model *it)
{
    uint32_t size = 0, wanted;
    const uint8_t *record = bm_ring_next(&it->ring, &size);

    CHECK(!record == (it->read == it->published));
    if (!record) return;
    wanted = it->items[it->read % KEPT].size;
    CHECK(size == wanted);
    for (uint32_t i = 0; i < size; i++)
        CHECK(record[i] == (uint8_t)(it->items[it->read % KEPT].seed + i * 7));
    it->read++;
}

static void act(model *it, uint8_t what, fuzz_script *script)
{
    if (what < 3) {
        put(it, fuzz_u16(script), what == 2 ? fuzz_u16(script) : 0);
    } else if (what == 3) {
        ahead(it);
    } else if (what == 4) {
        bm_ring_publish(&it->ring);
        it->published = it->put;
    } else if (what == 5) {
        next(it);
    } else if (what == 6) {
        while (it->read != it->published) next(it);
        next(it);
    } else {
        bm_ring_release(&it->ring);
    }
}

void fuzz_ring(const uint8_t *data, size_t size)
{
    fuzz_script script = {data, size};
    static model it;

    memset(&it, 0, sizeof it);
    CHECK(bm_ring_open(&it.ring, 100) == BM_OUT_OF_RANGE);
    CHECK(bm_ring_open(&it.ring, 64u << fuzz_u8(&script) % 10) == 0);
    for (int left = 4096; script.left && left; left--) {
        act(&it, fuzz_u8(&script) % 8, &script);
        CHECK(bm_ring_room(&it.ring) <= it.ring.size);
        CHECK(bm_ring_waiting(&it.ring) == (it.read != it.published));
    }
    bm_ring_close(&it.ring);
}
