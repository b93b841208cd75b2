"""
From the login's session key to the keys of a link: docs/bmu1.md section 1.

Both ends hash what they said to each other: had anyone changed a word, their keys would differ.  They mix in
an X25519 secret, so that whoever learns the session key later cannot read what was recorded.
"""

import functools
from collections.abc import Callable
from hashlib import sha256
from hmac import digest
from typing import NamedTuple, Protocol

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bluemarble.wire.errors import Malformed
from opcodes.datagram import AEAD_AES_128_GCM, AEAD_CHACHA20_POLY1305

LABEL = b"BMU/1"
SECRET_BYTES = 32
IV_BYTES = 12
KEY_BYTES = {AEAD_AES_128_GCM: 16, AEAD_CHACHA20_POLY1305: 32}


class Direction(NamedTuple):
    """
    What one direction's keys come from.

    @ivar secret: of generation 0, 32 bytes; @ivar header: the header protection key, for all generations.
    """

    secret: bytes
    header: bytes


class LinkKeys(NamedTuple):
    """A link's keys, as both ends have them; `aead` is AEAD_AES_128_GCM or AEAD_CHACHA20_POLY1305."""

    aead: int
    c2s: Direction
    s2c: Direction


class Aead(Protocol):
    """An AEAD under one key; `decrypt` raises InvalidTag."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Ciphertext, then the 16-byte tag."""

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plaintext."""


class Generation(NamedTuple):
    """One direction's keys until the next key update; `number` is n."""

    number: int
    secret: bytes
    key: bytes
    iv: bytes
    cipher: Aead


def public_key(private: bytes) -> bytes:
    """The X25519 public key of 32 random bytes."""
    key = X25519PrivateKey.from_private_bytes(private)
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def shared_secret(private: bytes, their_public: bytes) -> bytes:
    """
    What both ends get of their own private and the other's public key, 32 bytes.

    @raise Malformed: their key is none: the secret would be zero whatever ours is.
    """
    try:
        return X25519PrivateKey.from_private_bytes(private).exchange(
            X25519PublicKey.from_public_bytes(their_public)
        )
    except ValueError as error:
        raise Malformed(f"X25519: {error}") from error


def salt(request: bytes, offer: bytes, accept: bytes) -> bytes:
    """What was said, hashed: the bodies of CMSG_UDP_REQUEST, SMSG_UDP_OFFER and CMSG_UDP_ACCEPT as sent."""
    return sha256(LABEL + request + offer + accept).digest()


def root(salt: bytes, session_key: bytes, shared: bytes) -> bytes:
    """
    HKDF-Extract: the 32 bytes that all keys of a link come from.

    @param session_key: the login's, 40 bytes; @param shared: of `shared_secret`.
    """
    return digest(salt, session_key + shared, "sha256")


def link_keys(aead: int, prk: bytes) -> LinkKeys:
    """The keys of both directions, from their root."""
    return LinkKeys(aead, _direction(prk, "c2s", aead), _direction(prk, "s2c", aead))


def _direction(prk: bytes, name: str, aead: int) -> Direction:
    return direction(aead, expand(prk, f"{name} secret", SECRET_BYTES))


def direction(aead: int, secret: bytes) -> Direction:
    """What one direction's keys come from, of its secret of generation 0."""
    return Direction(secret, expand(secret, "hp", KEY_BYTES[aead]))


def expand(key: bytes, label: str, size: int) -> bytes:
    """HKDF-Expand with SHA-256."""
    return HKDFExpand(SHA256(), size, label.encode()).derive(key)


def generation(aead: int, secret: bytes, number: int = 0) -> Generation:
    """The keys of generation `number`, whose secret this is."""
    key, iv = expand(secret, "key", KEY_BYTES[aead]), expand(secret, "iv", IV_BYTES)
    cipher: Aead = AESGCM(key) if aead == AEAD_AES_128_GCM else ChaCha20Poly1305(key)
    return Generation(number, secret, key, iv, cipher)


def following(aead: int, now: Generation) -> Generation:
    """The generation after that."""
    return generation(aead, expand(now.secret, "next", SECRET_BYTES), now.number + 1)


def header_mask(aead: int, header_key: bytes, sample: bytes) -> bytes:
    """
    What the header is XORed with, of 16 bytes of ciphertext; the first three bytes are used.

    Source: RFC 9001 5.4.3 and 5.4.4; ChaCha20's counter and nonce are the sample.
    """
    if aead == AEAD_AES_128_GCM:
        return _aes_block(header_key)(sample)
    return Cipher(algorithms.ChaCha20(header_key, sample), mode=None).encryptor().update(bytes(5))


@functools.lru_cache(1024)
def _aes_block(key: bytes) -> Callable[[bytes], bytes]:
    """ECB has no state: one encryptor serves every datagram."""
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update
