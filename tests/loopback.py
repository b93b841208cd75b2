"""
A pump and clients of bluemarble.wire.datagram on real loopback sockets, with a clock that only a test moves.

Every step lets the clients send what is due, the pump deal with all of it, and the clients hear the answers;
nothing waits for time to pass.
"""

import select
import socket
from hashlib import sha256

from bluemarble.native.pump import Closed, Pump, Tunnel
from bluemarble.wire.datagram.client import Client
from bluemarble.wire.datagram.keys import link_keys
from bluemarble.wire.datagram.notices import Notice
from bluemarble.wire.datagram.path import TUNNEL
from bluemarble.wire.datagram.terms import Terms
from opcodes.datagram import AEAD_AES_128_GCM

BEGIN_US = 1_000_000_000
STEP_US = 5_000
PATIENCE = 1000


def root(cid: int) -> bytes:
    """The root of a link's keys."""
    return sha256(b"root %d" % cid).digest()


class Player:
    """A client with a socket; `notices` is what its link has told so far."""

    def __init__(self, town: "Town", cid: int, host: str, aead: int) -> None:
        self.town, self.cid = town, cid
        self.terms = Terms(link_keys(aead, root(cid)), cid, 1400, 1000)
        self.link = Client(self.terms, (host, town.ports[host]), town.now_us)
        self.notices: list[Notice] = []
        self.sent: list[bytes] = []
        self.host = host
        self.move_house()

    def move_house(self) -> None:
        """Another port, as behind a NAT that forgot."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        if hasattr(self, "socket"):
            self.socket.close()
            self.town.whole = False
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((self.host, 0))
        self.socket.setblocking(False)

    def throw(self, datagram: bytes) -> None:
        """Send any bytes."""
        self.town.thrown += 1
        self.socket.sendto(datagram, (self.host, self.town.ports[self.host]))

    def send(self) -> None:
        """What is due."""
        for datagram, address in self.link.datagrams_to_send(self.town.now_us):
            self.sent.append(datagram)
            if address == TUNNEL:
                self.town.pump.tunnel(self.cid, datagram)
            else:
                self.throw(datagram)
        self.notices += self.link.notices()

    def heard(self) -> list[bytes]:
        """Datagrams that have come, as they are."""
        out = []
        while True:
            try:
                out.append(self.socket.recv(2048))
                self.town.heard += 1
            except BlockingIOError:
                return out

    def hear(self) -> None:
        """Datagrams that have come, opened."""
        for datagram in self.heard():
            self.notices += self.link.receive(datagram, self.link.server, self.town.now_us)

    def of(self, kind: type) -> list:
        """Notices of that kind."""
        return [it for it in self.notices if type(it) is kind]


class Town:
    """
    A running pump and its players; stops it in the end.

    A datagram is in the other socket when `sendto` returns, as a rule; where the kernel puts that off, it is
    waited for by counting: what was `thrown` and is not yet received, what was sent and not yet `heard`.

    @ivar news, moves, fates: all that was drained.
    @ivar whole: nobody has left a socket to which something may have been on its way.
    """

    def __init__(self, hosts: tuple[str, ...] = ("127.0.0.1",), **options: object) -> None:
        self.now_us = BEGIN_US
        self.pump = Pump(clock_us=BEGIN_US, ring_bytes=1 << 18, **options)
        self.ports = {host: self.pump.bind(host) for host in hosts}
        self.players: dict[int, Player] = {}  # those whose links are living
        self._everyone: list[Player] = []
        self.news: list = []
        self.fates: list = []
        self.budgets: list = []
        self.moves = b""
        self.thrown = self.heard = 0
        self.whole = True

    def __enter__(self) -> "Town":
        self.pump.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.pump.stop()
        for player in self._everyone:
            player.socket.close()

    def player(
        self, cid: int, host: str = "127.0.0.1", aead: int = AEAD_AES_128_GCM, mtu: int = 1400
    ) -> Player:
        """One that has agreed on a link, and not yet attached it."""
        self.pump.install(cid, aead, root(cid), mtu)
        self.players[cid] = Player(self, cid, host, aead)
        self._everyone.append(self.players[cid])
        return self.players[cid]

    def settle(self) -> None:
        """Let the pump do all it has to, and hear of it."""
        for _ in range(PATIENCE):
            assert self.pump.settle(10_000), self.pump.why()
            counted = self.pump.counters()
            if counted["received"] + counted["overflows"] >= self.thrown or not self.pump.alive():
                break
        drained = self.pump.drain()
        self.moves += drained.moves
        self.fates += self.pump.fates()
        self.budgets += self.pump.budgets()
        for item in drained.news:
            if isinstance(item, Tunnel) and item.cid in self.players:
                player = self.players[item.cid]
                player.notices += player.link.receive(item.datagram, TUNNEL, self.now_us)
        self.news += drained.news

    def step(self, us: int = STEP_US) -> None:
        """So much time passes at once."""
        self.now_us += us
        self.pump.clock(self.now_us)
        for player in self.players.values():
            player.send()
        self.settle()
        self.hear()

    def hear(self) -> None:
        """Let the players hear what was sent."""
        for player in self.players.values():
            player.hear()
        for _ in range(PATIENCE):
            everyone = self.whole and len(self.players) == len(self._everyone)
            if not everyone or self.heard >= self.pump.counters()["sent"]:
                return
            select.select([player.socket for player in self.players.values()], [], [], 0.001)
            for player in self.players.values():
                player.hear()

    def run(self, seconds: float) -> None:
        """So much time passes, step by step."""
        for _ in range(round(seconds * 1e6 / STEP_US)):
            self.step()

    def until(self, reached, seconds: float = 5.0) -> None:
        """Time passes until something is so."""
        for _ in range(round(seconds * 1e6 / STEP_US)):
            if reached():
                return
            self.step()
        raise AssertionError(f"not within {seconds} s")

    def of(self, kind: type) -> list:
        """News of that kind."""
        return [item for item in self.news if type(item) is kind]

    def closed(self, cid: int) -> bool:
        """Whether a link is over."""
        return any(item.cid == cid for item in self.of(Closed))
