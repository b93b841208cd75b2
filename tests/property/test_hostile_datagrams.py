"""Whatever comes in a datagram, sealed by a client that has the keys or made up by one that has not."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.wire.datagram import notices, prefix, sections
from bluemarble.wire.datagram.client import Client
from bluemarble.wire.datagram.connection import OPEN
from bluemarble.wire.datagram.prefix import Prefix
from bluemarble.wire.datagram.protection import Sealer
from bluemarble.wire.datagram.server import Server
from bluemarble.wire.datagram.terms import Terms
from bluemarble.wire.errors import Malformed
from tests.netsim import CID, HOME, SERVER, link_keys

u8, u16, u32 = st.integers(0, 0xFF), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
i32 = st.integers(-(2**31), 2**31 - 1)
small = st.binary(max_size=40)
tokens = st.binary(min_size=8, max_size=8)
words = st.binary(max_size=30).flatmap(
    lambda raw: st.just(bytes([1]) + len(raw).to_bytes(2, "little") + raw)
) | st.tuples(st.integers(0, 3), st.integers(0, 3)).map(
    lambda n: bytes([0, *n]) + bytes(7 * n[0] + 9 * n[1])
)  # fmt: skip
states = st.lists(st.tuples(u8, u8, u8, small), max_size=4).map(
    lambda all_: bytes([len(all_)]) + b"".join(bytes([a, b, c, len(v)]) + v for a, b, c, v in all_)
)
inputs = st.builds(sections.Input, u16, u16, i32, i32, i32)
SECTIONS = st.one_of(
    st.builds(sections.Snapshot, words),
    st.builds(sections.State, states),
    st.builds(sections.Event, u16 | st.integers(0, 3), u32, small),
    st.builds(sections.Fragment, st.integers(0, 5), st.integers(0, 3), st.integers(2, 4), small.filter(len)),
    st.builds(sections.Inputs, u8, st.lists(inputs, min_size=1, max_size=8).map(tuple)),
    st.builds(sections.Challenge, tokens),
    st.builds(sections.Response, tokens),
    st.builds(sections.Ping, u32),
    st.builds(sections.Pong, u32, u32),
    st.builds(sections.Close, st.integers(0, 5)),
    st.builds(sections.Attach, u16),
    st.builds(sections.Probe, st.sampled_from([1200, 1400])),
)
PREFIXES = st.builds(
    Prefix, st.none() | u16 | st.integers(0, 4), st.none() | u32, st.none() | u8, st.none() | u16
)

SIZE = 1400


def proper(head):
    """One that can be written as it is read."""
    return head if head.ack is not None else head._replace(bits=None, delay=None)


@st.composite
def plaintexts(draw):
    """A prefix and sections, then perhaps bytes turned, cut off or put on."""
    head = prefix.write(proper(draw(PREFIXES)))
    raw = bytearray(head + b"".join(map(sections.write, draw(st.lists(SECTIONS, max_size=5)))))
    for _ in range(draw(st.integers(0, 2))):
        raw[draw(st.integers(0, len(raw) - 1))] = draw(u8)
    raw = raw[: draw(st.integers(0, len(raw)) | st.just(len(raw)))] + draw(st.just(b"") | small)
    return bytes(raw[:1429]).ljust(4, b"\0")


@given(PREFIXES.map(proper))
def test_prefixes(head):
    assert prefix.read(prefix.write(head) + b"\x07") == (head, len(prefix.write(head)))
    for cut in range(len(prefix.write(head))):
        with pytest.raises(Malformed):
            prefix.read(prefix.write(head)[:cut])


def as_written(section):
    """Inputs end where a step is too long to say."""
    if not isinstance(section, sections.Inputs):
        return section
    kept = [section.inputs[0]]
    for given_ in section.inputs[1:]:
        steps = [(a - b + 2**31) % 2**32 - 2**31 for a, b in zip(given_[2:], kept[-1][2:], strict=True)]
        if any(not -0x8000 <= step < 0x8000 for step in steps):
            break
        kept.append(given_)
    return section._replace(inputs=tuple(kept))


def impossible(section):
    """Of another datagram's size, or part 2 of 2."""
    match section:
        case sections.Probe(size):
            return size != SIZE
        case sections.Fragment(_, part, parts, _):
            return part >= parts
    return False


