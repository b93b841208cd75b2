"""
A whole server in memory: auth and world services on a virtual clock, the independent packages as its clients.

Nothing sleeps and no port is opened: a client's bytes go to the protocol a listening port would have made,
and back through an in-memory transport, every 50 ms of the clock.
"""

from pathlib import Path
from typing import Any

import wow_srp
from sqlalchemy import text
from twisted.internet.address import IPv4Address
from twisted.internet.testing import MemoryReactorClock, StringTransportWithDisconnection

from bluemarble.config import Config
from bluemarble.servers import allinone
from bluemarble.servers.tcp import WorldFactory
from bluemarble.servers.world import TICK_S
from tests.conformance.players import VANILLA, WRATH, Build, Logon, Player

PASSWORD = "OPENSESAME"
WAIT_MS = 5000
CLIENT = IPv4Address("TCP", "127.0.0.1", 50000)


class Wire:
    """A client's connection: what it says reaches the server's protocol, what that answers reaches it."""

    def __init__(self, factory: Any, client: Any) -> None:
        self.client = client
        self.transport = StringTransportWithDisconnection(peerAddress=CLIENT)
        self.protocol = factory.buildProtocol(CLIENT)
        self.transport.protocol = self.protocol
        self.transport.abortConnection = self.transport.loseConnection
        self.protocol.makeConnection(self.transport)

    @property
    def is_open(self) -> bool:
        """Whether neither side has hung up."""
        return bool(self.transport.connected)

    def pump(self) -> None:
        """What waits on either side reaches the other."""
        said = self.client.outgoing()
        if said and self.is_open:
            self.protocol.dataReceived(said)
        heard = self.transport.value()
        self.transport.clear()
        if heard:
            self.client.receive(heard)


