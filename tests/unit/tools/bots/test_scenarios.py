"""Scenarios of one's own, and the files of paths."""

import pytest

from bluemarble.tools.bots.plan import BadPlan
from bluemarble.tools.bots.scenarios import _path, scenario


def test_a_file(tmp_path):
    file = tmp_path / "my.py"
    file.write_text("async def play(bot):\n    pass\n\nasync def dance(bot):\n    pass\n")
    assert scenario(str(file)).__name__ == "play"
    assert scenario(f"{file}:dance").__name__ == "dance"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def play(bot): pass", "async def play"),
        ("async def other(bot): pass", "async def play"),
        ("1 / 0", "ZeroDivisionError"),
        ("def (", "SyntaxError"),
        (None, "no such file"),
    ],
)
def test_no_scenario(tmp_path, text, why):
    file = tmp_path / "my.py"
    if text is not None:
        file.write_text(text)
    with pytest.raises(BadPlan, match=why):
        scenario(str(file))


def test_path(tmp_path):
    file = tmp_path / "way"
    file.write_text("# the bridge\n1,2\n\n3.5,-4,10  # rest\n")
    assert _path(str(file)) == [(1.0, 2.0, 0.0), (3.5, -4.0, 10.0)]


@pytest.mark.parametrize("text", ["", "# nothing", "1", "1,2,3,4", "1,x", "nan,1", "1,inf", "\xff"])
def test_no_path(tmp_path, text):
    file = tmp_path / "way"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadPlan):
        _path(str(file))
