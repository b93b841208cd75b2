"""The proxy in the foreground: what `bluemarble capture proxy` does."""

import os
import pathlib
import time
from typing import Any

import click

from bluemarble.servers.capturing import CaptureFile
from bluemarble.servers.options import ignore_signals, stop_on_signals
from bluemarble.tools.capturing.proxy import CannotGoOn, KeyFile, Passwords, Proxy
from bluemarble.wire.captures.record import US


def accounts_in(path: pathlib.Path) -> dict[str, str]:
    """
    Names and passwords, a line each: a name, a space, a password.

    @raise ValueError: a line has no password.
    """
    known = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        name, _, password = line.strip().partition(" ")
        if not name or name.startswith("#"):
            continue
        if not password.strip():
            raise ValueError(f"{path}, line {number}: NAME PASSWORD")
        known[name] = password.strip()
    return known


def serve(host: str, file: pathlib.Path, known: dict[str, str], given: dict[str, Any], reactor: Any) -> None:
    """
    Until SIGTERM or Ctrl-C.

    @param known: account to password; @param given: the command's other options.
    @raise ValueError: what cannot be done as it was asked for.
    """
    if given["accounts"]:
        known = {**known, **accounts_in(given["accounts"])}
    if bool(known) == bool(given["keys"]):
        raise ValueError("either accounts with their passwords, or a file of session keys")
    out = CaptureFile(file, int(time.time()) * US, given["build"], hide_chat=given["mask_chat"])
    proxy = Proxy(
        reactor,
        KeyFile(given["keys"]) if given["keys"] else Passwords(known),
        host,
        out,
        port=given["port"],
        here=given["realm_address"],
        world_port=given["world_port"],
        random=os.urandom,
    )
    try:
        where: Any = proxy.listen(given["auth_port"], given["listen"])
    except CannotGoOn:  # the next try may have the same name
        out.close()
        file.unlink()
        raise
    try:
        click.echo(f"Logins at {where.host} port {where.port}: set realmlist {where.host}. Ctrl-C ends it.")
        stop_on_signals(reactor)
        reactor.run()
        ignore_signals()
    finally:
        proxy.stop()
        out.close()
        click.echo(out.told())
