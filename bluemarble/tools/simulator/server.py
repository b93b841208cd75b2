"""The server of a simulation: auth, gateway, world and databases, started, stopped, and killed."""

import contextlib
import os
import random
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from sqlalchemy import text
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from bluemarble.config import Config
from bluemarble.db import accounts
from bluemarble.servers import allinone
from bluemarble.servers.opening import BYTES_KBIT, Sockets
from bluemarble.settings import Udp
from bluemarble.tools.databases import opened, result, update
from bluemarble.tools.simulator.process import Process, World
from bluemarble.tools.simulator.pump import SimulatedPump
from bluemarble.tools.simulator.storage import Disk, Storage
from bluemarble.wire import srp6

HOST = "10.0.0.1"
NOON_S = 1_763_640_000  # unix time when the clock stands at 0
ACCOUNTS = 8
DATABASES = ("auth", "characters", "world")
NEAR_YARDS = 60  # of the world's spawns those are kept that are so near to where characters begin


class Settings(Config):
    """A configuration that the environment does not change."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given, and nothing else."""
        return (init_settings,)


def account(number: int) -> tuple[str, str]:
    """Name and password of one of the ACCOUNTS; every third is a game master's."""
    return f"BOT{number}", f"SECRET{number}"


def account_id(number: int) -> int:
    """Its id: they are made in their order."""
    return number + 1


def is_master(name: str) -> bool:
    """Whether the account of that name is a game master's."""
    return int(name.removeprefix("BOT")) % 3 == 0


def make_template(folder: Path) -> None:
    """The three databases as every simulation begins with them: a small world, and accounts."""
    config = Settings(directory=str(folder))
    list(update(config))
    chance = random.Random("accounts")
    with opened(config, "auth") as database:
        for number in range(ACCOUNTS):
            name, password = account(number)
            salt = srp6.draw_salt(chance.randbytes)
            verifier = srp6.verifier(name, password, salt)
            make = partial(accounts.create_account, username=name, salt=salt, verifier=verifier)
            result(database.write(partial(make, gmlevel=int(is_master(name)))))
        result(database.write(lambda conn: accounts.secret(conn, chance.randbytes)))
    with opened(config, "world") as database:
        result(database.write(_near))


def _near(conn: Any) -> None:
    """Leave out what nobody here comes to see: reading it at each start is what a simulation would cost."""
    begins = conn.execute(text("SELECT DISTINCT map, position_x, position_y FROM playercreateinfo")).all()
    near = " OR ".join(
        f"(map = {map_} AND abs(position_x - {x}) < {NEAR_YARDS} AND abs(position_y - {y}) < {NEAR_YARDS})"
        for map_, x, y in begins
    )
    for table in ("creature", "gameobject"):
        conn.execute(text(f"DELETE FROM {table} WHERE NOT ({near})"))
    for statement in (
        "DELETE FROM creature_addon WHERE guid NOT IN (SELECT guid FROM creature)",
        "DELETE FROM waypoint_data WHERE id NOT IN (SELECT path_id FROM creature_addon)",
        "DELETE FROM player_levelstats WHERE level > 2",
        "DELETE FROM player_classlevelstats WHERE level > 2",
        "DELETE FROM creature_classlevelstats WHERE level > 10",
        "DELETE FROM playercreateinfo_action WHERE race > 1 OR class > 1",
        "DELETE FROM playercreateinfo_item WHERE race > 1 OR class > 1",
    ):
        conn.execute(text(statement))


class Server:
    """
    One start of the server, until it is stopped or killed.

    @param folder: where its databases are.  @param settings: sections of a configuration.
    @param told: called with this once clients can log in, or once it is known that they cannot.
    @ivar ready: clients can log in.
    @ivar why: what it failed with, when it could not start.
    """

    def __init__(
        self,
        world: World,
        storage: Storage,
        folder: Path,
        number: int,
        settings: dict[str, Any],
        told: Callable[["Server"], None],
    ) -> None:
        self.number, self.folder = number, folder
        self.process = Process(world, HOST, f"server{number}")
        self.chance = world.chance("server", number)
        here: dict[str, Any] = {"addresses": ("0.0.0.0",), "realm_address": HOST, "builds": (12340,)}
        sections: dict[str, Any] = {
            **settings,
            "auth": {"addresses": ("0.0.0.0",)},
            "world": {**here, **settings.get("world", {})},
            "log": {"ticks_s": 0},
        }
        config = Settings(directory=str(folder), **sections)
        self.pump: SimulatedPump | None = None
        self.services = allinone.build(
            config,
            self.process,
            executor=storage.workers(self.process),
            wall_s=lambda: NOON_S + world.clock.seconds(),
            random=self.chance.randbytes,
            sockets=self._sockets,
        )
        behind = self.services.world.behind
        self.disk = Disk(behind.outage, storage)
        behind.outage = self.disk
        self.ready = self.stopped = False
        self.why: Failure | None = None
        self._told = told
        self.services.whole.ready.addCallbacks(self._is_ready, self._failed)

    def start(self) -> None:
        """Open it."""
        self.services.whole.startService()

    def stop(self) -> Deferred[None]:
        """As SIGTERM does; fires when everything is saved."""
        self.ready = False
        stopping = self.services.whole.stopService()
        return stopping.addCallback(self._is_stopped)

    def kill(self) -> None:
        """End it without a word, as kill -9 does: what the system had of it is given back."""
        self.ready, self.stopped = False, True
        self.process.kill()
        self.disk.tear()
        for database in self.services.databases:
            with contextlib.suppress(Exception):
                database.close()
        if self.why is None:  # one that was refused has none
            _unlock(self.folder)

    def _is_ready(self, _: None) -> None:
        self.ready = True
        self._told(self)

    def _failed(self, failure: Failure) -> None:
        self.why = failure
        self._told(self)

    def _is_stopped(self, _: None) -> None:
        self.stopped = True
        self.process.kill()

    def _sockets(self, settings: Udp, addresses: Iterable[str], tcp_port: int) -> Sockets:
        rates = (settings.bandwidth_kbit, settings.bandwidth_kbit_min, settings.bandwidth_kbit_max)
        first, least, most = (rate * BYTES_KBIT for rate in rates)
        self.pump = SimulatedPump(self.process, self.chance.randbytes, (first, least, most))
        port = self.pump.bind(HOST, tcp_port if settings.port < 0 else settings.port)
        return Sockets(self.pump, port, [])


def _unlock(folder: Path) -> None:
    """Close the lock files that a killed process had open; that is what its kernel does."""
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            target = entry.readlink()
            if target.parent == folder.absolute() and target.suffix == ".lock":
                os.close(int(entry.name))


def copy(template: Path, folder: Path) -> None:
    """The databases of a new world."""
    for name in DATABASES:
        shutil.copy(template / f"{name}.sqlite", folder / f"{name}.sqlite")
