"""
What a login costs the auth server, and how many full logins a second the whole server makes.

A login is challenge, proof and realm list; beyond its SQL it may cost the auth process 1 ms of CPU.  A full
login goes on: world handshake, account data times, character list, enter the world, until the client has its
own character's object; at least 100 a second, with at most 10 SQL statements each.  The clients are in this
process, on the other core.
"""

import tempfile
from pathlib import Path
from typing import Any

from bench import figures
from bench.bots import Bot
from bench.fleet import Fleet, letters
from bench.server import Server
from opcodes.session import CMSG_READY_FOR_ACCOUNT_DATA_TIMES

PASSWORD = "BENCH"
ACCOUNTS, WARM_UP, LOGINS = 200, 200, 2000
FULL_LOGINS, SIDE_BY_SIDE = 1000, 60  # each waits for several ticks: fewer would measure that
LINGER_S = 3
SETTLE_S = 2
SETTINGS = {"BLUEMARBLE__RULES__LINGER_MS": "1000"}
SPREAD = (
    "UPDATE characters SET position_x = abs(random()) % 24000 - 12000, "
    "position_y = abs(random()) % 24000 - 12000"
)


async def measure(reactor: Any) -> None:
    """First the auth server alone, then everything."""
    with tempfile.TemporaryDirectory(prefix="bm-logins-") as folder:
        server = Server(Path(folder), SETTINGS)
        server.init()
        server.accounts((f"LOGIN{i}" for i in range(FULL_LOGINS)), PASSWORD)
        fleet = Fleet(reactor, server, PASSWORD)
        server.start_auth()
        try:
            alone = await logons(reactor, server, fleet)
        finally:
            server.stop()
        server.start()
        try:
            await fleet.each((made(fleet, i) for i in range(FULL_LOGINS)), SIDE_BY_SIDE)
        finally:
            server.stop()
        server.sql("characters", SPREAD)
        server.start()
        try:
            figures.report("logins", {**alone, **await full_logins(reactor, server, fleet)})
        finally:
            server.stop()


async def logons(reactor: Any, server: Server, fleet: Fleet) -> dict[str, Any]:
    """Challenge, proof, realm list, many times."""
    names = [f"LOGIN{i % ACCOUNTS}" for i in range(LOGINS)]
    await fleet.each(fleet.logon(name) for name in names[:WARM_UP])
    before, began_s = server.probe(), reactor.seconds()
    await fleet.each(fleet.logon(name) for name in names)
    took_s, after = reactor.seconds() - began_s, server.probe()
    each = {key: (after[key] - before[key]) / LOGINS for key in before}
    return {
        "logins": LOGINS,
        "logins_per_second": LOGINS / took_s,
        "login_cpu_beyond_sql_ms": (each["process_s"] - each["sql_s"]) * 1000,
        "login_reactor_thread_ms": each["reactor_s"] * 1000,
        "login_sql_ms": each["sql_s"] * 1000,
        "login_sql_statements": each["statements"],
    }


async def made(fleet: Fleet, number: int) -> None:
    """An account's character, made as a client makes it."""
    bot = await fleet.screen(f"LOGIN{number}")
    await bot.create(letters(number))
    bot.transport.abortConnection()


async def full_login(fleet: Fleet, name: str) -> Bot:
    """From the first byte to the auth server to standing in the world."""
    bot = await fleet.screen(name)
    told = bot.expect("SMSG_ACCOUNT_DATA_TIMES")
    bot.send(CMSG_READY_FOR_ACCOUNT_DATA_TIMES())
    listed = await bot.characters()
    await told
    standing = bot.expect("SMSG_COMPRESSED_UPDATE_OBJECT")
    await bot.enter(listed.characters[0].guid)
    await standing
    return bot


async def full_logins(reactor: Any, server: Server, fleet: Fleet) -> dict[str, Any]:
    """All accounts come in, and stay until it is over."""
    await fleet.pause(SETTLE_S)
    before, began_s = server.probe(), reactor.seconds()
    bots = await fleet.each((full_login(fleet, f"LOGIN{i}") for i in range(FULL_LOGINS)), SIDE_BY_SIDE)
    took_s, after = reactor.seconds() - began_s, server.probe()
    each = {key: (after[key] - before[key]) / FULL_LOGINS for key in before}
    for bot in bots:
        bot.transport.abortConnection()
    await fleet.pause(LINGER_S)
    left = server.probe(garbage=True)
    return {
        "full_logins": FULL_LOGINS,
        "full_logins_per_second": FULL_LOGINS / took_s,
        "full_login_statements": each["statements"],
        "full_login_cpu_ms": each["process_s"] * 1000,
        "full_login_reactor_thread_ms": each["reactor_s"] * 1000,
        "full_login_sql_ms": each["sql_s"] * 1000,
        "full_login_collection_longest_ms": after["collection_longest_ms"],
        "full_login_garbage_objects": left["leaked"] / FULL_LOGINS,
    }
