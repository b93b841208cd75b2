"""UDP sockets, links and the threads that serve them, in C: what the world says to them and hears."""

from collections.abc import Callable
from typing import Any, NamedTuple

from bluemarble.native._core import ffi, lib

SECTIONS_LIMIT: int = lib.BM_PUMP_SECTIONS  # bytes in a datagram
EVENT_LIMIT: int = lib.BM_PUMP_EVENT  # bytes of an event's body
MOVE_SIZE: int = lib.BM_MOVE_BYTES
RING_LEAST: int = lib.BM_PUMP_RING  # bytes
COUNTERS = [
    name.removeprefix("BM_COUNT_").lower()
    for name, number in sorted(ffi.typeof("enum bm_pump_count").relements.items(), key=lambda item: item[1])
    if name != "BM_COUNTS"
]


class Attached(NamedTuple):
    """A link has a path: it may be pushed to."""

    cid: int
    tunneled: bool  # through the TCP connection


class Closed(NamedTuple):
    """A link is over: nothing more comes from it.  Its cid is not for another one."""

    cid: int
    reason: int  # docs/bmu1.md section 4


class Event(NamedTuple):
    """The client says something, each once and in its order."""

    cid: int
    opcode: int
    body: bytes


class Tunnel(NamedTuple):
    """A datagram for SMSG_UDP_TUNNEL on the client's TCP connection."""

    cid: int
    datagram: bytes


class Moved(NamedTuple):
    """A link's client is somewhere else now."""

    cid: int
    tunneled: bool


class Facts(NamedTuple):
    """
    How a link does.

    @ivar sent, received, acked, lost: datagrams since it was installed.
    @ivar rtt_us, jitter_us, least_us: smoothed round trip, its deviation, the least; None: not known yet.
    @ivar loss_ppm: of a million datagrams sent so many are lost, lately.
    """

    cid: int
    sent: int
    received: int
    acked: int
    lost: int
    rtt_us: int | None
    jitter_us: int | None
    least_us: int | None
    loss_ppm: int
    rate_bytes_per_s: int
    mtu: int
    attached: bool


News = Attached | Closed | Event | Tunnel | Moved | Facts
_MAKE: dict[int, Callable[[Any], News]] = {
    lib.BM_NEWS_ATTACHED: lambda item: Attached(item.cid, bool(item.value)),
    lib.BM_NEWS_CLOSED: lambda item: Closed(item.cid, item.value),
    lib.BM_NEWS_EVENT: lambda item: Event(item.cid, item.value, _bytes(item)),
    lib.BM_NEWS_TUNNEL: lambda item: Tunnel(item.cid, _bytes(item)),
    lib.BM_NEWS_MOVED: lambda item: Moved(item.cid, bool(item.value)),
    lib.BM_NEWS_FACTS: lambda item: _facts(item),
}


class Drained(NamedTuple):
    """What the links brought: inputs as `Field.moves` reads them, and the rest in order."""

    moves: bytes
    news: list[News]


class Fate(NamedTuple):
    """What became of a record that was pushed."""

    cid: int
    record: int
    lost: bool


class Budget(NamedTuple):
    """What a link may be sent: bytes a second, and bytes of sections in a datagram."""

    cid: int
    bytes_per_second: int
    room: int


class Network(NamedTuple):
    """A simulated network for tests: what it does to a datagram, each way; shares are 0 to 1."""

    seed: int
    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0  # these wait twice as long
    delay_us: int = 0
    jitter_us: int = 0  # more or less than the delay


