"""A world in memory, and people in it: no sockets, no clock, no database."""

import itertools

from bluemarble.rows.world_creatures import (
    CreatureModelInfoRow,
    CreatureRow,
    CreatureTemplateModelRow,
    CreatureTemplateRow,
    WaypointDataRow,
)
from bluemarble.rows.world_gameobjects import GameobjectRow, GameobjectTemplateRow
from bluemarble.rows.world_items import ItemTemplateRow
from bluemarble.rows.world_places import AreatriggerTavernRow, GameTeleRow
from bluemarble.rows.world_players import PlayercreateinfoRow
from bluemarble.sim.content import Content
from bluemarble.sim.effects import Count, Input, Leave, Load, Save, Send
from bluemarble.sim.rules import Rules
from bluemarble.sim.world import World
from opcodes.chat import CHAT_MSG_SAY, CMSG_MESSAGECHAT
from opcodes.cluster import (
    NMSG_CHARACTER,
    NMSG_CHARACTER_QUERY,
    NMSG_CLOCK,
    NMSG_DISCONNECTED,
    NMSG_ENTER_WORLD,
    NMSG_SAVED,
    NMSG_TAKE_OVER,
    CharacterState,
    ItemState,
)
from opcodes.movement import MSG_MOVE_HEARTBEAT
from opcodes.objects import SMSG_DESTROY_OBJECT, SMSG_UPDATE_OBJECT
from opcodes.orders import SMSG_NEW_WORLD
from opcodes.session import SMSG_LOGIN_VERIFY_WORLD

NOON = 1_763_640_000  # unix seconds
WOLF, GUARD, WALKER, BOARD = 5001, 5002, 5003, 6001
INN = 562


# What test characters have in common, by field of CharacterState.
PLAIN = dict.fromkeys(
    """xp money totaltime leveltime is_logout_resting at_login cinematic extra_flags power1 actionBars
    home_map""".split(),
    0,
) | {"race": 1, "class_": 1, "level": 1, "health": 60, "zone": 12, "home_zone": 12, "spells": (668,)}
PLAIN |= {"skin": 1, "face": 2, "hairStyle": 3, "hairColor": 4, "facialStyle": 5}
PLAIN |= {"home_x": 1.0, "home_y": 2.0, "home_z": 50.0}


class NotGot(AssertionError):
    """A client was not sent what the test waited for."""


class Realm:
    """
    A World and the clients of those who entered it.

    @ivar effects: what all steps so far brought, but Sends.
    """

    def __init__(self, *tables, seed=1, saves=True, **rules):
        self.world = World(Content(*(tables or TABLES)), Rules(**rules), seed)
        self.clients = {}
        self.guids = itertools.count(1)
        self.sessions = itertools.count(1)
        self.inputs = []
        self.effects = []
        self.saves = saves  # whether Saves that ask for it are answered, a tick later
        self.stored = {}  # name to NMSG_CHARACTER, what the database would know

    def enter(self, name, *, ticks=5, **options):
        """A new character logs in, and stands in the world after so many ticks."""
        client = Client(self, next(self.sessions), character(next(self.guids), name, **options))
        self.post(client.session, entering(client.character, **options))
        self.ticks(ticks)
        return client

    def take_over(self, client, **options):
        """The same character logs in under a new session."""
        again = Client(self, next(self.sessions), client.character)
        self.post(
            again.session,
            NMSG_TAKE_OVER(
                guid=client.guid, gmlevel=options.get("gmlevel", 0), build=12340, server_time=NOON
            ),
        )
        self.ticks(options.get("ticks", 5))
        return again

    def post(self, session, packet):
        self.inputs.append(Input(session, packet))

    def ticks(self, n=1):
        """Let n ticks pass; what was posted comes in the first."""
        for _ in range(n):
            inputs, self.inputs = self.inputs, []
            for effect in self.world.step(inputs):
                self._perform(effect)
            if self.world.faults:
                raise self.world.faults[0].error

    def seconds(self, n):
        self.ticks(round(n * 20))

    def _perform(self, effect):
        if isinstance(effect, Send):
            for session in effect.to:
                if session in self.clients:
                    self.clients[session].hear(effect.packet)
            return
        self.effects.append(effect)
        if isinstance(effect, Save) and effect.session and self.saves:
            self.post(effect.session, NMSG_SAVED())
        if isinstance(effect, Load) and isinstance(effect.question, NMSG_CHARACTER_QUERY):
            self.post(effect.session, self._known(effect.question))

    def _known(self, asked):
        for one in self.stored.values():
            if one["guid"] == asked.guid or one["name"] == asked.name:
                return NMSG_CHARACTER(**one, why=asked.why, note=asked.note, asked=asked.name)
        return NMSG_CHARACTER(
            guid=0,
            name="",
            race=0,
            class_=0,
            gender=0,
            level=0,
            account=0,
            why=asked.why,
            note=asked.note,
            asked=asked.name,
        )

    def of(self, kind):
        """The effects of a kind so far."""
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def counted(self, what):
        return sum(effect.times for effect in self.of(Count) if effect.what == what)

    def left(self, client):
        return any(effect.guid == client.guid for effect in self.of(Leave))

    def zone(self, map_=0):
        return self.world.zones[map_]


