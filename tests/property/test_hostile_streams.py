"""
Bytes that no client sends, at every door of a whole server and in every phase of a session.

Whatever comes: no mistake of ours, nothing half-changed, and the others are served as before.
"""

import random

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from bluemarble.wire.codec import codec
from bluemarble.wire.errors import PeerError
from bluemarble.wire.journal import Reader, Tick
from opcodes.characters import CMSG_PLAYER_LOGIN
from opcodes.session import CMSG_PING, SMSG_PONG
from opcodes.vocab import Fixed, empty, wire_form
from tests.property.attackers import BUILDS, Attacker, bodies, examples, fortress, spoken

PHASES = ["HELLO", "AUTHED", "WORLD", "WORLD"]
SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
builds = st.sampled_from(sorted(BUILDS))
plain = settings(
    max_examples=examples(50), suppress_health_check=SHARED, phases=[Phase.explicit, Phase.generate]
)


@st.composite
def says(draw, build):
    """What an attacker does next: (opcode, body, size in the header, where it is cut), bytes, or waiting."""
    what = draw(st.integers(0, 11))
    if what == 0:
        return draw(st.integers(1, 6))
    if what == 1:
        return draw(st.binary(max_size=30))
    number, cls = draw(st.sampled_from(spoken(BUILDS[build])))
    if what == 2:
        number, cls = draw(st.sampled_from(sorted(BUILDS[build].names))), None
    size = draw(st.integers(0, 0xFFFF)) if what == 3 else None
    return number, draw(bodies(build, cls)), size, draw(st.integers(0, 200))


def attack(house, client, script):
    """Play it; nobody else may notice."""
    for act in script:
        if client.gone:
            break
        if isinstance(act, int):
            house.ticks(act)
        elif isinstance(act, bytes):
            client.raw(act)
        else:
            number, body, size, cut = act
            frame = client.frame(number, body, size)
            client.raw(frame[:cut])
            client.raw(frame[cut:])
    house.ticks(2)
    assert house.witness.ask(CMSG_PING(sequence_id=7, round_time_in_ms=1), SMSG_PONG).sequence_id == 7
    house.judge()
    house.over()


@plain
@given(data=st.data())
def test_any_packets(castle, data):
    """Honest, cut, longer, flipped and made-up packets of both builds, in any phase, in pieces."""
    build = data.draw(builds)
    client = castle.attacker("EVE", BUILDS[build], phase=data.draw(st.sampled_from(PHASES)))
    attack(castle, client, data.draw(st.lists(says(build), min_size=1, max_size=12)))


@plain
@given(data=st.data())
def test_any_packets_of_a_game_master(castle, data):
    """Who may do more may also send more nonsense."""
    if "GUS" not in castle.known:
        castle.account("GUS", level=3)
        castle.known.add("GUS")
    build = data.draw(builds)
    client = castle.attacker("GUS", BUILDS[build])
    attack(castle, client, data.draw(st.lists(says(build), min_size=1, max_size=12)))


@plain
@given(data=st.data())
def test_any_packets_while_databases_are_slow(castle, data):
    """What comes while the answer to something earlier is on its way."""
    build = data.draw(builds)
    guid = castle.attacker("EVE").guid
    castle.over()
    phase, wait, waits = data.draw(st.tuples(st.sampled_from(PHASES), st.integers(0, 4), st.integers(0, 8)))
    script = data.draw(st.lists(says(build), min_size=1, max_size=12))
    with castle.slow(0.07):
        client = Attacker(castle, "EVE", BUILDS[build])
        if phase != "HELLO":
            client.prove()
            castle.ticks(wait)
        if phase == "WORLD" and not client.gone:
            client.send(CMSG_PLAYER_LOGIN(guid=guid))
            castle.ticks(waits)
        attack(castle, client, script)
    castle.judge()


