"""What snapshots and states look like on the wire: docs/bmu1.md sections 6 and 7."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.wire.errors import Malformed
from bluemarble.wire.snapshot import (
    Deltas,
    Enter,
    Far,
    Life,
    Look,
    Near,
    Oneself,
    Place,
    State,
    Words,
    read_snapshot,
    read_states,
    write_snapshot,
    write_states,
)

axes = st.integers(-(1 << 21), (1 << 21) - 1)
bytes_ = st.integers(0, 255)
slots = st.integers(0, 254)
places = st.builds(Place, axes, axes, axes, bytes_, st.integers(0, 63), st.integers(0, 63))
nears = st.builds(Near.of, slots, places)
fars = st.builds(Far.of, slots, places)
words = st.builds(Words, st.lists(nears, max_size=9).map(tuple), st.lists(fars, max_size=9).map(tuple))
states = st.lists(st.builds(State, bytes_, bytes_, bytes_, st.binary(max_size=300)), max_size=9).map(tuple)


@given(words | st.builds(Deltas, st.binary(max_size=40)))
def test_snapshots_read_as_written(snapshot):
    assert read_snapshot(write_snapshot(snapshot)) == snapshot


@given(states)
def test_states_read_as_written(section):
    assert read_states(write_states(section)) == section


@given(st.binary(max_size=60))
def test_anything_else_is_malformed(body):
    """What can be read at all is written the same; only numbers may be longer than need be."""
    for read, write in ((read_snapshot, write_snapshot), (read_states, write_states)):
        try:
            value = read(body)
        except Malformed:
            continue
        assert len(write(value)) <= len(body)
        assert read(write(value)) == value


@given(words, states)
def test_cut_short(snapshot, section):
    for read, body in ((read_snapshot, write_snapshot(snapshot)), (read_states, write_states(section))):
        for size in range(len(body)):
            with pytest.raises(Malformed):
                read(body[:size])


@given(places, st.tuples(*[st.integers(-4095, 4095)] * 2), st.integers(-2047, 2047))
def test_words_unwrap_to_the_nearest(known, plane, height):
    """A far word holds as long as it moved less than 256 and 128 units; a near one's half of that in z."""
    x, y, z = known.x + 2 * plane[0], known.y + 2 * plane[1], known.z + height
    moved = Place(x, y, z, 7, 28, 1)
    assert Far.of(3, moved).place(known) == moved
    near = Near.of(3, moved).place(known)
    assert (near.x, near.y, near.z) == (x & ~1, y & ~1, z & ~1)
    assert (near.yaw, near.speed, near.flags) == (7, known.speed, known.flags)


def test_bytes():
    """As the document has them: the first field in the lowest bits."""
    place = Place(-64, 3, 130, 0x9A, 70, 0x11)
    far, near = Far.of(1, place), Near.of(2, place)
    assert far == (1, 0x7FC0, 3, 130, 0x9A, 63, 0x11)
    assert near == (2, 0x3FE0, 1, 65, 0x9A)
    word = 0x7FC0 | 3 << 15 | 130 << 30 | 0x9A << 44 | 63 << 52 | 0x11 << 58
    assert write_snapshot(Words((near,), (far,))) == (
        bytes((0, 1, 1, 2))
        + (0x3FE0 | 1 << 14 | 65 << 28 | 0x9A << 40).to_bytes(6, "little")
        + bytes((1,))
        + word.to_bytes(8, "little")
    )
    assert write_states([State(9, 1, 200, b"x" * 130)]) == bytes((1, 9, 1, 200, 0x82, 1)) + b"x" * 130


@given(places, st.integers(0, 2**64 - 1), st.integers(1, 3), st.integers(0, 65535), st.binary(max_size=40))
def test_enter(place, guid, kind, tick, look):
    enter = Enter(guid, kind, place, tick, look)
    assert Enter.read(enter.write()) == enter
    with pytest.raises(Malformed):
        Enter.read(enter.write()[:25])


def test_values():
    """Each is read as it was written and has no other size."""
    oneself = Oneself(1, 65535, -5, 6, -7, 65000, 1, 448, 160, 302, 0)
    look = Look(80, 1, 2, 1, 49, "Alfrē")
    life = Life(1, 2, 3, 2**32 - 1)
    assert Look.read(look.write()) == look
    for value in (oneself, life):
        assert type(value).read(value.write()) == value
        for wrong in (value.write()[:-1], value.write() + b"\0"):
            with pytest.raises(Malformed):
                type(value).read(wrong)
    for wrong in (look.write()[:7], look.write()[:-1]):
        with pytest.raises(Malformed):
            Look.read(wrong)
