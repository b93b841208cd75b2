"""A journal's world, stepped as it was; what it says as bytes, and whether it is what it was."""

import dataclasses
from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import ValidationError

import opcodes
from bluemarble import settings
from bluemarble.native.field import SLOT_LIMIT
from bluemarble.servers.chain import Linked
from bluemarble.sim import parts
from bluemarble.sim.content import Content
from bluemarble.sim.effects import Effect, Input, Load, Save, Send
from bluemarble.sim.rules import Rules
from bluemarble.sim.world import World
from bluemarble.wire import journal
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed
from opcodes.cluster import NMSG_WORLD
from opcodes.vocab import Packet

LATE_MS_LIMIT = 60_000  # of an alarm in a snapshot: a world has none that is overdue by more than a tick
SHOWN = 60  # characters of a value


class Differs(Exception):
    """
    The replayed world is not the one that was recorded.

    @ivar tick: the first one that is known to differ; None: it cannot be run here at all.
    """

    def __init__(self, why: str, tick: int | None = None) -> None:
        super().__init__(why)
        self.tick = tick


class Broken(Exception):
    """
    The step itself raised, its cause: no handler did, and it would have ended a server.

    @ivar tick: the one it was about.
    """

    def __init__(self, tick: int) -> None:
        super().__init__(f"the step of tick {tick} raised")
        self.tick = tick


def began(reader: journal.Reader, content: Content, threads: int = 1) -> World:
    """
    The world a journal begins with.

    @param threads: how many it may use; they change nothing of what it becomes.
    @raise Differs: it is not one that the journal can be run on, and why.
    """
    header = reader.header
    known = [field.name for field in dataclasses.fields(Rules)]
    if reasons := header.refused(content.hash.hex(), known):
        raise Differs("; ".join(reasons))
    state = frozen(reader)
    try:
        return _made(header, content, threads, state)
    except Exception as error:  # whatever it is, it is in the file: a world that ran can be made
        raise Malformed(f"a journal that no world begins with: {type(error).__name__}: {error}") from error


def _made(header: journal.Header, content: Content, threads: int, state: NMSG_WORLD | None) -> World:
    rules: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in header.rules.items()}
    for field in dataclasses.fields(Rules):
        usual: Any = field.default
        value = rules.get(field.name, usual)
        if type(value) is not type(usual) and not (type(value) is int and type(usual) is float):
            raise TypeError(f"the rule {field.name} is {value!r}")
        if isinstance(usual, tuple) and {type(it) for it in value} - {type(it) for it in usual}:
            raise TypeError(f"the rule {field.name} has {value!r}")
    _sensible(rules)
    alone = None if header.map < 0 else header.map
    world = World(content, Rules(**rules), header.seed, threads, alone)
    if state is not None:
        world.restore(state)
    return world


def _sensible(rules: dict[str, Any]) -> None:
    """
    Look whether an operator may set such rules: with others a tick may have no end.

    @raise ValueError: one is not to be set so.
    """
    try:
        settings.Rules(
            **{name: value for name, value in rules.items() if name in settings.Rules.model_fields}
        )
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        name = ".".join(map(str, wrong["loc"])) or "rules"
        raise ValueError(f"{name} is {repr(wrong['input'])[:SHOWN]}: {wrong['msg']}") from None


def frozen(reader: journal.Reader) -> NMSG_WORLD | None:
    """
    The snapshot that a journal begins with, or that was sought.

    @raise Malformed: it is none.
    """
    world = None if reader.snapshot is None else reader.snapshot.world
    if world is not None and not isinstance(world, NMSG_WORLD):
        raise Malformed(f"a journal that begins with {type(world).__name__}")
    for zone in () if world is None else world.zones:
        slots = [*(it.slot for it in zone.players), *(it.slot for it in zone.creatures)]
        slots += [slot for grid in zone.grids for slot in grid.slots]
        if max(slots, default=0) >= SLOT_LIMIT:
            raise Malformed(f"a journal that begins with a slot of more than {SLOT_LIMIT} on map {zone.map}")
        if any(it.at_ms + LATE_MS_LIMIT < zone.now_ms for it in zone.timers):
            raise Malformed(f"a journal that begins with an alarm long overdue on map {zone.map}")
    return world


