"""
What the wire says: packet layouts and, per client build, their numbers.

Data only.  Nothing here opens a file at run time but `version`, `native` and the update-field tables, nothing
imports twisted or bluemarble, and any tool may import it alone.
"""

import csv
import functools
import importlib
import pathlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from opcodes.vocab import Packet, Record, Side

__all__ = ["MODULES", "Version", "native", "version"]

HERE = pathlib.Path(__file__).parent
MODULES = (
    "session",
    "characters",
    "movement",
    "orders",
    "objects",
    "chat",
    "channels",
    "social",
    "query",
    "play",
    "combat",
    "datagram",
)
# Modules of an old build's own layouts.
LAYOUTS: dict[int, tuple[str, ...]] = {
    12340: (),
    5875: (
        "vanilla",
        "vanilla_movement",
        "vanilla_objects",
        "vanilla_chat",
        "vanilla_query",
        "vanilla_combat",
    ),
}
SERVER = "_Server"  # of a MSG_ packet that differs by direction: NAME, NAME_Server


class Version(NamedTuple):
    """
    One client build's opcode numbers, both ways.

    @ivar packets: number to class; of a MSG_ packet with two layouts, what a client sends.
    @ivar numbers: class to number.
    @ivar names: number to name, for every opcode of the build, defined or not.
    @ivar sent: number to class, of what a server sends.
    @ivar layouts: (class, whether a client sent it) to the class that says how this build writes it.
    @ivar instead: class to what this build is sent for a packet of it, where that is not the packet itself.
    """

    build: int
    packets: dict[int, type[Packet]]
    numbers: dict[type[Packet], int]
    names: dict[int, str]
    sent: dict[int, type[Packet]]
    layouts: dict[tuple[type[Record], bool], type[Record]]
    instead: dict[type[Packet], Callable[[Packet], Sequence[Packet]]]

    def layout(self, cls: type[Record], received: bool = False) -> type[Record]:
        """
        How this build writes `cls`: the class itself, or one with `canonical = cls`.

        @param received: a client sent it; some builds' MSG_ packets differ by direction.
        """
        return self.layouts.get((cls, received), cls)

    def forms(self, packet: Packet) -> Sequence[Packet]:
        """
        What a client of this build is sent for a packet: the packet, or others, or nothing.

        Each has a number and a layout.
        """
        cls = type(packet)
        if cls in self.instead:
            return self.instead[cls](packet)
        return (packet,) if cls in self.numbers else ()


def _classes(modules: tuple[str, ...]) -> dict[str, type[Packet]]:
    return {
        name: cls
        for module in modules
        for name, cls in vars(importlib.import_module(f"opcodes.{module}")).items()
        if isinstance(cls, type) and issubclass(cls, Packet) and cls.__module__ == f"opcodes.{module}"
    }


def _table(path: pathlib.Path, classes: dict[str, type[Packet]], build: int) -> Version:
    with path.open(newline="") as lines:
        rows = [(int(r["opcode"], 16), r["name"]) for r in csv.DictReader(lines)]
    names = dict(rows)
    if len(names) != len(rows) or len(set(names.values())) != len(rows):
        raise ValueError(f"{path.name}: an opcode or a name is listed twice")
    packets: dict[int, type[Packet]] = {}
    sent: dict[int, type[Packet]] = {}
    numbers: dict[type[Packet], int] = {}
    for number, name in rows:
        for cls in (classes.get(name), classes.get(name + SERVER)):
            if cls is None:
                continue
            numbers[cls] = number
            packets.setdefault(number, cls)
            if Side.SERVER in cls.side:
                sent[number] = cls
    return Version(build, packets, numbers, names, sent, {}, {})


@functools.cache
def version(build: int) -> Version:
    """
    The opcode table of a client build, from `versions/<build>.csv`.

    @raise KeyError: we do not know that build.
    """
    modules = LAYOUTS[build]
    classes = _classes(MODULES + modules)
    own = [importlib.import_module(f"opcodes.{module}") for module in modules]
    for module in own:
        classes.update(getattr(module, "NAMES", {}))
    table = _table(HERE / "versions" / f"{build}.csv", classes, build)
    for module in own:
        table.layouts.update(module.LAYOUTS)
        table.instead.update(getattr(module, "INSTEAD", {}))
    return table


@functools.cache
def native() -> Version:
    """The numbers of what our own parts say to each other, from `versions/native.csv`; its build is 0."""
    return _table(HERE / "versions" / "native.csv", _classes(("cluster", "links")), 0)
