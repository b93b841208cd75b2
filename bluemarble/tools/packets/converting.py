"""A capture, or a part of it, as a file of another format."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from bluemarble.tools.packets.choosing import Choice
from bluemarble.tools.packets.distilling import Distilled
from bluemarble.tools.packets.opening import Packets, overheard, packets
from bluemarble.wire.captures import formats
from bluemarble.wire.captures.record import CANONICAL_BUILD, CannotHold, Captured
from bluemarble.wire.datagram.keylog import KeyLog


class Converted(NamedTuple):
    """
    @ivar written: packets.
    @ivar lost: what of the old file is not in the new one, and how often.
    @ivar cut: the old file ended inside a packet.
    """

    written: int
    lost: Counter[str]
    cut: bool


def convert(
    path: Path,
    out: BinaryIO,
    name: str,
    choice: Choice,
    change: Callable[[Captured], Captured],
    log: KeyLog | None = None,
) -> Converted:
    """
    Write those packets of the file at `path` that are asked for.

    @param name: of the new file; how it ends says the format.
    @param change: what each becomes on its way.
    @param log: opens the datagrams that are in it, of which events and inputs become packets.
    @raise Malformed: it is damaged; what comes before the damage has been written.
    @raise ValueError: the new file's name says no format.
    """
    builds: Counter[int] = Counter()
    first_us = start_us = None
    with path.open("rb") as file:
        for captured in _packets(file, path, log):
            first_us = captured.time_us if first_us is None else first_us
            if choice.takes(captured, first_us):
                start_us = captured.time_us if start_us is None else min(start_us, captured.time_us)
                builds[captured.build] += 1
    build = max(builds, key=lambda build: (builds[build], build), default=CANONICAL_BUILD)
    with path.open("rb") as file:
        reader = _packets(file, path, log)
        writer = formats.writer(out, name, build, start_us or 0, reader.notes)
        written, refused = 0, Counter[str]()
        for captured in reader:
            if choice.takes(captured, first_us or 0):
                try:
                    writer.write(change(captured))
                    written += 1
                except CannotHold as why:
                    refused[str(why)] += 1
        return Converted(written, reader.lost + writer.lost + refused, reader.cut)


def _packets(file: BinaryIO, path: Path, log: KeyLog | None) -> Packets:
    return packets(file, path) if log is None else Distilled(overheard(file, path, log, tunnels=False))
