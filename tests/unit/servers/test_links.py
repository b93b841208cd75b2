"""Connection ids are given out so that nothing meant for one link reaches another."""

import pytest

from bluemarble.servers.links import GENERATIONS, INDEX_BITS, Links


def test_ids():
    """The lowest free index, with another generation each time; never 0."""
    links = Links(100)
    first, second = links.hold(), links.hold()
    assert (first & (1 << INDEX_BITS) - 1, second & (1 << INDEX_BITS) - 1) == (0, 1)
    assert 0 not in (first, second)
    links.add(first, 7)
    assert links.gone(first).session == 7
    again = links.hold()
    assert again != first and again - first == 1 << INDEX_BITS
    links.release(again)
    seen = set()
    for _ in range(GENERATIONS - 3):
        seen.add(cid := links.hold())
        links.release(cid)
    assert len(seen) == GENERATIONS - 3 and first not in seen and 0 not in seen


def test_limit():
    """As many as may be, those that are only held counted."""
    links = Links(2)
    kept, _ = links.hold(), links.hold()
    with pytest.raises(OverflowError):
        links.hold()
    links.release(kept)
    assert links.hold()


def test_parting():
    """A session may have a new link while its old one is still going; that one's end does not touch it."""
    links = Links(10)
    old = links.add(links.hold(), 5)
    links.part(old)
    assert 5 not in links.by_session and old.cid in links.by_cid
    new = links.add(links.hold(), 5, encoder=1, mtu=1400)
    assert new.cid != old.cid
    assert links.gone(old.cid) is old
    assert links.by_session[5] is new and (new.encoder, new.mtu) == (1, 1400)
    assert links.gone(old.cid) is None
