"""What a server says of its ticks: its metrics port, read while bots play."""

import http.client
import time
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from bluemarble.tools.bots.report import Sample

TIMEOUT_S = 2.0
ANSWER_LIMIT = 1 << 20  # bytes


class NoMetrics(Exception):
    """The server does not tell; the message says why."""


def scrape(url: str) -> Sample:
    """
    How the server is now.

    @raise NoMetrics: nothing answers there, or something else than a server of ours.
    """
    if not url.startswith(("http://", "https://")):
        raise NoMetrics(f"{url}: no http:// address")
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
            text = answer.read(ANSWER_LIMIT).decode()
        return read(text, time.time())
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        raise NoMetrics(f"{url}: {type(error).__name__}: {error}") from None


def read(text: str, at_s: float) -> Sample:
    """
    The sample in a page of metrics.

    @raise ValueError, KeyError: there is none.
    """
    values: dict[str, float] = {}
    ticks: dict[str, int] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == "bluemarble_tick_seconds_bucket":
                ticks[sample.labels["le"]] = int(sample.value)
            elif not sample.labels:
                values[sample.name] = sample.value
    return Sample(
        at_s,
        int(values["bluemarble_players"]),
        int(values["bluemarble_strain"]),
        int(values["bluemarble_late_ticks_total"]),
        ticks,
    )
