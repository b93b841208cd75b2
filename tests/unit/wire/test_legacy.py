"""The legacy stream, fed in every unkind way a network can, and read by wow_srp."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wow_srp import VanillaProofSeed, WrathProofSeed

import opcodes
from bluemarble.native.lines import BODY_LIMIT
from bluemarble.wire import legacy
from bluemarble.wire.errors import Malformed, NotAllowed, PeerError, TooMuch
from bluemarble.wire.legacy import LegacyServer
from opcodes.session import CMSG_AUTH_SESSION, SMSG_PONG
from opcodes.vocab import Phase

WRATH, VANILLA = opcodes.version(12340), opcodes.version(5875)
KEY = bytes(range(40))
SEEDS = {12340: WrathProofSeed, 5875: VanillaProofSeed}
BUILDS = pytest.mark.parametrize("version", [WRATH, VANILLA], ids=["12340", "5875"])


def shaken(version):
    """A server that has let a wow_srp client in, and that client's end of the ciphers."""
    server = LegacyServer(WRATH, VANILLA)
    seed = SEEDS[version.build]()
    digest, client = seed.into_client_header_crypto("ADA", KEY, 0xDEADBEEF)
    assert legacy.session_proven(bytes(digest), "ADA", seed.seed(), 0xDEADBEEF, KEY)
    assert not legacy.session_proven(bytes(digest), "BOB", seed.seed(), 0xDEADBEEF, KEY)
    assert not legacy.session_proven(bytes(digest), "ADA", seed.seed(), 1, KEY)
    server.version = version
    server.enable_encryption(KEY)
    server.phase = Phase.WORLD
    return server, client


def ping(number, client=None):
    """CMSG_PING as a client puts it on the wire."""
    body = struct.pack("<II", number, 9)
    if client is None:
        return frame(0x1DC, body)
    return bytes(client.encrypt_client_header(len(body) + 4, 0x1DC)) + body


@BUILDS
@given(cuts=st.lists(st.integers(1, 20), min_size=1), count=st.integers(1, 6))
def test_any_chunks(version, cuts, count):
    """However the stream is cut, the same packets come out."""
    server, client = shaken(version)
    stream, got, i = b"".join(ping(n, client) for n in range(count)), [], 0
    while stream:
        n = cuts[i % len(cuts)]
        got += server.receive(stream[:n])
        stream, i = stream[n:], i + 1
    assert [packet.sequence_id for packet in got] == list(range(count))


@BUILDS
@given(batches=st.lists(st.lists(st.binary(max_size=40), max_size=30), max_size=5))
def test_what_is_queued_is_what_a_client_reads(version, batches):
    """Headers are enciphered together, and the stream goes on from batch to batch."""
    server, client = shaken(version)
    for bodies in batches:
        for i, body in enumerate(bodies):
            server.queue_encoded(0x1DD + i, body)
        assert server.pending_bytes == sum(len(body) + 4 for body in bodies)
        out = server.outgoing()
        assert server.pending_bytes == 0
        assert server.outgoing() == b""
        for i, body in enumerate(bodies):
            size, number = client.decrypt_server_header(out[:4])
            assert (size, number) == (len(body) + 2, 0x1DD + i)
            assert out[4 : 2 + size] == body
            out = out[2 + size :]
        assert out == b""


def test_in_clear_before_the_key():
    server = LegacyServer(WRATH)
    server.queue(SMSG_PONG(sequence_id=7))
    server.queue_encoded(0x1EC, b"abc")
    assert server.outgoing() == b"\0\6\xdd\1\7\0\0\0" + b"\0\5\xec\1abc"


def test_key_turned_on_between_two_packets_of_one_read():
    """The next header is read under the key the last packet set."""
    server = LegacyServer(WRATH)
    server.phase = Phase.AUTHED
    _, client = WrathProofSeed().into_client_header_crypto("ADA", KEY, 1)
    got = []
    for packet in server.receive(ping(1) + ping(2, client)):
        got.append(packet.sequence_id)
        if got == [1]:
            server.enable_encryption(KEY)
    assert got == [1, 2]


def test_taking_some_now_and_the_rest_later():
    server, client = shaken(WRATH)
    first = next(server.receive(ping(1, client) + ping(2, client)))
    assert first.sequence_id == 1
    assert [packet.sequence_id for packet in server.receive(b"")] == [2]
    with pytest.raises(TooMuch):
        next(server.receive(bytes(legacy.BUFFER_LIMIT + 1)))


