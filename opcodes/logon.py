"""
The logon protocol: what clients and the auth server say on port 3724.

A packet is its command byte and then the fields here, but for the realm
list's answer, which has a u16 size between the two.  A class is the 3.3.5a
form; LAYOUTS has what another build writes instead.

Source: shared/facts/wire_335.md section 1; the wow_login_messages package agrees (version8, version3).
"""

from typing import Annotated

from opcodes.vocab import Fixed, Packet, Record, Rest, Text, f32, listed, this, u8, u16, u32, when

SUCCESS = 0x00
FAIL_BANNED = 0x03
FAIL_UNKNOWN_ACCOUNT = 0x04
FAIL_DB_BUSY = 0x08
FAIL_VERSION_INVALID = 0x09
FAIL_SUSPENDED = 0x0C
FAIL_NO_ACCESS = 0x0D
FAIL_LOCKED_ENFORCED = 0x10  # 3.3.5a only

REALM_INVALID = 0x01
REALM_OFFLINE = 0x02
REALM_SPECIFY_BUILD = 0x04  # never set: several clients misread what would follow

Key = Annotated[bytes, Fixed(32)]
Proof = Annotated[bytes, Fixed(20)]
Salt16 = Annotated[bytes, Fixed(16)]
FourCC = Annotated[bytes, Fixed(4)]


class CMD_AUTH_LOGON_CHALLENGE_Client(Packet):
    """
    Who wants to log in, and with what.

    `size` counts what follows it.  The four-character codes come reversed,
    shifted or plain, whatever the client likes.
    """

    protocol_version: u8
    size: u16
    game_name: FourCC
    major: u8
    minor: u8
    patch: u8
    build: u16
    platform: FourCC
    os: FourCC
    locale: FourCC
    utc_timezone_offset: u32
    client_ip_address: u32
    account_name_size: u8
    account_name: Annotated[bytes, Rest(255)]


class CMD_AUTH_LOGON_CHALLENGE_Server(Packet):
    """The numbers to prove the password with, or why not."""

    protocol_version: u8 = 0
    result: u8
    server_public_key: Key | None = when(this.result == 0)
    generator_length: u8 | None = when(this.result == 0)
    generator: u8 | None = when(this.result == 0)
    large_safe_prime_length: u8 | None = when(this.result == 0)
    large_safe_prime: Key | None = when(this.result == 0)
    salt: Key | None = when(this.result == 0)
    crc_salt: Salt16 | None = when(this.result == 0)
    security_flag: u8 | None = when(this.result == 0)


class TelemetryKey(Record):
    """A disc's key; no client of today has one."""

    unknown1: u16
    unknown2: u32
    unknown3: FourCC
    cd_key_proof: Proof


class CMD_AUTH_LOGON_PROOF_Client(Packet):
    """The proof that the client knows the password."""

    client_public_key: Key
    client_proof: Proof
    crc_hash: Proof
    telemetry_keys: list[TelemetryKey] = listed(count=u8, limit=4)
    security_flag: u8


class CMD_AUTH_LOGON_PROOF_Server(Packet):
    """The server's proof, or why not."""

    result: u8
    server_proof: Proof | None = when(this.result == 0)
    account_flag: u32 | None = when(this.result == 0)
    hardware_survey_id: u32 | None = when(this.result == 0)
    unknown: u16 = 0


class CMD_AUTH_RECONNECT_CHALLENGE_Client(CMD_AUTH_LOGON_CHALLENGE_Client):
    """Who wants to come back with the key of an earlier login."""


class CMD_AUTH_RECONNECT_CHALLENGE_Server(Packet):
    """What to prove the key on."""

    result: u8
    challenge_data: Salt16 | None = when(this.result == 0)
    checksum_salt: Salt16 | None = when(this.result == 0)


class CMD_AUTH_RECONNECT_PROOF_Client(Packet):
    """The proof that the client still holds the key."""

    proof_data: Salt16
    client_proof: Proof
    client_checksum: Proof
    key_count: u8


class CMD_AUTH_RECONNECT_PROOF_Server(Packet):
    """Whether it does."""

    result: u8
    padding: u16 = 0


class CMD_REALM_LIST_Client(Packet):
    """Asks for the realms."""

    padding: u32


class Realm(Record):
    """One line of the realm list."""

    realm_type: u8
    locked: u8 = 0
    flag: u8
    name: Annotated[str, Text(128)]
    address: Annotated[str, Text(264)]
    population: f32
    number_of_characters_on_realm: u8
    category: u8
    realm_id: u8


class CMD_REALM_LIST_Server(Packet):
    """The realms this account may see; a u16 size stands before it."""

    header_padding: u32 = 0
    realms: list[Realm] = listed(count=u16, limit=100)
    footer_padding: u16


class LogonProof5875(Record):
    """CMD_AUTH_LOGON_PROOF_Server of 1.12.1: shorter either way."""

    result: u8
    server_proof: Proof | None = when(this.result == 0)
    hardware_survey_id: u32 | None = when(this.result == 0)


class ReconnectProof5875(Record):
    """CMD_AUTH_RECONNECT_PROOF_Server of 1.12.1."""

    result: u8


class Realm5875(Record):
    """A realm of 1.12.1: a wide type, no lock."""

    realm_type: u32
    flag: u8
    name: Annotated[str, Text(128)]
    address: Annotated[str, Text(264)]
    population: f32
    number_of_characters_on_realm: u8
    category: u8
    realm_id: u8


class RealmList5875(Record):
    """CMD_REALM_LIST_Server of 1.12.1."""

    header_padding: u32 = 0
    realms: list[Realm5875] = listed(count=u8, limit=100)
    footer_padding: u16


COMMANDS: dict[int, tuple[type[Packet], type[Packet]]] = {
    0x00: (CMD_AUTH_LOGON_CHALLENGE_Client, CMD_AUTH_LOGON_CHALLENGE_Server),
    0x01: (CMD_AUTH_LOGON_PROOF_Client, CMD_AUTH_LOGON_PROOF_Server),
    0x02: (CMD_AUTH_RECONNECT_CHALLENGE_Client, CMD_AUTH_RECONNECT_CHALLENGE_Server),
    0x03: (CMD_AUTH_RECONNECT_PROOF_Client, CMD_AUTH_RECONNECT_PROOF_Server),
    0x10: (CMD_REALM_LIST_Client, CMD_REALM_LIST_Server),
}
FOOTERS = {12340: 0x0010, 5875: 0x0002}  # what servers end the realm list with; nobody reads it
LAYOUTS: dict[int, dict[type[Packet], type[Record]]] = {
    12340: {},
    5875: {
        CMD_AUTH_LOGON_PROOF_Server: LogonProof5875,
        CMD_AUTH_RECONNECT_PROOF_Server: ReconnectProof5875,
        CMD_REALM_LIST_Server: RealmList5875,
    },
}
