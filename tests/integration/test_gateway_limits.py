"""Hostile, slow, silent and greedy clients: cut, counted, and nobody else notices."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

import opcodes
from opcodes.characters import CMSG_CHAR_ENUM, SMSG_CHAR_ENUM
from opcodes.movement import MSG_MOVE_HEARTBEAT
from opcodes.session import (
    CMSG_PING,
    CMSG_REQUEST_ACCOUNT_DATA,
    CMSG_TUTORIAL_FLAG,
    CMSG_UPDATE_ACCOUNT_DATA,
    SMSG_PONG,
)
from tests.integration.house import Client
from tests.integration.test_gateway import walk

PING = CMSG_PING(sequence_id=1, round_time_in_ms=1)


def test_slow_handshake(house):
    """Who does not say who it is within half a minute is cut, even when it dribbles."""
    house.account("ADA")
    slow = Client(house, "ADA", bytes(40))
    for _ in range(4):
        slow.raw(b"\0")
        house.seconds(8)
    assert slow.gone
    assert house.gateway.counts["cut: silent"] == 1


def test_idle_at_the_screen(house):
    """A quarter of an hour at the character screen without doing anything; pings are not doing."""
    ada, bob = house.client("ADA"), house.client("BOB")
    for _ in range(31):
        ada.send(PING)
        house.seconds(30)
        if not bob.gone:
            bob.send(CMSG_CHAR_ENUM())
    assert ada.gone
    assert not bob.gone


def test_silence_in_the_world(house):
    """A minute of silence is borne, two are not; a ping is enough."""
    ada, bob = house.player("ADA"), house.player("BOB")
    house.seconds(60)
    assert not ada.gone
    bob.send(PING)
    house.seconds(70)
    assert ada.gone
    assert not bob.gone


def test_not_reading(build_house):
    """What a client does not take is kept for it, up to a limit."""
    house = build_house(limits={"unwritten_bytes": 65536})
    ada, bob = house.player("ADA"), house.player("BOB")
    house.seconds(1)
    bob.line.pauseProducing()
    bob.forget()
    for n in range(40):
        walk(ada, 1 + n % 2 / 8)
        house.ticks(1)
    assert not bob.heard
    bob.line.resumeProducing()
    bob.listen()
    assert len(bob.got(MSG_MOVE_HEARTBEAT)) == 40
    bob.line.pauseProducing()
    for n in range(2000):
        walk(ada, 1 + n % 2 / 8)
        house.ticks(1)
        if bob.gone:
            break
    assert bob.gone
    assert house.gateway.counts["cut: not reading"] == 1
    assert not ada.gone


def test_share_of_a_tick(house):
    """At most 150 packets of one client in one tick; the others wait for the next."""
    ada = house.client("ADA")
    house.ticks(1)
    ada.forget()
    ada.send(*[PING] * 400)
    ada.listen()
    assert len(ada.got(SMSG_PONG)) == 150
    assert not ada.transport.reading
    house.ticks(1)
    assert len(ada.got(SMSG_PONG)) == 300
    house.ticks(1)
    assert len(ada.got(SMSG_PONG)) == 400
    assert ada.transport.reading


def test_flood(build_house):
    """Above its rate a client's packets are dropped; one that goes on for long is cut."""
    house = build_house(limits={"packets_per_second": 20, "packets_burst": 40, "packets_dropped": 100})
    ada = house.client("ADA")
    ada.forget()
    ada.send(*[PING] * 80)
    ada.listen()
    assert len(ada.got(SMSG_PONG)) == 39  # its handshake was one
    house.seconds(1)
    ada.forget()
    ada.send(*[PING] * 30)
    ada.listen()
    assert len(ada.got(SMSG_PONG)) == 20
    ada.send(*[PING] * 101)
    house.ticks(2)
    assert ada.gone
    assert house.gateway.counts["cut: TooMuch"] == 1


