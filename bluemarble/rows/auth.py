"""Rows of the auth database."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(slots=True)
class AccountRow:
    """
    auth.account

    Who may log in; `salt` and `verifier` are SRP6 numbers, 32 bytes little-endian, `session_key` 40.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("id",)

    id: int = 0
    username: str = ""
    salt: bytes = b""
    verifier: bytes = b""
    session_key: bytes | None = None
    totp_secret: bytes | None = None
    email: str = ""
    reg_mail: str = ""
    joindate: object = None
    last_ip: str = "127.0.0.1"
    last_attempt_ip: str = "127.0.0.1"
    failed_logins: int = 0
    locked: int = 0
    lock_country: str = "00"
    last_login: object = None
    online: int = 0
    expansion: int = 2
    Flags: int = 0
    mutetime: int = 0
    mutereason: str = ""
    muteby: str = ""
    locale: int = 0
    os: str = ""
    recruiter: int = 0
    totaltime: int = 0


@dataclass(slots=True)
class AccountAccessRow:
    """
    auth.account_access

    What an account may do, by realm (-1: every realm).
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("id", "RealmID")

    id: int = 0
    gmlevel: int = 0
    RealmID: int = -1
    comment: str = ""


@dataclass(slots=True)
class AccountBannedRow:
    """
    auth.account_banned

    Times are unix seconds; `unbandate` = `bandate` is for ever.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("id", "bandate")

    id: int = 0
    bandate: int = 0
    unbandate: int = 0
    bannedby: str = ""
    banreason: str = ""
    active: int = 1


@dataclass(slots=True)
class AccountFailureRow:
    """
    auth.account_failure

    Wrong passwords by account and address, one after another; `last_failure` is unix time.  0 is no account.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("id", "ip")

    id: int = 0
    ip: str = "127.0.0.1"
    failures: int = 0
    last_failure: int = 0


@dataclass(slots=True)
class AccountMutedRow:
    """
    auth.account_muted

    `guid` is an account; times are unix seconds.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("guid", "mutedate")

    guid: int = 0
    mutedate: int = 0
    mutetime: int = 0
    mutedby: str = ""
    mutereason: str = ""


@dataclass(slots=True)
class IpBannedRow:
    """
    auth.ip_banned

    `ip` is IPv4 or IPv6 text; `unbandate` = `bandate` is for ever.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("ip", "bandate")

    ip: str = "127.0.0.1"
    bandate: int = 0
    unbandate: int = 0
    bannedby: str = "[Console]"
    banreason: str = "no reason"


@dataclass(slots=True)
class SecretRow:
    """
    auth.secret

    Bytes that all auth servers share and no client learns: the key of the fake salts.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("name",)

    name: str = ""
    value: bytes = b""


@dataclass(slots=True)
class RealmlistRow:
    """
    auth.realmlist

    `flag` is the realm list packet's; `gamebuild` the client build it takes.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("id",)

    id: int = 0
    name: str = ""
    address: str = "127.0.0.1"
    localAddress: str = "127.0.0.1"
    localSubnetMask: str = "255.255.255.0"
    port: int = 8085
    icon: int = 0
    flag: int = 2
    timezone: int = 0
    allowedSecurityLevel: int = 0
    population: float = 0.0
    gamebuild: int = 12340


@dataclass(slots=True)
class RealmcharactersRow:
    """
    auth.realmcharacters

    How many characters an account has on a realm.
    """

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("realmid", "acctid")

    realmid: int = 0
    acctid: int = 0
    numchars: int = 0


@dataclass(slots=True)
class BuildInfoRow:
    """auth.build_info"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("build",)

    build: int = 0
    majorVersion: int | None = None
    minorVersion: int | None = None
    bugfixVersion: int | None = None
    hotfixVersion: str | None = None
    winAuthSeed: str | None = None
    win64AuthSeed: str | None = None
    mac64AuthSeed: str | None = None
    winChecksumSeed: str | None = None
    macChecksumSeed: str | None = None


@dataclass(slots=True)
class UptimeRow:
    """auth.uptime"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("realmid", "starttime")

    realmid: int = 0
    starttime: int = 0
    uptime: int = 0
    maxplayers: int = 0
    revision: str = ""


@dataclass(slots=True)
class MotdRow:
    """auth.motd"""

    PRIMARY_KEY: ClassVar[tuple[str, ...]] = ("realmid",)

    realmid: int = 0
    text: str | None = None
