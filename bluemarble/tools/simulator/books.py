"""Everything that is kept beside the servers of one simulation, from its first to its last."""

from collections import Counter

from bluemarble.tools.simulator.keeping import Kept
from bluemarble.tools.simulator.ledger import Belongings, Characters, Events, Found, Saves, Streams
from bluemarble.tools.simulator.sightings import Whereabouts


class Books:
    """
    @param found: called with an invariant that does not hold, and what was seen.
    @ivar events: the server's over datagram links; @ivar signals: the clients'.
    @ivar looked: how often what was looked at, by whoever looks.
    """

    def __init__(self, found: Found) -> None:
        self.found = found
        self.streams = Streams(found)
        self.events = Events("events once, in order", found)
        self.signals = Events("signals once, in order", found)
        self.saves, self.belongings = Saves(found), Belongings(found)
        self.characters, self.kept = Characters(found), Kept(found)
        self.looked: Counter[str] = Counter()
        self.whereabouts = Whereabouts(found, self.looked)

    def counts(self) -> Counter[str]:
        """How much of each has been looked at."""
        followed = {
            "packets followed": self.streams.checked,
            "saves followed": self.saves.acknowledged,
            "events followed": sum(self.events.heard.values()),
            "signals followed": sum(self.signals.heard.values()),
            "account data followed": self.kept.checked,
        }
        return self.looked + Counter(followed)
