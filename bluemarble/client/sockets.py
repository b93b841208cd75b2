"""
A client on plain sockets, which blocks: for scripts.

    with enter("127.0.0.1", "ADA", "secret", Wish("Ada")) as game:
        game.keys = Keys(FORWARD)
        for event in game.run(seconds=5):
            print(event)
"""

import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bluemarble.client.arrival import Arrival, Wish, address, pick
from bluemarble.client.events import Event
from bluemarble.client.gait import Gait, Keys
from bluemarble.client.keyfile import logs
from bluemarble.client.link import EVERYTHING, Wanted
from bluemarble.client.logon import LogonClient
from bluemarble.client.player import Player, Seen
from bluemarble.client.track import Drawn
from bluemarble.wire.datagram.terms import Statistics

AUTH_PORT = 3724
ARRIVE_S = 30.0
GOODBYE_S = 0.3
READ_BYTES = 65536
READS_LIMIT = 256  # datagrams taken at once: whoever floods the port does not keep the rest waiting


class Network:
    """The operating system's sockets, clock and chance; a test brings its own."""

    def connect(self, host: str, port: int, timeout_s: float) -> Any:
        """A TCP connection."""
        line = socket.create_connection((host, port), timeout_s)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line

    def datagrams(self, line: Any, port: int) -> Any:
        """A UDP socket to that port of the host that a TCP connection leads to."""
        host, _, *scope = line.getpeername()
        one = socket.socket(line.family, socket.SOCK_DGRAM)
        one.setblocking(False)
        one.connect((host, port, *scope))
        return one

    def wait(self, ones: list[Any], timeout_s: float) -> list[Any]:
        """Those of them that have something to read, soon."""
        return select.select(ones, [], [], timeout_s)[0]

    def now_ms(self) -> int:
        """A clock that never goes back."""
        return time.monotonic_ns() // 1_000_000

    def random(self, count: int) -> bytes:
        """So many bytes that nobody can guess."""
        return os.urandom(count)


NETWORK = Network()


def enter(
    host: str,
    account: str,
    password: str,
    wish: Wish = Wish(),  # noqa: B008
    *,
    port: int = AUTH_PORT,
    realm: str = "",
    gait: Gait | None = None,
    wanted: Wanted | None = EVERYTHING,
    timeout_s: float = ARRIVE_S,
    network: Network = NETWORK,
    keylog: Path | str | None = None,
) -> "Game":
    """
    Log in, enter the world, and get a datagram link.

    @param host, port: of the auth server; @param realm: its name, "" for the first that is up.
    @param wish: whom to play; @param wanted: which link, None for none.
    @param keylog: file for the keys of its links, as of keyfile.logs: by default BLUEMARBLE_KEYLOG says.
    @raise Refused: a server says no.  @raise PeerError: it does not speak the protocol.
    @raise LookupError: no such realm.  @raise OSError, TimeoutError: the network.
    """
    key_log = logs(keylog)
    until_ms = network.now_ms() + int(timeout_s * 1000)
    logon = LogonClient(account, password, network.random)
    line = network.connect(host, port, timeout_s)
    try:
        while not logon.done:
            line.sendall(logon.outgoing())
            logon.receive(_read(network, line, until_ms))
    finally:
        line.close()
    chosen = pick(logon.realms, realm)
    player = Player(
        account,
        logon.session_key,
        chosen.realm_id,
        network.random,
        gait=gait,
        wanted=wanted,
        key_log=key_log,
    )
    game = Game(player, network.connect(*address(chosen), timeout_s), network)
    try:
        game.arrive(Arrival(player.world, wish, linking=wanted is not None), until_ms)
    except BaseException:
        game.close()
        raise
    return game


def _read(network: Network, line: Any, until_ms: int) -> bytes:
    """
    What has come.

    @raise ConnectionError: the server has hung up.  @raise TimeoutError: nothing came in time.
    """
    if not network.wait([line], max(until_ms - network.now_ms(), 0) / 1000):
        raise TimeoutError("the server does not answer")
    data: bytes = line.recv(READ_BYTES)
    if not data:
        raise ConnectionError("the server has hung up")
    return data


class Game:
    """
    A character in the world.

    @ivar player: all there is to know; what programs mostly want is here as well.
    """

    def __init__(self, player: Player, line: Any, network: Network) -> None:
        self.player = player
        self._line, self._network = line, network
        self._udp: Any = None
        self._port = 0
        self._unread: list[Event] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            if kind is None:
                self.leave()
        self.close()

    @property
    def keys(self) -> Keys:
        """What is held down."""
        return self.player.keys

    @keys.setter
    def keys(self, keys: Keys) -> None:
        self.player.keys = keys

    def run(self, seconds: float) -> Iterator[Event]:
        """
        Play on for so long, and tell what happens as it does.

        @raise PeerError: the server does not speak the protocol.  @raise OSError: the connection is gone.
        """
        until_ms = self._network.now_ms() + int(seconds * 1000)
        while True:
            events, self._unread = self._unread, []
            yield from events
            if self._network.now_ms() >= until_ms:
                return
            self._turn(until_ms)

    def picture(self) -> list[Seen]:
        """Everybody in sight, and where to draw each."""
        return self.player.picture(self._network.now_ms())

    def place(self) -> Drawn:
        """Where oneself is."""
        return self.player.place(self._network.now_ms())

    def statistics(self) -> Statistics | None:
        """How the datagram link does; None without one."""
        return self.player.statistics()

    def arrive(self, arrival: Arrival, until_ms: int) -> None:
        """Go on until that is done; what happened meanwhile, `run` tells first."""
        seen = 0
        while not arrival.done:
            if self._network.now_ms() >= until_ms:
                raise TimeoutError("not in the world in time")
            self._turn(until_ms)
            for event in self._unread[seen:]:
                arrival.take(event)
            seen = len(self._unread)

    def leave(self) -> None:
        """Say goodbye, as far as the server listens."""
        self.player.leave(self._network.now_ms())
        for _ in self.run(GOODBYE_S):
            pass

    def close(self) -> None:
        """Close the sockets."""
        for one in (self._line, self._udp):
            if one is not None:
                one.close()

    def _turn(self, until_ms: int) -> None:
        """Say what is to be said, wait for what comes or is due, and take it in."""
        player, network = self.player, self._network
        now_ms = network.now_ms()
        player.advance(now_ms)
        self._speak(now_ms)
        wait_ms = max(min(player.due_ms(now_ms), until_ms) - now_ms, 0)
        ones = [one for one in (self._line, self._udp) if one is not None]
        for one in network.wait(ones, wait_ms / 1000):
            if one is self._udp:
                self._listen()
                continue
            data = self._line.recv(READ_BYTES)
            if not data:
                raise ConnectionError("the server has hung up")
            player.receive(data, network.now_ms())
        self._unread += player.events()

    def _speak(self, now_ms: int) -> None:
        datagrams = self.player.datagrams(now_ms)
        said = self.player.outgoing()
        if said:
            self._line.sendall(said)
        if datagrams and self._port != self.player.link.port:
            if self._udp is not None:
                self._udp.close()
            self._port = self.player.link.port
            self._udp = self._network.datagrams(self._line, self._port)
        for datagram in datagrams:
            with suppress(OSError):  # as if the network had lost it
                self._udp.send(datagram)

    def _listen(self) -> None:
        with suppress(OSError):  # nothing more is there, or a port that nobody listens on
            for _ in range(READS_LIMIT):
                self.player.receive_datagram(self._udp.recv(READ_BYTES), self._network.now_ms())
