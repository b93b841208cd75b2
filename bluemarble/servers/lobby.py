"""
The character screen: list, make, delete, rename, enter the world.

Each function is a coroutine that a session runs one at a time.  What it does
after an `await` it does only if the session is still there.
"""

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from bluemarble.db import characters as db
from bluemarble.db import creation, realms
from bluemarble.db.errors import Unavailable
from bluemarble.db.upkeep import forget_surplus
from bluemarble.servers import accountdata
from bluemarble.servers.naming import judge, proper
from bluemarble.servers.starting import DEATH_KNIGHT, DEATH_KNIGHT_LEVEL, Starts, entries, side
from bluemarble.wire.codec import codec
from opcodes import characters as wire
from opcodes.cluster import (
    NMSG_ENTER_WORLD,
    NMSG_TAKE_OVER,
    ActionState,
    CharacterState,
    ItemState,
    SkillState,
    SocialState,
)
from opcodes.session import (
    ACCOUNT_DATA_KINDS,
    SMSG_CHARACTER_LOGIN_FAILED,
    SMSG_CLIENTCACHE_VERSION,
    SMSG_PONG,
)
from opcodes.vocab import Phase

if TYPE_CHECKING:
    from bluemarble.servers.session import Session

HIDE_HELM, HIDE_CLOAK, GHOST = 0x400, 0x800, 0x10  # bits of playerFlags
FIRST_LOGIN = 0x20  # bit of at_login
LAST_GUID = 0xFFFF_FFFF
CANNOT_BE = (AttributeError, TypeError, ValueError, struct.error)  # what a value raises that fits nowhere


def sign_of_life(session: "Session") -> None:
    """Something harmless, for clients that hang up when they hear nothing."""
    known = SMSG_CLIENTCACHE_VERSION in session.wire.version.numbers
    session.send(SMSG_CLIENTCACHE_VERSION(version=0) if known else SMSG_PONG(sequence_id=0))
    session.flush()


async def enumerate_characters(session: "Session", packet: wire.CMSG_CHAR_ENUM) -> None:
    """The account's characters."""
    account, gateway = session.proven().id, session.gateway
    listed = await gateway.databases.characters.read(lambda conn: db.enumerate_characters(conn, account))
    known = [(row.guid, showable(row, gateway.starts)) for row in listed[: wire.CHARACTERS_ON_REALM]]
    for guid in [guid for guid, character in known if character is None]:
        _damaged(session, guid)
    session.send(wire.SMSG_CHAR_ENUM(characters=[it for _, it in known if it is not None]))


def showable(row: db.Listed, starts: Starts) -> wire.Character | None:
    """A character as the screen shows it; None when another program has left a row that cannot be."""
    try:
        character = shown(row, starts)
        codec(wire.Character).encode(character)
    except CANNOT_BE:
        return None
    return character


def shown(row: db.Listed, starts: Starts) -> wire.Character:
    """A character as the screen shows it."""
    gear = []
    for entry, _ in entries(row.equipmentCache):
        item = starts.items.get(entry)
        gear.append(
            wire.CharacterGear(equipment_display_id=item.displayid, inventory_type=item.InventoryType)
            if item
            else wire.CharacterGear()
        )
    flags = (
        wire.CHARACTER_FLAG_RENAME * bool(row.at_login & db.RENAME)
        | wire.CHARACTER_FLAG_GHOST * bool(row.playerFlags & GHOST)
        | wire.CHARACTER_FLAG_HIDE_HELM * bool(row.playerFlags & HIDE_HELM)
        | wire.CHARACTER_FLAG_HIDE_CLOAK * bool(row.playerFlags & HIDE_CLOAK)
    )
    return wire.Character(
        guid=row.guid,
        name=row.name,
        race=row.race,
        class_type=row.class_,
        gender=row.gender,
        skin=row.skin,
        face=row.face,
        hair_style=row.hairStyle,
        hair_color=row.hairColor,
        facial_hair=row.facialStyle,
        level=row.level,
        area=row.zone,
        map=row.map,
        x=row.position_x,
        y=row.position_y,
        z=row.position_z,
        guild_id=row.guild,
        flags=flags,
        first_login=int(bool(row.at_login & FIRST_LOGIN)),
        equipment=gear,
    )


