"""Before the first client: databases reached and up to date, content read, nobody said to be online."""

import errno
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IAddress, IListeningPort, IProtocolFactory
from twisted.logger import Logger

from bluemarble.client.keyfile import append
from bluemarble.config import Config, ConfigError
from bluemarble.db import upkeep, world
from bluemarble.db.pool import Database
from bluemarble.db.threads import Executor
from bluemarble.db.update import Updater
from bluemarble.native.pump import Pump
from bluemarble.rows.world_players import (
    PlayercreateinfoActionRow,
    PlayercreateinfoItemRow,
    PlayercreateinfoRow,
    PlayercreateinfoSkillsRow,
    PlayercreateinfoSpellCustomRow,
)
from bluemarble.servers.gateway import Databases
from bluemarble.servers.starting import Starts
from bluemarble.settings import Udp
from bluemarble.sim.content import USED, Content

log = Logger()

NAMES: tuple[Literal["auth"], Literal["characters"], Literal["world"]] = ("auth", "characters", "world")
BYTES_KBIT = 1000 // 8
NO_IPV6 = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
STARTING = (
    PlayercreateinfoRow,
    PlayercreateinfoActionRow,
    PlayercreateinfoItemRow,
    PlayercreateinfoSkillsRow,
    PlayercreateinfoSpellCustomRow,
)


class CannotStart(Exception):
    """What an operator must do before the server can run; no traceback helps."""


class CannotGoOn(Exception):
    """Why a running server has to stop; no traceback helps."""


class Sockets(NamedTuple):
    """
    Where datagrams come and go.

    @ivar port: the same on every address.
    @ivar addresses: for people.
    """

    pump: Pump
    port: int
    addresses: list[IAddress]


OpensSockets = Callable[[Udp, Iterable[str], int], Sockets]


class Loaded(NamedTuple):
    """What is read once at start."""

    content: Content
    starts: Starts
    reserved_names: frozenset[str]


def databases(config: Config, reactor: Any, executor: Executor = "threads") -> Databases:
    """
    The three databases of a configuration; nothing is connected yet.

    @raise ConfigError: a URL is not one.
    """
    made = []
    for name in NAMES:
        try:
            made.append(
                Database(
                    config.database(name),
                    reactor,
                    readers_min=config.databases.readers_min,
                    readers_max=config.databases.readers_max,
                    executor=executor,
                )
            )
        except (ValueError, ImportError) as error:
            for database in made:
                database.close()
            raise ConfigError(f"databases.{name}: {error}") from None
    return Databases(*made)


async def prepare(config: Config, found: Databases, clock: Any, names: Iterable[str] = NAMES) -> None:
    """
    Wait until the databases answer, and bring them up to date.

    @raise CannotStart: one is not up to date, and may not be updated.
    """
    for name in names:
        database: Database = getattr(found, name)
        if database.dialect == "sqlite" and database.url.database not in (None, "", ":memory:"):
            Path(str(database.url.database)).parent.mkdir(parents=True, exist_ok=True)
        await database.wait_until_up(clock)
        updater = Updater(database, name)
        if config.databases.update:
            for file in await updater.update():
                log.info("{name} database: applied {file}", name=name, file=file)
            continue
        status = await updater.status()
        if status.pending or status.unfinished:
            raise CannotStart(f"the {name} database is not up to date: run `bluemarble db update`")


async def load(found: Databases) -> Loaded:
    """Everything that is read once; the reading runs in the databases' threads."""

    def read(conn: Connection) -> tuple[Content, Starts]:
        content = Content(*world.tables(conn, USED))
        return content, Starts(content.items.values(), *world.tables(conn, STARTING))

    content, starts = await found.world.read(read)
    if not starts.places:
        raise CannotStart("the world database has no playercreateinfo: nobody could make a character")
    return Loaded(content, starts, await found.characters.read(upkeep.reserved_names))


