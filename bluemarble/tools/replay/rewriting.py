"""
Who is who, told otherwise: journals without the players' names and words, or with other numbers.

What is known to be a name, a guid, an account, a session or a link is changed by a table, wherever a packet
has it.  Any other text is made unreadable; a journal that was anonymised has nothing that anybody wrote.
"""

import re
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from bluemarble.servers.masking import commands
from bluemarble.sim.commands import COMMANDS, TYPED
from bluemarble.tools.replay.fields import MOVE
from bluemarble.tools.replay.tape import Atom, Tape, from_the_start
from bluemarble.wire.codec import codec
from opcodes.chat import CMSG_MESSAGECHAT
from opcodes.cluster import NMSG_ENTER_WORLD, ItemState
from opcodes.links import NMSG_MOVES
from opcodes.vocab import Packet, Record

GUIDS = {"guid", "target", "friend", "player"}
ACCOUNTS = {"account"}
CIDS, SESSIONS = {"cid"}, {"session"}
NAMES = {"name", "player_name", "target_player", "asked", "new_owner", "character"}
CHANNELS = {"channel", "channel_name"}
ORDERS = frozenset("on off status begin end pkt pcapng".split())  # of commands: no names
LETTER, DIGIT = re.compile(r"[^\W\d_]"), re.compile(r"\d")
MAP_DIGITS = 3
PLAYERS_MOST = 0xFFFFFFFF  # the greatest guid of a player
NAME_LETTERS = 12  # of the longest name that a client takes


class Numbers:
    """What a number is from now on; those that nobody named stay."""

    def __init__(self, table: dict[int, int] | None = None) -> None:
        self.table = table or {}

    def __call__(self, number: int) -> int:
        """The new one."""
        return self.table.get(number, number)


class Seen(Numbers):
    """Changes none, and remembers all that may be a player's: a creature's guid has more bits."""

    def __call__(self, number: int) -> int:
        """The same."""
        if 0 < number <= PLAYERS_MOST:
            self.table[number] = number
        return number

    def in_order(self) -> dict[int, int]:
        """Each of them, and which it is."""
        return dict(zip(sorted(self.table), count(1), strict=False))


class Rewriting:
    """
    @ivar sessions, guids, accounts, cids: number to number.
    @ivar text: of a record, its field and what is in it, what is to be there.
    """

    def __init__(self, text: Callable[[Record, str, str], str]) -> None:
        self.sessions, self.guids = Numbers(), Numbers()
        self.accounts, self.cids = Numbers(), Numbers()
        self.text = text

    def tape(self, tape: Tape) -> Tape:
        """All of a tape without a snapshot."""
        return tape._replace(atoms=[self._atom(it) for it in tape.atoms])

    def _atom(self, atom: Atom) -> Atom:
        form = codec(type(atom.packet))
        packet: Packet = form.decode(form.encode(atom.packet))
        if isinstance(packet, NMSG_MOVES):
            cid, *rest = MOVE.unpack(packet.moves)
            packet.moves = MOVE.pack(self.cids(cid), *rest)
        else:
            self._record(packet)
        return atom._replace(session=self.sessions(atom.session), packet=packet)

    def _record(self, record: Record) -> None:
        for name in type(record).hints:
            if isinstance(getattr(type(record), name, None), property):
                continue  # a count: it follows from its list
            value = getattr(record, name)
            became = self._value(record, name, value)
            if became is not value:
                setattr(record, name, became)

    def _value(self, record: Record, name: str, value: Any) -> Any:
        if isinstance(value, Record):
            self._record(value)
        elif isinstance(value, list):
            return [self._value(record, name, it) for it in value]
        elif isinstance(value, str):
            return self.text(record, name, value) if value else value
        elif isinstance(value, bytes):
            return bytes(len(value))
        elif isinstance(value, dict):  # update fields; the first is whose they are
            return {index: it if index else self.guids(it) for index, it in value.items()}
        elif isinstance(value, int):
            return self._number(record, name, value)
        return value

    def _number(self, record: Record, name: str, value: int) -> int:
        if name in GUIDS and not isinstance(record, ItemState):
            return self.guids(value)
        if name in ACCOUNTS:
            return self.accounts(value)
        if name in SESSIONS:
            return self.sessions(value)
        return self.cids(value) if name in CIDS else value


