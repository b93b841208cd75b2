"""The rings between the world and its I/O threads against their twin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.native._core import ffi, lib
from bluemarble.native.pump import RING_LEAST, SECTIONS_LIMIT, Pump
from tests.twins.ring import Ring

pytestmark = pytest.mark.native
ORDER = 12  # bytes that the pump puts before what is pushed
PUSHES = st.tuples(st.just("push"), st.integers(0, SECTIONS_LIMIT), st.integers(1, 150))
EVENTS = st.tuples(st.just("event"), st.integers(0, 65_000), st.integers(1, 3))
PULLS = st.tuples(st.just("pull"), st.just(0), st.integers(1, 250))


def pulled(pump, pushed):
    """The next record that was pushed, or None; orders of other kinds are read over."""
    if not lib.bm_pump_pull(pump.handle, pushed):
        return None
    return bytes(ffi.buffer(pushed.sections, pushed.size))


def expected(ring):
    """The same of the twin."""
    ring.release()
    while (record := ring.next()) is not None:
        if record[:1] == b"p":
            return record[ORDER:]
    return None


@given(st.lists(st.one_of(PUSHES, EVENTS, PULLS), max_size=40))
def test_what_fits_and_what_comes_out(steps):
    pump, ring, pushed = Pump(ring_bytes=RING_LEAST), Ring(RING_LEAST), ffi.new("bm_pushed *")
    for count, (what, size, times) in enumerate(steps):
        body = bytes([count]) * size
        for _ in range(times):
            if what == "push":
                assert pump.push(1, 1, 1, body) == ring.put(b"p" * ORDER + body, RING_LEAST // 8)
            elif what == "event":
                code = lib.bm_pump_event(pump.handle, 1, 1, body, size)
                assert (code == 0) == ring.put(b"e" * ORDER + body)
        pump.flush()
        for _ in range(times if what == "pull" else 0):
            assert pulled(pump, pushed) == expected(ring)
    while (left := pulled(pump, pushed)) is not None:
        assert left == expected(ring)
    assert expected(ring) is None
