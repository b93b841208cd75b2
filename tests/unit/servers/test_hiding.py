"""Captures for others' eyes: nothing secret, and as many bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import opcodes
from bluemarble.servers.hiding import SAID, SECRET, WORDS, hidden
from bluemarble.wire.captures.record import Captured
from bluemarble.wire.codec import codec
from opcodes.channels import CMSG_JOIN_CHANNEL
from opcodes.chat import CHAT_MSG_SAY, CMSG_MESSAGECHAT, SMSG_MESSAGECHAT
from opcodes.session import CMSG_AUTH_SESSION, CMSG_PING

PROOF = CMSG_AUTH_SESSION(
    client_build=12340, login_server_id=0, username="ALICE", login_server_type=0, client_seed=1, region_id=0,
    battleground_id=0, realm_id=1, dos_response=0, client_proof=bytes(range(1, 21)), addon_info=b"ab",
)  # fmt: skip
JOIN = CMSG_JOIN_CHANNEL(channel_id=0, unknown1=0, unknown2=0, channel_name="mill", channel_password="sésame")
SAY = CMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=7, message="meet me at 9")
HEARD = SMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=7, sender=5, target=0, message="meet me at 9")


def captured(packet, build=12340):
    version = opcodes.version(build)
    cls = type(packet)
    number, from_client = version.numbers[cls], cls.__name__.startswith("C")
    return Captured(
        0, from_client, 1, number, codec(version.layout(cls, received=from_client)).encode(packet), build
    )


def said(it):
    version = opcodes.version(it.build)
    cls = (version.packets if it.from_client else version.sent)[it.opcode]
    return codec(version.layout(cls, received=it.from_client)).decode(it.body)


@pytest.mark.parametrize("build", [12340, 5875])
def test_proofs_and_passwords_are_never_told(build):
    proof, join = hidden(captured(PROOF, build)), hidden(captured(JOIN, build))
    assert said(proof).client_proof == bytes(20)
    assert said(proof).username == "ALICE"
    assert said(join).channel_password == "xxxxxxx"
    assert said(join).channel_name == "mill"


@pytest.mark.parametrize("build", [12340, 5875])
def test_chat_is_told_unless_it_may_not(build):
    for packet in (SAY, HEARD):
        it = captured(packet, build)
        assert hidden(it) == it
        assert said(hidden(it, chat=True)).message == "xxxx xx xx x"


@pytest.mark.parametrize("build", [12340, 5875])
def test_passwords_that_are_commanded(build):
    """Of servers that know such commands; what else begins so is told."""
    for line, told in (
        (".account set password ADA hunter2 hunter2", ".xxxxxxx xxx xxxxxxxx xxx xxxxxxx xxxxxxx"),
        ("!acc c ada hunter2", "!xxx x xxx xxxxxxx"),
        (".a c ada hunter2", ".x x xxx xxxxxxx"),
        (".go xyz 1 2 3", ".go xyz 1 2 3"),
        ("No! Actually not.", "No! Actually not."),
    ):
        it = captured(CMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=7, message=line), build)
        assert said(hidden(it)).message == told
        odd = it._replace(body=it.body[:-1])
        assert hidden(odd).body == (odd.body if line == told else bytes(len(odd.body)))


def test_what_is_not_as_its_class_says_is_zeros():
    it = captured(PROOF)._replace(body=b"\1\2\3")
    assert hidden(it).body == bytes(3)


def test_the_rest_stays():
    ping = captured(CMSG_PING(sequence_id=1, round_time_in_ms=2))
    assert hidden(ping, chat=True) == ping
    other = captured(PROOF)._replace(build=8606)
    assert hidden(other) == other


@pytest.mark.parametrize("build", [12340, 5875])
def test_letters_of_other_servers(build):
    """What has no class here and has words in it is zeros, when what is said may not be told."""
    version = opcodes.version(build)
    names = {name: number for number, name in version.names.items()}
    for name in ("CMSG_SEND_MAIL", "SMSG_MAIL_LIST_RESULT", "SMSG_GM_MESSAGECHAT", "CMSG_GMTICKET_CREATE"):
        if name in names:
            it = Captured(0, name.startswith("C"), 1, names[name], b"meet me at 9", build)
            assert hidden(it) == it
            assert hidden(it, chat=True).body == bytes(12)


def test_opcodes_with_words_are_opcodes():
    assert set(opcodes.version(12340).names.values()) >= WORDS


def test_each_secret_is_a_field():
    for cls, field in (SECRET | SAID).items():
        assert field in cls.hints


@given(
    st.sampled_from([12340, 5875, 0]), st.booleans(), st.sampled_from([0x1ED, 0x97, 0x9C, 0x95, 0x96, 0x1DC]),
    st.binary(max_size=60),
)  # fmt: skip
def test_as_many_bytes(build, from_client, opcode, body):
    it = Captured(0, from_client, 1, opcode, body, build)
    assert hidden(it, chat=True)._replace(body=b"") == it._replace(body=b"")
    assert len(hidden(it, chat=True).body) == len(body)
