"""What the figures may be, by measurement and figure; a figure within another is named with a dot."""

from typing import Any

AT_MOST, AT_LEAST = "at most", "at least"

BUDGETS: dict[str, dict[str, tuple[str, float]]] = {
    "logins": {
        "login_cpu_beyond_sql_ms": (AT_MOST, 1.0),
        "full_logins_per_second": (AT_LEAST, 100.0),
        "full_login_statements": (AT_MOST, 10.0),
    },
    "tcp-crowd": {
        "relays_per_second": (AT_LEAST, 1_200_000.0),
        "relays_missing": (AT_MOST, 0.0),
        "tick_ms.p99": (AT_MOST, 50.0),
        "relay_ms_p99": (AT_MOST, 100.0),
    },
    "idle": {
        "empty_server_core_percent": (AT_MOST, 2.0),
        "screen_kib_each": (AT_MOST, 40.0),
        "world_kib_each": (AT_MOST, 40.0),
    },
    "flood": {
        "accepted": (AT_MOST, 0.0),
        "answers": (AT_MOST, 0.0),
        "allocations": (AT_MOST, 0.0),
        "forged.beyond_kernel_ns": (AT_MOST, 1000.0),
        "flipped.beyond_kernel_ns": (AT_MOST, 1000.0),
        "replayed.beyond_kernel_ns": (AT_MOST, 1000.0),
    },
    "mixed": {
        "tick_ms.p99": (AT_MOST, 50.0),
        "staleness_ms_p99.10": (AT_MOST, 60.0),
        "staleness_ms_p99.50": (AT_MOST, 120.0),
        "staleness_ms_p99.100": (AT_MOST, 240.0),
        "mismatched": (AT_MOST, 0.0),
    },
    "journal": {
        "ticks_not_compared": (AT_MOST, 0.0),
        "times_real_time": (AT_LEAST, 20.0),
        "cost_percent": (AT_MOST, 5.0),
        "longest_cut_ms": (AT_MOST, 1000.0),
        "frozen.fork_ms": (AT_MOST, 25.0),
        "frozen.step_ms_meanwhile.longest": (AT_MOST, 50.0),
    },
    "replay": {
        "different": (AT_MOST, 0.0),
        "faults": (AT_MOST, 0.0),
        "times_real_time": (AT_LEAST, 20.0),
        "digest_ms.p50": (AT_MOST, 5.0),
    },
    "spawns": {
        "start_s": (AT_MOST, 10.0),
        "started_mib": (AT_MOST, 400.0),
        "flying_mib": (AT_MOST, 400.0),
        "tick_ms.longest": (AT_MOST, 50.0),
    },
}


def judged(name: str, figures: dict[str, Any]) -> dict[str, str]:
    """Each budget of a measurement in words, with what was measured; those that are broken end in OVER."""
    words = {}
    for key, (kind, limit) in BUDGETS.get(name, {}).items():
        value: Any = figures
        for part in key.split("."):
            value = value[part]
        kept = value <= limit if kind == AT_MOST else value >= limit
        words[key] = f"{value:.4g}, {kind} {limit:.6g}" + ("" if kept else "  OVER")
    return words
