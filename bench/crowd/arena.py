"""
What the crowd plays in: the world server without its databases and without TCP, or the C alone.

Players come into the world as the gateway hands them over, when their links are up; so nobody ever looks
around over TCP.  `Bare` has no world and no rules: what is left is field, feed and pump.
"""

import time
from argparse import Namespace
from collections import Counter, deque
from collections.abc import Callable
from typing import Any, Protocol

from bench.crowd.layouts import Place
from bench.fleet import letters
from bluemarble.native import feed, field, interest, pump
from bluemarble.native.feed import Feed
from bluemarble.native.field import PLAYER, Field
from bluemarble.native.pump import Attached, Closed
from bluemarble.rows.world_players import PlayercreateinfoRow
from bluemarble.servers import opening
from bluemarble.servers.udp import Udp
from bluemarble.settings import Udp as Settings
from bluemarble.sim.content import Content
from bluemarble.sim.effects import Close, Input, Unwatch, Watch
from bluemarble.sim.rules import TICK_MS, Rules
from bluemarble.sim.world import World
from opcodes.cluster import NMSG_DISCONNECTED, NMSG_ENTER_WORLD, CharacterState
from opcodes.links import NMSG_UDP_ATTACHED
from opcodes.snapshot import LookHead, row

RUN, WALK, SWIM = 7.0, 2.5, 4.722222
LOOK = row(LookHead).pack(1, 1, 1, 0, 49) + b"Crowd"
MTU = 1200
NOON = 1_763_640_000  # unix seconds
TCP_TICKS = 20  # from entering to the loss of the connection that there never was
PHASES = {  # what of the world's thread is spent in C, by function
    pump: {"bm_pump_drain": "drain"},
    field: {"bm_field_moves": "moves", "bm_field_step": "step", "bm_field_follow": "follow"},
    interest: {"bm_interest_refresh": "follow"},
    feed: {"bm_feed_hear": "feed", "bm_feed_tick": "feed"},
}


class Arena(Protocol):
    """
    A server of one map.

    @ivar port: where it listens on 127.0.0.1.
    @ivar level: of strain: what is left undone, bluemarble/sim/strain.py.
    """

    port: int
    level: int

    def admit(self, index: int, guid: int, place: Place, prk: bytes) -> int:
        """A player, who is there from when its link is up; answers the link's cid."""

    def step(self, tick: int) -> None:
        """A tick."""

    def measured(self, took_ms: float) -> None:
        """How long it took."""

    def counters(self) -> dict[str, int]:
        """The pump's, the feed's (`fed_...`), and how many updates were `due`."""

    def stop(self) -> None:
        """Ends the threads."""


class Metered:
    """
    A cffi library, some of whose functions count the CPU time that they take.

    @ivar spent: ns since the last look, by phase.
    """

    def __init__(self, lib: Any, phases: dict[str, str], spent: dict[str, int]) -> None:
        self._lib = lib
        for name, phase in phases.items():
            setattr(self, name, self._timed(getattr(lib, name), phase, spent))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lib, name)

    @staticmethod
    def _timed(function: Callable[..., Any], phase: str, spent: dict[str, int]) -> Callable[..., Any]:
        clock = time.thread_time_ns

        def timed(*arguments: Any) -> Any:
            began = clock()
            answer = function(*arguments)
            spent[phase] += clock() - began
            return answer

        return timed


def meter() -> dict[str, int]:
    """From now on what the C part of a tick takes is added up here, by phase; ns of the thread."""
    spent = {phase: 0 for phases in PHASES.values() for phase in phases.values()}
    for module, phases in PHASES.items():
        module.lib = Metered(module.lib, phases, spent)  # type: ignore[attr-defined]
    return spent


def settings(options: Namespace) -> Settings:
    """What an operator would set."""
    return Settings(
        port=0,
        io_threads=options.io_threads,
        world_threads=options.world_threads,
        deltas=options.encoder == 1,
    )


