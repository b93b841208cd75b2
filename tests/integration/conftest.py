"""Whole servers for tests: their databases are made once and copied."""

import pytest

from tests.integration.house import House, make_databases
from tests.integration.quay import LINGER_S, Quay


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


@pytest.fixture
def quays(tmp_path, template):
    """Makes servers with UDP, and stops them in the end."""
    made = []

    def make(**settings):
        made.append(Quay(tmp_path, None if made else template, **settings))
        return made[-1]

    yield make
    for quay in made:
        quay.stop()
        quay.put_away()


@pytest.fixture
def quay(quays):
    return quays(rules={"linger_ms": LINGER_S * 1000})
