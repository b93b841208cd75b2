"""
Key logs: text that lets whoever recorded a link's datagrams read them, as SSLKEYLOGFILE does for TLS.

    BMU1_CLIENT_SECRET 04003002 00 269f6ba3e15389cbd3ab622745c6ee6118a921a1f332a5cd3e3cf7fa8d890fa4
    BMU1_SERVER_SECRET 04003002 00 cd35ae9f015d0afec86a0787bcbeaa49b9ed6f136e7bc6935921c88d6f7637ca

Docs/bmu1.md section 9.  A label, cid, aead and a direction's secret of generation 0, which the others follow
from.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bluemarble.wire.datagram.keys import KEY_BYTES, SECRET_BYTES, LinkKeys

CLIENT, SERVER = "BMU1_CLIENT_SECRET", "BMU1_SERVER_SECRET"
OURS = b"BMU1_"  # how our labels begin; lines of others, as of TLS, may stand in the same file
LINE_LIMIT = 1024  # bytes
LINKS_LIMIT = 1 << 16  # the newest count
SAME_CID_LIMIT = 256  # likewise of one cid: a server that was started again gives the same ones

_LINE = re.compile(
    rb"(BMU1_CLIENT_SECRET|BMU1_SERVER_SECRET) +([0-9a-fA-F]{8}) +([0-9a-fA-F]{2}) +([0-9a-fA-F]{%d})\s*"
    % (2 * SECRET_BYTES)
)


class Secrets(NamedTuple):
    """A link's secrets of generation 0, 32 bytes each; None where the log has no such line."""

    cid: int
    aead: int
    c2s: bytes | None
    s2c: bytes | None


def is_line(line: bytes) -> bool:
    """Whether it is one of ours, whole."""
    return _LINE.fullmatch(line) is not None


def written(cid: int, linked: LinkKeys) -> str:
    """A link's two lines."""
    return "".join(
        f"{label} {cid:08x} {linked.aead:02x} {direction.secret.hex()}\n"
        for label, direction in ((CLIENT, linked.c2s), (SERVER, linked.s2c))
    )


class KeyLog:
    """
    What a key log tells.

    @param lines: of a file, at most LINE_LIMIT bytes each: see `Lines`.
    @ivar by_cid: the links of each connection id, the newest first; one id may have been given out again.
    @ivar passed_over: what was not taken, and how often.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.by_cid: dict[int, list[Secrets]] = {}
        self.passed_over: Counter[str] = Counter()
        self._links = 0
        self.add(lines)

    def __len__(self) -> int:
        """Links."""
        return self._links

    def add(self, lines: Iterable[bytes]) -> None:
        """More of them."""
        for line in lines:
            self._take(line)

    def more(self) -> bool:
        """Whether the log has grown meanwhile; what it has now counts.  One that cannot grow: no."""
        return False

    def _take(self, line: bytes) -> None:
        found = _LINE.fullmatch(line)
        if found is None:
            if line.startswith(OURS):
                self.passed_over["line that is none of a key log"] += 1
            return
        cid, aead, secret = int(found[2], 16), int(found[3], 16), bytes.fromhex(found[4].decode())
        if aead not in KEY_BYTES:
            self.passed_over["line with an unknown aead"] += 1
            return
        self._add(cid, aead, secret, found[1] == CLIENT.encode())

    def _add(self, cid: int, aead: int, secret: bytes, to_server: bool) -> None:
        """To the newest link of that id when that lacks it, else it is another link's."""
        links = self.by_cid.setdefault(cid, [])
        if any(secret == (it.c2s if to_server else it.s2c) and aead == it.aead for it in links):
            return  # both ends may have written into the same file
        newest = links[0] if links else None
        if newest is not None and newest.aead == aead and (newest.c2s if to_server else newest.s2c) is None:
            links[0] = newest._replace(c2s=secret) if to_server else newest._replace(s2c=secret)
            return
        links.insert(0, Secrets(cid, aead, secret if to_server else None, None if to_server else secret))
        self._links += 1
        if len(links) > SAME_CID_LIMIT:
            links.pop()
            self._forgotten()
        elif self._links > LINKS_LIMIT:
            oldest = next(iter(self.by_cid))
            self.by_cid[oldest].pop()
            if not self.by_cid[oldest]:
                del self.by_cid[oldest]
            self._forgotten()

    def _forgotten(self) -> None:
        self._links -= 1
        self.passed_over["link that is older than those of interest"] += 1


class Lines:
    """
    The lines of a file that is read block by block; of one above LINE_LIMIT only how it begins.

    @ivar rest: what follows the last line break, as far as it matters.
    """

    def __init__(self) -> None:
        self.rest = b""

    def feed(self, block: bytes) -> Iterator[bytes]:
        """The lines that end in the next block."""
        *whole, rest = (self.rest + block).split(b"\n")
        self.rest = rest[: LINE_LIMIT + 1]
        yield from (line if len(line) <= LINE_LIMIT else line[: len(OURS)] for line in whole)
