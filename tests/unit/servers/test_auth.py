"""The auth server on SQLite, spoken to by a client whose numbers are wow_srp's."""

import pytest
from wow_srp import SrpVerifier

from bluemarble.db import accounts, realms
from bluemarble.db.accounts import Throttle
from bluemarble.servers.logon_session import realm_host
from tests.unit.servers.logon_client import NOW_S, REALM_LIST, REFUSED, House, challenge, house

__all__ = ["house"]


def test_login(house):
    client = house.connect()
    before = house.database.statements
    reply = client.login("ADA", "SECRET")
    assert len(reply) == 32
    assert reply[:2] == b"\1\0"
    assert reply[22:] == b"\0\0\x80\0\0\0\0\0\0\0"
    assert client.say(REALM_LIST) == b"\x10\x08\0" + bytes(6) + b"\x10\0"
    assert house.database.statements - before == 3
    row = house.row("ADA")
    assert row.session_key == client.session_key
    assert (row.last_ip, row.os, row.locale) == ("10.0.0.1", "Win", 0)


def test_two_servers_one_database(house):
    """What one auth server began another one knows."""
    first, other = house.connect(), House(house.database)
    first.login("ADA", "SECRET")
    assert other.factory.secret == house.factory.secret
    client = other.connect()
    client.srp = first.srp
    assert reconnect(client, "ADA") == b"\3\0\0\0"


def test_account_made_by_another_program(house):
    """Rows that another program inserts while we run can log in at once, whatever its numbers' end bytes."""
    made = SrpVerifier.from_username_and_password("BOB", "LETMEIN")
    house.sql(
        lambda conn: conn.exec_driver_sql(
            "INSERT INTO account (username, salt, verifier, expansion) VALUES (?, ?, ?, 2)",
            ("BOB", bytes(made.salt()), bytes(made.password_verifier())),
        )
    )
    assert house.connect().login("BOB", "LETMEIN")[:2] == b"\1\0"


def test_wrong_password(house):
    client = house.connect()
    assert client.login("ADA", "GUESS") == REFUSED
    assert house.row("ADA").failed_logins == 1
    assert client.login("ADA", "SECRET")[:2] == b"\1\0"  # the same connection may try again
    assert house.row("ADA").failed_logins == 0


def test_unknown_account_looks_like_a_wrong_password(house):
    """Same bytes, same number of statements, and the same salt each time one asks."""
    salts, replies, costs = {}, {}, {}
    for name in ("ADA", "NOBODY", "ADÁ", "ADA "):
        for _ in range(2):
            before, client = house.database.statements, house.connect()
            answer = client.challenge(name)
            salts.setdefault(name, set()).add(answer[70:102])
            assert answer[:3] == b"\0\0\0"
            assert len(answer) == 119
            replies[name] = client.say(b"\1" + b"\7" * 32 + bytes(42))
            costs[name] = house.database.statements - before
    assert set(replies.values()) == {REFUSED}
    assert len(set(costs.values())) == 1
    assert all(len(seen) == 1 for seen in salts.values())
    assert len({*map(frozenset, salts.values())}) == 4
    assert all(salt[0] and salt[-1] for (salt,) in salts.values())


def test_unknown_account_comes_back(house):
    known, unknown = house.connect(), house.connect()
    for client, name in ((known, "ADA"), (unknown, "NOBODY")):
        answer = client.challenge(name, command=2)
        assert answer[:2] == b"\2\0"
        assert len(answer) == 34
        assert client.say(b"\3" + bytes(57)) == b"\3\4\0\0"


def reconnect(client, name):
    answer = client.challenge(name, command=2)
    assert answer[:2] == b"\2\0"
    assert len(answer) == 34
    again = client.srp.calculate_reconnect_values(answer[2:18])
    return client.say(b"\3" + bytes(again.challenge_data()) + bytes(again.client_proof()) + bytes(21))


def test_reconnect(house):
    first = house.connect()
    first.login("ADA", "SECRET")
    client = house.connect()
    client.srp = first.srp
    assert reconnect(client, "ADA") == b"\3\0\0\0"
    assert client.say(REALM_LIST)[:1] == b"\x10"
    house.connect().login("ADA", "SECRET")  # a new key: the old one is worth nothing now
    client = house.connect()
    client.srp = first.srp
    assert reconnect(client, "ADA") == b"\3\4\0\0"


