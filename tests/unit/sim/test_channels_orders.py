"""Ordering channels, and every notice that a channel gives, byte for byte."""

import pytest

from opcodes.channels import (
    CMSG_CHANNEL_ANNOUNCEMENTS,
    CMSG_CHANNEL_BAN,
    CMSG_CHANNEL_INVITE,
    CMSG_CHANNEL_KICK,
    CMSG_CHANNEL_LIST,
    CMSG_CHANNEL_MODERATE,
    CMSG_CHANNEL_MODERATOR,
    CMSG_CHANNEL_MUTE,
    CMSG_CHANNEL_OWNER,
    CMSG_CHANNEL_SET_OWNER,
    CMSG_CHANNEL_UNBAN,
    CMSG_CHANNEL_UNMODERATOR,
    CMSG_CHANNEL_UNMUTE,
    CMSG_SET_CHANNEL_WATCH,
    SMSG_CHANNEL_NOTIFY,
)
from opcodes.chat import SMSG_MESSAGECHAT
from opcodes.cluster import SocialState
from tests.unit.sim.circle import CHANNEL, ORC, Circle, bytes_of, channel, forget, kinds, notify
from tests.unit.sim.circle import three as circle_of_three

OWNER, MODERATOR, MUTED = 1, 2, 8


def order(cls, player):
    return cls(channel_name=CHANNEL, player_name=player)


@pytest.fixture
def circle():
    return Circle()


@pytest.fixture
def three(circle):
    return circle_of_three(circle)


def test_moderation(circle, three):
    ada, bob, cyd = three
    bob.send(CMSG_CHANNEL_MODERATE(channel_name=CHANNEL))
    assert kinds(bob) == [6]
    ada.send(CMSG_CHANNEL_MODERATE(channel_name=CHANNEL))
    assert bytes_of(bob.only(SMSG_CHANNEL_NOTIFY)) == notify(15, "0100000000000000")
    bob.talk(CHANNEL, "hm")
    assert kinds(bob) == [6]
    ada.send(order(CMSG_CHANNEL_MODERATOR, "bob"))
    assert bytes_of(bob.only(SMSG_CHANNEL_NOTIFY)) == notify(12, "0200000000000000 00 02")
    forget(three)
    bob.talk(CHANNEL, "ah")
    assert cyd.only(SMSG_MESSAGECHAT)
    ada.send(order(CMSG_CHANNEL_UNMODERATOR, "bob"), CMSG_CHANNEL_MODERATE(channel_name=CHANNEL))
    assert kinds(cyd) == [12, 16]


def test_muting(circle, three):
    ada, bob, cyd = three
    ada.send(order(CMSG_CHANNEL_MUTE, "Bob"))
    assert channel(circle).seats[bob.guid].flags == MUTED
    forget(three)
    bob.talk(CHANNEL, "hm")
    assert bytes_of(bob.only(SMSG_CHANNEL_NOTIFY)) == notify(17)
    ada.send(order(CMSG_CHANNEL_UNMUTE, "Bob"), order(CMSG_CHANNEL_UNMUTE, "Bob"))
    assert kinds(cyd) == [12]  # what changes nothing is not told
    bob.talk(CHANNEL, "ah")
    assert cyd.only(SMSG_MESSAGECHAT)


def test_only_the_owner_touches_the_owner(circle, three):
    ada, bob, _ = three
    ada.send(order(CMSG_CHANNEL_MODERATOR, "Bob"))
    forget(three)
    for kind in CMSG_CHANNEL_MUTE, CMSG_CHANNEL_UNMODERATOR, CMSG_CHANNEL_KICK, CMSG_CHANNEL_BAN:
        bob.send(order(kind, "Ada"))
        assert bytes_of(bob.only(SMSG_CHANNEL_NOTIFY)) == notify(10)
    assert channel(circle).seats[ada.guid].flags == OWNER | MODERATOR


def test_orders_to_whom_is_not_there(circle, three):
    ada, *_ = three
    circle.enter("Dan")
    for kind in CMSG_CHANNEL_MUTE, CMSG_CHANNEL_KICK, CMSG_CHANNEL_BAN:
        ada.send(order(kind, "Dan"))
        assert bytes_of(ada.only(SMSG_CHANNEL_NOTIFY)) == notify(9, "44616e00")
    ada.send(CMSG_CHANNEL_SET_OWNER(channel_name=CHANNEL, new_owner="Nn"))
    assert kinds(ada) == [9]


def test_kicking(circle, three):
    ada, bob, cyd = three
    ada.send(order(CMSG_CHANNEL_KICK, "Bob"))
    assert bytes_of(cyd.only(SMSG_CHANNEL_NOTIFY)) == notify(18, "0200000000000000 0100000000000000")
    assert kinds(bob) == [18, 3]
    assert kinds(bob.join(CHANNEL)) == [2]


def test_banning(circle, three):
    ada, bob, cyd = three
    ada.send(order(CMSG_CHANNEL_BAN, "Bob"))
    assert bytes_of(cyd.only(SMSG_CHANNEL_NOTIFY)) == notify(20, "0200000000000000 0100000000000000")
    bob.take()
    assert bytes_of(bob.join(CHANNEL).only(SMSG_CHANNEL_NOTIFY)) == notify(19)
    forget(three)
    ada.send(order(CMSG_CHANNEL_INVITE, "Bob"))
    assert bytes_of(ada.only(SMSG_CHANNEL_NOTIFY)) == notify(30, "426f6200")
    bob.leave()
    ada.send(order(CMSG_CHANNEL_UNBAN, "bob"))  # by name, here or not
    assert bytes_of(cyd.only(SMSG_CHANNEL_NOTIFY)) == notify(21, "0200000000000000 0100000000000000")
    ada.take()
    ada.send(order(CMSG_CHANNEL_UNBAN, "Bob"))
    assert bytes_of(ada.only(SMSG_CHANNEL_NOTIFY)) == notify(22, "426f6200")


