"""Each invariant can be broken: for each a mistake is made, and a few seeds find it and say so."""

import re
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred, succeed

import opcodes
from bluemarble.client import endpoints
from bluemarble.client.link import Link
from bluemarble.db import claim, creation
from bluemarble.db.errors import Refused
from bluemarble.db.writing import WriteBehind
from bluemarble.native.field import Field
from bluemarble.rows import Write
from bluemarble.servers import accountdata, lobby
from bluemarble.servers.gateway import Gateway
from bluemarble.servers.performing import Performer
from bluemarble.servers.saving import Saving
from bluemarble.servers.udp import Udp
from bluemarble.servers.world import WorldService
from bluemarble.sim import commands, presence, saving, steering, travel
from bluemarble.sim.effects import Input
from bluemarble.sim.handlers import whisper
from bluemarble.sim.sight import Sight
from bluemarble.sim.steering import Steering
from bluemarble.sim.world import World
from bluemarble.tools import simulator
from bluemarble.tools.simulator.plan import Fault
from bluemarble.tools.simulator.simulation import simulate
from bluemarble.wire.codec import codec
from bluemarble.wire.view import View
from opcodes.chat import CMSG_MESSAGECHAT, SMSG_MESSAGECHAT
from tests.simulator.test_found import RULES, plan

SEEDS = range(8)  # at most, until it is found
VERSION = opcodes.version(12340)
RESTART = Fault(0, 4.0, "restart", 0, "", 0.5)
SECOND = Fault(0, 2.0, "second", 0, "", 0.0)


def tcp(seed):
    return plan(seed, seconds=20.0)


def udp(seed):
    return tcp(seed)._replace(over_udp=frozenset((0, 1, 2, 3)))


def short_sighted(seed):
    near = udp(seed)
    return near._replace(settings={**near.settings, "rules": {**RULES, "udp_sight_yards": 20.0}})


def twins(seed):
    """Two who play one account."""
    return tcp(seed)._replace(bots=(0, 4))


def alone(seed):
    return plan(seed, seconds=3.0)._replace(bots=(0,))


def restarted(seed):
    return plan(seed, RESTART)


def rivalled(seed):
    return plan(seed, SECOND)


# Mistakes: each is given what sets attributes, for as long as a test lasts.


def loaded(change):
    """A character is changed as it is loaded."""

    def plant(put):
        state = lobby.state

        def changed(found):
            character = state(found)
            change(character)
            return character

        put(lobby, "state", changed)

    return plant


def instead(of, name, that):
    return lambda put: put(of, name, that)


def twice(of, name, kind=object):
    """A method is called a second time with the same, if that is of a kind."""

    def plant(put):
        real = getattr(of, name)

        def both(*args):
            if isinstance(args[-1], kind):
                real(*args)
            return real(*args)

        put(of, name, both)

    return plant


def after(of, name, then):
    """A method is called, and then something else with what it was given."""

    def plant(put):
        real = getattr(of, name)

        def both(*args, **named):
            done = real(*args, **named)
            then(*args)
            return done

        put(of, name, both)

    return plant


def raising(error):
    def fail(*_, **__):
        raise error

    return fail


def nothing(*_, **__):
    return None


def spread(sessions):
    """What is said in a channel goes to these, whomever they ignore."""

    def careless(society, member, channel, message):
        said = SMSG_MESSAGECHAT(
            chat_type=message.chat_type,
            language=0,
            sender=member.guid,
            channel_name=channel.name,
            target=member.guid,
            message=message.message,
            tag=0,
        )
        society.send_to(tuple(sessions(society, channel)), said)

    return lambda put: put(whisper, "_spread", careless)


def unheeded(put):
    put(whisper, "ignores", lambda member, guid: False)
    spread(lambda society, channel: channel.sessions)(put)


def doubled(zone, player, **_):
    player.character.money = player.character.money * 2 + 1


def no_goodbye(self, session, account):
    """The older session of the account stays."""
    session.account = account
    self.accounts[account.id] = session
    self.taps.attach(session)


def in_again(put):
    """Nobody knows who is in the world: whoever comes is loaded."""

    def enter(self, session, packet, by_map):
        who = packet.character
        self._at(session, who.guid, who.map)
        by_map.setdefault(who.map, []).append(Input(session, packet))

    put(World, "_enter", enter)
    after(Gateway, "entered", lambda self, session, guid: self.present.pop(guid))(put)


def stay_behind(put):
    """Who travels far does not leave."""
    depart = presence.depart

    def careless(zone, player, reason=0):
        if reason != travel.CLOSE_REPLACED:
            depart(zone, player, reason)

    put(presence, "depart", careless)


def unlocked(self, path, what):
    self.path, self._file = path, -1


def overheard(self, item):
    """What a client says by its link is taken for what it says by TCP."""
    link = self.links.by_cid.get(item.cid)
    if link is not None and hasattr(item, "opcode"):
        packet = codec(CMSG_MESSAGECHAT).decode(item.body)
        self._inputs.append(Input(link.session, packet))


def cut_short(put):
    form = Performer._form

    def careless(self, version, packet):
        made = form(self, version, packet)
        return tuple((n, b[:-1]) for n, b in made) if isinstance(packet, SMSG_MESSAGECHAT) else made

    put(Performer, "_form", careless)


def forgotten(of, key, values):
    """Account data is not written; tutorials are."""
    return Write(of, key, None if values is not None and "data" in values else values)


