import json
import signal

import pytest
from sqlalchemy import text
from twisted.internet.defer import Deferred, fail
from twisted.internet.task import Clock

from bluemarble.db.batch import Batch, run
from bluemarble.db.errors import Unavailable
from bluemarble.db.outage import Outage, batch_of, line_of
from bluemarble.db.pool import Database
from bluemarble.db.update import Updater
from bluemarble.db.writing import WriteBehind
from bluemarble.rows import Write
from bluemarble.rows.characters import (
    AccountDataRow,
    CharacterActionRow,
    CharacterInventoryRow,
    CharacterSkillsRow,
    CharactersRow,
)
from tests.mariadb import Server


def character(guid, **values):
    return Write(CharactersRow, {"guid": guid}, {"taximask": "", **values})


def named(guid):
    """Number 2 has no name, and that the database refuses."""
    return character(guid, name=None if guid == 2 else "N")


def skill(guid, number, value=1):
    return Write(CharacterSkillsRow, {"guid": guid, "skill": number}, {"value": value, "max": 400})


def placed(item, slot, guid=1):
    return Write(CharacterInventoryRow, {"item": item}, {"guid": guid, "bag": 0, "slot": slot})


@pytest.fixture
def database(filled):
    return filled("characters")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def writing(database, clock, tmp_path):
    return WriteBehind(database, clock, tmp_path / "journal")


def asked(database, result, query):
    return result(database.read(lambda conn: [tuple(row) for row in conn.execute(text(query))]))


def written(database, *writes, owner=1):
    batch = Batch(owner)
    batch.add(writes)
    failed = []
    database.write(lambda conn: run(conn, [batch])).addErrback(failed.append)
    assert not failed


class TestBatch:
    def test_rows_are_made_changed_and_deleted(self, database, result):
        written(database, character(1, name="Ada", level=3, money=5), skill(1, 98), skill(1, 99))
        written(
            database,
            Write(CharactersRow, {"guid": 1}, {"level": 4}, insert=False),
            Write(CharactersRow, {"guid": 2}, {"level": 9}, insert=False),
            skill(1, 98, 7),
            Write(CharacterSkillsRow, {"guid": 1, "skill": 99}, None),
        )
        found = asked(database, result, "SELECT guid, name, level, money FROM characters")
        assert found == [(1, "Ada", 4, 5)]
        assert asked(database, result, "SELECT skill, value FROM character_skills") == [(98, 7)]

    def test_a_row_is_written_once_as_it_is_last(self):
        batch = Batch(1)
        batch.add([character(1, level=1, money=1), skill(1, 5), character(1, level=2)])
        batch.add([Write(CharactersRow, {"guid": 1}, {"xp": 3}, insert=False)])
        rows = list(batch.rows.values())
        assert [row.table for row in rows] == ["character_skills", "characters"]
        assert rows[1].values == {"taximask": "", "level": 2, "money": 1, "xp": 3}
        assert rows[1].insert

    def test_a_row_made_again_after_its_deletion_is_a_new_one(self, database, result):
        written(database, character(1, name="Ada", level=3, money=5))
        written(database, Write(CharactersRow, {"guid": 1}, None), character(1, name="Eve"))
        assert asked(database, result, "SELECT name, level, money FROM characters") == [("Eve", 0, 0)]

    def test_a_change_of_a_deleted_row_does_not_bring_it_back(self, database, result):
        written(database, character(1, name="Ada"))
        written(
            database,
            Write(CharactersRow, {"guid": 1}, None),
            Write(CharactersRow, {"guid": 1}, {"level": 4}, insert=False),
        )
        assert asked(database, result, "SELECT name FROM characters") == []

    def test_a_delete_by_condition_takes_what_came_before_it_only(self, database, result):
        def button(number):
            key = {"guid": 1, "spec": 0, "button": number}
            return Write(CharacterActionRow, key, {"action": number, "type": 0})

        written(database, button(1), button(2))
        written(
            database, button(3), button(4), Write(CharacterActionRow, {"guid": 1}, None), button(4), button(5)
        )
        assert asked(database, result, "SELECT button FROM character_action ORDER BY 1") == [(4,), (5,)]

    def test_items_trade_places(self, database, result):
        written(database, placed(11, 1), placed(12, 2), placed(13, 3))
        written(
            database,
            placed(11, 2),
            skill(1, 1),
            placed(12, 1),
            placed(14, 3),
            Write(CharacterInventoryRow, {"item": 13}, None),
        )
        assert asked(database, result, "SELECT item, slot FROM character_inventory ORDER BY item") == [
            (11, 2),
            (12, 1),
            (14, 3),
        ]

    def test_bytes_and_keys_alone_are_written(self, database, result):
        data = bytes(range(256))
        written(database, Write(AccountDataRow, {"accountId": 1, "type": 2}, {"time": 3, "data": data}))
        ((got,),) = asked(database, result, "SELECT data FROM account_data")
        assert bytes(got) == data

    def test_batches_of_many_owners_take_few_statements(self, database):
        batches = []
        for owner in range(1, 51):
            batch = Batch(owner)
            batch.add([character(owner, level=1), skill(owner, 1), skill(owner, 2), placed(owner, 1, owner)])
            batches.append(batch)
        before = database.statements
        database.write(lambda conn: run(conn, batches))
        assert database.statements - before == 4

    @pytest.mark.parametrize(
        "write",
        [
            Write(CharactersRow, {}, None),
            Write(CharactersRow, {"name": "Ada"}, {"level": 1}),
            Write(CharacterSkillsRow, {"guid": 1}, {"value": 1}),
            Write(CharactersRow, {"guid": 1}, {}, insert=False),
            Write(CharactersRow, {"guid": 1}, {"name": ["Ada"]}),
            Write(CharactersRow, {"guid": (1,)}, None),
            Write(CharacterInventoryRow, {"item": 1}, {"slot": 1}),
        ],
    )
    def test_what_cannot_be_right_is_refused_at_once(self, write, writing):
        with pytest.raises(ValueError, match="character"):
            writing.save(1, [skill(1, 1), write])
        assert writing.depth == 0
        assert writing.written == 0


