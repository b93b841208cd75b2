"""Channels: joining, leaving, talking, listing, watching."""

import pytest

from bluemarble.sim.effects import Input
from opcodes.channels import (
    CMSG_CHANNEL_DISPLAY_LIST,
    CMSG_CHANNEL_LIST,
    CMSG_CHANNEL_MODERATOR,
    CMSG_CHANNEL_OWNER,
    CMSG_CHANNEL_PASSWORD,
    CMSG_CHANNEL_SET_OWNER,
    CMSG_CLEAR_CHANNEL_WATCH,
    CMSG_GET_CHANNEL_MEMBER_COUNT,
    CMSG_JOIN_CHANNEL,
    CMSG_LEAVE_CHANNEL,
    CMSG_SET_CHANNEL_WATCH,
    SMSG_CHANNEL_LIST,
    SMSG_CHANNEL_MEMBER_COUNT,
    SMSG_CHANNEL_NOTIFY,
    SMSG_USERLIST_ADD,
    SMSG_USERLIST_REMOVE,
)
from opcodes.chat import LANG_ADDON, LANG_UNIVERSAL, SMSG_MESSAGECHAT
from opcodes.cluster import SocialState
from tests.unit.sim.circle import CHANNEL, ORC, Circle, bytes_of, channel, forget, kinds, notify
from tests.unit.sim.circle import three as circle_of_three


def leaving(name, channel_id=0):
    return CMSG_LEAVE_CHANNEL(channel_id=channel_id, channel_name=name)


@pytest.fixture
def circle():
    return Circle()


@pytest.fixture
def three(circle):
    return circle_of_three(circle)


# Joining and leaving.


def test_the_first_to_join_owns(circle):
    ada, bob = circle.enter("Ada"), circle.enter("Bob")
    forget([ada, bob])
    ada.join(CHANNEL)
    joined, mode = ada.take()
    assert bytes_of(joined) == notify(2, "01 00000000 00000000")  # u8 flags, u32 id, u32
    assert bytes_of(mode) == notify(12, "0100000000000000 00 03")  # guid, old flags, new flags
    bob.join("HERBS")
    (news,) = ada.take()
    assert bytes_of(news) == notify(0, "0200000000000000")
    (joined,) = bob.take()
    assert joined.notify_type == 2 and joined.channel_name == CHANNEL


def test_leaving(circle, three):
    ada, bob, cyd = three
    bob.send(leaving(CHANNEL))
    (left,) = bob.take()
    assert bytes_of(left) == notify(3, "00000000 00")  # u32 id, u8 constant
    assert bytes_of(ada.only(SMSG_CHANNEL_NOTIFY)) == notify(1, "0200000000000000")
    assert kinds(cyd) == [1]
    bob.send(leaving(CHANNEL))
    assert bytes_of(bob.only(SMSG_CHANNEL_NOTIFY)) == notify(5)
    for client in ada, cyd:
        client.leave()
    assert not circle.society.channels


def test_the_owner_that_leaves_has_an_heir(circle, three):
    ada, bob, cyd = three
    ada.send(CMSG_CHANNEL_MODERATOR(channel_name=CHANNEL, player_name="Cyd"))
    forget(three)
    ada.leave()
    assert channel(circle).owner == cyd.guid
    assert kinds(bob) == [1, 12, 8]
    changed = [p for p in cyd.take() if p.notify_type == 8]
    assert bytes_of(changed[0]) == notify(8, "0300000000000000")
    cyd.leave()
    assert channel(circle).owner == bob.guid


def test_built_in_channels_belong_to_nobody(circle):
    ada, bob = circle.enter("Ada"), circle.enter("Bob")
    forget([ada, bob])
    ada.join("General - Hill", channel_id=1)
    assert bytes_of(ada.only(SMSG_CHANNEL_NOTIFY)) == b"\x02General - Hill\0" + bytes.fromhex(
        "18 01000000 00000000"
    )
    bob.join("General - Hill", channel_id=1)
    assert not ada.take()  # neither announced nor owned
    bob.take()
    ada.send(CMSG_CHANNEL_PASSWORD(channel_name="General - Hill", channel_password="x"))
    ada.send(CMSG_CHANNEL_SET_OWNER(channel_name="General - Hill", new_owner="Bob"))
    ada.send(CMSG_CHANNEL_OWNER(channel_name="General - Hill"))
    refused, not_owner, owner = ada.take()
    assert (refused.notify_type, not_owner.notify_type, owner.notify_type) == (6, 10, 11)
    assert owner.player_name == "Nobody"
    ada.send(leaving("General - Hill", 1))
    assert bytes_of(ada.only(SMSG_CHANNEL_NOTIFY)) == b"\x03General - Hill\0" + bytes.fromhex("01000000 01")
    ada.join("General - Hill", channel_id=1)
    ada.take()
    assert not ada.join("General - Hill", channel_id=1).take()  # clients do so on every change of zone


