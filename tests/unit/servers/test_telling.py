"""The auth database learns the newest of everything, however long it was away."""

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher

from bluemarble.db.errors import Unavailable
from bluemarble.db.sparing import LINES_LIMIT, WINDOW_S, Sparing
from bluemarble.servers.telling import RETRY_S, Telling


class Slow:
    """A database that answers when it is told to."""

    def __init__(self):
        self.asked = []

    def write(self, fn):
        self.asked.append((Deferred(), fn))
        return self.asked[-1][0]

    def answer(self, failure=None):
        """What the oldest transaction would have written, or None when the database is away."""
        done, fn = self.asked.pop(0)
        if failure is not None:
            done.errback(failure)
            return None
        wrote = []
        fn(wrote)
        done.callback(None)
        return wrote


@pytest.fixture
def database():
    return Slow()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def telling(database, clock):
    return Telling(database, clock)


@pytest.fixture
def logged():
    """What is logged meanwhile."""
    events = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


def put(word):
    return lambda wrote: wrote.append(word)


def flushed(telling):
    found = []
    Deferred.fromCoroutine(telling.flush()).addCallback(found.append)
    return found


def test_what_comes_together_shares_a_transaction(telling, database):
    for number in range(4):
        telling.tell(number, put(number))
    assert database.answer() == [0]
    assert database.answer() == [1, 2, 3]
    assert database.asked == []


def test_only_the_newest_is_told(telling, database):
    telling.tell("first", put(0))
    for number in range(3):
        telling.tell("ada", put(number))
    assert database.answer() == [0]
    assert database.answer() == [2]


def test_an_outage_loses_nothing(telling, database, clock):
    telling.tell("ada", put("on"))
    telling.tell("bob", put("on"))
    database.answer(Unavailable())
    telling.tell("ada", put("off"))
    assert database.asked == []
    clock.advance(RETRY_S)
    database.answer(Unavailable())
    clock.advance(RETRY_S)
    assert database.answer() == ["off", "on"]
    assert database.asked == clock.getDelayedCalls() == []


def test_flush_tries_at_once_and_then_no_more(telling, database, clock):
    telling.tell("ada", put("on"))
    database.answer(Unavailable())
    left = flushed(telling)
    database.answer(Unavailable())
    assert left == [1]
    assert clock.getDelayedCalls() == []
    left = flushed(telling)
    assert database.answer() == ["on"]
    assert left == [0]
    assert flushed(telling) == [0]


def test_flush_waits_for_what_is_under_way(telling, database):
    telling.tell("ada", put("on"))
    left = flushed(telling)
    assert left == []
    telling.tell("ada", put("off"))
    assert database.answer() == ["on"]
    assert left == []
    assert database.answer() == ["off"]
    assert left == [0]


def test_a_mistake_of_ours_holds_up_nothing(telling, database, logged):
    telling.tell("ada", put("on"))
    database.answer(KeyError("column"))
    telling.tell("bob", put("on"))
    assert database.answer() == ["on"]
    assert [event["log_level"].name for event in logged] == ["critical"]


def test_lines_are_spared(clock, logged):
    sparing = Sparing(clock)
    assert sum(sparing.allows("refusals") for _ in range(50)) == LINES_LIMIT
    assert sparing.allows("faults")
    assert logged == []
    clock.advance(WINDOW_S)
    assert sparing.allows("refusals")
    assert [event["more"] for event in logged] == [50 - LINES_LIMIT]
