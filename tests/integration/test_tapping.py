"""What a running server notes of an account, ordered by staff in chat and by the socket in its folder."""

import io
import json

import pytest
from click.testing import CliRunner
from twisted.internet.testing import StringTransport

from bluemarble.servers import outlets, tapping
from bluemarble.servers.control import TIMEOUT_S, path_of
from bluemarble.tools.console import main
from bluemarble.tools.packets.decoding import decoded
from bluemarble.wire.captures import formats, pcapng
from bluemarble.wire.captures.record import US, Captured
from opcodes.chat import CHAT_MSG_SAY, CMSG_MESSAGECHAT, SMSG_MESSAGECHAT
from opcodes.session import CMSG_PING
from tests.integration.house import NOON
from tests.integration.sockets import listening


def said(client, line):
    client.forget()
    client.send(CMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=7, message=line))
    client.house.ticks(2)
    return [it.message for it in client.got(SMSG_MESSAGECHAT)]


def ordered(house, *words):
    return house.gateway.orders.follow(["capture", *words], "a test")


def read(path):
    with path.open("rb") as file:
        return [decoded(it) for it in formats.reader(file)]


def names(packets):
    return [it.name for it in packets]


def captures(folder):
    return sorted((folder / "captures").iterdir())


@pytest.fixture
def talk(house):
    """The socket: what it is told goes in, what it says comes out."""
    ((_, factory, *_),) = house.clock.unixServers
    talk = factory.buildProtocol(None)
    talk.callLater = house.clock.callLater
    line = StringTransport()
    talk.makeConnection(line)
    return talk, line


def test_by_staff(house, tmp_path):
    """Begun by an administrator in chat: both sides, packets to many at once too, and nothing of others."""
    ada, bob = house.player("ADA", level=3), house.player("BOB", level=2)
    assert said(bob, ".capture begin ada") == ["There is no such command."]
    assert said(ada, ".capture status") == ["Nothing is captured."]
    (answer,) = said(ada, ".capture begin bob")
    assert (
        answer
        == f"Capturing BOB into {tmp_path}/captures/BOB-{int(NOON + house.clock.seconds() - 0.05)}.pcapng"
    )
    assert said(ada, ".capture begin BOB") == ["BOB is captured already"]
    said(ada, "good evening")
    said(bob, "and to you")
    (answer,) = said(ada, ".capture end bob")
    [file] = captures(tmp_path)
    packets = read(file)
    assert answer == f"BOB: {file}: {len(packets)} packets"
    assert not [it for it in packets if it.fault]
    assert [it.packet.message for it in packets if it.name == "SMSG_MESSAGECHAT"][:2] == [
        "good evening",
        "and to you",
    ]
    assert [it.packet.message for it in packets if it.name == "CMSG_MESSAGECHAT"] == ["and to you"]
    assert {it.captured.connection for it in packets} == {bob.session.number}
    assert bob.session.wire.tap is None and not house.gateway.taps.taps
    for words, why in (
        ("end bob", "BOB is not captured"),
        ("", "capture begin ACCOUNT"),
        ("go", "capture begin"),
    ):
        (answer,) = said(ada, f".capture {words}")
        assert answer.startswith(why)


def test_from_the_next_login_on(house, tmp_path):
    """Of one who is not there yet; the login itself is not in it, and a second session is."""
    assert ordered(house, "begin", "Ada", "pkt").endswith(".pkt, once it logs in")
    ada = house.player("ADA")
    ada.hang_up()
    house.ticks(2)
    again = house.client("ADA")
    house.seconds(1)
    assert ordered(house, "status").endswith(" packets")
    [file] = captures(tmp_path)
    packets = read(file)
    assert packets, "what waits is written a few times a second"
    assert "CMSG_AUTH_SESSION" not in names(packets)
    assert names(packets)[0] == "SMSG_AUTH_RESPONSE"
    assert {it.captured.connection for it in packets} == {again.session.number - 1, again.session.number}
    house.gateway.taps.close()
    assert not house.gateway.taps.taps


def test_a_queue_that_is_full(house, tmp_path, monkeypatch):
    """What has no room is dropped and counted, and the file says where."""
    monkeypatch.setattr(outlets, "QUEUE_PACKETS", 5)
    ada = house.player("ADA")
    ordered(house, "begin", "ADA")
    for number in range(8):
        ada.send(CMSG_PING(sequence_id=number, round_time_in_ms=1))
    house.seconds(1)
    ada.send(CMSG_PING(sequence_id=9, round_time_in_ms=1))
    told = ordered(house, "end", "ADA")
    dropped = int(told.removesuffix(" dropped").split()[-1])
    assert dropped >= 2 * 8 - 5  # creatures that walk are told of, too
    packets = read(captures(tmp_path)[0])
    [noted] = [it.captured.comment for it in packets if it.captured.comment]
    assert noted == f"{dropped} packets before this one were dropped"


def test_a_file_as_long_as_it_may_be(build_house, tmp_path):
    """It ends by itself; whoever asks is told so, until it is begun again or ended."""
    house = build_house(capture={"file_mib": 1, "path": "notes", "mask_chat": True})
    ada = house.player("ADA")
    ordered(house, "begin", "ADA")
    said(ada, "good evening")
    for tap in house.gateway.taps.taps["ADA"]:
        tap.put(Captured(NOON * US, True, 1, 0x1DC, bytes(1 << 20)))
    house.seconds(1)
    [file] = (tmp_path / "notes").iterdir()
    ended = f"Ended by itself: ADA: {file}: {len(read(file))} packets; as long as it may be"
    assert ordered(house, "status") == f"Nothing is captured.\n{ended}"
    assert ordered(house, "end", "ada") == ended
    assert ordered(house, "status") == "Nothing is captured."
    messages = [it.packet.message for it in read(file) if it.name == "CMSG_MESSAGECHAT"]
    assert messages == ["xxxx xxxxxxx"]


