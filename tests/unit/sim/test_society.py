"""Whispers, away messages, paces, who comes and goes; and that a snapshot holds all of it."""

import pytest

from bluemarble.sim.effects import Input, Load
from bluemarble.sim.speech import speakable, tongue
from opcodes.chat import (
    CHAT_MSG_AFK,
    CHAT_MSG_DND,
    CHAT_MSG_IGNORED,
    CHAT_MSG_WHISPER,
    CHAT_MSG_WHISPER_INFORM,
    CHAT_TAG_AFK,
    CHAT_TAG_GM,
    CMSG_MESSAGECHAT,
    LANG_ADDON,
    LANG_UNIVERSAL,
    SMSG_CHAT_PLAYER_NOT_FOUND,
    SMSG_CHAT_RESTRICTED,
    SMSG_CHAT_WRONG_FACTION,
    SMSG_MESSAGECHAT,
)
from opcodes.cluster import NMSG_MEMBER_LEFT, NMSG_SOCIETY, SocialState
from opcodes.query import CMSG_NAME_QUERY, SMSG_NAME_QUERY_RESPONSE
from opcodes.social import CMSG_WHO, CMSG_WHOIS, SMSG_WHO, SMSG_WHOIS
from tests.unit.sim.circle import DWARF, HUMAN, ORC, Circle, bytes_of

AFK, DND, GM = 0x2, 0x4, 0x8
ALL = 0xFFFFFFFF


@pytest.fixture
def circle():
    return Circle()


@pytest.fixture
def pair(circle):
    ada, bob = circle.enter("Ada"), circle.enter("Bob", race=DWARF)
    ada.take(), bob.take()
    return ada, bob


def who(**filters):
    return CMSG_WHO(
        **{
            "minimum_level": 0,
            "maximum_level": 100,
            "player_name": "",
            "guild_name": "",
            "race_mask": ALL,
            "class_mask": ALL,
            "zones": [],
            "search_strings": [],
            **filters,
        }
    )


# Whispers.


def test_whisper_reaches_one_and_is_shown_to_the_other(pair):
    ada, bob = pair
    ada.whisper("bOB", "Psst.")
    heard = bob.only(SMSG_MESSAGECHAT)
    assert (heard.chat_type, heard.sender, heard.target, heard.message) == (
        CHAT_MSG_WHISPER,
        ada.guid,
        bob.guid,
        "Psst.",
    )
    assert heard.language == LANG_UNIVERSAL
    mine = ada.only(SMSG_MESSAGECHAT)
    assert (mine.chat_type, mine.sender, mine.message) == (CHAT_MSG_WHISPER_INFORM, bob.guid, "Psst.")


def test_whisper_to_nobody(pair):
    ada, _ = pair
    assert ada.whisper("Cyd", "?").only(SMSG_CHAT_PLAYER_NOT_FOUND).name == "Cyd"


def test_whisper_to_the_other_side(circle, pair):
    ada, _ = pair
    orc = circle.enter("Gor", race=ORC)
    orc.take()
    ada.whisper("Gor", "hello").only(SMSG_CHAT_WRONG_FACTION)
    assert not orc.take()


def test_whisper_to_the_other_side_where_that_is_allowed():
    circle = Circle(cross_faction_chat=True)
    ada, orc = circle.enter("Ada"), circle.enter("Gor", race=ORC)
    orc.take()
    ada.whisper("Gor", "hello")
    assert orc.only(SMSG_MESSAGECHAT).message == "hello"


def test_game_master_is_heard_by_all_and_answered(circle, pair):
    ada, _ = pair
    gm = circle.enter("Gm", race=ORC, gmlevel=2, flags=GM)
    gm.take()
    gm.whisper("Ada", "Yes?")
    assert ada.only(SMSG_MESSAGECHAT).tag == CHAT_TAG_GM
    gm.take()
    ada.whisper("Gm", "Nothing.")
    assert gm.only(SMSG_MESSAGECHAT).message == "Nothing."


