"""
Conversations to begin fuzzing with, from the reference's classes:  python -m tests.fuzz.seeds

Writes corpora/TARGET/seed-* for datagrams, sections and feed; what the fuzzer found beside those stays.  What
the bytes mean is in datagrams.c, sections.c, links.c, client.c, feed.c and field.c.
"""

import struct
from pathlib import Path

from bluemarble.wire.datagram import prefix, sections
from bluemarble.wire.datagram.prefix import Prefix
from bluemarble.wire.datagram.sections import Event, Fragment, Input, Inputs

CORPORA = Path(__file__).parent / "corpora"
WAIT, SEND, EVENT, CLOSE, TEND, OTHER, SAY = range(7)
NOTHING = Prefix()
SPOT = Input(1, 100, 64000, -64000, 3)


class Script:
    """What both targets' scripts have: the owner's doings."""

    def __init__(self):
        self.bytes = bytearray([2])  # AES, datagrams to 1,452 bytes, memory for events

    def add(self, form, *values):
        self.bytes += struct.pack("<" + form, *values)
        return self

    def wait(self, ms):
        return self.add("BH", WAIT, ms * 4)

    def send(self, size, count=1):
        """Sections of zeros with the next record."""
        for _ in range(count):
            self.add("BHHB", SEND, size, 7, 200)
        return self

    def event(self, opcode, size):
        return self.add("BHH", EVENT, opcode, size)

    def close(self, reason):
        return self.add("BB", CLOSE, reason)

    def tend(self):
        return self.add("B", TEND)

    def moving(self, tick, *acked, count=2):
        """Inputs, and what of the server's was received."""
        return self.say(Prefix(*acked, tick=tick), Inputs(0, (SPOT,) * count))


class Sections(Script):
    def say(self, head, *said, address=0, pad=0):
        plain = _plain(head, said, pad)
        return self.add("BBHB", SAY, address, len(plain), 1 if pad else 0).add(f"{len(plain)}s", plain)

    def attach(self, address=0):
        return self.say(NOTHING, address=address).add("B", OTHER)


class Datagrams(Script):
    def __init__(self):
        super().__init__()
        self.bytes.append(7)  # of the keys

    def say(self, head, *said, address=0, pad=0, how=0, skip=b"", harm=b""):
        plain = _plain(head, said, pad)
        self.add("BBB", SAY, address, how).add(f"{len(skip)}s", skip)
        return self.add("H", len(plain)).add(f"{len(plain)}s", plain).add(f"{len(harm)}s", harm)

    def attach(self, address=0):
        """Anything makes the server ask; the answer has a prefix that acknowledges the question."""
        self.say(NOTHING, address=address).tend()
        return self.add("BBBB", SAY, 0, 1, 3).add("BIBH", 0, 0xFFFFFFFF, 255, 1).add("H", 0)


def _plain(head, said, pad):
    return (prefix.write(head) + b"".join(map(sections.write, said))).ljust(pad, b"\0")


def both(new):
    """Conversations that either target can have."""
    parts = Event(0, 1, b"one"), Event(2, 300, b"three"), Event(1, 5, b"")
    middle, begin, end = (
        Fragment(0, index, 3, data) for index, data in ((1, b"mid"), (0, b"\x07b"), (2, b"e"))
    )
    ping, pong, bye = sections.Ping(77), sections.Pong(1, 2), sections.Close(0)
    tried = Prefix(2, None, 0)
    return {
        "attach": new().say(NOTHING, sections.Attach(1452), pad=1190).tend().attach().tend(),
        "inputs": _inputs(new().attach()),
        "losses": new().attach().send(9, 12).moving(3, 13, 0xFFFFFF01, 4).wait(100).tend().moving(4, 5, 3),
        "events": new().attach().say(NOTHING, *parts),
        "fragments": new().attach().say(NOTHING, middle).say(NOTHING, Event(1, 1, b"later"), begin, end),
        "sending": _sending(new().attach()),
        "time": new().attach().say(NOTHING, ping).tend().say(NOTHING, pong),
        "migration": new().attach().say(NOTHING).attach(1).tend(),
        "tunnel": new().say(NOTHING, address=3).send(50).event(100, 100).tend(),
        "left": new().attach().say(NOTHING, bye, ping).tend(),
        "closed": new().attach().close(1).tend().wait(100).tend().wait(100).tend().wait(100).tend(),
        "silence": _silence(new().attach().send(20, 40)),
        "unattached": new().send(100).event(5, 100).say(NOTHING).tend(),
        "probes": new().attach().tend().say(NOTHING, sections.Probe(1200), pad=1177).say(tried).tend(),
        "many": new().attach().send(3, 300),
    }


