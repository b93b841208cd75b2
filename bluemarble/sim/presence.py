"""Coming into the world and leaving it: login, take over, logout, lingering, shutdown."""

from typing import TYPE_CHECKING

from bluemarble.sim import burst, reach, resting, saving
from bluemarble.sim.effects import SOCIETY, Close, Leave, Load
from bluemarble.sim.entity import Player
from bluemarble.sim.fields import (
    BYTES_1,
    FLAGS,
    PLAYER_FLAG_AFK,
    PLAYER_FLAG_DND,
    PLAYER_FLAG_RESTING,
    STATE_SIT,
    STATE_STAND,
    UNIT_FLAG_STUNNED,
    player_fields,
)
from bluemarble.sim.geometry import f32, on_map
from bluemarble.sim.timers import LINGER, LOGOUT
from opcodes.cluster import NMSG_ENTER_WORLD, NMSG_MEMBER_LEFT, NMSG_SHUTDOWN, NMSG_TAKE_OVER, CharacterState
from opcodes.datagram import CLOSE_BYE, CLOSE_REPLACED, CLOSE_SHUTTING_DOWN
from opcodes.orders import SMSG_FORCE_MOVE_ROOT, SMSG_FORCE_MOVE_UNROOT
from opcodes.play import SMSG_STANDSTATE_UPDATE
from opcodes.session import SMSG_LOGOUT_COMPLETE

if TYPE_CHECKING:
    from bluemarble.sim.zone import Zone


def enter(zone: "Zone", session: int, message: NMSG_ENTER_WORLD) -> None:
    """A loaded character comes into the world: the login burst now, its own CREATE a few ticks later."""
    who = message.character
    _place(who)
    who.playerFlags &= ~(PLAYER_FLAG_AFK | PLAYER_FLAG_DND | PLAYER_FLAG_RESTING)
    if who.is_logout_resting:
        who.playerFlags |= PLAYER_FLAG_RESTING
    player = Player(session, zone.slot(), who, player_fields(zone.content, who))
    player.muted_until = message.muted_until
    player.played_ms = zone.now_ms
    rest(zone, player)
    settle(zone, player)
    if who.is_logout_resting:
        resting.begin(zone, player)
    _client(zone, player, message)
    saving.first_save(zone, player)
    burst.login(zone, player)
    zone.save(player)


def turn_away(zone: "Zone", session: int, message: NMSG_ENTER_WORLD) -> None:
    """A character that cannot be brought into the world: it is as if it had never come, and is not saved."""
    player = zone.objects.get(message.character.guid)
    if isinstance(player, Player) and player.session == session:
        depart(zone, player)
    zone.emit(Leave(session, message.character.guid))


def settle(zone: "Zone", player: Player) -> None:
    """Put a player into the zone: it counts, it loads grids, but nobody sees it before its own CREATE."""
    zone.add(player)
    zone.players[player.session] = player
    zone.grids.moved(player)


def rest(zone: "Zone", player: Player) -> None:
    """It stands somewhere new: its client may make a first move from there as if it had stood for long."""
    player.movement = None
    player.moved_ms = zone.now_ms
    reach.refill(zone.rules, player, zone.real_ms)


def end_link(zone: "Zone", player: Player, reason: int) -> None:
    """The player's datagram link ends, for a CLOSE_ reason."""
    zone.emit(Close(player.cid, reason))
    zone.steering.end(player)


def take_over(zone: "Zone", session: int, message: NMSG_TAKE_OVER) -> None:
    """A new client gets a character that is still here, with all that it tells a client at login."""
    player = zone.objects.get(message.guid)
    if not isinstance(player, Player):
        zone.emit(Load(session, message))  # it left within this tick
        return
    del zone.players[player.session]
    zone.sight.unwatch(player)
    player.session = session
    zone.players[session] = player
    if player.cid:
        end_link(zone, player, CLOSE_REPLACED)
    player.linger_ms, player.wired = 0, True
    if player.teleport is not None:
        player.stand(player.teleport)
        player.teleport, player.teleport_ms = None, 0
        zone.grids.moved(player)
        if player.created:
            zone.sight.put(player)
    player.offset_ms, player.saving = None, 0
    _client(zone, player, message)
    _thaw(zone, player)
    burst.login(zone, player)


