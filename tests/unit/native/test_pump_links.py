"""The pump against clients of the reference, over real sockets and with a clock of its own."""

import struct

import pytest

from bluemarble.native.pump import Attached, Closed, Event, Facts, Fate, Moved, Network, Tunnel
from bluemarble.wire.datagram import notices, sections
from bluemarble.wire.datagram.path import TUNNEL
from opcodes.datagram import AEAD_CHACHA20_POLY1305, CLOSE_BYE, CLOSE_KICKED, CLOSE_REPLACED, CLOSE_SILENT
from tests.loopback import Town

pytestmark = pytest.mark.native
BOTH = ("127.0.0.1", "::1")
MOVE = struct.Struct("<IHHHBBiii")


def attached(town, *players):
    """Time until these may be sent to and know it."""
    for player in players:
        town.until(lambda it=player: it.link.attached and Attached(it.cid, False) in town.news)


def snapshot(number):
    """A section that a client reads whole."""
    return bytes([sections.SNAPSHOT, 0, 1, 0, number]) + bytes(6)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("host", BOTH)
def test_a_link_from_attach_to_goodbye(threads, host):
    with Town(BOTH, io_threads=threads) as town:
        cids = [0x2C000 + i for i in range(6)]
        players = [town.player(cid, host, aead=cid % 2) for cid in cids]
        attached(town, *players)
        for i, player in enumerate(players):
            town.pump.send_event(player.cid, 0x101, b"hello %d" % i)
            player.link.send_event(0x102, b"and to you")
            player.link.move(41, 3, sections.Input(1, 1000, 64 * i, -64, 7))
            player.link.move(42, 3, sections.Input(1, 1001, 65 * i, -65, 7))
            assert town.pump.push(player.cid, 900 + i, 70_000, snapshot(i))
        town.pump.flush()
        town.run(0.1)
        for i, player in enumerate(players):
            assert player.of(notices.Message) == [notices.Message(0x101, b"hello %d" % i)]
            assert player.of(notices.Seen) == [notices.Seen(70_000 % 65536, snapshot(i)[1:])]
        assert sorted(town.of(Event)) == [Event(cid, 0x102, b"and to you") for cid in cids]
        found = sorted(MOVE.iter_unpack(town.moves))
        assert found == [
            (cid, 41 + k, 1, 1000 + k, 3, 0, (64 + k) * i, -64 - k, 7)
            for i, cid in enumerate(cids)
            for k in range(2)
        ]
        town.run(0.4)
        assert sorted(town.fates) == [Fate(cid, 900 + i, False) for i, cid in enumerate(cids)]
        for player in players[:3]:
            town.pump.close(player.cid, CLOSE_KICKED)
        for player in players[3:]:
            player.link.close(CLOSE_BYE, town.now_us)
        town.run(0.3)
        assert sorted(town.of(Closed)) == [
            Closed(cid, CLOSE_KICKED if i < 3 else CLOSE_BYE) for i, cid in enumerate(cids)
        ]
        for player in players[:3]:
            assert player.of(notices.Closed) == [notices.Closed(CLOSE_KICKED, True)]
        assert town.pump.counters()["links"] == 0


def test_what_is_not_a_link_of_ours_is_counted_and_nothing_else():
    with Town() as town:
        ada, bob = town.player(5), town.player(6)
        attached(town, ada)
        before = town.pump.counters()
        ada.hear()
        sealed = ada.link.sealer.seal(bytes(8), town.now_us)
        for junk in (b"", b"\x50", sealed[:26], b"\x90" + sealed[1:], bytes(1453), bytes(2000)):
            ada.throw(junk)
        ada.throw(sealed[:1] + (5 + (1 << 14)).to_bytes(4, "little") + sealed[5:])  # another generation
        ada.throw(sealed[:1] + (99).to_bytes(4, "little") + sealed[5:])
        for i in range(7, len(sealed)):
            ada.throw(sealed[:i] + bytes([sealed[i] ^ 0x10]) + sealed[i + 1 :])
        for datagram in ada.sent:
            ada.throw(datagram)
        town.settle()
        counted = {name: value - before[name] for name, value in town.pump.counters().items()}
        assert (counted["malformed"], counted["stray"]) == (6, 2)
        assert counted["forged"] + counted["replayed"] == len(sealed) - 7 + len(ada.sent)
        assert (counted["opened"], counted["sent"]) == (0, 0)
        assert (ada.heard(), bob.heard()) == ([], [])


