"""
A world of 120 000 spawns: how long it takes to start, what it holds, whether flying over it stalls a tick.

Flyers go at 50 yards a second, twice what the fastest mount does, straight over cities and country, and
others hop between named places by `.tele`.  `move_slack` lets them: they have no mount that the server would
believe.
"""

import itertools
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from twisted.internet.task import LoopingCall

from bench import figures
from bench.bots import Bot
from bench.fleet import Fleet
from bench.server import Server
from bluemarble.wire.codec import codec
from opcodes.chat import CMSG_MESSAGECHAT
from opcodes.orders import MSG_MOVE_TELEPORT_ACK, MSG_MOVE_TELEPORT_ACK_Server

PASSWORD = "BENCH"
SPAWNS = 120_000
SETTINGS = {"BLUEMARBLE__RULES__MOVE_SLACK": "10"}
SPEED_YARDS, STEP_S, FLIGHT_S = 50.0, 0.2, 100.0
HOP_S = 4.0
CHAT_MSG_SAY, LANG_COMMON = 1, 7
GRID_YARDS = 1600 / 3
# Each flight passes over a city, in grids as bluemarble/tools/content/synthetic.py counts them.
CITIES = {0: ((49, 31), (34, 28), (41, 36)), 1: ((28, 40), (22, 36), (40, 28))}
HOPS = {
    0: ("larkmeadow", "alderhithe", "pondside", "fallowgate"),
    1: ("cinderfold", "ochrestead", "saltmouth"),
}


async def measure(reactor: Any) -> None:
    """Makes the world, starts it, flies."""
    with tempfile.TemporaryDirectory(prefix="bm-spawns-") as folder:
        server = Server(Path(folder), SETTINGS)
        server.init()
        fill(server, Path(folder) / "spawns.sql")
        routes = [
            (map_, x, y, way) for map_, cities in CITIES.items() for x, y in cities for way in (0.3, 2.0)
        ]
        names = [f"SPAWN{i}" for i in range(len(routes) + len(HOPS))]
        server.accounts(names, PASSWORD)
        server.sql(
            "auth",
            "INSERT INTO account_access (id, gmlevel, RealmID) "
            "SELECT id, 3, -1 FROM account WHERE username LIKE 'SPAWN%'",
        )
        fleet = Fleet(reactor, server, PASSWORD)
        server.start()
        figures_ = {
            "spawns": SPAWNS,
            "start_s": server.start_s,
            "started_mib": figures.peak_kib(server.pid) / 1024,
        }
        try:
            for name, letter in zip(names, "abcdefghijklmnopqrstuvwxyz", strict=False):
                bot = await fleet.screen(name)
                await bot.create("Flyer" + letter)
                bot.transport.abortConnection()
        finally:
            server.stop()
        server.sql(
            "characters",
            *(
                placed(letter, *route)
                for letter, route in zip("abcdefghijklmnopqrstuvwxyz", routes, strict=False)
            ),
            *(
                f"UPDATE characters SET map = {map_} WHERE name = 'Flyer{'abcdefghijklmnopqrstuvwxyz'[i]}'"
                for i, map_ in enumerate(HOPS, len(routes))
            ),
        )
        server.start()
        try:
            figures.report("spawns", {**figures_, **await flights(fleet, server, names, routes)})
        finally:
            server.stop()


def fill(server: Server, file: Path) -> None:
    """Puts the synthetic spawns into the world database."""
    subprocess.run(
        [sys.executable, "-m", "bluemarble.tools.make_content", "--spawns", str(SPAWNS), "--out", str(file)],
        check=True,
    )
    server.script("world", file)


def placed(letter: str, map_: int, grid_x: int, grid_y: int, way: float) -> str:
    """Where a flight begins: so far before its city that it is over it half-way."""
    before = SPEED_YARDS * FLIGHT_S / 2
    x = (32 - grid_x - 0.4) * GRID_YARDS - before * math.cos(way)
    y = (32 - grid_y - 0.4) * GRID_YARDS - before * math.sin(way)
    return (
        f"UPDATE characters SET map = {map_}, position_x = {x}, position_y = {y}, position_z = 120 "
        f"WHERE name = 'Flyer{letter}'"
    )


async def hops(fleet: Fleet, bot: Bot, places: tuple[str, ...]) -> None:
    """`.tele` from place to place, acknowledged as a client does it."""
    for place in itertools.islice(itertools.cycle(places), int(FLIGHT_S / HOP_S)):
        ordered = bot.expect("MSG_MOVE_TELEPORT_ACK")
        bot.send(CMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=LANG_COMMON, message=f".tele {place}"))
        order = codec(MSG_MOVE_TELEPORT_ACK_Server).decode(await ordered)
        bot.send(MSG_MOVE_TELEPORT_ACK(guid=bot.guid, movement_counter=order.movement_counter, time=0))
        await fleet.pause(HOP_S)


async def flights(fleet: Fleet, server: Server, names: list[str], routes: list[Any]) -> dict[str, Any]:
    """All of them at once."""
    bots = await fleet.each(fleet.entered(name) for name in names)
    flyers, hoppers = bots[: len(routes)], bots[len(routes) :]
    await fleet.pause(5)
    written = len(server.log())
    server.probe()

    def step() -> None:
        for bot, (_, _, _, way) in zip(flyers, routes, strict=True):
            bot.step(SPEED_YARDS * STEP_S * math.cos(way), SPEED_YARDS * STEP_S * math.sin(way))

    started = [bot.at for bot in flyers]
    call = LoopingCall(step)
    flying = call.start(STEP_S)
    await fleet.each(hops(fleet, bot, places) for bot, places in zip(hoppers, HOPS.values(), strict=True))
    await fleet.pause(10)
    call.stop()
    await flying
    flown = [math.dist(bot.at[:2], begun[:2]) for bot, begun in zip(flyers, started, strict=True)]
    used = server.probe()
    return {
        "flyers": len(flyers),
        "hoppers": len(hoppers),
        "yards_each": min(flown),
        "updates_received": sum(bot.counts[number] for bot in bots for number in (0x0A9, 0x1F6)),
        "corrections": sum(bot.counts[0x0C7] for bot in flyers),
        "tick_ms": server.ticks(written),
        "flying_mib": figures.peak_kib(server.pid) / 1024,
        "collection_longest_ms": used["collection_longest_ms"],
    }
