"""Our own client on the whole server by UDP: what it predicts, what it draws, what the server has agree."""

import random
import socket
from contextlib import suppress
from math import dist

import pytest

from bluemarble.client import events
from bluemarble.client.arrival import Arrival, Wish
from bluemarble.client.gait import Keys
from bluemarble.client.link import Wanted
from bluemarble.client.player import Player
from bluemarble.servers.tcp import WorldFactory
from opcodes.chat import CHAT_MSG_SAY, CMSG_MESSAGECHAT
from opcodes.datagram import CLOSE_REPLACED
from opcodes.movement import FORWARD, LEFT
from tests.integration.house import VERSION, Transport
from tests.integration.quay import HOST, Quay

FINE = 1 / 32  # yards: how fine a near word is


class Guest:
    """
    A player of ours at a quay, its UDP socket a real one.

    @ivar told: every event so far.
    """

    def __init__(self, quay, name, level=0, **given):
        if quay.knows(name) is None:
            quay.account(name, level)
        self.quay, self.told = quay, []
        key = (name.encode() * 40)[:40]
        self.player = Player(name, key, 1, random.Random(name).randbytes, **given)
        self.transport = Transport(HOST)
        self.protocol = WorldFactory(quay.gateway, VERSION).buildProtocol(self.transport.getPeer())
        self.transport.protocol = self.protocol
        self.protocol.makeConnection(self.transport)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.socket.setblocking(False)
        quay.sailors.append(self)
        arrival = Arrival(self.player.world, Wish(name.capitalize()))
        seen = 0
        while not arrival.done:
            quay.ticks()
            for event in self.told[seen:]:
                arrival.take(event)
            seen = len(self.told)
            assert quay.clock.seconds() < 100.0, self.told
        quay.ticks(10)

    @property
    def now_ms(self):
        return self.quay.now_us // 1000

    def act(self):
        self.player.advance(self.now_ms)
        for datagram in self.player.datagrams(self.now_ms):
            self.socket.sendto(datagram, (HOST, self.player.link.port))
        said = self.player.outgoing()
        if said and not self.transport.lost:
            self.protocol.dataReceived(said)

    def hear(self):
        data = self.transport.value()
        self.transport.clear()
        self.player.receive(data, self.now_ms)
        with suppress(BlockingIOError):
            while True:
                self.player.receive_datagram(self.socket.recv(2048), self.now_ms)
        self.told += self.player.events()

    def of(self, kind):
        return [event for event in self.told if isinstance(event, kind)]

    def hold(self, flags, ticks, facing=None):
        """Keys for so long, then none, until all is said."""
        self.player.keys = Keys(flags, facing)
        self.quay.ticks(ticks)
        self.player.keys = Keys()
        self.quay.ticks(30)

    def say(self, line):
        self.player.send(CMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=7, message=line))

    @property
    def guid(self):
        return self.player.world.guid

    @property
    def place(self):
        return self.player.oneself.stance[:3]

    def theirs(self, map_=0):
        """Where the server has it."""
        return self.quay.world.world.zones[map_].objects[self.guid].place()[:3]

    def drawn(self, guid):
        """Where it draws somebody, or None."""
        picture = self.player.picture(self.now_ms)
        return next((seen.place[:3] for seen in picture if seen.other.guid == guid), None)


@pytest.fixture
def quays(tmp_path, template):
    """Makes servers with UDP, and stops them in the end."""
    made = []

    def make(**settings):
        made.append(Quay(tmp_path, template, **settings))
        return made[-1]

    yield make
    for quay in made:
        quay.stop()
        quay.put_away()


def test_walking_together(quays):
    """What each predicts is where the server has it, and where the other draws it."""
    quay = quays()
    ada, bob = Guest(quay, "ADA"), Guest(quay, "BOB")
    [name] = [seen.other.name for seen in ada.player.picture(ada.now_ms) if seen.other.guid == bob.guid]
    assert name == "Bob"
    start = ada.place
    ada.hold(FORWARD | LEFT, 30)
    assert dist(ada.place, start) > 2.0 and not ada.of(events.Corrected)
    assert dist(ada.place, ada.theirs()) < FINE
    assert dist(bob.drawn(ada.guid), ada.theirs()) < 3 * FINE
    bob.hold(FORWARD, 20, facing=2.0)
    assert dist(bob.place, bob.theirs()) < FINE and dist(ada.drawn(bob.guid), bob.theirs()) < 3 * FINE
    statistics = ada.player.statistics()
    assert statistics.rtt_us is not None and statistics.malformed == ada.player.malformed == 0


