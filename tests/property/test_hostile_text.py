"""Texts that no player means: in names, chat, channels and lists, packed and not, and at the database."""

import re
import zlib

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from bluemarble.rows.characters import AccountDataRow
from bluemarble.servers.naming import proper
from opcodes.channels import (
    CMSG_CHANNEL_INVITE,
    CMSG_CHANNEL_LIST,
    CMSG_CHANNEL_PASSWORD,
    CMSG_JOIN_CHANNEL,
    CMSG_LEAVE_CHANNEL,
    SMSG_CHANNEL_NOTIFY,
)
from opcodes.characters import CHAR_CREATE_SUCCESS, CMSG_CHAR_CREATE, SMSG_CHAR_CREATE
from opcodes.chat import (
    CHAT_MSG_AFK,
    CHAT_MSG_CHANNEL,
    CHAT_MSG_DND,
    CHAT_MSG_EMOTE,
    CHAT_MSG_GUILD,
    CHAT_MSG_SAY,
    CHAT_MSG_WHISPER,
    CHAT_MSG_YELL,
    CMSG_MESSAGECHAT,
    LANG_ADDON,
    LANG_COMMON,
    SMSG_CHAT_PLAYER_NOT_FOUND,
    SMSG_MESSAGECHAT,
)
from opcodes.query import CMSG_NAME_QUERY
from opcodes.session import CMSG_UPDATE_ACCOUNT_DATA, SMSG_UPDATE_ACCOUNT_DATA_COMPLETE
from opcodes.social import (
    CMSG_ADD_FRIEND,
    CMSG_ADD_IGNORE,
    CMSG_SET_CONTACT_NOTES,
    CMSG_WHO,
    SMSG_FRIEND_STATUS,
    SMSG_WHO,
)
from tests.property.attackers import BUILDS, WRATH, examples

SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
plain = settings(
    max_examples=examples(40), suppress_health_check=SHARED, phases=[Phase.explicit, Phase.generate]
)
INJECTIONS = [
    "'; DROP TABLE characters; --",
    '" OR ""="',
    "Bob' OR '1'='1",
    "%",
    "_ob",
    "`",
    "\\",
    "B\\'ob",
    ":name",
    "%(name)s",
    "?",
    "${jndi:x}",
    "{0.__class__}",
    "Bob\u2019",
    "ＢＯＢ",
    "bob ",
    "BOB",
    "0x426f62",
    "NULL",
    "\ufeffBob",
]
LINES = [
    "|cffff0000|Hitem:1:0:0:0|h[x]|h|r",
    "|Hplayer:Bob|h",
    "|TInterface\\x:99999|t",
    "|",
    "||",
    "|n" * 100,
    "|cff",
    "|K1|k",
    "\n",
    "a\rb",
    "\x07",
    "\x1b[2J",
    "\u202eabc",
    "\u2028",
    "\ufffe",
    "e" + "\u0301" * 100,
    "😀" * 63,
    " ",
    "\u00a0",
    ".",
    ".save",
    ".tele x",
    "!gps",
    ".s",
    "." + "a" * 200,
    ".save\x00"[:5],
    "/who",
]
odd = st.one_of(
    st.sampled_from(INJECTIONS + LINES),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30),
    st.text(
        st.characters(categories=["Cc", "Cf", "Mn", "Zl", "Zp", "Lo", "So"], exclude_characters="\0"),
        max_size=20,
    ),
)
HARMLESS = re.compile(r"(?:[^|]|\|\||\|c[0-9a-fA-F]{8}|\|r|\|H[^|]*\|h[^|]*\|h)*")
UNSPEAKABLE = "\n\r\x07\x1b\u202e\u2028\ufffe"


def fits(text, limit):
    """As much of it as a packet's field holds."""
    return text.encode()[:limit].decode(errors="ignore")


