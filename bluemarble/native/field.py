"""The movers of one map: where they are, who steers them, and which of them each eye sees; in C."""

from typing import Any, NamedTuple

from bluemarble.native._core import ffi, lib
from bluemarble.native.interest import Interest
from bluemarble.native.measures import TURN, UNITS_YARD, packed, quarters, units, unpacked, yaw

SLOT_LIMIT = 1 << 20
PLAYER, CREATURE, OBJECT = 1, 2, 3

Place = tuple[float, float, float]


class Mover(NamedTuple):
    """
    One mover.

    @ivar x, y, z: yards, exact multiples of 1/64.
    @ivar facing: radians, 0 to 2 pi.
    @ivar flags: movement flags of 3.3.5a.
    @ivar speed: yards a second, multiples of 1/4.
    @ivar epoch: counts the corrections and teleports of whoever is steered, modulo 256.
    @ivar input: the number of the newest input taken.
    @ivar kind: PLAYER, CREATURE or OBJECT.
    @ivar eye: its eye's number; -1: it does not look.
    @ivar cid: the connection that steers it; 0: none.
    """

    x: float
    y: float
    z: float
    facing: float
    flags: int
    speed: float
    epoch: int
    input: int
    kind: int
    eye: int
    cid: int


class Field:
    """
    Things in dense slots on one map, moved by Python, by walks and by clients' inputs, and seen by eyes.

    Places are kept in units of 1/64 yard and facings in 1/65536 turn, integers: every answer is a function
    of the calls made so far, on every machine, with any number of threads.  Slots are the zone's, as in
    `Interest`.  What is put, walked and moved between two steps is seen from the second on.
    """

    __slots__ = ("_it", "_mover", "_slots", "_xyz", "_xyz2")

    def __init__(
        self,
        seed: int = 0,
        sight_yards: float = 150.0,
        leave: float = 1.1,
        height_yards: float = 100.0,
        *,
        reach_yards: float = 0.0,
        slack: float = 1.25,
        burst_yards: float = 30.0,
        late_ms: int = 2_000,
    ) -> None:
        """
        Make a map without anything on it.

        @param seed: of what is random; u64.
        @param sight_yards: an eye begins to see what is nearer, in the plane; to 330 with `leave`.
        @param leave: it sees it until so many times as far away.
        @param height_yards: and no farther up or down than this; `leave` holds here, too.
        @param reach_yards: how far around a steered mover grids are wanted: see `crossed`.
        @param slack, burst_yards, late_ms: sim.rules' move_slack, move_burst_yards, move_late_ms_limit.
        @raise ValueError: one of these is out of range.
        """
        rules = ffi.new("bm_field_rules *")
        rules.seed = seed
        rules.sight, rules.leave = units(sight_yards), units(sight_yards * leave)
        rules.height, rules.leave_height = units(height_yards), units(height_yards * leave)
        rules.reach = units(reach_yards)
        rules.slack_permille, rules.burst_mm = round(slack * 1000), round(burst_yards * 1000)
        rules.late_ms = late_ms
        self._hold(lib.bm_field_new(rules))

    def _hold(self, made: Any) -> None:
        if not made:
            raise ValueError("a field's radii or rules are out of range, or its bytes are none's")
        self._it = ffi.gc(made, lib.bm_field_free)
        self._mover = ffi.new("bm_mover *")
        self._slots = ffi.new("uint32_t **")
        self._xyz, self._xyz2 = ffi.new("int32_t[3]"), ffi.new("int32_t[3]")

    def put(
        self,
        slot: int,
        kind: int,
        x: float,
        y: float,
        z: float,
        facing: float = 0.0,
        speed: float = 0.0,
        flags: int = 0,
    ) -> None:
        """
        Place something, or move it; a walk ends, and of who is steered it is a teleport.

        @param slot: 0 to SLOT_LIMIT - 1; low numbers, for there are columns behind it.
        @param kind: PLAYER, CREATURE or OBJECT.
        @param x, y, z: yards, on the map.  @param facing: radians.  @param speed: yards a second, to 63.75.
        @param flags: movement flags of 3.3.5a.
        @raise ValueError: not a place, or not a kind.
        """
        _check(
            lib.bm_field_put(
                self._it, slot, kind, self._at(x, y, z), yaw(facing), quarters(speed), packed(flags)
            ),
            slot,
        )

    def walk(self, slot: int, from_: Place, to: Place, since_ms: int, until_ms: int) -> None:
        """
        Let it go straight from one place to another; each step puts it where it is by then.

        It stands at the end when it arrives.  Facing, speed and the flag FORWARD follow from the way.

        @param since_ms, until_ms: of the zone's clock, `since_ms` before `until_ms`.
        @raise KeyError: nothing is there.  @raise ValueError: not places, or no time, or it is steered.
        """
        self._xyz2[0:3] = [units(v) for v in to]
        code = lib.bm_field_walk(self._it, slot, self._at(*from_), self._xyz2, since_ms, until_ms)
        _check(code, slot)

    def halt(self, slot: int) -> None:
        """
        Let it stand where its walk brought it in the last step.

        @raise KeyError: nothing is there.
        """
        _check(lib.bm_field_halt(self._it, slot), slot)

    def drop(self, slot: int) -> None:
        """
        Take it away, with its eye and whoever steers it; the slot may be filled again at once.

        @raise KeyError: nothing is there.
        """
        _check(lib.bm_field_drop(self._it, slot), slot)

    def read(self, slot: int) -> Mover:
        """
        Where it is now, inputs of this tick included.

        @raise KeyError: nothing is there.
        """
        it = self._mover
        _check(lib.bm_field_read(self._it, slot, it), slot)
        return Mover(
            it.x / UNITS_YARD,
            it.y / UNITS_YARD,
            it.z / UNITS_YARD,
            it.yaw * (TURN / 65536),
            unpacked(it.flags),
            it.speed / 4,
            it.epoch,
            it.input,
            it.kind,
            it.eye,
            it.cid,
        )

    def bind(self, cid: int, slot: int, now_ms: int) -> None:
        """
        Let this connection steer it; whoever steered it before, or had the cid's low 14 bits, does no more.

        @param cid: not 0.
        @raise KeyError: nothing is there.
        """
        _check(lib.bm_field_bind(self._it, cid, slot, now_ms), slot)

    def unbind(self, cid: int) -> None:
        """Let this connection steer nothing; it stands where it is.  A cid that is not bound is fine."""
        _check(lib.bm_field_unbind(self._it, cid), None)

    def speeds(self, slot: int, run: float, walk: float, swim: float, fly: float) -> None:
        """
        How fast it may go once it is steered, yards a second; `fly` 0: it may not.

        @raise KeyError: nothing is there.  @raise ValueError: a speed below 0 or above 1000.
        """
        speeds = ffi.new("uint32_t[4]", [round(v * 1000) for v in (run, walk, swim, fly)])
        _check(lib.bm_field_speeds(self._it, slot, speeds), slot)

    def root(self, slot: int, on: bool) -> None:
        """
        Hold it where it is, or let it go.

        @raise KeyError: nothing is there.
        """
        _check(lib.bm_field_root(self._it, slot, on), slot)

    def place(self, slot: int, x: float, y: float, z: float, facing: float, now_ms: int) -> None:
        """
        Teleport it: a new epoch, and what it may spend on its way is as at first.

        @raise KeyError: nothing is there.  @raise ValueError: not a place.
        """
        _check(lib.bm_field_place(self._it, slot, self._at(x, y, z), yaw(facing), now_ms), slot)

    def allow(self, slot: int, allowance: tuple[int, ...]) -> None:
        """Say what it may spend on its way: mm along, up and down, 0 to 2e8, and when they were so, ms."""
        _check(lib.bm_field_allow(self._it, slot, ffi.new("int64_t[4]", allowance)), slot)

    def allowance(self, slot: int) -> tuple[int, ...]:
        """The same, as it is now; KeyError: it never was steered."""
        allowance = ffi.new("int64_t[4]")
        _check(lib.bm_field_allowance(self._it, slot, allowance), slot)
        return tuple(allowance)

    def moves(self, batch: bytes, now_ms: int) -> list[int]:
        """
        Take clients' inputs, those that are possible, in their order.

        @param batch: records of 24 bytes: cid u32, tick u16, flags u16, yaw u16, epoch u8, 0 u8, x, y, z i32.
        @return: how many were taken, and how many not, by reason: BM_MOVES_ in cffi_build/api/field.h.
        @raise ValueError: a part of a record.
        """
        _check(lib.bm_field_moves(self._it, batch, len(batch), now_ms), None)
        return list(lib.bm_field_counts(self._it)[0 : lib.BM_MOVES_REASONS])

    def watch(self, slot: int) -> int:
        """
        Give it an eye, which looks in the next step.

        @return: the eye's number: the lowest that is free, or the one it has.
        @raise KeyError: nothing is there.
        """
        return _check(lib.bm_field_watch(self._it, slot), slot)

    def unwatch(self, slot: int) -> None:
        """
        Take its eye.

        @raise KeyError: it has none.
        """
        _check(lib.bm_field_unwatch(self._it, slot), slot)

    def sight(self, slot: int, yards: float) -> None:
        """
        Let its eye see no farther than this, nor than the field's sight.

        @raise KeyError: it has none.  @raise ValueError: not above 0.
        """
        _check(lib.bm_field_sight(self._it, slot, units(yards)), slot)

    def radius(self, level: int) -> None:
        """
        Let all eyes see less far: overload.

        @param level: 0 all of it, 1 four fifths, 2 three fifths, 3 nine twentieths, 4 a third.
        """
        _check(lib.bm_field_radius(self._it, level), None)

    def seen(self, eye: int) -> dict[int, tuple[int, int]]:
        """
        What is in an eye's slots: (mover, pace), the pace one of 60, 30, 15, 3; for tests and tools.

        @raise KeyError: no such eye.
        """
        movers, paces = ffi.new("uint32_t[256]"), ffi.new("uint8_t[256]")
        _check(lib.bm_field_seen(self._it, eye, movers, paces), eye)
        return {slot: (movers[slot], paces[slot]) for slot in range(256) if paces[slot]}

    def look(self, slot: int, guid: int, look: bytes) -> None:
        """
        Say what ENTER tells of it: docs/bmu1.md section 7.

        @param look: to 512 bytes.
        @raise KeyError: nothing is there.  @raise ValueError: too long.
        """
        _check(lib.bm_field_look(self._it, slot, guid, look, len(look)), slot)

    def component(self, slot: int, number: int, value: bytes) -> None:
        """
        Set what everyone who sees it is told of it.

        @param number: 2 to 15.  @param value: to 512 bytes.
        @raise KeyError: nothing is there.  @raise ValueError: the number, or too long.
        """
        _check(lib.bm_field_component(self._it, slot, number, value, len(value)), slot)

    def step(self, tick: int, now_ms: int, threads: int = 1) -> None:
        """
        Bring walks, and what a quarter of the eyes see, up to date.

        @param tick: one more than the last time; u32.  @param now_ms: the zone's clock.
        @param threads: 1 to 16; the results do not depend on it.
        """
        _check(lib.bm_field_step(self._it, tick, now_ms, threads), None)

    def moved(self) -> list[int]:
        """Whose place, facing, speed or flags changed in the last step; slots, ascending."""
        return self._list(lib.bm_field_moved)

    def corrections(self) -> list[int]:
        """Steered movers that must be told where they are, as of the last step; slots, ascending."""
        return self._list(lib.bm_field_corrections)

    def crossed(self) -> list[int]:
        """Steered movers around whom, within `reach_yards`, there are other grids now; slots, ascending."""
        return self._list(lib.bm_field_crossed)

    def shown(self) -> list[int]:
        """
        Steered movers that watchers over TCP are to be told of, as of the last step; slots, ascending.

        Their flags changed, or they turned by more than five degrees, or they move and it is 500 ms ago.
        """
        return self._list(lib.bm_field_shown)

    def follow(self, interest: Interest) -> None:
        """Put the steered movers that changed since the last call, as of the last step, into `interest`."""
        _check(lib.bm_field_follow(self._it, interest.handle), None)

    def save(self) -> bytes:
        """All of it, as bytes that `load` takes: whom each eye sees, too."""
        size = lib.bm_field_save(self._it, ffi.NULL, 0)
        out = bytearray(size)
        lib.bm_field_save(self._it, ffi.from_buffer(out), size)
        return bytes(out)

    @classmethod
    def load(cls, saved: bytes) -> "Field":
        """
        A field that goes on as the saved one would have; the lists of the last step are empty.

        @raise ValueError: these are no field's bytes.
        """
        field = cls.__new__(cls)
        field._hold(lib.bm_field_load(saved, len(saved)))
        return field

    def digest(self) -> bytes:
        """32 bytes that differ when anything in it does: SHA-256 over its state."""
        out = ffi.new("uint8_t[32]")
        _check(lib.bm_field_digest(self._it, out), None)
        return bytes(out)

    def trace(self) -> int:
        """
        64 bits that are others when the last step moved something elsewhere, or eyes have others before them.

        Cheap enough for every tick; the digest is of all there is.
        """
        return int(lib.bm_field_trace(self._it))

    @property
    def handle(self) -> Any:
        """What C functions of other subjects take it by; good as long as this object lives."""
        return self._it

    def _at(self, x: float, y: float, z: float) -> Any:
        at = self._xyz
        at[0], at[1], at[2] = units(x), units(y), units(z)
        return at

    def _list(self, function: Any) -> list[int]:
        count = function(self._it, self._slots)
        return ffi.unpack(self._slots[0], count) if count else []


def _check(code: int, slot: int | None) -> int:
    if code >= 0:
        return code
    if code == lib.BM_NO_MEMORY:
        raise MemoryError
    if code == lib.BM_NO_SUCH:
        raise KeyError(slot)
    raise ValueError(f"slot {slot}: a number, place, time or size is out of range")
