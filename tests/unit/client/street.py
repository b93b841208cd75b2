"""What the drivers stand on, in memory: a logon server, the inn, and a clock that goes as they wait."""

from bluemarble.client.sockets import AUTH_PORT, Network
from bluemarble.wire import srp6
from bluemarble.wire.logon import Asked, LogonServer, Proven, RealmsWanted
from opcodes import logon
from tests.unit.client import inn as inns

SALT = bytes(range(1, 33))
STEP_MS = 10


def realm(name="Hill", address="127.0.0.1:8085", flag=0):
    return logon.Realm(
        realm_type=0,
        flag=flag,
        name=name,
        address=address,
        population=0.5,
        number_of_characters_on_realm=2,
        category=1,
        realm_id=1,
    )


class Porter:
    """A logon server that knows Ada's password."""

    def __init__(self, draw, realms):
        self.wire, self.realms, self.key = LogonServer(draw, 0), realms, None

    def receive(self, data, now_ms):
        self.wire.receive(data, 0)
        while (question := self.wire.take()) is not None:
            match question:
                case Asked():
                    self.wire.ask_password("ADA", SALT, srp6.verifier("ada", "SECRET", SALT))
                case Proven(key):
                    self.key = key
                    self.wire.admit()
                case RealmsWanted():
                    self.wire.list_realms(self.realms)
                case _:
                    self.wire.refuse(logon.FAIL_UNKNOWN_ACCOUNT)

    def outgoing(self):
        return self.wire.outgoing()


class Street(Network):
    """
    The network of tests: what is sent arrives with the next step of the clock.

    @ivar hung_up: the server has closed the connections; @ivar closed: sockets that the client has closed.
    """

    def __init__(self, inn, realms=None):
        self.inn, self.realms = inn, realms or [realm()]
        self.clock_ms = 5_000_000
        self.draw = inn.draw
        self.line = self.udp = None
        self.hung_up = False
        self.closed = []

    def connect(self, host, port, timeout_s):
        if port == AUTH_PORT:
            self.line = Line(self, Porter(self.draw.randbytes, self.realms))
            self.porter = self.line.server
        else:
            self.inn.key = self.porter.key
            self.line = Line(self, self.inn)
        return self.line

    def datagrams(self, line, port):
        assert line is self.line and port == inns.PORT
        self.udp = Udp(self)
        return self.udp

    def now_ms(self):
        return self.clock_ms

    def random(self, count):
        return self.draw.randbytes(count)

    def wait(self, ones, timeout_s):
        until_ms = self.clock_ms + int(timeout_s * 1000)
        while True:
            self.exchange()
            there = [one for one in ones if one.readable]
            if there or self.clock_ms >= until_ms:
                return there
            self.clock_ms += min(STEP_MS, until_ms - self.clock_ms)
            if self.clock_ms // 50 > (self.clock_ms - STEP_MS) // 50 and self.line.server is self.inn:
                self.inn.tick(self.clock_ms)

    def exchange(self):
        """What both sides said reaches the other."""
        line = self.line
        if line.said:
            said, line.said = line.said, b""
            line.server.receive(said, self.clock_ms)
        line.heard += line.server.outgoing()
        if self.udp is not None:
            for datagram in self.udp.said:
                self.inn.receive_datagram(datagram, self.clock_ms)
            self.udp.said.clear()
            self.udp.heard += self.inn.datagrams()


class Line:
    """A TCP connection's end."""

    def __init__(self, street, server):
        self.street, self.server = street, server
        self.said = self.heard = b""

    @property
    def readable(self):
        return bool(self.heard) or self.street.hung_up

    def sendall(self, data):
        self.said += data

    def recv(self, size):
        data, self.heard = self.heard[:size], self.heard[size:]
        return data

    def close(self):
        self.street.closed.append(self)


class Udp:
    """A UDP socket."""

    def __init__(self, street):
        self.street, self.said, self.heard = street, [], []

    @property
    def readable(self):
        return bool(self.heard)

    def send(self, datagram):
        self.said.append(datagram)

    def recv(self, size):
        if not self.heard:
            raise BlockingIOError
        return self.heard.pop(0)

    def close(self):
        self.street.closed.append(self)