@plain
@given(
    line=odd,
    kind=st.sampled_from(
        [
            CHAT_MSG_SAY,
            CHAT_MSG_YELL,
            CHAT_MSG_EMOTE,
            CHAT_MSG_GUILD,
            CHAT_MSG_WHISPER,
            CHAT_MSG_CHANNEL,
            CHAT_MSG_AFK,
            CHAT_MSG_DND,
            0,
            2,
            0x2A,
            0xFF,
        ]
    ),
    name=odd,
    language=st.sampled_from([LANG_COMMON, LANG_ADDON, 0, 1, 0x7FFF_FFFF]),
    build=st.sampled_from(sorted(BUILDS)),
)
def test_chat(castle, line, kind, name, language, build):
    """What others hear is a line, of a kind that players speak, that breaks no window."""
    eve, bob = castle.attacker("EVE", BUILDS[build]), castle.witness
    bob.forget()
    target, channel = (fits(name, 48) if kind == k else None for k in (CHAT_MSG_WHISPER, CHAT_MSG_CHANNEL))
    said = CMSG_MESSAGECHAT(
        chat_type=kind, language=language, target_player=target, channel=channel, message=fits(line, 255)
    )
    eve.send(said)
    castle.ticks(2)
    assert not eve.gone
    for heard in bob.got(SMSG_MESSAGECHAT):
        assert heard.chat_type in (CHAT_MSG_SAY, CHAT_MSG_YELL, CHAT_MSG_EMOTE, CHAT_MSG_WHISPER, 0)
        if heard.language != LANG_ADDON:
            assert not set(heard.message) & set(UNSPEAKABLE)
            assert heard.message.strip()
            assert HARMLESS.fullmatch(heard.message)
    castle.over()
    castle.judge()


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe\0",
        b"\xc0\x80\0",
        b"\xed\xa0\x80\0",
        b"a\0b\0",
        b"no end",
        b"\0\0",
        b"x" * 256 + b"\0",
        b"\xf4\x90\x80\x80\0",
    ],
)
def test_text_that_is_none(castle, raw):
    """Half letters, overlong forms, lone surrogates, no end, two ends, too long: cut."""
    eve = castle.attacker("EVE")
    head = CHAT_MSG_SAY.to_bytes(4, "little") + LANG_COMMON.to_bytes(4, "little")
    eve.raw(eve.frame(WRATH.numbers[CMSG_MESSAGECHAT], head + raw))
    assert eve.gone
    castle.over()
    castle.judge()


@plain
@given(
    name=odd
    | st.sampled_from(["𝐁𝐨𝐛", "Ｂｏｂ", "Bοb", "Вob", "B\u200bob", "Bob\u0363", "ßob", "ŉob", "ﬁnn", "İbo"])
)
@example(name="x" * 48)
def test_names(castle, name):
    """Whatever is asked for, a character that is made has a name that everybody can read and type."""
    client = castle.attacker("EVE", phase="AUTHED")
    for known in client.characters().values():
        if known.name != "Eve":
            pytest.fail(f"{known.name!r} was not taken away")
    name = fits(name, 48)
    result = client.ask(
        CMSG_CHAR_CREATE(
            name=name,
            race=1,
            class_type=1,
            gender=0,
            skin_color=0,
            face=0,
            hair_style=0,
            hair_color=0,
            facial_hair=0,
        ),
        SMSG_CHAR_CREATE,
    ).result
    made = castle.column("SELECT name FROM characters WHERE name NOT IN ('Eve', 'Bob', '')")
    assert (result == CHAR_CREATE_SUCCESS) == bool(made)
    for it in made:
        assert it.isalpha()
        assert 2 <= len(it) <= 12
        assert it == proper(it) == it[:1].upper() + it[1:].lower()
        assert it.casefold() != "bob"
        assert ord(max(it)) < 0x460
    castle.databases.characters.write(
        lambda conn: conn.exec_driver_sql("DELETE FROM characters WHERE name NOT IN ('Eve', 'Bob', '')")
    )
    castle.over()
    castle.judge()


@plain
@given(names=st.lists(odd, min_size=1, max_size=5), password=odd, number=st.sampled_from([0, 1, 2, 26, 99]))
def test_channels(castle, names, password, number):
    """Channels have names and passwords that break nothing, or none; each is gone when its last member is."""
    eve = castle.attacker("EVE")
    eve.forget()
    for name in names:
        name = fits(name, 127)
        eve.send(
            CMSG_JOIN_CHANNEL(
                channel_id=number,
                unknown1=0,
                unknown2=0,
                channel_name=name,
                channel_password=fits(password, 31),
            ),
            CMSG_CHANNEL_PASSWORD(channel_name=name, channel_password=fits(password, 127)),
            CMSG_CHANNEL_INVITE(channel_name=name, player_name="Bob"),
            CMSG_CHANNEL_LIST(channel_name=name),
        )
    castle.ticks(2)
    society = castle.world.world.society
    for channel in society.channels.values():
        assert not set(channel.name) & set(UNSPEAKABLE + "|")
        assert len(channel.name.encode()) <= 127
        assert len(channel.password.encode()) <= 31
    assert eve.got(SMSG_CHANNEL_NOTIFY)
    castle.judge()
    eve.send(*[CMSG_LEAVE_CHANNEL(channel_id=0, channel_name=fits(name, 127)) for name in names])
    castle.ticks(2)
    castle.alone()
    assert not society.channels


