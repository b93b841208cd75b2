"""Chat, channels, friends and queries, between us and wow_world_messages.vanilla."""

import pytest
from wow_world_messages import vanilla as w

from bluemarble.wire.codec import codec
from opcodes import channels, chat, play, social
from tests.conformance.on_5875 import CREATURE, PLAYER, V, encoded, one, received, sent
from tests.conformance.waivers import SERVER_WAIVED_5875


def says(kind, **kwargs):
    return chat.SMSG_MESSAGECHAT(
        **{"chat_type": kind, "language": chat.LANG_COMMON, "sender": PLAYER, "target": 0, "message": "Hello"}
        | kwargs
    )


@pytest.mark.parametrize("name", ["SAY", "YELL", "PARTY"])
def test_said_nearby(name):
    """The speaker twice: for the line and for the bubble."""
    got = one(says(getattr(chat, f"CHAT_MSG_{name}"), tag=chat.CHAT_TAG_GM))
    assert (got.chat_type.name, got.language.name, got.message, got.tag.name) == (
        name,
        "COMMON",
        "Hello",
        "GM",
    )
    assert got.speech_bubble_credit == got.chat_credit == PLAYER


@pytest.mark.parametrize(
    "name",
    [
        "WHISPER",
        "WHISPER_INFORM",
        "EMOTE",
        "SYSTEM",
        "AFK",
        "DND",
        "IGNORED",
        "GUILD",
        "OFFICER",
        "RAID",
        "RAID_LEADER",
        "RAID_WARNING",
        "BG_SYSTEM_NEUTRAL",
    ],
)
def test_said_otherwise(name):
    """The speaker once."""
    got = one(says(getattr(chat, f"CHAT_MSG_{name}"), tag=chat.CHAT_TAG_AFK))
    assert (got.chat_type.name, got.sender2, got.message, got.tag.name) == (name, PLAYER, "Hello", "AFK")


def test_said_in_a_channel():
    """Which, who, what."""
    got = one(says(chat.CHAT_MSG_CHANNEL, channel_name="Trade"))
    assert (got.chat_type.name, got.channel_name, got.player, got.message) == (
        "CHANNEL",
        "Trade",
        PLAYER,
        "Hello",
    )


def test_said_by_creatures():
    """By name, and to whom."""
    for name in ("MONSTER_SAY", "MONSTER_YELL"):
        got = one(says(getattr(chat, f"CHAT_MSG_{name}"), sender=CREATURE, sender_name="Ogre", target=PLAYER))
        assert (got.chat_type.name, got.sender1, got.sender_name, got.target, got.message) == (
            name,
            CREATURE,
            "Ogre",
            PLAYER,
            "Hello",
        )
    for name in ("MONSTER_WHISPER", "MONSTER_EMOTE", "RAID_BOSS_EMOTE"):
        got = one(says(getattr(chat, f"CHAT_MSG_{name}"), sender=CREATURE, sender_name="Ogre", target=PLAYER))
        assert (got.chat_type.name, got.monster_name, got.monster, got.message) == (
            name,
            "Ogre",
            PLAYER,
            "Hello",
        )


@pytest.mark.parametrize("kind", range(0x34))
def test_every_kind_is_one_of_theirs(kind):
    """What 1.12.1 has no number for it is told by the system."""
    got = one(says(kind, sender_name="Ogre", channel_name="Trade"))
    assert got.message == "Hello"
    again = codec(V.layout(chat.SMSG_MESSAGECHAT)).decode(
        encoded(says(kind, sender_name="O", channel_name="T"))
    )
    assert codec(V.layout(chat.SMSG_MESSAGECHAT)).encode(again) == encoded(
        says(kind, sender_name="O", channel_name="T")
    )


@pytest.mark.parametrize(
    ("name", "target", "channel"),
    [
        ("SAY", None, None),
        ("YELL", None, None),
        ("EMOTE", None, None),
        ("AFK", None, None),
        ("DND", None, None),
        ("WHISPER", "Berta", None),
        ("CHANNEL", None, "Trade"),
    ],
)
def test_a_player_speaks(name, target, channel):
    """In its own numbers."""
    got = received(
        chat.CMSG_MESSAGECHAT,
        w.CMSG_MESSAGECHAT(
            chat_type=w.ChatType[name],
            language=w.Language.COMMON,
            message="Hello",
            target_player=target,
            channel=channel,
        ),
    )
    assert got == chat.CMSG_MESSAGECHAT(
        chat_type=getattr(chat, f"CHAT_MSG_{name}"),
        language=chat.LANG_COMMON,
        target_player=target,
        channel=channel,
        message="Hello",
    )


def test_a_player_speaks_nonsense():
    """A kind that 1.12.1 does not have is none of ours."""
    got = codec(V.layout(chat.CMSG_MESSAGECHAT, received=True)).decode(b"\x19\0\0\0\7\0\0\0Hello\0")
    assert got.chat_type == 0xFF
    assert codec(chat.CMSG_MESSAGECHAT).encode(got)


def test_channels():
    """Joined and left by name; the list has no kind."""
    joined = received(
        channels.CMSG_JOIN_CHANNEL, w.CMSG_JOIN_CHANNEL(channel_name="Trade", channel_password="open")
    )
    assert (joined.channel_id, joined.channel_name, joined.channel_password) == (0, "Trade", "open")
    left = received(channels.CMSG_LEAVE_CHANNEL, w.CMSG_LEAVE_CHANNEL(channel_name="Trade"))
    assert left == channels.CMSG_LEAVE_CHANNEL(channel_id=0, channel_name="Trade")
    listed = one(
        channels.SMSG_CHANNEL_LIST(
            channel_name="Trade",
            channel_flags=1,
            members=[channels.ChannelMember(guid=PLAYER, member_flags=1)],
        )
    )
    assert (listed.channel_name, listed.members[0].guid) == ("Trade", PLAYER)
    assert (
        one(
            channels.SMSG_CHANNEL_NOTIFY(notify_type=channels.CHAT_MUTED_NOTICE, channel_name="Trade")
        ).notify_type.name
        == "MUTED_NOTICE"
    )


