"""
A tick as fields: what came, what was said, and the state it left, of which two can be compared.

A moment is what JSON holds, so that another process, with another revision of the software, can tell of one:

    tick      its number
    names     guid to name, as text
    inputs    [{who, packet, fields…}]
    effects   [{effect, to, packet, fields…}]
    state     {thing: fields}: states.py
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from bluemarble.sim.effects import Effect
from bluemarble.sim.world import World
from bluemarble.tools.replay.cast import Cast
from bluemarble.tools.replay.fields import ABSENT, Plain, differences, effect_fields, packet_fields
from bluemarble.tools.replay.states import States
from opcodes.vocab import Packet

Moment = dict[str, Any]
ABOUT = ("sender", "guid", "mover", "attacker", "caster", "player", "owner", "session")
STEPS = re.compile(r"\[\d+\]|[^.\[\]]+")
NAMED = 4  # of those who get a packet
SEEN_ORDER = "player", "member", "traveller", "mover"  # what is told of first


class Difference(NamedTuple):
    """
    One field that differs.

    @ivar player: whose it is, or whom it is about; "" when that is nobody.
    @ivar where: the thing or the effect it is a field of.
    @ivar field: its name, with those of the records it is in; "" when the whole is not there.
    """

    tick: int
    player: str
    where: str
    field: str
    one: Plain
    other: Plain

    def told(self, one: str = "A", other: str = "B") -> str:
        """A line for people."""
        whose = f"{self.player}: " if self.player and self.player not in self.where else ""
        what = f"{self.where}, {self.field}" if self.field else self.where
        return f"tick {self.tick}: {whose}{what}: {self.one!r} in {one}, {self.other!r} in {other}"


def moment(
    world: World,
    cast: Cast,
    inputs: Iterable[tuple[int, Packet]],
    effects: Iterable[Effect],
    states: States,
) -> Moment:
    """
    The world's last tick.

    @param inputs: as the journal has them; a step changes some, so these are copies of its own.
    @param states: this world's.
    """
    return {
        "tick": world.tick,
        "names": {str(guid): name for guid, name in sorted(cast.names.items())},
        "sessions": {str(session): cast.session(session) for session in sorted(cast.guids)},
        "inputs": [{"who": cast.session(s), "session": s, **packet_fields(it)} for s, it in inputs],
        "effects": [effect_fields(it) for it in effects],
        "state": states.of(world.snapshot()),
    }


def compared(one: Moment, other: Moment) -> list[Difference]:
    """Where two moments of one tick differ: what players became first, then what was said, then the rest."""
    names = one["names"] | other["names"]
    sessions = one["sessions"] | other["sessions"]
    became = list(_states(one, other, names))
    players = [it for it in became if it.player]
    return players + list(_effects(one, other, names, sessions)) + [it for it in became if not it.player]


def _states(one: Moment, other: Moment, names: dict[str, str]) -> Iterator[Difference]:
    mine, theirs = one["state"], other["state"]
    keys = [it for it in {**mine, **theirs} if mine.get(it) != theirs.get(it)]
    for key in sorted(keys, key=lambda it: (_rank(it), it)):
        place, _, thing = key.partition("/")
        kind, _, number = thing.partition(" ")
        player = names.get(number, "") if kind in SEEN_ORDER else ""
        where = f"{place}, {kind} {player}" if player else f"{place}, {thing}"
        for path, a, b in differences(mine.get(key, ABSENT), theirs.get(key, ABSENT)):
            yield Difference(one["tick"], player, where, path, a, b)


def _rank(key: str) -> int:
    kind = key.partition("/")[2].partition(" ")[0]
    return SEEN_ORDER.index(kind) if kind in SEEN_ORDER else len(SEEN_ORDER)


def _effects(
    one: Moment, other: Moment, names: dict[str, str], sessions: dict[str, str]
) -> Iterator[Difference]:
    """
    What was said, without what both begin and end with alike.

    Of the rest, those of one kind that go to the same sessions are compared with each other; then those of
    one kind; what is left one of them did not say.
    """
    mine, theirs = list(one["effects"]), list(other["effects"])
    while mine and theirs and mine[0] == theirs[0]:
        del mine[0], theirs[0]
    while mine and theirs and mine[-1] == theirs[-1]:
        del mine[-1], theirs[-1]
    for it in [it for it in mine if it in theirs]:  # said in another order
        if it in theirs:
            mine.remove(it)
            theirs.remove(it)
    for alike in (_exactly, _kind):
        for a in list(mine):
            b = next((it for it in theirs if alike(it) == alike(a)), None)
            if b is not None:
                mine.remove(a)
                theirs.remove(b)
                where = _what(a, sessions)
                for path, x, y in differences(a, b):
                    yield Difference(one["tick"], _whose(a, path, names, sessions), where, path, x, y)
    for left, is_mine in ((mine, True), (theirs, False)):
        for it in left:
            who, where = _whose(it, "", names, sessions), _what(it, sessions)
            yield Difference(one["tick"], who, where, "", *((it, ABSENT) if is_mine else (ABSENT, it)))


def _exactly(effect: Plain) -> tuple[Plain, ...]:
    return (*_kind(effect), effect.get("to"), effect.get("session"), effect.get("guid"), effect.get("what"))


def _kind(effect: Plain) -> tuple[Plain, ...]:
    return effect["effect"], effect.get("packet")


def _what(effect: Plain, sessions: dict[str, str]) -> str:
    """An effect's packet, and who gets it."""
    what, to = str(effect.get("packet") or effect["effect"]), audience(effect, sessions)
    return f"{what} to {to}" if to else what


def audience(effect: Plain, sessions: dict[str, str]) -> str:
    """Who gets it, by name; "": nobody."""
    to = [sessions.get(str(it), f"session {it}") for it in effect.get("to", ())]
    more = f" and {len(to) - NAMED} others" if len(to) > NAMED else ""
    return f"{', '.join(to[:NAMED])}{more}"


def _whose(effect: Plain, path: str, names: dict[str, str], sessions: dict[str, str]) -> str:
    """Whom the record is about that a field is in, else the packet, else who gets it if that is one."""
    about, within = "", effect
    for step in ("", *STEPS.findall(path)):
        if step.startswith("["):
            within = within[int(step[1:-1])] if int(step[1:-1]) < len(within) else None
        elif step:
            within = within.get(step)
        if isinstance(within, dict):
            about = _named(within, names, sessions) or about
        elif not isinstance(within, list):
            break
    to = effect.get("to", ())
    return about or (sessions.get(str(to[0]), "") if len(to) == 1 else "")


def _named(record: Plain, names: dict[str, str], sessions: dict[str, str]) -> str:
    for name in ABOUT:
        known = sessions if name == "session" else names
        if isinstance(record.get(name), int) and (found := known.get(str(record[name]))):
            return found
    return ""
