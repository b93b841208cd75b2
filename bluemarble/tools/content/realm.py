"""What the auth and characters databases hold before anyone plays."""

from bluemarble.rows.auth import BuildInfoRow, RealmlistRow
from bluemarble.rows.characters import ReservedNameRow

NAMES = (
    "Admin", "Alderhithe", "Anonymous", "Bluemarble", "Cinderfold", "Console", "Developer",
    "Everyone", "Gamemaster", "Larkmeadow", "Moderator", "Nobody", "Null", "Ochrestead", "Operator", "Owner",
    "Player", "Root", "Server", "Someone", "Staff", "Support", "System", "Unknown",
)  # fmt: skip


def realmlist() -> list[RealmlistRow]:
    """The configuration's defaults.  The first realm has id 1: some clients ask for no other."""
    return [RealmlistRow(id=1, name="BlueMarble", flag=0, timezone=1)]


def build_info() -> list[BuildInfoRow]:
    """The client builds we speak with."""
    return [
        BuildInfoRow(
            5875, 1, 12, 1, None, None, None, None,
            "95EDB27C7823B363CBDDAB56A392E7CB73FCCA20", "8D173CC381961EEBABF336F5E6675B101BB513E5",
        ),
        BuildInfoRow(
            12340, 3, 3, 5, "a", None, None, None,
            "CDCBBD5188315E6B4D19449D492DBCFAF156A347", "B706D13FF2F4018839729461E3F8A0E2B5FDC034",
        ),
    ]  # fmt: skip


def reserved_name() -> list[ReservedNameRow]:
    """Names that no character may take, spelled as a character's would be."""
    return [ReservedNameRow(name) for name in NAMES]
