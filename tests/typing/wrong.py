"""mypy must refuse every line marked E, and no other; tests/typing/check.py looks."""

from bluemarble.native.interest import Interest
from bluemarble.rows import Write
from bluemarble.sim.effects import Input, Save, Send
from bluemarble.sim.handling import handler
from bluemarble.sim.zone import Player, Zone
from opcodes.cluster import NMSG_CLOCK
from opcodes.movement import Movement


@handler
def wrong(zone: Zone, player: Player, message: Movement) -> None:
    """Every way to get it wrong that a type can tell."""
    message.xx = 1.0  # E: no such field
    heading: str = message.orientation  # E: a float
    seat = message.transport.seat  # E: may be None
    NMSG_CLOCK(latency_ms=1)  # E: no offset
    NMSG_CLOCK(latency_ms="a", offset_ms=2)  # E: not an int
    zone.send(message, player)  # E: the other way round
    Input(player, message)  # E: a session is a number
    Send(player.session, message)  # E: a tuple of sessions
    Save(player.guid, (message,))  # E: not writes
    Write(player, {}, None)  # E: a row class
    Interest().put(1, "x", 2.0)  # E: yards are numbers
    Interest().refresh().observer  # E: observers


@handler  # E: answers nothing
def answering(zone: Zone, player: Player, message: Movement) -> int:
    """A handler speaks through the zone."""
    return 1
