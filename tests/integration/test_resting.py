"""Who steps into an inn rests, until it is away from there; who rests logs out at once."""

import pytest

from bluemarble.rows.world_places import AreatriggerTavernRow
from bluemarble.sim.content import Content
from bluemarble.sim.effects import Save
from bluemarble.sim.resting import CHECK_MS
from opcodes.cluster import NMSG_LEAVE, NMSG_SHUTDOWN
from opcodes.orders import MSG_MOVE_TELEPORT_ACK, MSG_MOVE_WORLDPORT_ACK
from opcodes.play import CMSG_AREATRIGGER
from opcodes.session import CMSG_LOGOUT_REQUEST, SMSG_LOGOUT_COMPLETE, SMSG_LOGOUT_RESPONSE
from opcodes.update_fields import index
from tests.integration.realm import INN, TABLES, Realm

FLAGS, RESTING, HELM_HIDDEN = index("PLAYER_FLAGS"), 0x20, 0x400


def into_inn(client, ticks=1):
    client.send(CMSG_AREATRIGGER(trigger_id=INN))
    client.realm.ticks(ticks)
    return client


def go(client, x):
    """Walk along the x axis, at what speed the server believes."""
    way = 1 if x > client.player.x else -1
    while client.player.x != x:
        client.walk(min(client.player.x + way * 5.0, x, key=lambda at: way * at), client.player.y)
        client.realm.seconds(1)


def shows(client, of=None):
    """Whether a client's picture of somebody rests."""
    return bool(client.objects[(of or client).guid].get(FLAGS, 0) & RESTING)


def logs_out_at_once(client):
    client.forget().send(CMSG_LOGOUT_REQUEST())
    client.realm.ticks()
    at_once = bool(client.got(SMSG_LOGOUT_RESPONSE).speed)
    assert bool(client.all(SMSG_LOGOUT_COMPLETE)) == at_once
    return at_once


def last_saved(realm):
    return realm.of(Save)[-1].writes[0].values


def test_into_an_inn():
    """The flag shows to all, and a logout does not wait; the next login rests there again."""
    realm = Realm()
    ada, bob = realm.enter("Ada", flags=HELM_HIDDEN), realm.enter("Bob")
    assert not shows(ada)
    into_inn(ada)
    assert shows(ada) and shows(bob, ada) and not shows(bob)
    assert logs_out_at_once(ada)
    saved = last_saved(realm)
    assert (saved["is_logout_resting"], saved["playerFlags"]) == (1, HELM_HIDDEN | RESTING)
    again = realm.enter("Ada", is_logout_resting=saved["is_logout_resting"], flags=saved["playerFlags"])
    assert shows(again) and shows(bob, again)
    assert logs_out_at_once(again)


def test_other_triggers_do_nothing():
    realm = Realm()
    ada = realm.enter("Ada")
    ada.send(CMSG_AREATRIGGER(trigger_id=INN + 1), CMSG_AREATRIGGER(trigger_id=0xFFFF_FFFF))
    realm.ticks()
    assert not shows(ada)
    assert not logs_out_at_once(ada)


def test_away_from_the_inn():
    """Fifty yards from where it came in; seen within the time between two looks."""
    realm = Realm(sight_yards=300, sight_leave_yards=310)
    ada, bob = realm.enter("Ada", x=10.0), realm.enter("Bob")
    into_inn(ada)
    go(ada, 60.0)
    realm.seconds(2 * CHECK_MS / 1000)
    assert shows(ada)
    go(ada, 61.0)
    realm.seconds(CHECK_MS / 1000)
    assert not shows(ada) and not shows(bob, ada)
    go(ada, 15.0)
    realm.seconds(CHECK_MS / 1000)
    assert not shows(ada)  # it takes another step into it
    into_inn(ada)
    realm.seconds(2 * CHECK_MS / 1000)
    assert shows(ada) and ada.player.rests_at == (15.0, 0.0, 50.0)
    assert sum(timer.kind == 8 for timer in realm.zone().timers.heap) == 1


@pytest.mark.parametrize("how", ["logs out", "is saved"])
def test_away_before_anyone_looked(how):
    """What counts is where it is at that moment, not what the last look found."""
    realm = Realm(rest_yards=5.0)
    ada = into_inn(realm.enter("Ada"))
    ada.walk(6.0, 0.0)
    realm.ticks()
    assert shows(ada)
    if how == "logs out":
        assert not logs_out_at_once(ada)
    else:
        ada.send(NMSG_LEAVE())
        realm.ticks()
        assert (last_saved(realm)["is_logout_resting"], last_saved(realm)["playerFlags"]) == (0, 0)


def test_an_inn_passed_again_moves_the_place():
    realm = Realm()
    ada = into_inn(realm.enter("Ada"))
    for x in (40.0, 80.0, 120.0):
        go(ada, x)
        into_inn(ada)
    realm.seconds(CHECK_MS / 1000)
    assert shows(ada)
    assert sum(timer.kind == 8 for timer in realm.zone().timers.heap) == 1


def test_teleported_away():
    realm = Realm()
    ada = into_inn(realm.enter("Ada", gmlevel=1))
    ada.say(".tele northgate")
    ada.send(CMSG_AREATRIGGER(trigger_id=INN))  # its client is half gone
    realm.ticks()
    assert not shows(ada)
    assert realm.counted("trigger_while_teleporting") == 1
    ada.send(MSG_MOVE_TELEPORT_ACK(guid=ada.guid, movement_counter=0, time=0))
    realm.ticks()
    assert ada.player.x == 1500.0
    assert not shows(ada)
    assert shows(into_inn(ada))


def test_gone_to_another_map():
    realm = Realm()
    ada = into_inn(realm.enter("Ada", gmlevel=1))
    ada.say(".tele farshore")
    realm.ticks()
    assert last_saved(realm)["is_logout_resting"] == 0
    ada.send(MSG_MOVE_WORLDPORT_ACK())
    realm.ticks(5)
    assert not shows(ada)
    assert ada.player.rests_at is None


def test_taken_over_it_rests_on():
    realm = Realm()
    ada = into_inn(realm.enter("Ada"))
    ada.disconnect()
    realm.seconds(5)
    again = realm.take_over(ada)
    assert shows(again)
    assert logs_out_at_once(again)


def test_a_stored_flag_alone_is_no_rest():
    """As another server's database may hold it: what counts is whether it rested when it left."""
    realm = Realm()
    ada = realm.enter("Ada", flags=RESTING | HELM_HIDDEN)
    assert ada.player.character.playerFlags == HELM_HIDDEN
    assert not shows(ada)
    assert not logs_out_at_once(ada)


@pytest.mark.parametrize("where", [{"map_": 571}, {"x": float("nan")}])
def test_no_rest_at_a_place_that_is_not_where_it_left(where):
    realm = Realm()
    ada = realm.enter("Ada", is_logout_resting=1, flags=RESTING, **where)
    assert (ada.player.x, shows(ada)) == (1.0, False)


def test_all_are_saved_as_resting_at_shutdown():
    realm = Realm()
    into_inn(realm.enter("Ada"))
    realm.post(0, NMSG_SHUTDOWN())
    realm.ticks()
    assert last_saved(realm)["is_logout_resting"] == 1


def test_inns_are_content():
    """A journal's world is another one with another inn."""
    assert Content(*TABLES).inns.keys() == {INN}
    assert Content(*TABLES, [AreatriggerTavernRow(id=INN + 1)]).hash != Content(*TABLES).hash
