"""Where a server listens, on machines of all kinds."""

import errno

import pytest
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import Factory
from twisted.logger import capturedLogs, formatEvent

from bluemarble.servers.opening import CannotStart, listen, tell_small
from bluemarble.settings import Udp

BOTH = ("0.0.0.0", "::")


class Port:
    def __init__(self, host, port):
        self.host, self.port, self.open = host, port or 40000, True

    def getHost(self):
        return self

    def stopListening(self):
        self.open = False


class Machine:
    """A reactor on which some addresses cannot be listened on."""

    def __init__(self, **numbers):
        self.numbers, self.ports = numbers, []

    def listenTCP(self, port, factory, interface=""):
        number = self.numbers.get("v6" if ":" in interface else "v4")
        if number:
            raise CannotListenError(interface, port, OSError(number, "no"))
        self.ports.append(Port(interface, port))
        return self.ports[-1]


def hosts(machine, addresses=BOTH, port=8085):
    return [p.host for p in listen(machine, addresses, port, Factory(), "world server")]


def test_both():
    """Where each protocol has sockets of its own, there are two."""
    assert hosts(Machine()) == ["::", "0.0.0.0"]


def test_one_socket_for_both():
    """On Linux the IPv6 socket takes IPv4 too; that the address is then in use is no mistake."""
    assert hosts(Machine(v4=errno.EADDRINUSE)) == ["::"]


@pytest.mark.parametrize("number", [errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL])
def test_no_ipv6(number):
    """A machine without IPv6 does without it, unless nothing else was asked for."""
    assert hosts(Machine(v6=number)) == ["0.0.0.0"]
    with pytest.raises(CannotStart, match="port 8085 of ::"):
        hosts(Machine(v6=number), ("::",))


def test_in_use():
    """Another server is there: said with the port, and what had been opened is closed again."""
    with pytest.raises(CannotStart, match="Address already in use"):
        hosts(Machine(v6=errno.EADDRINUSE))
    machine = Machine(v4=errno.EACCES)
    with pytest.raises(CannotStart, match="Permission denied"):
        hosts(machine)
    assert not machine.ports[0].open


def test_any_port():
    """Port 0 is any free one, the same for both."""
    assert {p.port for p in listen(Machine(), BOTH, 0, Factory(), "x")} == {40000}


def test_small_buffers():
    """What the system does not grant is told at start; what it grants needs no words."""
    settings = Udp(receive_buffer_bytes=1 << 20, send_buffer_bytes=1 << 19)
    with capturedLogs() as lines:
        tell_small((2 << 20, 2 << 19), settings)
        assert not lines
        tell_small((425_984, 2 << 19), settings)
    assert [formatEvent(line) for line in lines] == [
        "world server on UDP: a socket's buffer has 208 KiB, and is to have 1024: "
        "net.core.rmem_max forbids it"
    ]
