"""Talking to those around, emotes, and the commands that are typed like talk."""

import pytest

from bluemarble.rows.characters import CharacterActionRow
from bluemarble.sim.effects import Save
from opcodes.channels import CMSG_JOIN_CHANNEL
from opcodes.chat import (
    CHAT_MSG_AFK,
    CHAT_MSG_CHANNEL,
    CHAT_MSG_DND,
    CHAT_MSG_EMOTE,
    CHAT_MSG_GUILD,
    CHAT_MSG_PARTY,
    CHAT_MSG_SAY,
    CHAT_MSG_SYSTEM,
    CHAT_MSG_WHISPER,
    CHAT_MSG_YELL,
    CMSG_EMOTE,
    CMSG_TEXT_EMOTE,
    LANG_ADDON,
    LANG_COMMON,
    LANG_ORCISH,
    LANG_UNIVERSAL,
    SMSG_CHAT_RESTRICTED,
    SMSG_EMOTE,
    SMSG_MESSAGECHAT,
    SMSG_TEXT_EMOTE,
)
from opcodes.objects import SMSG_UPDATE_OBJECT
from opcodes.orders import SMSG_TRANSFER_PENDING
from opcodes.play import (
    CMSG_ATTACKSWING,
    CMSG_GROUP_DISBAND,
    CMSG_PLAYED_TIME,
    CMSG_REPOP_REQUEST,
    CMSG_SET_ACTION_BUTTON,
    CMSG_SET_SELECTION,
    CMSG_STANDSTATECHANGE,
    CMSG_ZONEUPDATE,
    SMSG_ATTACKSTOP,
    SMSG_PLAYED_TIME,
)
from opcodes.query import (
    CMSG_CREATURE_QUERY,
    CMSG_GAMEOBJECT_QUERY,
    CMSG_ITEM_QUERY_SINGLE,
    CMSG_QUERY_TIME,
    NOT_FOUND,
    SMSG_CREATURE_QUERY_RESPONSE,
    SMSG_GAMEOBJECT_QUERY_RESPONSE,
    SMSG_ITEM_QUERY_SINGLE_RESPONSE,
    SMSG_QUERY_TIME_RESPONSE,
)
from tests.integration.realm import BOARD, GUARD, NOON, WOLF, Realm


@pytest.fixture
def realm():
    return Realm()


def lines(client, kind):
    return [packet.message for packet in client.all(SMSG_MESSAGECHAT) if packet.chat_type == kind]


def listeners(realm, ada, line, kind):
    others = {x: realm.enter(f"At{x}", x=float(x)) for x in (39, 41, 99, 299, 301)}
    ada.say(line, kind)
    realm.ticks()
    return {x for x, one in others.items() if lines(one, kind) == [line]}


@pytest.mark.parametrize(
    ("kind", "heard_at"), [(CHAT_MSG_SAY, {39}), (CHAT_MSG_EMOTE, {39}), (CHAT_MSG_YELL, {39, 41, 99, 299})]
)
def test_ranges(realm, kind, heard_at):
    ada = realm.enter("Ada")
    assert listeners(realm, ada, "hello", kind) == heard_at
    assert lines(ada, kind) == ["hello"]  # and oneself


def test_height_counts(realm):
    ada, high = realm.enter("Ada"), realm.enter("High", z=100.0)
    ada.say("hello")
    realm.ticks()
    assert lines(high, CHAT_MSG_SAY) == []


def test_what_others_are_sent(realm):
    ada, bob = realm.enter("Ada"), realm.enter("Bob")
    ada.say("hello", language=LANG_COMMON)
    realm.ticks()
    assert bob.got(SMSG_MESSAGECHAT) == SMSG_MESSAGECHAT(
        chat_type=CHAT_MSG_SAY, language=LANG_COMMON, sender=ada.guid, target=0, message="hello", tag=0
    )


@pytest.mark.parametrize(
    "line", ["", "   ", "a\nb", "a\x07b", "|cffffffff|Hevil", "|TInterface\\x:50|t", "x" * 256]
)
def test_refused_lines(realm, line):
    ada, bob = realm.enter("Ada"), realm.enter("Bob")
    ada.say(line)
    realm.ticks()
    assert bob.silent(SMSG_MESSAGECHAT)
    assert realm.counted("chat_refused") == 1


def test_a_good_link_passes(realm):
    ada, bob = realm.enter("Ada"), realm.enter("Bob")
    link = "look: |cffffffff|Hitem:25:0:0:0:0:0:0:0:1|h[Worn Blade]|h|r"
    ada.say(link)
    realm.ticks()
    assert lines(bob, CHAT_MSG_SAY) == [link]


def test_tongues(realm):
    """Nobody speaks what it has not learnt; a client that names no language speaks its side's."""
    ada, grok = realm.enter("Ada"), realm.enter("Grok", race=2)
    ada.say("one", language=LANG_ORCISH).say("two", language=LANG_UNIVERSAL).say("three", language=LANG_ADDON)
    grok.say("four", language=LANG_ORCISH)
    realm.ticks()
    heard = [(packet.message, packet.language) for packet in ada.all(SMSG_MESSAGECHAT)]
    assert heard == [("one", LANG_COMMON), ("two", LANG_COMMON), ("four", LANG_ORCISH)]


