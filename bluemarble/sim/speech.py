"""What may be said, and in which tongue."""

import re

from opcodes.chat import CHAT_TAG_AFK, CHAT_TAG_DND, CHAT_TAG_GM, LANG_COMMON, LANG_ORCISH

NO_TEAM, ALLIANCE, HORDE = 0, 1, 2
FLAG_AFK, FLAG_DND, FLAG_GM = 0x2, 0x4, 0x8  # bits of PLAYER_FLAGS

# Race to its side and to the tongues it learns at birth, the side's own first.
SIDES = {
    1: ALLIANCE,
    3: ALLIANCE,
    4: ALLIANCE,
    7: ALLIANCE,
    11: ALLIANCE,
    2: HORDE,
    5: HORDE,
    6: HORDE,
    8: HORDE,
    10: HORDE,
}
TONGUES = {
    1: (LANG_COMMON,),
    3: (LANG_COMMON, 6),
    4: (LANG_COMMON, 2),
    7: (LANG_COMMON, 13),
    11: (LANG_COMMON, 35),
    2: (LANG_ORCISH,),
    5: (LANG_ORCISH, 33),
    6: (LANG_ORCISH, 3),
    8: (LANG_ORCISH, 14),
    10: (LANG_ORCISH, 10),
}

# Control characters, line separators, and marks that turn the direction of what follows.
UNSPEAKABLE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ufff0-\\uffff]")
# The escapes a line may hold: a bar that is meant, a colour and its end, a link.  Others can break a client.
ESCAPE = re.compile(r"\|\||\|c[0-9a-fA-F]{8}|\|r|\|H[a-z]+:[^|]*\|h[^|]*\|h")


def speakable(text: str, limit_bytes: int) -> bool:
    """Whether a line may be passed on: not empty, not too long, nothing that breaks a client's window."""
    return (
        bool(text.strip())
        and len(text.encode()) <= limit_bytes
        and UNSPEAKABLE.search(text) is None
        and "|" not in ESCAPE.sub("", text)
    )


def nameable(text: str, limit_bytes: int) -> bool:
    """Whether that may be somebody's or something's name."""
    return (
        bool(text.strip())
        and len(text.encode()) <= limit_bytes
        and "|" not in text
        and UNSPEAKABLE.search(text) is None
    )


def tongue(race: int, language: int) -> int:
    """What a character of `race` speaks when its client names `language`: its side's, if it has not that."""
    known = TONGUES.get(race, (LANG_COMMON,))
    return language if language in known else known[0]


def chat_tag(player_flags: int) -> int:
    """What stands before the speaker's name."""
    if player_flags & FLAG_GM:
        return CHAT_TAG_GM
    if player_flags & FLAG_DND:
        return CHAT_TAG_DND
    return CHAT_TAG_AFK if player_flags & FLAG_AFK else 0
