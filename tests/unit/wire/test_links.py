"""The packets that agree on a datagram link, and those that tell the simulation of it."""

import io

import pytest

import opcodes
from bluemarble.wire import journal
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import NotAllowed
from bluemarble.wire.legacy import LegacyServer
from opcodes.datagram import (
    CMSG_UDP_ACCEPT,
    CMSG_UDP_REQUEST,
    CMSG_UDP_TUNNEL,
    SMSG_UDP_OFFER,
    SMSG_UDP_TUNNEL,
)
from opcodes.links import MOVES_LIMIT, NMSG_MOVES, NMSG_STRAIN, NMSG_UDP_ATTACHED, NMSG_UDP_GONE
from opcodes.vocab import Phase

V = opcodes.version(12340)
REQUEST = CMSG_UDP_REQUEST(proto=1, aeads=3, encoders=1, mtu=1452)


def framed(packet):
    body = codec(type(packet)).encode(packet)
    return (len(body) + 4).to_bytes(2, "big") + V.numbers[type(packet)].to_bytes(4, "little") + body


def test_layouts():
    """As docs/bmu1.md section 1 has them."""
    assert codec(CMSG_UDP_REQUEST).encode(REQUEST) == bytes.fromhex("0100 03 01 ac05")
    offer = SMSG_UDP_OFFER(
        proto=1,
        aead=1,
        encoder=0,
        mtu=1400,
        port=8087,
        cid=0x04003002,
        realm_id=1,
        account_id=7,
        keepalive_ms=1000,
        server_random=bytes(range(32)),
        server_public=bytes(range(32, 64)),
    )
    head = bytes.fromhex("0100 01 00 7805 971f 02300004 01000000 07000000 e803")
    assert codec(SMSG_UDP_OFFER).encode(offer) == head + bytes(range(64))


def test_numbers_are_of_no_client():
    """The game's own numbers end far below, and what a client of 1.12.1 knows has none of these."""
    ours = sorted(number for number, name in V.names.items() if "_UDP_" in name)
    assert ours == list(range(0x7F0, 0x7F6))
    assert max(set(V.names) - set(ours)) < 0x520
    assert not any("_UDP_" in name for name in opcodes.version(5875).names.values())


@pytest.mark.parametrize("packet", [CMSG_UDP_ACCEPT(client_random=bytes(32), client_public=bytes(32)),
                                    CMSG_UDP_TUNNEL(datagram=bytes(30))])  # fmt: skip
def test_phases(packet):
    """Nobody unproven may ask; who is not in the world has nothing to accept or to send."""
    server = LegacyServer(V)
    with pytest.raises(NotAllowed):
        list(server.receive(framed(REQUEST)))
    server = LegacyServer(V)
    server.phase = Phase.AUTHED
    assert list(server.receive(framed(REQUEST) + framed(packet))) == [REQUEST, None]
    server.phase = Phase.WORLD
    assert list(server.receive(framed(REQUEST) + framed(packet))) == [REQUEST, packet]


def test_a_tunnelled_datagram_fits():
    """The largest datagram goes through both ways."""
    server = LegacyServer(V)
    server.phase = Phase.WORLD
    packet = CMSG_UDP_TUNNEL(datagram=bytes(1452))
    assert list(server.receive(framed(packet))) == [packet]
    server.queue(SMSG_UDP_TUNNEL(datagram=bytes(1452)))
    assert len(server.outgoing()) == 4 + 1452


def test_journal():
    """A tick's movements are one input, up to a megabyte of them; more is refused and written in parts."""
    inputs = [
        (0, NMSG_STRAIN(level=2)),
        (7, NMSG_UDP_ATTACHED(cid=0x4001)),
        (0, NMSG_MOVES(moves=bytes(MOVES_LIMIT))),
        (0, NMSG_MOVES(moves=b"")),
        (7, NMSG_UDP_GONE(cid=0x4001)),
    ]
    out = io.BytesIO()
    writer = journal.Writer(out, journal.Header(content="", rules={}, seed=1, revision=""))
    writer.tick(1, inputs)
    with pytest.raises(ValueError, match="too long"):
        writer.tick(2, [(0, NMSG_MOVES(moves=bytes(MOVES_LIMIT + 1)))])
    writer.flush()
    assert list(journal.Reader(io.BytesIO(out.getvalue()))) == [journal.Tick(1, inputs)]