async def create(session: "Session", packet: wire.CMSG_CHAR_CREATE) -> None:
    """Make a character, all of it or nothing."""
    gateway, account = session.gateway, session.proven()
    name = proper(packet.name)
    code = judge(name, gateway.reserved_names)
    if code != wire.CHAR_NAME_SUCCESS:
        session.send(wire.SMSG_CHAR_CREATE(result=code))
        return
    outfit = gateway.starts.outfit(packet, account.id, name)
    if outfit is None:
        session.send(wire.SMSG_CHAR_CREATE(result=wire.CHAR_CREATE_FAILED))
        return
    world = gateway.config.world

    def make(conn: Connection) -> tuple[int, int]:
        mine = db.enumerate_characters(conn, account.id)
        if refusal := _rules(mine, packet, world.two_factions, account.gmlevel):
            return refusal, len(mine)
        try:
            creation.create(
                conn,
                {**outfit.row, "at_login": FIRST_LOGIN},
                home=outfit.home,
                items=outfit.items,
                spells=outfit.spells,
                skills=outfit.skills,
                actions=outfit.actions,
                limit=world.characters_limit,
            )
        except creation.NameTaken:
            return wire.CHAR_CREATE_NAME_IN_USE, len(mine)
        except creation.AccountFull:
            return wire.CHAR_CREATE_SERVER_LIMIT, len(mine)
        return wire.CHAR_CREATE_SUCCESS, len(mine) + 1

    code, count = await _kept(session, make, (wire.CHAR_CREATE_ERROR, 0))
    session.send(wire.SMSG_CHAR_CREATE(result=code))
    if code == wire.CHAR_CREATE_SUCCESS:
        gateway.counts["characters_created"] += 1
        _tell_count(session, account.id, count)


def _rules(mine: list[db.Listed], wish: wire.CMSG_CHAR_CREATE, two_factions: bool, gmlevel: int) -> int:
    """A CHAR_CREATE_ code when the account's other characters forbid this one, else 0."""
    if gmlevel:
        return 0
    if not two_factions and any(side(other.race) != side(wish.race) for other in mine):
        return wire.CHAR_CREATE_PVP_TEAMS_VIOLATION
    if wish.class_type == DEATH_KNIGHT:
        if any(other.class_ == DEATH_KNIGHT for other in mine):
            return wire.CHAR_CREATE_UNIQUE_CLASS_LIMIT
        if not any(other.level >= DEATH_KNIGHT_LEVEL for other in mine):
            return wire.CHAR_CREATE_LEVEL_REQUIREMENT
    return 0


async def delete(session: "Session", packet: wire.CMSG_CHAR_DELETE) -> None:
    """Take a character from its account; it can be restored for a while."""
    gateway, account, guid = session.gateway, session.proven().id, packet.guid
    number, owner = gateway.present.get(guid, (0, account))
    if guid > LAST_GUID or owner != account:
        session.send(wire.SMSG_CHAR_DELETE(result=wire.CHAR_DELETE_FAILED))
        return
    if number:
        await gateway.sent_away(guid)
    now_s = int(gateway.wall_s())

    def take(conn: Connection) -> tuple[bool, int]:
        deleted = creation.soft_delete(conn, guid, account, now_s)
        forget_surplus(conn, account)
        return deleted, db.count(conn, account)

    done, count = await _kept(session, take, (False, 0))
    session.send(wire.SMSG_CHAR_DELETE(result=wire.CHAR_DELETE_SUCCESS if done else wire.CHAR_DELETE_FAILED))
    if done:
        gateway.counts["characters_deleted"] += 1
        _tell_count(session, account, count)


async def rename(session: "Session", packet: wire.CMSG_CHAR_RENAME) -> None:
    """Another name, for a character that has been told to choose one."""
    account, guid, name = session.proven().id, packet.character, proper(packet.new_name)
    code = judge(name, session.gateway.reserved_names)
    if code != wire.CHAR_NAME_SUCCESS:
        session.send(wire.SMSG_CHAR_RENAME(result=code))
        return

    def change(conn: Connection) -> int:
        try:
            done = guid <= LAST_GUID and creation.rename(conn, guid, account, name)
        except creation.NameTaken:
            return wire.CHAR_CREATE_NAME_IN_USE
        return wire.RESPONSE_SUCCESS if done else wire.CHAR_NAME_FAILURE

    code = await _kept(session, change, wire.CHAR_NAME_FAILURE)
    session.send(
        wire.SMSG_CHAR_RENAME(result=code, character=guid, new_name=name)
        if code == wire.RESPONSE_SUCCESS
        else wire.SMSG_CHAR_RENAME(result=code)
    )


async def login(session: "Session", packet: wire.CMSG_PLAYER_LOGIN) -> None:
    """Enter the world, or take the character over where it stands."""
    gateway, account, guid = session.gateway, session.proven(), packet.guid
    _, owner = gateway.present.get(guid, (0, account.id))
    if guid > LAST_GUID or owner != account.id:
        refuse(session, wire.CHAR_LOGIN_NO_CHARACTER)
        return
    if other := gateway.elsewhere(account.id, guid):
        await gateway.sent_away(other)
    try:
        data = await accountdata.stored(session)
    except Unavailable:
        refuse(session, wire.CHAR_LOGIN_NO_WORLD)
        return
    if session.closed:
        return
    if guid in gateway.present:
        gateway.entered(session, guid)
        gateway.post(
            session,
            NMSG_TAKE_OVER(
                guid=guid,
                gmlevel=account.gmlevel,
                build=session.wire.version.build,
                server_time=int(gateway.wall_s()),
                account_data_times=_times(data.account_data_times | gateway.data_times.get(guid, {})),
                tutorials=list(accountdata.tutorials(data)),
            ),
        )
        gateway.counts["characters_taken_over"] += 1
    else:
        await enter(session, guid)