class TestWriteBehind:
    def test_a_save_is_in_the_database_when_it_says_so(self, writing, database, result):
        result(writing.save(1, [character(1, name="Ada")]))
        assert asked(database, result, "SELECT name FROM characters") == [("Ada",)]
        assert (writing.written, writing.depth, writing.away) == (1, 0, False)
        assert result(writing.flush()) is True

    def test_saves_that_meet_are_coalesced_and_keep_their_order(self, writing, database, clock, result):
        held = hold(database)
        saves = [writing.save(1, [character(1, name="A", level=1)])]
        clock.advance(3)
        saves += [writing.save(1, [character(1, level=n)]) for n in range(2, 9)]
        saves += [writing.save(2, [character(2, name="B")])]
        clock.advance(2)
        assert writing.depth == 2  # one row each; the one in flight is not counted
        assert writing.oldest_age_s == 2
        assert not any(save.called for save in saves)
        before = database.statements
        flushed = writing.flush()
        held.release()
        for save in saves:
            result(save)
        assert result(flushed) is True
        assert database.statements - before == 3
        assert asked(database, result, "SELECT guid, name, level FROM characters ORDER BY 1") == [
            (1, "A", 8),
            (2, "B", 0),
        ]

    def test_a_bad_owner_loses_nobody_elses_rows(self, writing, database, tmp_path, result):
        held = hold(database)
        saves = [writing.save(0, [])]
        saves += [writing.save(owner, [named(owner)]) for owner in (1, 2, 3)]
        held.release()
        for save in (saves[0], saves[1], saves[3]):
            result(save)
        with pytest.raises(Exception, match=r"(?i)null"):
            result(saves[2])
        assert asked(database, result, "SELECT guid FROM characters ORDER BY 1") == [(1,), (3,)]
        assert writing.rejected == 1
        note, line = (tmp_path / "journal.rejected").read_bytes().splitlines(keepends=True)
        assert b"name" in note.lower()
        assert batch_of(line).owner == 2

    def test_while_the_database_is_away_they_are_journaled(self, writing, database, clock, tmp_path, result):
        away = Away(database)
        saves = [writing.save(owner, [character(owner, level=n)]) for n in (1, 2) for owner in (1, 2)]
        assert writing.away
        assert not any(save.called for save in saves)
        assert writing.depth == 4
        assert not writing._waiting  # memory holds none of it
        assert len((tmp_path / "journal").read_bytes().splitlines()) == 4
        assert result(writing.flush()) is False
        clock.pump([1, 2, 4, 8, 8])
        assert writing.oldest_age_s == 23
        away.over()
        saves.append(writing.save(2, [character(2, level=3)]))
        assert not saves[-1].called  # what is newer waits for what is older
        clock.advance(8)
        for save in saves:
            result(save)
        assert not writing.away
        assert writing.depth == 0
        assert (tmp_path / "journal").read_bytes() == b""
        assert asked(database, result, "SELECT guid, level FROM characters ORDER BY 1") == [(1, 2), (2, 3)]
        result(writing.save(1, [character(1, level=9)]))
        assert (tmp_path / "journal").read_bytes() == b""

    def test_what_a_killed_server_left_is_written_at_start(self, writing, database, clock, tmp_path, result):
        away = Away(database)
        for owner in range(1, 4):
            writing.save(owner, [character(owner, name="N"), skill(owner, 1)])
        writing.stop()
        away.over()
        with (tmp_path / "journal").open("ab") as file:
            file.write(b'01234567 [4,[["charac')  # torn by the kill
        for _ in range(2):  # the second finds an empty one
            again = WriteBehind(database, clock, tmp_path / "journal")
            assert result(again.recover()) is True
            assert asked(database, result, "SELECT COUNT(*) FROM character_skills") == [(3,)]
        result(again.save(9, [character(9)]))

    def test_a_torn_line_does_not_swallow_the_next_one(self, database, clock, tmp_path, result):
        good = Batch(1)
        good.add([character(1)])
        (tmp_path / "journal").write_bytes(line_of(good) + line_of(good)[:20])
        writing = WriteBehind(database, clock, tmp_path / "journal")
        away = Away(database)
        result(writing.recover())
        writing.save(2, [character(2)])
        away.over()
        clock.advance(1)
        assert asked(database, result, "SELECT guid FROM characters ORDER BY 1") == [(1,), (2,)]
        assert writing.outage.damaged == 1

    def test_a_replay_that_is_interrupted_begins_again(self, writing, database, clock, monkeypatch, result):
        monkeypatch.setattr("bluemarble.db.writing.ROWS_LIMIT", 2)
        away = Away(database)
        saves = [writing.save(owner, [character(owner, level=owner)]) for owner in range(1, 8)]
        away.over(writes=2)
        clock.advance(1)
        assert writing.away
        assert not any(save.called for save in saves)
        away.over()
        clock.advance(2)
        for save in saves:
            result(save)
        assert asked(database, result, "SELECT COUNT(*) FROM characters") == [(7,)]

    def test_a_bad_row_in_the_journal_does_not_stop_the_others(self, writing, database, clock, result):
        away = Away(database)
        saves = [writing.save(owner, [named(owner)]) for owner in (1, 2, 3)]
        away.over()
        clock.advance(1)
        result(saves[0])
        result(saves[2])
        with pytest.raises(Exception, match=r"(?i)null"):
            result(saves[1])
        assert not writing.away

    def test_a_disk_that_fails_too_keeps_rows_in_memory(self, writing, database, clock, tmp_path, result):
        away = Away(database)
        (tmp_path / "journal").mkdir()
        saves = [writing.save(1, [character(1, level=n)]) for n in (1, 2)]
        assert writing.depth == 1
        (tmp_path / "journal").rmdir()
        clock.advance(1)
        away.over()
        clock.advance(10)
        for save in saves:
            result(save)
        assert asked(database, result, "SELECT level FROM characters") == [(2,)]

    def test_a_line_holds_every_kind_of_value(self):
        values = {"s": "ünï\n'", "i": -5, "f": 0.1, "b": b"\0\xff", "n": None, "big": 1 << 63}
        batch = Batch(7)
        batch.add([Write(CharactersRow, {"guid": 1}, values), Write(CharactersRow, {"guid": 2}, None)])
        line = line_of(batch)
        again = batch_of(line)
        assert again.owner == 7
        assert again.rows == batch.rows
        assert line.count(b"\n") == 1
        assert json.loads(line[9:])[0] == 7
        for wrong in (line[:-1], b"0" + line, line.replace(b"7,", b"8,", 1), b"\n", b""):
            assert batch_of(wrong) is None


