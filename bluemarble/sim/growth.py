"""Levels: what changes when a character reaches one."""

from typing import TYPE_CHECKING

from bluemarble.sim import burst
from bluemarble.sim.effects import SOCIETY
from bluemarble.sim.entity import Player
from bluemarble.sim.fields import (
    BASE_HEALTH,
    BASE_MANA,
    HEALTH,
    LEVEL,
    LEVEL_LIMIT,
    MANA,
    MAXHEALTH,
    MAXPOWER1,
    NEXT_XP,
    POWER1,
    XP,
    next_experience,
    player_maxima,
    player_power,
)

if TYPE_CHECKING:
    from bluemarble.sim.zone import Zone


def reach(zone: "Zone", player: Player, level: int) -> None:
    """
    Give a player a level: full health and power, no experience towards the next, and a save.

    @raise ValueError: there is no such level.
    """
    if not 1 <= level <= LEVEL_LIMIT:
        raise ValueError(f"level {level}: 1 to {LEVEL_LIMIT}")
    who = player.character
    who.level, who.xp, who.leveltime = level, 0, 0
    player.played_ms = zone.now_ms
    health, mana = player_maxima(zone.content, who)
    changes = {
        LEVEL: level,
        HEALTH: health,
        MAXHEALTH: health,
        BASE_HEALTH: health,
        XP: 0,
        NEXT_XP: next_experience(zone.content, level),
    }
    if player_power(player) == MANA:
        changes |= {POWER1: mana, MAXPOWER1: mana, BASE_MANA: mana}
    for field, value in changes.items():
        zone.change(player, field, value)
    zone.tell(SOCIETY, player.session, burst.membership(zone, player, entered=0))
    zone.save(player)
