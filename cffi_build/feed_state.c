/* The state section, docs/bmu1.md section 7: the latest value of everything, until it was acknowledged. */

#include <string.h>

#include "feed_fetch.h"
#include "hot.h"

#define HEAD_BYTES 2            /* kind, count */
#define LOOK 1
#define KIND 9
#define ITEMS_MOST 255

/* The section as it grows. */
typedef struct {
    bm_serving *serving;
    uint8_t *out;
    uint32_t size, soft, hard;
    uint32_t count;
    int stuck;                  /* nothing more goes in */
    int starved;                /* not even one */
} bm_writing;

/* Room for a value of `size` bytes, its head written; NULL: it does not fit.  What is first may take all the
   room there is: else something large would wait for ever. */
static uint8_t *item(bm_writing *it, uint32_t slot, uint32_t component, uint32_t version, uint32_t size)
{
    uint32_t whole = 3 + (size < 128 ? 1 : 2) + size, limit = it->count ? it->soft : it->hard;
    uint8_t *p = it->out + it->size;

    if (it->stuck || it->count == ITEMS_MOST || it->size + whole > limit) {
        it->stuck = 1;
        it->starved = !it->count;
        return NULL;
    }
    it->size += whole;
    it->count++;
    p[0] = (uint8_t)slot, p[1] = (uint8_t)component, p[2] = (uint8_t)version;
    p += 3;
    if (size >= 128) *p++ = (uint8_t)(size | 128), size >>= 7;
    *p++ = (uint8_t)size;
    return p;
}

/* Notes what is now on its way; there is room, for who writes asks first. */
static void note(bm_writing *it, uint32_t slot, uint32_t component, uint32_t version, uint32_t state)
{
    bm_reader *reader = it->serving->reader;

    reader->sent[reader->sent_count++] = (bm_sent){
        .tick = (uint16_t)it->serving->tick, .slot = (uint8_t)slot, .component = (uint8_t)component,
        .version = (uint8_t)version, .state = (uint16_t)state,
    };
}

static int crowded(bm_writing *it)
{
    if (it->serving->reader->sent_count == BM_READER_SENT) it->stuck = 1;
    return it->stuck;
}

/* Thousandths of a yard as 1/64 yard. */
static uint16_t units(uint32_t mm)
{
    uint64_t v = ((uint64_t)mm * BM_UNITS_YARD + 500) / 1000;

    return v > 0xffff ? 0xffff : (uint16_t)v;
}

static void write_self(bm_writing *it)
{
    bm_serving *s = it->serving;
    const bm_movers *m = s->movers;
    const bm_steer *steer;
    uint32_t own = s->owner;
    uint8_t *p;

    if (!s->reader->self || !(steer = bm_field_steer(s->feed->field, own)) || crowded(it)) return;
    if (!(p = item(it, BM_SELF_SLOT, BM_SELF, s->reader->own, BM_ONESELF_BYTES))) return;
    bm_oneself_put(p, &(bm_oneself){
        .epoch = m->epoch[own], .input = m->input[own], .x = m->x[own], .y = m->y[own], .z = m->z[own],
        .yaw = m->yaw[own], .flags = m->flags[own], .run = units(steer->speeds_mm[0]),
        .walk = units(steer->speeds_mm[1]), .swim = units(steer->speeds_mm[2]),
        .fly = units(steer->speeds_mm[3]),
    });
    note(it, BM_SELF_SLOT, BM_SELF, 0, 0);
    s->reader->self = 0;
    s->counts[BM_FED_SELVES]++;
}

static void write_gone(bm_writing *it, uint32_t slot)
{
    bm_reader *reader = it->serving->reader;
    uint32_t version = bm_bank_of(reader, slot)->told[slot % BM_BANK_SLOTS].version;

    if (crowded(it) || !item(it, slot, BM_GONE, version, 0)) return;
    note(it, slot, BM_GONE, version, 0);
    bm_bit_clear(reader->gone, slot);
    it->serving->counts[BM_FED_GONES]++;
}

