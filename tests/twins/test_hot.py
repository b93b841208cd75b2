"""The readers and writers that emit_c.py wrote, against the codecs of the same records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.native._core import ffi, lib
from bluemarble.wire.codec import codec
from bluemarble.wire.datagram.sections import Input
from bluemarble.wire.errors import Malformed
from bluemarble.wire.snapshot import Life, Oneself
from cffi_build import emit_c
from opcodes import snapshot

RECORDS = emit_c.hot()
TUPLES = {"NewestInput": Input, "Oneself": Oneself, "Life": Life}
EACH = pytest.mark.parametrize("record", RECORDS, ids=[it.__name__ for it in RECORDS])


def test_committed_as_written():
    for name, text in emit_c.emitted().items():
        assert (emit_c.HERE / name).read_text() == text, "run python cffi_build/emit_c.py"


@EACH
def test_rows(record):
    """What packs a record at once has its size; its tuples in Python have its fields."""
    size = getattr(lib, f"{emit_c._c_name(record).upper()}_BYTES")
    assert snapshot.row(record).size == size
    values = TUPLES.get(record.__name__)
    assert values is None or values._fields == tuple(record.hints)


@pytest.mark.native
@EACH
@given(data=st.data())
def test_same(record, data):
    """Every field, both ways; too few bytes are refused by both, and what follows is left alone."""
    name = emit_c._c_name(record)
    size = getattr(lib, f"{name.upper()}_BYTES")
    read, write = getattr(lib, f"{name}_read"), getattr(lib, f"{name}_write")
    given_ = data.draw(st.binary(min_size=size, max_size=size))
    it = ffi.new(f"{name} *")
    assert read(given_ + b"more", size + 4, it) == size
    theirs = codec(record).decode(given_)
    assert {field: getattr(it, field) for field in record.hints} == dict(theirs)
    out = ffi.new("uint8_t[]", size)
    assert write(it, out, size) == size
    assert bytes(out) == given_ == codec(record).encode(theirs)
    short = data.draw(st.integers(0, size - 1))
    assert read(given_, short, it) == write(it, out, short) == lib.BM_OUT_OF_RANGE
    with pytest.raises(Malformed):
        codec(record).decode(given_[:short])
