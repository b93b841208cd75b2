"""What `bluemarble capture play` does once its options are known."""

import json
import pathlib
import secrets
from typing import Any

import click
from twisted.internet.defer import ensureDeferred
from twisted.python.failure import Failure

from bluemarble.client.endpoints import AUTH_PORT
from bluemarble.client.legacy import BUILD
from bluemarble.config import FILE, load
from bluemarble.tools.bots.peopling import make_accounts
from bluemarble.tools.bots.plan import Plan
from bluemarble.tools.capturing.comparing import Outcome
from bluemarble.tools.capturing.playing import Login, Performance, Staging
from bluemarble.tools.capturing.roles import CannotPlay, Role, roles_of
from bluemarble.tools.capturing.serving import accounts_in
from bluemarble.tools.packets.opening import packets
from bluemarble.tools.terminal import plainly

PREFIX, FIRST = "PLAY", 90_000  # numbers that bots do not have: their characters' names come of them
LETTERS, PASSWORD_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 16


def roles_in(path: pathlib.Path, sessions: tuple[int, ...]) -> list[Role]:
    """
    What can be played of a file.

    @raise CannotPlay: nothing.  @raise Malformed: it is damaged.
    """
    with path.open("rb") as file:
        return roles_of(packets(file, path), sessions)


def logins(count: int, given: dict[str, Any]) -> list[Login]:
    """
    Who plays: the account that is given, those of a file, or as many as needed, made in a server's folder.

    @raise CannotPlay: nobody is named.
    """
    if given["directory"] is not None:
        config = load(given["directory"] / FILE)
        password = "".join(secrets.choice(LETTERS) for _ in range(PASSWORD_LETTERS))
        plan = Plan(prefix=PREFIX, first=FIRST, players=count, password=password)
        make_accounts(config, plan)
        return [
            Login(plan.account(number), password, plan.character(number))
            for number in range(FIRST, FIRST + count)
        ]
    if given["accounts"] is not None:
        return [Login(*known) for known in accounts_in(given["accounts"]).items()]
    if given["account"]:
        return [Login(given["account"], given["password"], given["character"])]
    raise CannotPlay("who plays?  --account, --accounts or --dir")


def port_of(given: dict[str, Any]) -> int:
    """
    Of the auth server, as it was said, or as the server's folder says.

    @raise ConfigError: there is no such folder.
    """
    if given["port"] is not None:
        return int(given["port"])
    return AUTH_PORT if given["directory"] is None else load(given["directory"] / FILE).auth.port


def play(file: pathlib.Path, staging: Staging, given: dict[str, Any], reactor: Any) -> list[Outcome]:
    """
    All of it, with the reactor running meanwhile.

    @param given: the command's options on who plays, and `sessions`.
    @raise CannotPlay, Malformed, ValueError, OSError: it cannot be done.
    """
    roles = roles_in(file, given["sessions"])
    performance = Performance(reactor, roles, logins(len(roles) * staging.copies, given), staging)
    found: list[Any] = []

    def ended(result: Any) -> None:
        found.append(result)
        reactor.stop()

    reactor.callWhenRunning(lambda: ensureDeferred(performance.run()).addBoth(ended))
    reactor.run()
    if not found:
        raise CannotPlay("it was interrupted")
    [outcomes] = found
    if isinstance(outcomes, Failure):
        outcomes.raiseException()
    return outcomes  # type: ignore[no-any-return]


def tell(file: pathlib.Path, staging: Staging, outcomes: list[Outcome], in_json: bool) -> int:
    """Print how it was; 1 when anything is not as it was recorded."""
    same = all(outcome.same for outcome in outcomes)
    if in_json:
        told = {
            "file": str(file),
            "host": staging.host,
            "build": BUILD,
            "copies": staging.copies,
            "speed": staging.speed,
            "same": same,
            "players": [outcome.told() for outcome in outcomes],
        }
        click.echo(json.dumps(told))
    else:
        for outcome in outcomes:
            for line in outcome.lines():
                click.echo(plainly(line))
        click.echo("As recorded." if same else "Not as recorded.")
    return int(not same)
