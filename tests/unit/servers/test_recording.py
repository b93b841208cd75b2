from bluemarble.servers.recording import Recording
from bluemarble.sim.content import Content
from bluemarble.sim.rules import Rules
from bluemarble.sim.world import World
from bluemarble.wire.journal import SUFFIX

NOW_S = 1_800_000_000


def test_starts_within_one_second_have_a_journal_each(tmp_path):
    folder = tmp_path / "journals"
    recordings = [Recording(folder, "", {}, seed, NOW_S) for seed in (1, 2, 3)]
    recordings.append(Recording(folder, "", {}, 4, NOW_S + 1))
    names = [recording.path.name for recording in recordings]
    assert names == [f"{NOW_S + n}{SUFFIX}" for n in range(4)]
    world = World(Content(), Rules())
    for recording in recordings:
        recording.close(world)
    assert len({path.read_bytes() for path in folder.iterdir()}) == 4