@plain
@given(
    name=odd,
    note=odd,
    words=st.lists(odd, max_size=4),
    zones=st.lists(st.integers(0, 2**32 - 1), max_size=10),
    levels=st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)),
    masks=st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)),
)
def test_lists(castle, name, note, words, zones, levels, masks):
    """Who, friends and ignores: everything is answered, nobody else is found, and notes are readable."""
    eve = castle.attacker("EVE")
    eve.forget()
    eve.send(
        CMSG_WHO(
            minimum_level=levels[0],
            maximum_level=levels[1],
            player_name=fits(name, 48),
            guild_name="",
            race_mask=masks[0],
            class_mask=masks[1],
            zones=zones,
            search_strings=[fits(word, 48) for word in words],
        ),
        CMSG_ADD_FRIEND(name=fits(name, 48), note=fits(note, 192)),
        CMSG_ADD_IGNORE(name=fits(name, 48)),
        CMSG_SET_CONTACT_NOTES(player=castle.witness.guid, note=fits(note, 192)),
        CMSG_NAME_QUERY(guid=levels[0] << 32 | levels[1]),
    )
    castle.ticks(4)
    assert not eve.gone
    assert len(eve.got(SMSG_WHO)) == 1
    answers = eve.got(SMSG_FRIEND_STATUS)
    assert len(answers) == 2
    found = {answer.guid for answer in answers} - {0}
    assert found <= {castle.witness.guid, eve.guid}
    if found:
        assert name.strip().casefold() in ("bob", "eve")
    for kept in castle.column("SELECT note FROM character_social"):
        assert not set(kept) & set(UNSPEAKABLE + "|")
        assert len(kept) <= 48
    castle.databases.characters.write(lambda conn: conn.exec_driver_sql("DELETE FROM character_social"))
    castle.alone()
    castle.judge()


@pytest.mark.parametrize("text", INJECTIONS)
def test_injections(castle, text):
    """Nothing that is typed is ever SQL, a pattern or a template: it finds nobody, and changes nothing."""
    tables = castle.column("SELECT name FROM sqlite_master WHERE type = 'table'")
    people = castle.column("SELECT name FROM characters")
    eve = castle.attacker("EVE")
    eve.forget()
    name = fits(text, 48)
    eve.send(
        CMSG_ADD_FRIEND(name=name, note=fits(text, 48)),
        CMSG_MESSAGECHAT(chat_type=CHAT_MSG_WHISPER, language=7, target_player=name, message=text),
    )
    castle.ticks(4)
    if text != "BOB":
        assert eve.last(SMSG_FRIEND_STATUS).guid == 0
        assert eve.last(SMSG_CHAT_PLAYER_NOT_FOUND).name == name
    screen = castle.attacker("EVE", phase="AUTHED")
    screen.ask(
        CMSG_CHAR_CREATE(
            name=name,
            race=1,
            class_type=1,
            gender=0,
            skin_color=0,
            face=0,
            hair_style=0,
            hair_color=0,
            facial_hair=0,
        ),
        SMSG_CHAR_CREATE,
    )
    assert castle.column("SELECT name FROM sqlite_master WHERE type = 'table'") == tables
    assert castle.column("SELECT name FROM characters") == people
    castle.over()
    castle.judge()


BOMB = zlib.compress(bytes(9_000_000), 9)


@pytest.mark.parametrize(
    ("claimed", "packed"),
    [
        (1, BOMB),
        (0xFFFF, BOMB),
        (0x10000, BOMB),
        (9_000_000, BOMB),
        (2**32 - 1, BOMB),
        (10, b""),
        (10, BOMB[:20]),
        (10, zlib.compress(b"0123456789")[:-1] + b"?"),
        (9, zlib.compress(b"0123456789")),
        (11, zlib.compress(b"0123456789")),
        (5, zlib.compress(zlib.compress(bytes(100_000)))),
        (10, b"\x78\xbb" + bytes(20)),
        (100, b"\x1f\x8b" + bytes(30)),
    ],
)
def test_bombs(castle, claimed, packed):
    """What unpacks to something else than it claims, or claims too much, is not stored; its sender is cut."""
    eve = castle.attacker("EVE", phase="AUTHED")
    eve.send(
        CMSG_UPDATE_ACCOUNT_DATA(
            data_type=0, unix_time=7, decompressed_size=claimed, compressed_data=packed[:10_000]
        )
    )
    assert eve.gone
    assert castle.row(AccountDataRow, accountId=castle.knows("EVE").id, type=0) is None
    addons = castle.attacker("EVE", phase="HELLO")
    addons.prove(addon_info=claimed.to_bytes(4, "little") + packed[:9_000])
    assert not addons.gone
    castle.over()
    castle.judge()


def test_honest_data(castle):
    """The largest that is allowed is, and comes back as it was."""
    eve = castle.attacker("EVE", phase="AUTHED")
    data = zlib.compress(b"\xff\0'\"" * 16_000 + bytes(1535), 9)
    eve.send(
        CMSG_UPDATE_ACCOUNT_DATA(data_type=2, unix_time=7, decompressed_size=0xFFFF, compressed_data=data)
    )
    eve.listen()
    assert eve.got(SMSG_UPDATE_ACCOUNT_DATA_COMPLETE)
    assert castle.row(AccountDataRow, accountId=castle.knows("EVE").id, type=2)["data"] == zlib.decompress(
        data
    )
    castle.over()
