"""Every packet of every build: the written codec against the oracle, construct itself."""

import construct as c
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import opcodes
from bluemarble.wire.codec import Malformed, codec
from opcodes import logon
from opcodes.vocab import Packet
from tests.property.values import plain, records


def layouts():
    """Every class and every old build's layout of one."""
    for version in (opcodes.version(12340), opcodes.version(5875), opcodes.native()):
        yield from version.numbers
        yield from version.layouts.values()
    yield from (
        cls
        for cls in vars(logon).values()
        if isinstance(cls, type) and issubclass(cls, Packet) and cls.__module__ == logon.__name__
    )


def shape(cls):
    """What decides its codec: packets that only differ by name need one test."""
    return (
        tuple(map(repr, cls.hints.items())),
        tuple(map(repr, cls.rules.items())),
        cls.canonical is cls,
        tuple(cls.canonical.hints),
        getattr(cls, "inward", None),
        getattr(cls, "outward", None),
    )


LAYOUTS = sorted({shape(cls): cls for cls in layouts()}.values(), key=lambda p: p.__name__)


def oracle(cls, data):
    """What construct makes of it, refusing leftovers."""
    return c.FocusedSeq("it", "it" / cls.layout, c.Terminated).parse(data)


@pytest.mark.parametrize("cls", LAYOUTS, ids=lambda p: p.__name__)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_written_equals_construct(cls, data):
    """Both build the same bytes, and both read the same values back."""
    packet = data.draw(records(cls))
    wire = cls.layout.build(packet)
    assert codec(cls).encode(packet) == wire
    again = codec(cls).decode(wire)
    assert type(again) is type(packet)
    assert codec(cls).encode(again) == wire
    assert plain(oracle(cls, wire), cls) == plain(again, cls)


@pytest.mark.parametrize("cls", LAYOUTS, ids=lambda p: p.__name__)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_hostile_bytes(cls, data):
    """Cut, flipped or padded bytes: both refuse, or both read the same."""
    wire = bytearray(cls.layout.build(data.draw(records(cls))))
    for _ in range(data.draw(st.integers(1, 3))):
        if wire:
            wire[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    wire = bytes(wire[: data.draw(st.integers(0, len(wire)))]) + data.draw(st.binary(max_size=3))
    try:
        expected = oracle(cls, wire)
    except c.ConstructError:
        with pytest.raises(Malformed):
            codec(cls).decode(wire)
    else:
        assert plain(codec(cls).decode(wire), cls) == plain(expected, cls)


@pytest.mark.parametrize("cls", LAYOUTS, ids=lambda p: p.__name__)
def test_unset_fields(cls):
    """A packet made with what must be given, and nothing else, encodes."""
    from opcodes.vocab import CountOf, MaybeOf, When, empty

    needed = {
        k: empty(h, cls.canonical.rules.get(k))
        for k, h in cls.canonical.hints.items()
        if k not in cls.canonical.rules
    }
    assert not any(isinstance(cls.rules.get(k), CountOf | MaybeOf | When) for k in needed)
    cls.canonical(**needed)