def somebody_elses(put):
    read = accountdata.characters.account_data
    put(
        accountdata.characters,
        "account_data",
        lambda conn, _, owner, kind: read(conn, 1, min(owner, 1), kind),
    )


MISTAKES = {
    "saves are told and not made": (
        "saves are kept",
        tcp,
        instead(WriteBehind, "save", lambda *_: succeed(None)),
    ),
    "a place is another": ("characters enter as they were saved", tcp, loaded(lambda it: move(it))),
    "buttons are forgotten": (
        "characters enter as they were saved",
        tcp,
        loaded(lambda it: it.actions.clear()),
    ),
    "friends are forgotten": (
        "characters enter as they were saved",
        tcp,
        loaded(lambda it: it.social.clear()),
    ),
    "tutorials are forgotten": (
        "characters enter as they were saved",
        tcp,
        instead(accountdata, "tutorials", lambda data: accountdata.ALL_SHOWN),
    ),
    "money is doubled": ("nothing is made or lost", tcp, after(saving, "save", doubled)),
    "an item is doubled": (
        "nothing is made or lost",
        restarted,
        loaded(lambda it: it.items.append(it.items[0])),
    ),
    "an item is lost": ("nothing is made or lost", restarted, loaded(lambda it: it.items.pop())),
    "made, and not there": ("what was made is there", restarted, instead(creation, "create", nothing)),
    "a line is taken twice": ("inputs once, in order", tcp, twice(Gateway, "take", CMSG_MESSAGECHAT)),
    "who is here comes in again": ("one place for a character", tcp, in_again),
    "who travels stays, too": ("one zone for a session", tcp, stay_behind),
    "who arrives is nowhere": (
        "one zone for a session",
        tcp,
        after(World, "_arrive", lambda self, session, _: self.places.pop(session, None)),
    ),
    "who has left is here": (
        "who is present is somewhere",
        tcp,
        instead(World, "_gone", lambda self, session, _: self.places.pop(session, None)),
    ),
    "a second login": ("one session for a character", twins, instead(Gateway, "prove", no_goodbye)),
    "everybody sees everybody": (
        "nobody sees what is not there",
        tcp,
        instead(Sight, "within", lambda self, it, _: tuple(s for s in self.zone.players if s != it.session)),
    ),
    "a channel is everybody's": (
        "channels are their members'",
        tcp,
        spread(lambda society, channel: society.members),
    ),
    "nobody is ignored": ("who is ignored is not heard", tcp, unheeded),
    "everybody is staff": ("only game masters travel", tcp, instead(commands, "_level", lambda *_: 0)),
    "data of the first ones": ("account data is kept", tcp, somebody_elses),
    "data is not stored": (
        "account data is kept",
        tcp,
        instead(accountdata, "Write", forgotten),
    ),
    "data is as old as ever": ("account data is kept", tcp, instead(lobby, "_times", lambda _: [0] * 8)),
    "links are not told who is gone": ("links show what is there", udp, instead(Steering, "drop", nothing)),
    "links show what is far away": (
        "links show what is there",
        short_sighted,
        instead(steering, "Field", lambda seed, _, **more: Field(seed, 270.0, **more)),
    ),
    "links are heard aloud": ("signals once, in order", udp, after(Udp, "_hear", overheard)),
    "links say all twice": ("signals once, in order", udp, twice(Link, "tell")),
    "who comes is not seen": ("pictures come true", udp, instead(View, "_enter", nothing)),
    "nobody may enter": (
        "all can play once all is well",
        alone,
        instead(lobby, "whole", lambda found: None),
    ),
    "what is to be saved is never": (
        "the server stops",
        alone,
        instead(Saving, "flush", lambda _: Deferred()),
    ),
    "it cannot start": (
        "the server starts",
        alone,
        instead(WorldService, "_forget_deleted", raising(Refused("no"))),
    ),
    "nothing is locked": ("one server for a realm", rivalled, instead(claim.FileClaim, "__init__", unlocked)),
    "a handler raises": ("no tracebacks", tcp, instead(travel, "teleport", raising(ZeroDivisionError()))),
    "a client raises": (
        "clients do not fail",
        alone,
        instead(endpoints, "pick", raising(ZeroDivisionError())),
    ),
    "a packet is cut short": ("the protocol is kept", tcp, cut_short),
}
# test_planted.py breaks these.
ELSEWHERE = {"said once, in order", "events once, in order", "saved where it is"}


def move(character):
    character.position_x += 1.0


@pytest.mark.parametrize("mistake", MISTAKES)
def test_it_is_found(template, monkeypatch, mistake):
    name, made, plant = MISTAKES[mistake]
    plant(monkeypatch.setattr)
    found = []
    for seed in SEEDS:
        found += map(str, simulate(made(seed), template).findings)
        if any(it.startswith(name) for it in found):
            return
    raise AssertionError(f"{name}: not found; but {found}")


@pytest.mark.parametrize("made", [tcp, udp, short_sighted, twins, alone, restarted, rivalled])
def test_without_a_mistake_nothing_is(template, made):
    assert [str(it) for it in simulate(made(0), template).findings] == []


def test_none_is_left_out():
    """What simulations can say, and what is shown here that they do say."""
    named = re.compile(r'(?:found\(\s*|INVARIANT = |Events\()"([^"]+)"')
    sources = Path(simulator.__file__).parent.glob("*.py")
    known = {name for source in sources for name in named.findall(source.read_text())}
    shown = {name for name, _, _ in MISTAKES.values()} | ELSEWHERE
    assert known - {"the simulator itself"} == shown
