"""
Write our content as SQL, the same bytes every time; or a big synthetic world to measure with.

`python -m bluemarble.tools.make_content` writes the committed files under sql/;
`--spawns 120000 --out FILE.sql` writes a script that replaces the spawns of a world database.
"""

from collections.abc import Iterator
from pathlib import Path

import click

from bluemarble.tools.content import items, kinds, places, players, realm
from bluemarble.tools.content.spawns import spawns
from bluemarble.tools.content.sql import script
from bluemarble.tools.content.synthetic import statements

SQL = Path(__file__).resolve().parents[2] / "sql"


def files() -> Iterator[tuple[str, str]]:
    """Path under sql/, and text."""
    yield (
        "auth/base/0900_realm.sql",
        script("A realm, and the builds it knows.", realm.realmlist(), realm.build_info()),
    )
    yield "characters/base/0900_names.sql", script("Names that no character may take.", realm.reserved_name())
    yield "world/base/0900_items.sql", script("What new characters wear and carry.", items.item_template())
    yield (
        "world/base/0910_players.sql",
        script(
            "What a new character has, and how it grows.",
            players.playercreateinfo(),
            players.playercreateinfo_action(),
            players.playercreateinfo_item(),
            players.playercreateinfo_skills(),
            players.playercreateinfo_spell_custom(),
            players.player_classlevelstats(),
            players.player_xp_for_level(),
        ),
    )
    yield (
        "world/base/0911_player_stats.sql",
        script("Stats by race, class and level.", players.player_levelstats()),
    )
    yield (
        "world/base/0920_kinds.sql",
        script(
            "Kinds of creatures and game objects.",
            kinds.creature_template(),
            kinds.creature_template_model(),
            kinds.creature_model_info(),
            kinds.creature_equip_template(),
            kinds.creature_classlevelstats(),
            kinds.npc_vendor(),
            kinds.gameobject_template(),
        ),
    )
    made = spawns()
    yield (
        "world/base/0930_creatures.sql",
        script("Where creatures stand, and the ways they walk.", made.creatures, made.addons, made.waypoints),
    )
    yield "world/base/0940_gameobjects.sql", script("Where game objects stand.", made.things)
    yield (
        "world/base/0950_places.sql",
        script("Names of places, and inns.", places.game_tele(), places.areatrigger_tavern()),
    )


@click.command()
@click.option("--spawns", "count", type=click.IntRange(1000, 180_000), help="make this many synthetic spawns")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="the synthetic world's file")
def main(count: int | None, out: Path | None) -> None:
    """Write the files under sql/, or with --spawns and --out a synthetic world."""
    if (count is None) != (out is None):
        raise click.UsageError("--spawns and --out go together")
    if count is not None and out is not None:
        with out.open("w", encoding="utf-8") as file:
            file.writelines(statements(count))
        return
    for name, text in files():
        (SQL / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
