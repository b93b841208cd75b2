"""Channels: who sits in them, who owns them, and what their members are told."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from bluemarble.sim.speech import NO_TEAM, nameable
from opcodes.channels import (
    CHANNEL_FLAG_CITY,
    CHANNEL_FLAG_CUSTOM,
    CHANNEL_FLAG_GENERAL,
    CHANNEL_FLAG_LFG,
    CHANNEL_FLAG_NOT_LFG,
    CHANNEL_FLAG_TRADE,
    CHAT_BANNED_NOTICE,
    CHAT_INVALID_NAME_NOTICE,
    CHAT_JOINED_NOTICE,
    CHAT_LEFT_NOTICE,
    CHAT_MODE_CHANGE_NOTICE,
    CHAT_OWNER_CHANGED_NOTICE,
    CHAT_PLAYER_ALREADY_MEMBER_NOTICE,
    CHAT_WRONG_PASSWORD_NOTICE,
    CHAT_YOU_JOINED_NOTICE,
    CHAT_YOU_LEFT_NOTICE,
    MEMBER_FLAG_MODERATOR,
    MEMBER_FLAG_OWNER,
    SMSG_CHANNEL_NOTIFY,
    SMSG_USERLIST_ADD,
    SMSG_USERLIST_REMOVE,
)
from opcodes.cluster import BanState, ChannelState, SeatState

if TYPE_CHECKING:
    from bluemarble.sim.society import Member, Society

NAME_LIMIT_BYTES = 127
PASSWORD_LIMIT_BYTES = 31
CUSTOM = 0
ZONE_WIDE = CHANNEL_FLAG_GENERAL | CHANNEL_FLAG_NOT_LFG

# The channels that every client knows by number, and their flags; nobody owns them.
BUILT_IN = {
    1: ZONE_WIDE,  # general
    2: ZONE_WIDE | CHANNEL_FLAG_TRADE | CHANNEL_FLAG_CITY,  # trade
    22: ZONE_WIDE,  # local defence
    23: ZONE_WIDE,  # world defence
    25: ZONE_WIDE | CHANNEL_FLAG_CITY,  # guild recruitment
    26: CHANNEL_FLAG_GENERAL | CHANNEL_FLAG_LFG,  # looking for group
}


class Key(NamedTuple):
    """What makes two channels two: the side, the client's number for it (0 for one of players), the name."""

    team: int
    channel_id: int
    name: str


class Seat:
    """
    A member's place in a channel.

    @ivar session: the client that knows of it; another one that takes the character over must join again.
    @ivar flags: MEMBER_FLAG_ bits.
    """

    __slots__ = ("flags", "session")

    def __init__(self, session: int, flags: int = 0) -> None:
        self.session, self.flags = session, flags


class Channel:
    """
    One channel.

    @ivar name: as its first member spelled it.
    @ivar owner: a guid, 0 for nobody.
    @ivar seats: by guid, in the order of joining.
    @ivar watchers: the guids of those whose channel window shows it; iterated in the order of guids.
    @ivar bans: guid to name.
    """

    def __init__(self, key: Key, name: str, password: str = "") -> None:
        self.key, self.name, self.password = key, name, password
        self.announcing = key.channel_id == CUSTOM
        self.moderated = False
        self.owner = 0
        self.seats: dict[int, Seat] = {}
        self.watchers: set[int] = set()
        self.bans: dict[int, str] = {}
        self._sessions: tuple[int, ...] | None = None

    @property
    def constant(self) -> bool:
        """One of the client's own, which nobody owns."""
        return self.key.channel_id != CUSTOM

    @property
    def flags(self) -> int:
        """CHANNEL_FLAG_ bits."""
        return BUILT_IN.get(self.key.channel_id, CHANNEL_FLAG_CUSTOM)

    @property
    def sessions(self) -> tuple[int, ...]:
        """The clients in it, in the order of joining."""
        if self._sessions is None:
            self._sessions = tuple(seat.session for seat in self.seats.values())
        return self._sessions

    def sit(self, guid: int, session: int) -> Seat:
        """A place for that member, or its old one for its new client."""
        self._sessions = None
        seat = self.seats.get(guid)
        if seat is None:
            seat = self.seats[guid] = Seat(session)
        seat.session = session
        return seat

    def rise(self, guid: int) -> None:
        """Give up a place."""
        self._sessions = None
        self.watchers.discard(guid)
        del self.seats[guid]

    def state(self, guids: Iterable[int]) -> ChannelState:
        """All of it, but of its seats only those of these members."""
        return ChannelState(
            team=self.key.team,
            channel_id=self.key.channel_id,
            name=self.name,
            password=self.password,
            announcing=self.announcing,
            moderated=self.moderated,
            owner=self.owner,
            seats=[
                SeatState(guid=guid, session=s.session, flags=s.flags, watching=guid in self.watchers)
                for guid in guids
                if (s := self.seats.get(guid)) is not None
            ],
            bans=[BanState(guid=guid, name=name) for guid, name in self.bans.items()],
        )


