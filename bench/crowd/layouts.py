"""Where the players of a measurement stand: uniform, in towns, in a siege."""

import math
import random
from typing import NamedTuple

SIGHT_YARDS = 150.0
MEAN_VISIBLE = 100  # of the uniform layout
TOWN_PLAYERS, TOWN_YARDS = 200, 100.0  # half of all players live in towns
SIEGE_SHARE, SIEGE_YARDS = 5, 80.0  # one in five is at the siege: 2 000 of 10 000
LAYOUTS = ("uniform", "towns", "siege")


class Place(NamedTuple):
    """Where a player begins, in yards and radians, and the circle that it keeps to."""

    x: float
    y: float
    z: float
    facing: float
    home_x: float
    home_y: float
    home_yards: float


def height(x: float, y: float) -> float:
    """The ground of all layouts, as clients/walk.c has it."""
    return 6 * math.sin(x * 0.02) + 4 * math.cos(y * 0.03)


def region_yards(players: int) -> float:
    """The radius of the land where a uniform crowd sees MEAN_VISIBLE others each."""
    return SIGHT_YARDS * math.sqrt(players / MEAN_VISIBLE)


def places(layout: str, players: int, seed: int = 1) -> list[Place]:
    """
    One place a player.

    @param layout: one of LAYOUTS; how many towns there are (25 for 10 000), and how large the siege is,
        follow from the players.
    """
    chance = random.Random(f"{layout} {players} {seed}")
    region = (0.0, 0.0, region_yards(players))
    towns = [
        (*within(chance, 0.0, 0.0, 0.9 * region[2]), TOWN_YARDS)
        for _ in range(max(1, players // 2 // TOWN_PLAYERS))
    ]
    siege = (0.3 * region[2], 0.1 * region[2], SIEGE_YARDS)
    made = []
    for number in range(players):
        home = region
        if layout == "towns" and number % 2:
            home = towns[number // 2 % len(towns)]
        elif layout == "siege" and number % SIEGE_SHARE == 0:
            home = siege
        x, y = within(chance, *home)
        made.append(Place(x, y, height(x, y), chance.uniform(0, 2 * math.pi), *home))
    return made


def within(chance: random.Random, x: float, y: float, radius: float) -> tuple[float, float]:
    """Somewhere in a circle, everywhere equally likely."""
    way, far = chance.uniform(0, 2 * math.pi), radius * math.sqrt(chance.random())
    return x + far * math.cos(way), y + far * math.sin(way)
