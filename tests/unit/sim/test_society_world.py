"""The society within a World: what zones tell it, and what comes back to clients in the same step."""

import pytest

from opcodes.channels import CMSG_JOIN_CHANNEL
from opcodes.chat import (
    CHAT_MSG_AFK,
    CHAT_MSG_CHANNEL,
    CHAT_MSG_WHISPER,
    SMSG_CHAT_PLAYER_NOT_FOUND,
    SMSG_MESSAGECHAT,
)
from opcodes.query import CMSG_NAME_QUERY, SMSG_NAME_QUERY_RESPONSE
from opcodes.session import SMSG_LOGIN_VERIFY_WORLD
from opcodes.social import (
    CMSG_ADD_FRIEND,
    CMSG_WHO,
    FRIEND_OFFLINE,
    FRIEND_ONLINE,
    SMSG_CONTACT_LIST,
    SMSG_FRIEND_STATUS,
    SMSG_WHO,
)
from tests.integration.realm import Realm


@pytest.fixture
def realm():
    return Realm()


@pytest.fixture
def pair(realm):
    ada, bob = realm.enter("Ada"), realm.enter("Bob")
    return ada, bob


def join(client, name):
    client.send(
        CMSG_JOIN_CHANNEL(channel_id=0, unknown1=0, unknown2=0, channel_name=name, channel_password="")
    )


def test_whispers_and_channels_pass_the_zone(realm, pair):
    ada, bob = pair
    join(ada, "herbs"), join(bob, "herbs")
    realm.ticks(1)
    ada.say("Psst.", CHAT_MSG_WHISPER, target_player="bob")
    ada.say("Sage?", CHAT_MSG_CHANNEL, channel="herbs")
    realm.ticks(2)
    assert bob.got(SMSG_MESSAGECHAT, message="Psst.").sender == ada.guid
    assert bob.got(SMSG_MESSAGECHAT, message="Sage?").channel_name == "herbs"


def test_the_muted_do_not_whisper(realm, pair):
    _, bob = pair
    cyd = realm.enter("Cyd", muted_until=1 << 40)
    cyd.say("Psst.", CHAT_MSG_WHISPER, target_player="Bob")
    realm.ticks(2)
    assert bob.silent(SMSG_MESSAGECHAT)


def test_away_is_known_to_both(realm, pair):
    ada, bob = pair
    bob.say("Asleep", CHAT_MSG_AFK)
    realm.ticks(2)
    ada.say("Bob?", CHAT_MSG_WHISPER, target_player="Bob")
    realm.ticks(2)
    assert ada.got(SMSG_MESSAGECHAT, chat_type=CHAT_MSG_AFK).message == "Asleep"
    bob.say("", CHAT_MSG_AFK)
    realm.ticks(2)
    ada.forget().say("Bob?", CHAT_MSG_WHISPER, target_player="Bob")
    realm.ticks(2)
    assert ada.silent(SMSG_MESSAGECHAT, chat_type=CHAT_MSG_AFK)


def test_friends_see_logins_and_the_list_is_in_the_burst(realm, pair):
    ada, bob = pair
    order = [type(packet) for packet in ada.heard]
    assert order.index(SMSG_LOGIN_VERIFY_WORLD) < order.index(SMSG_CONTACT_LIST)
    assert order.count(SMSG_CONTACT_LIST) == 1
    ada.send(CMSG_ADD_FRIEND(name="Bob", note="kin"))
    realm.ticks(1)
    again = realm.take_over(ada)
    assert again.got(SMSG_CONTACT_LIST).relations[0].note == "kin"
    bob.disconnect()
    realm.seconds(70)
    assert again.got(SMSG_FRIEND_STATUS, result=FRIEND_OFFLINE).guid == bob.guid
    assert again.silent(SMSG_FRIEND_STATUS, result=FRIEND_ONLINE)
    again.say("Bob?", CHAT_MSG_WHISPER, target_player="Bob")
    realm.ticks(2)
    assert again.got(SMSG_CHAT_PLAYER_NOT_FOUND).name == "Bob"


def test_names_of_the_stored_come_from_the_database(realm, pair):
    ada, _ = pair
    realm.stored["Zoe"] = {
        "guid": 500,
        "name": "Zoe",
        "race": 1,
        "class_": 1,
        "gender": 0,
        "level": 3,
        "account": 9,
    }
    ada.send(CMSG_NAME_QUERY(guid=500), CMSG_NAME_QUERY(guid=501))
    realm.ticks(3)
    assert ada.got(SMSG_NAME_QUERY_RESPONSE, guid=500).character_name == "Zoe"
    assert ada.got(SMSG_NAME_QUERY_RESPONSE, guid=501).early_terminate == 1


def test_who(realm, pair):
    ada, _ = pair
    ada.send(
        CMSG_WHO(
            minimum_level=0,
            maximum_level=100,
            player_name="",
            guild_name="",
            race_mask=0xFFFFFFFF,
            class_mask=0xFFFFFFFF,
            zones=[],
            search_strings=[],
        )
    )
    realm.ticks(2)
    assert [row.name for row in ada.got(SMSG_WHO).players] == ["Ada", "Bob"]
