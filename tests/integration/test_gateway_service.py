"""The world server as a service: ticks, journal, databases that are away, and what a login costs."""

import math
import zlib

import pytest
from twisted.application.service import IServiceMaker
from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import globalLogPublisher
from twisted.plugin import getPlugins
from twisted.python import usage

from bluemarble.config import Config
from bluemarble.db.errors import Unavailable
from bluemarble.rows.characters import CharactersRow
from bluemarble.servers import allinone
from bluemarble.servers.opening import CannotStart
from bluemarble.servers.options import ServerOptions
from bluemarble.servers.world import TICK_S
from bluemarble.tools.replay.running import replay
from opcodes.characters import CMSG_CHAR_ENUM, CMSG_PLAYER_LOGIN
from opcodes.chat import CHAT_MSG_SYSTEM, CMSG_MESSAGECHAT, SMSG_MESSAGECHAT
from opcodes.session import (
    CMSG_LOGOUT_REQUEST,
    CMSG_READY_FOR_ACCOUNT_DATA_TIMES,
    CMSG_REQUEST_ACCOUNT_DATA,
    CMSG_TUTORIAL_FLAG,
    CMSG_TUTORIAL_RESET,
    CMSG_UPDATE_ACCOUNT_DATA,
    SMSG_ACCOUNT_DATA_TIMES,
    SMSG_CHARACTER_LOGIN_FAILED,
    SMSG_LOGOUT_COMPLETE,
    SMSG_TUTORIAL_FLAGS,
    SMSG_UPDATE_ACCOUNT_DATA,
    SMSG_UPDATE_ACCOUNT_DATA_COMPLETE,
)
from tests.integration.test_gateway import walk, where


def test_twenty_a_second(house):
    """No tick is lost, and none is early."""
    before = house.world.world.tick
    for _ in range(1000):
        house.clock.advance(0.01)
    assert house.world.world.tick - before == pytest.approx(10 / TICK_S, abs=1)
    assert house.world.late_count == 0


def test_late_ticks_are_not_bunched(house):
    """After a standstill there is one tick, and the missed ones are counted."""
    before = house.world.world.tick
    house.clock.rightNow += 1.0
    house.clock.advance(0)
    assert house.world.world.tick - before == 1
    house.clock.advance(0)
    assert house.world.world.tick - before == 1
    assert 17 <= house.world.late_count <= 20
    house.clock.advance(TICK_S)
    house.clock.advance(TICK_S)
    assert house.world.world.tick - before == 3


def test_a_failing_tick(house):
    """A mistake of ours in one tick does not stop the next."""
    said = []
    globalLogPublisher.addObserver(said.append)
    right = house.world.performer.perform
    house.world.performer.perform = lambda effects: 1 / 0
    house.ticks(1)
    house.world.performer.perform = right
    house.player("ADA")
    globalLogPublisher.removeObserver(said.append)
    assert house.gateway.counts["errors"] == 1
    assert any("a tick failed" in event.get("log_format", "") for event in said)


def test_journal(build_house, tmp_path):
    """What came in can run again: the same state comes out."""
    house = build_house(journal={"path": "journals"})
    ada, bob = house.player("ADA"), house.player("BOB")
    for n in range(20):
        walk(ada, 1 + n % 2 / 8)
        house.ticks(1)
    bob.hang_up()
    house.seconds(2)
    content = house.world.world.content
    house.stop()
    (path,) = (tmp_path / "journals").glob("*.bmj")
    with path.open("rb") as file:
        result = replay(file, content)
    assert result.compared >= 3
    assert (result.faults, result.cut) == (0, False)


def test_full_disk_ends_the_journal_only(build_house):
    """The world goes on."""
    house = build_house(journal={"path": "journals"})

    def full(*_):
        raise OSError(28, "No space left on device")

    house.world.journals.recordings[None]._writer.tick = full
    ada = house.player("ADA")
    house.seconds(1)
    assert not ada.gone


class Away:
    """Makes a database raise Unavailable."""

    def __init__(self, database, monkeypatch):
        self.database, self.monkeypatch = database, monkeypatch
        self.right = {name: getattr(database, name) for name in ("_reading", "_writing")}

    def go(self):
        def refuse(*_):
            raise Unavailable("the database is away")

        for name in self.right:
            self.monkeypatch.setattr(self.database, name, refuse)

    def come_back(self):
        for name, method in self.right.items():
            self.monkeypatch.setattr(self.database, name, method)


