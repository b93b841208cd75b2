"""Which link a recorded datagram is of, by its addresses, its cid and the key log, and what it holds."""

from collections import OrderedDict, deque
from typing import NamedTuple

from bluemarble.tools.packets.saying import Picture
from bluemarble.wire.datagram import packet
from bluemarble.wire.datagram.keylog import KeyLog, Secrets
from bluemarble.wire.datagram.overhearing import Heard, Listener

FLOWS_LIMIT = 1 << 16  # pairs of addresses; those that said nothing for longest are forgotten
FLOW_LINKS = 4  # of one pair of addresses: a client may use its port for its next link, too
UNACKNOWLEDGED = 1024  # datagrams of one direction whose times are known

OTHER_UDP = "UDP of another protocol"
NO_KEY = "datagram without a key"
SEALED = "datagram that does not open: forged, or another link's"

End = tuple[bytes, int]  # address and port; of what goes through TCP no address, and a number of its own


class Way:
    """
    One direction of a link as it was recorded.

    @ivar listener: None: the key log has no secret of it.
    @ivar acknowledged: the highest packet number that was; -1: none.
    """

    def __init__(self, secrets: Secrets, to_server: bool) -> None:
        secret = secrets.c2s if to_server else secrets.s2c
        self.listener = secret and Listener(secrets.aead, secret, secrets.cid, to_server)
        self.acknowledged = -1
        self._sent_us: OrderedDict[int, int] = OrderedDict()

    def sent(self, number: int, at_us: int) -> None:
        """That datagram passed the capturer then."""
        self._sent_us[number] = at_us
        if len(self._sent_us) > UNACKNOWLEDGED:
            self._sent_us.popitem(last=False)

    def answered_us(self, number: int, at_us: int) -> int | None:
        """How long ago that one passed, if it is acknowledged for the first time and was recorded."""
        if number <= self.acknowledged:
            return None
        self.acknowledged = number
        sent_us = self._sent_us.get(number)
        return None if sent_us is None else at_us - sent_us


class Link:
    """
    A link of the key log, as far as it was recorded.

    @ivar ways: the client's direction under True, the server's under False.
    @ivar picture: what its client knows of what is around it.
    """

    def __init__(self, secrets: Secrets) -> None:
        self.cid = secrets.cid
        self.ways = {to_server: Way(secrets, to_server) for to_server in (True, False)}
        self.picture = Picture(secrets.cid)


class Found(NamedTuple):
    """A datagram that was opened."""

    link: Link
    from_client: bool
    heard: Heard


class Links:
    """
    All links of a key log.

    @param log: with their secrets.
    """

    def __init__(self, log: KeyLog) -> None:
        self._log = log
        self._by_cid: dict[int, list[Link]] = {}
        self._flows: OrderedDict[tuple[End, End], deque[Link]] = OrderedDict()

    def open(self, source: End, target: End, datagram: bytes) -> Found | str:
        """What was sealed in a datagram from there to there; or why that is not known, in a few words."""
        if len(datagram) < packet.overhead(False) + packet.PLAIN_LEAST:
            return OTHER_UDP
        if datagram[0] & packet.FLAGS_MASK != packet.FLAGS:
            return OTHER_UDP
        cid = packet.cid_of(datagram)
        there = [] if cid is None else self._links(cid)
        known = [link for link in self._flow(source, target) if link in there]
        found = _opened([*known, *(link for link in there if link not in known)], True, datagram)
        if found is not None:
            self._met(source, target, found.link)
            return found
        back = self._flow(target, source)
        return _opened(list(back), False, datagram) or (SEALED if there or back else NO_KEY)

    def _links(self, cid: int) -> list[Link]:
        links = self._by_cid.get(cid)
        if links is None and cid in self._log.by_cid:
            links = self._by_cid[cid] = [Link(secrets) for secrets in self._log.by_cid[cid]]
        return links or []

    def _flow(self, source: End, target: End) -> deque[Link]:
        return self._flows.get((source, target)) or deque()

    def _met(self, source: End, target: End, link: Link) -> None:
        """A client's datagram of that link went that way: what comes back is of the same."""
        flow = self._flows.setdefault((source, target), deque(maxlen=FLOW_LINKS))
        self._flows.move_to_end((source, target))
        if link not in flow:
            flow.appendleft(link)
        if len(self._flows) > FLOWS_LIMIT:
            self._flows.popitem(last=False)


def _opened(links: list[Link], from_client: bool, datagram: bytes) -> Found | None:
    """By one of those links: as the next one of each, and only then as a much later one."""
    for search in (False, True):
        for link in links:
            listener = link.ways[from_client].listener
            heard = listener.open(datagram, search) if listener else None
            if heard is not None:
                return Found(link, from_client, heard)
    return None
