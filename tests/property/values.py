"""Hypothesis strategies for packets, read off their classes, and what two readings of one have in common."""

import math
import struct

import construct as c
from hypothesis import strategies as st

from opcodes.vocab import (
    ArrayOf,
    CountOf,
    Fixed,
    Listed,
    Mapped,
    MaybeOf,
    PackedGuid,
    Rest,
    SizedBytes,
    SizedText,
    Text,
    ToEndOf,
    Values,
    When,
    wire_form,
)

RANGES = {
    "B": (0, 0xFF),
    "b": (-0x80, 0x7F),
    "H": (0, 0xFFFF),
    "h": (-0x8000, 0x7FFF),
    "L": (0, 2**32 - 1),
    "l": (-(2**31), 2**31 - 1),
    "Q": (0, 2**64 - 1),
    "q": (-(2**63), 2**63 - 1),
}
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


def values(form):
    """Values of a wire form."""
    match form:
        case type():
            return records(form)
        case PackedGuid():
            return st.integers(0, 2**64 - 1) | st.integers(0, 1000)
        case Text() | SizedText():
            return TEXT.filter(lambda s: len(s.encode()) <= form.limit)
        case Fixed():
            return st.binary(min_size=form.length, max_size=form.length)
        case Rest() | SizedBytes():
            return st.binary(max_size=min(form.limit, 30))
        case Values():
            known = (
                st.sampled_from(sorted(form.to_wire)) if form.to_wire else st.integers(0, 32 * form.words - 1)
            )
            return st.dictionaries(known, st.integers(0, 2**32 - 1), max_size=5)
        case Mapped():
            return values(form.subcon).map(form.decoded)
    if not isinstance(form, c.FormatField):  # a build's own form of a guid
        return st.integers(0, 2**64 - 1)
    if form.fmtstr[1:] == "f":
        return st.floats(width=32, allow_nan=False)
    return st.integers(*RANGES[form.fmtstr[1:]])


def ruled(form, rule):
    """Values of a field: perhaps a list."""
    match rule:
        case Listed(limit=limit) | ToEndOf(limit=limit):
            return st.lists(values(form), max_size=min(limit, 3))
        case ArrayOf(length):
            return st.lists(values(form), min_size=length, max_size=length)
        case MaybeOf():
            return st.none() | values(form)
    return values(form)


@st.composite
def records(draw, cls):
    """Objects of the class that `cls` lays out; conditions see what was drawn before them."""
    got = {}
    for name, hint in cls.hints.items():
        form, rule = wire_form(hint), cls.rules.get(name)
        if isinstance(rule, CountOf) or name not in cls.canonical.hints:
            continue
        if isinstance(rule, When):
            got[name] = draw(ruled(form, rule.then)) if rule(c.Container(got)) else None
        else:
            got[name] = draw(interesting(cls, name, form, rule, ruled(form, rule)))
    blank = {k: h for k, h in cls.canonical.hints.items() if k not in got and k not in cls.canonical.rules}
    made = cls.canonical(**got, **{k: values_or_zero(h) for k, h in blank.items()})
    return cls.inward(made) if hasattr(cls, "inward") else made


def interesting(cls, name, form, rule, drawn):
    """Small numbers more often where later fields depend on them."""
    decides = any(f"'{name}'" in repr(r.conditions) for r in cls.rules.values() if isinstance(r, When))
    if decides and isinstance(form, c.FormatField):
        return st.integers(0, min(0x40, RANGES[form.fmtstr[1:]][1])) | drawn
    return drawn


def values_or_zero(hint):
    from opcodes.vocab import empty

    return empty(hint, None)


def plain(value, cls=None):
    """A value as dicts, lists and bits, to compare construct's containers with ours; NaN equals itself."""
    if isinstance(value, float):
        return ("nan",) if math.isnan(value) else struct.pack("<d", value)
    if isinstance(value, list):
        return [plain(v, cls) for v in value]
    if isinstance(value, dict) and not isinstance(value, c.Container):
        return value
    if isinstance(value, c.Container) or hasattr(value, "hints"):
        pairs = value.items() if isinstance(value, c.Container) else value
        return {
            k: plain(v, nested(cls, k)) for k, v in pairs if k != "_io" and (cls is None or shared(cls, k))
        }
    return value


def nested(cls, name):
    """The class that lays a field out, if one does."""
    form = wire_form(cls.hints[name]) if cls is not None else None
    return form if isinstance(form, type) else None


def shared(cls, name):
    """Whether both readings have that field: not a count, not padding, not what an old build lacks."""
    return name in cls.hints and name in cls.canonical.hints and not isinstance(cls.rules.get(name), CountOf)
