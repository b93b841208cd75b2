"""
Builds `bluemarble.native._core`.  setup.py names `ffibuilder`; by hand, in place:

    python cffi_build/build_native.py
"""

import shutil
import sys
import tempfile
from pathlib import Path

from cffi import FFI

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MODULE = "bluemarble.native._core"
SOURCES = sorted(path.name for path in HERE.glob("*.c"))
HEADERS = sorted(str(path.relative_to(HERE)) for path in HERE.rglob("*.h"))
FACES = ["core.h", *(f"api/{path.name}" for path in sorted((HERE / "api").glob("*.h")))]  # read by cffi, too
LIBRARIES = ["crypto", "pthread", "m"]
# No contraction: a fused multiply-add rounds once where the twin rounds twice, and replays must agree.
FLAGS = ["-std=c11", "-O3", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off"]
# The sources as one: what they ask of each other for every packet costs no call.
WHOLE = ["-flto=auto", "-fvisibility=hidden"]
# Ours alone: cffi's own part of the file casts functions and leaves parameters unused.
LOOSER = ["-Wno-unused-parameter", "-Wno-missing-field-initializers", "-Wno-cast-function-type"]

ffibuilder = FFI()
for face in FACES:
    ffibuilder.cdef((HERE / face).read_text())
ffibuilder.set_source(
    MODULE,
    "#include <stdint.h>\n" + "".join(f'#include "{face}"\n' for face in FACES),
    sources=[f"cffi_build/{name}" for name in SOURCES],
    depends=[f"cffi_build/{name}" for name in [*SOURCES, *HEADERS]],
    include_dirs=[str(HERE)],
    libraries=LIBRARIES,
    extra_compile_args=[*FLAGS, *WHOLE, *LOOSER],
    extra_link_args=["-O3", *WHOLE],
)


def build(root: Path = ROOT) -> Path:
    """
    Compile into the tree; CFLAGS and LDFLAGS are honoured.

    @return: the module's file, the only one of its kind afterwards.
    """
    native = root / "bluemarble" / "native"
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(HERE, Path(scratch) / "cffi_build", ignore=shutil.ignore_patterns("__pycache__"))
        made = Path(str(ffibuilder.compile(tmpdir=scratch)))
        for old in native.glob("_core.*.so"):
            old.unlink()
        target = native / "_core.abi3.so"  # the name setup.py gives it: never two, one of them stale
        shutil.copyfile(made, target)
    return target


if __name__ == "__main__":
    print(build(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT))
