"""Names of characters, here or stored, and what else the database answers."""

from bluemarble.sim.handlers.social import BEFRIEND, IGNORE, answer_befriend, answer_ignore
from bluemarble.sim.handling import handler
from bluemarble.sim.pace import LOOK_UP
from bluemarble.sim.society import Member, Society
from opcodes.cluster import NMSG_CHARACTER, NMSG_CHARACTER_QUERY
from opcodes.query import CMSG_NAME_QUERY, SMSG_NAME_QUERY_RESPONSE

NAME = 1  # why the database was asked; BEFRIEND and IGNORE are others
PLAYER_GUIDS = 1 << 32  # guids of players are below: 32 bits in the database
NOBODY = 1  # SMSG_NAME_QUERY_RESPONSE.early_terminate


@handler
def name_query(society: Society, member: Member, message: CMSG_NAME_QUERY) -> None:
    """Who is that?  Without an answer a client shows nothing of what that one says."""
    who = society.by_guid.get(message.guid)
    if who is not None:
        society.send(member, _response(who.guid, who.name, who.race, who.gender, who.class_))
    elif not 0 < message.guid < PLAYER_GUIDS:
        society.send(member, SMSG_NAME_QUERY_RESPONSE(guid=message.guid, early_terminate=NOBODY))
    elif society.allows(member, LOOK_UP):
        society.ask(
            member, NMSG_CHARACTER_QUERY(guid=message.guid, name="", why=NAME, note=str(message.guid))
        )


@handler
def stored(society: Society, member: Member, message: NMSG_CHARACTER) -> None:
    """What the database knows of whom it was asked."""
    if message.why == NAME:
        if message.guid and message.name:
            society.send(
                member, _response(message.guid, message.name, message.race, message.gender, message.class_)
            )
        elif message.note.isascii() and message.note.isdigit() and int(message.note) < PLAYER_GUIDS:
            society.send(member, SMSG_NAME_QUERY_RESPONSE(guid=int(message.note), early_terminate=NOBODY))
    elif message.why == BEFRIEND:
        answer_befriend(society, member, message)
    elif message.why == IGNORE:
        answer_ignore(society, member, message)
    else:
        society.count("answer_unasked")


def _response(guid: int, name: str, race: int, gender: int, class_: int) -> SMSG_NAME_QUERY_RESPONSE:
    return SMSG_NAME_QUERY_RESPONSE(
        guid=guid,
        early_terminate=0,
        character_name=name,
        realm_name="",
        race=race,
        gender=gender,
        class_type=class_,
        has_declined_names=0,
    )
