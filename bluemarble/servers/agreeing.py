"""How a session gets a datagram link: request, offer, accept, as docs/bmu1.md section 1 has them."""

from typing import TYPE_CHECKING, NamedTuple

from bluemarble.settings import Udp as Settings
from bluemarble.wire.codec import codec
from bluemarble.wire.datagram import keys
from bluemarble.wire.errors import Malformed
from opcodes.datagram import (
    AEAD_AES_128_GCM,
    AEAD_CHACHA20_POLY1305,
    AEADS_AES_128_GCM,
    AEADS_CHACHA20_POLY1305,
    CMSG_UDP_ACCEPT,
    CMSG_UDP_REQUEST,
    CMSG_UDP_TUNNEL,
    ENCODER_DELTAS,
    ENCODER_WORDS,
    ENCODERS_DELTAS,
    ENCODERS_WORDS,
    MTU_LEAST,
    PROTO,
    REFUSED_ASKED_ALREADY,
    REFUSED_NO_ROOM,
    REFUSED_NOT_IN_WORLD,
    REFUSED_NOTHING_IN_COMMON,
    REFUSED_OFF,
    REFUSED_WORDS,
    SMSG_UDP_OFFER,
    SMSG_UDP_REFUSED,
    SMSG_UDP_TUNNEL,
)

if TYPE_CHECKING:
    from bluemarble.servers.gateway import Gateway
    from bluemarble.servers.session import Session

# Who asks again sooner is refused: agreeing costs us more than the client, and a link's end a burst over TCP.
AGAIN_S, AGAIN_MOST_S = 1.0, 30.0  # twice as long after each time
CALM_S = 60.0  # after so long without, it is as the first time
AEADS = ((AEADS_AES_128_GCM, AEAD_AES_128_GCM), (AEADS_CHACHA20_POLY1305, AEAD_CHACHA20_POLY1305))


class Asked(NamedTuple):
    """When a session last asked for a link, by the gateway's clock, and how long it is to wait then."""

    at_s: float
    wait_s: float


def asks(before: Asked | None, now_s: float) -> Asked | None:
    """A session asks; None: too soon."""
    if before is None or now_s - before.at_s >= CALM_S:
        return Asked(now_s, AGAIN_S)
    if now_s - before.at_s < before.wait_s:
        return None
    return Asked(now_s, min(2 * before.wait_s, AGAIN_MOST_S))


class Offered(NamedTuple):
    """
    What was offered to a session and not yet accepted.

    @ivar said: the bodies of request and offer.
    """

    offer: SMSG_UDP_OFFER
    private: bytes
    said: tuple[bytes, bytes]


def request(session: "Session", packet: CMSG_UDP_REQUEST) -> None:
    """The client would like a link: offer one, or say why not.  What it had before is over."""
    if reason := _refusal(session, packet):
        refuse(session, reason)
    session.flush()


def refuse(session: "Session", reason: int) -> None:
    """There will be no link."""
    session.gateway.counts[f"udp refused: {REFUSED_WORDS[reason]}"] += 1
    session.send(SMSG_UDP_REFUSED(reason=reason))
    session.flush()


def _refusal(session: "Session", packet: CMSG_UDP_REQUEST) -> int:
    """A REFUSED_ reason; 0 when an offer was made."""
    gateway = session.gateway
    udp, now_s = gateway.udp, gateway.clock.seconds()
    if udp is None:
        return REFUSED_OFF
    aead = next((aead for bit, aead in AEADS if packet.aeads & bit), None)
    spoken = packet.proto == PROTO and packet.encoders & ENCODERS_WORDS and packet.mtu >= MTU_LEAST
    if aead is None or not spoken:
        return REFUSED_NOTHING_IN_COMMON
    if not session.guid:
        return REFUSED_NOT_IN_WORLD
    asked = asks(udp.asked.get(session.number), now_s)
    if asked is None:
        return REFUSED_ASKED_ALREADY
    udp.asked[session.number] = asked
    udp.withdraw(session.number)
    try:
        cid = udp.links.hold()
    except OverflowError:
        return REFUSED_NO_ROOM  # and what it has it keeps
    udp.replace(session.number)
    private = gateway.random(32)
    settings: Settings = udp.settings
    deltas = settings.deltas and packet.encoders & ENCODERS_DELTAS
    offer = SMSG_UDP_OFFER(
        proto=PROTO,
        aead=aead,
        encoder=ENCODER_DELTAS if deltas else ENCODER_WORDS,
        mtu=min(packet.mtu, settings.mtu_bytes),
        port=udp.port,
        cid=cid,
        realm_id=gateway.config.world.realm_id,
        account_id=session.proven().id,
        keepalive_ms=settings.keepalive_ms,
        server_random=gateway.random(32),
        server_public=keys.public_key(private),
    )
    said = codec(CMSG_UDP_REQUEST).encode(packet), codec(SMSG_UDP_OFFER).encode(offer)
    udp.offered[session.number] = Offered(offer, private, said)
    session.send(offer)
    return 0


def accept(session: "Session", packet: CMSG_UDP_ACCEPT) -> None:
    """
    Both have the keys: the link may be attached to.

    @raise Malformed: the client's key is none.
    """
    gateway = session.gateway
    udp = gateway.udp
    key = session.proven().session_key
    if udp is None or key is None or (made := udp.offered.pop(session.number, None)) is None:
        gateway.counts["udp_accepts_unasked"] += 1
        return
    offer = made.offer
    try:
        shared = keys.shared_secret(made.private, packet.client_public)
    except Malformed:
        udp.links.release(offer.cid)
        raise
    prk = keys.root(keys.salt(*made.said, codec(CMSG_UDP_ACCEPT).encode(packet)), key, shared)
    try:
        udp.install(session.number, prk, cid=offer.cid, aead=offer.aead, encoder=offer.encoder, mtu=offer.mtu)
    except BufferError:
        refuse(session, REFUSED_NO_ROOM)


def tunnel(session: "Session", packet: CMSG_UDP_TUNNEL) -> None:
    """A datagram by TCP, where UDP does not get through."""
    if session.gateway.udp is not None:
        session.gateway.udp.tunneled(session.number, packet.datagram)


def tunnel_out(gateway: "Gateway", number: int, datagram: bytes) -> None:
    """And one for a session's client; lost, as datagrams are, when its connection does not take any more."""
    session = gateway.sessions.get(number)
    if session is not None and not session.line.full:
        session.send(SMSG_UDP_TUNNEL(datagram=datagram))
        session.flush()


def kicked(gateway: "Gateway", number: int) -> None:
    """A session's link has ended because its client sent too much: the operator is told who it is."""
    session = gateway.sessions.get(number)
    account = next((account for it, account in gateway.present.values() if it == number), 0)
    if gateway.sparing.allows("kicked from UDP"):
        gateway.log.info(
            "{host} {who}: kicked from UDP, for sending too much",
            host=session.line.host if session else "?",
            who=session.account.username if session and session.account else f"account {account}",
        )
