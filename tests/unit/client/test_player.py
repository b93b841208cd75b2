"""A player and a toy server on a network that can be bad: attach, fall back, predict, see, part."""

import random
from math import hypot

import pytest

from bluemarble.client import events
from bluemarble.client.arrival import VISITORS, Arrival, Wish
from bluemarble.client.gait import Keys
from bluemarble.client.link import Stage, Wanted
from bluemarble.client.oneself import UNITS
from bluemarble.client.player import Player
from bluemarble.client.refusal import Refused
from bluemarble.wire.datagram.path import TUNNEL
from opcodes.datagram import (
    AEAD_AES_128_GCM,
    AEAD_CHACHA20_POLY1305,
    AEADS_AES_128_GCM,
    AEADS_CHACHA20_POLY1305,
    CLOSE_BYE,
    CLOSE_KICKED,
    CLOSE_SILENT,
    REFUSED_NOT_IN_WORLD,
    REFUSED_OFF,
)
from opcodes.movement import FORWARD, LEFT
from opcodes.session import CMSG_TIME_SYNC_RESP, SMSG_MOTD
from tests.netsim import CALM, STORM, Weather
from tests.unit.client.inn import KEY, VERSION, Inn, Meeting, Walker, circling, standing

FOLK = (
    Walker(11, "Bertha", circling(20.0, 0.0, 10.0)),
    Walker(12, "Carl", circling(80.0, 0.0, 15.0), near=False),
    Walker(13, "Dora", standing(-5.0, 3.0)),
)
BAD = Weather(loss=0.15, reorder=0.2, duplicate=0.1, delay_us=80_000, jitter_us=30_000)


def arrived(inn=None, weather=CALM, seed=1, wanted=Wanted(), **given):  # noqa: B008
    """In the world, on the link."""
    player = Player("ada", KEY, 1, random.Random(5).randbytes, wanted=wanted, **given)
    meeting = Meeting(player, inn or Inn(aside=FOLK), weather, seed)
    go(meeting, Arrival(player.world, Wish("Ada"), linking=wanted is not None))
    return meeting


def go(meeting, arrival):
    """All the way, thirty seconds at most."""
    for _ in range(3000):
        for event in meeting.run(10):
            arrival.take(event)
        if arrival.done:
            return
    raise AssertionError("not arrived")


def of(found, kind):
    return [event for event in found if isinstance(event, kind)]


def agree(meeting):
    """Whether both ends have the player in one place, to the wire's unit."""
    stance, inn = meeting.player.oneself.stance, meeting.inn
    return (round(stance.x * UNITS), round(stance.y * UNITS)) == (inn.x, inn.y)


def still(meeting, ms=1500):
    """Nothing held down, nothing lost, until all is said."""
    meeting.player.keys = Keys()
    meeting.network.weather = CALM
    meeting.run(ms)


@pytest.mark.parametrize(
    ("bits", "aead"),
    [(AEADS_AES_128_GCM, AEAD_AES_128_GCM), (AEADS_CHACHA20_POLY1305, AEAD_CHACHA20_POLY1305)],
    ids=["AES", "ChaCha20"],
)
def test_arrival(bits, aead):
    """Character made, entered, link open, everybody around told by name."""
    meeting = arrived(Inn(aside=FOLK, aead=aead), wanted=Wanted(aeads=bits))
    meeting.run(500)
    assert of(meeting.events, events.Linked) == [events.Linked(tunnelled=False)]
    assert {event.other.name for event in of(meeting.events, events.Appeared)} == {"Bertha", "Carl", "Dora"}
    assert any(isinstance(packet, CMSG_TIME_SYNC_RESP) for packet in meeting.inn.heard)
    [bertha] = [seen.other for seen in meeting.player.picture(meeting.now_ms) if seen.other.guid == 11]
    assert (bertha.look.level, bertha.look.display, bertha.life) == (5, 49, None)


