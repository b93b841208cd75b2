"""A whole server with UDP, and clients who play over it: real sockets, but a clock that the test moves."""

import socket
from contextlib import suppress

from bluemarble.native.pump import Pump
from bluemarble.servers.opening import Sockets
from bluemarble.servers.world import TICK_S
from bluemarble.wire.codec import codec
from bluemarble.wire.datagram import keys, notices
from bluemarble.wire.datagram.client import Client as LinkClient
from bluemarble.wire.datagram.path import TUNNEL
from bluemarble.wire.datagram.sections import Input
from bluemarble.wire.datagram.terms import Terms
from bluemarble.wire.snapshot import Life, read_snapshot, read_states
from bluemarble.wire.view import View
from opcodes.chat import CHAT_MSG_SAY, CMSG_MESSAGECHAT
from opcodes.datagram import (
    AEADS_AES_128_GCM,
    AEADS_CHACHA20_POLY1305,
    CMSG_UDP_ACCEPT,
    CMSG_UDP_REQUEST,
    CMSG_UDP_TUNNEL,
    ENCODERS_WORDS,
    SMSG_UDP_OFFER,
    SMSG_UDP_REFUSED,
    SMSG_UDP_TUNNEL,
)
from opcodes.movement import FORWARD, MSG_MOVE_HEARTBEAT, Movement
from opcodes.objects import SMSG_DESTROY_OBJECT, SMSG_UPDATE_OBJECT
from tests.integration.house import House

HOST = "127.0.0.1"
BEGIN_US = 1_000_000_000
SETTLE_MS = 10_000
UNITS = 64
LINGER_S = 3
NEAR = 1 / 32  # yards: how fine a near word is
AES_FIRST = AEADS_AES_128_GCM | AEADS_CHACHA20_POLY1305


class Quay(House):
    """
    A House that is played over UDP, too.

    @param network: of bluemarble.native.pump, between its sockets and everyone.
    @ivar sailors: who plays over UDP.
    """

    def __init__(self, folder, template=None, *, network=None, **settings):
        self.network, self.sailors, self.pump = network, [], None
        super().__init__(folder, template, sockets=self._sockets, **settings)

    def _sockets(self, settings, addresses, tcp_port):
        self.pump = Pump(
            settings.io_threads,
            lanes=settings.world_threads,
            ring_bytes=1 << 18,
            network=self.network,
            clock_us=BEGIN_US,
        )
        return Sockets(self.pump, self.pump.bind(HOST), [])

    @property
    def now_us(self):
        return BEGIN_US + round(self.clock.seconds() * 1e6)

    @property
    def zone(self):
        return self.world.world.zones[0]

    def ticks(self, n=1):
        """Let n ticks pass: what clients send reaches the world in them, what it answers reaches them."""
        for _ in range(n):
            for sailor in self.sailors:
                sailor.act()
            self.settle()
            self.clock.advance(TICK_S)
            if self.pump is not None:
                self.pump.clock(self.now_us)
            self.settle()
            for client in self.clients:
                client.listen()
            for sailor in self.sailors:
                sailor.hear()

    def settle(self):
        """What has been sent has come to where it goes."""
        if self.pump is not None and self.pump.alive():
            assert self.pump.settle(SETTLE_MS), self.pump.why()

    def until(self, reached, seconds=10.0):
        """Let time pass until something is so."""
        for _ in range(round(seconds / TICK_S)):
            if reached():
                return
            self.ticks()
        raise AssertionError(f"not within {seconds} s")

    def sailor(self, name="ADA", **given):
        """A player in the world who plays over UDP, attached."""
        sailor = Sailor(self.player(name, **{k: v for k, v in given.items() if k == "level"}))
        sailor.embark(**{k: v for k, v in given.items() if k != "level"})
        self.until(lambda: sailor.view.oneself is not None)
        return sailor

    def put_away(self):
        """After the end: the clients' sockets."""
        for sailor in self.sailors:
            sailor.socket.close()


