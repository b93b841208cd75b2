"""A field put away and taken out again, its digest, and what it refuses."""

import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.native import field as native

pytestmark = pytest.mark.native
RECORD = struct.Struct("<IHHHBBiii")


def busy(seed=3, count=60, ticks=30):
    """A field with everything in it; and how it goes on."""
    chance, field = random.Random(seed), native.Field(seed, reach_yards=60.0)
    for slot in range(count):
        field.put(slot, 1 + slot % 3, chance.uniform(-200, 200), chance.uniform(-200, 200), 0.0, 1.0, 7.0, 1)
        if slot % 3 == 0:
            field.bind(0x40_0000 + slot, slot, 0)
            field.watch(slot)
            field.look(slot, 1000 + slot, bytes([slot]) * 20)
        if slot % 5 == 0:
            field.component(slot, 2 + slot % 4, chance.randbytes(16))
    field.radius(1)
    for tick in range(1, ticks):
        go_on(field, chance, tick, count)
    return field, chance


def go_on(field, chance, tick, count=60):
    """A tick: inputs, walks, comings and goings."""
    out = b""
    for slot in range(0, count, 3):
        at = [chance.randrange(-8000, 8000) if chance.random() < 0.05 else 0 for _ in range(2)]
        out += RECORD.pack(0x40_0000 + slot, tick, 1, chance.randrange(65536), chance.randrange(2), 0, *at, 0)
    field.moves(out, tick * 50)
    slot = chance.randrange(1, count, 3)
    here = (chance.uniform(-100, 100), chance.uniform(-100, 100), 0.0)
    field.walk(slot, here, (50.0, 50.0, 1.0), tick * 50, tick * 50 + 2000)
    field.drop(slot + 1)
    field.put(slot + 1, native.OBJECT, *here)
    field.step(tick, tick * 50)


def test_it_goes_on_as_it_would_have():
    """The same digests after every tick, and the same bytes at the end."""
    field, _ = busy()
    other = native.Field.load(field.save())
    assert other.digest() == field.digest()
    for tick in range(30, 60):
        for it in field, other:
            go_on(it, random.Random(tick), tick)
        assert other.digest() == field.digest()
        assert other.trace() == field.trace()
        assert (other.moved(), other.corrections()) == (field.moved(), field.corrections())
        assert (other.shown(), other.crossed()) == (field.shown(), field.crossed())
    assert other.save() == field.save()
    assert native.Field.load(field.save()).save() == field.save()


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it.put(1, 2, 1.0, 1.0, 1.0),
        lambda it: it.put(70, 2, 1.0, 1.0, 1.0),
        lambda it: it.drop(1),
        lambda it: it.walk(5, (0.0, 0.0, 0.0), (1.0, 0.0, 0.0), 0, 1),
        lambda it: it.bind(7, 1, 0),
        lambda it: it.unbind(0x40_0000),
        lambda it: it.speeds(0, 8.0, 2.5, 4.0, 0.0),
        lambda it: it.root(0, True),
        lambda it: it.allow(0, (1, 2, 3, 4)),
        lambda it: it.watch(1),
        lambda it: it.unwatch(3),
        lambda it: it.sight(3, 50.0),
        lambda it: it.radius(2),
        lambda it: it.look(0, 1001, bytes(20)),
        lambda it: it.look(0, 1000, bytes([1])),
        lambda it: it.component(1, 2, b""),
        lambda it: it.component(0, 2, bytes(15)),
        lambda it: it.step(100, 5_000),
    ],
)
def test_everything_is_in_the_digest(change):
    """Whatever is changed; and in what is saved."""
    field, _ = busy(ticks=6)
    other = native.Field.load(field.save())
    change(other)
    assert other.digest() != field.digest()
    assert native.Field.load(other.save()).digest() == other.digest()


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it.put(0, native.PLAYER, 1.0, 2.0, 3.0),
        lambda it: it.put(700, native.CREATURE, 1.0, 2.0, 3.0),
        lambda it: it.drop(0),
        lambda it: it.place(0, 1.0, 2.0, 3.0, 1.0, 0),
        lambda it: it.component(0, 2, bytes(15)),
        lambda it: it.unwatch(0),
    ],
)
def test_the_trace(change):
    """What another step would have brought is seen in it, and in that of the step after it."""
    field, _ = busy(ticks=6)
    other = native.Field.load(field.save())
    change(other)
    for tick in 6, 7:
        for it in field, other:
            go_on(it, random.Random(tick), tick)
        assert other.trace() != field.trace()


def test_an_empty_one():
    """It can be stepped, saved and loaded; its seed is in it."""
    field = native.Field(5)
    field.step(1, 50)
    assert native.Field.load(field.save()).digest() == field.digest()
    assert native.Field(5).digest() != native.Field(6).digest()
    assert field.moved() == field.shown() == field.crossed() == field.corrections() == []