@pytest.mark.parametrize(
    ("ban", "code"),
    [
        (lambda conn, account: accounts.ban_account(conn, account, NOW_S, 0, "GM", ""), 3),
        (lambda conn, account: accounts.ban_account(conn, account, NOW_S, 60, "GM", ""), 12),
        (lambda conn, account: accounts.ban_ip(conn, "10.0.0.1", NOW_S, 60, "GM", ""), 3),
        (lambda conn, account: conn.exec_driver_sql("UPDATE account SET locked = 1"), 16),
    ],
    ids=["for ever", "for a time", "address", "locked"],
)
def test_ban_is_told_only_after_the_proof(house, ban, code):
    key = house.row("ADA").session_key
    account = house.row("ADA").id
    house.sql(lambda conn: ban(conn, account))
    assert house.connect().login("ADA", "GUESS") == REFUSED
    assert house.connect().login("ADA", "SECRET") == bytes((1, code, 0, 0))
    assert house.row("ADA").session_key == key
    if code == 12:
        house.clock.advance(61)
        assert house.connect().login("ADA", "SECRET")[:2] == b"\1\0"


def test_banned_while_away(house):
    first = house.connect()
    first.login("ADA", "SECRET")
    house.sql(lambda conn: accounts.ban_account(conn, 1, NOW_S, 0, "GM", ""))
    client = house.connect()
    client.srp = first.srp
    assert reconnect(client, "ADA") == b"\3\3\0\0"


def test_guessing_is_throttled(house):
    """Five wrong ones, and even the right one is refused: to that address, for ten minutes, on any server."""
    for _ in range(5):
        assert house.connect().login("ADA", "GUESS") == REFUSED
    assert house.connect().login("ADA", "SECRET") == REFUSED
    assert House(house.database).connect().login("ADA", "SECRET") == REFUSED
    assert house.connect("10.0.0.2").login("ADA", "SECRET")[:2] == b"\1\0"
    house.clock.advance(601)
    client = house.connect()
    assert client.login("ADA", "SECRET")[:2] == b"\1\0"
    house.sql(lambda conn: accounts.forget_failures(conn, NOW_S + 601, Throttle()))
    assert house.sql(lambda conn: conn.exec_driver_sql("SELECT COUNT(*) FROM account_failure").scalar()) == 0


def test_guessing_on_many_connections_at_once(house):
    """Challenges answered before the first wrong proof do not buy more guesses."""
    clients = [house.connect() for _ in range(8)]
    answers = [client.challenge("ADA") for client in clients]
    got = [
        client.prove("ADA", "SECRET" if i == 7 else "GUESS", answer)
        for i, (client, answer) in enumerate(zip(clients, answers, strict=True))
    ]
    assert got == [REFUSED] * 8


def test_throttled_and_banned(house):
    """A ban does not tell a guesser that the guess was right."""
    house.sql(lambda conn: accounts.ban_account(conn, 1, NOW_S, 0, "GM", ""))
    for _ in range(5):
        house.connect().login("ADA", "GUESS")
    assert house.connect().login("ADA", "SECRET") == REFUSED


@pytest.mark.parametrize("name", ["ADA", "ada", "A", "SEVENTEENLETTERSX"[:16]])
@pytest.mark.parametrize(
    ("protocol", "codes"),
    [
        (0, (b"WoW\0", b"x86\0", b"Win\0", b"enUS")),
        (3, (b"\0WoW", b"\x0068x", b"\0niW", b"SUne")),
        (8, (b"WoW\0", b"68x\0", b"XSO\0", b"BGne")),
    ],
)
def test_spellings_of_a_challenge(house, name, protocol, codes):
    if name.upper() != "ADA":
        house.account(name, "SECRET")
    client = house.connect()
    reply = client.prove(name, "SECRET", client.say(challenge(name, protocol=protocol, codes=codes)))
    assert reply[:2] == b"\1\0"
    assert house.row(name).os == ("OSX" if b"O" in codes[2] else "Win")


@pytest.mark.parametrize("length", [17, 20])
def test_long_names(house, length):
    """Names that wow_srp cannot hold get their challenge as well."""
    house.account("N" * length, "SECRET")
    answer = house.connect().challenge("N" * length)
    assert len(answer) == 119
    assert answer[70:102] == house.row("N" * length).salt


