"""One session for an account, one for a character, whatever connections do."""

import math
import zlib

from twisted.internet.defer import ensureDeferred

from bluemarble.rows.characters import CharactersRow
from bluemarble.servers.gateway import SENT_AWAY_S
from bluemarble.sim.effects import Input
from opcodes.characters import CMSG_PLAYER_LOGIN
from opcodes.cluster import NMSG_LEAVE
from opcodes.session import (
    CMSG_LOGOUT_REQUEST,
    CMSG_UPDATE_ACCOUNT_DATA,
    SMSG_ACCOUNT_DATA_TIMES,
    SMSG_CHARACTER_LOGIN_FAILED,
    SMSG_LOGIN_VERIFY_WORLD,
    SMSG_LOGOUT_COMPLETE,
    SMSG_UPDATE_ACCOUNT_DATA_COMPLETE,
)
from tests.integration.house import House
from tests.integration.test_gateway import created, walk, where


def players(house):
    return [player for zone in house.world.world.zones.values() for player in zone.players.values()]


def test_account_twice(house):
    """The old connection gives way at once, and the new one takes its character over where it stands."""
    ada = house.player("ADA")
    here = walk(ada, 5)
    house.ticks(1)
    again = house.client("ADA")
    assert ada.gone
    again.enter("Ada")
    assert again.guid == ada.guid
    assert math.dist(where(again), here) < 0.01
    house.seconds(1)
    assert again.guid in created(again)
    assert len(players(house)) == 1
    assert house.gateway.counts["characters_taken_over"] == 1


def test_account_data_of_one_that_is_taken_over(house):
    """Its new client is told how old the character's own data is, as a client that enters is."""
    ada = house.player("ADA")
    keep(ada, 1, 1000, b"macros")
    keep(ada, 2, 2000, b"the account's")
    again = house.player("ADA")
    assert house.gateway.counts["characters_taken_over"] == 1
    assert again.last(SMSG_ACCOUNT_DATA_TIMES).times == [0, 1000, 2000, 0, 0, 0, 0, 0]
    keep(again, 1, 0, b"")
    keep(again, 3, 3000, b"more macros")
    third = house.player("ADA")
    assert third.last(SMSG_ACCOUNT_DATA_TIMES).times == [0, 0, 2000, 3000, 0, 0, 0, 0]
    third.hang_up()
    house.seconds(62)
    assert not house.gateway.data_times
    fourth = house.player("ADA")
    assert house.gateway.counts["characters_entered"] == 2
    assert fourth.last(SMSG_ACCOUNT_DATA_TIMES).times == [0, 0, 2000, 3000, 0, 0, 0, 0]


def test_one_that_cannot_be_sent_away(house):
    """It is not in the world after all: nothing is kept of it."""
    house.gateway.present[99], house.gateway.data_times[99] = (0, 7), {1: 1000}
    gone = []
    ensureDeferred(house.gateway.sent_away(99)).addBoth(gone.append)
    house.seconds(SENT_AWAY_S + 1)
    assert gone == [None]
    assert not house.gateway.present and not house.gateway.data_times
    assert house.gateway.counts["characters_not_sent_away"] == 1


def keep(client, kind, time, data):
    client.send(
        CMSG_UPDATE_ACCOUNT_DATA(
            data_type=kind,
            unix_time=time,
            decompressed_size=len(data),
            compressed_data=zlib.compress(data) if data else b"",
        )
    )
    client.house.ticks(1)
    assert client.last(SMSG_UPDATE_ACCOUNT_DATA_COMPLETE).data_type == kind


def test_lost_line(house):
    """A character whose connection broke stays a minute, seen by others, then it is saved and gone."""
    ada, bob = house.player("ADA"), house.player("BOB")
    house.seconds(1)
    here = walk(ada, 5)
    house.ticks(1)
    ada.hang_up()
    house.seconds(58)
    assert ada.guid in [p.guid for p in players(house)]
    house.seconds(4)
    assert [p.guid for p in players(house)] == [bob.guid]
    assert ada.guid not in house.gateway.present
    assert math.isclose(house.row(CharactersRow, guid=ada.guid)["position_x"], here[0], rel_tol=1e-6)
    again = house.player("ADA")
    assert math.dist(where(again), here) < 0.01


