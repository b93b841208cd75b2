"""
What is said to somebody, or in a channel, wherever they stand; and being away.

The zone hears every CMSG_MESSAGECHAT first, and passes on what has no place; so these are no handlers of the
gateway's table, and the Society itself names `hear`.
"""

from typing import TYPE_CHECKING

from bluemarble.sim.channels import Channel, notice, seated
from bluemarble.sim.pace import SPEAK
from bluemarble.sim.social import ignores
from bluemarble.sim.speech import FLAG_AFK, FLAG_DND, chat_tag, speakable, tongue
from opcodes.channels import (
    CHAT_MUTED_NOTICE,
    CHAT_NOT_MEMBER_NOTICE,
    CHAT_NOT_MODERATOR_NOTICE,
    CHAT_THROTTLED_NOTICE,
    MEMBER_FLAG_MODERATOR,
    MEMBER_FLAG_MUTED,
    MEMBER_FLAG_OWNER,
)
from opcodes.chat import (
    CHAT_MSG_AFK,
    CHAT_MSG_CHANNEL,
    CHAT_MSG_DND,
    CHAT_MSG_IGNORED,
    CHAT_MSG_WHISPER,
    CHAT_MSG_WHISPER_INFORM,
    CMSG_MESSAGECHAT,
    LANG_ADDON,
    LANG_UNIVERSAL,
    SMSG_CHAT_PLAYER_NOT_FOUND,
    SMSG_CHAT_RESTRICTED,
    SMSG_CHAT_WRONG_FACTION,
    SMSG_MESSAGECHAT,
)
from opcodes.social import SOCIAL_IGNORED

if TYPE_CHECKING:
    from bluemarble.sim.society import Member, Society

THROTTLED = 1  # of SMSG_CHAT_RESTRICTED
AWAY_TEXT = "Away from the keyboard"
BUSY_TEXT = "Do not disturb"


def hear(society: "Society", member: "Member", message: CMSG_MESSAGECHAT) -> None:
    """Pass on what a zone has told."""
    kind = message.chat_type
    if kind == CHAT_MSG_AFK:
        member.afk_text = _away_text(society, message.message)
    elif kind == CHAT_MSG_DND:
        member.dnd_text = _away_text(society, message.message)
    elif kind not in (CHAT_MSG_WHISPER, CHAT_MSG_CHANNEL):
        society.count("chat_of_another_kind")
    elif not _may_pass(society, message):
        society.count("chat_unspeakable")
    elif kind == CHAT_MSG_WHISPER:
        _whisper(society, member, message)
    else:
        _talk(society, member, message)


def _away_text(society: "Society", text: str) -> str:
    return text if speakable(text, society.rules.message_limit_bytes) else ""


def _may_pass(society: "Society", message: CMSG_MESSAGECHAT) -> bool:
    """Addons say to each other what no window shows; they may only not say too much."""
    if message.language == LANG_ADDON:
        return 0 < len(message.message.encode()) <= society.rules.message_limit_bytes
    return speakable(message.message, society.rules.message_limit_bytes)


def _whisper(society: "Society", member: "Member", message: CMSG_MESSAGECHAT) -> None:
    name = message.target_player or ""
    addon = message.language == LANG_ADDON
    if not society.allows(member, SPEAK):
        if society.tells_of_pace(member):
            society.send(member, SMSG_CHAT_RESTRICTED(restriction=THROTTLED))
        return
    to = society.named(name)
    heard_by_all = member.gmlevel >= society.rules.whisper_any_level
    if to is None:
        society.send(member, SMSG_CHAT_PLAYER_NOT_FOUND(name=name))
    elif society.apart(member, to.team) and to.gmlevel < society.rules.whisper_any_level:
        society.send(member, SMSG_CHAT_WRONG_FACTION())
    elif ignores(to, member.guid) and not heard_by_all:
        society.send(member, _answer(CHAT_MSG_IGNORED, to, to.name))
    else:
        language = LANG_ADDON if addon else LANG_UNIVERSAL
        society.send(
            to,
            SMSG_MESSAGECHAT(
                chat_type=CHAT_MSG_WHISPER,
                language=language,
                sender=member.guid,
                target=to.guid,
                message=message.message,
                tag=chat_tag(member.flags),
            ),
        )
        if not addon:
            _inform(society, member, to, message.message)


def _inform(society: "Society", member: "Member", to: "Member", line: str) -> None:
    """The whisperer sees its own words, and whether anybody is there to read them."""
    society.send(member, _answer(CHAT_MSG_WHISPER_INFORM, to, line))
    if to.flags & FLAG_DND:
        society.send(member, _answer(CHAT_MSG_DND, to, to.dnd_text or BUSY_TEXT))
    elif to.flags & FLAG_AFK:
        society.send(member, _answer(CHAT_MSG_AFK, to, to.afk_text or AWAY_TEXT))


def _answer(kind: int, to: "Member", line: str) -> SMSG_MESSAGECHAT:
    """What the whisperer is told in the name of the one it whispered to."""
    return SMSG_MESSAGECHAT(
        chat_type=kind,
        language=LANG_UNIVERSAL,
        sender=to.guid,
        target=to.guid,
        message=line,
        tag=chat_tag(to.flags) if kind == CHAT_MSG_WHISPER_INFORM else 0,
    )


def _talk(society: "Society", member: "Member", message: CMSG_MESSAGECHAT) -> None:
    name = message.channel or ""
    channel = seated(member, name)
    if message.language == LANG_ADDON:
        society.count("chat_of_another_kind")  # addons have no channels in this protocol
        return
    if channel is None:
        society.send(member, notice(CHAT_NOT_MEMBER_NOTICE, name))
        return
    flags = channel.seats[member.guid].flags
    if flags & MEMBER_FLAG_MUTED:
        society.send(member, notice(CHAT_MUTED_NOTICE, channel.name))
    elif (
        channel.moderated
        and not flags & (MEMBER_FLAG_OWNER | MEMBER_FLAG_MODERATOR)
        and not society.may_order(member)
    ):
        society.send(member, notice(CHAT_NOT_MODERATOR_NOTICE, channel.name))
    elif not society.allows(member, SPEAK):
        if society.tells_of_pace(member):
            society.send(member, notice(CHAT_THROTTLED_NOTICE, channel.name))
    else:
        _spread(society, member, channel, message)


def _spread(society: "Society", member: "Member", channel: Channel, message: CMSG_MESSAGECHAT) -> None:
    """To all in the channel, the speaker too, but for those that ignore it."""
    to = channel.sessions
    fans = society.fans.get(member.guid)
    if fans and member.gmlevel < society.rules.whisper_any_level:
        deaf = {guid for guid, flags in fans.items() if flags & SOCIAL_IGNORED}
        to = tuple(seat.session for guid, seat in channel.seats.items() if guid not in deaf)
    language = LANG_UNIVERSAL if society.rules.cross_faction_chat else tongue(member.race, message.language)
    society.send_to(
        to,
        SMSG_MESSAGECHAT(
            chat_type=CHAT_MSG_CHANNEL,
            language=language,
            sender=member.guid,
            channel_name=channel.name,
            target=member.guid,
            message=message.message,
            tag=chat_tag(member.flags),
        ),
    )
