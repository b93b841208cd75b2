"""Rows of the characters database: a character and what it owns."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(slots=True)
class CharactersRow:
    """
    characters.characters

    Times are unix seconds, `totaltime` and `leveltime` seconds, positions yards, `money` copper.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid",)

    guid: int = 0
    account: int = 0
    name: str = ""
    race: int = 0
    class_: int = 0
    gender: int = 0
    level: int = 0
    xp: int = 0
    money: int = 0
    skin: int = 0
    face: int = 0
    hairStyle: int = 0
    hairColor: int = 0
    facialStyle: int = 0
    bankSlots: int = 0
    restState: int = 0
    playerFlags: int = 0
    position_x: float = 0.0
    position_y: float = 0.0
    position_z: float = 0.0
    map: int = 0
    instance_id: int = 0
    instance_mode_mask: int = 0
    orientation: float = 0.0
    taximask: str = ""
    online: int = 0
    cinematic: int = 0
    totaltime: int = 0
    leveltime: int = 0
    logout_time: int = 0
    is_logout_resting: int = 0
    rest_bonus: float = 0.0
    resettalents_cost: int = 0
    resettalents_time: int = 0
    trans_x: float = 0.0
    trans_y: float = 0.0
    trans_z: float = 0.0
    trans_o: float = 0.0
    transguid: int = 0
    extra_flags: int = 0
    stable_slots: int = 0
    at_login: int = 0
    zone: int = 0
    death_expire_time: int = 0
    taxi_path: str | None = None
    arenaPoints: int = 0
    totalHonorPoints: int = 0
    todayHonorPoints: int = 0
    yesterdayHonorPoints: int = 0
    totalKills: int = 0
    todayKills: int = 0
    yesterdayKills: int = 0
    chosenTitle: int = 0
    knownCurrencies: int = 0
    watchedFaction: int = 0
    drunk: int = 0
    health: int = 0
    power1: int = 0
    power2: int = 0
    power3: int = 0
    power4: int = 0
    power5: int = 0
    power6: int = 0
    power7: int = 0
    latency: int = 0
    talentGroupsCount: int = 1
    activeTalentGroup: int = 0
    exploredZones: str | None = None
    equipmentCache: str | None = None
    ammoId: int = 0
    knownTitles: str | None = None
    actionBars: int = 0
    grantableLevels: int = 0
    order: int | None = None
    creation_date: object = None
    deleteInfos_Account: int | None = None
    deleteInfos_Name: str | None = None
    deleteDate: int | None = None
    innTriggerId: int = 0
    extraBonusTalentCount: int = 0


@dataclass(slots=True)
class CharacterInventoryRow:
    """
    characters.character_inventory

    Where an item is: `bag` 0 is the body, else the container's guid.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("item",)

    guid: int = 0
    bag: int = 0
    slot: int = 0
    item: int = 0


@dataclass(slots=True)
class ItemInstanceRow:
    """characters.item_instance"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid",)

    guid: int = 0
    itemEntry: int = 0
    owner_guid: int = 0
    creatorGuid: int = 0
    giftCreatorGuid: int = 0
    count: int = 1
    duration: int = 0
    charges: str | None = None
    flags: int = 0
    enchantments: str = ""
    randomPropertyId: int = 0
    durability: int = 0
    playedTime: int = 0
    text: str | None = None


@dataclass(slots=True)
class CharacterHomebindRow:
    """characters.character_homebind"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid",)

    guid: int = 0
    mapId: int = 0
    zoneId: int = 0
    posX: float = 0.0
    posY: float = 0.0
    posZ: float = 0.0


@dataclass(slots=True)
class CharacterSpellRow:
    """characters.character_spell"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid", "spell")

    guid: int = 0
    spell: int = 0
    specMask: int = 1


@dataclass(slots=True)
class CharacterSpellCooldownRow:
    """characters.character_spell_cooldown"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid", "spell")

    guid: int = 0
    spell: int = 0
    category: int = 0
    item: int = 0
    time: int = 0
    needSend: int = 1


@dataclass(slots=True)
class CharacterSkillsRow:
    """characters.character_skills"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid", "skill")

    guid: int = 0
    skill: int = 0
    value: int = 0
    max: int = 0


@dataclass(slots=True)
class CharacterActionRow:
    """characters.character_action"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid", "spec", "button")

    guid: int = 0
    spec: int = 0
    button: int = 0
    action: int = 0
    type: int = 0


@dataclass(slots=True)
class CharacterReputationRow:
    """characters.character_reputation"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid", "faction")

    guid: int = 0
    faction: int = 0
    standing: int = 0
    flags: int = 0


@dataclass(slots=True)
class CharacterSocialRow:
    """
    characters.character_social

    `flags`: 1 friend, 2 ignored, 4 muted.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid", "friend", "flags")

    guid: int = 0
    friend: int = 0
    flags: int = 0
    note: str = ""


@dataclass(slots=True)
class CharacterAccountDataRow:
    """characters.character_account_data"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid", "type")

    guid: int = 0
    type: int = 0
    time: int = 0
    data: bytes = b""


@dataclass(slots=True)
class AccountDataRow:
    """characters.account_data"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("accountId", "type")

    accountId: int = 0
    type: int = 0
    time: int = 0
    data: bytes = b""


@dataclass(slots=True)
class AccountTutorialRow:
    """characters.account_tutorial"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("accountId",)

    accountId: int = 0
    tut0: int = 0
    tut1: int = 0
    tut2: int = 0
    tut3: int = 0
    tut4: int = 0
    tut5: int = 0
    tut6: int = 0
    tut7: int = 0


@dataclass(slots=True)
class CharacterBannedRow:
    """characters.character_banned"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid", "bandate")

    guid: int = 0
    bandate: int = 0
    unbandate: int = 0
    bannedby: str = ""
    banreason: str = ""
    active: int = 1


@dataclass(slots=True)
class ReservedNameRow:
    """characters.reserved_name"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("name",)

    name: str = ""


@dataclass(slots=True)
class ChannelsRow:
    """characters.channels"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("channelId",)

    channelId: int = 0
    name: str = ""
    team: int = 0
    announce: int = 1
    ownership: int = 1
    password: str | None = None
    lastUsed: int = 0
