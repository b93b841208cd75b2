"""What a link begins with, and how it does."""

from typing import NamedTuple

from bluemarble.wire.datagram.keys import LinkKeys
from bluemarble.wire.datagram.protection import UPDATE_NUMBERS, UPDATE_US
from bluemarble.wire.datagram.recovery import BUDGET, Budget

KEEPALIVE_LEAST_MS, KEEPALIVE_MOST_MS = 100, 5_000


class Terms(NamedTuple):
    """
    What both ends agreed on, and this end's limits.

    @ivar mtu: the largest datagram that may be tried.
    @ivar keepalive_ms: the longest silence; one beyond KEEPALIVE_ is taken for the nearest.
    """

    keys: LinkKeys
    cid: int
    mtu: int
    keepalive_ms: int
    budget: Budget = BUDGET
    update_numbers: int = UPDATE_NUMBERS
    update_us: int = UPDATE_US

    @property
    def keepalive_us(self) -> int:
        """The longest silence."""
        return 1000 * min(max(self.keepalive_ms, KEEPALIVE_LEAST_MS), KEEPALIVE_MOST_MS)


class Statistics(NamedTuple):
    """
    How a link does.

    @ivar rtt_us, jitter_us, least_us: smoothed round trip, its deviation, the least; None: not known yet.
    @ivar loss_ppm: of a million datagrams sent so many are lost, lately.
    @ivar budget: bytes a second that the path bears, as it seems.
    @ivar acked, lost: datagrams sent, so far.
    @ivar dropped: datagrams that were not opened, by why: short, header, foreign, replayed, forged.
    @ivar malformed: opened ones that were not as they should be; what was wrong in them was dropped.
    """

    rtt_us: int | None
    jitter_us: int | None
    least_us: int | None
    loss_ppm: int
    budget: int
    mtu: int
    sent: int
    sent_bytes: int
    received: int
    received_bytes: int
    acked: int
    lost: int
    dropped: dict[str, int]
    malformed: int
    generation_sent: int
    generation_received: int
