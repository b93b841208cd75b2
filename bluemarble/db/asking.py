"""Questions that are asked at every login, prepared once."""

from sqlalchemy import TextualSelect, column, text


def asks(sql: str, names: str) -> TextualSelect:
    """
    A SELECT whose columns are called `names`, separated by spaces, in order.

    SQLAlchemy works out at each execution what has come back when it is not told: four times the work on a
    wide row.
    """
    return text(sql).columns(*map(column, names.split()))
