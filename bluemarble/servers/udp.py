"""
The datagram side of a world server, once a tick: what the links brought, and what they are to see.

    inputs()  ->  World.step  ->  perform() its effects  ->  tick()

Datagrams themselves are the I/O threads' (bluemarble/native/pump.py), who sees whom is the Field's, and what
is said of it to whom the Feeds'; Python sees a batch of inputs and the rare things.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from twisted.logger import Logger

from bluemarble.native.feed import Feed
from bluemarble.native.field import Field
from bluemarble.native.pump import MOVE_SIZE, Attached, Closed, Event, Moved, News, Pump, Tunnel
from bluemarble.servers.agreeing import Asked, Offered
from bluemarble.servers.keylogs import moves_of
from bluemarble.servers.links import Link, Links
from bluemarble.servers.overload import Overload
from bluemarble.settings import Udp as Settings
from bluemarble.sim.effects import Close, Input, Unwatch, Watch
from bluemarble.sim.strain import rate_level
from bluemarble.sim.world import World
from bluemarble.wire.captures.record import CANONICAL_BUILD
from opcodes.datagram import (
    AEAD_AES_128_GCM,
    CLOSE_BYE,
    CLOSE_KICKED,
    CLOSE_REPLACED,
    CLOSE_WORDS,
    ENCODER_WORDS,
    MTU_LEAST,
    UNKNOWN,
)
from opcodes.links import MOVES_LIMIT, NMSG_MOVES, NMSG_STRAIN, NMSG_UDP_ATTACHED, NMSG_UDP_GONE

BYTES_KBIT = 1000 // 8
CLOSED = "udp closed: "  # and the reason: how `counts` has it
TOLD = ("forged", "replayed", "malformed", "inputs_dropped", "overflows")  # of the pump's counters
WHOLE = MOVES_LIMIT - MOVES_LIMIT % MOVE_SIZE


class Dead(Exception):
    """An I/O thread has ended by itself: nobody on UDP hears anything any more."""


class Telling:
    """The feed of one map's field, and which eyes it has readers for."""

    def __init__(self, field: Field, pump: Pump) -> None:
        self.field, self.feed = field, Feed(field, pump)
        self._eyes: set[int] = set()

    def join(self, eye: int, link: Link, rate: int) -> None:
        """Tell a link what the eye sees, at first `rate` bytes a second."""
        self._eyes.add(eye)
        self.feed.join(eye, link.cid, link.encoder, link.mtu, rate)

    def leave(self, eye: int) -> None:
        """Tell nobody any more; nobody need have been told."""
        if eye in self._eyes:
            self._eyes.remove(eye)
            self.feed.leave(eye)


