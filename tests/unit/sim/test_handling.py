"""Which function handles which packet."""

import types

import pytest

from bluemarble.sim import handlers
from bluemarble.sim.handling import handler, handler_modules, tables, unhandled
from bluemarble.sim.ignored import IGNORED
from bluemarble.sim.society import Member, Society
from bluemarble.sim.world import World, handling
from bluemarble.sim.zone import Player, Zone
from opcodes.movement import MSG_MOVE_HEARTBEAT, MSG_MOVE_STOP, Movement
from opcodes.query import CMSG_NAME_QUERY, CMSG_QUERY_TIME
from tests.integration.realm import Realm


def module(*functions):
    made = types.ModuleType("made")
    for function in functions:
        setattr(made, function.__name__, function)
    return made


@handler
def moves(zone: Zone, player: Player, message: Movement) -> None: ...


@handler
def stops(zone: Zone, player: Player, message: MSG_MOVE_STOP) -> None: ...


@handler
def asks(society: Society, member: Member, message: CMSG_NAME_QUERY | CMSG_QUERY_TIME) -> None: ...


def test_by_annotation():
    """A class of its own goes before its base's; a union is each; the first parameter says whose it is."""
    packets = [MSG_MOVE_HEARTBEAT, MSG_MOVE_STOP, CMSG_NAME_QUERY, CMSG_QUERY_TIME]
    zone, society = tables([module(moves, stops, asks)], packets)
    assert zone == {MSG_MOVE_HEARTBEAT: moves, MSG_MOVE_STOP: stops}
    assert society == {CMSG_NAME_QUERY: asks, CMSG_QUERY_TIME: asks}


def test_conflict():
    def other(zone: Zone, player: Player, message: Movement) -> None: ...

    with pytest.raises(ValueError, match=r"Movement: .*other.* and .*moves|Movement: .*moves.* and .*other"):
        tables([module(moves, handler(other))], [MSG_MOVE_STOP])


def test_unhandled():
    assert unhandled([MSG_MOVE_STOP, CMSG_NAME_QUERY], [MSG_MOVE_STOP]) == ["CMSG_NAME_QUERY"]


def test_every_module_is_found():
    names = {found.__name__.rpartition(".")[2] for found in handler_modules(handlers)}
    assert {"chat", "emote", "movement", "play", "query", "session", "whisper"} <= names


def test_nothing_is_both_handled_and_ignored():
    """But for the base class of movements, which also catches what only servers say."""
    both = {cls.__name__ for cls in IGNORED if cls in handling().zone or cls in handling().society}
    assert all(name.startswith("MSG_MOVE_") for name in both)
    assert all(IGNORED.values())


def test_a_character_that_cannot_be_made_is_turned_away():
    """A fault while a character enters leaves nothing of it behind, and the lobby hears that it is out."""
    realm = Realm()
    bad = realm.enter("Ada", ticks=0)
    bad.character.skin = None
    with pytest.raises(TypeError):
        realm.ticks()
    assert realm.left(bad)
    assert realm.zone().players == realm.zone().objects == {}
    assert isinstance(realm.world, World)
    good = realm.enter("Bob")
    assert good.guid in good.objects
