"""
What both ends of a link do alike: docs/bmu1.md section 4.

The owner calls `receive` with what has come, `datagrams_to_send` when `due_us` says so or it handed something
in, and reads `notices`.  All times are whole microseconds of one clock that never goes back.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable

from bluemarble.wire.datagram import events, notices, prefix, sections
from bluemarble.wire.datagram.notices import Notice
from bluemarble.wire.datagram.packet import PLAIN_LEAST, overhead
from bluemarble.wire.datagram.prefix import Prefix
from bluemarble.wire.datagram.probing import Probing
from bluemarble.wire.datagram.protection import Opener, Sealer
from bluemarble.wire.datagram.recovery import Recovery, Sent
from bluemarble.wire.datagram.sections import Section
from bluemarble.wire.datagram.terms import Statistics, Terms
from bluemarble.wire.errors import Malformed
from opcodes.datagram import CLOSE_BYE, CLOSE_SILENT

ACK_US = 200_000
SILENCE_US = 15_000_000
CLOSES, CLOSE_US = 3, 100_000
STAMP = 0xFFFFFFFF  # clocks are sent in 32 bits

OPEN, CLOSING, CLOSED = range(3)


class Connection(ABC):
    """
    One end of a link.

    @ivar state: OPEN, CLOSING (saying so) or CLOSED.
    @ivar heard_us: when something last opened; @ivar said_us: when something was last sent.
    """

    is_server: bool

    def __init__(self, terms: Terms, now_us: int) -> None:
        keys, server = terms.keys, self.is_server
        mine, theirs = (keys.s2c, keys.c2s) if server else (keys.c2s, keys.s2c)
        self.terms = terms
        self.sealer = Sealer(
            keys.aead, mine, terms.cid, not server, now_us, terms.update_numbers, terms.update_us
        )
        self.opener = Opener(keys.aead, theirs, terms.cid, server)
        self.recovery = Recovery(now_us, terms.budget)
        self.outgoing = events.Outgoing(events.S2C_BYTES if server else events.C2S_BYTES)
        self.incoming = events.Incoming(events.C2S_BYTES if server else events.S2C_BYTES)
        self.probing = Probing()
        self.state = OPEN
        self.heard_us = self.said_us = now_us
        self._overhead = overhead(not server)
        self._notices: list[Notice] = []
        self._highest_us: int | None = None  # when the highest number came, until that has been said
        self._owed_us: int | None = None  # since when an acknowledgement is asked for
        self._ping: int | None = None
        self._pong: int | None = None
        self._closes = 0
        self._close_us = 0
        self._reason = CLOSE_BYE
        self._sent_bytes = self._received = self._received_bytes = self._malformed = 0

    # For the owner

    def notices(self) -> list[Notice]:
        """What has happened since the last call."""
        out, self._notices = self._notices, []
        return out

    def send_event(self, opcode: int, body: bytes) -> None:
        """
        Tell the other end something, reliably and in order.

        @raise ValueError: over 65,536 bytes, or 16,384 from a client, the opcode's varint counted.
        @raise TooMuch: it does not acknowledge those before, events.WAITING_MOST wait.
        """
        self.outgoing.put(opcode, body)

    def ping(self, now_us: int) -> None:
        """Ask for the other end's clock."""
        self._ping = now_us // 1000 & STAMP

    def probe(self) -> None:
        """Look whether larger datagrams get through, up to the agreed size."""
        self.probing.begin(self.terms.mtu)

    def close(self, reason: int, now_us: int) -> None:
        """End the link, and say so: CLOSE_."""
        if self.state == OPEN:
            self.state = CLOSING if self._address() is not None else CLOSED
            self._reason, self._closes, self._close_us = reason, CLOSES, now_us
            self._notices.append(notices.Closed(reason, theirs=False))

    @property
    def room(self) -> int:
        """How many bytes of sections `send` takes at most."""
        return self.probing.mtu - self._overhead - prefix.PREFIX_MOST

    def statistics(self) -> Statistics:
        """How the link does."""
        recovery, opener = self.recovery, self.opener
        return Statistics(
            rtt_us=recovery.rtt_us,
            jitter_us=recovery.jitter_us,
            least_us=recovery.least_us,
            loss_ppm=recovery.loss_ppm,
            budget=recovery.budget,
            mtu=self.probing.mtu,
            sent=self.sealer.number,
            sent_bytes=self._sent_bytes,
            received=self._received,
            received_bytes=self._received_bytes,
            acked=recovery.acked,
            lost=recovery.lost,
            dropped={
                why: getattr(opener, why) for why in ("short", "header", "foreign", "replayed", "forged")
            },
            malformed=self._malformed,
            generation_sent=self.sealer.generation.number,
            generation_received=opener.generation.number,
        )

    # Receiving

    def receive(self, datagram: bytes, address: Hashable, now_us: int) -> list[Notice]:
        """
        A datagram has come from there; what that means.

        One that does not open is counted in `statistics` and means nothing.
        """
        if self.state != OPEN:
            return self.notices()
        opened = self.opener.open(datagram)
        if opened is None:
            return self.notices()
        self._received += 1
        self._received_bytes += len(datagram)
        self.heard_us = now_us
        if opened.newest:
            self._highest_us = now_us
        self._came(address, len(datagram), opened.newest, now_us)
        try:
            head, at = prefix.read(opened.plaintext)
            self._acknowledged(head, now_us)
            if opened.plaintext[at : at + 1] not in (b"", b"\0") and self._owed_us is None:
                self._owed_us = now_us
            ticked = head.tick is not None
            for section in sections.read(opened.plaintext, at, not self.is_server, ticked, len(datagram)):
                self._take(section, head.tick, address, now_us)
                if self.state != OPEN:
                    break
        except Malformed:
            self._malformed += 1
        return self.notices()

    def _acknowledged(self, head: Prefix, now_us: int) -> None:
        numbers = prefix.acknowledged(head, self.sealer.number - 1)
        known = head.delay is not None and head.delay < prefix.DELAY_LIMIT
        delay_us = head.delay * prefix.DELAY_UNIT_US if known and head.delay is not None else None
        arrived, lost = self.recovery.received(numbers, delay_us, now_us)
        if arrived:
            self.sealer.acknowledged(arrived[-1].number)
        for sent in arrived:
            self._arrived(sent)
        self._lose(lost)

    def _arrived(self, sent: Sent) -> None:
        self.outgoing.arrived(sent.parts)
        if sent.record is not None:
            self._notices.append(notices.Acked(sent.record))
        if sent.probe and self.probing.arrived(sent.probe):
            self._notices.append(notices.Fits(sent.probe))

    def _lose(self, lost: list[Sent]) -> None:
        for sent in lost:
            self.outgoing.lost(sent.parts)
            if sent.record is not None:
                self._notices.append(notices.Lost(sent.record))
            if sent.probe:
                self.probing.lost(sent.probe)

    def _take(self, section: Section, tick: int | None, address: Hashable, now_us: int) -> None:
        """
        What one section says.

        @raise Malformed: it cannot be meant.
        """
        match section:
            case sections.Event() | sections.Fragment():
                self._notices += self.incoming.take(section)
            case sections.Ping(stamp_ms):
                self._pong = stamp_ms
            case sections.Pong(stamp_ms, mine_ms):
                self._notices.append(notices.Time(stamp_ms, mine_ms))
            case sections.Close(reason):
                self.state = CLOSED
                self._notices.append(notices.Closed(reason, theirs=True))

    # Sending

    def send(
        self,
        now_us: int,
        body: bytes = b"",
        tick: int | None = None,
        record: int | None = None,
        inputs: int | None = None,
    ) -> tuple[bytes, Hashable] | None:
        """
        One datagram of these sections, then what else there is to say as far as it has room; where it goes.

        @param body: sections, whole, at most `room` bytes.
        @param tick: for the prefix; @param record: what Acked or Lost will name.
        @return: None: there is nowhere to send yet, or no longer.
        @raise ValueError: body does not fit.
        """
        address = self._address()
        if self.state != OPEN or address is None:
            return None
        if len(body) > self.room:
            raise ValueError(f"sections of {len(body)} bytes, room for {self.room}")
        head = self._head(tick, now_us)
        room = self.probing.mtu - self._overhead - len(head) - len(body)
        control = self._control(room, now_us)
        parts = self.outgoing.take(room - len(control), self._flight_limit)
        said = b"".join((body, control, *(section for _, section in parts)))
        sent = Sent(
            self.sealer.number,
            now_us,
            asks=said != b"",
            parts=tuple(part for part, _ in parts),
            record=record,
            inputs=inputs,
        )
        return self._sealed(head + said, sent), address

    def datagrams_to_send(self, now_us: int) -> list[tuple[bytes, Hashable]]:
        """What is to be sent now, and where; `notices` may have something to say then, too."""
        self._elapse(now_us)
        out = []
        address = self._address()
        if self.state == CLOSING and self._closes and now_us >= self._close_us:
            self._closes -= 1
            self._close_us = now_us + CLOSE_US
            out.append((self._alone(sections.Close(self._reason), now_us), address))
            if not self._closes:
                self.state = CLOSED
        if self.state == OPEN:
            out += self._special(now_us)
            if address is not None and (size := self.probing.wanted()):
                self.probing.sent()
                out.append((self._alone(sections.Probe(size), now_us, size, probe=size), address))
            while self._wants(now_us) and (datagram := self._ordinary(now_us)):
                out.append(datagram)
        return out

    def due_us(self) -> int | None:
        """When `datagrams_to_send` will next have something to do, perhaps already; None: never again."""
        if self.state != OPEN:
            return self._close_us if self.state == CLOSING else None
        times = [self.heard_us + SILENCE_US, self.recovery.loss_due_us(), self._special_us()]
        if self._address() is not None:
            if self._pressing() or self.probing.wanted():
                return self.said_us
            times.append(self.said_us + self.terms.keepalive_us)
            if self.recovery.asking:
                times.append(self.said_us + self.recovery.ping_us)
            if self._owed_us is not None:
                times.append(self._owed_us + ACK_US)
        return min(time for time in times if time is not None)

    def _elapse(self, now_us: int) -> None:
        """What happens when nothing does."""
        if self.state != OPEN:
            return
        self._lose(self.recovery.overdue(now_us))
        if now_us - self.heard_us >= SILENCE_US:
            self.close(CLOSE_SILENT, now_us)
        elif self.recovery.asking and now_us - self.said_us >= self.recovery.ping_us:
            self.ping(now_us)

    def _wants(self, now_us: int) -> bool:
        """Whether an ordinary datagram is to be sent now."""
        return (
            self._pressing()
            or now_us - self.said_us >= self.terms.keepalive_us
            or (self._owed_us is not None and now_us - self._owed_us >= ACK_US)
        )

    def _pressing(self) -> bool:
        """Whether there is something to say at once."""
        return self._ping is not None or self._pong is not None or self.outgoing.sendable(self._flight_limit)

    @property
    def _flight_limit(self) -> int:
        """How many bytes of events may be on their way."""
        return max(events.FLIGHT_LEAST, min(events.FLIGHT_MOST, self.recovery.budget // 2))

    def _head(self, tick: int | None, now_us: int) -> bytes:
        """The prefix of a datagram that is about to be sent."""
        window, delay = self.opener.window, None
        self._owed_us = None
        if window.highest < 0:
            return prefix.write(Prefix(tick=tick))
        if self._highest_us is not None:
            delay = min(prefix.DELAY_LIMIT, (now_us - self._highest_us) // prefix.DELAY_UNIT_US)
            self._highest_us = None
        return prefix.write(Prefix(window.highest, window.ack_bits(), delay, tick))

    def _control(self, room: int, now_us: int) -> bytes:
        """The link's own sections that are to go out, as far as there is room."""
        out = b""
        if self._pong is not None:
            pong = sections.write(sections.Pong(self._pong, now_us // 1000 & STAMP))
            if len(pong) <= room:
                out, self._pong = pong, None
        if self._ping is not None:
            ping = sections.write(sections.Ping(self._ping))
            if len(out) + len(ping) <= room:
                out, self._ping = out + ping, None
        return out

    def _alone(self, section: Section, now_us: int, size: int = 0, probe: int = 0) -> bytes:
        """A datagram of that and nothing else, padded to `size`."""
        plaintext = self._head(None, now_us) + sections.write(section)
        plaintext += bytes(max(0, size - self._overhead - len(plaintext)))
        return self._sealed(plaintext, Sent(self.sealer.number, now_us, asks=True, probe=probe))

    def _sealed(self, plaintext: bytes, sent: Sent) -> bytes:
        """It goes out under the next number."""
        self._lose(self.recovery.sent(sent))
        datagram = self.sealer.seal(plaintext.ljust(PLAIN_LEAST, b"\0"), sent.sent_us)
        self.said_us = sent.sent_us
        self._sent_bytes += len(datagram)
        return datagram

    # What the two ends do differently

    @abstractmethod
    def _address(self) -> Hashable | None:
        """Where to send; None: nowhere yet."""

    @abstractmethod
    def _came(self, address: Hashable, size: int, newest: bool, now_us: int) -> None:
        """A datagram has opened."""

    @abstractmethod
    def _special(self, now_us: int) -> list[tuple[bytes, Hashable]]:
        """Datagrams that are due before there is an address to send to, or to another one."""

    @abstractmethod
    def _special_us(self) -> int | None:
        """When there will be one."""

    def _ordinary(self, now_us: int) -> tuple[bytes, Hashable] | None:
        """The next datagram that nobody asked for by name."""
        return self.send(now_us)
