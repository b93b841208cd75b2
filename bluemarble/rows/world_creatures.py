"""Rows of the world database: creatures."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(slots=True)
class CreatureRow:
    """
    world.creature

    A spawn: `id` is the kind; yards and radians, `spawntimesecs` seconds.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid",)

    guid: int = 0
    id: int = 0
    map: int = 0
    zoneId: int = 0
    areaId: int = 0
    spawnMask: int = 1
    phaseMask: int = 1
    equipment_id: int = 0
    position_x: float = 0.0
    position_y: float = 0.0
    position_z: float = 0.0
    orientation: float = 0.0
    spawntimesecs: int = 120
    wander_distance: float = 0.0
    currentwaypoint: int = 0
    curhealth: int = 1
    curmana: int = 0
    MovementType: int = 0
    npcflag: int = 0
    unit_flags: int = 0
    dynamicflags: int = 0
    ScriptName: str = ""
    VerifiedBuild: int | None = None
    CreateObject: int = 0
    Comment: str | None = None


@dataclass(slots=True)
class CreatureAddonRow:
    """
    world.creature_addon

    By spawn: `path_id` is `waypoint_data.id`.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid",)

    guid: int = 0
    path_id: int = 0
    mount: int = 0
    bytes1: int = 0
    bytes2: int = 0
    emote: int = 0
    visibilityDistanceType: int = 0
    auras: str | None = None


@dataclass(slots=True)
class CreatureTemplateRow:
    """
    world.creature_template

    `speed_walk` is in 2.5 yards a second, `speed_run` in 7.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("entry",)

    entry: int = 0
    difficulty_entry_1: int = 0
    difficulty_entry_2: int = 0
    difficulty_entry_3: int = 0
    KillCredit1: int = 0
    KillCredit2: int = 0
    name: str = "0"
    subname: str | None = None
    IconName: str | None = None
    gossip_menu_id: int = 0
    minlevel: int = 1
    maxlevel: int = 1
    exp: int = 0
    faction: int = 0
    npcflag: int = 0
    speed_walk: float = 1.0
    speed_run: float = 1.14286
    speed_swim: float = 1.0
    speed_flight: float = 1.0
    detection_range: float = 20.0
    rank: int = 0
    dmgschool: int = 0
    DamageModifier: float = 1.0
    BaseAttackTime: int = 0
    RangeAttackTime: int = 0
    BaseVariance: float = 1.0
    RangeVariance: float = 1.0
    unit_class: int = 0
    unit_flags: int = 0
    unit_flags2: int = 0
    dynamicflags: int = 0
    family: int = 0
    type: int = 0
    type_flags: int = 0
    lootid: int = 0
    pickpocketloot: int = 0
    skinloot: int = 0
    PetSpellDataId: int = 0
    VehicleId: int = 0
    mingold: int = 0
    maxgold: int = 0
    AIName: str = ""
    MovementType: int = 0
    HoverHeight: float = 1.0
    HealthModifier: float = 1.0
    ManaModifier: float = 1.0
    ArmorModifier: float = 1.0
    ExperienceModifier: float = 1.0
    RacialLeader: int = 0
    movementId: int = 0
    RegenHealth: int = 1
    CreatureImmunitiesId: int = 0
    flags_extra: int = 0
    ScriptName: str = ""
    VerifiedBuild: int | None = None


@dataclass(slots=True)
class CreatureTemplateAddonRow:
    """world.creature_template_addon"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("entry",)

    entry: int = 0
    path_id: int = 0
    mount: int = 0
    bytes1: int = 0
    bytes2: int = 0
    emote: int = 0
    visibilityDistanceType: int = 0
    auras: str | None = None


@dataclass(slots=True)
class CreatureTemplateModelRow:
    """world.creature_template_model"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("CreatureID", "Idx")

    CreatureID: int = 0
    Idx: int = 0
    CreatureDisplayID: int = 0
    DisplayScale: float = 1.0
    Probability: float = 0.0
    VerifiedBuild: int | None = None


@dataclass(slots=True)
class CreatureModelInfoRow:
    """world.creature_model_info"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("DisplayID",)

    DisplayID: int = 0
    BoundingRadius: float = 0.0
    CombatReach: float = 0.0
    Gender: int = 2
    DisplayID_Other_Gender: int = 0


@dataclass(slots=True)
class CreatureEquipTemplateRow:
    """world.creature_equip_template"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("CreatureID", "ID")

    CreatureID: int = 0
    ID: int = 1
    ItemID1: int = 0
    ItemID2: int = 0
    ItemID3: int = 0
    VerifiedBuild: int | None = None


@dataclass(slots=True)
class CreatureClasslevelstatsRow:
    """world.creature_classlevelstats"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("level", "class")

    level: int = 0
    class_: int = 0
    basehp0: int = 1
    basehp1: int = 1
    basehp2: int = 1
    basemana: int = 1
    basearmor: int = 1
    attackpower: int = 0
    rangedattackpower: int = 0
    damage_base: float = 0.0
    damage_exp1: float = 0.0
    damage_exp2: float = 0.0
    comment: str | None = None


@dataclass(slots=True)
class NpcVendorRow:
    """world.npc_vendor"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("entry", "item", "ExtendedCost")

    entry: int = 0
    slot: int = 0
    item: int = 0
    maxcount: int = 0
    incrtime: int = 0
    ExtendedCost: int = 0
    VerifiedBuild: int | None = None


@dataclass(slots=True)
class WaypointDataRow:
    """
    world.waypoint_data

    `delay` is ms, `move_type` 0 walks and 1 runs.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("id", "point")

    id: int = 0
    point: int = 0
    position_x: float = 0.0
    position_y: float = 0.0
    position_z: float = 0.0
    orientation: float | None = None
    delay: int = 0
    move_type: int = 0
    action: int = 0
    action_chance: int = 100
    wpguid: int = 0
