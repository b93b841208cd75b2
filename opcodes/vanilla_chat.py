"""
Chat, channels and lists of people as client 1.12.1 (build 5875) writes them.

Kinds of chat have other numbers, friends and ignored are two lists without notes, and there is no message of
the day.

Source: checked against wow_world_messages.vanilla; SMSG_CHANNEL_NOTIFY and SMSG_FRIEND_STATUS, of which that
has the beginnings only, and SMSG_WHO, of which it has an older form, as in mangos-classic.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import construct as c

from opcodes import channels, chat, session, social
from opcodes.vocab import (
    Mapped,
    Packet,
    Record,
    SizedText,
    count_of,
    listed,
    one_of,
    this,
    u8,
    u32,
    u64,
    when,
)

__all__ = ["INSTEAD", "LAYOUTS", "NAMES", "SMSG_FRIEND_LIST", "SMSG_IGNORE_LIST"]

# Kind of chat, ours to 1.12.1's; where two of ours are one of theirs, the first is what theirs means.
KINDS = {
    chat.CHAT_MSG_SYSTEM: 10,
    chat.CHAT_MSG_SAY: 0,
    chat.CHAT_MSG_PARTY: 1,
    chat.CHAT_MSG_RAID: 2,
    chat.CHAT_MSG_GUILD: 3,
    chat.CHAT_MSG_OFFICER: 4,
    chat.CHAT_MSG_YELL: 5,
    chat.CHAT_MSG_WHISPER: 6,
    chat.CHAT_MSG_WHISPER_INFORM: 7,
    chat.CHAT_MSG_EMOTE: 8,
    chat.CHAT_MSG_TEXT_EMOTE: 9,
    chat.CHAT_MSG_MONSTER_SAY: 11,
    chat.CHAT_MSG_MONSTER_YELL: 12,
    chat.CHAT_MSG_MONSTER_EMOTE: 13,
    chat.CHAT_MSG_CHANNEL: 14,
    chat.CHAT_MSG_AFK: 20,
    chat.CHAT_MSG_DND: 21,
    chat.CHAT_MSG_IGNORED: 22,
    chat.CHAT_MSG_MONSTER_WHISPER: 26,
    chat.CHAT_MSG_BG_SYSTEM_NEUTRAL: 82,
    chat.CHAT_MSG_BG_SYSTEM_ALLIANCE: 83,
    chat.CHAT_MSG_BG_SYSTEM_HORDE: 84,
    chat.CHAT_MSG_RAID_LEADER: 87,
    chat.CHAT_MSG_RAID_WARNING: 88,
    chat.CHAT_MSG_RAID_BOSS_WHISPER: 89,
    chat.CHAT_MSG_RAID_BOSS_EMOTE: 90,
    chat.CHAT_MSG_MONSTER_PARTY: 11,
    chat.CHAT_MSG_WHISPER_FOREIGN: 6,
    chat.CHAT_MSG_PARTY_LEADER: 1,
}
OURS = {theirs: ours for ours, theirs in reversed(KINDS.items())}
UNKNOWN_KIND = 0xFF  # of no build; nobody handles it
SYSTEM = KINDS[chat.CHAT_MSG_SYSTEM]
SAID_NEARBY = tuple(KINDS[kind] for kind in (chat.CHAT_MSG_SAY, chat.CHAT_MSG_PARTY, chat.CHAT_MSG_YELL))
SPOKEN_BY_CREATURES = tuple(KINDS[kind] for kind in (chat.CHAT_MSG_MONSTER_SAY, chat.CHAT_MSG_MONSTER_YELL))
SHOWN_OF_CREATURES = tuple(
    KINDS[kind]
    for kind in (chat.CHAT_MSG_MONSTER_WHISPER, chat.CHAT_MSG_RAID_BOSS_EMOTE, chat.CHAT_MSG_MONSTER_EMOTE)
)
IN_CHANNEL = KINDS[chat.CHAT_MSG_CHANNEL]
OF_PLAYERS = tuple(
    sorted({*KINDS.values()} - {*SAID_NEARBY, *SPOKEN_BY_CREATURES, *SHOWN_OF_CREATURES, IN_CHANNEL})
)
TAG_GM = 3  # a number among others; with us a bit


def _kind_in(theirs: int) -> int:
    return OURS.get(theirs, UNKNOWN_KIND)


def _kind_out(ours: int) -> int:
    return KINDS.get(ours, SYSTEM)


class Speaks(Record, of=chat.CMSG_MESSAGECHAT):
    """The player speaks."""

    chat_type: Annotated[int, Mapped(c.Int32ul, _kind_in, _kind_out)]
    language: u32
    target_player: chat.Name | None = when(this.chat_type == chat.CHAT_MSG_WHISPER)
    channel: chat.ChannelName | None = when(this.chat_type == chat.CHAT_MSG_CHANNEL)
    message: chat.Line


class Says(Record):
    """SMSG_MESSAGECHAT: someone speaks, and the kind says in which order we hear who and what."""

    chat_type: u8
    language: u32
    sender_name: Annotated[str, SizedText(255)] | None = when(one_of(this.chat_type, *SHOWN_OF_CREATURES))
    target: u64 | None = when(one_of(this.chat_type, *SHOWN_OF_CREATURES))
    bubble: u64 | None = when(one_of(this.chat_type, *SAID_NEARBY))
    creature: u64 | None = when(one_of(this.chat_type, *SPOKEN_BY_CREATURES))
    creature_name: Annotated[str, SizedText(255)] | None = when(one_of(this.chat_type, *SPOKEN_BY_CREATURES))
    listener: u64 | None = when(one_of(this.chat_type, *SPOKEN_BY_CREATURES))
    channel_name: chat.ChannelName | None = when(this.chat_type == IN_CHANNEL)
    player_rank: u32 | None = when(this.chat_type == IN_CHANNEL)
    sender: u64 | None = when(one_of(this.chat_type, *SAID_NEARBY, IN_CHANNEL, *OF_PLAYERS))
    message: Annotated[str, SizedText(2048)]
    tag: u8

    @staticmethod
    def outward(packet: chat.SMSG_MESSAGECHAT) -> "Says":
        """In 1.12.1's order."""
        name = packet.sender_name or ""
        return Says(
            chat_type=_kind_out(packet.chat_type),
            language=packet.language,
            sender_name=name,
            target=packet.target,
            bubble=packet.sender,
            creature=packet.sender,
            creature_name=name,
            listener=packet.target,
            channel_name=packet.channel_name,
            player_rank=0,
            sender=packet.sender,
            message=packet.message,
            tag=TAG_GM if packet.tag & chat.CHAT_TAG_GM else packet.tag & TAG_GM,
        )

    @staticmethod
    def inward(read: "Says") -> chat.SMSG_MESSAGECHAT:
        """In ours."""
        return chat.SMSG_MESSAGECHAT(
            chat_type=_kind_in(read.chat_type),
            language=read.language,
            sender=read.sender or read.creature or 0,
            sender_name=read.creature_name if read.creature_name is not None else read.sender_name,
            channel_name=read.channel_name,
            target=read.target or read.listener or 0,
            message=read.message,
            tag=chat.CHAT_TAG_GM if read.tag == TAG_GM else read.tag,
        )


