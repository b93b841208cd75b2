import signal
import sqlite3
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from twisted.internet.task import Clock

from bluemarble.db.errors import Refused, Unavailable
from bluemarble.db.pool import Database, parse
from tests.mariadb import Server

MAKE = "CREATE TABLE t (a INTEGER PRIMARY KEY)"
COUNT = text("SELECT COUNT(*) FROM t")


def put(value):
    return lambda conn: conn.execute(text("INSERT INTO t VALUES (:a)"), {"a": value})


def total(conn):
    return conn.execute(COUNT).scalar()


@pytest.fixture
def database(opened, result):
    database = opened()
    result(database.write(lambda conn: conn.exec_driver_sql(MAKE)))
    return database


def test_a_write_is_one_transaction(database, result):
    def two(conn):
        put(1)(conn)
        put(1)(conn)

    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        result(database.write(two))
    assert result(database.read(total)) == 0
    result(database.write(put(1)))
    assert result(database.read(total)) == 1


def test_what_goes_past_sqlalchemy_is_committed_too(database, result):
    def past(conn):
        cursor = conn.connection.cursor()
        cursor.execute("INSERT INTO t VALUES (5)")
        cursor.close()

    result(database.write(past))
    assert result(database.read(total)) == 1


def test_statements_are_counted(database, result):
    before = database.statements
    result(database.write(put(1)))
    result(database.read(total))
    result(database.write(lambda conn: conn.execute(text("INSERT INTO t VALUES (:a)"), [{"a": 2}, {"a": 3}])))
    assert database.statements - before == 3


def test_a_deadlock_is_tried_again(database, result):
    attempts = []

    def unlucky(conn):
        attempts.append(1)
        put(len(attempts))(conn)
        if len(attempts) < 3:
            deadlock = Exception(1213, "Deadlock found") if database.dialect == "mysql" else busy()
            raise OperationalError("...", None, deadlock)

    result(database.write(unlucky))
    assert len(attempts) == 3
    assert result(database.read(total)) == 1


def busy():
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorname = "SQLITE_BUSY"
    return error


def test_our_own_faults_are_not_tried_again(database, result):
    attempts = []

    def wrong(conn):
        attempts.append(1)
        put(1)(conn)
        raise KeyError("ours")

    with pytest.raises(KeyError):
        result(database.write(wrong))
    assert len(attempts) == 1
    assert result(database.read(total)) == 0


def test_sqlite_writers_of_two_processes_wait_for_each_other(tmp_path, result):
    url = f"sqlite:///{tmp_path}/x"
    first, second = Database(url, executor="inline"), Database(url, executor="inline")
    result(first.write(lambda conn: conn.exec_driver_sql(MAKE)))
    held, entered = threading.Event(), threading.Event()

    def hold(conn):
        put(1)(conn)
        entered.set()
        assert held.wait(10)

    thread = threading.Thread(target=lambda: first.write(hold))
    thread.start()
    assert entered.wait(10)
    assert result(second.read(total)) == 0  # readers see what was, and do not wait
    held.set()
    result(second.write(put(2)))
    thread.join()
    assert result(first.read(total)) == 2
    first.close()
    second.close()


class Reactor:
    """What a Database needs of a reactor: what threads hand back is run when the test asks."""

    def __init__(self):
        self.calls = []
        self.called = threading.Condition()

    def callFromThread(self, call, *args, **kwargs):
        with self.called:
            self.calls.append(lambda: call(*args, **kwargs))
            self.called.notify()

    def run(self, until):
        while not until():
            with self.called:
                assert self.called.wait_for(lambda: self.calls, 10)
                call = self.calls.pop(0)
            call()


def test_threads_write_in_order_and_hand_back_to_the_reactor(new_url, opened, result):
    url = new_url()
    opened(url)  # makes it
    reactor = Reactor()
    database = Database(url, reactor, readers_max=2)
    done, threads = [], set()
    database.write(lambda conn: conn.exec_driver_sql(MAKE))

    def write(n):
        def put_n(conn):
            threads.add(threading.get_ident())
            put(n)(conn)
            return n

        return put_n

    for n in range(20):
        database.write(write(n)).addCallback(done.append)
    reactor.run(lambda: len(done) == 20)
    assert done == list(range(20))
    assert len(threads) == 1
    assert threading.get_ident() not in threads
    database.read(total).addCallback(done.append)
    reactor.run(lambda: len(done) == 21)
    assert done[-1] == 20
    database.close()


def test_a_sqlite_database_in_memory_is_one_connection(result):
    database = Database("sqlite://", executor="inline")
    result(database.write(lambda conn: conn.exec_driver_sql(MAKE)))
    result(database.write(put(1)))
    assert result(database.read(total)) == 1
    database.close()
    with pytest.raises(ValueError, match="memory"):
        Database("sqlite://", Reactor())


@pytest.mark.parametrize("url", ["", "nonsense", "postgresql://a:secret@b/c", "mysql://a:secret@host"])
def test_other_urls_are_refused_without_showing_the_password(url):
    with pytest.raises(ValueError, match="sqlite:///PATH") as refused:
        parse(url)
    assert "secret" not in str(refused.value)


def test_a_database_that_is_down_at_start_is_waited_for(monkeypatch, tmp_path, result):
    database = Database(f"sqlite:///{tmp_path}/not/yet/x", executor="inline")
    clock = Clock()
    up = database.wait_until_up(clock)
    assert not up.called
    assert not database.up
    clock.pump([1, 2, 4])
    assert not up.called
    (tmp_path / "not/yet").mkdir(parents=True)
    clock.advance(8)
    assert result(up) is None
    assert database.up
    database.close()


@pytest.mark.mariadb
def test_a_wrong_password_is_said_at_once(mariadb, result):
    database = Database(f"mysql://blue:wrong@127.0.0.1:{mariadb.port}/x", executor="inline")
    with pytest.raises(Refused, match="does not let us in") as refused:
        result(database.wait_until_up(Clock()))
    assert "wrong" not in str(refused.value)
    database.close()


@pytest.mark.mariadb
def test_a_server_that_dies_and_comes_back_costs_one_error_at_most(result):
    with Server() as server:
        database = Database(server.url("x"), executor="inline")
        result(database.wait_until_up(Clock()))
        result(database.write(lambda conn: conn.exec_driver_sql(MAKE + " ENGINE=InnoDB")))
        result(database.write(put(1)))
        assert result(database.read(total)) == 1
        server.stop(signal.SIGTERM)
        for attempt in (lambda: database.read(total), lambda: database.write(put(2))):
            with pytest.raises(Unavailable, match="is away"):
                result(attempt())
        assert not database.up
        server.start()
        assert result(database.read(total)) == 1
        result(database.write(put(2)))
        assert result(database.read(total)) == 2
        assert database.up
        server.stop(signal.SIGTERM)  # every pooled connection is dead, the server is there
        server.start()
        result(database.write(put(3)))
        assert result(database.read(total)) == 3
        database.close()


@pytest.mark.mariadb
def test_a_connection_cut_in_the_middle_is_tried_again(mariadb, opened_at, result):
    database = opened_at(mariadb.url("cut"))
    result(database.write(lambda conn: conn.exec_driver_sql(MAKE)))
    attempts = []

    def cut(conn):
        attempts.append(1)
        put(len(attempts))(conn)
        if len(attempts) == 1:
            me = conn.exec_driver_sql("SELECT CONNECTION_ID()").scalar()
            result(database.read(lambda other: other.exec_driver_sql(f"KILL {me}")))
        return total(conn)

    assert result(database.write(cut)) == 1
    assert len(attempts) == 2
