"""
Packets of being in the world, short of movement, chat and fighting.

Source: facts/wire_335.md sections 2 and 3; checked against the wow_world_messages package.
"""

from typing import Annotated

from opcodes.vocab import (
    Packet,
    Record,
    Rest,
    Text,
    array,
    listed,
    maybe,
    one_of,
    packed_guid,
    this,
    u8,
    u16,
    u32,
    u64,
    when,
)

STAND, SIT, SIT_CHAIR, SLEEP, SIT_LOW_CHAIR, SIT_MEDIUM_CHAIR, SIT_HIGH_CHAIR, DEAD, KNEEL = range(9)
SHEATHED, MELEE, RANGED = 0, 1, 2
PARTY_OP_INVITE, PARTY_OP_UNINVITE, PARTY_OP_LEAVE = 0, 1, 2
PARTY_OK, PARTY_BAD_PLAYER_NAME, PARTY_TARGET_NOT_IN_GROUP, PARTY_NOT_IN_GROUP = 0, 1, 2, 6

Name = Annotated[str, Text(48)]


class InitialSpell(Record):
    """A known spell."""

    spell_id: u32
    unknown1: u16 = 0


class Cooldown(Record):
    """A spell that is not ready yet."""

    spell_id: u32
    item_id: u16
    spell_category: u16
    cooldown: u32
    category_cooldown: u32


class SMSG_INITIAL_SPELLS(Packet):
    """The spell book."""

    unknown1: u8 = 0
    initial_spells: list[InitialSpell] = listed(count=u16, limit=4000)
    cooldowns: list[Cooldown] = listed(count=u16, limit=1000)


ACTION_BUTTONS = 144
ACTIONS_INITIAL, ACTIONS_SET, ACTIONS_CLEAR = 0, 1, 2


class SMSG_ACTION_BUTTONS(Packet):
    """The action bars: each u32 is action (24 bits) and kind (8 bits)."""

    behavior: u8
    data: list[u32] | None = when(
        one_of(this.behavior, ACTIONS_INITIAL, ACTIONS_SET), then=array(ACTION_BUTTONS)
    )


class Faction(Record):
    """How one faction stands to the character."""

    flag: u8
    standing: u32


class SMSG_INITIALIZE_FACTIONS(Packet):
    """All 128 of them, by reputation list index."""

    factions: list[Faction] = listed(count=u32, limit=128)


class SMSG_TRIGGER_CINEMATIC(Packet):
    """Show this film."""

    cinematic_sequence_id: u32


class CMSG_NEXT_CINEMATIC_CAMERA(Packet):
    """It has begun."""


class CMSG_COMPLETE_CINEMATIC(Packet):
    """It is over."""


class CMSG_SET_ACTION_BUTTON(Packet):
    """A button was changed; the action's high byte is `misc`, and all zero clears it."""

    button: u8
    action: u16
    misc: u8
    action_type: u8


class CMSG_SET_ACTIONBAR_TOGGLES(Packet):
    """Which extra action bars show, a bit each."""

    action_bar: u8


class CMSG_SET_SELECTION(Packet):
    """The player selects something; 0 is nothing."""

    target: u64


class CMSG_STANDSTATECHANGE(Packet):
    """The player sits, stands, sleeps or kneels."""

    animation_state: u32


class SMSG_STANDSTATE_UPDATE(Packet):
    """It does, to the player itself; the others see its fields change."""

    state: u8


class CMSG_SETSHEATHED(Packet):
    """The player draws or sheathes its weapons."""

    sheathed: u32


class CMSG_PLAYED_TIME(Packet):
    """Asks how long the character was played."""

    show_on_ui: u8


class SMSG_PLAYED_TIME(Packet):
    """So long, in seconds."""

    total_played_time: u32
    level_played_time: u32
    show_on_ui: u8


class CMSG_ZONEUPDATE(Packet):
    """The player is in another zone now, says its client."""

    area: u32


class CMSG_AREATRIGGER(Packet):
    """The player has stepped into one of the map's triggers."""

    trigger_id: u32


class CMSG_TOGGLE_HELM(Packet):
    """Show the helmet, or no longer."""


class CMSG_TOGGLE_CLOAK(Packet):
    """Show the cloak, or no longer."""


class CMSG_TOGGLE_PVP(Packet):
    """The player may be attacked, or no longer; or the other of the two."""

    enable_pvp: u8 | None = maybe()


class CMSG_SET_WATCHED_FACTION(Packet):
    """Which reputation shows on the experience bar."""

    faction: u32


class CMSG_MOUNTSPECIAL_ANIM(Packet):
    """The mount rears."""


class SMSG_MOUNTSPECIAL_ANIM(Packet):
    """That player's mount rears."""

    guid: u64


class CMSG_ATTACKSWING(Packet):
    """The player wants to attack."""

    guid: u64


class CMSG_ATTACKSTOP(Packet):
    """The player wants to stop attacking."""


class SMSG_ATTACKSTART(Packet):
    """The attack begins."""

    attacker: u64
    victim: u64


class SMSG_ATTACKSTOP(Packet):
    """The attack is over."""

    player: packed_guid
    enemy: packed_guid
    unknown1: u32 = 0


class SMSG_ATTACKSWING_CANT_ATTACK(Packet):
    """That cannot be attacked."""


class CMSG_REPOP_REQUEST(Packet):
    """The dead player releases its spirit; some clients add a byte."""

    extra: Annotated[bytes, Rest(4)] = b""


class CMSG_GROUP_INVITE(Packet):
    """Invite that character into a group; some clients leave the number out."""

    name: Name
    unknown1: u32 | None = maybe()


class SMSG_GROUP_INVITE(Packet):
    """That character invites you; the form that every client reads."""

    status: u8 = 1
    name: Name
    unknown1: u32 = 0
    count: u8 = 0
    unknown2: u32 = 0


class CMSG_GROUP_ACCEPT(Packet):
    """The player accepts; some clients leave the number out."""

    unknown1: u32 | None = maybe()


class CMSG_GROUP_DECLINE(Packet):
    """The player does not want to."""


class SMSG_GROUP_DECLINE(Packet):
    """That character does not want to."""

    name: Name


class CMSG_GROUP_DISBAND(Packet):
    """The player leaves its group; harmless when it has none."""


class SMSG_PARTY_COMMAND_RESULT(Packet):
    """
    What came of it.

    Source: facts/wire_335.md section 4: servers and clients in the field have the trailing number.
    """

    operation: u32
    member: Name
    result: u32
    value: u32 = 0
