"""A realm on MariaDB for a measurement, the bots that play there, and a checkout that runs its journal."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.replay import read
from bench.server import Server
from bluemarble.config import load
from bluemarble.servers.opening import NAMES
from bluemarble.tools.ordering import ordered
from tests import mariadb

ROOT = Path(__file__).resolve().parents[1]
REALM_ID = 1
COMMAND = [sys.executable, "-c", "from bluemarble.tools.console import main; main()"]
ARRIVALS = 20.0  # a second


class Realm(Server):
    """
    One all-in-one server in `folder`, on a MariaDB of its own.

    @param settings: more of them, as environment variables.
    """

    def __init__(self, folder: Path, maria: mariadb.Server, settings: dict[str, str]) -> None:
        super().__init__(folder, settings)
        self.maria = maria

    def init(self) -> None:
        """Makes the world's folder and databases; its ports and databases are in its bluemarble.toml."""
        flags = [f"--{name}-db={self.maria.url(name)}" for name in NAMES]
        flags += [f"--auth-port={self.auth_port}", f"--world-port={self.world_port}"]
        words = self._command("bluemarble", "init", str(self.folder), *flags)
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **self.settings})

    def order(self, *words: str) -> str:
        """What the running server answers to an order."""
        return ordered(self.folder, REALM_ID, list(words))

    def journals(self) -> list[Path]:
        """Its files, in their order."""
        return sorted((self.folder / "journals").glob("*.bmj"))

    @property
    def world_db(self) -> str:
        """The URL of what its content is in."""
        return load(self.folder / "bluemarble.toml").database("world")


class Bots:
    """
    `bluemarble bots` on a realm, in a process of its own; they wander.

    @param spread_yards: the side of the square in which they are.
    """

    def __init__(self, realm: Realm, players: int, seconds: float, spread_yards: float) -> None:
        self.report = realm.folder / "bots.json"
        words = {
            "dir": realm.folder,
            "port": realm.auth_port,
            "players": players,
            "seconds": seconds,
            "scenario": "wander",
            "spread": spread_yards,
            "arrivals": ARRIVALS,
            "json": self.report,
        }
        self._process = subprocess.Popen(
            [*COMMAND, "bots", *(f"--{name}={value}" for name, value in words.items())],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )

    def wait(self) -> int:
        """Until they have played; the status."""
        return self._process.wait()

    def stop(self) -> None:
        """At once, if they still play."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()


def checkout(folder: Path) -> Path:
    """
    Another checkout of what is committed here, its C module built.

    @raise CalledProcessError: there is no git, or no compiler.
    """
    there = folder / "checkout"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(there)], check=True)
    subprocess.run(
        ["make", "native", f"PYTHON={sys.executable}"], cwd=there, check=True, stdout=subprocess.DEVNULL
    )
    return there


def rerun(there: Path, file: Path, world_db: str) -> dict[str, Any]:
    """
    What `bluemarble replay` of a checkout says of a journal.

    @raise RuntimeError: its state, or a link of its chain, is another: the message says in which tick.
    """
    words = [*COMMAND, "replay", str(file), "--world-db", world_db]
    done = subprocess.run(words, cwd=there, capture_output=True, text=True, check=False)
    print(done.stdout, flush=True)
    if done.returncode:
        raise RuntimeError(f"the replay ended with {done.returncode}: {done.stderr.strip()}")
    return read(done.stdout)


def cpu_s(pid: int) -> float:
    """CPU time of a process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
