"""Entities as blocks of SMSG_UPDATE_OBJECT."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bluemarble.sim.content import Content
from bluemarble.sim.entity import SPEEDS, Creature, Entity, GameObject, Player, item_guid
from bluemarble.sim.fields import item_fields
from opcodes.movement import FALLING, PITCHES
from opcodes.objects import (
    CREATE_OBJECT,
    CREATE_OBJECT2,
    OUT_OF_RANGE_OBJECTS,
    TYPEID_GAMEOBJECT,
    TYPEID_ITEM,
    TYPEID_PLAYER,
    TYPEID_UNIT,
    UPDATEFLAG_LIVING,
    UPDATEFLAG_ROTATION,
    UPDATEFLAG_SELF,
    UPDATEFLAG_STATIONARY_POSITION,
    VALUES,
    Living,
    MovementBlock,
    Place,
    UpdateBlock,
)
from opcodes.update_fields import PUBLIC

if TYPE_CHECKING:
    from bluemarble.sim.zone import Zone

ROTATION_XY, ROTATION_Z = 1 << 21, 1 << 20  # how finely a packed rotation holds x, and y and z
ITEM_SLOT_LIMIT = 39  # bag 0: equipment, bags and backpack are shown; the bank is not open


def create_block(zone: "Zone", entity: Entity, *, own: bool = False) -> UpdateBlock:
    """
    The entity as one who has never seen it needs it.

    @param own: for the player whose character it is: with the fields that only it may see.
    """
    fields = sorted(entity.fields.items())
    values = {at: value for at, value in fields if value and (own or at in PUBLIC)}
    if isinstance(entity, GameObject):
        place = Place(x=entity.x, y=entity.y, z=entity.z, orientation=entity.facing)
        movement = MovementBlock(
            update_flag=UPDATEFLAG_STATIONARY_POSITION | UPDATEFLAG_ROTATION,
            place=place,
            packed_local_rotation=packed_rotation(entity.spawn.rotation or (0.0, 0.0, 0.0, 1.0)),
        )
        return UpdateBlock(
            update_type=CREATE_OBJECT,
            guid=entity.guid,
            object_type=TYPEID_GAMEOBJECT,
            movement=movement,
            values=values,
        )
    flags = UPDATEFLAG_LIVING | UPDATEFLAG_SELF if own else UPDATEFLAG_LIVING
    return UpdateBlock(
        update_type=CREATE_OBJECT2 if isinstance(entity, Player) else CREATE_OBJECT,
        guid=entity.guid,
        object_type=TYPEID_PLAYER if isinstance(entity, Player) else TYPEID_UNIT,
        movement=MovementBlock(update_flag=flags, living=living(zone, entity)),
        values=values,
    )


def living(zone: "Zone", entity: Entity) -> Living:
    """How a creature or a player moves right now."""
    speeds = entity.speeds if isinstance(entity, Player) else SPEEDS
    if isinstance(entity, Creature):
        row = entity.template.row
        speeds = (row.speed_walk * SPEEDS[0], row.speed_run * SPEEDS[1], *SPEEDS[2:])
    out = Living(
        flags=0,
        flags2=0,
        timestamp=zone.now_ms & 0xFFFF_FFFF,
        x=entity.x,
        y=entity.y,
        z=entity.z,
        orientation=entity.facing,
        fall_time=0,
        walking_speed=speeds[0],
        running_speed=speeds[1],
        backwards_running_speed=speeds[2],
        swimming_speed=speeds[3],
        backwards_swimming_speed=speeds[4],
        flight_speed=speeds[5],
        backwards_flight_speed=speeds[6],
        turn_rate=speeds[7],
        pitch_rate=speeds[8],
    )
    if isinstance(entity, Player) and entity.field is not None:
        out.flags = entity.field.read(entity.slot).flags & ~FALLING
        out.pitch = 0.0 if out.flags & PITCHES else None
    elif isinstance(entity, Player) and (said := entity.movement) is not None:
        out.flags, out.flags2, out.fall_time = said.flags, said.flags2, said.fall_time
        out.pitch, out.jump, out.spline_elevation = said.pitch, said.jump, said.spline_elevation
    return out


def values_block(entity: Entity, changed: Iterable[int]) -> UpdateBlock:
    """Some of an entity's fields, as they are now."""
    return UpdateBlock(
        update_type=VALUES, guid=entity.guid, values={at: entity.fields.get(at, 0) for at in sorted(changed)}
    )


def leave_block(guids: list[int]) -> UpdateBlock:
    """These are out of sight."""
    return UpdateBlock(update_type=OUT_OF_RANGE_OBJECTS, guids=guids)


def item_blocks(content: Content, player: Player) -> list[UpdateBlock]:
    """What the player wears and carries on it."""
    return [
        UpdateBlock(
            update_type=CREATE_OBJECT,
            guid=item_guid(item.guid),
            object_type=TYPEID_ITEM,
            movement=MovementBlock(update_flag=0),
            values=item_fields(content, player.guid, item),
        )
        for item in player.character.items
        if not item.bag and item.slot < ITEM_SLOT_LIMIT
    ]


def packed_rotation(rotation: tuple[float, float, float, float]) -> int:
    """
    A unit quaternion x, y, z, w in 64 bits; w is positive, so x, y, z are enough.

    Source: 21 bits of z, 21 of y, 22 of x, lowest first, as clients read UPDATEFLAG_ROTATION.
    """
    x, y, z, w = rotation
    sign = -1 if w < 0 else 1
    return (
        (int(z * ROTATION_Z) * sign & 0x1F_FFFF)
        | (int(y * ROTATION_Z) * sign & 0x1F_FFFF) << 21
        | (int(x * ROTATION_XY) * sign & 0x3F_FFFF) << 42
    )
