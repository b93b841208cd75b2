"""What datagram links say of an entity beside where it is: components, docs/bmu1.md section 7."""

from bluemarble.sim.content import Content
from bluemarble.sim.entity import Creature, Entity, GameObject, Player
from bluemarble.sim.fields import (
    BYTES_0,
    DISPLAY,
    GO_DISPLAY,
    HEALTH,
    LEVEL,
    MAXHEALTH,
    MAXPOWER1,
    POWER1,
)
from opcodes.snapshot import Life, LookHead, row

LIFE = 2  # component: how an entity fares
PLAYER, CREATURE, OBJECT = 1, 2, 3  # kinds of entities
NAME_LIMIT_BYTES = 100
POWERS = 7  # kinds of power; the highest byte of BYTES_0 says which is one's own
_LOOK = row(LookHead)
_LIFE = row(Life)
LOOKS = frozenset({LEVEL, BYTES_0, DISPLAY, GO_DISPLAY})
LIVES = frozenset({HEALTH, MAXHEALTH, *range(POWER1, POWER1 + POWERS), *range(MAXPOWER1, MAXPOWER1 + POWERS)})


def kind(entity: Entity) -> int:
    """PLAYER, CREATURE or OBJECT."""
    if isinstance(entity, Player):
        return PLAYER
    return CREATURE if isinstance(entity, Creature) else OBJECT


def look(content: Content, entity: Entity) -> bytes:
    """Level, race, class, gender, display and name, as docs/bmu1.md lays them out."""
    fields = entity.fields
    race, class_, gender, _ = fields.get(BYTES_0, 0).to_bytes(4, "little")
    shown = fields.get(GO_DISPLAY if isinstance(entity, GameObject) else DISPLAY, 0)
    level = min(fields.get(LEVEL, 0), 0xFF) if not isinstance(entity, GameObject) else 0
    return _LOOK.pack(level, race, class_, gender, shown) + name(content, entity)


def life(entity: Entity) -> bytes | None:
    """Health and power, each with its most; None for what does not live."""
    if isinstance(entity, GameObject):
        return None
    fields = entity.fields
    power = fields.get(BYTES_0, 0) >> 24
    power = power if power < POWERS else 0
    return _LIFE.pack(
        fields.get(HEALTH, 0),
        fields.get(MAXHEALTH, 0),
        fields.get(POWER1 + power, 0),
        fields.get(MAXPOWER1 + power, 0),
    )


def name(content: Content, entity: Entity) -> bytes:
    """UTF-8, cut where it is longer than a state wants to carry."""
    text = ""
    if isinstance(entity, Player):
        text = entity.name
    elif isinstance(entity, Creature):
        text = entity.template.row.name
    elif isinstance(entity, GameObject):
        text = content.gameobjects[entity.spawn.entry].name
    return text.encode()[:NAME_LIMIT_BYTES].decode(errors="ignore").encode()
