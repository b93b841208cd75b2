"""Commands that players type into the chat window: a dot, a name, and words."""

import re
from collections.abc import Callable

from bluemarble.sim import saving, travel
from bluemarble.sim.effects import Order
from bluemarble.sim.entity import Player
from bluemarble.sim.geometry import grid_at
from bluemarble.sim.zone import Zone
from opcodes.chat import CHAT_MSG_SYSTEM, LANG_UNIVERSAL, SMSG_MESSAGECHAT

Command = Callable[[Zone, Player, str], None]

TYPED = re.compile(r"[.!]([A-Za-z]+)(?:\s+(.*))?$", re.DOTALL)
WAITING_SAVES_LIMIT = 10
ADMINISTRATOR = 3


def run(zone: Zone, player: Player, line: str) -> bool:
    """
    Do what a line commands, and answer.

    A name may be cut short as long as one command alone begins with it.

    @return: whether the line is a command at all.
    """
    if (typed := TYPED.match(line)) is None:
        return False
    word, rest = typed[1].lower(), (typed[2] or "").strip()
    begun = [
        name for name in sorted(COMMANDS) if name.startswith(word) and _level(zone, name) <= player.gmlevel
    ]
    if word in begun:
        begun = [word]
    if len(begun) != 1:
        zone.count("command_unknown")
        answer(zone, player, "There is no such command." if not begun else f"Which one: {', '.join(begun)}?")
        return True
    zone.count(f"command_{begun[0]}")
    COMMANDS[begun[0]][1](zone, player, rest)
    return True


def answer(zone: Zone, player: Player, line: str) -> None:
    """A line of the system's in the player's chat window."""
    zone.send(
        player,
        SMSG_MESSAGECHAT(
            chat_type=CHAT_MSG_SYSTEM, language=LANG_UNIVERSAL, sender=0, target=0, message=line
        ),
    )


def save(zone: Zone, player: Player, words: str) -> None:
    """`.save`: write the character; the answer comes when the database has it."""
    if player.saving >= WAITING_SAVES_LIMIT:
        return
    player.saving += 1
    saving.save(zone, player, answer=True)


def gps(zone: Zone, player: Player, words: str) -> None:
    """`.gps`: where am I?"""
    grid = grid_at(player.x, player.y)
    answer(
        zone,
        player,
        f"Map: {zone.map} Zone: {player.area} X: {player.x:.4f} Y: {player.y:.4f} Z: {player.z:.4f} "
        f"Orientation: {player.facing:.4f} Grid: {grid // 64},{grid % 64}",
    )


def tele(zone: Zone, player: Player, words: str) -> None:
    """`.tele NAME`: go to a place of `game_tele`, by the beginning of its name."""
    place = zone.content.place(words)
    if place is None:
        answer(zone, player, "There is no such place.")
        return
    answer(zone, player, f"To {place.name}.")
    if not travel.teleport(
        zone, player, place.map, (place.position_x, place.position_y, place.position_z, place.orientation)
    ):
        answer(zone, player, "Not now.")


def journal(zone: Zone, player: Player, words: str) -> None:
    """`.journal on`, `off` or `status`: the server's record of what reaches it."""
    zone.emit(Order(player.session, ("journal", *words.split())))


def capture(zone: Zone, player: Player, words: str) -> None:
    """`.capture begin ACCOUNT`, `end ACCOUNT` or `status`: what a client says and is told, into a file."""
    zone.emit(Order(player.session, ("capture", *words.split())))


# Name: the attribute of Rules with the level it takes, or the level itself, and what it does.
COMMANDS: dict[str, tuple[str | int, Command]] = {
    "save": (0, save),
    "gps": ("command_gps_level", gps),
    "tele": ("command_tele_level", tele),
    "journal": (ADMINISTRATOR, journal),
    "capture": (ADMINISTRATOR, capture),
}


def _level(zone: Zone, name: str) -> int:
    level = COMMANDS[name][0]
    return int(getattr(zone.rules, level)) if isinstance(level, str) else level
