"""Two servers never write one database: the second is told who has it."""

import os

import pytest
from sqlalchemy import text

from bluemarble.db.claim import FileClaim
from bluemarble.db.errors import Refused, Unavailable

NUMBER = text("SELECT CONNECTION_ID()")


@pytest.fixture
def two(opened, new_url):
    """Two who opened the same database."""
    url = new_url()
    return opened(url), opened(url)


def test_only_one_has_it_until_it_closes(two, result):
    first, second = two
    result(first.claim())
    with pytest.raises(Refused, match="in use"):
        result(second.claim())
    assert result(second.read(lambda conn: conn.execute(text("SELECT 1")).scalar())) == 1
    first.close()
    result(second.claim())


def test_databases_of_one_server_are_claimed_one_by_one(opened, result):
    result(opened().claim())
    result(opened().claim())


@pytest.fixture
def on_server(mariadb, opened_at, result):
    """Two who opened the same database of MariaDB, claimed by the first; and the first's connection."""
    first, second = opened_at(mariadb.url("claimed")), opened_at(mariadb.url("claimed"))
    result(first.claim())
    return first, second, result(first.write(lambda conn: conn.execute(NUMBER).scalar()))


@pytest.mark.mariadb
def test_a_new_connection_claims_again(on_server, result):
    first, second, number = on_server
    result(second.write(lambda conn: conn.exec_driver_sql(f"KILL {number}")))
    assert result(first.write(lambda conn: conn.execute(NUMBER).scalar())) != number
    with pytest.raises(Refused, match="in use"):
        result(second.claim())


@pytest.mark.mariadb
def test_our_own_dead_connection_is_no_rival(on_server, result):
    first, _, number = on_server
    lost = first._writer.raw_connection()
    lost.detach()  # as when the network has forgotten it and the server has not
    assert result(first.write(lambda conn: conn.execute(NUMBER).scalar())) != number
    lost.close()


@pytest.mark.mariadb
def test_a_rival_that_came_in_an_outage_keeps_it(on_server, result):
    first, second, _ = on_server
    first._writer.dispose()
    result(second.claim())
    with pytest.raises(Unavailable, match="another server"):
        result(first.write(lambda conn: None))
    second.close()
    result(first.write(lambda conn: None))


def test_a_file_names_its_holder(tmp_path):
    path = tmp_path / "lock"
    claim = FileClaim(path, "this")
    with pytest.raises(Refused, match=f"this is in use by another server, process {os.getpid()}"):
        FileClaim(path, "this")
    claim.release()
    FileClaim(path, "this").release()


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(Refused, match="cannot be written"):
        FileClaim(tmp_path / "no" / "lock", "this")
