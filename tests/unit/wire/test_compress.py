"""What goes out as SMSG_COMPRESSED_UPDATE_OBJECT."""

import zlib

from hypothesis import given
from hypothesis import strategies as st

from bluemarble.wire.compress import compressed, worth_compressing


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
