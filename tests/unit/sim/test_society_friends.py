"""Friends and the ignored: the lists, what is saved of them, and what friends hear of each other."""

import pytest

from bluemarble.rows.characters import CharacterSocialRow
from bluemarble.sim.effects import Input, Load, Save
from opcodes.cluster import NMSG_MEMBER_LEFT, SocialState
from opcodes.social import (
    CMSG_ADD_FRIEND,
    CMSG_ADD_IGNORE,
    CMSG_CONTACT_LIST,
    CMSG_DEL_FRIEND,
    CMSG_DEL_IGNORE,
    CMSG_SET_CONTACT_NOTES,
    SMSG_CONTACT_LIST,
    SMSG_FRIEND_STATUS,
)
from tests.unit.sim.circle import ORC, Circle, bytes_of

AFK, DND = 0x2, 0x4
FRIEND, IGNORED = 1, 2


@pytest.fixture
def circle():
    return Circle()


@pytest.fixture
def pair(circle):
    ada, bob = (
        circle.enter("Ada", zone=12, level=7, class_=8),
        circle.enter("Bob", zone=14, level=9, class_=4),
    )
    ada.take(), bob.take()
    return ada, bob


def row(friend, flags=FRIEND, note="", name=""):
    return SocialState(friend=friend, flags=flags, note=note, name=name)


def key(guid, friend, flags):
    return {"guid": guid, "friend": friend, "flags": flags}


def befriend(name, note=""):
    return CMSG_ADD_FRIEND(name=name, note=note)


def results(client):
    return [packet.result for packet in client.take() if isinstance(packet, SMSG_FRIEND_STATUS)]


# The layouts: u8 result, u64 guid; a note for 6 and 7; status, area, level, class for 2 and 6.
# Source: facts/wire_335.md section 4.


def test_befriending_one_who_is_here(pair):
    ada, _ = pair
    ada.send(befriend("bob", "kin"))
    assert bytes_of(ada.only(SMSG_FRIEND_STATUS)) == bytes.fromhex(
        "06 0200000000000000 6b696e00 01 0e000000 09000000 04000000"
    )
    (save,) = ada.circle.of(Save)
    assert save.owner == ada.guid and save.session == 0
    (write,) = save.writes
    assert (write.table, write.key, write.values, write.insert) == (
        CharacterSocialRow,
        key(1, 2, FRIEND),
        {"note": "kin"},
        True,
    )


def test_befriending_one_who_is_stored(pair):
    ada, _ = pair
    ada.send(befriend("zOE", "far"))
    assert ada.answer(500, "Zoe").name == "Zoe"
    assert bytes_of(ada.only(SMSG_FRIEND_STATUS)) == bytes.fromhex("07 f401000000000000 66617200")
    assert ada.circle.writes() == [(1, key(1, 500, FRIEND), {"note": "far"})]
    assert ada.member.contacts[500].name == "Zoe"


def test_befriending_nobody(pair):
    ada, _ = pair
    ada.send(befriend("Nn"))
    ada.answer()
    assert bytes_of(ada.only(SMSG_FRIEND_STATUS)) == bytes.fromhex("04 0000000000000000")


@pytest.mark.parametrize("name", ["", " ", "a\x01b", "x" * 49, "é" * 25, "a|b"])
def test_names_that_nobody_has_are_not_looked_up(pair, name):
    ada, _ = pair
    ada.send(befriend(name), CMSG_ADD_IGNORE(name=name))
    assert results(ada) == [4, 13] and not ada.circle.of(Load)


def test_whom_one_cannot_befriend(circle, pair):
    ada, _ = pair
    circle.enter("Gor", race=ORC)
    ada.send(befriend("Ada"), befriend("Gor"), befriend("Bob"), befriend("Bob"))
    assert results(ada) == [9, 10, 6, 8]
    ada.send(befriend("Gru"))
    ada.answer(77, "Gru", ORC)
    assert results(ada) == [10]


def test_lists_are_bounded():
    circle = Circle(friends_limit=2, ignores_limit=1)
    ada = circle.enter("Ada", social=[row(71), row(72), row(73, IGNORED)])
    circle.enter("Bob")
    ada.take()
    ada.send(befriend("Bob"), CMSG_ADD_IGNORE(name="Bob"))
    assert results(ada) == [1, 11] and not circle.of(Save)


def test_a_list_that_filled_up_while_the_database_was_asked():
    circle = Circle(friends_limit=1)
    ada = circle.enter("Ada")
    circle.enter("Bob")
    ada.take()
    ada.send(befriend("Zoe"), befriend("Bob"))
    ada.answer(500, "Zoe")
    assert results(ada) == [6, 1]


def test_ignoring(pair):
    ada, bob = pair
    ada.send(CMSG_ADD_IGNORE(name="Ada"), CMSG_ADD_IGNORE(name="bob"), CMSG_ADD_IGNORE(name="Bob"))
    statuses = ada.take()
    assert [s.result for s in statuses] == [12, 15, 14]
    assert bytes_of(statuses[1]) == bytes.fromhex("0f 0200000000000000")
    assert ada.circle.writes() == [(1, key(1, 2, IGNORED), {"note": ""})]
    ada.send(CMSG_ADD_IGNORE(name="Zoe"))
    ada.answer()
    assert results(ada) == [13]
    ada.send(CMSG_DEL_IGNORE(guid=bob.guid))
    assert results(ada) == [16]
    assert ada.circle.writes() == [(1, key(1, 2, IGNORED), None)]


