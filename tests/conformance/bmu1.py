"""
A reader of BMU/1 written from docs/bmu1.md alone: it shares nothing with bluemarble.wire but that page.

What it reads it spells as opcodes/vectors/datagram/ does.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305


class Wrong(Exception):
    """Not as the page says."""


def hkdf_expand(key, info, size):
    out = block = b""
    counter = 1
    while len(out) < size:
        block = hmac.new(key, block + info.encode() + bytes([counter]), hashlib.sha256).digest()
        out += block
        counter += 1
    return out[:size]


class Keys:
    """Section 1: everything both ends compute, by the names of the page."""

    def __init__(self, aead, session_key, private, their_public, request, offer, accept):
        self.aead = aead
        size = {0: 16, 1: 32}[aead]
        self.salt = hashlib.sha256(b"BMU/1" + request + offer + accept).digest()
        mine = X25519PrivateKey.from_private_bytes(private)
        self.shared = mine.exchange(X25519PublicKey.from_public_bytes(their_public))
        self.prk = hmac.new(self.salt, session_key + self.shared, hashlib.sha256).digest()
        self.secret, self.hp, self.key, self.iv = {}, {}, {}, {}
        for d in ("c2s", "s2c"):
            secret = hkdf_expand(self.prk, d + " secret", 32)
            self.hp[d] = hkdf_expand(secret, "hp", size)
            for n in range(3):
                self.secret[d, n] = secret
                self.key[d, n] = hkdf_expand(secret, "key", size)
                self.iv[d, n] = hkdf_expand(secret, "iv", 12)
                secret = hkdf_expand(secret, "next", 32)

    def mask(self, d, sample):
        """RFC 9001 5.4.3 and 5.4.4."""
        if self.aead == 0:
            return Cipher(algorithms.AES(self.hp[d]), modes.ECB()).encryptor().update(sample)
        return Cipher(algorithms.ChaCha20(self.hp[d], sample), None).encryptor().update(bytes(5))

    def open(self, d, n, number, flags, pn, cid, sealed):
        cipher = {0: AESGCM, 1: ChaCha20Poly1305}[self.aead](self.key[d, n])
        nonce = bytearray(self.iv[d, n])
        for i, byte in enumerate(number.to_bytes(8, "big")):
            nonce[4 + i] ^= byte
        aad = (
            bytes([flags]) + pn.to_bytes(2, "little") + cid.to_bytes(4, "little") + (1).to_bytes(2, "little")
        )
        return cipher.decrypt(bytes(nonce), sealed, aad)


def expand(pn, highest):
    """RFC 9000 A.3, with 16 bits, after the highest authenticated number, -1: none."""
    expected = highest + 1
    candidates = [(expected // 65536 + turn) * 65536 + pn for turn in (-1, 0, 1)]
    return min((c for c in candidates if c >= 0), key=lambda c: (abs(c - expected), -c))


class Receiver:
    """Sections 2 and 3, one direction, datagrams in any order."""

    def __init__(self, keys, d, cid):
        self.keys, self.d, self.cid, self.highest, self.n = keys, d, cid, -1, 0

    def receive(self, datagram):
        """(number, generation, sample, mask, plaintext)."""
        if self.d == "c2s":
            if int.from_bytes(datagram[1:5], "little") != self.cid:
                raise Wrong("cid")
            at = 5
        else:
            at = 1
        flags, pn, sealed = datagram[0], datagram[at : at + 2], datagram[at + 2 :]
        if flags >> 6 != 1 or flags >> 4 & 3 != 1 or len(sealed) < 20:
            raise Wrong("header")
        sample = sealed[:16]
        mask = self.keys.mask(self.d, sample)
        flags ^= mask[0] & 0x0F
        low = (pn[0] ^ mask[1]) | (pn[1] ^ mask[2]) << 8
        number = expand(low, self.highest)
        n = self.n
        if flags >> 3 & 1 != n & 1:
            n += 1 if number > self.highest else -1
        plain = self.keys.open(self.d, n, number, flags, low, self.cid, sealed)
        self.n, self.highest = max(self.n, n), max(self.highest, number)
        return number, n, sample, mask[:3], plain


class Reader:
    """Section 4: takes bytes off the front."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        if self.at + size > len(self.data):
            raise Wrong("short")
        self.at += size
        return self.data[self.at - size : self.at]

    def u(self, bits):
        return int.from_bytes(self.take(bits // 8), "little")

    def i(self, bits):
        return int.from_bytes(self.take(bits // 8), "little", signed=True)

    def varint(self):
        value = 0
        for i in range(5):
            byte = self.u(8)
            value |= (byte & 127) << 7 * i
            if byte < 128:
                if value >= 1 << 32:
                    break
                return value
        raise Wrong("varint")

    def prefix(self):
        """Spelled, and whether it has a tick."""
        pf = self.u(8)
        if pf >> 4 or (pf & 8 and pf & 3):
            raise Wrong("pf")
        ack = "-" if pf & 8 else self.u(16)
        bits = self.u(32) if pf & 1 else "-"
        delay = self.u(8) if pf & 2 else "-"
        tick = self.u(16) if pf & 4 else "-"
        return f"Prefix ack={ack} bits={bits} delay={delay} tick={tick}", bool(pf & 4)

    def sections(self, d, ticked, size):
        """Each spelled; Wrong where the reading ends early."""
        while self.at < len(self.data):
            kind = self.u(8)
            if kind == 0:
                if d is not None:
                    self.at = len(self.data)
                return
            ways, read = KINDS.get(kind, ("", None))
            if read is None:
                raise Wrong(f"kind {kind}")
            start = self.at
            yield_ = read(self, size)
            if d is not None and (d not in ways if kind != 5 else d != ("s2c", "c2s")[self.data[start]]):
                raise Wrong("the wrong way")
            if kind in (1, 4, 9) and not ticked:
                raise Wrong("no tick")
            yield yield_


def snapshot(r, size):
    start, form = r.at, r.u(8)
    if form == 0:
        near, far = r.u(8), r.u(8)
        r.take(7 * near + 9 * far)
    elif form == 1:
        r.take(r.u(16))
    else:
        raise Wrong("form")
    return f"Snapshot body={r.data[start : r.at].hex()}"


def event(r, size):
    number, opcode = r.u(16), r.varint()
    return f"Event id={number} opcode={opcode} body={r.take(r.varint()).hex()}"


def fragment(r, size):
    number, index, count = r.u(16), r.u(8), r.u(8)
    data = r.take(r.varint())
    if not (2 <= count <= 64 and index < count and 1 <= len(data) <= 1024):
        raise Wrong("fragment")
    return f"Fragment id={number} part={index} parts={count} data={data.hex()}"


def inputs(r, size):
    count, epoch = r.u(8), r.u(8)
    if not 1 <= count <= 8:
        raise Wrong("count")
    rows = [(r.u(16), r.u(16), r.i(32), r.i(32), r.i(32))]
    for _ in range(count - 1):
        x, y, z = rows[-1][2:]
        rows.append((r.u(16), r.u(16), x + r.i(16), y + r.i(16), z + r.i(16)))
    return f"Inputs epoch={epoch} " + " ".join(",".join(map(str, row)) for row in rows)


def path(r, size):
    what = r.u(8)
    if what > 1:
        raise Wrong("path")
    return f"{('Challenge', 'Response')[what]} token={r.take(8).hex()}"


def time(r, size):
    what = r.u(8)
    if what > 1:
        raise Wrong("time")
    stamp = r.u(32)
    return f"Pong stamp_ms={stamp} mine_ms={r.u(32)}" if what else f"Ping stamp_ms={stamp}"


def close(r, size):
    return f"Close reason={r.u(8)}"


def attach(r, size):
    proto, mtu = r.u(16), r.u(16)
    if proto != 1 or size < 1200:
        raise Wrong("attach")
    return f"Attach mtu={mtu}"


def state(r, size):
    start = r.at
    for _ in range(r.u(8)):
        r.take(3)
        r.take(r.varint())
    return f"State body={r.data[start : r.at].hex()}"


def probe(r, size):
    wanted = r.u(16)
    if wanted != size:
        raise Wrong("probe")
    return f"Probe size={wanted}"


BOTH = ("c2s", "s2c")
KINDS = {
    1: (("s2c",), snapshot),
    3: (BOTH, event),
    4: (("c2s",), inputs),
    5: (BOTH, path),
    6: (BOTH, time),
    7: (BOTH, close),
    8: (("c2s",), attach),
    9: (("s2c",), state),
    10: (BOTH, fragment),
    11: (BOTH, probe),
}
