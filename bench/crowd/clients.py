"""
The crowd: a process that plays all clients, told what to do in lines of JSON.

    python -m bench.crowd.clients

`{"invite": FILE, "server": PORT, "per_second": N, "first_guid": GUID}` begins it, then come
`{"clock": [TICK, DUE_NS]}`, `{"measure": true}`, `{"read": true}` and `{"stop": true}`; each is answered by
one line.
"""

import json
import select
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from bench.crowd.build import load

FIRST_ADDRESS = 0x7F010001  # 127.1.0.1, one more for each client
SERVER_ADDRESS = 0x7F000001
FIRST_GUID = 0x1000
SLICE_NS = 50_000_000
COLUMNS = "sizes_in sizes_out buckets ages ages_ms unseen near_by delay_ms rtt_ms late_ms".split()
NUMBERS = """
    sent sent_bytes send_failed received received_bytes strangers forged malformed replayed lost
    snapshots snapshot_bytes near_words far_words deltas old_words empty_words baseless
    states enters gones components selves corrections events closes
    checked mismatched acked lost_up turns late_turns socket_drops
""".split()


class Invitation(NamedTuple):
    """What one client needs to attach, and where it begins; the record of an invitations file."""

    cid: int
    prk: bytes
    x: int  # 1/64 yard
    y: int
    z: int
    yaw: int  # 65 536 to the turn
    home_x: float
    home_y: float
    home_yards: float
    aead: int = 0
    encoder: int = 0


def write(file: Path, invitations: Iterable[Invitation]) -> None:
    """An invitations file: one list in JSON a line."""
    with file.open("w") as out:
        for each in invitations:
            out.write(json.dumps([each.cid, each.prk.hex(), *each[2:]]) + "\n")


def read(file: Path) -> list[Invitation]:
    """What `write` wrote."""
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    return [Invitation(row[0], bytes.fromhex(row[1]), *row[2:]) for row in rows]


class Crowd:
    """
    All clients, played by C.

    @param seed: of how they walk.
    @param first_guid: of the first one's character; the others' follow it.
    """

    def __init__(self, invitations: list[Invitation], seed: int = 1, first_guid: int = FIRST_GUID) -> None:
        self.ffi, self.lib = (module := load()).ffi, module.lib
        self.count = len(invitations)
        made = self.lib.crowd_new(self.count, seed, first_guid)
        if not made:
            raise MemoryError
        self._it = self.ffi.gc(made, self.lib.crowd_free)
        for index, each in enumerate(invitations):
            with_ = self.ffi.new("crowd_invitation *")
            with_.cid, with_.aead, with_.encoder, with_.yaw = each.cid, each.aead, each.encoder, each.yaw
            with_.prk = each.prk
            with_.x, with_.y, with_.z = each.x, each.y, each.z
            with_.home_x, with_.home_y, with_.home_radius = each.home_x, each.home_y, each.home_yards
            self._done(self.lib.crowd_invite(self._it, index, with_))

    def open(self, port: int, server_port: int) -> None:
        """
        Its socket.

        @param port: of the clients, all of them; 0: any.  @raise OSError: it cannot be had.
        """
        self._done(self.lib.crowd_open(self._it, FIRST_ADDRESS, port, SERVER_ADDRESS, server_port))

    def run(self, until_ns: int, per_second: int) -> None:
        """Plays until then (time.monotonic_ns()); `per_second` clients attach."""
        self._done(self.lib.crowd_run(self._it, until_ns, per_second))

    @property
    def attached(self) -> int:
        """How many have heard of the server."""
        return int(self.lib.crowd_attached(self._it))

    def clock(self, tick: int, due_ns: int) -> None:
        """Tells when a tick of the server's was due, so that delays can be measured."""
        self.lib.crowd_clock(self._it, tick & 0xFFFF, due_ns)

    def measure(self, on: bool = True) -> None:
        """Counts from 0."""
        self.lib.crowd_measure(self._it, on)

    def figures(self) -> dict[str, Any]:
        """What was counted since `measure`; `buckets` since the start."""
        found = self.lib.crowd_read(self._it)
        figures: dict[str, Any] = {name: int(getattr(found, name)) for name in NUMBERS}
        figures |= {name: list(getattr(found, name)) for name in COLUMNS}
        figures["began_ns"] = int(self.lib.crowd_began_ns(self._it))
        figures["mismatches"] = [
            {name: getattr(each, name) for name in dir(each)}
            for each in found.mismatches[0 : min(figures["mismatched"], len(found.mismatches))]
        ]
        return figures

    def step(self, index: int, now_ns: int) -> bytes:
        """One client's next datagram, after two more inputs; empty when it has nothing to say.  For tests."""
        out = self.ffi.new("uint8_t[1500]")
        return bytes(self.ffi.buffer(out, self._done(self.lib.crowd_step(self._it, index, now_ns, out))))

    def take(self, index: int, datagram: bytes, now_ns: int) -> int:
        """A datagram for one client; below 0: it did not open.  For tests."""
        return int(self.lib.crowd_take(self._it, index, datagram, len(datagram), now_ns))

    def read_plain(self, index: int, number: int, plain: bytes, now_ns: int = 0) -> int:
        """The inside of one; below 0: malformed.  For tests."""
        return int(self.lib.crowd_read_plain(self._it, index, number, plain, len(plain), now_ns))

    def sample(self, now_ns: int) -> None:
        """Looks at how old everything is that all clients know.  For tests."""
        self.lib.crowd_sample_all(self._it, now_ns)

    def slot(self, index: int, slot: int) -> tuple[int, ...]:
        """guid (0: empty, -1: none of the crowd), tick, x, y, z, yaw, speed, flags as a client knows them."""
        out = self.ffi.new("int64_t[8]")
        self._done(self.lib.crowd_slot_at(self._it, index, slot, out))
        return tuple(out)

    def self_(self, index: int) -> tuple[int, ...]:
        """A client's input number, epoch, x, y, z, yaw."""
        out = self.ffi.new("int64_t[6]")
        self._done(self.lib.crowd_self(self._it, index, out))
        return tuple(out)

    def _done(self, code: int) -> int:
        if code < 0:
            raise OSError(-code, "crowd")
        return int(code)


def main() -> None:
    """Plays until it is told to stop."""
    crowd: Crowd | None = None
    per_second = 0
    while True:
        if crowd is None or select.select([sys.stdin], [], [], 0)[0]:
            line = sys.stdin.readline()
            order: dict[str, Any] = json.loads(line) if line else {"stop": True}
            answer: Any = True
            if "stop" in order:
                break
            if "invite" in order:
                crowd = Crowd(
                    read(Path(order["invite"])), order.get("seed", 1), order.get("first_guid", FIRST_GUID)
                )
                crowd.open(order.get("port", 0), order["server"])
                per_second = order["per_second"]
            assert crowd
            if "clock" in order:
                crowd.clock(*order["clock"])
            if "measure" in order:
                crowd.measure(order["measure"])
            if "attached" in order:
                answer = crowd.attached
            if "read" in order:
                answer = {**crowd.figures(), "cpu_ns": time.process_time_ns(), "attached": crowd.attached}
            print(json.dumps(answer), flush=True)
        else:
            crowd.run(time.monotonic_ns() + SLICE_NS, per_second)


if __name__ == "__main__":
    main()
