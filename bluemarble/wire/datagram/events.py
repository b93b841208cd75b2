"""
The stream of events: each exactly once and in order, over datagrams that are lost, doubled and late.

Docs/bmu1.md section 4.  What has been lost goes out again, in the same parts; what has arrived does not.
"""

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from bluemarble.wire.datagram.numbers import LOW, read_varint, write_varint
from bluemarble.wire.datagram.sections import PART_BYTES, PARTS_MOST, Event, Fragment, write
from bluemarble.wire.errors import Malformed, TooMuch

IDS_MOST = 256
S2C_BYTES, C2S_BYTES = 131_072, 16_384  # from the oldest unacknowledged event to the newest sent
WAITING_MOST = 1024  # events that wait behind those
FLIGHT_LEAST, FLIGHT_MOST = 2_048, 16_384  # bytes on their way
COPIES = 0x8000  # so many ids before the next awaited are those of copies

Part = tuple[int, int]  # event number, not cut to 16 bits, and part of it


class Message(NamedTuple):
    """What an event says."""

    opcode: int
    body: bytes


class _Waiting:
    """An event that has not arrived whole: its parts' sections, and which have not arrived."""

    __slots__ = ("missing", "sections", "sizes")

    def __init__(self, number: int, raw: bytes) -> None:
        if len(raw) <= PART_BYTES:
            opcode, at = read_varint(raw, 0)
            self.sections = [write(Event(number, opcode, raw[at:]))]
            self.sizes = [len(raw)]
        else:
            parts = [raw[at : at + PART_BYTES] for at in range(0, len(raw), PART_BYTES)]
            self.sections = [
                write(Fragment(number, index, len(parts), part)) for index, part in enumerate(parts)
            ]
            self.sizes = [len(part) for part in parts]
        self.missing = set(range(len(self.sections)))


class Outgoing:
    """
    The sending half.

    @param bytes_limit: S2C_BYTES or C2S_BYTES.
    @ivar flight_bytes: on their way, neither arrived nor lost.
    """

    __slots__ = ("_behind", "_bytes", "_bytes_limit", "_next", "_oldest", "_ready", "_window", "flight_bytes")

    def __init__(self, bytes_limit: int) -> None:
        self._bytes_limit = bytes_limit
        self._behind: deque[bytes] = deque()
        self._window: dict[int, tuple[int, _Waiting]] = {}  # number: size, event; from the oldest unarrived
        self._ready: list[Part] = []  # to be sent now, ascending
        self._oldest = self._next = 0
        self._bytes = self.flight_bytes = 0

    def __len__(self) -> int:
        """Events that have not arrived."""
        return len(self._behind) + sum(bool(event.missing) for _, event in self._window.values())

    def put(self, opcode: int, body: bytes) -> None:
        """
        An event to send.

        @raise ValueError: larger than an event can be.
        @raise TooMuch: so many wait that the other end cannot be listening.
        """
        raw = write_varint(opcode) + body
        if len(raw) > min(PARTS_MOST * PART_BYTES, self._bytes_limit):
            raise ValueError(f"an event of {len(raw)} bytes")
        if len(self._behind) >= WAITING_MOST:
            raise TooMuch("events waiting")
        self._behind.append(raw)
        self._admit()

    def take(self, room: int, flight_limit: int) -> list[tuple[Part, bytes]]:
        """Parts to send now and their sections, of at most `room` bytes together; they are on their way."""
        taken = []
        while self._ready:
            number, index = self._ready[0]
            event = self._window[number][1]
            section, size = event.sections[index], event.sizes[index]
            if len(section) > room or self.flight_bytes + size > flight_limit:
                break
            taken.append((self._ready.pop(0), section))
            room -= len(section)
            self.flight_bytes += size
        return taken

    def sendable(self, flight_limit: int) -> bool:
        """Whether there is anything that `take` would give, had it room."""
        if not self._ready:
            return False
        number, index = self._ready[0]
        return self.flight_bytes + self._window[number][1].sizes[index] <= flight_limit

    def arrived(self, parts: Iterable[Part]) -> None:
        """They have been acknowledged."""
        for number, index in parts:
            event = self._window[number][1]
            self.flight_bytes -= event.sizes[index]
            event.missing.discard(index)
        while self._oldest in self._window and not self._window[self._oldest][1].missing:
            self._bytes -= self._window.pop(self._oldest)[0]
            self._oldest += 1
        self._admit()

    def lost(self, parts: Iterable[Part]) -> None:
        """They go out again."""
        for number, index in parts:
            self.flight_bytes -= self._window[number][1].sizes[index]
            self._ready.append((number, index))
        self._ready.sort()

    def _admit(self) -> None:
        """Number what waits, as far as the limits allow."""
        while self._behind and self._next - self._oldest < IDS_MOST:
            raw = self._behind[0]
            if self._bytes + len(raw) > self._bytes_limit:
                return
            self._behind.popleft()
            event = _Waiting(self._next, raw)
            self._window[self._next] = len(raw), event
            self._ready += [(self._next, index) for index in range(len(event.sections))]
            self._bytes += len(raw)
            self._next += 1


class _Held:
    """An event whose turn has not come: its message once it is whole, until then the parts there are."""

    __slots__ = ("count", "message", "parts", "size")

    def __init__(self, count: int) -> None:
        self.count, self.size = count, 0
        self.parts: dict[int, bytes] = {}
        self.message: Message | None = None


class Incoming:
    """
    The receiving half.

    @param bytes_limit: S2C_BYTES or C2S_BYTES, of what is held until its turn comes.
    """

    __slots__ = ("_bytes", "_bytes_limit", "_held", "_next")

    def __init__(self, bytes_limit: int) -> None:
        self._bytes_limit = bytes_limit
        self._held: dict[int, _Held] = {}
        self._next = self._bytes = 0

    def take(self, section: Event | Fragment) -> list[Message]:
        """
        What may be delivered now that this has come, in order.

        @raise Malformed: no honest sender would have sent it; nothing has changed.
        """
        ahead = section.id - self._next & LOW
        if ahead >= COPIES:
            return []
        if ahead >= IDS_MOST:
            raise Malformed(f"event {ahead} ahead")
        self._hold(self._next + ahead, section)
        out = []
        while (first := self._held.get(self._next)) and first.message is not None:
            out.append(first.message)
            self._bytes -= first.size
            del self._held[self._next]
            self._next += 1
        return out

    def _hold(self, number: int, section: Event | Fragment) -> None:
        count, index, data = 1, 0, section[-1]
        if isinstance(section, Fragment):
            count, index = section.parts, section.part
        held = self._held.get(number) or _Held(count)
        if held.count != count:
            raise Malformed(f"event {section.id} in {held.count} parts and in {count}")
        if held.message is not None or index in held.parts:
            return
        if self._bytes + len(data) > self._bytes_limit:
            raise Malformed("events of too many bytes")
        message = None
        if isinstance(section, Event):
            message = Message(section.opcode, data)
        elif len(held.parts) == count - 1:
            raw = b"".join((held.parts | {index: data})[i] for i in range(count))
            opcode, at = read_varint(raw, 0)
            message = Message(opcode, raw[at:])
        held.size += len(data)
        self._bytes += len(data)
        if message is None:
            held.parts[index] = data
        else:
            held.message = message
            held.parts.clear()
        self._held[number] = held
