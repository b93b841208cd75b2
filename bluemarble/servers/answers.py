"""What the gateway answers at once, in any phase: pings, clocks, and what every client asks in passing."""

from typing import TYPE_CHECKING

from opcodes import session as wire
from opcodes.cluster import NMSG_CLOCK
from opcodes.vocab import Packet, Phase

if TYPE_CHECKING:
    from bluemarble.servers.session import Session

LATENCY_LIMIT_MS = 60_000


def pong(session: "Session", packet: wire.CMSG_PING) -> None:
    """Answer a ping at once."""
    session.send(wire.SMSG_PONG(sequence_id=packet.sequence_id))
    session.flush()


def clock_told(session: "Session", packet: wire.CMSG_TIME_SYNC_RESP) -> None:
    """The client's clock: how late it is, and how far from ours."""
    gateway = session.gateway
    sent_ms = session.asked_ms.pop(packet.time_sync, None) if session.asked_ms else None
    if sent_ms is None or session.phase is not Phase.WORLD:
        return
    now_ms = gateway.now_ms()
    trip_ms = min(max(now_ms - sent_ms, 0), LATENCY_LIMIT_MS)
    gateway.post(
        session, NMSG_CLOCK(latency_ms=trip_ms, offset_ms=now_ms - trip_ms // 2 - packet.client_ticks)
    )


def realm_split(session: "Session", packet: wire.CMSG_REALM_SPLIT) -> None:
    """No realm is being split."""
    session.send(
        wire.SMSG_REALM_SPLIT(realm_id=packet.realm_id, state=wire.REALM_SPLIT_NORMAL, split_date="01/01/01")
    )
    session.flush()


def nothing(session: "Session", packet: Packet) -> None:
    """Welcome, but there is no answer to it."""