class ChatIgnored(Record, of=chat.CMSG_CHAT_IGNORED):
    """The player's client has ignored a whisper of that one."""

    guid: u64


class ChatRestricted(Record, of=chat.SMSG_CHAT_RESTRICTED):
    """You may not speak."""


class JoinChannel(Record, of=channels.CMSG_JOIN_CHANNEL):
    """Join that channel, or make it."""

    channel_name: chat.ChannelName
    channel_password: channels.Password


class LeaveChannel(Record, of=channels.CMSG_LEAVE_CHANNEL):
    """Leave that channel."""

    channel_name: chat.ChannelName


class ChannelNotify(Record, of=channels.SMSG_CHANNEL_NOTIFY):
    """Something happened in a channel."""

    notify_type: u8
    channel_name: chat.ChannelName
    flags: u8 | None = when(this.notify_type == channels.CHAT_YOU_JOINED_NOTICE)
    channel_id: u32 | None = when(this.notify_type == channels.CHAT_YOU_JOINED_NOTICE)
    unknown: u32 | None = when(this.notify_type == channels.CHAT_YOU_JOINED_NOTICE)
    guid: u64 | None = when(one_of(this.notify_type, *channels.CHANNEL_GUID_NOTICES))
    by: u64 | None = when(one_of(this.notify_type, *channels.CHANNEL_BY_NOTICES))
    old_flags: u8 | None = when(this.notify_type == channels.CHAT_MODE_CHANGE_NOTICE)
    new_flags: u8 | None = when(this.notify_type == channels.CHAT_MODE_CHANGE_NOTICE)
    player_name: chat.Name | None = when(one_of(this.notify_type, *channels.CHANNEL_NAME_NOTICES))


