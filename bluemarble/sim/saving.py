"""What of a character goes to the database, and when."""

from typing import TYPE_CHECKING

from bluemarble.rows import Write
from bluemarble.rows.characters import CharacterActionRow, CharactersRow
from bluemarble.sim import resting
from bluemarble.sim.effects import Save
from bluemarble.sim.entity import Player
from bluemarble.sim.fields import HEALTH, POWER1
from bluemarble.sim.timers import SAVE
from opcodes.cluster import ActionState

if TYPE_CHECKING:
    from bluemarble.sim.zone import Zone

HALF_TO_ONE_AND_A_HALF = 1024  # steps between half an interval and one and a half


def first_save(zone: "Zone", player: Player) -> None:
    """Spread the characters' saves: the first comes after 0.5 to 1.5 intervals."""
    steps = HALF_TO_ONE_AND_A_HALF // 2 + zone.chance.u32() % HALF_TO_ONE_AND_A_HALF
    wait_ms = zone.rules.save_interval_ms * steps // HALF_TO_ONE_AND_A_HALF
    player.save_ms = zone.timers.put(zone.now_ms + wait_ms, SAVE, player.guid)


def save_due(zone: "Zone", guid: int, at_ms: int) -> None:
    """The interval's timer."""
    player = zone.objects.get(guid)
    if isinstance(player, Player) and player.save_ms == at_ms:
        save(zone, player)
        player.save_ms = zone.timers.put(at_ms + zone.rules.save_interval_ms, SAVE, guid)


def save(
    zone: "Zone",
    player: Player,
    *,
    online: bool = True,
    answer: bool = False,
    at: tuple[int, float, float, float, float] | None = None,
) -> None:
    """
    Write the character, in one transaction.

    @param online: whether it is still in the world after this.
    @param answer: NMSG_SAVED is to come back.
    @param at: map, x, y, z, facing to save it at; where it is, if not given.
    """
    bring_up_to_date(zone, player, at)
    who = player.character
    values = {
        "level": who.level,
        "xp": who.xp,
        "money": who.money,
        "playerFlags": who.playerFlags,
        "map": who.map,
        "zone": who.zone,
        "position_x": who.position_x,
        "position_y": who.position_y,
        "position_z": who.position_z,
        "orientation": who.orientation,
        "totaltime": who.totaltime,
        "leveltime": who.leveltime,
        "health": who.health,
        "power1": who.power1,
        "actionBars": who.actionBars,
        "extra_flags": who.extra_flags,
        "is_logout_resting": who.is_logout_resting,
        "cinematic": who.cinematic,
        "at_login": who.at_login,
        "latency": min(player.latency_ms, 0xFFFF),
        "online": int(online),
    }
    if not online:
        values["logout_time"] = zone.unix_s()
    zone.emit(
        Save(
            player.guid,
            (Write(CharactersRow, {"guid": player.guid}, values, insert=False),),
            player.session if answer else 0,
        )
    )


def save_action(zone: "Zone", player: Player, button: int, action: int, type_: int) -> None:
    """Set an action button, or clear it with action 0, and write that one row."""
    who = player.character
    who.actions = [it for it in who.actions if it.button != button]
    key = {"guid": player.guid, "spec": 0, "button": button}
    if action:
        who.actions.append(ActionState(button=button, action=action, type=type_))
        write = Write(CharacterActionRow, key, {"action": action, "type": type_})
    else:
        write = Write(CharacterActionRow, key, None)
    zone.emit(Save(player.guid, (write,)))


def bring_up_to_date(
    zone: "Zone", player: Player, at: tuple[int, float, float, float, float] | None = None
) -> None:
    """Put into the character what the world knows better: place, played time, health, rest."""
    who = player.character
    where = at or (zone.map, *(player.teleport or player.place()))
    who.map, who.position_x, who.position_y, who.position_z, who.orientation = where
    who.zone = player.area & 0xFFFF
    seconds = (zone.now_ms - player.played_ms) // 1000
    player.played_ms += seconds * 1000
    who.totaltime += seconds
    who.leveltime += seconds
    who.health = player.fields.get(HEALTH, 0)
    who.power1 = player.fields.get(POWER1, 0)
    who.is_logout_resting = int(resting.rests(zone, player))
