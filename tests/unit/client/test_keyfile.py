"""The key log's file: whose it is, who is asked for it, and what a client writes there."""

import os
import stat

import pytest

from bluemarble.client.arrival import Wish
from bluemarble.client.keyfile import ENVIRONMENT, append, logs
from bluemarble.client.sockets import enter
from bluemarble.wire.datagram.keylog import KeyLog
from tests.unit.client.inn import CID, Inn
from tests.unit.client.street import Street


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_owners_alone(tmp_path):
    """Made so whatever the umask is, and made so again; lines are added."""
    path = tmp_path / "keys"
    umask = os.umask(0)
    try:
        append(path, "one\n")
        assert mode(path) == 0o600
        path.chmod(0o644)
        append(path, "two\n")
    finally:
        os.umask(umask)
    assert mode(path) == 0o600 and path.read_text() == "one\ntwo\n"


def test_who_asks_for_one(tmp_path, monkeypatch):
    """An argument, else the environment; a file that cannot be is said at once."""
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    assert logs(None) is None
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "there"))
    assert logs("") is None
    logs(None)("a line\n")
    logs(tmp_path / "here")("another\n")
    assert (tmp_path / "there").read_text() == "a line\n"
    assert (tmp_path / "here").read_text() == "another\n"
    with pytest.raises(OSError, match="nowhere"):
        logs(tmp_path / "nowhere" / "keys")


def test_half_a_line(tmp_path, monkeypatch):
    """A disk that is full in the middle of one is no key that was kept."""
    write = os.write
    monkeypatch.setattr(os, "write", lambda one, data: write(one, data[: len(data) // 2]))
    with pytest.raises(OSError, match="No space left"):
        append(tmp_path / "keys", "a line\n")


@pytest.mark.parametrize("by_environment", [False, True])
def test_a_client_writes_its_keys(tmp_path, monkeypatch, by_environment):
    """One link, two lines; nothing when nobody asks."""
    path, inn = tmp_path / "keys", Inn()
    if by_environment:
        monkeypatch.setenv(ENVIRONMENT, str(path))
    keylog = None if by_environment else path
    with enter("127.0.0.1", "ada", "secret", Wish(""), network=Street(inn), keylog=keylog):
        pass
    [[secrets]] = KeyLog(path.read_bytes().splitlines()).by_cid.values()
    assert secrets[:2] == (CID, inn.offer.aead) and None not in secrets
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    with enter("127.0.0.1", "ada", "secret", Wish(""), network=Street(Inn())):
        pass
    assert len(path.read_text().splitlines()) == 2
