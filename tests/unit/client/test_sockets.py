"""The blocking driver, on sockets in memory."""

import socket

import pytest

from bluemarble.client import events
from bluemarble.client.arrival import Wish, address, pick
from bluemarble.client.gait import Keys
from bluemarble.client.link import Wanted
from bluemarble.client.refusal import Refused
from bluemarble.client.sockets import Network, enter
from opcodes.logon import REALM_OFFLINE
from opcodes.movement import FORWARD
from tests.unit.client.inn import Inn, Walker, standing
from tests.unit.client.street import Street, realm

FOLK = (Walker(11, "Bertha", standing(3.0, 0.0)),)


def test_script():
    """What docs/client.md shows: in, walk, look, out."""
    street = Street(Inn(aside=FOLK))
    with enter("127.0.0.1", "ada", "secret", Wish("Ada"), network=street) as game:
        game.keys = Keys(FORWARD, facing=0.0)
        told = list(game.run(seconds=2))
        assert [seen.other.name for seen in game.picture()] == ["Bertha"]
        assert game.place().x == pytest.approx(14.0, abs=0.5)
        assert game.keys == Keys(FORWARD, facing=0.0)
        assert game.statistics().loss_ppm == 0
    kinds = [type(event) for event in told]
    assert kinds[:4] == [events.Admitted, events.Characters, events.Created, events.Characters]
    assert {events.Entered, events.Linked, events.Begun, events.Appeared} <= set(kinds)
    assert len(street.closed) == 3  # logon, world, UDP
    assert [notice.reason for notice in street.inn.events if hasattr(notice, "reason")] == [0]


def test_wrong_password():
    with pytest.raises(Refused, match="FAIL_UNKNOWN_ACCOUNT"):
        enter("127.0.0.1", "ada", "sesame", network=(street := Street(Inn())))
    assert len(street.closed) == 1


def test_no_such_character():
    street = Street(Inn())
    with pytest.raises(Refused, match="NO_CHARACTER"):
        enter("127.0.0.1", "ada", "secret", Wish("Ada", make=False), network=street)
    assert len(street.closed) == 2


def test_no_such_realm():
    with pytest.raises(LookupError, match="Dale"):
        enter("127.0.0.1", "ada", "secret", realm="Dale", network=Street(Inn()))


def test_silent_server():
    """Neither hangs for ever."""
    street = Street(Inn())
    street.inn.outgoing = bytes
    with pytest.raises(TimeoutError):
        enter("127.0.0.1", "ada", "secret", Wish("Ada"), network=street, timeout_s=5.0)
    assert street.clock_ms < 5_020_000
    street = Street(Inn())
    street.exchange = lambda: None
    with pytest.raises(TimeoutError):
        enter("127.0.0.1", "ada", "secret", Wish("Ada"), network=street, timeout_s=5.0)


def test_server_that_hangs_up():
    street = Street(Inn())
    game = enter("127.0.0.1", "ada", "secret", Wish("Ada"), network=street, wanted=None)
    street.hung_up = True
    with pytest.raises(ConnectionError, match="hung up"), game:
        list(game.run(1.0))
    with pytest.raises(ConnectionError, match="hung up"):
        enter("127.0.0.1", "ada", "secret", network=street)


def test_tunnel():
    street = Street(Inn(aside=FOLK))
    with enter("127.0.0.1", "ada", "secret", Wish("Ada"), network=street, wanted=Wanted(udp=False)) as game:
        list(game.run(1.0))
        assert len(game.picture()) == 1
    assert street.udp is None


def test_picking_a_realm():
    down, up = realm("Dale", flag=REALM_OFFLINE), realm("Hill")
    assert pick([down, up]) is up
    assert pick([down, up], "Dale") is down
    with pytest.raises(LookupError):
        pick([down])


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("192.0.2.1:8086", ("192.0.2.1", 8086)),
        ("play.example", ("play.example", 8085)),
        ("[2001:db8::1]:8085", ("2001:db8::1", 8085)),
    ],
)
def test_address(text, where):
    assert address(realm(address=text)) == where


@pytest.mark.parametrize(
    ("peer", "to"),
    [(("192.0.2.1", 8085), ("192.0.2.1", 9)), (("fe80::1", 8085, 0, 3), ("fe80::1", 9, 0, 3))],
)
def test_where_datagrams_go(monkeypatch, peer, to):
    """To the host of the TCP connection, by the same interface, where an address means nothing without."""

    class Udp:
        def setblocking(self, _):
            pass

        def connect(self, there):
            self.there = there

    class Line:
        family = socket.AF_INET6 if len(peer) > 2 else socket.AF_INET

        def getpeername(self):
            return peer

    monkeypatch.setattr(socket, "socket", lambda *_: Udp())
    assert Network().datagrams(Line(), 9).there == to
