"""Coming into the world and leaving it."""

import pytest

from bluemarble.rows.characters import CharactersRow
from bluemarble.sim.effects import Leave, Load, Save
from opcodes.cluster import NMSG_LEAVE, NMSG_SHUTDOWN, NMSG_TAKE_OVER
from opcodes.movement import FALLING, MSG_MOVE_HEARTBEAT, MSG_MOVE_JUMP, Jump
from opcodes.objects import CREATE_OBJECT2, SMSG_UPDATE_OBJECT
from opcodes.orders import SMSG_FORCE_MOVE_ROOT, SMSG_FORCE_MOVE_UNROOT
from opcodes.play import CMSG_STANDSTATECHANGE, SMSG_STANDSTATE_UPDATE
from opcodes.session import (
    CMSG_LOGOUT_CANCEL,
    CMSG_LOGOUT_REQUEST,
    CMSG_PLAYER_LOGOUT,
    LOGOUT_FAILURE_FALLING,
    LOGOUT_FAILURE_IN_COMBAT,
    SMSG_LOGIN_VERIFY_WORLD,
    SMSG_LOGOUT_CANCEL_ACK,
    SMSG_LOGOUT_COMPLETE,
    SMSG_LOGOUT_RESPONSE,
    SMSG_MOTD,
    SMSG_TIME_SYNC_REQ,
)
from tests.integration.realm import NOON, Realm, character, entering, moved

BURST = """SMSG_LOGIN_VERIFY_WORLD SMSG_ACCOUNT_DATA_TIMES SMSG_TUTORIAL_FLAGS SMSG_MOTD SMSG_INITIAL_SPELLS
    SMSG_BINDPOINTUPDATE SMSG_ACTION_BUTTONS SMSG_INITIALIZE_FACTIONS SMSG_LOGIN_SETTIMESPEED
    SMSG_INIT_WORLD_STATES SMSG_CONTACT_LIST SMSG_TIME_SYNC_REQ""".split()


def names(client):
    return [type(packet).__name__ for packet in client.heard]


def test_burst():
    """The login burst in the order that every client accepts, and the own CREATE three ticks later."""
    realm = Realm(motd=("Hello.",))
    ada = realm.enter("Ada", ticks=1, x=3.0, facing=1.0)
    assert names(ada) == BURST
    where = ada.got(SMSG_LOGIN_VERIFY_WORLD)
    assert (where.map, where.x, where.y, where.z, where.orientation) == (0, 3.0, 0.0, 50.0, 1.0)
    assert ada.got(SMSG_MOTD).motds == ["Hello."]
    realm.ticks(2)
    assert ada.silent(SMSG_UPDATE_OBJECT)
    realm.ticks()
    blocks = ada.got(SMSG_UPDATE_OBJECT).blocks
    assert [(block.update_type, block.guid) for block in blocks] == [(CREATE_OBJECT2, ada.guid)]
    assert len(ada.objects) == 4  # and in the same tick, after it, what is around


def test_entering_marks_the_character_online():
    realm = Realm()
    realm.enter("Ada", ticks=1)
    (save,) = realm.of(Save)
    assert save.writes[0].table is CharactersRow
    assert save.writes[0].values["online"] == 1
    assert save.writes[0].insert is False


def test_time_sync_and_never_silent():
    """The clock is asked for at login, after five seconds, then every ten: no line is silent for a minute."""
    realm = Realm()
    ada = realm.enter("Ada", ticks=1)
    for at, seconds in enumerate((0, 5, 10, 10)):
        realm.seconds(seconds)
        assert ada.got(SMSG_TIME_SYNC_REQ).time_sync == at
        assert ada.silent(SMSG_TIME_SYNC_REQ)


