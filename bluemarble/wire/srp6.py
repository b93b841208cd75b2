"""
SRP6 as the 1.12.1 and 3.3.5a clients speak it: bytes in, bytes out, every width fixed.

Numbers are little-endian and keep their full width on the wire, in hashes
and in the database: 32 bytes for salt, verifier, A and B, 40 for K.  A hash
over a number without its zero end bytes refuses one correct login in forty;
`tests/conformance/srp6_vectors.txt` has the five classes.

Randomness is an argument: `random(n)` gives n bytes.

Source: shared/facts/wire_335.md section 1; the wow_srp package agrees (tests/property/test_srp6.py).
"""

import hmac
import itertools
from collections.abc import Callable
from hashlib import sha1
from typing import NamedTuple

Random = Callable[[int], bytes]

GENERATOR = 7
MULTIPLIER = 3
PRIME = 0x894B645E89E1535BBDAD5B8B290650530801B18EBFBF5E8FAB3C82872A3E9BB7
WIDTH = 32  # bytes of salt, verifier, A, B, S and b
PRIVATE_BYTES = 19  # drawn for b, as servers in the field do: more cost more and hide no more in this group
KEY_WIDTH = 40
PROOF_WIDTH = 20
DRAWS_LIMIT = 100  # one draw in 128 has a zero end byte

GENERATOR_BYTES = bytes([GENERATOR])
PRIME_BYTES = PRIME.to_bytes(WIDTH, "little")
_GROUP_HASH = bytes(
    a ^ b for a, b in zip(sha1(PRIME_BYTES).digest(), sha1(GENERATOR_BYTES).digest(), strict=True)
)


def _windows() -> list[tuple[int, ...]]:
    """For each half byte of an exponent, g to its 16 values there: 64 products instead of 256 squarings."""
    windows, base = [], GENERATOR
    for _ in range(2 * WIDTH):
        windows.append(tuple(itertools.accumulate([base] * 15, lambda a, b: a * b % PRIME, initial=1)))
        base = windows[-1][-1] * base % PRIME
    return windows


_WINDOWS = _windows()


def _power(exponent: bytes) -> int:
    """g to a little-endian exponent of 32 bytes; a fifth of what `pow` takes."""
    out = 1
    for low, high, byte in zip(_WINDOWS[::2], _WINDOWS[1::2], exponent, strict=True):
        out = out * low[byte & 15] * high[byte >> 4] % PRIME
    return out


class Challenge(NamedTuple):
    """
    What a server asks of a client that says it is `name`.

    @ivar name: upper-cased, as hashed.
    @ivar private: b, 32 bytes; @ivar public: B, 32 bytes.
    """

    name: bytes
    salt: bytes
    verifier: bytes
    private: bytes
    public: bytes


class Agreed(NamedTuple):
    """K, 40 bytes, and the server's answering proof M2, 20 bytes."""

    session_key: bytes
    proof: bytes


def upper(text: str) -> bytes:
    """A name or password as it is hashed: UTF-8, only the 26 latin letters in upper case."""
    return text.encode().upper()


def verifier(name: str, password: str, salt: bytes) -> bytes:
    """What the database keeps of a password: g^x, 32 bytes."""
    inner = sha1(upper(name) + b":" + upper(password)).digest()
    x = int.from_bytes(sha1(salt + inner).digest(), "little")
    return pow(GENERATOR, x, PRIME).to_bytes(WIDTH, "little")


def draw_salt(random: Random) -> bytes:
    """A salt with both end bytes non-zero: some clients drop a zero one."""
    for _ in range(DRAWS_LIMIT):
        salt = random(WIDTH)
        if salt[0] and salt[-1]:
            return salt
    raise ValueError("the source of randomness gives only zeros")


