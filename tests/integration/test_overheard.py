"""A client of ours on the whole server, recorded: what the key logs of either end make of its datagrams."""

import json
import stat
from functools import partial

import pytest
from twisted.logger import capturedLogs, formatEvent

from bluemarble.client import link
from bluemarble.client.gait import Keys
from bluemarble.config import Config
from bluemarble.native.pump import Pump
from bluemarble.servers.keylogs import moves_of
from bluemarble.servers.opening import CannotStart, key_log
from bluemarble.wire.captures import formats, frames
from bluemarble.wire.datagram.keylog import KeyLog
from bluemarble.wire.datagram.terms import Terms
from opcodes.movement import FORWARD, LEFT
from tests.integration import quay as quays_of
from tests.integration.quay import BEGIN_US, HOST
from tests.integration.test_client_link import Guest
from tests.recording import framed, pcap_of, udp
from tests.unit.tools.capturing import run

UPDATES = 50  # datagrams under the same keys


class Noting:
    """A socket, and beside it a capturer: @ivar noted: of the guest's."""

    def __init__(self, one, guest):
        self._one, self._guest = one, guest
        self.server = None

    def __getattr__(self, name):
        return getattr(self._one, name)

    def sendto(self, datagram, to):
        self.server = to
        self._guest.note(udp(self._one.getsockname(), to, datagram))
        return self._one.sendto(datagram, to)

    def recv(self, size):
        datagram = self._one.recv(size)
        self._guest.note(udp(self.server or (HOST, 1), self._one.getsockname(), datagram))
        return datagram


class Watched(Guest):
    """A guest whose datagrams are recorded, and whose keys are logged."""

    def __init__(self, quay, name, **given):
        self.noted, self.keys = [], []
        super().__init__(quay, name, key_log=self.keys.append, **given)

    @property
    def socket(self):
        return self._socket

    @socket.setter
    def socket(self, one):
        self._socket = Noting(one, self)

    def note(self, packet):
        self.noted.append((self.quay.now_us - BEGIN_US, framed(frames.LINUX_SLL2, packet)))

    def recorded(self, folder):
        """The options that show it."""
        (folder / "it.pcap").write_bytes(pcap_of(self.noted, frames.LINUX_SLL2))
        (folder / "client.keys").write_text("".join(self.keys))
        return folder / "it.pcap", "--keylog", folder / "client.keys"


def found(*arguments):
    return [json.loads(line) for line in run(*arguments, "--json").stdout.splitlines()]


def said(datagrams, name):
    return [it["fields"] for datagram in datagrams for it in datagram["sections"] if it["name"] == name]


def ordered(quay, *words):
    return quay.gateway.orders.follow(["capture", *words], "a test")


def moves_in(path):
    """Number and place of each input in a capture."""
    return [
        (move["tick"], move["epoch"], move["x"], move["y"])
        for it in found(path, "--opcode", "NMSG_MOVES")
        for move in it["fields"]["moves"]
    ]


@pytest.fixture
def restless(monkeypatch):
    """Both ends change their keys all the time."""
    monkeypatch.setattr(quays_of, "Pump", partial(Pump, updates=(UPDATES, 10**12)))
    monkeypatch.setattr(link, "Terms", partial(Terms, update_numbers=UPDATES))


def test_what_was_played(restless, quay, tmp_path):
    """Inputs, things and places as both ends have them, under new keys and from another port, too."""
    ordered(quay, "begin", "ADA")
    bob, ada = Guest(quay, "BOB"), Watched(quay, "ADA")
    [capture] = (tmp_path / "captures").glob("*.pcapng")
    ada.player.keys = Keys(FORWARD | LEFT)
    bob.hold(FORWARD, 60, facing=1.0)
    port = ada.socket.getsockname()[1]
    ada.socket.close()
    ada.socket = quays_of.socket.socket(quays_of.socket.AF_INET, quays_of.socket.SOCK_DGRAM)
    ada.socket.bind((HOST, 0))
    ada.socket.setblocking(False)
    bob.hold(FORWARD, 60, facing=2.0)
    quay.ticks(10)
    assert quay.gateway.counts["udp_moved"] == 1
    ordered(quay, "end", "ADA")
    recorded = ada.recorded(tmp_path)
    datagrams = found(*recorded)
    assert len(datagrams) == len(ada.noted)
    assert {it["port"] for it in datagrams} == {port, ada.socket.getsockname()[1]}
    for sender in ("client", "server"):
        assert max(it["generation"] for it in datagrams if it["from"] == sender) >= 1
    assert ada.guid not in {int(it["guid"], 16) for it in said(datagrams, "ENTER")}
    assert [it["name"] for it in said(datagrams, "ENTER") if int(it["guid"], 16) == bob.guid] == ["Bob"]
    words = [word for it in said(datagrams, "SNAPSHOT") for word in it.get("near", []) + it.get("far", [])]
    last = [word for word in words if word.get("guid") == f"0x{bob.guid:X}"][-1]
    assert [last[axis] for axis in "xyz"] == pytest.approx(bob.theirs(), abs=1 / 32)
    new = tmp_path / "new.pcapng"
    run("convert", recorded[0], new, *recorded[1:])
    heard, told = moves_in(capture), moves_in(new)
    assert len(heard) > 100 and heard == told[: len(heard)] and len(told) - len(heard) < 5