class Client:
    """
    What a player's client knows: what it was sent, and the objects it would draw.

    @ivar objects: guid to update field index to value, as its UPDATE_OBJECTs say.
    """

    def __init__(self, realm, session, character):
        self.realm, self.session, self.character = realm, session, character
        self.guid, self.name = character.guid, character.name
        self.heard = []
        self.objects = {}
        realm.clients[session] = self

    @property
    def player(self):
        return next(
            z.players[self.session] for z in self.realm.world.zones.values() if self.session in z.players
        )

    def hear(self, packet):
        self.heard.append(packet)
        if isinstance(packet, SMSG_UPDATE_OBJECT):
            for block in packet.blocks:
                self._see(block)
        elif isinstance(packet, SMSG_DESTROY_OBJECT):
            del self.objects[packet.guid]
        elif isinstance(packet, SMSG_NEW_WORLD | SMSG_LOGIN_VERIFY_WORLD):
            self.objects.clear()

    def _see(self, block):
        if block.guids is not None:
            for guid in block.guids:
                del self.objects[guid]
        elif block.movement is not None:
            assert block.guid not in self.objects, f"{block.guid:#x} made twice"
            self.objects[block.guid] = dict(block.values)
        else:
            self.objects[block.guid].update(block.values)

    def send(self, *packets):
        for packet in packets:
            self.realm.post(self.session, packet)
        return self

    def say(self, line, chat_type=CHAT_MSG_SAY, language=7, **fields):
        return self.send(CMSG_MESSAGECHAT(chat_type=chat_type, language=language, message=line, **fields))

    def walk(self, x, y, z=None, kind=MSG_MOVE_HEARTBEAT, **fields):
        return self.send(moved(kind, self.player, x, y, z, **fields))

    def disconnect(self):
        self.realm.clients.pop(self.session, None)
        return self.send(NMSG_DISCONNECTED())

    def clock(self, latency_ms, offset_ms):
        return self.send(NMSG_CLOCK(latency_ms=latency_ms, offset_ms=offset_ms))

    def all(self, kind):
        """Every packet of a kind that it was sent."""
        return [packet for packet in self.heard if isinstance(packet, kind)]

    def got(self, kind, **fields):
        """
        Take the first packet of a kind, with these values, out of what it was sent.

        @raise NotGot: there is none.
        """
        for at, packet in enumerate(self.heard):
            if isinstance(packet, kind) and all(getattr(packet, k) == v for k, v in fields.items()):
                return self.heard.pop(at)
        raise NotGot(
            f"{self.name}: no {kind.__name__} {fields or ''} in {[type(p).__name__ for p in self.heard]}"
        )

    def silent(self, kind, **fields):
        """Whether it was sent none such."""
        try:
            self.got(kind, **fields)
        except NotGot:
            return True
        return False

    def forget(self):
        """Of what it was sent so far, keep nothing."""
        self.heard.clear()
        return self


def moved(kind, player, x, y, z=None, *, flags=1, orientation=0.0, timestamp=0, **fields):
    """A movement packet of a player to x, y."""
    return kind(
        guid=player.guid,
        flags=flags,
        flags2=0,
        timestamp=timestamp,
        x=x,
        y=y,
        z=player.z if z is None else z,
        orientation=orientation,
        fall_time=0,
        **fields,
    )


