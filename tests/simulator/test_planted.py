"""Bugs planted into the server and the client: simulations find them, and a seed shows them again."""

import pytest
from twisted.internet.defer import inlineCallbacks

from bluemarble.db.writing import WriteBehind
from bluemarble.servers import performing
from bluemarble.servers.performing import Performer
from bluemarble.sim import saving
from bluemarble.sim.effects import Input, Save
from bluemarble.sim.sight import Sight
from bluemarble.tools.simulator.plan import plan_of
from bluemarble.tools.simulator.shrinking import Shrinking
from bluemarble.tools.simulator.simulation import simulate
from bluemarble.wire.datagram.events import COPIES, LOW, Incoming, Message
from opcodes.cluster import NMSG_SAVED

SEEDS = range(60)  # at most, until it is found


def first_found(template, seeds=SEEDS):
    for seed in seeds:
        outcome = simulate(plan_of(seed), template)
        if outcome.findings:
            return outcome
    raise AssertionError(f"not found by {seeds}")


def shown_again(outcome, template):
    """The same plan comes to the same end, to the byte."""
    again = simulate(outcome.plan, template)
    return (again.findings, again.digest) == (outcome.findings, outcome.digest)


def test_a_lost_acknowledgement_of_a_save(template, monkeypatch):
    """The database's answer is lost, and the server takes that for a yes."""

    @inlineCallbacks
    def put_away(self, batches):
        yield self.database.beside(lambda: None)
        self._wrote(batches)  # it was sent, so it will be there
        return True

    monkeypatch.setattr(WriteBehind, "_put_away", put_away)
    outcome = first_found(template)
    assert outcome.findings[0].name in ("saves are kept", "characters enter as they were saved")
    assert shown_again(outcome, template)
    shrinking = Shrinking(outcome, lambda plan: simulate(plan, template), limit=40)
    least = shrinking.shrink()
    assert least.findings[0].name == outcome.findings[0].name
    assert len(least.plan.bots) <= 2
    assert len(least.plan.faults) <= 2
    assert {fault.kind for fault in least.plan.faults} & {"away", "unsure", "hiccup", "stumble"}
    assert least.plan.command().startswith(f"bluemarble simulate --seed {outcome.plan.seed} ")
    monkeypatch.undo()
    assert not simulate(least.plan, template).findings


def test_a_save_that_is_told_too_soon(template, monkeypatch):
    """The player is told `Saved.` when the write is ordered."""

    def save(self, effect):
        self.gateway.saving.keep(effect.owner, effect.writes)
        if effect.session:
            self.gateway.inputs.append(Input(effect.session, NMSG_SAVED()))

    monkeypatch.setitem(performing.PERFORM, Save, save)
    outcome = first_found(template)
    assert outcome.findings[0].name == "saves are kept"
    assert shown_again(outcome, template)


def test_a_place_that_is_not_saved(template, monkeypatch):
    """Who leaves is written down where it came in."""
    monkeypatch.setattr(saving, "bring_up_to_date", lambda zone, player, at=None: None)
    outcome = first_found(template)
    assert outcome.findings[0].name == "saved where it is"
    assert shown_again(outcome, template)


def test_a_lost_acknowledgement_of_an_event(template, monkeypatch):
    """The server says an event again, as it must without an acknowledgement; the client takes it for new."""
    take = Incoming.take

    def careless(self, section):
        if section.id - self._next & LOW >= COPIES:
            return [Message(section.opcode, section.body)]
        return take(self, section)

    monkeypatch.setattr(Incoming, "take", careless)
    lossy = [seed for seed in SEEDS if plan_of(seed).over_udp and plan_of(seed).weather.loss]
    outcome = first_found(template, lossy)
    assert outcome.findings[0].name == "events once, in order"
    assert shown_again(outcome, template)


def test_a_packet_for_somebody_else(template, monkeypatch):
    """Everybody hears of everybody who moves or speaks, wherever they are."""

    def within(self, entity, radius_yards):
        return tuple(session for session in self.zone.players if session != entity.session)

    monkeypatch.setattr(Sight, "within", within)
    outcome = first_found(template)
    assert outcome.findings[0].name == "nobody sees what is not there"
    assert shown_again(outcome, template)


@pytest.mark.parametrize("times", [0, 2])
def test_a_packet_that_is_lost_or_doubled(template, monkeypatch, times):
    """Between the simulation and the wire, now and then."""
    send = Performer._send
    count = [0]

    def careless(self, to, packet):
        count[0] += 1
        for _ in range(times if count[0] % 50 == 0 else 1):
            send(self, to, packet)

    monkeypatch.setattr(Performer, "_send", careless)
    outcome = first_found(template)
    assert outcome.findings[0].name == "said once, in order"
