"""What stands in a zone: creatures, game objects, players."""

from typing import TYPE_CHECKING

from bluemarble.sim.geometry import f32
from opcodes.cluster import CharacterState

if TYPE_CHECKING:
    from bluemarble.native.field import Field
    from bluemarble.sim.content import Spawn, Template
    from opcodes.movement import Movement, MovementInfo

HIGH_PLAYER, HIGH_CREATURE, HIGH_GAMEOBJECT, HIGH_ITEM = 0x0000, 0xF130, 0xF110, 0x4000

WALK, RUN, RUN_BACK, SWIM, SWIM_BACK, FLIGHT, FLIGHT_BACK, TURN, PITCH = range(9)
SPEEDS = tuple(
    map(f32, (2.5, 7.0, 4.5, 4.722222, 2.5, 7.0, 4.5, 3.141594, 3.14))
)  # yards and radians a second


def creature_guid(entry: int, spawn: int) -> int:
    """The guid of a creature's spawn."""
    return HIGH_CREATURE << 48 | (entry & 0xFFFFFF) << 24 | spawn & 0xFFFFFF


def gameobject_guid(entry: int, spawn: int) -> int:
    """The guid of a game object's spawn."""
    return HIGH_GAMEOBJECT << 48 | (entry & 0xFFFFFF) << 24 | spawn & 0xFFFFFF


def item_guid(low: int) -> int:
    """The guid of an `item_instance` row."""
    return HIGH_ITEM << 48 | low


NOWHERE = (0.0, 0.0, 0.0, 0.0)
Place = tuple[float, float, float, float]  # x, y, z, facing


class Entity:
    """
    Something with a place and update fields.

    @ivar slot: its number in this zone and in the interest grid; reused after it has gone.
    @ivar fields: update field index to raw u32.
    @ivar changed: indices changed since the last flush.
    @ivar watchers: sessions that see it, or None when that must be asked again.
    """

    __slots__ = ("changed", "facing", "fields", "guid", "slot", "watchers", "x", "y", "z")

    def __init__(
        self, guid: int, slot: int, x: float, y: float, z: float, facing: float, fields: dict[int, int]
    ) -> None:
        self.guid, self.slot = guid, slot
        self.x, self.y, self.z, self.facing = x, y, z, facing
        self.fields = fields
        self.changed: set[int] | None = None
        self.watchers: tuple[int, ...] | None = None

    def place(self) -> Place:
        """Where it stands: x, y, z, facing."""
        return self.x, self.y, self.z, self.facing


class GameObject(Entity):
    """A door, a chest, a sign: stands where its spawn says."""

    __slots__ = ("spawn",)

    def __init__(self, slot: int, spawn: "Spawn", fields: dict[int, int]) -> None:
        super().__init__(
            gameobject_guid(spawn.entry, spawn.guid), slot, spawn.x, spawn.y, spawn.z, spawn.facing, fields
        )
        self.spawn = spawn


class Creature(Entity):
    """
    A spawned creature.

    @ivar path_at: which point of its waypoint path it walks to.
    @ivar leg: the walk in progress: from x, y, z to x, y, z, since, until (zone ms); None when it stands.
    @ivar due_ms: when its next move is due; 0 when nobody watches it.
    @ivar spline_id: counts its splines, as clients want it.
    """

    __slots__ = ("due_ms", "leg", "path_at", "spawn", "spline_id", "template")

    def __init__(self, slot: int, spawn: "Spawn", template: "Template", fields: dict[int, int]) -> None:
        super().__init__(
            creature_guid(spawn.entry, spawn.guid), slot, spawn.x, spawn.y, spawn.z, spawn.facing, fields
        )
        self.spawn, self.template = spawn, template
        self.path_at = 0
        self.leg: Leg | None = None
        self.due_ms = 0
        self.spline_id = 0


class Leg:
    """A straight walk: where from and to, and from when until when in zone ms."""

    __slots__ = ("from_", "since_ms", "to", "until_ms")

    def __init__(
        self, from_: tuple[float, float, float], to: tuple[float, float, float], since_ms: int, until_ms: int
    ) -> None:
        self.from_, self.to, self.since_ms, self.until_ms = from_, to, since_ms, until_ms


def _kept(name: str, at: int) -> property:
    """A coordinate of a player: what the field says while the player is steered there, else its own."""
    own = getattr(Entity, name)

    def read(player: "Player") -> float:
        if player.field is not None:
            return player.place()[at]
        return own.__get__(player)  # type: ignore[no-any-return]

    def write(player: "Player", value: float) -> None:
        if player.field is not None:
            raise AttributeError(f"{name} of a steered player: stand() it somewhere")
        own.__set__(player, value)

    return property(read, write)


