"""A server, or whoever has its keys, says anything at all: the client counts it, and plays on."""

import contextlib
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.client.arrival import Arrival, Wish
from bluemarble.client.gait import Keys
from bluemarble.client.player import Player
from bluemarble.client.refusal import Refused
from bluemarble.wire import snapshot
from bluemarble.wire.datagram import sections
from bluemarble.wire.errors import PeerError
from bluemarble.wire.snapshot import State, Words
from opcodes.movement import FORWARD
from tests.unit.client.inn import KEY, VERSION, Inn, Meeting, Walker, circling

BYTE = st.integers(0, 255)
VALUES = st.binary(max_size=40) | st.tuples(st.binary(min_size=26, max_size=26), st.binary(max_size=20)).map(
    b"".join
)
STATES = st.lists(st.builds(State, BYTE, st.sampled_from([0, 1, 2, 3, 16]), BYTE, VALUES), max_size=6).map(
    lambda states: sections.write(sections.State(snapshot.write_states(states)))
)
NEAR = st.builds(
    snapshot.Near, BYTE, st.integers(0, 0x3FFF), st.integers(0, 0x3FFF), st.integers(0, 0xFFF), BYTE
)
FAR = st.builds(
    snapshot.Far,
    BYTE,
    st.integers(0, 0x7FFF),
    st.integers(0, 0x7FFF),
    st.integers(0, 0x3FFF),
    BYTE,
    st.integers(0, 63),
    st.integers(0, 63),
)
WORDS = st.builds(Words, st.lists(NEAR, max_size=8).map(tuple), st.lists(FAR, max_size=8).map(tuple)).map(
    lambda words: sections.write(sections.Snapshot(snapshot.write_snapshot(words)))
)
SELVES = st.binary(min_size=27, max_size=27).map(
    lambda value: sections.write(sections.State(snapshot.write_states([State(255, 16, value[0], value)])))
)
EVENTS = st.builds(sections.Event, BYTE, st.sampled_from(sorted(VERSION.sent)), st.binary(max_size=30)).map(
    sections.write
)
SAID = st.lists(STATES | WORDS | SELVES | EVENTS | st.binary(max_size=60), max_size=4).map(b"".join)


def meet():
    """A player on its link, with one to look at."""
    player = Player("ada", KEY, 1, random.Random(5).randbytes)
    meeting = Meeting(player, Inn(aside=[Walker(11, "Bertha", circling(9.0, 0.0, 5.0))]))
    arrival = Arrival(player.world, Wish("Ada"))
    while not arrival.done:
        for event in meeting.run(10):
            arrival.take(event)
    return meeting


@settings(max_examples=max(40, settings().max_examples // 3))
@given(said=st.lists(st.tuples(SAID, st.integers(0, 0xFFFF), st.integers(0, 30)), max_size=12))
def test_anything_by_datagram(said):
    meeting = meet()
    player, inn = meeting.player, meeting.inn
    player.keys = Keys(FORWARD)
    for body, tick, wait in said:
        sent = inn.link.send(meeting.now_ms * 1000, body, tick)
        if sent is not None:
            player.receive_datagram(sent[0], meeting.now_ms)
        with contextlib.suppress(PeerError):  # a packet among the events that TCP might have said, too
            meeting.run(10 * wait)
        player.picture(meeting.now_ms)
        player.place(meeting.now_ms)
    assert len(player.others.by_slot) <= snapshot.SLOTS


@given(st.lists(st.tuples(st.sampled_from(sorted(VERSION.sent)), st.binary(max_size=60)), max_size=6))
def test_anything_by_tcp(packets):
    """A packet that is none is an error of the peer's; one that is one may come at any time."""
    meeting = meet()
    for number, body in packets:
        meeting.inn.wire.queue_encoded(number, body)
        arrival = Arrival(meeting.player.world, Wish("Ada"))
        try:
            for event in meeting.run(30):
                arrival.take(event)
        except (PeerError, Refused):
            return
