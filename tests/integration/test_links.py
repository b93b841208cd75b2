"""Players on datagram links and on TCP are in one world, come and go, and agree on where everyone is."""

import math

import pytest

from bluemarble.sim.effects import Close, Leave, Load, Save, Unwatch, Watch
from opcodes.cluster import NMSG_DISCONNECTED, NMSG_LEAVE, NMSG_SHUTDOWN
from opcodes.datagram import CLOSE_BYE, CLOSE_REPLACED, CLOSE_SHUTTING_DOWN, CLOSE_SILENT
from opcodes.links import NMSG_UDP_ATTACHED, NMSG_UDP_GONE
from opcodes.movement import (
    FALLING,
    FORWARD,
    MSG_MOVE_FALL_LAND,
    MSG_MOVE_HEARTBEAT,
    MSG_MOVE_JUMP,
    MSG_MOVE_SET_FACING,
    MSG_MOVE_START_FORWARD,
    MSG_MOVE_STOP,
    MSG_MOVE_TELEPORT,
    SWIMMING,
)
from opcodes.objects import SMSG_UPDATE_OBJECT
from opcodes.orders import (
    MSG_MOVE_WORLDPORT_ACK,
    SMSG_FORCE_MOVE_ROOT,
    SMSG_NEW_WORLD,
    MSG_MOVE_TELEPORT_ACK_Server,
)
from opcodes.session import (
    CMSG_LOGOUT_CANCEL,
    CMSG_LOGOUT_REQUEST,
    LOGOUT_FAILURE_FALLING,
    LOGOUT_SUCCESS,
    SMSG_LOGOUT_RESPONSE,
)
from tests.integration.linked import Link, linked, sees
from tests.integration.realm import Realm

CID = 1 << 14


@pytest.fixture
def realm():
    return Realm()


def test_both_ways(realm):
    """One on a link and one on TCP see each other come, walk and go."""
    ada, bob = linked(realm, "Ada"), realm.enter("Bob", x=5.0)
    realm.ticks(4)  # a quarter of the eyes look in each
    assert bob.guid in sees(ada)
    assert ada.client.guid in bob.objects
    bob.forget()
    for step in range(1, 21):
        ada.walk(0.35 * step, 0.0)
    assert ada.client.player.place()[:3] == (7.0, 0.0, 50.0)
    first, *rest = [p for p in bob.heard if p.guid == ada.client.guid]
    assert type(first) is MSG_MOVE_START_FORWARD and first.flags == FORWARD
    assert {type(p) for p in rest} == {MSG_MOVE_HEARTBEAT} and 1 <= len(rest) <= 3
    ada.walk(7.0, 0.0, flags=0)
    last = bob.got(MSG_MOVE_STOP)
    assert (last.x, last.y, last.z, last.flags) == (7.0, 0.0, 50.0, 0)

    bob.walk(6.0, 1.0)
    realm.ticks(1)
    mover = realm.zone().steering.field.read(bob.player.slot)
    assert (mover.x, mover.y, mover.z, mover.flags, mover.speed) == (6.0, 1.0, 50.0, FORWARD, 7.0)
    bob.send(CMSG_LOGOUT_REQUEST())
    realm.seconds(21)
    assert bob.guid not in sees(ada)


def test_rules_read_where_it_is(realm):
    """What is said, saved and rooted goes by the place that the link's inputs brought it to."""
    ada, bob = linked(realm, "Ada"), realm.enter("Bob", x=45.0)
    for step in range(1, 31):
        ada.walk(0.35 * step, 0.0)
    bob.forget()
    ada.client.say("Here.")
    realm.ticks(1)
    assert [p.message for p in bob.heard if hasattr(p, "message")] == ["Here."]  # 34.5 yards; before, 45
    ada.client.send(NMSG_LEAVE())
    realm.ticks(1)
    [saved] = [e.writes[0].values for e in realm.of(Save) if e.owner == ada.client.guid][-1:]
    assert (saved["position_x"], saved["online"]) == (10.5, 0)
    assert [type(e) for e in ada.said()] == [Watch, Close, Unwatch]
    assert realm.zone().steering.field is None


