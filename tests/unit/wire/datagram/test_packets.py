"""Keys, datagrams, windows, key updates."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.wire.datagram import keys, packet
from bluemarble.wire.datagram.numbers import expanded, latest, read_varint, write_varint
from bluemarble.wire.datagram.protection import Opener, Sealer
from bluemarble.wire.datagram.window import ACK_NUMBERS, REPLAY_NUMBERS, Window
from bluemarble.wire.errors import Malformed
from opcodes.datagram import AEAD_AES_128_GCM, AEAD_CHACHA20_POLY1305

AEADS = [AEAD_AES_128_GCM, AEAD_CHACHA20_POLY1305]
CID = 0xFFC03FFF


def ends(aead=AEAD_AES_128_GCM, to_server=True, **terms):
    made = keys.link_keys(aead, bytes(range(32)))
    way = made.c2s if to_server else made.s2c
    return Sealer(aead, way, CID, to_server, 0, **terms), Opener(aead, way, CID, to_server)


def test_header_masks_are_quics():
    """RFC 9001, A.2 and A.5."""
    aes = "9f50449e04a0e810283a1e9933adedd2", "d1b1c98dd7689fb8ec11d242b123dc9b", "437b9aec36"
    chacha = (
        "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4",
        "5e5cd55c41f69080575d7999c25a5bfb",
        "aefefe7d03",
    )
    for aead, (key, sample, mask) in zip(AEADS, (aes, chacha), strict=True):
        got = keys.header_mask(aead, bytes.fromhex(key), bytes.fromhex(sample))
        assert got[:5].hex() == mask


def test_agreement():
    """Both ends get the same secret; every word that was said changes the keys; zero is refused."""
    ada, bob = bytes([1]) * 32, bytes([2]) * 32
    shared = keys.shared_secret(ada, keys.public_key(bob))
    assert shared == keys.shared_secret(bob, keys.public_key(ada))
    said = [b"request", b"offer", b"accept"]
    roots = {keys.root(keys.salt(*said), bytes(40), shared)}
    for i in range(3):
        for other in (said[i] + b"x", said[i][:-1], said[i].upper()):
            roots.add(keys.root(keys.salt(*said[:i], other, *said[i + 1 :]), bytes(40), shared))
    roots.add(keys.root(keys.salt(*said), bytes(39) + b"\1", shared))
    roots.add(keys.root(keys.salt(*said), bytes(40), shared[::-1]))
    assert len(roots) == 12
    with pytest.raises(Malformed):
        keys.shared_secret(ada, bytes(32))


@pytest.mark.parametrize("aead", AEADS)
def test_no_two_keys_are_the_same(aead):
    """Directions, generations and purposes."""
    made = keys.link_keys(aead, bytes(32))
    found = []
    for way in (made.c2s, made.s2c):
        generation = keys.generation(aead, way.secret)
        found.append(way.header)
        for _ in range(3):
            found += [generation.secret, generation.key, generation.iv]
            generation = keys.following(aead, generation)
    assert len(set(found)) == len(found) == 20
    assert {len(key) for key in found} == {12, 16 if aead == AEAD_AES_128_GCM else 32, 32}


@given(st.integers(0, 2**32 - 1))
def test_varint(value):
    assert read_varint(b"x" + write_varint(value) + b"y", 1) == (value, 1 + len(write_varint(value)))
    with pytest.raises(Malformed):
        read_varint(write_varint(value)[:-1], 0)


@pytest.mark.parametrize("value", [-1, 2**32])
def test_no_varint(value):
    with pytest.raises(ValueError, match="varint"):
        write_varint(value)


@given(st.integers(-1, 2**40), st.integers(-32_767, 32_768))
def test_numbers_expand(highest, ahead):
    """Whatever is within half of 65,536 of the next is found again."""
    number = highest + 1 + ahead
    if number >= 0:
        assert expanded(number & 0xFFFF, highest + 1) == number
    assert latest(number & 0xFFFF, number) == number
    assert latest(number & 0xFFFF, number + 65_535) == number


@given(st.lists(st.integers(0, 700) | st.integers(0, 100_000), max_size=200))
def test_window(numbers):
    """Each number once, nothing older than the highest less 256, and what is acknowledged is what came."""
    window, come = Window(), set()
    for number in numbers:
        highest = max(come, default=-1)
        fresh = number not in come and number >= highest - REPLAY_NUMBERS
        assert window.fresh(number) is fresh
        if fresh:
            assert window.add(number) is (number > highest)
            come.add(number)
            highest = max(come)
            assert window.highest == highest
            existing = [n for n in range(highest - 1, highest - 1 - ACK_NUMBERS, -1) if n >= 0]
            bits = sum(1 << i for i, n in enumerate(existing) if n in come)
            assert window.ack_bits() == (None if all(n in come for n in existing) else bits)


@pytest.mark.parametrize("aead", AEADS)
@pytest.mark.parametrize("to_server", [True, False])
def test_sealed_and_opened(aead, to_server):
    """In disorder, each once; nothing in clear but the fixed bits and the client's connection id."""
    sealer, opener = ends(aead, to_server)
    plain = [bytes([i]) * (4 + 5 * i) for i in range(100)]
    sealed = [sealer.seal(one, 0) for one in plain]
    order = list(range(100))
    random.Random(1).shuffle(order)
    highest = -1
    for i in order:
        opened = opener.open(sealed[i])
        assert opened == (i, plain[i], i > highest)
        highest = max(highest, i)
        assert opener.open(sealed[i]) is None
    assert opener.replayed == 100
    assert {one[0] & 0xF0 for one in sealed} == {0x50}
    assert len({one[0] for one in sealed}) > 8  # the low bits are masked
    if to_server:
        assert {packet.cid_of(one) for one in sealed} == {CID}


