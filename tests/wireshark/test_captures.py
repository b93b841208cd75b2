"""Wireshark names what is in our captures, and what its programs write again is still ours."""

import random
import struct
import subprocess

import pytest

import opcodes
from bluemarble.tools import lua
from bluemarble.wire.captures import formats, pcapng
from bluemarble.wire.captures.record import Captured
from bluemarble.wire.codec import codec
from opcodes.cluster import NMSG_CLOCK
from opcodes.session import CMSG_PING, SMSG_PONG
from tests.conformance.test_vectors import NAMES, VECTORS, read, sender

START_US = 1_800_000_000_000_001
FIELDS = ("name", "opcode", "build", "connection", "from_client", "address", "port")
OTHERS = ("frame.comment", "frame.packet_flags_direction", "frame.time_epoch")


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    """The dissector."""
    path = tmp_path_factory.mktemp("lua") / "bluemarble.lua"
    path.write_text(lua.dissector([opcodes.version(12340), opcodes.version(5875), opcodes.native()]))
    return path


def run(*command):
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "lua error" not in (done.stdout + done.stderr).lower(), done.stdout[-4000:]
    return done.stdout


def session():
    """(Packet's name, packet): the vectors of both builds, then pings, then what our own parts say."""
    found = []
    for parts in map(read, VECTORS):
        packet = eval(parts["values"].strip(), dict(NAMES))
        found.append((int(parts["build"]), sender(parts, packet) == "client", packet))
    for i in range(20):
        found += [(12340, True, CMSG_PING(sequence_id=i, round_time_in_ms=30)),
                  (12340, False, SMSG_PONG(sequence_id=i))]  # fmt: skip
    found.append((0, True, NMSG_CLOCK(latency_ms=40, offset_ms=-3)))
    for i, (build, from_client, packet) in enumerate(found):
        version = opcodes.version(build) if build else opcodes.native()
        number = version.numbers[type(packet)]
        yield (
            version.names[number],
            Captured(
                time_us=START_US + 1001 * i,
                from_client=from_client,
                connection=i % 3,
                opcode=number,
                body=codec(version.layout(type(packet), received=from_client)).encode(packet),
                build=build,
                address=["", "192.0.2.5", "2001:db8::5"][i % 3],
                port=[0, 50123, 50124][i % 3],
                comment=f"no. {i}, so to speak" if i % 5 == 0 else "",
            ),
        )


def write(path, packets, **options):
    with path.open("wb") as file:
        writer = pcapng.Writer(file, **options)
        for packet in packets:
            writer.write(packet)


def test_tshark_names_packets(script, tmp_path):
    """Name, number, session, direction, address, comment and time, packet by packet, and no complaint."""
    expected = list(session())
    assert len({name for name, _ in expected}) > 30
    write(tmp_path / "it.pcapng", [packet for _, packet in expected])
    asked = [*(f"bluemarble.{field}" for field in FIELDS), *OTHERS]
    options = ["tshark", "-X", f"lua_script:{script}", "-r", tmp_path / "it.pcapng"]
    shown = run(*options, "-T", "fields", *(it for field in asked for it in ("-e", field)))
    shown = shown.replace("\tTrue\t", "\t1\t").replace("\tFalse\t", "\t0\t")  # of later versions
    lines = [line.split("\t") for line in shown.splitlines()]
    assert lines == [
        [
            name,
            f"0x{it.opcode:08x}",
            str(it.build),
            str(it.connection),
            str(int(it.from_client)),
            it.address,
            str(it.port) if it.address else "",
            it.comment,
            f"0x{1 if it.from_client else 2:08x}",
            f"{it.time_us // 1_000_000}.{it.time_us % 1_000_000:06}000",
        ]
        for name, it in expected
    ]
    text = run(*options, "-V", "-O", "bluemarble_captured")
    for line in (
        "username: ALICE",
        "round_time_in_ms: 30 (0x1E)",
        "sequence_id: 19 (0x13)",
        "latency_ms: 40 (0x28)",
    ):
        assert line in text
    assert "Not as its class says" not in text
    assert "Malformed" not in text


def test_its_programs_keep_our_packets(tmp_path):
    """editcap and mergecap write sections, interfaces and clocks of their own: our packets stay ours."""
    packets = [packet for _, packet in session()]
    write(tmp_path / "one.pcapng", packets[::2], notes={"account": "ALICE"})
    write(tmp_path / "two.pcapng", packets[1::2])
    run("editcap", "-T", "user0", tmp_path / "one.pcapng", tmp_path / "one_again.pcapng")
    run("mergecap", "-w", tmp_path / "both.pcapng", tmp_path / "one.pcapng", tmp_path / "two.pcapng")
    for name, whole in (("one_again", packets[::2]), ("both", packets)):
        with (tmp_path / f"{name}.pcapng").open("rb") as file:
            reader = formats.reader(file)
            assert list(reader) == whole
            assert not reader.cut


def test_tshark_survives(script, tmp_path):
    """Bodies that are no packet's, and frames that are nobody's."""
    chance, version, packets = random.Random(3), opcodes.version(12340), []
    for number in [*version.names, 0xF001, 0xFFFF_FFFF]:
        for build in (12340, 5875, 0, 1):
            body = chance.randbytes(chance.randrange(60))
            packets.append(Captured(START_US, chance.random() < 0.5, 1, number, body, build=build))
    path = tmp_path / "it.pcapng"
    write(path, packets)
    with path.open("ab") as file:
        for size in (0, 1, 35, 36, 90):
            frame = (b"BMC1" * chance.randrange(2) + chance.randbytes(size))[:size]
            body = struct.pack("<5I", 0, 1, 1, size, size) + frame + bytes(-size % 4)
            file.write(struct.pack("<2I", 6, len(body) + 12) + body + struct.pack("<I", len(body) + 12))
    shown = run("tshark", "-X", f"lua_script:{script}", "-r", path, "-V", "-O", "bluemarble_captured")
    assert shown.count("From the client: ") >= len(packets)
