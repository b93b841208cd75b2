"""Whole servers for tests: their databases are made once and copied."""

import pytest

from tests.integration.house import House, make_databases


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A folder with the three databases of a new world."""
    folder = tmp_path_factory.mktemp("template")
    make_databases(folder)
    return folder


@pytest.fixture
def house(tmp_path, template):
    """A server, stopped as an operator would at the end."""
    house = House(tmp_path, template)
    yield house
    house.stop()


@pytest.fixture
def build_house(tmp_path, template):
    """As `house`, with settings of the test's own."""
    houses = []

    def build(**settings):
        houses.append(House(tmp_path, None if houses else template, **settings))
        return houses[-1]

    yield build
    for house in houses:
        house.stop()
