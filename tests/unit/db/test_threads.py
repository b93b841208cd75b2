from queue import SimpleQueue
from threading import current_thread

import pytest

from bluemarble.db.threads import Workers

LIMIT_S = 30  # nothing waits so long unless it is broken


class Reactor:
    """Hands over what threads bring, when asked."""

    def __init__(self):
        self.brought = SimpleQueue()

    def callFromThread(self, fn, *args):  # as Twisted calls it
        self.brought.put((fn, args))

    def hand_over(self):
        fn, args = self.brought.get(timeout=LIMIT_S)
        fn(*args)


@pytest.fixture
def reactor():
    return Reactor()


@pytest.fixture
def workers(reactor):
    made = []

    def make(limit):
        made.append(Workers(reactor, limit, "workers"))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_one_thread_does_its_work_in_order(reactor, workers):
    done, one = [], workers(1)
    for number in range(20):
        one.do(lambda number=number: (number, current_thread().name)).addCallback(done.append)
    assert done == []
    for _ in range(20):
        reactor.hand_over()
    assert done == [(number, "workers 1") for number in range(20)]


def test_threads_start_as_they_are_needed(reactor, workers):
    gate, names, some = SimpleQueue(), [], workers(2)
    for _ in range(4):
        some.do(lambda: (gate.get(timeout=LIMIT_S), current_thread().name)[1]).addCallback(names.append)
    for _ in range(4):
        gate.put(None)
        reactor.hand_over()
    assert set(names) <= {"workers 1", "workers 2"}
    assert len(names) == 4


def test_a_failure_comes_back(reactor, workers):
    failures = []
    workers(1).do(lambda: 1 / 0).addErrback(failures.append)
    reactor.hand_over()
    assert failures[0].check(ZeroDivisionError)


def test_closing_finishes_what_is_queued(reactor, workers):
    done, one = [], workers(1)
    for number in range(5):
        one.do(lambda number=number: done.append(number))
    one.close()
    assert done == [0, 1, 2, 3, 4]
    with pytest.raises(RuntimeError, match="closed"):
        one.do(lambda: None)