def test_the_ignored_are_told_so(circle):
    ada = circle.enter("Ada", social=[SocialState(friend=2, flags=2, note="", name="Bob")])
    bob = circle.enter("Bob")
    ada.take(), bob.take()
    bob.whisper("Ada", "Ada?")
    answer = bob.only(SMSG_MESSAGECHAT)
    assert (answer.chat_type, answer.sender, answer.message) == (CHAT_MSG_IGNORED, ada.guid, "Ada")
    assert not ada.take()


@pytest.mark.parametrize(("flag", "kind"), [(AFK, CHAT_MSG_AFK), (DND, CHAT_MSG_DND)])
def test_the_absent_answer_by_themselves(pair, flag, kind):
    ada, bob = pair
    bob.send(CMSG_MESSAGECHAT(chat_type=kind, language=0, message="Asleep"))
    bob.appear(race=DWARF, flags=flag)
    assert not bob.take()
    ada.whisper("Bob", "Psst.")
    inform, answer = ada.take()
    assert inform.chat_type == CHAT_MSG_WHISPER_INFORM
    assert (answer.chat_type, answer.sender, answer.message) == (kind, bob.guid, "Asleep")
    bob.take()
    bob.whisper("Ada", "Hm?")
    assert ada.take()[-1].tag == (CHAT_TAG_AFK if flag == AFK else 2)
    bob.send(CMSG_MESSAGECHAT(chat_type=kind, language=0, message=""))
    bob.appear(race=DWARF, flags=0)
    ada.whisper("Bob", "Psst.")
    assert len(ada.take()) == 1


def test_away_without_words_has_the_usual_ones(pair):
    ada, bob = pair
    bob.appear(race=DWARF, flags=AFK)
    ada.whisper("Bob", "Psst.")
    assert ada.take()[-1].message


def test_addons_whisper_unseen(pair):
    ada, bob = pair
    bob.appear(race=DWARF, flags=AFK)
    ada.whisper("Bob", "PING\t1", language=LANG_ADDON)
    heard = bob.only(SMSG_MESSAGECHAT)
    assert (heard.language, heard.message) == (LANG_ADDON, "PING\t1")
    assert not ada.take()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "   ",
        "a\nb",
        "a\x07b",
        "\u202eevil",
        "|TInterface|t",
        "|cff0000red",
        "x" * 256,
        "é" * 128,
        "|Hx|h",
        "|",
    ],
)
def test_lines_that_may_not_pass(pair, line):
    ada, bob = pair
    ada.whisper("Bob", line)
    assert not ada.take() and not bob.take()
    assert ada.circle.counted("chat_unspeakable") == 1


@pytest.mark.parametrize(
    "line", ["hello", "é" * 127, "a || b", "|cff9d9d9d|Hitem:7073:0:0|h[Fang]|h|r", "日本"]
)
def test_lines_that_may(line):
    assert speakable(line, 255)


def test_other_kinds_of_chat_are_counted(pair):
    ada, bob = pair
    ada.send(CMSG_MESSAGECHAT(chat_type=0x7F, language=7, message="x"))
    assert not ada.take() and not bob.take() and ada.circle.counted("chat_of_another_kind") == 1


def test_tongues():
    assert tongue(HUMAN, 7) == 7 and tongue(HUMAN, 1) == 7 and tongue(DWARF, 6) == 6 and tongue(ORC, 7) == 1
    assert tongue(99, 0) == 7


def test_who_whispers_too_fast_is_told_once_and_not_heard():
    circle = Circle(speak_pace=(3, 1_000))
    ada, bob = circle.enter("Ada"), circle.enter("Bob")
    ada.take(), bob.take()
    line = CMSG_MESSAGECHAT(chat_type=CHAT_MSG_WHISPER, language=7, target_player="Bob", message="x")
    ada.send(*[line] * 10)
    assert len(bob.take()) == 3
    assert [type(p) for p in ada.take()].count(SMSG_CHAT_RESTRICTED) == 1
    assert circle.counted("society_over_pace") == 7
    circle.step(ticks=20)
    ada.send(line, line)
    assert len(bob.take()) == 1


