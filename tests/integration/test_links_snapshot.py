"""A world with players on datagram links goes on from a snapshot as it would have, whatever its threads."""

import random

import pytest

from bluemarble.native.measures import packed, units, yaw
from bluemarble.servers.recording import digest
from bluemarble.sim.strain import LEVELS
from bluemarble.sim.world import World
from bluemarble.wire.codec import codec
from opcodes.cluster import NMSG_WORLD
from opcodes.links import NMSG_MOVES, NMSG_STRAIN, NMSG_UDP_ATTACHED, NMSG_UDP_GONE
from opcodes.movement import FALLING, FORWARD, SWIMMING
from tests.integration import test_snapshot as tcp
from tests.integration.linked import RECORD
from tests.integration.realm import Realm

pytestmark = pytest.mark.native


def steered(realm):
    """Everyone on a link, with their zones."""
    for _, zone in sorted(realm.world.zones.items()):
        for slot in zone.steering.eyes:
            yield zone, zone.entities[slot]


def attaches(realm, client, dice):
    cid = dice.randrange(1, 4096) << 14 | client.session
    realm.post(client.session, NMSG_UDP_ATTACHED(cid=cid))


def detaches(realm, client, dice):
    for _, player in steered(realm):
        if player.session == client.session:
            realm.post(client.session, NMSG_UDP_GONE(cid=player.cid))


def strains(realm, client, dice):
    if not dice.randrange(5):
        realm.post(0, NMSG_STRAIN(level=dice.randrange(LEVELS + 1)))


def inputs(realm, dice):
    """A tick's inputs of all links: most go on a little, some leap, some say it twice, some are nobody's."""
    out = []
    for zone, player in steered(realm):
        mover = zone.steering.field.read(player.slot)
        leap = 900.0 if not dice.randrange(60) else 0.3
        for ahead in range(1, dice.randrange(1, 4)):
            x, y = mover.x + dice.uniform(-leap, leap), mover.y + dice.uniform(-leap, leap)
            flags = dice.choice((FORWARD, FORWARD, 0, SWIMMING, FALLING))
            out.append(
                RECORD.pack(
                    player.cid if dice.randrange(30) else dice.randrange(1 << 26),
                    mover.input + ahead & 0xFFFF,
                    packed(flags),
                    yaw(dice.uniform(0.0, 6.0)),
                    mover.epoch,
                    0,
                    units(x),
                    units(y),
                    units(mover.z),
                )
            )
    return b"".join(out)


DEEDS = (*tcp.DEEDS, attaches, attaches, detaches, strains)


def life(realm, clients, dice, ticks):
    for _ in range(ticks):
        for client in clients:
            if dice.random() < 0.2:
                dice.choice(DEEDS)(realm, client, dice)
        realm.post(0, NMSG_MOVES(moves=inputs(realm, dice)))
        realm.ticks()


def recorded(seed, ticks, threads=1):
    realm = Realm(*tcp.TABLES, seed=seed, **tcp.RULES)
    realm.world.threads = threads
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
        for n in range(20)
    ]
    life(realm, clients, dice, ticks)
    return realm, clients, dice


@pytest.mark.parametrize(("seed", "ticks"), [(1, 4), (2, 17), (3, 60), (4, 200), (5, 333)])
def test_restored(seed, ticks):
    """The copy says and becomes the same, though it has another number of threads."""
    realm, clients, dice = recorded(seed, ticks)
    assert list(steered(realm)) or ticks < 10
    raw = codec(NMSG_WORLD).encode(realm.world.snapshot())
    twin = World(realm.world.content, realm.world.rules, seed, threads=2)
    twin.restore(codec(NMSG_WORLD).decode(raw))
    assert codec(NMSG_WORLD).encode(twin.snapshot()) == raw
    first, told = realm.world, []

    def both(given):
        copies = [type(it)(it.session, type(it.packet)(**dict(it.packet))) for it in given]
        effects, others = World.step(first, given), World.step(twin, copies)
        assert list(map(repr, effects)) == list(map(repr, others))
        told.append(len(effects))
        return effects

    realm.world = tcp.Both(first, both)
    life(realm, clients, dice, 120)
    assert digest(first) == digest(twin)
    assert sum(told) > 100


def test_threads():
    """A life is the same with one thread and with three."""
    assert digest(recorded(6, 150)[0].world) == digest(recorded(6, 150, threads=3)[0].world)