def test_a_journal_whose_append_fails_is_as_it_was(tmp_path, monkeypatch):
    outage = Outage(tmp_path / "journal")
    batch = Batch(1)
    batch.add([skill(1, 1)])
    outage.append([batch])
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", lambda fd: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space"):
            outage.append([batch, batch])
    outage.append([batch])
    assert len(outage.read(0, 100).batches) == 2
    assert outage.damaged == 0


def hold(database):
    """Let the next write wait until it is released."""
    write, held = database.write, Deferred()

    class Held:
        def release(self):
            held.callback(None)

    def waits(fn):
        database.write = write
        return held.addCallback(lambda _: write(fn))

    database.write = waits
    return Held()


class Away:
    """The database refuses every write until it is over, or lets some through."""

    def __init__(self, database):
        self.database = database
        self.write = database.write
        database.write = self.refuse
        self.left = 0

    def refuse(self, fn):
        if self.left:
            self.left -= 1
            return self.write(fn)
        return fail(Unavailable("away"))

    def over(self, writes=0):
        if writes:
            self.left = writes
        else:
            self.database.write = self.write


@pytest.mark.mariadb
def test_a_server_killed_and_started_again_has_every_row(tmp_path, result):
    clock = Clock()
    with Server() as server:
        database = Database(server.url("characters"), executor="inline")
        result(database.wait_until_up(clock))
        result(Updater(database, "characters").update())
        writing = WriteBehind(database, clock, tmp_path / "journal")
        saves = [writing.save(1, [character(1, name="Ada", level=1)])]
        server.stop(signal.SIGKILL)
        saves += [writing.save(owner, [character(owner, name="N", level=2)]) for owner in (1, 2, 3)]
        assert writing.away
        server.start()
        clock.advance(60)
        for save in saves:
            result(save)
        found = asked(database, result, "SELECT guid, level FROM characters ORDER BY 1")
        assert found == [(1, 2), (2, 2), (3, 2)]
        database.close()
