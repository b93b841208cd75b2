"""Ten thousand inputs of ten players, by a seed: a journal in which something small can hide."""

import io
import random

from bluemarble.sim.effects import Input
from bluemarble.sim.world import World
from bluemarble.wire import journal
from opcodes.chat import CHAT_MSG_AFK, CHAT_MSG_DND, CHAT_MSG_SAY, CMSG_TEXT_EMOTE
from opcodes.movement import FORWARD, MSG_MOVE_HEARTBEAT, MSG_MOVE_START_FORWARD, MSG_MOVE_STOP
from opcodes.play import CMSG_SET_SELECTION, CMSG_STANDSTATECHANGE
from opcodes.query import CMSG_NAME_QUERY
from tests.journals import story
from tests.journals.content import content
from tests.journals.record import header

PLAYERS, INPUTS, IN_TICK = 10, 10_000, 10
PARTIES, APART_YARDS = 5, 300.0  # what a party does the others do not see: most of a tick is telling
SETTLED = 2 * PLAYERS + 20  # everyone is there and has loaded


class Guest(story.Walker):
    """As the walkers of the stories, but that there are more of them."""

    def __init__(self, number):
        super().__init__((number - 1) % len(story.NAMES) + 1)
        self.session = self.guid = number
        self.y += APART_YARDS * (number % PARTIES)
        self.name += "bcdefgh"[(number - 1) // len(story.NAMES)]


def crowd(seed, inputs=INPUTS):
    """
    A journal's bytes: nothing in it depends on what the world says.

    Most walk; about one in two hundred is away, or does not want to be disturbed.
    """
    chance = random.Random(seed)
    guests = [Guest(n) for n in range(1, PLAYERS + 1)]
    out = io.BytesIO()
    writer = journal.Writer(out, header(World(content(), story.RULES, seed)))
    for n, guest in enumerate(guests):
        writer.tick(2 + 2 * n, [guest.enter()])
    tick, left = SETTLED, inputs - PLAYERS
    while left > 0:
        some = min(left, IN_TICK)
        writer.tick(tick, [does(chance.choice(guests), chance, tick) for _ in range(some)])
        tick, left = tick + 1, left - some
    writer.digest(tick, [])
    writer.flush()
    return out.getvalue()


def does(guest, chance, tick):
    """One thing."""
    what = chance.random()
    if what < 0.005:
        return guest.says(chance.choice([CHAT_MSG_AFK, CHAT_MSG_DND]), chance.choice(["", "at lunch"]))
    if what < 0.05:
        return guest.says(CHAT_MSG_SAY, f"it is {tick}")
    if what < 0.15:
        asks = (
            CMSG_TEXT_EMOTE(text_emote=chance.randint(1, 120), emote=0, target=chance.randint(1, PLAYERS)),
            CMSG_STANDSTATECHANGE(animation_state=chance.randint(0, 1)),
            CMSG_SET_SELECTION(target=chance.randint(1, PLAYERS)),
            CMSG_NAME_QUERY(guid=chance.randint(1, PLAYERS)),
        )
        return Input(guest.session, chance.choice(asks))
    guest.x += chance.uniform(-0.3, 0.3)
    guest.y += chance.uniform(-0.3, 0.3)
    kind = chance.choice([MSG_MOVE_HEARTBEAT, MSG_MOVE_START_FORWARD, MSG_MOVE_STOP])
    return guest.moves(kind, tick, 0 if kind is MSG_MOVE_STOP else FORWARD)
