"""
How client 1.12.1 (build 5875) writes the packets that it writes otherwise: connection, characters, play.

Each class is a layout of the packet it names with `of`: it takes and gives objects of that packet, in the
numbers of 3.3.5a.  What 1.12.1 does not have at all is not in `versions/5875.csv`; `Version.forms` says what
it is sent instead.  Its movement, objects, chat and queries are in the modules named after this one.

Source: checked against the wow_world_messages package (vanilla).
"""

from typing import Annotated, Any

import construct as c

from opcodes import characters as ch
from opcodes import play, session
from opcodes.session import AUTH_OK, AUTH_WAIT_QUEUE, AccountName, Addon, Bytes, WorldState
from opcodes.vocab import (
    Fixed,
    Mapped,
    Record,
    array,
    f32,
    listed,
    this,
    to_end,
    u8,
    u16,
    u32,
    u64,
    when,
)

__all__ = ["LAST_RACE", "LAYOUTS"]

LAST_RACE = 8  # what 1.12.1 can show: eight races, no death knights
CLASS_MASK = 0b1011_1011_1110  # classes 1 to 5, 7, 8, 9 and 11, a bit each
GEAR_SLOTS = 20  # 19 worn, the first bag
BUTTONS = 120
FACTIONS = 64
SPELL_LIMIT = 0x10000

# 3.3.5a result code to 1.12.1's, of those that do not have the same number.
RESULTS = {
    ch.CHAR_CREATE_SUCCESS: 0x2E,
    ch.CHAR_CREATE_ERROR: 0x2F,
    ch.CHAR_CREATE_FAILED: 0x30,
    ch.CHAR_CREATE_NAME_IN_USE: 0x31,
    ch.CHAR_CREATE_DISABLED: 0x32,
    ch.CHAR_CREATE_PVP_TEAMS_VIOLATION: 0x33,
    ch.CHAR_CREATE_SERVER_LIMIT: 0x34,
    ch.CHAR_CREATE_ACCOUNT_LIMIT: 0x35,
    ch.CHAR_CREATE_EXPANSION: 0x30,
    ch.CHAR_CREATE_EXPANSION_CLASS: 0x30,
    ch.CHAR_CREATE_LEVEL_REQUIREMENT: 0x30,
    ch.CHAR_CREATE_UNIQUE_CLASS_LIMIT: 0x30,
    ch.CHAR_DELETE_SUCCESS: 0x39,
    ch.CHAR_DELETE_FAILED: 0x3A,
    ch.CHAR_LOGIN_NO_WORLD: 0x3E,
    ch.CHAR_LOGIN_DUPLICATE_CHARACTER: 0x3F,
    ch.CHAR_LOGIN_FAILED: 0x41,
    ch.CHAR_LOGIN_DISABLED: 0x42,
    ch.CHAR_LOGIN_NO_CHARACTER: 0x43,
    ch.CHAR_NAME_SUCCESS: 0x50,
    ch.CHAR_NAME_FAILURE: 0x51,
    ch.CHAR_NAME_NO_NAME: 0x45,
    ch.CHAR_NAME_TOO_SHORT: 0x46,
    ch.CHAR_NAME_TOO_LONG: 0x47,
    ch.CHAR_NAME_INVALID_CHARACTER: 0x48,
    ch.CHAR_NAME_MIXED_LANGUAGES: 0x49,
    ch.CHAR_NAME_PROFANE: 0x4A,
    ch.CHAR_NAME_RESERVED: 0x4B,
    ch.CHAR_NAME_INVALID_APOSTROPHE: 0x4C,
    ch.CHAR_NAME_MULTIPLE_APOSTROPHES: 0x4D,
    ch.CHAR_NAME_THREE_CONSECUTIVE: 0x4E,
    ch.CHAR_NAME_INVALID_SPACE: 0x4F,
    ch.CHAR_NAME_CONSECUTIVE_SPACES: 0x4F,
}
OURS = {theirs: ours for ours, theirs in reversed(RESULTS.items())}
Result = Annotated[
    int, Mapped(c.Int8ul, lambda theirs: OURS.get(theirs, theirs), lambda ours: RESULTS.get(ours, ours))
]
PARTY_TARGET_NOT_IN_INSTANCE = 3  # a reason that 1.12.1 lacks; those after it moved up


class AuthChallenge(Record, of=session.SMSG_AUTH_CHALLENGE):
    """What the client must prove its key on."""

    server_seed: u32


