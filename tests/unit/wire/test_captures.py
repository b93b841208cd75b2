"""Each format byte for byte, as other programs lay it out, and what neither can say."""

import io
import struct

import pytest

from bluemarble.wire.captures import formats, pcapng, pkt
from bluemarble.wire.captures.record import BODY_LIMIT, CannotHold, Captured, Source
from bluemarble.wire.errors import Malformed

START_S = 1_800_000_000
START_US = START_S * 1_000_000
PING = Captured(
    time_us=START_US + 1_250_000,
    from_client=True,
    connection=7,
    opcode=0x1DC,
    body=bytes.fromhex("0900000014000000"),
    address="192.0.2.5",
    port=50123,
)
PONG = Captured(PING.time_us + 3000, False, 7, 0x1DD, bytes.fromhex("09000000"))


def written(packets, kind, **options):
    out = io.BytesIO()
    writer = kind.Writer(out, **options)
    for packet in packets:
        writer.write(packet)
    return out.getvalue(), writer


def packets_of(data):
    reader = formats.reader(io.BytesIO(data))
    return list(reader), reader


# .pkt

PKT_HEAD = pkt.FILE.pack(b"PKT", 0x0301, 0, 0, b"", b"", 0, 0, 0)


def test_pkt_as_trinitycore_writes_it():
    """Laid out by hand as their packet log does it: theirs reads, and ours is the same."""
    head = b"PKT" + struct.pack("<HBI", 0x0301, ord("T"), 12340) + b"enUS" + bytes(40)
    ping = struct.pack("<4s4I", b"CMSG", 7, 1250, 20, 4 + len(PING.body)) + bytes([192, 0, 2, 5]) + bytes(12)
    ping += struct.pack("<II", 50123, 0x1DC) + PING.body
    pong = struct.pack("<4s5I", b"SMSG", 7, 1253, 0, 4 + len(PONG.body), 0x1DD) + PONG.body
    ours = head + struct.pack("<III", START_S, 0, 0) + ping + pong
    assert len(head) + 12 == 66
    assert written([PING, PONG], pkt, start_us=START_US)[0] == ours
    got, reader = packets_of(ours)
    assert got == [PING, PONG]
    assert reader.notes == {"locale": "enUS"}
    assert not reader.cut
    assert not reader.lost


def test_pkt_ticks_go_round():
    """Ticks are modulo 2^32 milliseconds since some moment that the file's head tells."""
    head = pkt.FILE.pack(b"PKT", 0x0301, ord("T"), 12340, b"deDE", bytes(40), START_S, 0xFFFF_FFF0, 0)
    data = head + struct.pack("<4s5I", b"CMSG", 0, 0x10, 0, 4, 0x1DC)
    (got,), reader = packets_of(data)
    assert got.time_us == START_US + 32_000
    assert reader.notes == {"locale": "deDE"}


def test_pkt_of_another_sniffer():
    """Only a server's packets have an address in their optional bytes; a key is never looked at."""
    head = pkt.FILE.pack(b"PKT", 0x0301, ord("S"), 5875, b"enUS", bytes(range(40)), START_S, 0, 3) + b"abc"
    data = (
        head
        + struct.pack("<4s4I", b"SMSG", 1, 5, 24, 6)
        + bytes(range(24))
        + struct.pack("<I", 0x1DD)
        + b"hi"
    )
    (got,), reader = packets_of(data)
    assert got == Captured(START_US + 5000, False, 1, 0x1DD, b"hi", build=5875)
    assert reader.lost == {
        "session key": 1,
        "optional bytes of the file": 1,
        "optional bytes of a packet": 1,
    }


def test_pkt_says_what_it_loses():
    """Comments, microseconds and addresses that it would mistake; what it cannot say at all is refused."""
    ours = PING._replace(time_us=PING.time_us + 1, comment="here it froze", address="2001:db8::")
    (got,), _ = packets_of(written([ours], pkt, start_us=START_US)[0])
    assert got == PING._replace(address="32.1.13.184")
    _, writer = written([ours, PONG], pkt, start_us=START_US, notes={"locale": "frFR", "account": "ALICE"})
    assert writer.lost == {
        "note account": 1,
        "time below a millisecond": 1,
        "comment": 1,
        "address that .pkt takes for another": 1,
    }
    for wrong in (
        PING._replace(build=5875),
        PING._replace(time_us=START_US - 1),
        PING._replace(time_us=(START_S * 1000 + (1 << 32)) * 1000),
    ):
        with pytest.raises(CannotHold):
            writer.write(wrong)
    for options in ({"notes": {"locale": "english"}}, {"start_us": -1}, {"start_us": 1 << 62}, {"build": -1}):
        with pytest.raises(CannotHold):
            pkt.Writer(io.BytesIO(), **options)


