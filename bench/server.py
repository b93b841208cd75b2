"""The server under measurement: a process of its own with a probe in it, accounts put into its database."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import create_engine, text

from bluemarble.wire import srp6

START_LIMIT_S = 60
TICKS = re.compile(r"ticks: median ([\d.]+) ms, p99 ([\d.]+) ms, longest ([\d.]+) ms, (\d+) late")
TICKS_S = 10
SETTINGS = {"BLUEMARBLE__LOG__TICKS_S": str(TICKS_S), "BLUEMARBLE__WORLD__PORT_5875": "0"}


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Server:
    """
    One all-in-one server in `folder`, on SQLite.

    @param settings: more of them, as environment variables.
    @ivar start_s: from the process's start until clients can log in.
    """

    def __init__(self, folder: Path, settings: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.settings = {**SETTINGS, **(settings or {})}
        self.probe_file = folder / "probe.json"
        self.auth_port, self.world_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.start_s = 0.0

    @property
    def pid(self) -> int:
        """Of the server's process."""
        assert self.process is not None
        return self.process.pid

    def init(self) -> None:
        """Makes the world's folder and databases."""
        subprocess.run(
            self._command("bluemarble", "init", str(self.folder)), check=True, stdout=subprocess.DEVNULL
        )

    def _command(self, *program: str) -> list[str]:
        """A program of this tree's with the probe in it, whatever tree is installed."""
        return [sys.executable, "-m", "bench.probe", str(self.probe_file), *program]

    def accounts(self, names: Iterable[str], password: str) -> None:
        """Accounts as an outside tool would insert them; one salt each, as everywhere."""
        engine = create_engine(f"sqlite:///{self.folder / 'auth.sqlite'}")
        with engine.begin() as conn:
            for name in names:
                salt = b"\x01" + os.urandom(30) + b"\x01"
                conn.execute(
                    text("INSERT INTO account (username, salt, verifier, expansion) VALUES (:n, :s, :v, 2)"),
                    {"n": name, "s": salt, "v": srp6.verifier(name, password, salt)},
                )
        engine.dispose()

    def start(self) -> None:
        """Runs all of it until its auth port answers, which is the last; its output goes to server.log."""
        self._start(
            "bluemarble",
            "run",
            str(self.folder),
            "--auth-port",
            str(self.auth_port),
            "--world-port",
            str(self.world_port),
        )

    def start_auth(self) -> None:
        """Runs the auth server alone."""
        self._start(
            "twistd",
            "-n",
            "--pidfile=",
            "bluemarble-auth",
            "--config",
            str(self.folder / "bluemarble.toml"),
            "--auth-port",
            str(self.auth_port),
        )

    def _start(self, *program: str) -> None:
        began = time.monotonic()
        with (self.folder / "server.log").open("wb") as log:
            self.process = subprocess.Popen(
                self._command(*program),
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.settings},
            )
        while time.monotonic() - began < START_LIMIT_S:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.auth_port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                self.start_s = time.monotonic() - began
                return
        raise RuntimeError(f"no server; see {self.folder / 'server.log'}")

    def probe(self, garbage: bool = False) -> dict[str, float]:
        """What it has used so far, or also what garbage it has left; see bench/probe.py."""
        assert self.process is not None
        self.probe_file.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR2 if garbage else signal.SIGUSR1)
        while not self.probe_file.exists():
            time.sleep(0.001)
            assert self.process.poll() is None
        used: dict[str, float] = json.loads(self.probe_file.read_text())
        return used

    def sql(self, database: str, *statements: str) -> None:
        """Changes one of its databases as an outside tool would; best while it is not running."""
        engine = create_engine(f"sqlite:///{self.folder / database}.sqlite")
        with engine.begin() as conn:
            for statement in statements:
                conn.exec_driver_sql(statement)
        engine.dispose()

    def script(self, database: str, file: Path) -> None:
        """Runs a file of SQL on one of its databases."""
        script = file.read_text(encoding="utf-8")
        with sqlite3.connect(self.folder / f"{database}.sqlite") as conn:
            conn.executescript(script)
        conn.close()

    def ticks(self, since_bytes: int = 0) -> dict[str, float]:
        """
        What the server's ticks were since a place in the log: the worst of its windows of TICKS_S seconds.
        """
        windows = [tuple(map(float, m)) for m in TICKS.findall(self.log()[since_bytes:])]
        if not windows:
            raise RuntimeError("no window of ticks: measure for longer")
        p50, p99, longest, late = (max(column) for column in zip(*windows, strict=True))
        return {"p50": p50, "p99": p99, "longest": longest, "late": late, "windows": len(windows)}

    def log(self) -> str:
        """What it has written."""
        return (self.folder / "server.log").read_text()

    def stop(self) -> int:
        """SIGTERM, and its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)
