"""A new world: its directory, its configuration, its databases, and a first account."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bluemarble.config import FILE, Config, ConfigError, document, load
from bluemarble.db import accounts, pool
from bluemarble.servers.opening import NAMES
from bluemarble.tools.databases import opened, result, update
from bluemarble.wire import srp6

NAME = "ADMIN"
LEVEL = 3
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
PASSWORD_LETTERS = 10


def make_world(
    directory: Path,
    flags: Mapping[str, Mapping[str, Any]],
    pause: Callable[[float], None] | None = None,
) -> Iterator[str]:
    """
    Make it, and tell what was done, line by line.

    @param pause: as in `update`.

    Databases named by flags are written into the file.

    @raise ConfigError: there is one already.
    """
    file = directory / FILE
    if file.exists():
        raise ConfigError(f"{file} is there already")
    for name in NAMES:  # wrong flags should make nothing
        pool.parse(load(None, flags).database(name))
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)  # accounts and what is said are in it
    unfinished = file.with_name(f"{FILE}.unfinished")  # until all is there: a failed `init` can be run again
    unfinished.touch(mode=0o600)  # passwords of databases are in it
    unfinished.write_text(configured(flags))
    config = load(unfinished, flags)
    for _, line in update(config, pause):
        if not line.startswith(" "):
            yield line
    password = "".join(secrets.choice(LETTERS) for _ in range(PASSWORD_LETTERS))
    yield _account(config, password)
    unfinished.rename(file)
    yield f"{file}: every setting, with its default"


def _account(config: Config, password: str) -> str:
    """The first account, unless the database has brought its own."""
    with opened(config, "auth") as database:
        salt = srp6.draw_salt(os.urandom)
        verifier = srp6.verifier(NAME, password, salt)
        try:
            result(
                database.write(
                    lambda conn: accounts.create_account(conn, NAME, salt, verifier, gmlevel=LEVEL)
                )
            )
        except accounts.NameTaken:
            return f"The account {NAME} is there already."
    return f"Account:  {NAME}  password:  {password}  (access level {LEVEL}; shown only this once)"


def configured(flags: Mapping[str, Mapping[str, Any]]) -> str:
    """The default file, with what the flags say set in it."""
    lines = document().splitlines()
    section = ""
    for at, line in enumerate(lines):
        if line.startswith("["):
            section = line.strip("[]")
        key = line[1:].partition(" = ")[0] if line.startswith("#") else ""
        value = flags.get(section, {}).get(key)
        if value is not None:
            text = (
                str(value)
                if isinstance(value, int)
                else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
            )
            lines[at] = f"{key} = {text}"
    return "\n".join(lines) + "\n"
