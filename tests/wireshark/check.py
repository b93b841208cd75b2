"""
Wireshark must name what it sees of a conversation through our dissector, and survive anything else.

    python tests/wireshark/check.py

Not one of `make test`'s, for it takes long; `make dissector` comes here.  Captures in clear have a quick
test beside this one.
"""

import random
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from wow_srp import VanillaProofSeed, WrathProofSeed

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import opcodes  # noqa: E402
from bluemarble.tools import lua  # noqa: E402
from bluemarble.wire.codec import codec  # noqa: E402
from opcodes import session  # noqa: E402
from tests.conformance.test_vectors import NAMES, VECTORS, read  # noqa: E402

KEY = bytes(range(40))
PORT = 8085
LENGTHS = (1, 3, 7, 40, 300, 900)  # of segments, so that headers and bodies come in pieces
SEEDS = {12340: WrathProofSeed, 5875: VanillaProofSeed}
HELLO = [
    session.SMSG_AUTH_CHALLENGE(server_seed=1, seed=bytes(32)),
    session.CMSG_AUTH_SESSION(
        client_build=0,
        login_server_id=0,
        username="ALICE",
        login_server_type=0,
        client_seed=1,
        region_id=0,
        battleground_id=0,
        realm_id=1,
        dos_response=0,
        client_proof=bytes(20),
        addon_info=b"",
    ),
]
PINGS = [session.CMSG_PING(sequence_id=7, round_time_in_ms=30), session.SMSG_PONG(sequence_id=7)] * 40


def headers(build):
    """What enciphers each side's headers, by an independent package."""
    mine, its = SEEDS[build](), SEEDS[build]()
    proof, client = mine.into_client_header_crypto("ALICE", KEY, its.seed())
    return client, its.into_server_header_crypto("ALICE", KEY, proof, mine.seed())


def conversation(build, enciphered):
    """(Packet's name, whether from the client, its bytes): the vectors, then pings to and fro."""
    version, ciphers = opcodes.version(build), headers(build)
    parts = [each for each in map(read, VECTORS) if each["build"] == str(build)]
    vectors = [eval(each["values"].strip(), dict(NAMES)) for each in parts]
    rest = [packet for packet in vectors if type(packet) not in map(type, HELLO)]
    for i, packet in enumerate(HELLO + rest + PINGS):
        cls, number = type(packet), version.numbers[type(packet)]
        from_client = version.sent.get(number) is not cls
        body = codec(version.layout(cls, received=from_client)).encode(packet)
        size, clear = len(body) + (4 if from_client else 2), i < len(HELLO) or not enciphered
        if clear:
            head = struct.pack(">H", size) + struct.pack("<I" if from_client else "<H", number)
        elif from_client:
            head = bytes(ciphers[0].encrypt_client_header(size, number))
        else:
            head = bytes(ciphers[1].encrypt_server_header(size, number))
        yield version.names[number], from_client, head + body


def segments(packets, chance):
    """The packets' bytes cut and joined at random places, in their order; the greeting comes first."""
    kept = {True: b"", False: b""}
    for i, (from_client, data) in enumerate([*packets, (True, b""), (False, b"")]):
        kept[from_client] += data
        while kept[from_client] and (i == 0 or not data or chance.randrange(3)):
            n = chance.choice(LENGTHS)
            yield from_client, kept[from_client][:n]
            kept[from_client] = kept[from_client][n:]


def capture(path, streams):
    """Writes (stream, from the client, bytes) as a pcap of raw IPv4."""
    frames = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)]
    at = Counter()
    for i, (stream, from_client, data) in enumerate(streams):
        ends = [(b"\x0a\0\0\1", 50000 + stream), (b"\x0a\0\0\2", PORT)]
        (source, source_port), (target, target_port) = ends if from_client else ends[::-1]
        tcp = struct.pack(
            ">HHIIBBHHH",
            source_port,
            target_port,
            1 + at[stream, from_client],
            1 + at[stream, not from_client],
            0x50,
            0x18,
            65535,
            0,
            0,
        )
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(data), i & 0xFFFF, 0, 64, 6, 0) + source + target
        at[stream, from_client] += len(data)
        frame = ip + tcp + data
        frames.append(struct.pack("<IIII", i, 0, len(frame), len(frame)) + frame)
    path.write_bytes(b"".join(frames))


