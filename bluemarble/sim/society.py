"""Everyone in the world without their places: whispers, channels, friends, and who is there."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from bluemarble.sim import pace, social
from bluemarble.sim.channels import Channel, Key, leave, restored
from bluemarble.sim.effects import Count, Effect, Input, Load, Send
from bluemarble.sim.handlers import whisper
from bluemarble.sim.handling import Fault, Table
from bluemarble.sim.rules import TICK_MS, Rules
from bluemarble.sim.social import Contact
from bluemarble.sim.speech import NO_TEAM, SIDES
from opcodes.chat import CHAT_MSG_SYSTEM, CMSG_MESSAGECHAT, LANG_UNIVERSAL, SMSG_MESSAGECHAT
from opcodes.cluster import NMSG_MEMBER, NMSG_MEMBER_LEFT, NMSG_SOCIETY, MemberState
from opcodes.vocab import Packet

__all__ = ["Fault", "Member", "Society"]

TOLD_EVERY_MS = 1_000  # how often a member hears that it is too fast
STATED = (
    "session",
    "guid",
    "account",
    "name",
    "race",
    "class_",
    "gender",
    "level",
    "gmlevel",
    "map",
    "zone",
    "flags",
    "afk_text",
    "dnd_text",
    "told_ms",
)  # what of a Member its state holds as it is


class Member:
    """
    A character in the world, as the others know it.

    @ivar flags: PLAYER_FLAGS.
    @ivar afk_text, dnd_text: what whoever whispers to it is answered; empty for the usual words.
    @ivar contacts: by the other's guid.
    @ivar channels: those it is in, in the order of joining.
    @ivar paces: per kind of request, until when it has used up its rate; society ms.
    @ivar told_ms: when it was last told that it is too fast.
    """

    __slots__ = (*STATED, "channels", "contacts", "paces")

    session: int
    guid: int
    account: int
    name: str
    race: int
    class_: int
    gender: int
    level: int
    gmlevel: int
    map: int
    zone: int
    flags: int
    afk_text: str
    dnd_text: str
    told_ms: int

    def __init__(self, session: int) -> None:
        self.session = session
        self.afk_text = self.dnd_text = ""
        self.contacts: dict[int, Contact] = {}
        self.channels: dict[Key, Channel] = {}
        self.paces = [0] * pace.KINDS
        self.told_ms = 0

    @property
    def team(self) -> int:
        """Which side it is on."""
        return SIDES.get(self.race, NO_TEAM)

    def appear(self, message: NMSG_MEMBER) -> None:
        """Be as the zone says."""
        self.guid, self.account, self.name = message.guid, message.account, message.name
        self.race, self.class_, self.gender = message.race, message.class_, message.gender
        self.level, self.gmlevel, self.flags = message.level, message.gmlevel, message.flags
        self.map, self.zone = message.map, message.zone


class Society:
    """
    What is between players wherever they stand; like a Zone, a function of its state and its inputs.

    @ivar members: by session.
    @ivar by_guid, by_name: the same; names in lower case.
    @ivar channels: those with somebody in them, in the order they were made.
    @ivar fans: guid to those members that have it on their lists, and the SOCIAL_ bits they have it with;
        in no order that a snapshot keeps.
    @ivar faults: what handlers raised since the server last looked; no part of the state.
    """

    def __init__(self, rules: Rules, table: Table) -> None:
        self.rules = rules
        self.table: Table = {**table, CMSG_MESSAGECHAT: whisper.hear}
        self.now_ms = 0
        self.members: dict[int, Member] = {}
        self.by_guid: dict[int, Member] = {}
        self.by_name: dict[str, Member] = {}
        self.channels: dict[Key, Channel] = {}
        self.fans: dict[int, dict[int, int]] = {}
        self.faults: list[Fault] = []
        self._limits = pace.limits(rules)
        self._effects: list[Effect] = []
        self._counts: dict[str, int] = {}

    def step(self, inputs: Iterable[Input] = ()) -> list[Effect]:
        """Advance one tick."""
        self.now_ms += TICK_MS
        return self.receive(inputs)

    def receive(self, inputs: Iterable[Input]) -> list[Effect]:
        """Take inputs within a tick that has already been stepped."""
        for session, packet in inputs:
            self._take(session, packet)
        effects, self._effects = self._effects, []
        if self._counts:
            effects += [Count(what, self._counts[what]) for what in sorted(self._counts)]
            self._counts = {}
        return effects

    def send(self, member: Member, packet: Packet) -> None:
        """To the member's client."""
        self._effects.append(Send((member.session,), packet))

    def send_to(self, sessions: tuple[int, ...], packet: Packet) -> None:
        """To these clients."""
        self._effects.append(Send(sessions, packet))

    def say(self, member: Member, line: str) -> None:
        """A line in the member's chat window, from the server."""
        self.send(
            member,
            SMSG_MESSAGECHAT(
                chat_type=CHAT_MSG_SYSTEM, language=LANG_UNIVERSAL, sender=0, target=0, message=line
            ),
        )

    def ask(self, member: Member, question: Packet) -> None:
        """Ask the database; the answer comes as an input of the member's session."""
        self._effects.append(Load(member.session, question))

    def emit(self, effect: Effect) -> None:
        """Any other effect."""
        self._effects.append(effect)

    def count(self, what: str, times: int = 1) -> None:
        """Something happened that is worth counting."""
        self._counts[what] = self._counts.get(what, 0) + times

    def named(self, name: str) -> Member | None:
        """Who is here under that name, however it is spelled."""
        return self.by_name.get(name.lower())

    def allows(self, member: Member, kind: int) -> bool:
        """Whether one more request of that kind is within the member's rate; it is used up by asking."""
        if not pace.take(member.paces, kind, self.now_ms, *self._limits[kind]):
            self.count("society_over_pace")
            return False
        return True

    def tells_of_pace(self, member: Member) -> bool:
        """Whether the member should be told now that it is too fast: once a second."""
        if member.told_ms > self.now_ms:
            return False
        member.told_ms = self.now_ms + TOLD_EVERY_MS
        return True

    def may_order(self, member: Member) -> bool:
        """Whether the member may do in any channel what its moderators may."""
        return member.gmlevel >= self.rules.channel_order_level

    def apart(self, member: Member, team: int) -> bool:
        """Whether the member may have nothing to do with that side."""
        return (
            member.team != team
            and not self.rules.cross_faction_chat
            and member.gmlevel < self.rules.whisper_any_level
        )

    def watch(self, member: Member, guid: int, flags: int) -> None:
        """The member has `guid` on its lists with these SOCIAL_ bits; 0 for no longer."""
        fans = self.fans.setdefault(guid, {})
        if flags:
            fans[member.guid] = flags
        else:
            fans.pop(member.guid, None)
            if not fans:
                del self.fans[guid]

    def snapshot(self) -> NMSG_SOCIETY:
        """All of it; a society made from this behaves as this one will."""
        return NMSG_SOCIETY(
            now_ms=self.now_ms,
            members=self._members(self.members.values(), self.channels),
            channels=[channel.state(channel.seats) for channel in self.channels.values()],
        )

    def part(self, first: int, count: int) -> NMSG_SOCIETY:
        """So many members from the `first` on, with their channels, and of those their own seats alone."""
        members = list(islice(self.members.values(), first, first + count))
        channels = {key: channel for member in members for key, channel in member.channels.items()}
        guids = [member.guid for member in members]
        return NMSG_SOCIETY(
            now_ms=self.now_ms,
            members=self._members(members, channels),
            channels=[channel.state(guids) for channel in channels.values()],
        )

    def _members(self, members: Iterable[Member], channels: Iterable[Key]) -> list[MemberState]:
        places = {key: at for at, key in enumerate(channels)}
        return [
            MemberState(
                **{name: getattr(m, name) for name in STATED},
                paces=list(m.paces),
                contacts=social.social_states(m.contacts),
                channels=[places[key] for key in m.channels],
            )
            for m in members
        ]

    def restore(self, state: NMSG_SOCIETY) -> None:
        """
        Become what the snapshot was of.

        @raise ValueError: this society has already stepped.
        """
        if self.now_ms:
            raise ValueError("only a new society can be restored")
        self.now_ms = state.now_ms
        channels = [restored(channel) for channel in state.channels]
        self.channels = {channel.key: channel for channel in channels}
        for of in state.members:
            member = Member(of.session)
            for name in STATED:
                setattr(member, name, getattr(of, name))
            member.paces = list(of.paces)
            member.contacts = social.contacts(of.contacts)
            member.channels = {channels[at].key: channels[at] for at in of.channels}
            self._admit(member)

    def _take(self, session: int, packet: Packet) -> None:
        member = self.members.get(session)
        told = TOLD.get(type(packet))
        handle = self.table.get(type(packet))
        mark = len(self._effects)
        try:
            if told is not None:
                told(self, session, packet)
            elif member is None:
                self.count("input_without_member")
            elif handle is None:
                self.count("input_unhandled")
            else:
                handle(self, member, packet)
        except Exception as error:
            # Before it changed anything: then dropping its effects undoes it.  After: a mistake of ours.
            del self._effects[mark:]
            self.count("input_dropped")
            self.faults.append(Fault(session, packet, error))

    def appear(self, session: int, message: NMSG_MEMBER) -> None:
        """A character has come, has another client, or is no longer as it was."""
        member = self.by_guid.get(message.guid)
        other = self.members.get(session)
        if other is not None and other is not member:
            self.leave(session)
        if member is None:
            member = Member(session)
            member.contacts = social.contacts(message.social)
            member.appear(message)
            self._admit(member)
            social.greet(self, member)
            social.announce(self, member, here=True)
            return
        changed = member.session != session
        if changed:
            del self.members[member.session]
            member.session = session
            self.members[session] = member
        if member.name != message.name:
            self._forget_name(member)
            self.by_name[message.name.lower()] = member
        member.appear(message)
        if changed or message.entered:
            social.greet(self, member)

    def leave(self, session: int, message: NMSG_MEMBER_LEFT | None = None) -> None:
        """The session's character has left the world."""
        member = self.members.get(session)
        if member is None:
            return
        for channel in list(member.channels.values()):
            leave(self, member, channel)
        social.announce(self, member, here=False)
        for guid in member.contacts:
            self.watch(member, guid, 0)
        self._forget_name(member)
        del self.members[session], self.by_guid[member.guid]

    def _admit(self, member: Member) -> None:
        self.members[member.session] = member
        self.by_guid[member.guid] = member
        self.by_name[member.name.lower()] = member
        for guid, contact in member.contacts.items():
            self.watch(member, guid, contact.flags)

    def _forget_name(self, member: Member) -> None:
        if self.by_name.get(member.name.lower()) is member:
            del self.by_name[member.name.lower()]


TOLD: dict[type[Packet], Callable[[Society, int, Any], None]] = {
    NMSG_MEMBER: Society.appear,
    NMSG_MEMBER_LEFT: Society.leave,
}
