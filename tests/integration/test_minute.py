"""The journal of a crowd on datagram links, run again: bench/replay.py in small, by a clock of our own."""

import io
import socket

import pytest

from bench.crowd.clients import Crowd, Invitation
from bluemarble.servers.recording import Recording
from bluemarble.settings import Journal
from bluemarble.sim import parts
from bluemarble.sim.effects import Close, Input, Unwatch, Watch
from bluemarble.tools.replay.running import replay
from bluemarble.tools.replay.stepping import Differs
from bluemarble.wire import journal
from opcodes.cluster import NMSG_DISCONNECTED
from opcodes.links import NMSG_MOVES, NMSG_STRAIN
from tests.integration.realm import character, entering
from tests.integration.test_udp_alone import HOST, TICK_US, Alone
from tests.journals.record import header

PLAYERS, TICKS, UNITS_YARD = 40, 100, 64
SPREAD = 9.0  # yards between neighbours


def line_of():
    """A socket for one client."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind((HOST, 0))
    line.setblocking(False)
    return line


class Recorded(Alone):
    """Players whom the crowd of bench/ plays, by real datagrams; what reaches their world is written down."""

    def __init__(self, folder):
        super().__init__()
        self.world.threads = 2
        self.recording = Recording(
            folder, header(self.world), Journal(digest_s=1), self.world, lambda: 1_800_000_000
        )
        self.lines = []
        self.crowd = Crowd([self.invited(n) for n in range(PLAYERS)], first_guid=1)

    def invited(self, index):
        """A character in the world, and its link."""
        session, prk = index + 1, bytes([index]) * 32
        x, y = index % 8 * SPREAD, index // 8 * SPREAD
        cid = self.udp.install(session, prk)
        self.given.append(Input(session, entering(character(session, f"P{session}", x=x, y=y, z=50.0))))
        self.lines.append(line_of())
        return Invitation(cid, prk, *(round(v * UNITS_YARD) for v in (x, y, 50.0)), 0, x, y, 30.0)

    def tick(self):
        """One tick, as WorldService.step."""
        given, self.given = [*self.given, *self.udp.inputs()], []
        self.recording.tick(self.world.tick + 1, given)
        effects = self.world.step(given)
        self.recording.stepped(self.world, effects)
        for effect in effects:
            if isinstance(effect, Watch | Unwatch | Close):
                self.udp.perform(effect)
        self.udp.tick()
        self.pump.settle()

    def play(self, ticks):
        """The clients say something each second tick, half of them in each."""
        for _ in range(ticks):
            self.now_us += TICK_US
            self.pump.clock(self.now_us)
            for index in range(self.world.tick % 2, PLAYERS, 2):
                said = self.crowd.step(index, self.now_us * 1000)
                self.lines[index].sendto(said, self.where)
            self.pump.settle()
            self.tick()
            for index, line in enumerate(self.lines):
                while True:
                    try:
                        datagram = line.recv(2048)
                    except BlockingIOError:
                        break
                    self.crowd.take(index, datagram, self.now_us * 1000)

    def close(self):
        self.udp.stop()
        for line in self.lines:
            line.close()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A journal's bytes, and the content of its world."""
    crowd = Recorded(tmp_path_factory.mktemp("journals"))
    try:
        crowd.play(10)
        crowd.given += [Input(n + 1, NMSG_DISCONNECTED()) for n in range(PLAYERS)]
        crowd.play(TICKS // 2)
        crowd.udp.overload.level = 5
        crowd.lines[7].close()
        crowd.lines[7] = line_of()  # its client has another address now
        crowd.play(TICKS // 2)
        played = crowd.crowd.figures()
        assert crowd.udp.counters()["attached"] == PLAYERS
        assert played["malformed"] == played["forged"] == 0
        assert played["near_words"] > 1000
        crowd.recording.close(crowd.world)
        yield crowd.recording.path.read_bytes(), crowd.world
    finally:
        crowd.close()


def test_equal_digests(recorded):
    """With one thread and with two, at each second and at the end: the same is said, and becomes of it."""
    data, world = recorded
    results = [replay(io.BytesIO(data), world.content, threads) for threads in (1, 2, 3)]
    assert results[0] == results[1] == results[2]
    assert results[0].tick == world.tick == 10 + TICKS
    assert results[0].compared == world.tick // 20 + 1
    assert results[0].real_ms > world.now_ms - 10 * 50
    assert (results[0].faults, results[0].cut) == (0, False)
    ticks = [it for it in journal.Reader(io.BytesIO(data)) if isinstance(it, journal.Tick)]
    kinds = [type(packet) for it in ticks for _, packet in it.inputs]
    assert kinds.count(NMSG_MOVES) > TICKS - 5
    assert NMSG_STRAIN in kinds


@pytest.mark.parametrize("odd", [parts.FIELD, parts.ZONE, parts.SOCIETY, parts.WORLD])
def test_the_part_that_differs(recorded, odd, monkeypatch):
    """Whatever part is another one, the replay stops at the first digest and names it alone."""
    data, world = recorded
    right = parts.contents

    def wrong(world, which):
        for part, content in right(world, which):
            yield part, b"odd" if part.kind == odd and world.tick == 60 else content

    monkeypatch.setattr(parts, "contents", wrong)
    digests = (it for it in journal.Reader(io.BytesIO(data)) if isinstance(it, journal.Digest))
    (at_60,) = (it for it in digests if it.tick == 60)
    (name,) = (parts.name(parts.Part(*key)) for key, _ in at_60.parts if key[0] == odd)
    with pytest.raises(Differs, match=f"^the state after tick 60 is not the recorded one: {name}$"):
        replay(io.BytesIO(data), world.content)


def test_inputs_that_differ(recorded):
    """One player's inputs of one tick are missing in the middle of the batch: its field is another."""
    data, world = recorded
    reader, out = journal.Reader(io.BytesIO(data)), io.BytesIO()
    writer = journal.Writer(out, reader.header)
    for record in reader:
        if not isinstance(record, journal.Tick):
            continue
        for _, packet in record.inputs:
            if record.tick == 50 and isinstance(packet, NMSG_MOVES):
                packet.moves = packet.moves[:240] + packet.moves[264:]
        writer.tick(*record)
    writer.flush()
    other = replay(io.BytesIO(out.getvalue()), world.content)
    assert other.state != replay(io.BytesIO(data), world.content).state


def test_cut(recorded):
    """At any place: what is whole before it replays, and equals the digests up to there."""
    data, world = recorded
    for size in range(len(data) // 3, len(data), len(data) // 7):
        result = replay(io.BytesIO(data[:size]), world.content)
        assert 0 < result.tick < world.tick
        records = list(journal.Reader(io.BytesIO(data[:size])))
        assert result.compared == sum(isinstance(it, journal.Digest) for it in records)
        assert result.compared in (result.tick // 20, result.tick // 20 - 1)