def test_characters_database_away(house, monkeypatch):
    """Who is in the world plays on; a logout then costs nothing; who wants in is told to wait."""
    ada, bob = house.player("ADA"), house.client("BOB")
    bob.create("Bob")
    guid = bob.characters()["Bob"].guid
    here = walk(ada, 5)
    house.ticks(1)
    away = Away(house.databases.characters, monkeypatch)
    away.go()
    ada.send(CMSG_LOGOUT_REQUEST())
    house.seconds(22)
    assert ada.got(SMSG_LOGOUT_COMPLETE)
    assert bob.ask(CMSG_PLAYER_LOGIN(guid=guid), SMSG_CHARACTER_LOGIN_FAILED)
    ada.send(CMSG_PLAYER_LOGIN(guid=ada.guid))
    house.seconds(2)
    assert house.gateway.saving.behind.depth
    away.come_back()
    house.seconds(20)
    assert math.isclose(house.row(CharactersRow, guid=ada.guid)["position_x"], here[0], rel_tol=1e-6)
    assert not house.gateway.saving.behind.depth
    assert math.dist(where(ada), here) < 0.01  # the login that waited went through
    bob.enter("Bob")


def test_auth_database_away(house, monkeypatch):
    """Nobody new comes in, and they are told that it is not their fault."""
    house.account("ADA")
    bob = house.player("BOB")
    away = Away(house.databases.auth, monkeypatch)
    away.go()
    monkeypatch.setattr(house, "knows", lambda name: True)
    ada = house.client("ADA", handshake=False)
    ada.prove()
    ada.crypto = None
    ada.listen()
    assert ada.result == 0x11
    away.come_back()
    assert not bob.gone
    house.player("ADA")


def test_cost_of_a_login(house):
    """From connecting to standing in the world: at most 7 of the 10 statements of a full login."""
    ada = house.client("ADA")
    ada.create("Ada")
    ada.hang_up()
    before = [database.statements for database in house.databases]
    ada = house.client("ADA", handshake=False)
    known = house.databases.auth.statements  # the test's own question
    ada.prove()
    ada.send(CMSG_READY_FOR_ACCOUNT_DATA_TIMES())
    ada.listen()
    ada.enter("Ada")
    house.seconds(1)
    after = [database.statements for database in house.databases]
    spent = sum(after) - sum(before) - (known - before[0])
    assert spent <= 7, spent


def test_account_data(house):
    """Settings are stored and come back, of the account and of the character."""
    ada = house.player("ADA")
    for kind, text in (0, b"account"), (1, b"character"):
        packet = CMSG_UPDATE_ACCOUNT_DATA(
            data_type=kind,
            unix_time=77 + kind,
            decompressed_size=len(text),
            compressed_data=zlib.compress(text),
        )
        assert ada.ask(packet, SMSG_UPDATE_ACCOUNT_DATA_COMPLETE).data_type == kind
        back = ada.ask(CMSG_REQUEST_ACCOUNT_DATA(data_type=kind), SMSG_UPDATE_ACCOUNT_DATA)
        assert (zlib.decompress(back.compressed_data), back.unix_time) == (text, 77 + kind)
    empty = ada.ask(CMSG_REQUEST_ACCOUNT_DATA(data_type=4), SMSG_UPDATE_ACCOUNT_DATA)
    assert empty.decompressed_size == 0
    again = house.client("ADA")
    assert again.ask(CMSG_READY_FOR_ACCOUNT_DATA_TIMES(), SMSG_ACCOUNT_DATA_TIMES).times == [77, 0, 0]
    again.enter("Ada")
    assert again.last(SMSG_ACCOUNT_DATA_TIMES).times[:2] == [77, 78] or len(house.gateway.present) == 1


