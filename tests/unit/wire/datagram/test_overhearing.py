"""Who has a direction's secret reads its datagrams: from the middle, too, across updates and gaps."""

import random

import pytest

from bluemarble.wire.datagram import keys, overhearing
from bluemarble.wire.datagram.overhearing import Heard, Listener
from bluemarble.wire.datagram.protection import Sealer
from opcodes.datagram import AEAD_AES_128_GCM, AEAD_CHACHA20_POLY1305
from tests.conformance.test_bmu1 import LINKS, link

CID = 0x0401_4003
AEADS = [AEAD_AES_128_GCM, AEAD_CHACHA20_POLY1305]


def ends(to_server=True, aead=AEAD_AES_128_GCM, **updates):
    """A sealer, and who overhears it."""
    secret = random.Random(5).randbytes(32)
    sealer = Sealer(aead, keys.direction(aead, secret), CID, to_server, 0, **updates)
    return sealer, Listener(aead, secret, CID, to_server)


def said(sealer, at_us=0):
    """The next datagram, which says its number, and is acknowledged."""
    number = sealer.number
    datagram = sealer.seal(b"%08d" % number, at_us)
    sealer.acknowledged(number)
    return datagram


@pytest.mark.parametrize("name", LINKS)
def test_the_worked_examples(name):
    """Every datagram of the conversation, in which both directions change their keys."""
    values, datagrams = link(name)
    aead = int(values["aead"])
    listeners = {
        way: Listener(aead, values[f"{way} secret 0"], int(values["cid"], 16), way == "c2s")
        for way in ("c2s", "s2c")
    }
    for it in datagrams:
        way, _, number, _, generation, *_ = it["datagram"].split()
        heard = listeners[way].open(it["sent"])
        assert heard == Heard(int(number), int(generation), it["plaintext"], again=False)
    assert all(listener.highest > 8 for listener in listeners.values())


@pytest.mark.parametrize("to_server", [True, False])
@pytest.mark.parametrize("aead", AEADS)
def test_updates(to_server, aead):
    """Keys change every fifth datagram; order does not matter within a window, copies are told."""
    sealer, listener = ends(to_server, aead, update_numbers=5)
    datagrams = [said(sealer) for _ in range(40)]
    for at in range(0, 40, 2):
        for number in (at + 1, at):
            assert listener.open(datagrams[number]) == Heard(number, number // 5, b"%08d" % number, False)
    assert listener.open(datagrams[39]).again
    assert listener.highest == 39


def test_from_the_middle():
    """An hour a generation, 40 datagrams a second: a recording that begins anywhere in a day."""
    sealer, _ = ends()
    for hour in range(24):
        if hour:
            sealer.generation = keys.following(AEAD_AES_128_GCM, sealer.generation)
        sealer.number = hour * 144_000 + 70_000
        _, listener = ends()
        heard = listener.open(said(sealer))
        assert (heard.number, heard.generation) == (hour * 144_000 + 70_000, hour)
        assert listener.open(said(sealer)).number == hour * 144_000 + 70_001


def test_after_a_gap():
    """What lies two generations and more numbers than 16 bits later is found, and goes on from there."""
    sealer, listener = ends()
    assert listener.open(said(sealer)).number == 0
    for _ in range(3):
        sealer.generation = keys.following(AEAD_AES_128_GCM, sealer.generation)
    sealer.number = 200_000
    assert listener.open(said(sealer))[:2] == (200_000, 3)
    assert listener.open(said(sealer))[:2] == (200_001, 3)


def test_what_is_none(monkeypatch):
    """Too short, of another version, flipped, of other keys: none, and no more work than so much."""
    sealer, listener = ends()
    good = said(sealer)
    tried = []
    opened = overhearing.packet.opened
    monkeypatch.setattr(overhearing.packet, "opened", lambda *given: tried.append(1) or opened(*given))
    for bad in (b"", good[:26], b"\x10" + good[1:], good + bytes(2000)):
        assert listener.open(bad) is None
    assert not tried
    for _ in range(100):
        assert listener.open(good[:-1] + bytes([good[-1] ^ 1])) is None
    assert len(tried) < 100 + overhearing.SEARCHES * 1000
    assert listener.open(good).number == 0
