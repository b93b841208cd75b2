"""What may be printed: texts of files and of players can hold what moves a terminal's cursor, or worse."""


def printable(text: str) -> str:
    """A line from outside with whatever could move a terminal's cursor escaped."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def plainly(text: str) -> str:
    """The same of lines, which stay lines."""
    return "\n".join(map(printable, text.split("\n")))
