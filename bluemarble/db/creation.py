"""
Characters made, named, deleted and given back, and the guids of their items.

Every function takes a Connection and belongs in `Database.write`; times are unix seconds.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from bluemarble.db.characters import RENAME, Action, Home, Item, Skill, by_name
from bluemarble.db.errors import duplicate
from bluemarble.db.upkeep import forget_belongings

GUID_TRIES = 20  # against programs that insert rows while we count


class NameTaken(ValueError):
    """A character of that name exists."""


class AccountFull(ValueError):
    """The account has as many characters as it may."""


def create(
    conn: Connection,
    row: Mapping[str, Any],
    *,
    home: Home | None = None,
    items: Iterable[Item] = (),
    spells: Iterable[int] = (),
    skills: Iterable[Skill] = (),
    actions: Iterable[Action] = (),
    limit: int = 10,
) -> int:
    """
    Make a character and what it starts with, in the write's one transaction.

    @param row: columns of `characters`; `account` and `name` at least, never `guid`.
    @param items: their guids are given here, whatever they say; a bag may be named by its place in this list
        from 1, before what is in it.
    @return: its guid.
    @raise NameTaken: somebody is called that.
    @raise AccountFull: the account has `limit` characters already.
    """
    one_at_a_time(conn)
    taken, owned = conn.execute(
        text("""
        SELECT (SELECT COUNT(*) FROM `characters` WHERE `name` = :name),
               (SELECT COUNT(*) FROM `characters` WHERE `account` = :account)"""),
        {"name": row["name"], "account": row["account"]},
    ).one()
    if taken:
        raise NameTaken(f"a character is called {row['name']}")
    if owned >= limit:
        raise AccountFull(f"account {row['account']} has {owned} characters")
    values = {"taximask": "", **row}
    guid = _claim(conn, "characters", 1, lambda first: [{"guid": first, **values}])
    forget_belongings(conn, [guid])  # of one that another program has deleted by its row alone
    if home:
        _insert(
            conn,
            "character_homebind",
            [
                {
                    "guid": guid,
                    "mapId": home.map,
                    "zoneId": home.zone,
                    "posX": home.x,
                    "posY": home.y,
                    "posZ": home.z,
                }
            ],
        )
    _insert(conn, "character_spell", [{"guid": guid, "spell": s, "specMask": 255} for s in spells])
    _insert(conn, "character_skills", [{"guid": guid, **skill._asdict()} for skill in skills])
    _insert(conn, "character_action", [{"guid": guid, "spec": 0, **action._asdict()} for action in actions])
    _insert_items(conn, guid, list(items))
    return guid


def _insert_items(conn: Connection, owner: int, items: list[Item]) -> None:
    if not items:
        return
    first = _claim(
        conn,
        "item_instance",
        len(items),
        lambda first: [
            {
                "guid": first + n,
                "itemEntry": item.entry,
                "owner_guid": owner,
                "count": item.count,
                "flags": item.flags,
                "durability": item.durability,
                "enchantments": item.enchantments,
            }
            for n, item in enumerate(items)
        ],
    )
    _insert(
        conn,
        "character_inventory",
        [
            {
                "guid": owner,
                "bag": first + item.bag - 1 if item.bag else 0,
                "slot": item.slot,
                "item": first + n,
            }
            for n, item in enumerate(items)
        ],
    )


def reserve_item_guids(conn: Connection, how_many: int) -> int:
    """
    Set aside item guids for the world to give out; other programs' MAX(guid) + 1 lands behind them.

    The last one is held by an empty row until its item is saved over it.

    @return: the first of `how_many` guids.
    """
    return _claim(
        conn,
        "item_instance",
        how_many,
        lambda first: [{"guid": first + how_many - 1, "itemEntry": 0, "owner_guid": 0, "enchantments": ""}],
    )


def soft_delete(conn: Connection, guid: int, account: int, now_s: int) -> bool:
    """Take the character from the account and keep it: its name becomes free; False when it is not there."""
    return (
        conn.execute(
            text("""
        UPDATE `characters` SET `deleteInfos_Name` = `name`, `deleteInfos_Account` = `account`,
               `deleteDate` = :now, `name` = '', `account` = 0
         WHERE `guid` = :guid AND `account` = :account AND `account` <> 0"""),
            {"now": now_s, "guid": guid, "account": account},
        ).rowcount
        == 1
    )


def deleted(conn: Connection, account: int) -> list[tuple[int, str, int]]:
    """Guid, name and unix time of the account's deleted characters, the last one first."""
    rows = conn.execute(
        text("""SELECT `guid`, `deleteInfos_Name`, `deleteDate` FROM `characters`
                                 WHERE `deleteInfos_Account` = :account
                                 ORDER BY `deleteDate` DESC, `guid`"""),
        {"account": account},
    )
    return [(row[0], row[1], row[2]) for row in rows]


