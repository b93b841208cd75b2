"""A server that is played over UDP: whom it refuses, what it bears, how it ends, what its journal tells."""

import errno
import math

import pytest
from twisted.logger import formatEvent, globalLogPublisher

from bluemarble.native.pump import Network, Pump
from bluemarble.rows.characters import CharactersRow
from bluemarble.sim.strain import LEVELS
from bluemarble.tools.replay.running import replay
from bluemarble.wire.datagram import notices
from opcodes.datagram import (
    CLOSE_SHUTTING_DOWN,
    CMSG_UDP_ACCEPT,
    REFUSED_ASKED_ALREADY,
    REFUSED_NO_ROOM,
    REFUSED_NOT_IN_WORLD,
    REFUSED_NOTHING_IN_COMMON,
    REFUSED_OFF,
    SMSG_UDP_OFFER,
    SMSG_UDP_REFUSED,
)
from opcodes.movement import FORWARD
from tests.integration.quay import NEAR, Sailor, told, walk


def test_refusals(quays, tmp_path):
    """What there is no link for."""
    quay = quays(udp={"link_limit": 1})
    waiting = quay.client("EVE")
    early = Sailor(waiting)
    assert early.ask().reason == REFUSED_NOT_IN_WORLD
    ada, bob = Sailor(quay.player("ADA")), Sailor(quay.player("BOB"))
    for other in ({"proto": 2}, {"aeads": 0}, {"aeads": 4}, {"encoders": 2}, {"mtu": 1199}):
        assert ada.ask(**other).reason == REFUSED_NOTHING_IN_COMMON
    first = ada.ask()
    assert isinstance(first, SMSG_UDP_OFFER) and first.mtu == 1452
    assert ada.ask().reason == REFUSED_ASKED_ALREADY
    assert bob.ask().reason == REFUSED_NO_ROOM
    quay.seconds(1)
    second = ada.ask(mtu=1200, aeads=2)
    assert (second.aead, second.mtu) == (1, 1200) and second.cid != first.cid
    assert second.server_random != first.server_random
    quay.ticks()
    ada.tcp.hang_up()
    quay.ticks()
    assert isinstance(bob.ask(), SMSG_UDP_OFFER)
    bob.tcp.send(CMSG_UDP_ACCEPT(client_random=bytes(32), client_public=bytes(32)))
    quay.ticks()
    assert bob.tcp.gone  # a key that is none
    quay.stop()
    off = quays(udp={"on": False})
    assert Sailor(off.player("CID")).ask().reason == REFUSED_OFF
    assert isinstance(Sailor(off.player("DAN")).ask(), SMSG_UDP_REFUSED)


def test_threads_that_do_not_start(quays, monkeypatch):
    """The operator reads what the system said."""

    def start(_):
        raise OSError("no thread: Resource temporarily unavailable")

    monkeypatch.setattr(Pump, "start", start)
    with pytest.raises(AssertionError, match=r"CannotStart.* world server on UDP: no thread"):
        quays()


def test_asking_again_and_again(quay):
    """Each time it is to wait twice as long, up to half a minute; a minute without makes that good."""
    ada = Sailor(quay.player("ADA"))
    for wait_s in (1, 2, 4, 8, 16, 30, 30):
        assert isinstance(ada.ask(), SMSG_UDP_OFFER)
        quay.seconds(wait_s - 0.5)
        assert ada.ask().reason == REFUSED_ASKED_ALREADY
        quay.seconds(0.55)
    quay.seconds(60)
    for _ in range(2):
        assert isinstance(ada.ask(), SMSG_UDP_OFFER)
        quay.seconds(1.05)


def test_nobody_answers_strangers(quay):
    """Forged datagrams, for links that are and for others, bring nothing and change nothing."""
    ada = quay.sailor("ADA")
    quay.ticks(20)
    before = quay.pump.counters()
    stranger = Sailor(quay.player("EVE")).socket
    for first in range(256):
        stranger.sendto(bytes([first]) + bytes(40), ada.link.server)
    datagrams = ada.link.datagrams_to_send(quay.now_us + 3_000_000) or [(bytes(60), None)]
    forged = bytearray(datagrams[0][0])
    for at in range(len(forged)):
        forged[at] ^= 0x55
        stranger.sendto(forged, ada.link.server)
        forged[at] ^= 0x55
    quay.ticks(2)
    after = quay.pump.counters()
    assert after["received"] - before["received"] >= 256
    with pytest.raises(BlockingIOError):
        stranger.recv(2048)
    assert ada.player.field is not None


