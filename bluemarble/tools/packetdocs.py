"""`python -m bluemarble.tools.packetdocs`: protocol reference and Wireshark dissector, from the classes."""

import importlib
import inspect
import pathlib
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import click

import opcodes
from bluemarble.tools import lua
from opcodes.vocab import (
    ArrayOf,
    CountOf,
    Fixed,
    Listed,
    Mapped,
    MaybeOf,
    PackedGuid,
    Packet,
    Record,
    Rest,
    Side,
    SizedBytes,
    SizedText,
    Text,
    ToEndOf,
    Values,
    When,
    wire_form,
)

BUILDS = (12340, 5875)
NUMBERS = {
    "<B": "u8",
    "<b": "i8",
    "<H": "u16",
    "<h": "i16",
    "<L": "u32",
    "<l": "i32",
    "<Q": "u64",
    "<q": "i64",
    "<f": "f32",
    ">H": "u16be",
    ">L": "u32be",
}
WIRESHARK = """\
## In Wireshark

    wireshark -X lua_script:build/bluemarble.lua -o bluemarble.key:KEY capture.pcap

shows these packets.  KEY is the account's session key in hexadecimal; `-o bluemarble.plain:TRUE` stands in
its place for a conversation whose headers are in clear already.  `-o bluemarble.port:` and
`-o bluemarble.build:` name another port than 8085 and build than 12340.  `make dissector` tries the script
with tshark.  [Captures](../captures.md) in clear, `.pcapng`, need none of these options.
"""
WHO = {Side.CLIENT: "client", Side.SERVER: "server", Side.CLIENT | Side.SERVER: "both"}


def type_name(form: Any) -> str:
    """A wire form in the reference's words."""
    match form:
        case type():
            return f"[{form.__name__}](#{form.__name__.lower()})"
        case PackedGuid():
            return "packed guid"
        case Text():
            return f"text to NUL, ≤ {form.limit} bytes"
        case SizedText():
            return f"u32 size with NUL, text to NUL, ≤ {form.limit} bytes"
        case SizedBytes():
            return f"u32 size, bytes, ≤ {form.limit}"
        case Fixed():
            return f"{form.length} bytes"
        case Rest():
            return f"bytes to the end, ≤ {form.limit}"
        case Values():
            return f"update mask (u8 words ≤ {form.words}, words) and its u32 values"
        case Mapped():
            return type_name(form.subcon) + ", converted"
    return NUMBERS.get(getattr(form, "fmtstr", ""), type(form).__name__)


def field_line(name: str, form: Any, rule: Any) -> str:
    """A field as a row of the reference's table."""
    there = ""
    if isinstance(rule, When):
        there = "if " + " and ".join(map(condition, rule.conditions))
        rule = rule.then
    kind = type_name(form)
    match rule:
        case Listed(count, limit):
            counted = f"`{condition(count)}`" if callable(count) else type_name(count)
            kind = f"{counted} × {kind}, ≤ {limit}"
        case ArrayOf(length):
            kind = f"{length} × {kind}"
        case ToEndOf(limit, leaving):
            kind += f" to the end, ≤ {limit}" + (f", leaving {leaving} bytes" if leaving else "")
        case MaybeOf():
            there = "unless the packet has ended"
        case CountOf(of):
            kind += f", the length of `{of}`"
        case None:
            pass
        case default:
            there = there or f"by default {default!r}"
    return f"| `{name}` | {kind} | {there} |"


def condition(expression: Any) -> str:
    """A condition in Python's words."""
    text = repr(expression).replace("this['", "").replace("']", "")
    return re.sub(
        r"\(\((\d+) >> (\w+)\) & 1\)", lambda found: f"{found[2]} in {members(int(found[1]))}", text
    )


def members(mask: int) -> str:
    """The numbers whose bits are set."""
    return "{" + ", ".join(hex(i) for i in range(mask.bit_length()) if mask >> i & 1) + "}"


def records(form: type[Record]) -> Iterator[type[Record]]:
    """The records inside one, and theirs."""
    for hint in form.hints.values():
        inner = wire_form(hint)
        if isinstance(inner, type):
            yield from records(inner)
            yield inner


def layout(cls: type[Record]) -> list[str]:
    """A record's or packet's fields as a table."""
    if not cls.hints:
        return ["No fields.", ""]
    rows = (field_line(name, wire_form(hint), cls.rules.get(name)) for name, hint in cls.hints.items())
    return ["| field | on the wire | there |", "|---|---|---|", *rows, ""]


