"""
What bots do: coroutines that take a `Bot` and play until they are cancelled.

One of one's own is such a function in a file, `play` or another name: --scenario my.py:dance.
"""

import functools
import importlib.util
import inspect
import itertools
from collections.abc import Callable, Coroutine
from math import cos, inf, isfinite, sin, sqrt, tau
from pathlib import Path
from typing import Any

from twisted.internet.defer import FirstError, ensureDeferred, gatherResults

from bluemarble.tools.bots.bot import STEPS_PER_SECOND, Bot
from bluemarble.tools.bots.fighting import fight
from bluemarble.tools.bots.plan import BadPlan
from opcodes.channels import CMSG_JOIN_CHANNEL
from opcodes.chat import CHAT_MSG_CHANNEL, CHAT_MSG_SAY, CHAT_MSG_WHISPER, CHAT_MSG_YELL

Play = Callable[[Bot], Coroutine[Any, Any, None]]

KINDS = {
    "say": CHAT_MSG_SAY,
    "yell": CHAT_MSG_YELL,
    "whisper": CHAT_MSG_WHISPER,
    "channel": CHAT_MSG_CHANNEL,
}
LINES = (
    "Hello.",
    "Has anyone seen the ferry?",
    "Looking for two more, we leave at the bridge.",
    "It will rain before the evening.",
    "Where does this road lead?",
    "I had a better sword yesterday.",
)
LINES_PER_SECOND, LOGOUTS_PER_SECOND = 0.2, 0.05
PATH_LINES_LIMIT = 100_000
ENTRY = "play"  # the function of a file of one's own


async def wander(bot: Bot) -> None:
    """Walk about where it entered: `radius` yards (100), `rest` how often it then stands a while (0.2)."""
    bot.steps_per_second = bot.rate or STEPS_PER_SECOND
    radius, rest = bot.number_of("radius", 100.0), bot.number_of("rest", 0.2)
    while True:
        await bot.walk(*_somewhere(bot, bot.home.x, bot.home.y, radius), longest_s=bot.random.uniform(3, 12))
        if bot.random.random() < rest:
            await bot.pause(bot.random.uniform(1, 10))


async def crowd(bot: Bot) -> None:
    """Go to one place and mill about there: `at` X,Y (where it entered), `radius` yards (10)."""
    bot.steps_per_second = bot.rate or STEPS_PER_SECOND
    radius, x, y = bot.number_of("radius", 10.0), bot.home.x, bot.home.y
    if at := bot.option("at", ""):
        x, y = _pair(at)
    while True:
        await bot.walk(*_somewhere(bot, x, y, radius))


async def chat(bot: Bot) -> None:
    """
    Speak, `rate` lines a second (0.2): `kinds` of say, yell, whisper and channel (say,whisper).

    Whispers go to other bots of the plan, `channel` (Bots) is joined.
    """
    kinds = bot.option("kinds", "say,whisper").split(",")
    if unknown := set(kinds) - set(KINDS):
        raise BadPlan(f"kinds: {', '.join(sorted(unknown))}; there are {', '.join(KINDS)}")
    channel, plan = bot.option("channel", "Bots"), bot.crew.plan
    if "channel" in kinds:
        bot.send(
            CMSG_JOIN_CHANNEL(channel_id=0, unknown1=0, unknown2=0, channel_name=channel, channel_password="")
        )
    while True:
        await bot.pause(bot.random.expovariate(bot.rate or LINES_PER_SECOND))
        kind = bot.random.choice(kinds)
        other = plan.character(plan.first + bot.random.randrange(plan.players))
        bot.say(bot.random.choice(LINES), KINDS[kind], other if kind == "whisper" else channel)


async def town(bot: Bot) -> None:
    """Walk about as in `wander` and speak as in `chat`; `rate` is that of the lines."""
    doing = [ensureDeferred(wander(bot)), ensureDeferred(chat(bot))]
    try:
        await gatherResults(doing, consumeErrors=True)
    except FirstError as first:
        first.subFailure.raiseException()


