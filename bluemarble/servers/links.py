"""The datagram links of a server: whose they are, and their connection ids."""

import heapq
from collections.abc import Callable

import opcodes
from bluemarble.wire.codec import codec
from opcodes.datagram import AEAD_AES_128_GCM, MTU_LEAST
from opcodes.vocab import Packet

INDEX_BITS, GENERATIONS = 14, 1 << 12
NATIVE_BUILD = 0  # of captures: packets of our own parts
INDICES = 1 << INDEX_BITS


class Link:
    """
    A link that the I/O threads know.

    @ivar cid: its connection id.
    @ivar session: whose it is, the gateway's number of the TCP connection that agreed on it.
    @ivar encoder: ENCODER_WORDS or ENCODER_DELTAS; @ivar mtu: largest datagram, bytes.
    @ivar attached: its client has come, and the simulation knows.
    @ivar closing: it has been told to go, and its id is not free before it has gone.
    @ivar tunneled: its datagrams go over that TCP connection.
    @ivar root: the aead and the 32 bytes that its keys come from.
    @ivar tap: hears what Python hears of it: build, opcode and body; None: nobody does.
    """

    __slots__ = ("attached", "cid", "closing", "encoder", "mtu", "root", "session", "tap", "tunneled")

    def __init__(self, cid: int, session: int, encoder: int, mtu: int) -> None:
        self.cid, self.session, self.encoder, self.mtu = cid, session, encoder, mtu
        self.attached = self.closing = self.tunneled = False
        self.root = AEAD_AES_128_GCM, b""
        self.tap: Callable[[int, int, bytes], None] | None = None

    def hear(self, packet: Packet) -> None:
        """One of our own parts' packets, for the tap."""
        if self.tap is not None:
            cls = type(packet)
            self.tap(NATIVE_BUILD, opcodes.native().numbers[cls], codec(cls).encode(packet))


class Links:
    """
    Every link, by connection id and by session, and which ids may be given out.

    An id is an index, the lowest that is free, and a generation, so that what is still under way to a link
    that is gone finds no other.  0 is none.

    @param limit: links at one time.
    """

    def __init__(self, limit: int) -> None:
        self.limit = min(limit, INDICES)
        self.by_cid: dict[int, Link] = {}
        self.by_session: dict[int, Link] = {}
        self._free: list[int] = []
        self._used = 0
        self._generations: dict[int, int] = {}
        self._held: set[int] = set()

    def hold(self) -> int:
        """
        A connection id that nobody has; `add` or `release` comes next.

        @raise OverflowError: there are as many as may be.
        """
        if len(self._held) >= self.limit:
            raise OverflowError(f"{self.limit} links")
        if self._free:
            index = heapq.heappop(self._free)
        else:
            index, self._used = self._used, self._used + 1
        generation = self._generations.get(index, 0) % (GENERATIONS - 1) + 1
        self._generations[index] = generation
        self._held.add(index)
        return generation << INDEX_BITS | index

    def release(self, cid: int) -> None:
        """An id that was held, and whose link is gone or never was."""
        index = cid & INDICES - 1
        self._held.discard(index)
        heapq.heappush(self._free, index)

    def add(self, cid: int, session: int, encoder: int = 0, mtu: int = MTU_LEAST) -> Link:
        """A link under an id that is held."""
        link = self.by_cid[cid] = self.by_session[session] = Link(cid, session, encoder, mtu)
        return link

    def part(self, link: Link) -> None:
        """The session has this link no more; it may have another before this one is gone."""
        if self.by_session.get(link.session) is link:
            del self.by_session[link.session]

    def gone(self, cid: int) -> Link | None:
        """Forget a link and let its id be used again; None when there was none."""
        link = self.by_cid.pop(cid, None)
        if link is not None:
            self.part(link)
            self.release(cid)
        return link