class AuthSession(Record, of=session.CMSG_AUTH_SESSION):
    """The client's proof."""

    client_build: u32
    login_server_id: u32
    username: AccountName
    client_seed: u32
    client_proof: Annotated[bytes, Fixed(20)]
    addon_info: Bytes


class AuthResponse(Record, of=session.SMSG_AUTH_RESPONSE):
    """Whether the proof was good."""

    result: u8
    billing_time: u32 | None = when(this.result == AUTH_OK)
    billing_flags: u8 | None = when(this.result == AUTH_OK)
    billing_rested: u32 | None = when(this.result == AUTH_OK)
    queue_position: u32 | None = when(this.result == AUTH_WAIT_QUEUE)


class AddonInfo(Record, of=session.SMSG_ADDON_INFO):
    """An answer for each addon."""

    addons: list[Addon] = to_end(256)


class AccountDataTimes(Record, of=session.SMSG_ACCOUNT_DATA_TIMES):
    """An MD5 for each kind; zeros are nobody's, so that the client keeps what it has."""

    md5s: Annotated[bytes, Fixed(128)] = bytes(128)


class UpdateAccountData(Record, of=session.CMSG_UPDATE_ACCOUNT_DATA):
    """Store this."""

    data_type: u32
    decompressed_size: u32
    compressed_data: Bytes


class AccountData(Record, of=session.SMSG_UPDATE_ACCOUNT_DATA):
    """What was stored."""

    data_type: u32
    decompressed_size: u32
    compressed_data: Bytes


class TimeSpeed(Record, of=session.SMSG_LOGIN_SETTIMESPEED):
    """The world's time of day."""

    datetime: u32
    timescale: f32


class WorldStates(Record, of=session.SMSG_INIT_WORLD_STATES):
    """A zone and its counters."""

    map: u32
    area: u32
    states: list[WorldState] = listed(count=u16, limit=1000)


class Gear(Record, of=ch.CharacterGear):
    """What one slot shows."""

    equipment_display_id: u32
    inventory_type: u8


class Character5875(Record, of=ch.Character):
    """One row of the character screen."""

    guid: u64
    name: ch.CharacterName
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
    guild_id: u32
    flags: u32
    first_login: u8
    pet_display_id: u32
    pet_level: u32
    pet_family: u32
    equipment: list[Gear] = array(GEAR_SLOTS)

    @staticmethod
    def outward(character: ch.Character) -> ch.Character:
        """Without the other bags."""
        return ch.Character(**dict(character) | {"equipment": character.equipment[:GEAR_SLOTS]})

    @staticmethod
    def inward(character: ch.Character) -> ch.Character:
        """With empty ones."""
        character.equipment += [ch.CharacterGear() for _ in range(ch.EQUIPMENT_SLOTS - GEAR_SLOTS)]
        return character


class CharEnum(Record, of=ch.SMSG_CHAR_ENUM):
    """The account's characters, but for those that 1.12.1 has no looks for."""

    characters: list[Character5875] = listed(count=u8, limit=ch.CHARACTERS_ON_REALM)

    @staticmethod
    def outward(packet: ch.SMSG_CHAR_ENUM) -> ch.SMSG_CHAR_ENUM:
        """Those that it has."""
        return ch.SMSG_CHAR_ENUM(
            characters=[
                who for who in packet.characters if who.race <= LAST_RACE and CLASS_MASK >> who.class_type & 1
            ]
        )

    @staticmethod
    def inward(packet: ch.SMSG_CHAR_ENUM) -> ch.SMSG_CHAR_ENUM:
        """All of them."""
        return packet


class CharCreate(Record, of=ch.SMSG_CHAR_CREATE):
    """What came of it."""

    result: Result


class CharDelete(Record, of=ch.SMSG_CHAR_DELETE):
    """What came of it."""

    result: Result


class LoginFailed(Record, of=session.SMSG_CHARACTER_LOGIN_FAILED):
    """Why not."""

    result: Result


class CharRename(Record, of=ch.SMSG_CHAR_RENAME):
    """What came of it."""

    result: Result
    character: u64 | None = when(this.result == ch.RESPONSE_SUCCESS)
    new_name: ch.CharacterName | None = when(this.result == ch.RESPONSE_SUCCESS)


class InitialSpell5875(Record, of=play.InitialSpell):
    """A known spell."""

    spell_id: u16
    unknown1: u16


class Cooldown5875(Record, of=play.Cooldown):
    """A spell that is not ready yet."""

    spell_id: u16
    item_id: u16
    spell_category: u16
    cooldown: u32
    category_cooldown: u32


