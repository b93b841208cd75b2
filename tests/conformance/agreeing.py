"""Between our packets and the package's: values that it knows, its reader and writer, whether both agree."""

import asyncio
import dataclasses
import enum
import functools
import string
import struct
import typing
import zlib

import construct as c

from opcodes import chat, orders
from opcodes.vocab import (
    ArrayOf,
    CountOf,
    Fixed,
    Listed,
    Mapped,
    MaybeOf,
    PackedGuid,
    Record,
    Rest,
    SizedText,
    Text,
    ToEndOf,
    Values,
    When,
    wire_form,
)

LOOP = asyncio.new_event_loop()  # StreamReader wants one; nothing ever runs on it
ASCII = string.ascii_letters + string.digits + " '-"
UNICODE = ASCII + "äßéñ€漢"
PLAYERS_SPEAK = [
    chat.CHAT_MSG_SYSTEM,
    chat.CHAT_MSG_SAY,
    chat.CHAT_MSG_YELL,
    chat.CHAT_MSG_WHISPER,
    chat.CHAT_MSG_WHISPER_INFORM,
    chat.CHAT_MSG_EMOTE,
    chat.CHAT_MSG_CHANNEL,
    chat.CHAT_MSG_IGNORED,
]
SPOKEN = [*PLAYERS_SPEAK, chat.CHAT_MSG_AFK, chat.CHAT_MSG_DND, chat.CHAT_MSG_PARTY, chat.CHAT_MSG_GUILD]
WALKS = [0, orders.SPLINEFLAG_WALKMODE, orders.SPLINEFLAG_PARABOLIC]
HITS = [0x01, 0x02, 0x10, 0x60, 0x180, 0x200, 0x2000]  # both flags of what was absorbed, of what was resisted
MOVE_FLAGS, MOVE_FLAGS2, UPDATE_FLAGS = 0x77FF_FFFF, 0x1FFB, 0x2FF
TWENTIETH_OF_NOVEMBER_2026 = 26 << 24 | 10 << 20 | 19 << 14 | 5 << 11 | 14 << 6 | 36
# Class and field to values that the package can read; see waivers.py for why.
ONLY = {
    ("SMSG_MESSAGECHAT", "chat_type"): lambda chance: chance.choice(SPOKEN),
    ("CMSG_MESSAGECHAT", "chat_type"): lambda chance: chance.choice(SPOKEN),
    ("SMSG_MONSTER_MOVE", "move_type"): lambda chance: chance.choice([0, 2, 3, 4]),
    ("Walk", "spline_flags"): lambda chance: chance.choice(WALKS),
    ("SMSG_NAME_QUERY_RESPONSE", "early_terminate"): lambda chance: 0,
    ("SMSG_NAME_QUERY_RESPONSE", "has_declined_names"): lambda chance: chance.randrange(2),
    ("SMSG_INITIAL_SPELLS", "cooldowns"): lambda chance: [],
    ("SMSG_LOGIN_SETTIMESPEED", "datetime"): lambda chance: TWENTIETH_OF_NOVEMBER_2026,
    ("ItemInfo", "item_class"): lambda chance: 0,
    ("ItemInfo", "item_sub_class"): lambda chance: 0,
    ("CMSG_CHAR_CREATE", "outfit_id"): lambda chance: 0,
    ("CMSG_GROUP_INVITE", "unknown1"): lambda chance: chance.getrandbits(32),
    ("SMSG_COMPRESSED_UPDATE_OBJECT", "decompressed_size"): lambda chance: 4,
    ("SMSG_COMPRESSED_UPDATE_OBJECT", "compressed_data"): lambda chance: zlib.compress(bytes(4)),
    ("Relation", "status"): lambda chance: chance.randrange(2),
    ("SMSG_ATTACKERSTATEUPDATE", "hit_info"): lambda chance: sum(chance.sample(HITS, 3)),
    ("MovementBlock", "update_flag"): lambda chance: chance.getrandbits(16) & UPDATE_FLAGS,
    ("UpdateBlock", "update_type"): lambda chance: chance.randrange(6),
    ("UpdateBlock", "object_type"): lambda chance: chance.randrange(8),
    ("Movement", "flags"): lambda chance: chance.getrandbits(32) & MOVE_FLAGS,
    ("Movement", "flags2"): lambda chance: chance.getrandbits(16) & MOVE_FLAGS2,
    ("MovementInfo", "flags"): lambda chance: chance.getrandbits(32) & MOVE_FLAGS,
    ("MovementInfo", "flags2"): lambda chance: chance.getrandbits(16) & MOVE_FLAGS2,
}


