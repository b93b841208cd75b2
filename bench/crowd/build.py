"""Builds the crowd's C part into build/bench/, with the server's own sealing."""

import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from cffi import FFI

from cffi_build.build_native import FLAGS, LIBRARIES, LOOSER

HERE = Path(__file__).parent / "clients"
ROOT = Path(__file__).resolve().parents[2]
NATIVE = ROOT / "cffi_build"
MODULE = "_crowd"
BUILT = ROOT / "build" / "bench" / f"{MODULE}.abi3.so"


def inputs() -> list[Path]:
    """What the module is made of."""
    return [
        *sorted(HERE.glob("*.[ch]")),
        *sorted(NATIVE.glob("sealing*.c")),
        *sorted(NATIVE.rglob("*.h")),
        Path(__file__),
    ]


def build() -> Path:
    """
    The module's file, made anew when it is older than its sources.

    @raise cffi.VerificationError: the compiler does not take them.
    """
    if BUILT.exists() and all(path.stat().st_mtime <= BUILT.stat().st_mtime for path in inputs()):
        return BUILT
    builder = FFI()
    builder.cdef((HERE / "api.h").read_text())
    with tempfile.TemporaryDirectory() as scratch:
        for path in inputs():
            target = Path(scratch) / ("native" if path.is_relative_to(NATIVE) else "crowd")
            target /= path.relative_to(NATIVE if path.is_relative_to(NATIVE) else path.parent)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        builder.set_source(
            MODULE,
            '#include <stdint.h>\n#include "api.h"\n',
            sources=[str(path.relative_to(scratch)) for path in sorted(Path(scratch).rglob("*.c"))],
            include_dirs=["crowd", "native"],
            libraries=LIBRARIES,
            extra_compile_args=[*FLAGS, *LOOSER],
        )
        made = builder.compile(tmpdir=scratch)
        BUILT.parent.mkdir(parents=True, exist_ok=True)
        draft = BUILT.with_suffix(f".{os.getpid()}")  # tests in several processes may build it at once
        shutil.copyfile(made, draft)
        draft.replace(BUILT)
    return BUILT


def load() -> ModuleType:
    """The module, with `ffi` and `lib`."""
    if MODULE in sys.modules:
        return sys.modules[MODULE]
    spec = importlib.util.spec_from_file_location(MODULE, build())
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[MODULE] = module
    return module
