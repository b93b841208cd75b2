"""Names that players may and may not choose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.servers.naming import judge, proper
from opcodes import characters as c


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Ada", c.CHAR_NAME_SUCCESS),
        ("Bo", c.CHAR_NAME_SUCCESS),
        ("Abcdefghijkl", c.CHAR_NAME_SUCCESS),
        ("Zoë", c.CHAR_NAME_SUCCESS),
        ("Анна", c.CHAR_NAME_SUCCESS),
        ("", c.CHAR_NAME_NO_NAME),
        ("A", c.CHAR_NAME_TOO_SHORT),
        ("Abcdefghijklm", c.CHAR_NAME_TOO_LONG),
        ("Ada1", c.CHAR_NAME_INVALID_CHARACTER),
        ("Ada B", c.CHAR_NAME_INVALID_CHARACTER),
        ("A'da", c.CHAR_NAME_INVALID_CHARACTER),
        ("Ada\n", c.CHAR_NAME_INVALID_CHARACTER),
        ("Adа", c.CHAR_NAME_MIXED_LANGUAGES),
        ("𝐀𝐝𝐚", c.CHAR_NAME_INVALID_CHARACTER),  # a mathematician's bold
        ("Ａｄａ", c.CHAR_NAME_INVALID_CHARACTER),  # twice as wide
        ("Adɑ", c.CHAR_NAME_INVALID_CHARACTER),
        ("ᴀᴅᴀ", c.CHAR_NAME_INVALID_CHARACTER),
        ("İda", c.CHAR_NAME_INVALID_CHARACTER),
        ("Ad‍a", c.CHAR_NAME_INVALID_CHARACTER),
        ("Ad‮a", c.CHAR_NAME_INVALID_CHARACTER),
        ("Adͣa", c.CHAR_NAME_INVALID_CHARACTER),
        ("Aaa", c.CHAR_NAME_THREE_CONSECUTIVE),
        ("Bobbbo", c.CHAR_NAME_THREE_CONSECUTIVE),
        ("Admin", c.CHAR_NAME_RESERVED),
    ],
)
def test_judge(name, code):
    """Two to twelve letters of one script, none thrice, not reserved."""
    assert judge(name, frozenset({"admin"})) == code


def test_proper():
    """However it is typed, one spelling is stored."""
    assert proper("aDA") == proper("ADA") == "Ada"
    assert proper("éric") == proper("E\u0301RIC") == "Éric"


@given(st.text(max_size=12))
def test_proper_is_final(name):
    """A name that is proper stays so, and one that may be had is spelled as it is looked up."""
    it = proper(name)
    if judge(it) == c.CHAR_NAME_SUCCESS:
        assert proper(it) == it
        assert it[:1].upper() + it[1:].lower() == it
        assert len(it.encode()) <= 24
