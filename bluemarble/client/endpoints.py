"""
A client on Twisted's reactor: for programs that do other things as well, or play many at once.

    game = await enter(reactor, "127.0.0.1", "ADA", "secret", Wish("Ada"), heard=print)
    game.keys = Keys(FORWARD)
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet import protocol
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionClosed, ConnectionDone
from twisted.internet.interfaces import IAddress
from twisted.python.failure import Failure

from bluemarble.client.arrival import Arrival, Wish, address, pick
from bluemarble.client.events import Event
from bluemarble.client.gait import Gait, Keys
from bluemarble.client.keyfile import logs
from bluemarble.client.link import EVERYTHING, Wanted
from bluemarble.client.logon import LogonClient
from bluemarble.client.others import Others
from bluemarble.client.player import Player, Seen
from bluemarble.client.refusal import Refused
from bluemarble.client.track import Drawn
from bluemarble.wire import srp6
from bluemarble.wire.datagram.terms import Statistics
from bluemarble.wire.errors import PeerError
from opcodes.vocab import Packet

AUTH_PORT = 3724
ARRIVE_S = 30.0
GOODBYE_S = 0.3


async def enter(
    reactor: Any,
    host: str,
    account: str,
    password: str,
    wish: Wish = Wish(),  # noqa: B008
    *,
    heard: Callable[[Event], None] = lambda event: None,
    port: int = AUTH_PORT,
    realm: str = "",
    gait: Gait | None = None,
    wanted: Wanted | None = EVERYTHING,
    timeout_s: float = ARRIVE_S,
    random: srp6.Random = os.urandom,
    others: Callable[[], Others] = Others,
    forgiving: bool = False,
    tap: Callable[[int, bytes], None] | None = None,
    keylog: Path | str | None = None,
) -> "Game":
    """
    Log in, enter the world, and get a datagram link.

    @param host, port: of the auth server; @param realm: its name, "" for the first that is up.
    @param wish: whom to play; @param wanted: which link, None for none.
    @param heard: called with everything that happens, as it does.
    @param others, forgiving: as of Player; @param tap: as of LegacyClient.
    @param keylog: file for the keys of its links, as of keyfile.logs: by default BLUEMARBLE_KEYLOG says.
    @raise Refused: a server says no.  @raise PeerError: it does not speak the protocol.
    @raise LookupError: no such realm.  @raise ConnectionError and Twisted's own: the network.
    """
    key_log = logs(keylog)
    logon = LogonClient(account, password, random)
    asking = _Logon(logon)
    await _connected(reactor, host, port, asking, asking.done, timeout_s)
    chosen = pick(logon.realms, realm)
    player = Player(
        account,
        logon.session_key,
        chosen.realm_id,
        random,
        gait=gait,
        wanted=wanted,
        others=others,
        forgiving=forgiving,
        key_log=key_log,
    )
    player.world.wire.tap = tap
    game = Game(reactor, player, Arrival(player.world, wish, linking=wanted is not None), heard)
    await _connected(reactor, *address(chosen), game.line, game.arrived, timeout_s)
    return game


async def _connected(
    reactor: Any, host: str, port: int, line: protocol.Protocol, done: "Deferred[None]", timeout_s: float
) -> None:
    """Connect, and wait until what the connection is for is done; hang up when it fails."""
    factory = _Once(line, done)
    connector = reactor.connectTCP(host, port, factory, timeout_s)
    done.addTimeout(timeout_s, reactor)
    try:
        await done
    except BaseException:
        connector.disconnect()
        raise


class _Once(protocol.ClientFactory):
    """One connection, and word of it when it cannot be made."""

    noisy = False

    def __init__(self, line: protocol.Protocol, done: "Deferred[None]") -> None:
        self._line, self._done = line, done

    def buildProtocol(self, addr: IAddress | None) -> protocol.Protocol:
        self._line.factory = self
        return self._line

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        if not self._done.called:
            self._done.errback(reason)


class _Logon(protocol.Protocol):
    """The connection to the auth server, until the realms are known."""

    transport: Any

    def __init__(self, client: LogonClient) -> None:
        self.client = client
        self.done: Deferred[None] = Deferred()

    def connectionMade(self) -> None:
        self.transport.write(self.client.outgoing())

    def dataReceived(self, data: bytes) -> None:
        if self.done.called:
            return
        try:
            self.client.receive(data)
        except (PeerError, Refused):
            self._end(Failure())
            return
        self.transport.write(self.client.outgoing())
        if self.client.done:
            self._end(None)

    def connectionLost(self, reason: Failure = protocol.connectionDone) -> None:
        if not self.done.called:
            self._end(reason)

    def _end(self, result: Failure | None) -> None:
        if result is None:
            self.done.callback(None)
        else:
            self.done.errback(result)
        self.transport.loseConnection()


class _Line(protocol.Protocol):
    """The connection to the world server."""

    transport: Any

    def __init__(self, game: "Game") -> None:
        self.game = game

    def dataReceived(self, data: bytes) -> None:
        self.game.received(data)

    def connectionLost(self, reason: Failure = protocol.connectionDone) -> None:
        self.game.lost(reason)


class _Datagrams(protocol.DatagramProtocol):
    """The UDP socket."""

    transport: Any

    def __init__(self, game: "Game", host: str, port: int) -> None:
        self.game, self.to = game, (host, port)

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        if addr[:2] == self.to:
            self.game.received_datagram(datagram)

    def connectionRefused(self) -> None:
        """As if the network had lost it."""


class Game:
    """
    A character in the world.

    @ivar player: all there is to know; what programs mostly want is here as well.
    @ivar arrived: fires when it is in the world, and its link is up or refused.
    @ivar gone: fires when the connection has ended: with None when it was left, else with the exception.
    @ivar received_bytes, sent_bytes: over TCP, so far; `statistics` tells those of UDP.
    """

    def __init__(
        self, reactor: Any, player: Player, arrival: Arrival, heard: Callable[[Event], None]
    ) -> None:
        self.player, self.heard = player, heard
        self.arrived: Deferred[None] = Deferred()
        self.gone: Deferred[BaseException | None] = Deferred()
        self.line = _Line(self)
        self._reactor, self._arrival = reactor, arrival
        self._udp: _Datagrams | None = None
        self._call: Any = None
        self._over = self._leaving = False
        self.received_bytes = self.sent_bytes = 0

    @property
    def keys(self) -> Keys:
        """What is held down."""
        return self.player.keys

    @keys.setter
    def keys(self, keys: Keys) -> None:
        self.player.keys = keys

    def picture(self) -> list[Seen]:
        """Everybody in sight, and where to draw each."""
        return self.player.picture(self.now_ms())

    def place(self) -> Drawn:
        """Where oneself is."""
        return self.player.place(self.now_ms())

    def statistics(self) -> Statistics | None:
        """How the datagram link does; None without one."""
        return self.player.statistics()

    def send(self, packet: Packet) -> None:
        """Any packet of a client, over TCP, at once; none when the connection has ended."""
        self.player.send(packet)
        self._turn()

    def say(self, opcode: int, body: bytes) -> None:
        """As `send`, for what has been encoded already."""
        self.player.world.wire.queue_encoded(opcode, body)
        self._turn()

    def leave(self) -> "Deferred[BaseException | None]":
        """Say goodbye, and hang up a little later; fires then."""
        if not self._over:
            self._leaving = True
            self.player.leave(self.now_ms())
            self._turn()
            self._reactor.callLater(GOODBYE_S, self.line.transport.loseConnection)
        return self.gone

    def now_ms(self) -> int:
        """The reactor's clock."""
        return int(self._reactor.seconds() * 1000)

    # What the connections tell

    def received(self, data: bytes) -> None:
        """Bytes of the TCP connection."""
        self.received_bytes += len(data)
        try:
            self.player.receive(data, self.now_ms())
        except PeerError:
            self._fail(Failure())
        self._turn()

    def received_datagram(self, datagram: bytes) -> None:
        """One of the UDP socket's."""
        self.player.receive_datagram(datagram, self.now_ms())
        self._turn()

    def lost(self, reason: Failure) -> None:
        """The TCP connection has ended."""
        self._end(None if self._leaving and reason.check(ConnectionDone, ConnectionClosed) else reason)

    # Time

    def _turn(self) -> None:
        """Tell what has happened, say what is to be said, and come again when something is due."""
        if self._over:
            return
        now_ms = self.now_ms()
        self.player.advance(now_ms)
        for event in self.player.events():
            try:
                self._arrival.take(event)
            except Refused:
                self._fail(Failure())
                return
            self.heard(event)
        for datagram in self.player.datagrams(now_ms):
            self._send(datagram)
        said = self.player.outgoing()
        if said:
            self.sent_bytes += len(said)
            self.line.transport.write(said)
        if self._call is not None and self._call.active():
            self._call.cancel()
        wait_ms = max(self.player.due_ms(now_ms) - now_ms, 1)
        self._call = self._reactor.callLater(wait_ms / 1000, self._turn)
        if self._arrival.done and not self.arrived.called:
            self.arrived.callback(None)

    def _send(self, datagram: bytes) -> None:
        host = self.line.transport.getPeer().host
        to = (host, self.player.link.port)
        if self._udp is None or self._udp.to != to:
            self._close_udp()
            self._udp = _Datagrams(self, *to)
            self._reactor.listenUDP(0, self._udp, interface="::" if ":" in host else "")
        self._udp.transport.write(datagram, to)

    def _close_udp(self) -> None:
        if self._udp is not None and self._udp.transport is not None:
            self._udp.transport.stopListening()
        self._udp = None

    def _fail(self, why: Failure) -> None:
        self._end(why)
        self.line.transport.loseConnection()

    def _end(self, why: Failure | None) -> None:
        if self._over:
            return
        self._over = True
        if self._call is not None and self._call.active():
            self._call.cancel()
        self._close_udp()
        if not self.arrived.called:
            self.arrived.errback(why or Failure(ConnectionDone()))
        self.gone.callback(None if why is None else why.value)