def tshark(where, *options):
    """What it says of the capture."""
    done = subprocess.run(
        ["tshark", "-X", f"lua_script:{where / 'bluemarble.lua'}", "-r", where / "it.pcap", *options],
        capture_output=True,
        text=True,
        encoding="latin-1",
        timeout=120,
        check=False,
    )
    said = done.stdout + done.stderr
    if done.returncode or "lua error" in said.lower() or "init.lua" in said.lower():
        sys.exit(f"tshark {' '.join(options)}: {done.returncode}\n{said[-4000:]}")
    return done.stdout


def check_conversation(where, build, enciphered):
    """
    Every packet is named, in its direction's order, and fields are shown; on a second look too.

    The same ends meet twice.
    """
    chance, packets, streams = random.Random(build), [], []
    for _ in range(2):
        met = list(conversation(build, enciphered))
        packets += met
        streams += [(0, *it) for it in segments([it[1:] for it in met], chance)]
    capture(where / "it.pcap", streams)
    options = [
        "-o",
        f"bluemarble.build:{build}",
        "-o",
        f"bluemarble.key:{KEY.hex()}" if enciphered else "bluemarble.plain:TRUE",
    ]
    for again in ([], ["-2"]):
        for from_client in (True, False):
            side = ["-Y", f"tcp.{'dst' if from_client else 'src'}port == {PORT}"]
            shown = tshark(where, *options, *again, *side, "-T", "fields", "-e", "bluemarble.name")
            names = [name for line in shown.split() for name in line.split(",")]
            wanted = [name for name, client, _ in packets if client is from_client]
            if names != wanted:
                sys.exit(f"{build} {options} {again}: shown {names}\nwanted {wanted}")
        text = tshark(where, *options, *again, "-V", "-O", "bluemarble")
        for line in ("username: ALICE", "round_time_in_ms: 30 (0x1E)", "sequence_id: 7 (0x7)"):
            if line not in text:
                sys.exit(f"{build} {options} {again}: no line {line!r}")
        if "Not as its class says" in text or "Malformed" in text:
            sys.exit(f"{build} {options} {again}: called malformed:\n{text[-4000:]}")


def check_hostile(where):
    """Bodies that are no packets', and bytes that are nothing."""
    chance, version, streams = random.Random(2), opcodes.version(12340), []
    for from_client, table in ((True, version.packets), (False, version.sent)):
        for number in table:
            body = chance.randbytes(chance.randrange(80))
            head = struct.pack(">H", len(body) + (4 if from_client else 2))
            streams.append((0, from_client, head + struct.pack("<I" if from_client else "<H", number) + body))
    for stream in range(1, 400):
        data = chance.choice(
            [
                chance.randbytes(chance.randrange(1, 500)),
                bytes(chance.randrange(1, 20)),
                b"\xff" * chance.randrange(1, 20),
                struct.pack(">HI", 4, 0xDC01_0000),
            ]
        )
        streams += [(stream, chance.randrange(2) == 0, data), (stream, chance.randrange(2) == 0, data)]
    capture(where / "it.pcap", streams)
    for clear in ("TRUE", "FALSE"):
        for options in ([], ["-2"], ["-o", f"bluemarble.key:{KEY.hex()}"], ["-o", "bluemarble.build:1"]):
            tshark(where, "-o", f"bluemarble.plain:{clear}", *options, "-V", "-O", "bluemarble")


def main():
    with tempfile.TemporaryDirectory() as made:
        where = Path(made)
        (where / "bluemarble.lua").write_text(lua.dissector([opcodes.version(build) for build in SEEDS]))
        for build in SEEDS:
            for enciphered in (False, True):
                check_conversation(where, build, enciphered)
        check_hostile(where)
    print("the dissector names every packet and survives hostile bytes")


if __name__ == "__main__":
    main()