class Sailor:
    """
    A client that plays over UDP.

    @ivar tcp: its raw client of the TCP session.
    @ivar view: what it knows from its link; @ivar notices: what the link said.
    @ivar at: where it says it is, yards; @ivar flags: how it moves.
    @ivar tunneled: all its datagrams go through TCP.
    """

    def __init__(self, tcp):
        self.tcp, self.house = tcp, tcp.house
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.socket.setblocking(False)
        self.link = None
        self.view = View()
        self.notices = []
        self.at, self.facing, self.flags = None, 0.0, 0
        self.number = 0
        self.tunneled = False
        self._read = 0
        self.house.sailors.append(self)

    # The agreement

    def ask(self, **other):
        """What the server answers to a request for a link."""
        fields = {"proto": 1, "aeads": AES_FIRST, "encoders": ENCODERS_WORDS, "mtu": 1452} | other
        self.request = CMSG_UDP_REQUEST(**fields)
        self.tcp.forget()
        self.tcp.send(self.request)
        self.tcp.listen()
        self._read = 0
        return next(it for it in self.tcp.heard if isinstance(it, SMSG_UDP_OFFER | SMSG_UDP_REFUSED))

    def embark(self, tunneled=False, **other):
        """Agree on a link and begin to attach."""
        offer = self.ask(**other)
        assert isinstance(offer, SMSG_UDP_OFFER), offer
        private = bytes(range(32))
        accept = CMSG_UDP_ACCEPT(client_random=bytes(32), client_public=keys.public_key(private))
        said = [codec(type(it)).encode(it) for it in (self.request, offer, accept)]
        shared = keys.shared_secret(private, offer.server_public)
        made = keys.link_keys(offer.aead, keys.root(keys.salt(*said), self.tcp.key, shared))
        self.tcp.send(accept)
        self.tunneled = tunneled
        where = TUNNEL if tunneled else (HOST, offer.port)
        terms = Terms(made, offer.cid, offer.mtu, offer.keepalive_ms)
        self.link = LinkClient(terms, where, self.house.now_us)
        self.view, self.notices, self.at = View(), [], None
        return offer

    # A tick

    def act(self):
        """One input, and what is due."""
        if self.link is None:
            return
        if self.at is not None:
            self.number += 1
            x, y, z = (round(v * UNITS) for v in self.at)
            yaw = round(self.facing * 65536 / 6.283185307179586) & 0xFFFF
            self.link.move(self.number, self.view.oneself.epoch, Input(self.flags, yaw, x, y, z))
        for datagram, address in self.link.datagrams_to_send(self.house.now_us):
            if address == TUNNEL:
                self.tcp.send(CMSG_UDP_TUNNEL(datagram=datagram))
            else:
                self.socket.sendto(datagram, address)

    def hear(self):
        """What has come."""
        if self.link is None:
            return
        with suppress(BlockingIOError):
            while True:
                datagram, address = self.socket.recvfrom(2048)
                self._take(self.link.receive(datagram, address, self.house.now_us))
        heard = self.tcp.heard
        for packet in heard[min(self._read, len(heard)) :]:
            if isinstance(packet, SMSG_UDP_TUNNEL):
                self._take(self.link.receive(packet.datagram, TUNNEL, self.house.now_us))
        self._read = len(heard)
        self._take(self.link.notices())

    def _take(self, told):
        for notice in told:
            self.notices.append(notice)
            if isinstance(notice, notices.Seen):
                self.view.snapshot(notice.tick, read_snapshot(notice.body))
            elif isinstance(notice, notices.Stated):
                before = self.view.oneself
                self.view.states(notice.tick, read_states(notice.body))
                now = self.view.oneself
                if now is not None and (before is None or now.epoch != before.epoch):
                    self.at = (now.x / UNITS, now.y / UNITS, now.z / UNITS)

    # What a test asks

    def of(self, kind):
        """Notices of that kind."""
        return [it for it in self.notices if isinstance(it, kind)]

    def sees(self, guid):
        """What it knows of somebody, or None."""
        return next((it for it in self.view.seen.values() if it.guid == guid), None)

    def place_of(self, guid):
        """Where it sees somebody, yards."""
        place = self.sees(guid).place
        return place.x / UNITS, place.y / UNITS, place.z / UNITS

    def life_of(self, guid):
        return Life.read(self.sees(guid).values[2])

    def look_of(self, guid):
        return self.sees(guid).look

    def go(self, x, y, z=None, *, flags=1):
        """Walk there in a straight line, 0.3 yards a tick, and stand."""
        x0, y0, z0 = self.at
        z = z0 if z is None else z
        steps = max(1, round((((x - x0) ** 2 + (y - y0) ** 2) ** 0.5) / 0.3))
        self.flags = flags
        for step in range(1, steps + 1):
            part = step / steps
            self.at = (x0 + (x - x0) * part, y0 + (y - y0) * part, z0 + (z - z0) * part)
            self.house.ticks()
        self.flags = 0
        self.house.ticks(4)

    @property
    def player(self):
        """As the world has it."""
        return next(p for p in self.house.zone.players.values() if p.guid == self.tcp.guid)


# What clients on TCP say and know


def walk(client, player, x, y, *, flags=FORWARD, kind=MSG_MOVE_HEARTBEAT):
    """A TCP client says where it is."""
    client.send(
        kind(
            guid=client.guid,
            flags=flags,
            flags2=0,
            timestamp=0,
            x=x,
            y=y,
            z=player.z,
            orientation=0.0,
            fall_time=0,
        )
    )


def told(client, guid):
    """Where a TCP client was last told somebody is."""
    last = [p for p in client.heard if isinstance(p, Movement) and p.guid == guid][-1]
    return last.x, last.y, last.z


def known(client):
    """The guids that a TCP client has objects of."""
    guids = set()
    for packet in client.heard:
        if isinstance(packet, SMSG_UPDATE_OBJECT):
            for block in packet.blocks:
                if block.guids is not None:
                    guids -= set(block.guids)
                elif block.movement is not None:
                    guids.add(block.guid)
        elif isinstance(packet, SMSG_DESTROY_OBJECT):
            guids.discard(packet.guid)
    return guids


def chat(client, line):
    """A line said aloud."""
    client.send(CMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=7, message=line))
