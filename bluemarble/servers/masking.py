"""
What a journal does not tell: passwords never, and what is said in chats only when it may.

What is written instead has as many bytes, and the simulation does the same with it: a replay of what was
masked has the chain and the digests of the world that was recorded, which are made of masked texts, too.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from copy import copy
from itertools import count
from typing import Any, TypeVar

from bluemarble.sim.commands import COMMANDS, TYPED
from bluemarble.sim.effects import Input
from bluemarble.sim.speech import ESCAPE, nameable
from opcodes.channels import CMSG_CHANNEL_PASSWORD, CMSG_JOIN_CHANNEL
from opcodes.chat import CHAT_MSG_GUILD, CHAT_MSG_SAY, CMSG_MESSAGECHAT
from opcodes.cluster import NMSG_SOCIETY, NMSG_WORLD
from opcodes.vocab import Packet

T = TypeVar("T")

COMMANDING = (CHAT_MSG_SAY, CHAT_MSG_GUILD)  # the ways of speaking in which a line may be a command
LINK = re.compile(r"(\|H)([^|]*)(\|h)([^|]*)(\|h)")
PASSWORD_BYTES_LIMIT = 1 << 16  # of any that is looked at: the protocol's are far shorter


def unreadable(text: str) -> str:
    """
    A text of as many bytes without words: letters and digits are x, what a client takes for more stays.

    What was made unreadable stays as it is.
    """
    out: list[str] = []
    at = 0
    for found in ESCAPE.finditer(text):
        out += _crossed(text[at : found.start()]), _escape(found[0])
        at = found.end()
    return "".join(out) + _crossed(text[at:])


def _crossed(text: str) -> str:
    return "".join("x" * len(char.encode()) if char.isalnum() else char for char in text)


def _escape(text: str) -> str:
    """A bar, a colour or its end as they are; of a link its form."""
    if (link := LINK.fullmatch(text)) is None:
        return text
    kind, colon, rest = link[2].partition(":")
    return f"|H{'x' * len(kind)}{colon}{_crossed(rest)}|h{_crossed(link[4])}|h"


class Mask:
    """
    What a recording puts before everything that it writes or hashes.

    @param secret: what passwords are hashed with; written nowhere, and the same while a journal lasts.
    @param chat: whether what is said is made unreadable, too.
    """

    def __init__(self, secret: bytes, chat: bool) -> None:
        self.chat = chat
        self._secret = secret

    def inputs(self, inputs: Iterable[Input]) -> list[Input]:
        """A tick's inputs as they are written; those of the simulation stay as they are."""
        return [
            Input(it.session, self._input(it.packet)) if type(it.packet) in MASKED else it for it in inputs
        ]

    def _input(self, packet: Any) -> Packet:
        masked: Any = copy(packet)
        if not isinstance(packet, CMSG_MESSAGECHAT):
            masked.channel_password = self.password(packet.channel_password)
        elif not known(packet.message) if commands(packet) else self.chat:
            masked.message = unreadable(packet.message)
        return masked  # type: ignore[no-any-return]

    def world(self, state: NMSG_WORLD) -> NMSG_WORLD:
        """A snapshot, which is changed."""
        self.society(state.society)
        return state

    def society(self, state: NMSG_SOCIETY) -> None:
        """Change the society of a snapshot or digest."""
        for channel in state.channels:
            channel.password = self.password(channel.password)
        if self.chat:
            for member in state.members:
                member.afk_text, member.dnd_text = unreadable(member.afk_text), unreadable(member.dnd_text)

    def contents(self, contents: Iterable[tuple[T, Packet | bytes]]) -> Iterator[tuple[T, Packet | bytes]]:
        """Parts of a state on their way into a digest."""
        for part, content in contents:
            if isinstance(content, NMSG_SOCIETY):
                self.society(content)
            yield part, content

    def password(self, password: str) -> str:
        """The same for the same password, another for another, of as many bytes; what is none stays none."""
        if not nameable(password, PASSWORD_BYTES_LIMIT):
            return unreadable(password)
        size, made = len(password.encode()), ""
        for turn in count():
            if len(made) >= size:
                return made[:size]
            made += hashlib.sha256(self._secret + turn.to_bytes(4, "little") + password.encode()).hexdigest()
        raise AssertionError("there is always another turn")


def commands(packet: CMSG_MESSAGECHAT) -> bool:
    """Whether a line is a command: then it is told to nobody, and the simulation must have it."""
    return packet.chat_type in COMMANDING and TYPED.match(packet.message.strip()) is not None


def known(line: str) -> bool:
    """
    Whether there is such a command.

    One that is none here, as `.account password …` of other servers, does nothing but count, whatever its
    words are; these may be a password.
    """
    typed = TYPED.match(line.strip())
    return typed is not None and any(name.startswith(typed[1].lower()) for name in COMMANDS)


MASKED = frozenset({CMSG_MESSAGECHAT, CMSG_JOIN_CHANNEL, CMSG_CHANNEL_PASSWORD})
