"""Updates in pieces that clients can take."""

from bluemarble.servers.performing import split


def test_split():
    assert split([]) == [[]]
    assert split([b"ab", b"cd"], 4) == [[b"ab", b"cd"]]
    assert split([b"ab", b"cd", b"e"], 4) == [[b"ab", b"cd"], [b"e"]]
    assert split([b"abcdef", b"g", b"hijklm"], 4) == [[b"abcdef"], [b"g"], [b"hijklm"]]
