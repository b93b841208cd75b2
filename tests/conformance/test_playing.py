"""
Strangers play: the independent packages log in, make characters, meet, walk, talk and come back.

Each test runs on both engines and with both client builds where the words exist in both; whatever the server
sends is decoded to exhaustion by the package (players.py), so every packet of these stories is checked.
"""

import math
import uuid

import pytest

from tests.conformance.players import VANILLA, WRATH
from tests.conformance.town import PASSWORD, Town

NAMES = "auth", "characters", "world"
WALK_MS = 500


@pytest.fixture(params=["sqlite", "mariadb"])
def town(request, tmp_path):
    """A whole server in memory, on each engine, with accounts ADA and BOB."""
    if request.param == "sqlite":
        urls = {name: f"sqlite:///{tmp_path / name}.sqlite" for name in NAMES}
    else:
        server, own = request.getfixturevalue("mariadb"), uuid.uuid4().hex[:8]
        urls = {name: server.url(f"{name}_{own}") for name in NAMES}
    town = Town(urls, tmp_path)
    yield town
    town.close()


def together(town, build=WRATH):
    """Ada and Bob, of one people, in the world beside each other."""
    ada = town.enter("ADA", "Ada", build=build)
    bob = town.enter("BOB", "Bob", build=build)
    town.run(1000)
    return ada, bob


def walk(town, player, yards, step_yards=3.0):
    """Runs straight on, as a client tells it: start, heartbeats, stop; answers where it stopped."""
    x, y, z = player.positions[player.guid]
    town.move(player, "MSG_MOVE_START_FORWARD", x, y, z, forward=True)
    gone = 0.0
    while gone < yards:
        town.run(WALK_MS)
        gone = min(gone + step_yards, yards)
        town.move(player, "MSG_MOVE_HEARTBEAT", x + gone, y, z, forward=True)
    town.move(player, "MSG_MOVE_STOP", x + gone, y, z)
    town.run(200)
    player.positions[player.guid] = (x + gone, y, z)
    return x + gone, y, z


@pytest.mark.parametrize("build", [WRATH, VANILLA], ids=["12340", "5875"])
def test_first_evening(town, build):
    """Log in, create, enter, meet, walk, talk, log out, and come back to the same spot."""
    ada, bob = together(town, build)
    assert bob.guid in ada.objects and ada.guid in bob.objects
    assert len(ada.objects) > 5  # the town's folk, not only the two

    here = walk(town, ada, 12)
    assert math.dist(bob.positions[ada.guid], here) < 0.01
    assert bob.got("MSG_MOVE_START_FORWARD") and bob.got("MSG_MOVE_STOP")

    town.say(ada, "A fine morning.")
    [heard] = [m for m in bob.got("SMSG_MESSAGECHAT") if m.message == "A fine morning."]
    assert heard.chat_type.name == "SAY"
    town.whisper(bob, "ada", "Psst.")
    assert any(m.message == "Psst." for m in ada.got("SMSG_MESSAGECHAT"))

    town.log_out(ada)
    assert ada.guid not in bob.objects
    again = town.enter("ADA", "Ada", build=build)
    assert again.guid == ada.guid
    assert math.dist(again.positions[again.guid], here) < 0.01
    town.run(500)
    assert again.guid in bob.objects


def test_builds_meet(town):
    """A 3.3.5a and a 1.12.1 client stand in one zone, see each other walk and hear each other."""
    ada = town.enter("ADA", "Ada", build=WRATH)
    bob = town.enter("BOB", "Bob", build=VANILLA)
    town.run(1000)
    assert bob.guid in ada.objects and ada.guid in bob.objects
    here = walk(town, ada, 9)
    assert math.dist(bob.positions[ada.guid], here) < 0.01
    there = walk(town, bob, 6)
    assert math.dist(ada.positions[bob.guid], there) < 0.01
    town.say(ada, "Do you hear me?")
    town.say(bob, "I do.")
    assert any(m.message == "Do you hear me?" for m in bob.got("SMSG_MESSAGECHAT"))
    assert any(m.message == "I do." for m in ada.got("SMSG_MESSAGECHAT"))


def test_who_and_names(town):
    """Who lists both; names of the online and of the stored are answered as they are spelled."""
    ada, bob = together(town)
    words = WRATH.words
    ada.forget()
    ada.send(words.CMSG_WHO(0, 100, "", "", 0xFFFFFFFF, 0xFFFFFFFF, [], []))
    ada.send(words.CMSG_NAME_QUERY(bob.guid))
    town.run(200)
    assert sorted(row.name for row in ada.last("SMSG_WHO").players) == ["Ada", "Bob"]
    assert ada.last("SMSG_NAME_QUERY_RESPONSE").character_name == "Bob"
    town.log_out(bob)
    ada.forget()
    ada.send(words.CMSG_NAME_QUERY(bob.guid))
    town.run(200)
    assert ada.last("SMSG_NAME_QUERY_RESPONSE").character_name == "Bob"


