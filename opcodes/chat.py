"""
Chat and emotes.

Source: checked against wow_world_messages.
"""

from typing import Annotated

from opcodes.vocab import Packet, SizedText, Text, one_of, this, u8, u32, u64, when

CHAT_MSG_SYSTEM = 0x00
CHAT_MSG_SAY = 0x01
CHAT_MSG_PARTY = 0x02
CHAT_MSG_RAID = 0x03
CHAT_MSG_GUILD = 0x04
CHAT_MSG_OFFICER = 0x05
CHAT_MSG_YELL = 0x06
CHAT_MSG_WHISPER = 0x07
CHAT_MSG_WHISPER_FOREIGN = 0x08
CHAT_MSG_WHISPER_INFORM = 0x09
CHAT_MSG_EMOTE = 0x0A
CHAT_MSG_TEXT_EMOTE = 0x0B
CHAT_MSG_MONSTER_SAY = 0x0C
CHAT_MSG_MONSTER_PARTY = 0x0D
CHAT_MSG_MONSTER_YELL = 0x0E
CHAT_MSG_MONSTER_WHISPER = 0x0F
CHAT_MSG_MONSTER_EMOTE = 0x10
CHAT_MSG_CHANNEL = 0x11
CHAT_MSG_AFK = 0x17
CHAT_MSG_DND = 0x18
CHAT_MSG_IGNORED = 0x19
CHAT_MSG_BG_SYSTEM_NEUTRAL = 0x24
CHAT_MSG_BG_SYSTEM_ALLIANCE = 0x25
CHAT_MSG_BG_SYSTEM_HORDE = 0x26
CHAT_MSG_RAID_LEADER = 0x27
CHAT_MSG_RAID_WARNING = 0x28
CHAT_MSG_RAID_BOSS_EMOTE = 0x29
CHAT_MSG_RAID_BOSS_WHISPER = 0x2A
CHAT_MSG_BATTLENET = 0x2F
CHAT_MSG_ACHIEVEMENT = 0x30
CHAT_MSG_GUILD_ACHIEVEMENT = 0x31
CHAT_MSG_PARTY_LEADER = 0x33

LANG_UNIVERSAL, LANG_ORCISH, LANG_COMMON = 0, 1, 7
LANG_ADDON = 0xFFFFFFFF

CHAT_TAG_NONE, CHAT_TAG_AFK, CHAT_TAG_DND, CHAT_TAG_GM = 0, 1, 2, 4

SPOKEN_BY_CREATURES = (
    CHAT_MSG_MONSTER_SAY,
    CHAT_MSG_MONSTER_PARTY,
    CHAT_MSG_MONSTER_YELL,
    CHAT_MSG_MONSTER_WHISPER,
    CHAT_MSG_MONSTER_EMOTE,
    CHAT_MSG_RAID_BOSS_EMOTE,
    CHAT_MSG_RAID_BOSS_WHISPER,
    CHAT_MSG_BATTLENET,
)
OF_BATTLEGROUNDS = (CHAT_MSG_BG_SYSTEM_NEUTRAL, CHAT_MSG_BG_SYSTEM_ALLIANCE, CHAT_MSG_BG_SYSTEM_HORDE)
HIGH = 48  # shift: a guid's high bits, which are 0 for a player
HIGH_PET = 0xF140

Name = Annotated[str, Text(96)]
ChannelName = Annotated[str, Text(128)]
Line = Annotated[str, Text(255)]  # what a client's edit box holds


class CMSG_MESSAGECHAT(Packet):
    """The player speaks."""

    chat_type: u32
    language: u32
    target_player: Name | None = when(this.chat_type == CHAT_MSG_WHISPER)
    channel: ChannelName | None = when(this.chat_type == CHAT_MSG_CHANNEL)
    message: Line


class SMSG_MESSAGECHAT(Packet):
    """
    Someone speaks.

    `target` is the listener of a whisper, or the selected one.  Its name comes too when a creature speaks to
    one that is neither a player nor a pet, and in a battleground's lines when it is no player.
    """

    chat_type: u8
    language: u32
    sender: u64
    flags: u32 = 0
    sender_name: Annotated[str, SizedText(255)] | None = when(
        one_of(this.chat_type, *SPOKEN_BY_CREATURES, CHAT_MSG_WHISPER_FOREIGN)
    )
    channel_name: ChannelName | None = when(this.chat_type == CHAT_MSG_CHANNEL)
    target: u64
    target_name: Annotated[str, SizedText(255)] | None = when(
        one_of(this.chat_type, *SPOKEN_BY_CREATURES, *OF_BATTLEGROUNDS),
        this.target >> HIGH,
        one_of(this.chat_type, *OF_BATTLEGROUNDS) | ((this.target >> HIGH) ^ HIGH_PET),
    )
    message: Annotated[str, SizedText(2048)]
    tag: u8 = CHAT_TAG_NONE
    achievement_id: u32 | None = when(
        one_of(this.chat_type, CHAT_MSG_ACHIEVEMENT, CHAT_MSG_GUILD_ACHIEVEMENT)
    )


class CMSG_EMOTE(Packet):
    """The player shows an emote, or with 0 stops."""

    emote: u32


class SMSG_EMOTE(Packet):
    """Someone shows an emote."""

    emote: u32
    guid: u64


class CMSG_TEXT_EMOTE(Packet):
    """The player does something to its target, in words."""

    text_emote: u32
    emote: u32
    target: u64


class SMSG_TEXT_EMOTE(Packet):
    """Someone does; `name` is the target's, empty for none."""

    guid: u64
    text_emote: u32
    emote: u32
    name: Annotated[str, SizedText(96)]


class SMSG_NOTIFICATION(Packet):
    """A line in the middle of the screen."""

    notification: Annotated[str, Text(1024)]


class SMSG_CHAT_PLAYER_NOT_FOUND(Packet):
    """Nobody of that name is there."""

    name: Name


class SMSG_CHAT_PLAYER_AMBIGUOUS(Packet):
    """Several have that name."""

    player: Name


class SMSG_CHAT_WRONG_FACTION(Packet):
    """That one does not understand you."""


class SMSG_CHAT_RESTRICTED(Packet):
    """You may not speak: 0 restricted, 1 throttled, 2 squelched, 3 yell restricted."""

    restriction: u8


class CMSG_CHAT_IGNORED(Packet):
    """The player's client has ignored a whisper of that one."""

    guid: u64
    unknown: u8
