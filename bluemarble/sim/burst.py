"""What a client is told when its character comes into the world, in the order that every client accepts."""

from typing import TYPE_CHECKING

from bluemarble.sim.effects import SOCIETY
from bluemarble.sim.entity import Player
from bluemarble.sim.timers import CREATE, SYNC
from opcodes.cluster import NMSG_MEMBER
from opcodes.play import (
    ACTION_BUTTONS,
    ACTIONS_INITIAL,
    SMSG_ACTION_BUTTONS,
    SMSG_INITIAL_SPELLS,
    SMSG_INITIALIZE_FACTIONS,
    Faction,
    InitialSpell,
)
from opcodes.session import (
    SMSG_ACCOUNT_DATA_TIMES,
    SMSG_BINDPOINTUPDATE,
    SMSG_INIT_WORLD_STATES,
    SMSG_LOGIN_SETTIMESPEED,
    SMSG_LOGIN_VERIFY_WORLD,
    SMSG_MOTD,
    SMSG_TIME_SYNC_REQ,
    SMSG_TUTORIAL_FLAGS,
)

if TYPE_CHECKING:
    from bluemarble.sim.zone import Zone

ACCOUNT_DATA_MASK = 0xFF  # times for all 8 kinds
FACTION_COUNT = 128
GAME_MINUTES_A_SECOND = 1 / 60  # a day of the world lasts a day
DAY_S = 86_400


def login(zone: "Zone", player: Player) -> None:
    """A client has just chosen its character: everything up to the first time request."""
    who = player.character
    zone.send(
        player,
        SMSG_LOGIN_VERIFY_WORLD(map=zone.map, x=player.x, y=player.y, z=player.z, orientation=player.facing),
    )
    times = (player.account_data_times + [0] * 8)[:8]
    zone.send(
        player,
        SMSG_ACCOUNT_DATA_TIMES(unix_time=zone.unix_s() & 0xFFFF_FFFF, mask=ACCOUNT_DATA_MASK, times=times),
    )
    zone.send(player, SMSG_TUTORIAL_FLAGS(tutorial_data=(player.tutorials + [0xFFFF_FFFF] * 8)[:8]))
    zone.send(player, SMSG_MOTD(motds=list(zone.rules.motd)))
    zone.send(player, SMSG_INITIAL_SPELLS(initial_spells=[InitialSpell(spell_id=s) for s in who.spells]))
    surroundings(zone, player, entered=1)


def surroundings(zone: "Zone", player: Player, *, entered: int) -> None:
    """
    What a client also asks for after it has loaded another map.

    @param entered: 1 for one that has just logged in: the society then sends its contact list.
    """
    who = player.character
    zone.send(
        player,
        SMSG_BINDPOINTUPDATE(x=who.home_x, y=who.home_y, z=who.home_z, map=who.home_map, area=who.home_zone),
    )
    zone.send(player, action_buttons(player))
    zone.send(player, SMSG_INITIALIZE_FACTIONS(factions=[Faction(flag=0, standing=0)] * FACTION_COUNT))
    zone.send(
        player, SMSG_LOGIN_SETTIMESPEED(datetime=packed_time(zone.unix_s()), timescale=GAME_MINUTES_A_SECOND)
    )
    zone.send(player, SMSG_INIT_WORLD_STATES(map=zone.map, area=player.area, sub_area=0))
    zone.tell(SOCIETY, player.session, membership(zone, player, entered=entered))
    player.sync_count = 0
    sync(zone, player)
    player.create_ms = zone.timers.put(zone.now_ms + zone.rules.own_create_ticks * 50, CREATE, player.guid)


def sync(zone: "Zone", player: Player) -> None:
    """Ask the client for its clock, and again soon, and then for ever: this also keeps its line alive."""
    zone.send(player, SMSG_TIME_SYNC_REQ(time_sync=player.sync_count))
    wait_ms = zone.rules.time_sync_ms if player.sync_count else zone.rules.time_sync_first_ms
    player.sync_count += 1
    player.sync_ms = zone.timers.put(zone.now_ms + wait_ms, SYNC, player.guid)


def sync_due(zone: "Zone", guid: int, at_ms: int) -> None:
    """The timer of `sync`."""
    player = zone.objects.get(guid)
    if isinstance(player, Player) and player.sync_ms == at_ms and player.wired:
        sync(zone, player)


def create_due(zone: "Zone", guid: int, at_ms: int) -> None:
    """The client's own character, and from then on what is around it."""
    player = zone.objects.get(guid)
    if not isinstance(player, Player) or player.create_ms != at_ms or player.linger_ms:
        return
    create(zone, player)


def create(zone: "Zone", player: Player) -> None:
    """The player stands in the world: others see it, and it sees them, over its link if it has one."""
    player.create_ms = 0
    player.created = True
    zone.sight.create_self(player)
    if player.cid:
        zone.steering.begin(player)
    else:
        zone.sight.watch(player)


def membership(zone: "Zone", player: Player, *, entered: int) -> NMSG_MEMBER:
    """How the player appears to the society."""
    who = player.character
    return NMSG_MEMBER(
        guid=player.guid,
        account=who.account,
        name=who.name,
        race=who.race,
        class_=who.class_,
        gender=who.gender,
        level=who.level,
        gmlevel=player.gmlevel,
        map=zone.map,
        zone=player.area,
        flags=who.playerFlags,
        entered=entered,
        social=who.social if entered else [],
    )


def action_buttons(player: Player) -> SMSG_ACTION_BUTTONS:
    """The action bars as they are."""
    data = [0] * ACTION_BUTTONS
    for it in player.character.actions:
        if it.button < ACTION_BUTTONS:
            data[it.button] = it.action & 0xFF_FFFF | it.type << 24
    return SMSG_ACTION_BUTTONS(behavior=ACTIONS_INITIAL, data=data)


def packed_time(unix_s: int) -> int:
    """
    A unix time as SMSG_LOGIN_SETTIMESPEED packs it, UTC.

    Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (civil_from_days).
    """
    days, second = divmod(unix_s, DAY_S)
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    turned = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * turned + 2) // 5
    month = (turned + 2) % 12
    year = era * 400 + year_of_era + (month < 2)
    return (
        second // 60 % 60
        | second // 3600 << 6
        | (days + 4) % 7 << 11
        | day << 14
        | month << 20
        | (year - 2000 & 31) << 24
    )