@plain
@given(build=builds, chunks=st.lists(st.binary(max_size=40), max_size=8), cut=st.integers(1, 6))
@example(build=12340, chunks=[bytes(20000)], cut=1)
@example(build=5875, chunks=[b"\xff" * 20000], cut=1)
def test_any_first_bytes(castle, build, chunks, cut):
    """Before anybody has proven anything."""
    client = Attacker(castle, "EVE", BUILDS[build])
    for chunk in chunks:
        client.raw(chunk[:cut])
        client.raw(chunk[cut:])
    assert client.gone or len(client.session.wire._in) < 16_384
    attack(castle, client, [])


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("phase", ["HELLO", "AUTHED", "WORLD"])
def test_every_size(castle, build, phase):
    """A header may claim anything; what is not a client's is cut at once, and nothing waits for the rest."""
    for size in (0, 1, 2, 3, 4, 5, 11, 12, 13, 10239, 10240, 10241, 0x7FFF, 0x8000, 0xFFFF):
        client = castle.attacker("EVE", BUILDS[build], phase=phase)
        client.raw(client.frame(0x1DC, b"", size))
        if size < 4 or size >= 10240:
            assert client.gone, size
        elif phase != "HELLO":
            client.raw(bytes(size - 4))
            assert client.gone == (size != 12), size
        attack(castle, client, [])


def minimal(cls):
    """A packet with nothing in it that may be left out."""
    needed = {name: wire_form(hint) for name, hint in cls.hints.items() if name not in cls.rules}
    return cls(**{name: bytes(form.length) if isinstance(form, Fixed) else empty(cls.hints[name], None)
                  for name, form in needed.items()})  # fmt: skip


@pytest.mark.parametrize("build", BUILDS)
def test_every_opcode(castle, build):
    """All of the build's opcodes, defined or not, with little, wrong and too much behind them."""
    version, dice = BUILDS[build], random.Random(build)
    defined = [(number, cls) for number, cls in spoken(version) for _ in range(2)]
    everything = [(number, version.packets.get(number)) for number in sorted(version.names)]
    for phase, numbers in (("AUTHED", everything), ("WORLD", defined)):
        client = None
        for number, cls in numbers:
            if client is None or client.gone:
                client = castle.attacker("EVE", version, phase=phase)
            body = bytearray(dice.randbytes(dice.choice((0, 4, 8, 30, 90))))
            if cls is not None and not cls.__name__.startswith("SMSG_") and dice.random() < 0.9:
                body = flipped(version, cls, dice)
            client.raw(client.frame(number, bytes(body)))
            if number % 40 == 0:
                castle.ticks(1)
        castle.ticks(1)
        attack(castle, client, [])
    assert castle.gateway.counts["cut: NotAllowed"] > 100


def flipped(version, cls, dice):
    """A short packet of the class, perhaps with bits of it turned."""
    body = bytearray(codec(version.layout(cls, received=True)).encode(minimal(cls)))
    for _ in range(dice.randrange(3)):
        if body:
            body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)
    return body


@pytest.mark.parametrize("build", BUILDS)
def test_what_is_taken_can_be_written_down(build):
    """Whatever a client of any build gets through its reader, the journal's layout can hold."""
    version, dice = BUILDS[build], random.Random(3)
    taken = 0
    for _, cls in spoken(version):
        layout = version.layout(cls, received=True)
        honest = codec(layout).encode(minimal(cls))
        for _ in range(25):
            body = bytearray(honest + dice.randbytes(dice.choice((0, 0, 0, 4, 40))))
            for _ in range(dice.randrange(4)):
                if body:
                    body[dice.randrange(len(body))] = dice.randrange(256)
            try:
                packet = codec(layout).decode(bytes(body))
            except PeerError:
                continue
            taken += 1
            codec(type(packet)).encode(packet)
    assert taken > 1000


def test_a_journal_is_kept_through_it_all(template):
    """With the journal on, what attackers say is written down, and read again, like anything else."""
    dice = random.Random(8)
    with fortress(template, journal={"path": "journals"}) as house:
        house.witness = house.attacker("BOB")
        for version in BUILDS.values():
            client = None
            for number, cls in spoken(version):
                if client is None or client.gone:
                    client = house.attacker("EVE", version)
                client.raw(client.frame(number, bytes(flipped(version, cls, dice))))
            house.ticks(2)
            house.judge()
            house.over()
        house.stop()
        (path,) = house.world.config.path("journals").glob("*.bmj")
        with path.open("rb") as source:
            reader = Reader(source)
            assert sum(len(record.inputs) for record in reader if isinstance(record, Tick)) > 200
        assert not reader.cut
        assert not house.failures
