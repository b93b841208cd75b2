import pytest
from sqlalchemy import text

from bluemarble.db import accounts, addresses, realms

SALT, VERIFIER, KEY = b"s" * 31 + b"\x01", b"\0" + b"v" * 30 + b"\0", b"\0" + b"k" * 38 + b"\0"
NOW = 1_800_000_000
HOST = "10.0.0.9"


@pytest.fixture
def database(filled):
    return filled("auth")


@pytest.fixture
def write(database, result):
    return lambda fn, *args, **more: result(database.write(lambda conn: fn(conn, *args, **more)))


@pytest.fixture
def read(database, result):
    return lambda fn, *args, **more: result(database.read(lambda conn: fn(conn, *args, **more)))


@pytest.fixture
def ada(write):
    return write(accounts.create_account, "ada", SALT, VERIFIER, gmlevel=3)


def sql(conn, query, **values):
    found = conn.execute(text(query), values)
    return [tuple(row) for row in found] if found.returns_rows else found.rowcount


def test_an_account_is_found_by_one_statement(database, read, ada):
    before = database.statements
    found = read(accounts.challenge_account, "aDa", HOST, NOW, 1)
    assert database.statements - before == 1
    assert not found.ip_banned
    account = found.account
    assert (account.id, account.username, account.salt, account.verifier) == (ada, "ADA", SALT, VERIFIER)
    assert (account.gmlevel, account.banned, account.session_key, account.expansion) == (3, 0, None, 2)
    assert {type(account.gmlevel), type(account.banned), type(account.muted_until)} == {int}


@pytest.mark.parametrize("name", ["BOB", "", "ADÁ", "ada ", "' OR 1=1 --", "%", "ж" * 10])
def test_other_names_are_not_found(read, ada, name):
    assert read(accounts.challenge_account, name, HOST, NOW) == accounts.Challenge(False, None)


def test_an_account_that_another_program_inserts_is_found_at_once(write, read):
    write(
        sql,
        "INSERT INTO account (username, salt, verifier, expansion) VALUES ('TOOL', :s, :v, 2)",
        s=SALT,
        v=VERIFIER,
    )
    found = read(accounts.challenge_account, "tool", HOST, NOW).account
    assert (found.salt, found.verifier) == (SALT, VERIFIER)
    write(sql, "UPDATE account SET verifier = :v WHERE username = 'TOOL'", v=SALT)
    assert read(accounts.challenge_account, "tool", HOST, NOW).account.verifier == SALT


def test_names_are_taken_whatever_their_case(write, ada):
    with pytest.raises(accounts.NameTaken):
        write(accounts.create_account, "ADA", SALT, VERIFIER)


@pytest.mark.parametrize(
    ("name", "salt"),
    [
        ("", SALT),
        ("a" * 21, SALT),
        ("é" * 11, SALT),
        ("a", SALT[:31]),
        ("a", bytes(32)),
        ("a", b"\0" + SALT[1:]),
    ],
)
def test_accounts_that_clients_cannot_use_are_not_made(write, name, salt):
    with pytest.raises(ValueError, match=r"account name|salt"):
        write(accounts.create_account, name, salt, VERIFIER)


def test_access_levels_go_by_realm(write, read, ada):
    write(accounts.set_gmlevel, ada, 1)
    write(accounts.set_gmlevel, ada, 2, 7)
    assert read(accounts.challenge_account, "ada", HOST, NOW, 1).account.gmlevel == 1
    assert read(accounts.challenge_account, "ada", HOST, NOW, 7).account.gmlevel == 2
    write(accounts.set_gmlevel, ada, 0, 7)
    assert read(accounts.challenge_account, "ada", HOST, NOW, 7).account.gmlevel == 1


@pytest.mark.parametrize(("seconds", "told"), [(0, 2), (60, 1)])
def test_bans_of_accounts_expire_unless_they_are_for_ever(write, read, ada, seconds, told):
    write(accounts.ban_account, ada, NOW, seconds, "Operator", "spam")
    assert read(accounts.challenge_account, "ada", HOST, NOW + 59).account.banned == told
    assert read(accounts.challenge_account, "ada", HOST, NOW + 60).account.banned == (2 if told == 2 else 0)
    write(sql, "UPDATE account_banned SET active = 0")
    assert read(accounts.challenge_account, "ada", HOST, NOW).account.banned == 0


