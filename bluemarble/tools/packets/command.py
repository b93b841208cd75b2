"""`bluemarble packets`: what is in a capture."""

import pathlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bluemarble.tools.flags import config_of, explained, inside

if TYPE_CHECKING:
    from bluemarble.tools.packets.choosing import Choice
    from bluemarble.wire.captures.record import Captured

F = TypeVar("F", bound=Callable[..., Any])
SHOW = "show"
FILE = click.Path(exists=True, dir_okay=False, path_type=pathlib.Path)
KEYLOG = click.option(
    "--keylog", type=FILE, metavar="KEYS", help="A key log: opens the datagrams that FILE recorded."
)
OPTIONS = (
    click.option("--opcode", "opcodes", multiple=True, metavar="NAME|NUMBER",
                 help="Only these: CMSG_PING, 'MSG_MOVE_*', 0x1DC."),
    click.option("--without", multiple=True, metavar="NAME|NUMBER", help="All but these."),
    click.option("--session", "connections", multiple=True, type=int, help="Only of this session."),
    click.option("--from", "sender", type=click.Choice(["client", "server"]), help="Only what it sent."),
    click.option("--after", "after_s", type=float, metavar="SECONDS", help="Since the first packet."),
    click.option("--before", "before_s", type=float, metavar="SECONDS", help="Likewise."),
    click.option("--value", "values", multiple=True, metavar="NUMBER|TEXT",
                 help="Only those with a field of this value, such as a guid or a name."),
    click.option("--faulty", is_flag=True, help="Only those that cannot be taken apart."),
)  # fmt: skip


class Group(click.Group):
    """`packets FILE` is `packets show FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Whatever begins with no command of ours and asks for no help is for `show`."""
        if args and args[0] not in self.commands and args[0] not in ("--help", "-h"):
            args = [SHOW, *args]
        return super().parse_args(ctx, args)


def choice(command: F) -> F:
    """The options that say which packets; they arrive as `choice`."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def chosen(given: dict[str, Any]) -> "Choice":
    """What those options say."""
    from bluemarble.tools.packets.choosing import Choice

    sender = given.pop("sender")
    return Choice(from_client=None if sender is None else sender == "client", **given)


@click.group("packets", cls=Group)
def main() -> None:
    """Captures (.pkt, .pcapng) and journals: `bluemarble packets FILE` prints what is in one."""


@main.command(SHOW)
@click.argument("file", type=FILE)
@choice
@click.option("--limit", type=click.IntRange(1), help="At most so many packets.")
@click.option("--brief", is_flag=True, help="A line each, without fields.")
@click.option("--stats", is_flag=True, help="Count them: sizes, rates, and how soon requests are answered.")
@click.option("--json", "in_json", is_flag=True, help="A line of JSON each; one object with --stats.")
@KEYLOG
def show(file: pathlib.Path, keylog: pathlib.Path | None, **given: Any) -> None:
    """Print the packets of FILE, with their fields and what those are measured in."""
    from bluemarble.tools.packets.opening import KeyFile
    from bluemarble.tools.packets.printing import printed

    how = {name: given.pop(name) for name in ("limit", "brief", "stats", "in_json")}
    with explained(), file.open("rb") as opened:
        log = None if keylog is None else KeyFile(keylog)
        printed(opened, file, chosen(given), log=log, **how)


@main.command("live")
@click.argument("account")
@inside
@choice
@click.option("--limit", type=click.IntRange(1), help="At most so many packets.")
@click.option("--brief", is_flag=True, help="A line each, without fields.")
@click.option("--json", "in_json", is_flag=True, help="A line of JSON each.")
def live(
    account: str, directory: pathlib.Path, limit: int | None, brief: bool, in_json: bool, **given: Any
) -> None:
    """Print what ACCOUNT says and is told, as it happens, by the world server that runs in DIR."""
    from bluemarble.tools.ordering import flowing
    from bluemarble.tools.packets.printing import printed

    with explained():
        config = config_of(directory, {})
        with flowing(config.path("."), config.world.realm_id, ["watch", account]) as (said, flow):
            click.echo(said, err=True)
            try:
                printed(flow, pathlib.Path(account), chosen(given), limit=limit, brief=brief, in_json=in_json)
            except KeyboardInterrupt:
                click.get_current_context().exit()


@main.command("convert")
@click.argument("file", type=FILE)
@click.argument("new", type=click.Path(path_type=pathlib.Path))
@choice
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--hide", type=click.Choice(["secrets", "chat"]), help="Proofs and passwords; chat as well.")
@KEYLOG
def convert(
    file: pathlib.Path,
    new: pathlib.Path,
    force: bool,
    hide: str | None,
    keylog: pathlib.Path | None,
    **given: Any,
) -> None:
    """Write FILE, or some of its packets, into NEW, whose name ends with .pkt or .pcapng."""
    from bluemarble.servers.hiding import hidden
    from bluemarble.tools.packets.converting import convert as convert_file
    from bluemarble.tools.packets.opening import KeyFile
    from bluemarble.tools.packets.printing import tell
    from bluemarble.wire.captures.formats import SUFFIXES

    def change(captured: "Captured") -> "Captured":
        return hidden(captured, chat=hide == "chat") if hide else captured

    with explained():
        if not new.name.endswith(SUFFIXES):
            raise ValueError(f"{new}: a capture's name ends with {' or '.join(SUFFIXES)}")
        if new.exists() and new.samefile(file):
            raise ValueError(f"{new} is the file itself")
        log = None if keylog is None else KeyFile(keylog)
        with new.open("wb" if force else "xb") as out:
            done = convert_file(file, out, new.name, chosen(given), change, log)
        click.echo(f"{new}: {done.written} packets")
        tell(done.lost, done.cut)
