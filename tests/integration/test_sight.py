"""Who sees what, and that clients are told no more than that."""

import itertools

from bluemarble.sim.fields import DISPLAY, ENTRY, HEALTH, LEVEL, TARGET
from bluemarble.sim.handlers.play import CMSG_SET_SELECTION
from opcodes.movement import MSG_MOVE_HEARTBEAT, MSG_MOVE_START_FORWARD
from opcodes.objects import CREATE_OBJECT, SMSG_DESTROY_OBJECT, SMSG_UPDATE_OBJECT, VALUES
from opcodes.play import CMSG_SETSHEATHED
from opcodes.session import CMSG_LOGOUT_REQUEST
from opcodes.update_fields import PUBLIC
from tests.integration.realm import BOARD, GUARD, KINDS, PLACES, STARTS, WOLF, Realm, creature

GUARD_GUID = 0xF130 << 48 | GUARD << 24 | 2
WOLF_GUID = 0xF130 << 48 | WOLF << 24 | 1
BOARD_GUID = 0xF110 << 48 | BOARD << 24 | 1


def test_surroundings():
    realm = Realm()
    ada = realm.enter("Ada", items=[(15, 25)])
    assert ada.objects.keys() == {ada.guid, GUARD_GUID, WOLF_GUID, BOARD_GUID, 0x4000 << 48 | 115}
    guard = ada.objects[GUARD_GUID]
    assert (guard[ENTRY], guard[LEVEL], guard[DISPLAY]) == (GUARD, 55, 3167)
    assert guard[HEALTH] > 0


def test_two_see_each_other():
    realm = Realm()
    ada, bob = realm.enter("Ada", items=[(15, 25)]), realm.enter("Bob", x=50.0)
    assert ada.guid in bob.objects
    assert bob.guid in ada.objects
    assert bob.objects[ada.guid].keys() <= PUBLIC
    assert not ada.objects[ada.guid].keys() <= PUBLIC
    assert 0x4000 << 48 | 115 not in bob.objects  # nobody sees into another's bags
    cid = realm.enter("Cid", x=150.5)
    assert cid.guid not in ada.objects


def test_walking_out_of_sight_and_back():
    """What is seen at 100 yards is lost at 110: whoever walks along the edge does not flicker."""
    realm = Realm()
    ada, bob = realm.enter("Ada"), realm.enter("Bob", x=95.0)

    def to(x):
        bob.walk(x, 0.0)
        realm.ticks(20)
        return bob.guid in ada.objects

    assert [to(x) for x in (99.0, 101.0, 109.0, 111.0, 105.0, 101.0, 99.5)] == [
        True,
        True,
        True,
        False,
        False,
        False,
        True,
    ]
    bob.forget()
    ada.walk(0.0, 1.0)
    realm.ticks()
    assert bob.got(MSG_MOVE_HEARTBEAT).y == 1.0


def test_changes_only():
    realm = Realm()
    ada, bob = realm.enter("Ada"), realm.enter("Bob")
    ada.forget(), bob.forget()
    ada.send(CMSG_SETSHEATHED(sheathed=1), CMSG_SET_SELECTION(target=GUARD_GUID))
    realm.ticks()
    mine, theirs = ada.got(SMSG_UPDATE_OBJECT), bob.got(SMSG_UPDATE_OBJECT)
    for packet in (mine, theirs):
        (block,) = packet.blocks
        assert block.update_type == VALUES
        assert block.guid == ada.guid
    assert theirs.blocks[0].values == {122: 1, TARGET: GUARD_GUID & 0xFFFFFFFF, TARGET + 1: GUARD_GUID >> 32}
    ada.send(CMSG_SETSHEATHED(sheathed=1))
    realm.ticks()
    assert bob.silent(SMSG_UPDATE_OBJECT)  # nothing has changed


def test_watchers_share_a_packet():
    """Two hundred who see the same change are sent the same packet, in one effect."""
    realm = Realm(creates_per_tick=1000)
    crowd = [realm.enter(f"P{n}", x=float(n % 10), y=float(n // 10), ticks=0) for n in range(40)]
    realm.ticks(10)
    for one in crowd:
        one.forget()
    crowd[0].send(CMSG_SETSHEATHED(sheathed=1))
    realm.ticks()
    packets = {id(one.got(SMSG_UPDATE_OBJECT)) for one in crowd[1:]}
    assert len(packets) == 1


def test_creates_are_budgeted_nearest_first():
    spawns = [creature(n, WOLF, 2.0 * n, 0.0) for n in range(1, 41)]
    realm = Realm(KINDS, STARTS, spawns, creates_per_tick=7)
    ada = realm.enter("Ada", ticks=4)
    counts = []
    for _ in range(7):
        counts.append(len(ada.objects) - 1)
        realm.ticks()
    assert counts == [7, 14, 21, 28, 35, 40, 40]
    made = [
        block.guid & 0xFFFFFF
        for packet in ada.all(SMSG_UPDATE_OBJECT)
        for block in packet.blocks
        if block.update_type == CREATE_OBJECT
    ]
    assert made == sorted(made)


def test_leaving_destroys():
    realm = Realm()
    ada, bob = realm.enter("Ada", gmlevel=1), realm.enter("Bob")
    ada.send(CMSG_LOGOUT_REQUEST())
    realm.ticks()
    assert bob.got(SMSG_DESTROY_OBJECT).guid == ada.guid
    cid = realm.enter("Cid")  # takes the slot that is free again
    assert cid.player.slot < bob.player.slot
    assert cid.guid in bob.objects


def test_a_mover_appears_moving():
    realm = Realm()
    ada = realm.enter("Ada")
    ada.walk(1.0, 0.0, kind=MSG_MOVE_START_FORWARD)
    realm.ticks()
    bob = realm.enter("Bob")
    block = next(
        block for packet in bob.all(SMSG_UPDATE_OBJECT) for block in packet.blocks if block.guid == ada.guid
    )
    assert (block.movement.living.flags, block.movement.living.x) == (1, 1.0)


def test_crowd():
    """Two hundred in one place: everyone sees everyone, once, and hears every move of every other."""
    realm = Realm(KINDS, PLACES, STARTS)
    crowd = [realm.enter(f"P{n}", x=2.0 * (n % 15), y=2.0 * (n // 15), ticks=0) for n in range(200)]
    realm.ticks(12)
    guids = {one.guid for one in crowd}
    for one in crowd:
        assert one.objects.keys() == guids
        one.forget()
    for one in crowd:
        one.walk(one.player.x + 0.5, one.player.y)
    realm.ticks()
    for one in crowd:
        assert {packet.guid for packet in one.all(MSG_MOVE_HEARTBEAT)} == guids - {one.guid}
    half = crowd[::2]
    for one in half:
        one.disconnect()
    realm.seconds(61)
    for one in crowd[1::2]:
        assert one.objects.keys() == guids - {gone.guid for gone in half}


def test_sight_has_a_limit():
    realm = Realm(KINDS, PLACES, STARTS, sight_limit=10)
    crowd = [realm.enter(f"P{n}", x=1.0 * n, ticks=0) for n in range(30)]
    realm.ticks(6)
    assert all(len(one.objects) == 11 for one in crowd)
    for one, other in itertools.pairwise(crowd[:5]):
        assert other.guid in one.objects
