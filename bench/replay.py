"""
A minute of 1 000 players on datagram links, journaled by the whole server and run again by its command.

    python -m bench.replay [--players N] [--seconds S] [--trial]

They log in, agree on links and are played by the crowd in C, as in bench/mixed.py: real datagrams.  Then
`bluemarble replay` runs the journal with one thread and with two, each in a process of its own.
"""

import argparse
import io
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet import task
from twisted.internet.defer import ensureDeferred

from bench import figures
from bench.crowd.build import build
from bench.crowd.child import Child
from bench.crowd.clients import write
from bench.crowd.layouts import places
from bench.figures import percentile
from bench.fleet import Fleet, letters
from bench.mixed import FIRST_GUID, PASSWORD, SETTLE_S, SIDE_BY_SIDE, link
from bench.server import Server
from bluemarble.tools.replay.content import content_of
from bluemarble.tools.replay.stepping import began, compare, steps
from bluemarble.wire import journal
from opcodes.links import NMSG_MOVES

PLAYERS, SECONDS, PER_SECOND = 1000, 60.0, 500
THREADS = (1, 2)
MOVE_BYTES, DIGEST_S = 24, 1
SETTINGS = {
    "BLUEMARBLE__JOURNAL__PATH": "journals",
    "BLUEMARBLE__JOURNAL__DIGEST_S": str(DIGEST_S),
}
LINE = re.compile(r"^(\w+) +(\S+)$", re.MULTILINE)
SPEED = re.compile(r"^In ([\d.]+) s, ([\d.]+) s of CPU: ", re.MULTILINE)


async def measure(reactor: Any, players: int = PLAYERS, seconds: float = SECONDS, keep: bool = True) -> None:
    """Record, run again, and compare."""
    build()
    with tempfile.TemporaryDirectory(prefix="bm-replay-") as name:
        server = Server(Path(name))
        server.init()
        server.accounts((f"MINUTE{i}" for i in range(players)), PASSWORD)
        fleet = Fleet(reactor, server, PASSWORD)
        server.start()
        try:
            await fleet.each((made(fleet, i) for i in range(players)), SIDE_BY_SIDE)
        finally:
            server.stop()
        stand(server, players)
        found = {"players": players, "seconds": seconds, **await recorded(fleet, server, players, seconds)}
        (file,) = (server.folder / "journals").glob(f"*{journal.SUFFIX}")
        world_db = f"sqlite:///{server.folder / 'world.sqlite'}"
        found |= {"journal_bytes": file.stat().st_size, **looked_at(file, world_db)}
        found |= summary({threads: replayed(file, world_db, threads) for threads in THREADS})
    if keep:
        figures.report("replay", found)
    else:
        print("\n".join(f"{key:>36}  {value}" for key, value in found.items()))


def stand(server: Server, players: int) -> None:
    """Everyone where the crowd's layout has a place for it."""
    places_ = enumerate(places("uniform", players), FIRST_GUID)
    server.sql(
        "characters",
        *(
            f"UPDATE characters SET position_x = {x}, position_y = {y}, position_z = {z} WHERE guid = {guid}"
            for guid, (x, y, z, *_) in places_
        ),
    )


async def made(fleet: Fleet, number: int) -> None:
    """An account's character."""
    bot = await fleet.screen(f"MINUTE{number}")
    await bot.create(letters(number))
    bot.transport.abortConnection()


async def recorded(fleet: Fleet, server: Server, players: int, seconds: float) -> dict[str, Any]:
    """Everyone comes in, agrees on a link and plays."""
    crowd = Child("bench.crowd.clients")
    server.settings |= SETTINGS
    server.start()
    try:
        bots = await fleet.each((fleet.entered(f"MINUTE{i}") for i in range(players)), SIDE_BY_SIDE)
        bots.sort(key=lambda bot: bot.guid)
        linked = zip(bots, places("uniform", players), strict=True)
        file = server.folder / "invitations"
        write(file, await fleet.each((link(bot, spot) for bot, spot in linked), SIDE_BY_SIDE))
        crowd.ask(
            {
                "invite": str(file),
                "server": server.world_port,
                "per_second": PER_SECOND,
                "first_guid": FIRST_GUID,
            }
        )
        while crowd.ask({"attached": True}) < players:
            await fleet.pause(0.2)
        await fleet.pause(SETTLE_S)
        written = len(server.log())
        crowd.ask({"measure": True})
        await fleet.pause(seconds)
        played = crowd.ask({"read": True})
        assert all(bot.transport.connected for bot in bots)
        return {"tick_ms": server.ticks(written), "datagrams": played["sent"], "lost": played["lost_up"]}
    finally:
        crowd.stop()
        server.stop()


