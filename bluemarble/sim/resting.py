"""Resting: from where a player steps into an inn until it is away from there; who rests logs out at once."""

from typing import TYPE_CHECKING

from bluemarble.sim.entity import Player
from bluemarble.sim.fields import PLAYER_FLAG_RESTING, PLAYER_FLAGS
from bluemarble.sim.timers import REST

if TYPE_CHECKING:
    from bluemarble.sim.zone import Zone

CHECK_MS = 2_000


def begin(zone: "Zone", player: Player) -> None:
    """The player rests where it stands, or still does, and from here."""
    player.rests_at = (player.x, player.y, player.z)
    if not player.rest_ms:
        player.rest_ms = zone.timers.put(zone.now_ms + CHECK_MS, REST, player.guid)
    _show(zone, player, player.character.playerFlags | PLAYER_FLAG_RESTING)


def end(zone: "Zone", player: Player) -> None:
    """It rests no more, if it did."""
    if player.rests_at is not None:
        player.rests_at, player.rest_ms = None, 0
        _show(zone, player, player.character.playerFlags & ~PLAYER_FLAG_RESTING)


def rests(zone: "Zone", player: Player) -> bool:
    """Whether the player rests; if it has meanwhile gone too far, it does not."""
    if player.rests_at is None:
        return False
    x, y, z = player.rests_at
    dx, dy, dz = player.x - x, player.y - y, player.z - z
    if dx * dx + dy * dy + dz * dz > zone.rules.rest_yards**2:
        end(zone, player)
        return False
    return True


def rest_due(zone: "Zone", guid: int, at_ms: int) -> None:
    """Look now and then how far those who rest have gone: that is cheaper than at every move."""
    player = zone.objects.get(guid)
    if isinstance(player, Player) and player.rest_ms == at_ms and rests(zone, player):
        player.rest_ms = zone.timers.put(at_ms + CHECK_MS, REST, guid)


def _show(zone: "Zone", player: Player, flags: int) -> None:
    player.character.playerFlags = flags
    zone.change(player, PLAYER_FLAGS, flags)
