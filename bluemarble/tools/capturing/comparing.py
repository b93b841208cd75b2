"""What a server answered then, and what it answers now: compared after masking what must differ."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from bluemarble.servers.masking import unreadable
from bluemarble.tools.capturing.roles import Role
from bluemarble.tools.packets.answering import answers_of
from bluemarble.tools.packets.decoding import decoded, name_of
from bluemarble.tools.packets.fields import Bytes, Wide, plain
from bluemarble.wire.captures.record import Captured

MASKED = "…"
CLOCKS = re.compile(r"(.*_)?(time(_.*)?|timestamp|ticks|seed|counter|latency|unix_time|.*_ms|.*_s)")
PLACES = re.compile(r"(position_)?[xyz]|orientation|facing")
CHAT = "SMSG_MESSAGECHAT"
ENTERED = "SMSG_LOGIN_VERIFY_WORLD"
SHOWN = 20  # differences of one player


@dataclass(slots=True)
class Difference:
    """
    An answer that is another.

    @ivar number: how many of its name came before; @ivar field: "" where one of the two is missing.
    """

    name: str
    number: int
    field: str
    recorded: Any
    played: Any


@dataclass(slots=True)
class Outcome:
    """
    How one player's part came out.

    @ivar sent: packets it said; @ivar left_out: of the role, by name.
    @ivar compared: answers; @ivar differences: between them, the first SHOWN; @ivar different: how many.
    @ivar lost: why its connection ended too early; "" when it did not.
    @ivar counts: what the server said, by name: recorded, played.
    """

    account: str
    connection: int
    copy: int
    sent: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    compared: int = 0
    different: int = 0
    differences: list[Difference] = field(default_factory=list)
    lost: str = ""
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """Whether all went as it was recorded."""
        return not self.different and not self.lost

    def told(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"same": self.same}

    def lines(self) -> Iterator[str]:
        """For a terminal."""
        copy = f", copy {self.copy + 1}" if self.copy else ""
        state = "as recorded" if self.same else f"{self.different} differences"
        yield (
            f"{self.account} as #{self.connection}{copy}: {self.sent} packets sent, "
            f"{self.compared} answers, {state}"
        )
        if self.lost:
            yield f"    the connection ended: {self.lost}"
        for it in self.differences:
            where = f"{it.name}[{it.number}]" + (f".{it.field}" if it.field else "")
            yield f"    {where}: {it.recorded!r} recorded, {it.played!r} played"
        if self.different > len(self.differences):
            yield f"    and {self.different - len(self.differences)} more"


def compare(
    role: Role,
    played: Sequence[Captured],
    outcome: Outcome,
    *,
    guid: int,
    players: Iterable[str],
    moved: bool,
    ignored: Iterable[str] = (),
) -> None:
    """
    Fill in what came of a role.

    @param played: what the server said now; @param guid: of who heard it.
    @param players: names, recorded and playing, which are one and the same.
    @param moved: the player stood elsewhere: places differ.
    @param ignored: names of answers, with * and ?, that may differ.
    """
    names = Counter(map(name_of, role.heard)), Counter(map(name_of, played))
    outcome.counts = {name: (names[0][name], names[1][name]) for name in sorted(names[0] | names[1])}
    if not role.heard:
        return
    known = {name for act in role.acts if act.from_client for name in _answers(act)}
    wanted = {name for name in known if not any(fnmatchcase(name, each.upper()) for each in ignored)}
    mask = _Mask(players, moved)
    then, now = (_told(them, wanted, of) for them, of in ((role.heard, role.guid), (played, guid)))
    for name in sorted(then.keys() | now.keys()):
        ours, theirs = now.get(name, []), then.get(name, [])
        outcome.compared += max(len(ours), len(theirs))
        for number in range(max(len(ours), len(theirs))):
            a = mask.of(theirs[number]) if number < len(theirs) else None
            b = mask.of(ours[number]) if number < len(ours) else None
            for where, recorded, here in _differences(a, b, ""):
                outcome.different += 1
                if len(outcome.differences) < SHOWN:
                    outcome.differences.append(Difference(name, number, where, recorded, here))


def _answers(act: Captured) -> Iterator[str]:
    name = name_of(act)
    if name == "CMSG_MESSAGECHAT":
        yield CHAT
    answer = answers_of(act.build).get(name)
    if answer is not None:
        yield answer


def _told(heard: Sequence[Captured], wanted: set[str], guid: int) -> dict[str, list[Captured]]:
    """Those in the world, by name; of what is said, the player's own words and the system's."""
    names = [name_of(captured) for captured in heard]
    begin = names.index(ENTERED) if ENTERED in names else 0
    out: dict[str, list[Captured]] = {}
    for name, captured in zip(names[begin:], heard[begin:], strict=True):
        if name in wanted and (name != CHAT or _concerns(captured, guid)):
            out.setdefault(name, []).append(captured)
    return out


def _concerns(captured: Captured, guid: int) -> bool:
    return getattr(decoded(captured).packet, "sender", 0) in (0, guid)


class _Mask:
    def __init__(self, players: Iterable[str], moved: bool) -> None:
        names = sorted(filter(None, players), key=len, reverse=True)
        self._players = re.compile("|".join(map(re.escape, names))) if names else None
        self._moved = moved

    def of(self, captured: Captured) -> Any:
        """Its fields, with what must differ masked."""
        it = decoded(captured)
        if it.packet is None:
            return {"body": Bytes(captured.body.hex())}
        return self._value(plain(it.packet), "")

    def _value(self, value: Any, name: str) -> Any:
        if isinstance(value, dict):
            return {key: self._value(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [self._value(each, name) for each in value]
        if isinstance(value, Wide) or CLOCKS.fullmatch(name) or (self._moved and PLACES.fullmatch(name)):
            return MASKED
        if isinstance(value, str) and not isinstance(value, Bytes) and self._players is not None:
            return self._players.sub(MASKED, value)
        return value


def _differences(a: Any, b: Any, where: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(a, dict) and isinstance(b, dict):
        for name in a | b:
            yield from _differences(a.get(name), b.get(name), f"{where}.{name}" if where else name)
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for at, (one, other) in enumerate(zip(a, b, strict=True)):
            yield from _differences(one, other, f"{where}[{at}]")
    elif a != b and not (_wordless(a) and isinstance(b, str)):
        yield where, a, b


def _wordless(recorded: Any) -> bool:
    """Whether it was masked when it was recorded: then there is nothing to compare."""
    return isinstance(recorded, str) and "x" in recorded and unreadable(recorded) == recorded