# Who is there.


def test_who_counts_all_and_lists_some():
    circle = Circle(who_limit=5)
    clients = [circle.enter(f"P{chr(97 + n)}", level=n + 1) for n in range(10)]
    clients[0].take()
    found = clients[0].send(who()).only(SMSG_WHO)
    assert found.online_players == 10 and len(found.players) == 5
    assert bytes_of(found)[:8] == b"\x05\0\0\0\x0a\0\0\0"


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({}, ["Ada", "Bob"]),
        ({"minimum_level": 15}, ["Bob"]),
        ({"maximum_level": 15}, ["Ada"]),
        ({"player_name": "BO"}, ["Bob"]),
        ({"race_mask": 1 << DWARF}, ["Bob"]),
        ({"class_mask": 1 << 8}, ["Bob"]),
        ({"zones": [1519]}, ["Bob"]),
        ({"zones": [1519, 12]}, ["Ada", "Bob"]),
        ({"search_strings": ["ob", "zz"]}, ["Bob"]),
        ({"search_strings": [""]}, ["Ada", "Bob"]),
        ({"guild_name": "x"}, []),
    ],
)
def test_who_filters(circle, filters, names):
    ada = circle.enter("Ada", level=10)
    circle.enter("Bob", race=DWARF, class_=8, level=20, zone=1519)
    circle.enter("Gor", race=ORC)
    ada.take()
    assert [row.name for row in ada.send(who(**filters)).only(SMSG_WHO).players] == names


def test_who_row_on_the_wire(circle):
    """u32 level, u32 class, u32 race, u8 gender, u32 zone.  Source: facts/wire_335.md section 4."""
    ada = circle.enter("Ada", class_=8, level=3, gender=1)
    ada.take()
    assert bytes_of(ada.send(who()).only(SMSG_WHO)) == bytes.fromhex(
        "01000000 01000000"
    ) + b"Ada\0\0" + bytes.fromhex("03000000 08000000 01000000 01 0c000000")


def test_who_has_a_pace():
    circle = Circle(who_pace=(2, 1_000))
    ada = circle.enter("Ada")
    ada.take()
    assert len(ada.send(who(), who(), who()).take()) == 2


def test_whois_is_for_game_masters(circle, pair):
    ada, _ = pair
    ada.send(CMSG_WHOIS(character="Bob")).only(SMSG_MESSAGECHAT)
    gm = circle.enter("Gm", gmlevel=3)
    gm.take()
    assert "1002" in gm.send(CMSG_WHOIS(character="bob")).only(SMSG_WHOIS).message
    assert "Nn" in gm.send(CMSG_WHOIS(character="Nn")).only(SMSG_WHOIS).message


# Names.


def test_name_of_one_who_is_here(pair):
    ada, bob = pair
    answer = ada.send(CMSG_NAME_QUERY(guid=bob.guid)).only(SMSG_NAME_QUERY_RESPONSE)
    assert (answer.guid, answer.early_terminate, answer.character_name, answer.race) == (
        bob.guid,
        0,
        "Bob",
        DWARF,
    )


def test_name_of_one_who_is_stored(pair):
    ada, _ = pair
    ada.send(CMSG_NAME_QUERY(guid=500))
    assert ada.answer(500, "Cyd", ORC).guid == 500
    answer = ada.only(SMSG_NAME_QUERY_RESPONSE)
    assert (answer.guid, answer.character_name, answer.race, answer.class_type) == (500, "Cyd", ORC, 1)