class InitialSpells(Record, of=play.SMSG_INITIAL_SPELLS):
    """The spell book, as far as spells have small numbers."""

    unknown1: u8
    initial_spells: list[InitialSpell5875] = listed(count=u16, limit=4000)
    cooldowns: list[Cooldown5875] = listed(count=u16, limit=1000)

    @staticmethod
    def outward(packet: play.SMSG_INITIAL_SPELLS) -> play.SMSG_INITIAL_SPELLS:
        """Those of small numbers."""
        return play.SMSG_INITIAL_SPELLS(
            unknown1=packet.unknown1,
            initial_spells=[spell for spell in packet.initial_spells if spell.spell_id < SPELL_LIMIT],
            cooldowns=[spell for spell in packet.cooldowns if spell.spell_id < SPELL_LIMIT],
        )

    @staticmethod
    def inward(packet: play.SMSG_INITIAL_SPELLS) -> play.SMSG_INITIAL_SPELLS:
        """All of them."""
        return packet


class ActionButtons(Record):
    """SMSG_ACTION_BUTTONS: fewer, and always all of them."""

    data: list[u32] = array(BUTTONS)

    @staticmethod
    def outward(packet: play.SMSG_ACTION_BUTTONS) -> "ActionButtons":
        """The first bars."""
        return ActionButtons(data=(packet.data or [0] * BUTTONS)[:BUTTONS])

    @staticmethod
    def inward(read: "ActionButtons") -> play.SMSG_ACTION_BUTTONS:
        """With empty bars after them."""
        return play.SMSG_ACTION_BUTTONS(
            behavior=play.ACTIONS_SET, data=read.data + [0] * (play.ACTION_BUTTONS - BUTTONS)
        )


class InitializeFactions(Record, of=play.SMSG_INITIALIZE_FACTIONS):
    """How the factions stand to the character: half as many of them."""

    factions: list[play.Faction] = listed(count=u32, limit=FACTIONS)

    @staticmethod
    def outward(packet: play.SMSG_INITIALIZE_FACTIONS) -> play.SMSG_INITIALIZE_FACTIONS:
        """The first half."""
        return play.SMSG_INITIALIZE_FACTIONS(factions=packet.factions[:FACTIONS])

    @staticmethod
    def inward(packet: play.SMSG_INITIALIZE_FACTIONS) -> play.SMSG_INITIALIZE_FACTIONS:
        """As it is."""
        return packet


class PlayedTimeQuestion(Record, of=play.CMSG_PLAYED_TIME):
    """Asks how long the character was played; the answer is always shown."""

    @staticmethod
    def outward(packet: play.CMSG_PLAYED_TIME) -> play.CMSG_PLAYED_TIME:
        """Nothing is written."""
        return packet

    @staticmethod
    def inward(packet: play.CMSG_PLAYED_TIME) -> play.CMSG_PLAYED_TIME:
        """To be shown."""
        packet.show_on_ui = 1
        return packet


class PlayedTime(Record, of=play.SMSG_PLAYED_TIME):
    """So long."""

    total_played_time: u32
    level_played_time: u32


class GroupInvitation(Record, of=play.SMSG_GROUP_INVITE):
    """That character invites you."""

    name: play.Name


class GroupInvite(Record, of=play.CMSG_GROUP_INVITE):
    """Invite that character."""

    name: play.Name


class PartyResult(Record, of=play.SMSG_PARTY_COMMAND_RESULT):
    """What came of it."""

    operation: u32
    member: play.Name
    result: Annotated[
        int,
        Mapped(
            c.Int32ul,
            lambda theirs: theirs + (theirs >= PARTY_TARGET_NOT_IN_INSTANCE),
            lambda ours: ours - (ours >= PARTY_TARGET_NOT_IN_INSTANCE),
        ),
    ]


EITHER_WAY: tuple[Any, ...] = (
    AuthChallenge,
    AuthSession,
    AuthResponse,
    AddonInfo,
    AccountDataTimes,
    UpdateAccountData,
    AccountData,
    TimeSpeed,
    WorldStates,
    CharEnum,
    CharCreate,
    CharDelete,
    LoginFailed,
    CharRename,
    InitialSpells,
    InitializeFactions,
    PlayedTimeQuestion,
    PlayedTime,
    GroupInvitation,
    GroupInvite,
    PartyResult,
)
LAYOUTS: dict[tuple[type[Record], bool], type[Record]] = {
    **{(layout.canonical, received): layout for layout in EITHER_WAY for received in (False, True)},
    (play.SMSG_ACTION_BUTTONS, False): ActionButtons,
}
