"""Floods, dribbles, silence and haste: what a connection may cost before it is cut; others do not notice."""

import pytest

from bluemarble.rows.characters import CharactersRow
from opcodes.characters import (
    CMSG_CHAR_CREATE,
    CMSG_CHAR_DELETE,
    CMSG_CHAR_ENUM,
    CMSG_CHAR_RENAME,
    CMSG_PLAYER_LOGIN,
    SMSG_CHAR_ENUM,
)
from opcodes.movement import MSG_MOVE_HEARTBEAT
from opcodes.session import (
    CMSG_LOGOUT_CANCEL,
    CMSG_LOGOUT_REQUEST,
    CMSG_PING,
    CMSG_TUTORIAL_FLAG,
    CMSG_UPDATE_ACCOUNT_DATA,
    SMSG_LOGIN_VERIFY_WORLD,
    SMSG_PONG,
)
from opcodes.vocab import Phase
from tests.property.attackers import BUILDS, VANILLA, WRATH, Attacker

PING = CMSG_PING(sequence_id=7, round_time_in_ms=1)
UNDEFINED = next(n for n, name in WRATH.names.items() if name.startswith("CMSG_") and n not in WRATH.packets)


def flood(house, client, frame, ticks):
    """As fast as a socket takes it, for so many ticks; how many it took."""
    sent = 0
    for _ in range(ticks):
        for _ in range(40):
            if client.gone or not client.transport.reading:
                break
            client.raw(b"".join(frame() for _ in range(64)))
            sent += 64
        house.ticks(1)
        if client.gone:
            break
    return sent


@pytest.mark.parametrize("number", [0x1DC, UNDEFINED, 0x0EE], ids=["ping", "undefined", "heartbeat"])
def test_flood(castle, number):
    """It waits, then is dropped, then is cut, within two seconds; the witness is served in every tick."""
    eve = castle.attacker("EVE")
    dropped = castle.gateway.counts["packets_dropped"]
    body = bytes(30) if number == 0x0EE else bytes(8)
    for _ in range(40):
        flood(castle, eve, lambda: eve.frame(number, body), 1)
        assert castle.witness.ask(PING, SMSG_PONG).sequence_id == 7
        assert len(castle.gateway.inputs) <= 150
        if eve.gone:
            break
    assert eve.gone
    assert castle.gateway.counts["packets_dropped"] - dropped <= 1001
    castle.over()
    castle.judge()


def test_burst(castle):
    """Half a thousand packets at once, as after a hiccup of the line, and then again: every one is taken."""
    eve = castle.attacker("EVE")
    castle.ticks(60)
    for _ in range(2):
        eve.forget()
        for n in range(500):
            eve.send(CMSG_PING(sequence_id=n, round_time_in_ms=1))
        castle.ticks(5)
        assert [pong.sequence_id for pong in eve.got(SMSG_PONG)] == list(range(500))
        castle.seconds(3)
    assert not eve.gone
    castle.over()


def test_a_little_too_fast(castle):
    """A client that is steadily a tenth too fast loses packets, and is cut only after most of a minute."""
    eve = castle.attacker("EVE")
    seconds = 0
    while not eve.gone and seconds < 200:
        for _ in range(20):
            eve.send(*[PING] * 11)
            castle.ticks(1)
        seconds += 1
    assert 20 < seconds < 120
    castle.over()


def test_flood_of_requests(castle):
    """Questions to the database are few, however many are asked; what is over is dropped, nobody is cut."""
    eve = castle.attacker("EVE", phase="AUTHED")
    before = castle.databases.characters.statements
    for _ in range(20):
        eve.send(*[CMSG_CHAR_ENUM()] * 10)
        castle.ticks(1)
    assert not eve.gone
    assert castle.databases.characters.statements - before < 80
    assert castle.gateway.counts["requests_dropped"] > 100
    castle.seconds(5)
    assert eve.ask(CMSG_CHAR_ENUM(), SMSG_CHAR_ENUM)
    castle.over()


