"""Rows of the world database: game objects."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(slots=True)
class GameobjectRow:
    """
    world.gameobject

    A spawn; rotation0..3 are the quaternion x, y, z, w.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid",)

    guid: int = 0
    id: int = 0
    map: int = 0
    zoneId: int = 0
    areaId: int = 0
    spawnMask: int = 1
    phaseMask: int = 1
    position_x: float = 0.0
    position_y: float = 0.0
    position_z: float = 0.0
    orientation: float = 0.0
    rotation0: float = 0.0
    rotation1: float = 0.0
    rotation2: float = 0.0
    rotation3: float = 0.0
    spawntimesecs: int = 0
    animprogress: int = 0
    state: int = 0
    ScriptName: str = ""
    VerifiedBuild: int | None = None
    Comment: str | None = None


@dataclass(slots=True)
class GameobjectAddonRow:
    """world.gameobject_addon"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid",)

    guid: int = 0
    invisibilityType: int = 0
    invisibilityValue: int = 0


@dataclass(slots=True)
class GameobjectTemplateRow:
    """world.gameobject_template"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("entry",)

    entry: int = 0
    type: int = 0
    displayId: int = 0
    name: str = ""
    IconName: str = ""
    castBarCaption: str = ""
    unk1: str = ""
    size: float = 1.0
    Data0: int = 0
    Data1: int = 0
    Data2: int = 0
    Data3: int = 0
    Data4: int = 0
    Data5: int = 0
    Data6: int = 0
    Data7: int = 0
    Data8: int = 0
    Data9: int = 0
    Data10: int = 0
    Data11: int = 0
    Data12: int = 0
    Data13: int = 0
    Data14: int = 0
    Data15: int = 0
    Data16: int = 0
    Data17: int = 0
    Data18: int = 0
    Data19: int = 0
    Data20: int = 0
    Data21: int = 0
    Data22: int = 0
    Data23: int = 0
    AIName: str = ""
    ScriptName: str = ""
    VerifiedBuild: int | None = None


@dataclass(slots=True)
class GameobjectTemplateAddonRow:
    """world.gameobject_template_addon"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("entry",)

    entry: int = 0
    faction: int = 0
    flags: int = 0
    mingold: int = 0
    maxgold: int = 0
    artkit0: int = 0
    artkit1: int = 0
    artkit2: int = 0
    artkit3: int = 0
