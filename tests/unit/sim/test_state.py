"""A player's state is all of it."""

from bluemarble.sim.entity import Entity, Player
from bluemarble.sim.state import PLAIN, YES_OR_NO, player_from, player_state
from bluemarble.wire.codec import codec
from opcodes.cluster import PlayerState
from opcodes.movement import MSG_MOVE_HEARTBEAT
from tests.integration.realm import Realm, moved

# Slots that the rest of the zone says anew: who sees it, what is to be told, which grids, whose mover.
DERIVED = {"changed", "field", "watchers", "wants", "wants_within"}
IN_CHARACTER = {"guid", "x", "y", "z", "facing"}
# Slot: the field of the state that holds it.
RENAMED = {"movement": "moves"}
SLOTS = {*Entity.__slots__, *Player.__slots__}


def test_players_are_known_by_what_is_stated():
    """Every slot of a Player is in its state, or is made from the rest; and the state holds nothing else."""
    stated = {RENAMED.get(slot, slot) for slot in SLOTS - DERIVED - IN_CHARACTER}
    assert stated | {"clock_known", "seen"} == set(PlayerState.hints)
    assert {*PLAIN, *YES_OR_NO} <= SLOTS


def test_every_slot_comes_back():
    """Each with a value of its own, so that none is forgotten or mixed up."""
    realm = Realm()
    player = realm.enter("Ada", x=3.0, facing=1.5).player
    for n, name in enumerate(PLAIN, 1):
        setattr(player, name, n)
    for name in YES_OR_NO:
        setattr(player, name, name != "looking")  # what it sees is the zone's to tell
    player.account_data_times, player.tutorials = [1, 2, 3, 4, 5, 6, 7, 8], [8, 7, 6, 5, 4, 3, 2, 1]
    player.movement = moved(MSG_MOVE_HEARTBEAT, player, 3.0, 0.0)
    player.speeds = tuple(float(n) for n in range(1, 10))
    player.teleport, player.rests_at, player.offset_ms = (1.0, 2.0, 3.0, 0.5), (4.0, 5.0, 6.0), -7
    raw = codec(PlayerState).encode(player_state(realm.zone(), player))
    again = player_from(codec(PlayerState).decode(raw), player.slot)
    for name in SLOTS - DERIVED - {"movement"}:
        assert getattr(again, name) == getattr(player, name), name
    for name in again.movement.hints:
        assert getattr(again.movement, name) == getattr(player.movement, name), name
