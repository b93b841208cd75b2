"""
Straight-line Python codecs, written from the packet classes.

`construct` is the definition and the oracle, but it interprets its tree for
every packet.  `codec(cls)` walks the same tree once and writes the code a
careful person would have written by hand: runs of numbers become one
`struct.Struct`, conditions become `if`, counts become bounded loops.  A field
it does not know is left to construct, so every packet has a codec.

Unlike `Construct.compile`, nothing is assumed of the bytes: a short, long or
over-limit packet raises `Malformed`, never anything else.
"""

import functools
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

import construct as c
from construct.expr import BinExpr, Path, opnames

from bluemarble.wire import pieces
from bluemarble.wire.errors import Malformed
from opcodes.vocab import (
    RULES,
    ArrayOf,
    CountOf,
    Fixed,
    Listed,
    Mapped,
    MaybeOf,
    PackedGuid,
    Record,
    Rest,
    SizedText,
    Text,
    ToEndOf,
    Values,
    When,
    empty,
    wire_form,
)
from opcodes.wire_forms import field_named

__all__ = ["Codec", "Malformed", "codec"]


class Codec(NamedTuple):
    """
    Bytes to a packet object and back.

    @ivar source: the Python that was written, for the curious.
    """

    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]
    source: str


class _Writer:
    """Accumulates the lines of one codec."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {
            "Malformed": Malformed,
            "ConstructError": c.ConstructError,
            "error": struct.error,
            "new": object.__new__,
            "pack": struct.pack,
            "unpack_from": struct.unpack_from,
            **{name: getattr(pieces, name) for name in pieces.__all__},
        }
        self.count = 0

    def name(self, stem: str, value: Any = None) -> str:
        """A name not yet used, standing for `value` in the code."""
        self.count += 1
        name = f"{stem}{self.count}"
        if value is not None:
            self.names[name] = value
        return name

    # Reading.

    def decoder(self, cls: type[Record], var: str, pad: str) -> list[str]:
        """Lines that read a record into `var`."""
        out = [f"{pad}{var} = new({self.name('R', cls.canonical)})"]
        for run in _runs(cls):
            if isinstance(run, list):
                s = struct.Struct(_joined(run))
                targets = ", ".join(_target(cls, var, k) for k, _ in run)
                out += [
                    f"{pad}{targets}, = {self.name('take', s.unpack_from)}(data, at)",
                    f"{pad}at += {s.size}",
                ]
                continue
            field, form, rule = run
            target = _target(cls, var, field)
            if isinstance(rule, When | MaybeOf):
                there = _python(rule, cls, var) if isinstance(rule, When) else "at < len(data)"
                out += [
                    f"{pad}if {there}:",
                    *self.read_ruled(form, getattr(rule, "then", None), target, pad + "    ", cls, var),
                    f"{pad}else:",
                    f"{pad}    {target} = None",
                ]
            else:
                out += self.read_ruled(form, rule, target, pad, cls, var)
        for field in cls.canonical.hints:
            rule = cls.canonical.rules.get(field)
            if field not in cls.hints and not isinstance(rule, CountOf):
                out.append(f"{pad}{var}.{field} = {self.blank(cls.canonical.hints[field], rule)}")
        if (inward := getattr(cls, "inward", None)) is not None:
            out.append(f"{pad}{var} = {self.name('inward', inward)}({var})")
        return out

    def blank(self, hint: Any, rule: Any) -> str:
        """The empty value of a field that an old build lacks, as an expression."""
        value = empty(hint, rule)
        if isinstance(value, Record):
            return f"{self.name('blank', functools.partial(empty, hint, rule))}()"
        return repr(value)

    def read_ruled(
        self, form: Any, rule: Any, target: str, pad: str, cls: type[Record], var: str
    ) -> list[str]:
        """Lines that read a field, which may be a list."""
        if not isinstance(rule, Listed | ArrayOf | ToEndOf):
            return self.read(form, target, pad)
        out: list[str] = []
        numbers = isinstance(form, c.FormatField)
        n = self.name("n")
        if isinstance(rule, ArrayOf):
            n = str(rule.length)
        elif isinstance(rule, Listed):
            if callable(rule.count):
                out += [f"{pad}{n} = {_expression(rule.count, cls, var)}"]
            else:
                out += self.read(rule.count, n, pad)
            out.append(f"{pad}if not 0 <= {n} <= {rule.limit}: raise Malformed('too many: {target}')")
        elif numbers:
            out += [
                f"{pad}{n}, odd = divmod(len(data) - {rule.leaving} - at, {form.length})",
                f"{pad}if odd or not 0 <= {n} <= {rule.limit}: raise Malformed('too many: {target}')",
            ]
        if numbers:
            many = f"f'{form.fmtstr[0]}{{{n}}}{form.fmtstr[1:]}'"
            return [
                *out,
                f"{pad}{target} = list(unpack_from({many}, data, at))",
                f"{pad}at += {n} * {form.length}",
            ]
        item = self.name("item")
        out += [f"{pad}{item}s = {target} = []", f"{pad}for _ in range({n}):"]
        if isinstance(rule, ToEndOf):
            out[-1] = f"{pad}while at < len(data) - {rule.leaving}:"
            out.append(f"{pad}    if len({item}s) >= {rule.limit}: raise Malformed('too many: {target}')")
        return [*out, *self.read(form, item, pad + "    "), f"{pad}    {item}s.append({item})"]

    def read(self, form: Any, target: str, pad: str) -> list[str]:
        """Lines that read one value."""
        match form:
            case type():
                var = self.name("r")
                return [*self.decoder(form, var, pad), f"{pad}{target} = {var}"]
            case PackedGuid():
                return [f"{pad}{target}, at = read_guid(data, at)"]
            case Text():
                return [f"{pad}{target}, at = read_text(data, at, {form.limit})"]
            case SizedText():
                return [f"{pad}{target}, at = read_sized_text(data, at, {form.limit})"]
            case Rest():
                return [
                    f"{pad}{target} = data[at:]",
                    f"{pad}at = len(data)",
                    f"{pad}if len({target}) > {form.limit}: raise Malformed('too long: {target}')",
                ]
            case Values():
                back = self.name("back", form.from_wire) if form.from_wire else None
                return [f"{pad}{target}, at = read_values(data, at, {form.words}, {back})"]
            case Mapped():
                return [
                    *self.read(form.subcon, target, pad),
                    f"{pad}{target} = {self.name('decoded', form.decoded)}({target})",
                ]
            case c.FormatField() | Fixed():
                s = struct.Struct(_format(form))
                return [
                    f"{pad}{target}, = {self.name('take', s.unpack_from)}(data, at)",
                    f"{pad}at += {s.size}",
                ]
        return [f"{pad}{target}, at = read_other({self.name('form', form)}, data, at)"]

    # Writing.

    def encoder(self, cls: type[Record], var: str, pad: str) -> list[str]:
        """Lines that write the record in `var`."""
        out = []
        if (outward := getattr(cls, "outward", None)) is not None:
            out.append(f"{pad}{var} = {self.name('outward', outward)}({var})")
        for run in _runs(cls):
            if isinstance(run, list):
                args = [_source(cls, var, k) for k, _ in run]
                out += [
                    f"{pad}if len({arg}) != {f[1:-1]}: raise ValueError('{k}: length')"
                    for arg, (k, f) in zip(args, run, strict=True)
                    if f.endswith("s")
                ]
                pack = self.name("pack", struct.Struct(_joined(run)).pack)
                out.append(f"{pad}put({pack}({', '.join(args)}))")
                continue
            field, form, rule = run
            value = _source(cls, var, field)
            if isinstance(rule, When | MaybeOf):
                there = _python(rule, cls, var, False) if isinstance(rule, When) else f"{value} is not None"
                out += [
                    f"{pad}if {there}:",
                    *self.write_ruled(form, getattr(rule, "then", None), value, pad + "    "),
                ]
            else:
                out += self.write_ruled(form, rule, value, pad)
        return out

    def write_ruled(self, form: Any, rule: Any, value: str, pad: str) -> list[str]:
        """Lines that write a field, which may be a list."""
        if not isinstance(rule, Listed | ArrayOf | ToEndOf):
            return self.write(form, value, pad)
        n = self.name("n")
        wrong = f"!= {rule.length}" if isinstance(rule, ArrayOf) else f"> {rule.limit}"
        out = [f"{pad}{n} = len({value})", f"{pad}if {n} {wrong}: raise ValueError('{value}: length')"]
        if isinstance(rule, Listed) and not callable(rule.count):
            out += self.write(rule.count, n, pad)
        if isinstance(form, c.FormatField):
            return [*out, f"{pad}put(pack(f'{form.fmtstr[0]}{{{n}}}{form.fmtstr[1:]}', *{value}))"]
        item = self.name("item")
        return [*out, f"{pad}for {item} in {value}:", *self.write(form, item, pad + "    ")]

    def write(self, form: Any, value: str, pad: str) -> list[str]:
        """Lines that write one value."""
        match form:
            case type():
                var = self.name("r")
                return [f"{pad}{var} = {value}", *self.encoder(form, var, pad)]
            case PackedGuid():
                return [f"{pad}put(write_guid({value}))"]
            case Text():
                return [f"{pad}put(write_text({value}, {form.limit}))"]
            case SizedText():
                return [f"{pad}put(write_sized_text({value}, {form.limit}))"]
            case Rest():
                return [
                    f"{pad}if len({value}) > {form.limit}: raise ValueError('{value}: too long')",
                    f"{pad}put({value})",
                ]
            case Values():
                there = self.name("there", form.to_wire) if form.to_wire else None
                return [f"{pad}put(write_values({value}, {form.words}, {there}))"]
            case Mapped():
                return self.write(form.subcon, f"{self.name('encoded', form.encoded)}({value})", pad)
            case c.FormatField():
                return [f"{pad}put({self.name('pack', struct.Struct(form.fmtstr).pack)}({value}))"]
            case Fixed():
                return [
                    f"{pad}if len({value}) != {form.length}: raise ValueError('{value}: length')",
                    f"{pad}put({value})",
                ]
        return [f"{pad}put({self.name('form', form)}.build({value}))"]


def _format(form: Any) -> str:
    return str(form.fmtstr) if isinstance(form, c.FormatField) else f"<{form.length}s"


def _joined(run: list[tuple[str, str]]) -> str:
    return next((f[0] for _, f in run if f[0] == ">"), "<") + "".join(f[1:] for _, f in run)


def _runs(cls: type[Record]) -> list[Any]:
    """Fields in order, with neighbouring plain numbers and bytes gathered in lists."""
    out: list[Any] = []
    for field, hint in cls.hints.items():
        form, rule = wire_form(hint), cls.rules.get(field)
        plain = isinstance(rule, CountOf) or not isinstance(rule, RULES)
        if plain and isinstance(form, c.FormatField | Fixed):
            order = _format(form)
            if not (out and isinstance(out[-1], list) and _order(out[-1][-1][1]) == _order(order)):
                out.append([])
            out[-1].append((field, order))
        else:
            out.append((field, form, rule))
    return out


def _order(fmt: str) -> str:
    return fmt[0]


def _target(cls: type[Record], var: str, field: str) -> str:
    """Where a field that is read goes: counts and an old build's padding stay in locals."""
    if isinstance(cls.rules.get(field), CountOf) or field not in cls.canonical.hints:
        return f"{var}_{field}"
    return f"{var}.{field}"


