"""The journal of a running server: its files, its digests, and what it does when the disk is full."""

import io

from bluemarble.servers import recording
from bluemarble.servers.recording import Recording, digest
from bluemarble.sim import parts
from bluemarble.sim.content import Content
from bluemarble.sim.rules import Rules
from bluemarble.sim.world import World
from bluemarble.tools.replay.running import replay
from bluemarble.tools.replay.stepping import told
from bluemarble.wire.errors import Malformed
from bluemarble.wire.journal import SUFFIX, Digest, Reader
from tests.journals import crossing, story
from tests.journals.content import content
from tests.journals.record import as_sent, header

NOW_S = 1_800_000_000


def test_starts_within_one_second_have_a_journal_each(tmp_path):
    folder = tmp_path / "journals"
    started = [Recording(folder, "", {}, seed, NOW_S) for seed in (1, 2, 3)]
    started.append(Recording(folder, "", {}, 4, NOW_S + 1))
    names = [it.path.name for it in started]
    assert names == [f"{NOW_S + n}{SUFFIX}" for n in range(4)]
    assert list(Reader(io.BytesIO(started[0].path.read_bytes()))) == []  # before the first tick
    world = World(Content(), Rules())
    for it in started:
        it.close(world)
    assert len({path.read_bytes() for path in folder.iterdir()}) == 4


def played(folder, digest_s, ticks=320):
    """A golden story recorded as a server does it: its journal, its effects, its world."""
    world, play = World(content(), story.RULES, 99), crossing.crossing()
    about = header(world)
    written = Recording(folder, about.content, about.rules, about.seed, NOW_S, digest_s)
    said = []
    for tick in range(1, ticks + 1):
        inputs = [as_sent(it) for it in play.inputs(tick)]
        written.tick(tick, inputs)
        effects = world.step(inputs)
        written.stepped(world, effects)
        play.heard(effects)
        said += map(told, effects)
    written.close(world)
    return written.path.read_bytes(), said, world


def test_digests_change_nothing(tmp_path):
    """With them, without them: the same is said, and the same becomes of it; all of them replay."""
    without, said, world = played(tmp_path, 0)
    seen = {digest_s: played(tmp_path, digest_s) for digest_s in (1, 3)}
    for data, heard, other in seen.values():
        assert heard == said
        assert digest(other) == digest(world)
        assert replay(io.BytesIO(data), content()).state == digest(world).hex()
    of = {n: [it for it in Reader(io.BytesIO(d)) if isinstance(it, Digest)] for n, (d, _, _) in seen.items()}
    assert [it.tick for it in of[3]] == [60, 120, 180, 240, 300, 320]
    assert [it.tick for it in of[1]] == [*range(20, 321, 20), 320]
    assert [it.tick for it in Reader(io.BytesIO(without)) if isinstance(it, Digest)] == [320]


def test_shares_cover_everything(monkeypatch, tmp_path):
    """After as many turns as there are shares, every slot and every member has been in one."""
    _, _, world = played(tmp_path, 0, 200)
    monkeypatch.setattr(parts, "SHARE", 3)
    slots, members = set(), 0
    for turn in range(100, 200):
        some = parts.some(world, turn)
        assert {it.kind for it in some} == {parts.WORLD, parts.SOCIETY, parts.ZONE, parts.FIELD}
        for part, it in parts.contents(world, some):
            if part.kind == parts.ZONE:
                slots |= {(part.map, each.slot) for each in [*it.players, *it.creatures]}
                assert len(it.players) + len(it.creatures) <= 3
            elif part.kind == parts.SOCIETY:
                members |= {each.session for each in it.members} and 1 << part.first
    state = world.snapshot()
    assert slots == {(z.map, it.slot) for z in state.zones for it in [*z.players, *z.creatures]}
    assert bin(members).count("1") == -(-len(state.society.members) // 3) > 1


def test_a_part_that_is_not_there(tmp_path):
    """A journal may name zones that its replay does not have, and kinds that are none; they differ."""
    world = World(Content(), Rules())
    odd = [parts.Part(parts.ZONE, 7), parts.Part(parts.FIELD, 7, 0, 5), parts.Part(99, 1, 50, 50)]
    assert [it for _, it in parts.contents(world, odd)] == [b"", b"", b""]
    assert [parts.name(it) for it in (*odd, parts.Part(parts.SOCIETY, 0, 50, 50))] == [
        "map 7",
        "the field of map 7, slots 0 to 4",
        "a part of kind 99, slots 50 to 99",
        "the society, members 50 to 99",
    ]
    assert parts.some(world, 5) == [parts.Part(parts.WORLD)]


class Full:
    """A disk that is full after so many writes and flushes."""

    def __init__(self, out, left):
        self.out, self.left = out, left

    def write(self, data):
        self.spend()
        self.out.write(data)

    def flush(self):
        self.spend()
        self.out.flush()

    def spend(self):
        self.left -= 1
        if self.left < 0:
            raise OSError(28, "No space left on device")

    def close(self):
        self.out.close()
        self.spend()


def test_a_full_disk(tmp_path, monkeypatch):
    """It ends the journal and nothing else, whenever that is; what is in the file replays."""
    open_, ended = recording._created, set()
    for left in range(20):
        disk = []

        def created(directory, now_s, left=left, disk=disk):
            path, out = open_(directory, now_s)
            disk.append(Full(out, left))
            return path, disk[0]

        monkeypatch.setattr(recording, "_created", created)
        world = World(Content(), Rules())
        made = Recording(tmp_path, world.content.hash.hex(), {}, 1, NOW_S, 1)
        for tick in range(1, 45):
            made.tick(tick, [])
            made.stepped(world, world.step([]))
        made.close(world)
        assert disk[0].out.closed and world.tick == 44
        try:
            ended.add(replay(io.BytesIO(made.path.read_bytes()), world.content).tick)
        except Malformed:
            assert left < 2  # magic and header
    assert ended == {0, 20, 40, 44}
