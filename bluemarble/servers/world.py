"""The world server: 20 ticks a second, and what surrounds them from the first client to the last save."""

import os
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection
from twisted.application.service import Service
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IAddress, IDelayedCall, IListeningPort
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from bluemarble.config import Config, RealmRow
from bluemarble.db import accounts, characters, realms, upkeep
from bluemarble.db.claim import FileClaim
from bluemarble.db.writing import WriteBehind
from bluemarble.ops.metrics import Durations
from bluemarble.servers import agreeing, control, measuring, opening
from bluemarble.servers.gateway import Databases, Gateway, unanswered
from bluemarble.servers.journals import Journals
from bluemarble.servers.options import ServerOptions, service_of
from bluemarble.servers.performing import Performer
from bluemarble.servers.saving import Saving
from bluemarble.servers.tcp import WorldFactory
from bluemarble.servers.udp import Dead, Udp
from bluemarble.sim.effects import Input
from bluemarble.sim.rules import TICK_MS, Rules
from bluemarble.sim.strain import tick_ms
from bluemarble.sim.world import World
from opcodes.cluster import NMSG_SHUTDOWN

TICK_S = TICK_MS / 1000
WATCH_S = 1
RECOVER_S = 0.5
POPULATION_S = 60
REMEMBERED_TICKS = 72_000  # an hour
DAY_S = 86_400
TOLD = ("name", "address", "port")  # of a realm, when they change


class TickTimes(NamedTuple):
    """How long the ticks took since they were last told of, and how many came more than a tick late."""

    median_ms: float
    p99_ms: float
    longest_ms: float
    late_count: int


