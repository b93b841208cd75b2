"""What the feed's twin knows of things, of their ways, and of what a client was told of a slot."""

from dataclasses import dataclass, field

DUE = 60
LEG, LEG_HEIGHT = 4000, 1000


@dataclass(eq=False)
class Thing:
    """What there is to tell of a mover beside its place; `state` counts its changes, as the field does."""

    guid: int
    kind: int
    look: bytes
    look_since: int = 2  # the look, and then the guid
    state: int = 2
    values: dict = field(default_factory=dict)  # number: since, version, bytes

    def set(self, number, value):
        had = self.values.get(number, (0, 0, None))
        if had[2] != value:
            self.state += 1
            self.values[number] = self.state, had[1] + 1, value


@dataclass(eq=False)
class Way:
    """A mover's legs."""

    thing: Thing
    anchor: tuple
    leg: int = 0

    def walk_on(self, place):
        away = [abs(a - b) for a, b in zip(place, self.anchor, strict=False)]
        plane, height = max(away[:2]), away[2]
        if plane >= LEG or height >= LEG_HEIGHT:
            self.leg += 1 if plane < 2 * LEG and height < 2 * LEG_HEIGHT else 2
            self.anchor = place[:3]


@dataclass(eq=False)
class Slot:
    """What a client was told of one slot."""

    thing: Thing | None = None  # None: it is empty
    mover: int = 0
    pace: int = 0
    acc: int = 0
    sum: int = 0
    version: int = 0
    enter: bool = False  # these are to be sent
    gone: bool = False
    owing: bool = False
    entered: bool = False
    leaving: bool = False
    settled: bool = False
    exact: bool = False
    state: int = 0  # that was looked at, and that was acknowledged
    known: int = 0
    moved: int | None = None  # the mover's, when it was last told; None: the client may not have it
    tick: int = 0
    sure: int = 0
    leg: int = 0
    probe: int = 0
    base: int | None = None
    kept: list = field(default_factory=list)
    marked: int = 0


def phase(cid, slot, tick):
    """Where a new slot's accumulator begins."""
    v = (cid * 0x9E3779B1 ^ (slot + 1) * 0x85EBCA6B ^ tick * 0xC2B2AE35) & 0xFFFFFFFF
    v = (v ^ v >> 15) * 0x2C1B3C6D & 0xFFFFFFFF
    return (v >> 16) * DUE >> 16