static const bm_value *look_of(const bm_movers *m, uint32_t mover)
{
    const bm_value *first = m->values[mover];

    return first && first->number == LOOK ? first : NULL;
}

/* Nothing else is said of the slot until this was acknowledged: the receiver would not take it. */
static void write_enter(bm_writing *it, uint32_t slot)
{
    bm_serving *s = it->serving;
    const bm_movers *m = s->movers;
    bm_bank *bank = bm_bank_of(s->reader, slot);
    uint32_t mover = s->eye->mover[slot], i = slot % BM_BANK_SLOTS;
    bm_told *told = &bank->told[i];
    const bm_value *look = look_of(m, mover);
    uint32_t size = look ? look->size : 0;
    int anew = !(told->version & 1);
    uint8_t *p;

    if (bm_slot_stale(s, slot) || crowded(it)) return;
    if (!(p = item(it, slot, BM_ENTER, told->version + (uint32_t)anew, BM_ENTER_HEAD_BYTES + size))) return;
    if (anew) {
        told->version++;
        bank->known[i] = 0;
    }
    bm_enter_head_put(p, &(bm_enter_head){
        .guid = m->guid[mover], .kind = m->kind[mover], .x = m->x[mover], .y = m->y[mover], .z = m->z[mover],
        .yaw = (uint8_t)((m->yaw[mover] + 128u) >> 8), .speed = m->speed[mover],
        .flags = bm_word_flags(m->flags[mover]), .tick = (uint16_t)s->tick,
    });
    if (size) memcpy(p + BM_ENTER_HEAD_BYTES, look->bytes, size);
    told->state = (uint16_t)m->state[mover];
    told->sure = told->leg = s->feed->marks[mover].leg;
    bank->signs[i] = s->feed->signs[mover];
    bank->when[i] = (uint8_t)s->tick;
    if (s->reader->form == BM_FEED_DELTAS) bank->bases[i].state = 0;
    note(it, slot, BM_ENTER, told->version, 0);
    bank->exact |= bm_slot_bit(slot);
    bank->enter &= ~bm_slot_bit(slot), bank->settled &= ~bm_slot_bit(slot), bank->apart &= ~bm_slot_bit(slot);
    s->counts[BM_FED_ENTERS]++;
}

/* Of the components that changed after `state`, the one that did so first; NULL: there is none. */
static const bm_value *newer(const bm_movers *m, uint32_t mover, uint32_t state)
{
    const bm_value *oldest = NULL;

    for (const bm_value *value = m->values[mover]; value; value = value->next)
        if (value->number != LOOK && value->since > state && (!oldest || value->since < oldest->since))
            oldest = value;
    return oldest;
}

/* A slot's components in the order in which they changed: acknowledged is all up to some state. */
static void write_values(bm_writing *it, uint32_t slot)
{
    bm_serving *s = it->serving;
    bm_bank *bank = bm_bank_of(s->reader, slot);
    uint32_t mover = s->eye->mover[slot], i = slot % BM_BANK_SLOTS, state = bank->known[i];
    const bm_value *value;
    uint8_t *p;

    if (bm_slot_stale(s, slot) || crowded(it)) return;
    for (; (value = newer(s->movers, mover, state)); state = value->since) {
        p = item(it, slot, value->number, value->version, value->size);
        if (!p) break;
        memcpy(p, value->bytes, value->size);
        s->counts[BM_FED_VALUES]++;
    }
    if (!value) bank->owing &= ~bm_slot_bit(slot);
    if (state != bank->known[i]) note(it, slot, BM_VALUES, bank->told[i].version, state);
}

