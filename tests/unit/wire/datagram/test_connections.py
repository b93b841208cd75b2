"""What a connection makes of single datagrams, and how its datagrams are put together."""

import pytest

from bluemarble.wire.datagram import prefix, sections
from bluemarble.wire.datagram.connection import CLOSED, OPEN
from bluemarble.wire.datagram.notices import Acked, Attached, Closed, Message, Moves, Seen, Stated
from bluemarble.wire.datagram.prefix import Prefix
from bluemarble.wire.datagram.protection import Opener, Sealer
from bluemarble.wire.datagram.sections import Event, Fragment, Input
from bluemarble.wire.datagram.server import Server
from bluemarble.wire.datagram.terms import Terms
from opcodes.datagram import CLOSE_BYE
from tests.netsim import CID, HOME, Pair, link_keys

HELLO = sections.write(Event(0, 7, b"hello"))
BYE = sections.write(Event(1, 8, b"bye"))


class Hand:
    """A client made by hand: what it seals, the server of `end` gets."""

    def __init__(self):
        keys = link_keys()
        self.end = Server(Terms(keys, CID, 1452, 1000), bytes, 0)
        self.sealer = Sealer(keys.aead, keys.c2s, CID, True, 0)
        self.opener = Opener(keys.aead, keys.s2c, CID, False)
        self.now_us = 0

    def say(self, plaintext, size=0):
        """The notices of a datagram."""
        plaintext = plaintext.ljust(max(4, size - 23), b"\0")
        return self.end.receive(self.sealer.seal(plaintext, self.now_us), HOME, self.now_us)

    def attach(self):
        """Until the server is free to speak."""
        self.say(b"\x08" + sections.write(sections.Attach(1452)), 1200)
        self.hear()
        assert self.say(b"\0\0\0" + sections.write(sections.Response(bytes(8)))) == [Attached(HOME)]
        return self

    def hear(self):
        """(prefix, sections) of each datagram the server sends now."""
        out = []
        for datagram, _ in self.end.datagrams_to_send(self.now_us):
            out.append(self.read(datagram))
        return out

    def read(self, datagram):
        plaintext = self.opener.open(datagram).plaintext
        head, at = prefix.read(plaintext)
        return head, list(sections.read(plaintext, at, True, head.tick is not None, len(datagram)))

    @property
    def malformed(self):
        return self.end.statistics().malformed


def test_what_came_before_stands():
    """A section that cannot be read ends the reading; those before it count."""
    hand = Hand()
    assert hand.say(b"\x08" + HELLO + b"\x02" + BYE) == [Message(7, b"hello")]
    assert hand.malformed == 1
    assert hand.say(b"\x08" + BYE) == [Message(8, b"bye")]


@pytest.mark.parametrize(
    "head",
    [b"\x18", b"\x09", b"\x0a", b"\x07\0\0\0", b"\x00\x05\x00"],
    ids=["bit 4", "bits of nothing", "delay of nothing", "short", "never sent"],
)
def test_prefix_that_says_nothing(head):
    """What follows it is not read, but the datagram has been received."""
    hand = Hand().attach()
    assert hand.say(head + HELLO if head != b"\x07\0\0\0" else head) == []
    assert hand.malformed == 1
    hand.now_us += 1_000_000
    assert hand.hear()[0][0].ack == 2


def test_wrong_way():
    """A client neither challenges nor shows nor tells what is."""
    hand = Hand()
    for section in (
        sections.Challenge(bytes(8)),
        sections.Snapshot(bytes([0, 0, 0])),
        sections.State(bytes([0])),
    ):
        assert hand.say(b"\x0c\0\0" + sections.write(section) + HELLO) == []
    assert hand.malformed == 3


def test_inputs_need_a_tick():
    """Inputs come oldest first."""
    inputs = sections.write(sections.Inputs(3, (Input(1, 2, 30, 40, 50), Input(1, 2, 29, 39, 49))))
    hand = Hand()
    assert hand.say(b"\x08" + inputs) == []
    assert hand.say(b"\x0c\x07\x00" + inputs) == [
        Moves(7, 3, (Input(1, 2, 29, 39, 49), Input(1, 2, 30, 40, 50)))
    ]
    assert hand.malformed == 1


def test_attach_in_a_short_datagram():
    """It could make the server send more than came."""
    hand = Hand()
    attach = b"\x08" + sections.write(sections.Attach(1300))
    assert hand.say(attach, 1199) == []
    assert hand.malformed == 1
    hand.say(attach, 1200)
    assert hand.malformed == 1


