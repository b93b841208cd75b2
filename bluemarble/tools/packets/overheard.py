"""
The datagrams of links in a recording of a network, opened with a key log; and those that went through TCP.

A capture of packets in clear may be in the same file, as mergecap makes them: its packets come as they are,
but the sealed datagrams of CMSG_UDP_TUNNEL and SMSG_UDP_TUNNEL are opened, too.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bluemarble.tools.packets.decoding import name_of
from bluemarble.tools.packets.links import Found, Links
from bluemarble.tools.packets.saying import Said
from bluemarble.wire.captures import frames, pcap, pcapng
from bluemarble.wire.captures.record import Captured, unpacked
from bluemarble.wire.datagram import prefix, sections
from bluemarble.wire.datagram.keylog import KeyLog
from bluemarble.wire.datagram.numbers import expanded
from bluemarble.wire.datagram.window import ACK_NUMBERS
from bluemarble.wire.errors import Malformed

CUT = "datagram that its capturer cut"
AGAIN = "datagram that has come before, or is too old to tell"
TUNNELS = ("CMSG_UDP_TUNNEL", "SMSG_UDP_TUNNEL")


class Datagram(NamedTuple):
    """
    An opened datagram.

    @ivar connection: its link's cid; @ivar number, generation: its packet number's, and its keys'.
    @ivar size: of all of it, bytes.
    @ivar address, port: the client's; "" and 0 of one that went through TCP, which is `tunnelled`.
    @ivar tick: of its prefix, 16 bits; None: it has none.
    @ivar ack: the highest packet number that it acknowledges; None: none.
    @ivar lacking: those of the 32 below that which it does not acknowledge.
    @ivar delay_ms: since that one came, as the sender says; None: it does not say.
    @ivar answered_us: since that one passed the capturer, when it is acknowledged for the first time.
    @ivar said: its sections.
    @ivar fault: what is wrong with it, or with what follows the sections; "": nothing.
    """

    time_us: int
    from_client: bool
    connection: int
    number: int
    generation: int
    size: int
    address: str
    port: int
    tick: int | None
    ack: int | None
    lacking: tuple[int, ...]
    delay_ms: int | None
    answered_us: int | None
    said: tuple[Said, ...]
    fault: str

    @property
    def tunnelled(self) -> bool:
        """It went through the TCP connection."""
        return not self.address


class Overheard:
    """
    What is in a recording, to be iterated once.

    @param reader: of frames, or of packets in clear.
    @param tunnels: open what went through TCP, too; else its packets are left as they are.
    @ivar notes: on the file as a whole.
    @ivar lost: what is in the file and not in the datagrams, and how often.
    @raise Malformed: from the iterator: it is damaged.
    """

    def __init__(
        self, reader: pcap.Reader | pcapng.Reader | Iterable[Captured], log: KeyLog, tunnels: bool = True
    ) -> None:
        self.reader, self._tunnels = reader, tunnels
        self.notes: dict[str, str] = getattr(reader, "notes", {})
        self._links = Links(log)
        self._passed = +log.passed_over

    @property
    def lost(self) -> Counter[str]:
        """What was not taken, and how often."""
        found = Counter(self._passed)
        found.update(getattr(self.reader, "lost", {}))
        return found

    @property
    def cut(self) -> bool:
        """The file ended inside something."""
        return bool(getattr(self.reader, "cut", False))

    def __iter__(self) -> Iterator[Captured | Datagram]:
        reader = self.reader
        if not isinstance(reader, pcap.Reader | pcapng.Reader):
            for captured in reader:
                yield from self._packet(captured)
            return
        for frame in reader.frames():
            if frame.link_type == frames.USER0 and isinstance(reader, pcapng.Reader):
                packet = reader.packet(frame)
                if packet is not None:
                    yield from self._packet(packet)
                continue
            found = frames.datagram(frame)
            if isinstance(found, str):
                self._passed[found] += 1
            elif not found.whole:
                self._passed[CUT] += 1
            else:
                yield from self._opened(frame.time_us, found)

    def _packet(self, captured: Captured) -> Iterator[Captured | Datagram]:
        """A packet in clear; of a tunnel's what is sealed in it, if that can be opened."""
        if not self._tunnels or name_of(captured) not in TUNNELS:
            yield captured
            return
        ends = (b"", 2 * captured.connection), (b"", 2 * captured.connection + 1)
        source, target = ends if captured.from_client else ends[::-1]
        whole = frames.Datagram(source, target, captured.body, whole=True)
        opened = None
        for opened in self._opened(captured.time_us, whole):
            yield opened
        if opened is None:
            yield captured

    def _opened(self, time_us: int, it: frames.Datagram) -> Iterator[Datagram]:
        found = self._links.open(it.source, it.target, it.data)
        if isinstance(found, str):
            self._passed[found] += 1
        elif found.heard.again:
            self._passed[AGAIN] += 1
        else:
            address, port = it.source if found.from_client else it.target
            yield taken_apart(found, time_us, len(it.data), address, port)


def packet_of(datagram: Datagram, said: Said) -> Captured | None:
    """The packet that an event of that datagram's is, or None for what is none."""
    if said.message is None:
        return None
    return Captured(
        time_us=datagram.time_us,
        from_client=datagram.from_client,
        connection=datagram.connection,
        opcode=said.message.opcode,
        body=said.message.body,
        build=said.message.build,
        address=datagram.address,
        port=datagram.port,
    )


def taken_apart(found: Found, time_us: int, size: int, address: bytes, port: int) -> Datagram:
    """What an opened datagram says; its link knows of it from now on."""
    link, from_client, heard = found
    way, other = link.ways[from_client], link.ways[not from_client]
    way.sent(heard.number, time_us)
    head, fault = prefix.Prefix(), ""
    said: list[Said] = []
    ack: int | None = None
    lacking: tuple[int, ...] = ()
    try:
        head, at = prefix.read(heard.plaintext)
        if head.ack is not None:
            known = other.listener.highest if other.listener else -1
            ack = expanded(head.ack, known) if known >= 0 else head.ack
            lacking = _lacking(ack, head.bits)
        ticked = head.tick is not None
        for section in sections.read(heard.plaintext, at, not from_client, ticked, size):
            said += link.picture.take(section, head.tick, from_client)
    except Malformed as why:
        fault = " ".join(str(why).split())
    return Datagram(
        time_us=time_us,
        from_client=from_client,
        connection=link.cid,
        number=heard.number,
        generation=heard.generation,
        size=size,
        address=unpacked(address) if address else "",
        port=port if address else 0,
        tick=head.tick,
        ack=ack,
        lacking=lacking,
        delay_ms=None if head.delay is None else head.delay * prefix.DELAY_UNIT_US // 1000,
        answered_us=None if ack is None else other.answered_us(ack, time_us),
        said=tuple(said),
        fault=fault,
    )


def _lacking(ack: int, bits: int | None) -> tuple[int, ...]:
    if bits is None:
        return ()
    return tuple(ack - 1 - i for i in range(min(ACK_NUMBERS, ack)) if not bits >> i & 1)
