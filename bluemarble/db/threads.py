"""Threads that do what blocks, and hand results back to the reactor's."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Literal, Protocol, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.python.failure import Failure

T = TypeVar("T")
Job = tuple[Deferred[Any], Callable[[], Any]]


class Does(Protocol):
    """Who does what blocks: `Workers`, or in a simulation somebody with a clock of its own."""

    def do(self, work: Callable[[], T]) -> Deferred[T]:
        """Fires with what `work` answers, or fails as it does; it is begun in the order of the calls."""

    def close(self) -> None:
        """Finish what is queued; blocks until then."""


# "threads", "inline" for at once in the caller's thread, or what makes one by its name and the most
# that it may do at a time.
Executor = Literal["threads", "inline"] | Callable[[str, int], Does]


class Workers:
    """
    At most `limit` threads, started as they are needed, that take work in order.

    Twisted's own pool costs three times as much for each piece of work, which a login has seven of.
    """

    def __init__(self, reactor: IReactorFromThreads, limit: int, name: str) -> None:
        self._reactor, self._limit, self._name = reactor, limit, name
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._unfinished = 0
        self._closed = False

    def do(self, work: Callable[[], T]) -> Deferred[T]:
        """
        Run `work` in a thread; its result or failure comes in the reactor's.

        @raise RuntimeError: after `close`.
        """
        if self._closed:
            raise RuntimeError(f"{self._name} are closed")
        done: Deferred[T] = Deferred()
        self._unfinished += 1
        self._jobs.put((done, work))
        if len(self._threads) < min(self._unfinished, self._limit):
            thread = threading.Thread(target=self._work, name=f"{self._name} {len(self._threads) + 1}")
            self._threads.append(thread)
            thread.start()
        return done

    def close(self) -> None:
        """Finish what is queued; blocks until then."""
        self._closed = True
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            done, work = job
            try:
                result: Any = work()
            except BaseException:
                result = Failure()  # type: ignore[no-untyped-call]
            self._reactor.callFromThread(self._finish, done, result)
            del job, done, work, result  # while it waits, a thread keeps nothing alive

    def _finish(self, done: Deferred[Any], result: Any) -> None:
        self._unfinished -= 1
        done.callback(result)  # a Failure takes the way of errors