class Whole:
    """World and links, as WorldService steps them."""

    def __init__(self, options: Namespace) -> None:
        self.encoder = options.encoder
        self.world = empty(options.seed)
        chosen = settings(options)
        self.pump, self.port, _ = opening.sockets(chosen, ["127.0.0.1"], 0)
        self.udp = Udp(self.world, chosen, self.pump, Counter(), lambda *_: None, self.port)
        self.pump.start()
        self.level = 0
        self._coming: dict[int, NMSG_ENTER_WORLD] = {}
        self._wired: deque[tuple[int, int]] = deque()

    def admit(self, index: int, guid: int, place: Place, prk: bytes) -> int:
        """Its session is index + 1."""
        self._coming[index + 1] = entering(guid, letters(index), place)
        return self.udp.install(index + 1, prk, encoder=self.encoder)

    def step(self, tick: int) -> None:
        """One tick, as WorldService.step; what goes to sessions goes nowhere."""
        inputs: list[Input] = []
        for given in self.udp.inputs():
            if isinstance(given.packet, NMSG_UDP_ATTACHED) and given.session in self._coming:
                inputs.append(Input(given.session, self._coming.pop(given.session)))
                self._wired.append((tick + TCP_TICKS, given.session))
            inputs.append(given)
        while self._wired and self._wired[0][0] <= tick:
            inputs.append(Input(self._wired.popleft()[1], NMSG_DISCONNECTED()))
        for effect in self.world.step(inputs):
            if isinstance(effect, Watch | Unwatch | Close):
                self.udp.perform(effect)
        self.udp.tick()
        if self.world.faults:
            raise self.world.faults[0].error

    def measured(self, took_ms: float) -> None:
        """The strain follows from it."""
        self.udp.measured(took_ms)
        self.level = self.world.strain

    def counters(self) -> dict[str, int]:
        """As in `Arena`."""
        found = self.udp.counters()
        fed = {
            f"fed_{name.removeprefix('feed_')}": n for name, n in found.items() if name.startswith("feed_")
        }
        rest = {name: n for name, n in found.items() if not name.startswith("feed_")}
        due = sum(fed.get(name, 0) for name in ("fed_near", "fed_far", "fed_idle"))
        return {**rest, **fed, "due": due}

    def stop(self) -> None:
        """Says goodbye to everyone."""
        self.udp.stop()


def empty(seed: int) -> World:
    """A world with one map and nothing on it."""
    return World(Content([PlayercreateinfoRow(race=1, class_=1, map=0, zone=12)]), Rules(), seed)


def entering(guid: int, name: str, place: Place) -> NMSG_ENTER_WORLD:
    """A new human warrior."""
    values: dict[str, Any] = dict.fromkeys(CharacterState.hints, 0)
    values |= {
        "guid": guid,
        "account": guid,
        "name": name,
        "race": 1,
        "class_": 1,
        "level": 1,
        "health": 60,
        "zone": 12,
        "position_x": place.x,
        "position_y": place.y,
        "position_z": place.z,
        "orientation": place.facing,
        **{several: [] for several in ("items", "skills", "actions", "social")},
        "spells": [668],
    }
    return NMSG_ENTER_WORLD(
        gmlevel=0,
        build=12340,
        server_time=NOON,
        account_data_times=[0] * 8,
        tutorials=[0xFFFF_FFFF] * 8,
        character=CharacterState(**values),
    )


class Bare:
    """What a zone does in a tick for those who play over UDP, and nothing else."""

    def __init__(self, options: Namespace) -> None:
        self.encoder, self.threads = options.encoder, options.world_threads
        self.field = Field(options.seed)
        self.pump, self.port, _ = opening.sockets(settings(options), ["127.0.0.1"], 0)
        self.feed = Feed(self.field, self.pump)
        self.pump.start()
        self.level = 0
        self.slots: dict[int, int] = {}
        self.eyes: dict[int, int] = {}

    def admit(self, index: int, guid: int, place: Place, prk: bytes) -> int:
        """Its slot is its index."""
        cid = 1 << 14 | index
        self.field.put(index, PLAYER, place.x, place.y, place.z, place.facing, RUN)
        self.field.look(index, guid, LOOK)
        self.field.bind(cid, index, 0)
        self.field.speeds(index, RUN, WALK, SWIM, 0.0)
        self.slots[cid] = index
        self.pump.install(cid, 0, prk, MTU)
        return cid

    def step(self, tick: int) -> None:
        """Inputs, sight, and what is told of it."""
        drained = self.pump.drain()
        for news in drained.news:
            if isinstance(news, Attached):
                eye = self.eyes[news.cid] = self.field.watch(self.slots[news.cid])
                self.feed.join(eye, news.cid, self.encoder, MTU)
            elif isinstance(news, Closed) and news.cid in self.eyes:
                self.feed.leave(self.eyes.pop(news.cid))
                self.field.unwatch(self.slots[news.cid])
        self.field.moves(drained.moves, tick * TICK_MS)
        self.field.step(tick, tick * TICK_MS, self.threads)
        self.feed.tick(tick, 0, self.threads)

    def measured(self, took_ms: float) -> None:
        """Nobody cares."""

    def counters(self) -> dict[str, int]:
        """As in `Arena`."""
        counts = self.feed.counts()
        fed = {f"fed_{name}": value for name, value in counts._asdict().items()}
        return {**self.pump.counters(), **fed, "due": counts.due}

    def stop(self) -> None:
        """Ends the threads."""
        self.pump.stop()
