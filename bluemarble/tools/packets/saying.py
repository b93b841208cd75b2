"""What an opened datagram says: its sections, by name and with their fields in yards; docs/bmu1.md."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from bluemarble.tools.packets.fields import Bytes, Wide
from bluemarble.wire import deltas, snapshot
from bluemarble.wire.captures.record import CANONICAL_BUILD
from bluemarble.wire.datagram import sections
from bluemarble.wire.datagram.numbers import LOW, expanded, read_varint
from bluemarble.wire.errors import Malformed
from bluemarble.wire.view import View
from opcodes.datagram import CLOSE_WORDS, UNKNOWN

UNITS = 64  # of a yard
QUARTERS = 4  # of a yard a second
COMPONENTS = {snapshot.GONE: "GONE", snapshot.ENTER: "ENTER", snapshot.LIFE: "LIFE", snapshot.SELF: "SELF"}
EVENT, FRAGMENT, INPUTS, COMPONENT = "EVENT", "FRAGMENT", "INPUTS", "COMPONENT"
EVENTS_LIMIT = 256  # ids that are being put together, or known to have come


class Message(NamedTuple):
    """An event: a packet that came over the link; of the canonical build."""

    id: int
    opcode: int
    body: bytes
    build: int = CANONICAL_BUILD


class Said(NamedTuple):
    """
    A section, or a component of a state.

    @ivar name: SNAPSHOT, EVENT, FRAGMENT, INPUTS, CHALLENGE, RESPONSE, PING, PONG, CLOSE, ATTACH, PROBE, or
        of a component ENTER, GONE, LIFE, SELF, else COMPONENT.
    @ivar size: bytes in the datagram.
    @ivar fields: as of `fields.plain`.
    @ivar message: the event's, once all of it has come.
    @ivar inputs: of INPUTS number, flags, yaw, x, y and z of each as it was sent, the newest first.
    @ivar again: an event that has been heard before.
    @ivar fault: why it could not be taken apart; "" when it could.
    """

    name: str
    size: int
    fields: dict[str, Any]
    message: Message | None = None
    inputs: tuple[tuple[int, ...], ...] = ()
    again: bool = False
    fault: str = ""


class Picture:
    """
    What a link's client knows, by what the server told it: for words that mean something only with it.

    @param cid: the link's.
    """

    def __init__(self, cid: int) -> None:
        self.cid = cid
        self._view = View()
        self._events = {True: _Events(), False: _Events()}

    def take(self, section: sections.Section, tick: int | None, from_client: bool) -> Iterator[Said]:
        """
        What a section says.

        @param tick: of the datagram's prefix; None only where the section needs none.
        """
        size = len(sections.write(section))
        name = type(section).__name__.upper()
        match section:
            case sections.Snapshot(body):
                yield self._snapshot(size, tick or 0, body)
            case sections.State(body):
                yield from self._states(tick or 0, body)
            case sections.Event(number, opcode, body):
                yield self._events[from_client].whole(size, number, opcode, body)
            case sections.Fragment():
                yield from self._events[from_client].part(size, section)
            case sections.Inputs(epoch, inputs):
                sent = tuple(((tick or 0) - back & LOW, *it) for back, it in enumerate(inputs))
                told = {"epoch": epoch, "inputs": [_input(*it) for it in sent]}
                yield Said(INPUTS, size, told, inputs=sent)
            case sections.Close(reason):
                why = CLOSE_WORDS.get(reason, UNKNOWN)
                yield Said(name, size, {"reason": reason, "why": why})
            case _:
                yield Said(name, size, {key: _plain(value) for key, value in section._asdict().items()})

    def _snapshot(self, size: int, tick: int, body: bytes) -> Said:
        try:
            told = snapshot.read_snapshot(body)
            moved = {it.slot: it.place for it in self._view.snapshot(tick, told)}
            if isinstance(told, snapshot.Deltas):
                fields = {"deltas": [self._delta(it, moved) for it in deltas.read_deltas(told.data)]}
            else:
                near = [self._word(word, moved) for word in told.near]
                far = [self._word(word, moved) for word in told.far]
                fields = {name: words for name, words in (("near", near), ("far", far)) if words}
        except Malformed as why:
            return Said("SNAPSHOT", size, {"body": Bytes(body.hex())}, fault=str(why))
        return Said("SNAPSHOT", size, {"tick": tick, **fields})

    def _word(self, word: snapshot.Near | snapshot.Far, moved: dict[int, snapshot.Place]) -> dict[str, Any]:
        place = moved.get(word.slot)
        if place is None:  # the slot is empty, or not known here, or was filled or moved later
            return {f"{name}_bits" if name in "xyz" else name: it for name, it in word._asdict().items()}
        return {**self._who(word.slot), **_place(place, motion=isinstance(word, snapshot.Far))}

    def _delta(self, delta: deltas.Whole | deltas.Delta, moved: dict[int, snapshot.Place]) -> dict[str, Any]:
        place = moved.get(delta.slot)
        known = {} if place is None else _place(place)
        if isinstance(delta, deltas.Whole):
            return {**self._who(delta.slot), "keep": int(delta.keep), **_place(delta.place)}
        steps = [step / UNITS for step in delta.steps]
        return {**self._who(delta.slot), "age": delta.age, "keep": int(delta.keep), "steps": steps, **known}

    def _who(self, slot: int) -> dict[str, Any]:
        seen = self._view.seen.get(slot)
        if seen is None:
            return {"slot": slot}
        return {"slot": slot, "guid": Wide(f"0x{seen.guid:X}")}

    def _states(self, tick: int, body: bytes) -> Iterator[Said]:
        try:
            states = snapshot.read_states(body)
        except Malformed as why:
            yield Said("STATE", len(body) + 1, {"body": Bytes(body.hex())}, fault=str(why))
            return
        out = [self._state(it) for it in states]
        with suppress(Malformed):  # which has been said of the one that is to blame
            self._view.states(tick, states)
        yield from out

    def _state(self, state: snapshot.State) -> Said:
        slot, component, version, value = state
        name = COMPONENTS.get(component, COMPONENT)
        size = 3 + len(value) + (1 if len(value) < 0x80 else 2)
        fields: dict[str, Any] = {"slot": slot, "version": version}
        if name == COMPONENT:
            fields["component"] = component
        try:
            if (component == snapshot.SELF) != (slot == snapshot.SELF_SLOT):
                return Said(COMPONENT, size, {**fields, "component": component, "value": Bytes(value.hex())})
            if component == snapshot.ENTER:
                fields |= _enter(snapshot.Enter.read(value))
            elif component == snapshot.SELF:
                fields |= _oneself(snapshot.Oneself.read(value))
            elif component == snapshot.LIFE:
                fields |= self._who(slot) | snapshot.Life.read(value)._asdict()
            else:
                fields |= self._who(slot) | ({"value": Bytes(value.hex())} if value else {})
        except Malformed as why:
            return Said(name, size, {**fields, "value": Bytes(value.hex())}, fault=str(why))
        return Said(name, size, fields)


class _Events:
    """One direction's events, which come in parts, twice, and in any order."""

    def __init__(self) -> None:
        self._newest = 0
        self._parts: dict[int, dict[int, bytes]] = {}  # by number, not cut to 16 bits
        self._come: dict[int, None] = {}

    def whole(self, size: int, number: int, opcode: int, body: bytes) -> Said:
        """An event in one section."""
        again = self._again(number)
        return Said(EVENT, size, {"id": number}, Message(number, opcode, body), again=again)

    def part(self, size: int, fragment: sections.Fragment) -> Iterator[Said]:
        """A part, and the event when it was the last that lacked."""
        number, part, parts, data = fragment
        yield Said(FRAGMENT, size, {"id": number, "part": part, "parts": parts, "size_bytes": len(data)})
        at = self._whole_number(number)
        if at in self._come or at <= self._newest - EVENTS_LIMIT:
            return
        known = self._parts.setdefault(at, {})
        known[part] = data
        if len(self._parts) > EVENTS_LIMIT:
            del self._parts[min(self._parts)]
        if len(known) < parts or set(known) != set(range(parts)):
            return
        self._parts.pop(at, None)
        raw = b"".join(known[index] for index in range(parts))
        try:
            opcode, begin = read_varint(raw, 0)
        except Malformed as why:
            yield Said(EVENT, 0, {"id": number, "body": Bytes(raw.hex())}, fault=str(why))
            return
        message = Message(number, opcode, raw[begin:])
        yield Said(EVENT, 0, {"id": number}, message, again=self._again(number))

    def _whole_number(self, number: int) -> int:
        at = expanded(number, self._newest)
        self._newest = max(self._newest, at)
        return at

    def _again(self, number: int) -> bool:
        at = self._whole_number(number)
        if at in self._come or at <= self._newest - EVENTS_LIMIT:
            return True
        self._come[at] = None
        if len(self._come) > EVENTS_LIMIT:
            del self._come[min(self._come)]
        return False


