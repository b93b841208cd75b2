"""The `bluemarble capture` commands: their options, and what operators get wrong."""

import errno

import pytest
from click.testing import CliRunner
from twisted.internet.error import CannotListenError
from twisted.internet.testing import MemoryReactorClock

from bluemarble.servers.capturing import CaptureFile
from bluemarble.tools.capturing.serving import accounts_in, serve
from bluemarble.tools.console import main
from bluemarble.wire.captures import formats
from bluemarble.wire.captures.record import Captured

GIVEN = {
    "accounts": None,
    "keys": None,
    "port": 3724,
    "listen": "127.0.0.1",
    "auth_port": 3724,
    "world_port": 8085,
    "realm_address": "",
    "build": 12340,
    "mask_chat": False,
}
PACKET = Captured(5_000_000, True, 1, 0x1DC, bytes(8))


def test_served(tmp_path, capsys):
    """It listens where it should, and tells what it has in the end."""
    reactor, file = MemoryReactorClock(), tmp_path / "a.pkt"
    names = tmp_path / "names"
    names.write_text("# whose\n\nada  secret\nBOB a b\n")
    assert accounts_in(names) == {"ada": "secret", "BOB": "a b"}
    serve("127.0.0.1", file, {}, GIVEN | {"accounts": names}, reactor)
    [(port, _, _, interface)] = reactor.tcpServers
    assert (port, interface) == (3724, "127.0.0.1")
    out = capsys.readouterr().out
    assert "set realmlist" in out and f"{file}: 0 packets" in out


def test_what_is_missing(tmp_path):
    file, names = tmp_path / "a.pkt", tmp_path / "names"
    names.write_text("ada\n")
    for known, given, why in (
        ({}, {}, "either accounts"),
        ({"ADA": "x"}, {"keys": names}, "either accounts"),
        ({}, {"accounts": names}, "line 1"),
    ):
        with pytest.raises(ValueError, match=why):
            serve("127.0.0.1", file, known, GIVEN | given, MemoryReactorClock())
    assert not file.exists()


def test_a_port_that_is_taken(tmp_path, monkeypatch):
    """Nothing is left behind, so that the same command works when it is free."""
    reactor, file = MemoryReactorClock(), tmp_path / "a.pkt"

    def taken(port, factory, interface=""):
        raise CannotListenError(interface, port, OSError(98, "Address already in use"))

    monkeypatch.setattr(reactor, "listenTCP", taken)
    with pytest.raises(ValueError, match="already in use"):
        serve("127.0.0.1", file, {"ADA": "x"}, GIVEN, reactor)
    assert not file.exists()


def test_the_command(tmp_path):
    got = CliRunner().invoke(main, ["capture", "proxy", "--help"])
    assert got.exit_code == 0 and "--keys" in got.output


def raising(*_):
    raise OSError(errno.ENOSPC, "no space left")


def test_a_file(tmp_path, monkeypatch):
    """What it takes, what it cannot keep, and what happens to a full disk."""
    with pytest.raises(ValueError, match="ends with"):
        CaptureFile(tmp_path / "a.txt", 0)
    file = CaptureFile(tmp_path / "a.pkt", 0)
    file.take(PACKET)
    file.take(PACKET._replace(build=5875))
    assert file.written == 1
    assert file.told().endswith("1 packets; not kept: packets of another build in a .pkt of 12340 (1)")
    with pytest.raises(FileExistsError):
        CaptureFile(tmp_path / "a.pkt", 0)
    file.close()
    odd = tmp_path / "c.pkt"
    with monkeypatch.context() as patched:
        patched.setattr(formats, "writer", raising)
        with pytest.raises(OSError, match="no space left"):
            CaptureFile(odd, 0)
    assert not odd.exists()

    class Full:
        def write(self, data):
            raise OSError(errno.ENOSPC, "no space left")

        flush = close = lambda self: self.write(b"")

    file = CaptureFile(tmp_path / "b.pkt", 0)
    file.close()
    file._writer._out = file._file = Full()
    file.flush()
    file.take(PACKET)
    file.close()
    assert "no space left" in file.fault and "no space left" in file.told()
    assert file.lost["packet after a fault of the disk"] == 1
