"""Files that a disk, a crash or an editor has damaged: read as far as they are whole, refused with a word."""

import io
import json
import random
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bluemarble.db.batch import Batch
from bluemarble.db.dialect import UnknownHabit, statements
from bluemarble.db.outage import Outage
from bluemarble.db.pool import Database
from bluemarble.db.sqlite import to_sqlite
from bluemarble.db.update import UpdateFailed, Updater
from bluemarble.rows import Write
from bluemarble.rows.characters import AccountDataRow
from bluemarble.wire import blocks, entries, journal
from bluemarble.wire.errors import Malformed
from opcodes.cluster import NMSG_CLOCK
from tests.integration.house import done
from tests.property.attackers import examples

SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
JOURNALS = sorted((Path(__file__).parents[1] / "journals").glob("*.bmj"))
SQL = sorted((Path(__file__).parents[2] / "sql").glob("*/base/*.sql"))

# The journal of a world


def read(data):
    """Its records; Malformed is the only way to say no."""
    reader = journal.Reader(io.BytesIO(data))
    return list(reader), reader


@settings(max_examples=examples(60))
@given(
    which=st.sampled_from(JOURNALS),
    where=st.floats(0, 1, exclude_max=True),
    how=st.integers(0, 3),
    junk=st.binary(max_size=9),
)
def test_damaged_journal(which, where, how, junk):
    """Cut, overwritten, with something pushed in or cut out: whole records come first, as they were."""
    data = which.read_bytes()
    whole, _ = read(data)
    at = int(where * len(data))
    damaged = (data[:at], data[:at] + junk + data[at + len(junk) :], data[:at] + junk + data[at:],
               data[:at] + data[at + len(junk) + 1 :])[how]  # fmt: skip
    got = []
    try:
        reader = journal.Reader(io.BytesIO(damaged))
        for record in reader:
            got.append(record)
    except Malformed:
        pass
    else:
        assert reader.cut or len(got) <= len(whole)
    assert got == whole[: len(got)]


def forged(kind, records):
    """A block whose checks are right, whatever is in it."""
    body = b"".join(entries.record(*it) for it in records)
    return blocks.block(kind, 1, 1, body)


def headed(header):
    """A journal's beginning with that as its header."""
    return journal.MAGIC + blocks.block(blocks.HEADER, 0, 0, header)


@settings(max_examples=examples(60))
@given(
    which=st.sampled_from(JOURNALS),
    turn=st.integers(0, 1 << 16),
    where=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=5)), min_size=1, max_size=3
    ),
    seeks=st.none() | st.integers(0, 600),
)
def test_rewritten_journal(which, turn, where, seeks):
    """A block whose inside is another, with right checks: Malformed, or records of the right types."""
    data = which.read_bytes()
    heads = journal.Reader(io.BytesIO(data)).index()
    of = heads[turn % len(heads)]
    body = bytearray(zstandard.decompress(data[of.at : of.at + of.size]))
    for share, junk in where:
        at = int(share * len(body))
        body[at : at + len(junk)] = junk
    begin, end = of.at - blocks.HEAD_BYTES, of.at + of.size
    rewritten = data[:begin] + blocks.block(of.kind, of.first, of.last, bytes(body)) + data[end:]
    try:
        reader = journal.Reader(io.BytesIO(rewritten))
        if seeks is not None:
            reader.seek(seeks)
        for record in reader:
            assert isinstance(record, journal.Entry)
        if reader.snapshot is not None:
            assert reader.snapshot.world.hints
    except Malformed:
        pass


