"""What `bluemarble bots` does once its options are known."""

import dataclasses
import json
import pathlib
import secrets
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click

from bluemarble.config import FILE, load
from bluemarble.tools.bots import processes
from bluemarble.tools.bots.figures import Row
from bluemarble.tools.bots.page import page
from bluemarble.tools.bots.peopling import make_accounts, spread
from bluemarble.tools.bots.plan import BadPlan, Plan
from bluemarble.tools.bots.report import BadReport, Report, merged
from bluemarble.tools.bots.scraping import NoMetrics
from bluemarble.tools.terminal import plainly

DIRECTORY = pathlib.Path("world")
LETTERS, PASSWORD_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 16


def play(
    given: dict[str, Any],
    options: Iterable[str],
    begin: str,
    directory: pathlib.Path | None,
    files: tuple[str, str],
) -> int:
    """
    Make accounts if the server's directory is at hand, play, and tell; the exit status.

    @param given: of the plan; @param options: NAME=VALUE; @param begin: when, "" for now.
    @param directory: of the server; None: ./world when there is no password.
    @param files: for JSON and HTML; "": none.
    @raise click.ClickException: it cannot be done as it was asked for.
    """
    try:
        plan = Plan(
            **{**known(directory), **{name: value for name, value in given.items() if value is not None}},
            options=dict(_pair(option) for option in options),
            begin_s=_unix_time(begin),
        )
        plan = _prepared(plan, directory)
        click.echo(f"{plan.players} bots, {plan.scenario}, to {plan.host}:{plan.port}", err=True)
        progress = _Progress()
        with _ended_by_sigterm():
            report = processes.play(plan, progress.told)
    except (BadPlan, NoMetrics, processes.Failed) as error:
        raise click.ClickException(str(error)) from None
    return tell(report, files)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """As by Ctrl-C: the processes of the bots end with this one."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def tell(report: Report, files: tuple[str, str]) -> int:
    """Print it, write it; 1 when no bot came into the world, or the scenario is broken."""
    for line in report.lines():
        click.echo(plainly(line))
    to_json, to_html = files
    if to_html:
        pathlib.Path(to_html).write_text(page(report), encoding="utf-8")
    if to_json:
        pathlib.Path(to_json).write_text(json.dumps(report.told()) + "\n", encoding="utf-8")
    return int(bool(report.faults) or not report.summary()["in_world_most"])


def merge(names: Iterable[str], files: tuple[str, str]) -> int:
    """Several machines' reports as one; the exit status."""
    reports = []
    for name in names:
        try:
            reports.append(Report.read(pathlib.Path(name).read_bytes()))
        except BadReport as error:
            raise click.ClickException(plainly(f"{name}: {error}")) from None
    try:
        return tell(merged(reports), files)
    except BadReport as error:
        raise click.ClickException(str(error)) from None


def _prepared(plan: Plan, directory: pathlib.Path | None) -> Plan:
    """The plan with a password, and its accounts in the databases of the server's directory."""
    if directory is None and not plan.password:
        directory = DIRECTORY
    if directory is None:
        if plan.spread_yards and not plan.place_by:
            raise BadPlan("--spread needs the server's databases (--dir) or a command (--place-by)")
        return plan
    file = directory / FILE
    if not file.exists():
        raise BadPlan(f"no {file}: give the server's --dir, or the --password of accounts that are there")
    password = "".join(secrets.choice(LETTERS) for _ in range(PASSWORD_LETTERS))
    plan = dataclasses.replace(plan, password=plan.password or password)
    config = load(file)
    ids = make_accounts(config, plan)
    if plan.spread_yards and not plan.place_by:
        spread(config, plan, ids)
    return plan


def known(directory: pathlib.Path | None) -> dict[str, Any]:
    """What the server's directory knows of a plan: its ports."""
    file = (directory or DIRECTORY) / FILE
    if not file.exists():
        return {}
    config = load(file)
    metrics = config.metrics
    address = metrics.addresses[0] if metrics.addresses else "127.0.0.1"
    url = f"http://{f'[{address}]' if ':' in address else address}:{metrics.port}/metrics"
    return {"port": config.auth.port, **({"metrics": url} if metrics.port else {})}


def _pair(option: str) -> tuple[str, str]:
    name, equals, value = option.partition("=")
    if not (name and equals):
        raise BadPlan(f"--set {option}: NAME=VALUE is wanted")
    return name, value


def _unix_time(begin: str) -> float:
    """ISO 8601, of this machine's zone when it names none; "" is 0."""
    if not begin:
        return 0.0
    try:
        return datetime.fromisoformat(begin).timestamp()
    except ValueError as error:
        raise BadPlan(f"--begin {begin}: {error}") from None


class _Progress:
    """A line for each row."""

    def __init__(self) -> None:
        self._passed_s = 0.0

    def told(self, row: Row) -> None:
        """What has happened meanwhile."""
        self._passed_s += row.seconds
        shown = [f"{row.now['in_world']} in the world", f"{row.a_second('steps_sent'):.0f} steps/s"]
        for name in ("relay", "chat", "answer"):
            if name in row.delays:
                delays = row.delays[name]
                shown.append(f"{name} p50 {delays.at(0.5):.1f} p99 {delays.at(0.99):.1f} ms")
        failed = sum(
            count for name, count in row.counts.items() if name.startswith(("dropped", "not entered"))
        )
        shown += [f"{failed} dropped or refused"] if failed else []
        click.echo(f"{self._passed_s:6.0f} s  {', '.join(shown)}", err=True)
