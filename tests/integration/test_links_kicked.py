"""What a link lives through when the TCP connection beside it ends, and who counts as a player then."""

from contextlib import suppress

from twisted.logger import capturedLogs, formatEvent

from bluemarble.wire.datagram import notices
from bluemarble.wire.errors import TooMuch
from opcodes.datagram import CLOSE_KICKED
from opcodes.session import AUTH_OK, AUTH_WAIT_QUEUE
from tests.integration.quay import LINGER_S


def test_cut_for_what_it_sent(quay):
    """Who breaks the protocol on TCP does not play on over UDP."""
    ada = quay.sailor("ADA")
    ada.tcp.say(0x1DC, b"")  # a ping without its body
    quay.ticks(3)
    assert ada.tcp.gone and quay.gateway.counts["cut: Malformed"] == 1
    assert ada.of(notices.Closed) == [notices.Closed(CLOSE_KICKED, theirs=True)]
    assert ada.player.linger_ms
    quay.seconds(LINGER_S + 1)
    assert not quay.zone.players
    assert not quay.world.udp.links.by_cid


def test_cut_for_other_things(quay):
    """Loss, silence and mistakes of ours leave the link; it counts until it goes."""
    ada = quay.sailor("ADA")
    ada.tcp.session.cut("silent")
    quay.ticks(20)
    assert ada.player.field is not None and not ada.of(notices.Closed)
    assert len(quay.gateway.alone()) == 1
    ada.link.close(0, quay.now_us)
    quay.ticks(5)
    assert not quay.gateway.alone()


def test_a_full_realm(quays):
    """A player on a link alone takes a place, once, and gives it back."""
    quay = quays(world={"player_limit": 1}, rules={"linger_ms": LINGER_S * 1000})
    ada = quay.sailor("ADA")
    ada.tcp.hang_up()
    quay.ticks(2)
    bob = quay.client("BOB")
    assert bob.result == AUTH_WAIT_QUEUE
    quay.world._tell_population()
    assert quay.world._population == 4.0  # twice two, who waits included, of one
    ada.link.close(0, quay.now_us)
    quay.seconds(2)
    assert bob.result == AUTH_OK


def test_back_on_tcp(quays):
    """Whose link lives is not in its own way when it connects again."""
    quay = quays(world={"player_limit": 1})
    ada = quay.sailor("ADA")
    ada.tcp.hang_up()
    quay.ticks(2)
    assert quay.client("ADA").result == AUTH_OK
    assert not quay.gateway.alone()


def test_sending_too_much(quay):
    """Who is kicked from UDP is named, a few times a minute, and the character lingers."""
    ada, bob = quay.sailor("ADA"), quay.sailor("BOB")
    with capturedLogs() as lines:
        for _ in range(40):
            for _ in range(100):
                with suppress(TooMuch):
                    ada.link.send_event(5, b"")
            quay.ticks(1)
    assert ada.of(notices.Closed) == [notices.Closed(CLOSE_KICKED, theirs=True)]
    told = [line for line in map(formatEvent, lines) if "kicked" in line]
    assert told == [f"{ada.tcp.session.line.host} ADA: kicked from UDP, for sending too much"]
    assert not bob.of(notices.Closed) and not ada.tcp.gone
