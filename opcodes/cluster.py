"""What our own parts say to each other and to journals: NMSG_ packets."""

from typing import Annotated

from opcodes.movement import MovementInfo
from opcodes.vocab import Packet, Record, SizedBytes, Text, Values, f32, i64, listed, u8, u16, u32, u64

Name = Annotated[str, Text(48)]
Note = Annotated[str, Text(192)]  # 48 characters
Line = Annotated[str, Text(255)]
FieldBytes = Annotated[bytes, SizedBytes(1 << 28)]
Fields = Annotated[dict[int, int], Values(42)]


class ItemState(Record):
    """One item of a character: `character_inventory` joined with `item_instance`."""

    guid: u32
    entry: u32
    bag: u32
    slot: u8
    count: u32
    durability: u16


class SkillState(Record):
    """A row of `character_skills`."""

    skill: u16
    value: u16
    max: u16


class ActionState(Record):
    """A row of `character_action`, the active spec's."""

    button: u8
    action: u32
    type: u8


class SocialState(Record):
    """A row of `character_social`, with who it is."""

    friend: u32
    flags: u8
    note: Note
    name: Name


class CharacterState(Record):
    """
    A character as it stands in the database, and as the world keeps it.

    Field names are `characters`' columns where it has them.
    """

    guid: u32
    account: u32
    name: Name
    race: u8
    class_: u8
    gender: u8
    level: u8
    xp: u32
    money: u32
    skin: u8
    face: u8
    hairStyle: u8
    hairColor: u8
    facialStyle: u8
    playerFlags: u32
    map: u16
    zone: u16
    position_x: f32
    position_y: f32
    position_z: f32
    orientation: f32
    totaltime: u32
    leveltime: u32
    is_logout_resting: u8
    at_login: u16
    cinematic: u8
    extra_flags: u16
    health: u32
    power1: u32
    actionBars: u8
    home_map: u16
    home_zone: u16
    home_x: f32
    home_y: f32
    home_z: f32
    items: list[ItemState] = listed(count=u16, limit=500)
    spells: list[u32] = listed(count=u16, limit=4000)
    skills: list[SkillState] = listed(count=u16, limit=400)
    actions: list[ActionState] = listed(count=u8, limit=144)
    social: list[SocialState] = listed(count=u16, limit=200)


class NMSG_ENTER_WORLD(Packet):
    """The server hands a loaded character to the world; its session is the Input's."""

    gmlevel: u8
    build: u16
    server_time: u32
    account_data_times: list[u32] = listed(count=u8, limit=8)
    tutorials: list[u32] = listed(count=u8, limit=8)
    muted_until: i64 = 0
    character: CharacterState


class NMSG_TAKE_OVER(Packet):
    """
    A new session claims a character that is still in the world.

    As an Input: do it.  As a Load's question: it is no longer here, load it and enter it.
    """

    guid: u32
    gmlevel: u8
    build: u16
    server_time: u32
    account_data_times: list[u32] = listed(count=u8, limit=8)
    tutorials: list[u32] = listed(count=u8, limit=8)


class NMSG_DISCONNECTED(Packet):
    """The session's socket has closed; its character lingers."""


class NMSG_LEAVE(Packet):
    """Save the session's character and take it out of the world at once."""


class NMSG_SAVED(Packet):
    """The Save that named this session has reached the database."""


class NMSG_CLOCK(Packet):
    """What the gateway measured of a client: latency, and server clock minus client clock."""

    latency_ms: u32
    offset_ms: i64


class NMSG_CHARACTER_QUERY(Packet):
    """A Load's question: who is that, by guid, or by name when guid is 0."""

    guid: u32
    name: Name
    why: u8
    note: Line


class NMSG_CHARACTER(Packet):
    """The answer to NMSG_CHARACTER_QUERY; guid 0 when there is none.  `why`, `note` come back as asked."""

    guid: u32
    name: Name
    race: u8
    class_: u8
    gender: u8
    level: u8
    account: u32
    why: u8
    note: Line
    asked: Name


class NMSG_MEMBER(Packet):
    """Zone to society: this character is in the world, and how it now appears to others."""

    guid: u32
    account: u32
    name: Name
    race: u8
    class_: u8
    gender: u8
    level: u8
    gmlevel: u8
    map: u16
    zone: u32
    flags: u32
    entered: u8
    social: list[SocialState] = listed(count=u16, limit=200)


class NMSG_MEMBER_LEFT(Packet):
    """Zone to society: the session's character has left the world."""


class NMSG_SHUTDOWN(Packet):
    """The server stops: every character is saved and leaves in this step."""


