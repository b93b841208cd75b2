"""
How a client and the server agree on a datagram link, over the session they have: docs/bmu1.md section 1.

Extensions of ours to 3.3.5a, with numbers far above the client's own: the game's client never sends one and,
as the server only answers, is never sent one.  The salt of the keys hashes these bodies as they were sent.
"""

from typing import Annotated

from opcodes.vocab import Fixed, Packet, Phase, Rest, u8, u16, u32

PROTO = 1
AEAD_AES_128_GCM, AEAD_CHACHA20_POLY1305 = 0, 1
AEADS_AES_128_GCM, AEADS_CHACHA20_POLY1305 = 1, 2  # bits of `aeads`
ENCODER_WORDS, ENCODER_DELTAS = 0, 1
ENCODERS_WORDS, ENCODERS_DELTAS = 1, 2  # bits of `encoders`
MTU_LEAST, MTU_MOST = 1200, 1452

REFUSED_OFF, REFUSED_NOTHING_IN_COMMON, REFUSED_NO_ROOM, REFUSED_NOT_IN_WORLD, REFUSED_ASKED_ALREADY = range(
    1, 6
)
REFUSED_WORDS = {
    REFUSED_OFF: "switched off",
    REFUSED_NOTHING_IN_COMMON: "nothing in common",
    REFUSED_NO_ROOM: "no room",
    REFUSED_NOT_IN_WORLD: "not in the world",
    REFUSED_ASKED_ALREADY: "asked already",
}

# Why a link was closed.
CLOSE_BYE, CLOSE_KICKED, CLOSE_SILENT, CLOSE_PROTOCOL, CLOSE_SHUTTING_DOWN, CLOSE_REPLACED = range(6)
CLOSE_WORDS = {
    CLOSE_BYE: "bye",
    CLOSE_KICKED: "kicked",
    CLOSE_SILENT: "silent",
    CLOSE_PROTOCOL: "protocol",
    CLOSE_SHUTTING_DOWN: "shutting down",
    CLOSE_REPLACED: "replaced",
}
UNKNOWN = "another reason"  # the other end's own

Key = Annotated[bytes, Fixed(32)]
Datagram = Annotated[bytes, Rest(MTU_MOST)]


class CMSG_UDP_REQUEST(Packet, phase=Phase.AUTHED):
    """The client would like a datagram link for the character that is in the world, or about to be."""

    proto: u16
    aeads: u8
    encoders: u8
    mtu: u16


class SMSG_UDP_OFFER(Packet):
    """What the link will be, and the server's half of the keys; its address is that of this connection."""

    proto: u16
    aead: u8
    encoder: u8
    mtu: u16
    port: u16
    cid: u32
    realm_id: u32
    account_id: u32
    keepalive_ms: u16
    server_random: Key
    server_public: Key


class CMSG_UDP_ACCEPT(Packet):
    """The client's half of the keys: from here on both have them."""

    client_random: Key
    client_public: Key


class SMSG_UDP_REFUSED(Packet):
    """There will be no link, and why: REFUSED_."""

    reason: u8


class CMSG_UDP_TUNNEL(Packet):
    """A sealed datagram for the server, where UDP does not get through."""

    datagram: Datagram


class SMSG_UDP_TUNNEL(Packet):
    """A sealed datagram for the client, where UDP does not get through."""

    datagram: Datagram
