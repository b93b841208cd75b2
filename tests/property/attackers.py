"""What tests that attack a whole server share: clients of both builds, bytes no client sends, and a judge."""

import contextlib
import tempfile
from pathlib import Path

import wow_srp
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import text
from twisted.internet.defer import Deferred, execute
from twisted.logger import LogLevel, eventAsText, globalLogPublisher

import opcodes
from bluemarble.sim.effects import Input
from bluemarble.wire.codec import codec
from bluemarble.wire.legacy import BUFFER_LIMIT
from opcodes.cluster import NMSG_LEAVE, NMSG_WORLD
from opcodes.objects import SMSG_COMPRESSED_UPDATE_OBJECT
from opcodes.session import CMSG_AUTH_SESSION, CMSG_PING, SMSG_AUTH_CHALLENGE, SMSG_LOGIN_VERIFY_WORLD
from opcodes.vocab import Packet, Side
from tests.integration.house import Client, House, done, make_databases
from tests.property.values import records

WRATH, VANILLA = opcodes.version(12340), opcodes.version(5875)
BUILDS = {12340: WRATH, 5875: VANILLA}
SEEDS = {12340: wow_srp.WrathProofSeed, 5875: wow_srp.VanillaProofSeed}


class Attacker(Client):
    """
    A client of either build that says what it is told to say, and only notes what it hears.

    @ivar heard: packets, those that are not packed.
    """

    def __init__(self, house, name, version=WRATH, host="127.0.0.1"):
        self.version = version
        if name not in house.known:
            house.account(name)
            house.known.add(name)
        super().__init__(house, name, (name.encode() * 40)[:40], host)
        house.clients.append(self)

    def hello(self, *, name=None, key=None, seed=None, **given):
        """CMSG_AUTH_SESSION and the ciphers that go with it."""
        (challenge,) = self.got(SMSG_AUTH_CHALLENGE)
        mine = SEEDS[self.version.build]()
        if seed is None:
            seed = challenge.server_seed
        digest, crypto = mine.into_client_header_crypto(self.name, key or self.key, seed)
        fields = {
            "client_build": self.version.build, "login_server_id": 0, "username": name or self.name,
            "login_server_type": 0, "client_seed": mine.seed(), "region_id": 0, "battleground_id": 0,
            "realm_id": 1, "dos_response": 0, "client_proof": bytes(digest), "addon_info": b"",
        }  # fmt: skip
        return CMSG_AUTH_SESSION(**fields | given), crypto

    def prove(self, **given):
        packet, crypto = self.hello(**given)
        self.send(packet)
        self.crypto = crypto
        self.listen()

    def send(self, *packets):
        for packet in packets:
            cls = type(packet)
            self.say(self.version.numbers[cls], codec(self.version.layout(cls, received=True)).encode(packet))

    def forget_but_place(self):
        """As `forget`, but for where it entered the world."""
        self.heard[:] = self.got(SMSG_LOGIN_VERIFY_WORLD)

    def frame(self, opcode, body, size=None):
        """A client packet as it goes over the wire now; `size` is what its header says."""
        size = (len(body) + 4 if size is None else size) & 0xFFFF
        if self.crypto is None:
            return size.to_bytes(2, "big") + opcode.to_bytes(4, "little") + body
        return bytes(self.crypto.encrypt_client_header(size, opcode)) + body

    def _take(self, cls, body):
        cls = self.version.sent[self._opcode]
        packet = codec(self.version.layout(cls)).decode(body)
        if cls is not SMSG_COMPRESSED_UPDATE_OBJECT:
            self.heard.append(packet)

    def listen(self):
        self._in += self.transport.value()
        self.transport.clear()
        while len(self._in) >= 4:
            if getattr(self, "_frame", None) is None:
                head = self._in[:4]
                if self.crypto is not None:
                    self._frame = self.crypto.decrypt_server_header(head)
                else:
                    self._frame = int.from_bytes(head[:2], "big"), int.from_bytes(head[2:], "little")
            size, self._opcode = self._frame
            if len(self._in) < size + 2:
                return
            body, self._in = self._in[4 : size + 2], self._in[size + 2 :]
            self._frame = None
            self._take(None, body)


