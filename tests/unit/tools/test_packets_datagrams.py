"""`bluemarble packets --keylog`: a client plays, tcpdump records, and its key log opens what was said."""

import io
import json
import random

import pytest

from bluemarble.client.arrival import Arrival, Wish
from bluemarble.client.gait import Keys
from bluemarble.client.link import Wanted
from bluemarble.client.player import Player
from bluemarble.tools.packets.opening import KeyFile
from bluemarble.tools.packets.overheard import Overheard
from bluemarble.wire import snapshot
from bluemarble.wire.captures import formats, frames, pcapng
from bluemarble.wire.captures.record import Captured
from bluemarble.wire.datagram import keylog, notices, sections
from bluemarble.wire.datagram.path import TUNNEL
from bluemarble.wire.datagram.sections import Input
from opcodes.chat import CHAT_MSG_SAY, CMSG_MESSAGECHAT
from opcodes.datagram import AEAD_AES_128_GCM, AEAD_CHACHA20_POLY1305, CLOSE_BYE
from opcodes.movement import FORWARD, LEFT
from tests import netsim
from tests.netsim import Pair, link_keys
from tests.recording import START_US, framed, pcap_of, pcapng_of, udp
from tests.unit.client.inn import CID, KEY, Inn, Meeting, Walker, circling, standing
from tests.unit.tools.capturing import captured, run, written

FOLK = (
    Walker(11, "Bertha", circling(20.0, 0.0, 10.0)),
    Walker(12, "Carl", circling(80.0, 0.0, 15.0), near=False),
    Walker(13, "Dora", standing(-5.0, 3.0)),
)
PLACES = {netsim.HOME: ("192.0.2.7", 40_000), netsim.SERVER: ("192.0.2.1", 8087)}
MOVED = ("client", 41_000)
ELSEWHERE = ("198.51.100.9", 41_000)


class Tap:
    """Stands where a network's datagrams pass; @ivar noted: microseconds, and IP packets."""

    def __init__(self, network, places):
        self.noted, self.tunnelled = [], []
        self._sends, self._places, self._begun_us = network.send, places, None
        network.send = self

    def __call__(self, datagram, source, target, now_us):
        self._begun_us = now_us if self._begun_us is None else self._begun_us
        at_us = now_us - self._begun_us
        if TUNNEL in (source, target):
            self.tunnelled.append((at_us, source != netsim.SERVER, datagram))
        else:
            self.noted.append((at_us, udp(self._places[source], self._places[target], datagram)))
        self._sends(datagram, source, target, now_us)

    def frames(self, link_type):
        return [(at_us, framed(link_type, packet)) for at_us, packet in self.noted]


class Recorded:
    """Five seconds at the inn, recorded: @ivar moves: what the inn took of the client's inputs."""

    def __init__(self, aead=AEAD_AES_128_GCM):
        self.lines, self.moves = [], []
        inn = Inn(aside=FOLK, aead=aead)
        moving = inn._move

        def move(tick, epoch, inputs):
            self.moves.append((tick, epoch, inputs))
            moving(tick, epoch, inputs)

        inn._move = move
        self.player = Player(
            "ada",
            KEY,
            1,
            random.Random(5).randbytes,
            wanted=Wanted(aeads=1 << aead),
            key_log=self.lines.append,
        )
        self.meeting = Meeting(self.player, inn)
        self.tap = Tap(self.meeting.network, PLACES)
        arrival = Arrival(self.player.world, Wish("Ada"))
        while not arrival.done:
            for event in self.meeting.run(10):
                arrival.take(event)
        self.player.keys = Keys(FORWARD | LEFT)
        self.meeting.run(4000)
        inn.link.send_event(0x96, bytes(3000))
        self.player.leave(self.meeting.now_ms)
        self.meeting.run(1000)


@pytest.fixture(scope="module")
def recorded():
    return Recorded()


@pytest.fixture
def files(tmp_path, recorded):
    """A recording, and its key log."""
    (tmp_path / "keys").write_text("".join(recorded.lines))
    (tmp_path / "it.pcap").write_bytes(pcap_of(recorded.tap.frames(frames.ETHERNET)))
    return tmp_path / "it.pcap", "--keylog", tmp_path / "keys"


def found(*arguments):
    return [json.loads(line) for line in run(*arguments, "--json").stdout.splitlines()]


def told(datagrams, *names):
    """(datagram, section) of those names."""
    return [(it, said) for it in datagrams for said in it["sections"] if said["name"] in names]


