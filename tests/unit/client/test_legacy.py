"""The client's end of the stream against the server's, fed in every unkind way a network can."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import opcodes
from bluemarble.client.legacy import LegacyClient
from bluemarble.wire.errors import Malformed, NotAllowed, PeerError, TooMuch
from bluemarble.wire.legacy import Arc4Header, LegacyServer
from opcodes.movement import MSG_MOVE_HEARTBEAT
from opcodes.objects import SMSG_COMPRESSED_UPDATE_OBJECT
from opcodes.session import AUTH_FAILED, AUTH_OK, CMSG_PING, SMSG_AUTH_RESPONSE, SMSG_PONG
from opcodes.vocab import Phase

VERSION = opcodes.version(12340)
KEY = bytes(range(40))


def heartbeat(guid, x):
    return MSG_MOVE_HEARTBEAT(
        guid=guid, flags=0, flags2=0, timestamp=5, x=x, y=2.0, z=3.0, orientation=1.0, fall_time=0
    )


def sides(*, encrypted=True):
    server, client = LegacyServer(VERSION), LegacyClient()
    server.phase = Phase.WORLD
    if encrypted:
        server.enable_encryption(KEY)
        client.enable_encryption(KEY)
    return server, client


@given(cuts=st.lists(st.integers(1, 9), min_size=1), pings=st.lists(st.integers(0, 2**32 - 1), max_size=20))
def test_both_ways(cuts, pings):
    """Packets arrive whole and in order, however the stream is cut."""
    server, client = sides()
    for number in pings:
        client.queue(CMSG_PING(sequence_id=number, round_time_in_ms=1))
        server.queue(SMSG_PONG(sequence_id=number))
    up, down = client.outgoing(), server.outgoing()
    heard_up, heard_down, at = [], [], 0
    while at < max(len(up), len(down)):
        cut = cuts[at % len(cuts)]
        heard_up += server.receive(up[at : at + cut])
        heard_down += client.receive(down[at : at + cut])
        at += cut
    assert [p.sequence_id for p in heard_up] == pings
    assert [p.sequence_id for p in heard_down] == pings


def test_packets_of_both_directions():
    """A MSG_ packet goes either way in its own layout."""
    server, client = sides()
    client.queue(heartbeat(7, 1.0))
    server.queue(heartbeat(8, 9.0))
    assert list(server.receive(client.outgoing())) == [heartbeat(7, 1.0)]
    assert list(client.receive(server.outgoing())) == [heartbeat(8, 9.0)]


def test_refused_in_clear():
    """A server that has no key for us says so in clear; the first answer alone is looked at so."""
    server, client = sides(encrypted=False)
    client.enable_encryption(KEY)
    server.queue(SMSG_AUTH_RESPONSE(result=AUTH_FAILED))
    assert list(client.receive(server.outgoing())) == [SMSG_AUTH_RESPONSE(result=AUTH_FAILED)]


def test_encryption_between_two_packets():
    """What comes in one read is deciphered from where the key was turned on."""
    server, client = sides(encrypted=False)
    server.queue(SMSG_PONG(sequence_id=1))
    data = server.outgoing()
    server.enable_encryption(KEY)
    ok = SMSG_AUTH_RESPONSE(result=AUTH_OK, billing_time=0, billing_flags=0, billing_rested=0, expansion=2)
    server.queue(ok)
    packets = client.receive(data + server.outgoing())
    assert next(packets) == SMSG_PONG(sequence_id=1)
    client.enable_encryption(KEY)
    assert next(packets) == ok


def test_opcode_without_class():
    """It is counted and passed over; a number that the build has not is an error."""
    _, client = sides(encrypted=False)
    number = next(
        n for n, name in VERSION.names.items() if name.startswith("SMSG_") and n not in VERSION.sent
    )
    assert not list(client.receive(b"\0\3" + number.to_bytes(2, "little") + b"x"))
    assert client.dropped == {number: 1}
    with pytest.raises(NotAllowed):
        list(client.receive(b"\0\2\xff\xff"))


@pytest.mark.parametrize("size", [b"\0\0", b"\0\1", b"\x80\0\1", b"\x90\0\1", b"\xff\xff\xff"])
def test_sizes(size):
    _, client = sides(encrypted=False)
    with pytest.raises(Malformed, match="size"):
        list(client.receive(size + b"\0\0"))


def test_too_much():
    _, client = sides(encrypted=False)
    with pytest.raises(TooMuch):
        list(client.receive(bytes(2 << 20)))


@given(data=st.binary(max_size=300), encrypted=st.booleans())
def test_hostile_bytes(data, encrypted):
    _, client = sides(encrypted=encrypted)
    with contextlib.suppress(PeerError):
        list(client.receive(data))


@pytest.mark.parametrize("encrypted", [True, False])
@given(cuts=st.lists(st.integers(1, 9000), min_size=1), large=st.lists(st.booleans(), max_size=6))
def test_large_packets(encrypted, cuts, large):
    """Other servers' packets of more than 0x7FFF bytes have headers of five; what follows is read."""
    _, client = sides(encrypted=encrypted)
    cipher = Arc4Header(KEY) if encrypted else None
    number = VERSION.numbers[SMSG_COMPRESSED_UPDATE_OBJECT].to_bytes(2, "little")
    stream = b""
    for at, is_large in enumerate(large):
        body = bytes([at]) * (0x8001 if is_large else 9)
        size = len(body) + 2
        head = (size | 0x800000).to_bytes(3, "big") if is_large else size.to_bytes(2, "big")
        stream += (cipher.encrypt(head + number) if cipher else head + number) + body
    heard, at = [], 0
    while at < len(stream):
        cut = cuts[at % len(cuts)]
        heard += client.receive(stream[at : at + cut])
        at += cut
    assert [len(packet.compressed_data) for packet in heard] == [0x8001 - 4 if it else 5 for it in large]


def test_forgiving():
    """What another server means otherwise is passed over, and counted; the next packet is read."""
    client = LegacyClient(forgiving=True)
    pong = VERSION.numbers[SMSG_PONG]
    stream = b"".join(
        (len(body) + 2).to_bytes(2, "big") + number.to_bytes(2, "little") + body
        for number, body in ((pong, b"\1"), (0xFFFE, b""), (pong, b"\1\0\0\0"))
    )
    assert [packet.sequence_id for packet in client.receive(stream)] == [1]
    assert client.malformed == {pong: 1, 0xFFFE: 1}