def chained(reader: journal.Reader) -> Linked:
    """The chain as it was where the journal begins."""
    header, snapshot = reader.header, reader.snapshot
    link = journal.UNCHAINED if snapshot is None else snapshot.link
    return Linked(link, header.masked, None if header.map < 0 else header.map)


def steps(
    reader: journal.Reader, world: World, chain: Linked | None = None
) -> Iterator[tuple[list[Effect], journal.Digest | None]]:
    """
    The effects of each tick; with it the journal's digest of the state after that tick, if it has one.

    @param chain: compared with the journal's, tick by tick; snapshots on the way are passed by.
    @raise Differs: a record is of a tick that is over, or the chain is another one.
    @raise Broken: the step does.
    """
    waiting: list[Effect] | None = None  # a step's effects, until we know whether a digest follows
    inputs: list[Input] = []
    effects: list[Effect] = []
    for record in reader:
        if isinstance(record, journal.Snapshot):
            continue
        taken = isinstance(record, journal.Tick)
        if record.tick < world.tick + taken:
            raise Differs(f"a record of tick {record.tick} after tick {world.tick}")
        while world.tick < record.tick:
            if waiting is not None:
                yield waiting, None
            given = record.inputs if isinstance(record, journal.Tick) else []
            inputs = [Input(*it) for it in given] if world.tick == record.tick - 1 else []
            waiting = effects = stepped(world, inputs)
        if isinstance(record, journal.Digest):
            yield waiting or [], record
            waiting = None
        elif chain is None or isinstance(record, journal.Tick):
            continue
        elif chain.stepped(world, inputs, effects) != record.link:
            raise Differs(f"what came of tick {record.tick} is not what was recorded", record.tick)
    if waiting is not None:
        yield waiting, None


def stepped(world: World, inputs: list[Input]) -> list[Effect]:
    """
    One step.

    @raise Broken: it raises.
    """
    try:
        return world.step(inputs)
    except Exception as error:
        raise Broken(world.tick) from error


def compare(world: World, digest: journal.Digest) -> None:
    """
    The state with a journal's digest of it.

    @raise Differs: with the parts that do.
    """
    recorded = dict(digest.parts)
    differ = [
        parts.name(part)
        for part, content in parts.contents(world, (parts.Part(*key) for key in recorded))
        if journal.summed(content) != recorded[part]
    ]
    if differ:
        why = f"the state after tick {digest.tick} is not the recorded one: {'; '.join(differ)}"
        raise Differs(why, digest.tick)


def told(effect: Effect) -> bytes:
    """An effect as bytes that are the same wherever it is the same."""
    match effect:
        case Send(to, packet):
            return repr(("send", to)).encode() + _bytes(packet)
        case Load(session, question):
            return repr(("load", session)).encode() + _bytes(question)
        case Save(owner, writes, session):
            rows = [(w.table.__name__, sorted(w.key.items()), _values(w.values), w.insert) for w in writes]
            return repr(("save", owner, session, rows)).encode()
        case _:
            return repr((type(effect).__name__, *effect)).encode()


def _values(values: dict[str, Any] | None) -> list[tuple[str, Any]] | None:
    return None if values is None else sorted(values.items())


def _bytes(packet: Packet) -> bytes:
    body = codec(type(packet)).encode(packet)
    return _numbers()[type(packet)].to_bytes(2, "little") + len(body).to_bytes(4, "little") + body


@cache
def _numbers() -> dict[type[Packet], int]:
    return opcodes.version(journal.CANONICAL_BUILD).numbers | opcodes.native().numbers