@pytest.mark.parametrize("aead", [AEAD_AES_128_GCM, AEAD_CHACHA20_POLY1305])
def test_what_was_played(tmp_path, aead):
    """Every input that the server took, and every place and thing that it showed."""
    recorded = Recorded(aead)
    (tmp_path / "keys").write_text("".join(recorded.lines))
    (tmp_path / "it.pcapng").write_bytes(pcapng_of(recorded.tap.frames(frames.LINUX_SLL2), frames.LINUX_SLL2))
    datagrams = found(tmp_path / "it.pcapng", "--keylog", tmp_path / "keys")
    assert len(datagrams) == len(recorded.tap.noted)
    assert {it["connection"] for it in datagrams} == {CID}
    assert {(it["address"], it["port"]) for it in datagrams} == {PLACES[netsim.HOME]}
    inputs = [
        (it["tick"], said["fields"]["epoch"], tuple(
            Input(one["flags"], one["yaw"], *(round(one[axis] * 64) for axis in "xyz"))
            for one in reversed(said["fields"]["inputs"])
        ))
        for it, said in told(datagrams, "INPUTS")
    ]  # fmt: skip
    assert inputs == recorded.moves and len(inputs) >= 40
    entered = [said["fields"] for _, said in told(datagrams, "ENTER")]
    assert {it["guid"]: it["name"] for it in entered} == {"0xB": "Bertha", "0xC": "Carl", "0xD": "Dora"}
    words = 0
    for it, said in told(datagrams, "SNAPSHOT"):
        for kind in ("near", "far"):
            for word in said["fields"].get(kind, ()):
                whole = 65_536 * round((65_560 - it["tick"]) / 65_536) + it["tick"]
                there = FOLK[word["slot"]].at(whole)
                fine = ~1 if kind == "near" else ~0
                assert [word[axis] * 64 for axis in "xyz"] == [axis & fine for axis in there[:3]]
                assert word["guid"] == f"0x{FOLK[word['slot']].guid:X}" and word["yaw"] == there.yaw
                words += 1
    assert words > 150
    [self_told] = {said["fields"]["run"] for _, said in told(datagrams, "SELF")}
    assert self_told == 7.0
    assert {said["fields"]["why"] for _, said in told(datagrams, "CLOSE")} == {"bye"}
    assert not [it for it in datagrams if "fault" in it]


def test_acknowledgements(files):
    """How soon each was acknowledged: the way there and back, and what the other end held it."""
    took = [(it["answered_us"], it.get("delay_ms", 0)) for it in found(*files) if "answered_us" in it]
    assert len(took) > 50
    assert all(us >= 20_000 for us, _ in took) and min(us for us, _ in took) <= 60_000


def test_as_text(files):
    """A head for each datagram, below it its sections and their fields, in yards."""
    shown = run(*files).stdout
    assert shown.startswith(
        f"0.000000  #{CID}  client  datagram 0, 1200 bytes\n    ATTACH, 5 bytes\n        mtu: 1200\n"
    )
    assert "  server  datagram 0, 33 bytes, acknowledges 0 after 30.000 ms, held 0 ms\n    CHALLENGE" in shown
    assert (
        "\n            number: 2\n            flags: 0x11\n            yaw: 3277\n            x: 0.6" in shown
    )
    assert "\n    EVENT 0  SMSG_MESSAGECHAT  0x096, 3000 bytes\n        ! " in shown
    brief = run(*files, "--brief").stdout.splitlines()
    assert brief[0].endswith("datagram 0, 1200 bytes  ATTACH")
    assert any(line.endswith("  SNAPSHOT") for line in brief)


def test_what_is_asked_for(files):
    """The filters of other captures."""
    everything = found(*files)
    some = found(*files, "--opcode", "inputs", "--opcode", "PING")
    assert {said["name"] for it in some for said in it["sections"]} <= {"INPUTS", "PING"}
    assert {it["from"] for it in found(*files, "--from", "server")} == {"server"}
    assert found(*files, "--session", str(CID)) == everything and found(*files, "--session", "1") == []
    assert len(found(*files, "--limit", "3")) == 3
    assert found(*files, "--after", "1", "--before", "2") == [
        it for it in everything if 1_000_000 <= it["time_us"] - START_US < 2_000_000
    ]
    [carl] = {said["fields"]["name"] for _, said in told(found(*files, "--value", "Carl"), "ENTER")}
    assert carl == "Carl"
    assert not told(found(*files, "--without", "SNAPSHOT"), "SNAPSHOT")
    [(_, event)] = told(found(*files, "--faulty"), "EVENT")
    assert event["packet"]["fault"]


