"""Which looks a player may choose: how many of each kind there are, by race and gender."""

from typing import NamedTuple


class Looks(NamedTuple):
    """
    How many of each kind every class may have, and which are the death knights' own.

    Their faces follow the others', as many again; of skins and hair colours they have some more.
    """

    skins: int
    faces: int
    hair_styles: int  # with those that only a barber cuts
    hair_colours: int
    facial_styles: int
    knight_skins: range
    knight_hair_colours: range


NONE = range(0)
# (race, gender): what the client's CharSections and CharacterFacialHairStyles of 3.3.5 name for players.
# Source: the limits of 2.4.3 (what every class may have) and of 3.3.5 (five hair styles more, and the death
# knights' own) as the crate wow_world_base gives them for validation; it has one hair style less for race 8's
# men, which five more than before make eleven.
LOOKS: dict[tuple[int, int], Looks] = {
    (1, 0): Looks(10, 12, 17, 10, 9, range(12, 15), range(10, 13)),
    (1, 1): Looks(10, 15, 24, 10, 7, range(12, 15), range(10, 13)),
    (2, 0): Looks(9, 9, 12, 8, 11, range(15, 18), range(8, 11)),
    (2, 1): Looks(9, 9, 13, 8, 7, range(11, 14), range(8, 11)),
    (3, 0): Looks(9, 10, 16, 10, 11, range(19, 22), range(10, 13)),
    (3, 1): Looks(9, 10, 19, 10, 6, range(11, 14), range(10, 13)),
    (4, 0): Looks(9, 9, 12, 8, 6, range(9, 12), range(10, 13)),
    (4, 1): Looks(9, 9, 12, 8, 10, range(9, 12), range(10, 13)),
    (5, 0): Looks(6, 10, 15, 10, 17, NONE, NONE),
    (5, 1): Looks(6, 10, 15, 10, 8, NONE, NONE),
    (6, 0): Looks(19, 5, 13, 3, 7, range(19, 22), range(3, 4)),
    (6, 1): Looks(11, 4, 12, 3, 5, range(11, 14), range(3, 4)),
    (7, 0): Looks(5, 7, 12, 9, 8, range(7, 10), range(9, 12)),
    (7, 1): Looks(5, 7, 12, 9, 7, range(7, 10), range(9, 12)),
    (8, 0): Looks(6, 5, 11, 10, 11, range(15, 18), range(10, 13)),
    (8, 1): Looks(6, 6, 10, 10, 6, range(15, 18), range(10, 13)),
    (10, 0): Looks(10, 10, 16, 10, 10, range(16, 19), range(10, 13)),
    (10, 1): Looks(10, 10, 19, 10, 11, range(16, 19), range(10, 13)),
    (11, 0): Looks(14, 10, 14, 7, 8, range(14, 17), range(7, 10)),
    (11, 1): Looks(12, 10, 16, 7, 7, range(12, 15), range(7, 10)),
}


def possible(
    race: int, gender: int, chosen: tuple[int, int, int, int, int], *, death_knight: bool = False
) -> bool:
    """
    Whether a player of that race and gender may look so.

    @param chosen: skin, face, hair style, hair colour, facial style.
    """
    looks = LOOKS.get((race, gender))
    if looks is None:
        return False
    skin, face, hair_style, hair_colour, facial_style = chosen
    return (
        (skin < looks.skins or (death_knight and skin in looks.knight_skins))
        and face < looks.faces * (2 if death_knight else 1)
        and hair_style < looks.hair_styles
        and (hair_colour < looks.hair_colours or (death_knight and hair_colour in looks.knight_hair_colours))
        and facial_style < looks.facial_styles
    )
