"""What goes through the relay comes out for the other side, whatever its pieces; and nothing breaks it."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import opcodes
from bluemarble.client.legacy import LegacyClient
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed, NotAllowed, PeerError, TooMuch
from bluemarble.wire.legacy import LegacyServer, session_digest, session_proven
from bluemarble.wire.relay import Keys, Relay, Stream, ciphers
from opcodes.session import CMSG_AUTH_SESSION, CMSG_PING, SMSG_AUTH_CHALLENGE, SMSG_AUTH_RESPONSE, SMSG_PONG
from opcodes.vocab import Phase

KEYS = Keys(bytes(range(40)), bytes(range(100, 140)))
SEED, OURS = 0x1234_5678, 77
BUILDS = sorted(opcodes.LAYOUTS)
PROBLEM = {"unknown1": 1, "server_seed": SEED, "seed": bytes(32)}


def known(name):
    return KEYS if name == "ADA" else None


def greeted(build=12340, name="ADA", key=KEYS.client, **fields):
    """A relay that both sides have said hello through; and what the server has been told."""
    relay, version = Relay(known), opcodes.version(build)
    challenge = codec(version.layout(SMSG_AUTH_CHALLENGE)).encode(SMSG_AUTH_CHALLENGE(**PROBLEM))
    speak(relay, frame(version.numbers[SMSG_AUTH_CHALLENGE], challenge, False), False)
    proof = CMSG_AUTH_SESSION(
        client_build=fields.pop("client_build", build),
        login_server_id=0,
        username=name,
        login_server_type=0,
        client_seed=OURS,
        region_id=0,
        battleground_id=0,
        realm_id=1,
        dos_response=0,
        client_proof=session_digest(name, OURS, SEED, key),
        addon_info=b"some",
    )
    body = codec(version.layout(CMSG_AUTH_SESSION, received=True)).encode(proof)
    speak(relay, frame(version.numbers[CMSG_AUTH_SESSION], body, True), True)
    return relay


def frame(opcode, body, from_client):
    stream = Stream(from_client)
    stream.queue(opcode, body)
    return stream.outgoing()


def speak(relay, data, from_client):
    return list(relay.receive(data, from_client))


FRAMES = st.lists(
    st.tuples(st.booleans(), st.integers(0, 0x500), st.binary(max_size=300), st.integers(1, 40)), max_size=12
)


@given(st.sampled_from(BUILDS), FRAMES, st.sampled_from([0, 0x7FFD, 0x7FFE, 70_000]))
def test_both_ways(build, frames, wide):
    """Enciphered by one side's key and read by the other's, frames are what they were."""
    relay = greeted(build)
    relay.to_server.outgoing(), relay.to_client.outgoing()
    ends = {}
    for from_client in (True, False):
        theirs, far = Stream(from_client), Stream(from_client)
        offset = 0 if from_client else 2
        theirs.write = ciphers(build, KEYS.client if from_client else KEYS.server)[offset + 1]
        far.read = ciphers(build, KEYS.server if from_client else KEYS.client)[offset]
        ends[from_client] = theirs, far
    for from_client, opcode, body, piece in [*frames, (False, 7, bytes(wide), 50_000)]:
        theirs, far = ends[from_client]
        theirs.queue(opcode, body)
        said = theirs.outgoing()
        seen = []
        for at in range(0, len(said), piece):
            seen += speak(relay, said[at : at + piece], from_client)
        assert [(it.from_client, it.opcode, it.body) for it in seen] == [(from_client, opcode, body)]
        far.receive((relay.to_server if from_client else relay.to_client).outgoing())
        assert far.frame() == (opcode, body)


def test_with_our_own_ends():
    """Our client and our server understand what comes out."""
    relay = greeted()
    server, client = LegacyServer(opcodes.version(12340)), LegacyClient()
    [proof] = server.receive(relay.to_server.outgoing())
    assert session_proven(proof.client_proof, "ADA", OURS, SEED, KEYS.server)
    assert proof.addon_info == b"some"
    server.enable_encryption(KEYS.server)
    server.phase = Phase.WORLD
    [challenge] = client.receive(relay.to_client.outgoing())
    assert challenge.server_seed == SEED
    client.enable_encryption(KEYS.client)
    client.queue(CMSG_PING(sequence_id=5, round_time_in_ms=6))
    speak(relay, client.outgoing(), True)
    [ping] = server.receive(relay.to_server.outgoing())
    assert (ping.sequence_id, ping.round_time_in_ms) == (5, 6)
    server.queue(SMSG_AUTH_RESPONSE(result=0x0D))
    speak(relay, server.outgoing(), False)
    [refused] = client.receive(relay.to_client.outgoing())
    assert refused.result == 0x0D


def test_with_our_server_for_1_12_1():
    """The other cipher, as our server has it."""
    relay, version = greeted(5875), opcodes.version(5875)
    server = LegacyServer(version)
    list(server.receive(relay.to_server.outgoing()))
    server.enable_encryption(KEYS.server)
    server.phase = Phase.WORLD
    client = Stream(from_client=True)
    client.write = ciphers(5875, KEYS.client)[1]
    for sequence in range(3):
        client.queue(version.numbers[CMSG_PING], bytes([sequence, 0, 0, 0, 6, 0, 0, 0]))
        speak(relay, client.outgoing(), True)
        [ping] = server.receive(relay.to_server.outgoing())
        assert ping.sequence_id == sequence
        server.queue(SMSG_PONG(sequence_id=sequence))
        [pong] = speak(relay, server.outgoing(), False)
        assert pong.opcode == version.numbers[SMSG_PONG] and pong.body[0] == sequence


def test_a_refusal_in_clear():
    """A server that has no key answers in clear, and so is its answer passed on."""
    relay = greeted()
    relay.to_client.outgoing()
    said = frame(opcodes.version(12340).numbers[SMSG_AUTH_RESPONSE], b"\x15", False)
    [seen] = speak(relay, said, False)
    assert seen.body == b"\x15" and relay.to_client.outgoing() == said


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"name": "BOB"}, "no key is known of 'BOB'"),
        ({"key": KEYS.server}, "has another key"),
        ({"client_build": 1}, "client build 1"),
    ],
)
def test_who_cannot_go_through(options, why):
    with pytest.raises(NotAllowed, match=why):
        greeted(**options)


def test_out_of_turn():
    relay = Relay(known)
    with pytest.raises(NotAllowed, match="before the proof"):
        speak(relay, frame(0x1ED, b"", True), True)
    relay = Relay(known)
    with pytest.raises(NotAllowed, match="goes on"):
        speak(relay, frame(0x1EC, bytes(40), False) * 2, False)
    with pytest.raises(TooMuch):
        speak(Relay(known), bytes(20_000), True)
    with pytest.raises(Malformed, match="key"):
        speak(Relay(known), b"\0\4\0\0\1\0", True)
    with pytest.raises(Malformed):
        speak(Relay(known), b"\0\1\0\0", False)


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=60)), max_size=20), st.booleans())
def test_anything_at_all(pieces, through):
    """Peers' faults are PeerErrors."""
    relay = greeted() if through else Relay(known)
    with contextlib.suppress(PeerError):
        for from_client, data in pieces:
            speak(relay, data, from_client)
