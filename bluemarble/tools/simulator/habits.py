"""What bots do in the world, each thing by chance."""

from collections.abc import Callable
from math import cos, sin, tau
from typing import TYPE_CHECKING

from bluemarble.client.endpoints import Game
from bluemarble.client.gait import Keys
from opcodes.channels import CMSG_JOIN_CHANNEL, CMSG_LEAVE_CHANNEL
from opcodes.chat import (
    CHAT_MSG_CHANNEL,
    CHAT_MSG_SAY,
    CHAT_MSG_WHISPER,
    CHAT_MSG_YELL,
    CMSG_MESSAGECHAT,
    CMSG_TEXT_EMOTE,
    LANG_COMMON,
)
from opcodes.movement import FORWARD, MSG_MOVE_HEARTBEAT, MSG_MOVE_START_FORWARD, MSG_MOVE_STOP
from opcodes.play import CMSG_SET_ACTION_BUTTON
from opcodes.session import CMSG_LOGOUT_CANCEL, CMSG_LOGOUT_REQUEST
from opcodes.social import CMSG_ADD_FRIEND, CMSG_DEL_FRIEND, CMSG_WHO

if TYPE_CHECKING:
    from bluemarble.tools.simulator.bots import Bot

CHANNEL = "simulated"
PLACES = ("larkmeadow", "alderhithe", "cinderfold", "ochrestead")  # of game_tele, on two maps
STEP_YARDS = 2.0  # of those who say by TCP where they are
NAMES = ("Bota", "Botb", "Botc", "Botd", "Nobody")


def act(bot: "Bot", game: Game) -> None:
    """One thing."""
    does = bot.chance.choices(DOES, WEIGHTS)[0]
    does(bot, game)


def walk(bot: "Bot", game: Game) -> None:
    """Begin to walk, somewhere, or go on."""
    facing = round(bot.chance.random() * tau, 3)
    if bot.udp and game.player.oneself.ready:
        game.keys = Keys(FORWARD, facing)
        return
    x, y, z, _ = game.player.world.place
    place = (x + STEP_YARDS * cos(facing), y + STEP_YARDS * sin(facing), z, facing)
    kinds = (MSG_MOVE_START_FORWARD, MSG_MOVE_HEARTBEAT, MSG_MOVE_STOP)
    kind = bot.chance.choice(kinds)
    game.player.world.place = place
    game.player.send(
        kind(
            guid=game.player.world.guid,
            flags=0 if kind is MSG_MOVE_STOP else FORWARD,
            flags2=0,
            timestamp=game.now_ms() & 0xFFFF_FFFF,
            x=place[0],
            y=place[1],
            z=z,
            orientation=facing,
            fall_time=0,
        )
    )


def stand(bot: "Bot", game: Game) -> None:
    """Stop walking."""
    game.keys = Keys()


def say(bot: "Bot", game: Game) -> None:
    """Aloud, to those around."""
    _speak(bot, game, bot.chance.choice((CHAT_MSG_SAY, CHAT_MSG_SAY, CHAT_MSG_YELL)))


def whisper(bot: "Bot", game: Game) -> None:
    """To somebody, who may not be there."""
    _speak(bot, game, CHAT_MSG_WHISPER, target_player=bot.chance.choice(NAMES))


def talk(bot: "Bot", game: Game) -> None:
    """In the channel."""
    _speak(bot, game, CHAT_MSG_CHANNEL, channel=CHANNEL)


def _speak(bot: "Bot", game: Game, kind: int, **to: str) -> None:
    bot.line += 1
    line = f"{bot.name} says {bot.line}"
    game.player.send(CMSG_MESSAGECHAT(chat_type=kind, language=LANG_COMMON, message=line, **to))


def join(bot: "Bot", game: Game) -> None:
    """Into the channel, or out of it."""
    if bot.chance.random() < 0.7:
        game.player.send(
            CMSG_JOIN_CHANNEL(channel_id=0, unknown1=0, unknown2=0, channel_name=CHANNEL, channel_password="")
        )
    else:
        game.player.send(CMSG_LEAVE_CHANNEL(channel_id=0, channel_name=CHANNEL))


def befriend(bot: "Bot", game: Game) -> None:
    """Somebody, by name, or no more."""
    if bot.chance.random() < 0.7:
        game.player.send(CMSG_ADD_FRIEND(name=bot.chance.choice(NAMES), note=""))
    else:
        game.player.send(CMSG_DEL_FRIEND(guid=bot.chance.randint(1, 5)))


def who(bot: "Bot", game: Game) -> None:
    """Who is there?"""
    game.player.send(
        CMSG_WHO(
            minimum_level=0,
            maximum_level=100,
            player_name="",
            guild_name="",
            race_mask=0xFFFFFFFF,
            class_mask=0xFFFFFFFF,
            zones=[],
            search_strings=[],
        )
    )


def gesture(bot: "Bot", game: Game) -> None:
    """Wave."""
    game.player.send(CMSG_TEXT_EMOTE(text_emote=101, emote=0, target=0))


def button(bot: "Bot", game: Game) -> None:
    """Put something on a button, or take it off: a row of its own."""
    action = bot.chance.choice((0, 78, 6603))
    game.player.send(
        CMSG_SET_ACTION_BUTTON(button=bot.chance.randint(0, 3), action=action, misc=0, action_type=0)
    )


def save(bot: "Bot", game: Game) -> None:
    """Be told when one is saved."""
    _order(bot, game, ".save")


def travel(bot: "Bot", game: Game) -> None:
    """Near or far; only game masters get there."""
    _order(bot, game, ".tele " + bot.chance.choice(PLACES))


def _order(bot: "Bot", game: Game, line: str) -> None:
    game.player.send(CMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=LANG_COMMON, message=line))


def hesitate(bot: "Bot", game: Game) -> None:
    """Ask to log out, and think better of it."""
    game.player.send(CMSG_LOGOUT_REQUEST())
    game.player.send(CMSG_LOGOUT_CANCEL())


HABITS: dict[Callable[["Bot", Game], None], int] = {
    walk: 10,
    stand: 2,
    say: 4,
    whisper: 4,
    talk: 3,
    join: 2,
    befriend: 2,
    who: 1,
    gesture: 1,
    button: 2,
    save: 2,
    travel: 2,
    hesitate: 1,
}
DOES, WEIGHTS = list(HABITS), list(HABITS.values())
