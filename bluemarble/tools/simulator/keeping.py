"""Account data: what clients have the server keep for them, and what they are given back."""

import random
import zlib
from pathlib import Path
from typing import NamedTuple

from bluemarble.client.player import Player
from bluemarble.tools.simulator.ledger import Found, opened
from opcodes.session import (
    ACCOUNT_DATA_KINDS,
    CMSG_READY_FOR_ACCOUNT_DATA_TIMES,
    CMSG_REQUEST_ACCOUNT_DATA,
    CMSG_UPDATE_ACCOUNT_DATA,
    GLOBAL_CACHE_MASK,
    SMSG_ACCOUNT_DATA_TIMES,
    SMSG_UPDATE_ACCOUNT_DATA,
    SMSG_UPDATE_ACCOUNT_DATA_COMPLETE,
)
from opcodes.vocab import Packet

INVARIANT = "account data is kept"
FORGETS = 0.1  # of what is sent: nothing, so that what is there is forgotten
OFTEN = (1, 100)  # its words are said so often, that some of it is long


class Whose(NamedTuple):
    """
    One kind of one account's or character's data.

    @ivar table, column: where it is kept; @ivar owner: the account's id or the character's guid.
    """

    table: str
    column: str
    owner: int
    kind: int


class Datum(NamedTuple):
    """A version of it: unix time and words."""

    time: int
    data: bytes


NOTHING = Datum(0, b"")


def whose(kind: int, account: int, guid: int) -> Whose:
    """Whom a kind of data belongs to."""
    if GLOBAL_CACHE_MASK >> kind & 1:
        return Whose("account_data", "accountId", account, kind)
    return Whose("character_account_data", "guid", guid, kind)


class Kept:
    """
    Every version that was sent, and which must be there at least: what is given back is that or a newer one.

    @ivar checked: how often something was given back.
    """

    def __init__(self, found: Found) -> None:
        self._found = found
        self._versions: dict[Whose, list[Datum]] = {}
        self._least: dict[Whose, int] = {}
        self.checked = 0

    def sent(self, to: Whose, datum: Datum) -> int:
        """A client wants this kept; hand the number to `acknowledged` when it is told that it is."""
        versions = self._versions.setdefault(to, [NOTHING])
        versions.append(datum)
        return len(versions) - 1

    def acknowledged(self, to: Whose, number: int) -> None:
        """It is kept, says the server."""
        self._least[to] = max(self.least(to), number)

    def least(self, to: Whose) -> int:
        """The number of the version that is there now, if no newer one is."""
        return self._least.get(to, 0)

    def given(self, to: Whose, guid: int, datum: Datum, least: int, who: str) -> None:
        """A client that asked for it while `least` was there has been given this, as a character's or not."""
        if guid == (to.owner if to.column == "guid" else 0):
            self._check(to, [*self._since(to, least)], datum, who)
        elif guid:  # without one the character had just left
            self._found(INVARIANT, f"{who} asks for {to} and is given what is of character {guid}")

    def told(self, to: Whose, time: int, least: int, who: str) -> None:
        """A client has been told that it is as old as that."""
        self._check(to, [version.time for version in self._since(to, least)], time, who)

    def _since(self, to: Whose, least: int) -> list[Datum]:
        return self._versions.get(to, [NOTHING])[min(least, self.least(to)) :]

    def _check(self, to: Whose, possible: list[object], found: object, who: str) -> None:
        self.checked += 1
        if found not in possible:
            words = f"{who} is given {str(found)[:80]} of {to}, not {str(possible[0])[:80]}"
            self._found(INVARIANT, words)

    def reopened(self, folder: Path, *, certain: bool) -> None:
        """
        Another server begins: what it has is what is in the database.

        @param certain: it has written all that the last one left to it.
        """
        with opened(folder) as conn:
            for to, versions in self._versions.items():
                if not certain:
                    self._least[to] = 0
                    continue
                table, column, owner, kind = to
                query = f"SELECT `time`, `data` FROM `{table}` WHERE `{column}` = ? AND `type` = ?"
                row = conn.execute(query, (owner, kind)).fetchone()
                there = Datum(row["time"], bytes(row["data"])) if row else NOTHING
                if there not in versions:
                    self._found(INVARIANT, f"{to}: {there} is in the database, which nobody sent")
                    continue
                self._least[to] = max(n for n, version in enumerate(versions) if version == there)
                del versions[self._least[to] + 1 :]


