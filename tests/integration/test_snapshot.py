"""A world made from a snapshot goes on as the first one does."""

import random

import pytest

from bluemarble.rows.world_creatures import CreatureAddonRow
from bluemarble.servers.recording import digest
from bluemarble.sim.effects import Input
from bluemarble.sim.world import World
from bluemarble.wire.codec import codec
from opcodes.channels import CMSG_JOIN_CHANNEL
from opcodes.chat import CHAT_MSG_CHANNEL, CHAT_MSG_YELL, CMSG_TEXT_EMOTE
from opcodes.cluster import NMSG_TAKE_OVER, NMSG_WORLD
from opcodes.movement import MSG_MOVE_HEARTBEAT, MSG_MOVE_START_FORWARD, MSG_MOVE_STOP, SWIMMING
from opcodes.orders import MSG_MOVE_TELEPORT_ACK, MSG_MOVE_WORLDPORT_ACK
from opcodes.play import CMSG_AREATRIGGER, CMSG_SET_ACTION_BUTTON, CMSG_SETSHEATHED, CMSG_STANDSTATECHANGE
from opcodes.session import CMSG_LOGOUT_CANCEL, CMSG_LOGOUT_REQUEST
from tests.integration.realm import (
    INN,
    INNS,
    KINDS,
    NOON,
    PATH,
    PLACES,
    STARTS,
    WALKER,
    WOLF,
    Realm,
    creature,
    gameobject,
    moved,
)

CROWD = [
    creature(n, WOLF, (n * 37) % 1400 - 700.0, (n * 91) % 1400 - 700.0, motion=1, wander=8.0)
    for n in range(1, 300)
]
THINGS = [gameobject(n, 6001, (n * 53) % 1400 - 700.0, (n * 29) % 1400 - 700.0) for n in range(1, 80)]
WALKERS = [creature(1000 + n, WALKER, 10.0, 20.0 + n, motion=2) for n in range(3)]
ADDONS = [CreatureAddonRow(guid=1000 + n, path_id=30) for n in range(3)]
ELSEWHERE = [creature(2000 + n, WOLF, -600.0 + n, -4200.0, map_=1, motion=1, wander=5.0) for n in range(40)]
TABLES = (KINDS, PLACES, INNS, STARTS, PATH, CROWD, THINGS, WALKERS, ADDONS, ELSEWHERE)
RULES = {
    "grid_objects_per_tick": 40,
    "grid_unload_ms": 4_000,
    "creates_per_tick": 15,
    "linger_ms": 3_000,
    "save_interval_ms": 5_000,
    "logout_ms": 2_500,
    "rest_yards": 8.0,
}


def life(realm, clients, dice, ticks):
    """Let people do all kinds of things, by the dice."""
    for _ in range(ticks):
        for client in clients:
            if dice.random() < 0.6:
                dice.choice(DEEDS)(realm, client, dice)
        realm.ticks()


def walks(realm, client, dice):
    zone = next((z for z in realm.world.zones.values() if client.session in z.players), None)
    if zone is not None:
        player = zone.players[client.session]
        x, y = player.x + dice.randrange(-40, 40) / 8, player.y + dice.randrange(-40, 40) / 8
        kind = dice.choice((MSG_MOVE_HEARTBEAT, MSG_MOVE_START_FORWARD, MSG_MOVE_STOP))
        client.send(moved(kind, player, x, y, flags=dice.choice((0, 1, 1, SWIMMING)), pitch=0.5))


def talks(realm, client, dice):
    match dice.randrange(4):
        case 0:
            client.say("hello")
        case 1:
            client.say("psst", CHAT_MSG_YELL)
        case 2:
            client.say("hm", CHAT_MSG_CHANNEL, channel="Trade")
        case 3:
            client.send(
                CMSG_JOIN_CHANNEL(
                    channel_id=0, unknown1=0, unknown2=0, channel_name="Trade", channel_password=""
                )
            )