def test_little_is_kept_for_strangers():
    """Who has proven nothing sends one packet, and waits."""
    with pytest.raises(TooMuch):
        next(LegacyServer(WRATH).receive(bytes(legacy.HELLO_LIMIT + 1)))


def session(version):
    """CMSG_AUTH_SESSION of a build, in clear."""
    middle = struct.pack("<III", 0, 5, 0) + struct.pack("<IIQ", 0, 1, 3) if version is WRATH else b"\5\0\0\0"
    return frame(0x1ED, struct.pack("<II", version.build, 0) + b"ADA\0" + middle + bytes(20) + bytes(4))


def frame(number, body=b"", size=None):
    """A client packet in clear, as long as `size` says."""
    size = len(body) + 4 if size is None else size
    return struct.pack(">H", size) + struct.pack("<I", number) + body


@BUILDS
def test_the_client_names_its_build(version):
    server = LegacyServer(WRATH, VANILLA)
    [packet] = server.receive(session(version))
    assert type(packet) is CMSG_AUTH_SESSION
    assert (packet.client_build, packet.username, packet.client_seed) == (version.build, "ADA", 5)
    assert server.version is version


def test_a_build_that_is_not_let_in():
    with pytest.raises(NotAllowed):
        list(LegacyServer(WRATH).receive(session(VANILLA)))


@pytest.mark.parametrize(
    ("phase", "data", "error"),
    [
        (Phase.HELLO, frame(0x1ED, b"\x34"), NotAllowed),
        (Phase.HELLO, frame(0x037), NotAllowed),  # CMSG_CHAR_ENUM
        (Phase.HELLO, frame(0x0B5, bytes(30)), NotAllowed),  # MSG_MOVE_START_FORWARD
        (Phase.WORLD, frame(0x1DD, bytes(4)), NotAllowed),  # SMSG_PONG
        (Phase.WORLD, frame(0x51F0), NotAllowed),
        (Phase.WORLD, frame(0x1DC0000), NotAllowed),
        (Phase.WORLD, frame(0x1DC, bytes(7)), Malformed),
        (Phase.WORLD, frame(0x1DC, bytes(9)), Malformed),
        (Phase.WORLD, frame(0x1DC, size=3), Malformed),
        (Phase.WORLD, frame(0x1DC, size=0), Malformed),
        (Phase.HELLO, frame(0x1ED, size=10240), TooMuch),
        (Phase.WORLD, frame(0x1DC, size=0xFFFF), TooMuch),
    ],
)
def test_refused(phase, data, error):
    server = LegacyServer(WRATH)
    server.phase = phase
    with pytest.raises(error):
        list(server.receive(data))


def test_passed_over():
    """Opcodes that the build has and we do not define, and world packets outside the world, are counted."""
    server = LegacyServer(WRATH)
    server.phase = Phase.AUTHED
    undefined = next(
        number
        for number, name in WRATH.names.items()
        if name.startswith("CMSG_") and number not in WRATH.packets
    )
    *passed, packet = server.receive(frame(undefined, b"what") + frame(0x0B5) + ping(1))
    assert passed == [None, None]  # they count against their sender's rate like any other
    assert packet.sequence_id == 1
    assert server.dropped == {undefined: 1, 0x0B5: 1}


@given(
    data=st.binary(max_size=300),
    phase=st.sampled_from(list(Phase)),
    version=st.sampled_from([WRATH, VANILLA]),
    secret=st.booleans(),
)
def test_hostile_bytes(data, phase, version, secret):
    """Whatever comes, a PeerError or packets, and nothing is kept that could not be the next packet."""
    server = LegacyServer(WRATH, VANILLA)
    server.version, server.phase = version, phase
    if secret:
        server.enable_encryption(KEY)
    try:
        list(server.receive(data))
    except PeerError:
        return
    assert len(server._in) < 10240


def test_never_a_header_of_five_bytes():
    server = LegacyServer(WRATH)
    server.queue_encoded(0x0A9, bytes(BODY_LIMIT))
    with pytest.raises(ValueError, match="0x00a9"):
        server.queue_encoded(0x0A9, bytes(BODY_LIMIT + 1))
    assert server.outgoing()[:2] == b"\x7f\xff"
