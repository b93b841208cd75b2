"""
Packets of the character screen.

Source: facts/wire_335.md section 2; checked against the wow_world_messages package.
"""

from typing import Annotated

from opcodes.vocab import Packet, Phase, Record, Text, array, f32, listed, this, u8, u32, u64, when

RESPONSE_SUCCESS = 0x00
RESPONSE_FAILURE = 0x01

CHAR_CREATE_SUCCESS = 0x2F
CHAR_CREATE_ERROR = 0x30
CHAR_CREATE_FAILED = 0x31
CHAR_CREATE_NAME_IN_USE = 0x32
CHAR_CREATE_DISABLED = 0x33
CHAR_CREATE_PVP_TEAMS_VIOLATION = 0x34
CHAR_CREATE_SERVER_LIMIT = 0x35
CHAR_CREATE_ACCOUNT_LIMIT = 0x36
CHAR_CREATE_EXPANSION = 0x39
CHAR_CREATE_EXPANSION_CLASS = 0x3A
CHAR_CREATE_LEVEL_REQUIREMENT = 0x3B
CHAR_CREATE_UNIQUE_CLASS_LIMIT = 0x3C

CHAR_DELETE_SUCCESS = 0x47
CHAR_DELETE_FAILED = 0x48

CHAR_LOGIN_NO_WORLD = 0x4E
CHAR_LOGIN_DUPLICATE_CHARACTER = 0x4F
CHAR_LOGIN_FAILED = 0x51
CHAR_LOGIN_DISABLED = 0x52
CHAR_LOGIN_NO_CHARACTER = 0x53

CHAR_NAME_SUCCESS = 0x57
CHAR_NAME_FAILURE = 0x58
CHAR_NAME_NO_NAME = 0x59
CHAR_NAME_TOO_SHORT = 0x5A
CHAR_NAME_TOO_LONG = 0x5B
CHAR_NAME_INVALID_CHARACTER = 0x5C
CHAR_NAME_MIXED_LANGUAGES = 0x5D
CHAR_NAME_PROFANE = 0x5E
CHAR_NAME_RESERVED = 0x5F
CHAR_NAME_INVALID_APOSTROPHE = 0x60
CHAR_NAME_MULTIPLE_APOSTROPHES = 0x61
CHAR_NAME_THREE_CONSECUTIVE = 0x62
CHAR_NAME_INVALID_SPACE = 0x63
CHAR_NAME_CONSECUTIVE_SPACES = 0x64

CHARACTER_FLAG_GHOST = 0x0000_2000
CHARACTER_FLAG_RENAME = 0x0000_4000
CHARACTER_FLAG_HIDE_HELM = 0x0000_0400
CHARACTER_FLAG_HIDE_CLOAK = 0x0000_0800

EQUIPMENT_SLOTS = 23  # 19 worn, 4 bags
CHARACTERS_ON_REALM = 10

CharacterName = Annotated[str, Text(48)]  # 12 characters, of at most 4 bytes


class CMSG_CHAR_ENUM(Packet, phase=Phase.AUTHED):
    """Asks for the account's characters."""


class CharacterGear(Record):
    """What one slot shows at the character screen."""

    equipment_display_id: u32 = 0
    inventory_type: u8 = 0
    enchantment: u32 = 0


class Character(Record):
    """One row of the character screen."""

    guid: u64
    name: CharacterName
    race: u8
    class_type: u8
    gender: u8
    skin: u8
    face: u8
    hair_style: u8
    hair_color: u8
    facial_hair: u8
    level: u8
    area: u32
    map: u32
    x: f32
    y: f32
    z: f32
    guild_id: u32 = 0
    flags: u32 = 0
    recustomization_flags: u32 = 0
    first_login: u8 = 0
    pet_display_id: u32 = 0
    pet_level: u32 = 0
    pet_family: u32 = 0
    equipment: list[CharacterGear] = array(EQUIPMENT_SLOTS)


class SMSG_CHAR_ENUM(Packet):
    """The account's characters on this realm."""

    characters: list[Character] = listed(count=u8, limit=CHARACTERS_ON_REALM)


class CMSG_CHAR_CREATE(Packet, phase=Phase.AUTHED):
    """Make this character."""

    name: CharacterName
    race: u8
    class_type: u8
    gender: u8
    skin_color: u8
    face: u8
    hair_style: u8
    hair_color: u8
    facial_hair: u8
    outfit_id: u8 = 0


class SMSG_CHAR_CREATE(Packet):
    """A CHAR_CREATE_ or CHAR_NAME_ result."""

    result: u8


class CMSG_CHAR_DELETE(Packet, phase=Phase.AUTHED):
    """Delete this character."""

    guid: u64


class SMSG_CHAR_DELETE(Packet):
    """A CHAR_DELETE_ result."""

    result: u8


class CMSG_CHAR_RENAME(Packet, phase=Phase.AUTHED):
    """Give this character, which must be renamed, another name."""

    character: u64
    new_name: CharacterName


class SMSG_CHAR_RENAME(Packet):
    """RESPONSE_SUCCESS with the new name, or a CHAR_NAME_ or CHAR_CREATE_ result."""

    result: u8
    character: u64 | None = when(this.result == RESPONSE_SUCCESS)
    new_name: CharacterName | None = when(this.result == RESPONSE_SUCCESS)


class CMSG_PLAYER_LOGIN(Packet, phase=Phase.AUTHED):
    """Enter the world as this character."""

    guid: u64
