"""What bots do in the world, each thing by chance."""

from collections.abc import Callable
from math import cos, sin, tau
from typing import TYPE_CHECKING

import opcodes
from bluemarble.client.endpoints import Game
from bluemarble.client.gait import Keys
from bluemarble.client.link import Stage
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import TooMuch
from opcodes.channels import (
    CMSG_CHANNEL_ANNOUNCEMENTS,
    CMSG_CHANNEL_BAN,
    CMSG_CHANNEL_INVITE,
    CMSG_CHANNEL_KICK,
    CMSG_CHANNEL_LIST,
    CMSG_CHANNEL_MODERATE,
    CMSG_CHANNEL_MODERATOR,
    CMSG_CHANNEL_MUTE,
    CMSG_CHANNEL_PASSWORD,
    CMSG_CHANNEL_SET_OWNER,
    CMSG_CHANNEL_UNBAN,
    CMSG_CHANNEL_UNMODERATOR,
    CMSG_CHANNEL_UNMUTE,
    CMSG_JOIN_CHANNEL,
    CMSG_LEAVE_CHANNEL,
    CMSG_SET_CHANNEL_WATCH,
    ChannelOrder,
)
from opcodes.chat import (
    CHAT_MSG_AFK,
    CHAT_MSG_CHANNEL,
    CHAT_MSG_DND,
    CHAT_MSG_SAY,
    CHAT_MSG_WHISPER,
    CHAT_MSG_YELL,
    CMSG_MESSAGECHAT,
    CMSG_TEXT_EMOTE,
    LANG_COMMON,
)
from opcodes.movement import FORWARD, MSG_MOVE_HEARTBEAT, MSG_MOVE_START_FORWARD, MSG_MOVE_STOP
from opcodes.play import (
    CMSG_PLAYED_TIME,
    CMSG_SET_ACTION_BUTTON,
    CMSG_SET_ACTIONBAR_TOGGLES,
    CMSG_SET_SELECTION,
    CMSG_SETSHEATHED,
    CMSG_STANDSTATECHANGE,
    CMSG_TOGGLE_CLOAK,
    CMSG_TOGGLE_HELM,
    CMSG_ZONEUPDATE,
)
from opcodes.query import CMSG_NAME_QUERY, CMSG_QUERY_TIME
from opcodes.session import (
    CMSG_LOGOUT_CANCEL,
    CMSG_LOGOUT_REQUEST,
    CMSG_TUTORIAL_CLEAR,
    CMSG_TUTORIAL_FLAG,
    CMSG_TUTORIAL_RESET,
)
from opcodes.social import (
    CMSG_ADD_FRIEND,
    CMSG_ADD_IGNORE,
    CMSG_CONTACT_LIST,
    CMSG_DEL_FRIEND,
    CMSG_DEL_IGNORE,
    CMSG_SET_CONTACT_NOTES,
    CMSG_WHO,
)
from opcodes.vocab import Packet

if TYPE_CHECKING:
    from bluemarble.tools.simulator.bots import Bot

CHANNEL = "simulated"
PLACES = ("larkmeadow", "alderhithe", "cinderfold", "ochrestead")  # of game_tele, on two maps
STEP_YARDS = 2.0  # of those who say by TCP where they are
NAMES = ("Bota", "Botb", "Botc", "Botd", "Nobody")
GUIDS = range(1, 6)
TUTORIALS = 256
SIGNAL = opcodes.version(12340).numbers[CMSG_MESSAGECHAT]


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
        game.player.send(CMSG_DEL_FRIEND(guid=bot.chance.choice(GUIDS)))


def ignore(bot: "Bot", game: Game) -> None:
    """Somebody, by name, or no more."""
    if bot.chance.random() < 0.6:
        game.player.send(CMSG_ADD_IGNORE(name=bot.chance.choice(NAMES)))
    else:
        game.player.send(CMSG_DEL_IGNORE(guid=bot.chance.choice(GUIDS)))


def remember(bot: "Bot", game: Game) -> None:
    """Something of a friend, or who they are."""
    bot.line += 1
    game.player.send(CMSG_SET_CONTACT_NOTES(player=bot.chance.choice(GUIDS), note=f"note {bot.line}"))
    game.player.send(CMSG_CONTACT_LIST(flags=7))


def manage(bot: "Bot", game: Game) -> None:
    """The channel, if one may."""
    order = bot.chance.choice(ORDERS)
    game.player.send(order(bot.chance.choice(NAMES)))


def away(bot: "Bot", game: Game) -> None:
    """Or busy, or back."""
    _order(bot, game, bot.chance.choice(("", "at lunch")), bot.chance.choice((CHAT_MSG_AFK, CHAT_MSG_DND)))


