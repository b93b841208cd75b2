"""What a bot sees by its link is what the client's own picture has, but for what is between two places."""

import itertools
import random

import pytest

from bluemarble.client import events
from bluemarble.client.arrival import Arrival, Wish
from bluemarble.client.oneself import UNITS
from bluemarble.client.others import Others
from bluemarble.client.player import Player
from bluemarble.tools.bots.sights import Sights
from bluemarble.wire.errors import Malformed
from tests.netsim import CALM
from tests.unit.client.inn import KEY, Inn, Meeting, Walker, circling, standing

LOSSY = CALM._replace(loss=0.1)


def watching(others, weather):
    """An inn, somebody in it, and what has happened."""
    folk = (Walker(11, "Bertha", circling(0.0, 0.0, 5.0)), Walker(12, "Carl", standing(3.0, 0.0), near=False))
    inn = Inn(aside=folk)
    player = Player("ada", KEY, 1, random.Random(7).randbytes, others=others)
    meeting, arrival = Meeting(player, inn, weather), Arrival(player.world, Wish("Ada"))
    for _ in range(400):
        for event in meeting.run(10):
            arrival.take(event)
    del inn.folk[0]
    meeting.run(500)
    return meeting, folk


@pytest.mark.parametrize("weather", [CALM, LOSSY])
def test_as_the_picture(weather):
    """The same come, change and go; each place is one where they were, told once."""
    seen = []
    plain, _ = watching(Others, weather)
    meeting, (bertha, _) = watching(lambda: Sights(lambda *place: seen.append(place)), weather)
    told = [
        [(type(event), event.other.guid) for event in one.events if hasattr(event, "other")]
        for one in (plain, meeting)
    ]
    assert told[0] == told[1] and (events.Vanished, 11) in told[0]
    ways = {(bertha.at(tick).x & ~1, bertha.at(tick).y & ~1) for tick in range(65_400, 65_800)}
    assert len(seen) > 40 and {guid for guid, _, _ in seen} == {11}
    assert all(before != after for before, after in itertools.pairwise(seen))
    assert {(x, y) for _, x, y in seen} <= ways
    [carl] = meeting.player.picture(meeting.now_ms)
    assert (carl.other.name, carl.place.x, carl.place.y) == ("Carl", 3.0, 0.0)
    assert abs(meeting.player.oneself.stance.x) < UNITS


def test_malformed():
    with pytest.raises(Malformed):
        Sights(print).saw(1, b"\xff", 0)
    with pytest.raises(Malformed):
        Sights(print).told(1, b"\xff", 0)
