"""
Clients of a simulation: our own client on its Twisted driver, played by chance.

A bot logs in, walks, talks, travels, saves, logs out or just goes, and comes again.  Once it is calm it comes
into the world, if it is not there, and stands.
"""

from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.error import ConnectError, ConnectionAborted, ConnectionClosed, ConnectionLost

from bluemarble.client import events
from bluemarble.client.arrival import Wish
from bluemarble.client.endpoints import Game, enter
from bluemarble.client.events import Event
from bluemarble.client.gait import Keys
from bluemarble.client.link import EVERYTHING
from bluemarble.client.link import Stage as LinkStage
from bluemarble.client.refusal import Refused
from bluemarble.client.world import Stage
from bluemarble.tools.simulator import habits
from bluemarble.tools.simulator.books import Books
from bluemarble.tools.simulator.keeping import Keepsakes
from bluemarble.tools.simulator.ledger import Peer
from bluemarble.tools.simulator.process import Process, World
from bluemarble.tools.simulator.server import HOST, NOON_S, account, account_id
from bluemarble.wire.errors import PeerError
from bluemarble.wire.snapshot import PLAYER
from opcodes.characters import CMSG_CHAR_DELETE, SMSG_CHAR_DELETE, Character
from opcodes.chat import SMSG_NOTIFICATION
from opcodes.vocab import Packet

LETTERS = "abcdefgh"
TWIN = 4  # plays the account of the first one: each sends the other away
NETWORK = (ConnectionClosed, ConnectionLost, ConnectionAborted, ConnectError, DeferredTimeout, CancelledError)
ANSWER_S = 20.0
OWN_S = 10_000  # of unix time: a bot's account data is as old as no other's


def name_of(number: int) -> str:
    """The character's name; letters alone, as names are."""
    return "Bot" + LETTERS[number % TWIN]


