"""
What the servers ask of the auth database about accounts and bans, and tell it.

Every function takes a Connection and runs as few statements as it can; times are unix seconds.
Accounts are read again at each login, so one that another program has inserted can log in at once.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from bluemarble.db.addresses import address, place
from bluemarble.db.asking import asks
from bluemarble.db.errors import duplicate

ALL_REALMS = -1


class NameTaken(ValueError):
    """An account of that name exists."""


@dataclass(frozen=True, slots=True)
class Account:
    """
    An account as a login sees it.

    @ivar username: as stored, which is what SRP6 and the session digest are made with.
    @ivar gmlevel: the highest level it has on the realm asked for.
    @ivar banned: 0 no, 1 for a time, 2 for ever.
    @ivar locked: only `last_ip` may log in.
    @ivar muted_until: unix time; when negative, minutes to start at the next login.
    """

    id: int
    username: str
    salt: bytes
    verifier: bytes
    session_key: bytes | None
    gmlevel: int
    banned: int
    locked: int
    last_ip: str
    failed_logins: int
    expansion: int
    muted_until: int
    locale: int
    os: str
    flags: int


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a login challenge needs: is the address banned, and the account when there is one."""

    ip_banned: bool
    account: Account | None


@dataclass(frozen=True, slots=True)
class Throttle:
    """
    Against guessing: so many wrong passwords, each within `window_s` of the one before, and the account is
    refused to that `place` until `window_s` after the last.

    @ivar failures: 0 for never.
    """

    failures: int = 5
    window_s: int = 600


UNTHROTTLED = Throttle(0)
THROTTLED = """SELECT 1 FROM `account_failure` AS f
                WHERE f.`id` = :id AND f.`ip` = :place
                  AND f.`failures` >= :failures AND f.`last_failure` > :since"""


CHALLENGE = asks(
    """
    SELECT (SELECT COUNT(*) FROM `ip_banned` AS i
             WHERE i.`ip` = :ip AND (i.`unbandate` <= i.`bandate` OR i.`unbandate` > :now)) AS ip_banned,
           a.`id`, a.`username`, a.`salt`, a.`verifier`, a.`session_key`,
           COALESCE((SELECT MAX(g.`gmlevel`) FROM `account_access` AS g
                      WHERE g.`id` = a.`id` AND g.`RealmID` IN (-1, :realm)), 0) AS gmlevel,
           COALESCE((SELECT MAX(CASE WHEN b.`unbandate` <= b.`bandate` THEN 2 ELSE 1 END)
                       FROM `account_banned` AS b
                      WHERE b.`id` = a.`id` AND b.`active` = 1
                        AND (b.`unbandate` <= b.`bandate` OR b.`unbandate` > :now)), 0) AS banned,
           a.`locked`, a.`last_ip`, a.`failed_logins`, a.`expansion`, a.`mutetime`, a.`locale`,
           a.`os`, a.`Flags`
      FROM (SELECT 1 AS one) AS always LEFT JOIN `account` AS a ON a.`username` = :username""",
    "ip_banned id username salt verifier session_key gmlevel banned locked last_ip failed_logins expansion "
    "mutetime locale os Flags",
)


def challenge_account(
    conn: Connection, username: str, ip: str, now_s: int, realm: int = ALL_REALMS
) -> Challenge:
    """
    The account of that name with its access level and bans, and whether `ip` is banned: one statement.

    The world server asks the same at its handshake, naming its realm.
    """
    name = upper_latin(username)
    row = conn.execute(CHALLENGE, {"username": name, "ip": address(ip), "now": now_s, "realm": realm}).one()
    if row.id is None or upper_latin(row.username) != name:  # MySQL's collation also finds ADÁ for ADA
        return Challenge(row.ip_banned > 0, None)
    return Challenge(
        row.ip_banned > 0,
        Account(
            row.id,
            row.username,
            bytes(row.salt),
            bytes(row.verifier),
            bytes(row.session_key) if row.session_key else None,
            row.gmlevel,
            row.banned,
            row.locked,
            row.last_ip,
            row.failed_logins,
            row.expansion,
            row.mutetime,
            row.locale,
            row.os,
            row.Flags,
        ),
    )