def test_name_of_nobody(pair):
    ada, _ = pair
    ada.send(CMSG_NAME_QUERY(guid=500))
    ada.answer()
    answer = ada.only(SMSG_NAME_QUERY_RESPONSE)
    assert (answer.guid, answer.early_terminate) == (500, 1)
    assert bytes_of(answer) == b"\x03\xf4\x01\x01"


@pytest.mark.parametrize("guid", [0, 0xF130000001000001, 1 << 32])
def test_name_of_what_is_no_player(pair, guid):
    ada, _ = pair
    assert ada.send(CMSG_NAME_QUERY(guid=guid)).only(SMSG_NAME_QUERY_RESPONSE).early_terminate == 1
    assert not ada.circle.of(Load)


def test_looking_up_has_a_pace():
    circle = Circle(look_up_pace=(5, 1_000))
    ada = circle.enter("Ada")
    ada.send(*[CMSG_NAME_QUERY(guid=1000 + n) for n in range(20)])
    assert len(circle.of(Load)) == 5


# Coming and going.


def test_leaving_twice_and_unknown_sessions(circle, pair):
    ada, bob = pair
    bob.leave()
    circle.step(Input(bob.session, NMSG_MEMBER_LEFT()), Input(999, who()), Input(bob.session, who()))
    assert circle.counted("input_without_member") == 2
    ada.whisper("Bob", "?").only(SMSG_CHAT_PLAYER_NOT_FOUND)


def test_another_character_on_the_same_session(circle, pair):
    _, bob = pair
    circle.enter("Cyd", session=bob.session)
    assert [m.name for m in circle.society.members.values()] == ["Ada", "Cyd"]
    assert "bob" not in circle.society.by_name


def test_a_new_client_takes_the_member_over(circle, pair):
    ada, bob = pair
    again = circle.enter("Bob", guid=bob.guid, session=900)
    again.take()
    ada.whisper("Bob", "Still there?")
    assert again.only(SMSG_MESSAGECHAT) and not bob.take()
    circle.step(Input(bob.session, NMSG_MEMBER_LEFT()))
    assert again.guid in circle.society.by_guid


def test_a_new_name(circle, pair):
    ada, bob = pair
    bob.name = "Rob"
    bob.appear()
    ada.whisper("Bob", "?").only(SMSG_CHAT_PLAYER_NOT_FOUND)
    ada.whisper("Rob", "!")
    assert bob.only(SMSG_MESSAGECHAT)


def test_input_that_nobody_takes(pair):
    ada, _ = pair
    ada.send(NMSG_SOCIETY(now_ms=0))
    assert ada.circle.counted("input_unhandled") == 1


# Snapshots.


def test_snapshot_is_the_whole(circle):
    ada = circle.enter(
        "Ada",
        social=[
            SocialState(friend=2, flags=1, note="kin", name="Bob"),
            SocialState(friend=2, flags=2, note="", name="Bob"),
        ],
    )
    bob = circle.enter("Bob")
    for client in ada, bob:
        client.join("one", "secret")
        client.join("two")
        client.join("General - Here", channel_id=1)
    bob.send(CMSG_MESSAGECHAT(chat_type=CHAT_MSG_AFK, language=0, message="zzz"))
    circle.restart()
    assert circle.society.named("ada").contacts[2].flags == 3
    assert circle.society.fans == {2: {1: 3}}
    with pytest.raises(ValueError, match="only a new"):
        circle.society.restore(circle.society.snapshot())


def test_snapshot_goes_on_as_the_first_would(circle):
    """What follows a restored snapshot is what follows the original, effect for effect."""
    ada, bob = circle.enter("Ada"), circle.enter("Bob")
    for client in ada, bob:
        client.join("one")
        client.join("two")
    copy = circle.again()
    inputs = [Input(ada.session, who()), Input(ada.session, NMSG_MEMBER_LEFT()), Input(bob.session, who())]
    assert copy.step(inputs) == circle.society.step(inputs)
    assert copy.snapshot() == circle.society.snapshot()
