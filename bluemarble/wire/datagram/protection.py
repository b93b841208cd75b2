"""
Both directions' packet numbers, generations of keys and replay window: docs/bmu1.md sections 2 and 3.

A Sealer never uses a number twice, an Opener opens none twice.
"""

from typing import NamedTuple

from bluemarble.wire.datagram import keys, packet
from bluemarble.wire.datagram.numbers import expanded
from bluemarble.wire.datagram.window import Window

UPDATE_NUMBERS = 1 << 22
UPDATE_US = 3600 * 1_000_000


class Opened(NamedTuple):
    """What a datagram held; `newest`: its number is the highest so far."""

    number: int
    plaintext: bytes
    newest: bool


class Sealer:
    """
    One direction's sending half.

    @param update_numbers, update_us: how much, or how long, before new keys are due.
    @ivar number: the next packet number.
    @ivar generation: the keys in use.
    """

    __slots__ = (
        "_aead",
        "_began_us",
        "_cid",
        "_first",
        "_header_key",
        "_proven",
        "_to_server",
        "_update_numbers",
        "_update_us",
        "generation",
        "number",
    )

    def __init__(
        self,
        aead: int,
        direction: keys.Direction,
        cid: int,
        to_server: bool,
        now_us: int,
        update_numbers: int = UPDATE_NUMBERS,
        update_us: int = UPDATE_US,
    ) -> None:
        self._aead, self._header_key, self._cid, self._to_server = aead, direction.header, cid, to_server
        self._update_numbers, self._update_us = update_numbers, update_us
        self.generation = keys.generation(aead, direction.secret)
        self.number = self._first = 0
        self._began_us = now_us
        self._proven = False

    def seal(self, plaintext: bytes, now_us: int) -> bytes:
        """The datagram of the next number; with new keys if they are due and the other end has these."""
        aged = now_us - self._began_us >= self._update_us
        if self._proven and (aged or self.number - self._first >= self._update_numbers):
            self.generation = keys.following(self._aead, self.generation)
            self._first, self._began_us, self._proven = self.number, now_us, False
        datagram = packet.seal(
            self._aead,
            self._header_key,
            self.generation,
            self.number,
            self._cid,
            plaintext,
            self._to_server,
        )
        self.number += 1
        return datagram

    def acknowledged(self, number: int) -> None:
        """The other end has received that one: if it is of this generation, the next may follow."""
        self._proven = self._proven or number >= self._first


class Opener:
    """
    One direction's receiving half.

    @ivar window: what has come.
    @ivar generation: the newest keys something has opened with.
    @ivar short, header, foreign, replayed, forged: how many datagrams were dropped because they had no
        possible size, other fixed or version bits, another link's id, an old number, or did not open.
    """

    __slots__ = (
        "_aead",
        "_after",
        "_before",
        "_cid",
        "_header_key",
        "_to_server",
        "foreign",
        "forged",
        "generation",
        "header",
        "replayed",
        "short",
        "window",
    )

    def __init__(self, aead: int, direction: keys.Direction, cid: int, to_server: bool) -> None:
        self._aead, self._header_key, self._cid, self._to_server = aead, direction.header, cid, to_server
        self.window = Window()
        self._before: keys.Generation | None = None
        self.generation = keys.generation(aead, direction.secret)
        self._after = keys.following(aead, self.generation)
        self.short = self.header = self.foreign = self.replayed = self.forged = 0

    def open(self, datagram: bytes) -> Opened | None:
        """What it holds; None for one that is to be dropped, which is counted and changes nothing else."""
        least = packet.overhead(self._to_server) + packet.PLAIN_LEAST
        if not least <= len(datagram) <= packet.DATAGRAM_MOST:
            self.short += 1
            return None
        if datagram[0] & packet.FLAGS_MASK != packet.FLAGS:
            self.header += 1
            return None
        if self._to_server and packet.cid_of(datagram) != self._cid:
            self.foreign += 1
            return None
        header = packet.unprotected(self._aead, self._header_key, datagram, self._to_server)
        number = expanded(header.low, self.window.highest + 1)
        if not self.window.fresh(number):
            self.replayed += 1
            return None
        generation = self._generation(header.phase, number)
        plaintext = generation and packet.opened(
            generation, header, number, self._cid, datagram, self._to_server
        )
        if generation is None or plaintext is None:
            self.forged += 1
            return None
        if generation.number > self.generation.number:
            self._before, self.generation = self.generation, generation
            self._after = keys.following(self._aead, generation)
        return Opened(number, plaintext, self.window.add(number))

    def _generation(self, phase: int, number: int) -> keys.Generation | None:
        if phase == self.generation.number & 1:
            return self.generation
        return self._after if number > self.window.highest else self._before
