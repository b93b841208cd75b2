"""Who may import whom.  This table is the architecture; change it here first."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PURE = {
    "opcodes",
    "bluemarble.rows",
    "bluemarble.native",
    "bluemarble.ops",
    "bluemarble.terrain",
    "bluemarble.wire",
    "bluemarble.sim",
    "bluemarble.scripts",
    "bluemarble.client",
}
# Modules of a pure layer that do its I/O; the rest of the layer may not import them.
DRIVERS = {"bluemarble.client.sockets", "bluemarble.client.endpoints", "bluemarble.client.keyfile"}
MAY = {
    "opcodes": set(),
    "bluemarble.settings": set(),
    "bluemarble.config": {"bluemarble.settings"},
    "bluemarble.rows": set(),
    "bluemarble.native": set(),
    "bluemarble.ops": set(),
    "bluemarble.terrain": {"bluemarble.native"},
    "bluemarble.wire": {"opcodes", "bluemarble.native"},
    "bluemarble.sim": {"opcodes", "bluemarble.rows", "bluemarble.native", "bluemarble.terrain"},
    "bluemarble.scripts": {"bluemarble.sim", "opcodes"},
    "bluemarble.db": {"bluemarble.rows"},
    "bluemarble.cluster": {"bluemarble.wire", "opcodes"},
    "bluemarble.client": {"bluemarble.wire", "opcodes"},
}
MAY["bluemarble.servers"] = set(MAY)
MAY["bluemarble.tools"] = set(MAY)
IMPURE = set(
    "twisted zope time datetime os socket select selectors threading multiprocessing concurrent asyncio "
    "subprocess random secrets uuid logging sqlite3 sqlalchemy MySQLdb tempfile shutil locale pickle".split()
)


def layer(module):
    """The row of the table a module belongs to; None for what is not ours."""
    parts = module.split(".")
    if parts[0] not in ("opcodes", "bluemarble"):
        return None
    return ".".join(parts[:2]) if parts[0] == "bluemarble" else "opcodes"


def imports(path):
    """(module, line) of every import, wherever it stands in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((a.name, node.lineno) for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            for name in node.names:  # `from bluemarble import sim` imports bluemarble.sim
                inner = f"{node.module}.{name.name}"
                whole = node.module == "bluemarble" or inner in DRIVERS
                yield inner if whole else node.module, node.lineno


FILES = [p for top in ("opcodes", "bluemarble") for p in sorted((ROOT / top).rglob("*.py"))]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_layer(path):
    """A module imports only layers its own may see, and pure layers do no I/O."""
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    mine = layer(module)
    if mine == "bluemarble":  # the package itself: a docstring
        assert not list(imports(path))
        return
    assert mine in MAY, f"{path.relative_to(ROOT)}: {mine} is not in the table"
    for name, line in imports(path):
        theirs = layer(name)
        where = f"{path.relative_to(ROOT)}:{line}"
        if theirs:
            assert theirs == mine or theirs in MAY[mine], f"{where}: {mine} may not import {theirs}"
            assert theirs != mine or module in DRIVERS or name not in DRIVERS, f"{where}: {name} does I/O"
        if mine in PURE and module not in DRIVERS:
            assert name.split(".")[0] not in IMPURE, f"{where}: {mine} is pure; {name} is not"


def test_simulation_is_no_function_of_the_hash_seed():
    """The pure simulation orders by keys, never by id() or hash()."""
    for path in sorted((ROOT / "bluemarble" / "sim").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Name):  # called, or handed to map() or sorted()
                assert node.id not in ("id", "hash", "open", "input", "print"), (
                    f"{path.relative_to(ROOT)}:{node.lineno}: {node.id}"
                )
