"""
The vocabulary packets are written in.

A packet is a class named exactly as the protocol names it.  Its annotations
are its wire layout, in order; each is a `construct` field wearing a Python
type.  Nothing else describes the packet anywhere: parsing, building, opcode
lookup, dispatch, the protocol reference and the dissector read this class.

What a field is set to in the class body is its rule: `when`, `listed`,
`array`, `to_end`, `count_of`, or a plain default, which only lets
constructors leave the field out.
"""

import enum
import types
import typing
from typing import Annotated, Any, dataclass_transform

import construct as c
from construct import this

from opcodes.wire_forms import (
    Array,
    Counted,
    Fixed,
    Mapped,
    Maybe,
    PackedGuid,
    Rest,
    SizedBytes,
    SizedText,
    Text,
    ToEnd,
    Values,
)

__all__ = [
    "Array",
    "ArrayOf",
    "CountOf",
    "Counted",
    "Fixed",
    "Listed",
    "Mapped",
    "Maybe",
    "MaybeOf",
    "PackedGuid",
    "Packet",
    "Phase",
    "Record",
    "Rest",
    "Side",
    "SizedBytes",
    "SizedText",
    "Text",
    "ToEnd",
    "ToEndOf",
    "Values",
    "When",
    "array",
    "count_of",
    "empty",
    "f32",
    "guid",
    "i8",
    "i16",
    "i32",
    "i64",
    "listed",
    "maybe",
    "one_of",
    "packed_guid",
    "rest",
    "this",
    "to_end",
    "u8",
    "u16",
    "u16be",
    "u32",
    "u32be",
    "u64",
    "when",
    "wire_form",
]


class Side(enum.Flag):
    """Who may send a packet; read off the name's prefix."""

    CLIENT = 1
    SERVER = 2


class Phase(enum.IntEnum):
    """How far a connection must have come before it may send a packet."""

    HELLO = 0  # connected, nothing proven
    AUTHED = 1  # account proven, at the character screen
    WORLD = 2  # a character is in the world


u8 = Annotated[int, c.Int8ul]
u16 = Annotated[int, c.Int16ul]
u32 = Annotated[int, c.Int32ul]
u64 = Annotated[int, c.Int64ul]
u16be = Annotated[int, c.Int16ub]
u32be = Annotated[int, c.Int32ub]
i8 = Annotated[int, c.Int8sl]
i16 = Annotated[int, c.Int16sl]
i32 = Annotated[int, c.Int32sl]
i64 = Annotated[int, c.Int64sl]
f32 = Annotated[float, c.Float32l]
guid = u64
packed_guid = Annotated[int, PackedGuid()]
rest = Annotated[bytes, Rest(0x7FFF)]


class When(typing.NamedTuple):
    """On the wire only if all conditions hold; `then` is the rule of the field when it is."""

    conditions: tuple[Any, ...]
    then: Any = None

    def __call__(self, context: Any) -> bool:
        """Whether the field is there, in construct's context."""
        return all(condition(context) for condition in self.conditions)


class Listed(typing.NamedTuple):
    """A count, then so many items; a count that is a `this` expression was read before."""

    count: Any
    limit: int


class ArrayOf(typing.NamedTuple):
    """Always so many items."""

    length: int


class ToEndOf(typing.NamedTuple):
    """Items to the end of the packet, but for the bytes that later fields take."""

    limit: int
    leaving: int = 0


class MaybeOf(typing.NamedTuple):
    """On the wire unless the packet has ended."""


class CountOf(typing.NamedTuple):
    """The length of a list that comes later."""

    field: str


def when(*conditions: Any, then: Any = None) -> Any:
    """Default of a field on the wire only if all `conditions` hold, else None; a list's rule is `then`."""
    return When(conditions, then)


def listed(count: Any, limit: int) -> Any:
    """
    Default of a list field preceded by its count, at most `limit` long.

    @param count: the count's type, or `this.x` where x is an earlier `count_of` field.
    """
    return Listed(typing.get_args(count)[1] if typing.get_origin(count) is Annotated else count, limit)


def array(length: int) -> Any:
    """Default of a list field of always `length` items, with no count on the wire."""
    return ArrayOf(length)


def to_end(limit: int, leaving: int = 0) -> Any:
    """
    Default of a list field that fills the rest of the packet, at most `limit` long.

    @param leaving: how many bytes later fields take.
    """
    return ToEndOf(limit, leaving)


def maybe() -> Any:
    """Default of a last field that a packet may end without; it is None then."""
    return MaybeOf()


def count_of(field: str) -> Any:
    """Default of a count that stands before other fields and then its list; it is read off the list."""
    return CountOf(field)


def one_of(field: Any, *values: int) -> Any:
    """A condition: the field has one of these values."""
    return sum(1 << value for value in values) >> field & 1


RULES = (When, Listed, ArrayOf, ToEndOf, MaybeOf, CountOf)
LISTS = (Listed, ArrayOf, ToEndOf)


def wire_form(hint: Any) -> Any:
    """The construct, or the Record class, behind an annotation."""
    if typing.get_origin(hint) is Annotated:
        return typing.get_args(hint)[1]
    if isinstance(hint, type) and issubclass(hint, Record):
        return hint
    inner = [a for a in typing.get_args(hint) if a is not types.NoneType]
    if len(inner) == 1:  # `X | None` and `list[X]`
        return wire_form(inner[0])
    raise TypeError(f"{hint!r} has no wire form")


