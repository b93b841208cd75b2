"""Recordings of networks and key logs that mean nothing, or were damaged: Malformed, or what is left."""

import contextlib
import io
import tracemalloc

from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.tools.packets.distilling import Distilled
from bluemarble.tools.packets.overheard import Overheard
from bluemarble.tools.packets.tracing import datagram_json, datagram_lines
from bluemarble.wire.captures import formats, frames
from bluemarble.wire.captures.frames import Frame
from bluemarble.wire.datagram import keys, packet
from bluemarble.wire.datagram.keylog import KeyLog, written
from bluemarble.wire.errors import Malformed
from opcodes.datagram import AEAD_AES_128_GCM
from tests.property.attackers import examples
from tests.recording import framed, pcap_of, pcapng_of, pieces, udp

CID = 0x0401_4003
LINKED = keys.link_keys(AEAD_AES_128_GCM, bytes(32))
LINES = written(CID, LINKED).encode().splitlines()
CLIENT, SERVER = ("192.0.2.7", 40_000), ("2001:db8::1", 8085)
KINDS = [frames.ETHERNET, frames.LINUX_SLL, frames.LINUX_SLL2, frames.NULL, frames.LOOP, frames.RAW]
GENERATIONS = {True: keys.generation(0, LINKED.c2s.secret), False: keys.generation(0, LINKED.s2c.secret)}


def sealed(number, plaintext, to_server):
    """A datagram of the link."""
    direction = LINKED.c2s if to_server else LINKED.s2c
    return packet.seal(0, direction.header, GENERATIONS[to_server], number, CID, plaintext, to_server)


# An authenticated end may say anything, too.
plaintexts = st.binary(min_size=4, max_size=120) | st.builds(
    lambda head, kind, rest: head + bytes([kind]) + rest + bytes(4),
    st.sampled_from([b"\x08", b"\x00\0\0", b"\x04\0\0\x07\0", b"\x0c\x05\0"]),
    st.integers(0, 12),
    st.binary(max_size=80),
)
payloads = st.binary(max_size=60) | st.builds(sealed, st.integers(0, 70_000), plaintexts, st.booleans())
networks = st.lists(st.tuples(payloads, st.booleans(), st.booleans()), max_size=6)


def recorded(network, link_type):
    """Frames with those payloads; each to the server or back, and over IPv4 or IPv6."""
    noted = []
    for at, (payload, to_server, wide) in enumerate(network):
        ends = [("2001:db8::7", 40_000), ("2001:db8::1", 8085)] if wide else [CLIENT, ("192.0.2.1", 8085)]
        noted.append((at, framed(link_type, udp(*(ends if to_server else ends[::-1]), payload))))
    return noted


def opened(data, lines=LINES):
    """All that is said of it."""
    file = io.BytesIO(data)
    reader = formats.frames(file, file.read(4))
    if reader is None:
        raise Malformed("neither")
    source = Overheard(reader, KeyLog(lines))
    found = list(source)
    for it in found:
        datagram_json(it), list(datagram_lines(it, 0))
    return found, source


@settings(max_examples=examples(200))
@given(networks, st.sampled_from(KINDS))
def test_whatever_is_said(network, link_type):
    """Of every datagram something is known, or it is counted."""
    noted = recorded(network, link_type)
    found, source = opened(pcap_of(noted, link_type))
    assert len(found) + source.lost.total() == len(noted)
    again, _ = opened(pcapng_of(noted, link_type))
    assert again == found
    file = io.BytesIO(pcap_of(noted, link_type))
    distilled = Distilled(Overheard(formats.frames(file, file.read(4)), KeyLog(LINES)))
    assert all(captured.connection == CID for captured in distilled)


@settings(max_examples=examples(200))
@given(
    network=networks,
    link_type=st.sampled_from(KINDS),
    make=st.sampled_from([pcap_of, pcapng_of]),
    where=st.floats(0, 1, exclude_max=True),
    junk=st.binary(min_size=1, max_size=9),
    how=st.integers(0, 2),
)
def test_damaged(network, link_type, make, where, junk, how):
    data = make(recorded(network, link_type), link_type)
    at = int(where * len(data))
    damaged = (data[:at], data[:at] + junk + data[at + len(junk) :], data[:at] + junk + data[at:])[how]
    with contextlib.suppress(Malformed):
        opened(damaged)


@settings(max_examples=examples(300))
@given(st.sampled_from(KINDS), st.binary(max_size=90), st.integers(0, 200), st.integers(0, 20))
def test_frames_of_anything(link_type, data, size, at):
    """Junk behind as much of an honest head as one likes."""
    honest = framed(link_type, udp(CLIENT, ("192.0.2.1", 8085), b"hello"))
    for frame in (data, honest[:at] + data):
        found = frames.datagram(Frame(0, link_type, frame, max(size, len(frame))))
        assert isinstance(found, str) or len(found.data) <= len(frame)


hexadecimal = st.text("0123456789abcdefABCDEF xg\t\0é", max_size=80).map(str.encode)
lines = st.binary(max_size=80) | st.builds(
    lambda label, rest: label + b" " + rest,
    st.sampled_from([b"BMU1_CLIENT_SECRET", b"BMU1_SERVER_SECRET", b"BMU1_", b"CLIENT_RANDOM"]),
    hexadecimal,
)


@settings(max_examples=examples(300))
@given(st.lists(lines | st.sampled_from(LINES), max_size=12), st.integers(1, 40))
def test_key_logs_of_anything(some, size):
    """However it is cut into blocks, what is whole counts, and the rest is counted."""
    data = b"\n".join(some)
    log = KeyLog(pieces(data[at : at + size] for at in range(0, len(data), size)))
    whole = data.split(b"\n")
    assert (CID in log.by_cid) == any(line in whole for line in LINES)
    assert len(log) + log.passed_over.total() <= len(whole)


def test_a_long_recording_is_streamed():
    """Ten thousand datagrams, some of the link, take no more memory than a few."""

    class Endless(io.RawIOBase):
        def __init__(self):
            noted = recorded([(sealed(1, bytes(9), True), True, False)], frames.RAW)
            noted += recorded([(b"\x50" * 60, True, False)] * 99, frames.RAW)
            whole = pcap_of(noted, frames.RAW)
            self.head, self.rest, self.left = whole[:24], whole[24:], 100
            self.have = self.head

        def read(self, size=-1):
            if len(self.have) < size and self.left:
                self.left -= 1
                self.have += self.rest
            out, self.have = self.have[:size], self.have[size:]
            return out

    file = Endless()
    source = Overheard(formats.frames(file, file.read(4)), KeyLog(LINES))
    tracemalloc.start()
    assert sum(1 for _ in source) == 1
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert source.lost.total() == 10_000 - 1 and most < 500_000
