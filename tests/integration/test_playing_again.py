"""A capture's clients played on a server: `bluemarble capture play` without its sockets."""

import random

import pytest
from click.testing import CliRunner
from twisted.internet.defer import ensureDeferred
from twisted.python.failure import Failure

from bluemarble.servers.hiding import hidden
from bluemarble.servers.tcp import WorldFactory
from bluemarble.tools.bots.peopling import make_accounts
from bluemarble.tools.bots.plan import Plan
from bluemarble.tools.capturing import staging
from bluemarble.tools.capturing.playing import Login, Performance, Staging
from bluemarble.tools.capturing.roles import CannotPlay, roles_of
from bluemarble.tools.console import main
from bluemarble.wire.codec import codec
from opcodes.query import SMSG_NAME_QUERY_RESPONSE
from tests.integration.cables import Net
from tests.integration.house import VERSION
from tests.integration.talkers import talk

PASSWORD = "SECRET"


@pytest.fixture
def recorded(house, tmp_path):
    return talk(house, tmp_path)


def perform(house, packets, tamper=None, sessions=(), **options):
    """What became of each part."""
    roles = roles_of(packets, sessions)
    stage = Staging("127.0.0.1", **options)
    plan = Plan(prefix="PLAY", players=len(roles) * stage.copies, password=PASSWORD)
    make_accounts(house.config, plan)
    logins = [Login(plan.account(n), PASSWORD, plan.character(n)) for n in range(plan.players)]
    net = Net(house)
    net.doors[8085] = WorldFactory(house.gateway, VERSION)
    found = []
    performance = Performance(net, roles, logins, stage, random.Random(4).randbytes)
    ensureDeferred(performance.run()).addBoth(found.append)
    if tamper is not None:
        tamper(house, net)
    net.until(lambda: found, 60.0)
    if isinstance(found[0], Failure):
        found[0].raiseException()
    return found[0]


def test_the_same_again(house, recorded):
    """Others play it, under other names and guids: the answers are the same."""
    ada, bob = perform(house, recorded)
    assert [it.account for it in (ada, bob)] == ["PLAY00000", "PLAY00001"]
    assert ada.same, list(ada.lines())
    assert bob.same, list(bob.lines())
    assert (ada.sent, bob.sent) == (8, 1)
    assert ada.compared >= 2, "its own words, and the name that it asked for"
    assert ada.left_out["CMSG_PLAYER_LOGIN"] == 1
    assert ada.counts["SMSG_NAME_QUERY_RESPONSE"] == (1, 1)


def test_copies_and_speed(house, recorded):
    """Three of each, a little apart, in a third of the time; one session alone is a role, too."""
    begun = house.clock.seconds()
    outcomes = perform(house, recorded, copies=3, aside_yards=2.0, speed=3.0)
    assert len(outcomes) == 6 and {it.copy for it in outcomes} == {0, 1, 2}
    assert all(it.sent for it in outcomes) and not any(it.lost for it in outcomes)
    assert [it.different for it in outcomes] == [0] * 6, [line for it in outcomes for line in it.lines()]
    assert house.clock.seconds() - begun < 12
    assert not house.gateway.counts["move_too_fast"]
    [alone] = perform(house, recorded, sessions=[recorded[0].connection])
    assert alone.sent


def test_what_differs(house, recorded):
    """An answer of the recording that is another: its field is named; what is ignored is not."""
    changed = []
    for it in recorded:
        if VERSION.sent.get(it.opcode) is SMSG_NAME_QUERY_RESPONSE and not it.from_client:
            packet = codec(SMSG_NAME_QUERY_RESPONSE).decode(it.body)
            packet.race = 9
            it = it._replace(body=codec(SMSG_NAME_QUERY_RESPONSE).encode(packet))
        changed.append(it)
    ada = perform(house, changed)[0]
    assert ada.different == 1 and not ada.same
    [difference] = ada.differences
    assert (difference.name, difference.field) == ("SMSG_NAME_QUERY_RESPONSE", "race")
    assert (difference.recorded, difference.played) == (9, 1)
    assert any("SMSG_NAME_QUERY_RESPONSE[0].race: 9 recorded, 1 played" in line for line in ada.lines())
    assert ada.told()["differences"][0]["field"] == "race"
    assert all(it.same for it in perform(house, changed, ignored=("smsg_name_*",)))


def test_what_was_masked(house, recorded):
    """Where the capture has no words any are as recorded."""
    ada, bob = perform(house, [it if it.from_client else hidden(it, chat=True) for it in recorded])
    assert (ada.same, bob.same) == (True, True), [*ada.lines(), *bob.lines()]
    assert ada.compared >= 2


def test_the_port_of_the_servers_folder(tmp_path):
    (tmp_path / "bluemarble.toml").write_text("[auth]\nport = 4242\n")
    assert staging.port_of({"port": None, "directory": tmp_path}) == 4242
    assert staging.port_of({"port": 7, "directory": tmp_path}) == 7
    assert staging.port_of({"port": None, "directory": None}) == 3724
    (tmp_path / "odd.pkt").write_bytes(b"")
    done = CliRunner().invoke(
        main, ["capture", "play", str(tmp_path / "odd.pkt"), "HOST", "--dir", str(tmp_path / "no")]
    )
    assert (done.exit_code, "bluemarble.toml: no such file" in done.output) == (2, True), done.output


def test_a_missing_answer(house, recorded):
    names = [VERSION.names[it.opcode] for it in recorded]
    at = names.index("SMSG_NAME_QUERY_RESPONSE")
    ada = perform(house, recorded[:at] + recorded[at + 1 :])[0]
    [difference] = ada.differences
    assert difference.recorded is None and difference.field == ""


def test_cut_off(house, recorded):
    """The server hangs up in the middle: that is told, and it ends."""

    def tamper(house, net):
        net.until(lambda: len(house.gateway.present) == 2, 20.0)
        net.run(0.5)
        for session in list(house.gateway.sessions.values()):
            session.cut("a test")

    outcomes = perform(house, recorded, tamper)
    assert all(it.lost and not it.same for it in outcomes)
    assert any("the connection ended" in line for line in outcomes[0].lines())


def test_what_cannot_be_played(house, recorded):
    with pytest.raises(CannotPlay, match="no client"):
        roles_of([])
    with pytest.raises(CannotPlay, match="no client"):
        roles_of([it._replace(build=5875) for it in recorded])
    with pytest.raises(CannotPlay, match="2 accounts are needed"):
        Performance(Net(house), roles_of(recorded), [Login("A", "b")], Staging("127.0.0.1"))
    net, found = Net(house), []
    nobody = [Login("NOBODY", "x"), Login("NEITHER", "x")]
    performance = Performance(net, roles_of(recorded), nobody, Staging("127.0.0.1"))
    ensureDeferred(performance.run()).addBoth(found.append)
    net.until(lambda: found)
    assert found[0].check(CannotPlay) and "NOBODY does not come" in found[0].getErrorMessage()
