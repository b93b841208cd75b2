"""
A world server for tests of the client alone: one guest, some folk that walk by rule, no database, no C.

TCP is wire.legacy's server, UDP wire.datagram's; the rest, thousands of lines in a real server, is a toy.
"""

import random
from math import cos, sin, tau

import opcodes
from bluemarble.wire import snapshot
from bluemarble.wire.codec import codec
from bluemarble.wire.datagram import keys, notices, sections
from bluemarble.wire.datagram.path import TUNNEL
from bluemarble.wire.datagram.server import Server
from bluemarble.wire.datagram.terms import Terms
from bluemarble.wire.legacy import LegacyServer, session_proven
from bluemarble.wire.snapshot import (
    ENTER,
    GONE,
    PLAYER,
    SELF,
    SELF_SLOT,
    Enter,
    Far,
    Look,
    Near,
    Place,
    State,
)
from opcodes import characters, session
from opcodes.datagram import (
    AEAD_AES_128_GCM,
    ENCODER_WORDS,
    PROTO,
    SMSG_UDP_OFFER,
    SMSG_UDP_REFUSED,
    SMSG_UDP_TUNNEL,
)
from opcodes.orders import SMSG_NEW_WORLD
from opcodes.vocab import Phase
from tests.netsim import CALM, HOME, SERVER, Network

KEY = bytes(range(40))
VERSION = opcodes.version(12340)
PORT, CID = 4000, 0x0401_4003
REACH_YARDS = 15.0  # an input may be so far from the one before


class Walker:
    """One of the folk: where it is at a tick is a function of the tick."""

    def __init__(self, guid, name, at, near=True):
        self.guid, self.look = guid, Look(5, 1, 1, 0, 49, name)
        self.at, self.near = at, near


def circling(x, y, radius, yards_s=7.0):
    """Round and round, facing ahead."""

    def at(tick):
        angle = tick * 0.05 * yards_s / radius
        facing = (angle + tau / 4) % tau
        return Place(
            round((x + radius * cos(angle)) * 64),
            round((y + radius * sin(angle)) * 64),
            0,
            round(facing / tau * 256) % 256,
            round(yards_s * 4),
            snapshot.FORWARD,
        )

    return at


def standing(x, y):
    """Always there."""
    return lambda tick: Place(round(x * 64), round(y * 64), 0, 0)