class Udp:
    """
    Every datagram link of a world server.

    @ivar asked: by session, when it last asked for a link.
    @ivar port: the UDP port that offers name.
    @ivar offered: by session, what has not been accepted yet.
    @ivar tapped: the links that have a tap.
    @ivar tunnel_out: called with a session's number and a datagram for SMSG_UDP_TUNNEL.
    @ivar kicked: called with a session's number when its link has ended for what its client sent.
    @ivar linked: called with each new link.
    @ivar counts: what happened, by kind; the gateway's.
    @ivar overload: whether the ticks keep up, and what is left undone when they do not.
    """

    log = Logger()

    def __init__(
        self,
        world: World,
        settings: Settings,
        pump: Pump,
        counts: Counter[str],
        tunnel_out: Callable[[int, bytes], None],
        port: int = 0,
        kicked: Callable[[int], None] = lambda _: None,
        linked: Callable[[Link], None] = lambda _: None,
    ) -> None:
        self.world = world
        self.settings, self.pump, self.counts, self.port = settings, pump, counts, port
        self.tunnel_out, self.kicked, self.linked = tunnel_out, kicked, linked
        self.links = Links(settings.link_limit)
        self.offered: dict[int, Offered] = {}
        self.asked: dict[int, Asked] = {}
        self.telling: dict[int, Telling] = {}
        self.tapped: list[Link] = []
        self.overload = Overload()
        self._alone: dict[int, int] = {}  # by session that has its link alone: its account
        self._inputs: list[Input] = []
        self._unsaid: list[tuple[int, int]] = []
        self._fed: Counter[str] = Counter()  # by feeds that are gone
        self._told = pump.counters()
        self._counted: Counter[str] = Counter()  # those of `counts` that have been told

    # Links

    def install(
        self,
        session: int,
        prk: bytes,
        *,
        cid: int | None = None,
        aead: int = AEAD_AES_128_GCM,
        encoder: int = ENCODER_WORDS,
        mtu: int = MTU_LEAST,
    ) -> int:
        """
        A link for a session, on keys that its client has, too: from now on the client may attach to it.

        The session need have no TCP connection: its character, brought in with NMSG_ENTER_WORLD and then
        NMSG_DISCONNECTED, lingers until its link attaches, which keeps it in the world from then on.

        @param prk: 32 bytes, the root of docs/bmu1.md section 1.
        @param cid: one that `links.hold` gave; another of its kind if not given.
        @return: its connection id.
        @raise OverflowError: there are as many links as may be.
        @raise BufferError: the I/O threads are far behind; there is no link.
        """
        self.replace(session)
        cid = self.links.hold() if cid is None else cid
        link = self.links.add(cid, session, encoder, mtu)
        link.root = aead, prk
        try:
            self.pump.install(cid, aead, prk, mtu, self.settings.keepalive_ms)
        except BufferError:
            self.links.gone(cid)
            raise
        self.linked(link)
        return cid

    def withdraw(self, session: int) -> None:
        """What the session was offered it can no more accept."""
        if (made := self.offered.pop(session, None)) is not None:
            self.links.release(made.offer.cid)

    def replace(self, session: int) -> None:
        """What the session had or was offered is over."""
        self.withdraw(session)
        if (link := self.links.by_session.get(session)) is not None:
            self._close(link, CLOSE_REPLACED)

    def line_lost(self, session: int, account: int = 0, *, kicked: bool = False) -> None:
        """
        The session's TCP connection is gone: its link keeps it, if that is up and goes another way.

        @param kicked: we hung up, for what its client did: that ends the link, too.
        """
        self.asked.pop(session, None)
        self.withdraw(session)
        link = self.links.by_session.get(session)
        if link is None:
            return
        if kicked or link.tunneled or not link.attached:
            self._close(link, CLOSE_KICKED if kicked else CLOSE_BYE)
        elif account:
            self._alone[session] = account

    def alone(self) -> set[int]:
        """The accounts that play by their links alone."""
        for session in [it for it in self._alone if it not in self.links.by_session]:
            del self._alone[session]
        return set(self._alone.values())

    def tunneled(self, session: int, datagram: bytes) -> None:
        """A datagram came over the session's TCP connection."""
        if (link := self.links.by_session.get(session)) is not None:
            with suppress(BufferError):  # as if the network had lost it
                self.pump.tunnel(link.cid, datagram)

    def _close(self, link: Link, reason: int) -> None:
        """The session is rid of the link now, the I/O threads when they have told the client."""
        link.closing = True
        self.links.part(link)
        if link.attached:
            link.attached = False
            self._post(link, NMSG_UDP_GONE(cid=link.cid))
        try:
            self.pump.close(link.cid, reason)
        except BufferError:
            self._unsaid.append((link.cid, reason))

    # What came in

    def inputs(self) -> list[Input]:
        """
        What the links brought since the last tick.

        @raise Dead: an I/O thread has failed.
        """
        if not self.pump.alive():
            raise Dead(self.pump.why() or "the I/O threads have ended")
        unsaid, self._unsaid = self._unsaid, []
        for cid, reason in unsaid:
            if (link := self.links.by_cid.get(cid)) is not None:
                self._close(link, reason)
        moves, news = self.pump.drain()
        for link in self.tapped:
            if heard := moves_of(link.cid, moves):
                link.hear(NMSG_MOVES(moves=heard))
        for item in news:
            self._hear(item)
        if self.overload.changed():
            self._inputs.append(Input(0, NMSG_STRAIN(level=self.overload.level)))
        inputs, self._inputs = self._inputs, []
        inputs += [Input(0, NMSG_MOVES(moves=moves[at : at + WHOLE])) for at in range(0, len(moves), WHOLE)]
        return inputs

    def _post(self, link: Link, packet: NMSG_UDP_ATTACHED | NMSG_UDP_GONE) -> None:
        """The simulation is to know, and so is who listens."""
        self._inputs.append(Input(link.session, packet))
        link.hear(packet)

    def _hear(self, item: News) -> None:
        link = self.links.by_cid.get(item.cid)
        if link is None:
            return
        if isinstance(item, Attached):
            if not link.closing:
                link.attached, link.tunneled = True, item.tunneled
                self._post(link, NMSG_UDP_ATTACHED(cid=link.cid))
        elif isinstance(item, Closed):
            self.links.gone(link.cid)
            self.counts[CLOSED + CLOSE_WORDS.get(item.reason, UNKNOWN)] += 1
            if item.reason == CLOSE_KICKED and not link.closing:
                self.kicked(link.session)
            if link.attached:
                self._post(link, NMSG_UDP_GONE(cid=link.cid))
            if link in self.tapped:
                self.tapped.remove(link)
        elif isinstance(item, Tunnel):
            self.tunnel_out(link.session, item.datagram)
        elif isinstance(item, Event):
            self.counts["udp_events_passed_over"] += 1  # what a client says reliably it says over TCP
            if link.tap is not None:
                link.tap(CANONICAL_BUILD, item.opcode, item.body)
        elif isinstance(item, Moved):
            link.tunneled = item.tunneled
            self.counts["udp_moved"] += 1

    # What the simulation decided

    def perform(self, effect: Watch | Unwatch | Close) -> None:
        """Carry out what is about links."""
        if isinstance(effect, Watch):
            self._watch(effect)
        elif isinstance(effect, Unwatch):
            if (telling := self.telling.get(effect.map)) is not None:
                telling.leave(effect.eye)
        elif (link := self.links.by_cid.get(effect.cid)) is not None and not link.closing:
            link.attached = False  # the simulation knows
            link.hear(NMSG_UDP_GONE(cid=link.cid))
            self._close(link, effect.reason)

    def _watch(self, effect: Watch) -> None:
        """Begin to tell a link what an eye sees."""
        field = self.world.zones[effect.map].steering.field
        link = self.links.by_cid.get(effect.cid)
        if field is None or link is None:
            return  # it went in this very tick: the simulation hears of that in the next
        telling = self.telling.get(effect.map)
        if telling is None or telling.field is not field:
            self._drop(effect.map)
            telling = self.telling[effect.map] = Telling(field, self.pump)
        telling.join(effect.eye, link, self.settings.bandwidth_kbit * BYTES_KBIT)

    def tick(self) -> None:
        """After the step: every link is told what is due of what its eye sees."""
        world = self.world
        for map_, telling in sorted(self.telling.items()):
            if telling.field is world.zones[map_].steering.field:
                telling.feed.tick(world.tick, rate_level(world.strain), self.settings.world_threads)
            else:
                self._drop(map_)  # the last one there has gone

    def _drop(self, map_: int) -> None:
        """A map's feed ends; what it did stays counted."""
        if (telling := self.telling.pop(map_, None)) is not None:
            self._fed.update(telling.feed.counts()._asdict())

    def measured(self, took_ms: float) -> None:
        """How long the tick took, all of it."""
        self.overload.measure(took_ms)

    def counters(self) -> dict[str, int]:
        """
        What has happened since the start, for metrics: the pump's counters and the feeds'.
        """
        fed = Counter(self._fed)
        for telling in self.telling.values():
            fed.update(telling.feed.counts()._asdict())
        found = self.pump.counters() | {f"feed_{name}": value for name, value in sorted(fed.items())}
        return found | {"attached": self._attached()}

    def _attached(self) -> int:
        return sum(1 for it in self.links.by_cid.values() if it.attached)

    def _since(self) -> tuple[str, str]:
        """In words: links closed and moves refused since this was last asked."""
        counted = +Counter({k: n for k, n in self.counts.items() if k.startswith((CLOSED, "move_"))})
        new, self._counted = counted - self._counted, counted
        closed = [f"{n} {kind.removeprefix(CLOSED)}" for kind, n in new.items() if kind.startswith(CLOSED)]
        moves = [f"{n} {kind[5:].replace('_', ' ')}" for kind, n in new.items() if kind[:5] == "move_"]
        return ", ".join(sorted(closed)) or "none", ", ".join(sorted(moves)) or "none"

    def tell(self) -> None:
        """A line for the operator: how many play, and what has come and gone since the last one."""
        now, before = self.pump.counters(), self._told
        self._told = now
        links = self._attached()
        if not links and now["received"] == before["received"]:
            return
        since = {name: now[name] - before[name] for name in now}
        closed, moves = self._since()
        self.log.info(
            "UDP: {links} links, {in_mb:.1f} MB in, {out_mb:.1f} MB out; closed: {closed}; "
            "moves refused: {moves}; {forged} forged, {replayed} replayed, {malformed} malformed, "
            "{beyond} too many, {inputs_dropped} inputs dropped, {overflows} without room in the sockets; "
            "strain {strain}",
            links=links,
            in_mb=since["received_bytes"] / 1e6,
            out_mb=since["sent_bytes"] / 1e6,
            beyond=since["unread"] + since["inputs_beyond"],
            strain=self.world.strain,
            closed=closed,
            moves=moves,
            **{name: since[name] for name in TOLD},
        )

    def stop(self) -> None:
        """Say goodbye to who is left, and end the threads."""
        self.pump.stop()
