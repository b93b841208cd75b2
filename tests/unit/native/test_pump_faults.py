"""The pump when something is wrong: with a socket, with the world, with a client."""

import errno
import socket

import pytest

from bluemarble.native._core import ffi, lib
from bluemarble.native.pump import Attached, Closed, Event, Fate, Pump
from bluemarble.wire.datagram import notices, sections
from opcodes.datagram import CLOSE_KICKED, CLOSE_SHUTTING_DOWN
from tests.loopback import BEGIN_US, Town
from tests.unit.native.test_pump_links import attached, snapshot

pytestmark = pytest.mark.native
S_US = 1_000_000


def awaited(pump, reached):
    """Until the threads have come to something; so often at most."""
    for _ in range(10_000):
        if reached():
            return
        pump.settle(1)
    raise AssertionError(pump.counters())


@pytest.mark.parametrize(("sending", "doing"), [(False, "recvmmsg"), (True, "sendmmsg")])
def test_a_thread_that_fails_says_so_and_the_rest_stops_cleanly(sending, doing):
    with Town(io_threads=2) as town:
        ada, bob = town.player(4), town.player(5)
        attached(town, ada, bob)
        town.pump.fault(0, sending, errno.ENOTSOCK)
        for cid in (4, 5):
            town.pump.push(cid, 1, 1, snapshot(1))
        town.pump.flush()
        awaited(town.pump, lambda: not town.pump.alive())
        assert town.pump.why() == f"I/O thread 0: {doing}: Socket operation on non-socket"
        del town.players[4]
        town.run(0.1)  # the other one goes on
        assert bob.of(notices.Seen)
        town.pump.stop()
        assert not town.pump.alive() and doing in town.pump.why()
        awaited(town.pump, lambda: bob.hear() or bob.of(notices.Closed))
        assert bob.of(notices.Closed) == [notices.Closed(CLOSE_SHUTTING_DOWN, True)]


def test_stop_does_what_was_ordered_and_says_goodbye():
    with Town() as town:
        players = [town.player(cid) for cid in range(20)]
        attached(town, *players)
        for number in range(50):
            for player in players:
                town.pump.push(player.cid, number, number, snapshot(number))
        town.pump.stop()
        town.pump.stop()
        town.hear()
        for player in players:
            assert len(player.of(notices.Seen)) == 50
            assert player.of(notices.Closed) == [notices.Closed(CLOSE_SHUTTING_DOWN, True)]
        assert len([item for item in town.pump.drain().news if isinstance(item, Closed)]) == 20
        with pytest.raises(ValueError, match="range"):
            town.pump.start()


def test_the_kernel_has_no_room_for_a_while():
    with Town() as town:
        ada = town.player(4)
        attached(town, ada)
        town.pump.fault(0, True, errno.EAGAIN, 5)
        for number in range(200):
            town.pump.push(4, number, number, snapshot(number))
        town.pump.flush()
        awaited(town.pump, lambda: town.pump.counters()["snapshots"] == 200)
        town.run(0.1)
        assert [seen.tick for seen in ada.of(notices.Seen)] == list(range(200))
        assert town.pump.counters()["send_again"] == 5 and town.pump.counters()["send_errors"] == 0


def test_the_kernel_has_no_room_for_long():
    """Receiving goes on; what could not be sent in 100 ms is given up; then all is as before."""
    with Town() as town:
        ada = town.player(4)
        attached(town, ada)
        town.pump.fault(0, True, errno.EAGAIN, 0xFFFF)
        for number in range(200):
            town.pump.push(4, number, number, snapshot(number))
        town.pump.flush()
        counters = town.pump.counters
        awaited(town.pump, lambda: counters()["snapshots"] == 64 and counters()["send_again"])
        received = counters()["received"]
        for _ in range(10):
            ada.throw(ada.sent[0])
        awaited(town.pump, lambda: counters()["received"] == received + 10)
        assert counters()["snapshots"] == 64  # sealed: a batch, which waits
        for _ in range(8):
            town.now_us += 100_000
            town.pump.clock(town.now_us)
            turns = counters()["turns"]
            awaited(town.pump, lambda turns=turns: counters()["turns"] > turns + 2)
        assert counters()["send_errors"] >= 200
        town.pump.fault(0, True, 0, 0)
        town.pump.push(4, 999, 999, snapshot(9))
        town.pump.flush()
        town.until(lambda: any(seen.tick == 999 for seen in ada.of(notices.Seen)))


def test_a_datagram_that_the_kernel_will_not_have_is_one_that_is_lost():
    with Town() as town:
        ada = town.player(4)
        attached(town, ada)
        town.run(0.3)
        town.pump.fault(0, True, errno.ENOBUFS)
        for number in range(8):
            town.pump.push(4, number, number, snapshot(number))
            town.pump.flush()
            town.run(0.05)
        town.until(lambda: len(town.fates) == 8)
        assert sorted(town.fates) == [Fate(4, number, number == 0) for number in range(8)]
        assert town.pump.counters()["send_errors"] == 1


