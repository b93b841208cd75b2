"""What a character may be called."""

import re
import unicodedata
from collections.abc import Set

from opcodes.characters import (
    CHAR_NAME_INVALID_CHARACTER,
    CHAR_NAME_MIXED_LANGUAGES,
    CHAR_NAME_NO_NAME,
    CHAR_NAME_RESERVED,
    CHAR_NAME_SUCCESS,
    CHAR_NAME_THREE_CONSECUTIVE,
    CHAR_NAME_TOO_LONG,
    CHAR_NAME_TOO_SHORT,
)

LETTERS_MIN, LETTERS_MAX = 2, 12
# The letters that stock clients type and draw.  Unicode has many more that look like these, or like nothing.
# Source: the alphabets of the client's languages, but for letters such as U+0130, whose small form is two.
SCRIPTS = {
    "latin": re.compile("[A-Za-zÀ-ÖØ-Þß-öø-ÿŒœŠšŽžŸ]"),
    "cyrillic": re.compile("[А-Яа-яЁё]"),
}


def proper(name: str) -> str:
    """A name as it is kept: the first letter large, the others small."""
    composed = unicodedata.normalize("NFC", name)
    risen = composed[:1].upper() + composed[1:]  # some letters become two
    return risen[:1] + risen[1:].lower()


def judge(name: str, reserved: Set[str] = frozenset()) -> int:
    """
    Whether a character may have this name.

    @param reserved: names that nobody may have, in small letters.
    @return: CHAR_NAME_SUCCESS, or what is wrong.
    """
    if not name:
        return CHAR_NAME_NO_NAME
    if len(name) < LETTERS_MIN:
        return CHAR_NAME_TOO_SHORT
    if len(name) > LETTERS_MAX:
        return CHAR_NAME_TOO_LONG
    scripts = {_script(letter) for letter in name}
    if None in scripts:
        return CHAR_NAME_INVALID_CHARACTER
    if len(scripts) > 1:
        return CHAR_NAME_MIXED_LANGUAGES
    low = name.lower()
    if any(low[n] == low[n + 1] == low[n + 2] for n in range(len(low) - 2)):
        return CHAR_NAME_THREE_CONSECUTIVE
    if low in reserved:
        return CHAR_NAME_RESERVED
    return CHAR_NAME_SUCCESS


def _script(letter: str) -> str | None:
    return next((name for name, letters in SCRIPTS.items() if letters.fullmatch(letter)), None)