class Bot:
    """
    One client, through all its lives.

    @ivar process: its program, while it has one.
    @ivar game: what it plays, if it does; @ivar calm: it is to come in and stand still.
    @ivar line: how many lines it has said; @ivar links: how many datagram links it has had.
    @ivar keepsakes: what it has the server keep.
    """

    def __init__(self, world: World, number: int, udp: bool, books: Books) -> None:
        self.world, self.number, self.udp, self.books = world, number, udp, books
        self.name = name_of(number)
        self.calm = False
        self.chance = world.chance("bot", number)
        self.process: Process | None = None
        self.game: Game | None = None
        self.line = self.links = 0
        self.keepsakes = Keepsakes(books.kept, account_id(number % TWIN), NOON_S + number * OWN_S, str(self))
        self._found, self._characters = books.found, books.characters
        self._guid, self._map, self._map_s = 0, 0, 0.0  # as whom it is where, and since when
        self._lives: list[Deferred[None]] = []  # what is collected late would be told late
        self._awaited: list[tuple[tuple[type[Any], ...], Deferred[Any]]] = []
        self._peer: Peer | None = None

    def __str__(self) -> str:
        return f"bot {self.number}"

    # Fate

    def born(self) -> None:
        """Begin a life, on the machine it had or a new one."""
        if self.process is None:
            self.process = Process(self.world, f"10.0.1.{self.number + 1}", str(self))
            self.world.trace.note("born", str(self))
            life = Deferred.fromCoroutine(self._live(self.process))
            life.addErrback(lambda failure: self._found("clients do not fail", f"{self}: {failure.value!r}"))
            self._lives.append(life)

    def die(self, *, silently: bool = False) -> None:
        """End this life: `silently` with the whole machine, so that nobody hangs up for it."""
        if self.process is not None:
            self.process.dark = silently
            self.process.kill()
            self.process = None
            self._ended()

    def settled(self) -> bool:
        """Whether it is in the world, by UDP if it wants that."""
        game = self.game
        if game is None or game.gone.called or game.player.world.stage is not Stage.WORLD:
            return False
        return not self.udp or (game.player.link.stage is LinkStage.OPEN and game.player.oneself.ready)

    # A life

    async def _live(self, process: Process) -> None:
        await process.pause(self.chance.random())
        while True:
            game = await self._arrive(process)
            if game is None:
                await process.pause(0.5 + self.chance.random())
                continue
            await self._play(process, game)
            why = await game.gone if game.gone.called else None
            if isinstance(why, PeerError):
                self._found("the protocol is kept", f"{self}: {why!r}")
            self._ended()
            await process.pause(self.chance.random())

    async def _arrive(self, process: Process) -> Game | None:
        name, password = account(self.number % TWIN)
        try:
            game = await enter(
                process,
                HOST,
                name,
                password,
                Wish(self.name),
                heard=self._heard,
                wanted=EVERYTHING if self.udp else None,
                random=self.chance.randbytes,
            )
        except PeerError as error:
            self._found("the protocol is kept", f"{self}: {error!r}")
            return None
        except (Refused, LookupError, *NETWORK) as error:
            self.world.trace.note("not in", str(self), repr(error))
            self._ended()
            return None
        self.game = game
        self.world.trace.note("in", str(self))
        return game

    async def _play(self, process: Process, game: Game) -> None:
        """Until it goes, or is sent away."""
        while not game.gone.called:
            if game.player.world.stage is Stage.SCREEN:
                await self._at_screen(process, game)
            if self.calm:
                game.keys = Keys()
                await process.pause(0.5)
                continue
            await process.pause(self.chance.choice((0.05, 0.3, 1.0)) * self.chance.random() * 2)
            if game.gone.called or self.calm:
                continue
            if game.player.world.stage is Stage.WORLD:
                if self.chance.random() < 0.04:
                    await self._go(process, game)
                else:
                    habits.act(self, game)
                    self.flush(game)

    def flush(self, game: Game) -> None:
        """What has been said is sent now."""
        if not game.gone.called:
            game.received(b"")

    async def _go(self, process: Process, game: Game) -> None:
        """Leave, in one of the ways that there are."""
        way = self.chance.choice(("leave", "drop", "screen", "screen"))
        self.world.trace.note("go", str(self), way)
        if way == "leave":
            await game.leave()
        elif way == "drop":
            game.line.transport.abortConnection()
            await game.gone
        else:
            await self._to_screen(process, game)

    # The character screen

    async def _to_screen(self, process: Process, game: Game) -> None:
        game.player.leave(game.now_ms())
        await self._answer(process, game, events.Left)

    async def _at_screen(self, process: Process, game: Game) -> None:
        """Make something of it, and go in again."""
        player = game.player
        player.world.ask_characters()
        listed = await self._answer(process, game, events.Characters)
        if listed is None:
            return
        mine = {it.name: it for it in listed.characters}
        if self.chance.random() < 0.5:
            await self._alternate(process, game, mine)
        if self.name in mine and not game.gone.called and player.world.stage is Stage.SCREEN:
            player.world.enter(mine[self.name].guid)
            await self._answer(process, game, events.Entered, events.NotEntered)
        await process.pause(0.2)

    async def _alternate(self, process: Process, game: Game, mine: dict[str, Character]) -> None:
        """Make a second character, or delete it."""
        name = "Alt" + LETTERS[self.number % TWIN]
        if name in mine:
            self._characters.made.pop(name, None)
            game.player.send(CMSG_CHAR_DELETE(guid=mine[name].guid))
            await self._answer(process, game, SMSG_CHAR_DELETE)
            return
        game.player.world.create(name, 1, 1, 0)
        if isinstance(await self._answer(process, game, events.Created, events.NotCreated), events.Created):
            self._characters.made[name] = str(self)

    async def _answer(self, process: Process, game: Game, *kinds: type[Any]) -> Any:
        """The next event or packet of a kind; None, and the connection is dropped, when none comes."""
        coming: Deferred[Any] = Deferred()
        coming.addTimeout(ANSWER_S, process)
        self._awaited.append((kinds, coming))
        self.flush(game)
        try:
            return await coming
        except NETWORK:
            if not game.gone.called:
                game.line.transport.abortConnection()
                await game.gone
            return None

    # What it hears

    def _heard(self, event: Event) -> None:
        if self._peer is None and self.process is not None:
            self._peer = self._newest()
            self.keepsakes.begin()
        said: Any = event
        match event:
            case events.Heard(packet):
                said = packet
                self._packet(packet)
            case events.Created():
                self._characters.made.setdefault(self.name, str(self))
            case events.Entered(guid, map_):
                self._guid, self._map, self._map_s = guid, map_, self.world.clock.seconds()
                self.keepsakes.entered(guid)
            case events.Linked():
                self.links += 1
            case events.Appeared(other) if other.kind == PLAYER:
                self.books.whereabouts.shown(other.guid, self._map, self._map_s, str(self))
        for at, (kinds, coming) in enumerate(self._awaited):
            if isinstance(said, kinds):
                del self._awaited[at]
                coming.callback(said)
                return

    def _packet(self, packet: Packet) -> None:
        if isinstance(packet, SMSG_NOTIFICATION) and packet.notification.startswith("event "):
            self.books.events.take(packet.notification, str(self))
            return
        self.keepsakes.heard(packet, self._guid)
        if self._peer is not None:
            self.books.streams.heard(self._peer, packet, str(self))

    def _newest(self) -> Peer | None:
        assert self.process is not None
        lines = self.world.streams.of(self.process.host)
        if not lines:
            return None
        address = lines[-1].ends[0].getHost()
        return address.host, address.port

    def _ended(self) -> None:
        self.game = None
        if self._peer is not None:
            self.books.streams.over(self._peer)
            self._peer = None
        awaited, self._awaited = self._awaited, []
        for _, coming in awaited:
            coming.cancel()
