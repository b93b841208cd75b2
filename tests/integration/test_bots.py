"""Bots and the whole server, in memory and on one clock: `bluemarble bots` without its sockets."""

import contextlib
import json
import random
from dataclasses import replace

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.defer import CancelledError, ensureDeferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from bluemarble.rows.characters import CharactersRow
from bluemarble.servers.tcp import WorldFactory
from bluemarble.sim import commands
from bluemarble.tools.bots.crew import AGAIN_S, Crew
from bluemarble.tools.bots.peopling import make_accounts, spread
from bluemarble.tools.bots.plan import BadPlan, Plan
from bluemarble.tools.bots.report import Report
from bluemarble.tools.bots.scenarios import path
from tests.integration.house import VERSION, Transport

STEP_S = 0.01


class Cable(StringTransport):
    """A bot's end of a connection, and with it the server's."""

    def __init__(self, protocol, factory):
        super().__init__(peerAddress=IPv4Address("TCP", "127.0.0.1", 1))
        self.protocol, self.lost = protocol, False
        self.far = Transport("127.0.0.1")
        self.far.protocol = factory.buildProtocol(self.far.getPeer())
        self.far.protocol.makeConnection(self.far)

    def move(self):
        """Bytes, both ways."""
        said, heard = self.value(), self.far.value()
        self.clear()
        self.far.clear()
        if said and not self.far.lost:
            self.far.protocol.dataReceived(said)
        if heard and not self.lost:
            self.protocol.dataReceived(heard)
        if self.far.lost:
            self.cut(ConnectionLost())

    def loseConnection(self):
        self.move()
        self.cut(ConnectionDone())

    def cut(self, why):
        """Both ends hear of it, once."""
        if not self.lost:
            self.lost = True
            self.far.hang_up()
            self.protocol.connectionLost(Failure(why))


class Street:
    """A house's clock as the bots' reactor; connections lead to its doors."""

    def __init__(self, house):
        self.house, self.cables = house, []
        self.seconds, self.callLater = house.clock.seconds, house.clock.callLater

    def connectTCP(self, host, port, factory, timeout=30):
        auth = self.house.services.auth.factory
        protocol = factory.buildProtocol(None)
        cable = Cable(protocol, auth if port == 3724 else WorldFactory(self.house.gateway, VERSION))
        cable.disconnect = cable.loseConnection
        self.cables.append(cable)
        protocol.makeConnection(cable)
        return cable

    def run(self, seconds):
        for _ in range(round(seconds / STEP_S)):
            self.house.clock.advance(STEP_S)
            for cable in self.cables:
                cable.move()
            self.cables = [cable for cable in self.cables if not cable.lost]


def played(house, seconds, play=None, longer_s=1.0, meanwhile=lambda street, crew: None, **given):
    """What a crew comes to, with accounts of its own."""
    plan = Plan(password="SECRET", seconds=seconds, arrivals_per_second=20.0, **given)
    make_accounts(house.config, plan)
    street, found = Street(house), []
    crew = Crew(street, plan, play, clock=street.seconds, draw=random.Random(5).randbytes)
    ensureDeferred(crew.run()).addBoth(found.append)
    street.run(seconds / 2)
    meanwhile(street, crew)
    street.run(seconds / 2 + longer_s)
    [report] = found
    if isinstance(report, Failure):
        report.raiseException()
    return report


def test_wander(house):
    """They come in, walk, see each other, ask the world; and the report is the same when it is read again."""
    report = played(house, 20.0, players=4)
    told = report.summary()
    assert told["in_world_most"] == told["in_world_at_the_end"] == 4
    counts, delays = told["counts"], told["delays_ms"]
    assert counts["steps_sent"] > 60 and not report.faults
    assert counts["steps_seen"] >= delays["relay"]["count"] > 2 * counts["steps_sent"]
    assert 0.0 < delays["relay"]["p99"] < 100.0 and delays["answer"]["count"] >= 10
    assert delays["late"]["most"] < 1.0
    assert "teleports" not in counts, "the server took them for cheats"
    assert Report.read(json.dumps(report.told())).told() == report.told()


def test_spread(house):
    """All over a square, the same places each time."""
    plan = Plan(password="SECRET", players=5, spread_yards=1000.0)
    ids = make_accounts(house.config, plan)
    spread(house.config, plan, ids)
    places = [place(house, plan, number) for number in range(5)]
    assert len(set(places)) == 5 and len({round(x / 100) for x, _ in places}) > 2
    again = make_accounts(house.config, plan)
    spread(house.config, plan, again)
    assert again == ids and [place(house, plan, number) for number in range(5)] == places
    spread(house.config, replace(plan, spread_yards=10.0), again)
    assert place(house, plan, 3) != places[3]
    assert played(house, 5.0, players=5).summary()["in_world_most"] == 5


def place(house, plan, number):
    row = house.row(CharactersRow, name=plan.character(number))
    return row["position_x"], row["position_y"]


def test_place_by(house, monkeypatch):
    """Without the database a game master's command puts it there, on its first login alone."""
    said = []
    monkeypatch.setitem(commands.COMMANDS, "go", (0, lambda zone, player, words: said.append(words)))

    def cut(street, crew):
        street.cables[0].cut(ConnectionLost())

    given = {"place_by": ".go xyz {x:.0f} {y:.0f} {map}", "spread_yards": 500.0}
    plan = Plan(players=1, **given)
    told = played(house, 30.0, players=1, scenario="chat", meanwhile=cut, **given).summary()
    assert told["delays_ms"]["login"]["count"] == 2
    row = house.row(CharactersRow, name=plan.character(0))
    dx, dy = plan.aside(0)
    assert said == [f"xyz {row['position_x'] + dx:.0f} {row['position_y'] + dy:.0f} {row['map']}"]


