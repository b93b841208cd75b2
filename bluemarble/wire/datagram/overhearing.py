"""
One direction of a link, read by somebody who has its secret: of a recording, which may begin anywhere.

As `protection.Opener`, but for one who does not know to which packet number and generation of keys the link
has come when the recording begins, or goes on after a gap.
"""

from collections.abc import Iterator
from typing import NamedTuple

from bluemarble.wire.datagram import keys, packet
from bluemarble.wire.datagram.numbers import LOW, expanded
from bluemarble.wire.datagram.window import Window

SEARCHES = 8  # in vain, until one datagram opens
SEARCHED_GENERATIONS = 26  # at an hour each, a day
SEARCHED_ROUNDS = 4  # of 2^16 numbers, for each of those


class Heard(NamedTuple):
    """
    What a datagram held.

    @ivar number, generation: of the packet, and of its keys.
    @ivar again: that number has been opened before, or is too old to tell.
    """

    number: int
    generation: int
    plaintext: bytes
    again: bool


class Listener:
    """
    @param secret: of generation 0, 32 bytes; @param to_server: it is the client's direction.
    @ivar highest: packet number so far, -1: none.
    """

    __slots__ = (
        "_aead",
        "_after",
        "_before",
        "_cid",
        "_header_key",
        "_now",
        "_searches",
        "_to_server",
        "_window",
    )

    def __init__(self, aead: int, secret: bytes, cid: int, to_server: bool) -> None:
        self._aead, self._cid, self._to_server = aead, cid, to_server
        self._header_key = keys.direction(aead, secret).header
        self._window = Window()
        self._before: keys.Generation | None = None
        self._now = keys.generation(aead, secret)
        self._after = keys.following(aead, self._now)
        self._searches = SEARCHES

    @property
    def highest(self) -> int:
        """The highest packet number that has been opened; -1: none."""
        return self._window.highest

    def open(self, datagram: bytes, search: bool = True) -> Heard | None:
        """
        What it holds; None: it is none of this link's and direction's, and nothing has changed.

        @param search: if it does not open as the next one would, see whether it is much later.
        """
        least = packet.overhead(self._to_server) + packet.PLAIN_LEAST
        if (
            not least <= len(datagram) <= packet.DATAGRAM_MOST
            or datagram[0] & packet.FLAGS_MASK != packet.FLAGS
        ):
            return None
        header = packet.unprotected(self._aead, self._header_key, datagram, self._to_server)
        number = expanded(header.low, self._window.highest + 1)
        generation = self._generation(header.phase, number)
        plaintext = generation and self._opened(generation, header, number, datagram)
        if generation is not None and plaintext is not None:
            if generation.number > self._now.number:
                self._before, self._now = self._now, generation
                self._after = keys.following(self._aead, generation)
        elif search and self._searches:
            self._searches -= 1
            for before, later, at in self._later(header):
                plaintext = self._opened(later, header, at, datagram)
                if plaintext is not None:
                    self._before, self._now, generation, number = before, later, later, at
                    self._after = keys.following(self._aead, later)
                    break
        if generation is None or plaintext is None:
            return None
        self._searches = SEARCHES
        again = not self._window.fresh(number)
        if not again:
            self._window.add(number)
        return Heard(number, generation.number, plaintext, again)

    def _opened(
        self, generation: keys.Generation, header: packet.Header, number: int, datagram: bytes
    ) -> bytes | None:
        return packet.opened(generation, header, number, self._cid, datagram, self._to_server)

    def _generation(self, phase: int, number: int) -> keys.Generation | None:
        if phase == self._now.number & 1:
            return self._now
        return self._after if number > self._window.highest else self._before

    def _later(self, header: packet.Header) -> Iterator[tuple[keys.Generation | None, keys.Generation, int]]:
        """Generations with the one before each, and numbers, that a later datagram may have."""
        first = (self._window.highest + 1) & ~LOW
        before, generation = self._before, self._now
        for ahead in range(SEARCHED_GENERATIONS):
            if header.phase == generation.number & 1:
                for round_ in range(SEARCHED_ROUNDS * (ahead + 1)):
                    yield before, generation, first + (round_ << 16) + header.low
            before, generation = generation, keys.following(self._aead, generation)
