"""Drawing salts and challenges, and the salt of an account that does not exist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.wire import srp6

KNOWN = srp6.verifier("ADA", "SECRET", bytes(32))


def draws(*given_):
    """A source of randomness that gives these, and how many are left."""
    left = list(given_)
    return (lambda size: left.pop(0)), left


def test_salt_has_no_zero_end():
    random, left = draws(bytes(32), b"\0" + b"\1" * 31, b"\1" * 31 + b"\0", b"\1" * 32)
    assert srp6.draw_salt(random) == b"\1" * 32
    assert not left


def test_public_value_has_no_zero_end():
    """b is drawn again until both end bytes of B are non-zero."""
    bad = [
        b
        for b in (i.to_bytes(32, "little") for i in range(1, 3000))
        if 0 in (srp6.challenge(b"ADA", bytes(32), KNOWN, b).public[i] for i in (0, 31))
    ]
    assert len(bad) > 5
    random, left = draws(*bad[:5], b"\2" * 32)
    assert srp6.draw_challenge(b"ADA", bytes(32), KNOWN, random).private == b"\2" * 32
    assert not left


def test_no_randomness_is_no_endless_loop():
    with pytest.raises(ValueError, match="randomness"):
        srp6.draw_salt(bytes)
    bad = next(
        b
        for b in (i.to_bytes(32, "little") for i in range(1, 3000))
        if not srp6.challenge(b"ADA", bytes(32), KNOWN, b).public[0]
    )
    with pytest.raises(ValueError, match="randomness"):
        srp6.draw_challenge(b"ADA", bytes(32), KNOWN, lambda size: bad)


@given(st.binary(max_size=40), st.binary(min_size=32, max_size=32))
def test_stranger(name, secret):
    """Stable, of the right size, without zero ends, and another for each name and secret."""
    salt, known = srp6.stranger(secret, name)
    assert (salt, known) == srp6.stranger(secret, name)
    assert len(salt) == len(known) == 32
    assert salt[0]
    assert salt[-1]
    assert 0 < int.from_bytes(known, "little") < srp6.PRIME
    assert salt not in (srp6.stranger(secret, name + b"x")[0], srp6.stranger(secret + b"x", name)[0])


@pytest.mark.parametrize("sizes", [(31, 32, 32), (32, 31, 32), (32, 32, 33)])
def test_widths(sizes):
    with pytest.raises(ValueError, match="32 bytes"):
        srp6.challenge(b"ADA", *map(bytes, sizes))


def test_upper():
    """Only the latin letters: the client leaves others as they are."""
    assert srp6.upper("adaßé") == "ADAßé".encode()
