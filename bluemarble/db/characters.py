"""
What the servers ask of the characters database about characters that are there, in few statements.

Every function takes a Connection; times are unix seconds.  What changes rows belongs in `Database.write`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from bluemarble.db.asking import asks
from bluemarble.rows import columns
from bluemarble.rows.characters import CharactersRow

RENAME = 0x01  # bit of `at_login`: choose another name first


class Listed(NamedTuple):
    """A character as the character screen shows it; field names are columns but for `class_` and `guild`."""

    guid: int
    name: str
    race: int
    class_: int
    gender: int
    skin: int
    face: int
    hairStyle: int
    hairColor: int
    facialStyle: int
    level: int
    zone: int
    map: int
    position_x: float
    position_y: float
    position_z: float
    playerFlags: int
    at_login: int
    equipmentCache: str
    guild: int


class Card(NamedTuple):
    """Who a character is."""

    guid: int
    name: str
    race: int
    class_: int
    gender: int
    level: int
    account: int


class Home(NamedTuple):
    """Where a character's inn is."""

    map: int
    zone: int
    x: float
    y: float
    z: float


@dataclass(frozen=True, slots=True)
class Item:
    """A row of `character_inventory` with its `item_instance`."""

    guid: int
    entry: int
    bag: int
    slot: int
    count: int
    durability: int
    flags: int = 0
    enchantments: str = "0 " * 36


class Skill(NamedTuple):
    """A row of `character_skills`."""

    skill: int
    value: int
    max: int


class Action(NamedTuple):
    """A row of `character_action`, the active spec's."""

    button: int
    action: int
    type: int


class Social(NamedTuple):
    """A row of `character_social`, with the other's name."""

    friend: int
    flags: int
    note: str
    name: str


class Character(NamedTuple):
    """
    All that a character enters the world with.

    @ivar row: its `characters` columns by name.
    @ivar account_data_times: unix time by type (1, 3, 5, 6, 7).
    """

    row: dict[str, Any]
    home: Home | None
    items: list[Item]
    spells: list[int]
    skills: list[Skill]
    actions: list[Action]
    social: list[Social]
    account_data_times: dict[int, int]


class SessionData(NamedTuple):
    """What an account keeps with us: account data times by type (0, 2, 4), and its tutorial flags if any."""

    account_data_times: dict[int, int]
    tutorials: tuple[int, ...] | None


LISTED = asks(
    """
        SELECT c.`guid`, c.`name`, c.`race`, c.`class`, c.`gender`, c.`skin`, c.`face`, c.`hairStyle`,
               c.`hairColor`, c.`facialStyle`, c.`level`, c.`zone`, c.`map`, c.`position_x` + 0e0,
               c.`position_y` + 0e0, c.`position_z` + 0e0, c.`playerFlags`, c.`at_login`,
               COALESCE(c.`equipmentCache`, ''), COALESCE(g.`guildid`, 0)
          FROM `characters` AS c LEFT JOIN `guild_member` AS g ON g.`guid` = c.`guid`
         WHERE c.`account` = :account ORDER BY COALESCE(c.`order`, c.`guid`), c.`guid`""",
    " ".join(Listed._fields),
)
SESSION_DATA = asks(
    """
        SELECT -1, `tut0`, `tut1`, `tut2`, `tut3`, `tut4`, `tut5`, `tut6`, `tut7`
          FROM `account_tutorial` WHERE `accountId` = :account
         UNION ALL SELECT `type`, `time`, 0, 0, 0, 0, 0, 0, 0 FROM `account_data`
         WHERE `accountId` = :account""",
    "type t0 t1 t2 t3 t4 t5 t6 t7",
)


def enumerate_characters(conn: Connection, account: int) -> list[Listed]:
    """The account's characters in the order it has given them: one statement."""
    return [Listed(*row) for row in conn.execute(LISTED, {"account": account}).all()]


def session_data(conn: Connection, account: int) -> SessionData:
    """The account's stored times and tutorial flags: one statement."""
    rows = conn.execute(SESSION_DATA, {"account": account}).all()
    return SessionData(
        {row[0]: row[1] for row in rows if row[0] >= 0},
        next((tuple(row[1:]) for row in rows if row[0] < 0), None),
    )


def account_data(conn: Connection, account: int, guid: int, kind: int) -> tuple[int, bytes] | None:
    """Time and bytes of one kind of stored client data: the character's when `guid`, else the account's."""
    table, owner = ("character_account_data", "guid") if guid else ("account_data", "accountId")
    row = conn.execute(
        text(f"SELECT `time`, `data` FROM `{table}` WHERE `{owner}` = :id AND `type` = :kind"),
        {"id": guid or account, "kind": kind},
    ).first()
    return (row[0], bytes(row[1])) if row else None