@pytest.mark.parametrize("weather", [CALM, BAD, STORM], ids=["calm", "bad", "storm"])
def test_walking(weather):
    """What is held down moves oneself at once, and the server to the same place; ten datagrams a second."""
    meeting = arrived(weather=weather, seed=2)
    before = meeting.player.statistics().sent
    meeting.player.keys = Keys(FORWARD | LEFT)
    meeting.run(5000)
    assert meeting.player.statistics().sent - before < 75
    assert meeting.inn.inputs[-1] > 60
    still(meeting)
    assert agree(meeting)
    assert meeting.player.oneself.corrections == 0
    assert not of(meeting.events, events.Corrected)
    if weather is CALM:
        assert meeting.inn.inputs == list(range(1, len(meeting.inn.inputs) + 1))


@pytest.mark.parametrize(("seed", "weather"), [(0, BAD), (1, BAD), (2, STORM), (3, STORM)])
def test_corrections(seed, weather):
    """Shoved about on a bad network, it ends where the server has it."""
    meeting = arrived(weather=weather, seed=seed)
    draw = random.Random(seed)
    for _ in range(8):
        meeting.player.keys = Keys(FORWARD, facing=draw.random() * 6)
        meeting.inn.shove(draw.randrange(-6400, 6400), draw.randrange(-6400, 6400))
        meeting.inn.grant(draw.choice([3.5, 7.0, 14.0]))
        meeting.run(700)
    still(meeting)
    assert agree(meeting)
    assert meeting.player.oneself.corrections >= 4
    assert meeting.player.oneself.epoch == meeting.inn.epoch


def test_impossible_input_is_made_good():
    """A client that leaps is set back, and goes on from there."""
    meeting = arrived()
    meeting.player.oneself.stance = meeting.player.oneself.stance._replace(x=900.0)
    found = meeting.run(300)
    assert of(found, events.Corrected)
    meeting.player.keys = Keys(FORWARD)
    meeting.run(1000)
    still(meeting)
    assert agree(meeting) and 5.0 < meeting.player.oneself.stance.x < 10.0


@pytest.mark.parametrize(
    ("weather", "near_yards", "far_yards"),
    [(CALM, 0.05, 1.5), (BAD, 0.5, 8.0), (STORM, 1.5, 14.0)],
    ids=["calm", "bad", "storm"],
)
def test_others_are_drawn_where_they_were(weather, near_yards, far_yards):
    """Near ones are drawn on the path they took, a little later; far ones near it."""
    meeting = arrived(weather=weather, seed=3)
    meeting.run(2000)
    worst = {}
    for _ in range(400):
        meeting.run(10)
        at = meeting.player.others.timeline.drawn_ms(meeting.now_ms) / 50
        at += 0x10000 * (at < 30_000)  # the first one it heard of came after the wrap
        for seen in meeting.player.picture(meeting.now_ms):
            low = FOLK[seen.other.slot].at(int(at))
            high = FOLK[seen.other.slot].at(int(at) + 1)
            part = at % 1
            x, y = (a + (b - a) * part for a, b in ((low.x, high.x), (low.y, high.y)))
            off = hypot(seen.place.x - x / 64, seen.place.y - y / 64)
            worst[seen.other.name] = max(off, worst.get(seen.other.name, 0.0))
    assert worst["Dora"] < 0.02
    assert worst["Bertha"] < near_yards
    assert worst["Carl"] < far_yards


def test_come_and_go():
    """Who leaves sight vanishes; another in the same slot is another."""
    meeting = arrived()
    meeting.run(500)
    del meeting.inn.folk[0]
    [gone] = of(meeting.run(300), events.Vanished)
    assert gone.other.name == "Bertha"
    meeting.inn.folk[0] = Walker(99, "Zoe", standing(1.0, 1.0))
    [came] = of(meeting.run(300), events.Appeared)
    assert (came.other.name, came.other.slot) == ("Zoe", 0)
    assert {seen.other.name for seen in meeting.player.picture(meeting.now_ms)} == {"Zoe", "Carl", "Dora"}


def test_no_udp():
    """Where UDP does not get through, all goes through TCP after three seconds."""
    inn = Inn(aside=FOLK)
    inn.udp_open = False
    meeting = arrived(inn)
    assert of(meeting.events, events.Linked) == [events.Linked(tunnelled=True)]
    meeting.player.keys = Keys(FORWARD)
    meeting.run(2000)
    still(meeting)
    assert agree(meeting) and inn.inputs[-1] > 30
    assert len(meeting.player.picture(meeting.now_ms)) == 3


