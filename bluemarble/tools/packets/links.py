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

    @ivar secret, listener: None: the key log has none of it.
    @ivar acknowledged: the highest packet number that was; -1: none.
    """

    def __init__(self) -> None:
        self.secret: bytes | None = None
        self.listener: Listener | None = None
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

    @ivar secrets: as the log has them.
    @ivar ways: the client's direction under True, the server's under False.
    @ivar picture: what its client knows of what is around it.
    """

    def __init__(self, secrets: Secrets) -> None:
        self.secrets, self.cid = secrets, secrets.cid
        self.ways = {True: Way(), False: Way()}
        self.picture = Picture(secrets.cid)
        self.learn(secrets)

    def learn(self, secrets: Secrets) -> None:
        """The key log has those by now."""
        self.secrets = secrets
        for to_server, secret in ((True, secrets.c2s), (False, secrets.s2c)):
            way = self.ways[to_server]
            if way.secret is None and secret is not None:
                way.secret = secret
                way.listener = Listener(secrets.aead, secret, secrets.cid, to_server)


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
        found = self._found(source, target, datagram)
        if isinstance(found, str) and self._log.more():
            for cid in list(self._by_cid):
                self._links(cid)  # what a flow leads to learns of it, too
            found = self._found(source, target, datagram)
        return found

    def _found(self, source: End, target: End, datagram: bytes) -> Found | str:
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
        """Of that id, the newest first."""
        told, links = self._log.by_cid.get(cid, []), self._by_cid.get(cid, [])
        if told != [link.secrets for link in links]:  # not met yet, or the log has more by now
            links = self._by_cid[cid] = [_known(it, links) or Link(it) for it in told]
        return links

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


def _known(secrets: Secrets, links: list[Link]) -> Link | None:
    """The one of those links whose secrets they are; it learns what it has not had."""
    for link in links:
        if any(way.secret is not None and way.secret in secrets[2:] for way in link.ways.values()):
            link.learn(secrets)
            return link
    return None


def _opened(links: list[Link], from_client: bool, datagram: bytes) -> Found | None:
    """By one of those links: as the next one of each, and only then as a much later one."""
    for search in (False, True):
        for link in links:
            listener = link.ways[from_client].listener
            heard = listener.open(datagram, search) if listener else None
            if heard is not None:
                return Found(link, from_client, heard)
    return None
