"""The `bluemarble bots` command: its options."""

import pathlib
import sys
from typing import Any

import click

from bluemarble.tools.flags import explained

SCENARIOS = "wander, crowd, chat, town, login_logout, path, fight"


@click.group(invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Of the auth server.")
@click.option("--port", type=int, help="Of the auth server.  [default: the directory's, else 3724]")
@click.option("--realm", default="", help="Its name; by default the first that is up.")
@click.option("--players", default=20, show_default=True, help="How many.")
@click.option(
    "--first", default=0, show_default=True, help="The first one's number; another machine's differs."
)
@click.option("--seconds", default=60.0, show_default=True, help="How long.")
@click.option("--scenario", default="wander", show_default=True, help=f"{SCENARIOS}; or FILE.py[:NAME].")
@click.option("--set", "options", multiple=True, metavar="NAME=VALUE", help="An option of the scenario's.")
@click.option("--rate", default=0.0, help="Of what the scenario does, a second and bot.")
@click.option("--arrivals", default=10.0, show_default=True, help="How many come in a second.")
@click.option("--udp", default=0.0, show_default=True, help="Share of them that asks for a UDP link, 0 to 1.")
@click.option("--seed", default=1, show_default=True, help="The same one walks the same ways.")
@click.option("--processes", default=1, show_default=True, help="How many share the bots.")
@click.option("--begin", default="", metavar="TIME", help="ISO 8601: several machines begin together.")
@click.option("--prefix", default="BOT", show_default=True, help="Of the accounts' names.")
@click.option("--password", default="", envvar="BLUEMARBLE_PASSWORD", help="Of all accounts.")
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    help="Of the server, to make accounts there.  [default: ./world, when there is no password]",
)
@click.option("--spread", default=0.0, metavar="YARDS", help="Put characters into a square of that side.")
@click.option("--place-by", default="", help="What a game master says for that: '.go xyz {x} {y} {z} {map}'.")
@click.option("--metrics", help="URL of the server's metrics.  [default: the directory's]")
@click.option(
    "--keylog", default="", metavar="FILE", help="Write the keys of UDP links there; docs/captures.md."
)
@click.option("--json", "to_json", default="", metavar="FILE", help="Write the report there.")
@click.option("--html", "to_html", default="", metavar="FILE", help="Write it as a page with plots.")
@click.pass_context
def bots(context: click.Context, /, **given: Any) -> None:
    """Play many clients at once against a server, and measure it; docs/bots.md."""
    if context.invoked_subcommand is None:
        from bluemarble.tools.bots.run import play

        files = given.pop("to_json"), given.pop("to_html")
        words = {name: given.pop(name) for name in ("options", "begin", "directory")}
        given["spread_yards"], given["arrivals_per_second"] = given.pop("spread"), given.pop("arrivals")
        with explained():
            sys.exit(play(given, **words, files=files))


@bots.command("accounts")
@click.option("--players", default=20, show_default=True, help="How many.")
@click.option("--first", default=0, show_default=True, help="The first one's number.")
@click.option("--prefix", default="BOT", show_default=True, help="Of the accounts' names.")
@click.option("--password", required=True, envvar="BLUEMARBLE_PASSWORD", help="Of all of them.")
def bots_accounts(**given: Any) -> None:
    """Print what makes the accounts at another server's console."""
    from bluemarble.tools.bots.plan import Plan

    with explained():
        plan = Plan(**given)
        for number in range(plan.first, plan.first + plan.players):
            click.echo(f"account create {plan.account(number)} {plan.password}")


@bots.command("merge")
@click.argument("reports", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--json", "to_json", default="", metavar="FILE", help="Write the whole there.")
@click.option("--html", "to_html", default="", metavar="FILE", help="Write it as a page with plots.")
def bots_merge(reports: tuple[str, ...], to_json: str, to_html: str) -> None:
    """Make one report of those of several machines."""
    from bluemarble.tools.bots.run import merge

    with explained():
        sys.exit(merge(reports, (to_json, to_html)))
