"""What a server says no with."""

from opcodes import characters, logon, session

WORDS = {
    "logon": (logon, "FAIL_"),
    "session": (session, "AUTH_"),
    "character": (characters, "CHAR_"),
}


class Refused(Exception):
    """
    The server answered, and the answer is no.

    @ivar step: "logon", "session" (the world server's door) or "character".
    @ivar code: a FAIL_ number of opcodes.logon, AUTH_ of opcodes.session, CHAR_ of opcodes.characters.
    """

    def __init__(self, step: str, code: int) -> None:
        super().__init__(f"{step}: {word(step, code)}")
        self.step, self.code = step, code


def word(step: str, code: int) -> str:
    """The code's name, or the number when it has none."""
    module, prefix = WORDS[step]
    names = (name for name, value in vars(module).items() if name.startswith(prefix) and value == code)
    return next(names, f"0x{code:02X}")
