"""What the sections of opened datagrams say: with what the client knows, and without it."""

import pytest

from bluemarble.tools.packets.saying import Message, Picture
from bluemarble.wire import deltas, snapshot
from bluemarble.wire.datagram import sections
from bluemarble.wire.datagram.numbers import write_varint
from bluemarble.wire.snapshot import ENTER, GONE, LIFE, SELF, SELF_SLOT, Far, Life, Near, Place, State

HERE = Place(-64_000, 128, 64, 5, 28, 1)
THERE = HERE._replace(x=-63_968, yaw=6)
MOTION = {"speed": 7.0, "flags": 1}


def said(picture, section, tick=10, from_client=False):
    return list(picture.take(section, tick, from_client))


def stated(picture, *states, tick=10):
    return said(picture, sections.State(snapshot.write_states(states)), tick)


def shown(picture, near=(), far=(), tick=11):
    [it] = said(picture, sections.Snapshot(snapshot.write_snapshot(snapshot.Words(near, far))), tick)
    return it


@pytest.fixture
def picture():
    """Of a link on which something has come into slot 3."""
    picture = Picture(7)
    look = snapshot.Look(5, 1, 2, 0, 49, "Bob").write()
    stated(picture, State(3, ENTER, 1, snapshot.Enter(0x4D, 1, HERE, 10, look).write()))
    return picture


def test_words(picture):
    """Places, when the slot's last one is known; otherwise the bits that came."""
    near, far = Near.of(3, THERE), Far.of(3, THERE)
    assert shown(picture, near=(near,)).fields == {
        "tick": 11,
        "near": [{"slot": 3, "guid": "0x4D", "x": -999.5, "y": 2.0, "z": 1.0, "yaw": 6}],
    }
    assert shown(picture, far=(far,), tick=12).fields["far"] == [
        {"slot": 3, "guid": "0x4D", "x": -999.5, "y": 2.0, "z": 1.0, "yaw": 6, **MOTION}
    ]
    bits = {"slot": 3, "x_bits": far.x, "y_bits": far.y, "z_bits": far.z, "yaw": 6, "speed": 28, "flags": 1}
    assert shown(picture, far=(far,), tick=9).fields["far"] == [bits]
    assert shown(Picture(7), far=(far,)).fields["far"] == [bits]
    assert shown(Picture(7), near=(near._replace(slot=9),)).fields["near"][0]["slot"] == 9


def test_differences(picture):
    """Form 1: what they lead to, if what they build on is known."""
    told = [
        deltas.Delta.of(3, THERE, HERE, 1, keep=True),
        deltas.Whole(5, False, HERE),
        deltas.Delta.of(9, THERE, HERE, 1, keep=False),
    ]
    section = sections.Snapshot(snapshot.write_snapshot(snapshot.Deltas(deltas.write_deltas(told))))
    [it] = said(picture, section, 11)
    first, second, third = it.fields["deltas"]
    place = {"x": -999.5, "y": 2.0, "z": 1.0, "yaw": 6, **MOTION}
    assert first == {"slot": 3, "guid": "0x4D", "age": 1, "keep": 1, "steps": first["steps"], **place}
    assert second == {"slot": 5, "keep": 0, "x": -1000.0, "y": 2.0, "z": 1.0, "yaw": 5, **MOTION}
    assert third == {"slot": 9, "age": 1, "keep": 0, "steps": first["steps"]}
    [it] = said(picture, sections.Snapshot(b"\1\2\0\xff\xff"), 12)
    assert (it.name, it.fields, it.fault) == (
        "SNAPSHOT",
        {"body": "010200ffff"},
        "deltas are cut short",
    )


