"""What the commands have in common: flags that say where things are, and mistakes told in a line."""

import os
import pathlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from bluemarble.config import ENVIRONMENT, FILE, Config, ConfigError, load
from bluemarble.servers.options import FLAGS, explanation, sections
from bluemarble.tools.terminal import plainly

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

DIRECTORY = "world"


def flags(command: F) -> F:
    """The flags of the servers."""
    return _flagged(command, list(FLAGS))


def databases(*names: str) -> Callable[[F], F]:
    """Flags that say where those databases are."""
    return lambda command: _flagged(command, [f"{name}-db" for name in names])


def _flagged(command: F, names: list[str]) -> F:
    for name in reversed(names):
        kind = int if name.endswith("port") else str
        command = click.option(f"--{name}", default=None, type=kind, help=explanation(name))(command)
    return command


directory = click.argument(
    "directory", metavar="[DIR]", default=DIRECTORY, type=click.Path(file_okay=False, path_type=pathlib.Path)
)
inside = click.option(
    "--dir",
    "directory",
    default=DIRECTORY,
    show_default=True,
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    help="Where bluemarble.toml is.",
)


def config_of(directory: pathlib.Path, given: dict[str, Any]) -> Config:
    """The configuration in a directory; without one, flags or environment name every database in question."""
    file = directory / FILE
    named = all(
        value or f"{ENVIRONMENT}DATABASES__{name.removesuffix('_db')}".upper() in os.environ
        for name, value in given.items()
        if name.endswith("_db")
    )
    return load(None if named and not file.exists() else file, as_sections(given))


def as_sections(given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Flags as click gives them, for the configuration."""
    return sections({name: given.get(name.replace("-", "_")) for name in FLAGS})


def on(name: str, config: Config, change: Callable[[Any], T]) -> T:
    """Run a change in one transaction of that database, and close it again."""
    from bluemarble.tools.databases import opened, result

    with opened(config, name) as database:
        answer: T = result(database.write(change))
        return answer


@contextmanager
def explained() -> Iterator[None]:
    """An operator's mistake is a line, not a traceback."""
    from sqlalchemy.exc import DBAPIError

    from bluemarble.db.errors import Refused, Unavailable
    from bluemarble.db.update import UpdateFailed
    from bluemarble.servers.opening import CannotStart

    try:
        yield
    except BrokenPipeError:  # whoever read what we print has seen enough; click ends quietly
        raise
    except (ConfigError, CannotStart, Refused, Unavailable, UpdateFailed, ValueError, OSError) as error:
        raise click.ClickException(plainly(str(error))) from None
    except DBAPIError as error:
        raise click.ClickException(f"{error.orig}; `bluemarble db status` tells more") from None
