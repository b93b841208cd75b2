"""Orders to a running world server, from the command line."""

import json
import pathlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import click

from bluemarble.servers.control import path_of
from bluemarble.tools.flags import config_of, explained, inside

ANSWER_LIMIT_BYTES = 1 << 20
ANSWER_LIMIT_S = 60.0


def ordered(folder: pathlib.Path, realm_id: int, words: list[str]) -> str:
    """
    What the world server of that folder answers.

    @raise ValueError: it refuses.  @raise OSError: it does not run, or does not answer.
    """
    with _said(folder, realm_id, words) as line:
        answer = b""
        while (more := line.recv(65536)) and len(answer) < ANSWER_LIMIT_BYTES:
            answer += more
    return _answer(answer)


@contextmanager
def flowing(folder: pathlib.Path, realm_id: int, words: list[str]) -> Iterator[tuple[str, BinaryIO]]:
    """
    The answer to an order that begins a flow, and what follows it.

    @raise ValueError, OSError: as `ordered`.
    """
    with _said(folder, realm_id, words) as line, line.makefile("rb") as flow:
        answer = _answer(flow.readline(ANSWER_LIMIT_BYTES))
        line.settimeout(None)
        yield answer, flow


@contextmanager
def _said(folder: pathlib.Path, realm_id: int, words: list[str]) -> Iterator[socket.socket]:
    path = path_of(folder.absolute(), realm_id)
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(ANSWER_LIMIT_S)
        try:
            line.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            raise ValueError(f"no world server runs in {folder}: there is nobody at {path}") from None
        line.sendall(" ".join(words).encode() + b"\n")
        yield line


def _answer(answer: bytes) -> str:
    told = json.loads(answer)
    if not told["done"]:
        raise ValueError(told["said"])
    return str(told["said"])


@click.command()
@click.argument("what", type=click.Choice(["on", "off", "status"]))
@click.option("--map", "map_", type=click.IntRange(0), help="On or off for the zone of this map alone.")
@inside
def journal(what: str, map_: int | None, directory: pathlib.Path) -> None:
    """Switch the journal of the world server that runs in DIR on or off, or ask for it."""
    words = ["journal", what, *([] if map_ is None else [str(map_)])]
    with explained():
        config = config_of(directory, {})
        click.echo(ordered(config.path("."), config.world.realm_id, words))
