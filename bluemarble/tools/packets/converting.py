"""A capture, or a part of it, as a file of another format."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

from bluemarble.tools.packets.choosing import Choice
from bluemarble.tools.packets.opening import packets
from bluemarble.wire.captures import formats
from bluemarble.wire.captures.record import CANONICAL_BUILD, CannotHold, Captured


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
    path: Path, out: BinaryIO, name: str, choice: Choice, change: Callable[[Captured], Captured]
) -> Converted:
    """
    Write those packets of the file at `path` that are asked for.

    @param name: of the new file; how it ends says the format.
    @param change: what each becomes on its way.
    @raise Malformed: it is damaged; what comes before the damage has been written.
    @raise ValueError: the new file's name says no format.
    """
    builds: Counter[int] = Counter()
    first_us = start_us = None
    with path.open("rb") as file:
        for captured in packets(file, path):
            first_us = captured.time_us if first_us is None else first_us
            if choice.takes(captured, first_us):
                start_us = captured.time_us if start_us is None else min(start_us, captured.time_us)
                builds[captured.build] += 1
    build = max(builds, key=lambda build: (builds[build], build), default=CANONICAL_BUILD)
    with path.open("rb") as file:
        reader = packets(file, path)
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
