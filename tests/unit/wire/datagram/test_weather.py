"""Both ends over bad networks: events, snapshots and inputs still do what docs/bmu1.md says."""

import random

import pytest

from bluemarble.wire.datagram import sections
from bluemarble.wire.datagram.connection import CLOSED
from bluemarble.wire.datagram.notices import Acked, Attached, Closed, Fits, Lost, Message, Moves, Seen, Time
from bluemarble.wire.datagram.sections import Input
from opcodes.datagram import AEAD_AES_128_GCM, AEAD_CHACHA20_POLY1305, CLOSE_KICKED, CLOSE_SILENT
from tests.netsim import CALM, STORM, Pair, Weather

AEADS = [AEAD_AES_128_GCM, AEAD_CHACHA20_POLY1305]


def place(tick):
    """Where the test's client is after a tick."""
    return Input(tick & 0xF, tick * 7 & 0xFFFF, 100 * tick, -tick, 3)


def playing(pair, events=0):
    """
    A game: inputs and snapshots each tick, events each way in the first ticks.

    @return: what each end has said, growing.
    """
    said = {"client": [], "server": []}
    chance = random.Random(7)

    def each_tick(tick):
        if pair.client.attached:
            pair.client.move(tick, 0, place(tick))
        for name, end in (("client", pair.client), ("server", pair.server)):
            if tick < events:
                event = (tick, chance.randbytes(chance.choice([0, 3, 40, 400, 3000])))
                end.send_event(*event)
                said[name].append(event)
        body = bytes([0, 1, 0, 7]) + tick.to_bytes(6, "little")
        sent = pair.server.send(pair.now_us, sections.write(sections.Snapshot(body)), tick, record=tick)
        if sent is not None:
            pair.out(*sent, False)

    pair.each_tick = each_tick
    return said


def told(pair, end):
    return [tuple(message) for message in pair.of(end, Message)]


@pytest.mark.parametrize("aead", AEADS)
@pytest.mark.parametrize("seed", range(4))
def test_events_exactly_once_in_order(seed, aead):
    """A fifth lost, a third out of order, a tenth doubled, 100 to 300 ms late: all events, both ways."""
    pair = Pair(seed, STORM, aead)
    said = playing(pair, events=100)
    pair.until(lambda: len(told(pair, "server")) == len(told(pair, "client")) == 100, 300)
    pair.run(2)
    assert told(pair, "server") == said["client"]
    assert told(pair, "client") == said["server"]
    assert not len(pair.client.outgoing) + len(pair.server.outgoing)
    assert pair.client.statistics().malformed == pair.server.statistics().malformed == 0


def test_without_anything_else_to_say():
    """Events alone, and the last datagram of them lost, too: nobody waits for the next."""
    pair = Pair(3, STORM)
    pair.client.send_event(1, b"only")
    pair.server.send_event(2, bytes(20_000))
    pair.until(lambda: told(pair, "server") and told(pair, "client"), 60)
    assert (told(pair, "server"), told(pair, "client")) == ([(1, b"only")], [(2, bytes(20_000))])


@pytest.mark.parametrize("seed", range(3))
def test_snapshots_and_their_records(seed):
    """Each record is told once, as arrived or as lost; what is said to have arrived did."""
    pair = Pair(seed, STORM)
    playing(pair)
    pair.run(20)
    pair.each_tick = None
    pair.network.weather = CALM
    pair.run(5)
    seen = {notice.tick for notice in pair.of("client", Seen)}
    acked = [notice.record for notice in pair.of("server", Acked)]
    lost = [notice.record for notice in pair.of("server", Lost)]
    assert len(acked) == len(set(acked))
    assert len(lost) == len(set(lost))
    assert not set(acked) & set(lost)
    assert set(acked) <= seen
    assert len(acked) + len(lost) == max(acked + lost) - min(acked + lost) + 1
    assert len(acked) > 200
    assert all(seen_.body[4:] == seen_.tick.to_bytes(6, "little") for seen_ in pair.of("client", Seen))


