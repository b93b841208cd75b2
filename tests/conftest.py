"""What every test run shares: Hypothesis repeats itself unless it is asked to roam."""

import pytest
from hypothesis import HealthCheck, settings

from tests.mariadb import Server

settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("fuzz", max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("same")


@pytest.fixture(scope="session")
def mariadb():
    """A MariaDB server that lives as long as the run; each test names databases of its own."""
    with Server() as server:
        yield server
