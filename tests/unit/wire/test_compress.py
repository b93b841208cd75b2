"""What goes out as SMSG_COMPRESSED_UPDATE_OBJECT."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.wire.compress import compressed, decompressed, worth_compressing
from bluemarble.wire.errors import Malformed


def test_threshold():
    assert not worth_compressing(bytes(100))
    assert worth_compressing(bytes(101))


@given(st.binary(max_size=3000))
def test_round_trip(body):
    """A u32 with the whole size, then one zlib stream and nothing after."""
    packed = compressed(body)
    assert int.from_bytes(packed[:4], "little") == len(body)
    stream = zlib.decompressobj()
    assert stream.decompress(packed[4:]) == body
    assert stream.eof
    assert not stream.unused_data
    assert decompressed(packed[4:], len(body), 3000) == body


@pytest.mark.parametrize("size", [0, 99, 101, 201])
def test_another_size_than_announced(size):
    """Neither more nor less, nor more than the limit."""
    with pytest.raises(Malformed):
        decompressed(zlib.compress(bytes(100)), size, 200)


def test_no_zlib():
    with pytest.raises(Malformed):
        decompressed(b"none", 4, 200)