def character(guid, name, *, x=0.0, y=0.0, z=50.0, map_=0, facing=0.0, flags=0, items=(), **others):
    """A character as the lobby would load it; `others` may set its race, class_, level, spells, social..."""
    plain = {**PLAIN, **{k: v for k, v in others.items() if k in CharacterState.hints}}
    plain.setdefault("account", guid)
    return CharacterState(
        guid=guid,
        name=name,
        gender=guid % 2,
        playerFlags=flags,
        map=map_,
        position_x=x,
        position_y=y,
        position_z=z,
        orientation=facing,
        items=[
            ItemState(guid=100 * guid + slot, entry=entry, bag=0, slot=slot, count=1, durability=20)
            for slot, entry in items
        ],
        **{k: list(v) if isinstance(v, tuple) else v for k, v in plain.items()},
    )


def entering(who, *, gmlevel=0, muted_until=0, build=12340, **others):
    """The packet with which the lobby hands a character over."""
    return NMSG_ENTER_WORLD(
        gmlevel=gmlevel,
        build=build,
        server_time=NOON,
        account_data_times=[0] * 8,
        tutorials=[0xFFFF_FFFF] * 8,
        muted_until=muted_until,
        character=who,
    )


def creature(guid, entry, x, y, *, map_=0, motion=0, wander=0.0, facing=0.0):
    return CreatureRow(
        guid=guid,
        id=entry,
        map=map_,
        position_x=x,
        position_y=y,
        position_z=50.0,
        orientation=facing,
        MovementType=motion,
        wander_distance=wander,
    )


def gameobject(guid, entry, x, y, *, map_=0):
    return GameobjectRow(
        guid=guid,
        id=entry,
        map=map_,
        position_x=x,
        position_y=y,
        position_z=50.0,
        rotation3=1.0,
        state=1,
        animprogress=100,
    )


KINDS = [
    CreatureTemplateRow(
        entry=WOLF, name="Grey Wolf", minlevel=1, maxlevel=3, faction=32, type=1, unit_class=1
    ),
    CreatureTemplateRow(
        entry=GUARD,
        name="Gate Guard",
        subname="Watch",
        minlevel=55,
        maxlevel=55,
        faction=11,
        type=7,
        unit_class=1,
        npcflag=1,
    ),
    CreatureTemplateRow(
        entry=WALKER, name="Lamplighter", minlevel=5, maxlevel=5, faction=11, type=7, unit_class=1
    ),
    CreatureTemplateModelRow(CreatureID=WOLF, Idx=0, CreatureDisplayID=604, DisplayScale=1.0),
    CreatureTemplateModelRow(CreatureID=GUARD, Idx=0, CreatureDisplayID=3167, DisplayScale=1.0),
    CreatureTemplateModelRow(CreatureID=WALKER, Idx=0, CreatureDisplayID=3167, DisplayScale=1.0),
    CreatureModelInfoRow(DisplayID=604, BoundingRadius=0.5, CombatReach=1.0),
    GameobjectTemplateRow(entry=BOARD, type=5, displayId=39, name="Notice Board", size=1.5),
    ItemTemplateRow(
        entry=25, class_=2, subclass=7, name="Worn Blade", displayid=1542, Quality=1, InventoryType=21
    ),
]
PLACES = [
    GameTeleRow(id=1, name="Northgate", map=0, position_x=1500.0, position_y=-300.0, position_z=40.0),
    GameTeleRow(
        id=2, name="Farshore", map=1, position_x=-600.0, position_y=-4200.0, position_z=41.0, orientation=1.5
    ),
    GameTeleRow(id=3, name="Northgate Inn", map=0, position_x=1520.0, position_y=-310.0, position_z=40.0),
]
INNS = [AreatriggerTavernRow(id=INN, name="Northgate Inn")]
STARTS = [
    PlayercreateinfoRow(race=1, class_=1, map=0, zone=12),
    PlayercreateinfoRow(race=2, class_=1, map=1, zone=14),
]
PATH = [
    WaypointDataRow(id=30, point=1, position_x=10.0, position_y=20.0, position_z=50.0, delay=2000),
    WaypointDataRow(id=30, point=2, position_x=30.0, position_y=20.0, position_z=50.0),
]
SPAWNS = [
    creature(1, WOLF, 20.0, 0.0, motion=1, wander=10.0),
    creature(2, GUARD, -20.0, 5.0),
    gameobject(1, BOARD, 5.0, 5.0),
]
TABLES = (KINDS, PLACES, INNS, STARTS, SPAWNS, PATH)
