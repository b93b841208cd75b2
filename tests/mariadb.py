"""
A MariaDB server of our own for a test session: its own folder, its own port, nothing lasting.

`with Server() as server:` starts it; `server.url("auth")` is where a database of that name is or will be.
Needs Debian's mariadb-server-core (or mariadb-server, whose service is neither needed nor touched).
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

USER, PASSWORD = "blue", "m@rble"  # the sign checks that URLs are quoted
START_LIMIT_S = 60.0
OPTIONS = (
    "--no-defaults",
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-flush-method=nosync",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=32M",
    "--performance-schema=0",
    "--innodb-file-per-table=0",
    "--skip-name-resolve",
    "--character-set-server=latin1",
    "--max-connections=100",
    "--bind-address=127.0.0.1",
)
MEMORY = Path("/dev/shm")  # hundreds of tables a test are slow on a real disk
MEMORY_NEEDED_BYTES = 1 << 30


class Server:
    """
    A mariadbd that lives as long as the `with`.

    Its server character set is latin1 on purpose: Debian's has been that, and we say utf8mb4 ourselves.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bluemarble-mariadb-", dir=_where()))
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Server":
        try:
            self._install()
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """Where the database of that name is, as our configuration takes it."""
        return f"mysql://{USER}:{PASSWORD.replace('@', '%40')}@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start it, again after `stop`; returns when it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *_as_nobody(),
                    _program("mariadbd"),
                    *OPTIONS,
                    f"--datadir={self.folder}/data",
                    f"--port={self.port}",
                    f"--socket={self.folder}/socket",
                    f"--pid-file={self.folder}/pid",
                    f"--init-file={self.folder}/init.sql",
                ],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        until = time.monotonic() + START_LIMIT_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("mariadbd does not start:\n" + (self.folder / "log").read_text()[-3000:])
            time.sleep(0.05)

    def stop(self, how: int = signal.SIGTERM) -> None:
        """Stop it; SIGKILL is the outage that tests are about."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None

    def _install(self) -> None:
        self.folder.chmod(0o755)
        (self.folder / "init.sql").write_text(
            f"CREATE USER IF NOT EXISTS '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL ON *.* TO '{USER}'@'127.0.0.1';\n"
        )
        (self.folder / "data").mkdir()
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            for path in (self.folder, self.folder / "data"):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        made = subprocess.run(  # --force: a bare machine cannot look its own name up
            [
                *_as_nobody(),
                _program("mariadb-install-db"),
                "--no-defaults",
                f"--datadir={self.folder}/data",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--force",
                *OPTIONS[1:],
            ],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if made.returncode:
            raise RuntimeError(f"mariadb-install-db failed:\n{made.stdout.decode()}{made.stderr.decode()}")

    def _answers(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(1)
            try:
                probe.connect(("127.0.0.1", self.port))
                return bool(probe.recv(1))  # its greeting
            except OSError:
                return False


def _where() -> Path | None:
    """In memory where there is enough, else where temporary files go."""
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    return MEMORY if usable and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED_BYTES else None


def _program(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin")
    if found is None:
        raise RuntimeError(f"{name} is missing: apt-get install mariadb-server-core, or run `make test`")
    return found


def _as_nobody() -> list[str]:
    """mariadbd does not run as root; whoever else we are may run it."""
    if os.getuid() != 0:
        return []
    nobody = pwd.getpwnam("nobody")
    return [
        _program("setpriv"),
        f"--reuid={nobody.pw_uid}",
        f"--regid={nobody.pw_gid}",
        "--clear-groups",
        "--reset-env",
    ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
