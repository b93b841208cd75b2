"""A row is refused only for what is in it: a server that can do nothing for anybody costs no write."""

import pytest
from sqlalchemy.exc import OperationalError
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher

from bluemarble.db.errors import conflict, lost
from bluemarble.db.writing import WriteBehind
from bluemarble.rows import Write
from bluemarble.rows.characters import CharactersRow

READ_ONLY, DISK_FULL, NO_QUORUM, DENIED, DEADLOCK, TOO_LONG = 1290, 1021, 1047, 1045, 1213, 1406


def error(number):
    return OperationalError("...", None, Exception(number, "says the server"))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (READ_ONLY, (True, False)),
        (DISK_FULL, (True, False)),
        (NO_QUORUM, (True, False)),
        (DEADLOCK, (False, True)),
        (TOO_LONG, (False, False)),
        (DENIED, (False, False)),
    ],
)
def test_what_helps(number, expected):
    assert (lost(error(number)), conflict(error(number))) == expected


@pytest.fixture
def logged():
    """What is logged meanwhile."""
    events = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


@pytest.mark.parametrize("number", [READ_ONLY, DENIED])
def test_writes_outlive_it(opened, tmp_path, result, monkeypatch, logged, number):
    """Journaled, said once, and written when the server lets us again."""
    database, clock = opened(), Clock()
    writing = WriteBehind(database, clock, tmp_path / "unsaved.journal")
    written = []
    with monkeypatch.context() as patch:
        patch.setattr("bluemarble.db.writing.run", raising(error(number)))
        for _ in range(3):
            writing.save(1, [Write(CharactersRow, {"guid": 1}, {"level": 2})]).addCallback(written.append)
            clock.advance(1)
    assert (written, writing.away, writing.rejected) == ([], True, 0)
    monkeypatch.setattr("bluemarble.db.writing.run", lambda conn, batches: None)
    clock.advance(20)
    assert (len(written), writing.away, writing.depth) == (3, False, 0)
    said = [event["log_format"] for event in logged if event["log_level"].name in ("warn", "error")]
    assert len(said) == 2, said
    assert any(event["log_format"] == "{database} answers again" for event in logged)


def raising(error):
    def run(conn, batches):
        raise error

    return run
