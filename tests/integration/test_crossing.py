"""
A client on TCP and one on UDP are in one world, and each knows where the other is.

The TCP clients are raw ones that decode every packet, the UDP clients are `bluemarble.wire.datagram` and
`bluemarble.wire.view`: what docs/bmu1.md says, in Python.  Between them runs the whole server.
"""

import errno
import math

import pytest
from twisted.logger import formatEvent, globalLogPublisher

from bluemarble.native.pump import Network
from bluemarble.sim.strain import LEVELS
from bluemarble.tools.replay import replay
from bluemarble.wire.datagram import notices
from bluemarble.wire.snapshot import PLAYER, Look
from opcodes.datagram import (
    CLOSE_REPLACED,
    CLOSE_SHUTTING_DOWN,
    CMSG_UDP_ACCEPT,
    REFUSED_ASKED_ALREADY,
    REFUSED_NO_ROOM,
    REFUSED_NOT_IN_WORLD,
    REFUSED_NOTHING_IN_COMMON,
    REFUSED_OFF,
    SMSG_UDP_OFFER,
    SMSG_UDP_REFUSED,
)
from opcodes.movement import FORWARD, MSG_MOVE_HEARTBEAT, MSG_MOVE_START_FORWARD, MSG_MOVE_STOP, Movement
from opcodes.objects import SMSG_DESTROY_OBJECT, SMSG_UPDATE_OBJECT
from opcodes.orders import MSG_MOVE_WORLDPORT_ACK, SMSG_NEW_WORLD
from tests.integration.quay import Quay, Sailor

LINGER_S = 3
NEAR = 1 / 32  # yards: how fine a near word is


@pytest.fixture
def quays(tmp_path, template):
    """Makes servers with UDP, and stops them in the end."""
    made = []

    def make(**settings):
        made.append(Quay(tmp_path, None if made else template, **settings))
        return made[-1]

    yield make
    for quay in made:
        quay.stop()
        quay.put_away()


@pytest.fixture
def quay(quays):
    return quays(rules={"linger_ms": LINGER_S * 1000})


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


@pytest.mark.parametrize("aeads", [1, 2])
def test_each_knows_where_the_other_is(quay, aeads):
    """Both directions, with either cipher: come into sight, walk, stand, go."""
    bob = quay.player("BOB")
    ada = quay.sailor("ADA", aeads=aeads)
    quay.ticks(10)
    assert ada.player.field is not None
    seen = ada.sees(bob.guid)
    assert (seen.kind, Look.read(seen.look).name) == (PLAYER, "Bob")
    assert ada.life_of(bob.guid).health > 0
    assert ada.tcp.guid in known(bob)

    x, y, z = ada.at
    bob.heard = [p for p in bob.heard if not isinstance(p, Movement)]
    ada.go(x + 6.0, y + 2.0)
    first, *_, last = [p for p in bob.heard if isinstance(p, Movement) and p.guid == ada.tcp.guid]
    assert isinstance(first, MSG_MOVE_START_FORWARD) and isinstance(last, MSG_MOVE_STOP)
    assert math.dist(told(bob, ada.tcp.guid), (x + 6.0, y + 2.0, z)) < NEAR
    assert math.dist(ada.player.place()[:3], told(bob, ada.tcp.guid)) < NEAR

    theirs = quay.world.world.zones[0].objects[bob.guid]
    for step in range(1, 11):
        walk(bob, theirs, theirs.x + 0.35, theirs.y)
        quay.ticks()
        if step == 5:
            assert math.dist(ada.place_of(bob.guid), theirs.place()[:3]) < 2.0
    quay.ticks(6)
    assert math.dist(ada.place_of(bob.guid), theirs.place()[:3]) < 2 * NEAR

    bob.hang_up()
    quay.seconds(LINGER_S + 1)
    assert ada.sees(bob.guid) is None


