"""SRP6 and the session key under attack: nobody comes in who does not hold the password, or the key."""

import itertools

import pytest
import wow_srp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bluemarble.wire import srp6
from bluemarble.wire.codec import codec
from opcodes.session import AUTH_FAILED, AUTH_OK, SMSG_AUTH_RESPONSE
from tests.property.attackers import BUILDS, VANILLA, WRATH, Attacker, examples
from tests.unit.servers.logon_client import REALM_LIST, REFUSED, house

__all__ = ["house"]

N = srp6.PRIME
SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def proof_of(answer, name, public, shared):
    """The proof that goes with a made-up S, as somebody computes it who does not know the password."""
    asked = srp6.Challenge(srp6.upper(name), answer[70:102], bytes(32), bytes(32), answer[3:35])
    return srp6.client_proof(asked, public, srp6.interleave(shared))


@pytest.mark.parametrize("multiple", range(8))
@pytest.mark.parametrize("shared", [bytes(32), (1).to_bytes(32, "little"), N.to_bytes(32, "little")])
def test_public_value_of_nothing(house, multiple, shared):
    """A = 0 mod N makes S known to everybody: it is refused, with the right proof too."""
    client = house.connect()
    answer = client.challenge("ADA")
    public = (multiple * N & (1 << 256) - 1).to_bytes(32, "little")
    assert client.say(b"\1" + public + proof_of(answer, "ADA", public, shared) + bytes(22)) == REFUSED
    assert house.row("ADA").session_key is None
    assert house.factory.counts["logins"] == 0


def test_public_value_above_the_prime(house):
    """A + N is the same to the arithmetic and another to the hash: refused, whoever made it."""
    salt, known = house.row("ADA").salt, house.row("ADA").verifier
    for private in range(1, 40):
        asked = srp6.challenge(b"ADA", salt, known, bytes([private]) + bytes(31))
        public = pow(7, private, N)
        above = public + N
        if above >= 1 << 256:
            continue
        raw = above.to_bytes(32, "little")
        u = int.from_bytes(srp6.sha1(raw + asked.public).digest(), "little")
        base = above * pow(int.from_bytes(known, "little"), u, N)
        shared = pow(base, int.from_bytes(asked.private, "little"), N)
        proof = srp6.client_proof(asked, raw, srp6.interleave(shared.to_bytes(32, "little")))
        assert srp6.agree(asked, raw, proof) is None
        break
    else:
        pytest.fail("no such value")


@pytest.mark.parametrize("width", [0, 1, 31, 33, 64])
def test_public_value_of_another_width(width):
    """The reader gives 32 bytes; the arithmetic does not rely on it."""
    asked = srp6.challenge(b"ADA", bytes(32), b"\7" + bytes(31), b"\5" + bytes(31))
    public = b"\7" * width
    assert srp6.agree(asked, public, bytes(20)) is None
    assert srp6.agree(asked, b"\7" * 32, b"") is None


def test_replayed_proof(house):
    """What proved a password once proves nothing to the next challenge, on this connection or another."""
    client = house.connect()
    client.login("ADA", "SECRET")
    client = house.connect()
    answer = client.challenge("ADA")
    its = wow_srp.SrpClientChallenge("ADA", "SECRET", 7, answer[38:70], answer[3:35], answer[70:102])
    said = b"\1" + bytes(its.client_public_key()) + bytes(its.client_proof()) + bytes(22)
    assert client.say(said)[:2] == b"\1\0"
    key = house.row("ADA").session_key
    for again in house.connect(), house.connect("10.0.0.9"):
        again.challenge("ADA")
        assert again.say(said) == REFUSED
        assert again.say(said) == b""
        assert again.closed
    assert house.row("ADA").session_key == key


def test_proof_for_somebody_else(house):
    """Ada's password is not Bob's, whatever name the proof was made for."""
    house.account("BOB", "OTHER")
    for asked, proven in (("BOB", "ADA"), ("ADA", "BOB")):
        client = house.connect()
        answer = client.challenge(asked)
        assert client.prove(proven, "SECRET" if proven == "ADA" else "OTHER", answer) == REFUSED


