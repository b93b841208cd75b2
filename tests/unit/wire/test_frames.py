"""Recordings of networks: what tcpdump and Wireshark write, and the UDP in it."""

import io
import struct

import pytest

from bluemarble.wire.captures import formats, pcap
from bluemarble.wire.captures.frames import (
    ETHERNET,
    FRAGMENTS,
    LINUX_SLL,
    LINUX_SLL2,
    LOOP,
    NULL,
    OTHER_TRAFFIC,
    RAW,
    SHORT,
    Datagram,
    Frame,
    datagram,
)
from bluemarble.wire.errors import Malformed
from tests.recording import START_US, framed, pcap_of, pcapng_of, udp

HERE, THERE = ("192.0.2.7", 40_000), ("192.0.2.1", 8085)
HERE6, THERE6 = ("2001:db8::7", 40_000), ("2001:db8::1", 8085)
LINKS = [ETHERNET, LINUX_SLL, LINUX_SLL2, NULL, LOOP, RAW]


def of(link_type, data, size=None):
    return datagram(Frame(0, link_type, data, len(data) if size is None else size))


@pytest.mark.parametrize("link_type", LINKS)
@pytest.mark.parametrize(("source", "target"), [(HERE, THERE), (HERE6, THERE6)], ids=["IPv4", "IPv6"])
def test_link_types(link_type, source, target):
    """A datagram in each, with what an Ethernet card pads it to."""
    found = of(link_type, framed(link_type, udp(source, target, b"hello")) + bytes(9))
    assert (found.data, found.whole) == (b"hello", True)
    assert (found.source[1], found.target[1]) == (40_000, 8085)
    assert len(found.source[0]) == len(found.target[0]) == (4 if source is HERE else 16)


def test_headers_before_it():
    """VLAN tags, options of IPv4 and IPv6."""
    packet = udp(HERE, THERE, b"hello")
    tagged = bytes(12) + b"\x88\xa8\0\1\x81\0\0\2\x08\0" + packet
    assert of(ETHERNET, tagged).data == b"hello"
    longer = (
        b"\x46" + packet[1:2] + (len(packet) + 4).to_bytes(2, "big") + packet[4:20] + bytes(4) + packet[20:]
    )
    assert of(RAW, longer).data == b"hello"
    assert of(RAW, udp(HERE6, THERE6, b"hello", extended=True)).data == b"hello"
    unfilled = packet[:2] + bytes(2) + packet[4:]
    assert of(RAW, unfilled).data == b"hello"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (udp(HERE, THERE, b"x", fragment=0x2000), FRAGMENTS),
        (udp(HERE, THERE, b"x", fragment=0x0001), FRAGMENTS),
        (udp(HERE6, THERE6, b"x", fragment=1), FRAGMENTS),
        (udp(HERE, THERE, b"x")[:9] + b"\6" + udp(HERE, THERE, b"x")[10:], OTHER_TRAFFIC),
        (udp(HERE6, THERE6, b"x")[:6] + b"\6" + udp(HERE6, THERE6, b"x")[7:], OTHER_TRAFFIC),
        (b"\x41" + udp(HERE, THERE, b"x")[1:], OTHER_TRAFFIC),
        (udp(HERE, THERE, b"x")[:24] + b"\0\7" + udp(HERE, THERE, b"x")[26:], OTHER_TRAFFIC),
        (
            udp(HERE6, THERE6, b"")[:6] + b"\0" + b"\x40" + udp(HERE6, THERE6, b"")[8:40] + bytes(200),
            OTHER_TRAFFIC,
        ),
        (b"\x50" * 40, OTHER_TRAFFIC),
        (b"", OTHER_TRAFFIC),
        (b"\x45", OTHER_TRAFFIC),
        (b"\x60", OTHER_TRAFFIC),
    ],
)
def test_what_is_none(data, what):
    assert of(RAW, data) == what


def test_what_its_capturer_cut():
    packet = udp(HERE, THERE, b"hello")
    for size in range(28):
        assert of(RAW, packet[:size], len(packet)) == SHORT
    assert of(RAW, packet[:30], len(packet)) == Datagram(
        (bytes([192, 0, 2, 7]), 40_000), (bytes([192, 0, 2, 1]), 8085), b"he", whole=False
    )
    assert of(ETHERNET, framed(ETHERNET, packet)[:14], 60) == SHORT
    assert of(4242, packet) == "frame of link type 4242"
    assert of(ETHERNET, bytes(12) + b"\x08\x06" + bytes(28)) == OTHER_TRAFFIC


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nanoseconds", [False, True])
def test_pcap(order, nanoseconds):
    """Either byte order and clock; cut at the end it is read up to there."""
    noted = [(5, b"one"), (1_000_007, b"three")]
    data = pcap_of(noted, RAW, order=order, nanoseconds=nanoseconds, snaplen=4)
    wanted = [Frame(START_US + 5, RAW, b"one", 3), Frame(START_US + 1_000_007, RAW, b"thre", 5)]
    for cut in (0, 1, 4, 5, 20):
        reader = pcap.Reader(io.BytesIO(data[: len(data) - cut]))
        assert list(reader.frames()) == wanted[: 1 if cut else 2]
        assert reader.cut == (cut not in (0, 20))
    with pytest.raises(Malformed, match="key log"):
        formats.reader(io.BytesIO(data))


def test_pcapng():
    """Wireshark's own, and ours: frames of either."""
    data = pcapng_of([(9, b"one")], LINUX_SLL2)
    file = io.BytesIO(data)
    assert list(formats.frames(file, file.read(4)).frames()) == [Frame(START_US + 9, LINUX_SLL2, b"one", 3)]
    assert formats.frames(io.BytesIO(b""), b"PKT\1") is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xd4\xc3\xb2\xa1" + bytes(19),
        b"\xd4\xc3\xb2\xa1" + bytes(20),
        b"\xd4\xc3\xb2\xa0" + bytes(20),
        pcap_of([]) + struct.pack("<4I", 0, 0, 0xFFFF_FFFF, 0xFFFF_FFFF),
    ],
)
def test_a_pcap_that_is_none(data):
    with pytest.raises(Malformed):
        list(pcap.Reader(io.BytesIO(data)).frames())
