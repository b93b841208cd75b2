"""UDP in memory: lost, doubled, late and out of order, by a weather that changes."""

from typing import Any, NamedTuple

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IListeningPort
from zope.interface import implementer

from bluemarble.tools.simulator.process import Process, World

FIRST_PORT = 50_000
Address = tuple[str, int]


class Weather(NamedTuple):
    """
    What befalls a datagram: shares of 1, and seconds.

    @ivar delay_s, jitter_s: it takes from delay_s to delay_s + jitter_s.
    @ivar reorder: of those that are held back by as much again.
    """

    loss: float = 0.0
    reorder: float = 0.0
    duplicate: float = 0.0
    delay_s: float = 0.02
    jitter_s: float = 0.0


class Datagrams:
    """
    Every datagram of a simulation.

    @ivar weather: everywhere; @ivar over: machines that have another, by address.
    """

    def __init__(self, world: World, weather: Weather) -> None:
        self._world, self.weather = world, weather
        self.over: dict[str, Weather] = {}
        self.ports: dict[Address, Port] = {}
        self._given = FIRST_PORT
        self._chances: dict[str, Any] = {}

    def listen(self, process: Process, port: int, protocol: Any) -> "Port":
        """A port; 0: any.  `protocol` needs `datagramReceived(datagram, address)` alone."""
        made = Port(self, process, protocol)
        made.move(port)
        make = getattr(protocol, "makeConnection", None)
        if make is not None:
            make(made)
        return made

    def free(self) -> int:
        """A port that was never used."""
        self._given += 1
        return self._given

    def send(self, process: Process, source: Address, target: Address, datagram: bytes) -> None:
        """On its way, or not."""
        self._world.trace.note("udp", f"{source[0]}:{source[1]}", datagram, words=False)
        theirs = source[0] if source[0] in self.over else target[0]
        weather = self.over.get(theirs, self.weather)
        chance = self._chance(*sorted((source[0], target[0])))
        # Each is asked of every datagram, so that what befalls one does not depend on what befell another.
        lost, double, held = (chance.random() for _ in range(3))
        late = [chance.random() for _ in range(2)]
        if lost < weather.loss or process.dark:
            return
        for at in range(1 + (double < weather.duplicate)):
            wait_s = weather.delay_s + weather.jitter_s * late[at]
            if held < weather.reorder:
                wait_s *= 2
            self._world.clock.callLater(wait_s, self._arrive, source, target, datagram)

    def _arrive(self, source: Address, target: Address, datagram: bytes) -> None:
        port = self.ports.get(target)
        if port is not None and port.process.alive and not port.process.dark:
            port.process.callLater(0.0, port.take, datagram, source)

    def _chance(self, one: str, other: str) -> Any:
        between = f"{one} {other}"
        if between not in self._chances:
            self._chances[between] = self._world.chance("datagrams", between)
        return self._chances[between]

    def of(self, process: Process) -> list["Port"]:
        """The ports of a program."""
        return [port for port in self.ports.values() if port.process is process]

    def died(self, process: Process) -> None:
        """A program has ended, and its ports with it."""
        for address in [address for address, port in self.ports.items() if port.process is process]:
            del self.ports[address]


@implementer(IListeningPort)
class Port:
    """A socket."""

    def __init__(self, network: Datagrams, process: Process, protocol: Any) -> None:
        self._network, self.process, self._protocol = network, process, protocol
        self.address: Address = (process.host, 0)

    def move(self, port: int = 0) -> None:
        """Be at another port, as behind a router that forgot the old one; nothing reaches the old one."""
        self._network.ports.pop(self.address, None)
        self.address = (self.process.host, port or self._network.free())
        self._network.ports[self.address] = self

    def write(self, datagram: bytes, address: Address) -> None:
        """Send."""
        self._network.send(self.process, self.address, address, datagram)

    def take(self, datagram: bytes, source: Address) -> None:
        """One has come."""
        if self._network.ports.get(self.address) is self:
            self._protocol.datagramReceived(datagram, source)

    def startListening(self) -> None:
        """It does."""

    def stopListening(self) -> Deferred[None]:
        """Close it."""
        if self._network.ports.get(self.address) is self:
            del self._network.ports[self.address]
        return succeed(None)

    def getHost(self) -> IPv4Address:
        """Where it is."""
        return IPv4Address("UDP", *self.address)