def test_realm_list_without_a_proof(house):
    """Nothing is listed to who has proven nothing."""
    for begin in ((), ("ADA",), ("NOBODY",)):
        client = house.connect()
        for name in begin:
            client.challenge(name)
        assert client.say(REALM_LIST) == b""
        assert client.closed
    client = house.connect()
    client.challenge("ADA", command=2)
    assert client.say(REALM_LIST) == b""
    assert client.closed


def test_reconnect_without_the_key(house):
    """An old key, no key, everybody's key, and a proof that was good for another challenge."""
    never = house.connect()
    answer = never.challenge("ADA", command=2)  # ADA has no key yet
    for_nothing = srp6.reconnect_proof(b"ADA", bytes(16), answer[2:18], b"")
    assert never.say(b"\3" + bytes(16) + for_nothing + bytes(21)) == b"\3\4\0\0"
    old = house.connect()
    old.login("ADA", "SECRET")
    old_key = old.session_key
    good = house.connect()
    good.login("ADA", "SECRET")
    assert good.session_key != old_key
    for key in (old_key, bytes(40), b"", house.factory.secret):
        client = house.connect()
        answer = client.challenge("ADA", command=2)
        proof = srp6.reconnect_proof(b"ADA", bytes(16), answer[2:18], key)
        assert client.say(b"\3" + bytes(16) + proof + bytes(21)) == b"\3\4\0\0"
    client = house.connect()
    answer = client.challenge("ADA", command=2)
    proof = srp6.reconnect_proof(b"ADA", bytes(16), answer[2:18], good.session_key)
    said = b"\3" + bytes(16) + proof + bytes(21)
    assert client.say(said) == b"\3\0\0\0"
    client = house.connect()
    client.challenge("ADA", command=2)
    assert client.say(said) == b"\3\4\0\0"
    assert house.factory.counts["errors"] == 0


