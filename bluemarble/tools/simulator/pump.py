"""
The server's datagram links without threads and sockets: the same C links, moved by the simulation's clock.

What a real pump's threads do between two of the world's ticks is done here in events of their own:
`cffi_build/pump_links.c` and `pump_sink.c` are followed, but for what bounds a client that sends too much.
"""

import struct
from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall

import opcodes
from bluemarble.native import link as native
from bluemarble.native import pump
from bluemarble.native._core import ffi, lib
from bluemarble.native.pump import RING_LEAST, Drained, News, Pump
from bluemarble.tools.simulator.datagrams import Address, Port
from bluemarble.tools.simulator.process import Process
from bluemarble.wire.codec import codec
from bluemarble.wire.datagram.packet import cid_of
from opcodes.datagram import CLOSE_KICKED, CLOSE_REPLACED, CLOSE_SHUTTING_DOWN
from opcodes.vocab import Packet

EVENT_LINGER_US = 10_000
NEVER_US = 1 << 62
VERSION = opcodes.version(12340)
MOVE = struct.Struct("<IHHHBxiii")


class _Entry:
    """A link, what the feeds were told that it may be sent, and the call that will tend it."""

    def __init__(self, cid: int, link: native.Link) -> None:
        self.cid, self.link = cid, link
        self.rate = self.room = 0
        self.call: IDelayedCall | None = None


