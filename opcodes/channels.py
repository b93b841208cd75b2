"""
Channels of chat: who is in them, what members do to them, what the others hear of it.

Source: facts/wire_335.md section 4 for SMSG_CHANNEL_NOTIFY; the rest checked against wow_world_messages.
"""

from typing import Annotated

from opcodes.chat import ChannelName, Name
from opcodes.vocab import Packet, Record, Text, listed, one_of, this, u8, u32, u64, when

CHAT_JOINED_NOTICE = 0x00
CHAT_LEFT_NOTICE = 0x01
CHAT_YOU_JOINED_NOTICE = 0x02
CHAT_YOU_LEFT_NOTICE = 0x03
CHAT_WRONG_PASSWORD_NOTICE = 0x04
CHAT_NOT_MEMBER_NOTICE = 0x05
CHAT_NOT_MODERATOR_NOTICE = 0x06
CHAT_PASSWORD_CHANGED_NOTICE = 0x07
CHAT_OWNER_CHANGED_NOTICE = 0x08
CHAT_PLAYER_NOT_FOUND_NOTICE = 0x09
CHAT_NOT_OWNER_NOTICE = 0x0A
CHAT_CHANNEL_OWNER_NOTICE = 0x0B
CHAT_MODE_CHANGE_NOTICE = 0x0C
CHAT_ANNOUNCEMENTS_ON_NOTICE = 0x0D
CHAT_ANNOUNCEMENTS_OFF_NOTICE = 0x0E
CHAT_MODERATION_ON_NOTICE = 0x0F
CHAT_MODERATION_OFF_NOTICE = 0x10
CHAT_MUTED_NOTICE = 0x11
CHAT_PLAYER_KICKED_NOTICE = 0x12
CHAT_BANNED_NOTICE = 0x13
CHAT_PLAYER_BANNED_NOTICE = 0x14
CHAT_PLAYER_UNBANNED_NOTICE = 0x15
CHAT_PLAYER_NOT_BANNED_NOTICE = 0x16
CHAT_PLAYER_ALREADY_MEMBER_NOTICE = 0x17
CHAT_INVITE_NOTICE = 0x18
CHAT_INVITE_WRONG_FACTION_NOTICE = 0x19
CHAT_WRONG_FACTION_NOTICE = 0x1A
CHAT_INVALID_NAME_NOTICE = 0x1B
CHAT_NOT_MODERATED_NOTICE = 0x1C
CHAT_PLAYER_INVITED_NOTICE = 0x1D
CHAT_PLAYER_INVITE_BANNED_NOTICE = 0x1E
CHAT_THROTTLED_NOTICE = 0x1F
CHAT_NOT_IN_AREA_NOTICE = 0x20
CHAT_NOT_IN_LFG_NOTICE = 0x21

CHANNEL_FLAG_CUSTOM, CHANNEL_FLAG_TRADE, CHANNEL_FLAG_NOT_LFG, CHANNEL_FLAG_GENERAL = 0x01, 0x04, 0x08, 0x10
CHANNEL_FLAG_CITY, CHANNEL_FLAG_LFG = 0x20, 0x40
MEMBER_FLAG_OWNER, MEMBER_FLAG_MODERATOR, MEMBER_FLAG_VOICED, MEMBER_FLAG_MUTED = 0x01, 0x02, 0x04, 0x08
Password = Annotated[str, Text(128)]


class CMSG_JOIN_CHANNEL(Packet):
    """Join that channel, or make it."""

    channel_id: u32
    unknown1: u8
    unknown2: u8
    channel_name: ChannelName
    channel_password: Password


class CMSG_LEAVE_CHANNEL(Packet):
    """Leave that channel."""

    channel_id: u32
    channel_name: ChannelName


class ChannelQuestion(Packet):
    """Something about a channel."""

    channel_name: ChannelName


class CMSG_CHANNEL_LIST(ChannelQuestion):
    """Who is in it, for the chat window?"""


class CMSG_CHANNEL_OWNER(ChannelQuestion):
    """Who owns it?"""


class CMSG_CHANNEL_ANNOUNCEMENTS(ChannelQuestion):
    """Announce who joins and leaves, or no longer."""


class CMSG_CHANNEL_MODERATE(ChannelQuestion):
    """Only moderators and the voiced speak, or no longer."""


class CMSG_CHANNEL_DISPLAY_LIST(Packet):
    """Who is in it, for the channel window?"""

    channel: ChannelName


class CMSG_GET_CHANNEL_MEMBER_COUNT(Packet):
    """How many are in it?"""

    channel: ChannelName


class CMSG_SET_CHANNEL_WATCH(Packet):
    """The channel window shows it."""

    channel: ChannelName


class CMSG_CLEAR_CHANNEL_WATCH(Packet):
    """It no longer does."""

    channel: ChannelName


class CMSG_CHANNEL_PASSWORD(Packet):
    """It has this password from now on."""

    channel_name: ChannelName
    channel_password: Password