def test_other_versions_of_pkt_are_named():
    with pytest.raises(Malformed, match=r"version 2\.2"):
        packets_of(b"PKT\x02\x02" + bytes(200))


def test_no_key_is_written():
    """The key's forty bytes are zeros."""
    data, _ = written([PING], pkt, start_us=START_US)
    assert data[14:54] == bytes(40)


# pcapng


def block(kind, body, order="<"):
    body += bytes(-len(body) % 4)
    size = struct.pack(f"{order}I", len(body) + 12)
    return struct.pack(f"{order}I", kind) + size + body + size


def section(order="<", options=b""):
    return block(pcapng.SECTION, struct.pack(f"{order}IHHq", pcapng.BYTE_ORDER, 1, 0, -1) + options, order)


def interface(order="<", link_type=147, options=b""):
    return block(pcapng.INTERFACE, struct.pack(f"{order}HHI", link_type, 0, 0) + options, order)


def option(code, value, order="<"):
    return struct.pack(f"{order}HH", code, len(value)) + value + bytes(-len(value) % 4)


def frame_block(time, frame, order="<", number=0, options=b"", full=None):
    head = struct.pack(f"{order}5I", number, *divmod(time, 1 << 32), len(frame), full or len(frame))
    return block(pcapng.PACKET, head + frame + bytes(-len(frame) % 4) + options, order)


def frame_of(packet):
    """Its frame, cut out of what we write."""
    data, _ = written([packet], pcapng)
    at = data.index(b"BMC1")
    return data[at : at + pcapng.FRAME.size + len(packet.body)]


def test_pcapng_byte_for_byte():
    """A section, an interface in microseconds, and one block with flags and comment."""
    packet = PING._replace(comment="é!")
    frame = b"BMC1" + struct.pack("<3I2BH", 12340, 7, 0x1DC, 1, 4, 50123) + bytes([192, 0, 2, 5]) + bytes(12)
    frame += packet.body
    options = option(2, struct.pack("<I", 1)) + option(1, "é!".encode()) + bytes(4)
    assert written([packet], pcapng)[0] == (
        section(options=option(4, b"BlueMarble") + bytes(4))
        + interface(options=option(2, b"world") + option(9, b"\6") + bytes(4))
        + frame_block(packet.time_us, frame, options=options)
    )


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("options", "time"),
    [
        ([(9, b"\x09")], PING.time_us * 1000),
        ([(9, b"\x03")], PING.time_us // 1000),
        ([(9, b"\x86")], PING.time_us * 64 // 1_000_000),
        ([], PING.time_us),
        ([(14, -5)], PING.time_us + 5_000_000),
        ([(9, b"\x06"), (14, 60), (3, b"an Ethernet card, once")], PING.time_us - 60_000_000),
    ],
)
def test_pcapng_of_other_programs(order, options, time):
    """Either byte order, any clock, several sections and comments, blocks in between."""
    values = [
        (code, struct.pack(f"{order}q", value) if isinstance(value, int) else value)
        for code, value in options
    ]
    data = section(order, option(1, b"by hand", order))
    data += interface(order, options=b"".join(option(*value, order) for value in values))
    data += block(5, bytes(12), order)
    comments = option(1, b"one", order) + option(1, b"two", order)
    data += frame_block(time, frame_of(PING), order, options=comments)
    data += written([PONG], pcapng)[0]
    got, reader = packets_of(data)
    assert got == [PING._replace(comment="one\ntwo"), PONG]
    assert reader.notes == {"comment": "by hand"}
    assert reader.lost == {"block of another kind": 1}


def test_pcapng_says_what_it_passes_over():
    """Frames of other kinds, of other programs, cut ones and those without a time."""
    data = section() + interface(link_type=1) + interface(options=option(9, b"\x09"))
    data += frame_block(1, b"an Ethernet frame")
    data += frame_block(1, b"somebody else's frame", number=1)
    data += frame_block(1, frame_of(PING), number=1, full=900)
    data += block(pcapng.SIMPLE_PACKET, bytes(8))
    data += block(0x0A, b"a TLS key log, which is never read")
    data += frame_block(PING.time_us * 1000 + 1, frame_of(PING), number=1)
    got, reader = packets_of(data)
    assert got == [PING]
    assert reader.lost == {
        "frame of link type 1": 1,
        "frame of another program": 1,
        "frame that its capturer cut": 1,
        "frame without a time": 1,
        "block of another kind": 1,
        "time below a microsecond": 1,
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK",
        b"\xa1\xb2\xc3\xd4" + bytes(20),
        b"\x7fELF",
        section()[:20],
        section()[:8] + b"none" + section()[12:],
        section() + frame_block(1, frame_of(PING)),
        section() + interface(options=option(9, b"\x7f")),
        section() + interface() + frame_block((1 << 64) - 1, frame_of(PING)),
        section()
        + interface(options=option(14, struct.pack("<q", -(1 << 40))))
        + frame_block(1, frame_of(PING)),
        section() + interface() * (pcapng.INTERFACE_LIMIT + 1),
        section() + block(pcapng.INTERFACE, b"1234"),
        section() + interface() + block(pcapng.PACKET, bytes(8)),
        section() + interface(options=b"\1\0\xff\xff"),
        section() + interface() + frame_block(1, frame_of(PING)[:16] + b"\2" + frame_of(PING)[17:]),
        section() + interface() + frame_block(1, frame_of(PING)[:17] + b"\5" + frame_of(PING)[18:]),
        section() + struct.pack("<II", 6, (1 << 24) + 4),
        section() + struct.pack("<II", 6, 8),
        section() + block(6, bytes(32))[:-4] + b"\0\0\0\0",
        pkt.FILE.pack(b"PKT", 0x0301, 0, 0, b"", b"", 0, 0, 1 << 20) + bytes(1 << 20),
        PKT_HEAD[:-1],
        PKT_HEAD + struct.pack("<4s4I", b"XMSG", 0, 0, 0, 4),
        PKT_HEAD + struct.pack("<4s4I", b"CMSG", 0, 0, 0, 3),
        PKT_HEAD + struct.pack("<4s4I", b"CMSG", 0, 0, 0, 1 << 31),
        pkt.FILE.pack(b"PKT", 0x0301, ord("T"), 0, b"", b"", 0, 0, 0)
        + struct.pack("<4s4I16sII", b"CMSG", 0, 0, 20, 4, b"", 70000, 1),
    ],
    ids=range(25),
)  # fmt: skip
def test_nonsense_is_malformed(data):
    with pytest.raises(Malformed):
        packets_of(data)


