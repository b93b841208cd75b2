"""A checkout like this one, but for one line: what a change that was not meant to do harm looks like."""

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NEEDED = "bluemarble", "opcodes", "tests/journals/content.py"
CONTENT = "tests.journals.content:content"


def checkout(folder, file="", line="", instead=""):
    """
    The sources, and the C module as it is built here; in `file` there is `instead` for `line`.

    @return: the folder.
    """
    for name in NEEDED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    if file:
        source = (folder / file).read_text()
        assert source.count(line) == 1, f"{file} has no line {line!r}, or several"
        (folder / file).write_text(source.replace(line, instead))
    return folder
