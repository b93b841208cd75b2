"""What a capture does not tell: proofs and passwords never, and what is said in chats only when it may."""

import re
from typing import Any

import opcodes
from bluemarble.servers.masking import unreadable
from bluemarble.wire.captures.record import Captured
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed
from opcodes.channels import CMSG_CHANNEL_PASSWORD, CMSG_JOIN_CHANNEL
from opcodes.chat import CMSG_MESSAGECHAT, SMSG_MESSAGECHAT
from opcodes.session import CMSG_AUTH_SESSION
from opcodes.vocab import Packet

SECRET: dict[type[Packet], str] = {
    CMSG_AUTH_SESSION: "client_proof",
    CMSG_JOIN_CHANNEL: "channel_password",
    CMSG_CHANNEL_PASSWORD: "channel_password",
}
# What is said by packets that have no class, as other servers' letters: nothing of them is told.
WORDS = frozenset(
    """SMSG_GM_MESSAGECHAT CMSG_SEND_MAIL SMSG_MAIL_LIST_RESULT SMSG_ITEM_TEXT_QUERY_RESPONSE
    CMSG_GMTICKET_CREATE CMSG_GMTICKET_UPDATETEXT SMSG_GMTICKET_GETTICKET SMSG_GMRESPONSE_RECEIVED
    CMSG_GUILD_MOTD CMSG_GUILD_INFO_TEXT SMSG_GUILD_EVENT SMSG_GUILD_ROSTER CMSG_BUG""".split()
)
# A command of most servers that takes passwords, however it is cut short.
ACCOUNT = re.compile(r"\s*[.!](bnet)?a(c(c(o(u(nt?)?)?)?)?)?\s", re.IGNORECASE)
SAID: dict[type[Packet], str] = {CMSG_MESSAGECHAT: "message", SMSG_MESSAGECHAT: "message"}


def hidden(captured: Captured, chat: bool = False) -> Captured:
    """
    The packet without its secrets, as many bytes long: what is not to be read is zeros, or a wordless text.

    One that should have secrets and cannot be taken apart is zeros altogether.

    @param captured: of a build whose opcodes we know; of others nothing is hidden.
    @param chat: hide what is said, too.
    """
    if captured.build not in opcodes.LAYOUTS:
        return captured
    version = opcodes.version(captured.build)
    table = version.packets if captured.from_client else version.sent
    cls = table.get(captured.opcode)
    field = None if cls is None else SECRET.get(cls) or SAID.get(cls)
    if chat and field is None and version.names.get(captured.opcode) in WORDS:
        return captured._replace(body=bytes(len(captured.body)))
    if cls is None or field is None:
        return captured
    form = codec(version.layout(cls, received=captured.from_client))
    try:
        packet: Any = form.decode(captured.body)
        value = getattr(packet, field)
        if cls in SAID and not (chat or ACCOUNT.match(value)):
            return captured
        setattr(packet, field, bytes(len(value)) if isinstance(value, bytes) else unreadable(value))
        body = form.encode(packet)
    except Malformed:
        if cls in SAID and not (chat or ACCOUNT.search(captured.body.decode("latin-1"))):
            return captured
        body = b""
    return captured._replace(body=body if len(body) == len(captured.body) else bytes(len(captured.body)))
