"""Two layouts have two descriptions; what is no layout changes none."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import opcodes
from bluemarble.wire.layouts import described, difference
from opcodes.cluster import NMSG_WORLD
from opcodes.links import NMSG_MOVES
from opcodes.vocab import Packet, Record, Rest, Values, array, count_of, listed, this, u8, u16, u32, when

ROOT = Path(__file__).resolve().parents[3]


def made(fields, rules, name="NMSG_IT"):
    return type(Packet)(name, (Packet,), {"__annotations__": fields, "__module__": __name__, **rules})


def test_every_packet_has_its_own():
    kinds = {*opcodes.version(12340).packets.values(), *opcodes.native().packets.values()}
    assert len({described(kind) for kind in kinds}) == len(kinds) > 200
    assert "f32" not in described(NMSG_WORLD) and "PlayerState(session/<L" in described(NMSG_WORLD)


def test_what_changes_it():
    """Fields, their order, forms, rules and names, and the same of records within."""

    class One(Record):
        a: u8

    class Two(Record):
        a: u16

    wire = Annotated[dict[int, int], Values(3)]
    layouts = [
        ({}, {}),
        ({"a": u8}, {}),
        ({"a": u16}, {}),
        ({"b": u8}, {}),
        ({"a": u8, "b": u8}, {}),
        ({"b": u8, "a": u8}, {}),
        ({"a": u8, "b": u8}, {"b": when(this.a == 1)}),
        ({"a": u8, "b": u8}, {"b": when(this.a == 2)}),
        ({"a": list[u8]}, {"a": listed(count=u8, limit=5)}),
        ({"a": list[u8]}, {"a": listed(count=u16, limit=5)}),
        ({"a": list[u8]}, {"a": array(5)}),
        ({"a": list[u8]}, {"a": array(6)}),
        ({"n": u8, "a": list[u8]}, {"n": count_of("a"), "a": listed(count=this.n, limit=5)}),
        ({"a": One}, {}),
        ({"a": Two}, {}),
        ({"a": wire}, {}),
    ]
    assert len({described(made(*layout)) for layout in layouts}) == len(layouts)
    assert described(made({}, {}, "NMSG_OTHER")) != described(made({}, {}))


def test_what_does_not():
    """How long something may be, and what it is when nobody says."""
    for one, other in (
        (({"a": u32}, {}), ({"a": u32}, {"a": 7})),
        (({"a": list[u8]}, {"a": listed(u8, 5)}), ({"a": list[u8]}, {"a": listed(u8, 6)})),
        (({"a": Annotated[bytes, Rest(5)]}, {}), ({"a": Annotated[bytes, Rest(6)]}, {})),
    ):
        assert described(made(*one)) == described(made(*other))


def test_another_process():
    """It depends on no hash seed and no address."""
    say = "from bluemarble.wire import layouts as f; from opcodes.{0} import {1} as P"
    say += "; print(f.described(P))"
    for where, kind in ("cluster", NMSG_WORLD), ("links", NMSG_MOVES):
        words = [sys.executable, "-c", say.format(where, kind.__name__)]
        got = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
        assert got.stdout.strip() == described(kind)


def test_what_differs():
    """The first field that is another is named, on both sides."""
    one, other = described(made({"a": u8, "b": u8}, {})), described(made({"a": u8, "b": u16}, {}))
    assert difference(one, other) == "there 'b/<B/', here 'b/<H/'"
    assert difference(one, described(made({"a": u8}, {}))) == "there ',', here ')'"
    assert difference(one, one + ")") == "one has more than the other"
    assert difference(one, one) == "nothing"
    assert difference("x" * 999 + "\x1b", "(") == f"there {'x' * 60!r}, here '('"