def _sending(script):
    script.event(900, 900).event(7, 5000).tend().say(Prefix(4, None, 0))
    return script.wait(1000).tend().say(Prefix(9, 0xFF, 200))


def _inputs(script):
    for number in range(6):
        script.send(90).moving(number, 2 + number, None, 1)
    return script


def _silence(script):
    for _ in range(8):
        script.wait(2500).tend()
    return script


def wire():
    """What befalls datagrams."""
    new = Datagrams
    return {
        "harmed": _harmed(new().attach()),
        "repeated": new().attach().say(NOTHING).add("BBBB", SAY, 0, 0xC0, 0).say(NOTHING),
        "skipped": new().attach().say(NOTHING, how=16, skip=b"\xff").say(NOTHING, how=16, skip=b"\x30"),
        "newer": new().attach().say(NOTHING, how=32).say(NOTHING, how=32).say(NOTHING, how=32),
        "shouted": new().attach().add("BHB", OTHER, 60, 3).add("60sB", b"\x50" * 60, 1),
    }


def _harmed(script):
    for at in range(0, 40, 3):
        script.say(NOTHING, how=8, harm=struct.pack("<HB", at, at % 8 * 16))
    return script


PUT, WALK, CROWD, JOIN, WORSEN, REST, STEP = 0, 4, 22, 23, 26, 31, 32


class Told(Script):
    """A field, a feed, and clients."""

    def __init__(self, form):
        self.bytes = bytearray([0, 0])
        for slot in range(4):
            self.put(slot, 100 * slot, 0)
        self.crowd(40, 13)
        for index in range(4):
            self.add("BBBB", JOIN, index, index, form | index)

    def put(self, slot, x, y):
        return self.add("BBBBBhhhH", PUT, slot, 1, 28, 0, x, y, 0, slot << 13)

    def walk(self, slot, x, y, ms):
        return self.add("BBBHBhhhBhhh", WALK, slot, 16, ms, 0, 0, 0, 0, 0, x, y, 0)

    def crowd(self, count, wide, seed=1):
        return self.add("BBBB", CROWD, count, seed, wide)

    def worsen(self, losses, doubts, there=1, back=2):
        for index in range(4):
            self.add("BBBBBB", WORSEN, index, losses >> index, doubts, there, back)
        return self

    def rest(self, ticks):
        return self.add("BB", REST, ticks)

    def stir(self, rounds):
        """They walk about, and a crowd comes elsewhere."""
        for number in range(rounds):
            self.put(number % 4, 37 * number - 500, 11 * number).walk(
                5 + number % 4, 4000, -30 * number, 9000
            )
            self.add("B", STEP + number % 16).crowd(number % 8, 12, number % 3)
        return self


def told(form):
    """What comes of moves, crowds, and links that lose, doubt and delay."""
    return {
        f"near-{form}": Told(form).rest(40).stir(30),
        f"losses-{form}": Told(form).rest(20).worsen(0x5A, 0).stir(30),
        f"doubts-{form}": Told(form).worsen(0x11, 0x24, 3, 20).stir(40),
        f"rested-{form}": Told(form).rest(99).put(5, 300, 0).rest(255).put(5, 340, 0),
        f"crowd-{form}": Told(form).rest(20).crowd(200, 11).rest(60).crowd(200, 14, 2).rest(90),
    }


def main():
    seeds = {
        "datagrams": both(Datagrams) | wire(),
        "sections": both(Sections),
        "feed": told(0) | told(1),
    }
    for target, scripts in seeds.items():
        (CORPORA / target).mkdir(parents=True, exist_ok=True)
        for name, script in scripts.items():
            (CORPORA / target / f"seed-{name}").write_bytes(script.bytes)


if __name__ == "__main__":
    main()