def _input(number: int, flags: int, yaw: int, x: int, y: int, z: int) -> dict[str, Any]:
    return {"number": number, "flags": flags, "yaw": yaw, "x": x / UNITS, "y": y / UNITS, "z": z / UNITS}


def _place(place: snapshot.Place, motion: bool = True) -> dict[str, Any]:
    fields: dict[str, Any] = {axis: getattr(place, axis) / UNITS for axis in "xyz"} | {"yaw": place.yaw}
    return fields | ({"speed": place.speed / QUARTERS, "flags": place.flags} if motion else {})


def _enter(enter: snapshot.Enter) -> dict[str, Any]:
    fields = {
        "guid": Wide(f"0x{enter.guid:X}"),
        "kind": enter.kind,
        **_place(enter.place),
        "tick": enter.tick,
    }
    try:
        look = snapshot.Look.read(enter.look)
    except Malformed:
        return fields | {"look": Bytes(enter.look.hex())}
    return fields | look._asdict()


def _oneself(told: snapshot.Oneself) -> dict[str, Any]:
    scaled = {"x", "y", "z", "run", "walk", "swim", "fly"}
    return {name: value / UNITS if name in scaled else value for name, value in told._asdict().items()}


def _plain(value: Any) -> Any:
    return Bytes(value.hex()) if isinstance(value, bytes) else value