def test_tunnel_from_the_start():
    meeting = arrived(wanted=Wanted(udp=False))
    meeting.run(500)
    assert meeting.player.link.tunnelled and not meeting.network.sent
    assert len(meeting.player.picture(meeting.now_ms)) == 3


def test_udp_that_ceases():
    """In the midst of play UDP is cut: the same link goes on through TCP."""
    meeting = arrived()
    meeting.player.keys = Keys(FORWARD)
    meeting.run(1000)
    meeting.inn.udp_open = False
    meeting.run(6000)
    assert meeting.player.link.tunnelled and not of(meeting.events, events.Unlinked)
    still(meeting)
    assert agree(meeting) and meeting.inn.links == 1


def test_udp_that_goes_one_way():
    """The client still hears the server, which hears nothing of it: through TCP, and nothing is lost."""
    meeting = arrived()
    meeting.player.keys = Keys(FORWARD)
    meeting.run(1000)
    meeting.inn.udp_in = False
    meeting.run(3900)
    assert not meeting.player.link.tunnelled
    meeting.run(2000)
    assert meeting.player.link.tunnelled and not of(meeting.events, events.Unlinked)
    still(meeting)
    assert agree(meeting) and meeting.inn.links == 1


@pytest.mark.parametrize("weather", [CALM, BAD], ids=["calm", "bad"])
def test_udp_that_comes_back(weather):
    """After a while in the tunnel the link is on UDP again; as long as that is shut, all is as before."""
    inn = Inn(aside=FOLK)
    inn.udp_open = False
    meeting = arrived(inn, weather)
    player = meeting.player
    player.keys = Keys(FORWARD)
    meeting.run(40_000)
    assert player.link.tunnelled
    assert 1 <= len([it for it in meeting.network.sent[-1000:] if len(it[2]) == 64]) <= 3
    inn.udp_open = True
    meeting.run(130_000)
    assert not player.link.tunnelled and inn.link.paths.valid == "client"
    assert of(meeting.events, events.Unlinked) == [] and inn.links == 1
    still(meeting)
    assert agree(meeting)
    inn.udp_open = False
    meeting.run(7_000)
    assert player.link.tunnelled and inn.link.paths.valid == TUNNEL


def test_a_program_that_reads_nothing():
    """It has read nothing for ten seconds, and finds what came meanwhile: UDP was not at fault."""
    meeting = arrived()
    meeting.run(1000)
    meeting.now_ms += 10_000
    meeting.run(3000)
    assert not meeting.player.link.tunnelled and not of(meeting.events, events.Unlinked)


def test_link_that_is_lost():
    """The server has forgotten the link: it falls silent, and another is asked for and found."""
    meeting = arrived()
    meeting.inn.link = None
    meeting.run(15_500)
    assert of(meeting.events, events.Unlinked) == [events.Unlinked(CLOSE_SILENT)]
    assert len(of(meeting.events, events.Vanished)) == len(of(meeting.events, events.Appeared)) == 3
    meeting.run(2000)
    assert meeting.player.link.stage is Stage.OPEN and meeting.inn.links == 2
    meeting.player.keys = Keys(FORWARD)
    meeting.run(1000)
    still(meeting)
    assert agree(meeting)
    assert len(meeting.player.picture(meeting.now_ms)) == 3


def test_kicked():
    """Whoever is told to go does not ask again."""
    meeting = arrived()
    meeting.inn.link.close(CLOSE_KICKED, meeting.now_ms * 1000)
    meeting.run(40_000)
    assert of(meeting.events, events.Unlinked) == [events.Unlinked(CLOSE_KICKED)]
    assert meeting.inn.links == 1 and meeting.player.link.stage is Stage.NONE


def test_refused_for_now():
    """Not yet in the world: it is asked again, later each time."""
    meeting = arrived(Inn(refusals=[REFUSED_NOT_IN_WORLD] * 2))
    assert of(meeting.events, events.NotLinked) == [events.NotLinked(REFUSED_NOT_IN_WORLD, again=True)] * 2
    assert meeting.player.link.stage is Stage.OPEN


def test_refused_for_good():
    """No UDP here: the session goes on without a link."""
    meeting = arrived(Inn(refusals=[REFUSED_OFF]))
    meeting.run(60_000)
    assert of(meeting.events, events.NotLinked) == [events.NotLinked(REFUSED_OFF, again=False)]
    assert meeting.player.statistics() is None and meeting.player.picture(meeting.now_ms) == []
    assert meeting.player.place(meeting.now_ms).x == 0.0