def test_the_servers_key_log(quay, tmp_path):
    """Beside a capture are the keys of its links: the one there is, and those that follow; nobody else's."""
    bob, ada = Watched(quay, "BOB", level=3), Watched(quay, "ADA", level=3)
    with capturedLogs() as events:
        answer = ordered(quay, "begin", "ADA")
        ada.say(".tele drywell")
        quay.seconds(4)
    [keys] = (tmp_path / "captures").glob("*.keys")
    assert answer.endswith(f"; its datagram link's keys are in {keys}")
    assert keys.read_text() == "".join(ada.keys) and len(ada.keys) == 2
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    secrets = [word for line in "".join(ada.keys + bob.keys).split() if len(word := line) == 64]
    logged = "".join(formatEvent(event) or "" for event in events) + answer + ordered(quay, "status")
    assert "ordered by a test: capture begin ADA" in logged
    assert not [secret for secret in secrets if secret in logged]
    found_by_ours = found(ada.recorded(tmp_path)[0], "--keylog", keys)
    assert len(found_by_ours) == len(ada.noted)
    assert found(bob.recorded(tmp_path)[0], "--keylog", keys) == []
    [capture] = (tmp_path / "captures").glob("*.pcapng")
    ordered(quay, "end", "ADA")
    assert not quay.gateway.udp.tapped
    names = [it["name"] for it in found(capture)]
    assert names.count("NMSG_UDP_GONE") == names.count("NMSG_UDP_ATTACHED") == 1
    assert not any(word in capture.read_bytes() for word in map(bytes.fromhex, secrets))


def test_what_a_link_tells(quay, tmp_path):
    """Events of the client's, though the server passes them over; a .pkt has those, and counts the rest."""
    ada = Watched(quay, "ADA")
    ordered(quay, "begin", "ADA", "pkt")
    ada.player.link._client.send_event(0x1DC, bytes(8))
    ada.hold(FORWARD, 10)
    assert "of another build" in ordered(quay, "end", "ADA")
    [capture] = (tmp_path / "captures").glob("*.pkt")
    with capture.open("rb") as file:
        assert [it.body for it in formats.reader(file) if it.opcode == 0x1DC] == [bytes(8)]
    ada.player.leave(ada.now_ms)
    quay.seconds(1)


def test_the_keys_of_all(quays, tmp_path):
    """A setting, which is said loudly at each start; without it and a capture there are none."""
    with capturedLogs() as events:
        quay = quays(capture={"key_log": "all.keys"})
    [warning] = [formatEvent(it) for it in events if "KEYS OF EVERY" in (formatEvent(it) or "")]
    assert str(tmp_path / "all.keys") in warning
    ada = Watched(quay, "ADA")
    log = KeyLog((tmp_path / "all.keys").read_bytes().splitlines())
    assert len(log) == 1 and (tmp_path / "all.keys").read_text() == "".join(ada.keys)
    assert not list(tmp_path.glob("captures/*"))
    assert not quay.gateway.udp.tapped


def test_keys_that_cannot_be_written(quay, tmp_path):
    """At the start that is said; later it ends nothing."""
    with pytest.raises(CannotStart, match=r"capture\.key_log"):
        key_log(Config(directory=str(tmp_path), capture={"key_log": "nowhere/all.keys"}))
    ordered(quay, "begin", "ADA")
    [capture] = (tmp_path / "captures").glob("*.pcapng")
    capture.with_suffix(".keys").mkdir()
    with capturedLogs() as events:
        ada = Watched(quay, "ADA")
    assert any("no keys of a datagram link" in (formatEvent(it) or "") for it in events)
    assert ada.player.statistics() is not None


def test_moves_of_a_link():
    """Those that begin with its id, and not those that have its bytes elsewhere."""
    cid = 0x01010101
    mine, other = b"\1" * 24, b"\2\1" + b"\1" * 22
    assert moves_of(cid, other + mine + other + mine) == mine + mine
    assert moves_of(cid, other) == moves_of(cid, b"") == b""
