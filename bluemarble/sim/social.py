"""Whom a member befriends and ignores, and what friends hear of each other."""

from typing import TYPE_CHECKING

from bluemarble.rows import Write
from bluemarble.rows.characters import CharacterSocialRow
from bluemarble.sim.effects import Save
from bluemarble.sim.speech import FLAG_AFK, FLAG_DND
from opcodes.cluster import SocialState
from opcodes.social import (
    FRIEND_ADDED_OFFLINE,
    FRIEND_ADDED_ONLINE,
    FRIEND_OFFLINE,
    FRIEND_ONLINE,
    SMSG_CONTACT_LIST,
    SMSG_FRIEND_STATUS,
    SOCIAL_FRIEND,
    SOCIAL_IGNORED,
    STATUS_AFK,
    STATUS_DND,
    STATUS_OFFLINE,
    STATUS_ONLINE,
    Relation,
)

if TYPE_CHECKING:
    from bluemarble.sim.society import Member, Society

NOTE_LIMIT = 48  # characters
ALL_KINDS = 7  # of SMSG_CONTACT_LIST: friends, ignored, muted
CONTACTS_SHOWN_LIMIT = 140  # with the longest notes they still stay under 0x7FFF bytes


class Contact:
    """
    Somebody on a member's lists.

    @ivar flags: SOCIAL_ bits.
    @ivar rows: the flags of each `character_social` row that says so; one, but for what other programs wrote.
    """

    __slots__ = ("flags", "name", "note", "rows")

    def __init__(self, flags: int, note: str, name: str, rows: tuple[int, ...] = ()) -> None:
        self.flags, self.note, self.name, self.rows = flags, note, name, rows


def contacts(rows: list[SocialState]) -> dict[int, Contact]:
    """`character_social` rows by the other's guid."""
    found: dict[int, Contact] = {}
    for row in rows:
        if not row.flags:
            continue  # on no list at all
        known = found.get(row.friend)
        if known is None:
            found[row.friend] = Contact(row.flags, row.note, row.name, (row.flags,))
        else:
            known.flags |= row.flags
            known.note = known.note or row.note
            known.rows += (row.flags,)
    return found


def social_states(lists: dict[int, Contact]) -> list[SocialState]:
    """The rows that `contacts` would make the same of."""
    return [
        SocialState(friend=guid, flags=flags, note=contact.note, name=contact.name)
        for guid, contact in lists.items()
        for flags in contact.rows
    ]


def change(
    society: "Society",
    member: "Member",
    guid: int,
    *,
    name: str = "",
    note: str | None = None,
    add: int = 0,
    drop: int = 0,
) -> None:
    """Set and clear SOCIAL_ bits of whom `guid` is to the member, and write it."""
    contact = member.contacts.setdefault(guid, Contact(0, "", name))
    contact.flags = (contact.flags | add) & ~drop
    if note is not None:
        contact.note = note
    writes = [
        Write(CharacterSocialRow, {"guid": member.guid, "friend": guid, "flags": flags}, None)
        for flags in contact.rows
        if flags != contact.flags
    ]
    if contact.flags:
        writes.append(
            Write(
                CharacterSocialRow,
                {"guid": member.guid, "friend": guid, "flags": contact.flags},
                {"note": contact.note},
            )
        )
        contact.rows = (contact.flags,)
    else:
        del member.contacts[guid]
    society.watch(member, guid, contact.flags)
    society.emit(Save(member.guid, tuple(writes)))


def count(member: "Member", flag: int) -> int:
    """How many are on that list."""
    return sum(1 for contact in member.contacts.values() if contact.flags & flag)


def ignores(member: "Member", guid: int) -> bool:
    """Whether the member wants to hear nothing of that one."""
    contact = member.contacts.get(guid)
    return contact is not None and bool(contact.flags & SOCIAL_IGNORED)


def status(member: "Member | None") -> int:
    """STATUS_ of a friend; None is not here."""
    if member is None:
        return STATUS_OFFLINE
    if member.flags & FLAG_AFK:
        return STATUS_AFK
    return STATUS_DND if member.flags & FLAG_DND else STATUS_ONLINE


def contact_list(society: "Society", member: "Member", mask: int = ALL_KINDS) -> SMSG_CONTACT_LIST:
    """The member's lists, of the kinds in `mask`."""
    relations: list[Relation] = []
    for guid, contact in member.contacts.items():
        if not contact.flags & mask or len(relations) == CONTACTS_SHOWN_LIMIT:
            continue
        other = society.by_guid.get(guid)
        there = contact.flags & SOCIAL_FRIEND and other is not None
        relations.append(
            Relation(
                guid=guid,
                relation_mask=contact.flags,
                note=contact.note,
                status=status(other) if contact.flags & SOCIAL_FRIEND else None,
                area=other.zone if there and other else None,
                level=other.level if there and other else None,
                class_type=other.class_ if there and other else None,
            )
        )
    return SMSG_CONTACT_LIST(list_mask=mask, relations=relations)


def friend_status(society: "Society", result: int, guid: int, note: str = "") -> SMSG_FRIEND_STATUS:
    """What came of a request, or how a friend is now."""
    packet = SMSG_FRIEND_STATUS(result=result, guid=guid)
    if result in (FRIEND_ADDED_ONLINE, FRIEND_ADDED_OFFLINE):
        packet.note = note
    other = society.by_guid.get(guid)
    if result in (FRIEND_ADDED_ONLINE, FRIEND_ONLINE) and other is not None:
        packet.status, packet.area = status(other), other.zone
        packet.level, packet.class_type = other.level, other.class_
    return packet


def announce(society: "Society", member: "Member", *, here: bool) -> None:
    """Tell those who befriend the member that it has come, or that it goes."""
    fans = society.fans.get(member.guid, {})
    to = [
        society.by_guid[guid].session
        for guid, flags in sorted(fans.items())
        if flags & SOCIAL_FRIEND and guid in society.by_guid and guid != member.guid
    ]
    if to:
        result = FRIEND_ONLINE if here else FRIEND_OFFLINE
        society.send_to(tuple(to), friend_status(society, result, member.guid))


def greet(society: "Society", member: "Member") -> None:
    """Send a newcomer its lists and which of its friends are there, in the midst of its login burst."""
    society.send(member, contact_list(society, member))