def commands(realm, client, dice):
    client.say(dice.choice((".gps", ".save", ".tele northgate", ".tele farshore", ".x")))


def acknowledges(realm, client, dice):
    client.send(MSG_MOVE_TELEPORT_ACK(guid=client.guid, movement_counter=0, time=0), MSG_MOVE_WORLDPORT_ACK())


def poses(realm, client, dice):
    client.send(
        dice.choice(
            (
                CMSG_AREATRIGGER(trigger_id=INN + dice.randrange(2)),
                CMSG_SETSHEATHED(sheathed=dice.randrange(3)),
                CMSG_STANDSTATECHANGE(animation_state=dice.randrange(4)),
                CMSG_TEXT_EMOTE(text_emote=101, emote=0, target=client.guid),
                CMSG_SET_ACTION_BUTTON(button=dice.randrange(150), action=7, misc=0, action_type=0),
            )
        )
    )


def comes_and_goes(realm, client, dice):
    match dice.randrange(8):
        case 0:
            client.send(CMSG_LOGOUT_REQUEST())
        case 1 | 2:
            client.send(CMSG_LOGOUT_CANCEL())
        case 3:
            client.clock(dice.randrange(200), dice.randrange(10_000))
        case 4:
            now_s = NOON + realm.world.now_ms // 1000
            realm.post(
                client.session, NMSG_TAKE_OVER(guid=client.guid, gmlevel=0, build=12340, server_time=now_s)
            )


DEEDS = (walks, walks, walks, talks, commands, acknowledges, poses, poses, comes_and_goes)


def recorded(seed, ticks):
    """A realm after some life, and every tick's inputs and effects since, in bytes and texts."""
    realm = Realm(*TABLES, seed=seed, **RULES)
    dice = random.Random(seed)
    clients = [
        realm.enter(
            f"P{n}",
            x=dice.randrange(-200, 200),
            y=dice.randrange(-200, 200),
            ticks=0,
            gmlevel=n % 2,
            map_=int(n % 3 == 2),
        )
        for n in range(12)
    ]
    life(realm, clients, dice, ticks)
    return realm, clients, dice


@pytest.mark.parametrize(("seed", "ticks"), [(1, 1), (2, 3), (3, 17), (4, 60), (5, 200), (6, 300), (7, 120)])
def test_restored(seed, ticks):
    realm, clients, dice = recorded(seed, ticks)
    raw = codec(NMSG_WORLD).encode(realm.world.snapshot())
    twin = World(realm.world.content, realm.world.rules, seed)
    twin.restore(codec(NMSG_WORLD).decode(raw))
    assert codec(NMSG_WORLD).encode(twin.snapshot()) == raw
    first = realm.world
    told = []

    def both(inputs):
        inputs = [Input(session, type(packet)(**dict(packet))) for session, packet in inputs]
        copies = [Input(session, type(packet)(**dict(packet))) for session, packet in inputs]
        effects, others = step(first, inputs), step(twin, copies)
        assert list(map(repr, effects)) == list(map(repr, others))
        told.append(len(effects))
        return effects

    step = World.step
    realm.world = Both(first, both)
    life(realm, clients, dice, 150)
    assert digest(first) == digest(twin)
    assert sum(told) > 100


class Both:
    """Two worlds in step."""

    def __init__(self, first, step):
        self.first, self.step = first, step

    def __getattr__(self, name):
        return getattr(self.first, name)


def test_same_again():
    """The same inputs make the same world."""
    assert digest(recorded(3, 100)[0].world) == digest(recorded(3, 100)[0].world)
    assert digest(recorded(3, 100)[0].world) != digest(recorded(4, 100)[0].world)


def test_only_a_new_world_is_restored():
    realm = Realm()
    realm.ticks()
    with pytest.raises(ValueError, match="new world"):
        realm.world.restore(realm.world.snapshot())