class WorldService(Service):
    """
    One realm's world.

    @param wall_s: unix time; @param random: n random bytes.
    @param sockets: opens the UDP sockets; None for a world without, whatever its configuration says.
    @ivar ready: fires when clients can connect; fails with what the operator must know.
    @ivar failed: fails when it cannot go on, with the reason: stop it.
    @ivar addresses, udp_addresses: where it listens.
    @ivar world: what is simulated, once it has been loaded.
    @ivar closes_databases: nobody else uses them: they close with this.
    """

    log = Logger()

    def __init__(
        self,
        config: Config,
        databases: Databases,
        reactor: Any,
        *,
        wall_s: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = os.urandom,
        sockets: opening.OpensSockets | None = None,
    ) -> None:
        self.config, self.databases, self.reactor = config, databases, reactor
        self.wall_s, self.random, self.sockets = wall_s, random, sockets
        journal = config.path(f"unsaved-realm{config.world.realm_id}.journal")
        self.behind = WriteBehind(databases.characters, reactor, journal)
        self.gateway = Gateway(config, databases, Saving(self.behind), reactor, wall_s=wall_s, random=random)
        self.performer = Performer(self.gateway)
        self.ready: Deferred[None] = Deferred()
        self.failed: Deferred[None] = Deferred()
        self.udp: Udp | None = None
        self.udp_addresses: list[IAddress] = []
        self.addresses: list[IAddress] = []
        self.world: World | None = None
        self.journals: Journals | None = None
        self.late_count = self.late_total = 0
        self.durations = Durations()
        self.closes_databases = False
        self._claim: FileClaim | None = None
        self._took_s: deque[float] = deque(maxlen=REMEMBERED_TICKS)
        self._ports: list[IListeningPort] = []
        self._rows: list[RealmRow] = []
        self._due_s = 0.0
        self._next: IDelayedCall | None = None
        self._stopping: Deferred[None] | None = None
        self._population = -1.0
        self._loops = [
            (LoopingCall(self.gateway.watch), WATCH_S),
            (LoopingCall(self._tell_population), POPULATION_S),
            (LoopingCall(self._tell_ticks), config.log.ticks_s),
        ]

    # Start

    def startService(self) -> None:
        """Open the realm; `ready` tells how that went."""
        super().startService()
        Deferred.fromCoroutine(self._open()).addCallbacks(self.ready.callback, self.ready.errback)

    async def _open(self) -> None:
        found, config = self.databases, self.config
        folder = config.path(".").absolute()
        folder.mkdir(parents=True, exist_ok=True)
        self._claim = FileClaim(folder / f"realm{config.world.realm_id}.lock", f"the folder {folder}")
        await opening.prepare(config, found, self.reactor)
        await found.characters.claim()
        await self._recover()
        await found.characters.write(characters.reset_online)
        await self._forget_deleted()
        loaded = await opening.load(found)
        self.gateway.starts, self.gateway.reserved_names = loaded.starts, loaded.reserved_names
        rules = Rules(realm_id=config.world.realm_id, **config.rules.model_dump())
        seed = int.from_bytes(self.random(8), "little")
        self.world = world = World(loaded.content, rules, seed)
        forgotten = unanswered(self.gateway.versions, world.takes)
        if forgotten:
            raise opening.CannotStart(f"nobody takes {', '.join(forgotten)}: this server is not complete")
        self.journals = Journals(config, world, self.wall_s, self.random)
        self.gateway.orders.known["journal"] = self.journals.order
        if not self.running:
            return
        for row, version in zip(config.world.realm_rows(), self.gateway.versions, strict=True):
            ports = opening.listen(
                self.reactor,
                config.world.addresses,
                row.port,
                WorldFactory(self.gateway, version),
                f"world server for build {row.build}",
            )
            self._ports += ports
            self.addresses += [port.getHost() for port in ports]
            self._rows.append(row._replace(port=ports[0].getHost().port))  # type: ignore[attr-defined]
        self._open_udp(world)
        self._ports += measuring.listen(self)
        control_path = control.path_of(folder, config.world.realm_id)
        self._ports += control.listen(self.reactor, control_path, self.gateway.orders)
        await found.auth.write(lambda conn: self._show(conn, online=True))
        self._due_s = self.reactor.seconds()
        self._schedule()
        for loop, interval_s in self._loops:
            loop.clock = self.reactor
            if interval_s:
                loop.start(interval_s, now=False)

    def _open_udp(self, world: World) -> None:
        settings, config = self.config.udp, self.config.world
        if self.sockets is None or not settings.on or 12340 not in config.builds:
            return
        pump, port, self.udp_addresses = self.sockets(settings, config.addresses, config.port)
        world.threads = settings.world_threads
        gateway = self.gateway
        gateway.udp = self.udp = Udp(
            world,
            settings,
            pump,
            gateway.counts,
            partial(agreeing.tunnel_out, gateway),
            port,
            partial(agreeing.kicked, gateway),
            gateway.taps.linked,
        )
        gateway.taps.key_log = opening.key_log(self.config)
        try:
            pump.start()
        except OSError as error:
            raise opening.CannotStart(f"world server on UDP: {error}") from None
        hosts = ", ".join(it.host for it in self.udp_addresses)  # type: ignore[attr-defined]
        self.log.info("world server on UDP: port {port} of {hosts}", port=port, hosts=hosts)

    async def _recover(self) -> None:
        """What an earlier run could not write goes first: who came in before it would be an older self."""
        while self.running and not await self.behind.recover():
            await deferLater(self.reactor, RECOVER_S)

    async def _forget_deleted(self) -> None:
        """What was deleted so long ago that it cannot be restored any more."""
        days = self.config.world.deleted_kept_days
        before_s = int(self.wall_s()) - days * DAY_S
        while days and await self.databases.characters.write(
            lambda conn: upkeep.forget_deleted(conn, before_s)
        ):
            pass

    def _show(self, conn: Connection, *, online: bool) -> None:
        """Put the realm into the realm list, or say there that it is down."""
        address = self.config.world.realm_address
        for row in self._rows:
            accounts.reset_online(conn, row.id)
            was = realms.put_realm(conn, row.id, row.name, address, row.port, row.build)
            changes = [
                f"{what} {new} (it was {old})"
                for what, old, new in zip(TOLD, was or (), (row.name, address, row.port), strict=False)
                if old != new
            ]
            if changes:
                self.log.info("realm {id} of the realm list: {now}", id=row.id, now=", ".join(changes))
            realms.realm_online(conn, row.id, online)

    # Ticks

    def _schedule(self) -> None:
        """
        The next tick is due 50 ms after the last one was, more while time is stretched; those missed by more
        than that are left out.
        """
        tick_s = tick_ms(self.world.strain) / 1000 if self.world is not None else TICK_S
        self._due_s += tick_s
        wait_s = self._due_s - self.reactor.seconds()
        if wait_s < -tick_s:
            missed = int(-wait_s / tick_s) + 1
            self.late_count += missed
            self.late_total += missed
            self._due_s += missed * tick_s
            wait_s += missed * tick_s
        self._next = self.reactor.callLater(max(wait_s, 0.0), self._tick)

    def _tick(self) -> None:
        self._next = None
        began_s = self.reactor.seconds()
        try:
            self.step()
        except Exception:
            self.gateway.counts["errors"] += 1
            if self.gateway.sparing.allows("failed ticks"):
                self.log.failure("a tick failed", failure=Failure())
        ended_s = self.reactor.seconds()
        self._took_s.append(ended_s - began_s)
        self.durations.add((ended_s - began_s) * 1000)
        if self.udp is not None:  # what else kept the thread busy counts, too
            self.udp.overload.measure((ended_s - min(self._due_s, began_s)) * 1000)
        self._schedule()

    def step(self, *last: Input) -> None:
        """One tick: take what has come in, simulate, and carry out what follows."""
        world, gateway = self.world, self.gateway
        if world is None:
            return
        inputs = gateway.next_tick()
        if self.udp is not None:
            inputs += self._udp_inputs(self.udp)
        inputs += last
        if self.journals is not None:
            self.journals.tick(inputs)
        effects = world.step(inputs)
        if self.journals is not None:
            self.journals.stepped(effects)
        gateway.stepped(world.now_ms)
        self.performer.perform(effects)
        if self.udp is not None:
            self.udp.tick()
        for fault in world.faults:
            gateway.counts["faults"] += 1
            if gateway.sparing.allows("faults"):
                error = Failure(fault.error, type(fault.error), fault.error.__traceback__)
                self.log.failure(
                    "handling {packet} of session {session}",
                    failure=error,
                    packet=type(fault.packet).__name__,
                    session=fault.session,
                )

    def _udp_inputs(self, udp: Udp) -> list[Input]:
        """What the links brought; when their threads have failed, the world stops, and saves everybody."""
        try:
            return udp.inputs()
        except Dead as dead:
            self.udp = self.gateway.udp = None
            udp.stop()
            self.failed.errback(opening.CannotGoOn(f"UDP: {dead}"))
            return []

    def busy(self) -> bool:
        """Whether somebody would notice a pause."""
        return bool(self.gateway.sessions or (self.udp is not None and self.udp.links.by_cid))

    def tick_times(self) -> TickTimes:
        """How the ticks were since the last call; the late ones start from 0 again, too."""
        took_ms = sorted(seconds * 1000 for seconds in self._took_s) or [0.0]
        times = TickTimes(
            took_ms[len(took_ms) // 2], took_ms[len(took_ms) * 99 // 100], took_ms[-1], self.late_count
        )
        self._took_s.clear()
        self.late_count = 0
        return times

    def _tell_ticks(self) -> None:
        """A line for the operator: whether the world keeps up, and with how many."""
        times, sessions = self.tick_times(), len(self.gateway.sessions) + len(self.gateway.alone())
        if self.udp is not None:
            self.udp.tell()
        if self.busy():
            self.log.info(
                "ticks: median {median_ms:.1f} ms, p99 {p99_ms:.1f} ms, longest {longest_ms:.1f} ms, "
                "{late_count} late; {sessions} sessions, {present} characters in the world",
                sessions=sessions,
                present=len(self.gateway.present),
                **times._asdict(),
            )

    def _tell_population(self) -> None:
        """How full the realm is, when that has changed: twice the share of its limit, as clients take it."""
        gateway, limit = self.gateway, self.config.world.player_limit
        population = round(2 * (len(gateway.accounts) + len(gateway.alone())) / limit, 2) if limit else 0.0
        if population != self._population:
            self._population = population

            def write(conn: Any) -> None:
                for row in self._rows:
                    realms.realm_online(conn, row.id, True, population)

            self.gateway.telling.tell("population", write)

    # Stop

    def stopService(self) -> Deferred[None]:
        """Save everything and close; asked twice, it is done once."""
        if self._stopping is None:
            super().stopService()
            self._stopping = Deferred.fromCoroutine(self._close())
        return self._stopping

    async def _close(self) -> None:
        gateway = self.gateway
        gateway.closing = True
        for port in self._ports:
            await maybeDeferred(port.stopListening)
        if self._next is not None:
            self._next.cancel()
        for loop, _ in self._loops:
            if loop.running:
                loop.stop()
        if self.world is not None:
            try:
                self.step(Input(0, NMSG_SHUTDOWN()))
            except Exception:
                self.log.failure("the last tick failed", failure=Failure())
        for session in list(gateway.sessions.values()):
            session.close()
        if self.udp is not None:
            self.udp.stop()
        gateway.taps.close()
        if self.journals is not None:
            self.journals.close()
        if not await gateway.saving.flush():
            self.log.warn(
                "what the characters database has not taken is in {path}; it is written at the next start",
                path=str(self.behind.outage.path.absolute()),
            )
        self.behind.stop()
        if self.addresses:
            gateway.telling.tell("realm", lambda conn: self._show(conn, online=False))
            if untold := await gateway.telling.flush():
                self.log.warn(
                    "the auth database is away: {untold} things in it are wrong until the next start, "
                    "whether the realm is up and who is online",
                    untold=untold,
                )
        if self.closes_databases:
            for database in self.databases:
                database.close()
        if self._claim is not None:
            self._claim.release()


class Options(ServerOptions):
    """Of `twistd bluemarble-world`."""

    longdesc = "The world server: one realm's simulation, for clients on TCP and UDP."


def makeService(options: Options) -> Service:
    """What twistd runs."""

    def make(config: Config, reactor: Any) -> Service:
        databases = opening.databases(config, reactor)
        service = WorldService(config, databases, reactor, sockets=opening.sockets)
        service.closes_databases = True
        return service

    return service_of(options, make)
