"""A society alone, and people in it; every packet they are sent is encoded as it would be on the wire."""

import itertools

import opcodes
from bluemarble.sim import handlers
from bluemarble.sim.effects import Count, Input, Load, Save, Send
from bluemarble.sim.handling import handler_modules, tables
from bluemarble.sim.rules import Rules
from bluemarble.sim.society import Society
from bluemarble.wire.codec import codec
from opcodes.channels import CMSG_JOIN_CHANNEL, SMSG_CHANNEL_NOTIFY
from opcodes.chat import CHAT_MSG_CHANNEL, CHAT_MSG_WHISPER, CMSG_MESSAGECHAT
from opcodes.cluster import NMSG_CHARACTER, NMSG_MEMBER, NMSG_MEMBER_LEFT, NMSG_SOCIETY

WRATH = opcodes.version(12340)
TABLE = tables(
    handler_modules(handlers), [*WRATH.packets.values(), *opcodes.native().packets.values()]
).society
HUMAN, ORC, DWARF = 1, 2, 3
LIMIT_BYTES = 0x7FFF


class Circle:
    """
    A Society and its members' clients.

    @ivar effects: what all steps so far brought, but Sends.
    """

    def __init__(self, **rules):
        self.rules = Rules(**rules)
        self.society = Society(self.rules, TABLE)
        self.clients = {}
        self.effects = []
        self.sessions = itertools.count(101)
        self.guids = itertools.count(1)

    def enter(self, name, *, guid=None, session=None, **about):
        """Somebody comes into the world."""
        client = Client(self, session or next(self.sessions), guid or next(self.guids), name)
        self.clients[client.session] = client
        client.appear(entered=1, **about)
        return client

    def step(self, *inputs, ticks=1):
        """One tick with these inputs, then the others."""
        for n in range(ticks):
            for effect in self.society.step(inputs if not n else ()):
                if isinstance(effect, Send):
                    assert len(codec(type(effect.packet)).encode(effect.packet)) < LIMIT_BYTES
                    for session in effect.to:
                        if session in self.clients:
                            self.clients[session].heard.append(effect.packet)
                else:
                    self.effects.append(effect)
        if self.society.faults:
            raise self.society.faults[0].error

    def of(self, kind):
        """Take the effects of a kind."""
        found = [effect for effect in self.effects if isinstance(effect, kind)]
        self.effects = [effect for effect in self.effects if not isinstance(effect, kind)]
        return found

    def counted(self, what):
        return sum(
            effect.times for effect in self.effects if isinstance(effect, Count) and effect.what == what
        )

    def writes(self):
        """Take what was to be saved: (owner, key, values) of each row."""
        return [(save.owner, write.key, write.values) for save in self.of(Save) for write in save.writes]

    def again(self):
        """The same society from its snapshot, by way of bytes."""
        packed = codec(NMSG_SOCIETY).encode(self.society.snapshot())
        copy = Society(self.rules, TABLE)
        copy.restore(codec(NMSG_SOCIETY).decode(packed))
        assert codec(NMSG_SOCIETY).encode(copy.snapshot()) == packed
        return copy

    def restart(self):
        """Go on with what the snapshot says."""
        self.society = self.again()


class Client:
    """One of them."""

    def __init__(self, circle, session, guid, name):
        self.circle, self.session, self.guid, self.name = circle, session, guid, name
        self.heard = []

    @property
    def member(self):
        return self.circle.society.by_guid[self.guid]

    def appear(
        self, *, entered=0, race=HUMAN, class_=1, gender=0, level=10, gmlevel=0, zone=12, flags=0, social=()
    ):
        self.circle.step(
            Input(
                self.session,
                NMSG_MEMBER(
                    guid=self.guid,
                    account=self.guid + 1000,
                    name=self.name,
                    race=race,
                    class_=class_,
                    gender=gender,
                    level=level,
                    gmlevel=gmlevel,
                    map=0,
                    zone=zone,
                    flags=flags,
                    entered=entered,
                    social=list(social),
                ),
            )
        )

    def leave(self):
        self.circle.step(Input(self.session, NMSG_MEMBER_LEFT()))
        del self.circle.clients[self.session]

    def send(self, *packets):
        self.circle.step(*[Input(self.session, packet) for packet in packets])
        return self

    def whisper(self, name, line, language=7):
        return self.send(
            CMSG_MESSAGECHAT(chat_type=CHAT_MSG_WHISPER, language=language, target_player=name, message=line)
        )

    def talk(self, channel, line, language=7):
        return self.send(
            CMSG_MESSAGECHAT(chat_type=CHAT_MSG_CHANNEL, language=language, channel=channel, message=line)
        )

    def join(self, name, password="", channel_id=0):
        return self.send(
            CMSG_JOIN_CHANNEL(
                channel_id=channel_id, unknown1=0, unknown2=0, channel_name=name, channel_password=password
            )
        )

    def take(self):
        """What it was sent since it was last asked."""
        heard, self.heard = self.heard, []
        return heard

    def only(self, kind):
        """Take what it was sent: one packet, of this kind."""
        heard = self.take()
        assert [type(packet) for packet in heard] == [kind], heard
        return heard[0]

    def answer(self, guid=0, name="", race=HUMAN):
        """The database answers the one question that was asked of it."""
        (load,) = self.circle.of(Load)
        assert load.session == self.session
        asked = load.question
        self.send(
            NMSG_CHARACTER(
                guid=guid,
                name=name,
                race=race if guid else 0,
                class_=1,
                gender=1,
                level=5,
                account=77,
                why=asked.why,
                note=asked.note,
                asked=asked.name,
            )
        )
        return asked


def bytes_of(packet):
    """A packet's body."""
    return codec(type(packet)).encode(packet)


CHANNEL = "herbs"


def three(circle, channel=CHANNEL):
    """Ada, who owns the channel, Bob and Cyd, who are in it."""
    clients = [circle.enter(name) for name in ("Ada", "Bob", "Cyd")]
    for client in clients:
        client.join(channel)
    forget(clients)
    return clients


def forget(clients):
    """What they were sent so far does not matter."""
    for client in clients:
        client.take()


def kinds(client):
    """Take what a client was sent: its channel notices, by kind."""
    return [packet.notify_type for packet in client.take() if isinstance(packet, SMSG_CHANNEL_NOTIFY)]


def channel(circle, name=CHANNEL):
    """The society's channel of that name."""
    return next(found for found in circle.society.channels.values() if found.name == name)


def notify(kind, tail=""):
    """The bytes of SMSG_CHANNEL_NOTIFY of a kind for CHANNEL, with a tail in hexadecimal."""
    return bytes([kind]) + CHANNEL.encode() + b"\0" + bytes.fromhex(tail)