def test_events(files, tmp_path):
    """Put together of their parts, they are packets, with all that is known of those."""
    [(it, event)] = told(found(*files, "--opcode", "SMSG_MESSAGECHAT"), "EVENT")
    assert it["from"] == "server" and event["fields"] == {"id": 0}
    assert event["packet"]["name"] == "SMSG_MESSAGECHAT" and event["packet"]["size_bytes"] == 3000
    assert len(told(found(*files), "FRAGMENT")) >= 3
    new = tmp_path / "new.pcapng"
    result = run("convert", *files[:1], new, *files[1:])
    packets = [json.loads(line) for line in run(new, "--json").stdout.splitlines()]
    assert [it["name"] for it in packets if it["name"] != "NMSG_MOVES"] == ["SMSG_MESSAGECHAT"]
    assert "Not kept: SNAPSHOT of a datagram (" in result.stderr
    assert "Not kept: ENTER of a datagram (" in result.stderr


def test_inputs_as_packets(files, tmp_path, recorded):
    """Each once and in order, as a journal has them."""
    run("convert", files[0], tmp_path / "new.pcapng", *files[1:], "--opcode", "NMSG_MOVES")
    moves = [move for it in found(tmp_path / "new.pcapng") for move in it["fields"]["moves"]]
    ticks = [move["tick"] for move in moves]
    wanted = []
    for tick, _, inputs in recorded.moves:
        for back, it in zip(range(len(inputs) - 1, -1, -1), inputs, strict=True):
            if not wanted or tick - back > wanted[-1][0]:
                wanted.append((tick - back, it.x / 64))
    assert [(move["tick"], move["x"]) for move in moves] == wanted
    assert ticks == sorted(set(ticks))


def test_statistics(files, recorded):
    [counted] = [json.loads(line) for line in run(*files, "--stats", "--json").stdout.splitlines()]
    links = counted["links"]
    rows = {row["from"]: row for row in links["datagrams"]}
    assert rows["client"]["count"] + rows["server"]["count"] == len(recorded.tap.noted)
    assert rows["client"]["not_seen"] == rows["server"]["not_seen"] == 0
    assert 20 <= rows["client"]["median_ms"] <= 300 and rows["client"]["acknowledged"] > 20
    assert {row["under_way_median_ms"] for row in rows.values()} == {20.0}  # each is noted as it is sent
    assert {row["name"] for row in links["sections"]} >= {"INPUTS", "SNAPSHOT", "ENTER", "SELF", "ATTACH"}
    shown = run(*files, "--stats").stdout
    assert "datagrams of 1 links in " in shown and "SNAPSHOT" in shown


def test_what_does_not_open(tmp_path, recorded):
    """Without a key, cut, forged, twice, in pieces, of others: counted, and nothing shown."""
    good = recorded.tap.noted[:40]
    (at_us, first), ends = good[0], (PLACES[netsim.HOME], PLACES[netsim.SERVER])
    more = [
        (at_us, first),
        (at_us, first[:-1] + bytes([first[-1] ^ 1])),
        (at_us, udp(*ends, b"\x50" + b"\7" * 40)),
        (at_us, udp(("192.0.2.8", 9), ends[1], b"\x50" + b"\7" * 40)),
        (at_us, udp(*ends, b"DNS?" * 9)),
        (at_us, udp(*ends, b"part", fragment=0x2000)),
    ]
    (tmp_path / "keys").write_text("BMU1_CLIENT_SECRET ?\n" + "".join(recorded.lines))
    (tmp_path / "it.pcap").write_bytes(pcap_of([*good, *more], frames.RAW))
    result = run(tmp_path / "it.pcap", "--keylog", tmp_path / "keys", "--brief")
    assert len(result.stdout.splitlines()) == 40
    for what, count in (
        ("datagram that has come before, or is too old to tell", 1),
        ("datagram that does not open: forged, or another link's", 1),
        ("datagram without a key", 2),
        ("UDP of another protocol", 1),
        ("IP fragment", 1),
        ("line that is none of a key log", 1),
    ):
        assert f"Not kept: {what} ({count})\n" in result.stderr
    assert recorded.lines[0].split()[3] not in result.output
    (tmp_path / "cut.pcap").write_bytes(pcap_of(good, frames.RAW, snaplen=96))
    result = run(tmp_path / "cut.pcap", "--keylog", tmp_path / "keys", "--brief")
    assert "Not kept: datagram that its capturer cut (" in result.stderr
    (tmp_path / "none").write_text("")
    assert run(tmp_path / "it.pcap", "--keylog", tmp_path / "none").stdout == ""
    result = run(tmp_path / "it.pcap", code=1)
    assert "which a key log opens" in result.output


