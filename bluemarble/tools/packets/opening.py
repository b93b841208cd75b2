"""Files with packets in them: captures of either format, and journals, whose inputs are packets too."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

import opcodes
from bluemarble.sim.rules import TICK_MS
from bluemarble.tools.packets.decoding import NATIVE
from bluemarble.tools.packets.overheard import Overheard
from bluemarble.wire import journal
from bluemarble.wire.captures import formats
from bluemarble.wire.captures.record import MS_US, U32, US, Captured
from bluemarble.wire.codec import codec
from bluemarble.wire.datagram.keylog import KeyLog, Lines, is_line

BLOCK_BYTES = 1 << 16
JOURNAL_MAGIC = journal.MAGIC[: formats.MAGIC_SIZE]


class Packets(Protocol):
    """
    What every reader is: packets, to be iterated once.

    @ivar notes: on the file as a whole.
    """

    notes: dict[str, str]

    @property
    def lost(self) -> Counter[str]:
        """What is in the file and not in the packets, and how often."""

    @property
    def cut(self) -> bool:
        """The file ended inside something; known once the iteration is over."""

    def __iter__(self) -> Iterator[Captured]: ...


class Inputs:
    """
    What reached the world of a journal, as packets: those of clients, and our own parts' as of build 0.

    They are in the canonical layouts, whatever the client's build was.  A tick is TICK_MS long here, and the
    journal began when its name says, which is a unix second as servers name them; otherwise at zero.

    @raise Malformed: it is no journal, or damaged; from the iterator too.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._reader = journal.Reader(file)
        header = self._reader.header
        self._build = header.build
        self._begins = header.begins if 0 <= header.begins <= U32 else 0
        self._begin_us = int(name) * US if name.isdecimal() and len(name) < 12 else 0
        self.notes = {"revision": header.revision, "content": header.content, "seed": str(header.seed)}
        self.lost: Counter[str] = Counter()

    @property
    def cut(self) -> bool:
        """It ended inside a record."""
        return self._reader.cut

    def __iter__(self) -> Iterator[Captured]:
        native, numbers = opcodes.native().numbers, opcodes.version(self._build).numbers
        for record in self._reader:
            if not isinstance(record, journal.Tick):
                continue
            time_us = self._begin_us + (record.tick - self._begins) * TICK_MS * MS_US
            for session, packet in record.inputs:
                cls = type(packet)
                ours = cls in native
                yield Captured(
                    time_us=time_us,
                    from_client=True,
                    connection=session,
                    opcode=native[cls] if ours else numbers[cls],
                    body=codec(cls).encode(packet),
                    build=NATIVE if ours else self._build,
                )


def packets(file: BinaryIO, path: Path) -> Packets:
    """
    The packets of an open file, whatever its name.

    @param path: where it is.
    @raise Malformed: none of ours, or damaged.
    """
    magic = file.read(len(JOURNAL_MAGIC))
    if magic == JOURNAL_MAGIC:
        file.seek(0)
        return Inputs(file, path.stem)
    return formats.reader(file, magic)


def overheard(file: BinaryIO, path: Path, log: KeyLog, tunnels: bool = True) -> Overheard:
    """
    The same, with what a key log opens: datagrams in frames, or in packets that went through TCP.

    @param tunnels: as of Overheard.
    @raise Malformed: no recording that we read, or damaged.
    """
    magic = file.read(len(JOURNAL_MAGIC))
    if magic == JOURNAL_MAGIC:
        file.seek(0)
        return Overheard(Inputs(file, path.stem), log)
    return Overheard(formats.frames(file, magic) or formats.reader(file, magic), log, tunnels)


class KeyFile(KeyLog):
    """
    The key log at a path, which may be written while a recording is read.

    @raise OSError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(())
        self._path, self._lines, self._size = path, Lines(), 0
        self._read()

    def more(self) -> bool:
        """As KeyLog."""
        try:
            if self._path.stat().st_size <= self._size:
                return False
            self._read()
        except OSError:
            return False  # it has been taken away
        return True

    def _read(self) -> None:
        with self._path.open("rb") as file:
            if self._size:
                file.seek(self._size)
            while block := file.read(BLOCK_BYTES):
                self._size += len(block)
                self.add(self._lines.feed(block))
        self.add([self._lines.rest] if is_line(self._lines.rest) else [])
