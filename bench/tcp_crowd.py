"""
500 players in one place on TCP, each sending 5 movement packets a second, all seeing each other.

1.25 million relays a second.  The ticks' times are the server's own, read from its log; how old each
relayed step was when it came is by the clients' clock, which rides in the step.
"""

import tempfile
from pathlib import Path
from typing import Any

from bench import figures
from bench.fleet import Fleet, heartbeats, letters
from bench.server import Server

PASSWORD = "BENCH"
PLAYERS, RATE, SECONDS = 500, 5.0, 12.0
SETTLE_S = 20


async def measure(reactor: Any) -> None:
    """A crowd of PLAYERS for SECONDS, and what came of every step."""
    with tempfile.TemporaryDirectory(prefix="bm-tcp-crowd-") as folder:
        server = Server(Path(folder))
        server.init()
        server.accounts((f"CROWD{i}" for i in range(PLAYERS)), PASSWORD)
        server.start()
        try:
            figures.report("tcp-crowd", await crowd(reactor, server))
        finally:
            server.stop()


async def crowd(reactor: Any, server: Server) -> dict[str, Any]:
    """Enter, settle, walk, count."""
    fleet = Fleet(reactor, server, PASSWORD)
    bots = await fleet.each(fleet.enter(f"CROWD{i}", letters(i)) for i in range(PLAYERS))
    await fleet.pause(SETTLE_S)
    for bot in bots:
        bot.recording = True
    written = len(server.log())
    before, cpu, bytes_ = heartbeats(bots), figures.cpu_s(server.pid), sum(bot.bytes for bot in bots)
    sent = await fleet.walk(bots, RATE, SECONDS)
    cpu = figures.cpu_s(server.pid) - cpu
    await fleet.pause(0.5)
    for bot in bots:
        bot.replay()
    ages_ms = [age / 1000 for bot in bots for age in bot.ages_us]
    relays = heartbeats(bots) - before
    for bot in bots:
        bot.transport.abortConnection()
    return {
        "players": PLAYERS,
        "steps_per_second_each": RATE,
        "seconds": SECONDS,
        "steps_sent": sent,
        "relays_per_second": relays / SECONDS,
        "relays_missing": sent * (PLAYERS - 1) - relays,
        "tick_ms": server.ticks(written),
        "relay_ms_p50": figures.percentile(ages_ms, 0.5),
        "relay_ms_p99": figures.percentile(ages_ms, 0.99),
        "relay_ms_max": max(ages_ms, default=0.0),
        "server_cores": cpu / SECONDS,
        "sender_late_ms_p99": fleet.sender_late_ms(),
        "megabytes_per_second": (sum(bot.bytes for bot in bots) - bytes_) / SECONDS / 1e6,
    }
