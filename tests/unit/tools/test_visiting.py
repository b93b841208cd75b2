"""`bluemarble visit`, at the toy inn."""

import pytest
from click.testing import CliRunner

from bluemarble.client import events
from bluemarble.client.refusal import Refused
from bluemarble.tools import visiting
from bluemarble.tools.console import main
from bluemarble.tools.visiting import visit
from opcodes.datagram import CLOSE_SILENT, REFUSED_OFF
from tests.unit.client.inn import Inn, Walker, circling, standing
from tests.unit.client.street import Street

FOLK = (
    *(Walker(20 + i, f"Folk{i}", standing(i + 1.0, 0.0)) for i in range(6)),
    Walker(30, "", circling(40.0, 0.0, 5.0)),
)


def test_visit():
    """Who is there, nearest first, and how the link does, each second."""
    inn = Inn(aside=FOLK)
    lines = list(visit("127.0.0.1", "ada", "secret", "", 3, network=Street(inn)))
    assert lines[0] == "In the world: map 0, 0.0 0.0 0.0"
    assert lines[1] == "The link is up, by UDP"
    assert [line[:5] for line in lines[2:]] == ["  1 s", "  2 s", "  3 s"]
    assert "yd and 2 more; RTT" in lines[-1] and "loss 0.0 %" in lines[-1]
    assert "sees Folk5 1 yd, Folk4 2 yd" in lines[2]


def test_visit_without_a_link():
    lines = list(visit("127.0.0.1", "ada", "secret", "Eva", 1, network=Street(Inn(refusals=[REFUSED_OFF]))))
    assert lines[1:] == ["The server gives no link: switched off", "  1 s  at 0.0 0.0; sees nobody; no link"]


def test_why_a_link_ended():
    """In words, also for a reason that we have none for."""
    assert visiting.told_of(events.Unlinked(CLOSE_SILENT)) == "The link is closed: silent"
    assert visiting.told_of(events.Unlinked(99)) == "The link is closed: another reason"


def test_visit_through_tcp():
    lines = list(visit("127.0.0.1", "ada", "secret", "", 1, udp=False, network=Street(Inn())))
    assert lines[1] == "The link is up, through TCP"
    assert "sees nobody" in lines[2]


def test_visit_with_a_wrong_password():
    with pytest.raises(Refused, match="FAIL_UNKNOWN_ACCOUNT"):
        list(visit("127.0.0.1", "ada", "sesame", "", 1, network=Street(Inn())))


@pytest.mark.parametrize("words", [["--password", "secret"], []], ids=["flag", "environment"])
def test_command(monkeypatch, words):
    """The flags reach it; what a server refuses is a line, not a traceback."""
    given = []

    def visit(*args, **more):
        given.append((*args, more))
        yield "hello"
        raise Refused("logon", 4)

    monkeypatch.setattr(visiting, "visit", visit)
    monkeypatch.setenv("BLUEMARBLE_PASSWORD", "secret")
    found = CliRunner().invoke(
        main, ["visit", "there", "--account", "ada", "--seconds", "3", "--tcp", *words]
    )
    assert given == [("there", "ada", "secret", "", 3, {"port": 3724, "udp": False})]
    assert found.exit_code == 1
    assert found.output == "hello\nError: logon: FAIL_UNKNOWN_ACCOUNT\n"
