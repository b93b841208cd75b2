"""What of a recording's datagrams fits packets, for files that hold nothing else."""

from collections import Counter
from collections.abc import Iterator

import opcodes
from bluemarble.tools.packets.decoding import NATIVE
from bluemarble.tools.packets.overheard import Datagram, Overheard, packet_of
from bluemarble.tools.packets.saying import FRAGMENT, INPUTS, Said
from bluemarble.wire.captures.record import Captured
from bluemarble.wire.codec import codec
from bluemarble.wire.datagram.numbers import LOW
from opcodes.links import NMSG_MOVES
from opcodes.snapshot import Move, row

MOVES = opcodes.native().numbers[NMSG_MOVES]
HALF = 0x8000
_MOVE = row(Move)


class Distilled:
    """
    The packets of a recording: those in clear, events, each once, and inputs, each once, as NMSG_MOVES.

    A session's number is the link's cid.  `lost` counts the rest: what the server shows of the world, and
    what keeps the link going.
    """

    def __init__(self, source: Overheard) -> None:
        self._source, self.notes = source, source.notes
        self._left: Counter[str] = Counter()
        self._inputs: dict[int, tuple[int, int]] = {}  # by cid: epoch, and number of the newest

    @property
    def lost(self) -> Counter[str]:
        """What is in the file and not in the packets, and how often."""
        return self._source.lost + self._left

    @property
    def cut(self) -> bool:
        """It ended inside something."""
        return self._source.cut

    def __iter__(self) -> Iterator[Captured]:
        for it in self._source:
            if isinstance(it, Captured):
                yield it
                continue
            self._left["number, keys and acknowledgement of a datagram"] += 1
            if it.fault:
                self._left["datagram that is faulty from somewhere on"] += 1
            for said in it.said:
                packet = packet_of(it, said)
                if said.again:
                    self._left["event that came again"] += 1
                elif packet is not None:
                    yield packet
                elif said.name == INPUTS:
                    yield from self._moves(it, said)
                elif said.name != FRAGMENT:
                    self._left[f"{said.name} of a datagram"] += 1

    def _moves(self, it: Datagram, said: Said) -> Iterator[Captured]:
        """Those inputs of a section that have not come before, the oldest first."""
        epoch, known = said.fields["epoch"], self._inputs.get(it.connection)
        body = b""
        for told in reversed(said.inputs):
            number, flags, yaw, *place = told
            if known is None or _newer(epoch, number, *known):
                known = epoch, number
                body += _MOVE.pack(it.connection, number, flags, yaw, epoch, 0, *place)
        if known is not None:
            self._inputs[it.connection] = known
        if body:
            packet = codec(NMSG_MOVES).encode(NMSG_MOVES(moves=body))
            yield Captured(
                it.time_us, it.from_client, it.connection, MOVES, packet, NATIVE, it.address, it.port
            )


def _newer(epoch: int, number: int, known_epoch: int, known_number: int) -> bool:
    """Whether that input comes after the other; epochs have 8 bits, numbers 16."""
    if epoch != known_epoch:
        return (epoch - known_epoch & 0xFF) < 0x80
    return 0 < (number - known_number & LOW) < HALF
