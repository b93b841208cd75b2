"""Snapshots of form 1: docs/bmu1.md section 6."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.wire.deltas import AGE_MOST, Delta, Whole, expected, read_deltas, write_deltas
from bluemarble.wire.errors import Malformed
from bluemarble.wire.snapshot import ENTER, PLAYER, Deltas, Enter, Place, State
from bluemarble.wire.view import View

axes = st.integers(-1_092_267, 1_092_267) | st.integers(-600, 600)
bytes_ = st.integers(0, 255)
slots = st.integers(0, 254)
ages = st.integers(1, AGE_MOST)
places = st.builds(Place, axes, axes, axes, bytes_, bytes_, st.integers(0, 63))
wholes = st.builds(Whole, slots, st.booleans(), places)
deltas = st.builds(Delta.of, slots, places, places, ages, st.booleans())


@given(st.lists(wholes | deltas, max_size=20))
def test_read_as_written(snapshot):
    assert read_deltas(write_deltas(snapshot)) == snapshot


@given(places, places, ages)
def test_lead_where_they_should(place, base, age):
    assert Delta.of(1, place, base, age, False).place(base) == place


@given(st.lists(wholes | deltas, min_size=1, max_size=5))
def test_cut_short_or_too_long(snapshot):
    data = write_deltas(snapshot)
    for size in range(len(data)):
        with pytest.raises(Malformed):
            read_deltas(data[:size])
    with pytest.raises(Malformed):
        read_deltas(data + b"\1")


@given(st.binary(max_size=60))
def test_anything_else_is_malformed(data):
    try:
        snapshot = read_deltas(data)
    except Malformed:
        return
    assert all(delta.slot < 255 for delta in snapshot)
    assert read_deltas(write_deltas(snapshot)) == snapshot


def test_too_many():
    with pytest.raises(ValueError, match="256"):
        write_deltas([Whole(0, False, Place(0, 0, 0, 0))] * 256)


def test_bits():
    """As the document has them."""
    runner = Place(64_000, -64_000, 640, 32, 28, 1)  # north-west, 7 yards a second
    there = Place(64_000 + 80, -64_000 + 79, 640 + 20, 33, 28, 1)
    assert expected(runner, 5) == (64_079, -63_921, 640)
    delta = Delta.of(2, there, runner, 5, True)
    assert delta == Delta(2, 5, True, (1, 0, 20), 1, None, None)
    text = (  # in the order of the bits; numbers lowest bit first
        "01000000"  # two
        "0 010  1 101000  1  1  0 10000  0 00000  1 0 001010000  1 0 1000  0"
        "1 00010001  0  0  0  0  1 00111000 010000"  # slot 136, the same age, nothing new but how it goes
    )
    bits = [int(bit) for bit in text if bit in "01"]
    bits += [0] * (-len(bits) % 8)
    data = bytes(sum(bit << i for i, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits), 8))
    assert write_deltas([delta, Delta(136, 5, False, (0, 0, 0), 0, None, (28, 2))]) == data


@pytest.mark.parametrize(
    ("flags", "course"),
    [(1, 0), (2, 128), (4, 64), (8, 192), (5, 32), (9, 224), (6, 96), (10, 160), (7, 64), (13, 0), (17, 0)],
)
def test_courses(flags, course):
    """Things go where their flags say, from where they look."""
    base = Place(0, 0, 0, 10, 40, flags)
    assert expected(base, 20) == expected(Place(0, 0, 0, 10 + course & 0xFF, 40, 1), 20)
    assert expected(base, 20) != (0, 0, 0)


@pytest.mark.parametrize("flags", [0, 3, 12, 15, 16, 32])
def test_standing(flags):
    assert expected(Place(1, 2, 3, 10, 40, flags), 20) == (1, 2, 3)


class Sender:
    """What a server sends, in order; the test decides what comes when."""

    def __init__(self):
        self.view = View()
        self.place = Place(0, 0, 0, 0, 28, 1)
        enter = Enter(7, PLAYER, self.place, 10, b"").write()
        self.view.states(10, (State(3, ENTER, 1, enter),))
        self.places = {10: self.place}

    def says(self, tick, base, keep=False):
        """A snapshot of that tick; `base`: tick, None for a whole."""
        self.places[tick] = place = Place(tick * 20, tick, 0, tick & 0xFF, 28, 1)
        if base is None:
            return tick, write_deltas([Whole(3, keep, place)])
        return tick, write_deltas([Delta.of(3, place, self.places[base], tick - base, keep)])

    def hears(self, said):
        """Whether the client moved it there."""
        tick, data = said
        moved = self.view.snapshot(tick, Deltas(data))
        assert [event.place for event in moved] == [self.places[tick]] * len(moved)
        return len(moved) == 1


def test_builds_on_what_was_kept():
    it = Sender()
    assert it.hears(it.says(11, 10, keep=True))
    assert it.hears(it.says(12, 10))
    assert it.hears(it.says(13, 11))
    assert not it.hears(it.says(14, 12))  # not kept
    assert not it.hears(it.says(15, 10))  # forgotten with the new base
    assert it.hears(it.says(16, None, keep=True))
    assert not it.hears(it.says(17, 11))
    assert it.hears(it.says(18, 16))


def test_late_ones():
    """They move nothing; what they keep can be built on if they built on the same."""
    it = Sender()
    first, second, third = it.says(11, 10, keep=True), it.says(12, 10, keep=True), it.says(13, 10)
    assert it.hears(third)
    assert not it.hears(second)
    assert it.hears(it.says(14, 12))
    assert not it.hears(first)
    assert not it.hears(it.says(15, 11))


def test_at_most_four_are_kept():
    it = Sender()
    for tick in range(11, 16):
        assert it.hears(it.says(tick, 10, keep=True))
    assert not it.hears(it.says(16, 11))
    assert it.hears(it.says(17, 12))
