"""The logon, client against server, both without sockets."""

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.client.logon import LogonClient
from bluemarble.client.refusal import Refused
from bluemarble.wire.errors import NotAllowed, PeerError, TooMuch
from opcodes import logon
from tests.unit.client.street import Porter, realm


class Sides:
    """Both ends of one connection."""

    def __init__(self, password="secret"):
        draw = random.Random(7).randbytes
        self.client = LogonClient("Ada", password, draw)
        self.server = Porter(draw, [realm()])

    def run(self, cut=10_000):
        """Let them talk until neither has anything to say; the server's bytes come `cut` at a time."""
        while said := self.client.outgoing():
            self.server.receive(said, 0)
            heard = self.server.outgoing()
            for at in range(0, len(heard), cut):
                self.client.receive(heard[at : at + cut])


@pytest.mark.parametrize("cut", [1, 2, 7, 10_000])
def test_logon(cut):
    sides = Sides()
    sides.run(cut)
    assert sides.client.done
    assert sides.client.realms == [realm()]
    assert sides.client.session_key == sides.server.key


def test_wrong_password():
    sides = Sides("sesame")
    with pytest.raises(Refused, match="FAIL_UNKNOWN_ACCOUNT") as caught:
        sides.run()
    assert (caught.value.step, caught.value.code) == ("logon", logon.FAIL_UNKNOWN_ACCOUNT)
    assert not sides.client.session_key


def test_refused_at_once():
    client = LogonClient("Ada", "secret", bytes)
    with pytest.raises(Refused, match="FAIL_BANNED"):
        client.receive(bytes((0, 0, logon.FAIL_BANNED)))


def test_unnamed_refusal():
    assert str(Refused("logon", 0xEE)) == "logon: 0xEE"


def challenged():
    """A client, and the server's answer to it."""
    sides = Sides()
    sides.server.receive(sides.client.outgoing(), 0)
    return sides.client, bytearray(sides.server.outgoing())


@pytest.mark.parametrize(
    ("at", "what"), [(36, "group"), (40, "group"), (118, "second secret")], ids=["generator", "prime", "pin"]
)
def test_challenge_that_is_not_srp6(at, what):
    """A weaker group, or one more secret: the client stops before it proves anything."""
    client, answer = challenged()
    answer[at] ^= 1
    with pytest.raises(NotAllowed, match=what):
        client.receive(answer)
    assert not client.outgoing()


def test_server_that_does_not_know_the_verifier():
    client, answer = challenged()
    client.receive(answer)
    client.outgoing()
    with pytest.raises(NotAllowed, match="verifier"):
        client.receive(bytes((1, 0)) + bytes(30))


@pytest.mark.parametrize("name", ["", "A" * 21])
def test_names(name):
    with pytest.raises(ValueError, match="name"):
        LogonClient(name, "secret", bytes)


def test_realm_list_without_end():
    client, answer = challenged()
    with pytest.raises(TooMuch):
        client.receive(bytes(answer) + bytes(70_000))


@given(st.data())
def test_hostile_bytes(data):
    """Whatever comes, at whichever step: PeerError or Refused, or the client waits."""
    sides = Sides()
    steps = data.draw(st.integers(0, 2))
    for _ in range(steps):
        sides.server.receive(sides.client.outgoing(), 0)
        sides.client.receive(sides.server.outgoing())
    first = data.draw(st.sampled_from([b"", b"\0\0\0", b"\1\0", b"\x10"]))
    with contextlib.suppress(PeerError, Refused):
        sides.client.receive(first + data.draw(st.binary(max_size=200)))
    assert not sides.client.done