def stranger(secret: bytes, name: bytes) -> tuple[bytes, bytes]:
    """
    Salt and verifier of an account that does not exist: always the same, not to be told from real ones.

    @param secret: nobody outside the servers may know it.
    @param name: upper-cased.
    """
    salt = bytearray(hmac.digest(secret, b"salt" + name, "sha256"))
    salt[0], salt[-1] = salt[0] or 1, salt[-1] or 1
    known = int.from_bytes(hmac.digest(secret, b"verifier" + name, "sha256"), "little") % PRIME
    return bytes(salt), known.to_bytes(WIDTH, "little")


def challenge(name: bytes, salt: bytes, known: bytes, private: bytes) -> Challenge:
    """
    The challenge for a given b.

    @param known: the verifier.
    @raise ValueError: salt, verifier or b of another width than 32.
    """
    if not len(salt) == len(known) == len(private) == WIDTH:
        raise ValueError("salt, verifier and b are 32 bytes each")
    public = (MULTIPLIER * int.from_bytes(known, "little") + _power(private)) % PRIME
    return Challenge(name, salt, known, private, public.to_bytes(WIDTH, "little"))


def draw_challenge(name: bytes, salt: bytes, known: bytes, random: Random) -> Challenge:
    """A challenge with b drawn until both end bytes of B are non-zero: some clients drop a zero one."""
    for _ in range(DRAWS_LIMIT):
        asked = challenge(name, salt, known, random(PRIVATE_BYTES).ljust(WIDTH, b"\0"))
        if asked.public[0] and asked.public[-1]:
            return asked
    raise ValueError("the source of randomness gives only one number")


def interleave(shared: bytes) -> bytes:
    """
    K of S: the hashes of its even and its odd bytes, interleaved; 40 bytes.

    Leading zero bytes of S are left out, and one more when their number is odd.
    """
    zeros = len(shared) - len(shared.lstrip(b"\0"))
    used = shared[zeros + zeros % 2 :]
    key = bytearray(KEY_WIDTH)
    key[::2] = sha1(used[::2]).digest()
    key[1::2] = sha1(used[1::2]).digest()
    return bytes(key)


def client_proof(asked: Challenge, client_public: bytes, session_key: bytes) -> bytes:
    """M1, which only a client that knows the password can make; 20 bytes."""
    return sha1(
        _GROUP_HASH + sha1(asked.name).digest() + asked.salt + client_public + asked.public + session_key
    ).digest()


def server_proof(client_public: bytes, proof: bytes, session_key: bytes) -> bytes:
    """M2, 20 bytes."""
    return sha1(client_public + proof + session_key).digest()


def agree(asked: Challenge, client_public: bytes, proof: bytes) -> Agreed | None:
    """
    The key both sides now share, or None when the proof is wrong.

    A public value outside 1..N-1 is refused: with A = 0 mod N anyone could
    compute the key.  It costs the same work as any other wrong proof.
    """
    a = int.from_bytes(client_public, "little")
    u = int.from_bytes(sha1(client_public + asked.public).digest(), "little")
    base = a * pow(int.from_bytes(asked.verifier, "little"), u, PRIME)
    shared = pow(base, int.from_bytes(asked.private, "little"), PRIME)
    session_key = interleave(shared.to_bytes(WIDTH, "little"))
    right = hmac.compare_digest(client_proof(asked, client_public, session_key), proof)
    if not right or len(client_public) != WIDTH or not 0 < a < PRIME or shared == 0:
        return None
    return Agreed(session_key, server_proof(client_public, proof, session_key))


def reconnect_proof(name: bytes, client_data: bytes, server_data: bytes, session_key: bytes) -> bytes:
    """What a client that still holds K answers a reconnect challenge with; 20 bytes."""
    return sha1(name + client_data + server_data + session_key).digest()


def reconnect_proven(
    proof: bytes, name: bytes, client_data: bytes, server_data: bytes, session_key: bytes
) -> bool:
    """Whether `proof` is that; takes the same time either way."""
    return hmac.compare_digest(reconnect_proof(name, client_data, server_data, session_key), proof)
