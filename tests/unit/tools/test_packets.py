"""`bluemarble packets`: what it shows of a capture, and what it counts."""

import json
import math

import pytest

import opcodes
from bluemarble.tools.packets import answering, fields
from bluemarble.tools.packets.counting import percentiles_ms
from bluemarble.tools.packets.decoding import Decoded, decoded
from bluemarble.tools.packets.showing import as_json, lines, utc
from bluemarble.tools.terminal import plainly, printable
from bluemarble.wire.captures.record import Captured
from bluemarble.wire.codec import codec
from bluemarble.wire.compress import compressed
from opcodes.links import NMSG_MOVES, Move
from opcodes.objects import SMSG_COMPRESSED_UPDATE_OBJECT, SMSG_UPDATE_OBJECT, UpdateBlock
from opcodes.orders import SMSG_FORCE_TURN_RATE_CHANGE
from opcodes.session import CMSG_PING
from opcodes.vocab import empty
from tests.unit.tools.capturing import SESSION, START_US, captured, names, ping, pong, run, written

ONE_F32 = 0x3F80_0000


@pytest.fixture
def capture(tmp_path):
    path = tmp_path / "session.pcapng"
    path.write_bytes(written(SESSION, notes={"account": "ALICE"}))
    return path


# What is shown


def test_fields_and_their_units(capture):
    """Names, numbers, fields and units; nothing of a client's text reaches the terminal as it is."""
    result = run(capture)
    text = result.stdout
    assert text.startswith(
        "0.000000  #1  client  CMSG_PING  0x1DC, 8 bytes\n    sequence_id: 1\n    round_time_in_ms: 30 ms\n"
    )
    assert "    // said\\x07 so\n" in text
    assert "    message: 'hi\\x1b[2J there'\n" in text
    assert "    guid: 0x4D\n" in text
    assert "2.500000  #2  client  CMSG_PING  0x1DC, 1 bytes\n    ! unpack" in text
    assert text.endswith(f"    ! not an opcode of build 12340\n    {'ab' * 64}… 200 bytes\n")
    assert result.stderr == (
        "session.pcapng: 10 packets, the file's first one at 2027-01-15T08:00:00.000000Z\naccount: ALICE\n"
    )


def test_brief(capture):
    shown = run(capture, "--brief").stdout.splitlines()
    assert len(shown) == len(SESSION)
    assert shown[1] == "0.010000  #1  server  SMSG_PONG  0x1DD, 4 bytes"
    assert "  ! " in shown[8]


def test_json(capture):
    """A line each, with everything."""
    found = [json.loads(line) for line in run(capture, "--json").stdout.splitlines()]
    assert found[2] == {
        "time": "2027-01-15T08:00:00.500000Z",
        "time_us": START_US + 500_000,
        "from": "client",
        "connection": 1,
        "name": "CMSG_MESSAGECHAT",
        "opcode": 0x95,
        "build": 12340,
        "size_bytes": len(SESSION[2].body),
        "comment": "said\x07 so",
        "fields": {"chat_type": 1, "language": 7, "message": "hi\x1b[2J there"},
    }
    assert found[9]["fault"] == "not an opcode of build 12340"
    assert found[9]["body"] == "ab" * 200


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--opcode", "cmsg_ping"], ["CMSG_PING"] * 4),
        (["--opcode", "0x1DD", "--opcode", "CMSG_M*"], ["SMSG_PONG", "CMSG_MESSAGECHAT"] + ["SMSG_PONG"] * 2),
        (["--without", "?MSG_P?NG", "--from", "client"], ["CMSG_MESSAGECHAT", "CMSG_NAME_QUERY"]),
        (["--session", "2", "--before", "2"], ["CMSG_PING", "SMSG_PONG"]),
        (["--after", "2", "--before", "2.5"], ["CMSG_NAME_QUERY"]),
        (["--value", "0x4d"], ["CMSG_NAME_QUERY"]),
        (["--value", "77"], ["CMSG_NAME_QUERY"]),
        (["--value", "hi\x1b[2J there", "--value", "7"], ["CMSG_MESSAGECHAT"]),
        (["--value", "9", "--value", "30"], ["CMSG_PING"]),
        (["--faulty"], ["CMSG_PING", "0x51FFFFF"]),
        (["--faulty", "--value", "1"], []),
        (["--limit", "2"], ["CMSG_PING", "SMSG_PONG"]),
    ],
    ids=lambda it: " ".join(it) if it and it[0].startswith("--") else "",
)
def test_filters(capture, options, wanted):
    assert names(capture, *options) == wanted


