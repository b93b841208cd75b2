"""Teleports: within a map and to another, and clients that vanish on the way."""

import pytest

from bluemarble.sim import travel
from bluemarble.sim.effects import Save
from opcodes.cluster import NMSG_LEAVE, NMSG_SHUTDOWN
from opcodes.movement import MSG_MOVE_HEARTBEAT, MSG_MOVE_TELEPORT
from opcodes.objects import SMSG_UPDATE_OBJECT
from opcodes.orders import (
    MSG_MOVE_TELEPORT_ACK,
    MSG_MOVE_WORLDPORT_ACK,
    SMSG_NEW_WORLD,
    SMSG_TRANSFER_ABORTED,
    SMSG_TRANSFER_PENDING,
    MSG_MOVE_TELEPORT_ACK_Server,
)
from opcodes.session import (
    CMSG_LOGOUT_REQUEST,
    SMSG_INIT_WORLD_STATES,
    SMSG_LOGIN_VERIFY_WORLD,
    SMSG_LOGOUT_COMPLETE,
    SMSG_TIME_SYNC_REQ,
)
from tests.integration.realm import Realm


@pytest.fixture
def realm():
    return Realm()


def ack(client, counter=None):
    return MSG_MOVE_TELEPORT_ACK(
        guid=client.guid, time=5, movement_counter=client.player.counter if counter is None else counter
    )


def saved_place(realm):
    values = [write.values for save in realm.of(Save) for write in save.writes][-1]
    return values["map"], values["position_x"], values["position_y"]


def test_near(realm):
    ada, bob, there = (
        realm.enter("Ada", gmlevel=1),
        realm.enter("Bob"),
        realm.enter("There", x=1500.0, y=-290.0),
    )
    ada.say(".tele northgate")
    realm.ticks()
    order = ada.got(MSG_MOVE_TELEPORT_ACK_Server)
    assert (order.info.x, order.info.y) == (1500.0, -300.0)
    ada.walk(1.0, 0.0)  # on its way before the client knew
    realm.ticks()
    assert (ada.player.x, bob.silent(MSG_MOVE_HEARTBEAT)) == (0.0, True)
    ada.send(ack(ada))
    realm.ticks()
    assert bob.got(MSG_MOVE_TELEPORT).x == 1500.0
    realm.ticks(2)
    assert ada.guid not in bob.objects
    assert ada.guid in there.objects
    assert there.guid in ada.objects
    assert bob.guid not in ada.objects
    ada.walk(1.0, 0.0)  # a stale heartbeat
    ada.walk(1501.0, -300.0)
    realm.ticks()
    assert ada.player.x == 1501.0
    assert realm.counted("move_too_fast") == 1


def test_near_without_an_answer(realm):
    ada = realm.enter("Ada", gmlevel=1)
    ada.say(".tele northgate")
    realm.ticks()
    realm.seconds(24.9)
    assert ada.player.x == 0.0
    realm.seconds(0.1)
    assert ada.player.x == 1500.0
    ada.send(ack(ada))
    realm.ticks()
    assert ada.player.x == 1500.0


def test_near_saved_where_it_leads(realm):
    ada = realm.enter("Ada", gmlevel=1)
    ada.say(".tele northgate")
    realm.ticks()
    ada.send(NMSG_LEAVE())
    realm.ticks()
    assert saved_place(realm) == (0, 1500.0, -300.0)


def test_far(realm):
    ada, bob = realm.enter("Ada", gmlevel=1), realm.enter("Bob")
    there = realm.enter("There", map_=1, x=-600.0, y=-4210.0)
    ada.forget().say(".tele farshore")
    realm.ticks()
    assert ada.got(SMSG_TRANSFER_PENDING).map == 1
    new = ada.got(SMSG_NEW_WORLD)
    assert (new.map, new.x, new.orientation) == (1, -600.0, 1.5)
    assert ada.guid not in bob.objects
    assert saved_place(realm) == (1, -600.0, -4200.0)
    assert realm.world.travellers.keys() == {ada.session}
    realm.seconds(3)
    assert ada.guid not in there.objects
    ada.forget()
    ada.send(MSG_MOVE_WORLDPORT_ACK())
    realm.ticks(4)
    assert ada.silent(SMSG_LOGIN_VERIFY_WORLD)
    assert ada.got(SMSG_INIT_WORLD_STATES).map == 1
    assert ada.got(SMSG_TIME_SYNC_REQ).time_sync == 0
    assert ada.got(SMSG_UPDATE_OBJECT).blocks[0].guid == ada.guid
    assert ada.guid in there.objects
    assert there.guid in ada.objects
    assert realm.world.society.members[ada.session].map == 1
    there.forget()
    ada.walk(-601.0, -4200.0)
    realm.ticks()
    assert there.got(MSG_MOVE_HEARTBEAT).x == -601.0
    assert realm.world.travellers == {}