class PlayerState(Record):
    """
    A player in a zone, all of it: what a snapshot holds and what a far teleport carries.

    Times ending in `_ms` are the world's; 0 means not.  `moves` holds its last movement, if any.  `cid` is
    its datagram link.
    """

    session: u32
    slot: u32
    gmlevel: u8
    build: u16
    server_time: u32
    account_data_times: list[u32] = listed(count=u8, limit=8)
    tutorials: list[u32] = listed(count=u8, limit=8)
    muted_until: i64
    moves: list[MovementInfo] = listed(count=u8, limit=1)
    speeds: list[f32] = listed(count=u8, limit=9)
    rooted: u8
    created: u8
    saving: u8
    looking: u8
    wired: u8
    cid: u32
    entered_ms: u64
    played_ms: u64
    moved_ms: u64
    reach_ms: u64
    reach_mm: u32
    climb_mm: u32
    fall_mm: u32
    create_ms: u64
    logout_ms: u64
    linger_ms: u64
    rest_ms: u64
    rests_at: list[f32] = listed(count=u8, limit=3)
    save_ms: u64
    sync_ms: u64
    teleport_ms: u64
    teleport: list[f32] = listed(count=u8, limit=4)
    counter: u32
    sync_count: u32
    spoken_ms: u64
    clock_known: u8
    offset_ms: i64
    latency_ms: u32
    selection: u64
    area: u32
    fields: Fields
    seen: list[u32] = listed(count=u16, limit=0xFFFF)
    character: CharacterState


class NMSG_TRAVEL(Packet):
    """A player on the way to another map: where it will stand, and until when its client may take to load."""

    map: u16
    x: f32
    y: f32
    z: f32
    facing: f32
    until_ms: u64
    player: PlayerState


class CreatureState(Record):
    """What of a creature differs from its spawn; `leg` is from x, y, z, to x, y, z."""

    slot: u32
    x: f32
    y: f32
    z: f32
    facing: f32
    path_at: u32
    due_ms: u64
    spline_id: u32
    leg: list[f32] = listed(count=u8, limit=6)
    since_ms: u64
    until_ms: u64


class GridState(Record):
    """A grid that is loaded, or on its way: the slots of the spawns made so far, in spawn order."""

    grid: u16
    idle_ms: u64
    leaving: u8
    busy: u32
    slots: list[u32] = listed(count=u16, limit=0xFFFF)


class TimerState(Record):
    """An alarm of a zone."""

    at_ms: u64
    order: u64
    kind: u8
    guid: u64


class NMSG_ZONE(Packet):
    """A zone's snapshot; `field` is what its Field saved, empty when it has none."""

    map: u16
    now_ms: u64
    real_ms: u64
    epoch_s: i64
    chance: u64
    timer_order: u64
    busy_order: u32
    players: list[PlayerState] = listed(count=u16, limit=0xFFFF)
    grids: list[GridState] = listed(count=u16, limit=4096)
    creatures: list[CreatureState] = listed(count=u32, limit=1_000_000)
    timers: list[TimerState] = listed(count=u32, limit=4_000_000)
    field: FieldBytes = b""


class TravellerState(Record):
    """Who is between two maps."""

    session: u32
    travel: NMSG_TRAVEL


class MemberState(Record):
    """
    One of the society's members.

    `paces` is when each kind of request is next within its rate, society ms; `channels` are places in
    NMSG_SOCIETY's list, in the order of joining.
    """

    session: u32
    guid: u32
    account: u32
    name: Name
    race: u8
    class_: u8
    gender: u8
    level: u8
    gmlevel: u8
    map: u16
    zone: u32
    flags: u32
    afk_text: Line
    dnd_text: Line
    told_ms: u64
    paces: list[u64] = listed(count=u8, limit=16)
    contacts: list[SocialState] = listed(count=u16, limit=1000)
    channels: list[u32] = listed(count=u16, limit=1000)


class SeatState(Record):
    """A member's place in a channel; `session` is the client that knows of it."""

    guid: u32
    session: u32
    flags: u8
    watching: u8


class BanState(Record):
    """Who may not come back into a channel."""

    guid: u32
    name: Name


class ChannelState(Record):
    """A channel, its members in the order of joining."""

    team: u8
    channel_id: u32
    name: Annotated[str, Text(128)]
    password: Annotated[str, Text(128)]
    announcing: u8
    moderated: u8
    owner: u32
    seats: list[SeatState] = listed(count=u32, limit=1_000_000)
    bans: list[BanState] = listed(count=u16, limit=1000)


class NMSG_SOCIETY(Packet):
    """The society's snapshot."""

    now_ms: u64
    members: list[MemberState] = listed(count=u32, limit=1_000_000)
    channels: list[ChannelState] = listed(count=u32, limit=1_000_000)


class NMSG_WORLD(Packet):
    """The whole world's snapshot."""

    tick: u64
    now_ms: u64
    strain: u8
    zones: list[NMSG_ZONE] = listed(count=u16, limit=4096)
    travellers: list[TravellerState] = listed(count=u16, limit=0xFFFF)
    society: NMSG_SOCIETY