def logged_in(
    conn: Connection,
    account: int,
    session_key: bytes,
    ip: str,
    now_s: int,
    *,
    os: str = "",
    locale: int = 0,
    throttle: Throttle = UNTHROTTLED,
    failed: bool = False,
) -> bool:
    """
    The proof was right: what the world server and the operator's tools want to know of it.

    @param failed: there were wrong passwords before; forget them.
    @return: False when the account is throttled for the address, and nothing has changed.
    """
    changed = conn.execute(
        text(f"""
        UPDATE `account` SET `session_key` = :key, `last_ip` = :ip, `last_login` = :at, `failed_logins` = 0,
               `os` = :os, `locale` = :locale
         WHERE `id` = :id AND NOT EXISTS ({THROTTLED})"""),
        {
            "key": session_key,
            "at": timestamp(now_s),
            "os": os[:3],
            "locale": locale,
            **_throttling(account, ip, now_s, throttle),
        },
    )
    if failed and changed.rowcount:
        conn.execute(
            text("DELETE FROM `account_failure` WHERE `id` = :id AND `ip` = :place"),
            {"id": account, "place": place(ip)},
        )
    return bool(changed.rowcount)


def throttled(conn: Connection, account: int, ip: str, now_s: int, throttle: Throttle) -> bool:
    """Whether so many wrong passwords came from that address that even the right one is refused."""
    return conn.execute(text(THROTTLED), _throttling(account, ip, now_s, throttle)).first() is not None


def login_failed(
    conn: Connection, account: int, ip: str, now_s: int, throttle: Throttle = UNTHROTTLED
) -> None:
    """The proof was wrong; for account 0 (unknown) the same statements run."""
    values = {
        "id": account,
        "ip": address(ip),
        "place": place(ip),
        "now": now_s,
        "since": now_s - throttle.window_s,
    }
    conn.execute(
        text("""UPDATE `account` SET `failed_logins` = `failed_logins` + 1, `last_attempt_ip` = :ip
                          WHERE `id` = :id"""),
        values,
    )
    conn.execute(
        text("""
        REPLACE INTO `account_failure` (`id`, `ip`, `failures`, `last_failure`)
        SELECT :id, :place, COALESCE(MAX(CASE WHEN f.`last_failure` > :since THEN f.`failures` END), 0) + 1,
               :now
          FROM `account_failure` AS f WHERE f.`id` = :id AND f.`ip` = :place"""),
        values,
    )


def forget_failures(conn: Connection, now_s: int, throttle: Throttle) -> None:
    """Delete what no longer throttles anybody."""
    conn.execute(
        text("DELETE FROM `account_failure` WHERE `last_failure` <= :since"),
        {"since": now_s - throttle.window_s},
    )


def _throttling(account: int, ip: str, now_s: int, throttle: Throttle) -> dict[str, Any]:
    return {
        "id": account,
        "ip": address(ip),
        "place": place(ip),
        "failures": throttle.failures or 1 << 31,
        "since": now_s - throttle.window_s,
    }


def reset_online(conn: Connection, realm: int) -> None:
    """At start: nobody of this realm is online, nor any account without characters on any."""
    conn.execute(
        text("""UPDATE `account` SET `online` = 0 WHERE `online` > 0 AND
                         (`id` IN (SELECT `acctid` FROM `realmcharacters` WHERE `realmid` = :realm)
                          OR `id` NOT IN (SELECT `acctid` FROM `realmcharacters`))"""),
        {"realm": realm},
    )


def set_online(conn: Connection, account: int, online: bool) -> None:
    """The account has a session on a world server, or has none any more."""
    conn.execute(
        text("UPDATE `account` SET `online` = :online WHERE `id` = :id"),
        {"online": int(online), "id": account},
    )


def secret(conn: Connection, random: Callable[[int], bytes] = os.urandom) -> bytes:
    """
    The 32 bytes that salts of unknown accounts are made from; made once, the same for every server.

    Belongs in a write: the first call inserts.

    @param random: n random bytes.
    """
    find = text("SELECT `value` FROM `secret` WHERE `name` = 'fake_salt'")
    found = conn.execute(find).scalar()
    if found is None:
        ignore = "OR IGNORE" if conn.dialect.name == "sqlite" else "IGNORE"
        conn.execute(
            text(f"INSERT {ignore} INTO `secret` (`name`, `value`) VALUES ('fake_salt', :value)"),
            {"value": random(32)},
        )
        found = conn.execute(find).scalar_one()
    return bytes(found)


