"""The characters database besides playing: names that nobody may have, characters deleted long ago."""

from sqlalchemy import Connection, bindparam, text

AT_A_TIME = 100  # characters removed in one transaction
DELETED_KEPT = 50  # of one account: who makes and deletes all day fills no disk
BELONGING = (  # tables whose `guid` is a character's
    "character_inventory",
    "character_homebind",
    "character_spell",
    "character_spell_cooldown",
    "character_aura",
    "character_skills",
    "character_action",
    "character_talent",
    "character_glyphs",
    "character_reputation",
    "character_social",
    "character_stats",
    "character_declinedname",
    "character_entry_point",
    "character_equipmentsets",
    "character_gifts",
    "character_settings",
    "character_account_data",
    "character_banned",
    "character_queststatus",
    "character_queststatus_rewarded",
    "character_queststatus_daily",
    "character_queststatus_weekly",
    "character_achievement",
    "character_achievement_progress",
    "character_instance",
    "character_arena_stats",
    "guild_member",
    "corpse",
)


def reserved_names(conn: Connection) -> frozenset[str]:
    """Names that no character may have, in small letters: one statement."""
    rows = conn.execute(text("SELECT `name` FROM `reserved_name` UNION SELECT `name` FROM `profanity_name`"))
    return frozenset(row[0].lower() for row in rows)


def forget_deleted(conn: Connection, before_s: int) -> int:
    """Remove for good what was deleted before that unix time, some at a time; how many went."""
    found = conn.execute(
        text(
            "SELECT `guid` FROM `characters` WHERE `deleteDate` IS NOT NULL "
            "AND `deleteDate` < :before LIMIT :limit"
        ),
        {"before": before_s, "limit": AT_A_TIME},
    )
    guids = [row[0] for row in found]
    if guids:
        forget_belongings(conn, guids)
        _remove(conn, "characters", "guid", guids)
    return len(guids)


def forget_surplus(conn: Connection, account: int) -> int:
    """Remove for good what the account has deleted beyond the last DELETED_KEPT characters; how many went."""
    found = conn.execute(
        text(
            "SELECT `guid` FROM `characters` WHERE `deleteInfos_Account` = :account "
            "ORDER BY `deleteDate` DESC, `guid` DESC LIMIT :limit OFFSET :kept"
        ),
        {"account": account, "limit": AT_A_TIME, "kept": DELETED_KEPT},
    )
    guids = [row[0] for row in found]
    if guids:
        forget_belongings(conn, guids)
        _remove(conn, "characters", "guid", guids)
    return len(guids)


def forget_belongings(conn: Connection, guids: list[int]) -> None:
    """Remove all that is a character's, and whoever knows it; the character's own row stays."""
    for table in BELONGING:
        _remove(conn, table, "guid", guids)
    _remove(conn, "character_social", "friend", guids)
    _remove(conn, "item_instance", "owner_guid", guids)


def _remove(conn: Connection, table: str, column: str, guids: list[int]) -> None:
    statement = text(f"DELETE FROM `{table}` WHERE `{column}` IN :guids")
    conn.execute(statement.bindparams(bindparam("guids", expanding=True)), {"guids": guids})


def guid_of(conn: Connection, name: str) -> int | None:
    """The character of that name deleted last; None when there is none."""
    row = conn.execute(
        text(
            "SELECT `guid` FROM `characters` WHERE `deleteInfos_Name` = :name "
            "ORDER BY `deleteDate` DESC LIMIT 1"
        ),
        {"name": name},
    ).first()
    return int(row[0]) if row else None