EXACT = ("position_x", "position_y", "position_z", "orientation")  # MySQL prints six digits; + 0e0 gives all
ROW = asks(
    f"""
    SELECT {", ".join(f"c.`{name}`{' + 0e0' * (name in EXACT)}" for name in columns(CharactersRow))},
           h.`mapId`, h.`zoneId`, h.`posX` + 0e0, h.`posY` + 0e0, h.`posZ` + 0e0
      FROM `characters` AS c LEFT JOIN `character_homebind` AS h ON h.`guid` = c.`guid`
     WHERE c.`guid` = :guid AND c.`account` = :account""",
    " ".join(columns(CharactersRow)) + " home_map home_zone home_x home_y home_z",
)
BELONGINGS = asks(
    """
    SELECT 'item' AS kind, i.`guid` AS a, i.`itemEntry`, v.`bag`, v.`slot`, i.`count`, i.`durability`,
           i.`flags`, i.`enchantments`, ''
      FROM `character_inventory` AS v JOIN `item_instance` AS i ON i.`guid` = v.`item` WHERE v.`guid` = :guid
     UNION ALL SELECT 'spell', `spell`, 0, 0, 0, 0, 0, 0, '', ''
      FROM `character_spell` WHERE `guid` = :guid AND `specMask` & (1 << :spec)
     UNION ALL SELECT 'skill', `skill`, `value`, `max`, 0, 0, 0, 0, '', ''
      FROM `character_skills` WHERE `guid` = :guid
     UNION ALL SELECT 'action', `button`, `action`, `type`, 0, 0, 0, 0, '', ''
      FROM `character_action` WHERE `guid` = :guid AND `spec` = :spec
     UNION ALL SELECT 'social', s.`friend`, s.`flags`, 0, 0, 0, 0, 0, s.`note`, o.`name`
      FROM `character_social` AS s JOIN `characters` AS o ON o.`guid` = s.`friend`
     WHERE s.`guid` = :guid AND o.`name` <> ''
     UNION ALL SELECT 'data', `type`, `time`, 0, 0, 0, 0, 0, '', ''
      FROM `character_account_data` WHERE `guid` = :guid
     ORDER BY kind, a""",
    "kind a b c d e f g note name",
)


def load(conn: Connection, guid: int, account: int) -> Character | None:
    """All of the account's character; None when it has no such one: two statements."""
    found = conn.execute(ROW, {"guid": guid, "account": account}).first()
    if found is None:
        return None
    row, home = dict(zip(columns(CharactersRow), found, strict=False)), Home(*found[-5:])
    of: dict[str, list[Sequence[Any]]] = {}
    for kind, *rest in conn.execute(BELONGINGS, {"guid": guid, "spec": row["activeTalentGroup"]}).all():
        of.setdefault(kind, []).append(rest)
    return Character(
        row,
        home if home.map is not None else None,
        [Item(*r[:8]) for r in of.get("item", ())],
        [r[0] for r in of.get("spell", ())],
        [Skill(*r[:3]) for r in of.get("skill", ())],
        [Action(*r[:3]) for r in of.get("action", ())],
        [Social(r[0], r[1], r[7], r[8]) for r in of.get("social", ())],
        {r[0]: r[1] for r in of.get("data", ())},
    )


CARD = "SELECT `guid`, `name`, `race`, `class`, `gender`, `level`, `account` FROM `characters`"


def by_name(conn: Connection, name: str) -> Card | None:
    """Who bears the name, spelled as stored."""
    row = conn.execute(text(f"{CARD} WHERE `name` = :name"), {"name": name}).first() if name else None
    return Card(*row) if row else None


def by_guid(conn: Connection, guid: int) -> Card | None:
    """Who has the guid; a deleted character has no name."""
    row = conn.execute(text(f"{CARD} WHERE `guid` = :guid"), {"guid": guid}).first()
    return Card(*row) if row else None


def count(conn: Connection, account: int) -> int:
    """How many characters the account has."""
    return int(
        conn.execute(
            text("SELECT COUNT(*) FROM `characters` WHERE `account` = :account"), {"account": account}
        ).scalar_one()
    )


def reset_online(conn: Connection) -> int:
    """At start: nobody is in the world; how many were said to be."""
    return int(conn.execute(text("UPDATE `characters` SET `online` = 0 WHERE `online` <> 0")).rowcount)


def set_online(conn: Connection, guid: int, online: bool) -> None:
    """The character is in the world, or has left it."""
    conn.execute(
        text("UPDATE `characters` SET `online` = :online WHERE `guid` = :guid"),
        {"online": int(online), "guid": guid},
    )
