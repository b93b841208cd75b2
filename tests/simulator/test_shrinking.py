"""Plans: from a seed, by the command line, and made smaller."""

from collections import Counter

from click.testing import CliRunner

from bluemarble.tools.console import main
from bluemarble.tools.simulator.ledger import Finding
from bluemarble.tools.simulator.plan import plan_of
from bluemarble.tools.simulator.shrinking import Shrinking
from bluemarble.tools.simulator.simulation import Outcome

SEED = next(seed for seed in range(1000) if len(plan_of(seed).faults) == 10 and len(plan_of(seed).bots) == 5)


def outcome(plan, found, at_s=7.5):
    findings = (Finding("it holds", at_s, "it does not"),) if found else ()
    return Outcome(plan, findings, "", Counter(), 1.0)


def test_a_seed_has_one_plan():
    assert plan_of(SEED) == plan_of(SEED)
    assert plan_of(SEED) != plan_of(SEED + 1)


def test_what_is_left_is_as_it_was():
    whole = plan_of(SEED)
    part = whole.reduced(bots=(1, 3), faults=(0, 9), seconds=4.0)
    assert part.bots == (1, 3)
    assert part.faults == (whole.faults[0], whole.faults[9])
    assert part.settings == whole.settings
    assert part.command() == f"bluemarble simulate --seed {SEED} --bots 1,3 --faults 0,9 --seconds 4"
    assert whole.reduced(bots=(), faults=()).command().endswith("--bots none --faults none")
    assert whole.command() == f"bluemarble simulate --seed {SEED}"


def test_only_what_matters_is_left():
    """Two faults together, one bot, and four seconds at least."""

    def run(plan):
        numbers = {fault.number for fault in plan.faults}
        return outcome(plan, {3, 8} <= numbers and 2 in plan.bots and plan.seconds >= 4)

    shrinking = Shrinking(run(plan_of(SEED)), run)
    least = shrinking.shrink().plan
    assert [fault.number for fault in least.faults] == [3, 8]
    assert (least.bots, least.seconds) == ((2,), 4.0)
    assert shrinking.runs <= 80


def test_another_failure_is_not_a_smaller_one():
    """A plan that fails otherwise is of no use."""

    def run(plan):
        name = "it holds" if len(plan.faults) > 4 else "something else"
        return outcome(plan, True)._replace(findings=(Finding(name, 1.0, ""),))

    assert len(Shrinking(run(plan_of(SEED)), run).shrink().plan.faults) == 5


def test_it_ends():
    """After so many runs with whatever there is."""
    shrinking = Shrinking(outcome(plan_of(SEED), True), lambda plan: outcome(plan, 9 in plan.bots), 7)
    shrinking.shrink()
    assert shrinking.runs == 7


def test_the_command():
    """One seed, in words; its digest is the same each time."""
    words = ["simulate", "--seed", "4", "--faults", "none", "--seconds", "2"]
    first, second = CliRunner().invoke(main, words), CliRunner().invoke(main, words)
    assert first.exit_code == 0, first.output
    assert first.output == second.output
    assert first.output.splitlines()[-1].startswith("digest ")
    assert "born" in first.output


def test_the_command_refuses_what_it_cannot_do():
    assert CliRunner().invoke(main, ["simulate", "--seeds", "x"]).exit_code == 2
    assert CliRunner().invoke(main, ["simulate", "--faults", "1"]).exit_code == 2
    assert CliRunner().invoke(main, ["simulate", "--seed", "1", "--bots", "a"]).exit_code == 2
