"""
The measuring programs that this design comes from, on the same machine on the same day.

    python -m bench.crowd.prototype FOLDER

FOLDER has udpbench.c and tick10k.c (they are no part of this repository).  What they print is printed, and
kept in bench/out/crowd_prototype.txt.
"""

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import OUT

COMPILE = "gcc -O3 -march=native -Wno-unused-function -o {out} {source} -lcrypto -lm -lpthread"
PROGRAMS = {  # a title: the source, its arguments, its environment
    "kernel, sending": ("udpbench.c", "batch256", {"PMTU": "1", "REPS": "9"}),
    "kernel, receiving": ("udpbench.c", "recv", {"REPS": "9"}),
    "a tick, 10 000 uniform, 20 Hz both ways": ("tick10k.c", "200 2 0 10000", {}),
    "a tick, 10 000 in towns, 20 Hz both ways": ("tick10k.c", "200 2 1 10000", {}),
    "a tick, 10 000 uniform, 20 Hz both ways, acknowledged deltas": ("tick10k.c", "200 3 0 10000", {}),
    "a tick, 10 000 uniform, 10 Hz both ways": ("tick10k_half.c", "200 2 0 10000", {"HALFIN": "1"}),
}


def run(folder: Path) -> str:
    """
    What all of them say.

    @raise subprocess.CalledProcessError: one does not compile, or fails.
    """
    said = [f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load {os.getloadavg()[0]:.2f}\n"]
    with tempfile.TemporaryDirectory(prefix="bm-prototype-") as scratch:
        for title, (source, arguments, settings) in PROGRAMS.items():
            program = Path(scratch) / Path(source).stem
            if not program.exists():
                subprocess.run(COMPILE.format(out=program, source=folder / source).split(), check=True)
            found = subprocess.run(
                [program, *arguments.split()],
                check=True,
                env={**os.environ, **settings},
                stdout=subprocess.PIPE,
                text=True,
            )
            said.append(f"-- {title}\n{found.stdout}")
            print(said[-1], flush=True)
    return "\n".join(said)


def main() -> None:
    """Runs them all."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    OUT.mkdir(exist_ok=True)
    (OUT / "crowd_prototype.txt").write_text(run(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
