"""The two engines; every test of what is in a database runs on both."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from twisted.internet.task import Clock

from bluemarble.db.pool import Database
from bluemarble.db.update import Updater
from tests.mariadb import Server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("mysql", marks=pytest.mark.mariadb)])
def new_url(request, tmp_path) -> Callable[[], str]:
    """Makes URLs of databases that do not exist yet."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path}/{next(_numbers)}.sqlite"
    server = request.getfixturevalue("mariadb")
    return lambda: server.url(f"test_{next(_numbers)}")


@pytest.fixture
def opened_at() -> Iterator[Callable[[str], Database]]:
    """Opens the database at a URL, in the test's own thread; makes it where it must."""
    databases = []

    def open_(url: str) -> Database:
        database = Database(url, executor="inline")
        databases.append(database)
        result(database.wait_until_up(Clock()))
        return database

    yield open_
    for database in databases:
        database.close()


@pytest.fixture
def opened(opened_at, new_url) -> Callable[..., Database]:
    """Opens a new database, or the one at a URL."""
    return lambda url="": opened_at(url or new_url())


@pytest.fixture
def filled(opened) -> Callable[[str], Database]:
    """Opens a new database and brings it up to date from the sql/ that we ship."""

    def fill(name: str) -> Database:
        database = opened()
        result(Updater(database, name).update())
        return database

    return fill


def result(deferred):
    """What the Deferred has fired with; raises what it failed with; it must have fired."""
    fired = []
    deferred.addBoth(fired.append)
    assert fired, "it has not fired"
    if hasattr(fired[0], "raiseException"):
        fired[0].raiseException()
    return fired[0]


@pytest.fixture(name="result")
def _result():
    return result