class Inn:
    """
    @param refusals: reasons with which the next requests for a link are answered.
    @param aead: what it offers; @param taken: names of others' characters.
    @ivar udp_open: UDP gets through; @ivar udp_in: what clients say by UDP arrives.
    @ivar folk: by slot; @ivar x, y, z: of the guest, 1/64 yard; @ivar inputs: numbers it has taken.
    """

    def __init__(self, seed=1, refusals=(), aead=AEAD_AES_128_GCM, aside=(), taken=()):
        self.draw, self.key = random.Random(seed), KEY
        self.wire = LegacyServer(VERSION)
        self.refusals, self.aead = list(refusals), aead
        self.rows, self.guid = {}, 0
        self.folk, self.taken = dict(enumerate(aside)), taken
        self.heard, self.events = [], []
        self.tick_number = 65_500  # it will wrap soon
        self.link = None
        self.links = 0
        self.udp_open = self.udp_in = True
        self._datagrams = []
        self._reset()
        self.seed = 77
        self.wire.queue(session.SMSG_AUTH_CHALLENGE(server_seed=self.seed, seed=bytes(32)))

    def _reset(self):
        self.x = self.y = self.z = self.yaw = 0
        self.epoch, self.newest, self.inputs, self.speeds = 250, 0, [], (448, 160, 302, 448)
        self.values, self.versions, self.dirty, self.records = {}, {}, {}, {}
        self.shown = set()

    # TCP

    def receive(self, data, now_ms):
        for packet in self.wire.receive(data):
            self.heard.append(packet)
            handle = getattr(self, f"_{type(packet).__name__}", None)
            if handle is not None:
                handle(packet, now_ms)

    def outgoing(self):
        return self.wire.outgoing()

    def _CMSG_AUTH_SESSION(self, packet, now_ms):
        right = session_proven(packet.client_proof, packet.username, packet.client_seed, self.seed, self.key)
        if not right:
            self.wire.queue(session.SMSG_AUTH_RESPONSE(result=session.AUTH_FAILED))
            return
        self.wire.enable_encryption(self.key)
        self.wire.phase = Phase.AUTHED
        self.wire.queue(
            session.SMSG_AUTH_RESPONSE(
                result=session.AUTH_OK, billing_time=0, billing_flags=0, billing_rested=0, expansion=2
            )
        )

    def _CMSG_CHAR_ENUM(self, packet, now_ms):
        self.wire.queue(characters.SMSG_CHAR_ENUM(characters=list(self.rows.values())))

    def _CMSG_CHAR_CREATE(self, packet, now_ms):
        if not packet.name.isalpha():
            self.wire.queue(characters.SMSG_CHAR_CREATE(result=characters.CHAR_NAME_INVALID_CHARACTER))
            return
        if packet.name in self.taken:
            self.wire.queue(characters.SMSG_CHAR_CREATE(result=characters.CHAR_CREATE_NAME_IN_USE))
            return
        guid = len(self.rows) + 1
        gear = [characters.CharacterGear() for _ in range(characters.EQUIPMENT_SLOTS)]
        given = {"skin": 0, "face": 0, "hair_style": 0, "hair_color": 0, "facial_hair": 0, "level": 1}
        self.rows[guid] = characters.Character(
            guid=guid,
            name=packet.name,
            race=packet.race,
            class_type=packet.class_type,
            gender=packet.gender,
            area=12,
            map=0,
            x=0.0,
            y=0.0,
            z=0.0,
            equipment=gear,
            **given,
        )
        self.wire.queue(characters.SMSG_CHAR_CREATE(result=characters.CHAR_CREATE_SUCCESS))

    def _CMSG_PLAYER_LOGIN(self, packet, now_ms):
        if packet.guid not in self.rows:
            self.wire.queue(session.SMSG_CHARACTER_LOGIN_FAILED(result=characters.CHAR_LOGIN_NO_CHARACTER))
            return
        self.guid, self.wire.phase = packet.guid, Phase.WORLD
        self.wire.queue(session.SMSG_LOGIN_VERIFY_WORLD(map=0, x=0.0, y=0.0, z=0.0, orientation=0.0))
        self.wire.queue(session.SMSG_TIME_SYNC_REQ(time_sync=0))

    def _CMSG_LOGOUT_REQUEST(self, packet, now_ms):
        self.wire.queue(session.SMSG_LOGOUT_COMPLETE())
        self.wire.phase = Phase.AUTHED

    def send_far_away(self):
        """The guest is on another map, and its link sees that map from now on."""
        self.wire.queue(SMSG_NEW_WORLD(map=1, x=0.0, y=0.0, z=0.0, orientation=0.0))

    # Agreeing on a link

    def _CMSG_UDP_REQUEST(self, packet, now_ms):
        if self.refusals:
            self.wire.queue(SMSG_UDP_REFUSED(reason=self.refusals.pop(0)))
            return
        self.private = self.draw.randbytes(32)
        self.offer = SMSG_UDP_OFFER(
            proto=PROTO,
            aead=self.aead,
            encoder=ENCODER_WORDS,
            mtu=packet.mtu,
            port=PORT,
            cid=CID + self.links,
            realm_id=1,
            account_id=5,
            keepalive_ms=1000,
            server_random=self.draw.randbytes(32),
            server_public=keys.public_key(self.private),
        )
        self.request = packet
        self.wire.queue(self.offer)

    def _CMSG_UDP_ACCEPT(self, packet, now_ms):
        said = (codec(type(p)).encode(p) for p in (self.request, self.offer, packet))
        shared = keys.shared_secret(self.private, packet.client_public)
        made = keys.link_keys(self.offer.aead, keys.root(keys.salt(*said), self.key, shared))
        terms = Terms(made, self.offer.cid, self.offer.mtu, 1000)
        self.link = Server(terms, self.draw.randbytes, now_ms * 1000)
        self.links += 1
        self._reset()

    def _CMSG_UDP_TUNNEL(self, packet, now_ms):
        self._take(packet.datagram, TUNNEL, now_ms)

    # UDP

    def receive_datagram(self, datagram, now_ms, address="client"):
        if self.udp_open and self.udp_in:
            self._take(datagram, address, now_ms)

    def _take(self, datagram, address, now_ms):
        if self.link is None:
            return
        for notice in self.link.receive(datagram, address, now_ms * 1000):
            match notice:
                case notices.Attached():
                    self._say(SELF_SLOT, SELF, self._oneself())
                case notices.Moves(tick, epoch, inputs):
                    self._move(tick, epoch, inputs)
                case notices.Lost(record):
                    for key, version in self.records.pop(record, {}).items():
                        if self.versions[key] == version:
                            self.dirty[key] = True
                case notices.Acked(record):
                    self.records.pop(record, None)
                case _:
                    self.events.append(notice)
        self._flush(now_ms)

    def _move(self, tick, epoch, inputs):
        for back, it in zip(range(len(inputs) - 1, -1, -1), inputs, strict=True):
            number = self.newest + ((tick - back - self.newest + 0x8000) & 0xFFFF) - 0x8000
            if epoch != self.epoch or number <= self.newest:
                continue
            self.newest = number
            if max(abs(it.x - self.x), abs(it.y - self.y)) > REACH_YARDS * 64:
                self.shove(self.x, self.y)
                return
            self.x, self.y, self.z, self.yaw = it.x, it.y, it.z, it.yaw
            self.inputs.append(number)

    def shove(self, x, y):
        """Put the guest somewhere."""
        self.x, self.y = x, y
        self.epoch = (self.epoch + 1) & 0xFF
        self._say(SELF_SLOT, SELF, self._oneself())

    def grant(self, run):
        """Another speed, yards a second."""
        self.speeds = (round(run * 64), *self.speeds[1:])
        self._say(SELF_SLOT, SELF, self._oneself())

    def _oneself(self):
        return (self.epoch, self.newest & 0xFFFF, self.x, self.y, self.z, self.yaw, 0, *self.speeds)

    def _say(self, slot, component, value):
        key = (slot, ENTER if component == GONE else component)
        self.versions[key] = (self.versions.get(key, 0) + 1) & 0xFF
        self.dirty[key] = True
        self.values[key] = (component, value)

    def tick(self, now_ms):
        """Fifty milliseconds have passed."""
        self.tick_number += 1
        if self.link is None:
            return
        if self.link.paths.valid is not None:
            self._show(now_ms)
        self._flush(now_ms)

    def _show(self, now_ms):
        tick = self.tick_number
        for slot in self.shown - set(self.folk):
            self._say(slot, GONE, b"")
            self.shown.discard(slot)
        for slot, walker in self.folk.items():
            if slot not in self.shown:
                self.shown.add(slot)
                entered = Enter(walker.guid, PLAYER, walker.at(tick), tick & 0xFFFF, walker.look.write())
                self._say(slot, ENTER, entered.write())
        if (SELF_SLOT, SELF) in self.dirty:
            self.values[SELF_SLOT, SELF] = (SELF, snapshot.Oneself(*self._oneself()).write())
        said = [
            State(key[0], self.values[key][0], self.versions[key], self.values[key][1]) for key in self.dirty
        ]
        self.records[tick] = {key: self.versions[key] for key in self.dirty}
        self.dirty.clear()
        places = {slot: walker.at(tick) for slot, walker in self.folk.items()}
        words = snapshot.Words(
            tuple(Near.of(slot, places[slot]) for slot, w in self.folk.items() if w.near),
            tuple(
                Far.of(slot, places[slot]) for slot, w in self.folk.items() if not w.near and tick % 20 == 0
            ),
        )
        body = sections.write(sections.State(snapshot.write_states(said))) if said else b""
        body += sections.write(sections.Snapshot(snapshot.write_snapshot(words)))
        self._put(self.link.send(now_ms * 1000, body, tick & 0xFFFF, record=tick))

    def _flush(self, now_ms):
        for datagram in self.link.datagrams_to_send(now_ms * 1000):
            self._put(datagram)

    def _put(self, sent):
        if sent is None:
            return
        datagram, address = sent
        if address == TUNNEL:
            self.wire.queue(SMSG_UDP_TUNNEL(datagram=datagram))
        elif self.udp_open:
            self._datagrams.append(datagram)

    def datagrams(self):
        """What goes out by UDP."""
        out, self._datagrams = self._datagrams, []
        return out


