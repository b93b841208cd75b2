"""One client of the world server, from its first byte to its last."""

from collections import deque
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from bluemarble.db.accounts import Account
from bluemarble.db.characters import SessionData
from bluemarble.db.errors import Unavailable
from bluemarble.wire.errors import NotAllowed, PeerError, TooMuch
from bluemarble.wire.legacy import BUFFER_LIMIT, HELLO_LIMIT, LegacyServer
from opcodes import Version
from opcodes.session import Addon
from opcodes.vocab import Packet, Phase

if TYPE_CHECKING:
    from bluemarble.servers.gateway import Gateway

Request = Callable[["Session", Any], Coroutine[Any, Any, None]]

CALM_TICKS = 20  # after so many without one over the rate, those before are forgotten


class Line(Protocol):
    """
    What a session needs of its transport.

    @ivar host: the client's address.
    @ivar full: the client does not read: keep what is to be written.
    """

    host: str
    full: bool

    def write(self, data: bytes) -> None:
        """To the client, whole."""

    def close(self) -> None:
        """Hang up once everything is written."""

    def abort(self) -> None:
        """Hang up at once."""

    def pause(self) -> None:
        """Read nothing more."""

    def resume(self) -> None:
        """Read again."""


class Session:
    """
    A connection with its account and its character; at most a few kilobytes when idle.

    @ivar number: what the simulation knows it by; never used twice.
    @ivar wire: its bytes; `wire.phase` is how far it has come.
    @ivar seed: what its client must prove the session key on.
    @ivar account: once it is proven.
    @ivar addons: what it is to be told of its addons, until it is in.
    @ivar queued: proven, and waiting for a place.
    @ivar guid: the character that is, or is about to be, in the world; else 0.
    @ivar stored: what the account keeps with us, once it has been read.
    @ivar asked_ms: when each unanswered SMSG_TIME_SYNC_REQ was sent, by its counter.
    @ivar begun_s, heard_s, active_s: when it connected, last sent anything, last did more than live.
    """

    __slots__ = (
        "_asks",
        "_asks_refilled",
        "_busy",
        "_dropped",
        "_dropped_tick",
        "_held",
        "_paused",
        "_refilled",
        "_requests",
        "_taken",
        "_tokens",
        "account",
        "active_s",
        "addons",
        "asked_ms",
        "begun_s",
        "closed",
        "gateway",
        "guid",
        "heard_s",
        "line",
        "number",
        "queued",
        "seed",
        "stored",
        "wire",
    )

    def __init__(self, gateway: "Gateway", line: Line, version: Version, number: int, seed: int) -> None:
        self.gateway, self.line, self.number, self.seed = gateway, line, number, seed
        self.wire = LegacyServer(version, lines=gateway.lines)
        self.account: Account | None = None
        self.addons: list[Addon] = []
        self.queued = self.closed = False
        self.guid = 0
        self.stored: SessionData | None = None
        self.asked_ms: dict[int, int] | None = None
        self.begun_s = self.heard_s = self.active_s = gateway.clock.seconds()
        self._paused = self._busy = False
        self._held = b""
        self._requests: deque[tuple[Request, Packet]] | None = None
        self._tokens, self._asks = gateway.rates.burst, gateway.rates.asks_burst
        self._refilled = self._asks_refilled = self._dropped_tick = gateway.tick
        self._taken = self._dropped = 0

    # Incoming

    def receive(self, data: bytes) -> None:
        """Bytes from the client; none to go on with those that had to wait."""
        if self.closed:
            return
        if self._paused:
            self._held += data
            if len(self._held) > (HELLO_LIMIT if self.phase is Phase.HELLO else BUFFER_LIMIT):
                self.cut("bytes waiting", kicked=True)
            return
        if data:
            self.heard_s = self.gateway.clock.seconds()
        try:
            for packet in self.wire.receive(data):
                if self._admitted() and packet is not None:
                    self.gateway.take(self, packet)
                if self._paused or self.closed:
                    break
        except PeerError as error:
            self.gateway.refused(self, error)
        except Exception:
            self.gateway.broken(self, Failure())

    def pause(self) -> None:
        """Take nothing more until `resume`; what has come stays in its buffer."""
        if not self._paused:
            self._paused = True
            self.line.pause()

    def resume(self) -> None:
        """Go on where `pause` stopped; a handshake that is being checked goes on by itself."""
        if self._paused and not self.closed and not (self._busy and self.phase is Phase.HELLO):
            self._paused = False
            held, self._held = self._held, b""
            self.receive(held)
            if not self._paused and not self.closed:
                self.line.resume()

    def _admitted(self) -> bool:
        """
        Whether the rate allows another packet; after a tick's share of them the others wait.

        @raise TooMuch: so many had to be dropped that this is no game any more.
        """
        rates, tick = self.gateway.rates, self.gateway.tick
        if self._refilled != tick:
            self._tokens = min(rates.burst, self._tokens + (tick - self._refilled) * rates.per_tick)
            self._refilled, self._taken = tick, 0
        self._taken += 1
        if self._taken >= rates.taken_limit:
            self.pause()
            self.gateway.waiting.append(self)
        if self._tokens >= 1:
            self._tokens -= 1
            return True
        if tick - self._dropped_tick > CALM_TICKS:
            self._dropped = 0
        self._dropped_tick = tick
        self._dropped += 1
        self.gateway.counts["packets_dropped"] += 1
        if self._dropped > rates.dropped_limit:
            raise TooMuch(f"{self._dropped} packets above the rate")
        return False

    # Requests: what may have to wait for the database, one after the other

    def may_ask(self) -> bool:
        """Whether the rate of requests allows another; it is used up by asking."""
        rates, tick = self.gateway.rates, self.gateway.tick
        self._asks = min(rates.asks_burst, self._asks + (tick - self._asks_refilled) * rates.asks_per_tick)
        self._asks_refilled = tick
        if self._asks < 1:
            self.gateway.counts["requests_dropped"] += 1
            return False
        self._asks -= 1
        return True

    def ask(self, request: Request, packet: Packet) -> None:
        """
        Run a request, or let it wait for those before it.

        @raise TooMuch: too many wait.
        """
        if not self._busy:
            self._run(request, packet)
            return
        if self._requests is None:
            self._requests = deque()
        if len(self._requests) >= self.gateway.limits.requests_waiting:
            raise TooMuch("requests waiting")
        self._requests.append((request, packet))

    def _run(self, request: Request, packet: Packet) -> None:
        self._busy = True
        running = Deferred.fromCoroutine(request(self, packet))
        running.addErrback(self._failed)
        running.addBoth(self._next)

    def _next(self, _: Any) -> None:
        self._busy = False
        self.flush()
        if self._requests and not self.closed:
            request, packet = self._requests.popleft()
            if not self._requests:
                self._requests = None
            self._run(request, packet)

    def _failed(self, failure: Failure) -> None:
        error = failure.value
        if isinstance(error, PeerError):
            self.gateway.refused(self, error)
        elif failure.check(Unavailable):
            self.gateway.counts["database_away"] += 1
            self.cut("database away")
        else:
            self.gateway.broken(self, failure)

    # Outgoing

    def send(self, packet: Packet) -> None:
        """Queue a packet; `flush` writes.  One that the client's build does not have is passed over."""
        if not self.closed:
            for form in self.wire.version.forms(packet):
                self.wire.queue(form)

    def flush(self) -> None:
        """Write what is queued, in one piece; a client that does not read is cut when too much waits."""
        if self.closed:
            return
        if not self.line.full:
            data = self.wire.outgoing()
            if data:
                self.line.write(data)
        elif self.wire.pending_bytes > self.gateway.limits.unwritten_bytes:
            self.cut("not reading")

    def cut(self, why: str, *, kicked: bool = False) -> None:
        """Hang up at once, and count it; `kicked`: for what the client did, so that its link goes, too."""
        if not self.closed:
            self.gateway.counts[f"cut: {why}"] += 1
            self.gateway.forget(self, kicked=kicked)
            self.line.abort()

    def close(self) -> None:
        """Hang up after everything that is queued has been written."""
        if not self.closed:
            data = self.wire.outgoing()
            if data:
                self.line.write(data)
            self.gateway.forget(self)
            self.line.close()

    @property
    def phase(self) -> Phase:
        """How far the client has come."""
        return self.wire.phase

    def proven(self) -> Account:
        """
        The account.

        @raise NotAllowed: it has not been proven yet.
        """
        if self.account is None:
            raise NotAllowed("no account yet")
        return self.account
