"""
A network in a test: seeded, with a clock of its own, as bad as one likes; and two ends that talk over it.

An end is anything with `receive(datagram, address, now_us)` and `datagrams_to_send(now_us)`, both of
bluemarble.wire.datagram's shape, `due_us()` and `notices()`.
"""

import heapq
import random
from collections import Counter
from typing import NamedTuple

from bluemarble.wire.datagram import keys
from bluemarble.wire.datagram.client import Client
from bluemarble.wire.datagram.path import TUNNEL
from bluemarble.wire.datagram.protection import Opener
from bluemarble.wire.datagram.server import Server
from bluemarble.wire.datagram.terms import Terms
from opcodes.datagram import AEAD_AES_128_GCM, MTU_MOST

CID = 0x04003002
SERVER = ("server", 8087)
HOME = ("client", 40000)
TICK_US = 50_000


class Weather(NamedTuple):
    """
    What befalls a datagram: shares of 1, and microseconds.

    @ivar delay_us, jitter_us: it takes delay_us, give or take jitter_us, evenly spread.
    @ivar reorder: of those that are held back by up to delay_us more.
    @ivar mtu: larger ones are lost.
    """

    loss: float = 0.0
    reorder: float = 0.0
    duplicate: float = 0.0
    delay_us: int = 20_000
    jitter_us: int = 0
    mtu: int = MTU_MOST


CALM = Weather()
STORM = Weather(loss=0.2, reorder=0.3, duplicate=0.1, delay_us=200_000, jitter_us=100_000)


class Flying(NamedTuple):
    """A datagram that will arrive; `order` keeps those of one moment apart."""

    at_us: int
    order: int
    datagram: bytes
    source: object
    target: object


class Network:
    """
    Datagrams between addresses.

    @ivar weather: may be changed at any time.
    @ivar cut: datagrams from or to these addresses are lost.
    @ivar sent: every (source, target, datagram), delivered or not.
    """

    def __init__(self, seed, weather=CALM):
        self.chance = random.Random(seed)
        self.weather = weather
        self.cut = set()
        self.sent = []
        self._flying = []
        self._order = 0

    def send(self, datagram, source, target, now_us):
        """On its way, or not."""
        self.sent.append((source, target, datagram))
        weather, chance = self.weather, self.chance
        if TUNNEL in (source, target):  # TCP: whole, once, in order
            self._fly(datagram, source, target, now_us + weather.delay_us)
            return
        # Each is asked of every datagram, so that what befalls one does not depend on what befell another.
        lost = chance.random() < weather.loss
        copies = 1 + (chance.random() < weather.duplicate)
        if lost or len(datagram) > weather.mtu or {source, target} & self.cut:
            return
        for _ in range(copies):
            late_us = weather.delay_us + chance.randint(-weather.jitter_us, weather.jitter_us)
            if chance.random() < weather.reorder:
                late_us += chance.randint(0, weather.delay_us)
            self._fly(datagram, source, target, now_us + max(0, late_us))

    def _fly(self, datagram, source, target, at_us):
        self._order += 1
        heapq.heappush(self._flying, Flying(at_us, self._order, datagram, source, target))

    def next_us(self):
        """When the next one arrives, or None."""
        return self._flying[0].at_us if self._flying else None

    def arrived(self, now_us):
        """Those that have arrived by now, in order."""
        while self._flying and self._flying[0].at_us <= now_us:
            yield heapq.heappop(self._flying)


def link_keys(aead=AEAD_AES_128_GCM, seed=1):
    """Keys as a login would make them."""
    chance = random.Random(seed)
    return keys.link_keys(aead, chance.randbytes(32))


class Witness:
    """Knows the keys, sees every datagram as it is sent, and objects to a packet number used twice."""

    def __init__(self, linked):
        self.openers = {
            True: Opener(linked.aead, linked.c2s, CID, True),
            False: Opener(linked.aead, linked.s2c, CID, False),
        }
        self.plain = []

    def saw(self, datagram, to_server):
        opened = self.openers[to_server].open(datagram)
        assert opened is not None, "it cannot be opened, or its number was used before"
        assert opened.newest
        self.plain.append((to_server, opened.number, opened.plaintext))


class Pair:
    """
    A client and a server on a network, and their clock.

    @ivar address: the client's; change it and it has moved.
    @ivar heard: (now_us, notice) at either end, by "client" and "server".
    @ivar each_tick: called with the tick's number every 50 ms, if set.
    """

    def __init__(self, seed=1, weather=CALM, aead=AEAD_AES_128_GCM, mtu=MTU_MOST, keepalive_ms=1000, **terms):
        linked = link_keys(aead, seed)
        agreed = Terms(linked, CID, mtu, keepalive_ms, **terms)
        self.chance = random.Random(f"tokens {seed}")
        self.now_us = 1_000_000
        self.network = Network(seed, weather)
        self.client = Client(agreed, SERVER, self.now_us)
        self.server = Server(agreed, self.chance.randbytes, self.now_us)
        self.address = HOME
        self.witness = Witness(linked)
        self.heard = {"client": [], "server": []}
        self.each_tick = None
        self._tick = 0
        self._tick_us = self.now_us

    def run(self, seconds):
        """Let so much time pass."""
        until_us = self.now_us + int(seconds * 1_000_000)
        idle = Counter()
        while True:
            self._step()
            dues = (self._tick_us if self.each_tick else None, self.network.next_us(), self.client.due_us())
            times = [time for time in (*dues, self.server.due_us()) if time is not None]
            next_us = max(min(times, default=until_us), self.now_us)
            if next_us > until_us or not times:
                break
            idle[next_us] += 1
            assert idle[next_us] < 1000, "an end says that it is due, and does nothing"
            self.now_us = next_us
        self.now_us = until_us

    def until(self, condition, seconds=60):
        """Let time pass until it holds."""
        for _ in range(int(seconds * 100)):
            if condition():
                return
            self.run(0.01)
        raise AssertionError("never")

    def _step(self):
        now_us = self.now_us
        for flying in list(self.network.arrived(now_us)):
            if flying.target in (SERVER, TUNNEL) and flying.source != SERVER:
                source = TUNNEL if flying.target == TUNNEL else flying.source
                self._note("server", self.server.receive(flying.datagram, source, now_us))
            elif flying.target in (self.address, TUNNEL):
                self._note("client", self.client.receive(flying.datagram, flying.source, now_us))
        while self.each_tick and self._tick_us <= now_us:
            self.each_tick(self._tick)
            self._tick += 1
            self._tick_us += TICK_US
        for datagram, address in self.client.datagrams_to_send(now_us):
            self.out(datagram, address, True)
        for datagram, address in self.server.datagrams_to_send(now_us):
            self.out(datagram, address, False)
        self._note("client", self.client.notices())
        self._note("server", self.server.notices())

    def out(self, datagram, address, to_server):
        """One end sends that."""
        self.witness.saw(datagram, to_server)
        self.network.send(datagram, self.address if to_server else SERVER, address, self.now_us)

    def _note(self, end, notices):
        self.heard[end] += [(self.now_us, notice) for notice in notices]

    def of(self, end, kind):
        """The notices of that kind an end has had."""
        return [notice for _, notice in self.heard[end] if isinstance(notice, kind)]