def test_corrections(realm):
    """Who is where it cannot be is not moved, is counted, and its next inputs want the new epoch."""
    ada = linked(realm, "Ada")
    ada.walk(300.0, 0.0)
    assert realm.counted("move_too_fast") == 1
    assert (ada.mover.x, ada.mover.epoch) == (0.0, 1)
    ada.walk(0.3, 0.0)
    assert ada.mover.x == 0.0
    ada.epoch = 1
    ada.walk(0.25, 0.0)
    assert ada.client.player.x == 0.25
    ada.client.walk(3.0, 0.0)  # by TCP: it is steered otherwise
    realm.ticks(1)
    assert ada.client.player.x == 0.25
    assert realm.counted("move_while_steered") == 1


def test_tcp_is_told_of_itself_alone(realm):
    """What the client had from TCP is taken back there, once; its own fields go on coming."""
    bob = realm.enter("Bob", x=5.0)
    ada = Link(realm.enter("Ada"), CID)
    assert bob.guid in ada.client.objects
    ada.attach()
    assert set(ada.client.objects) == {ada.client.guid}
    realm.enter("Cid", x=6.0)
    ada.client.forget()
    realm.zone().change(ada.client.player, 24, 12)
    realm.ticks(2)
    [told] = ada.client.all(SMSG_UPDATE_OBJECT)
    assert [b.guid for b in told.blocks] == [ada.client.guid]
    ada.lose()
    realm.ticks(3)
    assert {bob.guid, ada.client.guid} <= set(ada.client.objects)
    ada.client.walk(1.0, 0.0)
    realm.ticks(1)
    assert ada.client.player.x == 1.0


def test_before_it_is_there(realm):
    """A link that is up before the character's own CREATE steers it from then on."""
    client = realm.enter("Ada", ticks=1)
    link = Link(client, CID).attach(ticks=0)
    realm.ticks(1)
    assert realm.zone().steering.field is None
    realm.ticks(5)
    assert client.player.field is not None
    assert set(client.objects) == {client.guid}
    assert link.said() == [Watch(0, 0, CID)]


def test_link_and_line(realm):
    """The TCP connection may go while the link lives; then only when that goes, too, the player lingers."""
    ada, bob = linked(realm, "Ada"), realm.enter("Bob", x=5.0)
    ada.client.disconnect()
    realm.seconds(70)
    ada.walk(0.25, 0.0)
    assert ada.client.player.x == 0.25
    bob.forget()
    ada.lose()
    assert ada.client.guid in bob.objects
    realm.seconds(59)
    assert not realm.left(ada.client)
    realm.seconds(2)
    assert realm.left(ada.client)
    assert ada.client.guid not in bob.objects


def test_attached_while_lingering(realm):
    """The connection went while the client was attaching: the link keeps the character all the same."""
    client = realm.enter("Ada", ticks=2)
    client.disconnect()
    realm.seconds(10)
    link = Link(client, CID).attach()
    realm.seconds(70)
    assert not realm.left(client)
    assert link.walk(0.2, 0.0).mover.x == pytest.approx(0.2, abs=0.01)


def test_take_over(realm):
    """Another client of the account has the character: the link goes, and the character is where it was."""
    ada, bob = linked(realm, "Ada"), realm.enter("Bob", x=5.0)
    ada.walk(0.25, 0.0)
    again = realm.take_over(ada.client)
    assert ada.said() == [Watch(0, 0, CID), Close(CID, CLOSE_REPLACED), Unwatch(0, 0, CID)]
    assert again.player.x == 0.25
    assert again.player.field is None
    assert bob.guid in again.objects
    ada.lose()  # comes late, and means nothing
    assert bob.guid in again.objects
    again.walk(1.0, 0.0)
    realm.ticks(1)
    assert again.player.x == 1.0