@pytest.mark.parametrize(
    ("packet", "body"),
    [
        (
            channels.SMSG_CHANNEL_NOTIFY(
                notify_type=channels.CHAT_YOU_JOINED_NOTICE,
                channel_name="T",
                flags=1,
                channel_id=2,
                unknown=3,
            ),
            "02540001 02000000 03000000",
        ),
        (
            channels.SMSG_CHANNEL_NOTIFY(
                notify_type=channels.CHAT_YOU_LEFT_NOTICE, channel_name="T", channel_id=2, constant=0
            ),
            "035400",
        ),
        (
            channels.SMSG_CHANNEL_NOTIFY(notify_type=channels.CHAT_JOINED_NOTICE, channel_name="T", guid=5),
            "005400 0500000000000000",
        ),
        (
            social.SMSG_FRIEND_STATUS(result=social.FRIEND_ADDED_OFFLINE, guid=5, note="x"),
            "07 0500000000000000",
        ),
        (
            social.SMSG_FRIEND_STATUS(
                result=social.FRIEND_ONLINE, guid=5, status=1, area=2, level=3, class_type=4
            ),
            "02 0500000000000000 01 02000000 03000000 04000000",
        ),
    ],
    ids=["you joined", "you left", "joined", "added offline", "online"],
)
def test_what_the_package_has_only_the_beginning_of(packet, body):
    """To the byte; see waivers.py."""
    assert encoded(packet) == bytes.fromhex(body)


def test_emotes():
    """As in 3.3.5a."""
    got = one(chat.SMSG_TEXT_EMOTE(guid=PLAYER, text_emote=34, emote=10, name="Berta"))
    assert (got.guid, got.text_emote.value, got.name) == (PLAYER, 34, "Berta")
    assert one(chat.SMSG_EMOTE(emote=10, guid=PLAYER)).guid == PLAYER
    assert received(
        chat.CMSG_TEXT_EMOTE, w.CMSG_TEXT_EMOTE(w.TextEmote(34), 10, PLAYER)
    ) == chat.CMSG_TEXT_EMOTE(text_emote=34, emote=10, target=PLAYER)


def test_friends_and_ignored():
    """Two lists for our one; asked for in one question, answered with both."""
    relations = [
        social.Relation(guid=1, relation_mask=1, note="x", status=1, area=1519, level=7, class_type=4),
        social.Relation(guid=2, relation_mask=1, note="", status=0),
        social.Relation(guid=3, relation_mask=2, note=""),
    ]
    friends, ignored = sent(social.SMSG_CONTACT_LIST(list_mask=7, relations=relations))
    assert [(friend.guid, friend.status.name) for friend in friends.friends] == [
        (1, "ONLINE"),
        (2, "OFFLINE"),
    ]
    assert (friends.friends[0].area.value, friends.friends[0].level, friends.friends[0].class_type.value) == (
        1519,
        7,
        4,
    )
    assert ignored.ignored == [3]
    assert len(sent(social.SMSG_CONTACT_LIST(list_mask=social.SOCIAL_FRIEND, relations=relations))) == 1
    number = V.numbers[social.CMSG_CONTACT_LIST]
    assert V.names[number] == "CMSG_FRIEND_LIST"
    assert isinstance(received(social.CMSG_CONTACT_LIST, w.CMSG_FRIEND_LIST()), social.CMSG_CONTACT_LIST)
    assert received(social.CMSG_ADD_FRIEND, w.CMSG_ADD_FRIEND(name="Berta")) == social.CMSG_ADD_FRIEND(
        name="Berta", note=""
    )


def test_who():
    """No gender; to the byte, see waivers.py."""
    packet = social.SMSG_WHO(
        online_players=9,
        players=[
            social.WhoPlayer(name="Anna", guild="Us", level=7, class_type=4, race=2, gender=1, area=1519)
        ],
    )
    assert encoded(packet) == (
        bytes.fromhex("01000000 09000000")
        + b"Anna\0Us\0"
        + bytes.fromhex("07000000 04000000 02000000 EF050000")
    )


def test_play():
    """What is shorter there."""
    asked = received(play.CMSG_PLAYED_TIME, w.CMSG_PLAYED_TIME())
    assert asked.show_on_ui == 1
    played = one(play.SMSG_PLAYED_TIME(total_played_time=9, level_played_time=5, show_on_ui=1))
    assert (played.total_played_time, played.level_played_time) == (9, 5)
    assert one(play.SMSG_GROUP_INVITE(name="Berta")).name == "Berta"
    result = one(
        play.SMSG_PARTY_COMMAND_RESULT(
            operation=play.PARTY_OP_INVITE, member="Berta", result=play.PARTY_NOT_IN_GROUP
        )
    )
    assert (result.member, result.result.name) == ("Berta", "NOT_IN_GROUP")
    assert received(chat.CMSG_CHAT_IGNORED, w.CMSG_CHAT_IGNORED(guid=5)).guid == 5
    assert sent(chat.SMSG_CHAT_RESTRICTED(restriction=1))


def test_waivers_are_of_packets():
    """None outlives its packet, and each says why."""
    for name, why in SERVER_WAIVED_5875.items():
        assert name in {cls.__name__ for cls in V.numbers}
        assert len(why) > 40