class Fortress(House):
    """
    A server that is attacked, with an ear on its log.

    @ivar failures: what was logged as a mistake of ours.
    @ivar witness: a player that must not notice.
    """

    def __init__(self, folder, template=None, **settings):
        self.failures = []
        self.known = set()
        self.witness = None
        globalLogPublisher.addObserver(self._hear)
        super().__init__(folder, template, **settings)

    def _hear(self, event):
        if event.get("log_failure") is not None or event["log_level"] >= LogLevel.error:
            self.failures.append(event)

    @contextlib.contextmanager
    def slow(self, delay_s=0.1):
        """For a while the databases take their time, as threads would."""
        for database in self.databases:
            database._in = self._late(delay_s)
        try:
            yield
        finally:
            self.seconds(10 * delay_s)
            while self.world.behind._running:
                self.ticks(1)
            for database in self.databases:
                del database.__dict__["_in"]

    def _late(self, delay_s):
        def later(kind, work):
            answer = Deferred()
            self.clock.callLater(delay_s, lambda: execute(work).chainDeferred(answer))
            return answer

        return later

    def attacker(self, name="EVE", version=WRATH, *, phase="WORLD", host="127.0.0.1"):
        """A client that has come so far by fair means."""
        if self.witness is not None:
            self.witness.send(CMSG_PING(sequence_id=0, round_time_in_ms=0))  # or it would be cut for silence
        client = Attacker(self, name, version, host)
        if phase != "HELLO":
            client.prove()
        if phase == "WORLD":
            client.enter(name.capitalize())
        return client

    def over(self):
        """Every client but the witness hangs up."""
        for client in self.clients:
            if client is not self.witness:
                client.hang_up()
        self.clients[:] = [client for client in self.clients if client is self.witness]

    def alone(self):
        """Nobody but the witness is connected, or lingers in the world."""
        self.over()
        for guid, (number, _) in self.gateway.present.items():
            if guid != self.witness.guid:
                self.gateway.inputs.append(Input(number, NMSG_LEAVE()))
        self.ticks(2)

    def judge(self):
        """Nothing has gone wrong on our side, nothing is kept without need, and the state is whole."""
        gateway, world = self.gateway, self.world.world
        failures, self.failures = self.failures, []
        assert "\n".join(map(eventAsText, failures)) == ""
        assert (gateway.counts.pop("errors", 0), gateway.counts.pop("faults", 0), world.faults) == (0, 0, [])
        codec(NMSG_WORLD).encode(world.snapshot())
        assert len(gateway.inputs) < 1000
        for session in gateway.sessions.values():
            assert len(session._held) + len(session.wire._in) <= BUFFER_LIMIT
            assert len(session._requests or ()) <= gateway.limits.requests_waiting
        here = {p.guid: s for zone in world.zones.values() for s, p in zone.players.items()}
        here |= {t.player.character.guid: s for s, t in world.travellers.items()}
        if not gateway.inputs:
            assert {guid: number for guid, (number, _) in gateway.present.items()} == here
        if not gateway.inputs and "_in" not in vars(self.databases.characters):
            assert not gateway._leaving
            assert self.world.behind.depth == 0
            assert set(self.column("SELECT guid FROM characters WHERE online")) == set(here)

    def column(self, query, **values):
        """The first column of what the characters database answers."""
        reading = self.databases.characters.read(
            lambda conn: conn.execute(text(query), values).scalars().all()
        )
        return done(reading)

    def stop(self):
        super().stop()
        globalLogPublisher.removeObserver(self._hear)


@contextlib.contextmanager
def fortress(template=None, **settings):
    """One in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        if template is None:
            make_databases(Path(folder))
        house = Fortress(Path(folder), template, **settings)
        try:
            yield house
        finally:
            house.stop()


def examples(count):
    """How many examples a test on a whole server tries: many more when it is asked to roam."""
    return count * max(1, settings.default.max_examples // 1000)


def spoken(version):
    """Number and class of what that build's clients may send."""
    return sorted((n, cls) for n, cls in version.packets.items() if Side.CLIENT in cls.side)


@st.composite
def bodies(draw, build, cls: type[Packet] | None):
    """A packet's body: honest, cut, longer, with flipped bits, or anything."""
    if cls is None or draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=80))
    layout = BUILDS[build].layout(cls, received=True)
    try:
        body = bytearray(codec(layout).encode(draw(records(cls))))
    except ValueError:  # a text that this build has less room for
        return draw(st.binary(max_size=80))
    how = draw(st.integers(0, 5))
    if how == 1:
        del body[draw(st.integers(0, len(body))) :]
    elif how == 2:
        body += draw(st.binary(min_size=1, max_size=40))
    elif how == 3:
        body += bytes(draw(st.sampled_from([300, 5000, 10230])))
    elif how >= 4 and body:
        for _ in range(draw(st.integers(1, 4))):
            body[draw(st.integers(0, len(body) - 1))] ^= 1 << draw(st.integers(0, 7))
    return bytes(body)
