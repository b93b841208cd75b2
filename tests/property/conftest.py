"""Whole servers to attack: their databases are made once and copied."""

import contextlib

import pytest

from tests.integration.house import make_databases
from tests.property.attackers import fortress


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A folder with the three databases of a new world."""
    folder = tmp_path_factory.mktemp("template")
    make_databases(folder)
    return folder


@pytest.fixture(scope="module")
def castle(template):
    """A server that a whole module attacks, with BOB in its world, who must not notice."""
    with fortress(template) as house:
        house.witness = house.attacker("BOB")
        house.seconds(1)
        yield house
        house.seconds(70)
        house.judge()


@pytest.fixture
def build(template):
    """Makes a server with settings of the test's own; it is judged at the end."""
    with contextlib.ExitStack() as stack:
        houses = []

        def make(**settings):
            houses.append(stack.enter_context(fortress(template, **settings)))
            return houses[-1]

        yield make
        for house in houses:
            house.judge()
