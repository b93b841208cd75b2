"""
What client 1.12.1 is sent and sends, against wow_world_messages.vanilla: connection, characters, coming in.

Values are chosen so that a field in the wrong place, or of the wrong build's number, shows.
"""

import io
import struct

import pytest
import wow_srp
from wow_world_messages import vanilla as w

from bluemarble.native.lines import CHAIN, Lines
from bluemarble.wire.codec import codec
from bluemarble.wire.legacy import VanillaDecipher, session_digest
from opcodes import channels, play, query, session
from opcodes import characters as ch
from tests.conformance.on_5875 import PLAYER, V, one, sent


def test_handshake():
    """The package's proof is ours, and its ciphers read our headers."""
    key = bytes(range(40))
    seed = wow_srp.VanillaProofSeed()
    proof, crypto = seed.into_client_header_crypto("NAME", key, 77)
    out = io.BytesIO()
    w.CMSG_AUTH_SESSION(5875, 3, "NAME", seed.seed(), list(proof), []).write_unencrypted(out)
    got = codec(V.layout(session.CMSG_AUTH_SESSION, received=True)).decode(out.getvalue()[6:])
    assert (got.client_build, got.login_server_id, got.username) == (5875, 3, "NAME")
    assert got.client_proof == session_digest("NAME", got.client_seed, 77, key)
    ours = VanillaDecipher(key)
    heads = [crypto.encrypt_client_header(size, size * 3) for size in (4, 100, 65535)]
    assert [ours.decrypt(bytes(head)) for head in heads] == [
        struct.pack(">H", size) + struct.pack("<I", size * 3) for size in (4, 100, 65535)
    ]
    line = Lines().open()
    line.cipher(CHAIN, key)
    line.queue(0x1EE, bytes(7))
    line.queue(0xA9, bytes(698))
    sealed = line.take()
    assert [crypto.decrypt_server_header(sealed[at : at + 4]) for at in (0, 11)] == [(9, 0x1EE), (700, 0xA9)]


def test_handshake_answers():
    """The challenge is its seed alone; an answer says nothing of expansions."""
    assert one(session.SMSG_AUTH_CHALLENGE(server_seed=5, seed=bytes(32))).server_seed == 5
    good = one(
        session.SMSG_AUTH_RESPONSE(
            result=session.AUTH_OK, billing_time=1, billing_flags=2, billing_rested=3, expansion=2
        )
    )
    assert good.result.name == "AUTH_OK"
    assert (good.billing_time, good.billing_flags, good.billing_rested) == (1, 2, 3)
    waits = one(
        session.SMSG_AUTH_RESPONSE(
            result=session.AUTH_WAIT_QUEUE, queue_position=8, realm_has_free_character_migration=0
        )
    )
    assert (waits.result.name, waits.queue_position) == ("AUTH_WAIT_QUEUE", 8)
    assert one(session.SMSG_AUTH_RESPONSE(result=session.AUTH_BANNED)).result.name == "AUTH_BANNED"
    assert one(session.SMSG_ADDON_INFO(addons=[], number_of_banned_addons=0)).addons == []


@pytest.mark.parametrize(
    "packet",
    [
        session.SMSG_REALM_SPLIT(realm_id=1, state=0, split_date="01/01/01"),
        session.SMSG_TIME_SYNC_REQ(time_sync=1),
        session.SMSG_CLIENTCACHE_VERSION(version=1),
        session.SMSG_FEATURE_SYSTEM_STATUS(),
        session.SMSG_INSTANCE_DIFFICULTY(difficulty=0),
        session.SMSG_UPDATE_ACCOUNT_DATA_COMPLETE(data_type=0),
        channels.SMSG_CHANNEL_MEMBER_COUNT(channel="x", flags=0, amount_of_members=1),
        query.SMSG_NAME_QUERY_RESPONSE(guid=1, early_terminate=1),
    ],
    ids=lambda packet: type(packet).__name__,
)
def test_what_it_does_not_have(packet):
    """It is sent nothing."""
    assert sent(packet) == []


# Characters


def character(**kwargs):
    return ch.Character(
        **{
            "guid": PLAYER,
            "name": "Anna",
            "race": 4,
            "class_type": 11,
            "gender": 1,
            "skin": 2,
            "face": 3,
            "hair_style": 4,
            "hair_color": 5,
            "facial_hair": 6,
            "level": 7,
            "area": 1519,
            "map": 1,
            "x": 1.5,
            "y": 2.5,
            "z": 3.5,
            "guild_id": 8,
            "flags": ch.CHARACTER_FLAG_GHOST,
            "first_login": 1,
            "pet_level": 9,
            "equipment": [ch.CharacterGear(equipment_display_id=n, inventory_type=1) for n in range(23)],
        }
        | kwargs
    )


def test_char_enum():
    """A character with its gear; those that 1.12.1 has no looks for are left out."""
    got = one(ch.SMSG_CHAR_ENUM(characters=[character(), character(race=10), character(class_type=6)]))
    (anna,) = got.characters
    assert (anna.guid, anna.name) == (PLAYER, "Anna")
    assert (anna.race.value, anna.class_type.value, anna.gender.value) == (4, 11, 1)
    assert (anna.skin, anna.face, anna.hair_style, anna.hair_color, anna.facial_hair) == (2, 3, 4, 5, 6)
    assert (anna.level, anna.area.value, anna.map.value) == (7, 1519, 1)
    assert (anna.position.x, anna.position.z, anna.guild_id) == (1.5, 3.5, 8)
    assert (anna.flags, anna.first_login, anna.pet_level) == (w.CharacterFlags.GHOST, True, 9)
    assert [gear.equipment_display_id for gear in anna.equipment] == list(range(19))


