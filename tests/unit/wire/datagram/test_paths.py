"""Where a server sends, and how little to anyone who has not shown that he is there."""

import itertools
import random
from collections import Counter

import pytest

from bluemarble.wire.datagram import sections
from bluemarble.wire.datagram.connection import OPEN
from bluemarble.wire.datagram.notices import Attached, Message, Moved, Moves
from bluemarble.wire.datagram.path import TUNNEL
from tests.netsim import CALM, HOME, SERVER, STORM, Pair, Weather
from tests.unit.wire.datagram.test_weather import playing

AWAY, FAR = ("client", 50000), ("client", 50001)
THIEF = ("thief", 1)


def sizes(pair, since=0):
    """Bytes to and from each address, as the server sees them."""
    to, of = Counter(), Counter()
    for source, target, datagram in pair.network.sent[since:]:
        if source == SERVER:
            to[target] += len(datagram)
        else:
            of[source] += len(datagram)
    return to, of


def from_server(pair, since=0):
    """What the server said, as sections, in order."""
    plain = [plaintext for to_server, _, plaintext in pair.witness.plain if not to_server]
    return plain[since:]


def test_attach():
    """The client's first datagram has 1,200 bytes, the answer is a challenge alone, and then all goes."""
    pair = Pair(1)
    pair.server.send_event(1, b"welcome")
    pair.run(0.03)
    assert [(source, target, len(datagram)) for source, target, datagram in pair.network.sent] == [
        (HOME, SERVER, 1200),
        (SERVER, HOME, 3 + 4 + 10 + 16),
    ]
    assert pair.of("server", Attached) == []
    pair.run(0.05)
    assert pair.of("server", Attached) == [Attached(HOME)]
    assert pair.of("client", Attached) == [Attached(SERVER)]
    pair.run(0.1)
    assert pair.of("client", Message) == [Message(1, b"welcome")]


def test_attach_is_repeated():
    """Each 250 ms until something comes."""
    pair = Pair(1)
    pair.network.cut = {SERVER}
    pair.run(1.1)
    assert [len(datagram) for _, _, datagram in pair.network.sent] == [1200] * 5
    pair.network.cut = set()
    pair.run(1)
    assert pair.of("server", Attached) == [Attached(HOME)]


@pytest.mark.parametrize("seed", range(8))
def test_never_more_than_came(seed):
    """
    To who has not answered go challenges only, and never more bytes than came from there.

    An attacker on the way sends copies of the client's datagrams from other addresses.
    """
    pair = Pair(seed, Weather(loss=0.1, reorder=0.2, duplicate=0.1, delay_us=60_000, jitter_us=30_000))
    playing(pair, events=20)
    chance = random.Random(seed)
    thieves = [("thief", i) for i in range(6)]
    for _ in range(300):
        since = len(pair.network.sent)
        pair.run(0.02)
        for source, _, datagram in pair.network.sent[since:]:
            if source == HOME and chance.random() < 0.5:
                pair.network.send(datagram, chance.choice(thieves), SERVER, pair.now_us)
        to, of = sizes(pair)
        for thief in thieves:
            assert to[thief] <= of[thief]
    assert set(sizes(pair)[0]) & set(thieves), "nobody was asked: the test shows nothing"
    assert pair.server.paths.valid == HOME
    assert len(pair.of("server", Message)) == 20


def test_no_more_than_the_smallest():
    """The smallest datagrams there are, from where somebody else is: a challenge is larger, and waits."""
    pair = Pair(1)
    playing(pair)
    pair.until(lambda: pair.of("server", Attached))
    pair.run(1)
    pair.each_tick = None
    for i in range(1, 40):
        client, since = pair.client, len(pair.network.sent)
        datagram = client.sealer.seal(b"\x08\0\0\0", pair.now_us)
        assert len(datagram) == 27
        pair.network.send(datagram, THIEF, SERVER, pair.now_us)
        pair.run(0.26)
        to, of = sizes(pair, 0)
        assert to[THIEF] <= of[THIEF]
        if i == 1:
            assert sizes(pair, since)[0][THIEF] == 0
    assert sizes(pair)[0][THIEF] >= 20 * 30


def test_nothing_for_outsiders():
    """Whatever comes that is not of the link, from wherever: nothing is answered, stored or changed."""
    pair = Pair(1)
    playing(pair)
    pair.run(2)
    chance = random.Random(1)
    pair.each_tick = None
    pair.run(0.1)
    copies = [datagram for source, _, datagram in pair.network.sent if source == HOME]
    before = pair.server.statistics()
    for i in range(2000):
        datagram = bytearray(chance.choice(copies))
        if i % 4 == 0:
            datagram = bytearray(chance.randbytes(chance.randrange(1500)))
        elif i % 4 == 1:
            datagram[chance.randrange(len(datagram))] ^= 1 << chance.randrange(8)
        elif i % 4 == 2:
            del datagram[chance.randrange(len(datagram)) :]
        window = pair.server.opener.window.highest, pair.server.opener.window.bits
        assert pair.server.receive(bytes(datagram), THIEF, pair.now_us) == []
        assert (pair.server.opener.window.highest, pair.server.opener.window.bits) == window
        assert pair.server.paths.candidate is None
    after = pair.server.statistics()
    assert sum(after.dropped.values()) - sum(before.dropped.values()) == 2000
    assert after.dropped["replayed"] >= 500
    assert after._replace(dropped=before.dropped) == before
    pair.run(1)
    assert sizes(pair)[0][THIEF] == 0


