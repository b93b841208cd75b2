"""What bots are to do, as one value that goes to each process and into the report."""

import dataclasses
import json
import random
from typing import Any, Self

from bluemarble.client.sockets import AUTH_PORT

PREFIX_LIMIT = 11  # bytes: five figures follow, and the clients' edit box takes sixteen
BOTS_LIMIT = 100_000  # numbers of five figures
CONSONANTS, VOWELS = "bcdfghjklmnpqrstvwxz", "aeiou"
SPREAD_LIMIT_YARDS = 30_000.0  # a map has 34,133
SYLLABLES = 5  # a hundred each: far more than there are bots


class BadPlan(ValueError):
    """It cannot be carried out as it is; the message says why."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    Bots, and how they play.

    @ivar host, port: of the auth server; @ivar realm: its name, "" for the first that is up.
    @ivar prefix: accounts are this and a number of five figures; @ivar password: of all of them.
    @ivar first, players: numbers `first` to `first + players - 1` play.
    @ivar seconds: from the first one's login to the end; @ivar arrivals_per_second: how fast they come.
    @ivar scenario: a name of scenarios.SCENARIOS, or FILE.py or FILE.py:NAME.
    @ivar rate: of what the scenario does, a second and bot; 0: the scenario's own.
    @ivar udp: which share of the bots asks for a datagram link, 0.0 to 1.0; the others send nothing that a
        stock 3.3.5a client does not.
    @ivar spread_yards: the side of the square that the characters are put into; 0: they stay.
    @ivar place_by: what each says on its first login to be put there, with {x} {y} {z} {map}; "": nothing.
    @ivar options: the scenario's own, by name.
    @ivar seed: of everything by chance; the same one walks the same ways.
    @ivar processes: how many share the bots.
    @ivar begin_s: unix time at which to begin, so that several machines do so together; 0: at once.
    @ivar metrics: URL of the server's metrics, read while it goes on; "": none.
    @ivar keylog: file for the keys of their links; "": as the environment says, BLUEMARBLE_KEYLOG.
    """

    host: str = "127.0.0.1"
    port: int = AUTH_PORT
    realm: str = ""
    prefix: str = "BOT"
    password: str = dataclasses.field(default="", repr=False)
    first: int = 0
    players: int = 20
    seconds: float = 60.0
    arrivals_per_second: float = 10.0
    scenario: str = "wander"
    rate: float = 0.0
    udp: float = 0.0
    spread_yards: float = 0.0
    place_by: str = ""
    options: dict[str, str] = dataclasses.field(default_factory=dict)
    seed: int = 1
    processes: int = 1
    begin_s: float = 0.0
    metrics: str = ""
    keylog: str = ""

    def __post_init__(self) -> None:
        """
        Look whether it makes sense.

        @raise BadPlan: it does not.
        """
        if not (self.prefix.isascii() and self.prefix.isalpha() and len(self.prefix) <= PREFIX_LIMIT):
            raise BadPlan(f"prefix: 1 to {PREFIX_LIMIT} latin letters")
        if self.players < 1 or self.first < 0 or self.first + self.players > BOTS_LIMIT:
            raise BadPlan(f"players: at least 1, and numbers stay below {BOTS_LIMIT}")
        if not (self.seconds > 0.0 and self.arrivals_per_second > 0.0 and self.rate >= 0.0):
            raise BadPlan("seconds, arrivals a second: above 0; rate: not below")
        if not 0.0 <= self.udp <= 1.0:
            raise BadPlan("udp: a share, 0 to 1")
        if not 0.0 <= self.spread_yards <= SPREAD_LIMIT_YARDS:
            raise BadPlan(f"spread: 0 to {SPREAD_LIMIT_YARDS:g} yards")
        try:
            self.place_by.format(x=0.0, y=0.0, z=0.0, map=0)
        except (ValueError, LookupError, AttributeError) as error:
            raise BadPlan(f"place by: {error!r}; {{x}}, {{y}}, {{z}} and {{map}} are known") from None
        if not 1 <= self.processes <= self.players:
            raise BadPlan("processes: at least 1, and no more than players")

    def account(self, number: int) -> str:
        """The name of a bot's account."""
        return f"{self.prefix.upper()}{number:05}"

    def character(self, number: int) -> str:
        """The name of a bot's character: letters only, and none thrice in a row."""
        return character(number)

    def aside(self, number: int) -> tuple[float, float]:
        """How far from the middle of the square that bot is put, yards along x and y: always the same."""
        chance, half = random.Random(f"{self.seed}/{number}/place"), self.spread_yards / 2
        return chance.uniform(-half, half), chance.uniform(-half, half)

    def by_udp(self, number: int) -> bool:
        """Whether that bot asks for a link: the same ones whatever process they are in."""
        return int((number + 1) * self.udp) > int(number * self.udp)

    def shared(self) -> list["Plan"]:
        """One plan for each process, which have every so-manieth bot's place in the queue."""
        each, more = divmod(self.players, self.processes)
        sizes = [each + (index < more) for index in range(self.processes)]
        return [
            dataclasses.replace(
                self,
                first=self.first + sum(sizes[:index]),
                players=size,
                processes=1,
                arrivals_per_second=self.arrivals_per_second * size / self.players,
                metrics=self.metrics if index == 0 else "",
            )
            for index, size in enumerate(sizes)
        ]

    def told(self) -> dict[str, Any]:
        """All of it but the password, for a report."""
        told = dataclasses.asdict(self)
        del told["password"]
        return told

    def written(self) -> str:
        """All of it, for a process of its own."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def read(cls, text: str) -> Self:
        """What `written` wrote."""
        return cls(**json.loads(text))


def character(number: int) -> str:
    """A character name of its own for each number."""
    name = ""
    for _ in range(SYLLABLES):
        number, at = divmod(number, len(CONSONANTS))
        name += CONSONANTS[at] + VOWELS[at % len(VOWELS)]
    return name.capitalize()