def test_inputs():
    """Ten datagrams a second carry twenty inputs; a fifth of them lost, all inputs come, as they were."""
    pair = Pair(2, Weather(loss=0.2, delay_us=50_000, jitter_us=20_000))
    playing(pair)
    pair.run(20)
    moves = pair.of("server", Moves)
    got = {
        (move.tick - back) & 0xFFFF: given
        for move in moves
        for back, given in enumerate(reversed(move.inputs))
    }
    assert all(given == place(tick) for tick, given in got.items())
    first = min(got)
    assert len(got) >= 395 - first
    assert set(range(first, max(got) + 1)) - set(got) == set()
    assert 180 <= pair.client.statistics().sent <= 230
    assert max(len(move.inputs) for move in moves) <= 8


@pytest.mark.parametrize("aead", AEADS)
def test_key_update(aead):
    """New keys every 64 packets, both ways by themselves; only the network loses anything."""
    pair = Pair(5, STORM, aead, update_numbers=64)
    said = playing(pair, events=60)
    pair.run(60)
    client, server = pair.client.statistics(), pair.server.statistics()
    for mine, theirs in ((client, server), (server, client)):
        assert mine.generation_sent >= 6
        assert mine.generation_sent - theirs.generation_received in (0, 1)
        assert theirs.dropped["forged"] <= mine.sent / 100  # of the generation before the last one, very late
    assert told(pair, "server") == said["client"]
    assert told(pair, "client") == said["server"]


def test_key_update_by_time():
    """After an hour, too."""
    pair = Pair(1, keepalive_ms=1000)
    pair.run(3590)
    assert pair.client.statistics().generation_sent == pair.server.statistics().generation_sent == 0
    pair.run(20)
    assert pair.client.statistics().generation_sent == pair.server.statistics().generation_sent == 1


def test_no_key_update_unacknowledged():
    """The next keys have to wait until something of these has arrived."""
    pair = Pair(1, update_numbers=16)
    playing(pair)
    pair.run(2)
    pair.network.weather = Weather(loss=1)
    pair.run(1)
    before = pair.server.statistics()
    pair.run(8)
    after = pair.server.statistics()
    assert after.sent > before.sent + 100
    assert after.generation_sent - before.generation_sent <= 1
    pair.network.weather = CALM
    pair.run(5)
    assert pair.server.statistics().generation_sent > after.generation_sent + 3
    assert pair.client.statistics().generation_received == pair.server.statistics().generation_sent