def test_flood_of_account_data(castle):
    """Neither does what clients keep with us fill the disk."""
    import zlib

    eve = castle.attacker("EVE", phase="AUTHED")
    data = zlib.compress(bytes(0xFFFF), 9)
    before = castle.gateway.counts["requests_dropped"]
    for _ in range(40):
        eve.send(*[CMSG_UPDATE_ACCOUNT_DATA(
            data_type=0, unix_time=1, decompressed_size=0xFFFF, compressed_data=data)] * 8)  # fmt: skip
        castle.ticks(1)
    assert not eve.gone
    assert castle.gateway.counts["requests_dropped"] - before > 240
    castle.over()
    castle.judge()


@pytest.mark.parametrize("version", BUILDS.values(), ids=BUILDS)
def test_dribbles(castle, version):
    """A stranger's byte every few seconds buys half a minute, and a few bytes of memory."""
    slow = [Attacker(castle, "EVE", version) for _ in range(20)]
    _packet, _ = slow[0].hello()
    for n in range(8):
        for client in slow:
            client.raw(bytes([(0, 0x60, 0xED, 1, 0, 0, 1, 2)[n]]))
        castle.seconds(4)
        castle.witness.send(PING)
    assert all(client.gone for client in slow)
    castle.over()
    castle.judge()


def test_half_a_packet_in_the_world(castle):
    """What never ends is cut as silence, and its character lingers as any other."""
    eve = castle.attacker("EVE")
    eve.raw(eve.frame(0x095, b"", 5000))
    for _ in range(11):
        castle.seconds(12)
        castle.witness.send(PING)
    assert eve.gone
    castle.over()
    castle.seconds(65)
    castle.judge()


def test_last_words_are_not_waited_for(build):
    """One that does not read what it is told at the end holds its socket for ten seconds and no longer."""
    house = build()
    eve = house.attacker("EVE")
    transport = eve.transport
    transport.loseConnection = lambda: None  # its buffer never empties
    again = house.attacker("EVE", phase="AUTHED")
    assert not transport.lost
    assert eve.line.session.closed
    house.seconds(11)
    assert transport.lost
    assert house.gateway.counts["cut: not closing"] == 1
    assert not again.gone
    assert house.gateway.door.total == 1


def test_connections_of_one_address(build):
    """So many and no more; a place is free again when one hangs up, however it hangs up."""
    house = build(limits={"connections_per_address": 5})
    clients = [Attacker(house, "EVE", host="10.9.8.7") for _ in range(5)]
    for _ in range(50):
        with pytest.raises(AssertionError, match="no connection"):
            Attacker(house, "EVE", host="10.9.8.7")
    assert house.gateway.counts["connections_refused"] == 50
    Attacker(house, "EVE", host="10.9.8.8")
    clients[0].raw(b"\xff" * 20)
    assert clients[0].gone
    clients[1].hang_up()
    for _ in range(2):
        Attacker(house, "EVE", host="10.9.8.7")
    for client in house.clients:
        client.hang_up()
    assert house.gateway.door.total == 0


# Haste: what was asked before the answer to something else


@pytest.fixture
def hasty(build):
    """A server whose databases take their time, and a client with two characters at its screen."""
    house = build()
    eve = house.attacker("EVE", phase="AUTHED")
    assert (eve.create("Eve"), eve.create("Mia")) == (0x2F, 0x2F)
    eve.guids = [it.guid for it in eve.characters().values()]
    with house.slow(0.12):
        yield house, eve


LATE = [
    CMSG_PLAYER_LOGIN(guid=1 << 40), CMSG_PLAYER_LOGIN(guid=4711), CMSG_CHAR_ENUM(), CMSG_CHAR_DELETE(guid=1),
    CMSG_CHAR_RENAME(character=1, new_name="Zoe"), CMSG_PLAYER_LOGIN(guid=1), CMSG_PLAYER_LOGIN(guid=2),
    CMSG_CHAR_CREATE(name="Ida", race=1, class_type=1, gender=0, skin_color=0, face=0, hair_style=0,
                     hair_color=0, facial_hair=0),
]  # fmt: skip


