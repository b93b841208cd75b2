"""Whatever a client, or the database, says to the society: it never raises, and is whole afterwards."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.sim.effects import Count, Input
from bluemarble.sim.society import Member
from bluemarble.wire.codec import codec
from opcodes.channels import CMSG_JOIN_CHANNEL
from opcodes.chat import CMSG_MESSAGECHAT
from opcodes.cluster import NMSG_CHARACTER, NMSG_MEMBER, NMSG_MEMBER_LEFT
from opcodes.social import CMSG_WHO
from tests.property.values import records
from tests.unit.sim.circle import TABLE, Circle

NAMES = ["Ada", "bob", "Cyd", "Gor", "Gm", "herbs", "HERBS", "General - Hill", "", "|", "1", "x" * 48]
GUIDS = [0, 1, 2, 3, 4, 5, 500, 0xFFFFFFFF]
PLACES = {"name": NAMES, "channel": NAMES, "player": GUIDS, "guid": GUIDS}
TAKEN = sorted({*TABLE, CMSG_MESSAGECHAT, NMSG_MEMBER, NMSG_MEMBER_LEFT}, key=lambda cls: cls.__name__)
LOOSE = {
    "order_pace": (10**6, 1),
    "speak_pace": (10**6, 1),
    "who_pace": (10**6, 1),
    "look_up_pace": (10**6, 1),
}


@st.composite
def said(draw):
    """A packet of any kind the society takes, of values the wire can hold, often such as mean something."""
    packet = draw(st.sampled_from(TAKEN).flatmap(records))
    for field in type(packet).hints:
        known = next((values for word, values in PLACES.items() if word in field), None)
        value = getattr(packet, field)
        if known and value is not None and isinstance(value, type(known[0])) and draw(st.booleans()):
            setattr(packet, field, draw(st.sampled_from(known)))
    if isinstance(packet, CMSG_JOIN_CHANNEL) and draw(st.booleans()):
        packet.channel_id = draw(st.sampled_from([0, 1, 2, 22, 26]))
    return packet


def peopled():
    """Five members, one of the other side and one a game master, most of them in channels."""
    circle = Circle(**LOOSE)
    clients = [
        circle.enter("Ada"),
        circle.enter("Bob"),
        circle.enter("Cyd", flags=2),
        circle.enter("Gor", race=2),
        circle.enter("Gm", gmlevel=3),
    ]
    for client in clients[:4]:
        client.join("herbs")
        client.join("General - Hill", channel_id=1)
    return circle


def whole(society):
    """What holds between the parts of a society after every step."""
    assert {m.guid: m for m in society.members.values()} == society.by_guid
    for session, member in society.members.items():
        assert member.session == session and society.by_guid[member.guid] is member
        assert all(society.channels[key] is channel for key, channel in member.channels.items())
        assert all(
            contact.flags == society.fans[guid][member.guid] for guid, contact in member.contacts.items()
        )
        assert all(contact.flags for contact in member.contacts.values())
    for key, channel in society.channels.items():
        assert channel.key == key and channel.seats and channel.watchers <= channel.seats.keys()
        assert all(society.by_guid[guid].channels[key] is channel for guid in channel.seats)
        assert channel.owner in channel.seats or channel.constant
        assert len(channel.bans) <= society.rules.channel_bans_limit
    for fans in society.fans.values():
        assert fans and fans.keys() <= society.by_guid.keys()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(100, 107), said()), max_size=12))
def test_nothing_that_is_said_breaks_it(inputs):
    """No fault, every answer fits on the wire, the parts agree, and a snapshot goes on alike."""
    circle = peopled()
    for session, packet in inputs:
        circle.step(Input(session, packet))  # raises faults, and encodes what is sent
        whole(circle.society)
    copy = circle.again()
    whole(copy)
    probe = [
        Input(
            101,
            CMSG_WHO(
                minimum_level=0,
                maximum_level=255,
                player_name="",
                guild_name="",
                race_mask=0xFFFFFFFF,
                class_mask=0xFFFFFFFF,
            ),
        ),
        *[Input(session, NMSG_MEMBER_LEFT()) for session in range(100, 108)],
    ]
    assert copy.step(probe) == circle.society.step(probe)


@settings(max_examples=50, deadline=None)
@given(records(NMSG_CHARACTER))
def test_answers_that_nobody_asked_for(answer):
    circle = peopled()
    for why in 0, 1, 2, 3, 255:
        answer.why = why
        circle.step(Input(101, answer))
    whole(circle.society)


@pytest.mark.parametrize("kind", TAKEN, ids=lambda cls: cls.__name__)
def test_before_anybody_is_here(kind):
    """What comes of sessions without a member changes nothing."""
    circle = Circle()

    @settings(max_examples=5, deadline=None)
    @given(records(kind))
    def say(packet):
        circle.step(Input(7, packet))

    say()
    assert not circle.society.members or kind is NMSG_MEMBER


def test_a_mistake_of_ours_costs_one_input():
    """A handler that raises loses its effects and changes nothing; the fault is kept for the log."""

    def broken(society, member, message):
        society.say(member, "unsaid")
        raise RuntimeError("ours")

    circle = peopled()
    bad = CMSG_WHO(minimum_level=0, maximum_level=0, player_name="", guild_name="", race_mask=0, class_mask=0)
    circle.society.table[CMSG_WHO] = broken
    before = codec(type(circle.society.snapshot())).encode(circle.society.snapshot())
    effects = circle.society.receive([Input(101, bad)])
    assert effects == [Count("input_dropped")]
    assert [(f.session, f.packet) for f in circle.society.faults] == [(101, bad)]
    assert codec(type(circle.society.snapshot())).encode(circle.society.snapshot()) == before


def test_members_are_known_by_what_is_stated():
    """Every slot of a Member is in its state, or is made from the rest of it."""
    assert set(Member.__slots__) == {*Member.__annotations__, "channels", "contacts", "paces"}