@pytest.mark.parametrize("aead", AEADS)
@pytest.mark.parametrize("to_server", [True, False])
def test_every_bit_counts(aead, to_server):
    """Any bit turned, and it does not open; then the untouched one still does."""
    sealer, opener = ends(aead, to_server)
    datagram = sealer.seal(b"hello", 0)
    for bit in range(8 * len(datagram)):
        broken = bytearray(datagram)
        broken[bit // 8] ^= 1 << bit % 8
        assert opener.open(bytes(broken)) is None
    dropped = opener.header, opener.foreign, opener.forged + opener.replayed
    assert dropped == (4, 32 * to_server, 8 * len(datagram) - 4 - 32 * to_server)
    for size in range(len(datagram)):
        assert opener.open(datagram[:size]) is None
    assert opener.open(datagram + b"\0") is None
    assert opener.open(datagram).plaintext == b"hello"


def test_another_direction_or_link():
    """A datagram is good for its own way and connection id only."""
    made = keys.link_keys(0, bytes(32))
    datagram = Sealer(0, made.s2c, CID, False, 0).seal(bytes(40), 0)
    assert Opener(0, made.s2c, CID, False).open(datagram)
    assert not Opener(0, made.s2c, CID ^ 1, False).open(datagram)
    assert not Opener(0, made.c2s, CID, False).open(datagram)


def test_sizes():
    sealer, opener = ends()
    assert len(sealer.seal(bytes(4), 0)) == 27
    assert len(sealer.seal(bytes(1452 - 23), 0)) == 1452
    for size in (3, 1452 - 22):
        with pytest.raises(ValueError, match="plaintext"):
            sealer.seal(bytes(size), 0)
    assert opener.open(bytes(26)) is opener.open(bytes(1453)) is None
    assert opener.short == 2
    assert packet.cid_of(bytes(26)) is packet.cid_of(bytes(30)) is None


def test_old_numbers():
    """Further back than 256, it is not even tried."""
    sealer, opener = ends()
    sealed = [sealer.seal(bytes(4), 0) for _ in range(300)]
    opener.open(sealed[299])
    assert opener.open(sealed[299 - 257]) is None
    assert opener.open(sealed[299 - 256]).number == 43
    assert opener.replayed == 1


def test_numbers_beyond_sixteen_bits():
    """The low bits turn over; a datagram 32,768 ahead of the next is found, one further is not."""
    sealer, opener = ends()
    for number in (65_530, 65_535, 65_536, 65_537, 65_538 + 32_768):
        sealer.number = number
        assert opener.open(sealer.seal(bytes(4), 0)).number == number
    sealer.number += 32_769
    assert opener.open(sealer.seal(bytes(4), 0)) is None
    assert opener.forged + opener.replayed == 1


@pytest.mark.parametrize("aead", AEADS)
def test_key_update(aead):
    """Only once acknowledged; the receiver keeps the last keys and knows the next."""
    sealer, opener = ends(aead, update_numbers=10)
    first = [sealer.seal(bytes(4), 0) for _ in range(12)]
    assert sealer.generation.number == 0
    sealer.acknowledged(3)
    second = [sealer.seal(bytes(4), 0) for _ in range(12)]
    assert sealer.generation.number == 1
    sealer.acknowledged(11)  # of the first keys: that says nothing of these
    second += [sealer.seal(bytes(4), 0) for _ in range(2)]
    assert sealer.generation.number == 1
    for datagram in (*first[:5], second[0], first[7], second[1]):
        assert opener.open(datagram)
    assert opener.generation.number == 1
    sealer.acknowledged(12)
    third = [sealer.seal(bytes(4), 0) for _ in range(2)]
    assert opener.open(third[1]).number == 27
    assert opener.generation.number == 2
    assert opener.open(third[0])
    assert opener.open(second[5])
    assert not opener.open(first[8])  # two generations ago
    assert opener.forged == 1
    assert opener.open(second[6])


def test_no_generation_before_the_first():
    """A phase bit of 1 behind the newest number of generation 0."""
    sealer, opener = ends()
    late, newest = sealer.seal(bytes(4), 0), sealer.seal(bytes(4), 0)
    opener.open(newest)
    direction = keys.link_keys(0, bytes(range(32))).c2s
    forged = packet.seal(0, direction.header, keys.generation(0, direction.secret, 1), 0, CID, bytes(4), True)
    assert opener.open(forged) is None
    assert opener.forged == 1
    assert opener.open(late)


def test_forged_updates_change_nothing():
    """Whatever phase a stranger claims, the keys stay."""
    sealer, opener = ends()
    assert opener.open(sealer.seal(bytes(4), 0))
    for i in range(256):
        assert not opener.open(bytes([0x50 | i & 0xF]) + CID.to_bytes(4, "little") + bytes([i]) * 30)
    assert opener.generation.number == 0
    assert opener.open(sealer.seal(bytes(4), 0))
