"""Joining, leaving and ordering channels."""

from bluemarble.sim.channels import (
    PASSWORD_LIMIT_BYTES,
    Channel,
    join,
    leave,
    notice,
    own,
    seated,
    set_flags,
)
from bluemarble.sim.handling import handler
from bluemarble.sim.pace import ORDER
from bluemarble.sim.social import ignores
from bluemarble.sim.society import Member, Society
from bluemarble.sim.speech import nameable
from opcodes.channels import (
    CHAT_ANNOUNCEMENTS_OFF_NOTICE,
    CHAT_ANNOUNCEMENTS_ON_NOTICE,
    CHAT_CHANNEL_OWNER_NOTICE,
    CHAT_INVITE_NOTICE,
    CHAT_INVITE_WRONG_FACTION_NOTICE,
    CHAT_MODERATION_OFF_NOTICE,
    CHAT_MODERATION_ON_NOTICE,
    CHAT_NOT_MEMBER_NOTICE,
    CHAT_NOT_MODERATOR_NOTICE,
    CHAT_NOT_OWNER_NOTICE,
    CHAT_PASSWORD_CHANGED_NOTICE,
    CHAT_PLAYER_ALREADY_MEMBER_NOTICE,
    CHAT_PLAYER_BANNED_NOTICE,
    CHAT_PLAYER_INVITE_BANNED_NOTICE,
    CHAT_PLAYER_INVITED_NOTICE,
    CHAT_PLAYER_KICKED_NOTICE,
    CHAT_PLAYER_NOT_BANNED_NOTICE,
    CHAT_PLAYER_NOT_FOUND_NOTICE,
    CHAT_PLAYER_UNBANNED_NOTICE,
    CHAT_THROTTLED_NOTICE,
    CMSG_CHANNEL_ANNOUNCEMENTS,
    CMSG_CHANNEL_BAN,
    CMSG_CHANNEL_DISPLAY_LIST,
    CMSG_CHANNEL_INVITE,
    CMSG_CHANNEL_KICK,
    CMSG_CHANNEL_LIST,
    CMSG_CHANNEL_MODERATE,
    CMSG_CHANNEL_MODERATOR,
    CMSG_CHANNEL_MUTE,
    CMSG_CHANNEL_OWNER,
    CMSG_CHANNEL_PASSWORD,
    CMSG_CHANNEL_SET_OWNER,
    CMSG_CHANNEL_UNBAN,
    CMSG_CHANNEL_UNMODERATOR,
    CMSG_CHANNEL_UNMUTE,
    CMSG_CLEAR_CHANNEL_WATCH,
    CMSG_GET_CHANNEL_MEMBER_COUNT,
    CMSG_JOIN_CHANNEL,
    CMSG_LEAVE_CHANNEL,
    CMSG_SET_CHANNEL_WATCH,
    MEMBER_FLAG_MODERATOR,
    MEMBER_FLAG_MUTED,
    SMSG_CHANNEL_LIST,
    SMSG_CHANNEL_MEMBER_COUNT,
    ChannelMember,
)

FOR_CHAT, FOR_WINDOW = 0, 1  # SMSG_CHANNEL_LIST.kind
NOBODY = "Nobody"


@handler
def join_channel(society: Society, member: Member, message: CMSG_JOIN_CHANNEL) -> None:
    """Into a channel, which is made if need be."""
    if _paced(society, member, message.channel_name):
        join(society, member, message.channel_id, message.channel_name, message.channel_password)


@handler
def leave_channel(society: Society, member: Member, message: CMSG_LEAVE_CHANNEL) -> None:
    """Out of it."""
    if (channel := _mine(society, member, message.channel_name)) is not None:
        leave(society, member, channel)


@handler
def list_members(society: Society, member: Member, message: CMSG_CHANNEL_LIST) -> None:
    """Who is in it, for the chat window."""
    _list(society, member, message.channel_name, FOR_CHAT)


@handler
def display_list(society: Society, member: Member, message: CMSG_CHANNEL_DISPLAY_LIST) -> None:
    """Who is in it, for the channel window."""
    _list(society, member, message.channel, FOR_WINDOW)


@handler
def count_members(society: Society, member: Member, message: CMSG_GET_CHANNEL_MEMBER_COUNT) -> None:
    """How many are in it."""
    if (channel := _mine(society, member, message.channel)) is not None:
        society.send(
            member,
            SMSG_CHANNEL_MEMBER_COUNT(
                channel=channel.name, flags=channel.flags, amount_of_members=len(channel.seats)
            ),
        )


