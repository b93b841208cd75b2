"""What native/sealing means, in plain Python over `cryptography`: docs/bmu1.md sections 1 to 3."""

import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from bluemarble.native.sealing import (
    AES_128_GCM,
    C2S,
    DATAGRAM_BYTES,
    FORGED,
    REPLAYED,
    SHORT,
    STRANGE,
)


def expand(prk, label, size):
    return HKDFExpand(SHA256(), size, label.encode()).derive(prk)


class Direction:
    def __init__(self, prk, aead, way, cid):
        self.aead, self.way, self.cid = aead, way, cid
        self.key_size = 16 if aead == AES_128_GCM else 32
        self.secrets = [expand(prk, "c2s secret" if way == C2S else "s2c secret", 32)]
        self.hp = expand(self.secrets[0], "hp", self.key_size)
        self.head = 7 if way == C2S else 3

    def keys(self, generation):
        """(cipher, iv) of any generation."""
        while len(self.secrets) <= generation:
            self.secrets.append(expand(self.secrets[-1], "next", 32))
        secret = self.secrets[generation]
        kind = AESGCM if self.aead == AES_128_GCM else ChaCha20Poly1305
        return kind(expand(secret, "key", self.key_size)), expand(secret, "iv", 12)

    def mask(self, sample):
        if self.aead == AES_128_GCM:
            return Cipher(algorithms.AES(self.hp), modes.ECB()).encryptor().update(sample)
        return Cipher(algorithms.ChaCha20(self.hp, sample), None).encryptor().update(bytes(5))

    def nonce(self, iv, number):
        return bytes(a ^ b for a, b in zip(iv, number.to_bytes(12, "big"), strict=True))

    def additional(self, flags, number):
        return struct.pack("<BHIH", flags, number & 0xFFFF, self.cid, 1)


class Sealer(Direction):
    def __init__(self, prk, aead, way, cid):
        super().__init__(prk, aead, way, cid)
        self.next = self.generation = 0

    def update(self):
        self.generation += 1

    def seal(self, plain):
        plain = plain.ljust(4, b"\0")
        number, self.next = self.next, self.next + 1
        flags = 0x50 | (self.generation & 1) << 3
        cipher, iv = self.keys(self.generation)
        text = cipher.encrypt(self.nonce(iv, number), plain, self.additional(flags, number))
        mask = self.mask(text[:16])
        head = bytes([flags ^ mask[0] & 0x0F]) + (struct.pack("<I", self.cid) if self.way == C2S else b"")
        return head + bytes([number & 0xFF ^ mask[1], number >> 8 & 0xFF ^ mask[2]]) + text


class Opener(Direction):
    def __init__(self, prk, aead, way, cid):
        super().__init__(prk, aead, way, cid)
        self.next = self.generation = self.last = 0
        self.opened = set()

    def open(self, datagram):
        if not self.head + 20 <= len(datagram) <= DATAGRAM_BYTES:
            return SHORT
        if datagram[0] >> 4 != 5 or (self.way == C2S and datagram[1:5] != struct.pack("<I", self.cid)):
            return STRANGE
        text = datagram[self.head :]
        mask = self.mask(text[:16])
        flags = datagram[0] ^ mask[0] & 0x0F
        low = (datagram[self.head - 2] ^ mask[1]) | (datagram[self.head - 1] ^ mask[2]) << 8
        near = self.next & ~0xFFFF | low
        turns = [n for n in (near - 0x10000, near, near + 0x10000) if n >= 0]
        number = min(turns, key=lambda n: (abs(n - self.next), -n))
        if number in self.opened or number < self.next - 1 - 256:
            return REPLAYED
        generation = self.generation
        if flags >> 3 & 1 != generation & 1:
            generation += 1 if number >= self.next else -1
        if generation < 0:
            return FORGED
        cipher, iv = self.keys(generation)
        try:
            plain = cipher.decrypt(self.nonce(iv, number), text, self.additional(flags, number))
        except InvalidTag:
            return FORGED
        self.generation = max(self.generation, generation)
        self.last = number
        self.next = max(self.next, number + 1)
        self.opened.add(number)
        return plain
