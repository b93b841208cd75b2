"""
All measurements, one after another: `python -m bench [NAME ...]`; each leaves a file in bench/out.

Ends with 1 when a budget was not kept; the report says how loaded the machine was, for a busy one keeps none.
"""

import sys

from twisted.internet import task
from twisted.internet.defer import ensureDeferred

from bench import figures, flood, idle, logins, mixed, replay, spawns, tcp_crowd

ALL = {
    "logins": logins,
    "tcp-crowd": tcp_crowd,
    "idle": idle,
    "flood": flood,
    "spawns": spawns,
    "mixed": mixed,
    "replay": replay,
}


def main() -> None:
    """Runs those named, or all, each in its turn."""
    names = sys.argv[1:] or list(ALL)
    unknown = [name for name in names if name not in ALL]
    if unknown:
        sys.exit(f"no measurement {', '.join(unknown)}; there are {', '.join(ALL)}")

    async def everything(reactor: object) -> None:
        for name in names:
            await ALL[name].measure(reactor)
        if figures.broken:
            raise SystemExit("\n".join(["not kept:", *figures.broken]))

    task.react(lambda reactor: ensureDeferred(everything(reactor)))


if __name__ == "__main__":
    main()
