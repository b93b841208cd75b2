"""What is masked cannot be read, and the simulation takes it for what it was."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bluemarble.servers.masking import Mask, commands, known, unreadable
from bluemarble.sim.effects import Input
from bluemarble.sim.speech import nameable, speakable
from opcodes.channels import CMSG_JOIN_CHANNEL
from opcodes.chat import CHAT_MSG_SAY, CHAT_MSG_WHISPER, CMSG_MESSAGECHAT
from opcodes.cluster import NMSG_LEAVE

odd = st.text(max_size=30) | st.lists(
    st.sampled_from(
        ["|", "||", "|r", "|cffabcdef", "|Hitem:1:2|h[Sword]|h", "|H", "|h", "a", "é", " ", ":", "\n"]
    )
).map("".join)


@given(odd)
@example("|Hplayer:secret|h[secret]|h")
@example("|cff00ff00green|r")
def test_a_text(text):
    """As long, as speakable, as blank, without a letter or digit but x; once is enough."""
    masked = unreadable(text)
    assert len(masked.encode("utf-8", "surrogatepass")) == len(text.encode("utf-8", "surrogatepass"))
    assert unreadable(masked) == masked
    assert unreadable(text.strip()) == masked.strip()
    assert speakable(masked, 255) == speakable(text, 255)
    assert nameable(masked, 255) == nameable(text, 255)


def test_links_and_colours():
    """A client may still show them: a colour is no word, a link has its form."""
    text = "see |cffffffff|Hitem:25:0|h[Worn Sword]|h|r at 5, bär!"
    assert unreadable(text) == "xxx |cffffffff|Hxxxx:xx:x|h[xxxx xxxxx]|h|r xx x, xxxx!"


@given(odd, odd)
@example("one", "two")
def test_passwords(one, other):
    """As long, and equal where they were; whoever may have one still may."""
    mask = Mask(b"secret", False)
    masked = mask.password(one)
    assert len(masked.encode("utf-8", "surrogatepass")) == len(one.encode("utf-8", "surrogatepass"))
    assert nameable(masked, 128) == nameable(one, 128)
    assert (mask.password(other) == masked) == (one == other) or not nameable(one, 128)
    if nameable(one, 128) and len(one) > 7:
        assert one not in masked
        assert masked != Mask(b"another", False).password(one)


@pytest.mark.parametrize("said", [".account password old new", "!acc p hunter2", ".x y"])
def test_a_command_that_there_is_none_of(said):
    """It does nothing, whatever its words are: and those may be a password."""
    chat = CMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=7, message=said)
    for masked in (False, True):
        (found,) = Mask(b"", masked).inputs([Input(1, chat)])
        assert found.packet.message == unreadable(said)
        assert commands(found.packet)
        assert not known(found.packet.message)


@pytest.mark.parametrize(
    ("kind", "said", "told"),
    [
        (CHAT_MSG_SAY, "hello", "xxxxx"),
        (CHAT_MSG_SAY, " .tele Camp", " .tele Camp"),
        (CHAT_MSG_SAY, "...hello", "...xxxxx"),
        (CHAT_MSG_WHISPER, ".tele Camp", ".xxxx xxxx"),
    ],
)
def test_inputs(kind, said, told):
    """Commands must come through as they were; the simulation's own packets stay as they are."""
    to = "Bob" if kind == CHAT_MSG_WHISPER else None
    chat = CMSG_MESSAGECHAT(chat_type=kind, language=7, target_player=to, message=said)
    join = CMSG_JOIN_CHANNEL(
        channel_id=0, unknown1=0, unknown2=0, channel_name="Green", channel_password="secret"
    )
    given = [Input(1, chat), Input(2, join), Input(3, NMSG_LEAVE())]
    open_, closed = (Mask(b"", masked).inputs(given) for masked in (False, True))
    assert (open_[0].packet.message, closed[0].packet.message) == (said, told)
    assert open_[1] == closed[1] != given[1]
    assert open_[2] is given[2]
    assert (chat.message, join.channel_password) == (said, "secret")