def test_a_full_disk(house, monkeypatch, tmp_path):
    """In the middle, or before there is anything: what is ordered is refused, what was written is told."""
    ada, bob = house.player("ADA"), house.player("BOB")
    for account in ("ADA", "BOB"):
        ordered(house, "begin", account)
    [tap] = house.gateway.taps.taps["ADA"]
    monkeypatch.setattr(tap.out._writer, "write", full)
    said(ada, "good evening")
    house.seconds(1)
    status = ordered(house, "status").splitlines()
    assert [line.split(":")[0] for line in status] == ["BOB", "Ended by itself"]
    assert status[1].startswith(f"Ended by itself: ADA: {tap.out.path}: 0 packets; not kept: packet after a")
    assert status[1].endswith("; [Errno 28] No space left on device")
    assert ada.session.wire.tap is None and bob.session.wire.tap is not None
    with monkeypatch.context() as patched:
        patched.setattr(formats, "writer", full)
        with pytest.raises(tapping.Refused, match=r"no capture: \[Errno 28\] No space left on device"):
            ordered(house, "begin", "ADA")
    assert [file.name[:4] for file in captures(tmp_path)] == ["ADA-", "BOB-"]
    assert len(ordered(house, "status").splitlines()) == 2
    ordered(house, "begin", "ADA")
    assert [line.split(":")[0] for line in ordered(house, "status").splitlines()] == ["BOB", "ADA"]


def full(*_):
    raise OSError(28, "No space left on device")


def test_what_cannot_be(house, tmp_path, monkeypatch):
    (tmp_path / "captures").write_text("in the way")
    with pytest.raises(tapping.Refused, match="no capture"):
        ordered(house, "begin", "ADA")
    (tmp_path / "captures").unlink()
    monkeypatch.setattr(tapping, "TAPS_LIMIT", 1)
    ordered(house, "begin", "A/../B")
    with pytest.raises(tapping.Refused, match="1 captures already"):
        ordered(house, "begin", "BOB")
    assert [file.name for file in captures(tmp_path)] == [f"A____B-{NOON}.pcapng"]
    ordered(house, "end", "a/../b")
    ordered(house, "begin", "A/../B")
    assert captures(tmp_path)[0].name == f"A____B-{NOON}-1.pcapng"


def test_live(house, talk):
    """Watched by the socket until that hangs up; one who does not read gets nothing more."""
    ada = house.player("ADA")
    conversation, line = talk
    conversation.dataReceived(b"watch ada\nwatch bob\n")
    head, _, rest = line.value().partition(b"\r\n" if b"\r\n" in line.value() else b"\n")
    assert json.loads(head) == {"done": True, "said": "watching ADA"}
    house.seconds(TIMEOUT_S + 1)
    said(ada, "good evening")
    house.seconds(1)
    _, _, rest = line.value().partition(b"\n")
    reader = pcapng.Reader(io.BytesIO(rest))
    packets = [decoded(it) for it in reader]
    assert reader.notes == {"account": "ADA"} and not reader.cut
    assert [it.packet.message for it in packets if it.name == "CMSG_MESSAGECHAT"] == ["good evening"]
    assert ordered(house, "status") == "ADA: watched"
    conversation.pauseProducing()
    size = len(line.value())
    said(ada, "again")
    house.seconds(1)
    assert len(line.value()) == size
    conversation.resumeProducing()
    house.seconds(1)
    assert len(line.value()) > size
    conversation.stopProducing()
    conversation.connectionLost()
    assert ordered(house, "status") == "Nothing is captured."
    assert ada.session.wire.tap is None


def test_live_until_the_server_stops(house, talk):
    conversation, line = talk
    conversation.dataReceived(b"watch\n")
    assert json.loads(line.value()) == {"done": False, "said": "watch ACCOUNT"}
    assert line.disconnecting
    line.disconnecting = False
    conversation.dataReceived(b"watch ADA\n")
    house.gateway.taps.close()
    assert line.disconnecting
    conversation.connectionLost()


def test_the_commands(tmp_path):
    """`bluemarble packets live` and `bluemarble capture begin` ask the server in the folder."""
    (tmp_path / "bluemarble.toml").write_text("")
    flow = io.BytesIO()
    writer = pcapng.Writer(flow)
    writer.write(Captured(NOON * US, True, 4, 0x1DC, bytes(8)))
    for words, answer, shown in (
        (
            ["packets", "live", "ada", "--brief"],
            b'{"done": true, "said": "watching ADA"}\n' + flow.getvalue(),
            "CMSG_PING",
        ),
        (["packets", "live", "ada"], b'{"done": false, "said": "not now"}\n', "not now"),
        (["capture", "begin", "ada", "--pkt"], b'{"done": true, "said": "As you say."}\n', "As you say."),
        (["capture", "end", "ada"], b'{"done": true, "said": "As you say."}\n', "As you say."),
        (["capture", "status"], b'{"done": true, "said": "As you say."}\n', "As you say."),
    ):
        thread, heard = listening(path_of(tmp_path, 1), answer)
        got = CliRunner().invoke(main, [*words, "--dir", str(tmp_path)])
        thread.join(10)
        path_of(tmp_path, 1).unlink()
        assert shown in got.output
        assert heard[0].split()[0] in ("watch", "capture")
        assert got.exit_code == (b"false" in answer)