@pytest.mark.parametrize("version", [opcodes.version(12340), opcodes.native()], ids=lambda it: it.build)
def test_every_packet_is_shown(version):
    """The emptiest one of each kind, fields and all."""
    for cls, number in version.numbers.items():
        it = Decoded(Captured(0, True, 1, number, b"", version.build), cls.__name__, empty(cls, None), "")
        shown = list(lines(it, 0))
        there = {name for name, value in it.packet if value is not None}
        assert set(as_json(it)["fields"]) == there
        assert len(shown) > len(there)


def test_units_by_name():
    assert fields.unit("MSG_MOVE_HEARTBEAT", "x") == "yards"
    assert fields.unit("SMSG_FORCE_RUN_SPEED_CHANGE", "speed") == "yards/s"
    assert fields.unit("MSG_MOVE_SET_TURN_RATE", "new_speed") == "rad/s"
    assert fields.unit("CMSG_PING", "sequence_id") == ""
    shown = "\n".join(
        lines(decoded(captured(SMSG_FORCE_TURN_RATE_CHANGE(guid=5, move_event=1, speed=math.pi))), START_US)
    )
    assert "speed: 3.141593 rad/s" in shown


def test_unit_names_are_fields():
    """Each is a field of some packet: a name that is spelt wrong measures nothing."""
    every = {name for version in (opcodes.version(12340), opcodes.native()) for cls in version.numbers
             for name in everything(cls)}  # fmt: skip
    assert set(fields.UNIT_OF) <= every


def everything(cls):
    for name, hint in cls.hints.items():
        yield name
        form = fields.wire_form(hint)
        if isinstance(form, type):
            yield from everything(form)


@pytest.mark.parametrize("pack", [False, True])
def test_updates_have_their_fields_names(pack):
    """By the object's type or its guid; what is compressed is unpacked."""
    update = SMSG_UPDATE_OBJECT(
        blocks=[
            UpdateBlock(update_type=0, guid=5, values={4: ONE_F32, 0x18: 60, 0x13: 9}),
            UpdateBlock(update_type=0, guid=0xF110 << 48 | 1, values={6: 3}),
            UpdateBlock(update_type=0, guid=0x7777 << 48, values={6: 3, 0: 5}),
        ]
    )
    it = captured(update)
    if pack:
        number = opcodes.version(12340).numbers[SMSG_COMPRESSED_UPDATE_OBJECT]
        it = it._replace(opcode=number, body=compressed(it.body))
    found = as_json(decoded(it))
    assert found["name"] == ("SMSG_COMPRESSED_UPDATE_OBJECT" if pack else "SMSG_UPDATE_OBJECT")
    assert [block["values"] for block in found["fields"]["blocks"]] == [
        {"OBJECT_FIELD_SCALE_X": 1.0, "UNIT_FIELD_TARGET+1": 9, "UNIT_FIELD_HEALTH": 60},
        {"OBJECT_FIELD_CREATED_BY": 3},
        {"0x6": 3, "OBJECT_FIELD_GUID": 5},
    ]


def test_a_bomb_is_not_unpacked():
    number = opcodes.version(12340).numbers[SMSG_COMPRESSED_UPDATE_OBJECT]
    body = compressed(bytes((1 << 22) + 1))
    assert len(body) < 0x7FFF
    it = decoded(Captured(0, False, 1, number, body))
    assert it.packet is None
    assert "limit" in it.fault


def test_what_links_said_is_in_yards():
    move = Move(cid=3, tick=1, flags=2, yaw=3, epoch=4, zero=0, x=64, y=-32, z=0)
    found = as_json(decoded(captured(NMSG_MOVES(moves=codec(Move).encode(move) * 2), build=0)))
    assert found["name"] == "NMSG_MOVES"
    assert [(one["cid"], one["x"], one["y"]) for one in found["fields"]["moves"]] == [(3, 1.0, -0.5)] * 2
    found = as_json(decoded(captured(NMSG_MOVES(moves=b"abc"), build=0)))
    assert found["fields"] == {"moves": "616263"}


@pytest.mark.parametrize(
    ("it", "fault"),
    [
        (Captured(0, True, 1, 0x1DD, bytes(4)), "from the client, who does not send it"),
        (Captured(0, True, 1, 0x1DC, bytes(8), build=9), "no opcodes are known of build 9"),
        (Captured(0, False, 1, 0x51E, bytes(8)), "SMSG_MULTIPLE_MOVES has no definition"),
        (Captured(0, True, 1, 0x1DC, bytes(9)), "1 bytes left over"),
    ],
)
def test_faults(it, fault):
    assert decoded(it).fault == fault