@pytest.mark.parametrize(
    ("number", "flags"), [(1, 0x18), (2, 0x3C), (22, 0x18), (25, 0x38), (26, 0x50), (7, 1)]
)
def test_flags_of_channels(circle, number, flags):
    ada = circle.enter("Ada")
    ada.take()
    joined = ada.join("Somewhere", channel_id=number).take()[0]
    assert (joined.flags, joined.channel_id) == (flags, number if flags != 1 else 0)


def test_nobody_owns_a_built_in_channel_by_its_name(circle):
    """A channel of players that is called like a built-in one is another."""
    ada, bob = circle.enter("Ada"), circle.enter("Bob")
    bob.join("Trade - Town")
    ada.join("Trade - Town", channel_id=2)
    forget([ada, bob])
    ada.talk("Trade - Town", "Wares!")
    assert ada.only(SMSG_MESSAGECHAT).message == "Wares!" and not bob.take()


def test_sides_have_channels_of_their_own(circle):
    ada, orc = circle.enter("Ada"), circle.enter("Gor", race=ORC)
    ada.join(CHANNEL), orc.join(CHANNEL)
    forget([ada, orc])
    ada.talk(CHANNEL, "hi")
    assert not orc.take() and len(circle.society.channels) == 2


def test_sides_share_channels_where_that_is_allowed():
    circle = Circle(cross_faction_chat=True)
    ada, orc = circle.enter("Ada"), circle.enter("Gor", race=ORC)
    ada.join(CHANNEL), orc.join(CHANNEL)
    forget([ada, orc])
    ada.talk(CHANNEL, "hi")
    assert orc.only(SMSG_MESSAGECHAT).language == LANG_UNIVERSAL


@pytest.mark.parametrize("name", ["", "   ", "1st", "a|b", "a\nb", "x" * 128])
def test_names_that_are_none(circle, name):
    ada = circle.enter("Ada")
    ada.take()
    ada.join(name)
    assert kinds(ada) == [27] and not circle.society.channels


def test_passwords(circle, three):
    ada, bob, _ = three
    bob.send(CMSG_CHANNEL_PASSWORD(channel_name=CHANNEL, channel_password="sage"))
    assert kinds(bob) == [6]
    ada.send(CMSG_CHANNEL_PASSWORD(channel_name=CHANNEL, channel_password="sage"))
    assert bytes_of(bob.only(SMSG_CHANNEL_NOTIFY)) == notify(7, "0100000000000000")
    ada.send(CMSG_CHANNEL_PASSWORD(channel_name=CHANNEL, channel_password="x" * 32))
    assert circle.counted("channel_password_refused") == 1
    dan, gm = circle.enter("Dan"), circle.enter("Gm", gmlevel=2)
    forget([dan, gm])
    dan.join(CHANNEL, "thyme")
    assert bytes_of(dan.only(SMSG_CHANNEL_NOTIFY)) == notify(4)
    assert kinds(dan.join(CHANNEL, "sage")) == [2]
    assert kinds(gm.join(CHANNEL)) == [2]
    ada.send(CMSG_CHANNEL_PASSWORD(channel_name=CHANNEL, channel_password=""))
    assert channel(circle).password == ""


def test_a_channel_is_made_with_its_password(circle):
    ada, bob = circle.enter("Ada"), circle.enter("Bob")
    ada.join(CHANNEL, "sage")
    bob.take()
    assert kinds(bob.join(CHANNEL)) == [4]


def test_not_too_many_channels():
    circle = Circle(channels_limit=3)
    ada = circle.enter("Ada")
    for n in range(3):
        ada.join(f"c{n}")
    ada.take()
    ada.join("c4").only(SMSG_MESSAGECHAT)
    assert len(ada.member.channels) == 3


def test_joining_twice(three):
    ada, *_ = three
    ada.join(CHANNEL)
    assert bytes_of(ada.only(SMSG_CHANNEL_NOTIFY)) == notify(23, "0100000000000000")


def test_a_new_client_joins_again(circle, three):
    """A character taken over is in its channels still, and its client learns so when it joins them."""
    ada, bob, _ = three
    again = circle.enter("Ada", guid=ada.guid, session=500)
    again.take()
    bob.talk(CHANNEL, "unheard")
    assert not again.take()
    assert kinds(again.join(CHANNEL)) == [2]
    bob.talk(CHANNEL, "heard")
    assert again.only(SMSG_MESSAGECHAT).message == "heard"
    assert channel(circle).owner == ada.guid


# Talking.


