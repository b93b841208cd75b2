"""
How a client in the world comes to a datagram link, and keeps one: docs/bmu1.md section 1.

Request, offer, accept; attach by UDP; when nothing comes back, or nothing any more, the same datagrams go
through the TCP connection, until UDP is found open.  A link that ended without anybody having wanted that is
asked for again.
"""

import enum
from collections.abc import Callable
from typing import NamedTuple

from bluemarble.wire import srp6
from bluemarble.wire.codec import codec
from bluemarble.wire.datagram import keylog, keys, notices, sections
from bluemarble.wire.datagram.client import Client
from bluemarble.wire.datagram.connection import OPEN
from bluemarble.wire.datagram.path import TUNNEL
from bluemarble.wire.datagram.terms import Statistics, Terms
from bluemarble.wire.errors import NotAllowed
from opcodes.datagram import (
    AEAD_AES_128_GCM,
    AEAD_CHACHA20_POLY1305,
    AEADS_AES_128_GCM,
    AEADS_CHACHA20_POLY1305,
    CLOSE_BYE,
    CLOSE_PROTOCOL,
    CLOSE_SILENT,
    CMSG_UDP_ACCEPT,
    CMSG_UDP_REQUEST,
    CMSG_UDP_TUNNEL,
    ENCODER_DELTAS,
    ENCODER_WORDS,
    ENCODERS_DELTAS,
    ENCODERS_WORDS,
    MTU_LEAST,
    MTU_MOST,
    PROTO,
    REFUSED_ASKED_ALREADY,
    REFUSED_NO_ROOM,
    REFUSED_NOT_IN_WORLD,
    SMSG_UDP_OFFER,
    SMSG_UDP_REFUSED,
    SMSG_UDP_TUNNEL,
)
from opcodes.vocab import Packet

UDP = "udp"  # the address that is the UDP socket
SILENT_US = 4_000_000  # nothing of ours was acknowledged by UDP for so long: it goes through TCP
AWAY_MS = 2_000  # a program that did not call for so long has not read what came meanwhile
KNOCK_FIRST_MS = 10_000  # in the tunnel: looks so much later whether UDP gets through, then twice that ...
AGAIN_FIRST_MS, AGAIN_MOST_MS = 1_000, 30_000
ANOTHER_TIME = frozenset({REFUSED_NO_ROOM, REFUSED_NOT_IN_WORLD, REFUSED_ASKED_ALREADY})
MISFORTUNES = frozenset({CLOSE_SILENT, CLOSE_PROTOCOL})  # reasons to close that nobody wanted
AEADS = {AEADS_AES_128_GCM: AEAD_AES_128_GCM, AEADS_CHACHA20_POLY1305: AEAD_CHACHA20_POLY1305}
ENCODERS = {ENCODERS_WORDS: ENCODER_WORDS, ENCODERS_DELTAS: ENCODER_DELTAS}


class Wanted(NamedTuple):
    """
    What a client asks for.

    @ivar aeads, encoders: bits of opcodes.datagram; @ivar mtu: the largest datagram it takes, bytes.
    @ivar udp: False: all goes through the TCP connection.
    """

    aeads: int = AEADS_AES_128_GCM | AEADS_CHACHA20_POLY1305
    encoders: int = ENCODERS_WORDS
    mtu: int = MTU_LEAST
    udp: bool = True


EVERYTHING = Wanted()


class Stage(enum.Enum):
    """How far a link has come."""

    NONE = enum.auto()  # not asked for, refused, or over
    ASKED = enum.auto()
    ATTACHING = enum.auto()
    OPEN = enum.auto()


class Refusal(NamedTuple):
    """There is no link; REFUSED_ of opcodes.datagram.  `again`: it will be asked for again."""

    reason: int
    again: bool


Notice = notices.Notice | Refusal


