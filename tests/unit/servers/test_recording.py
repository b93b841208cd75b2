"""The journal of a running server: its files, its digests, and what it does when the disk is full."""

import io
from itertools import count

import pytest

from bluemarble.servers import recording as module
from bluemarble.servers.freezing import Child, Failed, Inline
from bluemarble.servers.recording import Recording, digest
from bluemarble.settings import Journal
from bluemarble.sim import parts
from bluemarble.sim.content import Content
from bluemarble.sim.effects import Input
from bluemarble.sim.rules import Rules
from bluemarble.sim.world import World
from bluemarble.tools.replay.running import replay
from bluemarble.tools.replay.stepping import began, chained, compare, steps, told
from bluemarble.wire.errors import Malformed
from bluemarble.wire.journal import SUFFIX, Digest, Reader, Snapshot, Tick, summed
from opcodes.channels import CMSG_JOIN_CHANNEL
from opcodes.cluster import NMSG_DISCONNECTED
from tests.journals import crossing
from tests.journals.content import content
from tests.journals.record import as_sent, header
from tests.journals.story import RULES, says, town, travel

NOW_S = 1_800_000_000


def recording(folder, world, wall_s=lambda: NOW_S, alone=None, **settings):
    """The journal of a world, or of one map, its snapshots made at once."""
    about = header(world), Journal(**settings), world, wall_s
    return Recording(folder, *about, alone=alone, freezes=Inline, secret=b"a secret")


def test_starts_within_one_second_have_a_journal_each(tmp_path):
    folder = tmp_path / "journals"
    worlds = [World(Content(), Rules(), seed) for seed in (1, 2, 3)]
    started = [recording(folder, world) for world in worlds]
    started.append(recording(folder, World(Content(), Rules(), 4), lambda: NOW_S + 1.5))
    names = [it.path.name for it in started]
    assert names == [f"{NOW_S + n}{SUFFIX}" for n in range(4)]
    assert list(Reader(io.BytesIO(started[0].path.read_bytes()))) == []  # before the first tick
    for it in started:
        it.close(World(Content(), Rules()))
    assert len({path.read_bytes() for path in folder.iterdir()}) == 4


def played(folder, ticks=320, since=0, story=crossing.crossing, freezes=Inline, **settings):
    """A golden story recorded as a server does it: its journal, its effects, its world."""
    world, play = World(content(), RULES, 99), story()
    written, said, seconds = None, [], count(NOW_S)
    for tick in range(1, ticks + 1):
        inputs = [as_sent(it) for it in play.inputs(tick)]
        if tick > since:
            if written is None:
                written = recording(folder, world, lambda: next(seconds), **settings)
                written._freezes = freezes
            written.tick(tick, inputs)
        effects = world.step(inputs)
        if written is not None:
            written.stepped(world, effects)
        play.heard(effects)
        said += map(told, effects)
    written.close(world)
    return written.path.read_bytes(), said, world


def test_digests_change_nothing(tmp_path):
    """With them, without them: the same is said, and the same becomes of it; all of them replay."""
    without, said, world = played(tmp_path, digest_s=0)
    seen = {digest_s: played(tmp_path, digest_s=digest_s) for digest_s in (1, 3)}
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
    _, _, world = played(tmp_path, 200)
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
    open_, ended = module._created, set()
    for left in range(20):
        disk = []

        def created(*where, left=left, disk=disk):
            path, out = open_(*where)
            disk.append(Full(out, left))
            return path, disk[0]

        monkeypatch.setattr(module, "_created", created)
        world = World(Content(), Rules())
        made = recording(tmp_path, world)
        for tick in range(1, 45):
            made.tick(tick, [])
            made.stepped(world, world.step([]))
        made.close(world)
        assert disk[0].out.closed and world.tick == 44
        try:
            ended.add(replay(io.BytesIO(made.path.read_bytes()), world.content).tick)
        except Malformed:
            assert left < 1  # the header
    assert ended == {0, 20, 40, 44}


def test_snapshots_on_the_way(tmp_path):
    """They change nothing, and a replay may begin with each."""
    without, said, world = played(tmp_path, snapshot_s=0)
    data, heard, other = played(tmp_path, snapshot_s=10)
    assert heard == said and digest(other) == digest(world)
    whole = [it for it in Reader(io.BytesIO(data)) if not isinstance(it, Snapshot)]
    assert whole == list(Reader(io.BytesIO(without)))
    for tick, at in (5, None), (200, 200), (260, 200):
        reader = Reader(io.BytesIO(data))
        found = reader.seek(tick)
        assert (found and found.tick) == at
        chain, again = chained(reader), began(reader, content())
        for _, it in steps(reader, again, chain):
            if it is not None:
                compare(again, it)
        assert again.tick == 320
        assert chain.tick_count == 320 - (at or 0)
        assert digest(again) == digest(world)


