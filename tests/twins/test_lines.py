"""The lines in C against the ones in Python, and what only C could get wrong."""

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.native._core import ffi
from bluemarble.native.lines import ARC4, BODY_LIMIT, CHAIN, Lines
from tests.twins import lines as twin

pytestmark = pytest.mark.native

MAKERS = {ARC4: twin.arc4, CHAIN: twin.chain}
KEYS = st.sampled_from([5, 8, 16, 20]).flatmap(
    lambda size: st.binary(min_size=size, max_size=size)
)  # as ARC4's
WHICH = st.integers(0, 5)
CALLS = st.one_of(
    st.tuples(st.just("open")),
    st.tuples(st.just("close"), WHICH),
    st.tuples(st.just("cipher"), WHICH, st.sampled_from([ARC4, CHAIN]), KEYS),
    st.tuples(st.just("queue"), st.lists(WHICH, max_size=6), st.integers(0, 0xFFFF), st.binary(max_size=600)),
    st.tuples(st.just("take"), WHICH),
    st.tuples(st.just("touched")),
)


@given(st.lists(CALLS, max_size=60))
def test_same(calls):
    """Whatever is called in whatever order."""
    ours, theirs, held = Lines(), twin.Lines(), []
    stale = None
    for what, *given_ in calls:
        if what == "open":
            held.append(ours.open())
            theirs.open(held[-1].number)
        elif what == "touched":
            assert ours.touched() == theirs.touched()
        elif what == "queue":
            chosen = [held[i % len(held)] for i in given_[0]] if held else []
            audience = ours.audience(chosen)
            assert ours.queue(audience, *given_[1:]) == theirs.queue(
                [it.number for it in chosen], *given_[1:]
            )
            stale = audience, chosen
            del chosen
        elif held:
            line = held[given_[0] % len(held)]
            if what == "close":
                held.remove(line)
                theirs.close(line.number)
                stale = None  # or it would keep the line
                del line
            elif what == "cipher":
                line.cipher(*given_[1:])
                theirs.cipher(line.number, MAKERS[given_[1]], given_[2])
            else:
                assert line.pending_bytes == len(theirs.waiting[line.number])
                assert line.take() == theirs.take(line.number)
    del stale
    assert ours.touched() == theirs.touched()


def test_a_number_is_not_anothers():
    """Who has an old audience reaches nobody that came later."""
    lines = Lines()
    first = lines.open()
    audience = lines.audience([first])
    numbers = {first.number}
    del first
    for _ in range(1000):
        line = lines.open()
        assert line.number not in numbers
        assert lines.queue(audience, 1, b"secret") == 0
        assert line.take() == b""
        numbers.add(line.number)
        del line


def test_limits():
    lines = Lines()
    line = lines.open()
    with pytest.raises(ValueError, match="body of 32766 bytes"):
        line.queue(1, bytes(BODY_LIMIT + 1))
    with pytest.raises(ValueError, match="out of range"):
        line.queue(0x10000, b"")
    for key in (b"", bytes(41)):
        with pytest.raises(ValueError, match="out of range"):
            line.cipher(ARC4, key)
    with pytest.raises(ValueError, match="out of range"):
        line.cipher(3, b"k")
    assert line.take() == b""
    assert lines.touched() == []


def test_many_lines_and_much():
    """The table grows, and a line that held much gives it back and goes on in the same stream."""
    lines, theirs = Lines(), twin.Lines()
    held = [lines.open() for _ in range(300)]
    for line in held:
        theirs.open(line.number)
        theirs.cipher(line.number, twin.arc4, line.number.to_bytes(5, "little"))
        line.cipher(ARC4, line.number.to_bytes(5, "little"))
    audience = lines.audience(held)
    for size in (1, 5000, 20_000, 3):
        assert lines.queue(audience, 0xDD, bytes(size)) == 300
        theirs.queue([line.number for line in held], 0xDD, bytes(size))
        if size > 1:
            assert all(line.take() == theirs.take(line.number) for line in held)


def test_the_table_goes_first():
    """Python's collector may end a table before its lines."""
    lines = Lines()
    line = lines.open()
    line.queue(1, b"x")
    ring = [lines, line]
    ring.append(ring)
    ffi.release(lines._them)
    del lines, line, ring
    gc.collect()