@pytest.mark.parametrize("steps", range(4))
def test_a_new_eye(steps):
    """One that was to look in the next step does so in a loaded field, whoever's turn it is."""
    field = native.Field()
    for slot in range(2):
        field.put(slot, native.PLAYER, float(slot), 0.0, 0.0)
    for tick in range(steps):
        field.step(tick, tick * 50)
    eye = field.watch(0)
    for it in native.Field.load(field.save()), field:
        it.step(steps, steps * 50)
        assert it.seen(eye) == {0: (1, 60)}


SAVED = busy()[0].save()


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, len(SAVED) - 1),
    st.sampled_from([1, 0x80, 0xFF]),
    st.sampled_from([0, 0, 1, 40, len(SAVED)]),
)
def test_bytes_of_no_field(at, flip, cut):
    """Bent or cut, they are refused, or make a field that works."""
    bent = bytearray(SAVED)
    bent[at] ^= flip
    try:
        field = native.Field.load(bytes(bent[: len(bent) - cut]))
    except ValueError:
        return
    assert cut == 0
    for tick in range(5):
        field.step(tick, tick * 50, 2)
    field.save()
    field.digest()


def test_more_bytes_than_a_field():
    """None may be left over."""
    for wrong in SAVED + b"\0", b"", b"BMF1":
        with pytest.raises(ValueError, match="none's"):
            native.Field.load(wrong)


@pytest.mark.parametrize(
    "rules",
    [
        {"sight_yards": 0.0},
        {"sight_yards": 301.0},
        {"leave": 0.9},
        {"height_yards": 0.0},
        {"reach_yards": -1.0},
        {"slack": 0.5},
        {"burst_yards": -1.0},
        {"late_ms": -1},
        {"late_ms": 20_000},
        {"sight_yards": float("nan")},
    ],
)
def test_rules_that_make_no_sense(rules):
    """They are refused."""
    with pytest.raises(ValueError, match=r"out of range|not on any map"):
        native.Field(**rules)


def test_refusals():
    """Wrong slots, places, numbers and times are the caller's mistake and say so."""
    field = native.Field()
    field.put(1, native.PLAYER, 0.0, 0.0, 0.0)
    for call in (
        lambda: field.drop(0),
        lambda: field.read(0),
        lambda: field.halt(7),
        lambda: field.watch(0),
        lambda: field.unwatch(1),
        lambda: field.sight(1, 10.0),
        lambda: field.bind(1, 0, 0),
        lambda: field.root(0, True),
        lambda: field.place(0, 0.0, 0.0, 0.0, 0.0, 0),
        lambda: field.speeds(0, 1.0, 1.0, 1.0, 1.0),
        lambda: field.look(0, 1, b""),
        lambda: field.component(0, 2, b""),
        lambda: field.walk(0, (0, 0, 0), (1, 0, 0), 0, 1),
        lambda: field.seen(0),
    ):
        with pytest.raises(KeyError):
            call()
    for call in (
        lambda: field.put(1, 0, 0.0, 0.0, 0.0),
        lambda: field.allow(1, (0, 0, -1, 0)),
        lambda: field.allow(1, (0, 0, 0, 1 << 60)),
        lambda: field.put(native.SLOT_LIMIT, 1, 0.0, 0.0, 0.0),
        lambda: field.put(1, 1, 17_067.0, 0.0, 0.0),
        lambda: field.put(1, 1, 0.0, float("nan"), 0.0),
        lambda: field.put(1, 1, 0.0, 0.0, float("inf")),
        lambda: field.put(1, 1, 0.0, 0.0, 0.0, float("inf")),
        lambda: field.bind(0, 1, 0),
        lambda: field.speeds(1, 1001.0, 1.0, 1.0, 1.0),
        lambda: field.look(1, 1, bytes(513)),
        lambda: field.component(1, 1, b""),
        lambda: field.component(1, 16, b""),
        lambda: field.component(1, 2, bytes(513)),
        lambda: field.walk(1, (0, 0, 0), (1, 0, 0), 5, 5),
        lambda: field.walk(1, (0, 0, 0), (18_000, 0, 0), 0, 5),
        lambda: field.radius(5),
        lambda: field.step(1, 50, 0),
        lambda: field.step(1, 50, 17),
        lambda: field.step(1, 1 << 60),
        lambda: field.moves(b"", -(1 << 60)),
        lambda: field.moves(bytes(23), 0),
    ):
        with pytest.raises(ValueError, match=r"out of range|not on any map|convert"):
            call()
    assert field.read(1)[:3] == (0.0, 0.0, 0.0)