def test_same_account_again(town):
    """The account logs in again at once; the old session gives way and the character is where it was."""
    ada = town.enter("ADA", "Ada")
    here = walk(town, ada, 12)
    again = town.enter("ADA", "Ada")
    assert again.guid == ada.guid and town.is_cut(ada)
    assert math.dist(again.positions[again.guid], here) < 0.01


def test_lost_line(town):
    """A socket that dies leaves the character standing; the next login takes it over where it is."""
    ada, bob = together(town)
    here = walk(town, ada, 12)
    town.drop(ada)
    town.run(2000)
    assert ada.guid in bob.objects
    again = town.enter("ADA", "Ada")
    assert math.dist(again.positions[again.guid], here) < 0.01
    town.run(500)
    assert ada.guid in bob.objects


def test_wrong_password(town):
    """A wrong password and an unknown account look the same."""
    wrong, unknown = town.logon("ADA", "nonsense"), town.logon("NOBODY", "nonsense")
    assert wrong.result == unknown.result == "FAIL_UNKNOWN_ACCOUNT"
    assert not wrong.session_key and not unknown.session_key


def test_channel_talk(town):
    """Two players join a channel and hear each other there."""
    ada, bob = together(town)
    words = WRATH.words
    for player in ada, bob:
        player.send(words.CMSG_JOIN_CHANNEL(0, 0, 0, "herbs", ""))
        town.run(100)
    ada.send(words.CMSG_MESSAGECHAT(words.ChatType.CHANNEL, town.language(ada), "Any sage?", channel="herbs"))
    town.run(200)
    heard = [m for m in bob.got("SMSG_MESSAGECHAT") if m.message == "Any sage?"]
    assert len(heard) == 1 and heard[0].channel_name == "herbs"


def test_what_stands_around_is_described(town):
    """Every creature and object in sight answers its query with a name."""
    ada = town.enter("ADA", "Ada")
    town.run(2000)
    words, creatures, objects = WRATH.words, set(), set()
    for guid in ada.objects:
        kind, entry = guid >> 48, guid >> 24 & 0xFFFFFF
        if kind == 0xF130:
            ada.send(words.CMSG_CREATURE_QUERY(entry, guid))
            creatures.add(entry)
        elif kind == 0xF110:
            ada.send(words.CMSG_GAMEOBJECT_QUERY(entry, guid))
            objects.add(entry)
    town.run(500)
    assert creatures and objects
    assert {p.creature_entry for p in ada.got("SMSG_CREATURE_QUERY_RESPONSE")} == creatures
    assert {p.entry_id for p in ada.got("SMSG_GAMEOBJECT_QUERY_RESPONSE")} == objects


def lines(player):
    """What the server told the player in system messages."""
    return [m.message for m in player.got("SMSG_MESSAGECHAT") if m.chat_type.name == "SYSTEM"]


def test_commands_and_travel(town):
    """A game master looks up, saves, is moved near and to another map, and is seen there."""
    town.account("GUIDE", PASSWORD, level=3)
    guide, words = town.enter("GUIDE", "Guide"), WRATH.words
    town.say(guide, ".gps")
    assert any(line.startswith("Map: 0 ") for line in lines(guide)), lines(guide)
    town.say(guide, ".save")
    town.run(200)
    assert town.stored("Guide").map == 0 and len(lines(guide)) > 1

    town.say(guide, ".tele pondside")
    [asked] = guide.got("MSG_MOVE_TELEPORT_ACK")
    guide.send(words.MSG_MOVE_TELEPORT_ACK_Client(guide.guid, asked.movement_counter, 0))
    town.run(500)
    guide.forget()
    town.say(guide, ".tele drywell")
    assert guide.got("SMSG_TRANSFER_PENDING") and guide.last("SMSG_NEW_WORLD").map.value == 1
    guide.objects.clear()
    guide.send(words.MSG_MOVE_WORLDPORT_ACK())
    town.until(lambda: guide.guid in guide.objects, "the player's own object on the other map")
    town.run(1000)
    assert len(guide.objects) > 1
    town.log_out_at_once(guide)
    assert town.stored("Guide").map == 1


def test_friends_and_ignores(town):
    """A friend's coming and going is told; one who is ignored is not heard."""
    ada, bob = together(town)
    words = WRATH.words
    ada.send(words.CMSG_ADD_FRIEND("bob", "the smith"))
    town.run(200)
    town.log_out(bob)
    told = [p.result for p in ada.got("SMSG_FRIEND_STATUS")]
    assert len(told) == 2 and told[0] != told[1]
    bob = town.enter("BOB", "Bob")
    ada.send(words.CMSG_ADD_IGNORE("Bob"))
    town.run(200)
    town.whisper(bob, "Ada", "Why so quiet?")
    assert not [m for m in ada.got("SMSG_MESSAGECHAT") if m.message == "Why so quiet?"]
    ada.send(words.CMSG_CONTACT_LIST(7))
    town.run(200)
    [row] = ada.last("SMSG_CONTACT_LIST").relations
    assert row.guid == bob.guid