class ChannelList(Record, of=channels.SMSG_CHANNEL_LIST):
    """Who is in a channel."""

    channel_name: chat.ChannelName
    channel_flags: u8
    members: list[channels.ChannelMember] = listed(count=u32, limit=3000)


class WhoPlayer5875(Record, of=social.WhoPlayer):
    """One who is there."""

    name: social.Name
    guild: social.Name
    level: u32
    class_type: u32
    race: u32
    area: u32


class Who(Record, of=social.SMSG_WHO):
    """These are there."""

    listed_players: u32 = count_of("players")
    online_players: u32
    players: list[WhoPlayer5875] = listed(count=this.listed_players, limit=50)


class AskForFriends(Record, of=social.CMSG_CONTACT_LIST):
    """CMSG_FRIEND_LIST: asks for friends and ignored, which 1.12.1 is sent together too."""


class AddFriend(Record, of=social.CMSG_ADD_FRIEND):
    """Befriend, without a note."""

    name: social.Name


class Friend(Record):
    """One whom the player befriended."""

    guid: u64
    status: u8
    area: u32 | None = when(this.status != social.STATUS_OFFLINE)
    level: u32 | None = when(this.status != social.STATUS_OFFLINE)
    class_type: u32 | None = when(this.status != social.STATUS_OFFLINE)


class SMSG_FRIEND_LIST(Packet):
    """1.12.1's half of SMSG_CONTACT_LIST."""

    friends: list[Friend] = listed(count=u8, limit=255)


class SMSG_IGNORE_LIST(Packet):
    """1.12.1's other half of SMSG_CONTACT_LIST."""

    ignored: list[u64] = listed(count=u8, limit=255)


class FriendStatus(Record, of=social.SMSG_FRIEND_STATUS):
    """A friend came or went, or what came of a change to the lists."""

    result: u8
    guid: u64
    status: u8 | None = when(one_of(this.result, social.FRIEND_ONLINE, social.FRIEND_ADDED_ONLINE))
    area: u32 | None = when(one_of(this.result, social.FRIEND_ONLINE, social.FRIEND_ADDED_ONLINE))
    level: u32 | None = when(one_of(this.result, social.FRIEND_ONLINE, social.FRIEND_ADDED_ONLINE))
    class_type: u32 | None = when(one_of(this.result, social.FRIEND_ONLINE, social.FRIEND_ADDED_ONLINE))


def _lists(packet: social.SMSG_CONTACT_LIST) -> list[Packet]:
    """Those that the mask asks for, as two lists."""
    out: list[Packet] = []
    if packet.list_mask & social.SOCIAL_FRIEND:
        out.append(
            SMSG_FRIEND_LIST(
                friends=[
                    Friend(
                        guid=who.guid,
                        status=who.status or 0,
                        area=who.area,
                        level=who.level,
                        class_type=who.class_type,
                    )
                    for who in packet.relations
                    if who.relation_mask & social.SOCIAL_FRIEND
                ]
            )
        )
    if packet.list_mask & social.SOCIAL_IGNORED:
        out.append(
            SMSG_IGNORE_LIST(
                ignored=[who.guid for who in packet.relations if who.relation_mask & social.SOCIAL_IGNORED]
            )
        )
    return out


def _motd(packet: session.SMSG_MOTD) -> list[Packet]:
    """Lines of the chat window."""
    return [
        chat.SMSG_MESSAGECHAT(
            chat_type=chat.CHAT_MSG_SYSTEM, language=chat.LANG_UNIVERSAL, sender=0, target=0, message=line
        )
        for line in packet.motds
    ]


NAMES: dict[str, type[Packet]] = {"CMSG_FRIEND_LIST": social.CMSG_CONTACT_LIST}
INSTEAD: dict[type[Packet], Callable[[Any], Sequence[Packet]]] = {
    social.SMSG_CONTACT_LIST: _lists,
    session.SMSG_MOTD: _motd,
}
EITHER_WAY: tuple[Any, ...] = (
    Speaks,
    ChatIgnored,
    ChatRestricted,
    JoinChannel,
    LeaveChannel,
    ChannelNotify,
    ChannelList,
    Who,
    AskForFriends,
    AddFriend,
    FriendStatus,
)
LAYOUTS: dict[tuple[type[Record], bool], type[Record]] = {
    **{(layout.canonical, received): layout for layout in EITHER_WAY for received in (False, True)},
    (chat.SMSG_MESSAGECHAT, False): Says,
}
