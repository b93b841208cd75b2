"""What clients of an old build send, and what they are sent, whatever it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import opcodes
from bluemarble.wire.codec import Malformed, codec
from opcodes.objects import SMSG_UPDATE_OBJECT, UpdateBlock
from opcodes.vocab import Side
from tests.property.values import records

V = opcodes.version(5875)
FROM_CLIENTS = sorted(
    (cls for cls in V.packets.values() if Side.CLIENT in cls.side), key=lambda p: p.__name__
)
TO_CLIENTS = sorted(
    (cls for cls in opcodes.version(12340).numbers if Side.SERVER in cls.side), key=lambda p: p.__name__
)


@pytest.mark.parametrize("cls", FROM_CLIENTS, ids=lambda p: p.__name__)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_comes_in_goes_on(cls, data):
    """Hostile bytes that are read as a packet are one that the journal and 3.3.5a's clients can be told."""
    layout = V.layout(cls, received=True)
    wire = bytearray(codec(layout).encode(data.draw(records(layout))))
    for _ in range(data.draw(st.integers(0, 3))):
        if wire:
            wire[data.draw(st.integers(0, len(wire) - 1))] = data.draw(st.integers(0, 255))
    try:
        packet = codec(layout).decode(bytes(wire))
    except Malformed:
        return
    assert type(packet) is cls
    assert codec(cls).decode(codec(cls).encode(packet)) is not None


@pytest.mark.parametrize("cls", TO_CLIENTS, ids=lambda p: p.__name__)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_goes_out_is_written(cls, data):
    """Whatever 3.3.5a's clients are told, 1.12.1's are told or spared, and it reads back."""
    for form in V.forms(data.draw(records(cls))):
        layout = V.layout(type(form))
        assert type(codec(layout).decode(codec(layout).encode(form))) is type(form)


@settings(max_examples=100, deadline=None)
@given(
    guid=st.sampled_from([5, 0xF130 << 48 | 1, 0xF110 << 48 | 1, 0x4000 << 48 | 1, 0xF140 << 48 | 1]),
    values=st.dictionaries(st.integers(0, 1325), st.integers(0, 2**32 - 1), max_size=40),
)
def test_fields_of_its_own(guid, values):
    """No object of whatever kind is given a field beyond those that 1.12.1 has for it."""
    limits = {0: 1282, 0x4000: 122, 0xF110: 26}
    block = UpdateBlock(update_type=0, guid=guid, values=values)
    written = V.layout(UpdateBlock).outward(block).values
    assert all(at < limits.get(guid >> 48, 188) for at in written)
    assert (
        block.values is values
        and len(codec(V.layout(SMSG_UPDATE_OBJECT)).encode(SMSG_UPDATE_OBJECT(blocks=[block]))) > 5
    )
