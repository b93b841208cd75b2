"""Many bots on one server: logged in side by side, walking in step with a clock of their own."""

import itertools
import math
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, DeferredList, ensureDeferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.task import LoopingCall, deferLater

from bench.bots import HEARTBEAT, Bot, Logon
from bench.figures import percentile
from bench.server import Server
from bluemarble.tools.bots.plan import character

T = TypeVar("T")
SLOT_MS = 10  # walkers are spread over slots, as people are


letters = character  # a character name of its own for each number


class Fleet:
    """
    Bots on `server`, whose accounts all have `password`.

    @ivar late_ms: how late each slot of a walk began; a late sender measures itself, not the server.
    """

    def __init__(self, reactor: Any, server: Server, password: str) -> None:
        self.reactor, self.server, self.password = reactor, server, password
        self.late_ms: list[float] = []

    def pause(self, seconds: float) -> Deferred[None]:
        """Fires after a while."""
        return deferLater(self.reactor, seconds)

    async def each(self, work: Iterable[Coroutine[Any, Any, T]], side_by_side: int = 50) -> list[T]:
        """All of `work` done, so many at a time, answers in order; the first failure is raised."""
        pending = enumerate(work)
        answers: dict[int, T] = {}

        async def worker() -> None:
            for index, one in pending:
                answers[index] = await one

        workers = [ensureDeferred(worker()) for _ in range(side_by_side)]
        results = await DeferredList(workers, fireOnOneErrback=True, consumeErrors=True)
        assert all(ok for ok, _ in results)
        return [answers[index] for index in sorted(answers)]

    async def logon(self, name: str) -> bytes:
        """The session key the auth server agrees on."""
        there = TCP4ClientEndpoint(self.reactor, "127.0.0.1", self.server.auth_port)
        protocol = Logon(name, self.password)
        done = protocol.done
        await connectProtocol(there, protocol)
        return await done

    async def screen(self, name: str) -> Bot:
        """A bot at the character screen."""
        bot = Bot(name, await self.logon(name))
        challenge = bot.expect("SMSG_AUTH_CHALLENGE")
        there = TCP4ClientEndpoint(self.reactor, "127.0.0.1", self.server.world_port)
        await connectProtocol(there, bot)
        await bot.authenticate(challenge)
        return bot

    async def enter(self, name: str, character: str) -> Bot:
        """A bot in the world, on its first character, which is made when there is none."""
        bot = await self.screen(name)
        listed = await bot.characters()
        if not listed.characters:
            await bot.create(character)
            listed = await bot.characters()
        await bot.enter(listed.characters[0].guid)
        return bot

    async def entered(self, name: str) -> Bot:
        """A bot in the world, on the first of its characters, once it has its own object and may move."""
        bot = await self.screen(name)
        listed = await bot.characters()
        standing = bot.expect("SMSG_COMPRESSED_UPDATE_OBJECT")
        await bot.enter(listed.characters[0].guid)
        await standing
        return bot

    async def walk(self, bots: list[Bot], rate: float, seconds: float) -> int:
        """Each bot steps to and fro `rate` times a second; answers how many steps were sent."""
        every = round(1000 / rate / SLOT_MS)
        slots = [bots[i::every] for i in range(every)]
        stride = 7.0 / rate * 0.9
        sent = 0
        began = self.reactor.seconds()
        turn = itertools.count()

        def slot(passed: int) -> None:
            nonlocal sent
            for now in itertools.islice(turn, passed):
                self.late_ms.append((self.reactor.seconds() - began) * 1000 - now * SLOT_MS)
                way = math.pi / 2 * (now // every % 4)
                for bot in slots[now % every]:
                    bot.step(stride * math.cos(way), stride * math.sin(way))
                    sent += 1

        call = LoopingCall.withCount(slot)
        call.clock = self.reactor
        running = call.start(SLOT_MS / 1000)
        await self.pause(seconds)
        call.stop()
        await running
        return sent

    def sender_late_ms(self) -> float:
        """The 99th percentile of how late the senders were."""
        return percentile(self.late_ms, 0.99)


def heartbeats(bots: Iterable[Bot]) -> int:
    """Relayed steps received so far."""
    return sum(bot.counts[HEARTBEAT] for bot in bots)