class Player(Entity):
    """
    A character in the world, with or without a client behind it.

    Times in ms are the zone's; 0 means that it is not to happen.

    @ivar x, y, z, facing: where it is, also while its client steers it over a datagram link.
    @ivar field: whose mover it then is; None while it is moved by packets.
    @ivar cid: its datagram link; 0 for none.
    @ivar wired: its TCP connection lives.
    @ivar session: its connection, by the gateway's number; kept while it lingers, but not sent anything.
    @ivar character: its row and lists; place and played time are brought up to date when it is saved.
    @ivar movement: what its client last said of how it moves; None until it moves.
    @ivar created: it stands in the interest grid: others can see it.
    @ivar looking: it sees: its client knows its own character.
    @ivar create_ms, logout_ms, linger_ms, rest_ms, save_ms, sync_ms, teleport_ms: when its timer of that kind
        is due.
    @ivar played_ms: up to when its played time has been added to the character.
    @ivar moved_ms: when its client last moved it.
    @ivar reach_mm, climb_mm, fall_mm: how far along, up and down it may go at once.
    @ivar reach_ms: when those were last filled up.
    @ivar rests_at: x, y, z of where it began to rest; None when it does not.
    @ivar teleport: where a near teleport leads that its client has not acknowledged yet.
    @ivar counter: numbers what its client must acknowledge.
    @ivar offset_ms: zone clock minus client clock; None until measured.
    @ivar spoken_ms: until when it has used up how often it may speak.
    @ivar saving: how many commands wait for NMSG_SAVED.
    @ivar area: the area its client last said it is in.
    @ivar wants: the grids it keeps loaded.
    @ivar wants_within: least and greatest x, y between which those are the ones.
    """

    __slots__ = (
        "account_data_times",
        "area",
        "build",
        "character",
        "cid",
        "climb_mm",
        "counter",
        "create_ms",
        "created",
        "entered_ms",
        "fall_mm",
        "field",
        "gmlevel",
        "latency_ms",
        "linger_ms",
        "logout_ms",
        "looking",
        "moved_ms",
        "movement",
        "muted_until",
        "offset_ms",
        "played_ms",
        "reach_mm",
        "reach_ms",
        "rest_ms",
        "rests_at",
        "rooted",
        "save_ms",
        "saving",
        "selection",
        "server_time",
        "session",
        "speeds",
        "spoken_ms",
        "sync_count",
        "sync_ms",
        "teleport",
        "teleport_ms",
        "tutorials",
        "wants",
        "wants_within",
        "wired",
    )

    x = _kept("x", 0)
    y = _kept("y", 1)
    z = _kept("z", 2)
    facing = _kept("facing", 3)

    def __init__(self, session: int, slot: int, character: CharacterState, fields: dict[int, int]) -> None:
        self.field: Field | None = None
        super().__init__(
            character.guid,
            slot,
            character.position_x,
            character.position_y,
            character.position_z,
            character.orientation,
            fields,
        )
        self.session = session
        self.cid = 0
        self.wired = True
        self.character = character
        self.gmlevel = self.server_time = self.muted_until = 0
        self.build = 12340
        self.account_data_times: list[int] = []
        self.tutorials: list[int] = []
        self.movement: Movement | MovementInfo | None = None
        self.speeds: tuple[float, ...] = SPEEDS
        self.rooted = self.created = self.looking = False
        self.saving = 0
        self.entered_ms = self.played_ms = self.moved_ms = 0
        self.reach_mm = self.climb_mm = self.fall_mm = self.reach_ms = 0
        self.create_ms = self.logout_ms = self.linger_ms = self.save_ms = self.sync_ms = 0
        self.teleport: tuple[float, float, float, float] | None = None
        self.teleport_ms = 0
        self.rests_at: tuple[float, float, float] | None = None
        self.rest_ms = 0
        self.counter = self.sync_count = self.spoken_ms = 0
        self.offset_ms: int | None = None
        self.latency_ms = 0
        self.selection = 0
        self.area = character.zone
        self.wants: tuple[int, ...] = ()
        self.wants_within = NOWHERE

    def place(self) -> Place:
        """Where it stands: x, y, z, facing."""
        if self.field is not None:
            x, y, z, facing = self.field.read(self.slot)[:4]
            return x, y, z, f32(facing)
        return super().place()

    def stand(self, place: Place, real_ms: int = 0) -> None:
        """
        Be somewhere else: x, y, z, facing.

        @param real_ms: the zone's, for one who is steered: it learns of this by its link.
        """
        if self.field is not None:
            self.field.place(self.slot, *place, real_ms)
        else:
            self.x, self.y, self.z, self.facing = place

    @property
    def name(self) -> str:
        """Its character's name."""
        return self.character.name