class Masks:
    """
    Texts of an anonymous journal: names and channels by number, the rest unreadable but as long.

    @param names: of everyone.  @param is_place: whether `.tele` goes somewhere by those words.
    """

    def __init__(self, names: Iterable[str], is_place: Callable[[str], bool]) -> None:
        self._is_place = is_place
        self._names: dict[str, str] = {}
        self._channels: dict[str, str] = {}
        for name in names:
            self.name(name)

    def name(self, name: str) -> str:
        """Somebody's: the same for the same, however it is written."""
        return self._names.setdefault(name.lower(), numbered("Player", len(self._names)))

    def channel(self, name: str) -> str:
        """A channel's, likewise."""
        return self._channels.setdefault(name.lower(), numbered("Channel", len(self._channels)))

    def __call__(self, record: Record, field: str, text: str) -> str:
        """What is to be in a field of a record."""
        if isinstance(record, CMSG_MESSAGECHAT) and field == "message" and commands(record):
            return self._command(text)
        if text.lower() in self._names:
            return self.name(text)
        if field in NAMES:
            return self.name(text)
        if field in CHANNELS:
            return self.channel(text)
        return unreadable(text)

    def _command(self, text: str) -> str:
        """What is commanded stays, and where it leads; whom it is about, and what is no command, does not."""
        typed = TYPED.match(text.strip())
        word, rest = (typed[1], typed[2] or "") if typed else ("", "")
        if not any(it.startswith(word.lower()) for it in COMMANDS):
            return unreadable(text)
        if not self._is_place(rest.strip()):
            rest = " ".join(map(_ordered, rest.split(" ")))
        before, _, _ = text.partition(word)
        return f"{before}{word} {rest}" if typed and typed[2] is not None else f"{before}{word}"


def _ordered(word: str) -> str:
    """A word of a command, if it can be nobody's."""
    plain = word in ORDERS or (word.isdecimal() and len(word) <= MAP_DIGITS)
    return word if plain else unreadable(word)


def unreadable(text: str) -> str:
    """As many bytes, spaces and signs where they were."""
    return "".join(
        "x" * len(it.encode()) if LETTER.match(it) else "0" * len(it.encode()) if DIGIT.match(it) else it
        for it in text
    )


def numbered(word: str, number: int) -> str:
    """A name for a number, of letters only, as clients want them."""
    letters = ""
    while number or not letters:
        number, digit = divmod(number, 26)
        letters = chr(ord("a") + digit) + letters
    return word[: NAME_LETTERS - len(letters)] + letters


def anonymised(tape: Tape, is_place: Callable[[str], bool]) -> Tape:
    """
    Nobody's names, words, accounts and guids; characters keep what they have and where they are.

    It has no snapshot any more: see `from_the_start`.  Guids keep their order.

    @param is_place: as of Masks.
    """
    tape = _greeted(from_the_start(tape))
    rewriting = Rewriting(Masks(tape.cast().names.values(), is_place))
    rewriting.guids, rewriting.accounts = guids, accounts = Seen(), Seen()
    rewriting.tape(tape)  # which numbers there are: friends who never come, too
    rewriting.guids, rewriting.accounts = Numbers(guids.in_order()), Numbers(accounts.in_order())
    return rewriting.tape(tape)


def _greeted(tape: Tape) -> Tape:
    """With another message of the day: who runs the realm wrote it."""
    rules = dict(tape.header.rules)
    if isinstance(lines := rules.get("motd"), list):
        rules["motd"] = [unreadable(it) if isinstance(it, str) else it for it in lines]
    return tape._replace(header=tape.header._replace(rules=rules))


def beside(one: Tape, other: Tape) -> Tape:
    """
    Both at once, from the same first tick; who is in both is somebody else in the second.

    Both are without snapshots then: see `from_the_start`.
    """
    one, other = from_the_start(one), from_the_start(other)
    mine, theirs = one.cast(), other.cast()
    came = [it.packet.character for it in one.atoms if isinstance(it.packet, NMSG_ENTER_WORLD)]
    news = [it.packet.character for it in other.atoms if isinstance(it.packet, NMSG_ENTER_WORLD)]
    names = _others({it.lower() for it in mine.names.values()}, theirs.names.values())
    rewriting = Rewriting(lambda record, field, text: names.get(text.lower(), text))
    used = {it.session for it in one.atoms} - {0}
    rewriting.sessions = Numbers(_apart(used, {it.session for it in other.atoms} - {0}))
    rewriting.guids = Numbers(_apart(set(mine.names), set(theirs.names)))
    rewriting.accounts = Numbers(_apart({it.account for it in came}, {it.account for it in news}))
    rewriting.cids = Numbers(_apart(set(mine.links), set(theirs.links)))
    atoms = sorted([*one.atoms, *rewriting.tape(other).atoms], key=lambda it: it.tick)
    return one._replace(atoms=atoms, last=max(one.last, other.last))


def _apart(used: set[int], numbers: set[int]) -> dict[int, int]:
    """New numbers for those that are used."""
    free = count(max(used | numbers, default=0) + 1)
    return {it: next(free) for it in sorted(used & numbers)}


def _others(used: set[str], names: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    numbers = count()
    taken = used | {it.lower() for it in names}
    for name in sorted({it.lower() for it in names} & used):
        other = next(it for n in numbers if (it := numbered(name.capitalize(), n)).lower() not in taken)
        found[name] = other
    return found


def after(one: Tape, other: Tape) -> Tape:
    """
    One that goes on where the other ends, as a server's next file does.

    @raise ValueError: it does not.
    """
    if other.snapshot is None or other.first > one.last:
        raise ValueError(f"one ends with tick {one.last}, the other begins after {other.first}")
    early = [it for it in one.atoms if it.tick <= other.first]
    return one._replace(atoms=early + other.atoms, last=other.last, cut=other.cut)
