"""What an operator's bad day does: databases that go and come, a second server, rows that are refused."""

import pytest
from sqlalchemy import text
from twisted.internet.testing import MemoryReactorClock

from bluemarble.db import realms
from bluemarble.db.errors import Refused, Unavailable
from bluemarble.servers import allinone
from bluemarble.servers.telling import RETRY_S
from opcodes.chat import CMSG_MESSAGECHAT, SMSG_MESSAGECHAT
from tests.integration.house import done

SAVE = CMSG_MESSAGECHAT(chat_type=1, language=7, message=".save")


@pytest.fixture
def away(monkeypatch):
    """Makes a database raise something; without, it is back."""

    def away(database, error=None):
        if error is None:
            monkeypatch.undo()
            return

        def refuse(*_):
            raise error

        for name in ("_reading", "_writing"):
            monkeypatch.setattr(database, name, refuse)

    return away


def online(house):
    """Each account's flag."""
    query = text("SELECT username, online FROM account")
    return dict(done(house.databases.auth.read(lambda conn: [tuple(row) for row in conn.execute(query)])))


def lines(client):
    return [packet.message for packet in client.got(SMSG_MESSAGECHAT)]


def test_online_flags_outlive_an_outage(house, away):
    """Who left while the auth database was away is not shown as online for ever."""
    ada, bob = house.client("ADA"), house.client("BOB")
    assert online(house) == {"ADA": 1, "BOB": 1}
    away(house.databases.auth, Unavailable("the database is away"))
    ada.hang_up()
    house.seconds(RETRY_S + 1)
    away(house.databases.auth)
    assert online(house) == {"ADA": 1, "BOB": 1}
    house.seconds(RETRY_S + 1)
    assert online(house) == {"ADA": 0, "BOB": 1}
    bob.hang_up()
    assert online(house) == {"ADA": 0, "BOB": 0}


def test_save_answers_once_it_is_true(house, away):
    """Not before the database has it, and not when it refuses."""
    ada = house.player("ADA")
    ada.send(SAVE)
    house.ticks(3)
    assert lines(ada).count("Saved.") == 1
    ada.forget()
    away(house.databases.characters, Unavailable("the database is away"))
    ada.send(SAVE)
    house.seconds(3)
    assert "Saved." not in lines(ada)
    away(house.databases.characters)
    house.seconds(10)
    assert lines(ada).count("Saved.") == 1
    ada.forget()
    away(house.databases.characters, ValueError("no such column"))
    ada.send(SAVE)
    house.seconds(3)
    away(house.databases.characters)
    house.seconds(10)
    assert "Saved." not in lines(ada)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_second_server_is_refused(house, tmp_path, elsewhere):
    """In the same folder, or elsewhere on the same database; the first one's players stay online."""
    house.player("ADA")
    config = house.config
    if elsewhere:
        config = config.model_copy(
            update={
                "directory": str(tmp_path / "other"),
                "databases": config.databases.model_copy(
                    update={
                        name: f"sqlite:///{config.database(name).partition(':///')[2]}"
                        for name in ("auth", "characters", "world")
                    }
                ),
            }
        )
    second = allinone.build(config, MemoryReactorClock(), executor="inline")
    second.whole.startService()
    failed = []
    second.whole.ready.addErrback(failed.append)
    assert failed[0].check(Refused)
    assert "in use by another server" in failed[0].getErrorMessage()
    done(second.whole.stopService())
    assert online(house) == {"ADA": 1}
    (realm,) = [
        r for r in done(house.databases.auth.read(lambda conn: realms.enumerate_realms(conn, 0))) if r.id == 1
    ]
    assert not realm.flag & realms.OFFLINE


def test_the_next_server_takes_over(build_house, tmp_path):
    """A lock lasts as long as its server; the name in the configuration is what players see."""
    build_house().stop()
    house = build_house(world={"realm_name": "Renamed"})
    (realm,) = [
        r for r in done(house.databases.auth.read(lambda conn: realms.enumerate_realms(conn, 0))) if r.id == 1
    ]
    assert realm.name == "Renamed"
    house.stop()
    assert not list(tmp_path.glob("*.lock"))