@given(st.lists(SECTIONS, max_size=6), st.booleans())
def test_sections(said, from_server):
    """What is written is read back, to the first that may not come that way or is not of this datagram."""
    raw = b"\xee" + b"".join(map(sections.write, said))
    wrong = sections.FROM_CLIENTS if from_server else sections.FROM_SERVERS
    ends = next((i for i, one in enumerate(said) if isinstance(one, wrong) or impossible(one)), None)
    got = []
    reading = sections.read(raw, 1, from_server, True, SIZE)
    if ends is None:
        got += reading
    else:
        with pytest.raises(Malformed):
            for section in reading:
                got.append(section)
    assert got == [as_written(one) for one in said[:ends]]


@given(st.binary(max_size=200), st.booleans(), st.booleans())
def test_any_bytes(raw, from_server, ticked):
    """They are sections or Malformed, and end where the bytes do."""
    with contextlib.suppress(Malformed):
        prefix.read(raw)
    with contextlib.suppress(Malformed):
        list(sections.read(raw, 0, from_server, ticked, len(raw)))


@settings(max_examples=150, deadline=None)
@given(
    st.booleans(),
    st.lists(
        st.tuples(plaintexts(), st.integers(0, 3), st.integers(0, 2_000_000), st.integers(0, 40)),
        min_size=1,
        max_size=25,
    ),
)
def test_a_peer_with_the_keys(to_server, said):
    """
    It may say anything: nothing is raised, nothing grows without bound, nothing comes in twice.

    Only what it did wrong does not count.
    """
    linked = link_keys()
    terms = Terms(linked, CID, 1452, 1000)
    now_us = 5
    end = Server(terms, bytes, now_us) if to_server else Client(terms, SERVER, now_us)
    sealer = Sealer(linked.aead, linked.c2s if to_server else linked.s2c, CID, to_server, now_us)
    end.probe()
    heard = []
    for plaintext, host, wait_us, skip in said:
        now_us += wait_us
        sealer.number += skip
        if end.state == OPEN and len(end.outgoing) < 20:
            end.send_event(1, bytes(300 * host))
        datagram = sealer.seal(plaintext, now_us)
        heard += end.receive(datagram, (*HOME, host), now_us)
        assert end.receive(datagram, (*HOME, 9), now_us) == []
        out = end.datagrams_to_send(now_us)
        assert end.datagrams_to_send(now_us) == []
        assert all(1452 >= len(one) > 0 for one, _ in out)
        heard += end.notices()
        due_us = end.due_us()
        assert due_us is None or due_us > now_us
        assert 0 <= end.incoming._bytes <= 131_072
        assert len(end.incoming._held) <= 256
        assert len(end.recovery._sent) <= 256
        assert 2_000 <= end.recovery.budget <= 64_000
        assert end.recovery.asking >= 0
        assert end.outgoing.flight_bytes >= 0
        if to_server and end.paths.candidate:
            assert end.paths.candidate.went <= 3 * end.paths.candidate.came
    statistics = end.statistics()
    assert statistics.dropped["forged"] == 0
    assert sum(isinstance(notice, notices.Closed) for notice in heard) <= 1


@settings(max_examples=300, deadline=None)
@given(
    st.booleans(), st.lists(st.binary(max_size=100) | st.binary(min_size=1200, max_size=1500), max_size=20)
)
def test_a_peer_without_keys(to_server, made_up):
    """Counted, and that is all."""
    terms = Terms(link_keys(), CID, 1452, 1000)
    end = Server(terms, bytes, 5) if to_server else Client(terms, SERVER, 5)
    before = end.statistics(), end.due_us()
    for i, raw in enumerate(made_up):
        if i % 2 and to_server:
            raw = b"\x50" + CID.to_bytes(4, "little") + raw
        assert end.receive(raw, HOME, 6) == []
    after = end.statistics()
    assert sum(after.dropped.values()) == len(made_up)
    assert (after._replace(dropped=before[0].dropped), end.due_us()) == before
    if to_server:
        assert end.datagrams_to_send(6) == []