@pytest.mark.parametrize("freezes", [Inline, Child])
def test_from_the_middle(tmp_path, freezes):
    """Switched on while the world runs, it begins with a snapshot, made beside it or at once."""
    data, _, world = played(tmp_path, 240, since=130, freezes=freezes)
    reader = Reader(io.BytesIO(data))
    assert reader.header.begins == reader.snapshot.tick == 130
    result = replay(io.BytesIO(data), content())
    assert (result.tick, result.ticks, result.chained) == (240, 110, 110)
    assert result.state == digest(world).hex()


def test_another_file_each_so_often(tmp_path):
    """Each is a journal of its own; where one begins before the other ends they say the same."""
    played(tmp_path, 500, file_s=10, snapshot_s=0)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 3
    results = [replay(io.BytesIO(path.read_bytes()), content()) for path in files]
    assert [it.chained for it in results] == [it.ticks for it in results]
    assert [it.tick - it.ticks for it in results] == [0, 200, 400]
    assert [it.tick for it in results] == [200, 400, 500]


class Slow:
    """A child that takes its time."""

    tries: list = []

    def __init__(self, make):
        self.made, self.asked = make(), 0
        Slow.tries.append(self)

    def result(self, wait=False):
        self.asked += 1
        return self.made if wait or self.asked >= 30 else None

    def stop(self):
        self.made = None


def test_a_snapshot_that_takes_its_time(tmp_path):
    """What came meanwhile is in the file before and in the one after it."""
    Slow.tries.clear()
    played(tmp_path, 300, file_s=10, snapshot_s=0, freezes=Slow)
    first, second = (path.read_bytes() for path in sorted(tmp_path.iterdir()))
    one, two = (replay(io.BytesIO(data), content()) for data in (first, second))
    assert (one.tick, two.tick, two.ticks, two.chained) == (220, 300, 100, 100)
    data, _, _ = played(tmp_path, 300, since=290, freezes=Slow)
    assert replay(io.BytesIO(data), content()).ticks == 10  # it was waited for
    assert all(it.made is not None for it in Slow.tries)
    played(tmp_path, 300, file_s=14, snapshot_s=0, freezes=Slow)
    assert Slow.tries[-1].made is None  # the world ended before it was ready


class Broken(Slow):
    def result(self, wait=False):
        raise Failed("it broke")


def nothing(make):
    raise OSError(11, "Resource temporarily unavailable")


@pytest.mark.parametrize("freezes", [Broken, nothing])
def test_no_snapshot(tmp_path, freezes):
    """The journal goes on in its file; one that cannot begin does not, and the world goes on."""
    Slow.tries.clear()
    data, _, world = played(tmp_path, 500, file_s=10, freezes=freezes)
    assert replay(io.BytesIO(data), content()).state == digest(world).hex()
    assert len(list(tmp_path.iterdir())) == 1
    assert len(Slow.tries) == (2 if freezes is Broken else 0)
    world = World(content(), RULES, 99)
    world.step([])
    made = Recording(tmp_path, header(world), Journal(), world, lambda: NOW_S, freezes=freezes)
    made.tick(2, [])
    made.stepped(world, world.step([]))
    assert not made.on
    assert len(list(tmp_path.iterdir())) == 1


def test_keeps_so_much(tmp_path, monkeypatch):
    """The oldest go first, of those that a server has named; the one that is written stays."""
    monkeypatch.setattr(module, "MIB", 12_000)
    for name in "1.bmj", "2.bmj", "mine.bmj", "3.txt":
        (tmp_path / name).write_bytes(bytes(8_000))
    played(tmp_path, 640, file_s=10, file_mib=1000, keep_mib=2)
    names = {path.name for path in tmp_path.iterdir()}
    ours = sorted((it for it in names if it not in ("mine.bmj", "3.txt")), key=lambda it: (len(it), it))
    assert {"mine.bmj", "3.txt"} < names and "1.bmj" not in names
    assert ours[-1] == f"{NOW_S + 3}.bmj"
    assert len(ours) < 4
    assert sum((tmp_path / it).stat().st_size for it in ours[:-1]) <= 24_000


