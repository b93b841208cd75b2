"""
The whole server with players on UDP who keep their TCP sessions, and others on TCP alone, all on one map.

1 000 log in, agree on a link and play over it, driven by the crowd in C; 100 more walk on TCP among them.
Everything is as players have it: SRP6, X25519, the gateway, the databases.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from bench import figures
from bench.bots import Bot
from bench.crowd.child import Child
from bench.crowd.clients import Invitation, write
from bench.crowd.layouts import Place, places
from bench.crowd.statistics import by_class
from bench.fleet import Fleet, heartbeats, letters
from bench.server import Server
from bluemarble.wire.codec import codec
from bluemarble.wire.datagram import keys
from opcodes.datagram import (
    AEADS_AES_128_GCM,
    CMSG_UDP_ACCEPT,
    CMSG_UDP_REQUEST,
    ENCODERS_WORDS,
    MTU_MOST,
    PROTO,
    SMSG_UDP_OFFER,
)

PASSWORD = "BENCH"
ON_UDP, ON_TCP, SIDE_BY_SIDE = 1000, 100, 40
PLAYERS = ON_UDP + ON_TCP
STEPS_PER_SECOND, SECONDS, SETTLE_S = 5.0, 30.0, 10
PER_SECOND = 1000  # of the crowd's clients that attach
FIRST_GUID = 1  # of the first character that was ever made


async def measure(reactor: Any) -> None:
    """Makes the characters, then lets everyone in."""
    with tempfile.TemporaryDirectory(prefix="bm-mixed-") as folder:
        server = Server(Path(folder))
        server.init()
        server.accounts((f"MIXED{i}" for i in range(PLAYERS)), PASSWORD)
        fleet = Fleet(reactor, server, PASSWORD)
        server.start()
        try:
            await fleet.each((made(fleet, i) for i in range(PLAYERS)), SIDE_BY_SIDE)
        finally:
            server.stop()
        spots = places("uniform", PLAYERS)
        server.sql(
            "characters",
            *(
                f"UPDATE characters SET position_x = {x}, position_y = {y}, position_z = {z} "
                f"WHERE guid = {FIRST_GUID + index}"
                for index, (x, y, z, *_) in enumerate(spots)
            ),
        )
        server.start()
        crowd = Child("bench.crowd.clients")
        try:
            figures.report("mixed", await mixed(fleet, server, crowd, spots, Path(folder) / "invitations"))
        finally:
            crowd.stop()
            server.stop()


async def made(fleet: Fleet, number: int) -> None:
    """An account's character."""
    bot = await fleet.screen(f"MIXED{number}")
    await bot.create(letters(number))
    bot.transport.abortConnection()


async def mixed(fleet: Fleet, server: Server, crowd: Child, spots: list[Place], file: Path) -> dict[str, Any]:
    """Everyone comes in; those on UDP agree on links; all of them move."""
    bots = await fleet.each((fleet.entered(f"MIXED{i}") for i in range(PLAYERS)), SIDE_BY_SIDE)
    bots.sort(key=lambda bot: bot.guid)
    linking, walking = bots[:ON_UDP], bots[ON_UDP:]
    await fleet.pause(SETTLE_S)
    tcp_kib, began_s = figures.rss_kib(server.pid), fleet.reactor.seconds()
    linked = zip(linking, spots, strict=False)
    write(file, await fleet.each((link(bot, spot) for bot, spot in linked), SIDE_BY_SIDE))
    linked_s = fleet.reactor.seconds() - began_s
    crowd.ask(
        {"invite": str(file), "server": server.world_port, "per_second": PER_SECOND, "first_guid": FIRST_GUID}
    )
    while crowd.ask({"attached": True}) < ON_UDP:
        await fleet.pause(0.2)
    await fleet.pause(SETTLE_S)
    written = len(server.log())
    relays, cpu_s = heartbeats(walking), figures.cpu_s(server.pid)
    for bot in walking:
        bot.recording = True
    crowd.ask({"measure": True})
    steps = await fleet.walk(walking, STEPS_PER_SECOND, SECONDS)
    played, cpu_s = crowd.ask({"read": True}), figures.cpu_s(server.pid) - cpu_s
    for bot in walking:
        bot.replay()
    assert all(bot.transport.connected for bot in bots)
    return {
        "on_udp": ON_UDP,
        "on_tcp": ON_TCP,
        "seconds": SECONDS,
        "links_per_second": ON_UDP / linked_s,
        "tick_ms": server.ticks(written),
        "server_cores": cpu_s / SECONDS,
        "staleness_ms_p99": by_class(played["ages"], 0.99, 50.0),
        "checked": played["checked"],
        "mismatched": played["mismatched"],
        "corrections": played["corrections"],
        "lost": played["lost"],
        "tcp_steps": steps,
        "tcp_heartbeats_each": (heartbeats(walking) - relays) / ON_TCP / SECONDS,
        "link_kib_each": (figures.rss_kib(server.pid) - tcp_kib) / ON_UDP,
        "crowd_late_turns": played["late_turns"],
    }


async def link(bot: Bot, spot: Place) -> Invitation:
    """Agrees on a link as docs/bmu1.md section 1 says."""
    private = os.urandom(32)
    request = CMSG_UDP_REQUEST(proto=PROTO, aeads=AEADS_AES_128_GCM, encoders=ENCODERS_WORDS, mtu=MTU_MOST)
    accept = CMSG_UDP_ACCEPT(client_random=os.urandom(32), client_public=keys.public_key(private))
    offered = bot.expect("SMSG_UDP_OFFER")
    bot.send(request)
    body = await offered
    offer: SMSG_UDP_OFFER = codec(SMSG_UDP_OFFER).decode(body)
    bot.send(accept)
    salt = keys.salt(codec(CMSG_UDP_REQUEST).encode(request), body, codec(CMSG_UDP_ACCEPT).encode(accept))
    x, y, z = (round(value * 64) for value in bot.at)
    return Invitation(
        offer.cid,
        keys.root(salt, bot.key, keys.shared_secret(private, offer.server_public)),
        x,
        y,
        z,
        0,
        *spot[4:],
        aead=offer.aead,
        encoder=offer.encoder,
    )
