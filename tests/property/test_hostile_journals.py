"""Journals that somebody has made up, with all checksums right: the tools say what is wrong, or run them."""

import io
import json

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bluemarble.tools.console import main
from bluemarble.tools.replay import tape
from bluemarble.tools.replay.stepping import frozen
from bluemarble.wire import blocks, journal
from bluemarble.wire.codec import codec
from opcodes.cluster import NMSG_TRAVEL, NMSG_WORLD, PlayerState
from opcodes.links import NMSG_MOVES, NMSG_UDP_ATTACHED
from opcodes.vocab import Record
from tests.journals.planting import CONTENT
from tests.journals.record import HERE
from tests.property.attackers import examples

LAST = 130
COMMANDS = (
    ["run", "--report", "{out}"],
    ["run", "--json"],
    ["show", "100"],
    ["trace", "{out}"],
    ["cut", "{out}", "--from", "60"],
    ["filter", "{out}", "--map", "0", "--from-the-start"],
    ["anonymise", "{out}"],
)
PHASES = [
    Phase.explicit,
    Phase.reuse,
    Phase.generate,
]
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
numbers = st.sampled_from([0, 1, 2, 7, 255, 65_535, 2**20, 2**31, 2**32 - 1, 2**63])
floats = st.sampled_from([float("nan"), float("inf"), -1e38, 0.0, 17066.67])
odd = st.one_of(st.none(), st.booleans(), st.text(max_size=5), st.lists(st.integers(), max_size=3))


def told(file, command, out):
    words = [command[0], str(file), *(it.format(out=out) for it in command[1:])]
    done = CliRunner().invoke(main, ["replay", *words, "--content", CONTENT])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code in (0, 1, 2, 3)


def whole(name):
    """A golden journal's first part."""
    return tape.load(io.BytesIO((HERE / f"{name}.bmj").read_bytes())).to(LAST)


def records(record, found):
    """Every record within one."""
    found.append(record)
    for name in type(record).hints:
        value = getattr(record, name)
        for it in value if isinstance(value, list) else [value]:
            if isinstance(it, Record):
                records(it, found)
    return found


def spoiled(draw, record):
    """Some of its numbers are others; it can still be written."""
    all_ = records(record, [])
    for _ in range(draw(st.integers(1, 4))):
        it = draw(st.sampled_from(all_))
        names = [n for n in type(it).__slots__ if isinstance(getattr(it, n), int | float)]
        if names:
            name = draw(st.sampled_from(sorted(names)))
            before = getattr(it, name)
            setattr(it, name, draw(floats if isinstance(before, float) else numbers))
            try:
                codec(type(record)).encode(record)
            except Exception:
                setattr(it, name, before)


@pytest.mark.parametrize("name", ["town", "crossing"])
@settings(max_examples=examples(12), suppress_health_check=QUIET, phases=PHASES)
@given(data=st.data())
def test_inputs(tmp_path, name, data):
    """Packets that no client and no server sends, in sessions that nobody has, at any time."""
    it = whole(name)
    atoms = list(it.atoms)
    for _ in range(data.draw(st.integers(1, 5))):
        n = data.draw(st.integers(0, len(atoms) - 1))
        what = data.draw(st.integers(0, 3))
        if what == 0:
            atoms[n] = atoms[n]._replace(session=data.draw(numbers) & 0xFFFFFFFF)
        elif what == 1:
            spoiled(data.draw, atoms[n].packet)
        elif what == 2:
            moves = NMSG_MOVES(moves=data.draw(st.binary(max_size=70)))
            atoms[n] = atoms[n]._replace(packet=moves)
        else:
            odd = data.draw(st.sampled_from([NMSG_UDP_ATTACHED(cid=0), _world(), _traveller()]))
            atoms[n] = atoms[n]._replace(packet=odd)
    (tmp_path / "odd.bmj").write_bytes(tape.saved(it._replace(atoms=atoms)))
    told(tmp_path / "odd.bmj", data.draw(st.sampled_from(COMMANDS)), tmp_path / "out")


def _world():
    return frozen(journal.Reader(io.BytesIO((HERE / "travel.bmj").read_bytes())))


def _traveller():
    player = _world().zones[0].players[0]
    return NMSG_TRAVEL(map=9, x=0.0, y=0.0, z=0.0, facing=0.0, until_ms=0, player=player)


