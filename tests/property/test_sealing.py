"""Datagrams sealed and opened in C against the twin over the `cryptography` package, byte for byte."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.native import sealing as native
from bluemarble.native.sealing import (
    AES_128_GCM,
    C2S,
    CHACHA20_POLY1305,
    FORGED,
    REPLAYED,
    S2C,
    SHORT,
    STRANGE,
)
from tests.conformance import test_bmu1 as vectors
from tests.twins import sealing as twin

pytestmark = pytest.mark.native
prks = st.binary(min_size=32, max_size=32)
aeads = st.sampled_from([AES_128_GCM, CHACHA20_POLY1305])
ways = st.sampled_from([C2S, S2C])
cids = st.integers(0, 2**32 - 1)


def ends(prk=bytes(range(32)), aead=AES_128_GCM, way=C2S, cid=0x12345678, portable=False):
    """A sealer and an opener in C, and their twins."""
    it = (prk, aead, way, cid)
    crypto = native.Crypto(portable)  # its own: under sanitizers one that sees a nonce twice ends all
    return native.Sealer(crypto, *it), native.Opener(crypto, *it), twin.Sealer(*it), twin.Opener(*it)


def test_labels():
    """HKDF-Expand is what `cryptography` says it is."""
    for label in ("c2s secret", "s2c secret", "hp", "next", "key", "iv", ""):
        for size in (0, 1, 12, 16, 32):
            assert native.expand(bytes(range(32)), label, size) == (
                twin.expand(bytes(range(32)), label, size) if size else b""
            )
    with pytest.raises(ValueError, match="33 bytes"):
        native.expand(bytes(32), "key", 33)
    with pytest.raises(ValueError, match="label"):
        native.expand(bytes(32), "x" * 17, 32)


@settings(max_examples=150)
@given(
    prk=prks,
    aead=aeads,
    way=ways,
    cid=cids,
    plains=st.lists(st.binary(max_size=1400), min_size=1, max_size=6),
    update=st.integers(0, 6),
    portable=st.booleans(),
)
def test_same_bytes(prk, aead, way, cid, plains, update, portable):
    """The same plaintexts give the same datagrams; both openers give them back."""
    sealer, opener, twin_sealer, twin_opener = ends(prk, aead, way, cid, portable)
    for i, plain in enumerate(plains):
        if i == update:
            sealer.update()
            twin_sealer.update()
        datagram = sealer.seal(plain)
        assert datagram == twin_sealer.seal(plain)
        assert opener.open(datagram) == twin_opener.open(datagram) == plain.ljust(4, b"\0")
        assert (opener.last, opener.next, opener.generation) == (i, i + 1, twin_opener.generation)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32), aead=aeads, way=ways)
def test_same_verdicts(seed, aead, way):
    """Late, repeated, lost, flipped and cut datagrams across key updates: C and twin agree on each."""
    rng = random.Random(seed)
    sealer, opener, _, twin_opener = ends(aead=aead, way=way)
    sent = []
    for _ in range(150):
        if rng.random() < 0.06 and opener.generation == sealer.generation:
            sealer.update()
        for _ in range(rng.choice([1, 1, 1, 1, 3, 40, 300]) - 1):
            sealer.seal(b"lost")
        sent.append(sealer.seal(rng.randbytes(rng.randrange(40))))
        datagram = bytearray(rng.choice(sent[-12:]) if rng.random() < 0.6 else sent[-1])
        if rng.random() < 0.3:
            bit = rng.randrange(len(datagram) * 8)
            datagram[bit // 8] ^= 1 << bit % 8
        if rng.random() < 0.1:
            del datagram[rng.randrange(len(datagram)) :]
        before = opener.state()
        verdict = opener.open(bytes(datagram))
        assert verdict == twin_opener.open(bytes(datagram))
        assert (opener.next, opener.generation) == (twin_opener.next, twin_opener.generation)
        assert isinstance(verdict, bytes) or opener.state() == before


def test_every_flip_and_cut_is_refused():
    """Any one bit of a datagram, and any end of it missing: refused, and nothing has changed."""
    for aead, portable in ((AES_128_GCM, False), (AES_128_GCM, True), (CHACHA20_POLY1305, False)):
        sealer, opener, _, _ = ends(aead=aead, portable=portable)
        datagram = sealer.seal(b"forward")
        before = opener.state()
        for bit in range(len(datagram) * 8):
            flipped = bytearray(datagram)
            flipped[bit // 8] ^= 1 << bit % 8
            assert opener.open(bytes(flipped)) in (
                {STRANGE} if bit // 4 == 1 or 8 <= bit < 40 else {FORGED, REPLAYED}
            )
            assert opener.state() == before
        for size in range(len(datagram)):
            assert opener.open(datagram[:size]) == (SHORT if size < 27 else FORGED)
            assert opener.state() == before
        assert opener.open(datagram) == b"forward"
        before = opener.state()
        assert opener.open(datagram) == REPLAYED
        assert opener.state() == before


def test_window():
    """256 numbers below the highest may still come, the 257th not."""
    sealer, opener, _, _ = ends()
    sent = [sealer.seal(b"%04d" % i) for i in range(600)]
    assert opener.open(sent[500]) == b"0500"
    assert opener.open(sent[243]) == REPLAYED
    for i in (244, 499, 300, 245):
        assert opener.open(sent[i]) == b"%04d" % i
        assert opener.open(sent[i]) == REPLAYED
    assert opener.open(sent[501]) == b"0501"
    assert opener.open(sent[244]) == REPLAYED  # opened, and too old by now
    assert opener.open(sent[599]) == b"0599"
    assert opener.open(sent[501]) == REPLAYED
    assert opener.open(sent[502]) == b"0502"


def test_numbers_beyond_16_bits():
    """The low 16 bits wrap; the opener follows as long as it hears something."""
    sealer, opener, _, twin_opener = ends()
    for i in range(0x10000 + 600):
        datagram = sealer.seal(b"tick")
        if i % 30000 == 0 or i >= 0x10000 - 3:
            assert opener.open(datagram) == b"tick"
            assert opener.last == i
    assert twin_opener.open(datagram) == FORGED  # hearing the first after 66,135 it takes it for another


def test_lengths():
    """What does not fit is refused before a number is spent."""
    sealer, opener, _, _ = ends()
    assert len(sealer.seal(bytes(1452 - 23))) == 1452
    with pytest.raises(ValueError, match="do not fit"):
        sealer.seal(bytes(1452 - 22))
    assert sealer.next == 1
    assert opener.open(bytes([0x50]) + bytes(1452)) == SHORT
    with pytest.raises(ValueError, match="prk"):
        native.Sealer(native.Crypto(), bytes(31), AES_128_GCM, C2S, 1)
    with pytest.raises(ValueError, match="aead 2"):
        native.Opener(native.Crypto(), bytes(32), 2, C2S, 1)


@pytest.mark.parametrize("name", vectors.LINKS)
def test_worked_examples(name):
    """The document's examples, sealed by C byte for byte, and opened."""
    values, datagrams = vectors.link(name)
    agreed = values["prk"], int(values["aead"]), int(values["cid"], 16)
    crypto, ways = native.Crypto(), {"c2s": C2S, "s2c": S2C}
    sealers = {d: native.Sealer(crypto, agreed[0], agreed[1], way, agreed[2]) for d, way in ways.items()}
    openers = {d: native.Opener(crypto, agreed[0], agreed[1], way, agreed[2]) for d, way in ways.items()}
    for example in datagrams:
        d, _, number, _, generation, *_ = example["datagram"].split()
        while sealers[d].generation < int(generation):
            sealers[d].update()
        assert sealers[d].next == int(number)
        assert sealers[d].seal(example["plaintext"]) == example["sent"]
        assert openers[d].open(example["sent"]) == example["plaintext"]
        assert openers[d].generation == int(generation)