def restored(state: ChannelState) -> Channel:
    """The channel that `state` was of."""
    channel = Channel(Key(state.team, state.channel_id, state.name.lower()), state.name, state.password)
    channel.announcing, channel.moderated = bool(state.announcing), bool(state.moderated)
    channel.owner = state.owner
    channel.seats = {s.guid: Seat(s.session, s.flags) for s in state.seats}
    channel.watchers = {s.guid for s in state.seats if s.watching}
    channel.bans = {ban.guid: ban.name for ban in state.bans}
    return channel


def key(society: "Society", member: "Member", channel_id: int, name: str) -> Key:
    """The channel that the member means by that."""
    team = NO_TEAM if society.rules.cross_faction_chat else member.team
    return Key(team, channel_id if channel_id in BUILT_IN else CUSTOM, name.lower())


def seated(member: "Member", name: str) -> Channel | None:
    """The channel of that name which the member is in; one of the client's own before one of players."""
    wanted = name.lower()
    found = [channel for channel in member.channels.values() if channel.key.name == wanted]
    return next((channel for channel in found if channel.constant), found[0] if found else None)


def notice(kind: int, name: str, **about: Any) -> SMSG_CHANNEL_NOTIFY:
    """SMSG_CHANNEL_NOTIFY of that kind."""
    return SMSG_CHANNEL_NOTIFY(notify_type=kind, channel_name=name, **about)


def join(society: "Society", member: "Member", channel_id: int, name: str, password: str) -> None:
    """Let a member in, making the channel if it is the first; or tell it why not."""
    wanted = key(society, member, channel_id, name)
    if not nameable(name, NAME_LIMIT_BYTES) or (wanted.channel_id == CUSTOM and name[:1].isdecimal()):
        society.send(member, notice(CHAT_INVALID_NAME_NOTICE, name))
        return
    channel = society.channels.get(wanted)
    if channel is not None and (seat := channel.seats.get(member.guid)) is not None:
        _join_again(society, member, channel, seat)
        return
    if channel is not None and not society.may_order(member):
        if member.guid in channel.bans:
            society.send(member, notice(CHAT_BANNED_NOTICE, name))
            return
        if channel.password != password and channel.password:
            society.send(member, notice(CHAT_WRONG_PASSWORD_NOTICE, name))
            return
    if len(member.channels) >= society.rules.channels_limit:
        society.say(member, "You are in too many channels.")
        return
    if channel is None:
        secret = password if nameable(password, PASSWORD_LIMIT_BYTES) and wanted.channel_id == CUSTOM else ""
        channel = society.channels[wanted] = Channel(wanted, name, secret)
    _sit(society, member, channel)