def test_a_key_is_never_given_twice(house):
    """Neither are challenges."""
    keys, publics = set(), set()
    draws = itertools.count()
    house.factory.random = lambda size: srp6.sha1(b"%d" % next(draws)).digest()[:16] * (size // 16)
    for n in range(25):
        client = house.connect(f"10.0.0.{n}")
        publics.add(client.challenge("ADA")[3:35])
        client = house.connect(f"10.0.0.{n}")
        client.login("ADA", "SECRET")
        keys.add(client.session_key)
    assert (len(keys), len(publics)) == (25, 25)


@settings(max_examples=examples(60), suppress_health_check=SHARED)
@given(bits=st.lists(st.integers(8, 52 * 8 + 7), min_size=1, max_size=3, unique=True))
def test_any_other_proof(house, bits):
    """One bit of A or of the proof changed, and the password is wrong; nobody is told more than that."""
    house.sql(lambda conn: conn.execute(text("DELETE FROM account_failure")))
    house.clock.advance(1)  # or there were too many in a minute
    before = house.factory.counts["logins"]
    client = house.connect()
    answer = client.challenge("ADA")
    its = wow_srp.SrpClientChallenge("ADA", "SECRET", 7, answer[38:70], answer[3:35], answer[70:102])
    said = bytearray(b"\1" + bytes(its.client_public_key()) + bytes(its.client_proof()) + bytes(22))
    for bit in bits:
        said[bit // 8] ^= 1 << bit % 8
    assert client.say(bytes(said)) == REFUSED
    assert house.factory.counts["logins"] == before
    client.session.connectionLost()


# The world server's door


def said_to_a_stranger(house, name, version=WRATH, **given):
    """What comes back to the handshake of one who does not hold the key, and how many statements it took."""
    client = Attacker(house, name, version)
    before = house.databases.auth.statements
    packet, _ = client.hello(**given)
    client.send(packet)
    return client.transport.value(), client.gone, house.databases.auth.statements - before


@pytest.mark.parametrize("version", BUILDS.values(), ids=BUILDS)
def test_who_exists_is_not_told(castle, version):
    """An account that is not there, one without a key, and a wrong proof look the same, and cost the same."""
    castle.account("EMPTY", session_key=None)
    castle.account("SHORT", session_key=b"x" * 20)
    castle.known |= {"EMPTY", "SHORT", "NOONE", "BOB"}
    seen = {said_to_a_stranger(castle, name, version, client_proof=bytes(20))
            for name in ("BOB", "EMPTY", "SHORT", "NOONE")}  # fmt: skip
    assert seen == {(b"\0\3\xee\1" + bytes([AUTH_FAILED]), True, 1)}
    for name in ("EMPTY", "SHORT", "NOONE"):  # nor does a key of zeros, or of nothing, open anything
        for key in (bytes(40), b"", b"x" * 20):
            reply, gone, _ = said_to_a_stranger(castle, name, version, client_proof=proof(castle, name, key))
            assert (reply[4:], gone) == (bytes([AUTH_FAILED]), True)
    assert not castle.witness.gone
    with castle.databases.auth._writer.connect() as conn:
        conn.execute(text("DELETE FROM account WHERE username IN ('EMPTY', 'SHORT')"))
        conn.commit()
    castle.known -= {"EMPTY", "SHORT", "NOONE"}


def proof(house, name, key):
    """A digest over a seed that one cannot know beforehand: always wrong."""
    return srp6.sha1(name.encode() + bytes(12) + key).digest()


@pytest.mark.parametrize("version", BUILDS.values(), ids=BUILDS)
def test_handshake_of_another_time(castle, version):
    """A handshake that somebody has listened to opens nothing again, and its owner stays in."""
    client = Attacker(castle, "EVE", version)
    packet, crypto = client.hello()
    client.send(packet)
    client.crypto = crypto
    client.listen()
    assert client.last(SMSG_AUTH_RESPONSE).result == AUTH_OK
    thief = Attacker(castle, "EVE", version)
    thief.send(packet)
    assert thief.gone
    assert not client.gone
    castle.over()


def test_key_of_somebody_else(castle):
    """A key is its account's, whatever name goes with it."""
    castle.attacker("EVE").hang_up()
    eve = Attacker(castle, "EVE")
    for wrong in ({"name": "BOB"}, {"key": b"BOB" * 13 + b"B"}, {"seed": 5}, {"client_seed": 1}):
        eve = Attacker(castle, "EVE")
        packet, _ = eve.hello(**wrong)
        eve.send(packet)
        assert eve.gone, wrong
    assert not castle.witness.gone
    castle.over()


@pytest.mark.parametrize(("version", "said"), [(WRATH, 5875), (VANILLA, 12340), (WRATH, 0), (VANILLA, 6005)])
def test_build_of_the_other_port(castle, version, said):
    """Each door speaks with one build, and says nothing to another."""
    client = Attacker(castle, "EVE", version)
    client.prove(client_build=said)
    assert client.gone
    assert client.names == ["SMSG_AUTH_CHALLENGE"]
    castle.over()


@settings(max_examples=examples(60), suppress_health_check=SHARED)
@given(
    build=st.sampled_from(sorted(BUILDS)),
    at=st.integers(0, 70),
    bit=st.integers(0, 7),
    cut=st.integers(0, 70),
)
def test_any_other_handshake(castle, build, at, bit, cut):
    """A flipped or missing bit of CMSG_AUTH_SESSION lets nobody in but the account it is about."""
    version = BUILDS[build]
    client = Attacker(castle, "EVE", version)
    packet, _ = client.hello()
    body = bytearray(codec(version.layout(type(packet), received=True)).encode(packet))
    body[min(at, len(body) - 1)] ^= 1 << bit
    client.raw(client.frame(0x1ED, bytes(body[: len(body) - cut])))
    account = client.session and client.session.account
    assert account is None or account.username == "EVE"
    castle.over()
    castle.ticks(1)
    castle.judge()