def test_sections_that_are_none_are_counted():
    """By a client whose keys are right, and who goes on being heard."""
    with Town() as town:
        ada = town.player(5)
        attached(town, ada)
        before = town.pump.counters()["malformed"]
        for said in (b"\x08\x4d", b"\x08\x03\x00", b"\xf8\x00\x00\x00", b"\x08\x06\x00\x01"):
            ada.throw(ada.link.sealer.seal(said.ljust(4, b"\x4d"), town.now_us))
        town.settle()
        assert town.pump.counters()["malformed"] == before + 4
        ada.link.ping(town.now_us)
        town.run(0.1)
        assert ada.of(notices.Time)


def test_who_says_too_much_is_kicked():
    """600 events at once and 200 a second are heard; the one after those ends the link, and is not."""
    with Town() as town:
        ada, bob = town.player(5), town.player(6)
        attached(town, ada, bob)

        def say(first, count):
            for number in range(first, first + count, 200):
                events = [
                    sections.write(sections.Event(id_ & 0xFFFF, 7, b""))
                    for id_ in range(number, number + 200)
                ]
                datagram, _ = ada.link.send(town.now_us, b"".join(events))
                ada.throw(datagram)
            town.settle()

        say(0, 600)
        town.run(1.0)
        say(600, 200)
        assert len(town.of(Event)) == 800 and not town.of(Closed)
        say(800, 200)
        assert len(town.of(Event)) < 900
        assert town.of(Closed) == [Closed(5, CLOSE_KICKED)]
        town.run(0.3)
        assert ada.of(notices.Closed) == [notices.Closed(CLOSE_KICKED, True)]
        assert town.pump.counters()["links"] == 1


def test_pings_from_elsewhere_are_not_answered():
    """Through TCP each answer costs the world's thread time: those go there that came from there."""
    with Town() as town:
        ada = town.player(5)
        ada.link.tunnel(town.now_us)
        town.until(lambda: Attached(5, True) in town.news)
        town.run(1.0)
        before, answers = town.pump.counters(), len(ada.of(notices.Time))
        for stamp in range(50):
            datagram, _ = ada.link.send(town.now_us, sections.write(sections.Ping(stamp)))
            ada.throw(datagram)
        town.settle()
        counted = {name: value - before[name] for name, value in town.pump.counters().items()}
        assert (counted["opened"], counted["tunneled_out"]) == (50, 0)
        assert len(ada.of(notices.Time)) == answers == 1  # to the ping that went with the move


def test_an_event_rides_in_a_snapshot():
    with Town() as town:
        ada = town.player(5)
        attached(town, ada)
        town.run(1)
        sent = town.pump.counters()["sent"]
        town.pump.send_event(5, 7, b"news")
        town.pump.push(5, 1, 9, snapshot(1))
        town.pump.flush()
        town.settle()
        town.hear()
        assert town.pump.counters()["sent"] == sent + 1
        assert ada.of(notices.Message) == [notices.Message(7, b"news")] and ada.of(notices.Seen)


def test_a_client_moves_house():
    with Town(BOTH) as town:
        ada = town.player(5)
        attached(town, ada)
        for _ in range(3):
            ada.move_house()
            for _ in range(2):  # one alone is shorter than the challenge it calls for
                ada.link.ping(town.now_us)
                town.run(0.05)
        assert town.news == [Attached(5, False)] + [Moved(5, False)] * 3
        town.pump.send_event(5, 7, b"still there?")
        town.run(0.1)
        assert notices.Message(7, b"still there?") in ada.notices


def test_who_repeats_another_ones_datagram_learns_nothing():
    with Town() as town:
        ada, eve = town.player(5), town.player(6)
        attached(town, ada)
        ada.link.ping(town.now_us)
        (stolen, _), *_ = ada.link.datagrams_to_send(town.now_us)
        eve.throw(stolen)  # the newest, and not yet seen: an address to be asked
        town.settle()
        asked = eve.heard()
        assert [len(datagram) for datagram in asked if len(datagram) > 3 * len(stolen)] == []
        town.run(1)
        assert town.of(Moved) == []