@functools.cache
def hints(kind, package):
    """Field name to the package's type of it."""
    names = vars(package) | {"typing": typing, "NamedGUID": None}  # which the package forgot to define
    return {
        f.name: eval(f.type, names) if isinstance(f.type, str) else f.type for f in dataclasses.fields(kind)
    }


def inner(hint):
    """X of X, Optional[X] and list[X]."""
    arguments = [a for a in typing.get_args(hint) if a is not type(None)]
    return inner(arguments[0]) if arguments else hint


class Drawing:
    """
    Draws packets of values that the package knows.

    @ivar letters: of texts; the package's writers count characters where bytes are meant.
    """

    def __init__(self, chance, package, letters=UNICODE):
        self.chance, self.package, self.letters = chance, package, letters

    def record(self, cls, kind):
        """An object of our class; `kind` is the package's class of the same, or of what it is part of."""
        theirs = hints(kind, self.package)
        got = {}
        for name, hint in cls.hints.items():
            rule = cls.rules.get(name)
            if isinstance(rule, CountOf):
                continue
            if isinstance(rule, When):
                if not rule(c.Container(got)):
                    got[name] = None
                    continue
                rule = rule.then
            got[name] = self.field(cls, name, wire_form(hint), rule, theirs.get(name), kind)
        return cls(**got)

    def field(self, cls, name, form, rule, their, kind):
        """A value of a field that is there."""
        for base in cls.__mro__:
            if (base.__name__, name) in ONLY:
                return ONLY[base.__name__, name](self.chance)
        if isinstance(rule, MaybeOf) and self.chance.randrange(2):
            return None
        if isinstance(rule, Listed | ToEndOf | ArrayOf):
            n = rule.length if isinstance(rule, ArrayOf) else self.chance.randrange(min(rule.limit, 3) + 1)
            return [self.value(form, their, kind) for _ in range(n)]
        return self.value(form, their, kind)

    def value(self, form, their, kind):
        """One value of a wire form."""
        their = inner(their) if their is not None else None
        chance = self.chance
        match form:
            case type() if issubclass(form, Record):
                nested = their or getattr(self.package, form.__name__, kind)
                return self.record(form, nested if dataclasses.is_dataclass(nested) else kind)
            case PackedGuid():
                return chance.getrandbits(chance.choice([8, 24, 64]))
            case Text() | SizedText():
                return "".join(chance.choices(self.letters, k=chance.randrange(min(form.limit // 3, 20))))
            case Fixed():
                return chance.randbytes(form.length)
            case Rest():
                return chance.randbytes(chance.randrange(min(form.limit, 30)))
            case Values():
                known = list(form.to_wire) if form.to_wire else range(32 * form.words)
                return {chance.choice(known): chance.getrandbits(32) for _ in range(chance.randrange(5))}
            case Mapped():
                return self.value(form.subcon, their, kind)
        if form.fmtstr[1:] == "f":
            return struct.unpack("<f", struct.pack("<f", chance.uniform(-1e5, 1e5)))[0]
        if isinstance(their, type) and issubclass(their, enum.Enum):
            return chance.choice([m.value for m in their if 0 <= m.value < 256**form.length])
        if their is bool:
            return chance.randrange(2)
        return chance.getrandbits(8 * form.length - 1)


def read(kind, body):
    """What the package makes of a body, and how many bytes it left."""
    reader = asyncio.StreamReader(loop=LOOP)
    reader.feed_data(body)
    reader.feed_eof()
    reading = kind.read(reader, len(body))
    try:
        reading.send(None)
    except StopIteration as done:
        return done.value, len(reader._buffer)
    raise AssertionError("the package waits for more")


class _Bytes(list):
    """What the package's `write` wants of a StreamWriter."""

    def write(self, data):
        self.append(data)


class _Plain:
    """What it wants of a cipher: header bytes, which are cut off again."""

    def encrypt_server_header(self, size, opcode):
        return struct.pack(">HI", size & 0xFFFF, opcode)


def written(packet):
    """The body that the package writes."""
    out = _Bytes()
    packet.write_encrypted_client(out, _Plain())
    return b"".join(out)[6:]


def agrees(ours, theirs, layout):
    """Fields of the same name and a plain type have the same value."""
    for name in layout.hints:
        mine, its = getattr(ours, name, None), getattr(theirs, name, None)
        its = its.value if isinstance(its, enum.Enum) else int(its) if isinstance(its, bool) else its
        if type(mine) is type(its) and isinstance(its, int | str | float):
            assert mine == its, f"{name}: we wrote {mine}, the package read {its}"
