"""
A minute of 1 000 players on datagram links, journaled and run again, with one thread and with two.

They stand in towns and walk, as fast as they may; some leap and are set back, some lose their link and get
another.  No sockets: what the links brought is made here, tick by tick, as one batch.
"""

import io
import math
import random
import struct
import time
from dataclasses import asdict
from typing import Any

from bench import figures
from bench.crowd.arena import empty, entering
from bench.crowd.layouts import Place, places
from bench.fleet import letters
from bluemarble.servers.recording import digest
from bluemarble.sim import parts
from bluemarble.sim.effects import Input
from bluemarble.sim.world import World
from bluemarble.tools.replay import replay
from bluemarble.wire import journal
from opcodes.cluster import NMSG_DISCONNECTED
from opcodes.links import NMSG_MOVES, NMSG_UDP_ATTACHED, NMSG_UDP_GONE
from opcodes.movement import FORWARD

PLAYERS, SECONDS, TICKS_A_SECOND = 1000, 60, 20
STEP_YARDS = 0.34  # a tick's, at 6.8 yards a second
DIGEST_TICKS = 100
RECORD = struct.Struct("<IHHHBBiii")
GUIDS = 0x1000


class Walker:
    """One player: where it is, where it is bound for, and its link."""

    def __init__(self, session: int, place: Place, chance: random.Random) -> None:
        self.session, self.place, self.chance = session, place, chance
        self.x, self.y, self.z, self.facing = place.x, place.y, place.z, place.facing
        self.generation = self.epoch = self.input = 0
        self.moving = False

    @property
    def cid(self) -> int:
        """Its link's, a new one each time it attaches."""
        return self.generation << 14 | self.session

    def attached(self) -> Input:
        """It is on a link, for the first time or again."""
        self.generation += 1
        return Input(self.session, NMSG_UDP_ATTACHED(cid=self.cid))

    def walked(self) -> bytes:
        """Its next input."""
        chance, home = self.chance, self.place
        if chance.random() < 0.03:
            self.moving = chance.random() < 0.7
            self.facing = chance.uniform(0.0, math.tau)
        x, y = self.x, self.y
        if self.moving:
            x += STEP_YARDS * math.cos(self.facing)
            y += STEP_YARDS * math.sin(self.facing)
            if math.hypot(x - home.home_x, y - home.home_y) > home.home_yards:
                self.facing = math.atan2(home.home_y - y, home.home_x - x)
        leap = 500.0 if chance.random() < 0.0002 else 0.0
        self.x, self.y = x, y
        self.input += 1
        return RECORD.pack(
            self.cid,
            self.input & 0xFFFF,
            FORWARD * self.moving,
            int(self.facing / math.tau * 65536) & 0xFFFF,
            self.epoch,
            0,
            round((x + leap) * 64),
            round(y * 64),
            round(self.z * 64),
        )


def recorded(players: int, seconds: int, seed: int) -> tuple[bytes, World]:
    """The journal of such a minute, and the world it was of."""
    world, out, chance = empty(seed), io.BytesIO(), random.Random(seed)
    head = journal.Header(world.content.hash.hex(), asdict(world.rules), world.seed, "bench")
    writer = journal.Writer(out, head)
    walkers = [Walker(n, place, chance) for n, place in enumerate(places("towns", players, seed), 1)]
    for tick in range(1, seconds * TICKS_A_SECOND + 1):
        inputs = came(walkers, tick, chance)
        writer.tick(tick, inputs)
        world.step(inputs)
        for walker in walkers if world.zones else ():
            set_back(world, walker)
        if tick % DIGEST_TICKS == 0:
            writer.digest(tick, parts.contents(world, parts.whole(world)))
    return out.getvalue(), world


def came(walkers: list[Walker], tick: int, chance: random.Random) -> list[Input]:
    """A tick's inputs: first everyone comes, fifty a tick."""
    new = walkers[50 * (tick - 1) : 50 * tick]
    inputs = [Input(it.session, entering(GUIDS + it.session, letters(it.session), it.place)) for it in new]
    inputs += [Input(it.session, NMSG_DISCONNECTED()) for it in new]
    inputs += [it.attached() for it in new]
    here = walkers[: 50 * (tick - 1)]
    if here and tick % 10 == 0:
        lost = chance.choice(here)
        inputs += [Input(lost.session, NMSG_UDP_GONE(cid=lost.cid)), lost.attached()]
    if here:
        inputs.append(Input(0, NMSG_MOVES(moves=b"".join([it.walked() for it in here]))))
    return inputs


def set_back(world: World, walker: Walker) -> None:
    """As its client learns by SELF."""
    player = world.zones[0].players.get(walker.session)
    if player is not None and player.field is not None:
        mover = player.field.read(player.slot)
        if mover.epoch != walker.epoch:
            walker.epoch, walker.x, walker.y = mover.epoch, mover.x, mover.y


async def measure(reactor: Any) -> None:
    """Record, run again twice, and compare."""
    began = time.perf_counter()
    data, world = recorded(PLAYERS, SECONDS, 7)
    found: dict[str, Any] = {
        "players": PLAYERS,
        "seconds": SECONDS,
        "recording_s": time.perf_counter() - began,
        "journal_bytes": len(data),
        "state": digest(world).hex(),
    }
    results = []
    for threads in 1, 2:
        began = time.perf_counter()
        results.append(replay(io.BytesIO(data), world.content, threads))
        found[f"replay_{threads}_threads_s"] = time.perf_counter() - began
    found["digests_compared"] = results[0].compared
    found["different"] = float(results[0] != results[1] or results[0].state != digest(world).hex())
    figures.report("minute", found)
