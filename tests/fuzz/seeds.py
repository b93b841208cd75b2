"""
Conversations to begin fuzzing with, from the reference's classes:  python -m tests.fuzz.seeds

Writes tests/fuzz/link/seed-*; what the fuzzer found beside those stays.  tests/fuzz/link.c says what the
bytes mean.
"""

import struct
from pathlib import Path

from bluemarble.wire.datagram import prefix, sections
from bluemarble.wire.datagram.prefix import Prefix
from bluemarble.wire.datagram.sections import Event, Fragment, Input, Inputs

HERE = Path(__file__).parent
SAY, LATE, FLIP, SNAPSHOT, EVENT, RESPOND, DUE, WAIT = range(8)
UPDATE, SKIP = FLIP + 128, FLIP + 64


def step(what, value=0, data=b""):
    return struct.pack("<BH", what, value) + data


def say(head, *said, address=0, pad=0):
    """The client says that."""
    plain = prefix.write(head) + b"".join(map(sections.write, said))
    plain = plain.ljust(pad, b"\0")
    value = next(value for value in range(len(plain), 1 << 16, 1500) if value >> 12 == address)
    return step(SAY, value, plain)


NOTHING = Prefix()
# Short, so that the fuzzer's inputs are: anything that comes makes the server ask.
ATTACHED = say(NOTHING) + step(DUE) + step(RESPOND) + step(DUE)
SPOT = Input(1, 100, 64000, -64000, 3)


def moving(tick, *acked, count=2):
    """Inputs, and what of the server's was received."""
    return say(Prefix(*acked, tick=tick), Inputs(0, (SPOT,) * count))


SEEDS = {
    "attach": say(NOTHING, sections.Attach(1452), pad=1190) + step(DUE) + step(RESPOND) + step(DUE),
    "attached": ATTACHED,
    "inputs": ATTACHED + b"".join(step(SNAPSHOT, 90) + moving(i, 2 + i, None, 1) for i in range(6)),
    "losses": ATTACHED
    + step(SNAPSHOT, 9) * 12
    + moving(3, 13, 0xFFFFFF01, 4)
    + step(WAIT, 400)
    + step(DUE)
    + moving(4, 5, 3),
    "events": ATTACHED + say(NOTHING, Event(0, 1, b"one"), Event(2, 300, b"three"), Event(1, 5, b"")),
    "fragments": ATTACHED
    + say(NOTHING, Fragment(0, 1, 2, b"end"))
    + say(NOTHING, Event(1, 1, b"later"), Fragment(0, 0, 2, b"\x07begin")),
    "sending": ATTACHED
    + step(EVENT, 900)
    + step(EVENT + 128, 5000)
    + step(DUE)
    + say(Prefix(4, None, 0))
    + step(WAIT, 4000)
    + step(DUE)
    + say(Prefix(9, 0xFF, 200)),
    "time": ATTACHED + say(NOTHING, sections.Ping(77)) + step(DUE) + say(NOTHING, sections.Pong(1, 2)),
    "migration": ATTACHED + say(NOTHING, address=1) + step(DUE) + step(RESPOND, 1) + step(DUE),
    "tunnel": say(NOTHING, address=4) + step(SNAPSHOT, 50) + step(EVENT, 100) + step(DUE),
    "close": ATTACHED + say(NOTHING, sections.Close(0), sections.Ping(1)) + step(DUE),
    "closed": ATTACHED + step(WAIT, 0xFFFF) + step(DUE) + (step(WAIT, 400) + step(DUE)) * 3,
    "probe": ATTACHED
    + say(NOTHING, sections.Probe(1200), pad=1177)
    + say(Prefix(2, None, 0))
    + step(SNAPSHOT, 1400),
    "flips": ATTACHED + b"".join(step(FLIP, bit) for bit in range(0, 400, 7)),
    "late": ATTACHED
    + step(LATE, 4, b"\x08\0\0\0")
    + moving(1, 1)
    + step(SKIP, 300)
    + step(LATE, 4, b"\x08\0\0\0"),
    "newer": ATTACHED
    + (step(UPDATE) + say(NOTHING) + step(LATE, 4, b"\x08\0\0\0")) * 3
    + step(UPDATE) * 2
    + say(NOTHING),
    "silence": ATTACHED + step(SNAPSHOT, 20) * 40 + (step(WAIT, 10000) + step(DUE)) * 8,
    "updates": ATTACHED + b"".join(step(SNAPSHOT, 4) + say(Prefix(2 + i, None, 0)) for i in range(20)),
    "unattached": step(SNAPSHOT, 100) + step(EVENT, 100) + say(NOTHING) + step(DUE),
}


def main():
    for name, conversation in SEEDS.items():
        (HERE / "link" / f"seed-{name}").write_bytes(conversation)


if __name__ == "__main__":
    main()
