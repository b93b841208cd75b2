"""World and links without gateway, databases and TCP: what a load generator's server is made of."""

import socket
from collections import Counter

import pytest

from bluemarble.native.pump import Pump
from bluemarble.servers.udp import Dead, Udp
from bluemarble.settings import Udp as Settings
from bluemarble.sim.content import Content
from bluemarble.sim.effects import Close, Input, Unwatch, Watch
from bluemarble.sim.rules import Rules
from bluemarble.sim.world import World
from bluemarble.wire.datagram.client import Client
from bluemarble.wire.datagram.keys import link_keys
from bluemarble.wire.datagram.notices import Closed, Stated
from bluemarble.wire.datagram.sections import Input as Move
from bluemarble.wire.datagram.terms import Terms
from bluemarble.wire.snapshot import read_states
from bluemarble.wire.view import View
from opcodes.cluster import NMSG_DISCONNECTED, NMSG_LEAVE
from opcodes.datagram import CLOSE_BYE
from opcodes.links import NMSG_STRAIN
from tests.integration.realm import TABLES, character, entering

HOST, TICK_US, BEGIN_US = "127.0.0.1", 50_000, 1_000_000


class Alone:
    """A world that players come into by inputs alone."""

    def __init__(self, **settings):
        self.now_us = BEGIN_US
        self.pump = Pump(clock_us=self.now_us, ring_bytes=1 << 18)
        self.where = HOST, self.pump.bind(HOST)
        self.world = World(Content(*TABLES), Rules())
        self.counts = Counter()
        self.udp = Udp(
            self.world, Settings(**settings), self.pump, self.counts, lambda *_: None, self.where[1]
        )
        self.pump.start()
        self.clients, self.given = {}, []

    def admit(self, session, x):
        """A character in the world, and a link for it: its keys' root is all that its client needs."""
        prk = bytes([session]) * 32
        cid = self.udp.install(session, prk)
        self.given.append(Input(session, entering(character(session, f"P{session}", x=x))))
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        line.bind((HOST, 0))
        line.setblocking(False)
        self.clients[session] = (
            line,
            Client(Terms(link_keys(0, prk), cid, 1200, 1000), self.where, self.now_us),
        )
        return cid

    def ticks(self, n):
        """What everyone was told in them."""
        heard = []
        for _ in range(n):
            self.tick()
            self.now_us += TICK_US
            self.pump.clock(self.now_us)
            for session, (line, client) in self.clients.items():
                for datagram, where in client.datagrams_to_send(self.now_us):
                    line.sendto(datagram, where)
                self.pump.settle()
                while True:
                    try:
                        told = client.receive(line.recv(2048), self.where, self.now_us)
                    except BlockingIOError:
                        break
                    heard += [(session, it) for it in told]
        return heard

    def tick(self):
        """One tick, as WorldService.step."""
        given, self.given = self.given, []
        for effect in self.world.step(given + self.udp.inputs()):
            if isinstance(effect, Watch | Unwatch | Close):
                self.udp.perform(effect)
        self.udp.tick()
        self.pump.settle()

    def close(self):
        self.udp.stop()
        for line, _ in self.clients.values():
            line.close()


@pytest.fixture
def alone():
    made = Alone()
    yield made
    made.close()


def test_players_without_tcp(alone):
    """They come, see each other, move, and go; their ids are free again."""
    cids = [alone.admit(n, 2.0 * n) for n in (1, 2, 3)]
    heard = alone.ticks(6)
    alone.given += [Input(n, NMSG_DISCONNECTED()) for n in (1, 2, 3)]
    view = View()
    for session, told in heard + alone.ticks(20):
        if session == 1 and isinstance(told, Stated):
            view.states(told.tick, read_states(told.body))
    assert {it.guid for it in view.seen.values()} >= {2, 3}
    _, ada = alone.clients[1]
    for number in range(1, 11):
        ada.move(number, view.oneself.epoch, Move(1, 0, 128 + 16 * number, 0, 3200))
        alone.ticks(1)
    alone.ticks(2)
    zone = alone.world.zones[0]
    assert zone.objects[1].x == (128 + 160) / 64
    assert alone.udp.counters()["attached"] == 3
    assert alone.udp.counters()["feed_readers"] == 3
    alone.given.append(Input(2, NMSG_LEAVE()))
    told = [it for session, it in alone.ticks(10) if session == 2 and isinstance(it, Closed)]
    assert told == [Closed(CLOSE_BYE, theirs=True)]
    assert cids[1] not in alone.udp.links.by_cid
    assert alone.udp.install(2, bytes(32)) != cids[1]
    ada.close(CLOSE_BYE, alone.now_us)
    alone.ticks(10)
    assert zone.objects[1].linger_ms
    assert alone.counts["udp closed: bye"] >= 1


def test_strain_is_an_input(alone, monkeypatch):
    """A journal has the level where the simulation takes it; each level lasts until it changes."""
    seen = []
    step = World.step
    monkeypatch.setattr(World, "step", lambda world, given: seen.extend(given) or step(world, given))
    alone.admit(1, 0.0)
    alone.ticks(5)
    for _ in range(60):
        alone.udp.overload.measure(90.0)
        alone.tick()
    levels = [it.packet.level for it in seen if isinstance(it.packet, NMSG_STRAIN)]
    assert levels == list(range(1, len(levels) + 1)) and len(levels) >= 4
    assert alone.world.strain == alone.world.zones[0].strain == levels[-1]
    assert all(it.session == 0 for it in seen if isinstance(it.packet, NMSG_STRAIN))


def test_a_link_nobody_attaches(alone):
    """It is forgotten after the silence, and its session may have another; without room there is none."""
    cid = alone.udp.install(5, bytes(32))
    assert alone.udp.install(5, bytes(32)) != cid
    for _ in range(20):
        alone.now_us += 1_000_000
        alone.pump.clock(alone.now_us)
        alone.tick()
    assert alone.udp.links.by_cid == {}
    small = Alone(link_limit=1)
    small.udp.install(1, bytes(32))
    with pytest.raises(OverflowError):
        small.udp.install(2, bytes(32))
    small.close()


def test_a_dead_thread_is_noticed(alone):
    """The next tick says so."""
    alone.udp.stop()
    with pytest.raises(Dead):
        alone.udp.inputs()
