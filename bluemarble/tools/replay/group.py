"""What the replay commands have in common: their group, their flags, their status."""

import contextlib
import pathlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click

from bluemarble.tools.flags import config_of, databases, explained, inside
from bluemarble.tools.terminal import plainly

F = TypeVar("F", bound=Callable[..., Any])

SAME, DIFFERS, UNUSABLE, RAISED = range(4)
STATUS = {"same": SAME, "differs": DIFFERS, "raised": RAISED}

journal_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=pathlib.Path))
as_json = click.option("--json", "json_", is_flag=True, help="For programs.")
everything = click.option("--all", "every", is_flag=True, help="Print all lines of long lists.")
a_file = click.Path(dir_okay=False, path_type=pathlib.Path)
a_folder = click.Path(exists=True, file_okay=False, path_type=pathlib.Path)


def on_content(command: F) -> F:
    """Flags that say on which content a journal is run; `content` is a URL, or MODULE:FUNCTION."""
    of = click.option(
        "--content",
        metavar="MODULE:FUNCTION",
        help="What makes the content, instead of a world database: tests.journals.content:content.",
    )
    return of(inside(databases("world")(command)))


def content_in(given: dict[str, Any]) -> str:
    """What the flags of `on_content` say."""
    directory, named = given.pop("directory"), given.pop("content")
    return named or config_of(directory, given).database("world")


@contextlib.contextmanager
def usable() -> Iterator[None]:
    """What cannot be run is a line, and status 2: it neither differs nor is it the same."""
    from bluemarble.tools.replay.checkout import Died, Unusable
    from bluemarble.tools.replay.stage import fault
    from bluemarble.tools.replay.stepping import Broken, Differs

    try:
        with explained():
            try:
                yield
            except (Broken, Differs, Unusable, Died, LookupError) as error:
                raise click.ClickException(plainly(str(error))) from None
    except click.ClickException as error:
        raise Refused(error.message) from None
    except Exception as error:  # numbers that no world has, in a made-up snapshot; or our mistake
        raise Refused(plainly(fault(error, "it cannot be run"))) from error


def apart(out: pathlib.Path, *files: pathlib.Path) -> pathlib.Path:
    """
    Where something is to be written, which is none of the files that it is made of.

    @raise ValueError: it is.
    """
    if out.exists() and any(out.samefile(it) for it in files):
        raise ValueError(f"{out} is what it is made of")
    return out


class Refused(click.ClickException):
    """It cannot be run."""

    exit_code = UNUSABLE


class Runs(click.Group):
    """`replay FILE` is `replay run FILE`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named, or else `run`."""
        if args and args[0] not in self.commands:
            args = ["run", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=Runs)
def replay() -> None:
    """
    Run journals again, and find out what is wrong.

    \b
    Status: 0 the same, 1 differs, 2 cannot be run, 3 a handler raised.
    """