async def enter_after_all(session: "Session", question: NMSG_TAKE_OVER) -> None:
    """The character that was to be taken over has just left: load it once it is saved."""
    session.gateway.absent(question.guid)
    await enter(session, question.guid)


async def enter(session: "Session", guid: int) -> None:
    """Load a character and hand it to the world."""
    gateway, account = session.gateway, session.proven()
    await gateway.saving.settled(guid)
    try:
        data = await accountdata.stored(session)
        found = await gateway.databases.characters.read(lambda conn: db.load(conn, guid, account.id))
    except Unavailable:
        refuse(session, wire.CHAR_LOGIN_NO_WORLD)
        return
    if session.closed:
        return
    if found is None:
        refuse(session, wire.CHAR_LOGIN_NO_CHARACTER)
        return
    character = whole(found)
    if character is None:
        _damaged(session, guid)
    if character is None or character.at_login & db.RENAME:
        refuse(session, wire.CHAR_LOGIN_FAILED)
        return
    gateway.entered(session, guid)
    gateway.data_times[guid] = found.account_data_times
    gateway.counts["characters_entered"] += 1
    gateway.post(
        session,
        NMSG_ENTER_WORLD(
            gmlevel=account.gmlevel,
            build=session.wire.version.build,
            server_time=int(gateway.wall_s()),
            account_data_times=_times(data.account_data_times | found.account_data_times),
            tutorials=list(accountdata.tutorials(data)),
            muted_until=account.muted_until,
            character=character,
        ),
    )


def whole(found: db.Character) -> CharacterState | None:
    """The character as the simulation wants it; None when another program has left rows that cannot be."""
    try:
        character = state(found)
        codec(CharacterState).encode(character)
    except CANNOT_BE:
        return None
    return character


def _damaged(session: "Session", guid: int) -> None:
    session.gateway.counts["characters_damaged"] += 1
    session.gateway.log.warn("character {guid}: its rows hold what no character can be", guid=guid)


def refuse(session: "Session", code: int) -> None:
    """The character cannot enter; its client stays at the character screen."""
    session.guid = 0
    session.wire.phase = Phase.AUTHED
    session.send(SMSG_CHARACTER_LOGIN_FAILED(result=code))


def state(found: db.Character) -> CharacterState:
    """A loaded character as the simulation wants it."""
    row = found.row
    home = found.home or db.Home(
        row["map"], row["zone"], row["position_x"], row["position_y"], row["position_z"]
    )
    given = {
        name: row["class" if name == "class_" else name]
        for name in CharacterState.hints
        if name not in MADE and not name.startswith("home_")
    }
    given["at_login"] = given["at_login"] & ~FIRST_LOGIN
    return CharacterState(
        **given,
        home_map=home.map,
        home_zone=home.zone,
        home_x=home.x,
        home_y=home.y,
        home_z=home.z,
        items=[
            ItemState(
                guid=i.guid, entry=i.entry, bag=i.bag, slot=i.slot, count=i.count, durability=i.durability
            )
            for i in found.items[:500]
        ],
        spells=found.spells[:4000],
        skills=[SkillState(skill=s.skill, value=s.value, max=s.max) for s in found.skills[:400]],
        actions=[ActionState(button=a.button, action=a.action, type=a.type) for a in found.actions[:144]],
        social=[
            SocialState(friend=s.friend, flags=s.flags, note=s.note, name=s.name) for s in found.social[:200]
        ],
    )


MADE = frozenset({"items", "spells", "skills", "actions", "social"})


def _times(by_kind: dict[int, int]) -> list[int]:
    return [by_kind.get(kind, 0) & 0xFFFF_FFFF for kind in range(ACCOUNT_DATA_KINDS)]


async def _kept(session: "Session", change: Callable[[Connection], Any], otherwise: Any) -> Any:
    """Run a change in one transaction; `otherwise` when the database is away."""
    try:
        return await session.gateway.databases.characters.write(change)
    except Unavailable:
        session.gateway.counts["database_away"] += 1
        return otherwise


def _tell_count(session: "Session", account: int, count: int) -> None:
    """The realm list shows how many characters an account has here."""
    gateway = session.gateway

    def write(conn: Connection) -> None:
        for row in gateway.config.world.realm_rows():
            realms.set_character_count(conn, row.id, account, count)

    gateway.telling.tell(("characters", account), write)