def looked_at(file: Path, world_db: str) -> dict[str, Any]:
    """What is in the journal, and what it takes of a tick: digests and writing are done again here."""
    content, took = content_of(world_db), Took()
    with file.open("rb") as source:
        reader = journal.Reader(source)
        world = began(reader, content)
        for _, digest in steps(reader, world):
            if digest is not None:
                took.time("digest_ms", compare, world, digest)
    moves = 0
    with file.open("rb") as source:
        reader = journal.Reader(source)
        writer = journal.Writer(io.BytesIO(), reader.header)
        for record in reader:
            if isinstance(record, journal.Tick):
                took.time("write_ms", writer.tick, record.tick, record.inputs)
                moves += sum(len(it.moves) for _, it in record.inputs if isinstance(it, NMSG_MOVES))
    return {"inputs": moves // MOVE_BYTES, **took.figures()}


class Took:
    """CPU time that each of several things took, each time."""

    def __init__(self) -> None:
        self.ms: dict[str, list[float]] = {}

    def time(self, name: str, do: Callable[..., object], *arguments: object) -> None:
        """Does it."""
        began_s = time.thread_time()
        do(*arguments)
        self.ms.setdefault(name, []).append((time.thread_time() - began_s) * 1000)

    def figures(self) -> dict[str, dict[str, float]]:
        """Median, 99 of 100, and the longest."""
        return {
            name: {"p50": percentile(each, 0.5), "p99": percentile(each, 0.99), "longest": max(each)}
            for name, each in self.ms.items()
        }


def replayed(file: Path, world_db: str, threads: int) -> dict[str, str]:
    """
    What the command says of the journal.

    @raise CalledProcessError: the state is another, at some tick.
    """
    words = ["replay", str(file), "--world-db", world_db, "--threads", str(threads)]
    command = [sys.executable, "-c", "from bluemarble.tools.console import main; main()", *words]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    print(said, flush=True)
    return read(said)


def read(said: str) -> dict[str, str]:
    """What the command printed, by name."""
    found = dict(LINE.findall(said))
    ((found["seconds"], found["cpu_s"]),) = SPEED.findall(said)
    return found


def summary(runs: dict[int, dict[str, str]]) -> dict[str, Any]:
    """Both runs, beside each other."""
    found: dict[str, Any] = {}
    speeds = []
    for threads, run in runs.items():
        took_s = float(run["seconds"])
        speeds.append(int(run["real_ms"]) / 1000 / took_s)
        found[f"threads_{threads}"] = {
            "seconds": took_s,
            "cpu_s": float(run["cpu_s"]),
            "ticks_per_second": int(run["ticks"]) / took_s,
            "times_real_time": speeds[-1],
        }
    alike = [
        {key: value for key, value in run.items() if key not in ("seconds", "cpu_s")} for run in runs.values()
    ]
    return {
        **found,
        "real_s": int(alike[0]["real_ms"]) / 1000,
        "compared": int(alike[0]["compared"]),
        "faults": int(alike[0]["faults"]),
        "state": alike[0]["state"],
        "times_real_time": min(speeds),
        "different": float(any(each != alike[0] for each in alike)),
    }


def main() -> None:
    """Measures as it is told to."""
    parser = argparse.ArgumentParser(prog="python -m bench.replay")
    parser.add_argument("--players", type=int, default=PLAYERS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--trial", action="store_true", help="leave bench/out as it is")
    options = parser.parse_args()
    given = options.players, options.seconds
    task.react(lambda reactor: ensureDeferred(measure(reactor, *given, keep=not options.trial)))
    if figures.broken:
        sys.exit("\n".join(["not kept:", *figures.broken]))


if __name__ == "__main__":
    main()
