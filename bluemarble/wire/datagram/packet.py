"""
One datagram, sealed and opened, with everything given that is not in it: docs/bmu1.md section 2.

    c2s   flags u8 | cid u32 | pn u16 | ciphertext | tag 16
    s2c   flags u8 |           pn u16 | ciphertext | tag 16
"""

import struct
from typing import NamedTuple

from cryptography.exceptions import InvalidTag

from bluemarble.wire.datagram.keys import Generation, header_mask
from bluemarble.wire.datagram.numbers import LOW
from opcodes.datagram import MTU_MOST, PROTO

FLAGS = 0x50  # fixed bits 01, version 01
FLAGS_MASK = 0xF0
PHASE = 0x08
PROTECTED = 0x0F  # of the flags
C2S_HEAD, S2C_HEAD = 7, 3
TAG_BYTES = 16
SAMPLE_BYTES = 16
PLAIN_LEAST = 4
DATAGRAM_MOST = MTU_MOST
CID_AT = 1

_C2S = struct.Struct("<BIH")
_S2C = struct.Struct("<BH")
_ADDITIONAL = struct.Struct("<BHIH")
_CID = struct.Struct("<I")


class Header(NamedTuple):
    """A datagram's header with its protection off; `low` is the packet number's low 16 bits."""

    flags: int
    low: int

    @property
    def phase(self) -> int:
        """The key phase: the sender's generation modulo 2."""
        return (self.flags & PHASE) // PHASE


def overhead(to_server: bool) -> int:
    """What a datagram has beside its plaintext, bytes."""
    return (C2S_HEAD if to_server else S2C_HEAD) + TAG_BYTES


def cid_of(datagram: bytes) -> int | None:
    """Whose datagram a server has been sent, or None for one that is of no link."""
    if not overhead(True) + PLAIN_LEAST <= len(datagram) <= DATAGRAM_MOST:
        return None
    if datagram[0] & FLAGS_MASK != FLAGS:
        return None
    cid: int = _CID.unpack_from(datagram, CID_AT)[0]
    return cid


def seal(
    aead: int, header_key: bytes, keys: Generation, number: int, cid: int, plaintext: bytes, to_server: bool
) -> bytes:
    """
    The datagram.

    @param number: the packet number, never used before with these keys.
    @raise ValueError: plaintext under PLAIN_LEAST bytes, or too long for any path.
    """
    if not PLAIN_LEAST <= len(plaintext) <= DATAGRAM_MOST - overhead(to_server):
        raise ValueError(f"plaintext of {len(plaintext)} bytes")
    flags = FLAGS | PHASE * (keys.number & 1)
    low = number & LOW
    sealed = keys.cipher.encrypt(_nonce(keys.iv, number), plaintext, _ADDITIONAL.pack(flags, low, cid, PROTO))
    flags, low = _masked(aead, header_key, sealed, flags, low)
    head = _C2S.pack(flags, cid, low) if to_server else _S2C.pack(flags, low)
    return head + sealed


def unprotected(aead: int, header_key: bytes, datagram: bytes, to_server: bool) -> Header:
    """The header of a datagram that is long enough; nothing of it is proven yet."""
    if to_server:
        flags, _, low = _C2S.unpack_from(datagram)
    else:
        flags, low = _S2C.unpack_from(datagram)
    sealed = datagram[C2S_HEAD if to_server else S2C_HEAD :]
    return Header(*_masked(aead, header_key, sealed, flags, low))


def opened(
    keys: Generation, header: Header, number: int, cid: int, datagram: bytes, to_server: bool
) -> bytes | None:
    """The plaintext of a datagram whose packet number and generation these are, or None: it is not."""
    additional = _ADDITIONAL.pack(header.flags, header.low, cid, PROTO)
    sealed = datagram[C2S_HEAD if to_server else S2C_HEAD :]
    try:
        return keys.cipher.decrypt(_nonce(keys.iv, number), sealed, additional)
    except InvalidTag:
        return None


def _masked(aead: int, header_key: bytes, sealed: bytes, flags: int, low: int) -> tuple[int, int]:
    """Flags and number with their protection put on, or taken off: it is the same."""
    mask = header_mask(aead, header_key, sealed[:SAMPLE_BYTES])
    return flags ^ mask[0] & PROTECTED, low ^ int.from_bytes(mask[1:3], "little")


def _nonce(iv: bytes, number: int) -> bytes:
    """The IV, its last 8 bytes XORed with the number, big-endian."""
    return (int.from_bytes(iv, "big") ^ number).to_bytes(len(iv), "big")