def test_too_many_requests(house):
    """Requests that must wait are kept up to a limit."""
    ada = house.client("ADA")
    never = Deferred()

    async def waits(session, packet):
        await never

    ada.session.ask(waits, PING)
    ada.send(*[CMSG_CHAR_ENUM()] * 20)
    assert not ada.gone
    ada.send(CMSG_CHAR_ENUM())
    assert ada.gone
    never.callback(None)


def test_too_many_connections(build_house):
    """So many in all, and so many from one address; this machine's own do not count as one."""
    house = build_house(limits={"connection_limit": 4, "connections_per_address": 2})
    house.account("ADA")
    clients = [Client(house, "ADA", b"", host="10.0.0.1") for _ in range(2)]
    with pytest.raises(AssertionError, match="no connection"):
        Client(house, "ADA", b"", host="10.0.0.1")
    clients += [Client(house, "ADA", b"") for _ in range(2)]
    with pytest.raises(AssertionError, match="no connection"):
        Client(house, "ADA", b"")
    clients[0].hang_up()
    Client(house, "ADA", b"", host="10.0.0.1")


@pytest.mark.parametrize(
    "packet",
    [
        CMSG_UPDATE_ACCOUNT_DATA(data_type=8, unix_time=1, decompressed_size=1, compressed_data=b""),
        CMSG_UPDATE_ACCOUNT_DATA(data_type=0, unix_time=1, decompressed_size=1 << 30, compressed_data=b""),
        CMSG_UPDATE_ACCOUNT_DATA(data_type=0, unix_time=1, decompressed_size=9, compressed_data=b"junk"),
        CMSG_REQUEST_ACCOUNT_DATA(data_type=0xFFFFFFFF),
    ],
)
def test_refused(house, packet):
    """What no client sends cuts it, and leaves no traceback."""
    ada = house.client("ADA")
    ada.send(packet)
    assert ada.gone
    assert not house.gateway.counts["errors"]


def test_tutorial_beyond(house):
    """There are 256 tutorials."""
    ada = house.player("ADA")
    ada.send(CMSG_TUTORIAL_FLAG(tutorial_flag=256))
    assert ada.gone


def test_server_packets_from_a_client(house):
    """Nobody but a server says these."""
    ada = house.client("ADA")
    ada.say(opcodes.version(12340).numbers[SMSG_PONG], bytes(4))
    assert ada.gone


def test_world_packets_at_the_screen(house):
    """On their way when the world was left, or too early: passed over."""
    ada = house.client("ADA")
    ada.guid = 5
    ada.send(
        MSG_MOVE_HEARTBEAT(
            guid=5, flags=0, flags2=0, timestamp=1, x=1.0, y=1.0, z=1.0, orientation=0.0, fall_time=0
        )
    )
    assert not ada.gone
    assert ada.ask(CMSG_CHAR_ENUM(), SMSG_CHAR_ENUM).characters == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400))
def test_hostile_first_bytes(house, data):
    """Whatever comes first, it never is our mistake."""
    client = Client(house, "ADA", bytes(40))
    client.raw(data)
    client.hang_up()
    assert not house.gateway.counts["errors"]
    assert not house.gateway.sessions


def test_hostile_packets(house):
    """Opcodes with bytes that are not theirs, at the screen and in the world: cut or passed over."""
    dice = random.Random(335)
    witness = house.player("BOB")
    numbers = sorted(opcodes.version(12340).names)
    for n in range(300):
        ada = house.player("ADA") if n % 3 else house.client("ADA")
        for _ in range(5):
            ada.say(dice.choice(numbers), dice.randbytes(dice.randrange(60)))
        house.ticks(1)
        if not ada.gone:
            ada.hang_up()
    house.seconds(1)
    assert not house.gateway.counts["errors"]
    assert not house.gateway.counts["faults"]
    assert not witness.gone
    witness.forget()
    house.seconds(11)
    assert witness.heard
