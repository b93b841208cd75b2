"""Which of a capture's packets somebody asks for."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, NamedTuple

from bluemarble.tools.packets.decoding import decoded, name_of
from bluemarble.tools.packets.fields import Wide, plain
from bluemarble.tools.packets.overheard import Datagram, packet_of
from bluemarble.tools.packets.saying import Said
from bluemarble.wire.captures.record import US, Captured


class Choice(NamedTuple):
    """
    What a packet must be to be shown, counted or converted; what is empty or None asks for nothing.

    @ivar opcodes: names with * and ?, or numbers: one of them; of a datagram's sections, too.
    @ivar without: the same: none of them.
    @ivar connections: one of these sessions.
    @ivar from_client: who sent it.
    @ivar after_s, before_s: seconds since the capture's first packet: not before, and before.
    @ivar values: each is a field's value, anywhere in the packet; a number in any notation, or a text.
    @ivar faulty: only what could not be taken apart.
    """

    opcodes: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    connections: tuple[int, ...] = ()
    from_client: bool | None = None
    after_s: float | None = None
    before_s: float | None = None
    values: tuple[str, ...] = ()
    faulty: bool = False

    def takes(self, captured: Captured, first_us: int) -> bool:
        """
        Whether it is asked for.

        @param first_us: when the capture begins.
        """
        if not self._meets(captured, first_us) or not self._named(name_of(captured), captured.opcode):
            return False
        return not (self.values or self.faulty) or self._says(captured)

    def part(self, datagram: Datagram, first_us: int) -> Datagram | None:
        """
        A datagram with those of its sections that are asked for, or None when it is not.

        @param first_us: as of `takes`.
        """
        if not self._meets(datagram, first_us):
            return None
        said = tuple(it for it in datagram.said if self._tells(datagram, it))
        wanted = bool(self.opcodes or self.values) or (self.faulty and not datagram.fault)
        if not said and (wanted or datagram.said):
            return None
        return datagram._replace(said=said)

    def _tells(self, datagram: Datagram, said: Said) -> bool:
        packet = packet_of(datagram, said)
        if packet is not None:
            named = self._named(name_of(packet), packet.opcode) or self._named(said.name, packet.opcode)
            return named and (not (self.values or self.faulty) or self._says(packet))
        if not self._named(said.name, None) or (self.faulty and not said.fault):
            return False
        found = set(_leaves(said.fields)) if self.values else set()
        return all(_number(value) in found or value in found for value in self.values)

    def _meets(self, it: Captured | Datagram, first_us: int) -> bool:
        """When it was, and whose it is."""
        at_s = (it.time_us - first_us) / US
        if self.connections and it.connection not in self.connections:
            return False
        if self.from_client not in (None, it.from_client):
            return False
        return (self.after_s is None or at_s >= self.after_s) and (
            self.before_s is None or at_s < self.before_s
        )

    def _named(self, name: str, opcode: int | None) -> bool:
        if self.opcodes and not _among(self.opcodes, name, opcode):
            return False
        return not (self.without and _among(self.without, name, opcode))

    def _says(self, captured: Captured) -> bool:
        it = decoded(captured)
        if self.faulty and it.packet is not None:
            return False
        if not self.values:
            return True
        found = set(_leaves(plain(it.packet))) if it.packet is not None else set()
        return all(_number(value) in found or value in found for value in self.values)


@lru_cache(1 << 12)
def _among(patterns: Iterable[str], name: str, opcode: int | None) -> bool:
    return any(
        (opcode is not None and _number(pattern) == opcode) or fnmatchcase(name, pattern.upper())
        for pattern in patterns
    )


@lru_cache(1 << 10)
def _number(text: str) -> int | None:
    """A number as Python writes one, or as people do: "0x1DC", "476", "-3"."""
    return int(text, 0) if re.fullmatch(r"-?(0[xX][0-9a-fA-F]{1,16}|[1-9][0-9]{0,19}|0)", text) else None


def _leaves(value: Any) -> Iterable[Any]:
    """Every number and text in it; a guid as its number."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    else:
        yield int(value, 16) if isinstance(value, Wide) else value