@handler
def watch(society: Society, member: Member, message: CMSG_SET_CHANNEL_WATCH) -> None:
    """The client's channel window shows it, and wants to know who comes and goes."""
    if (channel := seated(member, message.channel)) is not None:
        channel.watchers.add(member.guid)


@handler
def watch_no_more(society: Society, member: Member, message: CMSG_CLEAR_CHANNEL_WATCH) -> None:
    """It shows it no longer."""
    if (channel := seated(member, message.channel)) is not None:
        channel.watchers.discard(member.guid)


@handler
def set_password(society: Society, member: Member, message: CMSG_CHANNEL_PASSWORD) -> None:
    """Whoever joins must know it from now on; an empty one is none."""
    channel = _moderated_by(society, member, message.channel_name)
    if channel is None:
        return
    password = message.channel_password
    if password and not nameable(password, PASSWORD_LIMIT_BYTES):
        society.count("channel_password_refused")
        return
    if not channel.constant:
        channel.password = password
        society.send_to(
            channel.sessions, notice(CHAT_PASSWORD_CHANGED_NOTICE, channel.name, guid=member.guid)
        )


@handler
def set_owner(society: Society, member: Member, message: CMSG_CHANNEL_SET_OWNER) -> None:
    """Give the channel away."""
    channel = _mine(society, member, message.channel_name)
    if channel is None:
        return
    if (channel.owner != member.guid and not society.may_order(member)) or channel.constant:
        society.send(member, notice(CHAT_NOT_OWNER_NOTICE, channel.name))
        return
    heir = _in(society, member, channel, message.new_owner)
    if heir is not None and heir.guid != channel.owner:
        own(society, channel, heir.guid)


@handler
def who_owns(society: Society, member: Member, message: CMSG_CHANNEL_OWNER) -> None:
    """Whose it is."""
    channel = _mine(society, member, message.channel_name)
    if channel is not None:
        owner = society.by_guid.get(channel.owner)
        society.send(
            member,
            notice(CHAT_CHANNEL_OWNER_NOTICE, channel.name, player_name=owner.name if owner else NOBODY),
        )


@handler
def set_mode(
    society: Society,
    member: Member,
    message: CMSG_CHANNEL_MODERATOR | CMSG_CHANNEL_UNMODERATOR | CMSG_CHANNEL_MUTE | CMSG_CHANNEL_UNMUTE,
) -> None:
    """Make somebody a moderator, or mute it; or no longer."""
    found = _subject(society, member, message.channel_name, message.player_name)
    if found is None:
        return
    channel, to = found
    bit = (
        MEMBER_FLAG_MODERATOR
        if isinstance(message, CMSG_CHANNEL_MODERATOR | CMSG_CHANNEL_UNMODERATOR)
        else MEMBER_FLAG_MUTED
    )
    flags = channel.seats[to.guid].flags
    given = isinstance(message, CMSG_CHANNEL_MODERATOR | CMSG_CHANNEL_MUTE)
    set_flags(society, channel, to.guid, flags | bit if given else flags & ~bit)


@handler
def invite(society: Society, member: Member, message: CMSG_CHANNEL_INVITE) -> None:
    """Ask somebody in."""
    channel = _mine(society, member, message.channel_name)
    if channel is None:
        return
    name, to = message.player_name, society.named(message.player_name)
    if to is None:
        answer = notice(CHAT_PLAYER_NOT_FOUND_NOTICE, channel.name, player_name=name)
    elif to.guid in channel.bans:
        answer = notice(CHAT_PLAYER_INVITE_BANNED_NOTICE, channel.name, player_name=to.name)
    elif to.team != member.team and not society.rules.cross_faction_chat:
        answer = notice(CHAT_INVITE_WRONG_FACTION_NOTICE, channel.name)
    elif to.guid in channel.seats:
        answer = notice(CHAT_PLAYER_ALREADY_MEMBER_NOTICE, channel.name, guid=to.guid)
    else:
        answer = notice(CHAT_PLAYER_INVITED_NOTICE, channel.name, player_name=to.name)
        if not ignores(to, member.guid):
            society.send(to, notice(CHAT_INVITE_NOTICE, channel.name, guid=member.guid))
    society.send(member, answer)


@handler
def expel(society: Society, member: Member, message: CMSG_CHANNEL_KICK | CMSG_CHANNEL_BAN) -> None:
    """Throw somebody out, with a ban for as long as the channel lasts."""
    found = _subject(society, member, message.channel_name, message.player_name)
    if found is None:
        return
    channel, to = found
    kind = CHAT_PLAYER_KICKED_NOTICE
    if isinstance(message, CMSG_CHANNEL_BAN):
        kind = CHAT_PLAYER_BANNED_NOTICE
        channel.bans.pop(to.guid, None)
        channel.bans[to.guid] = to.name
        if len(channel.bans) > society.rules.channel_bans_limit:
            del channel.bans[next(iter(channel.bans))]
    society.send_to(channel.sessions, notice(kind, channel.name, guid=to.guid, by=member.guid))
    leave(society, to, channel, announced=False, heir=member.guid)


