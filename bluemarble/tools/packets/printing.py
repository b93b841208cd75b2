"""What `bluemarble packets` prints: packets or tables, and beside them what is to be said of the file."""

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click

from bluemarble.tools.packets.choosing import Choice
from bluemarble.tools.packets.counting import Statistics
from bluemarble.tools.packets.decoding import decoded
from bluemarble.tools.packets.opening import overheard, packets
from bluemarble.tools.packets.overheard import Datagram, packet_of
from bluemarble.tools.packets.showing import as_json, head, lines, utc
from bluemarble.tools.packets.tracing import brief_line, datagram_json, datagram_lines
from bluemarble.tools.packets.weighing import Weights
from bluemarble.tools.terminal import printable
from bluemarble.wire.captures.record import Captured
from bluemarble.wire.datagram.keylog import KeyLog

LOSSES_TOLD = 100


def printed(
    file: BinaryIO,
    path: Path,
    choice: Choice,
    *,
    log: KeyLog | None = None,
    limit: int | None = None,
    brief: bool = False,
    stats: bool = False,
    in_json: bool = False,
) -> None:
    """
    Print those packets of an open file that are asked for, at most `limit`.

    @param log: opens the datagrams that are in it.
    @param brief: a line each; @param stats: tables of them instead; @param in_json: either as JSON.
    @raise Malformed: it is damaged; what comes before the damage has been printed.
    """
    reader = packets(file, path) if log is None else overheard(file, path, log)
    statistics = _Both()
    first_us, count = None, 0
    try:
        for found in reader:
            first_us = found.time_us if first_us is None else first_us
            it = _chosen(found, choice, first_us)
            if it is None:
                continue
            count += 1
            if stats:
                statistics.take(it)
            else:
                click.echo("\n".join(shown(it, first_us, brief, in_json)))  # at once: each echo is a write
            if count == limit:
                break
    finally:
        if stats:
            for line in statistics.lines(in_json):
                click.echo(line)
        began = "" if first_us is None else f", the file's first one at {utc(first_us)}"
        what = "packets" if log is None else "datagrams and packets"
        click.echo(f"{path.name}: {count} {what}{began}", err=True)
        for name, text in itertools.islice(sorted(reader.notes.items()), LOSSES_TOLD):
            click.echo(f"{printable(name)}: {printable(text)}", err=True)
        tell(reader.lost, reader.cut)


class _Both:
    """What is counted of packets, and of datagrams."""

    def __init__(self) -> None:
        self._packets, self._datagrams = Statistics(), Weights()

    def take(self, it: Captured | Datagram) -> None:
        """One more; a datagram's events are packets, too, when they come first."""
        if isinstance(it, Captured):
            self._packets.take(it)
            return
        self._datagrams.take(it)
        for said in it.said:
            packet = packet_of(it, said)
            if packet is not None and not said.again:
                self._packets.take(packet)

    def lines(self, in_json: bool) -> Iterator[str]:
        """Tables, or one object of JSON."""
        if in_json:
            links = {"links": self._datagrams.as_json()} if self._datagrams else {}
            yield json.dumps(self._packets.as_json() | links)
            return
        if self._packets.counts or not self._datagrams:
            yield from self._packets.lines()
        if self._datagrams:
            if self._packets.counts:
                yield ""
            yield from self._datagrams.lines()


def _chosen(it: Captured | Datagram, choice: Choice, first_us: int) -> Captured | Datagram | None:
    if isinstance(it, Datagram):
        return choice.part(it, first_us)
    return it if choice.takes(it, first_us) else None


def shown(found: Captured | Datagram, first_us: int, brief: bool, in_json: bool) -> Iterator[str]:
    """One packet's lines, or one datagram's."""
    if isinstance(found, Datagram):
        if in_json:
            yield json.dumps(datagram_json(found))
        elif brief:
            yield brief_line(found, first_us)
        else:
            yield from datagram_lines(found, first_us)
        return
    captured, it = found, decoded(found)
    if in_json:
        yield json.dumps(as_json(it))
    elif brief:
        yield head(captured, it.name, first_us) + (f"  ! {printable(it.fault)}" if it.fault else "")
    else:
        yield from lines(it, first_us)


def tell(lost: Counter[str], cut: bool) -> None:
    """What a format could not keep, and where a file ended too early."""
    for what, count in itertools.islice(sorted(lost.items()), LOSSES_TOLD):
        click.echo(f"Not kept: {what} ({count})", err=True)
    if cut:
        click.echo("The file is cut: this is as far as it goes.", err=True)
