"""What came of it: one value that is written as JSON, read again, and merged with those of other machines."""

import json
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Self, TypeVar

from bluemarble.tools.bots.figures import EVERY_S, Figures, Row

N = TypeVar("N", int, float)
FORM = "bluemarble bots 1"
TIMES = ("begun_s", "seconds", "cpu_s")
DELAYS = {  # in the order of the report
    "relay": "a step, until another bot saw it",
    "link relay": "a place, until another bot saw it by its link",
    "chat": "a line, until it was heard",
    "answer": "a question, until the world answered",
    "link round trip": "a datagram, there and back",
    "login": "from the password into the world",
    "logout": "from the wish to go until gone",
    "late": "this process behind its own clock",
}


NUMBER_LIMIT = 1 << 53
BEGUN_S_LIMIT = float(1 << 40)
SECONDS_LEAST = 0.001
SPREAD_S = 600.0  # between the beginnings of what is one run
TICK_SHARES = {"p50": 0.5, "p99": 0.99, "p999": 0.999}
COUNTED = (
    "steps_sent",
    "steps_seen",
    "inputs_made",
    "places_seen",
    "lines_said",
    "lines_heard",
    "bytes_received",
    "bytes_sent",
)


class BadReport(ValueError):
    """The file is no report of bots."""


class Sample(NamedTuple):
    """
    What the server's metrics said at one time; but for players and strain, since its start.

    @ivar at_s: unix time; @ivar late: ticks that did not begin in time.
    @ivar ticks: how many took at most so many seconds, by that bound as text; "+Inf": all.
    """

    at_s: float
    players: int
    strain: int
    late: int
    ticks: dict[str, int]

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Sample":
        """
        As it was written.

        @raise ValueError, KeyError, TypeError, AttributeError: it is something else.
        """
        ticks = {str(bound): int(count) for bound, count in told["ticks"].items()}
        list(map(float, ticks))
        return cls(float(told["at_s"]), int(told["players"]), int(told["strain"]), int(told["late"]), ticks)

    def since(self, before: "Sample") -> dict[str, float]:
        """Ticks from then on: how many, how many late, and bounds in ms that a share of them stayed below."""
        bounds = sorted(
            (float(bound), count - before.ticks.get(bound, 0)) for bound, count in self.ticks.items()
        )
        total = bounds[-1][1] if bounds else 0

        def within(share: float) -> float:
            return next((bound * 1000 for bound, count in bounds if count >= share * total), 0.0)

        shown = {name: within(share) for name, share in TICK_SHARES.items()}
        return {"ticks": total, "late": self.late - before.late, **shown}