def test_bad_network(quays):
    """A tenth lost, a fifth out of order, some twice, 80 ms late: both still agree, a little later."""
    quay = quays(network=Network(7, loss=0.1, duplicate=0.1, reorder=0.2, delay_us=40_000, jitter_us=20_000))
    bob, ada = quay.player("BOB"), quay.sailor("ADA")
    quay.ticks(40)
    x, y, z = ada.at
    ada.go(x + 5.0, y + 5.0)
    quay.ticks(40)
    assert math.dist(told(bob, ada.tcp.guid), (x + 5.0, y + 5.0, z)) < NEAR
    theirs = quay.zone.objects[bob.guid]
    for _ in range(20):
        walk(bob, theirs, theirs.x + 0.35, theirs.y)
        quay.ticks()
    quay.ticks(40)
    assert math.dist(ada.place_of(bob.guid), theirs.place()[:3]) < 2 * NEAR


def test_shutting_down(quay):
    """The server stops: links hear why, and everyone is saved where they are."""
    ada = quay.sailor("ADA")
    x, y, _ = ada.at
    ada.go(x + 3.0, y)
    quay.stop()
    ada.hear()
    assert ada.of(notices.Closed) == [notices.Closed(CLOSE_SHUTTING_DOWN, theirs=True)]


def test_a_thread_dies(quays):
    """The world saves everybody and says why; nothing hangs."""
    quay = quays()
    ada = quay.sailor("ADA")
    x, y, _ = ada.at
    ada.go(x + 3.0, y)
    told = []
    quay.world.failed.addErrback(lambda failure: told.append(failure.getErrorMessage()))
    quay.pump.fault(0, False, errno.EBADF, times=1000)
    ada.link = None
    for _ in range(200):  # the thread has a time of its own
        quay.clock.advance(0.05)
        quay.pump.settle(5)
        if told:
            break
    assert told and "UDP" in told[0]
    quay.stop()
    row = quay.row(CharactersRow, guid=ada.tcp.guid)
    assert row["position_x"] == pytest.approx(x + 3.0, abs=NEAR)


@pytest.fixture
def lines():
    """What is logged."""
    heard = []
    globalLogPublisher.addObserver(heard.append)
    yield heard
    globalLogPublisher.removeObserver(heard.append)


def test_overload(quay, lines):
    """Strained far enough, ticks take longer outside and nothing else inside; who walks is not set back."""
    ada = quay.sailor("ADA")
    quay.ticks(5)
    quay.world.udp.overload.level = LEVELS
    quay.ticks(2)
    world = quay.world.world
    assert world.strain == LEVELS
    before, epoch = world.tick, ada.view.oneself.epoch
    for _ in range(40):
        ada.at = (ada.at[0] + 0.4, *ada.at[1:])  # 8 yards a second: within what is allowed
        ada.flags = FORWARD
        quay.ticks()
    assert world.tick - before == 20
    assert ada.view.oneself.epoch == epoch
    assert quay.gateway.counts["move_too_fast"] == 0
    quay.world._tell_ticks()
    [line] = [formatEvent(it) for it in lines if "log_format" in it and it["log_format"].startswith("UDP: ")]
    assert line.startswith("UDP: 1 links, ") and line.endswith(f"; strain {LEVELS}")
    assert quay.world.udp.counters()["attached"] == 1


def test_what_the_operator_is_told(quay, lines):
    """Moves that were refused and why links were closed, in words and once; what map feeds did is kept."""
    ada, bob = quay.sailor("ADA"), quay.sailor("BOB")
    ada.at = (ada.at[0] + 500.0, *ada.at[1:])
    quay.ticks(3)
    before = quay.world.udp.counters()["feed_datagrams"]
    for sailor in ada, bob:
        sailor.link.close(0, quay.now_us)
    quay.ticks(5)
    assert not quay.world.udp.telling
    assert quay.world.udp.counters()["feed_datagrams"] >= before > 0
    quay.world._tell_ticks()
    quay.sailor("CID")
    quay.world._tell_ticks()
    first, second = (
        formatEvent(it) for it in lines if "log_format" in it and it["log_format"].startswith("UDP: ")
    )
    assert "closed: 2 bye; moves refused: 1 too fast; 0 forged, 0 replayed, 0 malformed, 0 too many" in first
    assert "closed: none; moves refused: none;" in second


def test_its_journal(quays, tmp_path):
    """What reached a server over UDP and TCP replays to the same state, with one thread and with two."""
    quay = quays(journal={"path": "journals"}, udp={"world_threads": 2})
    bob, ada = quay.player("BOB"), quay.sailor("ADA")
    x, y, _ = ada.at
    ada.go(x + 3.0, y)
    ada.at = (x + 300.0, *ada.at[1:])
    quay.ticks(20)
    bob.hang_up()
    cid = quay.sailor("CID")
    ada.link.close(0, quay.now_us)
    quay.seconds(2)
    cid.go(cid.at[0], cid.at[1] + 2.0)
    quay.world.udp.overload.level = 5
    quay.ticks(10)
    content = quay.world.world.content
    quay.stop()
    [file] = (tmp_path / "journals").iterdir()
    results = []
    for threads in 1, 2:
        with file.open("rb") as source:
            results.append(replay(source, content, threads))
    assert results[0] == results[1]
    assert results[0].compared >= 3 and results[0].faults == 0