def test_acknowledging():
    """At once with what is sent anyway, after 200 ms by itself, the delay said once."""
    hand = Hand().attach()
    hand.say(b"\x08" + HELLO)
    assert hand.hear() == []
    hand.now_us = 199_999
    assert hand.hear() == []
    hand.now_us = 200_000
    assert hand.end.due_us() == 200_000
    assert hand.hear() == [(Prefix(ack=2, delay=100), [])]
    hand.say(b"\0\1\0")  # a bare acknowledgement asks for none
    hand.now_us += 999_999
    assert hand.hear() == []
    hand.now_us += 1
    assert hand.hear() == [(Prefix(ack=3, delay=255), [])]
    hand.say(b"\0\2\0" + HELLO)
    assert hand.read(hand.end.send(hand.now_us, tick=70_000)[0]) == (Prefix(ack=4, delay=0, tick=4464), [])
    hand.now_us += 250_000
    assert hand.hear() == []
    hand.sealer.number += 1
    hand.say(b"\0\3\0" + HELLO)
    assert hand.read(hand.end.send(hand.now_us)[0]) == (Prefix(ack=6, bits=0b111110, delay=0), [])


def test_order_in_a_datagram():
    """The owner's sections, the link's own, then events as far as there is room; the rest in the next."""
    hand = Hand().attach()
    hand.say(b"\0\0\0" + sections.write(sections.Ping(5)))
    hand.end.ping(1000)
    hand.end.send_event(1, b"small")
    hand.end.send_event(2, bytes(1023))
    body = sections.write(sections.State(b"\0"))
    (head, said), second = hand.read(hand.end.send(0, body, 3, 9)[0]), hand.hear()
    assert head.tick == 3
    assert said == [
        sections.State(b"\0"),
        sections.Pong(5, 0),
        sections.Ping(1),
        Event(0, 1, b"small"),
        Event(1, 2, bytes(1023)),
    ]
    assert second == []
    hand.end.send_event(3, bytes(3900))
    first, *rest = hand.hear()
    assert [type(section) for section in first[1]] == [Fragment]
    assert len(rest) == 1  # as much as may be on its way: half a second of the budget
    assert hand.say(b"\0\1\0") == [Acked(9)]
    assert [section.part for _, said in hand.hear() for section in said] == [2, 3]


def test_many_events_in_one_datagram():
    hand = Hand().attach()
    for i in range(100):
        hand.end.send_event(i, b"x")
    ((_, said),) = hand.hear()
    assert said == [Event(i, i, b"x") for i in range(100)]


def test_the_newest_ping_is_answered():
    hand = Hand().attach()
    hand.say(b"\0\0\0" + sections.write(sections.Ping(5)) + sections.write(sections.Ping(6)))
    hand.now_us = 7000
    assert [said for _, said in hand.hear()] == [[sections.Pong(6, 7)]]


def test_closed_is_closed():
    """What follows a close in its datagram is not read, nor any datagram after it; nothing is answered."""
    hand = Hand().attach()
    close = sections.write(sections.Close(CLOSE_BYE))
    assert hand.say(b"\0\0\0" + HELLO + close + BYE) == [Message(7, b"hello"), Closed(CLOSE_BYE, theirs=True)]
    assert hand.say(b"\0\0\0" + BYE) == []
    assert hand.end.send(0) is None
    assert hand.end.state == CLOSED
    hand.end.close(CLOSE_BYE, 0)
    assert (hand.hear(), hand.end.notices(), hand.end.due_us()) == ([], [], None)


def test_closing_before_anything_is_known():
    """Nobody to say it to."""
    hand = Hand()
    hand.end.close(CLOSE_BYE, 0)
    assert hand.end.notices() == [Closed(CLOSE_BYE, theirs=False)]
    assert (hand.hear(), hand.end.state) == ([], CLOSED)


def test_a_client_is_shown():
    """Snapshots and states come with their tick."""
    pair = Pair(1)
    pair.run(1)
    assert pair.server.state == OPEN
    words, life = bytes([0, 0, 0]), bytes([1, 2, 3, 4, 0])
    body = sections.write(sections.Snapshot(words)) + sections.write(sections.State(life))
    pair.out(*pair.server.send(pair.now_us, body, 5), False)
    pair.out(*pair.server.send(pair.now_us, sections.write(sections.State(life))), False)
    pair.run(1)
    assert pair.of("client", Seen) == [Seen(5, words)]
    assert pair.of("client", Stated) == [Stated(5, life)]
    assert pair.client.statistics().malformed == 1  # one without