def test_muted(realm):
    ada, bob = realm.enter("Ada", muted_until=NOON + 60), realm.enter("Bob")
    ada.say("hello").say("psst", CHAT_MSG_WHISPER, target_player="Bob")
    realm.ticks()
    assert bob.silent(SMSG_MESSAGECHAT)
    assert ada.got(SMSG_CHAT_RESTRICTED).restriction == 2
    realm.seconds(61)
    ada.say("hello")
    realm.ticks()
    assert lines(bob, CHAT_MSG_SAY) == ["hello"]


def test_nobody_shouts_without_end(realm):
    ada, bob = realm.enter("Ada"), realm.enter("Bob")
    for n in range(30):
        ada.say(str(n), CHAT_MSG_YELL).send(CMSG_EMOTE(emote=3))
    realm.ticks()
    assert len(lines(bob, CHAT_MSG_YELL)) + len(bob.all(SMSG_EMOTE)) == 10
    assert realm.counted("chat_over_pace") == 50
    realm.seconds(2)
    bob.forget()
    ada.say("and again", CHAT_MSG_YELL)
    realm.ticks()
    assert lines(bob, CHAT_MSG_YELL) == ["and again"]


def test_whisper_goes_to_the_society(realm):
    ada, bob = realm.enter("Ada"), realm.enter("Bob", x=5000.0)
    ada.say("psst", CHAT_MSG_WHISPER, target_player="Bob")
    realm.ticks()
    assert lines(bob, CHAT_MSG_WHISPER) == ["psst"]


def test_away(realm):
    ada, bob = realm.enter("Ada"), realm.enter("Bob")

    def flags():
        realm.ticks()
        return bob.objects[ada.guid].get(150, 0)

    assert ada.say("tea", CHAT_MSG_AFK) and flags() == 2
    assert ada.say("more tea", CHAT_MSG_AFK) and flags() == 2
    assert ada.say("busy", CHAT_MSG_DND) and flags() == 4
    assert ada.say("", CHAT_MSG_DND) and flags() == 0


def test_emotes(realm):
    ada, bob, far = realm.enter("Ada"), realm.enter("Bob"), realm.enter("Far", x=60.0)
    wolf = 0xF130 << 48 | WOLF << 24 | 1
    ada.send(CMSG_TEXT_EMOTE(text_emote=101, emote=0, target=wolf))
    realm.ticks()
    assert bob.got(SMSG_TEXT_EMOTE) == SMSG_TEXT_EMOTE(
        guid=ada.guid, text_emote=101, emote=0, name="Grey Wolf"
    )
    assert far.silent(SMSG_TEXT_EMOTE)
    assert far.got(SMSG_EMOTE).emote == 3  # seen, though not heard
    ada.send(CMSG_TEXT_EMOTE(text_emote=34, emote=0, target=0))
    realm.ticks()
    assert bob.objects[ada.guid][83] == 10  # UNIT_NPC_EMOTESTATE: dances
    ada.walk(1.0, 0.0)
    realm.ticks()
    assert bob.objects[ada.guid][83] == 0
    ada.send(CMSG_EMOTE(emote=0xFFFF_FFFF), CMSG_TEXT_EMOTE(text_emote=0xFFFF, emote=0, target=0))
    realm.ticks()
    assert realm.counted("emote_refused") == 2


def test_save_is_answered_when_it_is_saved():
    realm = Realm(saves=False)
    ada = realm.enter("Ada")
    ada.say(".save")
    realm.seconds(5)
    (save,) = [effect for effect in realm.of(Save) if effect.session]
    assert save.session == ada.session
    assert lines(ada, CHAT_MSG_SYSTEM) == []
    realm.saves = True
    realm._perform(save)
    realm.ticks()
    assert len(lines(ada, CHAT_MSG_SYSTEM)) == 1


@pytest.mark.parametrize("kind", [CHAT_MSG_SAY, CHAT_MSG_GUILD])
def test_commands(realm, kind):
    ada, bob = realm.enter("Ada", gmlevel=1), realm.enter("Bob")
    ada.say(".gps", kind)
    realm.ticks()
    (answer,) = lines(ada, CHAT_MSG_SYSTEM)
    assert "X: 0.0000" in answer
    assert "Map: 0" in answer
    assert bob.silent(SMSG_MESSAGECHAT)


@pytest.mark.parametrize("line", [".nonsense", ".gps", ".tele northgate", ".t"])
def test_commands_one_may_not(realm, line):
    ada = realm.enter("Ada", gmlevel=0)
    ada.say(line)
    realm.ticks()
    assert lines(ada, CHAT_MSG_SYSTEM) == ["There is no such command."]


@pytest.mark.parametrize("line", ["...", ".", "!!", ". x", ".1"])
def test_dots_that_are_no_commands(realm, line):
    ada = realm.enter("Ada", gmlevel=3)
    ada.say(line)
    realm.ticks()
    assert lines(ada, CHAT_MSG_SAY) == [line]


