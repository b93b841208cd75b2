"""What a measurement leaves behind: percentiles, the measured process, the machine it ran on."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.budgets import judged

OUT = Path(__file__).parent / "out"
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
CLOCK_HZ = os.sysconf("SC_CLK_TCK")

broken: list[str] = []  # budgets that were not kept, of every measurement of this run


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all values do not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def rss_kib(pid: int) -> int:
    """Memory a process holds, shared pages included."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES // 1024


def peak_kib(pid: int) -> int:
    """The most memory it has held so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def cpu_s(pid: int) -> float:
    """User and system time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_HZ


def machine() -> dict[str, Any]:
    """What else was going on: cores and load."""
    return {"cores": os.cpu_count(), "load": [round(x, 2) for x in os.getloadavg()]}


def file(name: str) -> Path:
    """Where a measurement's figures are kept."""
    return OUT / f"{name.replace('-', '_')}.json"


def report(name: str, figures: dict[str, Any]) -> None:
    """Prints the figures, judges them, and keeps them in its file."""
    OUT.mkdir(exist_ok=True)
    words = judged(name, figures)
    figures = {**figures, "machine": machine(), "budgets": words}
    file(name).write_text(json.dumps(figures, indent=1) + "\n")
    print(f"== {name}")
    for key, value in figures.items():
        if key != "budgets":
            print(f"{key:>36}  {value if not isinstance(value, float) else round(value, 3)}")
    for key, judgement in words.items():
        print(f"{'budget of ' + key:>36}  {judgement}")
        if judgement.endswith("OVER"):
            broken.append(f"{name}: {key}: {judgement}")