def test_a_friend_that_is_ignored_is_one_row(pair):
    """As other servers keep it: one row a contact, its flags together."""
    ada, _ = pair
    ada.send(befriend("Bob", "hm"))
    ada.circle.writes()
    ada.send(CMSG_ADD_IGNORE(name="Bob"))
    assert ada.circle.writes() == [(1, key(1, 2, 1), None), (1, key(1, 2, 3), {"note": "hm"})]
    ada.send(CMSG_DEL_FRIEND(guid=2))
    assert ada.circle.writes() == [(1, key(1, 2, 3), None), (1, key(1, 2, 2), {"note": "hm"})]


def test_rows_that_other_programs_wrote_apart(circle):
    ada = circle.enter("Ada", social=[row(2, FRIEND, "hm"), row(2, IGNORED)])
    circle.restart()
    ada.send(CMSG_SET_CONTACT_NOTES(player=2, note="ha"))
    assert circle.writes() == [
        (1, key(1, 2, 1), None),
        (1, key(1, 2, 2), None),
        (1, key(1, 2, 3), {"note": "ha"}),
    ]


def test_removing(pair):
    ada, bob = pair
    ada.send(befriend("Bob"))
    ada.take(), ada.circle.writes()
    ada.send(CMSG_DEL_FRIEND(guid=bob.guid), CMSG_DEL_FRIEND(guid=bob.guid), CMSG_DEL_FRIEND(guid=1 << 63))
    assert results(ada) == [5, 5, 5]
    assert ada.circle.writes() == [(1, key(1, 2, 1), None)]
    assert not ada.member.contacts and not ada.circle.society.fans


def test_notes(pair):
    ada, _ = pair
    ada.send(befriend("Bob"))
    ada.circle.writes()
    ada.send(CMSG_SET_CONTACT_NOTES(player=2, note="é" * 60), CMSG_SET_CONTACT_NOTES(player=9, note="x"))
    assert ada.circle.writes() == [(1, key(1, 2, 1), {"note": "é" * 48})]
    ada.send(CMSG_SET_CONTACT_NOTES(player=2, note="a\nb"))
    assert ada.circle.writes() == [(1, key(1, 2, 1), {"note": ""})]


def test_friends_come_and_go(circle, pair):
    ada, _ = pair
    zoe = circle.enter("Zoe", guid=500, social=[row(1)])
    ada.take()
    assert zoe.take()
    ada.leave()
    assert bytes_of(zoe.only(SMSG_FRIEND_STATUS)) == bytes.fromhex("03 0100000000000000")
    circle.enter("Ada", guid=1, zone=12, level=7, class_=8)
    assert bytes_of(zoe.only(SMSG_FRIEND_STATUS)) == bytes.fromhex(
        "02 0100000000000000 01 0c000000 07000000 08000000"
    )


def test_who_hears_of_it_first_is_in_the_snapshot(circle, pair):
    ada, bob = pair
    circle.enter("Zoe", guid=500)
    bob.send(befriend("Zoe"))
    ada.send(befriend("Zoe"))
    leaving = Input(circle.society.by_guid[500].session, NMSG_MEMBER_LEFT())
    assert circle.again().step([leaving]) == circle.society.step([leaving])


def test_the_ignored_and_their_friends_hear_nothing(circle, pair):
    ada, bob = pair
    bob.send(CMSG_ADD_IGNORE(name="Ada"))
    ada.take(), bob.take()
    ada.leave()
    assert not bob.take()


def test_whoever_is_taken_over_neither_goes_nor_comes(circle, pair):
    ada, bob = pair
    bob.send(befriend("Ada"))
    bob.take()
    ada.send(befriend("Bob", "kept"))
    again = circle.enter("Ada", guid=ada.guid, session=900, social=[])
    assert not bob.take()
    assert again.only(SMSG_CONTACT_LIST).relations[0].note == "kept"


def test_contact_list(circle, pair):
    ada, _ = pair
    ada.send(befriend("Bob", "kin"), befriend("Zoe"))
    ada.answer(500, "Zoe")
    ada.send(CMSG_ADD_IGNORE(name="Cyd"))
    ada.answer(600, "Cyd")
    ada.take()
    ada.send(CMSG_CONTACT_LIST(flags=1))
    friends = ada.only(SMSG_CONTACT_LIST)
    assert bytes_of(friends) == bytes.fromhex(
        "01000000 02000000"
        "0200000000000000 01000000 6b696e00 01 0e000000 09000000 04000000"
        "f401000000000000 01000000 00 00"
    )
    ada.send(CMSG_CONTACT_LIST(flags=0))
    everyone = ada.only(SMSG_CONTACT_LIST)
    assert everyone.list_mask == 7 and [r.guid for r in everyone.relations] == [2, 500, 600]


@pytest.mark.parametrize(("flags", "status"), [(0, 1), (AFK, 2), (DND, 4)])
def test_how_a_friend_is(pair, flags, status):
    ada, bob = pair
    bob.appear(flags=flags)
    ada.send(befriend("Bob"))
    assert ada.only(SMSG_FRIEND_STATUS).status == status


def test_a_long_list_stays_under_the_limit(circle):
    """As many as a database may hold, with the longest notes; Circle measures what is sent."""
    ada = circle.enter("Ada", social=[row(100 + n, FRIEND, "日" * 48) for n in range(200)])
    assert len(ada.only(SMSG_CONTACT_LIST).relations) == 140


def test_requests_have_a_pace():
    circle = Circle(order_pace=(3, 1_000))
    ada = circle.enter("Ada")
    ada.take()
    ada.send(*[befriend("Ada")] * 5, CMSG_DEL_FRIEND(guid=1), CMSG_CONTACT_LIST(flags=7))
    assert results(ada) == [9, 9, 9]