@pytest.mark.parametrize("delay_us", [0, 20_000, 150_000, 400_000])
def test_idle(delay_us):
    """Two ends with nothing to say keep it at that: a datagram a second each, and no answers to those."""
    pair = Pair(1, Weather(delay_us=delay_us), keepalive_ms=1000)
    pair.run(5)
    before = pair.client.statistics().sent, pair.server.statistics().sent
    pair.run(60)
    after = pair.client.statistics().sent, pair.server.statistics().sent
    assert all(58 <= b - a <= 62 for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize(("keepalive_ms", "count"), [(0, 100), (100, 100), (65_535, 2)])
def test_an_odd_keepalive(keepalive_ms, count):
    """Neither without end nor so rarely that the link dies of it."""
    pair = Pair(1, keepalive_ms=keepalive_ms)
    pair.run(5)
    before = pair.server.statistics().sent
    pair.run(10)
    assert count - 1 <= pair.server.statistics().sent - before <= count + 1


def test_estimates():
    """Round trip, its least and its jitter, and how much is lost."""
    pair = Pair(4, Weather(loss=0.1, delay_us=60_000, jitter_us=10_000))
    playing(pair)
    pair.run(30)
    for stats in (pair.client.statistics(), pair.server.statistics()):
        assert 110_000 <= stats.rtt_us <= 140_000
        assert 100_000 <= stats.least_us <= 125_000
        assert 1_000 <= stats.jitter_us <= 20_000
        assert 0.06 <= stats.lost / (stats.acked + stats.lost) <= 0.14
        assert 20_000 <= stats.loss_ppm <= 250_000


def test_budget():
    """A clean path is trusted with more and more, up to a limit; loss, and queues that fill, take it away."""
    pair = Pair(1, Weather(delay_us=40_000))
    playing(pair)
    pair.run(10)
    assert pair.server.recovery.budget > 20_000
    pair.run(40)
    assert pair.server.recovery.budget == 64_000
    pair.network.weather = Weather(delay_us=40_000, loss=0.2)
    pair.run(15)
    assert pair.server.recovery.budget < 10_000
    pair.network.weather = Weather(delay_us=40_000)
    pair.run(40)
    assert pair.server.recovery.budget > 50_000
    pair.network.weather = Weather(delay_us=200_000)
    pair.run(20)
    assert pair.server.recovery.budget == 2_000


@pytest.mark.parametrize(("through", "fits"), [(1452, 1452), (1440, 1400), (1300, 1280), (1250, 1200)])
def test_probe(through, fits):
    """The largest size that gets through, under loss; probes that do not are not held against the path."""
    pair = Pair(6, Weather(mtu=through))
    playing(pair)
    pair.run(2)
    pair.network.weather = Weather(mtu=through, loss=0.02)
    pair.server.probe()
    pair.run(10)
    assert pair.server.statistics().mtu == fits
    assert pair.of("server", Fits) == ([Fits(fits)] if fits > 1200 else [])
    assert pair.server.room == fits - 3 - 16 - 10
    assert pair.client.statistics().mtu == 1200


def test_no_larger_than_agreed():
    """A server does not try what the client does not take."""
    pair = Pair(1, mtu=1320)
    pair.run(1)
    pair.server.probe()
    pair.run(2)
    assert pair.server.statistics().mtu == 1320
    assert max(len(datagram) for _, _, datagram in pair.network.sent) == 1320


def test_clock():
    """A ping brings the other end's clock back."""
    pair = Pair(1, Weather(delay_us=30_000))
    pair.run(1)
    asked_ms = pair.now_us // 1000
    pair.client.ping(pair.now_us)
    pair.run(1)
    assert pair.of("client", Time) == [Time(asked_ms, asked_ms + 30)]


@pytest.mark.parametrize("end", ["client", "server"])
def test_close(end):
    """Either end may say goodbye; the other hears it although two of three are lost."""
    pair = Pair(1)
    playing(pair)
    pair.run(1)
    pair.network.weather = Weather(loss=1)
    getattr(pair, end).close(CLOSE_KICKED, pair.now_us)
    pair.run(0.15)
    pair.network.weather = CALM
    pair.run(0.1)
    assert pair.client.state == pair.server.state == CLOSED
    other = "client" if end == "server" else "server"
    assert pair.of(end, Closed) == [Closed(CLOSE_KICKED, theirs=False)]
    assert pair.of(other, Closed) == [Closed(CLOSE_KICKED, theirs=True)]
    count = len(pair.network.sent)
    pair.each_tick = None
    pair.run(20)
    assert len(pair.network.sent) == count
    assert pair.client.due_us() is pair.server.due_us() is None


def test_silence():
    """Fifteen seconds without anything: both know it, and say so once more."""
    pair = Pair(1)
    playing(pair)
    pair.run(1)
    pair.network.weather = Weather(loss=1)
    pair.run(14.8)
    assert pair.of("client", Closed) == pair.of("server", Closed) == []
    pair.run(0.5)
    assert pair.of("client", Closed) == pair.of("server", Closed) == [Closed(CLOSE_SILENT, theirs=False)]
    assert pair.client.state == pair.server.state == CLOSED


def test_nobody_there():
    """A client whose server never answers, a server whose client never comes: over, without a word sent."""
    pair = Pair(1, Weather(loss=1))
    pair.run(16)
    assert pair.of("client", Attached) == pair.of("server", Attached) == []
    assert pair.of("server", Closed) == [Closed(CLOSE_SILENT, theirs=False)]
    assert pair.server.statistics().sent == 0
    assert pair.client.state == pair.server.state == CLOSED


def test_same_seed_same_bytes():
    """Nothing in it is chance of its own."""
    transcripts = []
    for _ in range(2):
        pair = Pair(9, STORM)
        playing(pair, events=10)
        pair.run(5)
        transcripts.append((pair.network.sent, pair.heard))
    assert transcripts[0] == transcripts[1]