def test_bans_are_bounded():
    circle = Circle(channel_bans_limit=2)
    ada = circle.enter("Ada")
    ada.join(CHANNEL)
    for name in "Bob", "Cyd", "Dan":
        circle.enter(name).join(CHANNEL)
        ada.send(order(CMSG_CHANNEL_BAN, name))
    assert list(channel(circle).bans.values()) == ["Cyd", "Dan"]


def test_game_masters_order_any_channel(circle, three):
    ada, *_ = three
    gm = circle.enter("Gm", gmlevel=2)
    gm.join(CHANNEL)
    gm.take()
    gm.send(order(CMSG_CHANNEL_KICK, "Ada"))
    assert ada.guid not in channel(circle).seats
    assert channel(circle).owner == gm.guid


def test_owners(circle, three):
    ada, bob, cyd = three
    bob.send(CMSG_CHANNEL_SET_OWNER(channel_name=CHANNEL, new_owner="Bob"))
    assert bytes_of(bob.only(SMSG_CHANNEL_NOTIFY)) == notify(10)
    ada.send(CMSG_CHANNEL_SET_OWNER(channel_name=CHANNEL, new_owner="Bob"))
    assert kinds(cyd) == [12, 12, 8]
    seats = channel(circle).seats
    assert seats[ada.guid].flags == MODERATOR and seats[bob.guid].flags == OWNER | MODERATOR
    cyd.send(CMSG_CHANNEL_OWNER(channel_name=CHANNEL))
    assert bytes_of(cyd.only(SMSG_CHANNEL_NOTIFY)) == notify(11, "426f6200")


def test_announcements(circle, three):
    ada, bob, _ = three
    ada.send(CMSG_CHANNEL_ANNOUNCEMENTS(channel_name=CHANNEL))
    assert bytes_of(bob.only(SMSG_CHANNEL_NOTIFY)) == notify(14, "0100000000000000")
    circle.enter("Dan").join(CHANNEL)
    assert not bob.take()
    ada.send(CMSG_CHANNEL_ANNOUNCEMENTS(channel_name=CHANNEL))
    assert kinds(bob) == [13]


def test_inviting(circle, three):
    ada, *_ = three
    dan, gor = circle.enter("Dan"), circle.enter("Gor", race=ORC)
    eve = circle.enter("Eve", social=[SocialState(friend=ada.guid, flags=2, note="", name="Ada")])
    forget([ada, dan, gor, eve])
    ada.send(order(CMSG_CHANNEL_INVITE, "Dan"))
    assert bytes_of(dan.only(SMSG_CHANNEL_NOTIFY)) == notify(24, "0100000000000000")
    assert bytes_of(ada.only(SMSG_CHANNEL_NOTIFY)) == notify(29, "44616e00")
    ada.send(*[order(CMSG_CHANNEL_INVITE, name) for name in ("Gor", "Bob", "Nn", "Eve")])
    assert kinds(ada) == [25, 23, 9, 29]
    assert not gor.take() and not eve.take()


def test_orders_without_a_channel_are_answered(circle):
    ada = circle.enter("Ada")
    ada.take()
    orders = [
        cls(channel_name="x", player_name="y")
        for cls in (
            CMSG_CHANNEL_MODERATOR,
            CMSG_CHANNEL_UNMODERATOR,
            CMSG_CHANNEL_MUTE,
            CMSG_CHANNEL_UNMUTE,
            CMSG_CHANNEL_INVITE,
            CMSG_CHANNEL_KICK,
            CMSG_CHANNEL_BAN,
            CMSG_CHANNEL_UNBAN,
        )
    ]
    orders += [
        cls(channel_name="x")
        for cls in (CMSG_CHANNEL_OWNER, CMSG_CHANNEL_LIST, CMSG_CHANNEL_ANNOUNCEMENTS, CMSG_CHANNEL_MODERATE)
    ]
    ada.send(*orders)
    assert kinds(ada) == [5] * len(orders)
    ada.send(CMSG_SET_CHANNEL_WATCH(channel="x"))
    assert not ada.take()


PLAIN = (4, 5, 6, 10, 17, 19, 25, 26, 27, 28, 31, 32, 33)


@pytest.mark.parametrize("kind", range(34))
def test_every_notice_has_its_layout(kind):
    """
    What follows the name, by kind.

    Source: facts/wire_335.md section 4 for 2 and 3; for the others the Trinity family's ChannelAppenders.h
    and the mangos family's Channel.cpp, which agree.
    """
    tails = {
        2: "01 02000000 00000000",
        3: "02000000 00",
        12: "0500000000000000 00 02",
        18: "0500000000000000 0600000000000000",
        20: "0500000000000000 0600000000000000",
        21: "0500000000000000 0600000000000000",
        **dict.fromkeys((9, 11, 22, 29, 30), "426f6200"),
        **dict.fromkeys((0, 1, 7, 8, 13, 14, 15, 16, 23, 24), "0500000000000000"),
        **dict.fromkeys(PLAIN, ""),
    }
    packet = SMSG_CHANNEL_NOTIFY(
        notify_type=kind,
        channel_name=CHANNEL,
        flags=1,
        channel_id=2,
        unknown=0,
        constant=0,
        guid=5,
        by=6,
        old_flags=0,
        new_flags=2,
        player_name="Bob",
    )
    assert bytes_of(packet) == notify(kind, tails[kind])
