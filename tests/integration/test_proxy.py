"""The capture proxy between our client and our server: `bluemarble capture proxy` without its sockets."""

import hashlib
import random

import pytest
from twisted.internet.defer import ensureDeferred
from twisted.python.failure import Failure

import opcodes
from bluemarble.client import events
from bluemarble.client.arrival import Wish
from bluemarble.client.endpoints import enter
from bluemarble.client.logon import HELLOS, LogonClient
from bluemarble.client.refusal import Refused
from bluemarble.db import accounts
from bluemarble.servers.capturing import CaptureFile
from bluemarble.servers.tcp import WorldFactory
from bluemarble.tools.capturing.proxy import KeyFile, Passwords, Proxy
from bluemarble.tools.packets.decoding import decoded
from bluemarble.wire import srp6
from bluemarble.wire.captures import formats
from bluemarble.wire.captures.record import US
from bluemarble.wire.codec import codec
from bluemarble.wire.logon import REALM_LIST, RECONNECT_CHALLENGE, RECONNECT_PROOF
from opcodes.chat import CHAT_MSG_SAY, CMSG_MESSAGECHAT
from opcodes.datagram import REFUSED_OFF
from opcodes.logon import CMD_REALM_LIST_Server
from tests.integration.cables import Net
from tests.integration.house import NOON, VERSION, done
from tests.unit.client.street import realm
from tests.unit.servers.logon_client import challenge

OURS, OUR_WORLD = 3999, 9000


def account(house, name, password):
    salt = srp6.draw_salt(random.Random(3).randbytes)
    known = srp6.verifier(name, password, salt)
    done(house.databases.auth.write(lambda conn: accounts.create_account(conn, name, salt, known)))


class Middle:
    """A house, a proxy before it, and who comes to it."""

    def __init__(self, house, folder, secrets, name="session.pcapng", **options):
        self.house, self.net = house, Net(house)
        for version, port in ((VERSION, 8085), (opcodes.version(5875), 8086)):
            self.net.doors[port] = WorldFactory(house.gateway, version)
        self.path = folder / name
        self.out = CaptureFile(self.path, NOON * US, **options)
        self.proxy = Proxy(
            self.net,
            secrets,
            "127.0.0.1",
            self.out,
            world_port=OUR_WORLD,
            wall_s=lambda: NOON + house.clock.seconds(),
            random=random.Random(7).randbytes,
        )
        self.proxy.listen(OURS)

    def enter(self, name, password, port=OURS):
        """A game, or why there is none."""
        self.heard, found = [], []
        ensureDeferred(
            enter(
                self.net,
                "127.0.0.1",
                name,
                password,
                Wish("Ada"),
                port=port,
                heard=self.heard.append,
                random=random.Random(9).randbytes,
            )
        ).addBoth(found.append)
        self.net.until(lambda: found)
        return found[0].value if isinstance(found[0], Failure) else found[0]

    def packets(self):
        with self.path.open("rb") as file:
            return [decoded(it) for it in formats.reader(file)]


@pytest.fixture
def middles(house, tmp_path):
    """Makes proxies before a house with an account; their files are closed in the end."""
    account(house, "ADA", "secret")
    made = []

    def make(secrets, *args, **options):
        made.append(Middle(house, tmp_path, secrets, *args, **options))
        return made[-1]

    yield make
    for middle in made:
        middle.proxy.stop()
        middle.out.close()


@pytest.fixture
def middle(middles):
    return middles(Passwords({"ada": "Secret", "nobody": "x"}))


