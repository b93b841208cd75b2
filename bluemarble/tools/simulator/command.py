"""`bluemarble simulate`: many seeds, or one, told of and made small when it fails."""

import json
from collections import Counter
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bluemarble.tools.simulator.campaign import Batch
    from bluemarble.tools.simulator.plan import Plan
    from bluemarble.tools.simulator.simulation import Outcome


def numbers(_: click.Context, __: click.Parameter, given: str | None) -> tuple[int, ...] | None:
    """`1,4,5` or `none`; None when not given."""
    if given is None or given == "none":
        return None if given is None else ()
    try:
        return tuple(int(number) for number in given.split(","))
    except ValueError:
        raise click.BadParameter("numbers with commas between them, or none") from None


def span(_: click.Context, __: click.Parameter, given: str) -> range:
    """`7` or `0-299`."""
    first, _dash, last = given.partition("-")
    try:
        return range(int(first), int(last or first) + 1)
    except ValueError:
        raise click.BadParameter("FIRST-LAST, or one number") from None


@click.command("simulate")
@click.option("--seeds", default="0-299", show_default=True, callback=span, help="FIRST-LAST.")
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(1, 256), help="Processes.")
@click.option("--seed", type=int, help="This one alone, with everything that happens in words.")
@click.option("--bots", callback=numbers, help="Of a seed's clients, these alone: 0,2 or none.")
@click.option("--faults", callback=numbers, help="Of its faults, these alone.")
@click.option("--seconds", type=click.FloatRange(0, 3600), help="Instead of the seed's own length.")
@click.option("--shrink/--no-shrink", default=True, show_default=True, help="Make the first failure small.")
@click.option("--json", "as_json", is_flag=True, help="The outcome as one JSON object.")
def simulation(
    seeds: range,
    jobs: int,
    seed: int | None,
    bots: tuple[int, ...] | None,
    faults: tuple[int, ...] | None,
    seconds: float | None,
    shrink: bool,
    as_json: bool,
) -> None:
    """
    Run whole servers and their clients on a clock and a network of our own, where everything goes wrong.

    Status 1 when an invariant did not hold; docs/simulator.md lists them.
    """
    from bluemarble.tools.simulator.campaign import Batch, many
    from bluemarble.tools.simulator.plan import plan_of

    if seed is not None:
        one(plan_of(seed).reduced(bots, faults, seconds), shrink=shrink, as_json=as_json)
        return
    if (bots, faults, seconds) != (None, None, None):
        raise click.UsageError("--bots, --faults and --seconds are of one --seed")
    failed: list[Outcome] = []
    total = Batch(failed, Counter(), 0.0, 0.0)
    for part, done in many(seeds, jobs):
        failed += done.failed
        total.counts.update(done.counts)
        total = total._replace(seconds=total.seconds + done.seconds, cpu_s=total.cpu_s + done.cpu_s)
        if not as_json:
            for outcome in done.failed:
                told(outcome)
            click.echo(f"{part[-1] - seeds[0] + 1} of {len(seeds)} seeds, {len(failed)} failed", err=True)
    if as_json:
        click.echo(json.dumps(summary(seeds, total)))
    else:
        click.echo(
            f"{len(seeds)} seeds: {total.seconds:.0f} simulated seconds in {total.cpu_s:.1f} s of CPU time, "
            f"{len(seeds) / total.cpu_s:.1f} seeds a second for each process; "
            f"{sum(n for kind, n in total.counts.items() if kind.startswith('fault: '))} faults"
        )
    if failed:
        if shrink and not as_json:
            smaller(failed[0])
        raise SystemExit(1)


def one(plan: "Plan", *, shrink: bool, as_json: bool) -> None:
    """Run one plan, and tell everything."""
    from bluemarble.tools.simulator.campaign import template
    from bluemarble.tools.simulator.simulation import simulate

    with template() as folder:
        outcome = simulate(plan, folder, telling=not as_json)
    for line in outcome.lines:
        click.echo(line)
    if as_json:
        click.echo(json.dumps({**found(outcome), "digest": outcome.digest, "counts": outcome.counts}))
    else:
        told(outcome)
        click.echo(f"digest {outcome.digest}")
    if outcome.findings:
        if shrink and not as_json:
            smaller(outcome)
        raise SystemExit(1)


def told(outcome: "Outcome") -> None:
    """What was found, and how to see it again."""
    for finding in outcome.findings[:1]:
        click.echo(f"seed {outcome.plan.seed}: {finding}")
        click.echo(f"  again: {outcome.plan.command()}")


def smaller(outcome: "Outcome") -> None:
    """Find the least that still fails so, and tell it."""
    from bluemarble.tools.simulator.campaign import template
    from bluemarble.tools.simulator.shrinking import Shrinking
    from bluemarble.tools.simulator.simulation import simulate

    with template() as folder:
        shrinking = Shrinking(outcome, lambda plan: simulate(plan, folder))
        least = shrinking.shrink()
    click.echo(f"made smaller in {shrinking.runs} runs: {len(least.plan.bots)} clients, ", nl=False)
    click.echo(f"{len(least.plan.faults)} faults, {least.plan.seconds:g} s")
    for fault in least.plan.faults:
        click.echo(f"  after {fault.at_s:g} s: {fault}")
    told(least)


def found(outcome: "Outcome") -> dict[str, object]:
    """An outcome for programs."""
    return {
        "seed": outcome.plan.seed,
        "command": outcome.plan.command(),
        "findings": [finding._asdict() for finding in outcome.findings],
    }


def summary(seeds: range, total: "Batch") -> dict[str, object]:
    """Many for programs."""
    return {
        "seeds": [seeds[0], seeds[-1]],
        "failed": [found(outcome) for outcome in total.failed],
        "counts": dict(sorted(total.counts.items())),
        "simulated_s": total.seconds,
        "cpu_s": total.cpu_s,
    }
