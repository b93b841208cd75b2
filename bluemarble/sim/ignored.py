"""Client packets that are taken and thrown away, each with why; one without this or a handler is a gap."""

from opcodes.chat import CMSG_CHAT_IGNORED
from opcodes.movement import (
    MSG_MOVE_FEATHER_FALL,
    MSG_MOVE_HOVER,
    MSG_MOVE_ROOT,
    MSG_MOVE_TELEPORT,
    MSG_MOVE_UNROOT,
    MSG_MOVE_WATER_WALK,
    SpeedSet,
)
from opcodes.orders import CMSG_SET_ACTIVE_MOVER, MSG_MOVE_TIME_SKIPPED
from opcodes.play import (
    CMSG_COMPLETE_CINEMATIC,
    CMSG_GROUP_ACCEPT,
    CMSG_GROUP_DECLINE,
    CMSG_GROUP_DISBAND,
    CMSG_GROUP_INVITE,
    CMSG_NEXT_CINEMATIC_CAMERA,
    CMSG_REPOP_REQUEST,
    CMSG_SET_WATCHED_FACTION,
    CMSG_TOGGLE_PVP,
)
from opcodes.vocab import Packet

SERVERS_WORD = "only a server says this; from a client it means nothing"
NO_GROUPS = "there are no groups yet, and some clients leave theirs at every login"

IGNORED: dict[type[Packet], str] = {
    MSG_MOVE_TELEPORT: SERVERS_WORD,
    MSG_MOVE_ROOT: SERVERS_WORD,
    MSG_MOVE_UNROOT: SERVERS_WORD,
    MSG_MOVE_HOVER: SERVERS_WORD,
    MSG_MOVE_FEATHER_FALL: SERVERS_WORD,
    MSG_MOVE_WATER_WALK: SERVERS_WORD,
    MSG_MOVE_TIME_SKIPPED: SERVERS_WORD,
    **dict.fromkeys(SpeedSet.__subclasses__(), SERVERS_WORD),
    CMSG_CHAT_IGNORED: "the society knows who ignores whom, and says so itself",
    CMSG_SET_ACTIVE_MOVER: "a player moves nobody but itself",
    CMSG_GROUP_INVITE: NO_GROUPS,
    CMSG_GROUP_ACCEPT: NO_GROUPS,
    CMSG_GROUP_DECLINE: NO_GROUPS,
    CMSG_GROUP_DISBAND: NO_GROUPS,
    CMSG_REPOP_REQUEST: "nobody is dead",
    CMSG_TOGGLE_PVP: "nobody fights",
    CMSG_SET_WATCHED_FACTION: "there is no reputation to watch yet",
    CMSG_NEXT_CINEMATIC_CAMERA: "we show no films, and wait for the end of none",
    CMSG_COMPLETE_CINEMATIC: "we show no films, and wait for the end of none",
}
