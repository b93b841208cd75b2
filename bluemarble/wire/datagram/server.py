"""The server's end of a link."""

from collections.abc import Callable, Hashable

from bluemarble.wire.datagram import notices, sections
from bluemarble.wire.datagram.connection import Connection
from bluemarble.wire.datagram.path import Paths
from bluemarble.wire.datagram.terms import Terms
from opcodes.datagram import MTU_LEAST


class Server(Connection):
    """
    One client's link: which datagram is whose, `packet.cid_of` says.

    @param random: n random bytes, for the tokens of challenges.
    @ivar paths: where the client is.
    """

    is_server = True

    def __init__(self, terms: Terms, random: Callable[[int], bytes], now_us: int) -> None:
        super().__init__(terms, now_us)
        self.paths = Paths(random)
        self._mtu_most = terms.mtu
        self._was_attached = False

    def probe(self) -> None:
        """Look whether larger datagrams get through, up to the agreed size and what the client takes."""
        self.probing.begin(self._mtu_most)

    def _address(self) -> Hashable | None:
        return self.paths.valid

    def _came(self, address: Hashable, size: int, newest: bool, now_us: int) -> None:
        if self.paths.came(address, size, newest, now_us):
            self._validated(address)

    def _take(self, section: sections.Section, tick: int | None, address: Hashable, now_us: int) -> None:
        match section:
            case sections.Inputs(epoch, inputs) if tick is not None:
                self._notices.append(notices.Moves(tick, epoch, inputs[::-1]))
            case sections.Response(token):
                if self.paths.responded(address, token):
                    self._validated(address)
            case sections.Ping() if address != self.paths.valid:
                pass  # many of them by UDP would each be answered through the TCP connection
            case sections.Attach(mtu):
                self._mtu_most = max(MTU_LEAST, min(self._mtu_most, mtu))
            case _:
                super()._take(section, tick, address, now_us)

    def _validated(self, address: Hashable) -> None:
        """The client is there."""
        self._notices.append((notices.Moved if self._was_attached else notices.Attached)(address))
        self._was_attached = True
        self.recovery.moved()
        self.probing.forget()

    def _special(self, now_us: int) -> list[tuple[bytes, Hashable]]:
        asked = self.paths.candidate
        if asked is None or not asked.due:
            return []
        datagram = self._alone(sections.Challenge(asked.token), now_us)
        asked.asked(len(datagram), now_us)
        return [(datagram, asked.address)]

    def _special_us(self) -> int | None:
        asked = self.paths.candidate
        return self.said_us if asked is not None and asked.due else None