class SimulatedPump(Pump):
    """
    A Pump whose threads never start: C's feeds push into it, and what they pushed is taken out again.

    @param random: n random bytes.  @param rates: as of a Pump.
    @ivar port: where datagrams come and go.
    @ivar told: called with a link and the sections that a feed has for it.
    @ivar heard: called with a link, opcode and body of what its client says reliably.
    """

    def __init__(self, process: Process, random: Callable[[int], bytes], rates: tuple[int, int, int]) -> None:
        super().__init__(ring_bytes=max(RING_LEAST, 1 << 20), clock_us=1)
        self._process = process
        self._entries: dict[int, _Entry] = {}  # by index
        self._addresses: dict[Address, int] = {}
        self._places: list[Address] = []
        self._news: list[News] = []
        self._moves: list[bytes] = []
        self._turning = self._stopped = False
        self._links = native.Links(random(32))
        self._links.budget(*rates)
        self.port: Port | None = None
        self.told: Callable[[int, bytes], object] = lambda cid, sections: None
        self.heard: Callable[[int, int, bytes], object] = lambda cid, opcode, body: None

    @property
    def now_us(self) -> int:
        """The links' clock."""
        return round(self._process.seconds() * 1_000_000)

    def bind(self, host: str, port: int = 0) -> int:
        """As a Pump."""
        self.port = self._process.listenUDP(port, self)
        return self.port.address[1]

    def start(self) -> None:
        """There is nothing to start."""

    def stop(self) -> None:
        """As a Pump."""
        if not self._stopped:
            self._turn()
            for entry in list(self._entries.values()):
                entry.link.close(CLOSE_SHUTTING_DOWN, self.now_us)
                self._tend(entry)
            self._stopped = True
            for entry in self._entries.values():
                if entry.call is not None and entry.call.active():
                    entry.call.cancel()
            if self.port is not None:
                self.port.stopListening()

    def alive(self) -> bool:
        """As a Pump."""
        return not self._stopped

    # What the world orders

    def install(self, cid: int, aead: int, prk: bytes, mtu: int = 1200, keepalive_ms: int = 1000) -> None:
        """As a Pump."""
        index = cid % lib.BM_PUMP_LINKS
        if (old := self._entries.get(index)) is not None:
            old.link.close(CLOSE_REPLACED, self.now_us)
            self._tend(old)
            self._forget(index)
        link = native.Link(self._links, prk, aead, cid, mtu, keepalive_ms, self.now_us)
        self._entries[index] = _Entry(cid, link)
        self._tend(self._entries[index])

    def close(self, cid: int, reason: int) -> None:
        """As a Pump."""
        if (entry := self._of(cid)) is not None:
            entry.link.close(reason, self.now_us)
            self._tend(entry)

    def send_event(self, cid: int, opcode: int, body: bytes) -> None:
        """As a Pump."""
        if (entry := self._of(cid)) is None:
            return
        if entry.link.event(opcode, body) == native.NO_ROOM:
            entry.link.close(CLOSE_KICKED, self.now_us)
            self._tend(entry)
        else:
            self._file(entry, self.now_us + EVENT_LINGER_US)

    def notify(self, cid: int, packet: Packet) -> None:
        """Send a packet of the server's as an event."""
        self.send_event(cid, VERSION.numbers[type(packet)], codec(type(packet)).encode(packet))

    def tunnel(self, cid: int, datagram: bytes) -> None:
        """As a Pump."""
        if (entry := self._of(cid)) is not None:
            entry.link.open(datagram, native.TUNNEL, self.now_us)
            self._tend(entry)

    def ask(self, cid: int) -> None:
        """As a Pump."""
        if (entry := self._of(cid)) is not None:
            facts = entry.link.facts()
            numbers: dict[str, int | None] = {name: facts[name] for name in pump.Facts._fields[1:-1]}
            if not facts["rtt_known"]:
                numbers |= dict.fromkeys(("rtt_us", "jitter_us", "least_us"))
            self._news.append(pump.Facts(cid, **numbers, attached=bool(facts["attached"])))  # type: ignore[arg-type]

    def drain(self) -> Drained:
        """As a Pump; what the feeds push after it is sent as soon as their tick is over."""
        if self._turning:  # what was pushed in the last tick goes before what is in this one
            self._turn()
        super().drain()  # fates and budgets, for the feeds
        moves, self._moves = b"".join(self._moves), []
        news, self._news = self._news, []
        if not self._turning:
            self._turning = True
            self._process.callLater(0.0, self._turn)
        return Drained(moves, news)

    # What comes in

    def datagramReceived(self, datagram: bytes, address: Address) -> None:
        """From the network."""
        cid = cid_of(datagram)
        entry = None if cid is None else self._of(cid)
        if entry is None:
            return
        number = self._addresses.setdefault(address, len(self._places) + 1)
        if number > len(self._places):
            self._places.append(address)
        entry.link.open(datagram, number, self.now_us)
        self._tend(entry)

    # A turn

    def _turn(self) -> None:
        """Send what the feeds have pushed."""
        self._turning = False
        pushed = ffi.new("bm_pushed *")
        touched: dict[int, _Entry] = {}
        while lib.bm_pump_pull(self.handle, pushed):
            entry = self._of(pushed.cid)
            if entry is None:
                lib.bm_pump_feign(self.handle, pushed.cid, pushed.record, 1)
                continue
            sections = bytes(ffi.buffer(pushed.sections, pushed.size))
            self.told(pushed.cid, sections)
            made = entry.link.seal(self.now_us, sections, pushed.record, pushed.tick)
            if isinstance(made, bytes):
                self._deliver(entry, made, entry.link.path)
            touched[pushed.cid] = entry
        for entry in touched.values():
            self._tend(entry)

    def _tend(self, entry: _Entry) -> None:
        """Hear what the link says, send what is due, and come again when more will be."""
        link = entry.link
        self._hear(entry)
        for datagram, address in link.outgoing(self.now_us):
            self._deliver(entry, datagram, address)
        self._hear(entry)
        if link.due(self.now_us) & native.DUE_OVER:
            self._forget(entry.cid % lib.BM_PUMP_LINKS)
        else:
            self._hear(entry)
            self._file(entry, link.wake_us())

    def _file(self, entry: _Entry, at_us: int) -> None:
        if entry.call is not None and entry.call.active():
            entry.call.cancel()
        if at_us < NEVER_US and not self._stopped:
            wait_us = max(at_us - self.now_us, 250)
            entry.call = self._process.callLater(wait_us / 1_000_000, self._tend, entry)

    def _forget(self, index: int) -> None:
        entry = self._entries.pop(index, None)
        if entry is not None:
            entry.link.end()
            self._hear(entry)
            if entry.call is not None and entry.call.active():
                entry.call.cancel()

    def _of(self, cid: int) -> _Entry | None:
        entry = self._entries.get(cid % lib.BM_PUMP_LINKS)
        return entry if entry is not None and entry.cid == cid and not self._stopped else None

    def _deliver(self, entry: _Entry, datagram: bytes, address: int) -> None:
        if address == native.TUNNEL:
            self._news.append(pump.Tunnel(entry.cid, datagram))
        elif self.port is not None:
            self.port.write(datagram, self._places[address - 1])

    def _hear(self, entry: _Entry) -> None:
        """What the link has told, for the world's next tick."""
        cid, budget = entry.cid, False
        for notice in self._links.notices():
            match notice:
                case native.Move():
                    self._moves.append(MOVE.pack(*notice))
                case native.Acked(record):
                    lib.bm_pump_feign(self.handle, cid, record, 0)
                case native.Lost(record):
                    lib.bm_pump_feign(self.handle, cid, record, 1)
                case native.Event(opcode, body):
                    self.heard(cid, opcode, body)
                    self._news.append(pump.Event(cid, opcode, body))
                case native.Attached(address):
                    self._news.append(pump.Attached(cid, address == native.TUNNEL))
                    entry.rate, entry.room, budget = self._rate(entry), entry.link.room, True
                case native.Migrated(address):
                    self._news.append(pump.Moved(cid, address == native.TUNNEL))
                case native.Closed(reason):
                    self._news.append(pump.Closed(cid, reason))
                case native.Rate(rate) if abs(rate - entry.rate) >= entry.rate // 16:
                    entry.rate, budget = rate, True
                case native.Mtu(_) if entry.link.room != entry.room:
                    entry.room, budget = entry.link.room, True
        if budget and entry.rate:
            lib.bm_pump_allow(self.handle, cid, entry.rate, entry.room)

    def _rate(self, entry: _Entry) -> int:
        return entry.link.facts()["rate_bytes_per_s"]
