"""What was promised, kept beside the server: streams in order and once, rows saved, things owned."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import opcodes
from bluemarble.db.batch import Batch
from bluemarble.rows import Write, table
from bluemarble.wire.codec import codec
from opcodes.channels import SMSG_CHANNEL_NOTIFY
from opcodes.chat import SMSG_EMOTE, SMSG_MESSAGECHAT, SMSG_TEXT_EMOTE
from opcodes.movement import Movement
from opcodes.objects import SMSG_DESTROY_OBJECT
from opcodes.orders import SMSG_MONSTER_MOVE
from opcodes.social import SMSG_FRIEND_STATUS
from opcodes.vocab import Packet

VERSION = opcodes.version(12340)
FOLLOWED = (
    SMSG_MESSAGECHAT,
    SMSG_EMOTE,
    SMSG_TEXT_EMOTE,
    SMSG_CHANNEL_NOTIFY,
    SMSG_FRIEND_STATUS,
    SMSG_DESTROY_OBJECT,
    SMSG_MONSTER_MOVE,
    Movement,
)

NOT_KEPT = ("online",)  # is set anew at each start

Peer = tuple[str, int]  # a connection, by the client's address


class Finding(NamedTuple):
    """
    An invariant that does not hold.

    @ivar name: which; @ivar at_s: when, from the beginning; @ivar words: what was seen.
    """

    name: str
    at_s: float
    words: str

    def __str__(self) -> str:
        return f"{self.name}, after {self.at_s:.3f} s: {self.words}"


Found = Callable[[str, str], None]


class Streams:
    """
    What the simulation said to each connection, against what arrives there: the same, in order, once.

    Of a connection that ends the rest may be missing.
    """

    def __init__(self, found: Found) -> None:
        self._found = found
        self._said: dict[Peer, deque[bytes]] = {}
        self.checked = 0

    def said(self, to: Peer, packet: Packet) -> None:
        """The simulation says this to that connection."""
        if isinstance(packet, FOLLOWED):
            for form in VERSION.forms(packet):
                self._said.setdefault(to, deque()).append(_told(form))

    def heard(self, at: Peer, packet: Packet, who: str) -> None:
        """This has arrived."""
        if not isinstance(packet, FOLLOWED):
            return
        self.checked += 1
        waiting = self._said.get(at)
        told = _told(packet)
        if not waiting:
            self._found("said once, in order", f"{who} hears what nobody said: {packet}")
        elif (expected := waiting.popleft()) != told:
            again = "again " if told not in waiting else "before its turn "
            self._found("said once, in order", f"{who} hears {again}{packet}; expected {expected[:80]!r}")

    def over(self, at: Peer) -> None:
        """The connection has ended."""
        self._said.pop(at, None)


def _told(packet: Any) -> bytes:
    cls = type(packet)
    return cls.__name__.encode() + b" " + codec(VERSION.layout(cls)).encode(packet)


class Events:
    """
    Numbered events over datagram links: each once and in order; and, while a link lives, every one.

    Of the server's the links are known by its number and their cid, of a client's by its own and their count.
    """

    def __init__(self, name: str, found: Found) -> None:
        self._name, self._found = name, found
        self.said: dict[tuple[int, int], int] = {}  # server and cid: the last number
        self.heard: dict[tuple[int, int], int] = {}

    def next(self, server: int, cid: int) -> str:
        """What is to be said next on that link."""
        number = self.said[server, cid] = self.said.get((server, cid), 0) + 1
        return f"event {server} {cid} {number}"

    def unsaid(self, server: int, cid: int) -> None:
        """The last one was not said after all."""
        self.said[server, cid] -= 1

    def take(self, line: str, who: str) -> None:
        """One has been heard."""
        server, cid, number = map(int, line.split()[1:])
        expected = self.heard.get((server, cid), 0) + 1
        if number != expected:
            self._found(self._name, f"{who} hears {number} after {expected - 1}, link {cid:#x}")
        self.heard[server, cid] = number


class _Row:
    """Every version of a row that was asked for; which one is known to be written."""

    def __init__(self) -> None:
        self.versions: list[dict[str, Any] | None] = []
        self.acknowledged = -1


Key = tuple[str, tuple[tuple[str, Any], ...]]  # table; columns and values of the primary key
Asked = list[tuple[Key, int]]  # rows, and the number of the version that was asked for


class Saves:
    """
    Rows that were to be written, and those of which the server was told that they are.

    Whatever happens, the database holds for each row what was last acknowledged, or something newer; while
    it is away, the outage's journal does.

    @ivar uncertain: a server has died, and what it was not told of may or may not come yet.
    """

    def __init__(self, found: Found) -> None:
        self._found = found
        self._rows: dict[Key, _Row] = {}
        self.acknowledged = 0
        self.uncertain = False

    def asked(self, writes: Sequence[Write]) -> Asked:
        """The server wants these written; hand the answer to `kept` when it is told that they are."""
        asked = []
        for write in writes:
            key = table(write.table), tuple(sorted(write.key.items()))
            row = self._rows.setdefault(key, _Row())
            before = row.versions[-1] if row.versions else {}
            after = None if write.values is None else {**(before or {}), **write.values}
            row.versions.append(after)
            asked.append((key, len(row.versions) - 1))
        return asked

    def kept(self, asked: Asked) -> None:
        """The server, or a player, has been told that they are written."""
        for key, number in asked:
            self._rows[key].acknowledged = max(self._rows[key].acknowledged, number)
            self.acknowledged += 1

    def put_away(self, batch: Batch) -> None:
        """The outage's journal holds these: as good as written, to whoever comes after."""
        for row in batch.rows.values():
            known = self._rows.get((row.table, tuple(sorted(row.key.items()))))
            if known is not None:
                for number in range(len(known.versions) - 1, known.acknowledged, -1):
                    if _is(row.values, known.versions[number], partly=True):
                        known.acknowledged = number
                        break

    def verify(self, asked: Asked, folder: Path) -> None:
        """They are there, or something newer."""
        with opened(folder) as conn:
            for key, number in asked:
                self._verify(conn, key, number)

    def check(self, folder: Path, *, all_of_it: bool = False) -> None:
        """
        Look into the database.

        @param all_of_it: everything that was asked for must be there, acknowledged or not.
        """
        with opened(folder) as conn:
            for key, row in self._rows.items():
                first = len(row.versions) - 1 if all_of_it else row.acknowledged
                if first >= 0:
                    self._verify(conn, key, first)

    def _verify(self, conn: sqlite3.Connection, key: Key, first: int) -> None:
        found, wanted = _row(conn, key), self._rows[key].versions[first:]
        if not any(_is(found, version) for version in wanted):
            self._found("saves are kept", f"{key[0]} {dict(key[1])}: {_differing(found, wanted)}")

    def forget_unwritten(self, folder: Path) -> None:
        """A server has died: what it was not told of may or may not have come so far; what is there is it."""
        with opened(folder) as conn:
            for key, row in self._rows.items():
                found, at = _row(conn, key), len(row.versions) - 1
                while at > row.acknowledged and not _is(found, row.versions[at]):
                    at -= 1
                del row.versions[at + 1 :]
                if at < 0:
                    row.versions, row.acknowledged = [], -1

    def loaded(self, guid: int, values: dict[str, Any], who: str) -> None:
        """A character comes into the world: as it was last saved."""
        row = self._rows.get(("characters", (("guid", guid),)))
        if row is None or not row.versions or (self.uncertain and row.acknowledged < 0):
            return
        possible = row.versions[max(row.acknowledged, 0) if self.uncertain else -1 :]
        last = row.versions[-1] or {}
        differing = {
            name: (values[name], last.get(name)) for name in values if last.get(name) != values[name]
        }
        if not any(it is not None and all(it[name] == values[name] for name in values) for it in possible):
            self._found("characters enter as they were saved", f"{who}: {differing}")

    def came(self, name: str, owner: dict[str, Any], there: list[dict[str, Any]], who: str) -> None:
        """Rows of a table came in with their owner: they are as they were last saved, and none is missing."""
        for (of, columns), row in self._rows.items():
            key = dict(columns)
            if of != name or not row.versions or not owner.items() <= key.items():
                continue
            if self.uncertain and row.acknowledged < 0:
                continue
            rest = key.items() - owner.items()
            found = next((it for it in there if rest <= it.items()), None)
            possible = row.versions[max(row.acknowledged, 0) if self.uncertain else -1 :]
            if not any(_is(found, version) for version in possible):
                differing = f"{name} {key}: {found}, not {row.versions[-1]}"
                self._found("characters enter as they were saved", f"{who}: {differing}")