def test_logout_takes_twenty_seconds():
    realm = Realm()
    ada, bob = realm.enter("Ada"), realm.enter("Bob")
    ada.send(CMSG_LOGOUT_REQUEST())
    realm.ticks()
    assert ada.got(SMSG_LOGOUT_RESPONSE) == SMSG_LOGOUT_RESPONSE(result=0, speed=0)
    assert ada.got(SMSG_FORCE_MOVE_ROOT).guid == ada.guid
    assert ada.got(SMSG_STANDSTATE_UPDATE).state == 1
    realm.seconds(19.9)
    assert ada.silent(SMSG_LOGOUT_COMPLETE)
    realm.seconds(0.1)
    assert ada.got(SMSG_LOGOUT_COMPLETE)
    assert realm.left(ada)
    assert ada.guid not in bob.objects
    last = realm.of(Save)[-1].writes[0].values
    assert (last["online"], last["totaltime"], last["logout_time"] - NOON) == (0, 20, 20)
    kinds = [type(effect) for effect in realm.effects]
    assert kinds.index(Leave) > len(kinds) - 1 - kinds[::-1].index(Save)


def test_frozen_while_logging_out():
    realm = Realm()
    ada, bob = realm.enter("Ada"), realm.enter("Bob")
    ada.send(CMSG_LOGOUT_REQUEST())
    realm.ticks()
    ada.walk(1.0, 0.0).send(CMSG_STANDSTATECHANGE(animation_state=0))
    realm.ticks()
    assert (ada.player.x, bob.silent(MSG_MOVE_HEARTBEAT), realm.counted("move_rooted")) == (0.0, True, 1)
    assert ada.player.fields[74] & 0xFF == 1  # UNIT_FIELD_BYTES_1: still seated
    ada.send(CMSG_LOGOUT_CANCEL())
    realm.ticks()
    ada.got(SMSG_LOGOUT_CANCEL_ACK)
    ada.got(SMSG_FORCE_MOVE_UNROOT)
    ada.walk(1.0, 0.0)
    realm.seconds(30)
    assert ada.player.x == 1.0
    assert not realm.left(ada)


@pytest.mark.parametrize("options", [{"gmlevel": 1}, {"is_logout_resting": 1}])
def test_instant_logout(options):
    """For game masters and for those who rest."""
    realm = Realm()
    ada = realm.enter("Ada", **options)
    ada.send(CMSG_PLAYER_LOGOUT())
    realm.ticks()
    assert ada.got(SMSG_LOGOUT_RESPONSE).speed == 1
    assert ada.got(SMSG_LOGOUT_COMPLETE)
    assert realm.left(ada)


def test_no_logout_while_falling_or_fighting():
    realm = Realm()
    ada = realm.enter("Ada")
    jump = Jump(z_speed=-7.9, cos_angle=1.0, sin_angle=0.0, xy_speed=0.0)
    ada.send(moved(MSG_MOVE_JUMP, ada.player, 0.0, 0.0, flags=FALLING, jump=jump), CMSG_LOGOUT_REQUEST())
    realm.ticks()
    assert ada.got(SMSG_LOGOUT_RESPONSE).result == LOGOUT_FAILURE_FALLING
    ada.walk(0.0, 0.0, flags=0)
    realm.ticks()
    realm.zone().change(ada.player, 59, 0x80000)
    ada.send(CMSG_LOGOUT_REQUEST())
    realm.ticks()
    assert ada.got(SMSG_LOGOUT_RESPONSE).result == LOGOUT_FAILURE_IN_COMBAT


def test_lingers_then_leaves():
    realm = Realm()
    ada, bob = realm.enter("Ada"), realm.enter("Bob")
    ada.disconnect()
    realm.seconds(60)
    assert ada.guid in bob.objects
    assert not realm.left(ada)
    realm.ticks()
    assert ada.guid not in bob.objects
    assert realm.left(ada)
    assert realm.world.places.keys() == {bob.session}


def test_taken_over_while_lingering():
    realm = Realm()
    ada, bob = realm.enter("Ada"), realm.enter("Bob", x=10.0)
    ada.walk(5.0, 5.0)
    realm.ticks()
    ada.disconnect()
    realm.seconds(30)
    again = realm.take_over(ada, ticks=1)
    assert names(again) == BURST
    assert again.got(SMSG_LOGIN_VERIFY_WORLD).x == 5.0
    realm.seconds(60)
    assert not realm.left(again)
    assert {ada.guid, bob.guid} <= again.objects.keys()
    assert ada.guid in bob.objects  # for the others nothing has happened
    bob.forget()
    again.walk(6.0, 5.0)
    realm.ticks()
    assert bob.got(MSG_MOVE_HEARTBEAT).x == 6.0
    assert realm.world.present[ada.guid] == again.session


def test_taken_over_from_a_living_session():
    """The old session gives way: a pending logout is off, and nothing goes to it any more."""
    realm = Realm()
    ada = realm.enter("Ada")
    ada.send(CMSG_LOGOUT_REQUEST())
    realm.seconds(10)
    again = realm.take_over(ada)
    ada.forget()
    ada.send(CMSG_LOGOUT_CANCEL())
    realm.seconds(15)
    assert ada.heard == []
    assert not again.player.rooted
    assert again.silent(SMSG_LOGOUT_COMPLETE)


def test_taking_over_nobody_asks_the_database():
    realm = Realm()
    question = NMSG_TAKE_OVER(guid=7, gmlevel=0, build=12340, server_time=NOON)
    realm.post(9, question)
    realm.ticks()
    assert realm.of(Load) == [Load(9, question)]


def test_take_over_in_the_tick_of_the_end():
    """Between the Leave and the next login's take over there is no gap for a character to fall into."""
    realm = Realm()
    ada = realm.enter("Ada", gmlevel=1)
    question = NMSG_TAKE_OVER(guid=ada.guid, gmlevel=0, build=12340, server_time=NOON)
    ada.send(CMSG_LOGOUT_REQUEST())
    realm.post(50, question)
    realm.ticks(2)
    assert realm.of(Load) == [Load(50, question)]
    assert realm.world.present == realm.world.places == {}
    realm.post(50, entering(ada.character))  # the lobby's answer
    realm.ticks()
    assert realm.world.present == {ada.guid: 50}


def test_leave_and_shutdown():
    realm = Realm()
    ada, bob, cid = (realm.enter(name) for name in ("Ada", "Bob", "Cid"))
    ada.send(NMSG_LEAVE())
    realm.ticks()
    assert realm.left(ada)
    bob.disconnect()
    realm.post(0, NMSG_SHUTDOWN())
    realm.ticks()
    assert realm.left(bob)
    assert realm.left(cid)
    assert realm.world.places == realm.world.present == {}
    assert not realm.world.society.members


def test_enters_only_once():
    realm = Realm()
    ada = realm.enter("Ada")
    realm.post(ada.session, entering(character(99, "Eve")))
    realm.ticks()
    assert realm.counted("enter_refused") == 1
    realm.post(77, entering(ada.character))  # then it is a take over
    realm.ticks()
    assert list(realm.zone().players) == [77]
    assert realm.world.present == {ada.guid: 77}


def test_impossible_places_lead_home():
    realm = Realm()
    ada = realm.enter("Ada", map_=571)
    bob = realm.enter("Bob", x=float("nan"))
    assert ada.got(SMSG_LOGIN_VERIFY_WORLD).map == 0
    assert (bob.player.x, bob.player.y) == (1.0, 2.0)


def test_saves_at_intervals():
    """The first save comes after half an interval to one and a half, by chance; then one each interval."""
    realm = Realm(save_interval_ms=10_000)
    for n in range(8):
        realm.enter(f"P{n}", x=1000.0 * n, ticks=1)
    first = len(realm.of(Save))
    ticks = []
    for tick in range(20 * 40):
        realm.ticks()
        if len(realm.of(Save)) > first:
            ticks.append(tick)
            first = len(realm.of(Save))
    assert 3.5 * 8 - 8 <= len(realm.of(Save)) - 8 <= 4 * 8
    assert len(set(ticks[:8])) > 5