def described(cls: type[Record]) -> list[str]:
    """A class's docstring."""
    return [inspect.getdoc(cls) or "", ""]


def packet(cls: type[Packet], versions: list[opcodes.Version], seen: dict[str, str]) -> list[str]:
    """One packet's section; `seen` has the page's tables so far, and whose they are."""
    numbers = ", ".join(f"0x{v.numbers[cls]:03X} in {v.build}" for v in versions if cls in v.numbers)
    out = [
        f"## {cls.__name__}",
        "",
        f"{numbers or 'no number'}; from the {WHO[cls.side]}; phase {cls.phase.name}.",
        "",
        *described(cls),
    ]
    tables = layout(cls)
    for version, received, other in others(cls, versions):
        tables += [f"In {version.build}{' from the client' if received else ''}:", "", *layout(other)]
    first = seen.setdefault("\n".join(tables), cls.__name__)
    if first != cls.__name__ and cls.hints:
        tables = [f"Its fields are those of [{first}](#{first.lower()}).", ""]
    return [*out, *tables]


def others(cls: type[Packet], versions: list[opcodes.Version]) -> Iterator[tuple[Any, bool, type[Record]]]:
    """The builds that write it otherwise, and whether that is only what a client sends."""
    for version in versions:
        sent, received = version.layouts.get((cls, False)), version.layouts.get((cls, True))
        if sent is not None:
            yield version, False, sent
        if received is not None and received is not sent:
            yield version, True, received


def page(module: ModuleType, versions: list[opcodes.Version]) -> str:
    """A module's packets, then the records that they are made of."""
    mine = [
        cls
        for cls in vars(module).values()
        if isinstance(cls, type) and issubclass(cls, Record) and cls.__module__ == module.__name__
    ]
    known = {cls for version in versions for cls in version.numbers}
    packets = [cls for cls in mine if cls in known and issubclass(cls, Packet)]
    inside = {
        inner: None
        for cls in packets
        for form in (cls, *(other for *_, other in others(cls, versions)))
        for inner in records(form)
    }
    seen: dict[str, str] = {}
    out = [f"# {module.__name__.rpartition('.')[2]}", "", inspect.getdoc(module) or "", ""]
    for cls in packets:
        out += packet(cls, versions, seen)
    for record in inside:
        out += [f"## {record.__name__}", "", *described(record), *layout(record)]
    return "\n".join(out)


def index(versions: list[opcodes.Version], modules: list[str]) -> str:
    """The first page."""
    out = [
        "# Protocol",
        "",
        "Written by `python -m bluemarble.tools.packetdocs` from `opcodes/`; do not edit.",
        "",
        "```{toctree}",
        *modules,
        "```",
        "",
    ]
    for version in versions:
        done, all_ = len(version.packets), len(version.names)
        out += [f"Build {version.build}: {done} of {all_} opcodes are defined.", ""]
    out += [WIRESHARK]
    return "\n".join(out)


@click.command()
@click.option(
    "--docs",
    type=click.Path(path_type=pathlib.Path),
    default=pathlib.Path("docs/protocol"),
    show_default=True,
    help="Where the reference's pages go.",
)
@click.option(
    "--lua",
    "dissector",
    type=click.Path(path_type=pathlib.Path),
    default=pathlib.Path("build/bluemarble.lua"),
    show_default=True,
    help="Where the dissector goes; Wireshark takes it with -X lua_script:FILE.",
)
def main(docs: pathlib.Path, dissector: pathlib.Path) -> None:
    """Write the protocol reference and a Wireshark dissector of the world protocol."""
    versions = [opcodes.version(build) for build in BUILDS]
    docs.mkdir(parents=True, exist_ok=True)
    for name in opcodes.MODULES:
        text = page(importlib.import_module(f"opcodes.{name}"), versions)
        (docs / f"{name}.md").write_text(text + "\n")
    (docs / "index.md").write_text(index(versions, list(opcodes.MODULES)))
    dissector.parent.mkdir(parents=True, exist_ok=True)
    dissector.write_text(lua.dissector([*versions, opcodes.native()]))
    click.echo(f"{len(opcodes.MODULES)} pages in {docs}, the dissector in {dissector}")


if __name__ == "__main__":
    main()
