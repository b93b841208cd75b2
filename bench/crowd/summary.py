"""What one run says: the server's columns and counters, the crowd's counts, the kernel alone, as figures."""

from collections.abc import Mapping
from typing import Any

from bench.crowd.statistics import Tick, by_class, lateness, mean, percentile
from bench.figures import percentile as of_all

MS = 1e6  # ns
HEADERS_BYTES = 28  # IP and UDP, of each datagram
ABSOLUTE_BYTES, TICKS_PER_SECOND = 14, 20  # what all to all would take
COUNTED_PHASES = ("drain", "step", "follow", "feed")  # of the world's thread: interest, encoding, taking over


def summary(
    served: Mapping[str, Any],
    played: Mapping[str, Any],
    bare: Mapping[str, Any],
    players: int,
    seconds: float,
) -> dict[str, Any]:
    """
    The figures of one run.

    @param served: the server's answer to "read"; @param played: the crowd's.
    @param bare: ns of one datagram sent and received, `before` the run and `after` it.
    """
    return {
        **ticks_of(served, played, seconds),
        **kernel_of(served, bare, seconds),
        **staleness_of(played),
        **traffic_of(served, played, players, seconds),
        **memory_of(served, players),
        "checked": played["checked"],
        "mismatched": played["mismatched"],
        "mismatches": played["mismatches"],
        "crowd_cores": played["cpu_ns"] / 1e9 / seconds,
        "crowd_late_ms_p99": percentile(played["late_ms"], 0.99),
        "crowd_late_share": played["late_turns"] / (played["turns"] or 1),
    }


def ticks_of(served: Mapping[str, Any], played: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """How long the ticks took, and how late they were."""
    columns = served["ticks"]
    ticks = [
        Tick(due / MS, began / MS, ended / MS)
        for due, began, ended in zip(columns["due"], columns["began"], columns["ended"], strict=True)
    ]
    took = [tick.ended_ms - tick.began_ms for tick in ticks]
    late = lateness(ticks, played["buckets"], played["began_ns"] / MS)
    phases = [name for name in columns if name not in ("due", "began", "ended", "cpu")]
    python = [
        (cpu - sum(parts)) / MS
        for cpu, *parts in zip(columns["cpu"], *(columns[name] for name in phases), strict=True)
    ]
    return {
        "ticks": len(ticks),
        "ticks_per_second": len(ticks) / seconds,
        "strain_p50": of_all(served["levels"], 0.5),
        "strain_max": max(served["levels"], default=0),
        "late_share": late.late_share,
        "late_excused_share": late.excused_share,
        "late_began_share": late.began_late_share,
        "worst_late_ms": late.worst_ms,
        "tick_ms_p50": of_all(took, 0.5),
        "tick_ms_p99": of_all(took, 0.99),
        "tick_ms_max": max(took, default=0.0),
        "tick_cpu_ms_p50": of_all(columns["cpu"], 0.5) / MS,
        "python_ms_p50": of_all(python, 0.5),
        "python_ms_p99": of_all(python, 0.99),
        "phases_ms_p50": {name: of_all(columns[name], 0.5) / MS for name in phases},
        "phases_ms_p99": {name: of_all(columns[name], 0.99) / MS for name in phases},
    }


def kernel_of(served: Mapping[str, Any], bare: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """The server's CPU for I/O, AEAD, interest and encoding, against the kernel alone; in cores."""
    counters, columns = served["counters"], served["ticks"]
    send_ns, receive_ns = (sum(pair) / 2 for pair in zip(bare["before"], bare["after"], strict=True))
    bare_ns = counters["sent"] * send_ns + counters["received"] * receive_ns
    parts = {
        "kernel": counters["kernel_ns"],
        "aead": counters["aead_ns"],
        "links": counters["other_ns"],
        **{name: sum(columns[name]) for name in COUNTED_PHASES},
    }
    return {
        "kernel_ratio": sum(parts.values()) / bare_ns if bare_ns else None,
        "kernel_alone_ns": {
            "send": send_ns,
            "receive": receive_ns,
            "before": list(bare["before"]),
            "after": list(bare["after"]),
        },
        "kernel_alone_cores": bare_ns / 1e9 / seconds,
        "server_cores": served["cpu_ns"] / 1e9 / seconds,
        "parts_cores": {name: ns / 1e9 / seconds for name, ns in parts.items()},
    }


def staleness_of(played: Mapping[str, Any]) -> dict[str, Any]:
    """How old what the players knew of moving entities was, by true distance."""
    near_by = played["near_by"]
    return {
        "staleness_ms_p99": by_class(played["ages"], 0.99, 50.0),
        "staleness_ms_p50": by_class(played["ages"], 0.5, 50.0),
        "staleness_ms_p999": by_class(played["ages"], 0.999, 50.0),
        "staleness_by_clock_ms_p99": by_class(played["ages_ms"], 0.99, 4.0),
        "staleness_samples": {
            name: sum(played["ages"][i * 64 : i * 64 + 64])
            for i, name in enumerate(("10", "50", "100", "far"))
        },
        "unseen_share": {
            name: missing / all_ if all_ else None
            for name, missing, all_ in zip(("10", "50", "100", "far"), played["unseen"], near_by, strict=True)
        },
        "delay_ms_p50": percentile(played["delay_ms"], 0.5),
        "delay_ms_p99": percentile(played["delay_ms"], 0.99),
        "rtt_ms_p50": percentile(played["rtt_ms"], 0.5),
        "rtt_ms_p99": percentile(played["rtt_ms"], 0.99),
    }


def traffic_of(
    served: Mapping[str, Any], played: Mapping[str, Any], players: int, seconds: float
) -> dict[str, Any]:
    """Datagrams, bytes, updates and losses."""
    counters = served["counters"]
    words = played["near_words"] + played["far_words"] + played["deltas"]
    wire = played["received_bytes"] + HEADERS_BYTES * played["received"]
    wire += played["sent_bytes"] + HEADERS_BYTES * played["sent"]
    absolute = ABSOLUTE_BYTES * TICKS_PER_SECOND * players * players * seconds
    due = counters.get("due")
    return {
        "bytes_per_update": counters["fed_snapshot_bytes"] / due if due else None,
        "bytes_per_sent_update": played["snapshot_bytes"] / words if words else None,
        "updates_due_per_second_each": due / players / seconds if due else None,
        "updates_per_second_each": words / players / seconds,
        "datagrams_per_second_each": played["received"] / players / seconds,
        "inputs_per_second_each": played["sent"] / players / seconds,
        "bytes_down": mean(played["sizes_in"]),
        "bytes_up": mean(played["sizes_out"]),
        "mbit_per_second": wire * 8 / 1e6 / seconds,
        "cut_share": 1 - wire / absolute,
        "lost_down_share": played["lost"] / ((played["received"] + played["lost"]) or 1),
        "lost_up": played["lost_up"],
        "enters_per_second_each": played["enters"] / players / seconds,
        "crowd_counts": {
            name: played[name]
            for name in (
                "send_failed strangers forged malformed replayed old_words empty_words baseless gones "
                "components selves corrections events closes socket_drops"
            ).split()
        },
        "server_counts": dict(counters),
    }


def memory_of(served: Mapping[str, Any], players: int) -> dict[str, Any]:
    """The server's resident memory, with nobody in it and while all play."""
    kib = served["rss_kib"]
    return {
        "rss_kib_per_player": (kib["playing"] - kib["before"] - kib["characters"]) / players,
        "rss_kib_per_player_character": kib["characters"] / players,
        "rss_kib": dict(kib),
    }
