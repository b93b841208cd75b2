"""Packets and states as fields, and what differs between two."""

import struct

import pytest

from bluemarble.rows import Write
from bluemarble.rows.characters import CharactersRow
from bluemarble.sim.effects import Count, Load, Save, Send
from bluemarble.tools.replay.fields import (
    ABSENT,
    differences,
    effect_fields,
    packet_fields,
    plain,
    short,
    update_field,
)
from bluemarble.tools.replay.moment import compared
from opcodes.chat import SMSG_TEXT_EMOTE
from opcodes.cluster import NMSG_TAKE_OVER
from opcodes.links import NMSG_MOVES
from opcodes.objects import SMSG_UPDATE_OBJECT, VALUES, UpdateBlock
from opcodes.update_fields import index
from tests.integration.linked import RECORD


def test_update_fields_have_names():
    names = {"OBJECT_FIELD_TYPE": 1, "UNIT_FIELD_CHANNEL_OBJECT+0": 7}
    assert (index("OBJECT_FIELD_TYPE"), index("UNIT_FIELD_CHANNEL_OBJECT")) == (2, 20)
    block = UpdateBlock(update_type=VALUES, guid=5, values={20: 7, 2: 1})
    assert plain(block) == {"update_type": 0, "guid": 5, "values": names}
    assert update_field(14, 0x4000 << 48 | 1) == "ITEM_FIELD_STACK_COUNT"
    assert update_field(14).startswith("UNIT_FIELD_")
    assert update_field(9999) == "field 9999"


@pytest.mark.parametrize("value", [0.1, 200.20421, 124.88422, 2.0, -7.5, 1e-20])
def test_floats_as_people_write_them(value):
    """What 32 bits hold is written as short as it can be; what they do not hold stays as it is."""
    assert short(struct.unpack("<f", struct.pack("<f", value))[0]) == value
    assert short(1e300) == 1e300
    assert short(1 / 3) == 1 / 3
    assert short(float("nan")) == "nan"
    assert short(float("-inf")) == "-inf"


def test_moves_are_told_apart():
    record = RECORD.pack(77, 5, 1, 300, 2, 0, 64, -128, 96)
    assert packet_fields(NMSG_MOVES(moves=record)) == {
        "packet": "NMSG_MOVES",
        "moves": [{"cid": 77, "tick": 5, "flags": 1, "yaw": 300, "epoch": 2, "x": 1.0, "y": -2.0, "z": 1.5}],
    }


def test_effects():
    said = SMSG_TEXT_EMOTE(guid=3, text_emote=1, emote=2, name="Bob")
    fields = {"guid": 3, "text_emote": 1, "emote": 2, "name": "Bob"}
    assert effect_fields(Send((1, 2), said)) == {
        "effect": "Send",
        "to": [1, 2],
        "packet": "SMSG_TEXT_EMOTE",
        **fields,
    }
    assert effect_fields(Count("odd", 3)) == {"effect": "Count", "what": "odd", "times": 3}
    asked = NMSG_TAKE_OVER(guid=4, gmlevel=0, build=12340, server_time=0, account_data_times=[], tutorials=[])
    assert effect_fields(Load(9, asked))["packet"] == "NMSG_TAKE_OVER"
    rows = (
        Write(CharactersRow, {"guid": 4}, {"money": 5, "blob": b"\1\2"}),
        Write(CharactersRow, {"guid": 5}, None),
    )
    assert effect_fields(Save(4, rows, 9)) == {
        "effect": "Save",
        "owner": 4,
        "session": 9,
        "rows": [
            {"table": "characters", "insert": True, "guid": 4, "blob": "0102", "money": 5},
            {"table": "characters", "insert": True, "guid": 5, "deleted": True},
        ],
    }
    assert plain(bytes(100)).startswith("100 bytes, sha256 ")


def test_differences():
    one = {"a": 1, "b": {"c": [1, 2], "d": [{"e": 1}, {"e": 2}]}, "gone": 5}
    other = {"a": 1, "b": {"c": [1, 3], "d": [{"e": 1}]}, "new": None}
    assert list(differences(one, other)) == [
        ("b.c", [1, 2], [1, 3]),
        ("b.d[1]", {"e": 2}, ABSENT),
        ("gone", 5, ABSENT),
        ("new", ABSENT, None),
    ]
    assert list(differences(one, one)) == []
    assert list(differences({"a": 1}, ABSENT, "it")) == [("it", {"a": 1}, ABSENT)]


def moment(effects=(), state=None):
    return {
        "tick": 7,
        "names": {"1": "Ada", "2": "Bob"},
        "sessions": {"11": "Ada", "12": "Bob"},
        "inputs": [],
        "effects": list(effects),
        "state": state or {},
    }


def emote(emote, guid=1, to=(12,)):
    said = SMSG_TEXT_EMOTE(guid=guid, text_emote=1, emote=emote, name="")
    return effect_fields(Send(to, said))


def test_what_was_said():
    """By whom it is about; what both said in another order is no difference, what one alone said is."""
    found = compared(moment([emote(1), emote(2), emote(5)]), moment([emote(1), emote(3), emote(5)]))
    assert [it.told() for it in found] == ["tick 7: Ada: SMSG_TEXT_EMOTE to Bob, emote: 2 in A, 3 in B"]
    assert compared(moment([emote(1), emote(2)]), moment([emote(2), emote(1)])) == []
    (only,) = compared(moment([emote(1), emote(2, guid=9)]), moment([emote(1)]))
    assert (only.player, only.where, only.field, only.other) == ("Bob", "SMSG_TEXT_EMOTE to Bob", "", ABSENT)
    update = SMSG_UPDATE_OBJECT(
        blocks=[UpdateBlock(update_type=VALUES, guid=n, values={2: n}) for n in (1, 2)]
    )
    other = SMSG_UPDATE_OBJECT(
        blocks=[UpdateBlock(update_type=VALUES, guid=n, values={2: 1}) for n in (1, 2)]
    )
    (it,) = compared(*(moment([effect_fields(Send((11, 12), each))]) for each in (update, other)))
    assert (it.player, it.field) == ("Bob", "blocks[1].values.OBJECT_FIELD_TYPE")


def test_what_became():
    """Players first; things by what they are, with the name of whose they are."""
    mine = {
        "map 0/clock": {"chance": 1},
        "map 0/player 1": {"x": 1.0, "y": 2.0},
        "society/member 2": {"zone": 3},
    }
    theirs = {"map 0/clock": {"chance": 2}, "map 0/player 1": {"x": 1.5, "y": 2.0}}
    found = compared(moment([emote(1)], mine), moment([emote(2)], theirs))
    assert [it.told("old", "new") for it in found] == [
        "tick 7: map 0, player Ada, x: 1.0 in old, 1.5 in new",
        "tick 7: society, member Bob: {'zone': 3} in old, '(nothing)' in new",
        "tick 7: Ada: SMSG_TEXT_EMOTE to Bob, emote: 1 in old, 2 in new",
        "tick 7: map 0, clock, chance: 1 in old, 2 in new",
    ]