def test_chat(house):
    """What is said is heard, by those near and by oneself."""
    report = played(house, 20.0, players=3, scenario="town", rate=1.0)
    counts = report.summary()["counts"]
    assert (
        not report.faults and counts["lines_said"] > 30 and counts["lines_heard"] > counts["lines_said"] / 2
    )


def test_log_in_and_out(house):
    """Out as players go, which takes twenty seconds, and in again."""
    told = played(house, 60.0, players=2, scenario="login_logout", rate=1.0).summary()
    assert told["delays_ms"]["logout"]["count"] >= 2
    assert told["delays_ms"]["login"]["count"] > told["delays_ms"]["logout"]["count"]


def test_path(house, tmp_path):
    """Along the file's places, round and round."""
    file = tmp_path / "way"
    seen = []

    async def watched(bot):
        file.write_text(
            f"# a square\n{bot.home.x + 10},{bot.home.y}\n{bot.home.x + 10},{bot.home.y + 10},1\n"
        )
        bot.heard = lambda event: seen.append((bot.here.x - bot.home.x, bot.here.y - bot.home.y))
        await path(bot)

    counts = played(house, 30.0, watched, players=1, options={"file": str(file), "aside": "0"}).summary()
    assert counts["counts"]["steps_sent"] > 10
    assert (pytest.approx(10.0, abs=0.5), pytest.approx(10.0, abs=0.5)) in seen


def test_a_bot_that_is_thrown_out_comes_back(house):
    def cut(street, crew):
        street.cables[0].cut(ConnectionLost())
        street.run(AGAIN_S + 1)

    told = played(house, 20.0, players=2, meanwhile=cut).summary()
    assert told["counts"]["dropped: ConnectionLost"] == 1
    assert told["delays_ms"]["login"]["count"] == 3 and told["in_world_at_the_end"] == 2


def test_wrong_password(house):
    plan = Plan(password="WRONG", seconds=10.0, players=1)
    make_accounts(house.config, Plan(password="RIGHT", players=1))
    street, found = Street(house), []
    ensureDeferred(Crew(street, plan).run()).addBoth(found.append)
    street.run(11)
    told = found[0].summary()
    assert told["in_world_most"] == 0
    assert told["counts"]["not entered: logon: FAIL_UNKNOWN_ACCOUNT"] == 2


def test_a_scenario_with_a_mistake(house):
    async def wrong(bot):
        await bot.pause(1)
        raise KeyError("nobody")

    report = played(house, 10.0, wrong, players=1)
    assert report.summary()["counts"]["faults"] == len(report.faults) and "nobody" in report.faults[0]


@pytest.mark.parametrize(
    "given",
    [
        {"options": {"radius": "wide"}},
        {"scenario": "crowd", "options": {"at": "1"}},
        {"scenario": "crowd", "options": {"at": "1,inf"}},
        {"scenario": "town", "options": {"kinds": "shout"}},
        {"scenario": "chat", "options": {"kinds": "shout"}},
        {"scenario": "path", "options": {"file": "/nowhere"}},
    ],
)
def test_options_that_make_no_sense(house, given):
    with pytest.raises(BadPlan):
        played(house, 5.0, players=1, **given)


def test_a_scenario_that_ends_all(house):
    """Soon, and in order; whoever has not come in by then does not."""

    async def enough(bot):
        await bot.pause(1)
        bot.crew.end()

    report = played(house, 30.0, enough, players=40)
    assert 1.0 <= report.seconds < 1.2 and report.summary()["in_world_most"] < 40


def test_ended_before_it_begins(house):
    """Whoever is told to end while it waits for the time to begin does."""
    street, found = Street(house), []
    crew = Crew(street, Plan(players=2, begin_s=4e9), clock=street.seconds)
    ensureDeferred(crew.run()).addBoth(found.append)
    street.run(1.0)
    crew.end()
    assert found == []
    street.run(1.0)
    [report] = found
    assert report.summary()["in_world_most"] == 0 and not street.cables


def test_a_scenario_that_does_not_end(house):
    async def stubborn(bot):
        while True:
            with contextlib.suppress(CancelledError):
                await bot.pause(1)

    report = played(house, 3.0, stubborn, players=1, longer_s=20.0)
    assert report.summary()["counts"]["scenarios_without_end"] == 1


def test_crowd(house):
    report = played(house, 10.0, players=3, scenario="crowd", options={"radius": "0"})
    assert report.summary()["in_world_most"] == 3


def test_fight(house):
    """This server has no combat: every attack is refused, and that is told."""
    counts = played(house, 30.0, players=1, scenario="fight", options={"seconds": "1"}).summary()["counts"]
    assert counts["attacks_refused"] > 2 and "attacks_begun" not in counts


def test_a_hook_with_a_mistake(house):
    """What a scenario makes of an event cannot break the session."""

    async def deaf(bot):
        def heard(event):
            raise KeyError("what?")

        bot.heard = heard
        await bot.pause(60)

    report = played(house, 10.0, deaf, players=1)
    assert report.summary()["in_world_at_the_end"] == 1 and "what?" in report.faults[0]