CLOCK = entries.layout(0xF006, NMSG_CLOCK)
odd_record = (
    st.binary(max_size=60)
    | st.just(CLOCK)
    | st.builds(lambda at, junk: CLOCK[:at] + junk, st.integers(0, len(CLOCK)), st.binary(max_size=9))
    | st.builds(lambda size: entries.FROZEN.pack(b"a link..", 0xF006) + bytes(size), st.integers(0, 13))
    | st.builds(
        lambda count, size: entries.TICK.pack(1, count) + entries.INPUT.pack(1, 0xF006, size) + bytes(12),
        st.integers(0, 2),
        st.integers(0, 13),
    )
)
HEADER = {"content": "ab", "rules": {}, "seed": 1, "revision": "x", "build": 12340}
odd_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(HEADER)), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=examples(100))
@given(
    header=odd_json
    | st.fixed_dictionaries(dict.fromkeys(HEADER, odd_json) | {"build": st.just(12340)})
    | st.tuples(st.sampled_from(sorted(HEADER)), odd_json).map(lambda pair: HEADER | dict([pair]))
    | st.just(HEADER),
    of=st.lists(
        st.tuples(
            st.sampled_from(b"HSRX\0"),
            st.lists(st.tuples(st.sampled_from(b"LWTCDX\0"), odd_record), max_size=4),
        ),
        max_size=3,
    ),
)
@example(header=HEADER | {"rules": []}, of=[])
@example(header=HEADER | {"seed": "1"}, of=[])
@example(header=HEADER | {"begins": 1}, of=[])
@example(header=HEADER, of=[(ord("R"), [(ord("T"), entries.TICK.pack(1, 2**32 - 1))])])
@example(
    header=HEADER,
    of=[(ord("R"), [(ord("T"), entries.TICK.pack(1, 1) + entries.INPUT.pack(1, 0x1DC, 2**32 - 1))])],
)
def test_forged_journal(header, of):
    """Right checksums over nonsense: Malformed, or records of the right types."""
    data = headed(json.dumps(header).encode()) + b"".join(forged(*it) for it in of)
    try:
        got, reader = read(data)
    except Malformed:
        return
    assert isinstance(reader.header.rules, dict)
    assert isinstance(reader.header.content, str)
    assert isinstance(reader.header.seed, int)
    assert all(isinstance(record, journal.Entry) for record in got)


def test_deep_header():
    """JSON that is nested without end is no header."""
    for body in (
        b"[" * 100_000,
        b'{"content":' * 50_000,
        b"\xff",
        b"",
        b"{}",
        b"NaN",
        b'{"content": Infinity}',
    ):
        with pytest.raises(Malformed):
            read(headed(body))


# What a database that is away has not had yet


@settings(max_examples=examples(80), suppress_health_check=SHARED)
@given(
    seed=st.integers(0, 2**32), flips=st.integers(1, 6), cut=st.integers(0, 60), torn=st.binary(max_size=30)
)
def test_damaged_outage(tmp_path, seed, flips, cut, torn):
    """Each line that is as it was written is read, in order, and nothing else; more can be written behind."""
    path, dice = tmp_path / "unsaved.journal", random.Random(seed)
    path.unlink(missing_ok=True)
    outage = Outage(path)
    outage.append([batch(n, dice.randbytes(20)) for n in range(12)])
    data = bytearray(path.read_bytes())
    hurt = set()
    starts = [0] + [at + 1 for at, byte in enumerate(data) if byte == 10]
    for _ in range(flips):
        at = dice.randrange(len(data))
        data[at] ^= 1 << dice.randrange(8)
        line = max(n for n, start in enumerate(starts) if start <= at)
        hurt |= {line, line + 1} if starts[line] <= at == starts[line + 1] - 1 else {line}
    kept = bytes(data[: len(data) - cut])
    hurt |= {n for n in range(12) if starts[n + 1] > len(kept)}
    path.write_bytes(kept + torn)
    again = Outage(path)
    again.append([batch(99, b"new")])
    owners = [found.owner for found in again.read(0, 1000).batches]
    assert owners[-1] == 99
    assert set(range(12)) - hurt <= set(owners[:-1]) <= set(range(12))
    assert owners[:-1] == sorted(owners[:-1])


