"""
The file of a key log, for its owner alone: keys of datagram links, as SSLKEYLOGFILE has those of TLS.

Whoever reads it and has recorded the datagrams reads all that they say; its lines are of
bluemarble.wire.datagram.keylog.
"""

import errno
import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

ENVIRONMENT = "BLUEMARBLE_KEYLOG"
OWNER_ALONE = 0o600

Logs = Callable[[str], object]  # takes a link's lines


def append(path: Path | str, lines: str) -> None:
    """
    Add lines at the end, in one piece whoever else writes there; the file is its owner's alone.

    @raise OSError: it cannot be written, or is another user's.
    """
    one = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, OWNER_ALONE)
    try:
        if stat.S_ISREG(os.fstat(one).st_mode):
            os.fchmod(one, OWNER_ALONE)
        data = lines.encode()
        if data and os.write(one, data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    finally:
        os.close(one)


def logs(path: Path | str | None) -> Logs | None:
    """
    What takes a link's lines.

    @param path: of the key log; None: as the environment says; "": none, whatever it says.
    @return: None where none is wanted.
    @raise OSError: it could not be written.
    """
    path = os.environ.get(ENVIRONMENT) if path is None else path
    if not path:
        return None
    append(path, "")
    return partial(append, path)
