"""Who comes in, who does not, and what each is told."""

import zlib

import pytest

from bluemarble.db import accounts
from bluemarble.wire.codec import codec
from opcodes.session import (
    AUTH_BANNED,
    AUTH_FAILED,
    AUTH_OK,
    AUTH_REJECT,
    AUTH_WAIT_QUEUE,
    CMSG_AUTH_SESSION,
    CMSG_PING,
    SMSG_ADDON_INFO,
    SMSG_AUTH_CHALLENGE,
    SMSG_AUTH_RESPONSE,
    SMSG_PONG,
    AddonBlock,
    ClientAddon,
)
from tests.integration.house import NOON, Client, done


def ask_account(house, change):
    return done(house.databases.auth.write(change))


def test_welcome(house):
    """In this order: that it is in, its addons, its cache."""
    ada = house.client("ADA")
    assert ada.names == [
        "SMSG_AUTH_CHALLENGE",
        "SMSG_AUTH_RESPONSE",
        "SMSG_ADDON_INFO",
        "SMSG_CLIENTCACHE_VERSION",
    ]
    assert (ada.result, ada.last(SMSG_AUTH_RESPONSE).expansion) == (AUTH_OK, 2)
    assert ada.transport.no_delay


def test_every_challenge_differs(house):
    """A proof is good for one connection."""
    seeds = {Client(house, "ADA", b"").last(SMSG_AUTH_CHALLENGE).server_seed for _ in range(5)}
    assert len(seeds) == 5


@pytest.mark.parametrize("addons", [b"", bytes(4), b"\xff" * 300, bytes(range(256)) * 8])
def test_any_addon_block(house, addons):
    """Clients send there what they like."""
    assert house.client("ADA", addons=addons).result == AUTH_OK


def test_addons_are_answered(house):
    """One answer for each addon: a stock client reads as many as it has sent."""
    named = [ClientAddon(name=f"Addon_{n}", enabled=1, crc=0x4C1C776D, unknown1=0) for n in range(23)]
    data = codec(AddonBlock).encode(AddonBlock(addons=named, time=1))
    ada = house.client("ADA", addons=len(data).to_bytes(4, "little") + zlib.compress(data))
    assert len(ada.last(SMSG_ADDON_INFO).addons) == 23


def test_wrong_proof(house):
    """Somebody who does not hold the key is told so, and cut."""
    ada = house.client("ADA", handshake=False)
    ada.prove(digest=bytes(20))
    ada.crypto = None  # in clear: whatever key that client holds, it is not ours
    ada.listen()
    assert ada.result == AUTH_FAILED
    assert ada.gone
    assert not house.gateway.accounts


def test_no_such_account(house):
    """Nobody of that name has logged in: to a stranger that is no other answer than a wrong proof."""
    house.account("BOB")
    ada = Client(house, "NOBODY", bytes(40))
    ada.prove()
    ada.crypto = None
    ada.listen()
    assert ada.result == AUTH_FAILED
    assert ada.gone


def test_account_without_a_key(house):
    """An account that has never logged in at the auth server cannot come in here."""
    house.account("ADA", session_key=None)
    ada = house.client("ADA", handshake=False)
    ada.prove()
    ada.crypto = None
    ada.listen()
    assert ada.result == AUTH_FAILED


def test_banned(house):
    """A ban is told to who has proven the key, and to nobody else."""
    number, _ = house.account("ADA")
    ask_account(house, lambda conn: accounts.ban_account(conn, number, NOON, 0, "x", "y"))
    assert house.client("ADA").result == AUTH_BANNED
    stranger = house.client("ADA", handshake=False)
    stranger.prove(digest=bytes(20))
    stranger.crypto = None
    stranger.listen()
    assert stranger.result == AUTH_FAILED


def test_banned_address(house):
    """From there nobody comes in."""
    ask_account(house, lambda conn: accounts.ban_ip(conn, "10.0.0.9", NOON, 0, "x", "y"))
    assert house.client("ADA", host="10.0.0.9").result == AUTH_BANNED
    assert house.client("ADA", host="10.0.0.8").result == AUTH_OK


def test_locked_to_an_address(house):
    """An account can be kept to where it last came from."""
    house.account("ADA", locked=1, last_ip="10.0.0.9")
    assert house.client("ADA", host="10.0.0.8").result == AUTH_REJECT
    assert house.client("ADA", host="10.0.0.9").result == AUTH_OK


def test_unknown_build(house):
    """A client that we do not speak is cut without a word."""
    ada = house.client("ADA", build=11723)
    assert ada.gone
    assert not ada.got(SMSG_AUTH_RESPONSE)
    assert house.gateway.counts["cut: NotAllowed"] == 1


def test_proof_twice(house):
    """One handshake a connection."""
    ada = house.client("ADA")
    again = {
        "client_build": 12340, "login_server_id": 0, "username": "ADA", "login_server_type": 0,
        "client_seed": 1, "region_id": 0, "battleground_id": 0, "realm_id": 1, "dos_response": 0,
        "client_proof": bytes(20), "addon_info": b"",
    }  # fmt: skip
    ada.send(CMSG_AUTH_SESSION(**again))
    assert ada.gone


def test_full(build_house):
    """A full realm lets people wait, tells them their place, and lets them in when one leaves."""
    house = build_house(world={"player_limit": 2})
    ada, bob, eve, dan = (house.client(name) for name in ("ADA", "BOB", "EVE", "DAN"))
    assert [c.result for c in (ada, bob, eve, dan)] == [AUTH_OK, AUTH_OK, AUTH_WAIT_QUEUE, AUTH_WAIT_QUEUE]
    assert dan.last(SMSG_AUTH_RESPONSE).queue_position == 2
    assert eve.ask(CMSG_PING(sequence_id=1, round_time_in_ms=0), SMSG_PONG)
    assert house.client("GUS", level=1).result == AUTH_OK  # staff do not queue
    bob.hang_up()
    house.ticks()
    assert eve.result == AUTH_WAIT_QUEUE  # the one from staff counts
    ada.hang_up()
    house.ticks()
    assert eve.result == AUTH_OK
    assert dan.last(SMSG_AUTH_RESPONSE).queue_position == 1
    assert "Eve" not in eve.characters()


def test_queued_may_not_play(build_house):
    """Who waits has no characters yet."""
    house = build_house(world={"player_limit": 1})
    house.client("ADA")
    bob = house.client("BOB")
    with pytest.raises(IndexError):
        bob.characters()
    assert house.gateway.counts["packets_late"] == 1
