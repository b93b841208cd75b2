"""The journals of a running world server: on and off by its configuration, and by command."""

from collections.abc import Callable, Iterable
from dataclasses import asdict

from bluemarble.config import Config
from bluemarble.servers.control import Refused
from bluemarble.servers.freezing import Child, Freezes
from bluemarble.servers.recording import Recording
from bluemarble.servers.revision import revision
from bluemarble.sim.effects import Effect, Input
from bluemarble.sim.world import World
from bluemarble.wire.journal import Header

DIRECTORY = "journals"  # when the configuration has none
USAGE = "journal on [MAP], journal off [MAP] or journal status"


class Journals:
    """
    What is recorded of a world.

    @param world: in its first tick, or between two.
    @param wall_s: unix time; @param random: n random bytes.
    @param freezes: makes snapshots.
    @ivar recordings: by map, those that go on; under None that of all of the world.
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
        self.recordings: dict[int | None, Recording] = {}
        if config.journal.path:
            self.begin(None)

    def begin(self, alone: int | None) -> None:
        """Record from the next tick on, in a new file; all of the world, or one map."""
        world = self.world
        self.end(alone)
        self.recordings[alone] = Recording(
            self.config.path(self.config.journal.path or DIRECTORY),
            Header(world.content.hash.hex(), asdict(world.rules), world.seed, revision()),
            self.config.journal,
            world,
            self._wall_s,
            alone=alone,
            others=lambda: [it.path for it in self.recordings.values()],
            freezes=self.freezes,
            secret=self._random(16),
        )

    def tick(self, inputs: Iterable[Input]) -> None:
        """Before the step."""
        for recording in self.recordings.values():
            recording.tick(self.world.tick + 1, inputs)

    def stepped(self, effects: Iterable[Effect]) -> None:
        """After the step, before anything else is done to the world."""
        for recording in self.recordings.values():
            recording.stepped(self.world, effects)

    def end(self, alone: int | None) -> None:
        """Of all of the world, or of the map, nothing more is recorded; what was is whole."""
        if (recording := self.recordings.pop(alone, None)) is not None:
            recording.close(self.world)

    def close(self) -> None:
        """Nothing more is recorded."""
        for alone in list(self.recordings):
            self.end(alone)

    def order(self, words: list[str]) -> str:
        """
        `on` or `off`, and a map's number if it is not about all of the world; or `status`.

        @return: lines on how it is now.  @raise Refused: it is none of these, or it cannot be done.
        """
        match words:
            case ["on", *of]:
                alone = self._map(of)
                if not self._on(alone):
                    self.begin(alone)
                if not self._on(alone):
                    raise Refused("the journal cannot begin; the log says why")
            case ["off", *of]:
                self.end(self._map(of))
            case ["status"]:
                pass
            case _:
                raise Refused(USAGE)
        return self.told()

    def told(self) -> str:
        """What is recorded, and where."""
        lines = [_told(alone, it) for alone, it in self.recordings.items() if it.on or it.fault]
        return "\n".join(lines) or "The journal is off."

    def _on(self, alone: int | None) -> bool:
        return alone in self.recordings and self.recordings[alone].on

    def _map(self, words: list[str]) -> int | None:
        if not words:
            return None
        if len(words) > 1 or not words[0].isdecimal() or int(words[0]) not in self.world.content.maps:
            raise Refused(
                f"{USAGE}; there are the maps {', '.join(map(str, sorted(self.world.content.maps)))}"
            )
        return int(words[0])


def _told(alone: int | None, recording: Recording) -> str:
    of = "The journal" if alone is None else f"The journal of map {alone}"
    if recording.fault:
        where = f"{recording.path} ends early" if recording.path.name else "it could not begin"
        return f"{of} is off: {where}: {recording.fault}"
    if not recording.path.name:
        return f"{of} is on, and begins as soon as its first snapshot is made."
    return f"{of} is on: {recording.path}, {recording.size} bytes."