def restore(conn: Connection, guid: int, name: str = "") -> bool:
    """
    Give a deleted character back to its account, under `name` or its own.

    @return: False when it is not a deleted one.
    @raise NameTaken: that name is somebody else's by now.
    """
    one_at_a_time(conn)
    row = conn.execute(
        text("SELECT `deleteInfos_Name` FROM `characters` WHERE `guid` = :guid AND `deleteDate` IS NOT NULL"),
        {"guid": guid},
    ).first()
    if row is None:
        return False
    name = name or row[0]
    if by_name(conn, name):
        raise NameTaken(f"a character is called {name}")
    conn.execute(
        text("""
        UPDATE `characters` SET `account` = `deleteInfos_Account`, `name` = :name, `deleteInfos_Name` = NULL,
               `deleteInfos_Account` = NULL, `deleteDate` = NULL WHERE `guid` = :guid"""),
        {"name": name, "guid": guid},
    )
    return True


def rename(conn: Connection, guid: int, account: int, name: str) -> bool:
    """
    Give the account's character another name, when it has been told to choose one.

    @return: False when there is no such character, or it need not.
    @raise NameTaken: somebody is called that.
    """
    one_at_a_time(conn)
    if by_name(conn, name):
        raise NameTaken(f"a character is called {name}")
    return (
        conn.execute(
            text(f"""
        UPDATE `characters` SET `name` = :name, `at_login` = `at_login` & ~{RENAME}
         WHERE `guid` = :guid AND `account` = :account AND `account` <> 0 AND `at_login` & {RENAME}"""),
            {"name": name, "guid": guid, "account": account},
        ).rowcount
        == 1
    )


def one_at_a_time(conn: Connection) -> None:
    """
    Keep other servers from choosing names until this transaction ends.

    SQLite's write transactions do so already; on MySQL the lock is on the ledger's first row.
    """
    if conn.dialect.name != "sqlite":
        conn.execute(text("SELECT `name` FROM `updates` ORDER BY `name` LIMIT 1 FOR UPDATE"))


def _claim(conn: Connection, table: str, how_many: int, rows: Callable[[int], list[dict[str, Any]]]) -> int:
    """Insert rows above the highest guid; again when another program has just inserted there."""
    for _ in range(GUID_TRIES):
        first = int(conn.execute(text(f"SELECT COALESCE(MAX(`guid`), 0) + 1 FROM `{table}`")).scalar_one())
        try:
            with conn.begin_nested():
                _insert(conn, table, rows(first))
        except IntegrityError as error:
            if not duplicate(error):
                raise
            continue
        return first
    raise RuntimeError(f"{table}: no {how_many} free guids found in {GUID_TRIES} tries")


def _insert(conn: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        columns = ", ".join(f"`{name}`" for name in rows[0])
        values = ", ".join(f":{name}" for name in rows[0])
        conn.execute(text(f"INSERT INTO `{table}` ({columns}) VALUES ({values})"), rows)
