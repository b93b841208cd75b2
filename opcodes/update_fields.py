"""
Update fields by name: what an object's numbers in SMSG_UPDATE_OBJECT mean.

Indices, sizes, types and who may see them are in `fields/<build>.csv`.  Fields of different kinds of object
share indices: an item's 14 is its stack count, a unit's half of its summoner.
"""

import csv
import functools
import pathlib
from dataclasses import dataclass

__all__ = ["PLAYER_END", "PUBLIC", "Field", "field", "fields", "index", "renumbering"]

HERE = pathlib.Path(__file__).parent / "fields"
CANONICAL = 12340
SEEN_BY_ALL = {"PUBLIC", "DYNAMIC"}


@dataclass(frozen=True, slots=True)
class Field:
    """
    One named run of update fields.

    @ivar size: in u32s; a guid (LONG) takes two, the low one first.
    @ivar type: LONG, INT, FLOAT (its bits), TWO_SHORT or BYTES (lowest first).
    @ivar flags: who sees it: PUBLIC everyone, PRIVATE the player itself, OWNER, ITEM_OWNER, SPECIAL_INFO,
        PARTY_MEMBER; DYNAMIC everyone, each its own value.
    """

    name: str
    index: int
    size: int
    type: str
    flags: frozenset[str]


@functools.cache
def fields(build: int = CANONICAL) -> dict[str, Field]:
    """
    All fields of a client build, by name.

    @raise FileNotFoundError: we do not know that build.
    """
    with (HERE / f"{build}.csv").open(newline="") as lines:
        return {
            row["name"]: Field(
                row["name"],
                int(row["index"]),
                int(row["size"]),
                row["type"],
                frozenset(row["flags"].split("|")),
            )
            for row in csv.DictReader(lines)
        }


def field(name: str) -> Field:
    """
    A field of the canonical build.

    @raise KeyError: there is none of that name.
    """
    return fields()[name]


def index(name: str) -> int:
    """The first index of a field of the canonical build."""
    return field(name).index


def renumbering(build: int, kinds: tuple[str, ...]) -> dict[int, int]:
    """
    Canonical index to another build's, by name, as far as both fields reach.

    @param kinds: what the names begin with that an object of one kind has: "UNIT_", "PLAYER_" for a player.
        OBJECT_FIELD_s that every object has are always among them.
    """
    ours, theirs = fields(), fields(build)
    ends = ours["OBJECT_FIELD_PADDING"].index
    names = [
        name
        for name, field in ours.items()
        if name in theirs and (name.startswith(kinds) or (name.startswith("OBJECT_") and field.index < ends))
    ]
    return {
        ours[name].index + i: theirs[name].index + i
        for name in names
        for i in range(min(ours[name].size, theirs[name].size))
    }


# What others may see of what stands in the world: everything of a game object, and units' and players' public
# fields.  Items are shown to their owners only.
PUBLIC = frozenset(
    f.index + i
    for f in fields().values()
    if f.flags & SEEN_BY_ALL and not f.name.startswith(("ITEM_", "CONTAINER_"))
    for i in range(f.size)
)
PLAYER_END = max(f.index + f.size for f in fields().values())