def empty(hint: Any, rule: Any) -> Any:
    """What a field is when the wire has nothing to say of it: its default, None, no items, or zero."""
    if isinstance(rule, LISTS):
        return []
    if isinstance(rule, When | MaybeOf):
        return None
    if rule is not None:
        return rule
    if typing.get_origin(hint) is not Annotated:
        form = wire_form(hint)
        return form(
            **{
                k: empty(h, form.rules.get(k))
                for k, h in form.hints.items()
                if not isinstance(form.rules.get(k), CountOf)
            }
        )
    kind = typing.get_args(hint)[0]
    return (typing.get_origin(kind) or kind)()


def _subcon(hint: Any, rule: Any) -> c.Construct:
    form = wire_form(hint)
    form = getattr(form, "layout", form)
    if isinstance(rule, When):
        return c.If(rule, _ruled(form, rule.then))
    return _ruled(form, rule)


def _ruled(form: Any, rule: Any) -> c.Construct:
    match rule:
        case Listed(count, limit):
            return Counted(count, form, limit)
        case ArrayOf(length):
            return Array(form, length)
        case ToEndOf(limit, leaving):
            return ToEnd(form, limit, leaving)
        case MaybeOf():
            return Maybe(form)
        case CountOf(field):
            return c.Rebuild(form, lambda context: len(context[field]))
    return form


@dataclass_transform(kw_only_default=True)
class _RecordType(type):
    """Turns annotations into slots and a construct Struct."""

    def __new__(
        mcls, name: str, bases: tuple[type, ...], body: dict[str, Any], of: Any = None, **kwargs: Any
    ) -> Any:
        hints = body.get("__annotations__", {})
        rules = {k: body.pop(k) for k in hints if k in body}
        counts = {k: _length(rule.field) for k, rule in rules.items() if isinstance(rule, CountOf)}
        body["__slots__"] = tuple(k for k in hints if k not in counts)
        cls: Any = super().__new__(mcls, name, bases, body | counts, **kwargs)
        cls.hints = {
            k: v for b in reversed(cls.__mro__[1:]) for k, v in getattr(b, "hints", {}).items()
        } | hints
        cls.rules = {
            k: v for b in reversed(cls.__mro__[1:]) for k, v in getattr(b, "rules", {}).items()
        } | rules
        cls.canonical = of or cls
        fields = (k / _layout(cls, k, v) for k, v in cls.hints.items())
        cls.layout = name / c.Struct(*fields) * (cls.__doc__ or "")
        if hasattr(cls, "outward"):
            cls.layout = Mapped(cls.layout, cls.inward, cls.outward)
        cls.__init__ = _initializer(cls.hints, cls.rules)
        return cls


def _length(field: str) -> property:
    """What a count that is not stored answers."""
    return property(lambda self: len(getattr(self, field)))


def _layout(cls: Any, field: str, hint: Any) -> c.Construct:
    rule = cls.rules.get(field)
    form = _subcon(hint, rule)
    if field not in cls.canonical.hints and not isinstance(rule, RULES):  # an old build's padding
        return c.Rebuild(form, empty(hint, rule))
    return form


def _initializer(hints: dict[str, Any], rules: dict[str, Any]) -> Any:
    """`__init__` taking every field by name; ruled ones may be left out."""
    given, lines, names = "", ["    pass"], {}
    for k, hint in hints.items():
        rule = rules.get(k)
        if isinstance(rule, CountOf):
            continue
        listing = isinstance(rule, LISTS)
        given += f", {k}" if rule is None else f", {k}=None" if listing else f", {k}=_default_{k}"
        names[f"_default_{k}"] = None if rule is None or listing else empty(hint, rule)
        lines.append(f"    self.{k} = {k}" + (f" if {k} is not None else []" if listing else ""))
    exec(f"def __init__(self{', *' if given else ''}{given}):\n" + "\n".join(lines), names)
    return names["__init__"]


class Record(metaclass=_RecordType):
    """A value with a wire layout: what packets are made of."""

    if typing.TYPE_CHECKING:
        layout: typing.ClassVar[c.Construct]
        hints: typing.ClassVar[dict[str, Any]]
        rules: typing.ClassVar[dict[str, Any]]
        canonical: typing.ClassVar[type["Record"]]
        hot: typing.ClassVar[bool]

    def __init_subclass__(cls, of: Any = None, hot: bool = False) -> None:
        """
        Takes `hot`: C reads and writes this, too; `cffi_build/emit_c.py` writes how.

        Takes `of`: this is another build's layout of that class.

        Field names are the other's; a field of its own with a plain default is padding; the other's fields
        that it lacks decode as `empty`.  Its codec takes and gives objects of the other class.

        A layout that renaming and leaving out cannot say has two static methods: `outward` makes of such an
        object one that has the layout's fields, before it is written; `inward` undoes it after reading.
        """
        cls.hot = hot

    def __iter__(self) -> Any:
        """(name, value) pairs: `dict(record)`, and construct's own builder."""
        return ((k, getattr(self, k)) for k in type(self).hints)

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def get(self, name: str, default: Any = None) -> Any:
        """As a dict's."""
        return getattr(self, name, default)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and all(
            getattr(self, k) == getattr(other, k) for k in type(self).hints
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        inner = ", ".join(f"{k}={getattr(self, k)!r}" for k in type(self).hints)
        return f"{type(self).__name__}({inner})"


class Packet(Record):
    """
    One message of the opcode protocol.

    @cvar phase: the least phase in which a client may send it.
    @cvar side: who sends it, from the CMSG_ / SMSG_ / MSG_ prefix.
    """

    if typing.TYPE_CHECKING:
        phase: typing.ClassVar[Phase]
        side: typing.ClassVar[Side]

    def __init_subclass__(cls, phase: Phase | None = None, of: Any = None) -> None:
        cls.phase = getattr(cls, "phase", Phase.WORLD) if phase is None else phase
        cls.side = {"C": Side.CLIENT, "S": Side.SERVER}.get(cls.__name__[0], Side.CLIENT | Side.SERVER)
