"""Rows of the world database: what a new character has and how it grows."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(slots=True)
class PlayercreateinfoRow:
    """world.playercreateinfo"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("race", "class")

    race: int = 0
    class_: int = 0
    map: int = 0
    zone: int = 0
    position_x: float = 0.0
    position_y: float = 0.0
    position_z: float = 0.0
    orientation: float = 0.0


@dataclass(slots=True)
class PlayercreateinfoActionRow:
    """world.playercreateinfo_action"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("race", "class", "button")

    race: int = 0
    class_: int = 0
    button: int = 0
    action: int = 0
    type: int = 0


@dataclass(slots=True)
class PlayercreateinfoItemRow:
    """world.playercreateinfo_item"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("race", "class", "itemid")

    race: int = 0
    class_: int = 0
    itemid: int = 0
    amount: int = 1


@dataclass(slots=True)
class PlayercreateinfoSkillsRow:
    """world.playercreateinfo_skills"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("raceMask", "classMask", "skill")

    raceMask: int = 0
    classMask: int = 0
    skill: int = 0
    rank: int = 0
    comment: str | None = None


@dataclass(slots=True)
class PlayercreateinfoSpellCustomRow:
    """world.playercreateinfo_spell_custom"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("racemask", "classmask", "Spell")

    racemask: int = 0
    classmask: int = 0
    Spell: int = 0
    Note: str | None = None


@dataclass(slots=True)
class PlayercreateinfoCastSpellRow:
    """world.playercreateinfo_cast_spell"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ()

    raceMask: int = 0
    classMask: int = 0
    spell: int = 0
    note: str | None = None


@dataclass(slots=True)
class PlayerLevelstatsRow:
    """world.player_levelstats"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("race", "class", "level")

    race: int = 0
    class_: int = 0
    level: int = 0
    str: int = 0
    agi: int = 0
    sta: int = 0
    inte: int = 0
    spi: int = 0


@dataclass(slots=True)
class PlayerClasslevelstatsRow:
    """world.player_classlevelstats"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("class", "level")

    class_: int = 0
    level: int = 0
    basehp: int = 0
    basemana: int = 0


@dataclass(slots=True)
class PlayerXpForLevelRow:
    """world.player_xp_for_level"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("Level",)

    Level: int = 0
    Experience: int = 0
