"""The pump's rings, without its threads: what goes down and what comes up."""

import pytest

from bluemarble.native._core import ffi, lib
from bluemarble.native.pump import COUNTERS, RING_LEAST, SECTIONS_LIMIT, Drained, Fate, Pump

pytestmark = pytest.mark.native
KEY = bytes(range(32))


def pulled(pump):
    """What the I/O threads would be given to send: (cid, record, tick, sections)."""
    pushed = ffi.new("bm_pushed *")
    while lib.bm_pump_pull(pump.handle, pushed):
        yield pushed.cid, pushed.record, pushed.tick, bytes(ffi.buffer(pushed.sections, pushed.size))


def test_what_is_pushed_arrives_once_and_in_order():
    pump = Pump(ring_bytes=RING_LEAST)
    for round_ in range(50):  # around the ring's end again and again
        wanted = [(7, round_ * 40 + i, round_, bytes([i]) * (i * 30)) for i in range(40)]
        assert all(pump.push(cid, record, tick, sections) for cid, record, tick, sections in wanted)
        pump.flush()
        assert list(pulled(pump)) == wanted
    assert list(pulled(pump)) == []


def test_a_full_ring_refuses_snapshots_but_not_what_must_arrive():
    pump = Pump(ring_bytes=RING_LEAST)
    while pump.push(3, 1, 0, bytes(1000)):
        pass
    pump.send_event(3, 1, bytes(12000))
    pump.close(3, 0)
    with pytest.raises(BufferError):
        for _ in range(5):
            pump.send_event(3, 1, bytes(12000))
    list(pulled(pump))
    assert pump.push(3, 2, 0, b"again")


def test_links_are_spread_over_threads_and_lanes():
    pump = Pump(io_threads=2, lanes=3, ring_bytes=RING_LEAST)
    for lane in range(3):
        for cid in range(4):
            assert pump.push(cid, lane, 0, b"", lane=lane)
        pump.flush(lane)
    found = [(cid, record) for cid, record, _, _ in pulled(pump)]
    assert found == [(cid, lane) for half in (0, 1) for lane in range(3) for cid in (half, half + 2)]
    with pytest.raises(ValueError, match="range"):
        pump.push(1, 1, 1, b"", lane=3)


def test_fates_are_drained_once():
    pump = Pump(ring_bytes=RING_LEAST)
    for record in range(1000):
        assert lib.bm_pump_feign(pump.handle, 9, record, record % 3 == 0) == 0
    assert pump.drain() == Drained(b"", [])
    assert pump.fates() == [Fate(9, record, record % 3 == 0) for record in range(1000)]
    pump.drain()
    assert pump.fates() == []


def test_arguments_are_checked():
    for wrong in (
        {"io_threads": 0},
        {"io_threads": 17},
        {"lanes": 0},
        {"ring_bytes": RING_LEAST - 1},
        {"ring_bytes": 1024},
    ):
        with pytest.raises(ValueError, match="pump"):
            Pump(**wrong)
    pump = Pump(ring_bytes=RING_LEAST)
    for aead, key, mtu, keepalive in (
        (2, KEY, 1200, 1000),
        (0, KEY[1:], 1200, 1000),
        (0, KEY, 1199, 1000),
        (0, KEY, 1200, 0),
    ):
        with pytest.raises(ValueError, match=r"range|key"):
            pump.install(1, aead, key, mtu, keepalive)
    with pytest.raises(ValueError, match="range"):
        pump.push(1, 1, 1, bytes(SECTIONS_LIMIT + 1))
    with pytest.raises(ValueError, match="range"):
        pump.close(1, 256)
    assert set(pump.counters().values()) == {0} and list(pump.counters()) == COUNTERS
