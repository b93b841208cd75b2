"""
The journal of writes that a database that is away has not had yet.

A line a batch: CRC32 in eight hexadecimal digits, a space, JSON.  Every row in it can be written again
without harm, so a journal that has been replayed and not yet emptied is replayed once more, and nothing is
different.
"""

import base64
import json
import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from twisted.logger import Logger

from bluemarble.db.batch import Batch, Row

LINE_LIMIT_BYTES = 64 << 20


class Chunk(NamedTuple):
    """Part of a journal: its batches, and where the next part begins; none at the end."""

    batches: list[Batch]
    end: int


class Outage:
    """The file; its methods block, and are called from one thread at a time."""

    log = Logger()

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._damaged: set[int] = set()
        self._size: int | None = None  # of what is known to be whole

    @property
    def damaged(self) -> int:
        """Lines that were not what had been written, and were left out."""
        return len(self._damaged)

    def size_bytes(self) -> int:
        """How much of it there is; nothing when there is no file."""
        return self.path.stat().st_size if self.path.exists() else 0

    def append(self, batches: Iterable[Batch]) -> None:
        """
        Write the batches behind the others; they are on the disk when this returns.

        @raise OSError: they are not, and what was written of them is taken back.
        """
        lines = b"".join(line_of(batch) for batch in batches)
        with self.path.open("r+b" if self.path.exists() else "w+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END) if self._size is None else self._size
            file.seek(size)
            file.truncate()
            if size and self._size is None:  # a line that a crash has torn must not swallow ours
                file.seek(size - 1)
                lines = lines if file.read(1) == b"\n" else b"\n" + lines
                file.seek(size)
            self._size = size
            view = memoryview(lines)
            while view:
                view = view[file.write(view) :]
            os.fsync(file.fileno())
            self._size = size + len(lines)

    def read(self, start: int, rows_limit: int) -> Chunk:
        """The batches from that offset, up to about `rows_limit` rows."""
        batches: list[Batch] = []
        count = 0
        if not self.path.exists():
            return Chunk([], start)
        with self.path.open("rb") as file:
            file.seek(start)
            while count < rows_limit:
                line = file.readline(LINE_LIMIT_BYTES)
                if not line:
                    break
                at, start = start, start + len(line)
                batch = batch_of(line)
                if batch is None:
                    if line.strip() and at not in self._damaged:
                        self._damaged.add(at)
                        self.log.error(
                            "{path}: the line at {at} is damaged and left out", path=str(self.path), at=at
                        )
                    continue
                batches.append(batch)
                count += len(batch)
        return Chunk(batches, start)

    def clear(self) -> None:
        """Everything in it is in the database: empty it."""
        if self.path.exists():
            with self.path.open("r+b") as file:
                file.truncate(0)
                os.fsync(file.fileno())
        self._size = 0

    def reject(self, batch: Batch, why: str) -> None:
        """Keep what the database refuses, for an operator to look at, in a file beside the journal."""
        with self.path.with_name(self.path.name + ".rejected").open("ab") as file:
            file.write(f"# {' '.join(why.split())}\n".encode() + line_of(batch))
            file.flush()
            os.fsync(file.fileno())


def line_of(batch: Batch) -> bytes:
    """A batch as its line."""
    rows = [
        [
            row.table,
            _stored(row.key),
            None if row.values is None else _stored(row.values),
            row.insert,
            row.fresh,
        ]
        for row in batch.rows.values()
    ]
    body = json.dumps([batch.owner, rows], separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(body), body)


def batch_of(line: bytes) -> Batch | None:
    """The batch of a line; None when it is not as it was written."""
    check, _, body = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or check != b"%08x" % zlib.crc32(body):
        return None
    owner, rows = json.loads(body)
    batch = Batch(owner)
    for table, key, values, insert, fresh in rows:
        batch.put(Row(table, _loaded(key), None if values is None else _loaded(values), insert, fresh))
    return batch


def _stored(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"b": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
        for name, value in values.items()
    }


def _loaded(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: base64.b64decode(value["b"]) if isinstance(value, dict) else value
        for name, value in values.items()
    }