class Report(NamedTuple):
    """
    What a run of bots has measured.

    @ivar plan: what was asked for, without the password; @ivar begun_s: unix time.
    @ivar seconds: how long it went on; @ivar cpu_s: of the bots' processes, in that time.
    @ivar figures: everything that was counted; @ivar faults: tracebacks of scenarios.
    @ivar server: what the server's metrics said, in order; empty without them.
    """

    plan: dict[str, Any]
    begun_s: float
    seconds: float
    cpu_s: float
    figures: Figures
    faults: list[str]
    server: list[Sample]

    def summary(self) -> dict[str, Any]:
        """What a reader wants first: delays in ms, counts, and rates of those that make sense a second."""
        whole = self.figures.whole()
        in_world = [row.now["in_world"] for row in self.figures.rows]
        bot_s = max(whole.counts.pop("bot_ms", 0) / 1000, 1.0)
        return {
            "players": self.plan["players"],
            "in_world_most": max(in_world, default=0),
            "in_world_at_the_end": in_world[-1] if in_world else 0,
            "seconds": self.seconds,
            "delays_ms": {name: whole.delays[name].summary() for name in DELAYS if name in whole.delays},
            "counts": dict(sorted(whole.counts.items())),
            "per_second": {name: whole.counts[name] / self.seconds for name in COUNTED},
            "bots_cores": self.cpu_s / self.seconds,
            "bot_cpu_ms_per_second": self.cpu_s * 1000 / bot_s,
            "server": self.server[-1].since(self.server[0]) if len(self.server) > 1 else {},
        }

    def lines(self) -> Iterator[str]:
        """The summary for a terminal."""
        told = self.summary()
        yield (
            f"{told['players']} bots for {self.seconds:.0f} s: in the world {told['in_world_most']} at most, "
            f"{told['in_world_at_the_end']} at the end"
        )
        for name, delays in told["delays_ms"].items():
            shown = "  ".join(f"{key} {delays[key]:.1f}" for key in ("p50", "p90", "p99", "most"))
            yield f"{name:>16}  {shown} ms  ({delays['count']}; {DELAYS[name]})"
        for name, count in told["counts"].items():
            rate = f"  ({told['per_second'][name]:.1f}/s)" if name in COUNTED else ""
            yield f"{count:>16}  {name.replace('_', ' ')}{rate}"
        if sent := told["counts"].get("datagrams_sent"):
            lost = told["counts"].get("datagrams_lost", 0)
            yield f"{100.0 * lost / sent:>15.2f}%  of the bots' datagrams were lost"
        yield f"{told['bots_cores']:>16.2f}  cores; {told['bot_cpu_ms_per_second']:.2f} ms a second and bot"
        if server := told["server"]:
            shown = "  ".join(f"{key} {server[key]:g}" for key in TICK_SHARES)
            yield f"{'server ticks':>16}  at most {shown} ms  ({server['ticks']:g}, {server['late']:g} late)"
        yield from (f"fault: {fault}" for fault in self.faults)

    def told(self) -> dict[str, Any]:
        """For JSON; `summary` is for readers, all else is what `read` takes."""
        return {
            "form": FORM,
            "summary": self.summary(),
            "plan": self.plan,
            "begun_s": self.begun_s,
            "seconds": self.seconds,
            "cpu_s": self.cpu_s,
            "every_s": EVERY_S,
            "rows": [row.told() for row in self.figures.rows],
            "server": [sample._asdict() for sample in self.server],
            "faults": self.faults,
        }

    @classmethod
    def read(cls, text: str | bytes) -> Self:
        """
        What was written.

        @raise BadReport: it was not a report.
        """
        try:
            told = json.loads(
                text, parse_int=_sensible(int), parse_float=_sensible(float), parse_constant=float
            )
            if told["form"] != FORM or told["every_s"] != EVERY_S:
                raise BadReport(f"of another form than {FORM!r}")
            plan = dict(told["plan"])
            begun_s, seconds, cpu_s = (float(told[name]) for name in TIMES)
            if not math.isfinite(cpu_s) or not (0.0 <= begun_s <= BEGUN_S_LIMIT and seconds >= SECONDS_LEAST):
                raise BadReport("its times are none")
            return cls(
                {**plan, "players": int(plan["players"])},
                begun_s,
                seconds,
                cpu_s,
                Figures(map(Row.read, told["rows"])),
                [str(fault) for fault in told["faults"]],
                [Sample.read(sample) for sample in told["server"]],
            )
        except BadReport:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise BadReport(f"no report of bots: {type(error).__name__}: {error}") from None


def _sensible(kind: Callable[[str], N]) -> Callable[[str], N]:
    """Numbers that one can reckon with, for JSON's reader."""

    def number(digits: str) -> N:
        value = kind(digits)
        if not abs(value) <= NUMBER_LIMIT:
            raise ValueError(f"a number of {len(digits)} digits")
        return value

    return number


def merged(reports: Iterable[Report]) -> Report:
    """
    Those of several processes or machines as one, from the first one's beginning to the last one's end.

    Of the server's metrics those of the one that has the most.

    @raise BadReport: there is none, or they began more than SPREAD_S seconds apart.
    """
    ordered = sorted(reports, key=lambda report: report.begun_s)
    if not ordered:
        raise BadReport("no reports to merge")
    first = ordered[0]
    if ordered[-1].begun_s - first.begun_s > SPREAD_S:
        raise BadReport("they began at different times; of which run are they?")
    figures = Figures([Row()])
    for report in ordered:
        later = round((report.begun_s - first.begun_s) / EVERY_S)
        figures.take(Figures([Row() for _ in range(later)] + report.figures.rows))
    return Report(
        {**first.plan, "players": sum(report.plan["players"] for report in ordered)},
        first.begun_s,
        max(report.begun_s + report.seconds for report in ordered) - first.begun_s,
        sum(report.cpu_s for report in ordered),
        figures,
        [fault for report in ordered for fault in report.faults],
        max((report.server for report in ordered), key=len),
    )