def test_attached_before_it_is_there(realm):
    """The one to take over had left, and the character is still being read: the client asks again later."""
    client = realm.enter("Ada")
    client.send(NMSG_LEAVE())
    realm.ticks(1)
    again = realm.take_over(client, ticks=1)
    assert realm.of(Load)
    realm.post(again.session, NMSG_UDP_ATTACHED(cid=CID))
    realm.ticks(1)
    assert realm.counted("input_without_place") == 1
    assert realm.of(Close) == [Close(CID, CLOSE_SILENT)]


def test_replaced(realm):
    """A new link of the same client takes the place of the old one."""
    ada = linked(realm, "Ada")
    newer = Link(ada.client, 2 << 14).attach()
    newer.walk(0.25, 0.0)
    assert ada.walk(0.5, 0.0) and newer.mover.x == 0.25
    ada.lose()
    assert newer.mover.x == 0.25


def test_near_teleport(realm):
    """It stands there at once, and its link says so with a new epoch; those on TCP are told."""
    ada, bob = linked(realm, "Ada", gmlevel=3), realm.enter("Bob", x=5.0)
    ada.client.say(".tele northgate")
    realm.ticks(1)
    assert ada.client.player.place() == (1500.0, -300.0, 40.0, 0.0)
    assert ada.mover.epoch == 1
    assert bob.got(MSG_MOVE_TELEPORT).x == 1500.0
    assert ada.client.silent(MSG_MOVE_TELEPORT_ACK_Server)
    realm.ticks(8)
    assert ada.client.guid not in bob.objects
    assert bob.guid not in sees(ada)
    ada.epoch = 1
    assert ada.walk(1500.25, -300.0, 40.0).mover.x == 1500.25


def test_far_teleport(realm):
    """Its link belongs to the map: on the other one TCP tells it what is there, until it attaches again."""
    ada = linked(realm, "Ada", gmlevel=3)
    there = realm.enter("Bob", map_=1, x=-600.0, y=-4200.0)
    ada.client.say(".tele farshore")
    realm.ticks(1)
    assert ada.said() == [Watch(0, 0, CID), Close(CID, CLOSE_REPLACED), Unwatch(0, 0, CID)]
    assert realm.zone(0).steering.field is None
    ada.client.got(SMSG_NEW_WORLD)
    newer = Link(ada.client, 2 << 14)
    newer.attach()  # between two maps
    ada.client.send(MSG_MOVE_WORLDPORT_ACK())
    realm.ticks(8)
    assert there.guid in sees(newer)
    assert newer.said() == [Watch(1, 0, 2 << 14)]
    assert ada.client.guid in there.objects


@pytest.mark.parametrize("lost", [NMSG_UDP_GONE(cid=CID), NMSG_DISCONNECTED()])
def test_lost_between_maps(realm, lost):
    """Link or line go while a traveller is on its way."""
    ada = Link(realm.enter("Ada", gmlevel=3), CID)
    ada.client.say(".tele farshore")
    realm.ticks(1)
    ada.attach()
    realm.post(ada.client.session, lost)
    realm.ticks(1)
    if isinstance(lost, NMSG_UDP_GONE):
        ada.client.send(MSG_MOVE_WORLDPORT_ACK())
        realm.ticks(8)
        assert ada.client.player.looking
    else:
        realm.ticks(8)
        assert ada.client.player.field is not None  # the link keeps it
        ada.lose()
        realm.seconds(61)
        assert realm.left(ada.client)