def listen(
    reactor: Any, addresses: Iterable[str], port: int, factory: IProtocolFactory, what: str
) -> list[IListeningPort]:
    """
    Listen on every address; a machine without IPv6 does without it.

    IPv6 comes first: on Linux its "::" takes IPv4 too, and "0.0.0.0" is then in use, by us.

    @raise CannotStart: the port is in use, or may not be used.
    """
    ports: list[IListeningPort] = []
    wanted = sorted(addresses, key=lambda address: ":" not in address)
    for address in wanted:
        at = port or (ports[0].getHost().port if ports else 0)  # type: ignore[attr-defined]
        try:
            ports.append(reactor.listenTCP(at, factory, interface=address))
        except CannotListenError as error:
            number = getattr(error.socketError, "errno", 0)
            if number in NO_IPV6 and ":" in address and address != wanted[-1]:
                log.info("{what}: no IPv6 on this machine", what=what)
            elif number != errno.EADDRINUSE or address != "0.0.0.0" or "::" not in wanted or not ports:
                for opened in ports:
                    opened.stopListening()
                why = os.strerror(number) if number else error.socketError
                raise CannotStart(f"{what}: cannot listen on port {at} of {address}: {why}") from None
    return ports


def sockets(settings: Udp, addresses: Iterable[str], tcp_port: int) -> Sockets:
    """
    The UDP sockets, on every address where TCP listens; nothing is received before `pump.start`.

    @param tcp_port: as configured: what a port of -1 means.
    @raise CannotStart: the port is in use, or may not be used.
    """
    pump = Pump(
        settings.io_threads,
        lanes=settings.world_threads,
        rates=(
            settings.bandwidth_kbit * BYTES_KBIT,
            settings.bandwidth_kbit_min * BYTES_KBIT,
            settings.bandwidth_kbit_max * BYTES_KBIT,
        ),
        receive_bytes=settings.receive_buffer_bytes,
        send_bytes=settings.send_buffer_bytes,
    )
    everywhere = ("0.0.0.0",) if "::" in addresses else ()  # of TCP, "::" takes IPv4, too
    hosts = sorted({*addresses, *everywhere}, key=lambda host: (":" not in host, host))
    port = tcp_port if settings.port < 0 else settings.port
    bound: list[IAddress] = []
    for host in hosts:
        try:
            port = pump.bind(host, port)
        except OSError as error:
            if ":" in host and any(os.strerror(code) in str(error) for code in NO_IPV6) and host != hosts[-1]:
                log.info("world server on UDP: no IPv6 on this machine")
                continue
            raise CannotStart(f"world server on UDP: {error}") from None
        bound.append((IPv6Address if ":" in host else IPv4Address)("UDP", host, port))
    tell_small(pump.buffers(), settings)
    return Sockets(pump, port, bound)


def key_log(config: Config) -> Path | None:
    """
    The file that the keys of every link go into; None: there is none.

    @raise CannotStart: it cannot be written.
    """
    if not config.capture.key_log:
        return None
    path = config.path(config.capture.key_log)
    try:
        append(path, "")
    except OSError as error:
        raise CannotStart(f"capture.key_log: {error}") from None
    log.warn(
        "THE KEYS OF EVERY DATAGRAM LINK ARE WRITTEN INTO {path}: who has that file and has recorded the "
        "network reads all that players do.  Empty `key_log` of [capture] ends that.",
        path=str(path),
    )
    return path


def tell_small(buffers: tuple[int, int], settings: Udp) -> None:
    """
    A line for the operator when the system gave the sockets less room than is configured.

    @param buffers: to receive and to send, bytes as Linux counts them: twice what may be in them.
    """
    wanted = settings.receive_buffer_bytes, settings.send_buffer_bytes
    for name, got, bytes_ in zip(("rmem_max", "wmem_max"), buffers, wanted, strict=True):
        if got // 2 < bytes_:
            log.info(
                "world server on UDP: a socket's buffer has {got} KiB, and is to have {wanted}: "
                "net.core.{name} forbids it",
                got=got // 2048,
                wanted=bytes_ // 1024,
                name=name,
            )
