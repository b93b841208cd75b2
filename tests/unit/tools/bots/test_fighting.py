"""What a bot that fights knows of the creatures around it, from what TCP tells."""

import pytest

from bluemarble.client.events import Heard, Left
from bluemarble.tools.bots.fighting import UNPACKED_LIMIT, Creatures, unpacked
from bluemarble.wire.codec import codec
from bluemarble.wire.compress import compressed
from bluemarble.wire.errors import PeerError
from opcodes import objects
from opcodes.objects import (
    CREATE_OBJECT,
    OUT_OF_RANGE_OBJECTS,
    SMSG_COMPRESSED_UPDATE_OBJECT,
    SMSG_DESTROY_OBJECT,
    SMSG_UPDATE_OBJECT,
    UpdateBlock,
)

UNIT, THING = 3, 5


SPEEDS = [name for name in objects.Living.__annotations__ if name.endswith(("speed", "rate"))]


def stands(guid, x, kind=UNIT):
    still = dict.fromkeys(("flags", "flags2", "timestamp", "fall_time"), 0)
    living = objects.Living(x=x, y=2.0, z=0.0, orientation=0.0, **still, **dict.fromkeys(SPEEDS, 7.0))
    block = objects.MovementBlock(update_flag=objects.UPDATEFLAG_LIVING, living=living)
    return UpdateBlock(update_type=CREATE_OBJECT, guid=guid, object_type=kind, movement=block, values={})


def packed(packet):
    data = compressed(codec(SMSG_UPDATE_OBJECT).encode(packet))
    return SMSG_COMPRESSED_UPDATE_OBJECT(decompressed_size=9, compressed_data=data[4:])


def test_who_is_around():
    around = Creatures()
    around.heard(Heard(SMSG_UPDATE_OBJECT(blocks=[stands(1, 1.0), stands(2, 2.0), stands(3, 3.0, THING)])))
    around.heard(Heard(packed(SMSG_UPDATE_OBJECT(blocks=[stands(4, 4.0), stands(1, 1.5)]))))
    assert around.places == {1: (1.5, 2.0), 2: (2.0, 2.0), 4: (4.0, 2.0)}
    gone = UpdateBlock(update_type=OUT_OF_RANGE_OBJECTS, guids=[1, 9])
    around.heard(Heard(SMSG_UPDATE_OBJECT(blocks=[gone])))
    around.heard(Heard(SMSG_DESTROY_OBJECT(guid=2)))
    around.heard(Heard(SMSG_COMPRESSED_UPDATE_OBJECT(decompressed_size=1, compressed_data=b"x")))
    around.heard(Left())
    assert around.places == {4: (4.0, 2.0)}


@pytest.mark.parametrize(
    "data",
    [b"", b"x", compressed(b"\1")[4:], compressed(bytes(UNPACKED_LIMIT + 1))[4:], compressed(bytes(4))[4:-2]],
)
def test_no_update(data):
    with pytest.raises(PeerError):
        unpacked(data)
