"""What bots are to do: names, shares, and what makes no sense."""

import pytest

from bluemarble.tools.bots.plan import BadPlan, Plan, character


@pytest.mark.parametrize(
    "given",
    [
        {"prefix": ""},
        {"prefix": "B0T"},
        {"prefix": "B" * 12},
        {"players": 0},
        {"first": -1},
        {"first": 99_990, "players": 11},
        {"seconds": 0.0},
        {"seconds": float("nan")},
        {"arrivals_per_second": 0.0},
        {"rate": -1.0},
        {"udp": 1.1},
        {"spread_yards": -1.0},
        {"spread_yards": float("inf")},
        {"place_by": ".go {w}"},
        {"place_by": ".go {"},
        {"processes": 0},
        {"players": 2, "processes": 3},
    ],
)
def test_bad(given):
    with pytest.raises(BadPlan):
        Plan(**given)


def test_names():
    """Each number has an account's and a character's name of its own that clients take."""
    assert Plan(prefix="load").account(42) == "LOAD00042"
    names = [character(number) for number in range(3000)]
    assert len(set(names)) == len(names)
    for name in names:
        assert name.isalpha() and name.istitle() and len(name) <= 12
        assert not any(a == b == c for a, b, c in zip(name, name[1:], name[2:], strict=False))


@pytest.mark.parametrize("processes", [1, 2, 3, 7])
def test_shared(processes):
    """Every bot is one process's, and asks for a link in whichever it is."""
    plan = Plan(first=5, players=7, processes=processes, udp=0.5, metrics="http://there", password="secret")
    shares = plan.shared()
    numbers = [number for share in shares for number in range(share.first, share.first + share.players)]
    assert numbers == list(range(5, 12))
    assert sum(share.arrivals_per_second for share in shares) == pytest.approx(plan.arrivals_per_second)
    assert all(share.by_udp(number) is plan.by_udp(number) for share in shares for number in numbers)
    assert [share.metrics for share in shares] == ["http://there", *[""] * (processes - 1)]


def test_udp_share():
    assert [Plan(udp=0.25).by_udp(number) for number in range(8)].count(True) == 2
    assert all(map(Plan(udp=1.0).by_udp, range(50))) and not any(map(Plan().by_udp, range(50)))


def test_written():
    """To a process and back; the password is in no report and in no traceback."""
    plan = Plan(password="hush", options={"radius": "5"})
    assert Plan.read(plan.written()) == plan
    assert "hush" not in str(plan.told()) + repr(plan)
