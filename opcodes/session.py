"""
Packets of a connection and of coming into the world: handshake, keep-alive, account data, login burst.

Source: facts/wire_335.md sections 2 to 4; checked against the wow_world_messages package.
"""

from typing import Annotated

from opcodes.vocab import (
    Fixed,
    Packet,
    Phase,
    Record,
    Rest,
    Text,
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

AUTH_OK = 0x0C
AUTH_FAILED = 0x0D
AUTH_REJECT = 0x0E
AUTH_SYSTEM_ERROR = 0x11
AUTH_VERSION_MISMATCH = 0x14
AUTH_UNKNOWN_ACCOUNT = 0x15
AUTH_WAIT_QUEUE = 0x1B
AUTH_BANNED = 0x1C
AUTH_ALREADY_ONLINE = 0x1D

GLOBAL_CACHE_MASK = 0x15  # account data kinds that belong to the account
CHARACTER_CACHE_MASK = 0xEA  # and those that belong to the character
ACCOUNT_DATA_KINDS = 8

LOGOUT_SUCCESS, LOGOUT_FAILURE_IN_COMBAT, LOGOUT_FAILURE_FROZEN_BY_GM, LOGOUT_FAILURE_FALLING = 0, 1, 2, 3
LOGOUT_DELAYED, LOGOUT_INSTANT = 0, 1
REALM_SPLIT_NORMAL = 0

SERVER_MSG_SHUTDOWN_TIME, SERVER_MSG_RESTART_TIME, SERVER_MSG_STRING = 1, 2, 3

AccountName = Annotated[str, Text(32)]  # 1 to 20 characters; the rest is for those that are not ASCII
Line = Annotated[str, Text(1024)]
Bytes = Annotated[bytes, Rest(0xFFFF)]


class SMSG_AUTH_CHALLENGE(Packet):
    """The server speaks first, in clear: prove the session key on this seed."""

    unknown1: u32 = 1
    server_seed: u32
    seed: Annotated[bytes, Fixed(32)]


class CMSG_AUTH_SESSION(Packet, phase=Phase.HELLO):
    """
    The client's proof; its header is in clear, all later ones are enciphered.

    `client_proof` is SHA1(username, u32 0, client_seed, server_seed, session key).  `dos_response` and
    `addon_info` are to be ignored: real clients fill them with anything.
    """

    client_build: u32
    login_server_id: u32
    username: AccountName
    login_server_type: u32
    client_seed: u32
    region_id: u32
    battleground_id: u32
    realm_id: u32
    dos_response: u64
    client_proof: Annotated[bytes, Fixed(20)]
    addon_info: Bytes


class SMSG_AUTH_RESPONSE(Packet):
    """Whether the proof was good."""

    result: u8
    billing_time: u32 | None = when(this.result == AUTH_OK)
    billing_flags: u8 | None = when(this.result == AUTH_OK)
    billing_rested: u32 | None = when(this.result == AUTH_OK)
    expansion: u8 | None = when(this.result == AUTH_OK)
    queue_position: u32 | None = when(this.result == AUTH_WAIT_QUEUE)
    realm_has_free_character_migration: u8 | None = when(this.result == AUTH_WAIT_QUEUE)


class ClientAddon(Record):
    """One of the client's addons."""

    name: Annotated[str, Text(128)]
    enabled: u8
    crc: u32
    unknown1: u32


class AddonBlock(Record):
    """What CMSG_AUTH_SESSION's `addon_info` unpacks to, when it is in order: u32 its size, then zlib."""

    addons: list[ClientAddon] = listed(count=u32, limit=256)
    time: u32


class Addon(Record):
    """What the server says of one of the client's addons."""

    addon_type: u8
    uses_crc: u8
    uses_diffent_public_key: u8 | None = when(this.uses_crc)
    public_key: Annotated[bytes, Fixed(256)] | None = when(this.uses_diffent_public_key)
    unknown1: u32 | None = when(this.uses_crc)
    unknown2: u8


class SMSG_ADDON_INFO(Packet):
    """An answer for each addon of CMSG_AUTH_SESSION, in its order; 8 bytes each when there is no key."""

    addons: list[Addon] = to_end(256, leaving=4)
    number_of_banned_addons: u32


class SMSG_CLIENTCACHE_VERSION(Packet):
    """A client with an older cache of queries throws it away."""

    version: u32


class CMSG_REALM_SPLIT(Packet, phase=Phase.AUTHED):
    """Asks whether the realm is being split."""

    realm_id: u32


class SMSG_REALM_SPLIT(Packet):
    """It is not: state 0."""

    realm_id: u32
    state: u32
    split_date: Annotated[str, Text(32)]


class CMSG_PING(Packet, phase=Phase.AUTHED):
    """Keep-alive; the server echoes `sequence_id` in SMSG_PONG."""

    sequence_id: u32
    round_time_in_ms: u32


class SMSG_PONG(Packet):
    """Answer to CMSG_PING."""

    sequence_id: u32


class CMSG_KEEP_ALIVE(Packet, phase=Phase.AUTHED):
    """Says nothing; no answer."""


class CMSG_WARDEN_DATA(Packet, phase=Phase.AUTHED):
    """An answer to a question that we never ask."""

    encrypted_data: Bytes


class CMSG_READY_FOR_ACCOUNT_DATA_TIMES(Packet, phase=Phase.AUTHED):
    """Asks for SMSG_ACCOUNT_DATA_TIMES."""


class SMSG_ACCOUNT_DATA_TIMES(Packet):
    """When each kind of account data in `mask` was stored, unix seconds; one time for each bit set."""

    unix_time: u32
    unknown1: u8 = 1
    mask: u32
    times: list[u32] = to_end(ACCOUNT_DATA_KINDS)


class CMSG_REQUEST_ACCOUNT_DATA(Packet, phase=Phase.AUTHED):
    """Asks for what was stored."""

    data_type: u32


class CMSG_UPDATE_ACCOUNT_DATA(Packet, phase=Phase.AUTHED):
    """Store this, zlib; decompressed_size 0 forgets it."""

    data_type: u32
    unix_time: u32
    decompressed_size: u32
    compressed_data: Bytes


class SMSG_UPDATE_ACCOUNT_DATA(Packet):
    """What was stored, as it came."""

    guid: u64 = 0
    data_type: u32
    unix_time: u32
    decompressed_size: u32
    compressed_data: Bytes


class SMSG_UPDATE_ACCOUNT_DATA_COMPLETE(Packet):
    """It is stored."""

    data_type: u32
    unknown1: u32 = 0


class SMSG_TUTORIAL_FLAGS(Packet):
    """Which tutorials were shown, a bit each; all set: none is shown."""

    tutorial_data: list[u32] = array(8)


class CMSG_TUTORIAL_FLAG(Packet):
    """This one was shown."""

    tutorial_flag: u32


class CMSG_TUTORIAL_CLEAR(Packet):
    """Show none."""


class CMSG_TUTORIAL_RESET(Packet):
    """Show all again."""


class SMSG_TIME_SYNC_REQ(Packet):
    """What does your clock say?"""

    time_sync: u32


class CMSG_TIME_SYNC_RESP(Packet):
    """This, in milliseconds."""

    time_sync: u32
    client_ticks: u32


class CMSG_LOGOUT_REQUEST(Packet):
    """The player wants to go to the character screen."""


class SMSG_LOGOUT_RESPONSE(Packet):
    """Whether it may, and whether at once."""

    result: u32
    speed: u8


class SMSG_LOGOUT_COMPLETE(Packet):
    """The character has left the world."""


class CMSG_LOGOUT_CANCEL(Packet):
    """The player stays."""


class SMSG_LOGOUT_CANCEL_ACK(Packet):
    """Good."""


class CMSG_PLAYER_LOGOUT(Packet):
    """The player wants to go at once; asked only by those who may."""


class SMSG_LOGIN_VERIFY_WORLD(Packet):
    """First of the login burst: where the character is."""

    map: u32
    x: f32
    y: f32
    z: f32
    orientation: f32


class SMSG_CHARACTER_LOGIN_FAILED(Packet):
    """It cannot enter; a CHAR_LOGIN_ result of opcodes.characters."""

    result: u8


class SMSG_LOGIN_SETTIMESPEED(Packet):
    """
    The world's time of day.

    `datetime` packs minute (6 bits), hour (5), weekday (3), day of month - 1 (6), month - 1 (4) and
    year - 2000 (5), lowest first; `timescale` is game minutes a second.
    """

    datetime: u32
    timescale: f32
    unknown1: u32 = 0


class SMSG_MOTD(Packet):
    """Lines for the chat window."""

    motds: list[Line] = listed(count=u32, limit=16)


class SMSG_SERVER_MESSAGE(Packet):
    """A notice such as that of a shutdown."""

    message_type: u32
    message: Line


class SMSG_BINDPOINTUPDATE(Packet):
    """Where the hearthstone leads."""

    x: f32
    y: f32
    z: f32
    map: u32
    area: u32


class WorldState(Record):
    """One of a zone's counters."""

    state: u32
    value: u32


class SMSG_INIT_WORLD_STATES(Packet):
    """A zone and its counters."""

    map: u32
    area: u32
    sub_area: u32
    states: list[WorldState] = listed(count=u16, limit=1000)


class SMSG_FEATURE_SYSTEM_STATUS(Packet):
    """What the client may offer: complaints (2: with the automatic ignore), voice."""

    complaint_status: u8 = 2
    voice_chat_enabled: u8 = 0


class SMSG_INSTANCE_DIFFICULTY(Packet):
    """How hard the map is."""

    difficulty: u32
    dynamic_difficulty: u32 = 0