def test_unknown_build(house):
    client = house.connect()
    assert client.challenge("ADA", build=8606) == b"\0\0\x09"
    assert client.challenge("ADA", command=2, build=15595) == b"\2\x09"


def realm(house, **columns):
    house.sql(
        lambda conn: realms.put_realm(
            conn, columns.get("id", 1), columns.get("name", "Realm"), "play.example.org", 8085
        )
    )
    house.sql(lambda conn: realms.realm_online(conn, columns.get("id", 1), True, 0.5))
    for column, value in columns.items():
        house.sql(
            lambda conn, column=column, value=value: conn.exec_driver_sql(
                f"UPDATE realmlist SET `{column}` = ? WHERE id = ?", (value, columns.get("id", 1))
            )
        )


def listed(house, build=12340, host="10.0.0.1"):
    client = house.connect(host)
    client.login("ADA", "SECRET", build=build)
    reply = client.say(REALM_LIST)
    assert reply[0] == 0x10
    assert int.from_bytes(reply[1:3], "little") == len(reply) - 3
    return reply[3:]


def test_realm_list(house):
    realm(house, flag=4, icon=1, timezone=5)
    house.sql(lambda conn: realms.set_character_count(conn, 1, 1, 7))
    rest = b"Realm\0play.example.org:8085\0\0\0\0\x3f\7\5\1"
    assert listed(house) == b"\0\0\0\0\1\0" + b"\1\0\0" + rest + b"\x10\0"
    realm(house, gamebuild=5875)
    assert listed(house, 5875) == b"\0\0\0\0\1" + b"\1\0\0\0\0" + rest + b"\2\0"


def test_realm_that_is_down_or_speaks_another_build(house):
    realm(house, flag=2)
    realm(house, id=2, name="Old", gamebuild=5875)
    realm(house, id=3, name="Hidden", flag=3)
    wrath, vanilla = listed(house), listed(house, 5875)
    assert wrath[4:6] == b"\1\0"
    assert b"\0\0\2Realm\0" in wrath
    assert vanilla[4] == 1
    assert b"\0Old\0" in vanilla
    assert b"\2Old\0" not in vanilla


def test_no_realm_of_the_build(house):
    """A client that no realm is for sees them all, down: better than an empty list."""
    realm(house)
    assert b"\2Realm\0" in listed(house, 5875)


def test_realm_for_the_privileged(house):
    realm(house, allowedSecurityLevel=2)
    assert b"\0\1\0Realm" in listed(house)
    house.sql(lambda conn: accounts.set_gmlevel(conn, 1, 2, 1))
    assert b"\0\0\0Realm" in listed(house)


def test_old_realm_for_the_privileged(house):
    """1.12.1 has no lock: it is down for those it is not for."""
    realm(house, gamebuild=5875, allowedSecurityLevel=2)
    assert b"\2Realm" in listed(house, 5875)
    house.sql(lambda conn: accounts.set_gmlevel(conn, 1, 2, 1))
    assert b"\0Realm" in listed(house, 5875)


def test_local_address(house):
    realm(house, localAddress="192.168.7.1")
    assert b"\0play.example.org:8085\0" in listed(house)
    assert b"\x00192.168.7.1:8085\0" in listed(house, host="192.168.7.200")
    row = house.sql(lambda conn: realms.enumerate_realms(conn, 1))[0]
    assert realm_host(row, "not an address") == realm_host(row, "fe80::1") == "play.example.org"


def test_old_client(house):
    client = house.connect()
    reply = client.login("ADA", "SECRET", build=5875, protocol=3)
    assert len(reply) == 26
    assert reply[22:] == bytes(4)
    assert house.connect().login("ADA", "GUESS", build=5875) == b"\1\4"


def test_guessing_from_many_addresses_of_one_network(house):
    """Who has an IPv6 network of his own does not have a guess for each address in it."""
    for n in range(5):
        assert house.connect(f"2001:db8::{n}").login("ADA", "GUESS") == REFUSED
    assert house.connect("2001:db8::77").login("ADA", "SECRET") == REFUSED
    assert house.connect("2001:db8:0:1::77").login("ADA", "SECRET")[:2] == b"\1\0"
    assert house.row("ADA").last_ip == "2001:db8:0:1::77"