class Town:
    """
    @param urls: of the auth, characters and world databases, which are made.
    @param folder: what the server writes besides goes there.
    """

    def __init__(self, urls: dict[str, str], folder: Path) -> None:
        self.clock = MemoryReactorClock()
        self.wall_s = 1_790_000_000
        config = Config(databases=urls, directory=str(folder))
        services = allinone.build(config, self.clock, executor="inline", wall_s=self._wall)
        self.databases, self.world, self.auth = services.databases, services.world, services.auth
        self.whole = services.whole
        self.whole.startService()
        ready: list[Any] = []
        self.whole.ready.addBoth(ready.append)
        assert ready == [None], ready
        self.wires: dict[Any, Wire] = {}
        for name in "ADA", "BOB":
            self.account(name, PASSWORD)

    def _wall(self) -> float:
        return self.wall_s + self.clock.seconds()

    def account(self, name: str, password: str, level: int = 0) -> None:
        """As an outside tool makes accounts: rows, while the server runs."""
        made = wow_srp.SrpVerifier.from_username_and_password(name, password)

        def insert(conn: Any) -> None:
            conn.execute(
                text("INSERT INTO account (username, salt, verifier, expansion) VALUES (:n, :s, :v, 2)"),
                {"n": name, "s": bytes(made.salt()), "v": bytes(made.password_verifier())},
            )
            if level:
                conn.execute(
                    text(
                        "INSERT INTO account_access (id, gmlevel, RealmID) "
                        "SELECT id, :level, -1 FROM account WHERE username = :n"
                    ),
                    {"n": name, "level": level},
                )

        self.databases.auth.write(insert)

    def close(self) -> None:
        """The operator stops the server."""
        self.whole.stopService()

    # Time

    def run(self, ms: int) -> None:
        """Lets the world go on, every connection with it."""
        for _ in range(max(1, round(ms / 1000 / TICK_S))):
            for wire in list(self.wires.values()):
                wire.pump()
            self.clock.advance(TICK_S)
        for wire in list(self.wires.values()):
            wire.pump()

    def until(self, done: Any, what: str) -> None:
        """Lets the world go on until something is so; five seconds of it at most."""
        for _ in range(round(WAIT_MS / 1000 / TICK_S)):
            if done():
                return
            self.run(50)
        raise AssertionError(f"waited for {what}")

    # What clients do

    def logon(self, name: str, password: str, build: Build = WRATH) -> Logon:
        """As far as it goes at the auth server."""
        client = Logon(name, password, build)
        self.wires[client] = wire = Wire(self.auth.factory, client)
        self.until(
            lambda: client.realms or client.result not in (None, "SUCCESS") or not wire.is_open, "a logon"
        )
        self.hang_up(client)
        return client

    def connect(self, name: str, password: str = PASSWORD, build: Build = WRATH) -> Player:
        """To the character screen."""
        client = self.logon(name, password, build)
        assert client.result == "SUCCESS" and client.realms
        player = Player(name, client.session_key, build, client.realms[0].realm_id)
        self.wires[player] = Wire(WorldFactory(self.world.gateway, build.table), player)
        self.until(lambda: player.got("SMSG_AUTH_RESPONSE"), "AUTH_RESPONSE")
        return player

    def enter(self, account: str, character: str, build: Build = WRATH, race: str = "HUMAN") -> Player:
        """Into the world, on that character, which is made when there is none of the name."""
        player = self.connect(account, build=build)
        words = build.words
        player.send(words.CMSG_CHAR_ENUM())
        self.until(lambda: player.got("SMSG_CHAR_ENUM"), "CHAR_ENUM")
        if character not in [c.name for c in player.last("SMSG_CHAR_ENUM").characters]:
            player.send(
                words.CMSG_CHAR_CREATE(
                    character, words.Race[race], words.Class.WARRIOR, words.Gender.FEMALE, 1, 2, 3, 4, 5
                )
            )
            self.until(lambda: player.got("SMSG_CHAR_CREATE"), "CHAR_CREATE")
            assert player.last("SMSG_CHAR_CREATE").result.name == "CHAR_CREATE_SUCCESS"
            player.forget()
            player.send(words.CMSG_CHAR_ENUM())
            self.until(lambda: player.got("SMSG_CHAR_ENUM"), "CHAR_ENUM")
        mine = next(c for c in player.last("SMSG_CHAR_ENUM").characters if c.name == character)
        player.guid = mine.guid
        player.send(words.CMSG_PLAYER_LOGIN(mine.guid))
        self.until(lambda: player.guid in player.objects, "the player's own object")
        return player

    def move(self, player: Player, kind: str, x: float, y: float, z: float, *, forward: bool = False) -> None:
        """Tells the server that the player moves, as the build's client does."""
        words = player.build.words
        flags = words.MovementFlags.FORWARD if forward else words.MovementFlags(0)
        info = words.MovementInfo(
            flags=flags,
            timestamp=int(self.clock.seconds() * 1000),
            position=words.Vector3d(x, y, z),
            orientation=0.0,
            fall_time=0,
        )
        if player.build is VANILLA:
            player.send(getattr(words, f"{kind}_Client")(info))
        else:
            player.send(getattr(words, kind)(player.guid, info))

    def language(self, player: Player) -> Any:
        """What its people speak."""
        return player.build.words.Language["COMMON"]

    def chat(self, player: Player, kind: str, line: str, **more: str) -> None:
        """One chat line."""
        words = player.build.words
        player.send(words.CMSG_MESSAGECHAT(words.ChatType[kind], self.language(player), line, **more))
        self.run(200)

    def say(self, player: Player, line: str) -> None:
        """Aloud."""
        self.chat(player, "SAY", line)

    def whisper(self, player: Player, to: str, line: str) -> None:
        """To one other."""
        self.chat(player, "WHISPER", line, target_player=to)

    def log_out(self, player: Player) -> None:
        """Asks to, waits the twenty seconds, and hangs up."""
        player.send(player.build.words.CMSG_LOGOUT_REQUEST())
        self.run(19_000)
        assert not player.got("SMSG_LOGOUT_COMPLETE")
        self.run(2_000)
        assert player.got("SMSG_LOGOUT_COMPLETE")
        self.hang_up(player)

    def log_out_at_once(self, player: Player) -> None:
        """As a game master may: without the twenty seconds."""
        player.send(player.build.words.CMSG_LOGOUT_REQUEST())
        self.until(lambda: player.got("SMSG_LOGOUT_COMPLETE"), "LOGOUT_COMPLETE")
        self.hang_up(player)

    def stored(self, character: str) -> Any:
        """The character's row, as an outside tool reads it."""
        found: list[Any] = []
        reading = self.databases.characters.read(
            lambda conn: conn.execute(
                text("SELECT * FROM characters WHERE name = :name"), {"name": character}
            ).one()
        )
        reading.addCallback(found.append)
        return found[0]

    def hang_up(self, client: Any) -> None:
        """Closes the connection, however: RST and FIN look the same from here."""
        wire = self.wires.pop(client)
        if wire.is_open:
            wire.transport.loseConnection()

    drop = hang_up

    def is_cut(self, player: Player) -> bool:
        """Whether the server has closed the connection."""
        return not self.wires[player].is_open