def test_screen_and_world_at_once(hasty):
    """
    What was meant for the character screen comes too late when the world has been entered meanwhile.

    The session stays where its character is: when it hangs up, the character leaves.
    """
    house, eve = hasty
    guid = eve.guids[0]
    for count, packet in enumerate(LATE, 1):
        house.over()
        eve = Attacker(house, "EVE")
        eve.prove()
        house.ticks(4)
        eve.send(CMSG_PLAYER_LOGIN(guid=guid), packet)
        house.seconds(2)
        assert eve.got(SMSG_LOGIN_VERIFY_WORLD), packet
        assert (eve.session.phase, eve.session.guid) == (Phase.WORLD, guid), packet
        assert house.gateway.counts["packets_late"] == count, packet
    house.over()
    house.seconds(70)
    assert not house.gateway.present


def test_hang_up_at_every_moment(hasty):
    """However far a login has come when its line breaks, nobody is left in the world, or marked as there."""
    house, _ = hasty
    house.over()
    for ticks in range(14):
        eve = Attacker(house, "EVE", (WRATH, VANILLA)[ticks % 2])
        eve.prove()
        house.ticks(4)
        eve.send(CMSG_PLAYER_LOGIN(guid=1))
        house.ticks(ticks)
        eve.hang_up()
        house.clients.remove(eve)
        if ticks % 3 == 0:
            house.seconds(66)
            assert not house.gateway.present
    house.seconds(66)
    assert not house.gateway.present
    assert not house.gateway.sessions


def test_two_at_once(hasty):
    """Ten connections fight for one character: one has it in the end, and it is there once."""
    house, eve = hasty
    clients = [eve]
    for n in range(10):
        client = Attacker(house, "EVE")
        client.prove()
        house.ticks(n % 4)
        if not client.gone:
            client.send(CMSG_PLAYER_LOGIN(guid=1))
        clients.append(client)
        house.ticks(n % 3)
    house.seconds(3)
    assert [client for client in clients if not client.gone] == [clients[-1]]
    players = [p for zone in house.world.world.zones.values() for p in zone.players.values()]
    assert len(players) <= 1
    house.seconds(70)
    assert len(house.gateway.sessions) == 1


def test_deleted_while_it_enters(hasty):
    """A character that is deleted as it comes in is not there afterwards, and not in the database either."""
    house, eve = hasty
    other = Attacker(house, "EVE")
    house.over()
    eve = Attacker(house, "EVE")
    eve.prove()
    house.ticks(4)
    assert other.gone
    eve.send(CMSG_CHAR_DELETE(guid=1), CMSG_PLAYER_LOGIN(guid=1), CMSG_PLAYER_LOGIN(guid=2))
    house.seconds(4)
    assert eve.session.guid == 2
    assert house.gateway.present.keys() == {2}


def test_hurry_with_everything(hasty):
    """All requests at once are answered in turn, or the connection is cut: nothing is done twice."""
    house, eve = hasty
    eve.send(*[CMSG_TUTORIAL_FLAG(tutorial_flag=n) for n in range(10)], CMSG_CHAR_DELETE(guid=1),
             CMSG_CHAR_DELETE(guid=1), CMSG_CHAR_ENUM(), CMSG_CHAR_ENUM())  # fmt: skip
    house.seconds(8)
    assert not eve.gone
    assert house.gateway.counts["characters_deleted"] == 1
    assert list({it.name for it in eve.last(SMSG_CHAR_ENUM).characters}) == ["Mia"]


def test_in_and_out(castle):
    """Asking to leave and to stay, as fast as it goes, costs no memory that stays."""
    eve = castle.attacker("EVE")
    zone = next(zone for zone in castle.world.world.zones.values() if eve.session.number in zone.players)
    before = len(zone.timers.heap)
    for _ in range(200):
        eve.send(CMSG_LOGOUT_REQUEST(), CMSG_LOGOUT_CANCEL())
        castle.ticks(1)
    castle.seconds(21)
    assert len(zone.timers.heap) < before + 20
    eve.send(MSG_MOVE_HEARTBEAT(guid=eve.guid, flags=0, flags2=0, timestamp=1, x=0.0, y=0.0, z=0.0,
                                orientation=0.0, fall_time=0))  # fmt: skip
    castle.over()
    castle.seconds(65)
    assert castle.row(CharactersRow, guid=eve.guid)["online"] == 0
    castle.judge()
