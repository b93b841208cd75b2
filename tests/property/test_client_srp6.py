"""SRP6, the client's side: against our server's side, and against wow_srp's."""

import pytest
import wow_srp
from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.client.proof import draw_proof, prove
from bluemarble.wire import srp6
from bluemarble.wire.errors import Malformed

NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcz", min_size=1, max_size=16)
KEYS = st.binary(min_size=32, max_size=32)
PRIVATES = KEYS.filter(any)


@settings(max_examples=60)
@given(name=NAMES, password=NAMES, salt=KEYS, private=PRIVATES, secret=PRIVATES)
def test_our_server(name, password, salt, private, secret):
    """Whatever salt, a and b: both hold one key, and each proof convinces the other side."""
    asked = srp6.challenge(srp6.upper(name), salt, srp6.verifier(name, password, salt), secret)
    made = prove(name, password, salt, asked.public, private)
    agreed = srp6.agree(asked, made.public, made.proof)
    assert agreed is not None
    assert agreed.session_key == made.session_key
    assert made.answered(agreed.proof)
    assert not made.answered(bytes(20))
    other = prove(name, password + "x", salt, asked.public, private)
    assert srp6.agree(asked, other.public, other.proof) is None


@settings(max_examples=40)
@given(name=NAMES, password=NAMES, private=PRIVATES)
def test_their_server(name, password, private):
    """wow_srp's server takes our proof, and we take its."""
    made = wow_srp.SrpVerifier.from_username_and_password(name, password)
    server = wow_srp.SrpVerifier(name, made.password_verifier(), made.salt()).into_proof()
    ours = prove(name, password, bytes(made.salt()), bytes(server.server_public_key()), private)
    admitted = server.into_server(ours.public, ours.proof)
    assert admitted is not None
    assert bytes(admitted[0].session_key()) == ours.session_key
    assert ours.answered(bytes(admitted[1]))


@given(multiple=st.integers(0, 1))
def test_public_value_that_gives_the_key_away(multiple):
    with pytest.raises(Malformed):
        prove("ADA", "secret", bytes(32), (multiple * srp6.PRIME).to_bytes(32, "little"), b"\5")


def test_no_zero_end_bytes():
    """An a whose A ends in zero is drawn again; a source that gives nothing else is an error."""
    asked = srp6.challenge(b"ADA", bytes(32), srp6.verifier("ADA", "secret", bytes(32)), b"\3" * 32)
    bad = next(
        a
        for a in range(1, 10_000)
        if not all(pow(7, a, srp6.PRIME).to_bytes(32, "little")[i] for i in (0, 31))
    ).to_bytes(19, "little")
    draws = iter([bad, b"\5" * 19])
    made = draw_proof("ADA", "secret", bytes(32), asked.public, lambda _: next(draws))
    assert made.public[0] and made.public[-1]
    with pytest.raises(ValueError, match="randomness"):
        draw_proof("ADA", "secret", bytes(32), asked.public, lambda _: bad)