def test_back_in_time(house):
    """Within that minute it is taken over, and a logout that had begun is off."""
    ada = house.player("ADA")
    ada.send(CMSG_LOGOUT_REQUEST())
    house.seconds(10)
    ada.hang_up()
    house.seconds(5)
    again = house.player("ADA")
    house.seconds(30)
    assert not again.got(SMSG_LOGOUT_COMPLETE)
    assert len(players(house)) == 1


def test_gone_in_the_same_tick(house):
    """The character leaves in the very tick in which it is to be taken over: it is loaded instead."""
    ada = house.player("ADA")
    here = walk(ada, 5)
    ada.send(CMSG_LOGOUT_REQUEST())
    house.seconds(19.9)
    again = house.client("ADA")
    again.guid = ada.guid
    for _ in range(8):  # one of these meets the logout's tick
        again.send(CMSG_PLAYER_LOGIN(guid=ada.guid))
        house.ticks(1)
    house.seconds(1)
    assert again.got(SMSG_LOGIN_VERIFY_WORLD)
    assert math.dist(where(again), here) < 0.01
    assert len(players(house)) == 1


def test_load_instead_of_take_over(house):
    """What is asked of a world that has just let go is asked of the database."""
    ada = house.player("ADA")
    here = walk(ada, 5)
    house.ticks(1)
    session = ada.session
    ada.hang_up()
    again = house.client("ADA")
    house.gateway.inputs.append(Input(session.number, NMSG_LEAVE()))
    again.guid = ada.guid
    again.send(CMSG_PLAYER_LOGIN(guid=ada.guid))
    house.ticks(6)
    assert math.dist(where(again), here) < 0.01
    assert len(players(house)) == 1
    assert house.gateway.present == {ada.guid: (again.session.number, again.session.account.id)}


def test_other_character(house):
    """Choosing another character sends the one that lingers away first."""
    ada = house.player("ADA")
    here = walk(ada, 5)
    house.ticks(1)
    ada.hang_up()
    again = house.client("ADA")
    assert again.create("Eve") == 0x2F
    again.enter("Eve", ticks=8)
    assert [p.guid for p in players(house)] == [again.guid] != [ada.guid]
    assert math.isclose(house.row(CharactersRow, guid=ada.guid)["position_x"], here[0], rel_tol=1e-6)


def test_somebody_elses(house):
    """A guid that is not the account's cannot be played, in the world or out of it."""
    ada, bob = house.player("ADA"), house.client("BOB")
    for guid in (ada.guid, 4711, 0, 1 << 63):
        assert bob.ask(CMSG_PLAYER_LOGIN(guid=guid), SMSG_CHARACTER_LOGIN_FAILED)
    assert len(players(house)) == 1
    bob.enter("Bob")


def test_hang_up_while_entering(house):
    """A connection that is lost in the tick it enters in leaves nothing behind."""
    ada = house.client("ADA")
    ada.create("Ada")
    guid = ada.characters()["Ada"].guid
    ada.send(CMSG_PLAYER_LOGIN(guid=guid))
    ada.hang_up()
    house.seconds(70)
    assert not players(house)
    assert not house.gateway.present
    house.player("ADA")


def test_stop_saves(house):
    """SIGTERM: everyone is saved where they stand, and marked as gone."""
    ada = house.player("ADA")
    here = walk(ada, 5)
    house.stop()
    assert ada.gone
    again = House(house.config.path("."), None)
    row = again.row(CharactersRow, guid=ada.guid)
    assert math.isclose(row["position_x"], here[0], rel_tol=1e-6)
    assert row["online"] == 0
    assert math.dist(where(again.player("ADA")), here) < 0.01
    again.stop()


def test_stop_twice(house):
    """A second SIGTERM changes nothing."""
    house.player("ADA")
    house.stop()
    house.stop()
