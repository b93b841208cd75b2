"""The golden story of those who play over datagram links, among others on TCP."""

from collections.abc import Iterator

from bluemarble.native.measures import units
from bluemarble.sim.effects import Input
from opcodes.links import NMSG_MOVES, NMSG_STRAIN, NMSG_UDP_ATTACHED, NMSG_UDP_GONE
from opcodes.movement import FORWARD
from tests.integration.linked import RECORD
from tests.journals import story
from tests.journals.story import TICK_S, Story, Walker, drops, enters, leaves, returns, says, shuts_down

GENERATION = 1 << 14


class Crossing(Story):
    """@ivar cids: walker to its link; @ivar epochs: walker to what its inputs carry."""

    def __init__(self, seed: int, script: dict) -> None:
        super().__init__(seed, script)
        self.cids: dict[int, int] = {}
        self.epochs: dict[int, int] = dict.fromkeys(self.walkers, 0)
        for walker in self.walkers.values():
            walker.story = self

    def inputs(self, tick: int) -> list[Input]:
        """What reaches the world in this tick: the links' inputs last, as a server has them."""
        came = super().inputs(tick)
        moves = b"".join(self.move(self.walkers[number], tick) for number in self.cids)
        return [*came, Input(0, NMSG_MOVES(moves=moves))] if moves else came

    def everyday(self, walker: Walker, tick: int) -> Iterator[Input]:
        """Who is on a link moves by it, and says what it has to say."""
        for it in super().everyday(walker, tick):
            if walker.guid not in self.cids or not type(it.packet).__name__.startswith("MSG_MOVE_"):
                yield it

    def move(self, walker: Walker, tick: int) -> bytes:
        """One input; the last one once more, as clients repeat them."""
        flags = FORWARD if walker.moving else 0
        cid, epoch = self.cids[walker.guid], self.epochs[walker.guid]
        x, y, z = map(units, (walker.x, walker.y, walker.z))
        both = range(tick - 1, tick + 1)
        return b"".join(
            RECORD.pack(cid, number & 0xFFFF, flags, 6000 * walker.guid, epoch, 0, x, y, z) for number in both
        )


def attaches(walker, tick):
    cid = walker.story.cids[walker.guid] = GENERATION * (tick % 4000 + 1) + walker.guid
    return [Input(walker.session, NMSG_UDP_ATTACHED(cid=cid))]


def detaches(walker, tick):
    return [Input(walker.session, NMSG_UDP_GONE(cid=walker.story.cids.pop(walker.guid)))]


def leaps(walker, tick):
    """It says that it is where it cannot be, and is set back: what it does next is of another epoch."""
    walker.x += 400.0
    record = walker.story.move(walker, tick)
    walker.x -= 400.0
    walker.story.epochs[walker.guid] += 1
    return [Input(0, NMSG_MOVES(moves=record[RECORD.size :]))]


def travels(place, x=None, y=None, z=None):
    """A game master's own teleport on the map it is on."""

    def travel(walker, tick):
        walker.x, walker.y, walker.z = x, y, z
        walker.story.epochs[walker.guid] += 1
        return says(f".tele {place}")(walker, tick)

    return travel


def strains(level):
    return lambda walker, tick: [Input(0, NMSG_STRAIN(level=level))]


def quits(what):
    """The link goes with what ends its character's stay."""

    def quit_(walker, tick):
        walker.story.cids.pop(walker.guid, None)
        return what(walker, tick)

    return quit_


def crossing() -> Crossing:
    """Ten come, most of them onto links; these are lost, taken over, misused and overloaded."""
    script: dict = {2 + 3 * n: [(enters, n)] for n in range(1, 11)}
    script |= {40 + 2 * n: [(attaches, n)] for n in range(1, 9)}
    script |= {
        33: [(attaches, 10)],  # before its own CREATE
        120: [(leaps, 2)],
        140: [(strains(4), 1)],
        160: [(detaches, 3)],
        180: [(drops_line, 4)],
        200: [(strains(9), 1)],
        220: [(attaches, 3)],
        240: [(travels("green", 100.0, 200.0, 50.0), 1)],
        260: [(quits(returns), 5)],  # taken over by another client
        270: [(strains(0), 1)],
        300: [(detaches, 4)],  # its line had gone before: it lingers, and leaves
        320: [(quits(leaves), 6)],
        330: [(says(".tele camp"), 1), (quits(lambda walker, tick: []), 1)],
        350: [(attaches, 1)],
        400: [(quits(drops), 7)],
        440: [(detaches, 8), (detaches, 2), (detaches, 3), (detaches, 10)],
        460: [(attaches, 2)],
        500: [(shuts_down, 1)],
    }
    return Crossing(13, script)


def drops_line(walker, tick):
    """Its TCP connection goes; it plays on."""
    return [story.Input(walker.session, story.NMSG_DISCONNECTED())]


__all__ = ["TICK_S", "crossing"]
