"""What a child process makes comes back, and what goes wrong there does not come over us."""

import os
import signal
import socket
import threading

import pytest

from bluemarble.servers import freezing
from bluemarble.servers.freezing import Child, Failed


def test_as_it_was():
    """The child has the state of when it was begun, whatever becomes of ours."""
    state = [1, 2, 3]
    child = Child(lambda: bytes(state) * 100_000)
    state.clear()
    assert child.result(wait=True) == b"\1\2\3" * 100_000


def fails():
    raise ValueError("a mistake in the child")


def dies():
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize(("make", "why"), [(fails, "1"), (dies, "-15"), (lambda: b"", "0")])
def test_it_fails(make, why):
    """However it ends, one is told, and nothing of it is left."""
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(Failed, match=f"ended with {why}$"):
        Child(make).result(wait=True)
    assert len(os.listdir("/proc/self/fd")) == before


def test_not_yet():
    """Asked before it is ready, it says so; it may be stopped."""
    child = Child(signal.pause)
    assert child.result() is None
    child.stop()
    with pytest.raises(ChildProcessError):
        os.waitpid(child._pid, 0)


def test_it_holds_nothing_open():
    """A connection that we close is closed, though the child was made before; other threads do not matter."""
    ours, theirs = socket.socketpair()
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    child = Child(signal.pause)
    ours.close()
    assert theirs.recv(1) == b""  # it waits until the child, too, has let it go
    child.stop()
    go.set()
    thread.join()
    theirs.close()


def test_no_room(monkeypatch):
    """A process that cannot be made leaves nothing behind."""
    before = len(os.listdir("/proc/self/fd"))

    def fork():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(freezing.os, "fork", fork)
    with pytest.raises(OSError, match="temporarily"):
        Child(lambda: b"")
    assert len(os.listdir("/proc/self/fd")) == before
