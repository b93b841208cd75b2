"""
The world's state as bytes, made beside the world: by a child that has it as it was when it was forked.

A world of thousands takes seconds to put into words; forking takes milliseconds, and what both processes then
have in common is copied page by page as the world goes on.
"""

import contextlib
import gc
import os
import signal
import warnings
from collections.abc import Callable
from typing import NoReturn

SECONDS_LIMIT = 120  # then a child is ended by its alarm
NICENESS = 10  # the ticks come first
OTHER_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)


class Failed(OSError):
    """What was to be frozen was not."""


class Child:
    """
    One piece of work in a child process; ask `result` now and then, or `stop` it.

    @param make: what is run there, on the state as it is now; what it answers comes back.
    @raise OSError: there is no room for another process.
    """

    def __init__(self, make: Callable[[], bytes]) -> None:
        self._fd = os.memfd_create("snapshot")
        try:
            with warnings.catch_warnings():
                # Newer Pythons warn of threads that hold locks: ours that would are in C, or wait for work.
                warnings.simplefilter("ignore", DeprecationWarning)
                self._pid = os.fork()
        except OSError:
            os.close(self._fd)
            raise
        if self._pid == 0:
            _be_the_child(self._fd, make)

    def result(self, wait: bool = False) -> bytes | None:
        """
        What was made; None while it is not.

        @param wait: until it is, for SECONDS_LIMIT at most.
        @raise Failed: it never will be.  After that, or an answer, there is nothing more to ask.
        """
        pid, status = os.waitpid(self._pid, 0 if wait else os.WNOHANG)
        if not pid:
            return None
        with os.fdopen(self._fd, "rb") as file:
            file.seek(0)
            made = file.read()
        if status or not made:
            raise Failed(f"the process that makes a snapshot ended with {os.waitstatus_to_exitcode(status)}")
        return made

    def stop(self) -> None:
        """Nobody wants it any more."""
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._fd)


class Inline:
    """The same at once: for worlds that are small, and for those who want to know when."""

    def __init__(self, make: Callable[[], bytes]) -> None:
        self._made = make()

    def result(self, wait: bool = False) -> bytes | None:
        """What was made."""
        return self._made

    def stop(self) -> None:
        """Nothing to stop."""


Freezes = Callable[[Callable[[], bytes]], Child | Inline]


def _be_the_child(fd: int, make: Callable[[], bytes]) -> NoReturn:
    """
    Make it, and end, whatever happens; nothing of the parent's is flushed, closed properly or told of.

    Its sockets and locks are let go at once: a client that leaves meanwhile must not stay for our sake.
    """
    status = 1
    try:
        for number in OTHER_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        signal.alarm(SECONDS_LIMIT)
        os.nice(NICENESS)
        gc.disable()
        os.closerange(3, fd)
        os.closerange(fd + 1, os.sysconf("SC_OPEN_MAX"))
        made = memoryview(make())
        while made:
            made = made[os.write(fd, made) :]
        status = 0
    finally:
        os._exit(status)