class Link:
    """
    The links of one session, one at a time.

    @param session_key: of the login, 40 bytes; @param random: gives n random bytes.
    @param send: takes a packet for the TCP connection.
    @param key_log: takes each link's lines of a key log.
    @ivar port: the server's UDP port, on the host of its TCP connection; 0: not known yet.
    """

    def __init__(
        self,
        session_key: bytes,
        random: srp6.Random,
        send: Callable[[Packet], None],
        wanted: Wanted = EVERYTHING,
        key_log: Callable[[str], object] | None = None,
    ) -> None:
        self._key, self._random, self._send, self._wanted = session_key, random, send, wanted
        self._key_log = key_log
        self._request: CMSG_UDP_REQUEST | None = None
        self._client: Client | None = None
        self._again_ms: int | None = None
        self._wait_ms = AGAIN_FIRST_MS
        self._called_ms = self._back_ms = 0  # last call of `advance`, and the last one after it was away
        self._knock_ms, self._knocks_ms = 0, KNOCK_FIRST_MS
        self.stage = Stage.NONE
        self.port = 0

    @property
    def tunnelled(self) -> bool:
        """Whether it goes through the TCP connection."""
        return self._client is not None and self._client.server == TUNNEL

    def statistics(self) -> Statistics | None:
        """How the link does; None before there is one."""
        return None if self._client is None else self._client.statistics()

    def ask(self) -> None:
        """Ask for a link; what there was is over."""
        wanted = self._wanted
        self._request = CMSG_UDP_REQUEST(
            proto=PROTO, aeads=wanted.aeads, encoders=wanted.encoders, mtu=wanted.mtu
        )
        self._client, self._again_ms = None, None
        self.stage = Stage.ASKED
        self._send(self._request)

    def take(self, packet: Packet, now_ms: int) -> list[Notice] | None:
        """
        What a packet of the TCP connection says of the link; None: nothing, it is about something else.

        @raise PeerError: the offer is none that we asked for.
        """
        match packet:
            case SMSG_UDP_OFFER():
                return self._offered(packet, now_ms)
            case SMSG_UDP_REFUSED(reason=reason):
                return self._refused(reason, now_ms)
            case SMSG_UDP_TUNNEL(datagram=datagram):
                return self.receive(datagram, TUNNEL, now_ms)
        return None

    def receive(self, datagram: bytes, address: str, now_ms: int) -> list[Notice]:
        """
        A datagram has come, by UDP or TUNNEL.

        One that is not the server's means nothing: anybody may send those.
        """
        if self._client is None:
            return []
        return self._heed(self._client.receive(datagram, address, now_ms * 1000), now_ms)

    def move(self, number: int, epoch: int, given: sections.Input) -> None:
        """The input of 50 ms, numbered on from the last; two make a datagram."""
        if self._client is not None:
            self._client.move(number, epoch, given)

    def tell(self, opcode: int, body: bytes) -> None:
        """
        Tell the server something, reliably and in order; nothing when there is no link.

        @raise ValueError: over 16,384 bytes, the opcode's varint counted.
        @raise TooMuch: too much before it has not been acknowledged.
        """
        if self._client is not None:
            self._client.send_event(opcode, body)

    def close(self, now_ms: int) -> list[Notice]:
        """Say goodbye; it is said by the next few datagrams."""
        self._again_ms = None
        if self._client is None:
            return []
        self._client.close(CLOSE_BYE, now_ms * 1000)
        return self._heed(self._client.notices(), now_ms)

    def advance(self, now_ms: int) -> list[Notice]:
        """Let time pass: ask again, give up UDP, try it again."""
        if now_ms - self._called_ms > AWAY_MS:
            self._back_ms = now_ms
        self._called_ms = now_ms
        if self._again_ms is not None and now_ms >= self._again_ms:
            self.ask()
        client = self._client
        if client is None:
            return []
        if client.state == OPEN:
            self._choose_way(client, now_ms)
        return self._heed(client.notices(), now_ms)

    def datagrams(self, now_ms: int) -> list[bytes]:
        """What the UDP socket is to send now; what goes through TCP has been handed to `send`."""
        if self._client is None:
            return []
        by_udp = []
        for datagram, address in self._client.datagrams_to_send(now_ms * 1000):
            if address == TUNNEL:
                self._send(CMSG_UDP_TUNNEL(datagram=datagram))
            else:
                by_udp.append(datagram)
        return by_udp

    def due_ms(self) -> int | None:
        """When `advance` and `datagrams` will have something to do; None: when something has come."""
        times = [self._again_ms]
        if self._client is not None and (due_us := self._client.due_us()) is not None:
            times.append(-(-due_us // 1000))
        return min((time for time in times if time is not None), default=None)

    def _choose_way(self, client: Client, now_ms: int) -> None:
        """Through TCP where UDP does not get through, both ways; back when it does."""
        now_us = now_ms * 1000
        if client.server != TUNNEL:
            known_us = max(client.answered_us, self._back_ms * 1000)
            silent = client.attached and now_us - known_us >= SILENT_US
            if silent or client.blocked(now_us):
                client.tunnel(now_us)
                self._knock_ms = now_ms + self._knocks_ms
        elif self._wanted.udp and self.port and now_ms >= self._knock_ms:
            client.knock(UDP)
            self._knocks_ms *= 2
            self._knock_ms = now_ms + self._knocks_ms

    def _offered(self, offer: SMSG_UDP_OFFER, now_ms: int) -> list[Notice]:
        request, self._request = self._request, None
        if request is None or self.stage is not Stage.ASKED:
            raise NotAllowed("an offer that was not asked for")
        aeads = {AEADS[bit] for bit in AEADS if request.aeads & bit}
        encoders = {ENCODERS[bit] for bit in ENCODERS if request.encoders & bit}
        fits = MTU_LEAST <= offer.mtu <= min(request.mtu, MTU_MOST)
        if offer.proto != PROTO or offer.aead not in aeads or offer.encoder not in encoders or not fits:
            raise NotAllowed("an offer of something else than was asked for")
        private = self._random(32)
        accept = CMSG_UDP_ACCEPT(client_random=self._random(32), client_public=keys.public_key(private))
        salt = keys.salt(
            codec(CMSG_UDP_REQUEST).encode(request),
            codec(SMSG_UDP_OFFER).encode(offer),
            codec(CMSG_UDP_ACCEPT).encode(accept),
        )
        shared = keys.shared_secret(private, offer.server_public)
        made = keys.link_keys(offer.aead, keys.root(salt, self._key, shared))
        self._send(accept)
        if self._key_log is not None:
            self._key_log(keylog.written(offer.cid, made))
        self.port = offer.port
        terms = Terms(made, offer.cid, offer.mtu, offer.keepalive_ms)
        by_udp = self._wanted.udp and offer.port
        self._client = Client(terms, UDP if by_udp else TUNNEL, now_ms * 1000)
        self._knocks_ms = KNOCK_FIRST_MS
        self.stage = Stage.ATTACHING
        return []

    def _refused(self, reason: int, now_ms: int) -> list[Notice]:
        self.stage, self._client = Stage.NONE, None
        again = reason in ANOTHER_TIME
        if again:
            self._later(now_ms)
        return [Refusal(reason, again)]

    def _heed(self, told: list[notices.Notice], now_ms: int) -> list[Notice]:
        """Follow what the link itself says of its state, and pass everything on."""
        for notice in told:
            if isinstance(notice, notices.Attached):
                self.stage, self._wait_ms = Stage.OPEN, AGAIN_FIRST_MS
            elif isinstance(notice, notices.Closed):
                self.stage = Stage.NONE
                if notice.reason in MISFORTUNES:
                    self._later(now_ms)
        return list(told)

    def _later(self, now_ms: int) -> None:
        self._again_ms = now_ms + self._wait_ms
        self._wait_ms = min(2 * self._wait_ms, AGAIN_MOST_MS)
