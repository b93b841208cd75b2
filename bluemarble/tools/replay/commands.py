"""`bluemarble replay`: a journal run again, looked into, compared between revisions, made small."""

import json
import pathlib
import sys
from typing import Any

import click

from bluemarble.tools.replay import edits
from bluemarble.tools.replay.group import (
    DIFFERS,
    SAME,
    STATUS,
    a_file,
    a_folder,
    apart,
    as_json,
    content_in,
    everything,
    journal_file,
    on_content,
    replay,
    usable,
)
from bluemarble.tools.terminal import plainly

__all__ = ["replay"]

for command in edits.COMMANDS:
    replay.add_command(command)


@replay.command()
@journal_file
@click.option(
    "--threads", default=1, show_default=True, type=click.IntRange(1, 16), help="As udp.world_threads."
)
@click.option("--from", "first", type=int, metavar="TICK", help="Begin with the last snapshot not after it.")
@click.option("--to", "last", type=int, metavar="TICK", help="No further.")
@click.option("--report", type=a_file, help="A page on it: when was how much, who went where.")
@as_json
@everything
@on_content
def run(
    file: pathlib.Path,
    threads: int,
    first: int | None,
    last: int | None,
    report: pathlib.Path | None,
    json_: bool,
    every: bool,
    **given: Any,
) -> None:
    """Run the journal FILE again, compare it with its digests, and stop at the first difference."""
    from bluemarble.tools.replay.judging import Asked, judged

    with usable():
        asked = Asked(file, threads, first, last, report and apart(report, file), every)
        said, told = judged(asked, content_in(given))
        if json_:
            click.echo(json.dumps(said))
        else:
            click.echo(plainly("\n".join(told)))
        sys.exit(STATUS[said["status"]])


@replay.command()
@journal_file
@click.argument("tick", type=click.IntRange(1))
@click.option("--player", metavar="NAME", help="Only what is of this player, or of a session's number.")
@as_json
@everything
@on_content
def show(file: pathlib.Path, tick: int, player: str | None, json_: bool, every: bool, **given: Any) -> None:
    """What came in a TICK of FILE, what was said, and what became of it, in fields."""
    from bluemarble.tools.replay.content import content_of
    from bluemarble.tools.replay.looking import around, looked_told

    with usable():
        with file.open("rb") as source:
            seen = around(source, content_of(content_in(given)), tick, player, near=tick - 1)
        click.echo(json.dumps(seen) if json_ else plainly("\n".join(looked_told(seen, every))))


@replay.command()
@journal_file
@click.argument("one", metavar="A", type=click.Path(exists=True, path_type=pathlib.Path))
@click.argument("other", metavar="B", type=click.Path(exists=True, path_type=pathlib.Path))
@as_json
@everything
@on_content
def diff(
    file: pathlib.Path, one: pathlib.Path, other: pathlib.Path, json_: bool, every: bool, **given: Any
) -> None:
    """
    Run FILE on two revisions: which tick, which player, which field differs first.

    A and B are checkouts, whose C module is built (make native), or what `replay trace` wrote of FILE.
    """
    from bluemarble.tools.replay.meeting import met
    from bluemarble.tools.replay.telling import verdict_json, verdict_told

    with usable():
        found = met(file, one, other, lambda: content_in(given))
        if json_:
            click.echo(json.dumps(verdict_json(found) | {"a": str(one), "b": str(other)}))
        elif found is None:
            click.echo("The same in every tick: what is said, and the state.")
        else:
            click.echo(f"A: {one}\nB: {other}")
            click.echo(plainly("\n".join(verdict_told(found, "A", "B", every))))
        sys.exit(SAME if found is None else DIFFERS)


@replay.command()
@journal_file
@click.argument("out", type=a_file)
@click.option("--from", "first", default=0, metavar="TICK", help="Only what comes after it.")
@click.option("--to", "last", type=int, metavar="TICK", help="No further.")
@on_content
def trace(file: pathlib.Path, out: pathlib.Path, first: int, last: int | None, **given: Any) -> None:
    """Write down what FILE comes to, tick by tick, in fields: for `replay diff`, now or on a later day."""
    from bluemarble.tools.replay import traces
    from bluemarble.tools.replay.content import content_of
    from bluemarble.tools.replay.telling import progress

    with usable(), progress("tracing", last) as tell:
        content = content_of(content_in(given))
        ticks = traces.write(file, apart(out, file), content, first=first, last=last, tell=tell)
        click.echo(f"{out}: {ticks} ticks, {out.stat().st_size} bytes")


@replay.command()
@journal_file
@click.argument("out", type=a_file)
@click.option(
    "--fails",
    type=click.Choice(["differs", "raises", "dies", "says"]),
    help="What it is to fail; by default what the other flags are about, else `raises`.",
)
@click.option(
    "--between", nargs=2, type=a_folder, metavar="A B", help="differs: the two checkouts between which."
)
@click.option("--any", "any_", is_flag=True, help="differs: in any field, not only those that did at first.")
@click.option("--fault", default="", metavar="TEXT", help="raises: what is told of it has this in it.")
@click.option("--command", metavar="CMD", help="says: its status is not 0 when {}, the file, fails.")
@on_content
def shrink(file: pathlib.Path, out: pathlib.Path, **given: Any) -> None:
    """
    Leave out of FILE whatever need not be there for it to fail, and write what is left to OUT.

    \b
    differs  two checkouts make different things of it (--between)
    raises   a handler raises (--fault), in this checkout
    dies     the process that runs it does
    says     a program says so (--command)
    """
    from bluemarble.tools.replay.smaller import Wanted, small

    with usable():
        names = ("fails", "between", "any_", "fault", "command")
        wanted = Wanted(**{name: given.pop(name) for name in names})
        for line in small(file, apart(out, file), wanted, content_in(given)):
            click.echo(plainly(line))