def test_link_not_wanted():
    meeting = arrived(wanted=None)
    meeting.run(1000)
    assert meeting.player.link.stage is Stage.NONE and meeting.inn.links == 0


def test_another_map():
    """A far teleport: a link and a picture of its own."""
    meeting = arrived()
    meeting.run(500)
    meeting.inn.folk = {4: Walker(50, "Yann", standing(2.0, 2.0))}
    meeting.inn.send_far_away()
    meeting.run(1000)
    assert meeting.inn.links == 2
    assert [seen.other.name for seen in meeting.player.picture(meeting.now_ms)] == ["Yann"]
    meeting.player.keys = Keys(FORWARD)
    meeting.run(500)
    still(meeting)
    assert agree(meeting)


def test_leaving():
    """A goodbye on the link, and back to the character screen."""
    meeting = arrived()
    meeting.player.leave(meeting.now_ms)
    found = meeting.run(500)
    assert of(found, events.Left) and of(found, events.Unlinked)
    assert [notice.reason for notice in meeting.inn.events if hasattr(notice, "reason")] == [CLOSE_BYE]


def test_events_of_the_link_are_packets():
    """What comes by a reliable event is told as what comes by TCP is; what has no class is passed over."""
    meeting = arrived()
    meeting.inn.link.send_event(VERSION.numbers[SMSG_MOTD], b"\1\0\0\0Hello\0")
    meeting.inn.link.send_event(VERSION.numbers[SMSG_MOTD], b"\1\0\0\0Hel")
    meeting.inn.link.send_event(0x0FFF, b"")
    found = meeting.run(300)
    assert events.Heard(SMSG_MOTD(motds=["Hello"])) in found
    assert meeting.player.malformed == 2


def test_a_program_that_looks_away():
    """After a long pause the inputs go on from now; they are not made up."""
    meeting = arrived()
    number = meeting.player.oneself.number
    meeting.now_ms += 3000
    meeting.run(100)
    assert meeting.player.oneself.number - number < 15
    assert meeting.player.due_ms(meeting.now_ms) - meeting.now_ms <= 50


def test_strangers_datagrams():
    """Whoever sends datagrams to the client's port says nothing to it."""
    meeting = arrived()
    before, draw = meeting.player.statistics(), random.Random(1)
    for size in range(200):
        meeting.player.receive_datagram(draw.randbytes(size), meeting.now_ms)
    after = meeting.player.statistics()
    assert (after.received, after.sent, after.malformed) == (before.received, before.sent, before.malformed)
    assert sum(after.dropped.values()) == 200


@pytest.mark.parametrize(
    ("wish", "what"),
    [(Wish("A1"), "CHAR_NAME"), (Wish("Eve", make=False), "NO_CHARACTER"), (Wish(make=False), "NO_CHAR")],
)
def test_wishes_that_cannot_be(wish, what):
    player = Player("ada", KEY, 1, bytes)
    meeting, arrival = Meeting(player, Inn()), Arrival(player.world, wish)
    with pytest.raises(Refused, match=what):
        go(meeting, arrival)


def test_names_that_others_have():
    """A visitor takes the next name; who wants a certain one hears that it is in use."""
    for wish, taken, called in (
        (Wish(), ("Visitor", "Visitora"), "Visitorb"),
        (Wish(), VISITORS, None),
        (Wish("Ada"), ("Ada",), None),
    ):
        player, inn = Player("ada", KEY, 1, random.Random(1).randbytes), Inn(taken=taken)
        if called is None:
            with pytest.raises(Refused, match="NAME_IN_USE"):
                go(Meeting(player, inn), Arrival(player.world, wish))
        else:
            go(Meeting(player, inn), Arrival(player.world, wish))
        assert [row.name for row in inn.rows.values()] == ([called] if called else [])


def test_wrong_key():
    player = Player("ada", bytes(40), 1, random.Random(1).randbytes)
    meeting, arrival = Meeting(player, Inn()), Arrival(player.world, Wish("Ada"))
    with pytest.raises(Refused, match="AUTH_FAILED"):
        go(meeting, arrival)