@pytest.mark.parametrize(
    ("ours", "name"),
    [
        (ch.CHAR_CREATE_SUCCESS, "CHAR_CREATE_SUCCESS"),
        (ch.CHAR_CREATE_NAME_IN_USE, "CHAR_CREATE_NAME_IN_USE"),
        (ch.CHAR_CREATE_SERVER_LIMIT, "CHAR_CREATE_SERVER_LIMIT"),
        (ch.CHAR_CREATE_EXPANSION, "CHAR_CREATE_FAILED"),
        (ch.CHAR_NAME_TOO_SHORT, "CHAR_NAME_TOO_SHORT"),
        (ch.CHAR_NAME_RESERVED, "CHAR_NAME_RESERVED"),
        (ch.CHAR_NAME_INVALID_CHARACTER, "CHAR_NAME_ONLY_LETTERS"),
        (ch.CHAR_DELETE_SUCCESS, "CHAR_DELETE_SUCCESS"),
        (ch.CHAR_LOGIN_NO_CHARACTER, "CHAR_LOGIN_NO_CHARACTER"),
        (ch.CHAR_LOGIN_FAILED, "CHAR_LOGIN_FAILED"),
    ],
)
def test_results(ours, name):
    """Every answer of the character screen has its own number there."""
    for cls in (ch.SMSG_CHAR_CREATE, ch.SMSG_CHAR_DELETE, session.SMSG_CHARACTER_LOGIN_FAILED):
        assert one(cls(result=ours)).result.name == name


def test_rename():
    """Success carries the name."""
    got = one(ch.SMSG_CHAR_RENAME(result=ch.RESPONSE_SUCCESS, character=PLAYER, new_name="Berta"))
    assert (got.result.name, got.character, got.new_name) == ("RESPONSE_SUCCESS", PLAYER, "Berta")
    assert one(ch.SMSG_CHAR_RENAME(result=ch.CHAR_NAME_PROFANE)).result.name == "CHAR_NAME_PROFANE"


# Coming into the world


def test_where():
    """The map, the hearth, the zone's counters, the hour."""
    at = one(session.SMSG_LOGIN_VERIFY_WORLD(map=1, x=1.0, y=2.0, z=3.0, orientation=4.0))
    assert (at.map.value, at.position.y, at.orientation) == (1, 2.0, 4.0)
    home = one(session.SMSG_BINDPOINTUPDATE(x=1.0, y=2.0, z=3.0, map=1, area=1519))
    assert (home.position.z, home.area.value) == (3.0, 1519)
    counters = [session.WorldState(state=1, value=2)]
    states = one(session.SMSG_INIT_WORLD_STATES(map=1, area=1519, sub_area=7, states=counters))
    assert (states.area.value, states.states[0].value) == (1519, 2)
    hour = 26 << 24 | 10 << 20 | 19 << 14 | 5 << 11 | 14 << 6 | 36
    assert one(session.SMSG_LOGIN_SETTIMESPEED(datetime=hour, timescale=0.5)).timescale == 0.5


def test_what_the_account_keeps():
    """Sums instead of times; what is shown to newcomers; the message of the day as lines of chat."""
    assert one(session.SMSG_ACCOUNT_DATA_TIMES(unix_time=1, mask=0xFF, times=[7] * 8)).data == [0] * 32
    tutorials = one(session.SMSG_TUTORIAL_FLAGS(tutorial_data=list(range(8))))
    assert tutorials.tutorial_data == list(range(8))
    lines = sent(session.SMSG_MOTD(motds=["Hello", "you"]))
    assert [(line.chat_type.name, line.message) for line in lines] == [("SYSTEM", "Hello"), ("SYSTEM", "you")]


def test_what_the_character_knows():
    """Spells of small numbers, fewer buttons, fewer factions."""
    spells = one(
        play.SMSG_INITIAL_SPELLS(
            initial_spells=[play.InitialSpell(spell_id=n) for n in (78, 70000, 81)],
            cooldowns=[
                play.Cooldown(spell_id=78, item_id=1, spell_category=2, cooldown=3, category_cooldown=4)
            ],
        )
    )
    assert [spell.spell_id for spell in spells.initial_spells] == [78, 81]
    assert (spells.cooldowns[0].spell_id, spells.cooldowns[0].category_cooldown) == (78, 4)
    assert one(play.SMSG_ACTION_BUTTONS(behavior=0, data=list(range(144)))).data == list(range(120))
    assert one(play.SMSG_ACTION_BUTTONS(behavior=play.ACTIONS_CLEAR)).data == [0] * 120
    factions = [play.Faction(flag=1, standing=n) for n in range(128)]
    known = one(play.SMSG_INITIALIZE_FACTIONS(factions=factions)).factions
    assert [faction.standing for faction in known] == list(range(64))
