"""Which looks there are."""

import pytest

from bluemarble.servers.looks import LOOKS, possible
from bluemarble.servers.starting import ALLIANCE, HORDE

PLAIN = (0, 0, 0, 0, 0)
EACH = [
    (people, kind, limit)
    for people, looks in LOOKS.items()
    for kind, limit in enumerate(looks[:5])  # in the order in which they are chosen
]


def test_every_people():
    """Two genders of each race, and of no other."""
    assert set(LOOKS) == {(race, gender) for race in ALLIANCE | HORDE for gender in (0, 1)}
    assert not possible(9, 0, PLAIN)
    assert not possible(1, 2, PLAIN)


@pytest.mark.parametrize(("people", "kind", "limit"), EACH)
def test_first_and_last(people, kind, limit):
    """The first and the last of a kind can be had, by death knights too, and the one after it cannot."""
    for value in (0, limit - 1):
        chosen = tuple(value if at == kind else 0 for at in range(5))
        assert possible(*people, chosen)
        assert possible(*people, chosen, death_knight=True)
    for value in (limit, 250):
        assert not possible(*people, tuple(value if at == kind else 0 for at in range(5)))


@pytest.mark.parametrize("people", LOOKS)
def test_death_knights(people):
    """Theirs and nobody else's: some skins and hair colours, and as many faces again."""
    looks = LOOKS[people]
    own = [(skin, 0, 0, 0, 0) for skin in looks.knight_skins]
    own += [(0, 0, 0, colour, 0) for colour in looks.knight_hair_colours]
    own.append((0, 2 * looks.faces - 1, 0, 0, 0))
    assert all(possible(*people, chosen, death_knight=True) for chosen in own)
    assert not any(possible(*people, chosen) for chosen in own)
    assert not possible(*people, (0, 2 * looks.faces, 0, 0, 0), death_knight=True)
    assert not possible(*people, (max(looks.knight_skins, default=9) + 1, 0, 0, 0, 0), death_knight=True)
