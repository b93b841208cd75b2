/* What became of the datagrams that were sent, and what that says of the path.  docs/bmu1.md section 4:
   acknowledgement, estimates, budget.  Whole microseconds, divisions round down. */

#include <string.h>

#include "link_inside.h"

#define RATE_STEP 500u
#define LOSS_SHARE 20u          /* more than one in so many lost: too much */
#define LATE_US 50000u

static uint32_t round_trip_us(const bm_link *link)
{
    return link->flags & BM_LINK_HAS_RTT ? link->rtt_us : BM_LINK_RTT_FIRST_US;
}

uint32_t bm_flight_patience_us(const bm_link *link)
{
    uint64_t patience = (uint64_t)round_trip_us(link) * 3 / 2;

    return patience < BM_LINK_LOSS_LEAST_US ? BM_LINK_LOSS_LEAST_US : (uint32_t)patience;
}

uint32_t bm_flight_ping_us(const bm_link *link)
{
    return 2 * round_trip_us(link) + BM_LINK_PING_US;    /* longer than an honest answer takes */
}

/* How long ago a number was sent; UINT64_MAX: so many followed that it is not remembered. */
static uint64_t age_us(const bm_link *link, uint64_t number, uint64_t now_us)
{
    uint16_t passed;

    if (number + BM_LINK_TIMES < link->sealer.next) return UINT64_MAX;
    passed = (uint16_t)(now_us / BM_LINK_TIME_US - link->sent_at[number % BM_LINK_TIMES]);
    return (uint64_t)passed * BM_LINK_TIME_US + now_us % BM_LINK_TIME_US;
}

/* The record that was given to this number. */
static uint32_t record_of(const bm_link *link, uint64_t number)
{
    uint32_t later = 0, back = 0;

    for (uint64_t n = number + 1; n < link->sealer.next; n++) later += (uint32_t)bm_bit(link->recorded, n);
    for (;; back++) {
        if (!bm_bit(link->records, back)) continue;
        if (!later--) return link->newest_record - back;
    }
}

static void settle(bm_links *links, bm_link *link, uint64_t number, int lost)
{
    bm_bit_clear(link->flying, number);
    if (bm_bit(link->asking, number)) link->asking_count--;
    if (link->out_flying_count) {
        if (lost) bm_outbox_lost(links, link, number);
        else bm_outbox_arrived(links, link, number);
    }
    if (bm_bit(link->recorded, number))
        links->sink.fate(links->sink.context, link, record_of(link, number), lost);
}

static void lose(bm_links *links, bm_link *link, uint64_t number)
{
    settle(links, link, number, 1);
    link->lost_count++;
    if (link->probe == number + 1) bm_probe_lost(link);
    else link->period_lost++;
}

static void oldest_on(bm_link *link)
{
    while (link->oldest < link->sealer.next && !bm_bit(link->flying, link->oldest)) link->oldest++;
}

void bm_flight_overdue(bm_links *links, bm_link *link, uint64_t now_us)
{
    uint32_t patience_us = bm_flight_patience_us(link);

    for (uint64_t number = link->oldest; number + 1 < link->arrived; number++) {
        if (!bm_bit(link->flying, number)) continue;
        if (number + BM_LINK_LOSS_DISTANCE < link->arrived || age_us(link, number, now_us) >= patience_us)
            lose(links, link, number);
    }
    oldest_on(link);
}

uint64_t bm_flight_loss_us(const bm_link *link, uint64_t now_us)
{
    uint64_t age, patience_us = bm_flight_patience_us(link);

    if (link->oldest + 1 >= link->arrived) return UINT64_MAX;
    age = age_us(link, link->oldest, now_us);
    return age >= patience_us ? now_us : now_us - age + patience_us;
}

/* Tells the sink that whatever has a record from before is lost: their numbers can no longer be told. */
static void forget_records(bm_links *links, bm_link *link, uint32_t steps)
{
    for (uint64_t number = link->oldest; number < link->sealer.next; number++) {
        uint32_t record;
        if (!bm_bit(link->flying, number) || !bm_bit(link->recorded, number)) continue;
        record = record_of(link, number);
        if (link->newest_record - record + (uint64_t)steps < BM_LINK_FLIGHT) return;
        links->sink.fate(links->sink.context, link, record, 1);
        bm_bit_clear(link->recorded, number);
    }
}

/* Shifts the records up by `steps`, the newest then being this one. */
static void next_record(bm_links *links, bm_link *link, uint32_t record)
{
    uint32_t steps = record - link->newest_record;
    uint64_t *bits = link->records;

    if (!(link->flags & BM_LINK_HAS_RECORD)) steps = 1;
    if (steps == 0 || steps > UINT32_MAX / 2) steps = BM_LINK_FLIGHT;     /* another count has begun */
    if (steps > 1 || bits[3] >> 63) forget_records(links, link, steps);     /* something leaves `records` */
    if (steps >= BM_LINK_FLIGHT) memset(bits, 0, sizeof link->records);
    for (uint32_t left = steps < BM_LINK_FLIGHT ? steps : 0; left; left--) {
        for (int i = 3; i > 0; i--) bits[i] = bits[i] << 1 | bits[i - 1] >> 63;
        bits[0] <<= 1;
    }
    bits[0] |= 1;
    link->newest_record = record;
    link->flags |= BM_LINK_HAS_RECORD;
}