@handler
def unban(society: Society, member: Member, message: CMSG_CHANNEL_UNBAN) -> None:
    """Let somebody back, here or not."""
    channel = _moderated_by(society, member, message.channel_name)
    if channel is None:
        return
    wanted = message.player_name.lower()
    guid = next((guid for guid, name in channel.bans.items() if name.lower() == wanted), 0)
    if not guid:
        society.send(
            member, notice(CHAT_PLAYER_NOT_BANNED_NOTICE, channel.name, player_name=message.player_name)
        )
        return
    del channel.bans[guid]
    society.send_to(
        channel.sessions, notice(CHAT_PLAYER_UNBANNED_NOTICE, channel.name, guid=guid, by=member.guid)
    )


@handler
def announcements(society: Society, member: Member, message: CMSG_CHANNEL_ANNOUNCEMENTS) -> None:
    """Say who comes and goes, or no longer."""
    channel = _moderated_by(society, member, message.channel_name)
    if channel is not None and not channel.constant:
        channel.announcing = not channel.announcing
        kind = CHAT_ANNOUNCEMENTS_ON_NOTICE if channel.announcing else CHAT_ANNOUNCEMENTS_OFF_NOTICE
        society.send_to(channel.sessions, notice(kind, channel.name, guid=member.guid))


@handler
def moderate(society: Society, member: Member, message: CMSG_CHANNEL_MODERATE) -> None:
    """Only moderators speak, or everyone again."""
    channel = _moderated_by(society, member, message.channel_name)
    if channel is not None:
        channel.moderated = not channel.moderated
        kind = CHAT_MODERATION_ON_NOTICE if channel.moderated else CHAT_MODERATION_OFF_NOTICE
        society.send_to(channel.sessions, notice(kind, channel.name, guid=member.guid))


def _list(society: Society, member: Member, name: str, kind: int) -> None:
    channel = _mine(society, member, name)
    if channel is not None:
        shown = list(channel.seats.items())[: society.rules.channel_list_limit]
        society.send(
            member,
            SMSG_CHANNEL_LIST(
                kind=kind,
                channel_name=channel.name,
                channel_flags=channel.flags,
                members=[ChannelMember(guid=guid, member_flags=seat.flags) for guid, seat in shown],
            ),
        )


def _paced(society: Society, member: Member, name: str) -> bool:
    """Whether the member may give one more order; if not it is told, now and then."""
    if society.allows(member, ORDER):
        return True
    if society.tells_of_pace(member):
        society.send(member, notice(CHAT_THROTTLED_NOTICE, name))
    return False


def _mine(society: Society, member: Member, name: str) -> Channel | None:
    """The channel of that name that the member is in, if it may order; else it is told why not."""
    if not _paced(society, member, name):
        return None
    channel = seated(member, name)
    if channel is None:
        society.send(member, notice(CHAT_NOT_MEMBER_NOTICE, name))
    return channel


def _subject(
    society: Society, member: Member, channel_name: str, player_name: str
) -> tuple[Channel, Member] | None:
    """The channel that the member moderates and whom it means there; only the owner moderates the owner."""
    channel = _moderated_by(society, member, channel_name)
    if channel is None:
        return None
    to = _in(society, member, channel, player_name)
    if to is None:
        return None
    if to.guid == channel.owner and member.guid != channel.owner and not society.may_order(member):
        society.send(member, notice(CHAT_NOT_OWNER_NOTICE, channel.name))
        return None
    return channel, to


def _moderated_by(society: Society, member: Member, name: str) -> Channel | None:
    """As `_mine`, if it moderates it too."""
    channel = _mine(society, member, name)
    if (
        channel is None
        or channel.seats[member.guid].flags & MEMBER_FLAG_MODERATOR
        or society.may_order(member)
    ):
        return channel
    society.send(member, notice(CHAT_NOT_MODERATOR_NOTICE, channel.name))
    return None


def _in(society: Society, member: Member, channel: Channel, name: str) -> Member | None:
    """Who is in the channel under that name; the member is told if nobody is."""
    to = society.named(name)
    if to is not None and to.guid in channel.seats:
        return to
    society.send(member, notice(CHAT_PLAYER_NOT_FOUND_NOTICE, channel.name, player_name=name))
    return None
