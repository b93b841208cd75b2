"""
Friends, ignores and who is there.

Source: facts/wire_335.md section 4 for SMSG_WHO and SMSG_FRIEND_STATUS, where the package differs.
"""

from typing import Annotated

from opcodes.vocab import Packet, Record, Text, count_of, listed, one_of, this, u8, u32, u64, when

FRIEND_DB_ERROR = 0x00
FRIEND_LIST_FULL = 0x01
FRIEND_ONLINE = 0x02
FRIEND_OFFLINE = 0x03
FRIEND_NOT_FOUND = 0x04
FRIEND_REMOVED = 0x05
FRIEND_ADDED_ONLINE = 0x06
FRIEND_ADDED_OFFLINE = 0x07
FRIEND_ALREADY = 0x08
FRIEND_SELF = 0x09
FRIEND_ENEMY = 0x0A
FRIEND_IGNORE_FULL = 0x0B
FRIEND_IGNORE_SELF = 0x0C
FRIEND_IGNORE_NOT_FOUND = 0x0D
FRIEND_IGNORE_ALREADY = 0x0E
FRIEND_IGNORE_ADDED = 0x0F
FRIEND_IGNORE_REMOVED = 0x10

SOCIAL_FRIEND, SOCIAL_IGNORED, SOCIAL_MUTED = 0x01, 0x02, 0x04
STATUS_OFFLINE, STATUS_ONLINE, STATUS_AFK, STATUS_DND = 0, 1, 2, 4

Name = Annotated[str, Text(96)]
Note = Annotated[str, Text(192)]  # 48 characters


class CMSG_WHO(Packet):
    """Who is there?"""

    minimum_level: u32
    maximum_level: u32
    player_name: Name
    guild_name: Name
    race_mask: u32
    class_mask: u32
    zones: list[u32] = listed(count=u32, limit=10)
    search_strings: list[Name] = listed(count=u32, limit=4)


class WhoPlayer(Record):
    """One who is."""

    name: Name
    guild: Name = ""
    level: u32
    class_type: u32
    race: u32
    gender: u8
    area: u32


class SMSG_WHO(Packet):
    """These are; `online_players` counts those that were not listed too."""

    listed_players: u32 = count_of("players")
    online_players: u32
    players: list[WhoPlayer] = listed(count=this.listed_players, limit=50)


class CMSG_WHOIS(Packet):
    """Whose character is that?  For those who may ask."""

    character: Name


class SMSG_WHOIS(Packet):
    """A line about the account."""

    message: Annotated[str, Text(1024)]


class CMSG_CONTACT_LIST(Packet):
    """Asks for SMSG_CONTACT_LIST."""

    flags: u32


class Relation(Record):
    """One whom the player befriends, ignores or has muted."""

    guid: u64
    relation_mask: u32
    note: Note
    status: u8 | None = when(this.relation_mask & SOCIAL_FRIEND)
    area: u32 | None = when(this.relation_mask & SOCIAL_FRIEND, this.status)
    level: u32 | None = when(this.relation_mask & SOCIAL_FRIEND, this.status)
    class_type: u32 | None = when(this.relation_mask & SOCIAL_FRIEND, this.status)


class SMSG_CONTACT_LIST(Packet):
    """All of them; the mask says which kinds are in the list (7)."""

    list_mask: u32
    relations: list[Relation] = listed(count=u32, limit=255)


class CMSG_ADD_FRIEND(Packet):
    """Befriend."""

    name: Name
    note: Note


class CMSG_DEL_FRIEND(Packet):
    """No longer."""

    guid: u64


class CMSG_SET_CONTACT_NOTES(Packet):
    """What the player notes of a friend."""

    player: u64
    note: Note


class CMSG_ADD_IGNORE(Packet):
    """Ignore."""

    name: Name


class CMSG_DEL_IGNORE(Packet):
    """No longer."""

    guid: u64


class SMSG_FRIEND_STATUS(Packet):
    """A friend came or went, or what came of a change to the lists."""

    result: u8
    guid: u64
    note: Note | None = when(one_of(this.result, FRIEND_ADDED_ONLINE, FRIEND_ADDED_OFFLINE))
    status: u8 | None = when(one_of(this.result, FRIEND_ONLINE, FRIEND_ADDED_ONLINE))
    area: u32 | None = when(one_of(this.result, FRIEND_ONLINE, FRIEND_ADDED_ONLINE))
    level: u32 | None = when(one_of(this.result, FRIEND_ONLINE, FRIEND_ADDED_ONLINE))
    class_type: u32 | None = when(one_of(this.result, FRIEND_ONLINE, FRIEND_ADDED_ONLINE))
