"""The flags that every server takes, and what twistd does with a server that cannot start."""

import atexit
import os
import pathlib
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any

from twisted.application.service import Service
from twisted.internet.error import CannotListenError
from twisted.logger import Logger
from twisted.python import usage
from twisted.python.failure import Failure

from bluemarble.config import FILE, SECTIONS, Config, ConfigError, load
from bluemarble.servers.garbage import settle

log = Logger()

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

OURS_ALONE = 0o077  # umask: databases and journals have verifiers, addresses and whispers in them

URLS = "sqlite:///PATH or mysql://USER:PASS@HOST:PORT/NAME"

# flag: where it goes in the configuration, and what it is for
FLAGS: dict[str, tuple[str, str, str]] = {
    "auth-port": ("auth", "port", "TCP port of the auth server."),
    "world-port": ("world", "port", "TCP port of the world server."),
    "realm-address": (
        "world",
        "realm_address",
        "Where the realm list sends players to reach the world server.",
    ),
    "auth-db": ("databases", "auth", f"Accounts and realms: {URLS}."),
    "characters-db": ("databases", "characters", f"Characters: {URLS}."),
    "world-db": ("databases", "world", f"Templates and spawns: {URLS}."),
}


def explanation(name: str) -> str:
    """What a flag is for, and what goes without it and without the file."""
    section, key, about = FLAGS[name]
    return f"{about}  Default: {SECTIONS[section].model_fields[key].default}"


class ServerOptions(usage.Options):
    """Flags win over the environment, and that over the file."""

    optParameters = [
        ["config", "c", None, f"Configuration file; ./{FILE} when there is one."],
        *([name, None, None, explanation(name)] for name in FLAGS),
    ]

    config: Config

    def postOptions(self) -> None:
        """
        Read the configuration while mistakes are still shown as those of the command line.

        @raise usage.UsageError: what is wrong with the flags, the environment or the file.
        """
        given = self["config"]
        file = pathlib.Path(given or FILE)
        try:
            self.config = load(file if given or file.is_file() else None, sections(self))
        except ConfigError as error:
            raise usage.UsageError(str(error)) from None


def sections(flags: Any) -> dict[str, dict[str, Any]]:
    """Flags by their names, as `config.load` takes them."""
    found: dict[str, dict[str, Any]] = {}
    for name, (section, key, _) in FLAGS.items():
        found.setdefault(section, {})[key] = flags[name]
    return found


def service_of(options: ServerOptions, make: Callable[[Config, Any], Any]) -> Service:
    """
    The service, watched: one that cannot start says why and stops the process.

    @param make: from configuration and reactor to a service with `ready` and `busy`.
    """
    from twisted.internet import reactor  # noqa: TID251

    try:
        service = make(options.config, reactor)
    except ConfigError as error:
        raise SystemExit(f"{error}") from None
    raise_file_limit()
    os.umask(OURS_ALONE)  # as twistd itself does in the background; its --umask comes later and wins
    service.ready.addCallbacks(lambda _: settle(reactor, service.busy), give_up, errbackArgs=(reactor,))
    if hasattr(service, "failed"):
        service.failed.addErrback(give_up, reactor, "cannot go on")
    stop_on_signals(reactor)
    return service  # type: ignore[no-any-return]


def give_up(failure: Failure, reactor: Any, what: str = "cannot start") -> None:
    """Say why there is no server, and end; a traceback only when it is a mistake of ours."""
    if expected(failure):
        log.critical("{what}: {why}", what=what, why=failure.getErrorMessage())
    else:
        log.failure("{what}", failure=failure, what=what)
    atexit.register(fail)
    reactor.callWhenRunning(reactor.stop)


def fail() -> None:
    """End with status 1, which twistd itself never does once the reactor has run."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


def expected(failure: Failure) -> bool:
    """Whether an operator, and not a programmer, can help."""
    from bluemarble.db.dialect import UnknownHabit
    from bluemarble.db.errors import Refused, Unavailable
    from bluemarble.db.update import UpdateFailed
    from bluemarble.servers.opening import CannotGoOn, CannotStart

    return isinstance(
        failure.value,
        CannotStart
        | CannotGoOn
        | ConfigError
        | CannotListenError
        | Refused
        | UnknownHabit
        | UpdateFailed
        | Unavailable
        | OSError,
    )


def stop_on_signals(reactor: Any) -> None:
    """
    SIGTERM, SIGINT and SIGHUP (its terminal is gone) end the process with status 0 once everything is saved;
    a second one changes nothing.  What was ignored from the start, as by nohup, stays so.

    The reactor's own handlers, which ours replace as soon as it runs and which leave ours behind when it has
    stopped, would make twistd end by the signal.
    """

    def stop(number: int, _: Any) -> None:
        ignore_signals()
        reactor.callFromThread(reactor.callWhenRunning, reactor.stop)

    minded = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]

    def install() -> None:
        for number in minded:
            signal.signal(number, stop)

    install()
    reactor.callWhenRunning(install)


def ignore_signals() -> None:
    """From now on nothing interrupts the saving."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def raise_file_limit() -> int:
    """Allow as many open sockets as the system lets us; how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