def _source(cls: type[Record], var: str, field: str) -> str:
    """The value of a field that is written."""
    rule = cls.rules.get(field)
    if isinstance(rule, CountOf):
        return f"len({var}.{rule.field})"
    if field not in cls.canonical.hints:
        return repr(empty(cls.hints[field], rule))
    return f"{var}.{field}"


def _python(rule: When, cls: type[Record], var: str, reading: bool = True) -> str:
    """Conditions over `this` as Python over `var`."""
    return " and ".join(_expression(condition, cls, var, reading) for condition in rule.conditions)


def _expression(condition: Any, cls: type[Record], var: str, reading: bool = True) -> str:
    """A `this` expression as Python over `var`."""
    if isinstance(condition, BinExpr):
        left, right = (_expression(side, cls, var, reading) for side in (condition.lhs, condition.rhs))
        return f"({left} {opnames[condition.op]} {right})"
    if isinstance(condition, Path):
        return (_target if reading else _source)(cls, var, field_named(condition))
    return repr(condition)


@functools.cache
def codec(cls: type[Record]) -> Codec:
    """
    The codec of a packet class; written once, then kept.

    `decode` takes a packet's whole body and raises Malformed and nothing else; `encode` raises ValueError,
    TypeError or struct.error for values that do not fit, which is the caller's fault.
    """
    w = _Writer()
    lines = [
        "def decode(data):",
        "    at = 0",
        "    try:",
        *w.decoder(cls, "o", "        "),
        "    except (error, IndexError, UnicodeDecodeError, ConstructError) as why:",
        "        raise Malformed(str(why) or 'too short') from why",
        "    if at != len(data): raise Malformed(f'{len(data) - at} bytes left over')",
        "    return o",
        "",
        "def encode(o):",
        "    parts = []",
        "    put = parts.append",
        *w.encoder(cls, "o", "    "),
        "    return b''.join(parts)",
    ]
    source = "\n".join(lines)
    exec(compile(source, f"<codec of {cls.__name__}>", "exec"), w.names)
    return Codec(w.names["decode"], w.names["encode"], source)
