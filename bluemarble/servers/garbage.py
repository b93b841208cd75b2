"""
Python's garbage collector, kept from stopping the world.

Our objects go when their last reference does; a collection only looks for
cycles, of which a running server makes next to none, and with thousands of
players it takes most of a second.  So what is loaded at start is never looked
at, young objects are looked at in larger lots, and everything is looked at
only while nobody is connected.
"""

import gc
from collections.abc import Callable
from typing import Any

from twisted.internet.task import LoopingCall

YOUNG_LIMIT = 5_000  # objects made, less those gone, until the young are looked at: a millisecond or two
MIDDLE_LIMIT = 4  # such looks until the middle-aged are: 10 ms while many log in; bench/logins.py tells
OLD_LIMIT = 1_000_000  # in effect never
QUIET_S = 600


def settle(reactor: Any, busy: Callable[[], bool]) -> LoopingCall:
    """
    Call it when everything is loaded.

    @param busy: whether a pause of a second would be noticed.
    @return: what looks at everything in quiet times.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_LIMIT, MIDDLE_LIMIT, OLD_LIMIT)

    def quiet() -> None:
        if not busy():
            gc.collect()

    looking = LoopingCall(quiet)
    looking.clock = reactor
    looking.start(QUIET_S, now=False)
    return looking