def test_no_logout_in_the_air(realm):
    """Whether one falls is what the link says, not what TCP said before it or was told by the way."""
    client = realm.enter("Ada")
    client.walk(0.1, 0.0, z=50.1, flags=FORWARD | FALLING)
    realm.ticks(1)
    ada = Link(client, CID).attach(ticks=5)
    for z, flags, result in ((50.0, 0, LOGOUT_SUCCESS), (50.1, FALLING, LOGOUT_FAILURE_FALLING)):
        ada.walk(0.1, 0.0, z, flags=flags)
        client.send(CMSG_LOGOUT_REQUEST())
        realm.ticks(1)
        assert client.got(SMSG_LOGOUT_RESPONSE).result == result
        client.send(CMSG_LOGOUT_CANCEL())
        realm.ticks(1)
        ada.epoch = ada.mover.epoch


def test_logout(realm):
    """Asking to log out holds the mover, cancelling lets it go; in the end the link is closed."""
    ada = linked(realm, "Ada")
    ada.client.send(CMSG_LOGOUT_REQUEST())
    realm.ticks(1)
    ada.client.got(SMSG_FORCE_MOVE_ROOT)
    ada.epoch = ada.mover.epoch
    ada.walk(0.25, 0.0)
    assert realm.counted("move_rooted") == 1
    ada.client.send(CMSG_LOGOUT_CANCEL())
    realm.ticks(1)
    ada.epoch = ada.mover.epoch
    assert ada.walk(0.25, 0.0).mover.x == 0.25
    ada.client.send(CMSG_LOGOUT_REQUEST())
    realm.seconds(21)
    assert ada.said()[1:] == [Close(CID, CLOSE_BYE), Unwatch(0, 0, CID)]
    assert realm.of(Leave)


def test_shutdown(realm):
    """Everyone is saved where they are; their links hear why."""
    ada = linked(realm, "Ada")
    ada.walk(0.25, 0.0)
    realm.post(0, NMSG_SHUTDOWN())
    realm.ticks(1)
    assert Close(CID, CLOSE_SHUTTING_DOWN) in ada.said()
    assert [e for e in realm.of(Save) if e.owner == ada.client.guid][-1].writes[0].values[
        "position_x"
    ] == 0.25


def test_how_it_moves_is_shown(realm):
    """Jumps, swimming and turning look right to TCP, and one who begins to look sees how it moves now."""
    ada, bob = linked(realm, "Ada"), realm.enter("Bob", x=5.0)
    bob.forget()
    ada.walk(0.0, 0.0, 50.4, flags=FALLING)
    jump = bob.got(MSG_MOVE_JUMP).jump
    assert jump.z_speed < 0 and math.hypot(jump.cos_angle, jump.sin_angle) == 1.0
    for step in range(11):
        ada.walk(0.0, 0.0, 50.8 - 0.05 * step, flags=FALLING)
    assert bob.silent(MSG_MOVE_HEARTBEAT)
    ada.walk(0.0, 0.0, 50.0, flags=0, facing=1.0)
    assert bob.got(MSG_MOVE_FALL_LAND).orientation == pytest.approx(1.0, abs=0.001)
    ada.walk(0.0, 0.0, 50.0, flags=0, facing=2.0)
    assert bob.got(MSG_MOVE_SET_FACING).orientation == pytest.approx(2.0, abs=0.001)
    ada.walk(0.1, 0.0, 50.0, flags=FORWARD | SWIMMING)
    cid = realm.enter("Cid", x=6.0, ticks=0)
    realm.ticks(6)
    [made] = [b for p in cid.all(SMSG_UPDATE_OBJECT) for b in p.blocks if b.guid == ada.client.guid]
    assert made.movement.living.flags == FORWARD | SWIMMING
    assert made.movement.living.pitch == 0.0


def test_running_when_the_link_goes(realm):
    """The others see it stop, and packets may move it at once, though no further than time allows."""
    ada, bob = linked(realm, "Ada"), realm.enter("Bob", x=5.0)
    for step in range(1, 11):
        ada.walk(0.35 * step, 0.0)
    bob.forget()
    ada.lose()
    assert bob.got(MSG_MOVE_STOP).x == 3.5
    ada.client.walk(5.0, 0.0)
    realm.ticks(1)
    assert ada.client.player.x == 5.0
