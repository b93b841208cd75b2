"""Full collections happen only while nobody would notice."""

import gc

import pytest
from twisted.internet.task import Clock

from bluemarble.servers.garbage import QUIET_S, settle


class Node:
    """Refers to itself, so that only a collection ends it."""

    count = 0

    def __init__(self):
        self.me = self
        Node.count += 1

    def __del__(self):
        Node.count -= 1


@pytest.fixture
def collector():
    """The collector as it was, afterwards."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_only_in_quiet_times(collector):
    """Busy: cycles stay; quiet: they go."""
    clock, busy = Clock(), [True]
    looking = settle(clock, lambda: busy[0])
    assert gc.get_freeze_count()
    Node()
    gc.collect(1)  # the young are looked at as ever
    assert Node.count == 0
    node = Node()
    gc.collect(0)
    gc.collect(1)  # it has grown old
    del node
    clock.advance(QUIET_S)
    assert Node.count == 1
    busy[0] = False
    clock.advance(QUIET_S)
    assert Node.count == 0
    looking.stop()
