"""What cffi_build/ring.h means: which records find room, and in what order they come out."""

from collections import deque

HEAD = 8


class Ring:
    """
    Records of bytes, each contiguous, 8-aligned behind a head of 8 bytes.

    One that would cross the end begins at the start; what it leaves there is lost until it is read.
    When all have been taken, the next one begins at the start and everything is free.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.records: deque[tuple[int, bytes]] = deque()  # where each ends
        self.put_to = self.read_to = self.taken_to = 0
        self.begun = 0  # which byte lies at the start

    def put(self, record: bytes, spare: int = 0) -> bool:
        """Whether there was room for it, with so many bytes to spare behind it."""
        need = (len(record) + HEAD + 7) // 8 * 8
        if self.put_to == self.taken_to:
            self.begun = self.put_to
        left = self.size - (self.put_to - self.begun) % self.size
        skipped = left if left < need else 0
        if need + spare > self.size // 2:
            return False
        if self.put_to + skipped + need + spare - self.taken_to > self.size:
            return False
        self.put_to += skipped + need
        self.records.append((self.put_to, record))
        return True

    def next(self) -> bytes | None:
        """The next one, if there is one."""
        if not self.records:
            return None
        self.read_to, record = self.records.popleft()
        return record

    def release(self) -> None:
        """What was read may be overwritten."""
        self.taken_to = self.read_to