/* Components of all slots that owe some, from where there was no room the last time. */
static void write_all_values(bm_writing *it)
{
    bm_reader *reader = it->serving->reader;
    uint32_t from = reader->values_cursor;

    for (uint32_t i = 0; i <= BM_SLOT_WORDS && !it->stuck; i++) {
        uint32_t q = (from / 64 + i) % BM_SLOT_WORDS;
        uint64_t bits = bm_owing(reader->banks[q]), above = ~UINT64_C(0) << from % 64;

        if (i == 0) bits &= above;
        if (i == BM_SLOT_WORDS) bits &= ~above;
        for (; bits && !it->stuck; bits &= bits - 1) {
            uint32_t slot = q * 64 + (uint32_t)__builtin_ctzll(bits);
            write_values(it, slot);
            if (it->stuck) reader->values_cursor = (uint8_t)slot;
        }
    }
}

uint32_t bm_state_write(bm_serving *s, uint8_t *out, uint32_t soft, uint32_t hard, int *starved)
{
    bm_writing it = {.serving = s, .out = out, .size = HEAD_BYTES, .soft = soft, .hard = hard};
    bm_reader *reader = s->reader;
    uint64_t any = reader->self;

    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++)
        any |= reader->gone[q] | bm_entering(reader->banks[q]) | bm_owing(reader->banks[q]);
    *starved = 0;
    if (!any) return 0;
    bm_fetch_values(s, 1);
    write_self(&it);
    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++)
        for (uint64_t bits = reader->gone[q]; bits && !it.stuck; bits &= bits - 1)
            write_gone(&it, q * 64 + (uint32_t)__builtin_ctzll(bits));
    for (uint32_t q = 0; q < BM_SLOT_WORDS; q++)
        for (uint64_t bits = bm_entering(reader->banks[q]); bits && !it.stuck; bits &= bits - 1)
            write_enter(&it, q * 64 + (uint32_t)__builtin_ctzll(bits));
    write_all_values(&it);
    *starved = it.starved;
    if (!it.count) return 0;
    out[0] = KIND;
    out[1] = (uint8_t)it.count;
    s->counts[BM_FED_STATE_BYTES] += it.size;
    return it.size;
}

static void entered(bm_bank *bank, const bm_sent *sent, int bad, int deltas)
{
    uint64_t bit = bm_slot_bit(sent->slot);

    if (bad) {
        bank->enter |= bit;
        return;
    }
    if (deltas)
        bank->bases[sent->slot % BM_BANK_SLOTS] = (bm_base){.base = (uint8_t)sent->tick, .state = BM_BASED};
    bank->entered |= bit;
    bank->owing |= bit;
}

static void valued(bm_bank *bank, const bm_sent *sent, int lost)
{
    uint32_t *known = &bank->known[sent->slot % BM_BANK_SLOTS];
    int16_t further = (int16_t)(sent->state - (uint16_t)*known);

    if (lost) bank->owing |= bm_slot_bit(sent->slot);
    else if (further > 0) *known += (uint32_t)further;
}

static void one_verdict(bm_reader *reader, const bm_sent *sent, int lost, int old)
{
    bm_bank *bank;

    if (sent->component == BM_SELF) {
        if (lost) reader->self = 1;
        return;
    }
    bank = bm_bank_of(reader, sent->slot);
    if (sent->version != bank->told[sent->slot % BM_BANK_SLOTS].version) return;    /* it left meanwhile */
    /* So old that what changed since may have been overlooked is as good as lost. */
    if (sent->component == BM_ENTER) entered(bank, sent, lost || old, reader->form == BM_FEED_DELTAS);
    else if (sent->component == BM_VALUES) valued(bank, sent, lost);
    else if (lost) bm_bit_set(reader->gone, sent->slot);
    else bank->leaving &= ~bm_slot_bit(sent->slot);
}

/* What became of the states in the datagram of that tick; `old`: it is of no use for words any more. */
void bm_state_verdict(bm_reader *reader, uint32_t record, int lost, int old, uint64_t *counts)
{
    for (uint32_t i = 0; i < reader->sent_count;) {
        bm_sent sent = reader->sent[i];

        if (sent.tick != (uint16_t)record) {
            i++;
            continue;
        }
        reader->sent[i] = reader->sent[--reader->sent_count];
        one_verdict(reader, &sent, lost, old);
        if (lost) counts[BM_FED_AGAIN]++;
    }
}