def test_a_key_log_that_grows(tmp_path, recorded):
    """As when tcpdump's output is read while a client logs in: keys count once they are there."""
    path, (first, second) = tmp_path / "keys", recorded.lines[0].splitlines(keepends=True)
    path.write_text(first[:50])
    log = KeyFile(path)
    data = pcap_of(recorded.tap.frames(frames.RAW), frames.RAW)
    found = iter(Overheard(formats.frames(io.BytesIO(data[4:]), data[:4]), log))
    path.write_text(first[:50] + first[50:-1])
    assert next(found).from_client
    path.write_text(first + second + second)
    assert not next(found).from_client and len(log) == 1
    path.unlink()
    assert len(list(found)) == len(recorded.tap.noted) - 2


def test_several_links_of_one_id(tmp_path, recorded):
    """Servers give the same ids again: each datagram is its own link's."""
    other = keylog.written(CID, link_keys(seed=9))
    (tmp_path / "keys").write_text(other + "".join(recorded.lines) + keylog.written(CID, link_keys(seed=8)))
    (tmp_path / "it.pcap").write_bytes(pcap_of(recorded.tap.frames(frames.NULL), frames.NULL))
    datagrams = found(tmp_path / "it.pcap", "--keylog", tmp_path / "keys")
    assert len(datagrams) == len(recorded.tap.noted)


class Conversation(Pair):
    """Two ends that change their keys all the time, and a client that moves to another network."""

    def __init__(self):
        super().__init__(update_numbers=20)
        self.tap = Tap(self.network, PLACES | {MOVED: ELSEWHERE})
        self.sent, self.shown = [], []
        self.each_tick = self.talk
        self.run(3)
        self.address = MOVED
        self.run(3)
        self.server.send_event(0x96, b"event")
        self.client.tunnel(self.now_us)
        self.run(2)
        self.client.close(CLOSE_BYE, self.now_us)
        self.run(1)

    def talk(self, tick):
        given = Input(1, tick, 64 * tick, -tick, 7)
        self.client.move(tick, 1, given)
        if self.server.paths.valid is not None and tick % 2:
            place = snapshot.Place(tick, 2, 3, 4, 5, 1)
            body = sections.write(
                sections.Snapshot(snapshot.write_snapshot(snapshot.Words((), (snapshot.Far.of(1, place),))))
            )
            self.shown.append(tick)
            sent = self.server.send(self.now_us, body, tick)
            if sent is not None:
                self.out(*sent, False)


def test_across_updates_and_migration(tmp_path):
    """The same link under new keys, from another address, and at last through TCP, beside other packets."""
    pair = Conversation()
    (tmp_path / "keys").write_text(keylog.written(netsim.CID, link_keys()))
    (tmp_path / "udp.pcap").write_bytes(pcap_of(pair.tap.frames(frames.LOOP), frames.LOOP, order=">"))
    arguments = tmp_path / "udp.pcap", "--keylog", tmp_path / "keys"
    datagrams = found(*arguments)
    assert len(datagrams) == len(pair.tap.noted)
    assert max(it["generation"] for it in datagrams if it["from"] == "client") >= 2
    assert max(it["generation"] for it in datagrams if it["from"] == "server") >= 2
    addresses = [it["address"] for it in datagrams]
    assert set(addresses) == {PLACES[netsim.HOME][0], ELSEWHERE[0]}
    heard = [it.tick for _, it in pair.heard["server"] if isinstance(it, notices.Moves)]
    by_udp = [it["tick"] for it, _ in told(datagrams, "INPUTS")]
    assert told(datagrams, "CHALLENGE") and told(datagrams, "RESPONSE")
    [(_, event)] = told(datagrams, "EVENT")
    assert event["packet"]["opcode"] == 0x96 and event["packet"]["body"] == b"event".hex()
    tunnel = pcapng_of([])
    clear = [
        Captured(START_US + at_us, to_server, 5, 0x7F4 if to_server else 0x7F5, datagram)
        for at_us, to_server, datagram in pair.tap.tunnelled
    ]
    chat = captured(CMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=7, message="hi"), 4)
    (tmp_path / "tcp.pcapng").write_bytes(written([chat, *clear]) + tunnel)
    datagrams = found(tmp_path / "tcp.pcapng", "--keylog", tmp_path / "keys")
    assert datagrams[0]["name"] == "CMSG_MESSAGECHAT" and len(datagrams) == 1 + len(clear)
    assert [it["tunnelled"] for it in datagrams[1:]] == [True] * len(clear)
    assert told(datagrams[1:], "CLOSE")
    assert sorted(by_udp + [it["tick"] for it, _ in told(datagrams[1:], "INPUTS")]) == sorted(heard)
    run("convert", tmp_path / "tcp.pcapng", tmp_path / "again.pcapng", "--keylog", tmp_path / "keys")
    with (tmp_path / "again.pcapng").open("rb") as file:
        assert list(pcapng.Reader(file)) == [chat, *clear]
