"""Who is there?"""

from bluemarble.sim.handling import handler
from bluemarble.sim.pace import WHO
from bluemarble.sim.society import Member, Society
from opcodes.social import CMSG_WHO, CMSG_WHOIS, SMSG_WHO, SMSG_WHOIS, WhoPlayer

WHOIS_LEVEL = 1


@handler
def who(society: Society, member: Member, message: CMSG_WHO) -> None:
    """Those of the member's side whom all the filters let through; the first are listed, all counted."""
    if not society.allows(member, WHO):
        return
    name, words = message.player_name.lower(), [word.lower() for word in message.search_strings if word]
    zones = frozenset(message.zones)
    found: list[Member] = []
    count = 0
    for other in society.members.values():
        if (
            message.minimum_level <= other.level <= message.maximum_level
            and message.race_mask >> other.race & 1
            and message.class_mask >> other.class_ & 1
            and (not zones or other.zone in zones)
            and not message.guild_name
            and (not name or name in other.name.lower())
            and (not words or _spoken_of(other, words))
            and not society.apart(member, other.team)
        ):
            count += 1
            if len(found) < society.rules.who_limit:
                found.append(other)
    society.send(
        member,
        SMSG_WHO(
            online_players=count,
            players=[
                WhoPlayer(
                    name=it.name,
                    guild="",
                    level=it.level,
                    class_type=it.class_,
                    race=it.race,
                    gender=it.gender,
                    area=it.zone,
                )
                for it in found
            ],
        ),
    )


@handler
def whois(society: Society, member: Member, message: CMSG_WHOIS) -> None:
    """Whose character that is, for those who may know."""
    other = society.named(message.character)
    if member.gmlevel < WHOIS_LEVEL:
        society.say(member, "Only game masters may ask that.")
    elif other is None:
        society.send(member, SMSG_WHOIS(message=f"{message.character} is not here."))
    else:
        society.send(member, SMSG_WHOIS(message=f"{other.name} belongs to account {other.account}."))


def _spoken_of(other: Member, words: list[str]) -> bool:
    """Whether any of the words is in what the search looks at."""
    return any(word in other.name.lower() for word in words)
