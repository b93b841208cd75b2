"""
What happens in the golden journals: players who come, walk, talk and go, as one seed has it.

A story is stepped beside the world it is played to: it answers the effects that a client would answer.
"""

import random
from collections.abc import Iterator

from bluemarble.sim.effects import Input, Load, Save, Send
from bluemarble.sim.rules import Rules
from opcodes.channels import CMSG_JOIN_CHANNEL
from opcodes.chat import (
    CHAT_MSG_AFK,
    CHAT_MSG_CHANNEL,
    CHAT_MSG_EMOTE,
    CHAT_MSG_SAY,
    CHAT_MSG_WHISPER,
    CHAT_MSG_YELL,
    CMSG_MESSAGECHAT,
    CMSG_TEXT_EMOTE,
    LANG_COMMON,
)
from opcodes.cluster import (
    NMSG_CLOCK,
    NMSG_DISCONNECTED,
    NMSG_ENTER_WORLD,
    NMSG_LEAVE,
    NMSG_SAVED,
    NMSG_SHUTDOWN,
    NMSG_TAKE_OVER,
    CharacterState,
    SkillState,
    SocialState,
)
from opcodes.movement import FORWARD, MSG_MOVE_HEARTBEAT, MSG_MOVE_START_FORWARD, MSG_MOVE_STOP
from opcodes.orders import (
    MSG_MOVE_TELEPORT_ACK,
    MSG_MOVE_WORLDPORT_ACK,
    SMSG_NEW_WORLD,
    MSG_MOVE_TELEPORT_ACK_Server,
)
from opcodes.play import CMSG_SET_SELECTION, CMSG_STANDSTATECHANGE
from opcodes.query import CMSG_NAME_QUERY
from opcodes.session import CMSG_LOGOUT_REQUEST
from opcodes.social import CMSG_WHO
from tests.journals.content import HOME, HUMAN, WARRIOR