void bm_flight_sent(bm_links *links, bm_link *link, uint64_t number, uint32_t record, int asks,
                    uint64_t now_us)
{
    if (bm_bit(link->flying, number)) lose(links, link, number - BM_LINK_FLIGHT);    /* its place is needed */
    oldest_on(link);
    bm_bit_clear(link->recorded, number);
    bm_bit_clear(link->asking, number);
    if (record != (uint32_t)BM_LINK_NO_RECORD) {
        next_record(links, link, record);
        bm_bit_set(link->recorded, number);
    }
    if (asks) {
        bm_bit_set(link->asking, number);
        link->asking_count++;
    }
    bm_bit_set(link->flying, number);
    link->sent_at[number % BM_LINK_TIMES] = (uint16_t)(now_us / BM_LINK_TIME_US);
}

void bm_flight_end(bm_links *links, bm_link *link)
{
    for (; link->oldest < link->sealer.next; link->oldest++)
        if (bm_bit(link->flying, link->oldest)) settle(links, link, link->oldest, 1);
}

static void sample(bm_link *link, int64_t sample_us)
{
    uint32_t it = (uint32_t)sample_us;

    if (sample_us < 0) return;          /* it claims to have had it for longer than that */
    if (!(link->flags & BM_LINK_HAS_RTT)) {
        link->rtt_us = it;
        link->jitter_us = it / 2;
    } else {
        uint32_t off = it > link->rtt_us ? it - link->rtt_us : link->rtt_us - it;
        link->jitter_us = (3 * link->jitter_us + off) / 4;
        link->rtt_us = (7 * link->rtt_us + it) / 8;
    }
    if (!(link->flags & BM_LINK_HAS_LEAST) || it < link->least_us) link->least_us = it;
    link->flags |= BM_LINK_HAS_RTT | BM_LINK_HAS_LEAST;
}

/* The budget's period is over: less on loss or when queues fill, else a little more. */
static void adapt(bm_links *links, bm_link *link, uint64_t now_us)
{
    uint32_t all = link->period_lost + link->period_acked, rate = link->rate_bytes_per_s;
    int late = link->flags & BM_LINK_HAS_LEAST && link->rtt_us > 2 * link->least_us + LATE_US;

    if (link->period_lost * LOSS_SHARE > all || late) {
        rate = (uint32_t)((uint64_t)rate * 7 / 10);
        if (rate < links->budget_floor) rate = links->budget_floor;
    } else {
        rate += RATE_STEP;
        if (rate > links->budget_ceiling) rate = links->budget_ceiling;
    }
    link->loss_ppm = (uint32_t)((7ull * link->loss_ppm + 1000000ull * link->period_lost / all) / 8);
    link->period_us = now_us;
    link->period_acked = link->period_lost = 0;
    if (rate == link->rate_bytes_per_s) return;
    link->rate_bytes_per_s = rate;
    links->sink.rate(links->sink.context, link, rate);
}

static void arrive(bm_links *links, bm_link *link, uint64_t number)
{
    settle(links, link, number, 0);
    link->acked_count++;
    link->period_acked++;
    if (number >= link->sealer.first) link->flags |= BM_LINK_HAS_PROOF;
    if (link->probe == number + 1) bm_probe_arrived(links, link);
}

int bm_flight_acked(bm_links *links, bm_link *link, uint16_t ack, uint32_t bits, int64_t delay_us,
                    uint64_t now_us)
{
    uint64_t last = link->sealer.next - 1, highest = last - (uint16_t)(last - ack), from;
    uint32_t before = link->acked_count, period_us;

    if (!link->sealer.next || (uint16_t)(last - ack) > last) return BM_OUT_OF_RANGE;
    if (delay_us >= 0 && highest >= link->oldest && bm_bit(link->flying, highest)) {
        uint64_t age = age_us(link, highest, now_us);
        if (age != UINT64_MAX) sample(link, (int64_t)age - delay_us);
    }
    from = highest > BM_LINK_ACK_NUMBERS ? highest - BM_LINK_ACK_NUMBERS : 0;
    if (from < link->oldest) from = link->oldest;
    for (uint64_t number = from; number <= highest; number++)
        if (bm_bit(link->flying, number) && (number == highest || bits >> (highest - 1 - number) & 1))
            arrive(links, link, number);
    if (highest + 1 > link->arrived) link->arrived = highest + 1;
    oldest_on(link);
    bm_flight_overdue(links, link, now_us);
    period_us = round_trip_us(link);
    if (period_us < BM_LINK_PERIOD_LEAST_US) period_us = BM_LINK_PERIOD_LEAST_US;
    if (link->acked_count != before && now_us - link->period_us >= period_us) adapt(links, link, now_us);
    return 0;
}