def test_vanilla_is_read_as_vanilla():
    it = captured(CMSG_PING(sequence_id=3, round_time_in_ms=4), build=5875)
    assert as_json(decoded(it))["fields"] == {"sequence_id": 3, "round_time_in_ms": 4}


def test_printable():
    assert printable("é \x1b[1m\u202e") == "é \\x1b[1m\\u202e"
    assert printable("a\nb") == "a\\nb"
    assert plainly("a\n\x9b2J\n") == "a\n\\x9b2J\n"


def test_times_beyond_the_calendar():
    assert utc(1_800_000_000_000_001) == "2027-01-15T08:00:00.000001Z"
    assert utc((1 << 63) - 1).endswith(" s")


# What is counted


def test_statistics(capture):
    """Counts and sizes by opcode and sender; each session's answers, by the field that both have."""
    found = json.loads(run(capture, "--stats", "--json").stdout)
    assert (found["packets"], found["sessions"], found["seconds"]) == (10, 2, 2.6)
    ping_count = next(each for each in found["opcodes"] if each["name"] == "CMSG_PING")
    assert ping_count == {
        "name": "CMSG_PING", "from": "client", "packets": 4, "size_bytes": 25, "smallest_bytes": 1,
        "median_bytes": 8, "largest_bytes": 8, "per_s": 4 / 2.6, "bytes_per_s": 25 / 2.6, "faulty": 1,
    }  # fmt: skip
    assert found["opcodes"][0]["name"] == "unknown"
    assert found["latencies"] == [
        {"request": "CMSG_NAME_QUERY", "answer": "SMSG_NAME_QUERY_RESPONSE", "answered": 0, "unanswered": 1},
        {"request": "CMSG_PING", "answer": "SMSG_PONG", "answered": 3, "unanswered": 1, "median_ms": 20.0,
         "p95_ms": 30.0, "p99_ms": 30.0, "longest_ms": 30.0},
    ]  # fmt: skip
    text = run(capture, "--stats").stdout
    assert "CMSG_PING SMSG_PONG 3 1 20.000 30.000" in " ".join(text.split())
    assert "10 packets, " in text


def test_statistics_of_nothing(capture):
    text = run(capture, "--stats", "--opcode", "NOBODY").stdout
    assert text == "0 packets, 0 bytes in 0.000 s of 0 sessions; sizes are of bodies\n"
    assert json.loads(run(capture, "--stats", "--json", "--opcode", "NOBODY").stdout)["opcodes"] == []


def test_percentiles():
    took_us = [k * 1000 for k in range(100, 0, -1)]
    assert percentiles_ms(took_us) == {"median_ms": 50.0, "p95_ms": 95.0, "p99_ms": 99.0, "longest_ms": 100.0}
    assert percentiles_ms([7]) == {"median_ms": 0.007, "p95_ms": 0.007, "p99_ms": 0.007, "longest_ms": 0.007}
    assert percentiles_ms([]) == {}


def test_answers_exist():
    """Every pair is of the build; orders that everyone is told of are no questions."""
    known = set(opcodes.version(12340).names.values())
    assert set(answering.ANSWERS) | set(answering.ANSWERS.values()) <= known
    assert {f"{side}MSG_{name}" for name in answering.SAME_NAME for side in "CS"} <= known
    found = answering.answers_of(12340)
    assert found["CMSG_NAME_QUERY"] == "SMSG_NAME_QUERY_RESPONSE"
    assert found["CMSG_PING"] == "SMSG_PONG"
    assert found["SMSG_FORCE_RUN_SPEED_CHANGE"] == "CMSG_FORCE_RUN_SPEED_CHANGE_ACK"
    assert not {"CMSG_MESSAGECHAT", "CMSG_GROUP_DECLINE", "CMSG_EMOTE", "SMSG_PONG"} & set(found)
    assert answering.answers_of(1) == {}


def test_requests_without_end(monkeypatch):
    """Beyond the limit they are unanswered, whatever comes."""
    monkeypatch.setattr(answering, "WAITING_LIMIT", 2)
    latencies = answering.Latencies()
    for it in [ping(n, n) for n in range(4)] + [pong(n, n + 5) for n in range(4)] + [ping(4, 4), pong(4, 10)]:
        latencies.take(decoded(it))
    (found,) = latencies.found()
    assert found.took_us == [5000, 5000, 6000]
    assert found.unanswered == 2
