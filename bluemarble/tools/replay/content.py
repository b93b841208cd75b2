"""The content that a journal is run on."""

from twisted.python.failure import Failure

from bluemarble.db import world as world_database
from bluemarble.db.pool import Database
from bluemarble.sim.content import USED, Content


def content_of(world_db: str) -> Content:
    """
    The content of a world database.

    @raise Unavailable: it cannot be reached.  @raise ValueError: not a URL of ours.
    """
    database = Database(world_db, executor="inline")
    found: list[Content | Failure] = []
    database.read(lambda connection: Content(*world_database.tables(connection, USED))).addBoth(found.append)
    database.close()
    if isinstance(found[0], Failure):
        found[0].raiseException()
    return found[0]
