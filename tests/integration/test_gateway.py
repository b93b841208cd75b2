"""A client's evening through the real gateway: in, about, out, and back where it was."""

import math

from bluemarble.rows.characters import CharactersRow
from opcodes.characters import CMSG_PLAYER_LOGIN
from opcodes.chat import CHAT_MSG_SAY, CMSG_MESSAGECHAT, SMSG_MESSAGECHAT
from opcodes.movement import MSG_MOVE_HEARTBEAT
from opcodes.objects import CREATE_OBJECT2, SMSG_UPDATE_OBJECT
from opcodes.session import (
    CMSG_LOGOUT_REQUEST,
    CMSG_PING,
    CMSG_TIME_SYNC_RESP,
    SMSG_LOGIN_VERIFY_WORLD,
    SMSG_LOGOUT_COMPLETE,
    SMSG_PONG,
    SMSG_TIME_SYNC_REQ,
)

BURST = [
    "SMSG_LOGIN_VERIFY_WORLD",
    "SMSG_ACCOUNT_DATA_TIMES",
    "SMSG_TUTORIAL_FLAGS",
    "SMSG_MOTD",
    "SMSG_INITIAL_SPELLS",
]


def where(client):
    """Where the client was told it is."""
    at = client.last(SMSG_LOGIN_VERIFY_WORLD)
    return at.x, at.y, at.z


def walk(client, yards):
    """One heartbeat so far to the north; answers where that is."""
    x, y, z = where(client)
    client.send(
        MSG_MOVE_HEARTBEAT(
            guid=client.guid,
            flags=0,
            flags2=0,
            timestamp=1,
            x=x + yards,
            y=y,
            z=z,
            orientation=0.0,
            fall_time=0,
        )
    )
    return x + yards, y, z


def created(client):
    """Guids that the client was told to make."""
    return {
        block.guid
        for update in client.got(SMSG_UPDATE_OBJECT)
        for block in update.blocks
        if block.update_type == CREATE_OBJECT2 or block.object_type is not None
    }


def test_evening(house):
    """Log in, create, enter, walk, log out, and come back to the same spot."""
    ada = house.player("ADA")
    assert ada.names[: len(BURST)] == BURST
    assert ada.guid in created(ada)
    house.seconds(2)
    assert len(created(ada)) > 5  # the town's folk
    here = walk(ada, 5)
    ada.send(CMSG_LOGOUT_REQUEST())
    house.seconds(19)
    assert not ada.got(SMSG_LOGOUT_COMPLETE)
    house.seconds(2)
    assert ada.got(SMSG_LOGOUT_COMPLETE)
    row = house.row(CharactersRow, guid=ada.guid)
    assert row["online"] == 0
    assert math.isclose(row["position_x"], here[0], rel_tol=1e-6)
    guid = ada.guid
    ada.enter("Ada")
    assert ada.guid == guid
    assert math.dist(where(ada), here) < 0.01


def test_two_meet(house):
    """One sees the other come, walk and speak."""
    ada, bob = house.player("ADA"), house.player("BOB")
    house.seconds(1)
    assert bob.guid in created(ada)
    assert ada.guid in created(bob)
    walk(ada, 3)
    house.ticks(2)
    assert bob.last(MSG_MOVE_HEARTBEAT).guid == ada.guid
    ada.send(CMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=7, message="A fine morning."))
    house.ticks(2)
    assert bob.last(SMSG_MESSAGECHAT).message == "A fine morning."


def test_own_create_comes_later(house):
    """The burst and the player's own object are not in one segment: some clients drop the second."""
    ada = house.client("ADA")
    ada.create("Ada")
    guid = ada.characters()["Ada"].guid
    ada.forget()
    ada.transport.writes.clear()
    ada.send(CMSG_PLAYER_LOGIN(guid=guid))
    house.ticks(2)
    assert ada.got(SMSG_LOGIN_VERIFY_WORLD)
    assert not ada.got(SMSG_UPDATE_OBJECT)
    house.ticks(3)
    assert guid in created(ada)


def test_one_write_a_tick(house):
    """However much a client gets in a tick, it is one write."""
    ada, bob = house.player("ADA"), house.player("BOB")
    house.seconds(1)
    bob.transport.writes.clear()
    for n in range(10):
        walk(ada, 1 + n / 10)
    house.ticks(1)
    assert len(bob.got(MSG_MOVE_HEARTBEAT)) == 10
    assert len(bob.transport.writes) == 1


def test_ping(house):
    """Answered at once, in the world and before."""
    ada = house.client("ADA")
    assert ada.ask(CMSG_PING(sequence_id=7, round_time_in_ms=1), SMSG_PONG).sequence_id == 7
    ada.enter("Ada")
    assert ada.ask(CMSG_PING(sequence_id=8, round_time_in_ms=1), SMSG_PONG).sequence_id == 8


def test_latency(house):
    """The answer to a time request tells how late a client is, and what its clock says."""
    ada = house.player("ADA")
    request = ada.last(SMSG_TIME_SYNC_REQ)
    sent_s = house.clock.seconds() - 0.25
    ada.send(CMSG_TIME_SYNC_RESP(time_sync=request.time_sync, client_ticks=1_000_000))
    house.ticks(1)
    (zone,) = house.world.world.zones.values()
    player = zone.players[ada.session.number]
    assert 200 <= player.latency_ms <= 300
    assert abs(player.offset_ms + 1_000_000 - sent_s * 1000) < 500
    ada.send(CMSG_TIME_SYNC_RESP(time_sync=request.time_sync, client_ticks=5))  # once is enough
    house.ticks(1)
    assert player.offset_ms < -900_000


def test_time_requests_go_on(house):
    """At login, after five seconds, then every ten: clients that hear nothing hang up."""
    ada = house.player("ADA")
    ada.forget()
    house.seconds(36)
    assert [p.time_sync for p in ada.got(SMSG_TIME_SYNC_REQ)] == [1, 2, 3, 4]


def test_signs_of_life(house):
    """At the character screen, too, something comes at least every minute."""
    ada = house.client("ADA")
    ada.forget()
    house.seconds(61)
    assert ada.heard
