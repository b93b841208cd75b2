"""
One who plays: a world session, its datagram link, oneself and the others; without sockets, without a clock.

A driver moves the bytes and tells the time; a program reads `events`, sets `keys` and looks at the picture.
"""

from collections.abc import Callable
from math import tau
from typing import NamedTuple

from bluemarble.client import events, link
from bluemarble.client.events import Event
from bluemarble.client.gait import STEP_MS, Gait, Keys, Speeds, Stance
from bluemarble.client.link import EVERYTHING, UDP, Link, Refusal, Wanted
from bluemarble.client.oneself import UNITS, YAWS, Correction, Input, Oneself
from bluemarble.client.others import Other, Others
from bluemarble.client.track import Drawn
from bluemarble.client.world import Stage as WorldStage
from bluemarble.client.world import WorldClient
from bluemarble.wire import snapshot, srp6
from bluemarble.wire.datagram import notices
from bluemarble.wire.datagram.sections import INPUTS_MOST
from bluemarble.wire.datagram.sections import Input as Told
from bluemarble.wire.datagram.terms import Statistics
from bluemarble.wire.errors import PeerError
from opcodes.vocab import Packet

LATE_STEPS = 10  # a program that looks away for longer has stood still meanwhile


class Seen(NamedTuple):
    """Somebody in sight, and where to draw it."""

    other: Other
    place: Drawn


