"""What is kept beside the servers, by itself: what is allowed, and what is not."""

import random
import sqlite3
import zlib
from collections import Counter
from contextlib import closing

import pytest

from bluemarble.tools.simulator.keeping import INVARIANT, NOTHING, Datum, Keepsakes, Kept, whose
from bluemarble.tools.simulator.sightings import Whereabouts
from opcodes.session import (
    CMSG_UPDATE_ACCOUNT_DATA,
    SMSG_ACCOUNT_DATA_TIMES,
    SMSG_UPDATE_ACCOUNT_DATA_COMPLETE,
)

ACCOUNT, ADA, BOB = 1, 10, 20
ONE, TWO, THREE = Datum(1, b"one"), Datum(2, b"two"), Datum(3, b"three")


@pytest.fixture
def found():
    return []


@pytest.fixture
def kept(found):
    return Kept(lambda name, words: found.append(name))


def test_whose_it_is():
    """Kinds 0, 2 and 4 are the account's."""
    assert [whose(kind, ACCOUNT, ADA).owner for kind in range(8)] == [1, 10, 1, 10, 1, 10, 10, 10]


def test_what_is_on_its_way_may_be_there(kept, found):
    to = whose(1, ACCOUNT, ADA)
    kept.acknowledged(to, kept.sent(to, ONE))
    kept.sent(to, TWO)
    for datum in (ONE, TWO):
        kept.given(to, ADA, datum, kept.least(to), "a bot")
    kept.given(to, 0, NOTHING, kept.least(to), "a bot that had left")
    assert not found


@pytest.mark.parametrize(("guid", "datum"), [(ADA, NOTHING), (ADA, ONE), (ADA, THREE), (BOB, TWO)])
def test_what_is_old_made_up_or_somebody_elses(kept, found, guid, datum):
    to = whose(1, ACCOUNT, ADA)
    kept.sent(to, ONE)
    kept.acknowledged(to, kept.sent(to, TWO))
    kept.given(to, guid, datum, kept.least(to), "a bot")
    assert found == [INVARIANT]


def test_another_server_has_what_is_in_the_database(kept, found, tmp_path):
    to, other = whose(0, ACCOUNT, ADA), whose(1, ACCOUNT, ADA)
    for datum in (ONE, TWO):
        kept.acknowledged(to, kept.sent(to, datum))
    kept.acknowledged(other, kept.sent(other, THREE))
    with closing(sqlite3.connect(tmp_path / "characters.sqlite")) as conn, conn:
        conn.execute("CREATE TABLE account_data (accountId, type, time, data)")
        conn.execute("CREATE TABLE character_account_data (guid, type, time, data)")
        conn.execute("INSERT INTO account_data VALUES (1, 0, 1, ?)", (b"one",))
    kept.reopened(tmp_path, certain=True)
    kept.given(to, 0, ONE, kept.least(to), "a bot")
    kept.given(other, ADA, NOTHING, kept.least(other), "a bot")
    assert not found
    kept.given(to, 0, TWO, kept.least(to), "a bot")
    assert found == [INVARIANT]


def test_a_client_that_is_told_how_old_its_data_is(kept, found):
    """Older than when its connection began is wrong; what it was told that it is stored counts at once."""
    mine = Keepsakes(kept, ACCOUNT, 1000, "a bot")
    player = Sent()
    mine.begin()
    mine.entered(ADA)
    for _ in range(200):
        mine.store(player, random.Random(5))
        if player.sent:
            packet = player.sent.pop()
            mine.heard(SMSG_UPDATE_ACCOUNT_DATA_COMPLETE(data_type=packet.data_type), ADA)
    assert packet.unix_time == 1200
    assert zlib.decompress(packet.compressed_data).startswith(b"a bot ")
    times = [0] * 8
    times[packet.data_type] = 1200
    mine.heard(SMSG_ACCOUNT_DATA_TIMES(unix_time=0, mask=0xFF, times=times), ADA)
    assert not found
    times[packet.data_type] = 1199
    mine.heard(SMSG_ACCOUNT_DATA_TIMES(unix_time=0, mask=0xFF, times=times), ADA)
    assert found == [INVARIANT]


class Sent:
    """What a player sends."""

    def __init__(self):
        self.sent, self.world = [], self
        self.guid = ADA

    def send(self, packet):
        assert isinstance(packet, CMSG_UPDATE_ACCOUNT_DATA)
        self.sent.append(packet)


def test_who_has_been_on_a_map():
    found, looked = [], Counter()
    whereabouts = Whereabouts(lambda name, words: found.append(words), looked)
    whereabouts.here(ADA, 0, 5.0)
    whereabouts.shown(ADA, 0, 4.0, "a bot")
    assert not found
    whereabouts.shown(ADA, 0, 6.0, "one that came later")
    whereabouts.shown(ADA, 1, 4.0, "one on another map")
    whereabouts.shown(BOB, 0, 4.0, "one that is shown who never was there")
    assert len(found) == looked["players shown"] - 1 == 3
