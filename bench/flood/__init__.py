"""
Somebody throws datagrams at the server that are none of its clients': what each costs, and that nothing comes
of it.

A program in C (flood.c) is both: a pump with its I/O threads, and who throws.  The honest ones, for
comparison, are inputs of its clients.  `python -m bench.flood COUNT` throws more of each kind.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from bench import figures

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PROGRAM = ROOT / "build" / "bench" / "flood"
NATIVE = ROOT / "cffi_build"
FLAGS = ["-std=c11", "-O3", "-Wall", "-Wextra", "-Werror", f"-I{NATIVE}", f"-I{ROOT / 'tests' / 'threads'}"]
PARTS = ("ring.c", "pump*.c", "link*.c", "sealing*.c")
COUNT, LINKS = 200_000, 10_000
HONEST = "honest"


async def measure(_: Any) -> None:
    """A fifth of a million of each kind."""
    figures.report("flood", thrown(COUNT))


def build() -> None:
    """Makes the program, of the C sources as they are."""
    sources = [HERE / "flood.c", *(path for part in PARTS for path in sorted(NATIVE.glob(part)))]
    PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    libraries = ["-lcrypto", "-lpthread"]
    subprocess.run(["gcc", *FLAGS, *map(str, sources), *libraries, "-o", str(PROGRAM)], check=True)


def thrown(count: int, links: int = LINKS, threads: int = 1) -> dict[str, Any]:
    """
    What became of so many of each kind, and all wrong ones together.

    @return: by kind, times in ns of an I/O thread's CPU for each datagram; and `accepted`, `answers` and
        `allocations` of those that are not honest.
    """
    build()
    arguments = [str(PROGRAM), str(count), str(links), str(threads)]
    out = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True).stdout
    kinds: dict[str, Any] = {}
    for line in out.splitlines():
        found = json.loads(line)
        found["beyond_kernel_ns"] = found["aead_ns"] + found["other_ns"]
        kinds[found.pop("kind")] = found
    wrong = [found for kind, found in kinds.items() if kind != HONEST]
    return {
        "links": links,
        "io_threads": threads,
        "accepted": sum(found["opened"] for found in wrong),
        "answers": sum(found["answers"] + found["sent"] for found in wrong),
        "allocations": sum(found["allocations"] for found in wrong),
        "unseen": sum(found["thrown"] - found["received"] - found["overflows"] for found in wrong),
        **kinds,
    }
