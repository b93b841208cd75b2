"""
What a datagram's inputs and states are made of: docs/bmu1.md sections 5 and 7.

Places are whole 1/64 yards, speeds 1/64 or 1/4 yards a second as they say, yaws 65,536 or 256 to the turn.
C reads and writes these, too: change one, and run `python cffi_build/emit_c.py`.
"""

from struct import Struct

from opcodes.vocab import Record, i16, i32, u8, u16, u32, u64, wire_form


def row(record: type[Record]) -> Struct:
    """What packs and unpacks a record's fields as a tuple: all of them are numbers of a fixed size."""
    return Struct("<" + "".join(wire_form(hint).fmtstr[-1] for hint in record.hints.values()))


class NewestInput(Record, hot=True):
    """Where the client is after the newest of a datagram's inputs, and with which keys."""

    flags: u16
    yaw: u16
    x: i32
    y: i32
    z: i32


class OlderInput(Record, hot=True):
    """An input one tick before the one ahead of it, and how far from that one its place is."""

    flags: u16
    yaw: u16
    dx: i16
    dy: i16
    dz: i16


class Move(Record, hot=True):
    """One input as the simulation takes it: NMSG_MOVES is a row of these."""

    cid: u32
    tick: u16
    flags: u16
    yaw: u16
    epoch: u8
    reserved: u8
    x: i32
    y: i32
    z: i32


class EnterHead(Record, hot=True):
    """Component ENTER, up to the look."""

    guid: u64
    kind: u8
    x: i32
    y: i32
    z: i32
    yaw: u8
    speed: u8
    flags: u8
    tick: u16


class Oneself(Record, hot=True):
    """Component SELF: where the server has the player, and how fast it may go there."""

    epoch: u8
    input: u16
    x: i32
    y: i32
    z: i32
    yaw: u16
    flags: u16
    run: u16
    walk: u16
    swim: u16
    fly: u16


class Life(Record, hot=True):
    """Component LIFE."""

    health: u32
    health_max: u32
    power: u32
    power_max: u32


class LookHead(Record, hot=True):
    """How something looks, up to its name."""

    level: u8
    race: u8
    class_: u8
    gender: u8
    display: u32