def test_two_on_udp(quay):
    """They see each other, and creatures walk before their eyes."""
    ada, bob = quay.sailor("ADA"), quay.sailor("BOB")
    quay.ticks(10)
    x, y, _ = ada.at
    ada.go(x + 4.0, y)
    assert math.dist(bob.place_of(ada.tcp.guid), ada.player.place()[:3]) < 2 * NEAR
    before = {s.guid: s.place for s in ada.view.seen.values() if s.kind == 2}
    quay.seconds(15)
    moved = [s for s in ada.view.seen.values() if s.guid in before and s.place != before[s.guid]]
    assert moved
    for seen in moved:
        mover = quay.zone.steering.field.read(quay.zone.objects[seen.guid].slot)
        at = seen.place.x / 64, seen.place.y / 64
        assert math.dist(at, (mover.x, mover.y)) < 4.0  # far ones are told once a second


def test_correction(quay):
    """A leap is refused, and its client set back; what it says next is taken again."""
    ada = quay.sailor("ADA")
    quay.ticks(5)
    x, y, z = ada.at
    ada.at = (x + 500.0, y, z)
    quay.until(lambda: ada.view.oneself.epoch)
    quay.ticks(6)
    assert math.dist(ada.at, (x, y, z)) < NEAR
    ada.go(x + 3.0, y)
    assert math.dist(ada.player.place()[:3], (x + 3.0, y, z)) < NEAR
    assert quay.gateway.counts["move_too_fast"] >= 1


def test_teleports(quay):
    """Near: a new epoch leads there.  Far: the link ends with the map, and another one begins on the next."""
    ada = quay.sailor("ADA", level=3)
    ada.tcp.say_to_all = None
    chat(ada.tcp, ".tele pondside")
    quay.until(lambda: ada.view.oneself.epoch)
    quay.ticks(5)
    assert math.dist(ada.at, ada.player.place()[:3]) < NEAR
    assert ada.player.field is not None
    ada.tcp.forget()
    chat(ada.tcp, ".tele drywell")
    quay.until(lambda: ada.of(notices.Closed))
    assert ada.of(notices.Closed) == [notices.Closed(CLOSE_REPLACED, theirs=True)]
    assert ada.tcp.got(SMSG_NEW_WORLD)
    ada.tcp.send(MSG_MOVE_WORLDPORT_ACK())
    quay.seconds(2)
    ada.embark()
    quay.until(lambda: ada.view.oneself is not None)
    zone = quay.world.world.zones[1]
    assert math.dist(ada.at, zone.objects[ada.tcp.guid].place()[:3]) < NEAR
    assert 0 not in quay.world.udp.telling and 1 in quay.world.udp.telling


def chat(client, line):
    """A line said aloud."""
    from opcodes.chat import CHAT_MSG_SAY, CMSG_MESSAGECHAT

    client.send(CMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=7, message=line))


def test_the_link_is_lost(quay):
    """Silence ends it: TCP tells again what is around, and moves the player; a new link is given."""
    bob = quay.player("BOB")
    ada = quay.sailor("ADA")
    quay.ticks(10)
    assert bob.guid not in known(ada.tcp)
    ada.tcp.forget()
    ada.link = None  # its cable is pulled
    quay.seconds(16)
    assert ada.player.field is None and ada.player.looking
    assert bob.guid in known(ada.tcp)
    walk(ada.tcp, ada.player, ada.player.x + 1.0, ada.player.y)
    x = ada.player.x
    quay.ticks(2)
    assert ada.player.x == pytest.approx(x + 1.0, abs=0.001)
    ada.embark()
    quay.until(lambda: ada.view.oneself is not None)
    quay.ticks(5)
    assert ada.sees(bob.guid) is not None


def test_the_line_is_lost(quay):
    """The TCP connection goes: who has a link plays on; when that ends, too, the character lingers."""
    bob, ada = quay.player("BOB"), quay.sailor("ADA")
    guid = ada.tcp.guid
    ada.tcp.hang_up()
    x, y, z = ada.at
    quay.seconds(2 * LINGER_S)
    bob.heard = []
    ada.go(x + 2.0, y)
    assert math.dist(told(bob, guid), (x + 2.0, y, z)) < NEAR
    ada.link.close(0, quay.now_us)
    quay.ticks(10)
    assert guid in quay.gateway.present
    quay.seconds(LINGER_S + 1)
    assert guid not in quay.gateway.present
    assert quay.row(_characters(), guid=guid)["position_x"] == pytest.approx(x + 2.0, abs=NEAR)


def _characters():
    from bluemarble.rows.characters import CharactersRow

    return CharactersRow


