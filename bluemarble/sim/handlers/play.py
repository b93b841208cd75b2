"""Small things that players do: select, sit, draw, arrange their bars."""

from bluemarble.sim import burst, presence, resting, saving
from bluemarble.sim.effects import SOCIETY
from bluemarble.sim.entity import Player
from bluemarble.sim.fields import BYTES_2, PLAYER_FIELD_BYTES, PLAYER_FLAGS, TARGET
from bluemarble.sim.handlers.chat import in_pace
from bluemarble.sim.handling import handler
from bluemarble.sim.zone import Zone
from opcodes.play import (
    ACTION_BUTTONS,
    CMSG_AREATRIGGER,
    CMSG_ATTACKSTOP,
    CMSG_ATTACKSWING,
    CMSG_MOUNTSPECIAL_ANIM,
    CMSG_PLAYED_TIME,
    CMSG_SET_ACTION_BUTTON,
    CMSG_SET_ACTIONBAR_TOGGLES,
    CMSG_SET_SELECTION,
    CMSG_SETSHEATHED,
    CMSG_STANDSTATECHANGE,
    CMSG_TOGGLE_CLOAK,
    CMSG_TOGGLE_HELM,
    CMSG_ZONEUPDATE,
    KNEEL,
    RANGED,
    SIT,
    SLEEP,
    SMSG_ATTACKSTOP,
    SMSG_MOUNTSPECIAL_ANIM,
    SMSG_PLAYED_TIME,
    STAND,
)

STANDS = (STAND, SIT, SLEEP, KNEEL)  # chairs are taken by using them, and nobody plays dead
ACTION_KINDS = frozenset({0x00, 0x01, 0x20, 0x30, 0x40, 0x41, 0x80})  # spell, click, sets, macros, item
ACTION_LIMIT = 0xFF_FFFF
AREA_LIMIT = 0xFFFF
HIDE_HELM, HIDE_CLOAK = 0x400, 0x800  # of PLAYER_FLAGS


@handler
def select(zone: Zone, player: Player, message: CMSG_SET_SELECTION) -> None:
    """The player's target, seen by others; 0 is nothing, and what is not here is kept all the same."""
    player.selection = message.target
    zone.change(player, TARGET, message.target & 0xFFFF_FFFF)
    zone.change(player, TARGET + 1, message.target >> 32)


@handler
def stand(zone: Zone, player: Player, message: CMSG_STANDSTATECHANGE) -> None:
    """Sit, stand, sleep, kneel; who logs out stays seated."""
    if message.animation_state not in STANDS:
        zone.count("stand_refused")
    elif not player.logout_ms:
        presence.stand(zone, player, message.animation_state)


@handler
def sheathe(zone: Zone, player: Player, message: CMSG_SETSHEATHED) -> None:
    """Draw or sheathe the weapons."""
    if message.sheathed > RANGED:
        zone.count("sheathe_refused")
        return
    zone.change(player, BYTES_2, player.fields.get(BYTES_2, 0) & ~0xFF | message.sheathed)


@handler
def button(zone: Zone, player: Player, message: CMSG_SET_ACTION_BUTTON) -> None:
    """Put something onto an action bar, or clear the button; the row is written at once."""
    action = message.action | message.misc << 16
    if message.button >= ACTION_BUTTONS or message.action_type not in ACTION_KINDS:
        zone.count("button_refused")
        return
    saving.save_action(zone, player, message.button, action & ACTION_LIMIT, message.action_type)


@handler
def bars(zone: Zone, player: Player, message: CMSG_SET_ACTIONBAR_TOGGLES) -> None:
    """Which extra bars show."""
    player.character.actionBars = message.action_bar
    held = player.fields.get(PLAYER_FIELD_BYTES, 0)
    zone.change(player, PLAYER_FIELD_BYTES, held & ~0xFF_0000 | message.action_bar << 16)


@handler
def helm(zone: Zone, player: Player, message: CMSG_TOGGLE_HELM | CMSG_TOGGLE_CLOAK) -> None:
    """Show it, or no longer."""
    who = player.character
    who.playerFlags ^= HIDE_HELM if isinstance(message, CMSG_TOGGLE_HELM) else HIDE_CLOAK
    zone.change(player, PLAYER_FLAGS, who.playerFlags)


@handler
def played(zone: Zone, player: Player, message: CMSG_PLAYED_TIME) -> None:
    """How long, in all and at this level."""
    saving.bring_up_to_date(zone, player)
    who = player.character
    zone.send(
        player,
        SMSG_PLAYED_TIME(
            total_played_time=who.totaltime,
            level_played_time=who.leveltime,
            show_on_ui=int(bool(message.show_on_ui)),
        ),
    )


@handler
def area(zone: Zone, player: Player, message: CMSG_ZONEUPDATE) -> None:
    """Where the client says it is: we have no areas of our own to hold against it."""
    if message.area > AREA_LIMIT:
        zone.count("area_refused")
    elif message.area != player.area:
        player.area = message.area
        zone.tell(SOCIETY, player.session, burst.membership(zone, player, entered=0))


@handler
def trigger(zone: Zone, player: Player, message: CMSG_AREATRIGGER) -> None:
    """Into an inn: the player rests.  Only clients know where triggers are; others do nothing yet."""
    if player.teleport is not None:
        zone.count("trigger_while_teleporting")
    elif message.trigger_id in zone.content.inns:
        resting.begin(zone, player)


@handler
def attack(zone: Zone, player: Player, message: CMSG_ATTACKSWING) -> None:
    """There is no fighting yet: the swing ends as it begins."""
    zone.send(player, SMSG_ATTACKSTOP(player=player.guid, enemy=message.guid))


@handler
def peace(zone: Zone, player: Player, message: CMSG_ATTACKSTOP) -> None:
    """Nor any to stop."""


@handler
def rear(zone: Zone, player: Player, message: CMSG_MOUNTSPECIAL_ANIM) -> None:
    """A mount rears, to those who see it."""
    if in_pace(zone, player):
        zone.send_nearby(player, SMSG_MOUNTSPECIAL_ANIM(guid=player.guid))
