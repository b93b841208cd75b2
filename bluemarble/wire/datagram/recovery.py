"""
What became of the datagrams that were sent, and what that says of the path: docs/bmu1.md section 4.

Times are whole microseconds and every division rounds down, so that any implementation gets the same numbers.
"""

from collections.abc import Iterable
from typing import NamedTuple

DISTANCE = 3  # an acknowledged number so far above means lost
UNSETTLED_MOST = 256
LOSS_LEAST_US = 60_000
RTT_FIRST_US = 250_000
PING_US = 250_000
INTERVAL_LEAST_US = 200_000
STEP_BYTES = 500
LOSS_SHARE = 20  # more than one in so many lost: too much
LATE_US = 50_000


class Budget(NamedTuple):
    """What may be sent, bytes a second: at first, at least, at most."""

    first: int = 8_000
    least: int = 2_000
    most: int = 64_000


BUDGET = Budget()


class Sent:
    """
    A datagram on its way.

    @ivar asks: it has more than pad in it, so that the other end owes an acknowledgement.
    @ivar parts: (id, index) of the events' parts in it.
    @ivar record: what its owner is told when it has arrived or is lost, or None.
    @ivar inputs: the newest input in it, or None; @ivar probe: its size if it is a probe, else 0.
    """

    __slots__ = ("asks", "inputs", "number", "parts", "probe", "record", "sent_us")

    def __init__(
        self,
        number: int,
        sent_us: int,
        *,
        asks: bool = False,
        parts: tuple[tuple[int, int], ...] = (),
        record: int | None = None,
        inputs: int | None = None,
        probe: int = 0,
    ) -> None:
        self.number, self.sent_us, self.asks, self.parts = number, sent_us, asks, parts
        self.record, self.inputs, self.probe = record, inputs, probe


class Recovery:
    """
    Acknowledgements, losses, round trips and what the path bears.

    @ivar rtt_us, jitter_us, least_us: None before the first sample.
    @ivar loss_ppm: of a million datagrams so many are lost, smoothed over some intervals.
    @ivar budget: bytes a second.
    @ivar acked, lost: datagrams so far.
    @ivar asking: how many that ask are neither acknowledged nor lost.
    """

    __slots__ = (
        "_acked_then",
        "_highest",
        "_interval_us",
        "_limits",
        "_lost_then",
        "_sent",
        "acked",
        "asking",
        "budget",
        "jitter_us",
        "least_us",
        "loss_ppm",
        "lost",
        "rtt_us",
    )

    def __init__(self, now_us: int, limits: Budget = BUDGET) -> None:
        self.rtt_us: int | None = None
        self.jitter_us: int | None = None
        self.least_us: int | None = None
        self.loss_ppm = self.acked = self.lost = self.asking = 0
        self.budget = limits.first
        self._limits = limits
        self._sent: dict[int, Sent] = {}  # ascending
        self._highest = -1  # acknowledged
        self._interval_us, self._acked_then, self._lost_then = now_us, 0, 0

    @property
    def round_trip_us(self) -> int:
        """The smoothed round trip, or the guess before there is one."""
        return RTT_FIRST_US if self.rtt_us is None else self.rtt_us

    @property
    def patience_us(self) -> int:
        """How long after a datagram was sent it is lost, if a later one arrived."""
        return max(self.round_trip_us * 3 // 2, LOSS_LEAST_US)

    @property
    def ping_us(self) -> int:
        """How long to be silent while something is unacknowledged: longer than an honest answer takes."""
        return 2 * self.round_trip_us + PING_US

    def sent(self, datagram: Sent) -> list[Sent]:
        """It goes out; those that are too many numbers behind are lost."""
        old = [self._sent[n] for n in self._sent if n <= datagram.number - UNSETTLED_MOST]
        self._sent[datagram.number] = datagram
        self.asking += datagram.asks
        return self._lose(old)

    def received(
        self, numbers: list[int], delay_us: int | None, now_us: int
    ) -> tuple[list[Sent], list[Sent]]:
        """
        An acknowledgement: which datagrams have newly arrived, and which are lost; each ascending.

        @param numbers: highest first, as `prefix.acknowledged` gives them.
        @param delay_us: how long the other end had the highest of them, or None: unknown.
        """
        if not numbers:
            return [], []
        newest = self._sent.get(numbers[0])
        if newest is not None and delay_us is not None:
            self._sample(now_us - newest.sent_us - delay_us)
        arrived = [self._sent.pop(number) for number in reversed(numbers) if number in self._sent]
        self.asking -= sum(sent.asks for sent in arrived)
        self.acked += len(arrived)
        self._acked_then += len(arrived)
        self._highest = max(self._highest, numbers[0])
        lost = self.overdue(now_us)
        if arrived and now_us - self._interval_us >= max(self.round_trip_us, INTERVAL_LEAST_US):
            self._adapt(now_us)
        return arrived, lost

    def overdue(self, now_us: int) -> list[Sent]:
        """The datagrams that are lost by now, ascending."""
        before_us = now_us - self.patience_us
        return self._lose(
            [
                sent
                for number, sent in self._sent.items()
                if number <= self._highest - DISTANCE
                or (number < self._highest and sent.sent_us <= before_us)
            ]
        )

    def loss_due_us(self) -> int | None:
        """When the next one will be lost, if no acknowledgement of it comes; None: nothing later arrived."""
        oldest = next(iter(self._sent.values()), None)
        if oldest is None or oldest.number >= self._highest:
            return None
        return oldest.sent_us + self.patience_us

    def moved(self) -> None:
        """Another path: its least round trip is unknown; probes on their way say nothing of it."""
        self.least_us = None
        for sent in self._sent.values():
            sent.probe = 0

    def _lose(self, lost: Iterable[Sent]) -> list[Sent]:
        lost = list(lost)
        for sent in lost:
            del self._sent[sent.number]
            self.asking -= sent.asks
            self.lost += 1
            self._lost_then += not sent.probe
        return lost

    def _sample(self, sample_us: int) -> None:
        if sample_us < 0:  # it claims to have had it for longer than that
            return
        if self.rtt_us is None or self.jitter_us is None:
            self.rtt_us, self.jitter_us = sample_us, sample_us // 2
        else:
            self.jitter_us = (3 * self.jitter_us + abs(self.rtt_us - sample_us)) // 4
            self.rtt_us = (7 * self.rtt_us + sample_us) // 8
        self.least_us = sample_us if self.least_us is None else min(self.least_us, sample_us)

    def _adapt(self, now_us: int) -> None:
        """An interval is over: less on loss or when queues fill, else a little more."""
        all_ = self._lost_then + self._acked_then
        late = (
            self.rtt_us is not None
            and self.least_us is not None
            and self.rtt_us > 2 * self.least_us + LATE_US
        )
        if self._lost_then * LOSS_SHARE > all_ or late:
            self.budget = max(self._limits.least, self.budget * 7 // 10)
        else:
            self.budget = min(self._limits.most, self.budget + STEP_BYTES)
        self.loss_ppm = (7 * self.loss_ppm + 1_000_000 * self._lost_then // all_) // 8
        self._interval_us, self._acked_then, self._lost_then = now_us, 0, 0