@pytest.mark.parametrize("weather", [CALM, STORM], ids=["calm", "storm"])
def test_migration(weather):
    """The client's address changes under way: the session goes there, and nothing more to the old one."""
    pair = Pair(3, weather)
    said = playing(pair, events=60)
    pair.until(lambda: pair.of("server", Attached))
    pair.run(2)
    pair.server.recovery.least_us = 1
    pair.address = AWAY
    pair.until(lambda: pair.of("server", Moved), 20)
    assert pair.server.paths.valid == AWAY
    assert pair.server.recovery.least_us is None or pair.server.recovery.least_us > 1
    since = len(pair.network.sent)
    pair.run(20)
    assert sizes(pair, since)[0][HOME] == 0
    assert [tuple(message) for message in pair.of("client", Message)] == said["server"]
    assert [tuple(message) for message in pair.of("server", Message)] == said["client"]
    assert pair.of("server", Moved) == [Moved(AWAY)]


def test_the_newest_address_is_asked():
    """Twice moved before an answer: only the last one counts, and its token only from there."""
    pair = Pair(1)
    playing(pair)
    pair.run(1)
    pair.network.cut = {AWAY}
    pair.address = AWAY
    pair.run(0.5)
    assert pair.server.paths.candidate is None  # nothing gets through from there
    pair.network.cut = set()
    pair.until(lambda: pair.server.paths.candidate)
    first = pair.server.paths.candidate
    assert first.address == AWAY
    pair.address = FAR
    pair.until(lambda: pair.of("server", Moved))
    assert pair.of("server", Moved) == [Moved(FAR)]
    assert pair.server.paths.responded(AWAY, first.token) is False


def test_tokens():
    """A token counts once, whole, and from the address it was sent to."""
    pair = Pair(1)
    pair.run(0.03)
    paths, token = pair.server.paths, pair.server.paths.candidate.token
    assert not paths.responded(AWAY, token)
    assert not paths.responded(HOME, bytes(8))
    assert not paths.responded(HOME, token[:7])
    assert paths.responded(HOME, token)
    assert not paths.responded(HOME, token)


def test_a_challenge_is_repeated_and_given_up():
    """The same token, no sooner than 250 ms later and only when something comes; after 5 s another one."""
    pair = Pair(1)
    pair.run(0.03)
    paths = pair.server.paths
    first = paths.candidate
    at_us = pair.now_us
    number = 1000
    sent = []
    for step in range(60):
        at_us += 100_000
        number += 1
        paths.came(HOME, 100, True, at_us)
        if paths.candidate.due:
            sent.append((step, paths.candidate.token))
            paths.candidate.asked(40, at_us)
    tokens = [token for _, token in sent]
    assert tokens[0] == first.token != tokens[-1]
    changed = tokens.index(tokens[-1])
    assert sent[changed][0] in (48, 49)
    steps = [step for step, _ in sent[:changed]]
    assert [b - a for a, b in itertools.pairwise(steps)] == [3] * (changed - 1)


def test_old_datagrams_move_nothing():
    """A datagram that is not the newest, from elsewhere, asks nobody."""
    pair = Pair(1)
    playing(pair)
    pair.run(1)
    pair.network.weather = Weather(loss=1)
    since = len(pair.network.sent)
    pair.run(0.3)
    late, newest = [datagram for source, _, datagram in pair.network.sent[since:] if source == HOME][-2:]
    pair.server.receive(newest, HOME, pair.now_us)
    assert pair.server.receive(late, THIEF, pair.now_us) != []  # what it says is the client's all the same
    assert pair.server.paths.candidate is None


def test_tunnel():
    """UDP is blocked: after three seconds through the TCP connection, and back when it is not."""
    pair = Pair(1)
    said = playing(pair, events=5)
    pair.network.cut = {SERVER}
    pair.run(2.9)
    assert not pair.client.blocked(pair.now_us)
    pair.run(0.2)
    assert pair.client.blocked(pair.now_us)
    pair.client.tunnel(pair.now_us)
    pair.run(3)
    assert pair.of("server", Attached) == [Attached(TUNNEL)]
    assert [tuple(message) for message in pair.of("client", Message)] == said["server"]
    assert [tuple(message) for message in pair.of("server", Message)] == said["client"]
    assert all(target == TUNNEL for source, target, _ in pair.network.sent if source == SERVER)
    pair.network.cut = set()
    pair.client.server = SERVER
    pair.run(1)
    assert pair.of("server", Moved) == [Moved(HOME)]
    assert pair.server.paths.valid == HOME
    pair.client.tunnel(pair.now_us)
    pair.run(1)
    assert pair.of("server", Moved) == [Moved(HOME), Moved(TUNNEL)]
    assert pair.of("server", Moves)[-1].tick > 60


def test_before_it_is_attached():
    """A server cannot send before it knows where to; a client sends attaches only."""
    pair = Pair(1)
    assert pair.server.send(pair.now_us, b"") is None
    assert pair.client.send(pair.now_us, b"") is None
    assert pair.server.state == OPEN
    assert pair.server.due_us() == pair.now_us + 15_000_000


def test_what_does_not_fit():
    """Sections beyond the room are the caller's mistake."""
    pair = Pair(1)
    pair.run(1)
    room = pair.server.room
    assert room == 1200 - 3 - 16 - 10
    words = sections.write(sections.Snapshot(bytes([0, 1, 0]) + bytes(7)))
    assert len(pair.server.send(pair.now_us, words.ljust(room, b"\0"), 5)[0]) <= 1200
    with pytest.raises(ValueError, match="room"):
        pair.server.send(pair.now_us, bytes(room + 1))
