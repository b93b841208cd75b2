"""
What doing nothing costs: a server without clients, 5 000 at the character screen, 5 000 in the world.

At most 40 KiB of memory for a session, and 2 % of a core for the empty server.  Each account has one
character, made as clients make them and spread over both maps by an UPDATE, as load testers do.
"""

import resource
import tempfile
from pathlib import Path
from typing import Any

from bench import figures
from bench.bots import Bot
from bench.fleet import Fleet, letters
from bench.server import Server

PASSWORD = "BENCH"
SESSIONS, SIDE_BY_SIDE = 5000, 40
WATCH_S, SETTLE_S = 20, 15
SPREAD = (
    "UPDATE characters SET map = guid % 2, position_x = abs(random()) % 24000 - 12000, "
    "position_y = abs(random()) % 24000 - 12000, position_z = 100"
)


async def measure(reactor: Any) -> None:
    """Makes the characters, then measures a server that has just been started."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="bm-idle-") as folder:
        server = Server(Path(folder))
        server.init()
        server.accounts((f"IDLE{i}" for i in range(SESSIONS)), PASSWORD)
        fleet = Fleet(reactor, server, PASSWORD)
        server.start()
        try:
            await fleet.each((made(fleet, i) for i in range(SESSIONS)), SIDE_BY_SIDE)
        finally:
            server.stop()
        server.sql("characters", SPREAD)
        server.start()
        try:
            figures.report("idle", await idle(fleet, server))
        finally:
            server.stop()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def made(fleet: Fleet, number: int) -> None:
    """An account's character."""
    bot = await fleet.screen(f"IDLE{number}")
    await bot.create(letters(number))
    bot.transport.abortConnection()


async def idle(fleet: Fleet, server: Server) -> dict[str, Any]:
    """Empty; then everyone at the character screen; then everyone in the world."""
    empty = await share_of_core(fleet, server)
    memory_kib = [figures.rss_kib(server.pid)]
    bots = await fleet.each((fleet.screen(f"IDLE{i}") for i in range(SESSIONS)), SIDE_BY_SIDE)
    screen = await share_of_core(fleet, server)
    memory_kib.append(figures.rss_kib(server.pid))
    await fleet.each((enter(bot) for bot in bots), SIDE_BY_SIDE)
    await fleet.pause(SETTLE_S)
    written = len(server.log())
    server.probe()
    world = await share_of_core(fleet, server)
    memory_kib.append(figures.rss_kib(server.pid))
    assert all(bot.transport.connected for bot in bots)
    used, ticks = server.probe(), server.ticks(written)
    for bot in bots:
        bot.transport.abortConnection()
    return {
        "sessions": SESSIONS,
        "empty_server_core_percent": empty * 100,
        "empty_server_mib": memory_kib[0] / 1024,
        "screen_kib_each": (memory_kib[1] - memory_kib[0]) / SESSIONS,
        "world_kib_each": (memory_kib[2] - memory_kib[0]) / SESSIONS,
        "screen_core_percent": screen * 100,
        "world_core_percent": world * 100,
        "world_tick_ms": ticks,
        "collection_longest_ms": used["collection_longest_ms"],
    }


async def enter(bot: Bot) -> None:
    """Into the world, from the character screen."""
    listed = await bot.characters()
    await bot.enter(listed.characters[0].guid)


async def share_of_core(fleet: Fleet, server: Server) -> float:
    """CPU while nothing happens, once everything before is over."""
    await fleet.pause(SETTLE_S)
    before = figures.cpu_s(server.pid)
    await fleet.pause(WATCH_S)
    return (figures.cpu_s(server.pid) - before) / WATCH_S