def fidget(bot: "Bot", game: Game) -> None:
    """Sit, draw, look at somebody, change what one wears or which bars are shown."""
    chance = bot.chance
    some: tuple[Packet, ...] = (
        CMSG_STANDSTATECHANGE(animation_state=chance.choice((0, 1, 3, 8))),
        CMSG_SETSHEATHED(sheathed=chance.choice((0, 1, 2, 3))),
        CMSG_SET_SELECTION(target=chance.choice(GUIDS)),
        CMSG_SET_ACTIONBAR_TOGGLES(action_bar=chance.randrange(16)),
        CMSG_TOGGLE_HELM(),
        CMSG_TOGGLE_CLOAK(),
        CMSG_ZONEUPDATE(area=chance.choice((12, 40))),
    )
    game.player.send(chance.choice(some))


def ask(bot: "Bot", game: Game) -> None:
    """What clients ask all the time."""
    some: tuple[Packet, ...] = (
        CMSG_NAME_QUERY(guid=bot.chance.choice(GUIDS)),
        CMSG_PLAYED_TIME(show_on_ui=1),
        CMSG_QUERY_TIME(),
        CMSG_CHANNEL_LIST(channel_name=CHANNEL),
        CMSG_SET_CHANNEL_WATCH(channel=CHANNEL),
    )
    game.player.send(bot.chance.choice(some))


def store(bot: "Bot", game: Game) -> None:
    """Account data."""
    bot.keepsakes.store(game.player, bot.chance)


def recall(bot: "Bot", game: Game) -> None:
    """Account data, or how old it is."""
    bot.keepsakes.recall(game.player, bot.chance)


def learn(bot: "Bot", game: Game) -> None:
    """A tutorial has been shown; or all are to be, or none."""
    chance = bot.chance.random()
    if chance < 0.5:
        game.player.send(CMSG_TUTORIAL_FLAG(tutorial_flag=bot.chance.randrange(TUTORIALS)))
    else:
        game.player.send(CMSG_TUTORIAL_RESET() if chance < 0.9 else CMSG_TUTORIAL_CLEAR())


def signal(bot: "Bot", game: Game) -> None:
    """A line by the datagram link, reliably: it gets there, and nobody hears it, for clients speak by TCP."""
    if game.player.link.stage is Stage.OPEN and bot.links:
        line = bot.books.signals.next(bot.number, bot.links)
        words = CMSG_MESSAGECHAT(chat_type=CHAT_MSG_YELL, language=LANG_COMMON, message=line)
        try:
            game.player.link.tell(SIGNAL, codec(CMSG_MESSAGECHAT).encode(words))
        except TooMuch:
            bot.books.signals.unsaid(bot.number, bot.links)


def locate(bot: "Bot", game: Game) -> None:
    """Where am I?  Only game masters are told."""
    _order(bot, game, ".gps")


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


def _order(bot: "Bot", game: Game, line: str, kind: int = CHAT_MSG_SAY) -> None:
    game.player.send(CMSG_MESSAGECHAT(chat_type=kind, language=LANG_COMMON, message=line))


def hesitate(bot: "Bot", game: Game) -> None:
    """Ask to log out, and think better of it."""
    game.player.send(CMSG_LOGOUT_REQUEST())
    game.player.send(CMSG_LOGOUT_CANCEL())


def _over(cls: type[ChannelOrder]) -> Callable[[str], Packet]:
    """An order about somebody in the channel."""
    return lambda name: cls(channel_name=CHANNEL, player_name=name)


ORDERS: tuple[Callable[[str], Packet], ...] = (
    *map(_over, (CMSG_CHANNEL_KICK, CMSG_CHANNEL_BAN, CMSG_CHANNEL_UNBAN, CMSG_CHANNEL_INVITE)),
    *map(_over, (CMSG_CHANNEL_MODERATOR, CMSG_CHANNEL_UNMODERATOR, CMSG_CHANNEL_MUTE, CMSG_CHANNEL_UNMUTE)),
    lambda name: CMSG_CHANNEL_SET_OWNER(channel_name=CHANNEL, new_owner=name),
    lambda name: CMSG_CHANNEL_PASSWORD(channel_name=CHANNEL, channel_password=name[:1]),
    lambda name: CMSG_CHANNEL_PASSWORD(channel_name=CHANNEL, channel_password=""),
    lambda name: CMSG_CHANNEL_MODERATE(channel_name=CHANNEL),
    lambda name: CMSG_CHANNEL_ANNOUNCEMENTS(channel_name=CHANNEL),
)
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
    ignore: 3,
    remember: 1,
    manage: 2,
    away: 1,
    fidget: 2,
    ask: 1,
    store: 4,
    recall: 4,
    learn: 2,
    signal: 6,
    locate: 1,
}
DOES, WEIGHTS = list(HABITS), list(HABITS.values())
