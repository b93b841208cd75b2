"""What a seed stands for: who plays, under which rules, for how long, and what goes wrong when."""

import random
from collections.abc import Callable
from typing import Any, NamedTuple

from bluemarble.tools.simulator.datagrams import Weather

BOTS_LIMIT = 5
FAULTS_LIMIT = 10
SECONDS = (6, 22)


class Fault(NamedTuple):
    """
    Something that goes wrong.

    @ivar number: in its plan; @ivar at_s: from the beginning; @ivar kind: one of KINDS.
    @ivar bot: whom it befalls, where it befalls one; @ivar database: likewise.
    @ivar seconds: how long.
    """

    number: int
    at_s: float
    kind: str
    bot: int
    database: str
    seconds: float

    def __str__(self) -> str:
        of_bot, of_database, lasting = KINDS[self.kind][1:]
        whom = f" of bot {self.bot}" if of_bot else f" of {self.database}" if of_database else ""
        return f"{self.kind}{whom}" + (f" for {self.seconds:.1f} s" if lasting else "")


class Plan(NamedTuple):
    """
    One simulation.

    @ivar bots: their numbers; @ivar over_udp: of them, those that play over UDP.
    @ivar seconds: how long things go wrong; after that all is well, and everybody must be able to play.
    @ivar settings: sections of the server's configuration.
    @ivar delay_s, jitter_s, split: of TCP; @ivar weather: of UDP; @ivar database_s: an answer's, at most.
    """

    seed: int
    bots: tuple[int, ...]
    over_udp: frozenset[int]
    faults: tuple[Fault, ...]
    seconds: float
    settings: dict[str, Any]
    delay_s: float
    jitter_s: float
    split: float
    weather: Weather
    database_s: float

    def command(self) -> str:
        """How to run this again."""
        whole = plan_of(self.seed)
        words = [f"bluemarble simulate --seed {self.seed}"]
        if self.bots != whole.bots:
            words.append("--bots " + (",".join(map(str, self.bots)) or "none"))
        if self.faults != whole.faults:
            words.append("--faults " + (",".join(str(fault.number) for fault in self.faults) or "none"))
        if self.seconds != whole.seconds:
            words.append(f"--seconds {self.seconds:g}")
        return " ".join(words)

    def reduced(
        self,
        bots: tuple[int, ...] | None = None,
        faults: tuple[int, ...] | None = None,
        seconds: float | None = None,
    ) -> "Plan":
        """With these bots, faults (by number) and this length alone; what is left is as it was."""
        plan = self
        if bots is not None:
            plan = plan._replace(bots=tuple(bot for bot in self.bots if bot in bots))
        if faults is not None:
            plan = plan._replace(faults=tuple(fault for fault in self.faults if fault.number in faults))
        if seconds is not None:
            plan = plan._replace(seconds=seconds)
        return plan


# Kind: how likely, whether it befalls a bot, or a database, and whether it lasts.
KINDS: dict[str, tuple[int, bool, bool, bool]] = {
    "cut": (4, True, False, False),  # its connections are reset
    "clog": (3, True, False, True),  # nothing on its connections arrives before that
    "storm": (3, True, False, True),  # its datagrams are lost, doubled, late, out of order
    "dark": (3, True, False, True),  # none of its datagrams arrives
    "roam": (2, True, False, False),  # it has another UDP port from now on
    "doze": (2, True, False, True),  # its program stands still
    "die": (3, True, False, True),  # its program ends; another begins after that
    "vanish": (3, True, False, True),  # likewise, and nobody hangs up for it
    "crash": (4, False, False, True),  # the server is killed; another begins after that
    "restart": (2, False, False, True),  # the server is stopped; likewise
    "stall": (2, False, False, True),  # the server stands still
    "second": (1, False, False, False),  # somebody starts another server on the same databases
    "away": (4, False, True, True),  # a database answers nothing
    "unsure": (4, False, True, False),  # a database's next commit happens, and looks as if it had not
    "hiccup": (2, False, True, True),  # a database is away for a moment, some statements later
    "stumble": (3, False, True, True),  # likewise as a server starts that has an outage's journal to write
    "slow": (2, False, True, True),  # a database takes its time
    "full": (2, False, False, True),  # the server's disk takes nothing
}


def plan_of(seed: int) -> Plan:
    """The whole plan of a seed."""
    chance = random.Random(f"{seed} plan")
    seconds = float(chance.randint(*SECONDS))
    bots = tuple(range(chance.randint(1, BOTS_LIMIT)))
    over_udp = frozenset(bot for bot in bots if chance.random() < 0.4)
    count = min(FAULTS_LIMIT, int(chance.expovariate(1 / 4)))
    kinds, weights = list(KINDS), [kind[0] for kind in KINDS.values()]
    faults = sorted(
        (
            round(chance.uniform(1.0, seconds), 1),
            chance.choices(kinds, weights)[0],
            chance.choice(bots),
            chance.choices(("characters", "auth", "world"), (8, 3, 1))[0],
            round(chance.choice((0.2, 1.0, 4.0, 12.0)) * chance.uniform(0.5, 1.5), 1),
        )
        for _ in range(count)
    )
    return Plan(
        seed=seed,
        bots=bots,
        over_udp=over_udp,
        faults=tuple(Fault(number, *fault) for number, fault in enumerate(faults)),
        seconds=seconds,
        settings=_settings(chance),
        delay_s=chance.choice((0.001, 0.02, 0.15)),
        jitter_s=chance.choice((0.0, 0.01, 0.1)),
        split=chance.choice((0.0, 0.1, 0.6)),
        weather=_weather(chance),
        database_s=chance.choice((0.0005, 0.01, 0.1)),
    )


def _settings(chance: random.Random) -> dict[str, Any]:
    """Rules that let much happen in little time, and sometimes odd ones."""
    pick: Callable[..., Any] = lambda *choices: chance.choice(choices)  # noqa: E731
    return {
        "rules": {
            "logout_ms": pick(500, 2_000),
            "linger_ms": pick(500, 3_000, 8_000),
            "save_interval_ms": pick(1_000, 3_000, 20_000),
            "grid_unload_ms": pick(1_000, 300_000),
            "creates_per_tick": pick(2, 40),
            "teleport_near_ms": pick(1_000, 25_000),
            "teleport_far_ms": pick(2_000, 45_000),
            "sight_yards": (sight := pick(20.0, 100.0)),
            "sight_leave_yards": sight * 1.1,
        },
        "udp": {
            "deltas": pick(False, True),
            "bandwidth_kbit": pick(16, 64),
            "keepalive_ms": pick(300, 1_000),
        },
        "world": {"player_limit": pick(0, 0, 0, 2)},
        "limits": {
            "packets_per_tick": pick(2, 150),
            "handshake_s": pick(3, 30),
            "character_screen_idle_s": pick(10, 900),
            "world_silence_s": 60,
        },
    }


def _weather(chance: random.Random) -> Weather:
    kind = chance.random()
    if kind < 0.5:
        return Weather(delay_s=chance.choice((0.001, 0.03)))
    return Weather(
        loss=chance.choice((0.0, 0.02, 0.2)),
        reorder=chance.choice((0.0, 0.3)),
        duplicate=chance.choice((0.0, 0.1)),
        delay_s=chance.choice((0.01, 0.1)),
        jitter_s=chance.choice((0.0, 0.05)),
    )