async def login_logout(bot: Bot) -> None:
    """Stay, log out as players do, come back: `rate` times a second and bot (0.05)."""
    while True:
        await bot.pause(bot.random.expovariate(bot.rate or LOGOUTS_PER_SECOND))
        await bot.log_out()
        await bot.log_in()


async def path(bot: Bot) -> None:
    """
    Follow the lines of `file`: X,Y yards, or X,Y,S to stand there for S seconds; from the first again.

    Bots begin at differing lines; `aside` yards (3) is how far each one's way may be beside it.
    """
    bot.steps_per_second = bot.rate or STEPS_PER_SECOND
    lines, aside = _path(bot.option("file", "")), bot.number_of("aside", 3.0)
    dx, dy = (bot.random.uniform(-aside, aside) for _ in range(2))
    for x, y, stand_s in itertools.islice(itertools.cycle(lines), bot.number % len(lines), None):
        await bot.walk(x + dx, y + dy)
        await bot.pause(max(stand_s, 0.0))


# What there is, by name, each with its one line of help; and what there is not, and why.
SCENARIOS: dict[str, Play] = {
    play.__name__: play for play in (wander, crowd, chat, town, login_logout, path, fight)
}
MISSING = {"trade": "neither this server nor opcodes/ has the packets of trading yet"}


def scenario(name: str) -> Play:
    """
    What bots are to do, by its name or file.

    @raise BadPlan: there is none such, or the file cannot be used.
    """
    if name in SCENARIOS:
        return SCENARIOS[name]
    if name in MISSING:
        raise BadPlan(f"{name}: {MISSING[name]}")
    file, _, entry = name.partition(":")
    if not file.endswith(".py"):
        raise BadPlan(f"no scenario {name!r}; there are {', '.join(SCENARIOS)}, or FILE.py")
    return _of_file(Path(file), entry or ENTRY)


def _of_file(file: Path, entry: str) -> Play:
    """A coroutine function of a file; the operator's own, so it is run as it is."""
    spec = importlib.util.spec_from_file_location(f"scenario_{file.stem}", file)
    if spec is None or spec.loader is None or not file.is_file():
        raise BadPlan(f"{file}: there is no such file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise BadPlan(f"{file}: {type(error).__name__}: {error}") from error
    play = getattr(module, entry, None)
    if not inspect.iscoroutinefunction(play):
        raise BadPlan(f"{file}: has no `async def {entry}(bot)`")
    found: Play = play
    return found


def _somewhere(bot: Bot, x: float, y: float, radius: float) -> tuple[float, float]:
    """A place within the radius, each as likely as any other."""
    way, far = bot.random.uniform(0.0, tau), radius * sqrt(bot.random.random())
    return x + far * cos(way), y + far * sin(way)


def _pair(text: str) -> tuple[float, float]:
    numbers = _numbers(text)
    if len(numbers) != 2:
        raise BadPlan(f"{text!r} is not X,Y")
    return numbers[0], numbers[1]


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(word) for word in text.split(",")]
    except ValueError:
        numbers = [inf]
    if not all(map(isfinite, numbers)):
        raise BadPlan(f"{text!r}: numbers with commas between them are wanted")
    return numbers


@functools.lru_cache(maxsize=1)
def _path(file: str) -> list[tuple[float, float, float]]:
    """
    The places of a path's file, and how long to stand at each; # begins a remark.

    @raise BadPlan: it is no such file.
    """
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadPlan(f"file={file}: {error}") from None
    places = []
    for line in lines[:PATH_LINES_LIMIT]:
        if text := line.partition("#")[0].strip():
            numbers = _numbers(text)
            if not 2 <= len(numbers) <= 3:
                raise BadPlan(f"{file}: {text!r} is not X,Y or X,Y,S")
            places.append((numbers[0], numbers[1], numbers[2] if len(numbers) == 3 else 0.0))
    if not places:
        raise BadPlan(f"file={file}: no line of it names a place")
    return places