def test_bans_of_addresses_know_every_spelling(write, read, ada):
    write(accounts.ban_ip, "2001:db8:0:0::0001", NOW, 60, "Operator", "spam")
    write(accounts.ban_ip, "::ffff:10.0.0.9", NOW, 0, "Operator", "spam")
    spellings = ("2001:DB8::1", True), ("2001:db8::1%eth0", True), ("2001:db8::2", False), (HOST, True)
    for ip, banned in spellings:
        assert read(accounts.challenge_account, "nobody", ip, NOW).ip_banned is banned
    assert not read(accounts.challenge_account, "ada", "2001:db8::1", NOW + 60).ip_banned


def test_a_login_is_one_update_and_a_longest_address_fits(database, write, read, ada):
    ip = "2001:0db8:1111:2222:3333:4444:5555:6666"
    before = database.statements
    assert write(accounts.logged_in, ada, KEY, ip, NOW, os="Win", locale=3)
    assert database.statements - before == 1
    account = read(accounts.challenge_account, "ada", ip, NOW).account
    assert (account.session_key, account.os, account.locale) == (KEY, "Win", 3)
    assert account.last_ip == addresses.address(ip)
    ((last, failed),) = read(sql, "SELECT last_login, failed_logins FROM account")
    assert (str(last), failed) == ("2027-01-15 08:00:00", 0)


def test_wrong_passwords_throttle_one_address_for_a_while(write, read, ada):
    throttle = accounts.Throttle(failures=3, window_s=60)
    for n in range(3):
        assert not read(accounts.throttled, ada, HOST, NOW + n, throttle)
        write(accounts.login_failed, ada, HOST, NOW + n, throttle)
    assert read(accounts.throttled, ada, HOST, NOW + 3, throttle)
    assert not write(accounts.logged_in, ada, KEY, HOST, NOW + 3, throttle=throttle)
    assert read(accounts.challenge_account, "ada", HOST, NOW).account.session_key is None
    assert read(accounts.challenge_account, "ada", HOST, NOW).account.failed_logins == 3
    assert not read(accounts.throttled, ada, "10.0.0.8", NOW + 3, throttle)
    assert write(accounts.logged_in, ada, KEY, HOST, NOW + 62, throttle=throttle, failed=True)
    assert read(sql, "SELECT COUNT(*) FROM account_failure") == [(0,)]


def test_the_secret_is_made_once(write):
    assert write(accounts.secret) == write(accounts.secret)
    assert len(write(accounts.secret)) == 32


def test_realms_are_listed_by_one_statement_with_their_characters(database, write, read, ada):
    write(sql, "DELETE FROM realmlist")
    write(realms.put_realm, 1, "First", "192.0.2.1", 8085)
    write(realms.put_realm, 2, "Second", "192.0.2.2", 8086)
    write(sql, "INSERT INTO realmlist (id, name, flag) VALUES (3, 'Hidden', 3)")
    write(realms.set_character_count, 2, ada, 4)
    write(realms.set_character_count, 2, ada, 5)
    write(realms.realm_online, 1, True, 0.5)
    before = database.statements
    first, second = read(realms.enumerate_realms, ada)
    assert database.statements - before == 1
    assert (first.name, first.address, first.port) == ("First", "192.0.2.1", 8085)
    assert (first.flag, first.population) == (0, 0.5)
    assert (second.flag, second.characters, second.gmlevel) == (realms.OFFLINE, 5, 3)
    write(sql, "UPDATE realmlist SET timezone = 8, localAddress = '10.0.0.1' WHERE id = 2")
    assert write(realms.put_realm, 1, "Renamed", "198.51.100.1", 9000) == ("First", "192.0.2.1", 8085)
    assert write(realms.put_realm, 2, "Second", "198.51.100.2", 8086) == ("Second", "192.0.2.2", 8086)
    write(realms.realm_online, 1, False)
    first, second = read(realms.enumerate_realms, ada)
    assert (first.name, first.address, first.port) == ("Renamed", "198.51.100.1", 9000)
    assert (first.local_address, second.local_address, second.timezone) == ("198.51.100.1", "10.0.0.1", 8)
    assert first.flag == realms.OFFLINE


def test_online_flags_are_reset_for_the_realms_own_accounts(write, read, ada):
    bob = write(accounts.create_account, "bob", SALT, VERIFIER)
    new = write(accounts.create_account, "new", SALT, VERIFIER)
    write(realms.set_character_count, 1, ada, 1)
    write(realms.set_character_count, 2, bob, 1)
    for account in (ada, bob, new):
        write(accounts.set_online, account, True)
    write(accounts.reset_online, 1)
    online = read(sql, "SELECT username, online FROM account ORDER BY id")
    assert online == [("ADA", 0), ("BOB", 1), ("NEW", 0)]
