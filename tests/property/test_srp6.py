"""SRP6 against wow_srp, an implementation that is not ours, as client and as server."""

import wow_srp
from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.wire import srp6

NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcz", min_size=1, max_size=16)
KEYS = st.binary(min_size=32, max_size=32)
PRIVATES = KEYS.filter(any)


@settings(max_examples=60)
@given(name=NAMES, password=NAMES, salt=KEYS, private=PRIVATES)
def test_their_client(name, password, salt, private):
    """A client of theirs and our server agree, whatever the salt and b."""
    known = srp6.verifier(name, password, salt)
    asked = srp6.challenge(srp6.upper(name), salt, known, private)
    client = wow_srp.SrpClientChallenge(name, password, srp6.GENERATOR, srp6.PRIME_BYTES, asked.public, salt)
    agreed = srp6.agree(asked, bytes(client.client_public_key()), bytes(client.client_proof()))
    assert agreed is not None
    theirs = client.verify_server_proof(agreed.proof)
    assert theirs is not None
    assert bytes(theirs.session_key()) == agreed.session_key
    wrong = bytes([client.client_proof()[0] ^ 1]) + bytes(client.client_proof()[1:])
    assert srp6.agree(asked, bytes(client.client_public_key()), wrong) is None

    server_data = bytes(16)
    again = theirs.calculate_reconnect_values(server_data)
    proof, data = bytes(again.client_proof()), bytes(again.challenge_data())
    assert srp6.reconnect_proven(proof, srp6.upper(name), data, server_data, agreed.session_key)
    assert not srp6.reconnect_proven(proof, srp6.upper(name), data, b"\1" * 16, agreed.session_key)
    assert not srp6.reconnect_proven(proof, srp6.upper(name), data, server_data, bytes(40))


@settings(max_examples=60)
@given(name=NAMES, password=NAMES, private=PRIVATES)
def test_their_server(name, password, private):
    """Their server's numbers for a password are ours, and it takes the proof our functions make."""
    made = wow_srp.SrpVerifier.from_username_and_password(name, password)
    salt = bytes(made.salt())
    assert srp6.verifier(name, password, salt) == bytes(made.password_verifier())
    server = wow_srp.SrpVerifier(name, made.password_verifier(), salt).into_proof()
    public = bytes(server.server_public_key())

    a = int.from_bytes(private, "little")
    ours = pow(srp6.GENERATOR, a, srp6.PRIME).to_bytes(32, "little")
    u = int.from_bytes(srp6.sha1(ours + public).digest(), "little")
    inner = srp6.sha1(srp6.upper(name) + b":" + srp6.upper(password)).digest()
    x = int.from_bytes(srp6.sha1(salt + inner).digest(), "little")
    base = int.from_bytes(public, "little") - srp6.MULTIPLIER * pow(srp6.GENERATOR, x, srp6.PRIME)
    key = srp6.interleave(pow(base, a + u * x, srp6.PRIME).to_bytes(32, "little"))
    asked = srp6.Challenge(srp6.upper(name), salt, bytes(made.password_verifier()), b"", public)
    proof = srp6.client_proof(asked, ours, key)
    admitted = server.into_server(ours, proof)
    assert admitted is not None
    assert bytes(admitted[0].session_key()) == key
    assert bytes(admitted[1]) == srp6.server_proof(ours, proof, key)


def test_their_numbers():
    assert wow_srp.generator() == srp6.GENERATOR
    assert bytes(wow_srp.large_safe_prime()) == srp6.PRIME_BYTES


@given(private=PRIVATES, known=KEYS, multiple=st.integers(0, 1), rest=st.integers(1, 1 << 20))
def test_public_values_that_give_the_key_away(private, known, multiple, rest):
    """A = 0, N or above is refused, even with the proof that anyone could make for A = 0 mod N."""
    asked = srp6.challenge(b"ADA", bytes(32), known, private)
    zero_key = srp6.interleave(bytes(32))
    for a in (multiple * srp6.PRIME, srp6.PRIME + rest):
        public = a.to_bytes(32, "little")
        assert srp6.agree(asked, public, srp6.client_proof(asked, public, zero_key)) is None
    assert srp6.agree(asked, b"\1" * 31, bytes(20)) is None


def test_verifier_that_gives_the_key_away():
    """With a verifier of zero (a damaged row) the key would be known to all: nobody gets in."""
    asked = srp6.challenge(b"ADA", bytes(32), bytes(32), b"\5" * 32)
    public = b"\7" + bytes(31)
    assert srp6.agree(asked, public, srp6.client_proof(asked, public, srp6.interleave(bytes(32)))) is None