def test_from_password_to_world(middle):
    """Log in, be in the world, speak and leave, all through the proxy; the file has both sides, in clear."""
    game = middle.enter("Ada", "SECRET")
    assert game.player.world.place
    [refused] = [it for it in middle.heard if isinstance(it, events.NotLinked)]
    assert refused.reason == REFUSED_OFF
    game.send(CMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=7, message="good evening"))
    middle.net.run(1.0)
    game.leave()
    middle.net.until(lambda: game.gone.called)
    middle.net.until(lambda: not middle.house.gateway.sessions)
    packets = middle.packets()
    names = [it.name for it in packets]
    assert not [it for it in packets if it.fault]
    assert names[:3] == ["SMSG_AUTH_CHALLENGE", "CMSG_AUTH_SESSION", "SMSG_AUTH_RESPONSE"]
    assert packets[1].packet.client_proof == bytes(20)
    assert {"CMSG_PLAYER_LOGIN", "SMSG_LOGIN_VERIFY_WORLD", "SMSG_UPDATE_OBJECT"} <= set(names)
    said = [it for it in packets if it.name == "CMSG_MESSAGECHAT"]
    assert [it.packet.message for it in said] == ["good evening"]
    assert [it.packet.message for it in packets if it.name == "SMSG_MESSAGECHAT"][-1] == "good evening"
    asked = names.index("CMSG_UDP_REQUEST")
    assert names[asked + 1] == "SMSG_UDP_REFUSED"
    assert packets[asked].captured.comment and packets[asked + 1].captured.comment
    times = [it.captured.time_us for it in packets]
    assert times == sorted(times) and times[0] >= NOON * US
    assert {it.captured.connection for it in packets} == {1}
    assert {it.captured.address for it in packets} == {"127.0.0.1"}
    assert middle.out.written == len(packets) and not middle.out.lost


def test_as_pkt_with_hidden_chat(middles):
    """The other format, and what is said unreadable."""
    middle = middles(Passwords({"ADA": "secret"}), "s.pkt", hide_chat=True)
    game = middle.enter("ADA", "secret")
    game.send(CMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=7, message="good evening"))
    middle.net.run(0.5)
    middle.out.close()
    said = [it.packet.message for it in middle.packets() if it.name == "CMSG_MESSAGECHAT"]
    assert said == ["xxxx xxxxxxx"]
    assert middle.out.lost["comment"] == 2


@pytest.mark.parametrize(("name", "password"), [("ADA", "wrong"), ("BOB", "secret"), ("NOBODY", "x")])
def test_who_is_refused(middle, name, password):
    """A wrong password, an account we do not know, and one that the server does not know."""
    error = middle.enter(name, password)
    assert isinstance(error, Refused) and error.step == "logon"
    assert not middle.packets()


def test_no_server(middle):
    """The auth server is away: the client is told so; then the world server is, and it is hung up on."""
    auth = middle.net.doors.pop(3724)
    assert isinstance(middle.enter("ADA", "secret"), Refused)
    middle.net.doors[3724] = auth
    del middle.net.doors[8085]
    assert not isinstance(middle.enter("ADA", "secret"), Refused)
    assert middle.proxy.counts["sessions cut"] == 2


def test_realms_again(middle):
    """A client that stays at the realm list asks every few seconds: the server is asked, too."""
    client = LogonClient("ada", "secret", random.Random(1).randbytes)
    line = Line(client)
    middle.net.connectTCP("127.0.0.1", OURS, line)
    middle.net.until(lambda: client.done)
    assert [it.address for it in client.realms] == [f"127.0.0.1:{OUR_WORLD}"]
    for _ in range(3):
        client.ask_realms()
        assert not client.done
        line.transport.write(client.outgoing())
        middle.net.until(lambda: client.done)
    assert [it.address for it in client.realms] == [f"127.0.0.1:{OUR_WORLD}"]
    line.transport.loseConnection()
    middle.net.run(0.1)
    assert not middle.net.plugs


def test_a_realm_that_is_nowhere(middle, monkeypatch):
    """It has no door, and stays as it is; the others have theirs."""
    listed = middle.proxy.through
    odd = realm(address="a..b:99999")
    monkeypatch.setattr(middle.proxy, "through", lambda realms, reached: listed([odd, *realms], reached))
    client = LogonClient("ada", "secret", random.Random(1).randbytes)
    middle.net.connectTCP("127.0.0.1", OURS, Line(client))
    middle.net.until(lambda: client.done)
    assert [it.address for it in client.realms] == ["a..b:99999", f"127.0.0.1:{OUR_WORLD}"]


def test_the_old_client_logs_in(middle):
    """1.12.1: its own layouts on both sides."""
    client = LogonClient("ada", "secret", random.Random(1).randbytes, HELLOS[5875])
    middle.net.connectTCP("127.0.0.1", OURS, Line(client))
    middle.net.until(lambda: client.done)
    assert [it.address for it in client.realms] == [f"127.0.0.1:{OUR_WORLD}"]


