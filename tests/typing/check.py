"""
mypy must refuse each line of wrong.py that says `# E`, and no other.

    python tests/typing/check.py
"""

import re
import sys
from pathlib import Path

from mypy import api

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def main():
    wrong = HERE / "wrong.py"
    said, errors, _ = api.run(["--config-file", str(ROOT / "pyproject.toml"), str(wrong)])
    if errors:
        sys.exit(errors)
    refused = {int(line) for line in re.findall(r"wrong\.py:(\d+): error", said)}
    marked = {n for n, line in enumerate(wrong.read_text().splitlines(), 1) if "# E" in line}
    for line in sorted(marked - refused):
        print(f"{wrong}:{line}: mypy should refuse this and does not")
    for line in sorted(refused - marked):
        print(f"{wrong}:{line}: mypy refuses this without being asked to\n{said}")
    sys.exit(1 if marked ^ refused else 0)


if __name__ == "__main__":
    main()
