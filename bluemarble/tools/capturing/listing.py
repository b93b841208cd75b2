"""Logins that go through as they are, but for where the realms are: the keys come from elsewhere."""

from typing import TYPE_CHECKING, Any

from bluemarble.tools.capturing.ends import CONNECT_S, End, Once
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed, NotAllowed, PeerError, TooMuch
from bluemarble.wire.logon import BUFFER_LIMIT, LOGON_CHALLENGE, REALM_LIST, RECONNECT_CHALLENGE, SIZES
from opcodes import logon

if TYPE_CHECKING:
    from bluemarble.tools.capturing.proxy import Proxy

BUILD_AT = 11  # of a challenge: its command, protocol, size, game and three numbers of the version before it


class ListingEnd(End):
    """A client that logs in: what it says is passed on, and the realms in the answer become doors of ours."""

    def __init__(self, proxy: "Proxy") -> None:
        self.proxy = proxy
        self.build = 0
        self._said = bytearray()  # of a command of the client's, the rest of which is awaited
        self._heard = bytearray()  # likewise of a realm list of the server's
        self._lists = 0  # asked for and not here yet

    def connectionMade(self) -> None:
        """Connect to the server before anything is read."""
        super().connectionMade()
        self.transport.pauseProducing()
        self.proxy.reactor.connectTCP(
            self.proxy.host, self.proxy.port, Once(_Server(self), self.not_there), timeout=CONNECT_S
        )

    def not_there(self, why: str) -> None:
        """There is no server."""
        self.proxy.refused(f"logon at the server: {why}")
        self.transport.loseConnection()

    def dataReceived(self, data: bytes) -> None:
        """Bytes from the client: they go on; what matters is which commands they are."""
        if self.other is None:
            return
        try:
            self._follow(data)
        except PeerError as why:
            self.proxy.refused(f"logon: {why}")
            self.cut()
        else:
            self.other.transport.write(data)

    def _follow(self, data: bytes) -> None:
        said = self._said
        said += data
        if len(said) > BUFFER_LIMIT:
            raise TooMuch("bytes of a command")
        while said:
            if said[0] not in SIZES:
                raise NotAllowed(f"logon command 0x{said[0]:02X}")
            size = SIZES[said[0]](said)
            if len(said) < size:
                return
            if said[0] in (LOGON_CHALLENGE, RECONNECT_CHALLENGE):
                self.build = int.from_bytes(said[BUILD_AT : BUILD_AT + 2], "little")
            elif said[0] == REALM_LIST:
                self._lists += 1
            del said[:size]

    def heard(self, data: bytes) -> None:
        """Bytes from the server."""
        if self._lists:  # each command is answered before the next: this is the list
            self._heard += data
            try:
                data = self._rewritten()
            except PeerError as why:
                self.proxy.refused(f"realm list: {why}")
                self.cut()
                return
        if data:
            self.transport.write(data)

    def _rewritten(self) -> bytes:
        out, heard = b"", self._heard
        while self._lists and len(heard) >= 3:
            if heard[0] != REALM_LIST:
                raise Malformed(f"logon command 0x{heard[0]:02X}")
            size = 3 + int.from_bytes(heard[1:3], "little")
            if len(heard) < size:
                return out
            form = self._form()
            said: Any = form.decode(bytes(heard[3:size]))
            del heard[:size]
            reached = getattr(self.transport.getHost(), "host", "127.0.0.1").removeprefix("::ffff:")
            said.realms = self.proxy.through(said.realms, reached)
            body = form.encode(said)
            out += bytes([REALM_LIST]) + len(body).to_bytes(2, "little") + body
            self._lists -= 1
        return out

    def _form(self) -> Any:
        if self.build not in logon.LAYOUTS:
            raise NotAllowed(f"client build {self.build}")
        cls = logon.CMD_REALM_LIST_Server
        return codec(logon.LAYOUTS[self.build].get(cls, cls))


class _Server(End):
    """The connection to the auth server."""

    def __init__(self, client: ListingEnd) -> None:
        self.client = client

    def connectionMade(self) -> None:
        """Now both are there."""
        super().connectionMade()
        if not self.client.connected:
            self.transport.loseConnection()
            return
        self.join(self.client)
        self.client.transport.resumeProducing()

    def dataReceived(self, data: bytes) -> None:
        """Bytes from the server."""
        self.client.heard(data)
