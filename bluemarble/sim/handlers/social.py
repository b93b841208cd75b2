"""Changing and reading the lists of friends and of the ignored."""

from bluemarble.sim import social
from bluemarble.sim.handling import handler
from bluemarble.sim.pace import ORDER
from bluemarble.sim.society import Member, Society
from bluemarble.sim.speech import NO_TEAM, SIDES, nameable
from opcodes.cluster import NMSG_CHARACTER, NMSG_CHARACTER_QUERY
from opcodes.social import (
    CMSG_ADD_FRIEND,
    CMSG_ADD_IGNORE,
    CMSG_CONTACT_LIST,
    CMSG_DEL_FRIEND,
    CMSG_DEL_IGNORE,
    CMSG_SET_CONTACT_NOTES,
    FRIEND_ADDED_OFFLINE,
    FRIEND_ADDED_ONLINE,
    FRIEND_ALREADY,
    FRIEND_ENEMY,
    FRIEND_IGNORE_ADDED,
    FRIEND_IGNORE_ALREADY,
    FRIEND_IGNORE_FULL,
    FRIEND_IGNORE_NOT_FOUND,
    FRIEND_IGNORE_REMOVED,
    FRIEND_IGNORE_SELF,
    FRIEND_LIST_FULL,
    FRIEND_NOT_FOUND,
    FRIEND_REMOVED,
    FRIEND_SELF,
    SOCIAL_FRIEND,
    SOCIAL_IGNORED,
)

BEFRIEND, IGNORE = 2, 3  # why the database was asked
NAME_LIMIT_BYTES = 48


@handler
def contact_list(society: Society, member: Member, message: CMSG_CONTACT_LIST) -> None:
    """The lists, as the client's window wants them."""
    if society.allows(member, ORDER):
        mask = message.flags & social.ALL_KINDS or social.ALL_KINDS
        society.send(member, social.contact_list(society, member, mask))


@handler
def add_friend(society: Society, member: Member, message: CMSG_ADD_FRIEND) -> None:
    """Befriend somebody, here or stored."""
    _look_up(society, member, message.name, BEFRIEND, _note(message.note))


@handler
def add_ignore(society: Society, member: Member, message: CMSG_ADD_IGNORE) -> None:
    """Hear no more of somebody, here or stored."""
    _look_up(society, member, message.name, IGNORE, "")


@handler
def remove_friend(society: Society, member: Member, message: CMSG_DEL_FRIEND) -> None:
    """No longer a friend."""
    _remove(society, member, message.guid, SOCIAL_FRIEND, FRIEND_REMOVED)


@handler
def remove_ignore(society: Society, member: Member, message: CMSG_DEL_IGNORE) -> None:
    """No longer ignored."""
    _remove(society, member, message.guid, SOCIAL_IGNORED, FRIEND_IGNORE_REMOVED)


@handler
def set_note(society: Society, member: Member, message: CMSG_SET_CONTACT_NOTES) -> None:
    """What the player wants to remember of a friend."""
    if message.player in member.contacts and society.allows(member, ORDER):
        social.change(society, member, message.player, note=_note(message.note))


def answer_befriend(society: Society, member: Member, who: NMSG_CHARACTER) -> None:
    """The database has found whom the member wants to befriend, or nobody."""
    _befriend(society, member, who.guid, who.name, SIDES.get(who.race, NO_TEAM), _note(who.note))


def answer_ignore(society: Society, member: Member, who: NMSG_CHARACTER) -> None:
    """Likewise to ignore."""
    _ignore(society, member, who.guid, who.name)


def _look_up(society: Society, member: Member, name: str, why: int, note: str) -> None:
    if not society.allows(member, ORDER):
        return
    who, spelled = society.named(name), name[:1].upper() + name[1:].lower()
    if who is None and nameable(spelled, NAME_LIMIT_BYTES):  # a small letter may be longer than a large one
        society.ask(member, NMSG_CHARACTER_QUERY(guid=0, name=spelled, why=why, note=note))
    elif why == BEFRIEND:
        _befriend(
            society, member, who.guid if who else 0, who.name if who else "", who.team if who else 0, note
        )
    else:
        _ignore(society, member, who.guid if who else 0, who.name if who else "")


def _befriend(society: Society, member: Member, guid: int, name: str, team: int, note: str) -> None:
    known = member.contacts.get(guid)
    if not guid:
        result = FRIEND_NOT_FOUND
    elif guid == member.guid:
        result = FRIEND_SELF
    elif society.apart(member, team):
        result = FRIEND_ENEMY
    elif known is not None and known.flags & SOCIAL_FRIEND:
        result = FRIEND_ALREADY
    elif social.count(member, SOCIAL_FRIEND) >= society.rules.friends_limit:
        result = FRIEND_LIST_FULL
    else:
        result = FRIEND_ADDED_ONLINE if guid in society.by_guid else FRIEND_ADDED_OFFLINE
        social.change(society, member, guid, name=name, note=note, add=SOCIAL_FRIEND)
    society.send(member, social.friend_status(society, result, guid, note))


def _ignore(society: Society, member: Member, guid: int, name: str) -> None:
    known = member.contacts.get(guid)
    if not guid:
        result = FRIEND_IGNORE_NOT_FOUND
    elif guid == member.guid:
        result = FRIEND_IGNORE_SELF
    elif known is not None and known.flags & SOCIAL_IGNORED:
        result = FRIEND_IGNORE_ALREADY
    elif social.count(member, SOCIAL_IGNORED) >= society.rules.ignores_limit:
        result = FRIEND_IGNORE_FULL
    else:
        result = FRIEND_IGNORE_ADDED
        social.change(society, member, guid, name=name, add=SOCIAL_IGNORED)
    society.send(member, social.friend_status(society, result, guid))


def _remove(society: Society, member: Member, guid: int, flag: int, result: int) -> None:
    """Off a list; whoever was not on it is told so too, for then the client's list is wrong."""
    if not society.allows(member, ORDER):
        return
    contact = member.contacts.get(guid)
    if contact is not None and contact.flags & flag:
        social.change(society, member, guid, drop=flag)
    society.send(member, social.friend_status(society, result, guid))


def _note(text: str) -> str:
    """What of a note is kept."""
    note = text[: social.NOTE_LIMIT]
    return note if nameable(note, 4 * social.NOTE_LIMIT) else ""