def test_tele_by_the_beginning_of_a_name(realm):
    ada = realm.enter("Ada", gmlevel=1)
    ada.say(".tele nowhere").say(".tele far")
    realm.ticks()
    assert lines(ada, CHAT_MSG_SYSTEM) == ["There is no such place.", "To Farshore."]
    assert ada.got(SMSG_TRANSFER_PENDING).map == 1


def test_party_chat_without_a_party(realm):
    ada = realm.enter("Ada")
    ada.say("hello", CHAT_MSG_PARTY)
    realm.ticks()
    assert realm.counted("chat_refused") == 1


def test_harmless(realm):
    """What some clients send out of habit does nothing, and is answered where an answer is due."""
    ada = realm.enter("Ada")
    ada.forget().send(
        CMSG_GROUP_DISBAND(), CMSG_SET_SELECTION(target=0), CMSG_REPOP_REQUEST(), CMSG_ATTACKSWING(guid=9)
    )
    realm.ticks()
    assert ada.heard == [SMSG_ATTACKSTOP(player=ada.guid, enemy=9)]


def test_action_buttons_are_kept(realm):
    ada = realm.enter("Ada")
    ada.send(CMSG_SET_ACTION_BUTTON(button=3, action=6603, misc=1, action_type=0))
    realm.ticks()
    write = realm.of(Save)[-1].writes[0]
    assert (write.table, write.key) == (CharacterActionRow, {"guid": ada.guid, "spec": 0, "button": 3})
    assert write.values == {"action": 0x1_0000 | 6603, "type": 0}
    ada.send(
        CMSG_SET_ACTION_BUTTON(button=3, action=0, misc=0, action_type=0),
        CMSG_SET_ACTION_BUTTON(button=144, action=1, misc=0, action_type=0),
    )
    realm.ticks()
    assert realm.of(Save)[-1].writes[0].values is None
    assert ada.player.character.actions == []
    assert realm.counted("button_refused") == 1


def test_played_time_and_area(realm):
    ada = realm.enter("Ada")
    realm.seconds(90)
    ada.send(CMSG_PLAYED_TIME(show_on_ui=1), CMSG_ZONEUPDATE(area=40))
    realm.ticks()
    played = ada.got(SMSG_PLAYED_TIME)
    assert 89 <= played.total_played_time <= 91
    ada.say(".save")
    realm.ticks()
    assert realm.of(Save)[-1].writes[0].values["zone"] == 40
    assert realm.world.society.members[ada.session].zone == 40


def test_sitting(realm):
    ada, bob = realm.enter("Ada"), realm.enter("Bob")
    bob.forget()
    ada.send(CMSG_STANDSTATECHANGE(animation_state=3), CMSG_STANDSTATECHANGE(animation_state=7))
    realm.ticks()
    assert bob.got(SMSG_UPDATE_OBJECT).blocks[0].values == {74: 3}
    assert realm.counted("stand_refused") == 1


def test_queries(realm):
    ada = realm.enter("Ada")
    ada.send(CMSG_CREATURE_QUERY(creature=GUARD, guid=0), CMSG_CREATURE_QUERY(creature=7, guid=0))
    ada.send(CMSG_GAMEOBJECT_QUERY(entry_id=BOARD, guid=0), CMSG_GAMEOBJECT_QUERY(entry_id=7, guid=0))
    ada.send(CMSG_ITEM_QUERY_SINGLE(item=25), CMSG_ITEM_QUERY_SINGLE(item=7), CMSG_QUERY_TIME())
    realm.ticks()
    guard, nobody = ada.all(SMSG_CREATURE_QUERY_RESPONSE)
    assert (guard.found.name1, guard.found.sub_name) == ("Gate Guard", "Watch")
    assert guard.found.display_ids == [3167, 0, 0, 0]
    assert (nobody.creature_entry, nobody.found) == (7 | NOT_FOUND, None)
    board, nothing = ada.all(SMSG_GAMEOBJECT_QUERY_RESPONSE)
    assert (board.found.name1, board.found.gameobject_size, nothing.found) == ("Notice Board", 1.5, None)
    blade, no_item = ada.all(SMSG_ITEM_QUERY_SINGLE_RESPONSE)
    assert (blade.found.name1, blade.found.inventory_type, no_item.found) == ("Worn Blade", 21, None)
    assert ada.got(SMSG_QUERY_TIME_RESPONSE).time == NOON


def test_join_and_talk_in_one_tick(realm):
    """What a client sends in one tick is taken in its order, whether a zone or the society takes it."""
    ada, bob = realm.enter("Ada"), realm.enter("Bob")
    join = CMSG_JOIN_CHANNEL(channel_id=0, unknown1=0, unknown2=0, channel_name="herbs", channel_password="")
    bob.send(join)
    realm.ticks()
    ada.send(join)
    ada.say("Any sage?", CHAT_MSG_CHANNEL, channel="herbs")
    realm.ticks()
    assert bob.got(SMSG_MESSAGECHAT, message="Any sage?").channel_name == "herbs"