def test_masked(tmp_path):
    """Nothing that is said is in it, nor a channel's password; the digests and the chain are still right."""
    for masked in False, True:
        data, _, world = played(tmp_path, 330, story=telling, mask_chat=masked, snapshot_s=10)
        result = replay(io.BytesIO(data), content())
        assert (result.chained, result.compared) == (330, 17)
        again = Reader(io.BytesIO(data))
        assert again.header.masked == masked
        again.seek(200)
        assert replay_from(again).tick == 330
        told = str(again.snapshot.world)
        told += str([it.inputs for it in Reader(io.BytesIO(data)) if isinstance(it, Tick)])
        assert "hush-hush" not in told
        assert ("all is well" in told) == (not masked)
        assert ("back soon" in told) == (not masked)
        assert ".tele" in told
    assert any(channel.password == "hush-hush" for channel in world.society.channels.values())


def replay_from(reader, chain=None):
    chain, world = chain or chained(reader), began(reader, content())
    for _, it in steps(reader, world, chain):
        if it is not None:
            compare(world, it)
    return world


def telling():
    """The town, where channels have a password."""
    play = town()

    def joins(walker, tick, password):
        words = {"channel_id": 0, "unknown1": 0, "unknown2": 0, "channel_name": "Green"}
        return [Input(walker.session, CMSG_JOIN_CHANNEL(**words, channel_password=password))]

    for tick, number, password in (70, 1, "hush-hush"), (71, 2, "hush-hush"), (72, 3, "wrong one"):
        play.script[tick] = [(lambda walker, tick, password=password: joins(walker, tick, password), number)]
    play.script[100] = [(says(".tele green"), 1)]
    return play


@pytest.mark.parametrize("story", [town, travel, crossing.crossing])
@pytest.mark.parametrize(("alone", "since"), [(0, 0), (0, 75), (1, 0), (1, 75), (1, 215), (0, 300)])
def test_one_map_alone(tmp_path, story, alone, since):
    """What one zone took, whoever came to it from where, is run again in a world of that zone alone."""
    data, _, world = played(tmp_path, 505, since, story, alone=alone, snapshot_s=10)
    (file,) = tmp_path.iterdir()
    assert file.name == f"{NOW_S}-map{alone}.bmj"
    assert Reader(io.BytesIO(data)).header.map == alone
    for tick in None, 430:
        reader = Reader(io.BytesIO(data))
        if tick is not None:
            reader.seek(tick)
        chain = chained(reader)
        again = replay_from(reader, chain)
        assert again.tick == 505
        assert chain.tick_count == 505 - (reader.snapshot.tick if reader.snapshot else 0)
        assert zone_of(again, alone) == zone_of(world, alone)
        assert set(again.zones) <= {alone}


def zone_of(world, alone):
    return [summed(it) for _, it in parts.contents(world, parts.whole(world, alone))]


def test_one_map_of_many(tmp_path):
    """Both maps' journals and all of the world's at once: each has its own."""
    world, play = World(content(), RULES, 99), travel()
    made = [recording(tmp_path, world, alone=alone, digest_s=2) for alone in (None, 0, 1)]
    for tick in range(1, 300):
        inputs = [as_sent(it) for it in play.inputs(tick)]
        for it in made:
            it.tick(tick, inputs)
        effects = world.step(inputs)
        play.heard(effects)
        for it in made:
            it.stepped(world, effects)
    for it in made:
        it.close(world)
    assert not world.ears
    for it in made:
        result = replay(io.BytesIO(it.path.read_bytes()), content())
        assert (result.tick, result.chained) == (299, 299)
        assert (result.state == digest(world).hex()) == (it.alone is None)


def test_who_comes_beside_a_step(tmp_path):
    """One leaves for a map and hangs up in the same tick: that map's journal goes on in another file."""
    world, play, seconds = World(content(), RULES, 99), travel(), count(NOW_S)
    made = recording(tmp_path, world, lambda: next(seconds), alone=1)
    for tick in range(1, 160):
        inputs = [as_sent(it) for it in play.inputs(tick)]
        if tick == 60:
            inputs.append(Input(1, NMSG_DISCONNECTED()))
        made.tick(tick, inputs)
        effects = world.step(inputs)
        made.stepped(world, effects)
        play.heard(effects)
    made.close(world)
    one, two = (path.read_bytes() for path in sorted(tmp_path.iterdir()))
    assert replay(io.BytesIO(one), content()).tick == 59
    result = replay(io.BytesIO(two), content())
    assert (result.tick, result.chained) == (159, 99)