def test_talking(three):
    ada, bob, cyd = three
    ada.talk("Herbs", "Any sage?", language=1)
    for client in three:
        heard = client.only(SMSG_MESSAGECHAT)
        assert (heard.channel_name, heard.sender, heard.message) == (CHANNEL, ada.guid, "Any sage?")
        assert heard.language == 7
    ada.talk(CHANNEL, "x", language=LANG_ADDON)
    ada.talk(CHANNEL, "bad\x01line")
    assert not bob.take() and not cyd.take()


def test_talking_outside(circle, three):
    dan = circle.enter("Dan")
    dan.take()
    dan.talk(CHANNEL, "hi")
    assert kinds(dan) == [5]


def test_the_ignored_are_not_heard(circle):
    ada = circle.enter("Ada", social=[SocialState(friend=2, flags=2, note="", name="Bob")])
    bob, cyd = circle.enter("Bob"), circle.enter("Cyd")
    for client in ada, bob, cyd:
        client.join(CHANNEL)
    forget([ada, bob, cyd])
    bob.talk(CHANNEL, "hi")
    assert not ada.take() and cyd.take() and bob.take()


def test_talking_too_fast():
    circle = Circle(speak_pace=(2, 1_000))
    ada, bob = circle.enter("Ada"), circle.enter("Bob")
    ada.join(CHANNEL), bob.join(CHANNEL)
    forget([ada, bob])
    for _ in range(5):
        ada.talk(CHANNEL, "x")
    assert len(bob.take()) == 2
    assert kinds(ada) == [31]


def test_ordering_too_fast():
    circle = Circle(order_pace=(2, 1_000))
    ada = circle.enter("Ada")
    ada.take()
    ada.send(*[CMSG_CHANNEL_LIST(channel_name=CHANNEL)] * 5)
    assert kinds(ada) == [5, 5, 31]


# Lists.


def test_lists(circle, three):
    ada, *_ = three
    ada.send(CMSG_CHANNEL_LIST(channel_name=CHANNEL))
    listed = ada.only(SMSG_CHANNEL_LIST)
    # u8, name, u8 flags, u32 count, then guid and u8 flags: AzerothCore Channel.cpp, mangos-wotlk Channel.cpp
    assert bytes_of(listed) == b"\x00herbs\0" + bytes.fromhex(
        "01 03000000 0100000000000000 03 0200000000000000 00 0300000000000000 00"
    )
    ada.send(CMSG_CHANNEL_DISPLAY_LIST(channel=CHANNEL), CMSG_GET_CHANNEL_MEMBER_COUNT(channel=CHANNEL))
    shown, count = ada.take()
    assert shown.kind == 1 and isinstance(count, SMSG_CHANNEL_MEMBER_COUNT) and count.amount_of_members == 3


def test_long_lists_stay_under_the_limit():
    circle = Circle(channel_list_limit=3_000)
    ada = circle.enter("Ada")
    ada.join(CHANNEL)
    for guid in range(2, 3_500):
        channel(circle).sit(guid, guid)
    ada.take()
    ada.send(CMSG_CHANNEL_LIST(channel_name=CHANNEL))  # Circle measures what is sent
    assert len(ada.only(SMSG_CHANNEL_LIST).members) == 3_000


def test_watching(circle, three):
    ada, bob, cyd = three
    ada.send(CMSG_SET_CHANNEL_WATCH(channel=CHANNEL))
    bob.send(leaving(CHANNEL))
    left = [p for p in ada.take() if isinstance(p, SMSG_USERLIST_REMOVE)]
    assert bytes_of(left[0]) == bytes.fromhex("0200000000000000 01 02000000") + b"herbs\0"
    bob.join(CHANNEL)
    came = [p for p in ada.take() if isinstance(p, SMSG_USERLIST_ADD)]
    assert bytes_of(came[0]) == bytes.fromhex("0200000000000000 00 01 03000000") + b"herbs\0"
    ada.send(CMSG_CLEAR_CHANNEL_WATCH(channel=CHANNEL))
    bob.send(leaving(CHANNEL))
    assert kinds(ada) == [1]
    assert not any(isinstance(p, SMSG_USERLIST_REMOVE) for p in cyd.take())


def test_joins_of_one_step_keep_their_order(circle):
    """Channels, seats and sessions are in the order of the inputs, whatever the guids are."""
    clients = [circle.enter(name, guid=guid) for name, guid in (("Ada", 900), ("Bob", 3), ("Cyd", 77))]
    circle.step(
        *[
            Input(
                c.session,
                CMSG_JOIN_CHANNEL(
                    channel_id=0, unknown1=0, unknown2=0, channel_name=CHANNEL, channel_password=""
                ),
            )
            for c in clients
        ]
    )
    assert list(channel(circle).seats) == [900, 3, 77]
    assert channel(circle).sessions == tuple(c.session for c in clients)