def test_talking_on_the_way(realm):
    """A traveller is in the society, but nowhere that its words or steps could be heard."""
    ada, bob = realm.enter("Ada", gmlevel=1), realm.enter("Bob")
    ada.say(".tele farshore").say("still here?")
    realm.ticks()
    realm.post(ada.session, MSG_MOVE_TELEPORT_ACK(guid=ada.guid, movement_counter=0, time=0))
    realm.ticks()
    assert realm.counted("input_without_place") == 2
    assert bob.session in realm.world.society.members
    assert ada.session in realm.world.society.members


@pytest.mark.parametrize("ticks", [0, 1, 30])
def test_vanishing_on_the_way(realm, ticks):
    """A client that hangs up while it loads lingers where it was going, and is not lost."""
    ada = realm.enter("Ada", gmlevel=1)
    ada.say(".tele farshore")
    if ticks:
        realm.ticks(ticks)
    ada.disconnect()
    realm.ticks()
    assert realm.world.travellers == {}
    assert realm.world.present == {ada.guid: ada.session}
    again = realm.take_over(ada)
    assert again.got(SMSG_LOGIN_VERIFY_WORLD).map == 1
    assert again.player.place()[:2] == (-600.0, -4200.0)
    again.disconnect()
    realm.seconds(61)
    assert realm.left(ada)
    assert saved_place(realm) == (1, -600.0, -4200.0)
    assert realm.world.present == realm.world.places == {}


@pytest.mark.parametrize("ticks", [0, 5])
def test_leaving_on_the_way(realm, ticks):
    ada = realm.enter("Ada", gmlevel=1)
    ada.say(".tele farshore")
    realm.ticks(ticks)
    ada.send(NMSG_LEAVE())
    realm.ticks()
    assert realm.left(ada)
    assert saved_place(realm)[0] == 1


def test_taken_over_on_the_way(realm):
    ada = realm.enter("Ada", gmlevel=1)
    ada.say(".tele farshore")
    realm.ticks(5)
    again = realm.take_over(ada)
    assert again.got(SMSG_LOGIN_VERIFY_WORLD).map == 1
    assert realm.world.places == {again.session: 1}


def test_far_without_an_answer(realm):
    ada = realm.enter("Ada", gmlevel=1)
    ada.say(".tele farshore")
    realm.seconds(44.9)
    assert realm.world.travellers
    realm.seconds(0.2)
    assert not realm.world.travellers
    assert ada.player.x == -600.0


def test_shutdown_on_the_way(realm):
    ada = realm.enter("Ada", gmlevel=1)
    ada.say(".tele farshore")
    realm.ticks(5)
    realm.post(0, NMSG_SHUTDOWN())
    realm.ticks()
    assert realm.left(ada)
    assert realm.world.present == {}
    assert saved_place(realm)[0] == 1


def test_no_such_map(realm):
    ada = realm.enter("Ada")
    assert not travel.teleport(realm.zone(), ada.player, 571, (0.0, 0.0, 0.0, 0.0))
    assert not travel.teleport(realm.zone(), ada.player, 0, (float("nan"), 0.0, 0.0, 0.0))
    realm.ticks()
    assert ada.got(SMSG_TRANSFER_ABORTED).map == 571


def test_one_teleport_at_a_time(realm):
    ada = realm.enter("Ada", gmlevel=1)
    ada.say(".tele northgate").say(".tele farshore")
    realm.ticks()
    assert ada.silent(SMSG_TRANSFER_PENDING)
    assert ada.player.teleport is not None


def test_logging_out_and_then_travelling(realm):
    """A teleport ends a wait for the logout."""
    ada = realm.enter("Ada")
    ada.send(CMSG_LOGOUT_REQUEST())
    realm.seconds(5)
    travel.teleport(realm.zone(), ada.player, 1, (0.0, 0.0, 10.0, 0.0))
    realm.ticks()
    ada.send(MSG_MOVE_WORLDPORT_ACK())
    realm.seconds(30)
    assert ada.silent(SMSG_LOGOUT_COMPLETE)
    assert not ada.player.rooted


def test_played_time_goes_on(realm):
    ada = realm.enter("Ada", gmlevel=1)
    realm.seconds(10)
    ada.say(".tele farshore")
    realm.seconds(10)
    ada.send(MSG_MOVE_WORLDPORT_ACK())
    realm.seconds(10)
    ada.send(NMSG_LEAVE())
    realm.ticks()
    assert 29 <= realm.of(Save)[-1].writes[0].values["totaltime"] <= 31
