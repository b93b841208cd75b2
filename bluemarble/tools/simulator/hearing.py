"""
Who hears what has no place: channels are their members', and who is ignored is not heard.

A tick's effects come in the order in which they happened; so who sits in a channel, and whom somebody
ignores, is followed through them.
"""

from collections import Counter

from bluemarble.sim.society import Society
from bluemarble.tools.simulator.ledger import Found
from opcodes.channels import CHAT_YOU_JOINED_NOTICE, CHAT_YOU_LEFT_NOTICE, SMSG_CHANNEL_NOTIFY
from opcodes.chat import CHAT_MSG_CHANNEL, CHAT_MSG_WHISPER, SMSG_MESSAGECHAT
from opcodes.social import FRIEND_IGNORE_ADDED, FRIEND_IGNORE_REMOVED, SMSG_FRIEND_STATUS, SOCIAL_IGNORED
from opcodes.vocab import Packet


class Hearing:
    """
    What a society says to its members, tick by tick.

    @param looked: counts the lines that were whispered or said in a channel.
    """

    def __init__(self, society: Society, found: Found, looked: Counter[str]) -> None:
        self._society, self._found, self._looked = society, found, looked
        self._guids: dict[int, int] = {}  # by session
        self._levels: dict[int, int] = {}  # of game masters, by guid
        self._seats: set[tuple[int, str]] = set()  # guid and channel
        self._ignored: set[tuple[int, int]] = set()  # who ignores whom

    def begin(self) -> None:
        """Before a step."""
        society = self._society
        self._guids, self._levels = {}, {}
        self._note()
        self._seats = {
            (guid, key.name) for key, channel in society.channels.items() for guid in channel.seats
        }
        self._ignored = {
            (member.guid, guid)
            for member in society.members.values()
            for guid, contact in member.contacts.items()
            if contact.flags & SOCIAL_IGNORED
        }

    def stepped(self) -> None:
        """After it: who has come meanwhile is known, too, and with whom it ignores."""
        known = set(self._guids.values())
        self._note()
        for member in self._society.members.values():
            if member.guid not in known:
                self._ignored |= {
                    (member.guid, guid)
                    for guid, contact in member.contacts.items()
                    if contact.flags & SOCIAL_IGNORED
                }

    def _note(self) -> None:
        for session, member in self._society.members.items():
            self._guids[session] = member.guid
            self._levels[member.guid] = member.gmlevel

    def said(self, session: int, packet: Packet) -> None:
        """This is said to a session, after all that was said to `said` since `begin`."""
        guid = self._guids.get(session)
        if guid is None:
            return
        match packet:
            case SMSG_CHANNEL_NOTIFY(notify_type=kind, channel_name=name):
                if kind == CHAT_YOU_JOINED_NOTICE:
                    self._seats.add((guid, name.lower()))
                elif kind == CHAT_YOU_LEFT_NOTICE:
                    self._seats.discard((guid, name.lower()))
            case SMSG_FRIEND_STATUS(result=result, guid=other):
                if result == FRIEND_IGNORE_ADDED:
                    self._ignored.add((guid, other))
                elif result == FRIEND_IGNORE_REMOVED:
                    self._ignored.discard((guid, other))
            case SMSG_MESSAGECHAT():
                self._line(guid, packet)

    def _line(self, guid: int, packet: SMSG_MESSAGECHAT) -> None:
        if packet.chat_type not in (CHAT_MSG_CHANNEL, CHAT_MSG_WHISPER):
            return
        self._looked["lines heard"] += 1
        name = packet.channel_name or ""
        if packet.chat_type == CHAT_MSG_CHANNEL and (guid, name.lower()) not in self._seats:
            self._found("channels are their members'", f"{guid:#x} is not in {name} and hears {packet}")
        master = self._levels.get(packet.sender, 0) >= self._society.rules.whisper_any_level
        if (guid, packet.sender) in self._ignored and not master:
            self._found("who is ignored is not heard", f"{guid:#x} ignores {packet.sender:#x}: {packet}")
