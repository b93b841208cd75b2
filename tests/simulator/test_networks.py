"""The networks, processes and databases of a simulation by themselves."""

from collections import Counter

import pytest
from twisted.internet.error import CannotListenError, ConnectionLost, ConnectionRefusedError
from twisted.internet.protocol import ClientFactory, Factory, Protocol

from bluemarble.db.errors import Unavailable
from bluemarble.db.pool import Database
from bluemarble.tools.simulator.datagrams import Datagrams, Weather
from bluemarble.tools.simulator.process import BEGIN_S, Process, World
from bluemarble.tools.simulator.storage import Storage
from bluemarble.tools.simulator.streams import FULL_BYTES, Streams


class Talker(Protocol):
    def __init__(self):
        self.got, self.lost = b"", None

    def dataReceived(self, data):
        self.got += data

    def connectionLost(self, reason):
        self.lost = reason.value


class Answering(Factory):
    noisy = False

    def __init__(self):
        self.made = []

    def buildProtocol(self, addr):
        self.made.append(Talker())
        return self.made[-1]


class Calling(ClientFactory):
    noisy = False

    def __init__(self):
        self.one, self.failed = Talker(), None

    def buildProtocol(self, addr):
        return self.one

    def clientConnectionFailed(self, connector, reason):
        self.failed = reason.value


@pytest.fixture
def world():
    world = World(1)
    world.streams = Streams(world, 0.1, 0.0, 0.5)
    world.datagrams = Datagrams(world, Weather())
    return world


@pytest.fixture
def line(world):
    """Two that are connected: the caller's protocol, the other's."""
    server, client = Process(world, "a", "server"), Process(world, "b", "client")
    answering, calling = Answering(), Calling()
    server.listenTCP(1, answering)
    client.connectTCP("a", 1, calling)
    passes(world, 1.0)
    return calling.one, answering.made[0]


def passes(world, seconds):
    world.clock.run(world.clock.seconds() + seconds)


def test_bytes_arrive_in_order_and_late(world, line):
    near, far = line
    for i in range(200):
        near.transport.write(b"%03d" % i)
    passes(world, 0.05)
    assert far.got == b""
    passes(world, 0.06)
    assert far.got == b"".join(b"%03d" % i for i in range(200))


def test_who_hangs_up_is_heard_out(world, line):
    near, far = line
    near.transport.write(b"goodbye")
    near.transport.loseConnection()
    near.transport.write(b"?")
    passes(world, 0.5)
    assert far.got == b"goodbye"
    assert far.lost is not None
    assert near.lost is not None


def test_a_cut(world, line):
    near, far = line
    near.transport.write(b"lost")
    near.transport.line.cut()
    passes(world, 0.5)
    assert far.got == b""
    assert isinstance(far.lost, ConnectionLost)
    assert isinstance(near.lost, ConnectionLost)


def test_a_process_that_is_killed(world, line):
    """The other side is told; its own calls never come."""
    near, far = line
    called = []
    near.transport.process.callLater(0.1, called.append, 1)
    near.transport.process.kill()
    near.transport.process.callLater(0.1, called.append, 2)
    passes(world, 0.5)
    assert isinstance(far.lost, ConnectionLost)
    assert (called, near.lost) == ([], None)


def test_a_machine_that_vanishes(world, line):
    """Nobody is told anything."""
    near, far = line
    near.transport.process.dark = True
    near.transport.process.kill()
    far.transport.write(b"hello?")
    passes(world, 100.0)
    assert far.lost is None


def test_a_process_that_stalls(world, line):
    """It is as if nothing had happened meanwhile, and then all of it, in order."""
    near, far = line
    process, called = far.transport.process, []
    process.callLater(1.0, called.append, "first")
    process.callLater(2.0, called.append, "second")
    process.stall(5.0)
    near.transport.write(b"hello")
    passes(world, 4.9)
    assert (called, far.got) == ([], b"")
    passes(world, 0.2)
    assert (called, far.got) == (["first", "second"], b"hello")


def test_who_does_not_read_makes_the_other_pause(world, line):
    near, far = line
    told = []

    class Producer:
        def pauseProducing(self):
            told.append("pause")

        def resumeProducing(self):
            told.append("resume")

        def stopProducing(self):
            told.append("stop")

    near.transport.registerProducer(Producer(), True)
    far.transport.pauseProducing()
    near.transport.write(bytes(FULL_BYTES + 1))
    passes(world, 1.0)
    assert (told, far.got) == (["pause"], b"")
    far.transport.resumeProducing()
    passes(world, 1.0)
    assert (told, len(far.got)) == (["pause", "resume"], FULL_BYTES + 1)


def test_nobody_listens_there(world):
    client, calling = Process(world, "b", "client"), Calling()
    client.connectTCP("a", 1, calling)
    passes(world, 1.0)
    assert isinstance(calling.failed, ConnectionRefusedError)


def test_a_port_is_one_listener_s(world):
    server = Process(world, "a", "server")
    port = server.listenTCP(1, Answering())
    with pytest.raises(CannotListenError):
        server.listenTCP(1, Answering())
    port.stopListening()
    server.listenTCP(1, Answering())


class Ear:
    def __init__(self):
        self.got = []

    def datagramReceived(self, datagram, address):
        self.got.append(datagram)


def test_weather(world):
    """What is lost, doubled and late is about what was asked for."""
    one, other, ear = Process(world, "a", "one"), Process(world, "b", "other"), Ear()
    port = other.listenUDP(5, ear)
    assert port.getHost().port == 5
    mouth = one.listenUDP(0, Ear())
    world.datagrams.weather = Weather(loss=0.2, reorder=0.3, duplicate=0.1, delay_s=0.1, jitter_s=0.05)
    for i in range(1000):
        mouth.write(b"%04d" % i, ("b", 5))
        passes(world, 0.01)
    passes(world, 1.0)
    counted = Counter(ear.got)
    assert 700 < len(counted) < 900
    assert 50 < sum(count == 2 for count in counted.values()) < 150
    assert ear.got != sorted(ear.got)


def test_a_database_that_fails(world, tmp_path):
    """Away: nothing happens.  Unsure: it happens, and looks as if it had not."""
    storage, process = Storage(world, 0.01), Process(world, "a", "server")
    database = Database(f"sqlite:///{tmp_path}/some.sqlite", executor=storage.workers(process))

    def does(statement):
        found = []
        database.write(lambda conn: conn.exec_driver_sql(statement).rowcount).addBoth(found.append)
        assert not found
        passes(world, 1.0)
        return getattr(found[0], "value", found[0])

    def count():
        found, query = [], "SELECT COUNT(*) FROM t"
        database.read(lambda conn: conn.exec_driver_sql(query).scalar()).addBoth(found.append)
        passes(world, 1.0)
        return found[0]

    with storage.failing():
        does("CREATE TABLE t (x INTEGER)")
        assert does("INSERT INTO t VALUES (1)") == 1
        storage.away_s["some"] = world.clock.seconds() + 0.5
        assert isinstance(does("INSERT INTO t VALUES (2)"), Unavailable)
        assert count() == 1
        storage.unsure["some"] = 1
        assert isinstance(does("INSERT INTO t VALUES (3)"), Unavailable)
        assert count() == 2
        assert does("INSERT INTO t VALUES (4)") == 1
    database.close()


def test_time_begins_anew(world):
    assert world.clock.seconds() == BEGIN_S
    assert world.chance("one").random() == World(1).chance("one").random() != world.chance("two").random()