def create_account(
    conn: Connection, username: str, salt: bytes, verifier: bytes, *, gmlevel: int = 0, expansion: int = 2
) -> int:
    """
    Make an account; its access level goes for every realm.

    @param salt, verifier: 32 little-endian bytes each; the salt's end bytes are not zero.
    @return: its id.
    @raise NameTaken: there is one of that name.
    @raise ValueError: the name is empty, longer than 20 bytes or cannot be typed, or salt or verifier cannot
        be right.
    """
    name = upper_latin(username)
    if not 1 <= len(name.encode()) <= 20:
        raise ValueError(f"an account name has 1 to 20 bytes, not {len(name.encode())}")
    if not name.isprintable() or name != name.strip() or ":" in name:
        raise ValueError("an account name has no colon, no space at its ends, nothing that cannot be typed")
    if len(salt) != 32 or len(verifier) != 32 or not salt[0] or not salt[31]:
        raise ValueError("salt and verifier have 32 bytes, and the salt's end bytes are not zero")
    try:
        made = conn.execute(
            text("""INSERT INTO `account` (`username`, `salt`, `verifier`, `expansion`)
                                    VALUES (:name, :salt, :verifier, :expansion)"""),
            {"name": name, "salt": salt, "verifier": verifier, "expansion": expansion},
        )
    except IntegrityError as error:
        if not duplicate(error):
            raise
        raise NameTaken(f"the account {name} exists") from error
    account = int(made.lastrowid)
    if gmlevel:
        set_gmlevel(conn, account, gmlevel)
    return account


def set_password(conn: Connection, username: str, salt: bytes, verifier: bytes) -> bool:
    """Give the account another salt and verifier; False when there is none of that name."""
    return (
        conn.execute(
            text("""UPDATE `account` SET `salt` = :salt, `verifier` = :verifier,
                                       `session_key` = NULL WHERE `username` = :name"""),
            {"salt": salt, "verifier": verifier, "name": upper_latin(username)},
        ).rowcount
        == 1
    )


def set_gmlevel(conn: Connection, account: int, gmlevel: int, realm: int = ALL_REALMS) -> None:
    """Give the account that access level on the realm, or on all; an operator's comment stays."""
    values = {"id": account, "level": gmlevel, "realm": realm}
    if not conn.execute(
        text("""UPDATE `account_access` SET `gmlevel` = :level
                                 WHERE `id` = :id AND `RealmID` = :realm"""),
        values,
    ).rowcount:
        conn.execute(
            text("""INSERT INTO `account_access` (`id`, `gmlevel`, `RealmID`)
                             VALUES (:id, :level, :realm)"""),
            values,
        )


def ban_account(conn: Connection, account: int, now_s: int, seconds: int, by: str, reason: str) -> None:
    """Refuse the account's logins for so many seconds, or for ever when 0."""
    conn.execute(
        text("""REPLACE INTO `account_banned`
                           (`id`, `bandate`, `unbandate`, `bannedby`, `banreason`, `active`)
                         VALUES (:id, :now, :until, :by, :reason, 1)"""),
        {"id": account, "now": now_s, "until": now_s + seconds, "by": by[:50], "reason": reason[:255]},
    )


def ban_ip(conn: Connection, ip: str, now_s: int, seconds: int, by: str, reason: str) -> None:
    """Refuse logins from the address for so many seconds, or for ever when 0."""
    conn.execute(
        text("""REPLACE INTO `ip_banned` (`ip`, `bandate`, `unbandate`, `bannedby`, `banreason`)
                         VALUES (:ip, :now, :until, :by, :reason)"""),
        {"ip": address(ip), "now": now_s, "until": now_s + seconds, "by": by[:50], "reason": reason[:255]},
    )


def upper_latin(name: str) -> str:
    """`name` as accounts are stored: a to z in upper case, everything else as it is."""
    return "".join(c.upper() if "a" <= c <= "z" else c for c in name)


def timestamp(unix_s: int) -> str:
    """A TIMESTAMP column's value; our connections speak UTC."""
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%d %H:%M:%S")
