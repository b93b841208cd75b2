"""One map with everyone on it, served without the rules of a game: field, feed and pump alone."""

import struct
import time
from argparse import Namespace

from bench.crowd.clients import Invitation
from bluemarble.native.feed import Feed
from bluemarble.native.field import PLAYER, Field
from bluemarble.native.pump import Attached, Closed, Pump

RUN, WALK, SWIM = 7.0, 2.5, 4.722222
LOOK = struct.pack("<BBBBI", 1, 1, 1, 0, 49) + b"Crowd"
BUFFER_BYTES = 16 << 20
MTU = 1200


class Arena:
    """
    What a zone does in a tick for those who play over UDP.

    @ivar phases: CPU time of the world's thread in C in the last step, ns.
    @ivar port: where it listens on 127.0.0.1.
    """

    def __init__(self, options: Namespace) -> None:
        self.phases = dict.fromkeys(("drain", "moves", "step", "feed"), 0)
        self.field = Field(options.seed)
        self.pump = Pump(options.io_threads, receive_bytes=BUFFER_BYTES, send_bytes=BUFFER_BYTES)
        self.feed = Feed(self.field, self.pump)
        self.port = self.pump.bind("127.0.0.1")
        self.pump.start()
        self.encoder = options.encoder
        self.slots: dict[int, int] = {}
        self.eyes: dict[int, int] = {}
        self.refused = [0] * 8
        self._mark = 0

    def admit(self, index: int, guid: int, invitation: Invitation) -> None:
        """A player, and its link."""
        x, y, z = (value / 64 for value in (invitation.x, invitation.y, invitation.z))
        cid, field = invitation.cid, self.field
        field.put(index, PLAYER, x, y, z, invitation.yaw * (6.283185307179586 / 65536), RUN)
        field.look(index, guid, LOOK)
        field.bind(cid, index, 0)
        field.speeds(index, RUN, WALK, SWIM, 0.0)
        self.slots[cid] = index
        self.pump.install(cid, invitation.aead, invitation.prk, MTU)

    def step(self, tick: int) -> None:
        """A tick of 50 ms."""
        now_ms = tick * 50
        self._mark = time.thread_time_ns()
        drained = self.pump.drain()
        self._lap("drain")
        for news in drained.news:
            if isinstance(news, Attached):
                eye = self.eyes[news.cid] = self.field.watch(self.slots[news.cid])
                self.feed.join(eye, news.cid, self.encoder, MTU)
            elif isinstance(news, Closed) and news.cid in self.eyes:
                self.feed.leave(self.eyes.pop(news.cid))
                self.field.unwatch(self.slots[news.cid])
        self._mark = time.thread_time_ns()
        self.refused = self.field.moves(drained.moves, now_ms)
        self._lap("moves")
        self.field.step(tick, now_ms)
        self._lap("step")
        self.feed.tick(tick, 0)
        self.pump.flush()
        self._lap("feed")

    def _lap(self, phase: str) -> None:
        now = time.thread_time_ns()
        self.phases[phase] = now - self._mark
        self._mark = now

    def counters(self) -> dict[str, int]:
        """The pump's and the feed's."""
        counts = self.feed.counts()
        fed = {f"fed_{name}": value for name, value in counts._asdict().items()}
        return {**self.pump.counters(), **fed, "due": counts.due, "level": 0}

    def stop(self) -> None:
        """Ends the threads."""
        self.pump.stop()