class Keepsakes:
    """
    What one client has the server keep, and asks for: of each kind one thing at a time.

    @param account: the account's id; @param first: of its times, which no other client's are like.
    """

    def __init__(self, kept: Kept, account: int, first: int, who: str) -> None:
        self._kept, self._account, self._first, self._who = kept, account, first, who
        self._count = 0
        self._storing: dict[int, tuple[Whose, int]] = {}
        self._asking: dict[int, tuple[Whose, int]] = {}
        self._least: dict[Whose, int] = {}  # when this connection began

    def begin(self) -> None:
        """A connection begins: what was said over the last one is over."""
        self._storing.clear()
        self._asking.clear()
        everything = (whose(kind, self._account, 0) for kind in range(ACCOUNT_DATA_KINDS))
        self._least = {to: self._kept.least(to) for to in everything if to.owner}

    def entered(self, guid: int) -> None:
        """As that character, of whose data nothing is on its way."""
        for kind in range(ACCOUNT_DATA_KINDS):
            to = whose(kind, self._account, guid)
            if to.column == "guid":
                self._storing.pop(kind, None)
                self._asking.pop(kind, None)
                self._least[to] = self._kept.least(to)

    def store(self, player: Player, chance: random.Random) -> None:
        """Have something kept, or forgotten."""
        kind = chance.randrange(ACCOUNT_DATA_KINDS)
        if kind in self._storing:
            return
        self._count += 1
        words = f"{self._who} {kind} {self._count} ".encode() * chance.choice(OFTEN)
        datum = NOTHING if chance.random() < FORGETS else Datum(self._first + self._count, words)
        to = whose(kind, self._account, player.world.guid)
        self._storing[kind] = to, self._kept.sent(to, datum)
        player.send(
            CMSG_UPDATE_ACCOUNT_DATA(
                data_type=kind,
                unix_time=datum.time,
                decompressed_size=len(datum.data),
                compressed_data=zlib.compress(datum.data) if datum.data else b"",
            )
        )

    def recall(self, player: Player, chance: random.Random) -> None:
        """Ask for something, or for the times of all."""
        kind = chance.randrange(ACCOUNT_DATA_KINDS + 1)
        if kind == ACCOUNT_DATA_KINDS:
            player.send(CMSG_READY_FOR_ACCOUNT_DATA_TIMES())
        elif kind not in self._asking:
            to = whose(kind, self._account, player.world.guid)
            self._asking[kind] = to, self._kept.least(to)
            player.send(CMSG_REQUEST_ACCOUNT_DATA(data_type=kind))

    def heard(self, packet: Packet, guid: int) -> None:
        """What the server says, to one who plays that character."""
        match packet:
            case SMSG_UPDATE_ACCOUNT_DATA_COMPLETE(data_type=kind) if kind in self._storing:
                to, number = self._storing.pop(kind)
                self._kept.acknowledged(to, number)
                self._least[to] = number
            case SMSG_UPDATE_ACCOUNT_DATA(data_type=kind) if kind in self._asking:
                to, least = self._asking.pop(kind)
                data = zlib.decompress(packet.compressed_data) if packet.compressed_data else b""
                self._kept.given(to, packet.guid, Datum(packet.unix_time, data), least, self._who)
            case SMSG_ACCOUNT_DATA_TIMES(mask=mask, times=times):
                kinds = [kind for kind in range(ACCOUNT_DATA_KINDS) if mask >> kind & 1]
                for kind, time in zip(kinds, times, strict=True):
                    to = whose(kind, self._account, guid)
                    self._kept.told(to, time, self._least.get(to, 0), self._who)
