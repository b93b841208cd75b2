"""
A client on TCP and one on UDP are in one world, and each knows where the other is.

The TCP clients are raw ones that decode every packet, the UDP clients are `bluemarble.wire.datagram` and
`bluemarble.wire.view`: what docs/bmu1.md says, in Python.  Between them runs the whole server.
"""

import math

import pytest

from bluemarble.rows.characters import CharactersRow
from bluemarble.wire.datagram import notices
from bluemarble.wire.snapshot import PLAYER, Look
from opcodes.datagram import CLOSE_REPLACED
from opcodes.movement import MSG_MOVE_START_FORWARD, MSG_MOVE_STOP, Movement
from opcodes.orders import MSG_MOVE_WORLDPORT_ACK, SMSG_NEW_WORLD
from tests.integration.quay import LINGER_S, NEAR, Sailor, chat, known, told, walk


@pytest.mark.parametrize("aeads", [1, 2])
def test_each_knows_where_the_other_is(quay, aeads):
    """Both directions, with either cipher: come into sight, walk, stand, go."""
    bob = quay.player("BOB")
    ada = quay.sailor("ADA", aeads=aeads)
    quay.ticks(10)
    assert ada.player.field is not None
    seen = ada.sees(bob.guid)
    assert (seen.kind, Look.read(seen.look).name) == (PLAYER, "Bob")
    assert ada.life_of(bob.guid).health > 0
    assert ada.tcp.guid in known(bob)

    x, y, z = ada.at
    bob.heard = [p for p in bob.heard if not isinstance(p, Movement)]
    ada.go(x + 6.0, y + 2.0)
    first, *_, last = [p for p in bob.heard if isinstance(p, Movement) and p.guid == ada.tcp.guid]
    assert isinstance(first, MSG_MOVE_START_FORWARD) and isinstance(last, MSG_MOVE_STOP)
    assert math.dist(told(bob, ada.tcp.guid), (x + 6.0, y + 2.0, z)) < NEAR
    assert math.dist(ada.player.place()[:3], told(bob, ada.tcp.guid)) < NEAR

    theirs = quay.world.world.zones[0].objects[bob.guid]
    for step in range(1, 11):
        walk(bob, theirs, theirs.x + 0.35, theirs.y)
        quay.ticks()
        if step == 5:
            assert math.dist(ada.place_of(bob.guid), theirs.place()[:3]) < 2.0
    quay.ticks(6)
    assert math.dist(ada.place_of(bob.guid), theirs.place()[:3]) < 2 * NEAR

    bob.hang_up()
    quay.seconds(LINGER_S + 1)
    assert ada.sees(bob.guid) is None


def test_two_on_udp(quay):
    """They see each other, and creatures walk before their eyes."""
    ada, bob = quay.sailor("ADA"), quay.sailor("BOB")
    quay.ticks(10)
    x, y, _ = ada.at
    ada.go(x + 4.0, y)
    assert math.dist(bob.place_of(ada.tcp.guid), ada.player.place()[:3]) < 2 * NEAR
    before = {s.guid: s.place for s in ada.view.seen.values() if s.kind == 2}
    quay.seconds(15)
    moved = [s for s in ada.view.seen.values() if s.guid in before and s.place != before[s.guid]]
    assert moved
    for seen in moved:
        mover = quay.zone.steering.field.read(quay.zone.objects[seen.guid].slot)
        at = seen.place.x / 64, seen.place.y / 64
        assert math.dist(at, (mover.x, mover.y)) < 4.0  # far ones are told once a second


def test_correction(quay):
    """A leap is refused, and its client set back; what it says next is taken again."""
    ada = quay.sailor("ADA")
    quay.ticks(5)
    x, y, z = ada.at
    ada.at = (x + 500.0, y, z)
    quay.until(lambda: ada.view.oneself.epoch)
    quay.ticks(6)
    assert math.dist(ada.at, (x, y, z)) < NEAR
    ada.go(x + 3.0, y)
    assert math.dist(ada.player.place()[:3], (x + 3.0, y, z)) < NEAR
    assert quay.gateway.counts["move_too_fast"] >= 1


def test_teleports(quay):
    """Near: a new epoch leads there.  Far: the link ends with the map, and another one begins on the next."""
    ada = quay.sailor("ADA", level=3)
    ada.tcp.say_to_all = None
    chat(ada.tcp, ".tele pondside")
    quay.until(lambda: ada.view.oneself.epoch)
    quay.ticks(5)
    assert math.dist(ada.at, ada.player.place()[:3]) < NEAR
    assert ada.player.field is not None
    ada.tcp.forget()
    chat(ada.tcp, ".tele drywell")
    quay.until(lambda: ada.of(notices.Closed))
    assert ada.of(notices.Closed) == [notices.Closed(CLOSE_REPLACED, theirs=True)]
    assert ada.tcp.got(SMSG_NEW_WORLD)
    ada.tcp.send(MSG_MOVE_WORLDPORT_ACK())
    quay.seconds(2)
    ada.embark()
    quay.until(lambda: ada.view.oneself is not None)
    zone = quay.world.world.zones[1]
    assert math.dist(ada.at, zone.objects[ada.tcp.guid].place()[:3]) < NEAR
    assert 0 not in quay.world.udp.telling and 1 in quay.world.udp.telling


def test_the_link_is_lost(quay):
    """Silence ends it: TCP tells again what is around, and moves the player; a new link is given."""
    bob = quay.player("BOB")
    ada = quay.sailor("ADA")
    quay.ticks(10)
    assert bob.guid not in known(ada.tcp)
    ada.tcp.forget()
    ada.link = None  # its cable is pulled
    quay.seconds(16)
    assert ada.player.field is None and ada.player.looking
    assert bob.guid in known(ada.tcp)
    walk(ada.tcp, ada.player, ada.player.x + 1.0, ada.player.y)
    x = ada.player.x
    quay.ticks(2)
    assert ada.player.x == pytest.approx(x + 1.0, abs=0.001)
    ada.embark()
    quay.until(lambda: ada.view.oneself is not None)
    quay.ticks(5)
    assert ada.sees(bob.guid) is not None


def test_the_line_is_lost(quay):
    """The TCP connection goes: who has a link plays on; when that ends, too, the character lingers."""
    bob, ada = quay.player("BOB"), quay.sailor("ADA")
    guid = ada.tcp.guid
    ada.tcp.hang_up()
    x, y, z = ada.at
    quay.seconds(2 * LINGER_S)
    bob.heard = []
    ada.go(x + 2.0, y)
    assert math.dist(told(bob, guid), (x + 2.0, y, z)) < NEAR
    ada.link.close(0, quay.now_us)
    quay.ticks(10)
    assert guid in quay.gateway.present
    quay.seconds(LINGER_S + 1)
    assert guid not in quay.gateway.present
    assert quay.row(CharactersRow, guid=guid)["position_x"] == pytest.approx(x + 2.0, abs=NEAR)


def test_tunnel(quay):
    """Where UDP is blocked the same goes through TCP, also after it went by UDP at first."""
    bob = quay.player("BOB")
    ada = Sailor(quay.player("ADA"))
    ada.embark(tunneled=True)
    quay.until(lambda: ada.view.oneself is not None)
    quay.ticks(10)
    assert quay.pump.counters()["received"] == 0
    assert ada.sees(bob.guid) is not None
    x, y, z = ada.at
    ada.go(x + 3.0, y)
    assert math.dist(told(bob, ada.tcp.guid), (x + 3.0, y, z)) < NEAR
    ada.tcp.hang_up()  # which was its way, too
    quay.ticks(3)
    assert not quay.zone.players[ada.player.session].cid
    cid = quay.sailor("CID")
    cid.link.tunnel(quay.now_us)
    quay.ticks(10)
    x, y, z = cid.at
    before = quay.pump.counters()["received"]
    cid.go(x + 3.0, y)
    assert math.dist(told(bob, cid.tcp.guid), (x + 3.0, y, z)) < NEAR
    assert quay.pump.counters()["received"] == before


def test_take_over(quay):
    """The account logs in again while the old client is on its link: that is closed, nothing else is lost."""
    ada = quay.sailor("ADA")
    x, y, z = ada.at
    ada.go(x + 3.0, y)
    again = quay.player("ADA")
    quay.ticks(6)
    assert ada.tcp.gone
    assert ada.of(notices.Closed) == [notices.Closed(CLOSE_REPLACED, theirs=True)]
    assert again.guid == ada.tcp.guid
    player = quay.zone.objects[again.guid]
    assert player.field is None and player.looking
    assert math.dist(player.place()[:3], (x + 3.0, y, z)) < NEAR
