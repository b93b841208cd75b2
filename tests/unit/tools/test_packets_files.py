"""`bluemarble packets` on journals, other formats and damaged files."""

import json
from pathlib import Path

import pytest

from bluemarble.wire import journal
from bluemarble.wire.captures import formats
from opcodes.cluster import NMSG_CLOCK
from opcodes.session import CMSG_PING
from tests.unit.tools.capturing import SESSION, START_US, captured, names, ping, run, written

JOURNALS = sorted((Path(__file__).parents[2] / "journals").glob("*.bmj"))


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / "session.pcapng"
    path.write_bytes(written(SESSION, notes={"account": "ALICE"}))
    return path


@pytest.mark.parametrize("path", JOURNALS, ids=lambda path: path.stem)
def test_journals_are_read(path, tmp_path):
    """Their inputs, those of our own parts too, all of which a pcapng holds."""
    with path.open("rb") as file:
        inputs = sum(
            len(record.inputs) for record in journal.Reader(file) if isinstance(record, journal.Tick)
        )
    assert inputs > 50
    assert len(names(path)) == inputs
    assert names(path, "--faulty") == []
    assert run("convert", path, tmp_path / "it.pcapng").stdout.endswith(f": {inputs} packets\n")
    assert len(names(tmp_path / "it.pcapng")) == inputs
    run("convert", path, tmp_path / "it.pkt", "--without", "NMSG_*")
    assert names(tmp_path / "it.pkt") == names(path, "--without", "NMSG_*")


def test_a_journal_begins_when_its_name_says(tmp_path):
    path = tmp_path / "1800000000.bmj"
    with path.open("wb") as out:
        writer = journal.Writer(out, journal.Header("ab" * 32, {}, 7, "test"))
        writer.tick(100, [(5, NMSG_CLOCK(latency_ms=40, offset_ms=-3))])
        writer.tick(120, [(5, CMSG_PING(sequence_id=1, round_time_in_ms=2))])
        writer.flush()
    found = [json.loads(line) for line in run(path, "--json").stdout.splitlines()]
    assert [(it["name"], it["build"], it["time_us"] - START_US) for it in found] == [
        ("NMSG_CLOCK", 0, 5_000_000),
        ("CMSG_PING", 12340, 6_000_000),
    ]


def test_convert_there_and_back(capture, tmp_path):
    """What a .pkt cannot keep is said; the rest comes back."""
    new, again = tmp_path / "it.pkt", tmp_path / "again.pcapng"
    result = run("convert", capture, new)
    assert result.stdout == f"{new}: 10 packets\n"
    assert result.stderr == "Not kept: comment (1)\nNot kept: note account (1)\n"
    run("convert", new, again)
    with again.open("rb") as file:
        assert list(formats.reader(file)) == [packet._replace(comment="") for packet in SESSION]
    assert run("convert", capture, tmp_path / "part.pkt", "--session", "2").stdout.endswith(": 4 packets\n")


def test_convert_for_others_to_read(capture, tmp_path):
    """Secrets alone, or what was said as well."""
    run("convert", capture, tmp_path / "it.pkt", "--hide", "secrets")
    assert names(tmp_path / "it.pkt", "--value", "hi\x1b[2J there") == ["CMSG_MESSAGECHAT"]
    run("convert", capture, tmp_path / "it.pkt", "--hide", "chat", "--force")
    assert names(tmp_path / "it.pkt", "--value", "xx\x1b[xx xxxxx") == ["CMSG_MESSAGECHAT"]


def test_convert_of_several_builds(tmp_path):
    """A .pkt has those of the commonest one."""
    path = tmp_path / "it.pcapng"
    path.write_bytes(
        written([ping(1, 5), ping(2, 3), captured(NMSG_CLOCK(latency_ms=4, offset_ms=-3), build=0)])
    )
    result = run("convert", path, tmp_path / "it.pkt")
    assert result.stdout.endswith(": 2 packets\n")
    assert result.stderr == "Not kept: packets of another build in a .pkt of 12340 (1)\n"


def test_convert_spoils_nothing(capture, tmp_path):
    """Names that say nothing, files that are there, and the file itself."""
    before = capture.read_bytes()
    assert "ends with .pkt or .pcapng" in run("convert", capture, tmp_path / "it.txt", code=1).stderr
    assert "is the file itself" in run("convert", capture, capture, "--force", code=1).stderr
    other = tmp_path / "other.pkt"
    other.write_bytes(b"mine")
    assert "exists" in run("convert", capture, other, code=1).stderr
    assert other.read_bytes() == b"mine"
    run("convert", capture, other, "--force")
    assert len(names(other)) == 10
    assert capture.read_bytes() == before


def test_cut_and_damaged(capture):
    """What is whole is shown, then a line says why there is no more."""
    data = capture.read_bytes()
    capture.write_bytes(data[:-5])
    result = run(capture, "--brief")
    assert len(result.stdout.splitlines()) == 9
    assert result.stderr.endswith("The file is cut: this is as far as it goes.\n")
    capture.write_bytes(data[:-1] + b"x")
    result = run(capture, "--stats", code=1)
    assert result.stdout.startswith("9 packets, ")
    assert result.stderr.endswith("Error: a pcapng's block that ends with another length\n")
    capture.write_bytes(b"BMJRNL9\n")
    assert "version 9" in run(capture, code=1).stderr
    capture.write_bytes(b"")
    assert "neither a .pkt nor a pcapng" in run(capture, code=1).stderr


def test_help_names_the_commands():
    assert "convert" in run("--help").stdout
    assert "--stats" in run("show", "--help").stdout
