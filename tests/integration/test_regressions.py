"""Journals of mistakes that were made once: tests/journals/regressions, each a few inputs."""

import io

import pytest

from bluemarble.tools.replay import tape
from bluemarble.tools.replay.running import replay
from tests.journals.content import content
from tests.journals.record import REGRESSIONS

FILES = sorted(REGRESSIONS.iterdir())
INPUTS_LIMIT, BYTES_LIMIT = 20, 10_000


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_was_wrong_once(file):
    """Nothing raises, and what comes of it is what came of it when it had been mended."""
    data = file.read_bytes()
    result = replay(io.BytesIO(data), content())
    assert (result.faults, result.cut) == (0, False)
    assert result.chained == result.ticks
    assert result.compared > 0
    told = tape.load(io.BytesIO(data))
    assert len(told.atoms) <= INPUTS_LIMIT, f"{file.name}: bluemarble replay shrink makes it smaller"
    assert len(data) <= BYTES_LIMIT


def test_there_are_some():
    assert {it.name for it in FILES} >= {"busy_after_away.bmj", "wave_by_text.bmj"}