def test_through_the_tcp_connection():
    with Town() as town:
        ada, bob = town.player(5, aead=AEAD_CHACHA20_POLY1305), town.player(6)
        ada.link.server = TUNNEL
        town.until(lambda: ada.link.attached)
        assert town.news[0] == Attached(5, True)
        town.pump.send_event(5, 3, b"over TCP")
        ada.link.send_event(4, b"likewise")
        town.run(0.1)
        assert notices.Message(3, b"over TCP") in ada.notices
        assert Event(5, 4, b"likewise") in town.news
        attached(town, bob)
        bob.link.tunnel(town.now_us)
        town.run(0.1)
        assert Moved(6, True) in town.news
        counters = town.pump.counters()
        assert counters["tunneled_out"] == len(town.of(Tunnel)) > 0
        before = counters["stray"]
        town.pump.tunnel(6, ada.link.sealer.seal(bytes(8), town.now_us))  # not on that connection
        town.settle()
        assert town.pump.counters()["stray"] == before + 1


def test_silence_ends_a_link():
    with Town() as town:
        ada = town.player(5)
        town.player(6)
        attached(town, ada)
        town.pump.push(5, 1, 1, snapshot(1))
        town.pump.flush()
        town.settle()
        town.players.clear()
        for _ in range(310):
            town.step(50_000)
        assert sorted(town.of(Closed)) == [Closed(5, CLOSE_SILENT), Closed(6, CLOSE_SILENT)]
        assert town.fates == [Fate(5, 1, True)]
        town.run(0.5)
        assert town.pump.counters()["links"] == 0


def test_snapshots_for_who_is_not_there_are_lost_at_once():
    with Town() as town:
        town.player(5)
        for cid, record in ((5, 1), (6, 2), (5 + (1 << 14), 3)):
            assert town.pump.push(cid, record, 0, snapshot(0))
        town.pump.flush()
        town.settle()
        assert sorted(town.fates) == [Fate(5, 1, True), Fate(6, 2, True), Fate(5 + (1 << 14), 3, True)]
        assert town.pump.counters()["snapshots_lost"] == 3


def test_a_link_is_replaced():
    with Town() as town:
        ada = town.player(5)
        attached(town, ada)
        again = town.player(5 + (1 << 14))
        attached(town, again)
        assert town.of(Closed) == [Closed(5, CLOSE_REPLACED)]
        assert ada.of(notices.Closed) == [notices.Closed(CLOSE_REPLACED, True)]
        assert town.pump.counters()["links"] == 1


def test_how_a_link_does():
    with Town() as town:
        ada = town.player(5)
        attached(town, ada)
        town.run(2)
        town.pump.ask(5)
        town.pump.ask(6)
        town.settle()
        (facts,) = town.of(Facts)
        assert facts.cid == 5 and facts.attached and facts.mtu == 1400 and facts.lost == 0
        assert facts.received == len(ada.sent) and facts.rtt_us <= 20_000
        assert town.budgets[0].bytes_per_second == 8000
        assert [budget.room for budget in town.budgets if budget.room > 1200]  # it was probed


@pytest.mark.parametrize("seed", range(4))
def test_events_arrive_once_and_in_order_in_bad_weather(seed):
    weather = Network(seed, loss=0.2, duplicate=0.1, reorder=0.3, delay_us=200_000, jitter_us=100_000)
    with Town(io_threads=2, network=weather) as town:
        players = [town.player(cid) for cid in (5, 6)]
        attached(town, *players)
        for i in range(40):
            for player in players:
                town.pump.send_event(player.cid, i, bytes([i]) * (i * 50))
                player.link.send_event(i, bytes([i]) * (i * 5))
        down = [notices.Message(i, bytes([i]) * (i * 50)) for i in range(40)]
        up = [(i, bytes([i]) * (i * 5)) for i in range(40)]
        town.until(lambda: all(len(it.of(notices.Message)) == 40 for it in players), 60)
        town.until(lambda: len(town.of(Event)) == 80, 60)
        for player in players:
            assert player.of(notices.Message) == down
            assert [(it.opcode, it.body) for it in town.of(Event) if it.cid == player.cid] == up
