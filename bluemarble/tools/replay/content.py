"""The content that a journal is run on."""

import importlib

from bluemarble.sim.content import USED, Content


def content_of(where: str) -> Content:
    """
    The content of a world database, or what a function of Python makes.

    @param where: the database's URL; or MODULE:FUNCTION, as tests.journals.content:content.
    @raise Unavailable: it cannot be reached.  @raise ValueError: not a URL of ours, no such function.
    """
    module, colon, name = where.partition(":")
    if colon and not name.startswith("//"):
        try:
            made = getattr(importlib.import_module(module), name)()
        except (ImportError, AttributeError, TypeError) as error:
            raise ValueError(f"no content from {where}: {error}") from error
        if not isinstance(made, Content):
            raise ValueError(f"no content from {where}: {type(made).__name__}")
        return made
    return _stored(where)


def _stored(where: str) -> Content:
    # Here, for what needs no database starts twice as fast without them.
    from twisted.python.failure import Failure

    from bluemarble.db import world as world_database
    from bluemarble.db.pool import Database

    database = Database(where, executor="inline")
    found: list[Content | Failure] = []
    database.read(lambda connection: Content(*world_database.tables(connection, USED))).addBoth(found.append)
    database.close()
    if isinstance(found[0], Failure):
        found[0].raiseException()
    return found[0]