class Player:
    """
    @param name: the account's; @param session_key, realm_id: what the logon gave.
    @param random: gives n random bytes.
    @param gait: how oneself moves; by default as on a flat world.
    @param wanted: what link to ask for; None: none.
    @param others: makes the picture of each new link, for programs that draw nothing.
    @param forgiving: as of LegacyClient.
    @param key_log: as of Link.
    @ivar keys: what is held down; set it at any time.
    @ivar malformed: sections of the link that could not be read.
    """

    def __init__(
        self,
        name: str,
        session_key: bytes,
        realm_id: int,
        random: srp6.Random,
        *,
        gait: Gait | None = None,
        wanted: Wanted | None = EVERYTHING,
        others: Callable[[], Others] = Others,
        forgiving: bool = False,
        key_log: Callable[[str], object] | None = None,
    ) -> None:
        self.world = WorldClient(name, session_key, realm_id, random, forgiving=forgiving)
        self.link = Link(session_key, random, self.world.send, wanted or EVERYTHING, key_log)
        self._others, self.others = others, others()
        self.oneself = Oneself(gait)
        self.keys = Keys()
        self.malformed = 0
        self._linking = wanted is not None
        self._gait = gait
        self._events: list[Event] = []
        self._step_ms: int | None = None  # when the next input is due

    # What a driver does

    def receive(self, data: bytes, now_ms: int) -> None:
        """
        Bytes have come by TCP.

        @raise PeerError: the server does not speak the protocol; hang up.
        """
        for event in self.world.receive(data, now_ms):
            told = self.link.take(event.packet, now_ms) if isinstance(event, events.Heard) else None
            if told is not None:
                self._heed(told, now_ms)
                continue
            self._events.append(event)
            if isinstance(event, events.Entered):
                self._begin()
            elif isinstance(event, events.Left):
                self._heed(self.link.close(now_ms), now_ms)

    def receive_datagram(self, datagram: bytes, now_ms: int) -> None:
        """A datagram has come by UDP, from whomever; only the server's own mean anything."""
        self._heed(self.link.receive(datagram, UDP, now_ms), now_ms)

    def advance(self, now_ms: int) -> None:
        """Let time pass: ping, make an input each 50 ms, keep the link."""
        self.world.advance(now_ms)
        self._heed(self.link.advance(now_ms), now_ms)
        if self._step_ms is None:
            return
        if now_ms - self._step_ms > LATE_STEPS * STEP_MS:
            self._step_ms = now_ms
        while now_ms >= self._step_ms:
            self._tell([self.oneself.step(self.keys, self._step_ms)])
            self._step_ms += STEP_MS
            stance = self.oneself.stance
            self.world.place = (stance.x, stance.y, stance.z, stance.facing)

    def outgoing(self) -> bytes:
        """What is to be written to the TCP connection, once; ask for `datagrams` before."""
        return self.world.outgoing()

    def datagrams(self, now_ms: int) -> list[bytes]:
        """What is to be sent to `link.port` of the server's host, by UDP."""
        return self.link.datagrams(now_ms)

    def due_ms(self, now_ms: int) -> int:
        """When to call `advance` at the latest."""
        times = [now_ms + 1000, self._step_ms, self.link.due_ms()]
        return min(time for time in times if time is not None)

    # What a program does

    def events(self) -> list[Event]:
        """What has happened since the last call, in order."""
        out, self._events = self._events, []
        return out

    def send(self, packet: Packet) -> None:
        """Any packet of a client, over TCP."""
        self.world.send(packet)

    def picture(self, now_ms: float) -> list[Seen]:
        """Everybody in sight, where to draw each."""
        by_slot = self.others.by_slot
        return [Seen(by_slot[slot], place) for slot, place in self.others.drawn(now_ms).items()]

    def place(self, now_ms: float) -> Drawn:
        """Where to draw oneself."""
        if not self.oneself.ready:
            return Drawn(*self.world.place)
        stance = self.oneself.at(now_ms)
        return Drawn(stance.x, stance.y, stance.z, stance.facing)

    def statistics(self) -> Statistics | None:
        """How the datagram link does; None before there is one."""
        return self.link.statistics()

    def leave(self, now_ms: int) -> None:
        """Say goodbye on the link, and ask to be let out of the world."""
        self._heed(self.link.close(now_ms), now_ms)
        if self.world.stage is WorldStage.WORLD:
            self.world.leave()

    # What happens

    def _begin(self) -> None:
        """In the world, or on another map: a new link, with a picture of its own."""
        self._forget()
        if self._linking:
            self.link.ask()

    def _forget(self) -> None:
        self._events += [events.Vanished(other) for other in self.others.by_slot.values()]
        self.others = self._others()
        self.oneself = Oneself(self._gait)
        self._step_ms = None

    def _heed(self, told: list[link.Notice], now_ms: int) -> None:
        for notice in told:
            try:
                self._take(notice, now_ms)
            except PeerError:
                self.malformed += 1

    def _take(self, notice: link.Notice, now_ms: int) -> None:
        match notice:
            case notices.Seen(tick, body):
                self.others.saw(tick, body, now_ms)
            case notices.Stated(tick, body):
                told, oneself = self.others.told(tick, body, now_ms)
                self._events += told
                for said in oneself:
                    self._correct(said, now_ms)
            case notices.Message(opcode, body):
                if (packet := self.world.wire.decode(opcode, body)) is not None:
                    self._events.append(events.Heard(packet))
            case notices.Attached():
                self._events.append(events.Linked(self.link.tunnelled))
            case notices.Closed(reason, _):
                self._forget()
                self._events.append(events.Unlinked(reason))
            case Refusal(reason, again):
                self._events.append(events.NotLinked(reason, again))

    def _correct(self, said: snapshot.Oneself, now_ms: int) -> None:
        """Oneself is there: go there, and tell what one has done since anew."""
        first = not self.oneself.ready
        moved = self.oneself.correct(correction(said), now_ms)
        if first:
            self._step_ms = now_ms
            self._events.append(events.Begun())
        if moved is not None:
            self._events.append(moved)
            self._tell(self.oneself.since(self.oneself.number - moved.replayed, INPUTS_MOST)[::-1])

    def _tell(self, inputs: list[Input]) -> None:
        for it in inputs:
            self.link.move(it.number, it.epoch, Told(it.flags, it.yaw, it.x, it.y, it.z))


def correction(said: snapshot.Oneself) -> Correction:
    """SELF in yards and radians."""
    stance = Stance(
        said.x / UNITS, said.y / UNITS, said.z / UNITS, said.yaw / YAWS * tau, said.flags, 0.0, said.z / UNITS
    )
    speeds = Speeds(said.run / UNITS, said.walk / UNITS, said.swim / UNITS, said.fly / UNITS)
    return Correction(said.epoch, said.input, stance, speeds)
