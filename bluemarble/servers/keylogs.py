"""
Keys of datagram links, written down so that recordings of them can be read: docs/bmu1.md section 9.

Of accounts that somebody with the right has captured, beside the capture; of all, where the operator has
configured that (`opening.key_log`).  Logs and journals never have them.
"""

from pathlib import Path

from twisted.logger import Logger

from bluemarble.client.keyfile import append
from bluemarble.native.pump import MOVE_SIZE
from bluemarble.servers.links import Link
from bluemarble.wire.datagram import keylog, keys

SUFFIX = ".keys"
CID_BYTES = 4  # a move begins with it
log = Logger()


def beside(capture: Path) -> Path:
    """The key log of a capture's links."""
    return capture.with_suffix(SUFFIX)


def note(link: Link, path: Path) -> bool:
    """Add a link's keys to a key log; False: the operator has been told why that could not be."""
    aead, root = link.root
    try:
        append(path, keylog.written(link.cid, keys.link_keys(aead, root)))
    except OSError as error:
        log.warn("no keys of a datagram link in {path}: {why}", path=str(path), why=str(error))
        return False
    return True


def moves_of(cid: int, moves: bytes) -> bytes:
    """Those of one link among the moves of a tick, in their order."""
    wanted, found = cid.to_bytes(CID_BYTES, "little"), []
    at = moves.find(wanted)
    while at >= 0:
        if at % MOVE_SIZE == 0:
            found.append(moves[at : at + MOVE_SIZE])
        at = moves.find(wanted, at + 1)
    return b"".join(found)