class Pump:
    """
    The server's end of every UDP link of one process.

    All methods are the world thread's, and none waits for an I/O thread but
    `stop`.  What is said to a link that is gone is forgotten.
    """

    __slots__ = ("_it",)

    def __init__(
        self,
        io_threads: int = 1,
        *,
        lanes: int = 1,
        receive_bytes: int = 16 << 20,
        send_bytes: int = 4 << 20,
        ring_bytes: int = 1 << 23,
        rates: tuple[int, int, int] | None = None,
        updates: tuple[int, int] | None = None,
        network: Network | None = None,
        clock_us: int = 0,
    ) -> None:
        """
        @param lanes: how many threads push snapshots.
        @param receive_bytes, send_bytes: of each socket's buffer, as far as the system allows: `buffers` has
            what was got.  0: the kernel's default, which is 1.3 ms of ten thousand players' datagrams.
        @param ring_bytes: of each ring, a power of two from RING_LEAST on.
        @param rates: what a link may be sent, bytes a second: at first, at least, at most.
        @param updates: a link gets new keys after so many datagrams, or so many us.
        @param clock_us: not 0: the links' time stands there and is moved by `clock`.
        @raise ValueError: one of them is out of its range.
        """
        options = ffi.new("bm_pump_options *")
        options.threads, options.lanes = io_threads, lanes
        options.receive_bytes, options.send_bytes = receive_bytes, send_bytes
        options.ring_bytes, options.clock_us = ring_bytes, clock_us
        options.rate_first, options.rate_least, options.rate_most = rates or (0, 0, 0)
        options.update_numbers, options.update_us = updates or (0, 0)
        if network:
            options.seed, options.delay_us, options.jitter_us = (
                network.seed,
                network.delay_us,
                network.jitter_us,
            )
            options.loss, options.duplicate, options.reorder = (
                round(share * 65536) for share in (network.loss, network.duplicate, network.reorder)
            )
        made = lib.bm_pump_new(options)
        if not made:
            raise ValueError(f"a pump of {io_threads} threads, {lanes} lanes and rings of {ring_bytes} bytes")
        self._it = ffi.gc(made, lib.bm_pump_free)

    @property
    def handle(self) -> Any:
        """What C functions of other subjects take it by; good as long as this object lives."""
        return self._it

    def bind(self, host: str, port: int = 0) -> int:
        """
        Listen at an address; before the start, at most eight of them.

        @param host: IPv4 or IPv6, numeric; `::` is IPv6 alone.  @param port: 0: any that is free.
        @return: the port.
        @raise OSError: the system will not have it.  @raise ValueError: it is no address, or too late.
        """
        code: int = lib.bm_pump_bind(self._it, host.encode(), port)
        if code == lib.BM_SYSTEM:
            raise OSError(f"{host} {port}: {self.why()}")
        return _check(code)

    def buffers(self) -> tuple[int, int]:
        """The smallest receive and send buffer of the sockets, in bytes as the kernel counts them."""
        sizes = ffi.new("uint32_t[2]")
        lib.bm_pump_buffers(self._it, sizes, sizes + 1)
        return sizes[0], sizes[1]

    def start(self) -> None:
        """
        Start the I/O threads, once; a process that forks does so before.

        @raise OSError: the system refused.
        """
        code = lib.bm_pump_start(self._it)
        if code == lib.BM_SYSTEM:
            raise OSError(self.why())
        _check(code)

    def stop(self) -> None:
        """
        Do what was ordered, say goodbye to every client, end the threads and wait for them.

        What they have brought may still be drained.  A second stop does nothing.
        """
        lib.bm_pump_stop(self._it)

    def alive(self) -> bool:
        """
        Started, and neither stopped nor failed, see `why`; asked each tick, it knows one that hangs, too.

        A thread that failed has ended; one that hangs is left alone, with all that it may still touch.
        """
        return bool(lib.bm_pump_alive(self._it))

    def why(self) -> str:
        """What failed; empty: nothing did."""
        return bytes(ffi.string(lib.bm_pump_why(self._it))).decode()

    def install(self, cid: int, aead: int, prk: bytes, mtu: int = 1200, keepalive_ms: int = 1000) -> None:
        """
        A link that was agreed on: from now on its datagrams are understood.

        @param prk: 32 bytes, docs/bmu1.md section 1.
        @raise ValueError: an argument is out of its range.  @raise BufferError: its thread is far behind.
        """
        if len(prk) != 32:
            raise ValueError(f"a key of {len(prk)} bytes")
        _check(lib.bm_pump_install(self._it, cid, aead, prk, mtu, keepalive_ms))

    def close(self, cid: int, reason: int) -> None:
        """
        Say goodbye to a client; `Closed` comes when the link is gone.

        @raise BufferError: its thread is far behind.
        """
        _check(lib.bm_pump_close_link(self._it, cid, reason))

    def send_event(self, cid: int, opcode: int, body: bytes) -> None:
        """
        Say something reliably, after what was said before.

        @raise ValueError: more than EVENT_LIMIT bytes.  @raise BufferError: its thread is far behind.
        """
        _check(lib.bm_pump_event(self._it, cid, opcode, body, len(body)))

    def tunnel(self, cid: int, datagram: bytes) -> None:
        """
        A datagram that came in CMSG_UDP_TUNNEL on the connection of this link's client.

        @raise ValueError: it is too long for one.  @raise BufferError: its thread is far behind.
        """
        _check(lib.bm_pump_tunnel(self._it, cid, datagram, len(datagram)))

    def ask(self, cid: int) -> None:
        """
        Ask how a link does; its `Facts` come with the news, unless there is no such link.

        @raise BufferError: its thread is far behind.
        """
        _check(lib.bm_pump_ask(self._it, cid))

    def push(self, cid: int, record: int, tick: int, sections: bytes, lane: int = 0) -> bool:
        """
        Send sections, once; `Feed` does it in C.

        @return: False: there is no room, it is lost.  Else the record comes back in `fates`.
        @raise ValueError: more than SECTIONS_LIMIT bytes, or no such lane.
        """
        code = lib.bm_pump_push(self._it, lane, cid, record, tick, sections, len(sections))
        return code == 0 or _refused(code)

    def flush(self, lane: int = 0) -> None:
        """Nothing more from this lane for now: wakes the I/O threads."""
        lib.bm_pump_flush(self._it, lane)

    def drain(self) -> Drained:
        """What the links brought since the last drain.  `fates` and the feed read the same one's."""
        _check(lib.bm_pump_drain(self._it))
        found = ffi.new("bm_news **")
        count = lib.bm_pump_news(self._it, found)
        news = [_MAKE[found[0][i].what](found[0][i]) for i in range(count)]
        at = ffi.new("uint8_t **")
        count = lib.bm_pump_moves(self._it, at)
        return Drained(ffi.buffer(at[0], count * MOVE_SIZE)[:] if count else b"", news)

    def fates(self) -> list[Fate]:
        """What became of records, as of the last drain."""
        found = ffi.new("bm_fate **")
        count = lib.bm_pump_fates(self._it, found)
        return (
            [Fate(fate.cid, fate.record, bool(fate.lost)) for fate in ffi.unpack(found[0], count)]
            if count
            else []
        )

    def budgets(self) -> list[Budget]:
        """What links may be sent from now on, where that has changed by a sixteenth, as of the last drain."""
        found = ffi.new("bm_budget **")
        count = lib.bm_pump_budgets(self._it, found)
        return (
            [Budget(it.cid, it.bytes_per_second, it.room) for it in ffi.unpack(found[0], count)]
            if count
            else []
        )

    def counters(self) -> dict[str, int]:
        """COUNTERS by name, since the start; cffi_build/api/pump.h says what they count."""
        counts = ffi.new("uint64_t[]", lib.BM_COUNTS)
        lib.bm_pump_count(self._it, counts)
        return dict(zip(COUNTERS, ffi.unpack(counts, lib.BM_COUNTS), strict=True))

    # For tests

    def wait(self, limit_ms: int = 1000) -> bool:
        """Wait until there is something to drain; False: there was nothing in that time."""
        return bool(lib.bm_pump_wait(self._it, limit_ms))

    def settle(self, limit_ms: int = 1000) -> bool:
        """Wait until all that was ordered, or has come to a socket, is dealt with; False: it took longer."""
        return bool(lib.bm_pump_settle(self._it, limit_ms))

    def clock(self, now_us: int) -> None:
        """Set the links' time, of a pump that was made with one; it never goes back."""
        lib.bm_pump_clock(self._it, now_us)

    def fault(self, thread: int, sending: bool, error: int, times: int = 1) -> None:
        """
        Let the next calls of a thread fail with this errno.

        @raise ValueError: no such thread, or a number is out of its range.
        """
        _check(lib.bm_pump_fault(self._it, thread, sending, error, times))


def _facts(item: Any) -> Facts:
    facts = ffi.cast("const bm_link_facts *", item.bytes)
    numbers = {name: getattr(facts, name) for name in Facts._fields[1:-1]}
    if not facts.rtt_known:
        numbers |= {"rtt_us": None, "jitter_us": None, "least_us": None}
    return Facts(item.cid, **numbers, attached=bool(facts.attached))


def _bytes(item: Any) -> bytes:
    return bytes(ffi.buffer(item.bytes, item.size)) if item.size else b""


def _refused(code: int) -> bool:
    if code != lib.BM_FULL:
        _check(code)
    return False


def _check(code: int) -> int:
    if code >= 0:
        return code
    if code == lib.BM_NO_MEMORY:
        raise MemoryError
    if code == lib.BM_FULL:
        raise BufferError("an I/O thread is far behind")
    raise ValueError("an argument is out of its range")
