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
from bluemarble.tools.packets.opening import packets
from bluemarble.tools.packets.showing import as_json, head, lines, printable, utc
from bluemarble.wire.captures.record import Captured

LOSSES_TOLD = 100


def printed(
    file: BinaryIO,
    path: Path,
    choice: Choice,
    *,
    limit: int | None = None,
    brief: bool = False,
    stats: bool = False,
    in_json: bool = False,
) -> None:
    """
    Print those packets of an open file that are asked for, at most `limit`.

    @param brief: a line each; @param stats: tables of them instead; @param in_json: either as JSON.
    @raise Malformed: it is damaged; what comes before the damage has been printed.
    """
    reader, statistics = packets(file, path), Statistics()
    first_us, count = None, 0
    try:
        for captured in reader:
            first_us = captured.time_us if first_us is None else first_us
            if not choice.takes(captured, first_us):
                continue
            count += 1
            if stats:
                statistics.take(captured)
            else:
                for line in shown(captured, first_us, brief, in_json):
                    click.echo(line)
            if count == limit:
                break
    finally:
        if stats:
            for line in [json.dumps(statistics.as_json())] if in_json else statistics.lines():
                click.echo(line)
        began = "" if first_us is None else f", the file's first one at {utc(first_us)}"
        click.echo(f"{path.name}: {count} packets{began}", err=True)
        for name, text in itertools.islice(sorted(reader.notes.items()), LOSSES_TOLD):
            click.echo(f"{printable(name)}: {printable(text)}", err=True)
        tell(reader.lost, reader.cut)


def shown(captured: Captured, first_us: int, brief: bool, in_json: bool) -> Iterator[str]:
    """One packet's lines."""
    it = decoded(captured)
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