@settings(max_examples=examples(25), suppress_health_check=QUIET, phases=PHASES)
@given(data=st.data())
def test_snapshots(tmp_path, data):
    """A world in which nothing fits."""
    it = whole("travel")
    spoiled(data.draw, it.snapshot)
    assert isinstance(it.snapshot, NMSG_WORLD)
    (tmp_path / "odd.bmj").write_bytes(tape.saved(it))
    told(tmp_path / "odd.bmj", data.draw(st.sampled_from(COMMANDS)), tmp_path / "out")


@settings(max_examples=examples(25), suppress_health_check=QUIET, phases=PHASES)
@given(data=st.data())
def test_headers(tmp_path, data):
    """Rules that are none, and a seed and a map that are too large."""
    it = whole("town")
    rules = dict(it.header.rules)
    for name in data.draw(st.lists(st.sampled_from(sorted(rules)), max_size=4)):
        rules[name] = data.draw(odd)
    header = it.header._replace(
        rules=rules, seed=data.draw(numbers), map=data.draw(st.sampled_from([-1, 0, 1, 7, 2**40]))
    )
    (tmp_path / "odd.bmj").write_bytes(tape.saved(it._replace(header=header)))
    told(tmp_path / "odd.bmj", data.draw(st.sampled_from(COMMANDS)), tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("save_interval_ms", 0),
        ("time_sync_ms", -5),
        ("sight_limit", 2**40),
        ("emote_yards", float("nan")),
        ("grid_margin_yards", 1e30),
        ("who_pace", [1, -1]),
    ],
)
def test_rules_that_no_operator_may_set(tmp_path, name, value):
    """With some of them a tick would never end: they are refused, by name."""
    it = whole("town")
    file = tmp_path / "odd.bmj"
    file.write_bytes(
        tape.saved(it._replace(header=it.header._replace(rules=it.header.rules | {name: value})))
    )
    done = CliRunner().invoke(main, ["replay", str(file), "--content", CONTENT])
    assert (done.exit_code, f"begins with: ValueError: {name}" in done.output) == (2, True), done.output


def test_for_ever(tmp_path):
    """A tick in two hundred years is not stepped to; a slot beyond all is not made room for."""
    it = whole("town")
    (tmp_path / "long.bmj").write_bytes(tape.saved(it._replace(last=2**32 - 1)))
    wide = whole("travel")
    player = wide.snapshot.zones[0].players[0]
    assert isinstance(player, PlayerState)
    player.slot = 2**32 - 1
    (tmp_path / "wide.bmj").write_bytes(tape.saved(wide))
    late = whole("travel")
    zone = late.snapshot.zones[0]
    zone.now_ms, zone.timers[0].at_ms = 2**60, 1
    (tmp_path / "late.bmj").write_bytes(tape.saved(late))
    for file, why in (
        ("long", "nothing between the ticks"),
        ("wide", "a slot of more than"),
        ("late", "an alarm long overdue"),
    ):
        for name, *more in (["run"], ["trace", str(tmp_path / "out")], ["filter", str(tmp_path / "out")]):
            words = [name, str(tmp_path / f"{file}.bmj"), *more]
            done = CliRunner().invoke(main, ["replay", *words, "--content", CONTENT])
            assert (done.exit_code, why in done.output) == (2, True), (name, done.output)


EVIL = "\x1b]0;a\x07\x9b2J\u202e"


def test_nothing_moves_the_cursor(tmp_path):
    """Whatever a made-up journal says that it is of, and whoever plays in it, one can print it."""
    it, file = whole("town"), tmp_path / "odd.bmj"
    head, more = it.header, json.dumps({EVIL: 1}).encode()
    odd = [
        tape.saved(it._replace(header=head._replace(content=EVIL))),
        tape.saved(it._replace(header=head._replace(scripts=EVIL))),
        tape.saved(it._replace(header=head._replace(rules=head.rules | {EVIL: 1}))),
        tape.saved(it._replace(header=head._replace(rules=head.rules | {"motd": [EVIL]}))),
        blocks.MAGIC + blocks.block(blocks.HEADER, 0, 0, more),
    ]
    it.atoms[0].packet.character.name = EVIL
    odd.append(tape.saved(it))
    for data in odd:
        file.write_bytes(data)
        for words in (
            ["run", str(file)],
            ["show", str(file), "1"],
            ["filter", str(file), str(tmp_path / "out")],
        ):
            done = CliRunner().invoke(main, ["replay", *words, "--content", CONTENT])
            assert done.output
            assert all(line.isprintable() for line in done.output.splitlines()), done.output