class CMSG_CHANNEL_SET_OWNER(Packet):
    """It belongs to that character from now on."""

    channel_name: ChannelName
    new_owner: Name


class ChannelOrder(Packet):
    """Something to a member of a channel."""

    channel_name: ChannelName
    player_name: Name


class CMSG_CHANNEL_MODERATOR(ChannelOrder):
    """Make it a moderator."""


class CMSG_CHANNEL_UNMODERATOR(ChannelOrder):
    """It is no longer one."""


class CMSG_CHANNEL_MUTE(ChannelOrder):
    """It may not speak."""


class CMSG_CHANNEL_UNMUTE(ChannelOrder):
    """It may."""


class CMSG_CHANNEL_INVITE(ChannelOrder):
    """Invite it."""


class CMSG_CHANNEL_KICK(ChannelOrder):
    """Throw it out."""


class CMSG_CHANNEL_BAN(ChannelOrder):
    """Throw it out and keep it out."""


class CMSG_CHANNEL_UNBAN(ChannelOrder):
    """It may come back."""


CHANNEL_GUID_NOTICES = (
    CHAT_JOINED_NOTICE,
    CHAT_LEFT_NOTICE,
    CHAT_PASSWORD_CHANGED_NOTICE,
    CHAT_OWNER_CHANGED_NOTICE,
    CHAT_MODE_CHANGE_NOTICE,
    CHAT_ANNOUNCEMENTS_ON_NOTICE,
    CHAT_ANNOUNCEMENTS_OFF_NOTICE,
    CHAT_MODERATION_ON_NOTICE,
    CHAT_MODERATION_OFF_NOTICE,
    CHAT_PLAYER_KICKED_NOTICE,
    CHAT_PLAYER_BANNED_NOTICE,
    CHAT_PLAYER_UNBANNED_NOTICE,
    CHAT_PLAYER_ALREADY_MEMBER_NOTICE,
    CHAT_INVITE_NOTICE,
)
CHANNEL_BY_NOTICES = (CHAT_PLAYER_KICKED_NOTICE, CHAT_PLAYER_BANNED_NOTICE, CHAT_PLAYER_UNBANNED_NOTICE)
CHANNEL_NAME_NOTICES = (
    CHAT_PLAYER_NOT_FOUND_NOTICE,
    CHAT_CHANNEL_OWNER_NOTICE,
    CHAT_PLAYER_NOT_BANNED_NOTICE,
    CHAT_PLAYER_INVITED_NOTICE,
    CHAT_PLAYER_INVITE_BANNED_NOTICE,
)


class SMSG_CHANNEL_NOTIFY(Packet):
    """
    Something happened in a channel.

    `guid` is whom it happened to (or who did it), `by` who did it to them.
    Source: facts/wire_335.md section 4.
    """

    notify_type: u8
    channel_name: ChannelName
    flags: u8 | None = when(this.notify_type == CHAT_YOU_JOINED_NOTICE)
    channel_id: u32 | None = when(one_of(this.notify_type, CHAT_YOU_JOINED_NOTICE, CHAT_YOU_LEFT_NOTICE))
    unknown: u32 | None = when(this.notify_type == CHAT_YOU_JOINED_NOTICE)
    constant: u8 | None = when(this.notify_type == CHAT_YOU_LEFT_NOTICE)
    guid: u64 | None = when(one_of(this.notify_type, *CHANNEL_GUID_NOTICES))
    by: u64 | None = when(one_of(this.notify_type, *CHANNEL_BY_NOTICES))
    old_flags: u8 | None = when(this.notify_type == CHAT_MODE_CHANGE_NOTICE)
    new_flags: u8 | None = when(this.notify_type == CHAT_MODE_CHANGE_NOTICE)
    player_name: Name | None = when(one_of(this.notify_type, *CHANNEL_NAME_NOTICES))


class ChannelMember(Record):
    """One in a channel."""

    guid: u64
    member_flags: u8


class SMSG_CHANNEL_LIST(Packet):
    """
    Who is in a channel; `kind` 0 is for the chat window, 1 for the channel window.

    Source: cmangos/mangos-wotlk src/game/Chat/Channel.cpp (List); AzerothCore's always says 1, and of such a
    one users tell that its answers to /chatlist show in the channel window: ccshiro/cc-buglist issue 833.
    """

    kind: u8 = 1
    channel_name: ChannelName
    channel_flags: u8
    members: list[ChannelMember] = listed(count=u32, limit=3000)


class SMSG_CHANNEL_MEMBER_COUNT(Packet):
    """How many are in a channel."""

    channel: ChannelName
    flags: u8
    amount_of_members: u32


class SMSG_USERLIST_ADD(Packet):
    """Somebody joined the channel that the window shows."""

    player: u64
    player_flags: u8
    flags: u8
    amount_of_players: u32
    name: ChannelName


class SMSG_USERLIST_REMOVE(Packet):
    """Somebody left it."""

    player: u64
    flags: u8
    amount_of_players: u32
    name: ChannelName
