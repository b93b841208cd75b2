"""
A proxy between clients and a server, any of both, that notes what they say in clear.

It knows the accounts' passwords: towards a client it is the auth server, towards the server the client, and
so it has a session key with each.  Or it knows the session keys themselves; then the logon goes through as it
is.  Either way the realms in the list become its own doors, one for each.
"""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IAddress, IListeningPort
from twisted.internet.protocol import Factory
from twisted.logger import Logger

from bluemarble.client.arrival import WORLD_PORT, address
from bluemarble.client.endpoints import AUTH_PORT
from bluemarble.servers.capturing import CaptureFile
from bluemarble.tools.capturing.asking import Answering
from bluemarble.tools.capturing.crossing import ClientEnd
from bluemarble.tools.capturing.listing import ListingEnd
from bluemarble.wire import srp6
from bluemarble.wire.captures.record import US, Captured
from bluemarble.wire.errors import Malformed
from bluemarble.wire.relay import Frame, Keys
from opcodes import logon

REALMS_LIMIT = 64
PORTS_TRIED = 100


class CannotGoOn(ValueError):
    """What the operator must know."""


class Passwords:
    """
    Accounts of known passwords, and the keys that came of their logins.

    @param known: name to password.
    """

    def __init__(self, known: dict[str, str]) -> None:
        self._known = {srp6.upper(name): password for name, password in known.items()}
        self.keys: dict[bytes, Keys] = {}

    def of(self, name: str) -> str | None:
        """The account's password; None when it is not known."""
        return self._known.get(srp6.upper(name))

    def keys_of(self, name: str) -> Keys | None:
        """What its last login agreed on, with client and server; None before the first."""
        return self.keys.get(srp6.upper(name))


class KeyFile:
    """
    Session keys from a file that may grow: a line each, an account's name and 80 hexadecimal digits.

    The last line of an account counts: so whoever learns keys can append them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def keys_of(self, name: str) -> Keys | None:
        """The account's key, which is the same on both sides; None when it is not in the file."""
        found = None
        for line in self._path.read_text(encoding="utf-8", errors="replace").splitlines():
            account, _, digits = line.strip().rpartition(" ")
            if srp6.upper(account.strip()) == srp6.upper(name):
                try:
                    key = bytes.fromhex(digits)
                except ValueError:
                    continue
                found = Keys(key, key) if len(key) == srp6.KEY_WIDTH else found
        return found


class Proxy:
    """
    What all connections share.

    @param secrets: who knows the keys.
    @param host, port: the auth server.
    @param out: takes what is captured.
    @param here: the address that realms are given; "": the one that the client has reached us at.
    @param world_port: of the first realm's door, the others are above it; 0: any.
    @ivar counts: what happened, by kind.
    """

    log = Logger()

    def __init__(
        self,
        reactor: Any,
        secrets: Passwords | KeyFile,
        host: str,
        out: CaptureFile,
        *,
        port: int = AUTH_PORT,
        here: str = "",
        world_port: int = WORLD_PORT,
        wall_s: Callable[[], float] = time.time,
        random: srp6.Random,
    ) -> None:
        self.reactor, self.secrets, self.out = reactor, secrets, out
        self.host, self.port = host, port
        self.wall_s, self.random = wall_s, random
        self.counts: Counter[str] = Counter()
        self._here, self._world_port = here, world_port
        self._doors: dict[tuple[str, int], IListeningPort] = {}
        self._auth: IListeningPort | None = None
        self._sessions = 0

    def listen(self, port: int = AUTH_PORT, interface: str = "") -> IAddress:
        """
        Take logins.

        @return: where.  @raise CannotGoOn: the port is not ours to have.
        """
        self._interface = interface
        try:
            self._auth = self.reactor.listenTCP(port, _Door(self._logon), interface=interface)
        except CannotListenError as why:
            raise CannotGoOn(str(why)) from None
        return self._auth.getHost()

    def stop(self) -> None:
        """Take no more connections."""
        for port in [*self._doors.values(), *([self._auth] if self._auth else [])]:
            port.stopListening()
        self._doors.clear()
        self._auth = None

    def _logon(self) -> Any:
        if isinstance(self.secrets, Passwords):
            return Answering(self, self.secrets)
        return ListingEnd(self)

    def through(self, realms: list[logon.Realm], reached: str) -> list[logon.Realm]:
        """
        The realms, each at a door of ours; those for which there is none as they are.

        @param reached: the address that the client has for us.
        """
        for realm in realms:
            try:
                door = self._door(address(realm))
            except Malformed as why:
                self.log.info("no door: {why}", why=str(why))
                continue
            if door is not None:
                here = self._here or reached
                realm.address = f"{f'[{here}]' if ':' in here else here}:{door.getHost().port}"  # type: ignore[attr-defined]
        return realms

    def _door(self, to: tuple[str, int]) -> IListeningPort | None:
        if to not in self._doors and len(self._doors) < REALMS_LIMIT:
            first = self._world_port
            for port in range(first, first + PORTS_TRIED) if first else (0,):
                try:
                    self._doors[to] = self.reactor.listenTCP(
                        port, _Door(lambda: ClientEnd(self, *to)), interface=self._interface
                    )
                    self.log.info("realm at {to}: port {port}", to=to, port=self._doors[to].getHost())
                    break
                except CannotListenError:
                    continue
        return self._doors.get(to)

    def session(self) -> int:
        """A number for one that begins."""
        self._sessions += 1
        return self._sessions

    def captured(self, session: int, build: int, frame: Frame, host: str, port: int) -> None:
        """Note a packet."""
        self.counts["packets"] += 1
        self.out.take(
            Captured(
                time_us=int(self.wall_s() * US),
                from_client=frame.from_client,
                connection=session,
                opcode=frame.opcode,
                body=frame.body,
                build=build,
                address=host,
                port=port,
                comment=frame.note,
            )
        )

    def keys_of(self, name: str) -> Keys | None:
        """As of `secrets`; a file that cannot be read has none."""
        try:
            return self.secrets.keys_of(name)
        except OSError as why:
            self.log.warn("no keys: {why}", why=str(why))
            return None

    def refused(self, why: str) -> None:
        """A session cannot go on: count it and say why."""
        self.counts["sessions cut"] += 1
        self.log.info("a session is cut: {why}", why=why)


class _Door(Factory):
    """Makes a protocol for each connection."""

    noisy = False

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def buildProtocol(self, addr: IAddress | None) -> Any:
        return self._make()