def test_tunnel(quay):
    """Where UDP is blocked the same goes through TCP, also after it went by UDP at first."""
    bob = quay.player("BOB")
    ada = Sailor(quay.player("ADA"))
    ada.embark(tunneled=True)
    quay.until(lambda: ada.view.oneself is not None)
    quay.ticks(10)
    assert quay.pump.counters()["received"] == 0
    assert ada.sees(bob.guid) is not None
    x, y, z = ada.at
    ada.go(x + 3.0, y)
    assert math.dist(told(bob, ada.tcp.guid), (x + 3.0, y, z)) < NEAR
    ada.tcp.hang_up()  # which was its way, too
    quay.ticks(3)
    assert not quay.zone.players[ada.player.session].cid
    cid = quay.sailor("CID")
    cid.link.tunnel(quay.now_us)
    quay.ticks(10)
    x, y, z = cid.at
    before = quay.pump.counters()["received"]
    cid.go(x + 3.0, y)
    assert math.dist(told(bob, cid.tcp.guid), (x + 3.0, y, z)) < NEAR
    assert quay.pump.counters()["received"] == before


def test_take_over(quay):
    """The account logs in again while the old client is on its link: that is closed, nothing else is lost."""
    ada = quay.sailor("ADA")
    x, y, z = ada.at
    ada.go(x + 3.0, y)
    again = quay.player("ADA")
    quay.ticks(6)
    assert ada.tcp.gone
    assert ada.of(notices.Closed) == [notices.Closed(CLOSE_REPLACED, theirs=True)]
    assert again.guid == ada.tcp.guid
    player = quay.zone.objects[again.guid]
    assert player.field is None and player.looking
    assert math.dist(player.place()[:3], (x + 3.0, y, z)) < NEAR


def test_refusals(quays, tmp_path):
    """What there is no link for."""
    quay = quays(udp={"link_limit": 1})
    waiting = quay.client("EVE")
    early = Sailor(waiting)
    assert early.ask().reason == REFUSED_NOT_IN_WORLD
    ada, bob = Sailor(quay.player("ADA")), Sailor(quay.player("BOB"))
    for other in ({"proto": 2}, {"aeads": 0}, {"aeads": 4}, {"encoders": 2}, {"mtu": 1199}):
        assert ada.ask(**other).reason == REFUSED_NOTHING_IN_COMMON
    first = ada.ask()
    assert isinstance(first, SMSG_UDP_OFFER) and first.mtu == 1452
    assert ada.ask().reason == REFUSED_ASKED_ALREADY
    assert bob.ask().reason == REFUSED_NO_ROOM
    quay.seconds(1)
    second = ada.ask(mtu=1200, aeads=2)
    assert (second.aead, second.mtu) == (1, 1200) and second.cid != first.cid
    assert second.server_random != first.server_random
    quay.ticks()
    ada.tcp.hang_up()
    quay.ticks()
    assert isinstance(bob.ask(), SMSG_UDP_OFFER)
    bob.tcp.send(CMSG_UDP_ACCEPT(client_random=bytes(32), client_public=bytes(32)))
    quay.ticks()
    assert bob.tcp.gone  # a key that is none
    quay.stop()
    off = quays(udp={"on": False})
    assert Sailor(off.player("CID")).ask().reason == REFUSED_OFF
    assert isinstance(Sailor(off.player("DAN")).ask(), SMSG_UDP_REFUSED)


def test_nobody_answers_strangers(quay):
    """Forged datagrams, for links that are and for others, bring nothing and change nothing."""
    ada = quay.sailor("ADA")
    quay.ticks(20)
    before = quay.pump.counters()
    stranger = Sailor(quay.player("EVE")).socket
    for first in range(256):
        stranger.sendto(bytes([first]) + bytes(40), ada.link.server)
    datagrams = ada.link.datagrams_to_send(quay.now_us + 3_000_000) or [(bytes(60), None)]
    forged = bytearray(datagrams[0][0])
    for at in range(len(forged)):
        forged[at] ^= 0x55
        stranger.sendto(forged, ada.link.server)
        forged[at] ^= 0x55
    quay.ticks(2)
    after = quay.pump.counters()
    assert after["received"] - before["received"] >= 256
    with pytest.raises(BlockingIOError):
        stranger.recv(2048)
    assert ada.player.field is not None


