"""`bluemarble capture`: sessions noted as they happen, and played again."""

import pathlib
import sys
from typing import Any

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


@main.command("play")
@click.argument("file", type=EXISTING)
@click.argument("host")
@click.option("--account", default="", help="Who plays: its name.")
@click.option(
    "--password", default="", envvar="BLUEMARBLE_PASSWORD", help="Its password; asked for if need be."
)
@click.option("--character", default="", help="Of that account; by default its first one.")
@click.option("--accounts", type=EXISTING, help="For several players, a line each: NAME PASSWORD.")
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    help="Of the server: make as many accounts as are needed there.",
)
@click.option("--port", type=int, help="Of the auth server at HOST.  [default: --dir's, else 3724]")
@click.option("--realm", default="", help="Its name; by default the first that is up.")
@click.option("--session", "sessions", type=int, multiple=True, help="Play only this one of FILE.")
@click.option(
    "--copies", default=1, show_default=True, type=click.IntRange(1, 1000), help="Players a session."
)
@click.option("--shift", default=0.0, show_default=True, help="Yards from each copy to the next, along x.")
@click.option(
    "--speed", default=1.0, show_default=True, type=click.FloatRange(0.01, 1000.0), help="Times real time."
)
@click.option(
    "--ignore", multiple=True, metavar="NAME", help="Answers that may differ: 'SMSG_WHO', 'SMSG_*'."
)
@click.option("--json", "in_json", is_flag=True, help="One object of JSON.")
def play(file: pathlib.Path, host: str, in_json: bool, **given: Any) -> None:
    """
    Play the clients' side of FILE on the server at HOST, and compare its answers with those in FILE.

    Status 1: they differ; 2: it cannot be played.
    """
    from twisted.internet import reactor  # noqa: TID251

    from bluemarble.tools.capturing import staging as stage
    from bluemarble.tools.capturing.playing import Staging

    if given["account"] and not given["password"]:
        given["password"] = click.prompt("Password", hide_input=True)
    try:
        with explained():
            staging = Staging(
                host,
                stage.port_of(given),
                given["realm"],
                given["copies"],
                given["shift"],
                given["speed"],
                given["ignore"],
            )
            outcomes = stage.play(file, staging, given, reactor)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    sys.exit(stage.tell(file, staging, outcomes, in_json))