def test_who_is_there(quays):
    """A player on TCP, creatures and objects are in the picture, with their health."""
    quay = quays()
    bob = quay.player("BOB")
    ada = Guest(quay, "ADA")
    seen = {one.other.guid: one.other for one in ada.player.picture(ada.now_ms)}
    assert seen[bob.guid].name == "Bob" and seen[bob.guid].life.health > 0
    assert {other.kind for other in seen.values()} == {1, 2, 3}
    bob.hang_up()
    quay.seconds(62)
    assert [event.other.name for event in ada.of(events.Vanished)][-1] == "Bob"


def until(quay, reached):
    """So many ticks at most: the threads have a time of their own."""
    for _ in range(200):
        if reached():
            return
        quay.ticks(1)
    assert reached()


def test_corrections(quays):
    """A leap that cannot be is taken back, a teleport is followed; what is done meanwhile is not lost."""
    quay = quays()
    ada = Guest(quay, "ADA", level=3)
    ada.player.keys = Keys(FORWARD, facing=0.0)
    quay.ticks(10)
    ada.player.oneself.stance = ada.player.oneself.stance._replace(x=ada.place[0] + 400.0)
    until(quay, lambda: ada.of(events.Corrected))
    ada.hold(FORWARD, 20)
    until(quay, lambda: dist(ada.place, ada.theirs()) < FINE)
    ada.player.keys = Keys(FORWARD, facing=1.0)
    ada.say(".tele pondside")
    ada.hold(FORWARD, 40, facing=1.0)
    until(quay, lambda: ada.of(events.Corrected)[-1].yards > 10.0)
    until(quay, lambda: dist(ada.place, ada.theirs()) < FINE)
    assert ada.of(events.Corrected)[-1].yards > 10.0


def test_another_map(quays):
    """A far teleport: the old link is closed, another one opened there, and one walks on."""
    quay = quays()
    ada = Guest(quay, "ADA", level=3)
    ada.say(".tele drywell")
    quay.seconds(4)
    assert ada.of(events.Entered)[-1].map == 1
    assert len(ada.of(events.Linked)) == 2
    ada.hold(FORWARD, 20, facing=1.0)
    assert dist(ada.place, ada.theirs(1)) < FINE


def test_tunnel(quays):
    """Everything goes through TCP."""
    quay = quays()
    ada = Guest(quay, "ADA", wanted=Wanted(udp=False))
    assert ada.of(events.Linked) == [events.Linked(tunnelled=True)]
    ada.hold(FORWARD, 20, facing=1.0)
    assert dist(ada.place, ada.theirs()) < FINE
    assert quay.pump.counters()["received"] == 0


def test_lost_and_found(quays):
    """The cable is out for long: link and picture are gone; then all is there again, by itself."""
    quay = quays()
    bob, ada = Guest(quay, "BOB"), Guest(quay, "ADA")
    ada.player.receive_datagram = lambda datagram, now_ms: None
    sends, ada.player.link.datagrams = ada.player.link.datagrams, lambda now_ms: []
    quay.seconds(17)
    ada.player.link.datagrams = sends
    del ada.player.receive_datagram
    quay.seconds(5)
    assert ada.of(events.Unlinked)
    ada.hold(FORWARD, 20, facing=1.0)
    assert dist(ada.place, ada.theirs()) < FINE
    assert dist(bob.drawn(ada.guid), ada.theirs()) < 3 * FINE and ada.drawn(bob.guid) is not None


def test_leaving(quays):
    """Goodbye: the link is closed, and the character is out or about to be."""
    quay = quays()
    bob, ada = Guest(quay, "BOB"), Guest(quay, "ADA", level=3)
    guid = ada.guid
    ada.player.leave(ada.now_ms)
    quay.seconds(1)
    assert ada.of(events.Left) and ada.of(events.Unlinked)
    assert bob.drawn(guid) is None


def test_taken_over(quays):
    """The same account logs in elsewhere: this one is told, and does not come back."""
    quay = quays()
    ada = Guest(quay, "ADA")
    again = Guest(quay, "ADA")
    assert ada.of(events.Unlinked) == [events.Unlinked(CLOSE_REPLACED)]
    assert again.guid and dist(again.place, again.theirs()) < FINE
