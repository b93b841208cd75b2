"""What goes wrong, done: each kind of a plan's faults, and how all is well again."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bluemarble.tools.simulator.datagrams import Weather
from bluemarble.tools.simulator.plan import Fault
from bluemarble.tools.simulator.process import World

if TYPE_CHECKING:
    from bluemarble.tools.simulator.bots import Bot
    from bluemarble.tools.simulator.simulation import Simulation

STORM = Weather(loss=0.3, reorder=0.3, duplicate=0.2, delay_s=0.1, jitter_s=0.1)
DARK = Weather(loss=1.0)
STATEMENTS = 25  # about as many as a start has
OUTAGE_S = 1.5


def apply(simulation: "Simulation", fault: Fault) -> None:
    """Let it go wrong now."""
    simulation.world.trace.note(f"fault: {fault.kind}", str(fault.number), str(fault))
    APPLY[fault.kind](simulation, fault)


def heal(simulation: "Simulation") -> None:
    """Nothing goes wrong any more; who or what was gone comes back."""
    world, storage = simulation.world, simulation.storage
    storage.away_s.clear()
    storage.slow_s.clear()
    storage.unsure.clear()
    storage.hiccup.clear()
    storage.full_s = 0.0
    world.datagrams.over.clear()
    world.datagrams.weather = Weather(delay_s=0.02)
    simulation.open_server()


def _bot(simulation: "Simulation", fault: Fault) -> "Bot | None":
    return simulation.bots.get(fault.bot)


def _until(world: World, fault: Fault) -> float:
    return world.clock.seconds() + fault.seconds


def _cut(simulation: "Simulation", fault: Fault) -> None:
    bot = _bot(simulation, fault)
    if bot is not None and bot.process is not None:
        for line in simulation.world.streams.of(bot.process.host):
            line.cut()


def _clog(simulation: "Simulation", fault: Fault) -> None:
    bot = _bot(simulation, fault)
    if bot is not None and bot.process is not None:
        for line in simulation.world.streams.of(bot.process.host):
            line.clogged_s = max(line.clogged_s, _until(simulation.world, fault))


def _weather(weather: Weather) -> Callable[["Simulation", Fault], None]:
    def blow(simulation: "Simulation", fault: Fault) -> None:
        bot = _bot(simulation, fault)
        if bot is not None and bot.process is not None:
            over, host = simulation.world.datagrams.over, bot.process.host
            over[host] = weather
            simulation.world.clock.callLater(fault.seconds, over.pop, host, None)

    return blow


def _roam(simulation: "Simulation", fault: Fault) -> None:
    bot = _bot(simulation, fault)
    if bot is not None and bot.process is not None:
        for port in simulation.world.datagrams.of(bot.process):
            port.move()


def _doze(simulation: "Simulation", fault: Fault) -> None:
    bot = _bot(simulation, fault)
    if bot is not None and bot.process is not None:
        bot.process.stall(fault.seconds)


def _gone(*, silently: bool) -> Callable[["Simulation", Fault], None]:
    def end(simulation: "Simulation", fault: Fault) -> None:
        bot = _bot(simulation, fault)
        if bot is not None:
            bot.die(silently=silently)
            simulation.world.clock.callLater(fault.seconds, simulation.revive, bot)

    return end


def _crash(simulation: "Simulation", fault: Fault) -> None:
    simulation.crash()
    simulation.world.clock.callLater(fault.seconds, simulation.open_server)


def _restart(simulation: "Simulation", fault: Fault) -> None:
    simulation.stop(lambda: simulation.world.clock.callLater(fault.seconds, simulation.open_server))


def _stall(simulation: "Simulation", fault: Fault) -> None:
    if simulation.server is not None:
        simulation.server.process.stall(fault.seconds)


def _second(simulation: "Simulation", fault: Fault) -> None:
    simulation.open_second()


def _away(simulation: "Simulation", fault: Fault) -> None:
    simulation.storage.away_s[fault.database] = _until(simulation.world, fault)


def _unsure(simulation: "Simulation", fault: Fault) -> None:
    unsure = simulation.storage.unsure
    unsure[fault.database] = unsure.get(fault.database, 0) + 1


def _hiccup(simulation: "Simulation", fault: Fault) -> None:
    simulation.storage.hiccup[fault.database] = 1 + int(fault.seconds * 10) % STATEMENTS


def _stumble(simulation: "Simulation", fault: Fault) -> None:
    """What is saved goes to the journal, the server ends, and its successor's database fails as it starts."""
    clock, storage = simulation.world.clock, simulation.storage
    storage.away_s["characters"] = clock.seconds() + OUTAGE_S

    def open_again() -> None:
        if simulation.server is None:
            storage.hiccup["characters"] = 1 + int(fault.seconds * 10) % STATEMENTS
        simulation.open_server()

    clock.callLater(OUTAGE_S - 0.1, simulation.crash)
    clock.callLater(OUTAGE_S + 0.1, open_again)


def _slow(simulation: "Simulation", fault: Fault) -> None:
    simulation.storage.slow_s[fault.database] = _until(simulation.world, fault)


def _full(simulation: "Simulation", fault: Fault) -> None:
    simulation.storage.full_s = _until(simulation.world, fault)


APPLY: dict[str, Callable[["Simulation", Fault], None]] = {
    "cut": _cut,
    "clog": _clog,
    "storm": _weather(STORM),
    "dark": _weather(DARK),
    "roam": _roam,
    "doze": _doze,
    "die": _gone(silently=False),
    "vanish": _gone(silently=True),
    "crash": _crash,
    "restart": _restart,
    "stall": _stall,
    "second": _second,
    "away": _away,
    "unsure": _unsure,
    "hiccup": _hiccup,
    "stumble": _stumble,
    "slow": _slow,
    "full": _full,
}
