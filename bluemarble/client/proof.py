"""
SRP6, the client's side: from a password and the server's numbers to the session key.

Source: bluemarble/wire/srp6.py is the server's side; tests/property/test_client_srp6.py tries both together.
"""

import hmac
from hashlib import sha1
from typing import NamedTuple

from bluemarble.wire import srp6
from bluemarble.wire.errors import Malformed


class Proof(NamedTuple):
    """
    What a client says, and what it then holds.

    @ivar public: A, 32 bytes; @ivar proof: M1, 20 bytes.
    @ivar session_key: K, 40 bytes; @ivar answer: M2, which only a server with the verifier can give.
    """

    public: bytes
    proof: bytes
    session_key: bytes
    answer: bytes

    def answered(self, answer: bytes) -> bool:
        """Whether the server has shown that it knows the password's verifier."""
        return hmac.compare_digest(answer, self.answer)


def prove(name: str, password: str, salt: bytes, server_public: bytes, private: bytes) -> Proof:
    """
    The proof for a given a.

    @param salt, server_public: 32 bytes each; @param private: a, 1 to 32 bytes, little-endian.
    @raise Malformed: B is a multiple of N: whoever sends it wants the key to be known.
    """
    public_b = int.from_bytes(server_public, "little")
    if public_b % srp6.PRIME == 0:
        raise Malformed("the server's public value is zero")
    a = int.from_bytes(private, "little")
    public = pow(srp6.GENERATOR, a, srp6.PRIME).to_bytes(srp6.WIDTH, "little")
    inner = sha1(srp6.upper(name) + b":" + srp6.upper(password)).digest()
    x = int.from_bytes(sha1(salt + inner).digest(), "little")
    u = int.from_bytes(sha1(public + server_public).digest(), "little")
    known = pow(srp6.GENERATOR, x, srp6.PRIME)
    shared = pow(public_b - srp6.MULTIPLIER * known, a + u * x, srp6.PRIME)
    session_key = srp6.interleave(shared.to_bytes(srp6.WIDTH, "little"))
    asked = srp6.Challenge(srp6.upper(name), salt, b"", b"", server_public)
    proof = srp6.client_proof(asked, public, session_key)
    return Proof(public, proof, session_key, srp6.server_proof(public, proof, session_key))


def draw_proof(name: str, password: str, salt: bytes, server_public: bytes, random: srp6.Random) -> Proof:
    """As `prove`, with a drawn until both end bytes of A are non-zero: some servers drop a zero one."""
    for _ in range(srp6.DRAWS_LIMIT):
        made = prove(name, password, salt, server_public, random(srp6.PRIVATE_BYTES))
        if made.public[0] and made.public[-1]:
            return made
    raise ValueError("the source of randomness gives only one number")