def test_forgotten_account_data(house):
    """Size 0 means: forget it."""
    ada = house.player("ADA")
    ada.send(
        CMSG_UPDATE_ACCOUNT_DATA(
            data_type=0, unix_time=5, decompressed_size=1, compressed_data=zlib.compress(b"x")
        )
    )
    ada.send(CMSG_UPDATE_ACCOUNT_DATA(data_type=0, unix_time=6, decompressed_size=0, compressed_data=b""))
    back = ada.ask(CMSG_REQUEST_ACCOUNT_DATA(data_type=0), SMSG_UPDATE_ACCOUNT_DATA)
    assert (back.decompressed_size, back.compressed_data) == (0, b"")


def test_account_data_on_its_way(house, monkeypatch):
    """A next session reads what the one before it stored, however slow the database is."""
    behind, slow = house.gateway.saving.behind, Deferred()
    save = behind.save
    monkeypatch.setattr(behind, "save", lambda *of: slow.addCallback(lambda _: save(*of)))
    ada = house.client("ADA")
    ada.send(
        CMSG_UPDATE_ACCOUNT_DATA(
            data_type=0, unix_time=5, decompressed_size=1, compressed_data=zlib.compress(b"x")
        )
    )
    ada.hang_up()
    again = house.client("ADA")
    again.send(CMSG_REQUEST_ACCOUNT_DATA(data_type=0))
    house.seconds(1)
    assert not again.got(SMSG_UPDATE_ACCOUNT_DATA)
    slow.callback(None)
    again.listen()
    assert zlib.decompress(again.last(SMSG_UPDATE_ACCOUNT_DATA).compressed_data) == b"x"


def test_tutorials(house):
    """Reset, and one shown: the next login knows."""
    ada = house.player("ADA")
    ada.send(CMSG_TUTORIAL_RESET(), CMSG_TUTORIAL_FLAG(tutorial_flag=33))
    ada.hang_up()
    again = house.player("ADA")
    assert again.last(SMSG_TUTORIAL_FLAGS).tutorial_data == [0, 2, 0, 0, 0, 0, 0, 0]


def test_save_command(house):
    """`.save` is answered when the row is in the database."""
    ada = house.player("ADA", level=1)
    house.seconds(1)
    here = walk(ada, 5)
    ada.forget()
    ada.send(CMSG_MESSAGECHAT(chat_type=1, language=7, message=".save"))
    house.ticks(3)
    assert ada.last(SMSG_MESSAGECHAT).chat_type == CHAT_MSG_SYSTEM
    assert math.isclose(house.row(CharactersRow, guid=ada.guid)["position_x"], here[0], rel_tol=1e-6)


def test_not_up_to_date(tmp_path):
    """Told not to update, a server that finds work to do does not start, and says what to run."""
    config = Config(directory=str(tmp_path), databases={"update": False})
    services = allinone.build(config, MemoryReactorClock(), executor="inline")
    found = []
    services.whole.startService()
    services.whole.ready.addErrback(found.append)
    assert found[0].check(CannotStart)
    assert "bluemarble db update" in found[0].getErrorMessage()
    services.whole.stopService()


def test_plugins():
    """twistd knows the three of them, and their flags."""
    ours = {m.tapname: m for m in getPlugins(IServiceMaker) if m.tapname.startswith("bluemarble")}
    assert set(ours) == {"bluemarble", "bluemarble-auth", "bluemarble-world"}
    for maker in ours.values():
        options = maker.options()
        assert isinstance(options, ServerOptions)
        options.parseOptions(["--world-port", "9", "--auth-db", "mysql://u:p@h:1/n"])
        assert (options.config.world.port, options.config.databases.auth) == (9, "mysql://u:p@h:1/n")
        assert "--realm-address" in str(options)


def test_plugin_mistakes(tmp_path):
    """In words, as twistd shows them."""
    for words, told in (
        (["--config", str(tmp_path / "none.toml")], "no such file"),
        (["--world-port", "x"], r"world\.port"),
    ):
        with pytest.raises(usage.UsageError, match=told):
            ServerOptions().parseOptions(words)


def test_stop_with_a_request_under_way(house):
    """Whoever waits for the database when the server stops changes nothing any more."""
    ada = house.client("ADA")
    ada.create("Ada")
    guid = ada.characters()["Ada"].guid
    ada.send(CMSG_CHAR_ENUM(), CMSG_PLAYER_LOGIN(guid=guid))
    house.stop()
    assert ada.gone
    assert house.row(CharactersRow, guid=guid)["online"] == 0
