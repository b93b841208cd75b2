"""Settings that clients store: never more than 64 KiB, whatever they claim."""

import contextlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.servers.accountdata import SIZE_LIMIT, unpack
from bluemarble.wire.errors import Malformed, PeerError, TooMuch


@given(st.binary(max_size=5000))
def test_round_trip(data):
    assert unpack(zlib.compress(data), len(data)) == data


def test_largest():
    data = bytes(SIZE_LIMIT)
    assert unpack(zlib.compress(data), SIZE_LIMIT) == data
    with pytest.raises(TooMuch):
        unpack(zlib.compress(data + b"x"), SIZE_LIMIT + 1)


def test_bomb():
    """A gigabyte that says it is small is unpacked no further than it says."""
    packer = zlib.compressobj()
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    with pytest.raises(Malformed):
        unpack(bomb, 100)
    with pytest.raises(Malformed):
        unpack(bomb, SIZE_LIMIT)


@pytest.mark.parametrize("size", [9, 11, 60000])
def test_wrong_size(size):
    with pytest.raises(Malformed):
        unpack(zlib.compress(bytes(10)), size)


@given(st.binary(max_size=300), st.integers(0, SIZE_LIMIT + 10))
def test_hostile(data, size):
    """Bytes that are not what they say are the client's fault, never ours."""
    with contextlib.suppress(PeerError):
        assert len(unpack(data, size)) == size
