"""
What the servers ask of the auth database about realms, and tell it.

Every function takes a Connection and runs as few statements as it can.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from bluemarble.db.asking import asks

OFFLINE = 0x02  # bit of `realmlist`.`flag`


@dataclass(frozen=True, slots=True)
class Realm:
    """A row of `realmlist`, how many characters the account has there, and its access level."""

    id: int
    name: str
    address: str
    local_address: str
    local_subnet_mask: str
    port: int
    icon: int
    flag: int
    timezone: int
    allowed_security_level: int
    population: float
    gamebuild: int
    characters: int
    gmlevel: int


REALMS = asks(
    """
        SELECT r.`id`, r.`name`, r.`address`, r.`localAddress`, r.`localSubnetMask`, r.`port`,
               r.`icon`, r.`flag`, r.`timezone`, r.`allowedSecurityLevel`, r.`population`, r.`gamebuild`,
               COALESCE(c.`numchars`, 0),
               COALESCE((SELECT MAX(g.`gmlevel`) FROM `account_access` AS g
                          WHERE g.`id` = :account AND g.`RealmID` IN (-1, r.`id`)), 0)
          FROM `realmlist` AS r
          LEFT JOIN `realmcharacters` AS c ON c.`realmid` = r.`id` AND c.`acctid` = :account
         WHERE r.`flag` <> 3 ORDER BY r.`id`""",
    " ".join(Realm.__slots__),
)


def enumerate_realms(conn: Connection, account: int) -> list[Realm]:
    """Every realm to be listed, by id."""
    return [Realm(*row) for row in conn.execute(REALMS, {"account": account}).all()]


def put_realm(
    conn: Connection, realm: int, name: str, host: str, port: int, gamebuild: int = 12340
) -> tuple[str, str, int] | None:
    """
    Make the realm, or set its name and where it is; what else an operator has set stays.

    @return: name, address and port that it had.
    """
    values = {"id": realm, "name": name, "address": host, "port": port, "gamebuild": gamebuild}
    was = conn.execute(
        text("SELECT `name`, `address`, `port` FROM `realmlist` WHERE `id` = :id"), values
    ).first()
    if was is None:
        conn.execute(
            text("""INSERT INTO `realmlist`
                               (`id`, `name`, `address`, `localAddress`, `port`, `gamebuild`)
                             VALUES (:id, :name, :address, :address, :port, :gamebuild)"""),
            values,
        )
        return None
    conn.execute(
        text("""UPDATE `realmlist`
                            SET `localAddress` = CASE WHEN `localAddress` = `address` THEN :address
                                                      ELSE `localAddress` END,
                                `name` = :name, `address` = :address, `port` = :port
                          WHERE `id` = :id"""),
        values,
    )
    return was[0], was[1], was[2]


def realm_online(conn: Connection, realm: int, online: bool, population: float = 0.0) -> None:
    """Say in the realm list whether the realm is up, and how full it is."""
    conn.execute(
        text(f"""UPDATE `realmlist` SET `population` = :population,
                                 `flag` = {"`flag` & ~2" if online else "`flag` | 2"} WHERE `id` = :id"""),
        {"population": population, "id": realm},
    )


def set_character_count(conn: Connection, realm: int, account: int, count: int) -> None:
    """What the realm list shows the account about that realm."""
    conn.execute(
        text("REPLACE INTO `realmcharacters` (`realmid`, `acctid`, `numchars`) VALUES (:r, :a, :n)"),
        {"r": realm, "a": account, "n": count},
    )