def batch(owner, data):
    """One owner's row."""
    made = Batch(owner)
    made.add([Write(AccountDataRow, {"accountId": owner, "type": 0}, {"time": 1, "data": data})])
    return made


# sql/


SPOILING = ["/*", "*/", "--", "#", ";", "\\'", "0x", "DELIMITER //", "SOURCE x", "\0", "((((", "'" * 9]


@settings(max_examples=examples(120))
@given(
    which=st.sampled_from(SQL),
    where=st.floats(0, 1, exclude_max=True),
    how=st.integers(0, 2),
    junk=st.text(st.sampled_from("'\"`;-#/*\\(), 0x\n\0aZéKEY"), max_size=8) | st.sampled_from(SPOILING),
)
def test_damaged_sql(which, where, how, junk):
    """A file that an editor has spoilt is refused with its line, or still says what SQLite understands."""
    script = which.read_text()[:6000]
    at = int(where * len(script))
    spoilt = (script[:at], script[:at] + junk + script[at:], script[:at] + script[at + len(junk) + 1 :])[how]
    refused = f"{which.name}:"
    try:
        for statement in statements(spoilt, which.name):
            to_sqlite(statement)
    except UnknownHabit as error:
        refused = str(error)
    assert refused.startswith(f"{which.name}:")


@pytest.mark.parametrize("script", ["'" * 50_000, "(" * 50_000, "`a" * 30_000, "-- " * 30_000, "/*" * 30_000,
                                    "INSERT INTO `a` (`b`) VALUES " + "(1)," * 20_000, "\\'" * 40_000,
                                    "CREATE TABLE `a` (" + "`b` int," * 10_000, ";" * 50_000],
                         ids=range(9))  # fmt: skip
def test_sql_that_could_take_for_ever(script):
    """It does not."""
    try:
        for statement in statements(script, "x.sql"):
            to_sqlite(statement)
    except UnknownHabit:
        pass


SPOILT = {
    "not UTF-8": b"DELETE FROM `secret`;\nINSERT INTO `secret` (`name`, `value`) VALUES ('\xff', 'x');\n",
    "cut in a string": b"DELETE FROM `secret`;\nINSERT INTO `secret` (`name`) VALUES ('ab",
    "another server's": b"DELETE FROM `secret`;\nDELIMITER //\nCREATE PROCEDURE x() BEGIN END //\n",
    "zeros": b"DELETE FROM `secret`;\n" + bytes(4096),
    "no such table": b"DELETE FROM `secret`;\nDELETE FROM `nowhere`;\n",
    "a merge": b"DELETE FROM `secret`;\n<<<<<<< HEAD\n=======\n>>>>>>> x\n",
    "a folder": None,
}


@pytest.mark.parametrize("content", SPOILT.values(), ids=SPOILT)
def test_spoilt_update(tmp_path, content):
    """An update that cannot be applied says which file, and changes nothing; mended, it goes on."""
    from shutil import copytree

    copytree(SQL[0].parents[2], tmp_path, dirs_exist_ok=True)
    database = Database(f"sqlite:///{tmp_path / 'auth.sqlite'}", executor="inline")
    done(Updater(database, "auth", tmp_path).update())
    done(database.write(lambda conn: conn.exec_driver_sql("INSERT INTO secret VALUES ('a', 'b')")))
    file = tmp_path / "auth" / "updates" / "2026_01_01_00.sql"
    file.parent.mkdir(exist_ok=True)
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises((UpdateFailed, UnknownHabit), match="2026_01_01_00"):
        done(Updater(database, "auth", tmp_path).update())
    kept = done(database.read(lambda conn: conn.exec_driver_sql("SELECT COUNT(*) FROM secret").scalar()))
    assert kept == 1
    if content is None:
        file.rmdir()
    file.write_text("DELETE FROM `secret`;\n")
    assert done(Updater(database, "auth", tmp_path).update()) == ["2026_01_01_00.sql"]
    assert done(Updater(database, "auth", tmp_path).verify()).problems == []
    database.close()
