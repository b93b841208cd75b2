"""The packet classes as Lua, for Wireshark: readers between the two halves of dissector.lua."""

import operator
import pathlib
from typing import Any

from construct.expr import BinExpr, Path

from opcodes import Version
from opcodes.vocab import (
    ArrayOf,
    CountOf,
    Fixed,
    Listed,
    Mapped,
    MaybeOf,
    PackedGuid,
    Record,
    Rest,
    Side,
    SizedText,
    Text,
    ToEndOf,
    Values,
    When,
    wire_form,
)
from opcodes.wire_forms import field_named

TEMPLATE = pathlib.Path(__file__).parent / "dissector.lua"
PLACE = "-- PACKETS --\n"
NUMBERS = {
    "B": "1",
    "b": "1, true",
    "H": "2",
    "h": "2, true",
    "L": "4",
    "l": "4, true",
    "Q": "8",
    "q": "8, true",
}
COMPARISONS = {
    operator.eq: "==",
    operator.ne: "~=",
    operator.le: "<=",
    operator.lt: "<",
    operator.ge: ">=",
    operator.gt: ">",
}
CALLED = {operator.and_: "band", operator.or_: "bor", operator.xor: "bxor", operator.rshift: "shift"}
SAMPLES = (0, 1, 2, 77, 4000)


class Unsayable(Exception):
    """Something that only Python can say, such as a conversion of an old build's numbers."""


def expression(expr: Any) -> str:
    """A `this` expression as Lua over `o`."""
    if isinstance(expr, Path):
        return f"o.{field_named(expr)}"
    if not isinstance(expr, BinExpr):
        return str(int(expr))
    left, right = expr.lhs, expr.rhs
    if expr.op is operator.and_ and right == 1 and isinstance(left, BinExpr) and isinstance(left.lhs, int):
        members = ", ".join(f"[{i}] = 1" for i in range(left.lhs.bit_length()) if left.lhs >> i & 1)
        return f"one_of({{{members}}}, {expression(left.rhs)})"
    if expr.op in COMPARISONS:
        return f"({expression(left)} {COMPARISONS[expr.op]} {expression(right)})"
    called = CALLED.get(expr.op)
    if called is None:
        raise Unsayable(repr(expr))
    return f"{called}({expression(left)}, {expression(right)})"


class Writer:
    """Lua functions of one build's packets, each record's before what holds it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.written: dict[type[Record], str] = {}

    def record(self, cls: type[Record]) -> str:
        """The name of the function that reads `cls`."""
        if cls not in self.written:
            body = self.body(cls)
            name = f"readers.{cls.__name__}"
            self.written[cls] = name
            self.lines += [f"{name} = function(r)", "    local o = {}", *body, "    return o", "end"]
        return self.written[cls]

    def body(self, cls: type[Record]) -> list[str]:
        """Its statements; where Lua cannot say what comes, the rest is shown as bytes."""
        out: list[str] = []
        try:
            if hasattr(cls, "outward"):
                raise Unsayable(cls.__name__)
            for name, hint in cls.hints.items():
                out += self.field(name, wire_form(hint), cls.rules.get(name))
        except Unsayable:
            out.append('    r:blob("not shown")')
        return out

    def field(self, name: str, form: Any, rule: Any) -> list[str]:
        """The statements of a field."""
        if isinstance(rule, When):
            conditions = " and ".join(f"truth({expression(c)})" for c in rule.conditions)
            return [f"    if {conditions} then", *self.field(name, form, rule.then), "    end"]
        target = f"    o.{name} = "
        match rule:
            case Listed(count, limit):
                if callable(count):
                    out, counted = [], expression(count)
                else:
                    out, counted = [f"    local n = {self.value(count, repr_lua(name + ': count'))}"], "n"
                each = f'    r:each("{name}", {counted}, {limit}, {self.item(form)})'
                return ["    do", *out, each, "    end"] if out else [each]
            case ArrayOf(length):
                return [f'    r:each("{name}", {length}, {length}, {self.item(form)})']
            case ToEndOf(limit, leaving):
                return [f'    r:to_end("{name}", {limit}, {leaving}, {self.item(form)})']
            case MaybeOf():
                return ["    if r.at <= #r.bytes then", target + self.value(form, repr_lua(name)), "    end"]
            case CountOf():
                return [target + self.value(form, repr_lua(name))]
        return [target + self.value(form, repr_lua(name))]

    def item(self, form: Any) -> str:
        """A function that reads one of a list."""
        return f"function(r, name) return {self.value(form, 'name')} end"

    def value(self, form: Any, name: str) -> str:
        """An expression that reads one value."""
        match form:
            case type():
                return f"r:record({name}, {self.record(form)})"
            case PackedGuid():
                return f"r:packed({name})"
            case Text():
                return f"r:text({name}, {form.limit})"
            case SizedText():
                return f"r:sized_text({name}, {form.limit})"
            case Fixed():
                return f"r:blob({name}, {form.length})"
            case Rest():
                return f"r:blob({name})"
            case Values():
                return f"r:values({name}, {form.words})"
            case Mapped():
                offset = form.decoded(0)
                if any(form.decoded(n) != n + offset for n in SAMPLES):
                    raise Unsayable(name)
                return f"{self.value(form.subcon, name)} + {offset}"
        fmt = getattr(form, "fmtstr", "")
        if fmt[1:] == "f":
            return f"r:f32({name})"
        if fmt[1:] not in NUMBERS:
            raise Unsayable(name)
        return f"r:number({name}, {NUMBERS[fmt[1:]]}" + (", false, true)" if fmt[0] == ">" else ")")


def repr_lua(text: str) -> str:
    """A Lua string."""
    return f'"{text}"'


def build(version: Version) -> list[str]:
    """One build's table: opcode to reader, by sender, and opcode to name."""
    writer = Writer()
    sides: dict[str, list[str]] = {"client": [], "server": []}
    for side, table in (("client", version.packets), ("server", version.sent)):
        for number, cls in table.items():
            if Side[side.upper()] in cls.side:
                reader = writer.record(version.layout(cls, received=side == "client"))
                sides[side].append(f"    [0x{number:03X}] = {reader},")
    names = [f'    [0x{number:03X}] = "{name}",' for number, name in version.names.items()]
    return [
        "do",
        "local readers = {}",
        *writer.lines,
        f"builds[{version.build}] = {{",
        "client = {",
        *sides["client"],
        "},",
        "server = {",
        *sides["server"],
        "},",
        "names = {",
        *names,
        "}}",
        "end",
    ]


def dissector(versions: list[Version]) -> str:
    """The whole script."""
    first, _, second = TEMPLATE.read_text().partition(PLACE)
    lines = [line for version in versions for line in build(version)]
    return "\n".join([first, *lines, "", second])
