"""`bluemarble capture`: sessions noted as they happen, and played again."""

import pathlib
import sys

import click

from bluemarble.tools.flags import config_of, explained, inside
from bluemarble.tools.ordering import ordered

NEW = click.Path(dir_okay=False, path_type=pathlib.Path)
EXISTING = click.Path(exists=True, dir_okay=False, path_type=pathlib.Path)


@click.group("capture")
def main() -> None:
    """Captures (.pkt, .pcapng) as they are made."""


@main.command("proxy")
@click.argument("host")
@click.argument("file", type=NEW)
@click.option("--account", default="", help="Whose sessions: its name.")
@click.option(
    "--password", default="", envvar="BLUEMARBLE_PASSWORD", help="Its password; asked for if need be."
)
@click.option("--accounts", type=EXISTING, help="A line each instead: NAME PASSWORD.")
@click.option(
    "--keys", type=EXISTING, help="Session keys instead of passwords, a line each: NAME 80-HEX-DIGITS."
)
@click.option("--port", default=3724, show_default=True, help="Of the auth server at HOST.")
@click.option(
    "--listen", default="127.0.0.1", show_default=True, help="Where clients may come from: our address."
)
@click.option("--auth-port", default=3724, show_default=True, help="Of ours, for logins.")
@click.option(
    "--world-port", default=8085, show_default=True, help="Of ours, for the first realm; others follow."
)
@click.option("--realm-address", default="", help="What clients are told.  [default: where they reached us]")
@click.option("--build", default=12340, show_default=True, help="Of a .pkt, which has one.")
@click.option("--mask-chat", is_flag=True, help="Make what is said unreadable.")
def proxy(host: str, file: pathlib.Path, account: str, password: str, **given: object) -> None:
    """Stand between clients and the server at HOST, and write what they say to FILE, in clear."""
    from twisted.internet import reactor  # noqa: TID251
    from twisted.logger import globalLogBeginner, textFileLogObserver

    from bluemarble.tools.capturing.serving import serve

    if account and not password:
        password = click.prompt("Password", hide_input=True)
    globalLogBeginner.beginLoggingTo([textFileLogObserver(sys.stderr)], redirectStandardIO=False)
    with explained():
        serve(host, file, {account: password} if account else {}, given, reactor)


@main.command("begin")
@click.argument("account")
@click.option("--pkt", is_flag=True, help="As .pkt instead of .pcapng.")
@inside
def begin(account: str, pkt: bool, directory: pathlib.Path) -> None:
    """Have the world server that runs in DIR write down what ACCOUNT says and is told."""
    _order(directory, ["begin", account, "pkt" if pkt else "pcapng"])


@main.command("end")
@click.argument("account")
@inside
def end(account: str, directory: pathlib.Path) -> None:
    """End that."""
    _order(directory, ["end", account])


@main.command("status")
@inside
def status(directory: pathlib.Path) -> None:
    """Ask the world server that runs in DIR whom it captures."""
    _order(directory, ["status"])


def _order(directory: pathlib.Path, words: list[str]) -> None:
    with explained():
        config = config_of(directory, {})
        click.echo(ordered(config.path("."), config.world.realm_id, ["capture", *words]))