def _row(conn: sqlite3.Connection, key: Key) -> Any:
    name, columns = key
    where = " AND ".join(f"`{column}` = ?" for column, _ in columns)
    return conn.execute(f"SELECT * FROM `{name}` WHERE {where}", [value for _, value in columns]).fetchone()


def _is(found: Any, version: dict[str, Any] | None, *, partly: bool = False) -> bool:
    """Whether a row is that version; `partly`: as far as it says."""
    if found is None or version is None:
        return found is None and version is None
    named = (column for column in version if column not in NOT_KEPT and (not partly or column in found))
    return all(found[column] == version[column] for column in named)


def _differing(found: Any, wanted: list[dict[str, Any] | None]) -> str:
    if found is None or wanted[0] is None:
        return "it is not there" if found is None else "it is there"
    newest, columns = wanted[0], found.keys()
    return ", ".join(
        f"{c}: {found[c]}, not {newest[c]}" for c in columns if found[c] != newest.get(c, found[c])
    )


class Belongings:
    """Money and items of every character: nobody here can make any, lose any or give any away."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._known: dict[int, tuple[int, tuple[tuple[int, ...], ...]]] = {}

    def owned(self, guid: int, money: int, items: tuple[tuple[int, ...], ...], who: str) -> None:
        """A character has that: guid, entry, count of each item."""
        known = self._known.setdefault(guid, (money, items))
        if known != (money, items):
            self._found("nothing is made or lost", f"{who}: {known} has become {(money, items)}")

    def check(self, folder: Path) -> None:
        """Look into the database."""
        with opened(folder) as conn:
            items: dict[int, list[tuple[int, ...]]] = {}
            for owner, *item in conn.execute(
                "SELECT i.owner_guid, i.guid, i.itemEntry, i.count FROM item_instance AS i "
                "JOIN character_inventory AS c ON c.item = i.guid AND c.guid = i.owner_guid ORDER BY i.guid"
            ):
                items.setdefault(owner, []).append(tuple(item))
            for guid, money, account in conn.execute("SELECT guid, money, account FROM characters"):
                if account:
                    self.owned(guid, money, tuple(items.get(guid, ())), f"character {guid} in the database")
            lost = conn.execute(
                "SELECT i.guid FROM item_instance AS i LEFT JOIN character_inventory AS c "
                "ON c.item = i.guid AND c.guid = i.owner_guid WHERE c.item IS NULL AND i.owner_guid <> 0 "
                "UNION SELECT c.item FROM character_inventory AS c LEFT JOIN item_instance AS i "
                "ON i.guid = c.item AND i.owner_guid = c.guid WHERE i.guid IS NULL"
            ).fetchall()
            if lost:
                self._found(
                    "nothing is made or lost", f"items that nobody owns alone: {[it[0] for it in lost]}"
                )


class Characters:
    """Characters that a client was told to have made: they are there."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self.made: dict[str, str] = {}  # name: who was told

    def check(self, folder: Path) -> None:
        """Look into the database."""
        with opened(folder) as conn:
            there = {name for (name,) in conn.execute("SELECT name FROM characters WHERE account <> 0")}
        for name, who in self.made.items():
            if name not in there:
                self._found("what was made is there", f"{who} was told that {name} is made")


@contextmanager
def opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """The characters database, for reading, beside whoever has it open."""
    with closing(sqlite3.connect(f"file:{folder}/characters.sqlite?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection
