"""Databases that simulations begin from, made once."""

import pytest

from bluemarble.tools.simulator.server import make_template


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("template")
    make_template(folder)
    return folder