def test_the_world_is_behind():
    """Inputs are dropped and counted first; then nothing is taken from the sockets; nothing else is lost."""
    with Town() as town:
        ada = town.player(4)
        attached(town, ada)
        counters = town.pump.counters
        tick = 0
        while not counters()["inputs_dropped"]:
            for _ in range(8):
                tick += 1
                ada.link.move(tick, 0, sections.Input(1, 0, tick, 0, 0))
            town.now_us += 200_000  # as many as one client may send
            town.pump.clock(town.now_us)
            ada.send()
            town.pump.settle(1)
            ada.hear()
        for number in range(64):
            ada.link.send_event(number, bytes(200))
        for _ in range(20):
            town.now_us += 60_000
            town.pump.clock(town.now_us)
            ada.send()
            town.pump.settle(1)
            ada.hear()
        town.settle()
        taken = len(town.moves) // 24
        assert taken == counters()["inputs"]
        assert counters()["inputs"] + counters()["inputs_dropped"] <= tick
        town.until(lambda: len(town.of(Event)) == 64)
        assert [event.opcode for event in town.of(Event)] == list(range(64))


def test_a_socket_that_overflows_is_seen():
    pump = Pump(clock_us=BEGIN_US, receive_bytes=4096)
    port = pump.bind("127.0.0.1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for _ in range(200):  # before anybody listens
            client.sendto(bytes(1000), ("127.0.0.1", port))
    pump.start()
    pump.settle()
    counted = pump.counters()
    assert counted["received"] + counted["overflows"] == 200 and counted["overflows"] > 100
    pump.stop()
    assert pump.counters()["overflows"] == counted["overflows"]


def test_a_client_that_acknowledges_nothing_is_let_go():
    with Town() as town:
        ada = town.player(4)
        attached(town, ada)
        town.players.clear()
        for number in range(1400):
            town.pump.send_event(4, number, b"do you hear me?")
        town.settle()
        assert town.of(Closed) == [Closed(4, CLOSE_KICKED)]


def test_addresses_and_buffers():
    pump = Pump(receive_bytes=1 << 20, send_bytes=1 << 18)
    assert pump.buffers() == (0, 0) and not pump.alive()
    port = pump.bind("127.0.0.1")
    with pytest.raises(OSError, match="in use"):
        Pump().bind("127.0.0.1", port)
    with pytest.raises(OSError, match="in use"):
        Pump(io_threads=2).bind("127.0.0.1", port)
    shared = Pump(io_threads=2)
    taken = shared.bind("127.0.0.1")
    with pytest.raises(OSError, match="in use"):  # a group lets nobody in either
        Pump(io_threads=2).bind("127.0.0.1", taken)
    for host in ("localhost", "", "1.2.3", "::x"):
        with pytest.raises(ValueError, match="range"):
            pump.bind(host)
    assert pump.buffers() > (0, 0)
    pump.start()
    with pytest.raises(ValueError, match="range"):
        pump.bind("127.0.0.1")
    pump.stop()
    assert not pump.alive() and pump.why() == ""


def test_a_link_gets_new_keys():
    with Town(updates=(16, 10**12)) as town:
        ada = town.player(4)
        attached(town, ada)
        for number in range(100):
            town.pump.push(4, number, number, snapshot(number))
            town.pump.flush()
            town.run(0.05)
        assert len(ada.of(notices.Seen)) == 100 and ada.link.statistics().generation_received >= 4


def play(io_threads):
    """What two dozen clients say and hear in two seconds."""
    with Town(io_threads=io_threads) as town:
        players = [town.player(100 + i, aead=i % 2) for i in range(24)]
        for step in range(400):
            for i, player in enumerate(players):
                if step % 10 == i % 10 and Attached(player.cid, False) in town.news:
                    player.link.move(step // 10, 0, sections.Input(step, 0, i, step, 0))
                    town.pump.push(player.cid, step, step, snapshot(step % 200))
                    if step % 50 == i:
                        player.link.send_event(step, b"up" * i)
                        town.pump.send_event(player.cid, step, b"down" * i)
            town.pump.flush()
            town.step()
        moves = sorted(town.moves[at : at + 24] for at in range(0, len(town.moves), 24))
        heard = [[it for it in player.notices if type(it) is not notices.Attached] for player in players]
        counters = town.pump.counters()
        counted = {name: counters[name] for name in ("received", "sent", "opened", "inputs", "snapshots")}
        return moves, sorted(town.fates), sorted(town.news), heard, counted


def test_two_threads_do_what_one_does():
    one, two = play(1), play(2)
    assert one == two
    assert len(one[0]) > 500 and len(one[1]) > 500


def test_a_thread_that_hangs():
    """It makes no turn any more: known after ten seconds of which the world has lived through some."""
    watch = ffi.new("bm_watch *")

    def hangs(turns, now_s):
        return bool(lib.bm_watch_hangs(watch, turns, int(now_s * S_US)))

    assert not any(hangs(n // 20, 1 + n * 0.05) for n in range(1000))  # it rests a second at a time
    began_s = 60.0
    assert [hangs(50, began_s + n * 0.05) for n in range(203)] == [False] * 200 + [True] * 3
    assert not hangs(51, began_s + 20)
    assert not any(hangs(51, began_s + 21 + n * 0.01) for n in range(800))  # many looks in little time


def test_a_machine_that_was_halted():
    """Everything stood still for half an hour: a thread has its ten seconds from then on, in looks."""
    watch = ffi.new("bm_watch *")
    assert not any(lib.bm_watch_hangs(watch, 7, S_US * now_s) for now_s in [1, *range(1800, 1999)])
    assert not lib.bm_watch_hangs(watch, 8, 2000 * S_US)
