"""The C link against the reference's server, datagram by datagram, in seeded networks of any weather."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.wire.datagram import sections
from bluemarble.wire.datagram.client import Client
from bluemarble.wire.datagram.notices import Acked, Attached, Closed, Fits, Lost, Message, Moved, Seen
from bluemarble.wire.datagram.path import TUNNEL
from bluemarble.wire.datagram.recovery import Budget
from bluemarble.wire.datagram.sections import Input
from bluemarble.wire.datagram.terms import Terms
from opcodes.datagram import AEAD_AES_128_GCM, AEAD_CHACHA20_POLY1305, CLOSE_KICKED, CLOSE_SILENT
from tests import netsim
from tests.netsim import CALM, SERVER, STORM, Weather
from tests.twins import link as twin

pytestmark = pytest.mark.native
AWAY = ("client", 50000)


class Snapped:
    """Something that is due at times both servers know exactly."""

    def __init__(self, it):
        vars(self)["it"] = it

    def __getattr__(self, name):
        return getattr(self.it, name)

    def __setattr__(self, name, value):
        setattr(self.it, name, value)

    def due_us(self):
        return twin.up(self.it.due_us())

    def next_us(self):
        return twin.up(self.it.next_us())


class Pair(netsim.Pair):
    """A client of the reference, and both servers."""

    def __init__(self, seed=1, weather=CALM, aead=AEAD_AES_128_GCM, mtu=1452, keepalive_ms=1000, **terms):
        super().__init__(seed, weather, aead, mtu, keepalive_ms, **terms)
        agreed = Terms(netsim.link_keys(aead, seed), netsim.CID, mtu, keepalive_ms, **terms)
        self.network = Snapped(self.network)
        self.client = Snapped(Client(agreed, SERVER, self.now_us))
        self.server = twin.Server(agreed, random.Random(seed).randbytes(32), self.now_us)


def playing(pair, events=0, seed=7, every=1, gaps=0.0):
    """Inputs, snapshots with records each tick (or each so many), and events each way in the first ticks."""
    said = {"client": [], "server": []}
    chance = random.Random(seed)
    records = itertools.count()

    def each_tick(tick):
        if pair.client.attached and chance.random() < 0.95:
            replayed = 3 if tick % 50 == 0 else 0  # a new epoch: what a corrected client sends again
            for number in range(max(0, tick - replayed), tick + 1):
                given = Input(number & 0xF, number * 7 & 0xFFFF, 100 * number, -number, 3)
                pair.client.move(number, tick // 50 & 0xFF, given)
        for name, end in (("client", pair.client), ("server", pair.server)):
            if tick < events:
                event = (
                    chance.randrange(1 << chance.choice([6, 12, 32])),
                    chance.randbytes(chance.choice([0, 3, 40, 400, 3000])),
                )
                end.send_event(*event)
                said[name].append(event)
        if tick % every == 0:
            body = bytes([0, 1, 0, 7]) + tick.to_bytes(6, "little")
            if chance.random() < gaps:
                next(records)  # one that was never handed to the link
            sent = pair.server.send(pair.now_us, sections.write(sections.Snapshot(body)), tick, next(records))
            if sent is not None:
                pair.out(*sent, False)

    pair.each_tick = each_tick
    return said


def told(pair, end):
    return [tuple(message) for message in pair.of(end, Message)]


@pytest.mark.parametrize("aead", [AEAD_AES_128_GCM, AEAD_CHACHA20_POLY1305])
def test_calm(aead):
    """A smooth network: attach, probe, snapshots, inputs and events, and hardly anything lost."""
    pair = Pair(1, CALM, aead)
    said = playing(pair, events=40)
    pair.run(20)
    assert told(pair, "client") == said["server"]
    assert told(pair, "server") == said["client"]
    assert pair.of("server", Attached)
    assert pair.of("server", Fits) == [Fits(1452)]
    assert len(pair.of("server", Acked)) > 350
    assert not pair.of("server", Lost)
    counts = pair.server.links.counts()
    assert counts["malformed"] == counts["forged"] == counts["chunks"] == 0


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    weather=st.builds(
        Weather,
        loss=st.sampled_from([0, 0.01, 0.2, 0.5]),
        reorder=st.sampled_from([0, 0.3]),
        duplicate=st.sampled_from([0, 0.1]),
        delay_us=st.sampled_from([0, 1_000, 20_000, 200_000]),
        jitter_us=st.sampled_from([0, 700, 100_000]),
        mtu=st.sampled_from([1200, 1300, 1452]),
    ),
    aead=st.sampled_from([AEAD_AES_128_GCM, AEAD_CHACHA20_POLY1305]),
    mtu=st.sampled_from([1200, 1290, 1400, 1452]),
    update_numbers=st.sampled_from([16, 64, 1 << 22]),
    every=st.sampled_from([1, 2, 7, 40]),
    keepalive_ms=st.sampled_from([100, 1000]),
)
def test_any_weather(seed, weather, aead, mtu, update_numbers, every, keepalive_ms):
    """Whatever is lost, late, doubled or out of order, both say and know the same all the time."""
    pair = Pair(seed, weather, aead, mtu, keepalive_ms, update_numbers=update_numbers)
    playing(pair, events=30, seed=seed, every=every, gaps=0.02)
    chance = random.Random(seed)
    for _ in range(3):
        pair.run(chance.choice([1, 3, 5]))
        happening = chance.randrange(5)
        if happening == 0:
            pair.address = AWAY
        elif happening == 1:
            pair.client.tunnel(pair.now_us)
        elif happening == 2:
            pair.client.server = SERVER
        elif happening == 3:
            pair.network.weather = CALM
        else:
            pair.network.cut = {SERVER}
            pair.run(3)
            pair.network.cut = set()


@pytest.mark.parametrize("seed", range(8))
def test_long_silence(seed):
    """More than 256 datagrams without an answer, then one that comes late: places are used again, once."""
    chance = random.Random(seed)
    pair = Pair(
        seed, Weather(0.05, delay_us=chance.choice([1000, 100_000]), jitter_us=1000), keepalive_ms=100
    )
    playing(pair, seed=seed)
    pair.run(chance.choice([3, 5]))
    pair.network.weather = Weather(delay_us=14_600_000)
    pair.run(14.5)
    pair.network.weather = CALM
    pair.run(5)
    assert pair.of("server", Lost)


@pytest.mark.parametrize("seed", range(3))
def test_storm(seed):
    """A fifth lost, a third out of order, a tenth doubled, late: all events, and each record once."""
    pair = Pair(seed, STORM)
    said = playing(pair, events=60)
    pair.until(lambda: len(told(pair, "server")) == len(told(pair, "client")) == 60, 300)
    pair.each_tick = None
    pair.network.weather = CALM
    pair.run(5)
    assert told(pair, "client") == said["server"]
    assert told(pair, "server") == said["client"]
    acked = [notice.record for notice in pair.of("server", Acked)]
    lost = [notice.record for notice in pair.of("server", Lost)]
    assert len(acked + lost) == len(set(acked + lost)) > 200
    assert len(acked) <= len(pair.of("client", Seen))
    assert pair.server.links.counts()["chunks"] == 0


@pytest.mark.parametrize("weather", [CALM, STORM], ids=["calm", "storm"])
def test_migration(weather):
    """The client moves, is challenged, moves on, and goes through the TCP connection and back."""
    pair = Pair(3, weather)
    said = playing(pair, events=30)
    pair.until(lambda: pair.of("server", Attached))
    pair.run(2)
    pair.address = AWAY
    pair.until(lambda: pair.of("server", Moved), 20)
    assert pair.of("server", Moved) == [Moved(AWAY)]
    pair.client.tunnel(pair.now_us)
    pair.run(2)
    pair.client.server = SERVER
    pair.address = ("client", 50001)
    pair.run(10)
    assert pair.of("server", Moved)[1:3] == [Moved(TUNNEL), Moved(pair.address)]
    assert told(pair, "client") == said["server"]
    assert told(pair, "server") == said["client"]


def test_silence_and_close():
    """Fifteen seconds of nothing close a link; a close is said three times; a client's close is the end."""
    pair = Pair(1)
    playing(pair)
    pair.run(2)
    pair.each_tick = None
    pair.network.cut = {SERVER}
    pair.run(20)
    assert pair.of("server", Closed) == [Closed(CLOSE_SILENT, theirs=False)]
    for end in ("client", "server"):
        pair = Pair(2)
        playing(pair)
        pair.run(1)
        getattr(pair, end).close(CLOSE_KICKED, pair.now_us)
        pair.run(3)
        assert pair.of("client", Closed) == [Closed(CLOSE_KICKED, theirs=end == "server")]
        assert pair.of("server", Closed) == [Closed(CLOSE_KICKED, theirs=end == "client")]


def test_budget():
    """What may be sent follows loss, between the limits."""
    pair = Pair(1, Weather(delay_us=50_000), budget=Budget(5_000, 4_000, 6_000))
    playing(pair)
    pair.run(4)
    assert pair.server.link.facts()["rate_bytes_per_s"] == 6_000
    pair.network.weather = Weather(loss=0.4, delay_us=50_000)
    pair.run(4)
    assert pair.server.link.facts()["rate_bytes_per_s"] < 5_000


def test_many_events():
    """More than the window takes wait behind it, and all arrive."""
    pair = Pair(4, Weather(loss=0.05, delay_us=30_000))
    pair.run(1)
    events = [(i, bytes([i & 0xFF]) * (i % 50)) for i in range(900)] + [
        (7, bytes(60_000)),
        (8, bytes(65_000)),
    ]
    for event in events:
        pair.server.send_event(*event)
    pair.until(lambda: len(told(pair, "client")) == len(events), 120)
    pair.run(2)
    assert told(pair, "client") == events
    assert pair.server.links.counts()["chunks"] == 0
