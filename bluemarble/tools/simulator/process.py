"""Time that is ours, and what one program has of it: a reactor that can be stopped dead."""

import random
from bisect import insort
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet import task
from twisted.internet.base import DelayedCall
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from bluemarble.tools.simulator.trace import Trace

if TYPE_CHECKING:
    from bluemarble.tools.simulator.datagrams import Datagrams, Port
    from bluemarble.tools.simulator.streams import Connector, Listening, Streams

BEGIN_S = 1_000.0


class Clock(task.Clock):
    """
    Goes from one call to the next; in between there is nothing.

    An exception in a call is written down and the others go on, as a reactor does.
    """

    log = Logger()

    def __init__(self) -> None:
        super().__init__()
        self.rightNow = BEGIN_S

    def callLater(self, delay: float, callable: Callable[..., object], *args: Any, **kw: Any) -> DelayedCall:
        """Behind those that are due at the same time."""
        at_s = self.rightNow + delay
        call = DelayedCall(at_s, callable, args, kw, self.calls.remove, _nothing, self.seconds)
        insort(self.calls, call, key=DelayedCall.getTime)
        return call

    def run(self, until_s: float, done: Callable[[], bool] = lambda: False) -> bool:
        """
        Let time pass.

        @param done: asked after each call; once it says so, time stands.
        @return: whether it did, before `until_s` was reached.
        """
        while self.calls and self.calls[0].getTime() <= until_s:
            call = self.calls.pop(0)
            self.rightNow = max(self.rightNow, call.getTime())
            call.called = 1
            try:
                call.func(*call.args, **call.kw)
            except Exception:
                self.log.failure("a call failed", failure=Failure())
            if done():
                return True
        self.rightNow = max(self.rightNow, until_s)
        return done()


def _nothing(call: DelayedCall) -> None:
    """Who changes a call's time sorts them."""


class World:
    """
    What everything in one simulation shares.

    @param seed: of all chance; each part draws from its own, so that leaving one part out changes no other.
    @ivar streams, datagrams: the two networks.
    """

    streams: "Streams"
    datagrams: "Datagrams"

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.clock = Clock()
        self.trace = Trace(self.clock)

    def chance(self, *whose: object) -> random.Random:
        """That part's source of chance, from its beginning."""
        return random.Random(" ".join(map(str, (self.seed, *whose))))


@implementer(IReactorTime)
class Process:
    """
    A program on a machine of its own, and the reactor it is given.

    @ivar host: its machine's address; @ivar alive: it has not been killed.
    @ivar dark: its machine has no network: what it sends is lost, and nobody is told.
    """

    def __init__(self, world: World, host: str, name: str) -> None:
        self.world, self.host, self.name = world, host, name
        self.alive, self.dark = True, False
        self._calls: dict[DelayedCall, None] = {}
        self._stalled_s = 0.0

    # IReactorTime

    def seconds(self) -> float:
        """The one clock there is."""
        return self.world.clock.seconds()

    def callLater(self, delay: float, callable: Callable[..., Any], *args: Any, **kw: Any) -> DelayedCall:
        """As a reactor does, later while this stands still, and never once it is dead."""
        clock = self.world.clock
        wait_s = max(delay, self._stalled_s - clock.seconds(), 0.0)
        call = clock.callLater(wait_s, callable, *args, **kw)
        if self.alive:
            self._keep(call)
        else:
            call.cancel()
        return call

    def getDelayedCalls(self) -> list[DelayedCall]:
        """Those of this program."""
        return [call for call in self._calls if call.active()]

    def callFromThread(self, callable: Callable[..., Any], *args: Any, **kw: Any) -> None:
        """There are no threads: soon."""
        self.callLater(0.0, callable, *args, **kw)

    # The network

    def listenTCP(self, port: int, factory: Any, backlog: int = 50, interface: str = "") -> "Listening":
        """Take connections on this machine's port."""
        return self.world.streams.listen(self, port, factory)

    def connectTCP(self, host: str, port: int, factory: Any, timeout: float = 30.0) -> "Connector":
        """Connect to a port of a machine."""
        return self.world.streams.connect(self, host, port, factory, timeout)

    def listenUNIX(
        self, address: str, factory: Any, backlog: int = 50, mode: int = 0o666, wantPID: bool = False
    ) -> "Listening":
        """Take connections on a socket file, which nobody here makes."""
        return self.world.streams.unused(self, factory)

    def listenUDP(self, port: int, protocol: Any, interface: str = "") -> "Port":
        """Take datagrams on this machine's port."""
        return self.world.datagrams.listen(self, port, protocol)

    # Fate

    def pause(self, seconds: float) -> Deferred[None]:
        """Fires after so long."""
        over: Deferred[None] = Deferred()
        self.callLater(seconds, over.callback, None)
        return over

    def stall(self, seconds: float) -> None:
        """Stand still for so long: everything that would happen here meanwhile happens then, in its order."""
        self._stalled_s = max(self._stalled_s, self.seconds() + seconds)
        for call in self.getDelayedCalls():
            call.reset(max(self._stalled_s, call.getTime()) - self.seconds())
        self.world.clock.calls.sort(key=lambda call: call.getTime())

    def kill(self) -> None:
        """End at once, without a word; its machine's network tells who was connected."""
        self.alive = False
        for call in self._calls:
            if call.active():
                call.cancel()
        self._calls.clear()
        self.world.streams.died(self)
        self.world.datagrams.died(self)

    def _keep(self, call: DelayedCall) -> None:
        if len(self._calls) > 64:
            self._calls = {it: None for it in self._calls if it.active()}
        self._calls[call] = None
