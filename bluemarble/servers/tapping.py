"""
What a running server's clients say and are told, noted on demand: into a file, or shown to who watches.

An account is tapped from its next packet on, or from its next login; the login itself is never noted.  What a
tick says waits in a queue and is written between ticks; one that is full drops what comes, and counts it.
"""

import re
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from bluemarble.db.accounts import upper_latin
from bluemarble.servers import keylogs
from bluemarble.servers.control import Refused
from bluemarble.servers.outlets import File, Tap, Watching
from bluemarble.wire.captures import pcapng
from bluemarble.wire.captures.record import US, CannotHold, Captured

if TYPE_CHECKING:
    from bluemarble.servers.gateway import Gateway
    from bluemarble.servers.links import Link
    from bluemarble.servers.session import Session

DRAIN_S = 0.2
TAPS_LIMIT = 64
MIB = 1 << 20
DIRECTORY = "captures"  # when the configuration has none
TAKEN_LIMIT = 1000  # names that are tried for a new file
log = Logger()


class Taps:
    """
    Who is listened to, by account; what staff and the socket can order of it.

    @ivar taps: by account's name, in latin capitals.
    @ivar ended: what is to be told of captures that ended by themselves, likewise, until their next order.
    @ivar key_log: where the keys of every datagram link go; None: those of captured accounts alone are kept.
    """

    def __init__(self, gateway: "Gateway") -> None:
        self.gateway, self.settings = gateway, gateway.config.capture
        self.taps: dict[str, list[Tap]] = {}
        self.ended: dict[str, str] = {}
        self.key_log: Path | None = None
        self._loop = LoopingCall(self.drain)
        self._loop.clock = gateway.clock
        gateway.orders.known["capture"] = self.order
        gateway.orders.flows["watch"] = self.watch

    # Orders

    def order(self, words: list[str]) -> str:
        """
        `begin ACCOUNT`, with `pkt` or `pcapng` if need be; `end ACCOUNT`; `status`.

        @return: how it is now.  @raise Refused: it is none of these, or it cannot be done.
        """
        match words:
            case ["begin", account]:
                return self._begin(account, pcapng.SUFFIX)
            case ["begin", account, ("pkt" | "pcapng") as form]:
                return self._begin(account, f".{form}")
            case ["end", account]:
                return self._end(account)
            case ["status"]:
                told = [tap.told() for taps in self.taps.values() for tap in taps]
                return "\n".join([*(told or ["Nothing is captured."]), *self.ended.values()])
        raise Refused("capture begin ACCOUNT [pkt|pcapng], capture end ACCOUNT or capture status")

    def watch(self, words: list[str]) -> Watching:
        """
        `watch ACCOUNT`.

        @raise Refused: it is not that, or there are too many already.
        """
        if len(words) != 1:
            raise Refused("watch ACCOUNT")
        account = upper_latin(words[0])
        watching = Watching(account, self.settings.mask_chat, self._unwatch)
        watching.said += self._where(account)
        self._add(watching.tap)
        return watching

    def _begin(self, name: str, suffix: str) -> str:
        account = upper_latin(name)
        if any(isinstance(tap.out, File) for tap in self.taps.get(account, ())):
            raise Refused(f"{account} is captured already")
        session = self._session(account)
        build = session.wire.version.build if session else self.gateway.versions[0].build
        try:
            out = self._file(account, suffix, build)
        except (OSError, CannotHold) as why:
            raise Refused(f"no capture: {why}") from None
        try:
            self._add(Tap(account, out))
        except Refused:
            out.close()
            out.path.unlink(missing_ok=True)
            raise
        self.ended.pop(account, None)
        return f"Capturing {account} into {out.path}{self._where(account)}{self._keys(account, out.path)}"

    def _file(self, account: str, suffix: str, build: int) -> File:
        folder = self.gateway.config.path(self.settings.path or DIRECTORY)
        folder.mkdir(parents=True, exist_ok=True)
        now_s, plain = int(self.gateway.wall_s()), re.sub(r"[^A-Za-z0-9]", "_", account)
        for number in count():
            name = f"{plain}-{now_s}{f'-{number}' if number else ''}{suffix}"
            try:
                return File(
                    folder / name,
                    now_s * US,
                    build,
                    self.settings.mask_chat,
                    self.settings.file_mib * MIB,
                )
            except FileExistsError:
                if number == TAKEN_LIMIT:
                    raise
        raise AssertionError("there is always another number")

    def _end(self, name: str) -> str:
        account = upper_latin(name)
        for tap in self.taps.get(account, ()):
            if isinstance(tap.out, File):
                tap.drain()
                self._remove(tap)
                return tap.told()
        if account in self.ended:
            return self.ended.pop(account)
        raise Refused(f"{account} is not captured")

    def _where(self, account: str) -> str:
        """What is to be known of how the account plays."""
        return "" if self._session(account) else ", once it logs in"

    def _keys(self, account: str, capture: Path) -> str:
        """Keep the keys of the link that the account has, and say where those are, and will be."""
        udp, session = self.gateway.udp, self._session(account)
        link = None if udp is None or session is None else udp.links.by_session.get(session.number)
        if link is None:
            return ""
        path = keylogs.beside(capture)
        return f"; its datagram link's keys are in {path}" if keylogs.note(link, path) else ""

    # Sessions

    def _session(self, account: str) -> "Session | None":
        for session in self.gateway.accounts.values():
            if session.account is not None and upper_latin(session.account.username) == account:
                return session
        return None

    def attach(self, session: "Session") -> None:
        """A session has been proven, or its account's taps have changed."""
        if not self.taps and session.wire.tap is None:
            return
        account = upper_latin(session.proven().username)
        taps = self.taps.get(account)
        session.wire.tap = partial(self._heard, session, taps) if taps else None
        self._attach_link(session)
        self.gateway.comings += 1  # audiences that were made know of another tap

    def linked(self, link: "Link") -> None:
        """There is a new datagram link."""
        if self.key_log is not None:
            keylogs.note(link, self.key_log)
        session = self.gateway.sessions.get(link.session)
        if not self.taps or session is None or session.account is None:
            return
        taps = self.taps.get(upper_latin(session.account.username), ())
        for tap in taps:
            if isinstance(tap.out, File):
                keylogs.note(link, keylogs.beside(tap.out.path))
        self._attach_link(session)

    def _attach_link(self, session: "Session") -> None:
        """The link of a session has the taps that the session has."""
        udp = self.gateway.udp
        link = None if udp is None else udp.links.by_session.get(session.number)
        if udp is None or link is None:
            return
        taps = self.taps.get(upper_latin(session.proven().username))
        if taps is None and link.tap is None:
            return  # of ten thousand links few are anybody's
        link.tap = partial(self._heard_by_link, session, taps) if taps else None
        udp.tapped = [it for it in udp.links.by_cid.values() if it.tap is not None]

    def _heard(
        self, session: "Session", taps: list[Tap], from_client: bool, opcode: int, body: bytes
    ) -> None:
        self._note(session, taps, from_client, opcode, body, session.wire.version.build)

    def _heard_by_link(
        self, session: "Session", taps: list[Tap], build: int, opcode: int, body: bytes
    ) -> None:
        self._note(session, taps, True, opcode, body, build)

    def _note(
        self, session: "Session", taps: list[Tap], from_client: bool, opcode: int, body: bytes, build: int
    ) -> None:
        captured = Captured(
            time_us=int(self.gateway.wall_s() * US),
            from_client=from_client,
            connection=session.number,
            opcode=opcode,
            body=body,
            build=build,
            address=session.line.host,
        )
        for tap in taps:
            tap.put(captured)

    def _add(self, tap: Tap) -> None:
        if sum(map(len, self.taps.values())) >= TAPS_LIMIT:
            raise Refused(f"{TAPS_LIMIT} captures already")
        self.taps.setdefault(tap.account, []).append(tap)
        self._changed(tap.account)
        if not self._loop.running:
            self._loop.start(DRAIN_S, now=False)

    def _remove(self, tap: Tap) -> None:
        taps = self.taps.get(tap.account, [])
        if tap in taps:
            taps.remove(tap)
            if not taps:
                del self.taps[tap.account]
                self._changed(tap.account)
            tap.out.close()
            log.info("no longer captured: {told}", told=tap.told())
        if not self.taps and self._loop.running:
            self._loop.stop()

    def _changed(self, account: str) -> None:
        session = self._session(account)
        if session is not None:
            self.attach(session)

    def _unwatch(self, watching: Watching) -> None:
        self._remove(watching.tap)

    # Time

    def drain(self) -> None:
        """A few times a second: write what waits; what cannot go on ends."""
        for taps in list(self.taps.values()):
            for tap in list(taps):
                tap.drain()
                if tap.out.fault:
                    self._remove(tap)
                    if isinstance(tap.out, File):
                        self._note_end(tap)

    def _note_end(self, tap: Tap) -> None:
        """A capture has ended by itself: whoever asks is told why, of the last ones."""
        self.ended.pop(tap.account, None)
        self.ended[tap.account] = f"Ended by itself: {tap.told()}"
        if len(self.ended) > TAPS_LIMIT:
            del self.ended[next(iter(self.ended))]

    def close(self) -> None:
        """The server stops."""
        for taps in list(self.taps.values()):
            for tap in list(taps):
                tap.drain()
                self._remove(tap)