def test_by_session_key(house, middles, tmp_path):
    """Without a password: the login goes through, and the key is learnt meanwhile."""
    file = tmp_path / "keys"
    file.write_text("nonsense\nADA zz\nADA 00\n")
    middle = middles(KeyFile(file))
    client = LogonClient("ada", "secret", random.Random(1).randbytes)
    middle.net.connectTCP("127.0.0.1", OURS, Line(client))
    middle.net.until(lambda: client.done)
    assert [it.address for it in client.realms] == [f"127.0.0.1:{OUR_WORLD}"]
    assert not isinstance(middle.enter("ADA", "secret"), Refused)
    assert middle.proxy.counts["sessions cut"] == 1, "no key is known yet"
    learning = middle.proxy.keys_of

    def keys_of(name):
        key = house.knows(name).session_key
        with file.open("a") as out:
            out.write(f"{name.title()} {key.hex()}\n")
        return learning(name)

    middle.proxy.keys_of = keys_of
    game = middle.enter("ADA", "secret")
    middle.net.run(0.5)
    assert game.player.world.guid
    assert "SMSG_LOGIN_VERIFY_WORLD" in [it.name for it in middle.packets()]


def test_back_to_the_realm_list(middle):
    """A client that was in the world reconnects, proves the key that it has, and goes to a realm again."""
    first = LogonClient("ada", "secret", random.Random(1).randbytes)
    middle.net.connectTCP("127.0.0.1", OURS, Line(first))
    middle.net.until(lambda: first.done)
    line = Returning("ADA", first.session_key)
    middle.net.connectTCP("127.0.0.1", OURS, line)
    middle.net.until(lambda: line.realms is not None)
    assert line.realms == [f"127.0.0.1:{OUR_WORLD}"]
    assert not isinstance(middle.enter("ADA", "secret"), Refused), "its world server knows the session"


@pytest.mark.parametrize(("name", "key"), [("BOB", bytes(40)), ("NOBODY", bytes(40)), ("ADA", bytes(40))])
def test_back_without_a_key(middle, name, key):
    """Accounts that we do not know, one that has not logged in, and one with another key: all are refused."""
    if name == "ADA":
        first = LogonClient("ada", "secret", random.Random(1).randbytes)
        middle.net.connectTCP("127.0.0.1", OURS, Line(first))
        middle.net.until(lambda: first.done)
    line = Returning(name, key)
    middle.net.connectTCP("127.0.0.1", OURS, line)
    middle.net.until(lambda: line.refused is not None)
    assert line.refused
    assert line.realms is None


class Returning:
    """
    A bare client that reconnects, as factory and protocol.

    @ivar realms: their addresses, once it has them; @ivar refused: the code that it was sent away with.
    """

    def __init__(self, name, key):
        self.name, self.key = name, key
        self.realms = self.refused = None
        self._steps = iter((self.prove, self.ask, self.list))

    def buildProtocol(self, addr):
        return self

    def makeConnection(self, transport):
        self.transport = transport
        transport.write(challenge(self.name, RECONNECT_CHALLENGE))

    def dataReceived(self, data):
        next(self._steps)(data)

    def prove(self, data):
        if data[1]:
            self.refused = data[1]
            return
        theirs, ours = data[2:18], bytes(range(16))
        proof = hashlib.sha1(self.name.encode() + ours + theirs + self.key).digest()
        self.transport.write(bytes([RECONNECT_PROOF]) + ours + proof + bytes(21))

    def ask(self, data):
        if data[1]:
            self.refused = data[1]
            return
        self.transport.write(bytes([REALM_LIST]) + bytes(4))

    def list(self, data):
        said = codec(CMD_REALM_LIST_Server).decode(data[3:])
        self.realms = [realm.address for realm in said.realms]

    def connectionLost(self, reason):
        self.refused = self.refused or "hung up on"


class Line:
    """A bare client, as factory and protocol."""

    def __init__(self, client):
        self.client = client

    def buildProtocol(self, addr):
        return self

    def makeConnection(self, transport):
        self.transport = transport
        transport.write(self.client.outgoing())

    def dataReceived(self, data):
        self.client.receive(data)
        self.transport.write(self.client.outgoing())

    def connectionLost(self, reason):
        pass
