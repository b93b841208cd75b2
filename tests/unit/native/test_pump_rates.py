"""What a client may send: docs/bmu1.md sections 4 and 5.  The clock stands while it sends."""

import struct

import pytest

from bluemarble.native.pump import Attached, Closed, Event
from bluemarble.wire.datagram import notices, sections
from opcodes.datagram import CLOSE_KICKED
from tests.loopback import Town

pytestmark = pytest.mark.native
MOVE = struct.Struct("<IHHHBBiii")
BATCH = 100  # datagrams that fit into any socket's buffer


def arrive(town, *cids):
    """Players that are attached and have not sent anything for long."""
    players = [town.player(cid) for cid in cids]
    town.until(lambda: all(it.link.attached and Attached(it.cid, False) in town.news for it in players))
    wait(town, 4_000_000)
    return players


def wait(town, us):
    """So much time passes, and nobody sends anything."""
    town.now_us += us
    town.pump.clock(town.now_us)


def move(town, player, first, count):
    """Send inputs numbered so, eight in a datagram."""
    for number in range(first, first + count):
        player.link.move(number, 0, sections.Input(1, 0, number, 0, 0))
        if (number - first) % 8 == 7:
            player.send()
    town.settle()


def say(town, player, count, section=b""):
    """Send datagrams with this in them."""
    for at in range(0, count, BATCH):
        for _ in range(min(BATCH, count - at)):
            player.throw(player.link.send(town.now_us, section)[0])
        town.settle()


def taken(town, cid):
    """The numbers of its inputs that were handed on."""
    return [found[1] for found in MOVE.iter_unpack(town.moves) if found[0] == cid]


def test_inputs_beyond_the_rate_are_not_handed_on():
    """80 at once and 40 a second; of a datagram that is beyond it in part, the newest."""
    with Town() as town:
        ada, bob = arrive(town, 5, 6)
        move(town, ada, 0, 104)
        assert taken(town, 5) == list(range(80))
        move(town, bob, 0, 16)
        assert taken(town, 6) == list(range(16))
        wait(town, 100_000)
        move(town, ada, 104, 8)
        assert taken(town, 5)[80:] == [108, 109, 110, 111]
        wait(town, 1_000_000)
        move(town, ada, 112, 48)
        assert taken(town, 5)[84:] == list(range(112, 152))
        counted = town.pump.counters()
        assert (counted["inputs"], counted["inputs_beyond"]) == (80 + 16 + 4 + 40, 24 + 4 + 8)
        assert counted["inputs_dropped"] == counted["unread"] == 0 and not town.of(Closed)


@pytest.mark.parametrize("stall_s", [0.5, 2.0])
def test_what_the_network_has_held_up_is_handed_on(stall_s):
    with Town() as town:
        (ada,) = arrive(town, 5)
        late, number = [], 0
        for _ in range(round(stall_s * 20)):
            wait(town, 50_000)
            ada.link.move(number, 0, sections.Input(1, 0, number, 0, 0))
            late += [datagram for datagram, _ in ada.link.datagrams_to_send(town.now_us)]
            number += 1
        for datagram in late:
            ada.throw(datagram)
        town.settle()
        for _ in range(60):
            ada.link.move(number, 0, sections.Input(1, 0, number, 0, 0))
            number += 1
            town.step(50_000)
        assert taken(town, 5) == list(range(number - 1))  # the last one waits for another to go with
        assert town.pump.counters()["inputs_beyond"] == town.pump.counters()["unread"] == 0


def test_datagrams_beyond_the_rate_are_not_read():
    """750 at once and 250 a second; what the others say is gone, and the link lives."""
    with Town() as town:
        ada, bob = arrive(town, 5, 6)
        before = town.pump.counters()["opened"]
        say(town, ada, 750)
        assert town.pump.counters()["unread"] == 0
        event = sections.write(sections.Event(0, 7, b""))
        say(town, ada, 10, event)
        say(town, bob, 1, event)
        counted = town.pump.counters()
        assert (counted["opened"] - before, counted["unread"]) == (761, 10)
        assert town.of(Event) == [Event(6, 7, b"")]
        wait(town, 12_000)  # ten unread ones cost 4 ms
        say(town, ada, 2, event)
        say(town, ada, 1)
        assert town.pump.counters()["unread"] == 11 and len(town.of(Event)) == 2
        assert not town.of(Closed)


def test_who_sends_far_too_much_is_kicked():
    with Town() as town:
        ada, bob = arrive(town, 5, 6)
        say(town, ada, 750 + 5000)
        assert town.pump.counters()["unread"] == 5000 and not town.of(Closed)
        say(town, ada, 1)
        assert town.of(Closed) == [Closed(5, CLOSE_KICKED)]
        ada.hear()
        assert ada.of(notices.Closed) == [notices.Closed(CLOSE_KICKED, True)]
        say(town, bob, 1, sections.write(sections.Event(0, 7, b"")))
        assert town.of(Event) == [Event(6, 7, b"")] and town.pump.counters()["links"] == 2
