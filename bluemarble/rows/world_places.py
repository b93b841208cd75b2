"""Rows of the world database: places."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(slots=True)
class GameTeleRow:
    """world.game_tele"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("id",)

    id: int = 0
    position_x: float = 0.0
    position_y: float = 0.0
    position_z: float = 0.0
    orientation: float = 0.0
    map: int = 0
    name: str = ""


@dataclass(slots=True)
class AreatriggerTeleportRow:
    """world.areatrigger_teleport"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("ID",)

    ID: int = 0
    Name: str | None = None
    target_map: int = 0
    target_position_x: float = 0.0
    target_position_y: float = 0.0
    target_position_z: float = 0.0
    target_orientation: float = 0.0
    VerifiedBuild: int | None = None


@dataclass(slots=True)
class AreatriggerTavernRow:
    """world.areatrigger_tavern"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("id",)

    id: int = 0
    name: str | None = None


@dataclass(slots=True)
class GameGraveyardRow:
    """world.game_graveyard"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("ID",)

    ID: int = 0
    Map: int = 0
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    Comment: str | None = None


@dataclass(slots=True)
class GraveyardZoneRow:
    """world.graveyard_zone"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("ID", "GhostZone")

    ID: int = 0
    GhostZone: int = 0
    Faction: int = 0
    Comment: str | None = None
