"""Files and functions stay small, names say something, and what is left to do has an issue number."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES, FUNCTION_LINES, LINE_COLUMNS = 400, 60, 110
TOPS = ("bench", "bluemarble", "cffi_build", "docs", "opcodes", "tests", "twisted")
BANNED = {"manager", "engine", "processor", "helper", "helpers", "util", "utils", "common", "base", "misc"}
LEFT_TO_DO = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3]) + r")\b(?!\(#\d+\))")
C_FUNCTION = re.compile(r"^[a-z][^;={}]*\)\s*\{?$")


def sources():
    yield ROOT / "setup.py"
    for top in TOPS:
        for kind in ("*.py", "*.c", "*.h", "*.pyi"):
            yield from sorted(p for p in (ROOT / top).rglob(kind) if "_build" not in p.parts)


def functions(path):
    """(name, first line, lines) of each function."""
    text = path.read_text()
    if path.suffix in (".py", ".pyi"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name, node.lineno, node.end_lineno - node.lineno + 1
        return
    start, name = None, ""
    for number, line in enumerate(text.splitlines(), 1):
        if C_FUNCTION.match(line):
            start, name = number, line
        elif line == "}" and start:
            yield name, start, number - start + 1
            start = None


FILES = list(sources())


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_small(path):
    """A file is read in one sitting, a function on one screen."""
    where = path.relative_to(ROOT)
    text = path.read_text()
    lines = text.splitlines()
    assert len(lines) <= FILE_LINES, f"{where}: {len(lines)} lines, at most {FILE_LINES}"
    for number, line in enumerate(lines, 1):
        if path.suffix in (".c", ".h"):  # ruff watches the rest
            assert len(line) <= LINE_COLUMNS, f"{where}:{number}: {len(line)} columns"
        assert not LEFT_TO_DO.search(line), f"{where}:{number}: an issue number, or it is done now"
    for name, first, count in functions(path):
        assert count <= FUNCTION_LINES, f"{where}:{first}: {name} has {count} lines, at most {FUNCTION_LINES}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_named(path):
    """A module is a plain noun that means something."""
    words = {word for part in path.relative_to(ROOT).with_suffix("").parts for word in part.split("_")}
    assert not words & BANNED, f"{path.relative_to(ROOT)}: {words & BANNED}"
