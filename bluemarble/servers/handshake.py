"""How a connection becomes an account's session: CMSG_AUTH_SESSION, and the queue before a full realm."""

from typing import TYPE_CHECKING

from bluemarble.db import accounts, addresses
from bluemarble.db.errors import Unavailable
from bluemarble.servers.accountdata import unpack
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import PeerError
from bluemarble.wire.legacy import session_proven
from bluemarble.wire.srp6 import KEY_WIDTH
from opcodes.session import (
    AUTH_BANNED,
    AUTH_FAILED,
    AUTH_OK,
    AUTH_REJECT,
    AUTH_SYSTEM_ERROR,
    AUTH_VERSION_MISMATCH,
    AUTH_WAIT_QUEUE,
    CMSG_AUTH_SESSION,
    SMSG_ADDON_INFO,
    SMSG_AUTH_RESPONSE,
    SMSG_CLIENTCACHE_VERSION,
    Addon,
    AddonBlock,
)
from opcodes.vocab import Phase

if TYPE_CHECKING:
    from bluemarble.servers.gateway import Gateway
    from bluemarble.servers.session import Session

EXPANSION_LIMIT = {12340: 2, 5875: 0}
CACHE_VERSION = 0
ADDON_KNOWN = 2
ADDON_SIZE_BYTES = 4


def begin(session: "Session", packet: CMSG_AUTH_SESSION) -> None:
    """The client's proof: nothing more is read until it has been checked, for what follows is enciphered."""
    session.pause()
    session.ask(authenticate, packet)


async def authenticate(session: "Session", packet: CMSG_AUTH_SESSION) -> None:
    """Check the proof against the account, read with one statement."""
    gateway = session.gateway
    now_s, realm = int(gateway.wall_s()), gateway.config.world.realm_id
    try:
        found = await gateway.databases.auth.read(
            lambda conn: accounts.challenge_account(conn, packet.username, session.line.host, now_s, realm)
        )
    except Unavailable:
        gateway.counts["database_away"] += 1
        refuse(session, AUTH_SYSTEM_ERROR)
        return
    if session.closed:
        return
    code = verdict(session, packet, found)
    account = found.account
    if code != AUTH_FAILED and account is not None and account.session_key:
        session.wire.enable_encryption(account.session_key)  # its client reads nothing else from here on
    if code != AUTH_OK or account is None:
        refuse(session, code)
        return
    session.addons = answers(packet.addon_info)
    session.wire.phase = Phase.AUTHED
    session.active_s = gateway.clock.seconds()
    gateway.prove(session, account)
    others = players(gateway) - 1
    limit = gateway.config.world.player_limit
    if limit and others >= limit and not account.gmlevel:
        session.queued = True
        gateway.queue[session.number] = session
        tell_place(session, len(gateway.queue))
    else:
        welcome(session)
    session.flush()
    session.resume()


def verdict(session: "Session", packet: CMSG_AUTH_SESSION, found: accounts.Challenge) -> int:
    """
    An AUTH_ code: who may not come in learns why only once the proof is right.

    An account that does not exist, or has no key, looks like a wrong proof: AUTH_FAILED, in clear.
    """
    account = found.account
    key = account.session_key if account is not None else None
    proven = session_proven(
        packet.client_proof, packet.username, packet.client_seed, session.seed, key or bytes(KEY_WIDTH)
    )
    if account is None or not key or len(key) != KEY_WIDTH or not proven:
        return AUTH_FAILED
    if packet.client_build != session.wire.version.build:
        return AUTH_VERSION_MISMATCH
    if found.ip_banned or account.banned:
        return AUTH_BANNED
    if account.locked and addresses.address(account.last_ip) != session.line.host:
        return AUTH_REJECT
    return AUTH_OK


def refuse(session: "Session", code: int) -> None:
    """Say why not, and hang up."""
    session.gateway.counts[f"handshake_refused_{code:#04x}"] += 1
    session.send(SMSG_AUTH_RESPONSE(result=code))
    session.close()


def welcome(session: "Session") -> None:
    """The account is in: what every client expects first."""
    account, gateway = session.proven(), session.gateway
    session.queued = False
    gateway.counts["handshakes"] += 1
    expansion = min(account.expansion, EXPANSION_LIMIT[session.wire.version.build])
    session.send(
        SMSG_AUTH_RESPONSE(
            result=AUTH_OK, billing_time=0, billing_flags=0, billing_rested=0, expansion=expansion
        )
    )
    session.send(SMSG_ADDON_INFO(addons=session.addons, number_of_banned_addons=0))
    session.addons = []
    session.send(SMSG_CLIENTCACHE_VERSION(version=CACHE_VERSION))


def answers(block: bytes) -> list[Addon]:
    """One for each addon the client names; none for a block that cannot be read, as some clients send."""
    try:
        data = unpack(block[ADDON_SIZE_BYTES:], int.from_bytes(block[:ADDON_SIZE_BYTES], "little"))
        named = codec(AddonBlock).decode(data)
    except PeerError:
        return []
    known = Addon(addon_type=ADDON_KNOWN, uses_crc=1, uses_diffent_public_key=0, unknown1=0, unknown2=0)
    return [known] * len(named.addons)


def tell_place(session: "Session", place: int) -> None:
    """Where in the queue the client is."""
    session.send(
        SMSG_AUTH_RESPONSE(result=AUTH_WAIT_QUEUE, queue_position=place, realm_has_free_character_migration=0)
    )


def players(gateway: "Gateway") -> int:
    """The accounts that count towards the limit."""
    return len(gateway.accounts) + len(gateway.alone()) - len(gateway.queue)


def let_in(gateway: "Gateway") -> None:
    """A place may have become free: the first of the queue come in, the others move up."""
    queue, limit = gateway.queue, gateway.config.world.player_limit
    if not queue or gateway.closing:
        return
    while queue and players(gateway) < limit:
        session = queue.pop(next(iter(queue)))
        welcome(session)
        session.flush()
    for place, session in enumerate(list(queue.values()), 1):
        tell_place(session, place)
        session.flush()
