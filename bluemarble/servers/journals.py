"""The journals of a running world server: on and off by its configuration, and by command."""

from collections.abc import Callable, Iterable
from dataclasses import asdict

from bluemarble.config import Config
from bluemarble.servers.control import Refused
from bluemarble.servers.freezing import Child, Freezes
from bluemarble.servers.recording import Recording, revision
from bluemarble.sim.effects import Effect, Input
from bluemarble.sim.world import World
from bluemarble.wire.journal import Header

DIRECTORY = "journals"  # when the configuration has none


class Journals:
    """
    What is recorded of a world.

    @param world: in its first tick, or between two.
    @param wall_s: unix time; @param random: n random bytes.
    @param freezes: makes snapshots.
    @ivar recording: the one that goes on, or the last one; None before the first.
    """

    def __init__(
        self,
        config: Config,
        world: World,
        wall_s: Callable[[], float],
        random: Callable[[int], bytes],
        freezes: Freezes = Child,
    ) -> None:
        self.config, self.world, self.freezes = config, world, freezes
        self._wall_s, self._random = wall_s, random
        self.recording: Recording | None = None
        if config.journal.path:
            self.begin()

    @property
    def on(self) -> bool:
        """Whether anything is recorded."""
        return self.recording is not None and self.recording.on

    def begin(self) -> None:
        """Record from the next tick on, in a new file."""
        world = self.world
        self.end()
        self.recording = Recording(
            self.config.path(self.config.journal.path or DIRECTORY),
            Header(world.content.hash.hex(), asdict(world.rules), world.seed, revision()),
            self.config.journal,
            world,
            self._wall_s,
            freezes=self.freezes,
            secret=self._random(16),
        )

    def tick(self, inputs: Iterable[Input]) -> None:
        """Before the step."""
        if self.recording is not None:
            self.recording.tick(self.world.tick + 1, inputs)

    def stepped(self, effects: Iterable[Effect]) -> None:
        """After the step, before anything else is done to the world."""
        if self.recording is not None:
            self.recording.stepped(self.world, effects)

    def end(self) -> None:
        """Nothing more is recorded; what was is whole."""
        if self.recording is not None:
            self.recording.close(self.world)

    def order(self, words: list[str]) -> str:
        """
        `on`, `off` or `status`.

        @return: a line on how it is now.  @raise Refused: it is none of these, or it cannot be done.
        """
        match words:
            case ["on"]:
                if not self.on:
                    self.begin()
                if not self.on:
                    raise Refused("the journal cannot begin; the log says why")
            case ["off"]:
                self.end()
            case ["status"]:
                pass
            case _:
                raise Refused("journal on, journal off or journal status")
        return self.told()

    def told(self) -> str:
        """Whether anything is recorded, and where."""
        recording = self.recording
        if recording is None or not recording.on:
            return "The journal is off."
        if not recording.path.name:
            return "The journal is on, and begins as soon as its first snapshot is made."
        return f"The journal is on: {recording.path}, {recording.size} bytes."