def leave(zone: "Zone", player: Player, *, complete: bool = False, reason: int = CLOSE_BYE) -> None:
    """
    Save a player and take it out of the world.

    @param complete: its client asked for it and is told.
    @param reason: why its datagram link ends, if it has one: CLOSE_.
    """
    _thaw(zone, player)
    saving.save(zone, player, online=False)
    if complete:
        zone.send(player, SMSG_LOGOUT_COMPLETE())
    depart(zone, player, reason)
    zone.tell(SOCIETY, player.session, NMSG_MEMBER_LEFT())
    zone.emit(Leave(player.session, player.guid))


def depart(zone: "Zone", player: Player, reason: int = CLOSE_BYE) -> None:
    """Take a player out of the zone, and out of nothing else; its datagram link ends for a CLOSE_ reason."""
    if player.cid:
        end_link(zone, player, reason)
    zone.grids.left(player)
    del zone.players[player.session]
    zone.remove(player)


def linger(zone: "Zone", player: Player) -> None:
    """The client has gone without a word: the character stands a while, for its next login to take over."""
    player.wired = False
    if player.linger_ms:
        return
    zone.sight.unwatch(player)
    player.linger_ms = zone.timers.put(zone.now_ms + zone.rules.linger_ms, LINGER, player.guid)


def linger_due(zone: "Zone", guid: int, at_ms: int) -> None:
    """Nobody came for it."""
    player = zone.objects.get(guid)
    if isinstance(player, Player) and player.linger_ms == at_ms:
        leave(zone, player)


def begin_logout(zone: "Zone", player: Player) -> None:
    """Sit down and wait."""
    if player.logout_ms:
        return
    player.logout_ms = zone.timers.put(zone.now_ms + zone.rules.logout_ms, LOGOUT, player.guid)
    root(player, True)
    player.counter += 1
    zone.send(player, SMSG_FORCE_MOVE_ROOT(guid=player.guid, counter=player.counter))
    stand(zone, player, STATE_SIT)
    zone.change(player, FLAGS, player.fields.get(FLAGS, 0) | UNIT_FLAG_STUNNED)


def cancel_logout(zone: "Zone", player: Player) -> None:
    """Get up again."""
    if player.logout_ms:
        player.counter += 1
        zone.send(player, SMSG_FORCE_MOVE_UNROOT(guid=player.guid, counter=player.counter))
        _thaw(zone, player)


def logout_due(zone: "Zone", guid: int, at_ms: int) -> None:
    """The wait is over."""
    player = zone.objects.get(guid)
    if isinstance(player, Player) and player.logout_ms == at_ms:
        leave(zone, player, complete=True)


def shut_down(zone: "Zone", session: int, message: NMSG_SHUTDOWN) -> None:
    """Everyone is saved and leaves, in this step."""
    for player in list(zone.players.values()):
        leave(zone, player, reason=CLOSE_SHUTTING_DOWN)


def root(player: Player, on: bool) -> None:
    """Let nothing that its client says move it, or again."""
    player.rooted = on
    if player.field is not None:
        player.field.root(player.slot, on)


def stand(zone: "Zone", player: Player, state: int) -> None:
    """Stand, sit, sleep or kneel, and tell everyone."""
    zone.change(player, BYTES_1, player.fields.get(BYTES_1, 0) & ~0xFF | state)
    zone.send(player, SMSG_STANDSTATE_UPDATE(state=state))


def _thaw(zone: "Zone", player: Player) -> None:
    if player.logout_ms:
        player.logout_ms = 0
        root(player, False)
        stand(zone, player, STATE_STAND)
        zone.change(player, FLAGS, player.fields.get(FLAGS, 0) & ~UNIT_FLAG_STUNNED)


def _client(zone: "Zone", player: Player, message: NMSG_ENTER_WORLD | NMSG_TAKE_OVER) -> None:
    zone.epoch_s = message.server_time - zone.now_ms // 1000
    player.entered_ms = zone.now_ms
    player.gmlevel, player.build, player.server_time = message.gmlevel, message.build, message.server_time
    player.account_data_times = message.account_data_times
    player.tutorials = message.tutorials


def _place(who: CharacterState) -> None:
    """A stored place as the wire will hold it; one that is none becomes the character's home."""
    if not on_map(who.position_x, who.position_y, who.position_z, who.orientation):
        home = (who.home_x, who.home_y, who.home_z)
        who.position_x, who.position_y, who.position_z = home if on_map(*home, 0.0) else (0.0, 0.0, 0.0)
        who.orientation = 0.0
        who.is_logout_resting = 0
    who.position_x, who.position_y = f32(who.position_x), f32(who.position_y)
    who.position_z, who.orientation = f32(who.position_z), f32(who.orientation)