def test_a_cut_says_so():
    """Wherever a file ends, whole packets are read, and only an end between two is none."""
    for kind, options in ((pkt, {"start_us": START_US}), (pcapng, {"notes": {"account": "ALICE"}})):
        one, two = (len(written([PING, PONG][:count], kind, **options)[0]) for count in (1, 2))
        data, _ = written([PING, PONG], kind, **options)
        for size in range(one - 5, two + 1):
            got, reader = packets_of(data[:size])
            assert got == [PING, PONG][: (size >= one) + (size == two)]
            assert reader.cut == (size not in (one, two))


# Both


@pytest.mark.parametrize("kind", [pkt, pcapng])
@pytest.mark.parametrize(
    "change",
    [
        {"time_us": -1},
        {"connection": -1},
        {"connection": 1 << 32},
        {"opcode": 1 << 32},
        {"build": -1},
        {"port": 70000},
        {"address": "example.org"},
        {"body": bytes(BODY_LIMIT + 1)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_no_format_holds(kind, change):
    """Nothing is written of it."""
    out = io.BytesIO()
    writer = kind.Writer(out)
    size = len(out.getvalue())
    with pytest.raises(CannotHold):
        writer.write(PING._replace(time_us=5)._replace(**change))
    assert len(out.getvalue()) == size


def test_a_comment_has_a_limit():
    writer = pcapng.Writer(io.BytesIO())
    with pytest.raises(CannotHold):
        writer.write(PING._replace(comment="é" * 40_000))
    writer.write(PING._replace(comment="\udc80"))


def test_the_name_says_what_is_written():
    assert isinstance(formats.writer(io.BytesIO(), "a.pkt"), pkt.Writer)
    assert isinstance(formats.writer(io.BytesIO(), "a.pcapng"), pcapng.Writer)
    with pytest.raises(ValueError, match=r"ends with \.pkt or \.pcapng"):
        formats.writer(io.BytesIO(), "a.txt")


def test_source_remembers_a_cut():
    source = Source(io.BytesIO(b"abc"), b"x")
    assert source.take(2) == b"xa"
    assert source.take(3) is None
    assert source.take(1, inside=False) is None
    assert source.cut
