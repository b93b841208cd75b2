"""
Plays the stories and writes the golden journals and what they must replay to.

    python -m tests.journals.record        after a change that is meant to alter what the simulation does
    python -m tests.journals.record FILE   only replays, and prints what FILE replays to
"""

import dataclasses
import io
import json
import sys
from pathlib import Path

from bluemarble.servers.chain import Linked
from bluemarble.sim import parts
from bluemarble.sim.world import World
from bluemarble.tools.replay import editing, tape
from bluemarble.tools.replay.running import replay
from bluemarble.wire import journal
from bluemarble.wire.codec import codec
from tests.journals import crossing, story
from tests.journals.content import content

HERE = Path(__file__).resolve().parent
DIGESTS = HERE / "digests.json"
REGRESSIONS = HERE / "regressions"
DIGEST_TICKS = 50
# Name: the story, its last tick, and the tick after which the journal begins (0: with the world).
GOLDEN = {
    "town": (story.town, 560, 0),
    "travel": (story.travel, 530, 40),
    "crossing": (crossing.crossing, 505, 0),
}


def header(world):
    """What a world server would write into its journal's header."""
    return journal.Header(
        content=world.content.hash.hex(),
        rules=dataclasses.asdict(world.rules),
        seed=world.seed,
        revision="golden",
    )


def recorded(name):
    """A golden journal's bytes."""
    play, ticks, first = GOLDEN[name]
    world, told, out = World(content(), story.RULES, 99), play(), io.BytesIO()
    writer, chain = None if first else journal.Writer(out, header(world)), Linked()
    for tick in range(1, ticks + 1):
        inputs = [as_sent(it) for it in told.inputs(tick)]
        if writer:
            writer.tick(tick, inputs)
        effects = world.step(inputs)
        told.heard(effects)
        chain.stepped(world, inputs, effects)
        assert not world.faults, world.faults
        if tick == first:
            writer = journal.Writer(out, header(world), journal.Snapshot(tick, world.snapshot(), chain.link))
        elif writer:
            writer.chain(tick, chain.link)
        if writer and (tick % DIGEST_TICKS == 0 or tick == ticks):
            every = parts.whole(world) if tick == ticks else parts.some(world, tick // DIGEST_TICKS)
            writer.digest(tick, parts.contents(world, every))
            writer.flush()
    return out.getvalue()


def as_sent(given):
    """An input with numbers as a wire holds them."""
    form = codec(type(given.packet))
    return given._replace(packet=form.decode(form.encode(given.packet)))


def replayed(data, threads=1):
    """What a journal replays to, as digests.json has it."""
    return replay(io.BytesIO(data), content(), threads)._asdict()


def again():
    """What is kept against old mistakes, run and written anew: what comes of it now is right."""
    for file in sorted(REGRESSIONS.glob(f"*{journal.SUFFIX}")):
        with file.open("rb") as source:
            told = tape.load(source)
        told = told._replace(header=told.header._replace(content=content().hash.hex()))
        out = io.BytesIO()
        made = editing.made(told, content(), out)
        assert not made.faults, (file.name, made.faults)
        file.write_bytes(out.getvalue())


def main():
    if len(sys.argv) > 1:
        print(json.dumps(replayed(Path(sys.argv[1]).read_bytes()), sort_keys=True))
        return
    again()
    digests = {}
    for name in GOLDEN:
        data = recorded(name)
        (HERE / (name + journal.SUFFIX)).write_bytes(data)
        digests[name] = replayed(data)
        print(f"{name}: {len(data)} bytes, {digests[name]}")
    DIGESTS.write_text(json.dumps(digests, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