def _sit(society: "Society", member: "Member", channel: Channel) -> None:
    if channel.announcing and channel.seats:
        society.send_to(channel.sessions, notice(CHAT_JOINED_NOTICE, channel.name, guid=member.guid))
    seat = channel.sit(member.guid, member.session)
    member.channels[channel.key] = channel
    society.send(member, _you_joined(channel))
    if not channel.constant and not channel.owner:
        own(society, channel, member.guid)
    _watched(
        society,
        channel,
        SMSG_USERLIST_ADD(
            player=member.guid,
            player_flags=seat.flags,
            flags=channel.flags,
            amount_of_players=len(channel.seats),
            name=channel.name,
        ),
    )


def _join_again(society: "Society", member: "Member", channel: Channel, seat: Seat) -> None:
    """A new client of a member that is in already learns so; an old one that asks twice has forgotten."""
    if seat.session != member.session:
        channel.sit(member.guid, member.session)
        channel.watchers.discard(member.guid)
        society.send(member, _you_joined(channel))
    elif not channel.constant:
        society.send(member, notice(CHAT_PLAYER_ALREADY_MEMBER_NOTICE, channel.name, guid=member.guid))


def _you_joined(channel: Channel) -> SMSG_CHANNEL_NOTIFY:
    return notice(
        CHAT_YOU_JOINED_NOTICE,
        channel.name,
        flags=channel.flags,
        channel_id=channel.key.channel_id,
        unknown=0,
    )


def leave(
    society: "Society", member: "Member", channel: Channel, *, announced: bool = True, heir: int = 0
) -> None:
    """
    Take a member out and tell those who stay; a channel with nobody in it is gone.

    @param announced: by LEFT, where the channel has that; a kicked one was announced otherwise.
    @param heir: who owns it after an owner that leaves; by default its first moderator, or its first member.
    """
    seat = channel.seats[member.guid]
    told = seat.session
    channel.rise(member.guid)
    del member.channels[channel.key]
    society.send_to(
        (told,),
        notice(
            CHAT_YOU_LEFT_NOTICE,
            channel.name,
            channel_id=channel.key.channel_id,
            constant=int(channel.constant),
        ),
    )
    if not channel.seats:
        del society.channels[channel.key]
        return
    if channel.announcing and announced:
        society.send_to(channel.sessions, notice(CHAT_LEFT_NOTICE, channel.name, guid=member.guid))
    _watched(
        society,
        channel,
        SMSG_USERLIST_REMOVE(
            player=member.guid, flags=channel.flags, amount_of_players=len(channel.seats), name=channel.name
        ),
    )
    if channel.owner == member.guid:
        channel.owner = 0
        moderators = (guid for guid, s in channel.seats.items() if s.flags & MEMBER_FLAG_MODERATOR)
        own(society, channel, heir if heir in channel.seats else next(moderators, next(iter(channel.seats))))


def own(society: "Society", channel: Channel, guid: int) -> None:
    """Give a channel to one of its members."""
    old = channel.seats.get(channel.owner)
    if old is not None:
        set_flags(society, channel, channel.owner, old.flags & ~MEMBER_FLAG_OWNER)
    channel.owner = guid
    set_flags(society, channel, guid, channel.seats[guid].flags | MEMBER_FLAG_OWNER | MEMBER_FLAG_MODERATOR)
    if len(channel.seats) > 1:
        society.send_to(channel.sessions, notice(CHAT_OWNER_CHANGED_NOTICE, channel.name, guid=guid))


def set_flags(society: "Society", channel: Channel, guid: int, flags: int) -> None:
    """What a member may do in a channel; all are told if that is new."""
    seat = channel.seats[guid]
    if seat.flags != flags:
        old, seat.flags = seat.flags, flags
        society.send_to(
            channel.sessions,
            notice(CHAT_MODE_CHANGE_NOTICE, channel.name, guid=guid, old_flags=old, new_flags=flags),
        )


def _watched(society: "Society", channel: Channel, packet: SMSG_USERLIST_ADD | SMSG_USERLIST_REMOVE) -> None:
    """To the clients whose channel window shows the channel."""
    if channel.watchers:
        society.send_to(tuple(channel.seats[guid].session for guid in sorted(channel.watchers)), packet)
