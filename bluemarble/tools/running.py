"""Everything in the foreground: what `bluemarble run` does once there is a configuration."""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, Literal

from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    globalLogBeginner,
    textFileLogObserver,
)
from twisted.python.failure import Failure

from bluemarble.config import Config, ConfigError
from bluemarble.servers.garbage import settle
from bluemarble.servers.options import expected, ignore_signals, raise_file_limit, stop_on_signals


def run(config: Config) -> int:
    """The whole process: log, reactor, and `serve`; its exit status."""
    from twisted.internet import reactor  # noqa: TID251

    begin_log(config)
    raise_file_limit()
    return serve(config, reactor, settled=settle)


def serve(
    config: Config,
    reactor: Any,
    executor: Literal["threads", "inline"] = "threads",
    settled: Callable[[Any, Callable[[], bool]], Any] = lambda *_: None,
) -> int:
    """
    Run until told to stop; the exit status.

    @param settled: called with the reactor, and what tells whether the server is busy, once it serves.
    """
    from bluemarble.servers.allinone import build
    from bluemarble.servers.opening import sockets

    services = build(config, reactor, executor=executor, sockets=sockets)
    status: list[int] = []
    served = False

    def started(_: Any) -> None:
        nonlocal served
        served = True
        settled(reactor, services.whole.busy)
        where = services.auth.addresses, services.world.addresses, services.world.udp_addresses
        for line in greeting(*where, config):
            print(line, flush=True)

    def failed(failure: Failure) -> None:
        status.append(1)
        if expected(failure):
            print(f"Error: {failure.getErrorMessage()}", file=sys.stderr, flush=True)
        else:
            print(failure.getTraceback(), file=sys.stderr, flush=True)
        if reactor.running:
            reactor.stop()

    def start() -> None:
        services.whole.startService()
        services.whole.ready.addCallbacks(started, failed)
        services.whole.failed.addErrback(failed)

    stop_on_signals(reactor)
    reactor.callWhenRunning(start)
    reactor.addSystemEventTrigger("before", "shutdown", services.whole.stopService)
    reactor.run()
    ignore_signals()
    if served or not status:
        with suppress(OSError):  # its terminal may be gone
            print("Everything is saved.", flush=True)
    return status[0] if status else 0


def greeting(auth: list[Any], world: list[Any], udp: list[Any], config: Config) -> list[str]:
    """What the operator wants to see once it serves."""

    def all_of(addresses: list[Any]) -> str:
        shown = [f"[{a.host}]:{a.port}" if ":" in a.host else f"{a.host}:{a.port}" for a in addresses]
        both = {(a.type, a.host) for a in addresses} == {("TCP", "::")}
        return ", ".join(shown) + (" (IPv4 and IPv6)" if both else "")

    realm = config.world
    return [
        f"Auth server on   {all_of(auth)}",
        f"World server on  {all_of(world)}",
        *([f"          UDP on   {all_of(udp)}"] if udp else []),
        f"Realm {realm.realm_name!r} is at {realm.realm_address} for players; "
        f"set realmlist {realm.realm_address} in their client.",
        "Ctrl-C or SIGTERM saves everything and stops.",
    ]


def begin_log(config: Config) -> None:
    """
    Write the log where the configuration says.

    @raise ConfigError: the file cannot be written.
    """
    out: IO[str] = sys.stderr
    if config.log.file:
        try:
            out = config.path(config.log.file).open("a", encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"log.file: {error}") from None
    predicate = LogLevelFilterPredicate(LogLevel.levelWithName(config.log.level))
    globalLogBeginner.beginLoggingTo(
        [FilteringLogObserver(textFileLogObserver(out), [predicate])], redirectStandardIO=False
    )