def test_bad_network(quays):
    """A tenth lost, a fifth out of order, some twice, 80 ms late: both still agree, a little later."""
    quay = quays(network=Network(7, loss=0.1, duplicate=0.1, reorder=0.2, delay_us=40_000, jitter_us=20_000))
    bob, ada = quay.player("BOB"), quay.sailor("ADA")
    quay.ticks(40)
    x, y, z = ada.at
    ada.go(x + 5.0, y + 5.0)
    quay.ticks(40)
    assert math.dist(told(bob, ada.tcp.guid), (x + 5.0, y + 5.0, z)) < NEAR
    theirs = quay.zone.objects[bob.guid]
    for _ in range(20):
        walk(bob, theirs, theirs.x + 0.35, theirs.y)
        quay.ticks()
    quay.ticks(40)
    assert math.dist(ada.place_of(bob.guid), theirs.place()[:3]) < 2 * NEAR


def test_shutting_down(quay):
    """The server stops: links hear why, and everyone is saved where they are."""
    ada = quay.sailor("ADA")
    x, y, _ = ada.at
    ada.go(x + 3.0, y)
    quay.stop()
    ada.hear()
    assert ada.of(notices.Closed) == [notices.Closed(CLOSE_SHUTTING_DOWN, theirs=True)]


def test_a_thread_dies(quays):
    """The world saves everybody and says why; nothing hangs."""
    quay = quays()
    ada = quay.sailor("ADA")
    x, y, _ = ada.at
    ada.go(x + 3.0, y)
    told = []
    quay.world.failed.addErrback(lambda failure: told.append(failure.getErrorMessage()))
    quay.pump.fault(0, False, errno.EBADF, times=1000)
    ada.link = None
    for _ in range(40):
        quay.clock.advance(0.05)
        if told:
            break
    assert told and "UDP" in told[0]
    quay.stop()
    row = quay.row(_characters(), guid=ada.tcp.guid)
    assert row["position_x"] == pytest.approx(x + 3.0, abs=NEAR)


@pytest.fixture
def lines():
    """What is logged."""
    heard = []
    globalLogPublisher.addObserver(heard.append)
    yield heard
    globalLogPublisher.removeObserver(heard.append)


def test_overload(quay, lines):
    """Strained far enough, ticks take longer outside and nothing else inside; who walks is not set back."""
    ada = quay.sailor("ADA")
    quay.ticks(5)
    quay.world.udp.overload.level = LEVELS
    quay.ticks(2)
    world = quay.world.world
    assert world.strain == LEVELS
    before, epoch = world.tick, ada.view.oneself.epoch
    for _ in range(40):
        ada.at = (ada.at[0] + 0.4, *ada.at[1:])  # 8 yards a second: within what is allowed
        ada.flags = FORWARD
        quay.ticks()
    assert world.tick - before == 20
    assert ada.view.oneself.epoch == epoch
    assert quay.gateway.counts["move_too_fast"] == 0
    quay.world._tell_ticks()
    [line] = [formatEvent(it) for it in lines if "log_format" in it and it["log_format"].startswith("UDP: ")]
    assert line.startswith("UDP: 1 links, ") and line.endswith(f"; strain {LEVELS}")
    assert quay.world.udp.counters()["attached"] == 1


def test_its_journal(quays, tmp_path):
    """What reached a server over UDP and TCP replays to the same state, with one thread and with two."""
    quay = quays(journal={"path": "journals"}, udp={"world_threads": 2})
    bob, ada = quay.player("BOB"), quay.sailor("ADA")
    x, y, _ = ada.at
    ada.go(x + 3.0, y)
    ada.at = (x + 300.0, *ada.at[1:])
    quay.ticks(20)
    bob.hang_up()
    cid = quay.sailor("CID")
    ada.link.close(0, quay.now_us)
    quay.seconds(2)
    cid.go(cid.at[0], cid.at[1] + 2.0)
    quay.world.udp.overload.level = 5
    quay.ticks(10)
    content = quay.world.world.content
    quay.stop()
    [file] = (tmp_path / "journals").iterdir()
    results = []
    for threads in 1, 2:
        with file.open("rb") as source:
            results.append(replay(source, content, threads))
    assert results[0] == results[1]
    assert (results[0].compared, results[0].faults) == (1, 0)
