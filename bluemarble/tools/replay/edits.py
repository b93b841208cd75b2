"""Commands that make a journal of a journal; what they write was run once, and has digests."""

import pathlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from bluemarble.tools.replay.group import a_file, apart, content_in, journal_file, on_content, usable
from bluemarble.tools.terminal import plainly

if TYPE_CHECKING:
    from bluemarble.sim.content import Content
    from bluemarble.tools.replay.tape import Tape

out_file = click.argument("out", type=a_file)
REGRESSIONS = pathlib.Path("tests/journals/regressions")


def edited(
    file: pathlib.Path,
    out: pathlib.Path,
    given: dict[str, Any],
    change: "Callable[[Tape, Content], Tape]",
) -> list[str]:
    """
    Change a journal, run it here, write it; what was raised.

    @raise ValueError: it would be written over what it is made of.
    """
    from bluemarble.tools.replay import tape
    from bluemarble.tools.replay.content import content_of

    content = content_of(content_in(given))
    with file.open("rb") as source:
        whole = tape.load(source)
    changed = change(whole, content)
    less = len(changed.atoms) < len(whole.atoms)
    return written(file, out, content, changed, f" of {len(whole.atoms)}" if less else "")


def written(file: pathlib.Path, out: pathlib.Path, content: "Content", tape: "Tape", of: str) -> list[str]:
    """
    Run a tape that was made of `file` here, write it; what was raised.

    @param of: what is told behind the number of inputs.
    @raise ValueError: as of `edited`.
    """
    from bluemarble.tools.replay.editing import made

    part = apart(out, file).with_name(f"{out.name}.part")
    try:
        with part.open("wb") as to:
            result = made(tape, content, to)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"{out}: {result.inputs}{of} inputs, {result.ticks} ticks")
    for fault in result.faults:
        click.echo(plainly(f"  raised: {fault}"))
    return result.faults


@click.command()
@journal_file
@out_file
@click.option("--from", "first", type=int, metavar="TICK", help="Begin with the state after it.")
@click.option("--to", "last", type=int, metavar="TICK", help="No further.")
@on_content
def cut(file: pathlib.Path, out: pathlib.Path, first: int | None, last: int | None, **given: Any) -> None:
    """Write a part of FILE to OUT: from one tick to another."""
    from bluemarble.tools.replay import editing
    from bluemarble.tools.replay.content import content_of

    with usable(), file.open("rb") as source:
        content = content_of(content_in(given))
        written(file, out, content, editing.cut(source, content, first, last), "")


@click.command("filter")
@journal_file
@out_file
@click.option("--packet", "packets", multiple=True, metavar="NAME", help="Only these, as MSG_MOVE_*.")
@click.option("--without", multiple=True, metavar="NAME", help="None of these.")
@click.option(
    "--player", "players", multiple=True, metavar="NAME", help="Only theirs; or a session's number."
)
@click.option("--map", "map_", type=int, metavar="MAP", help="Only of players who were on it.")
@click.option("--area", nargs=3, type=float, metavar="X Y YARDS", help="With --map: who was so near.")
@click.option("--from-the-start", "opened", is_flag=True, help="Without its snapshot: everybody comes in.")
@on_content
def filter_(
    file: pathlib.Path,
    out: pathlib.Path,
    packets: tuple[str, ...],
    without: tuple[str, ...],
    players: tuple[str, ...],
    map_: int | None,
    area: tuple[float, float, float] | None,
    opened: bool,
    **given: Any,
) -> None:
    """
    Write some of the inputs of FILE to OUT.

    Players come and go as ever, and answer teleports, whatever packets are wanted.
    """
    from bluemarble.tools.replay import editing
    from bluemarble.tools.replay.tape import from_the_start

    def change(tape: "Tape", content: "Content") -> "Tape":
        sessions: set[int] | None = None
        if players:
            cast = tape.cast()
            sessions = {session for name in players for session in cast.sessions(name)}
        if map_ is not None:
            there = editing.visitors(tape, content, editing.Circle(map_, *(area or ())))
            sessions = there if sessions is None else sessions & there
        some = editing.chosen(tape, packets, without, sessions)
        return from_the_start(some) if opened else some

    with usable():
        if area and map_ is None:
            raise click.UsageError("--area is on a map: --map")
        edited(file, out, given, change)


@click.command()
@journal_file
@click.argument("other", type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path))
@out_file
@on_content
def merge(file: pathlib.Path, other: pathlib.Path, out: pathlib.Path, **given: Any) -> None:
    """
    Write FILE and OTHER to OUT: one after the other, or both at once.

    When OTHER begins with a snapshot from where FILE was by then, it goes on; else both begin with a new
    world and go on beside each other, and who is in both is somebody else in the second.
    """
    from bluemarble.tools.replay import rewriting, tape

    def change(one: "Tape", content: "Content") -> "Tape":
        apart(out, other)
        with other.open("rb") as source:
            second = tape.load(source)
        follows = second.snapshot is not None and one.first <= second.first <= one.last
        return rewriting.after(one, second) if follows else rewriting.beside(one, second)

    with usable():
        edited(file, out, given, change)


@click.command()
@journal_file
@out_file
@on_content
def anonymise(file: pathlib.Path, out: pathlib.Path, **given: Any) -> None:
    """
    Write FILE to OUT without names, words, accounts and guids of players.

    A snapshot is left out: who was in it comes in.
    """
    from bluemarble.tools.replay.rewriting import anonymised

    with usable():
        edited(
            file,
            out,
            given,
            lambda tape, content: anonymised(tape, lambda name: content.place(name) is not None),
        )


@click.command()
@journal_file
@out_file
@on_content
def recast(file: pathlib.Path, out: pathlib.Path, **given: Any) -> None:
    """
    Write FILE to OUT for another content, from the start: the same inputs in another world.

    So what players did somewhere becomes a test on the content that the tests have, if it fails there, too.
    """
    from bluemarble.tools.replay.tape import from_the_start

    def change(tape: "Tape", content: "Content") -> "Tape":
        header = tape.header._replace(content=content.hash.hex())
        return from_the_start(tape)._replace(header=header)

    with usable():
        edited(file, out, given, change)


@click.command()
@journal_file
@click.argument("name")
@click.option(
    "--checkout", default=".", type=click.Path(exists=True, file_okay=False, path_type=pathlib.Path)
)
@on_content
def keep(file: pathlib.Path, name: str, checkout: pathlib.Path, **given: Any) -> None:
    """
    Make FILE a test, NAME: what comes of it now is what shall come of it.

    It goes to tests/journals/regressions of the checkout; a test there runs all of them.
    """
    folder = checkout / REGRESSIONS
    with usable():
        if not name.isidentifier():
            raise click.UsageError("a test's name is letters, digits and _")
        folder.mkdir(parents=True, exist_ok=True)
        out = folder / f"{name}.bmj"
        if edited(file, out, given, lambda tape, content: tape):
            out.unlink()
            raise click.ClickException(
                "a handler raises: mend that first, then keep what it takes to show it"
            )


COMMANDS = cut, filter_, merge, anonymise, recast, keep
