"""The `bluemarble` command: make a world, run it, look after its accounts and databases."""

import os
import pathlib
import sys
import time
from collections.abc import Iterator
from typing import Any

import click

from bluemarble.config import FILE, load
from bluemarble.servers.options import OURS_ALONE
from bluemarble.tools.bots.command import bots
from bluemarble.tools.capturing.command import main as capture
from bluemarble.tools.flags import (
    as_sections,
    config_of,
    databases,
    directory,
    explained,
    flags,
    inside,
    on,
)
from bluemarble.tools.ordering import journal
from bluemarble.tools.packets.command import main as packets
from bluemarble.tools.replay.commands import replay
from bluemarble.tools.simulator.command import simulation

DATABASES = ("auth", "characters", "world")
PASSWORD_LIMIT = 16  # what clients let their player type


@click.group()
@click.version_option(package_name="bluemarble")
def main() -> None:
    """A server for massively multiplayer worlds."""
    before = os.umask(OURS_ALONE)
    click.get_current_context().call_on_close(lambda: os.umask(before))


@main.command()
@directory
@flags
def init(directory: pathlib.Path, **given: Any) -> None:
    """Make DIR (./world) with bluemarble.toml, its databases, and a first account."""
    from bluemarble.tools.making import make_world

    with explained():
        made = make_world(directory, as_sections(given))
        for line in made:
            click.echo(line)
        click.echo(f"Now:  bluemarble run {directory}")


@main.command()
@directory
@flags
def run(directory: pathlib.Path, **given: Any) -> None:
    """Serve the world in DIR (./world) until SIGTERM or Ctrl-C; makes it first if it is not there."""
    from bluemarble.tools import running
    from bluemarble.tools.making import make_world

    with explained():
        if not (directory / FILE).exists():
            for line in make_world(directory, as_sections(given), time.sleep):
                click.echo(line)
        sys.exit(running.run(load(directory / FILE, as_sections(given))))


@main.group()
def account() -> None:
    """Accounts."""


@account.command("create")
@click.argument("name")
@click.argument("password")
@click.option(
    "--level", default=0, type=click.IntRange(0, 3), show_default=True, help="0 player, 1 to 3 staff."
)
@inside
@databases("auth")
def account_create(name: str, password: str, level: int, directory: pathlib.Path, **given: Any) -> None:
    """Make the account NAME."""
    from bluemarble.db import accounts
    from bluemarble.wire import srp6

    with explained():
        _warn(password)
        salt = srp6.draw_salt(os.urandom)
        verifier = srp6.verifier(name, password, salt)
        number = on(
            "auth",
            config_of(directory, given),
            lambda conn: accounts.create_account(conn, name, salt, verifier, gmlevel=level),
        )
        click.echo(f"Account {accounts.upper_latin(name)} made, number {number}, access level {level}.")


@account.command("set-password")
@click.argument("name")
@click.argument("password")
@inside
@databases("auth")
def account_set_password(name: str, password: str, directory: pathlib.Path, **given: Any) -> None:
    """Give the account NAME another password."""
    from bluemarble.db import accounts
    from bluemarble.wire import srp6

    with explained():
        _warn(password)
        salt = srp6.draw_salt(os.urandom)
        verifier = srp6.verifier(name, password, salt)
        if not on(
            "auth",
            config_of(directory, given),
            lambda conn: accounts.set_password(conn, name, salt, verifier),
        ):
            raise click.ClickException(f"there is no account {accounts.upper_latin(name)}")
        click.echo(f"The password of {accounts.upper_latin(name)} is changed.")


def _warn(password: str) -> None:
    if not password:
        raise click.ClickException("a password has at least one character: no client logs in without")
    if len(password) > PASSWORD_LIMIT:
        click.echo(
            f"Warning: clients take passwords of at most {PASSWORD_LIMIT} characters, "
            f"this one has {len(password)}.",
            err=True,
        )


@main.command()
@click.argument("host")
@click.option("--account", required=True, help="Its name.")
@click.option("--password", prompt=True, hide_input=True, envvar="BLUEMARBLE_PASSWORD", help="Its password.")
@click.option("--character", default="", help="Made if need be; by default the account's first one.")
@click.option("--seconds", default=10, show_default=True, type=click.IntRange(1), help="How long to stay.")
@click.option("--port", default=3724, show_default=True, help="Of the auth server.")
@click.option("--tcp", is_flag=True, help="Send nothing by UDP.")
def visit(host: str, account: str, password: str, character: str, seconds: int, port: int, tcp: bool) -> None:
    """Log in at HOST, walk about over UDP and print who is there."""
    from bluemarble.client.refusal import Refused
    from bluemarble.tools.visiting import visit

    with explained():
        try:
            for line in visit(host, account, password, character, seconds, port=port, udp=not tcp):
                click.echo(line)
        except (Refused, LookupError) as error:
            raise click.ClickException(str(error)) from None


main.add_command(bots)
main.add_command(capture)
main.add_command(packets)
main.add_command(replay)
main.add_command(journal)
main.add_command(simulation)


@main.group()
def db() -> None:
    """The databases."""


@db.command("status")
@inside
@databases(*DATABASES)
def db_status(directory: pathlib.Path, **given: Any) -> None:
    """Which files of sql/ have been applied; changes nothing.  Status 1 when some have not."""
    from bluemarble.tools.databases import status

    with explained():
        sys.exit(_report(status(config_of(directory, given))))


@db.command("update")
@inside
@databases(*DATABASES)
def db_update(directory: pathlib.Path, **given: Any) -> None:
    """Apply what has not been applied."""
    from bluemarble.tools.databases import update

    with explained():
        sys.exit(_report(update(config_of(directory, given))))


@db.command("verify")
@inside
@databases(*DATABASES)
def db_verify(directory: pathlib.Path, **given: Any) -> None:
    """Compare the ledger and every table with sql/.  Status 1 when something is wrong."""
    from bluemarble.tools.databases import verify

    with explained():
        sys.exit(_report(verify(config_of(directory, given))))


def _report(lines: Iterator[tuple[bool, str]]) -> int:
    """Print them; 1 when one is of something wrong."""
    wrong = False
    for fine, line in lines:
        wrong = wrong or not fine
        click.echo(line)
    return int(wrong)


@main.group()
def character() -> None:
    """Characters."""


@character.command("restore")
@click.argument("name_or_guid", metavar="NAME|GUID")
@click.option("--name", default="", help="A new name, when the old one is somebody else's by now.")
@inside
@databases("characters")
def character_restore(name_or_guid: str, name: str, directory: pathlib.Path, **given: Any) -> None:
    """Give a deleted character back to its account."""
    from bluemarble.db import creation, upkeep
    from bluemarble.servers.naming import proper

    def restore(conn: Any) -> int | None:
        guid = int(name_or_guid) if name_or_guid.isdecimal() else upkeep.guid_of(conn, proper(name_or_guid))
        return guid if guid and creation.restore(conn, guid, proper(name)) else None

    with explained():
        guid = on("characters", config_of(directory, given), restore)
        if guid is None:
            raise click.ClickException(f"there is no deleted character {name_or_guid}")
        click.echo(f"Character {guid} is back.")
