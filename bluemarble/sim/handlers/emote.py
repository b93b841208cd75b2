"""Emotes: with the body, and in words."""

from bluemarble.sim.entity import Creature, Player
from bluemarble.sim.fields import EMOTE_STATE
from bluemarble.sim.handlers.chat import in_pace, may_speak
from bluemarble.sim.handling import handler
from bluemarble.sim.zone import Zone
from opcodes.chat import CMSG_EMOTE, CMSG_TEXT_EMOTE, SMSG_EMOTE, SMSG_TEXT_EMOTE

EMOTE_LIMIT = 500  # ids beyond are none that a client knows
TEXT_EMOTE_LIMIT = 700
DANCE, READ = 10, 69  # states: they last until the next move

# Text emote: the body's emote that goes with it.  Source: ids a stock client knows.
BODY = {
    1: 273,
    3: 14,
    5: 21,
    8: 20,
    17: 2,
    19: 3,
    21: 4,
    22: 19,
    24: 21,
    31: 18,
    34: DANCE,
    35: 7,
    37: 7,
    41: 23,
    51: 16,
    55: 3,
    58: 17,
    59: 16,
    60: 11,
    66: 274,
    67: 273,
    72: 25,
    75: 15,
    77: 14,
    78: 66,
    82: 22,
    84: 24,
    93: 1,
    97: 1,
    101: 3,
}


@handler
def show(zone: Zone, player: Player, message: CMSG_EMOTE) -> None:
    """The body alone; 0 ends a lasting one."""
    if message.emote > EMOTE_LIMIT:
        zone.count("emote_refused")
    elif message.emote in (0, DANCE, READ):
        zone.change(player, EMOTE_STATE, message.emote)
    elif in_pace(zone, player):
        zone.send_nearby(player, SMSG_EMOTE(emote=message.emote, guid=player.guid), myself=True)


@handler
def say(zone: Zone, player: Player, message: CMSG_TEXT_EMOTE) -> None:
    """In words, to those near enough to hear, and with the body to all who see."""
    if message.text_emote > TEXT_EMOTE_LIMIT:
        zone.count("emote_refused")
        return
    if not may_speak(zone, player) or not in_pace(zone, player):
        return
    body = BODY.get(message.text_emote)
    if body in (DANCE, READ):
        zone.change(player, EMOTE_STATE, body)
    elif body is not None:
        zone.send_nearby(player, SMSG_EMOTE(emote=body, guid=player.guid), myself=True)
    said = SMSG_TEXT_EMOTE(
        guid=player.guid,
        text_emote=message.text_emote,
        emote=message.emote,
        name=name_of(zone, message.target),
    )
    zone.send_nearby(player, said, radius_yards=zone.rules.emote_yards, myself=True)


def name_of(zone: Zone, guid: int) -> str:
    """What an object of this zone is called; nothing, if it has no name or is not here."""
    it = zone.objects.get(guid)
    if isinstance(it, Player):
        return it.name
    return str(it.template.row.name)[:90] if isinstance(it, Creature) else ""