NAMES = ["Ada", "Bob", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hedy", "Ivo", "Jana"]
UNIX_S = 1_800_000_000
RULES = Rules(
    logout_ms=3_000, linger_ms=4_000, grid_unload_ms=5_000, save_interval_ms=12_000, motd=("Well met.",)
)
TICK_S = 0.05


class Walker:
    """One player: session n, character n."""

    def __init__(self, number: int) -> None:
        self.session, self.guid, self.name = number, number, NAMES[number - 1]
        _, self.x, self.y, self.z = HOME
        self.x += 3.0 * number
        self.moving = False
        self.here = False

    def state(self) -> CharacterState:
        """The character as a lobby would have loaded it."""
        friend = self.guid % len(NAMES) + 1
        return CharacterState(
            guid=self.guid,
            account=self.guid,
            name=self.name,
            race=HUMAN,
            class_=WARRIOR,
            gender=self.guid % 2,
            level=3,
            xp=10,
            money=77,
            skin=1,
            face=2,
            hairStyle=3,
            hairColor=4,
            facialStyle=5,
            playerFlags=0,
            map=HOME[0],
            zone=12,
            position_x=self.x,
            position_y=self.y,
            position_z=self.z,
            orientation=0.5,
            totaltime=500,
            leveltime=5,
            is_logout_resting=0,
            at_login=0,
            cinematic=1,
            extra_flags=0,
            health=60,
            power1=0,
            actionBars=0,
            home_map=HOME[0],
            home_zone=12,
            home_x=HOME[1],
            home_y=HOME[2],
            home_z=HOME[3],
            spells=[668],
            skills=[SkillState(skill=98, value=300, max=300)],
            social=[SocialState(friend=friend, flags=1, note="", name=NAMES[friend - 1])],
        )

    def enter(self) -> Input:
        """Comes in, Ada as a GM."""
        return Input(
            self.session,
            NMSG_ENTER_WORLD(
                gmlevel=3 if self.guid == 1 else 0,
                build=12340,
                server_time=UNIX_S,
                account_data_times=[0] * 8,
                tutorials=[0xFFFFFFFF] * 8,
                character=self.state(),
            ),
        )

    def take_over(self, session: int) -> Input:
        """Another client of the same account claims the character."""
        self.session = session
        return Input(
            session,
            NMSG_TAKE_OVER(
                guid=self.guid,
                gmlevel=0,
                build=12340,
                server_time=UNIX_S + 9,
                account_data_times=[0] * 8,
                tutorials=[0] * 8,
            ),
        )

    def says(self, kind: int, message: str, **to: str) -> Input:
        """Chat."""
        return Input(
            self.session, CMSG_MESSAGECHAT(chat_type=kind, language=LANG_COMMON, message=message, **to)
        )

    def moves(self, kind: type, tick: int, flags: int = FORWARD) -> Input:
        """Says where it is."""
        return Input(
            self.session,
            kind(
                guid=self.guid,
                flags=flags,
                flags2=0,
                timestamp=tick * 50 & 0xFFFFFFFF,
                x=self.x,
                y=self.y,
                z=self.z,
                orientation=0.0,
                fall_time=0,
            ),
        )


class Story:
    """@ivar script: tick to what happens in it beside the everyday."""

    asks = (
        lambda chance: CMSG_TEXT_EMOTE(text_emote=101, emote=0, target=chance.randint(1, 10)),
        lambda chance: CMSG_STANDSTATECHANGE(animation_state=chance.randint(0, 1)),
        lambda chance: CMSG_SET_SELECTION(target=chance.randint(1, 10)),
        lambda chance: CMSG_NAME_QUERY(guid=chance.randint(1, 10)),
        lambda chance: NMSG_CLOCK(latency_ms=chance.randint(10, 300), offset_ms=chance.randint(-999, 999)),
        lambda chance: CMSG_WHO(
            minimum_level=0,
            maximum_level=80,
            player_name="",
            guild_name="",
            race_mask=0xFFFFFFFF,
            class_mask=0xFFFFFFFF,
        ),
    )

    def __init__(self, seed: int, script: dict) -> None:
        self.chance = random.Random(seed)
        self.script = script
        self.walkers = {n: Walker(n) for n in range(1, len(NAMES) + 1)}
        self.answers: list[Input] = []

    def inputs(self, tick: int) -> list[Input]:
        """What reaches the world in this tick."""
        came, self.answers = self.answers, []
        for what, number in self.script.get(tick, ()):
            came += what(self.walkers[number], tick)
        for walker in self.walkers.values():
            if walker.here:
                came += self.everyday(walker, tick)
        return came

    def heard(self, effects: list) -> None:
        """What clients, the database and the lobby answer."""
        sessions = {w.session: w for w in self.walkers.values()}
        for effect in effects:
            if isinstance(effect, Save) and effect.session:
                self.answers.append(Input(effect.session, NMSG_SAVED()))
            elif isinstance(effect, Load) and isinstance(effect.question, NMSG_TAKE_OVER):
                self.answers.append(Input(effect.session, sessions[effect.session].enter().packet))
            elif isinstance(effect, Send):
                for session in effect.to:
                    self.answers += acknowledged(sessions.get(session), effect.packet)

    def everyday(self, walker: Walker, tick: int) -> Iterator[Input]:
        """Walk some way, stop, say something, look about."""
        roll = self.chance.random()
        if walker.moving:
            walker.x += 7.0 * TICK_S * (1 if walker.guid % 2 else -1)
            walker.y += self.chance.uniform(-0.1, 0.1)
        if roll < 0.01:
            walker.moving = not walker.moving
            kind = MSG_MOVE_START_FORWARD if walker.moving else MSG_MOVE_STOP
            yield walker.moves(kind, tick, FORWARD * walker.moving)
        elif walker.moving and tick % 10 == walker.guid:
            yield walker.moves(MSG_MOVE_HEARTBEAT, tick)
        elif roll < 0.013:
            kind = self.chance.choice([CHAT_MSG_SAY, CHAT_MSG_YELL, CHAT_MSG_EMOTE])
            yield walker.says(kind, f"tick {tick}, and all is well")
        elif roll < 0.016:
            to = self.chance.choice([*NAMES, "Nobody"])
            yield walker.says(CHAT_MSG_WHISPER, "are you there?", target_player=to)
        elif roll < 0.018:
            yield walker.says(CHAT_MSG_CHANNEL, "hello, all", channel="Green")
        elif roll < 0.022:
            yield Input(walker.session, self.chance.choice(self.asks)(self.chance))


def acknowledged(walker: Walker | None, packet: object) -> Iterator[Input]:
    """A client's answer to a teleport, from its new place."""
    if walker is None:
        return
    if isinstance(packet, MSG_MOVE_TELEPORT_ACK_Server):
        walker.x, walker.y, walker.z = packet.info.x, packet.info.y, packet.info.z
        yield Input(
            walker.session,
            MSG_MOVE_TELEPORT_ACK(guid=walker.guid, movement_counter=packet.movement_counter, time=1),
        )
    elif isinstance(packet, SMSG_NEW_WORLD):
        walker.x, walker.y, walker.z = packet.x, packet.y, packet.z
        yield Input(walker.session, MSG_MOVE_WORLDPORT_ACK())


def enters(walker, tick):
    walker.here = True
    return [walker.enter()]


def joins(walker, tick):
    return [
        Input(
            walker.session,
            CMSG_JOIN_CHANNEL(
                channel_id=0, unknown1=0, unknown2=0, channel_name="Green", channel_password=""
            ),
        )
    ]


def says(message, kind=CHAT_MSG_SAY):
    return lambda walker, tick: [walker.says(kind, message)]


def logs_out(walker, tick):
    walker.here = walker.moving = False
    return [walker.moves(MSG_MOVE_STOP, tick, 0), Input(walker.session, CMSG_LOGOUT_REQUEST())]


def drops(walker, tick):
    walker.here = walker.moving = False
    return [Input(walker.session, NMSG_DISCONNECTED())]


def returns(walker, tick):
    walker.here = True
    return [walker.take_over(walker.session + 100)]


def leaves(walker, tick):
    walker.here = False
    return [Input(walker.session, NMSG_LEAVE())]


def lies(walker, tick):
    """Claims to be where it cannot be, and nowhere."""
    there = walker.moves(MSG_MOVE_HEARTBEAT, tick)
    there.packet.x += 900.0
    nowhere = walker.moves(MSG_MOVE_HEARTBEAT, tick)
    nowhere.packet.y = float("inf")
    return [there, nowhere]


def shuts_down(walker, tick):
    for other in (walker,):
        other.here = False
    return [Input(0, NMSG_SHUTDOWN())]


def town() -> Story:
    """Ten come, meet and go, every way there is to go."""
    script: dict = {2 + 6 * n: [(enters, n)] for n in range(1, 11)}
    script |= {70 + n: [(joins, n)] for n in range(1, 8)}
    script |= {
        150: [(says("back soon", CHAT_MSG_AFK), 4)],
        200: [(lies, 2)],
        240: [(logs_out, 3)],
        250: [(drops, 5)],
        260: [(drops, 6)],
        300: [(returns, 6)],  # taken over while it lingers
        360: [(enters, 3)],  # and back after its logout
        400: [(returns, 5)],  # lingered out: the lobby loads it
        460: [(leaves, 7)],
    }
    return Story(11, script)


def travel() -> Story:
    """A GM goes to and fro between two maps, grids sleep behind it, and the server stops."""
    script: dict = {2 + n: [(enters, n)] for n in range(1, 5)}
    script |= {
        60: [(says(".tele camp"), 1)],
        130: [(says(".gps"), 1), (logs_out, 4)],
        200: [(says(".tele green"), 1)],
        230: [(says(".save"), 1), (drops, 2)],
        260: [(says(".tele camp"), 1)],
        262: [(drops, 1)],  # between two maps
        300: [(returns, 2)],
        520: [(shuts_down, 3)],
    }
    return Story(12, script)
