"""The client's end of a link."""

from collections.abc import Hashable

from bluemarble.wire.datagram import notices, sections
from bluemarble.wire.datagram.connection import STAMP, Connection
from bluemarble.wire.datagram.inputs import Recent
from bluemarble.wire.datagram.path import TUNNEL
from bluemarble.wire.datagram.recovery import Sent
from bluemarble.wire.datagram.sections import Input
from bluemarble.wire.datagram.terms import Terms
from opcodes.datagram import MTU_LEAST

ATTACH_US = 250_000
TUNNEL_US = 3_000_000
KNOCK_BYTES = 64  # more than the challenge it calls for


class Client(Connection):
    """
    One that attaches, says where it is, and hears what is around it.

    @param server: where to send; or TUNNEL for datagrams that are to go through the TCP connection.
    @ivar attached: the server has answered; until then only attaches are sent.
    @ivar answered_us: when the server last acknowledged something new.
    """

    is_server = False

    def __init__(self, terms: Terms, server: Hashable, now_us: int) -> None:
        super().__init__(terms, now_us)
        self.server = server
        self.attached = False
        self.inputs = Recent()
        self.answered_us = self._began_us = self._attach_us = now_us
        self._knocked: Hashable | None = None
        self._knocks = False
        self._response: bytes | None = None

    def move(self, number: int, epoch: int, given: Input) -> None:
        """The input of a tick of 50 ms; two make a datagram."""
        self.inputs.add(number, epoch, given)

    def tunnel(self, now_us: int) -> None:
        """Send through the TCP connection from now on."""
        self.server, self._knocked, self._knocks = TUNNEL, None, False
        self._attach_us = self.answered_us = now_us
        self.recovery.moved()
        self.ping(now_us)

    def knock(self, address: Hashable) -> None:
        """
        From the tunnel: see whether the server can be reached there by now.

        Until its challenge comes from there, all goes on through the TCP connection.
        """
        if self.attached and self.server == TUNNEL:
            self._knocked, self._knocks = address, True

    def blocked(self, now_us: int) -> bool:
        """Whether nothing has come back for so long that the tunnel is to be taken."""
        return not self.attached and self.server != TUNNEL and now_us - self._began_us >= TUNNEL_US

    def _address(self) -> Hashable | None:
        return self.server if self.attached else None

    def _came(self, address: Hashable, size: int, newest: bool, now_us: int) -> None:
        if not self.attached:
            self.attached = True
            self._notices.append(notices.Attached(self.server))

    def _take(self, section: sections.Section, tick: int | None, address: Hashable, now_us: int) -> None:
        match section:
            case sections.Challenge(token):
                self._response = token
                if address == self._knocked:
                    self.server, self._knocked, self.answered_us = address, None, now_us
                    self.recovery.moved()
            case sections.Snapshot(body) if tick is not None:
                self._notices.append(notices.Seen(tick, body))
            case sections.State(body) if tick is not None:
                self._notices.append(notices.Stated(tick, body))
            case _:
                super()._take(section, tick, address, now_us)

    def _arrived(self, sent: Sent) -> None:
        super()._arrived(sent)
        self.answered_us = self.heard_us
        if sent.inputs is not None:
            self.inputs.arrived(sent.inputs)

    def _special(self, now_us: int) -> list[tuple[bytes, Hashable]]:
        if self._knocks:
            self._knocks = False
            ping = sections.Ping(now_us // 1000 & STAMP)
            return [(self._alone(ping, now_us, KNOCK_BYTES), self._knocked)]
        if self.attached or now_us < self._attach_us:
            return []
        self._attach_us = now_us + ATTACH_US
        attach = sections.Attach(self.terms.mtu)
        return [(self._alone(attach, now_us, MTU_LEAST), self.server)]

    def _special_us(self) -> int | None:
        if self._knocks:
            return self.said_us
        return None if self.attached else self._attach_us

    def _pressing(self) -> bool:
        return self._response is not None or self.inputs.due or super()._pressing()

    def _control(self, room: int, now_us: int) -> bytes:
        out = b""
        if self._response is not None and room >= 2 + sections.TOKEN_BYTES:
            out, self._response = sections.write(sections.Response(self._response)), None
        return out + super()._control(room - len(out), now_us)

    def _ordinary(self, now_us: int) -> tuple[bytes, Hashable] | None:
        """Whatever it is sent for, the inputs that the server may lack go with it."""
        taken = self.inputs.taken()
        if taken is None:
            return self.send(now_us)
        newest = self.inputs.newest
        return self.send(now_us, sections.write(taken), newest, inputs=newest)