def test_components(picture):
    """By name and with their fields; of the rules' own ones the bytes; what is none of its kind is told."""
    told = snapshot.Oneself(250, 9, 64, -64, 32, 5, 1, 448, 160, 302, 0)
    found = stated(
        picture,
        State(3, LIFE, 2, Life(5, 9, 1, 3).write()),
        State(3, 77, 4, bytes(300)),
        State(SELF_SLOT, SELF, 1, told.write()),
        State(3, SELF, 1, b"\1"),
        State(3, LIFE, 3, b"short"),
        State(4, ENTER, 1, b""),
        State(3, GONE, 2, b""),
        State(8, GONE, 1, b""),
    )
    assert [it.name for it in found] == [
        "LIFE", "COMPONENT", "SELF", "COMPONENT", "LIFE", "ENTER", "GONE", "GONE"
    ]  # fmt: skip
    life, own, oneself, other, short, empty, gone, nobody = found
    who = {"slot": 3, "guid": "0x4D"}
    assert life.fields == {"version": 2, "health": 5, "health_max": 9, "power": 1, "power_max": 3, **who}
    assert own.fields == {"version": 4, "component": 77, "value": "00" * 300, **who}
    assert own.size == 3 + 2 + 300 and life.size == 3 + 1 + 16
    assert oneself.fields["x"] == 1.0 and oneself.fields["run"] == 7.0 and oneself.fields["epoch"] == 250
    assert other.fields["component"] == SELF
    assert (short.fault, empty.fault) == ("LIFE of 5 bytes", "ENTER of 0 bytes, at least 26")
    assert gone.fields == {"version": 2, **who} and nobody.fields == {"slot": 8, "version": 1}
    enter = snapshot.Enter(1, 2, HERE, 9, b"\xff").write()
    [it] = stated(picture, State(6, ENTER, 1, enter))
    assert it.fields["look"] == "ff" and it.fields["kind"] == 2 and it.fields["speed"] == 7.0


def test_control():
    """Fields as the protocol has them; inputs with their numbers."""
    token = bytes(range(8))
    inputs = (sections.Input(1, 5, 64, 32, -64), sections.Input(0, 5, 0, 32, -64))
    for section, name, fields in (
        (sections.Challenge(token), "CHALLENGE", {"token": token.hex()}),
        (sections.Response(token), "RESPONSE", {"token": token.hex()}),
        (sections.Ping(5), "PING", {"stamp_ms": 5}),
        (sections.Pong(5, 6), "PONG", {"stamp_ms": 5, "mine_ms": 6}),
        (sections.Close(5), "CLOSE", {"reason": 5, "why": "replaced"}),
        (sections.Close(99), "CLOSE", {"reason": 99, "why": "another reason"}),
        (sections.Attach(1452), "ATTACH", {"mtu": 1452}),
        (sections.Probe(1400), "PROBE", {"size": 1400}),
        (
            sections.Inputs(3, inputs),
            "INPUTS",
            {
                "epoch": 3,
                "inputs": [
                    {"number": 0, "flags": 1, "yaw": 5, "x": 1.0, "y": 0.5, "z": -1.0},
                    {"number": 65_535, "flags": 0, "yaw": 5, "x": 0.0, "y": 0.5, "z": -1.0},
                ],
            },
        ),
    ):
        [it] = said(Picture(7), section, tick=0, from_client=True)
        assert (it.name, it.fields, it.size) == (name, fields, len(sections.write(section)))


def test_events():
    """Whole, in parts in any order, and again; each way has numbers of its own."""
    picture = Picture(7)
    raw = write_varint(300) + bytes(range(256)) * 9
    parts = [sections.Fragment(1, index, 3, raw[index * 1000 : index * 1000 + 1000]) for index in range(3)]
    [first] = said(picture, sections.Event(0, 5, b"one"))
    assert first.message == Message(0, 5, b"one") and not first.again
    [other] = said(picture, sections.Event(0, 5, b"one"), from_client=True)
    assert not other.again
    [copy] = said(picture, sections.Event(0, 5, b"one"))
    assert copy.again
    for part in (parts[2], parts[0], parts[2]):
        [it] = said(picture, part)
        assert it.name == "FRAGMENT" and it.fields["parts"] == 3
    part, event = said(picture, parts[1])
    assert event.message == Message(1, 300, raw[2:]) and event.fields == {"id": 1} and event.size == 0
    [it] = said(picture, parts[0])
    assert it.name == "FRAGMENT"
    bad = [sections.Fragment(2, index, 2, b"\xff" * 5) for index in range(2)]
    said(picture, bad[0])
    _, event = said(picture, bad[1])
    assert event.message is None and event.fault and event.fields["body"] == "ff" * 10
    for number in range(3, 600):
        said(picture, sections.Event(number, 5, b""))
    [late] = said(picture, sections.Event(4, 5, b""))
    assert late.again


def test_events_from_the_middle():
    """Numbers wrap, and a recording may begin anywhere."""
    picture = Picture(7)
    for number in (65_534, 65_535, 0, 1):
        [it] = said(picture, sections.Event(number, 5, b""))
        assert not it.again
    [it] = said(picture, sections.Event(65_535, 5, b""))
    assert it.again


def test_parts_that_never_come_whole():
    """Are forgotten: no more than a window of events is kept."""
    picture = Picture(7)
    for number in range(1000):
        said(picture, sections.Fragment(number, 0, 2, b"x"))
    assert len(picture._events[False]._parts) <= 256
