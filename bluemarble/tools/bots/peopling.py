"""Accounts for bots on a server whose databases are at hand, and characters all over its map."""

import os

from sqlalchemy import Connection, text

from bluemarble.client.arrival import FEMALE, HUMAN, WARRIOR
from bluemarble.config import Config
from bluemarble.db import accounts, creation, world
from bluemarble.db.characters import by_name
from bluemarble.rows.world_items import ItemTemplateRow
from bluemarble.servers.opening import STARTING
from bluemarble.servers.starting import Outfit, Starts
from bluemarble.tools.bots.plan import BadPlan, Plan
from bluemarble.tools.databases import opened, result
from bluemarble.wire import srp6
from opcodes.characters import CMSG_CHAR_CREATE


def make_accounts(config: Config, plan: Plan) -> dict[int, int]:
    """
    Make the accounts that are missing, and give all of the plan's its password.

    @return: the accounts' ids, by the bots' numbers.
    @raise Unavailable, Refused: the database does not answer, or does not want to.
    """
    secrets = []
    for number in range(plan.first, plan.first + plan.players):
        name, salt = plan.account(number), srp6.draw_salt(os.urandom)
        secrets.append((number, name, salt, srp6.verifier(name, plan.password, salt)))

    def make(conn: Connection) -> dict[int, int]:
        ids = {}
        for number, name, salt, verifier in secrets:
            if accounts.set_password(conn, name, salt, verifier):
                found = text("SELECT `id` FROM `account` WHERE `username` = :name")
                ids[number] = int(conn.execute(found, {"name": name}).scalar_one())
            else:
                ids[number] = accounts.create_account(conn, name, salt, verifier)
        return ids

    with opened(config, "auth") as database:
        made: dict[int, int] = result(database.write(make))
        return made


def spread(config: Config, plan: Plan, ids: dict[int, int]) -> None:
    """
    Put the bots' characters, made if need be, into a square of
    `plan.spread_yards` around where their race begins.

    With the same seed each always comes to the same place.  Who is in the world stays where it is.

    @param ids: of the accounts, by the bots' numbers.
    @raise BadPlan: nobody can make a character there.
    @raise Unavailable, Refused: the database does not answer, or does not want to.
    """
    with opened(config, "world") as database:
        starts: Starts = result(
            database.read(lambda conn: Starts(*world.tables(conn, (ItemTemplateRow, *STARTING))))
        )

    def put(conn: Connection) -> None:
        for number, account in ids.items():
            _put(conn, _outfit(starts, plan, number, account))

    with opened(config, "characters") as database:
        result(database.write(put))


def _outfit(starts: Starts, plan: Plan, number: int, account: int) -> Outfit:
    """The character as a client would have it made, but elsewhere."""
    name = plan.character(number)
    wish = CMSG_CHAR_CREATE(
        name=name,
        race=HUMAN,
        class_type=WARRIOR,
        gender=FEMALE,
        skin_color=0,
        face=0,
        hair_style=0,
        hair_color=0,
        facial_hair=0,
    )
    outfit = starts.outfit(wish, account, name)
    if outfit is None:
        raise BadPlan("the world database lets nobody begin as a bot does: see `playercreateinfo`")
    for column, aside in zip(("position_x", "position_y"), plan.aside(number), strict=True):
        outfit.row[column] += aside
    return outfit


def _put(conn: Connection, outfit: Outfit) -> None:
    known = by_name(conn, outfit.row["name"])
    if known is None:
        creation.create(
            conn,
            outfit.row,
            home=outfit.home,
            items=outfit.items,
            spells=outfit.spells,
            skills=outfit.skills,
            actions=outfit.actions,
        )
        return
    conn.execute(
        text("""UPDATE `characters` SET `map` = :map, `position_x` = :x, `position_y` = :y, `position_z` = :z
                 WHERE `guid` = :guid AND `account` = :account AND `online` = 0"""),
        {
            "map": outfit.row["map"],
            **{axis: outfit.row[f"position_{axis}"] for axis in "xyz"},
            "guid": known.guid,
            "account": outfit.row["account"],
        },
    )
