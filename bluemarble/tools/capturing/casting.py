"""A role in the words of whoever plays it: other guids, other names, another place, another clock."""

from collections.abc import Mapping
from typing import Any

import opcodes
from bluemarble.tools.capturing.roles import Place, place_told
from bluemarble.tools.packets.decoding import decoded
from bluemarble.wire.captures.record import Captured
from bluemarble.wire.codec import codec
from opcodes.vocab import PackedGuid, Record, wire_form
from opcodes.wire_forms import WholeOrPacked


class Casting:
    """
    Translates one role.

    @param guids: the recorded players' to those who play them; @param names: likewise.
    @param place: where the player stands.
    @param aside: yards along x that it keeps from there.
    @ivar moved: whether places differ from the recorded ones.
    """

    def __init__(
        self, guids: Mapping[int, int], names: Mapping[str, str], place: Place, aside: float = 0.0
    ) -> None:
        self._guids, self._names, self._aside = guids, names, aside
        self._theirs: Place | None = None
        self._ours = place
        self.moved = bool(aside)

    def put(self, place: Place) -> None:
        """The server has put the player there."""
        self._ours = place

    def said(self, captured: Captured, now_ms: int) -> tuple[int, bytes] | None:
        """
        Opcode and body of what the player says; None for what it does not.

        What has no definition, or is not as its definition says, is said as it was.
        """
        if not captured.from_client:
            self._theirs = place_told(captured)
            return None
        packet: Any = decoded(captured).packet
        if packet is None:
            return captured.opcode, captured.body
        self._translate(packet)
        for record in (packet, packet.get("info")):
            if record is not None and {"x", "y", "z", "timestamp"} <= set(type(record).hints):
                self._move(record)
                record.timestamp = now_ms & 0xFFFF_FFFF
        version = opcodes.version(captured.build)
        return captured.opcode, codec(version.layout(type(packet), received=True)).encode(packet)

    def _move(self, record: Any) -> None:
        theirs = self._theirs or (record.x, record.y, record.z)
        self._theirs = theirs
        away = [ours - their for ours, their in zip(self._ours, theirs, strict=True)]
        away[0] += self._aside
        self.moved = self.moved or any(away)
        record.x, record.y, record.z = record.x + away[0], record.y + away[1], record.z + away[2]

    def _translate(self, record: Record) -> None:
        for name, hint in type(record).hints.items():
            value, form = getattr(record, name), wire_form(hint)
            if isinstance(value, list):
                setattr(record, name, [self._value(each, form) for each in value])
            else:
                setattr(record, name, self._value(value, form))

    def _value(self, value: Any, form: Any) -> Any:
        if isinstance(value, Record):
            self._translate(value)
        elif isinstance(value, str):
            return self._names.get(value, value)
        elif isinstance(value, int) and _names_somebody(form):
            return self._guids.get(value, value)
        return value


def _names_somebody(form: Any) -> bool:
    return isinstance(form, PackedGuid | WholeOrPacked) or getattr(form, "fmtstr", "")[1:] == "Q"
