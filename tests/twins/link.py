"""
What native/link means: the server of the reference, bluemarble.wire.datagram.server.

`Server` is the reference and the C link side by side: handed the same datagrams they must say the same, byte
for byte, and know the same, microsecond for microsecond.  It is an end for tests/netsim.py.
"""

import hmac

from bluemarble.native import link as native
from bluemarble.wire.datagram import notices
from bluemarble.wire.datagram.path import TUNNEL
from bluemarble.wire.datagram.server import Server as Reference
from opcodes.datagram import MTU_LEAST

TOKEN_KEY = bytes(range(100, 132))
STEP_US = 250  # C remembers when a datagram was sent in steps of that: times of a test are multiples of it


def up(time_us):
    """The next moment both know."""
    return None if time_us is None else -(-time_us // STEP_US) * STEP_US


class Tokens:
    """The random bytes of the reference, as C makes them."""

    def __init__(self):
        self.count = 0

    def __call__(self, size):
        token = hmac.digest(TOKEN_KEY, self.count.to_bytes(8, "little"), "sha256")[:size]
        self.count += 1
        return token


class Server:
    """
    Both, and every difference is an error.

    @param prk: what the terms' keys were made of.
    """

    def __init__(self, terms, prk, now_us):
        self.reference = Reference(terms, Tokens(), now_us)
        self.links = native.Links(TOKEN_KEY)
        self.links.updates(terms.update_numbers, terms.update_us)
        self.links.budget(terms.budget.first, terms.budget.least, terms.budget.most)
        self.link = native.Link(
            self.links, prk, terms.keys.aead, terms.cid, terms.mtu, terms.keepalive_ms, now_us
        )
        self.cid = terms.cid
        self.addresses = {TUNNEL: native.TUNNEL}
        self.unsent = []
        self.tick = self.epoch = None
        self.mtu = MTU_LEAST

    def number(self, address):
        return self.addresses.setdefault(address, len(self.addresses))

    def receive(self, datagram, address, now_us):
        state = self.link.state()
        received = self.reference.statistics().received
        told = self.reference.receive(datagram, address, now_us)
        code = self.link.open(datagram, self.number(address), now_us)
        assert (code >= 0) == (self.reference.statistics().received > received)
        assert code >= 0 or self.link.state() == state, "refused, and changed"
        for notice in told:
            if isinstance(notice, notices.Attached | notices.Moved) and notice.address != TUNNEL:
                self.reference.probe()
        self._compare(told)
        return told

    def datagrams_to_send(self, now_us):
        theirs = self.reference.datagrams_to_send(now_us)
        ours = list(self.link.outgoing(now_us))
        assert ours == [(datagram, self.number(address)) for datagram, address in theirs]
        return theirs

    def send(self, now_us, body=b"", tick=None, record=None):
        theirs = self.reference.send(now_us, body, tick, record)
        given = [native.NO_RECORD if record is None else record, native.NO_TICK if tick is None else tick]
        ours = self.link.seal(now_us, body, *given)
        if theirs is None:
            assert ours in (native.NO_PATH, native.OVER)
            if record is not None:
                self.unsent.append(native.Lost(record))
            return None
        assert (ours, self.link.path) == (theirs[0], self.number(theirs[1]))
        return theirs

    def send_event(self, opcode, body):
        self.reference.send_event(opcode, body)
        assert self.link.event(opcode, body) >= 0

    def close(self, reason, now_us):
        self.reference.close(reason, now_us)
        self.link.close(reason, now_us)

    def notices(self):
        told = self.reference.notices()
        self._compare(told)
        return told

    def due_us(self):
        theirs, ours = up(self.reference.due_us()), self.link.wake_us()
        if theirs is None:
            assert self.link.due(1 << 40) == native.DUE_OVER
        else:
            assert up(ours) == theirs or max(ours, theirs) <= self.reference.said_us
        return theirs

    def _compare(self, told):
        ours = [notice for notice in self.links.notices() if not isinstance(notice, native.Rate)]
        for unsent in self.unsent:
            ours.remove(unsent)
        self.unsent = []
        assert ours == [expected for notice in told for expected in self._expected(notice)]
        self._compare_knowledge()

    def _expected(self, notice):
        match notice:
            case notices.Attached(address):
                yield native.Attached(self.number(address))
            case notices.Moved(address):
                yield native.Migrated(self.number(address))
                if self.mtu > MTU_LEAST:
                    yield native.Mtu(MTU_LEAST)  # the reference leaves it to its owner to know
                self.mtu = MTU_LEAST
            case notices.Message(opcode, body):
                yield native.Event(opcode, body)
            case notices.Acked(record):
                yield native.Acked(record)
            case notices.Lost(record):
                yield native.Lost(record)
            case notices.Fits(mtu):
                yield native.Mtu(mtu)
                self.mtu = mtu
            case notices.Closed(reason):
                yield native.Closed(reason)
            case notices.Moves(newest, epoch, inputs):
                fresh = None
                for back, it in reversed(list(enumerate(reversed(inputs)))):
                    tick = newest - back & 0xFFFF
                    if self._fresh(tick, epoch):
                        yield native.Move(self.cid, tick, it.flags, it.yaw, epoch, it.x, it.y, it.z)
                        fresh = tick
                if fresh is not None:
                    self.tick, self.epoch = fresh, epoch
            case notices.Time():  # C does not ask what the client's clock says
                pass
            case _:
                raise AssertionError(notice)

    def _fresh(self, tick, epoch):
        """Whether an input is newer than the last one handed on, or of a later epoch."""
        if self.tick is None:
            return True
        later = (epoch - self.epoch + 128) % 256 - 128
        return later > 0 or (later == 0 and 0 < (tick - self.tick) & 0xFFFF < 0x8000)

    def _compare_knowledge(self):
        theirs, facts, counts = self.reference.statistics(), self.link.facts(), self.links.counts()
        ours = {
            "rtt_us": facts["rtt_us"] if facts["rtt_known"] else None,
            "jitter_us": facts["jitter_us"] if facts["rtt_known"] else None,
            "least_us": facts["least_us"] if theirs.least_us is not None else None,
            "loss_ppm": facts["loss_ppm"],
            "budget": facts["rate_bytes_per_s"],
            "mtu": facts["mtu"],
            "sent": facts["sent"],
            "sent_bytes": counts["sealed_bytes"],
            "received": facts["received"],
            "received_bytes": theirs.received_bytes,  # C does not count them
            "acked": facts["acked"],
            "lost": facts["lost"],
            "dropped": {
                "short": counts["refused_short"],
                "header": theirs.dropped["header"],
                "foreign": counts["strange"] - theirs.dropped["header"],
                "replayed": counts["replayed"],
                "forged": counts["forged"],
            },
            "malformed": counts["malformed"],
            "generation_sent": facts["generation_out"],
            "generation_received": facts["generation_in"],
        }
        assert ours == theirs._asdict()
