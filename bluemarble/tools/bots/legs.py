"""
How a bot moves: by a datagram link, or as a stock client does by MSG_MOVE packets over TCP.

Both walk straight, at the speed that the server grants, as long as they are told to.
"""

import struct
from collections.abc import Callable
from math import cos, sin, tau
from typing import Any

from bluemarble.client.gait import Keys, Speeds, Stance, Walk
from bluemarble.client.oneself import UNITS
from bluemarble.client.player import Player
from bluemarble.client.track import Drawn
from opcodes.movement import (
    FORWARD,
    MSG_MOVE_HEARTBEAT,
    MSG_MOVE_SET_FACING,
    MSG_MOVE_START_FORWARD,
    MSG_MOVE_STOP,
    Movement,
)

RUN_YARDS_S = 7.0
FLOAT = struct.Struct("<f")


class Stride:
    """
    The gait of a flat world, and word of each new place, as it is made.

    @param moved: called with x and y, 1/64 yard.
    """

    def __init__(self, moved: Callable[[int, int], None]) -> None:
        self._walk, self._moved = Walk(), moved

    def __call__(self, was: Stance, keys: Keys, speeds: Speeds) -> Stance:
        """Where one is a step later."""
        now = self._walk(was, keys, speeds)
        if now[:2] != was[:2]:
            self._moved(round(now.x * UNITS), round(now.y * UNITS))
        return now


class Glide:
    """On a datagram link: a key is held down, the client does the rest."""

    def __init__(self, player: Player, now_ms: Callable[[], int]) -> None:
        self._player, self._now_ms = player, now_ms

    @property
    def yards_s(self) -> float:
        """How fast it goes."""
        return self._player.oneself.speeds.run

    def here(self) -> Drawn:
        """Where it is."""
        return self._player.place(self._now_ms())

    def go(self, facing: float) -> None:
        """Walk there, radians, until told otherwise."""
        self._player.keys = Keys(FORWARD, facing=facing)

    def stop(self) -> None:
        """Stand."""
        self._player.keys = Keys()

    def end(self) -> None:
        """No more of it."""


class Steps:
    """
    Over TCP: a packet as it starts, as it turns, each so often while it goes, and as it stops.

    @param seconds: the clock; @param later: calls a function after so many seconds, as `callLater` does.
    @param send: sends a packet; @param every_s: how long until the next while it goes.
    @ivar yards_s: how fast it goes, as the server has granted last.
    @ivar rooted: it may not go anywhere.
    """

    def __init__(
        self,
        player: Player,
        seconds: Callable[[], float],
        later: Callable[..., Any],
        send: Callable[[Movement], None],
        every_s: Callable[[], float],
    ) -> None:
        self._player, self._seconds, self._later = player, seconds, later
        self._send, self._every_s = send, every_s
        self._call: Any = None
        self._since_s = 0.0  # when it was where `player.world.place` says, while it goes
        self.yards_s, self.rooted = RUN_YARDS_S, False

    @property
    def going(self) -> bool:
        """Whether it walks."""
        return self._call is not None

    def here(self) -> Drawn:
        """Where it is."""
        x, y, z, facing = self._player.world.place
        if self._call is None:
            return Drawn(x, y, z, facing)
        far = (self._seconds() - self._since_s) * self.yards_s
        return Drawn(x + far * cos(facing), y + far * sin(facing), z, facing)

    def go(self, facing: float) -> None:
        """Walk there, radians, until told otherwise."""
        if self.rooted:
            return
        going = self._call is not None
        self._settle(facing % tau)
        if going:
            self._say(MSG_MOVE_SET_FACING, FORWARD)
        else:
            self._say(MSG_MOVE_START_FORWARD, FORWARD)
            self._call = self._later(self._every_s(), self._beat)

    def stop(self) -> None:
        """Stand."""
        if self._call is not None:
            self._settle(self._player.world.place[3])
            self.end()
            self._say(MSG_MOVE_STOP, 0)

    def end(self) -> None:
        """Stand, and say nothing of it: the server has put it elsewhere, or holds it."""
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _beat(self) -> None:
        self._call = self._later(self._every_s(), self._beat)
        self._settle(self._player.world.place[3])
        self._say(MSG_MOVE_HEARTBEAT, FORWARD)

    def _settle(self, facing: float) -> None:
        """Be where it has come to, as the wire has it."""
        here = self.here()
        self._since_s = self._seconds()
        self._player.world.place = (_rounded(here.x), _rounded(here.y), here.z, facing)

    def _say(self, kind: type[Movement], flags: int) -> None:
        x, y, z, facing = self._player.world.place
        self._send(
            kind(
                guid=self._player.world.guid,
                flags=flags,
                flags2=0,
                timestamp=int(self._seconds() * 1000) & 0xFFFF_FFFF,
                x=x,
                y=y,
                z=z,
                orientation=facing,
                fall_time=0,
            )
        )


def _rounded(yards: float) -> float:
    """As an f32 has it, so that what others are told can be known again."""
    [rounded] = FLOAT.unpack(FLOAT.pack(yards))
    return float(rounded)