class Meeting:
    """
    A client's Player and the inn, every 10 ms, over a network that may be bad; TCP only takes its time.

    @ivar network: of tests/netsim.py; its weather may be changed.
    """

    def __init__(self, player, inn, weather=CALM, seed=1):
        self.player, self.inn, self.network = player, inn, Network(seed, weather)
        self.now_ms = 1_000_000
        self.events = []
        self._streams = []  # (when it arrives, who takes it, bytes)

    def run(self, ms):
        """Let time pass; what happened."""
        found = []
        for _ in range(ms // 10):
            self.now_ms += 10
            now_ms, now_us = self.now_ms, self.now_ms * 1000
            if now_ms % 50 == 0:
                self.inn.tick(now_ms)
            self.player.advance(now_ms)
            for datagram in self.player.datagrams(now_ms):
                self.network.send(datagram, HOME, SERVER, now_us)
            for datagram in self.inn.datagrams():
                self.network.send(datagram, SERVER, HOME, now_us)
            self._stream(self.inn.receive, self.player.outgoing())
            self._stream(self.player.receive, self.inn.outgoing())
            self._deliver()
            found += self.player.events()
        self.events += found
        return found

    def _stream(self, to, data):
        if data:
            self._streams.append((self.now_ms + self.network.weather.delay_us // 1000, to, data))

    def _deliver(self):
        while self._streams and self._streams[0][0] <= self.now_ms:
            _, to, data = self._streams.pop(0)
            to(data, self.now_ms)
        for flying in list(self.network.arrived(self.now_ms * 1000)):
            if flying.target == SERVER:
                self.inn.receive_datagram(flying.datagram, self.now_ms)
            else:
                self.player.receive_datagram(flying.datagram, self.now_ms)
