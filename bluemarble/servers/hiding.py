"""What a capture does not tell: proofs and passwords never, and what is said in chats only when it may."""

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
    field = None if cls is None else SECRET.get(cls) or (SAID.get(cls) if chat else None)
    if cls is None or field is None:
        return captured
    form = codec(version.layout(cls, received=captured.from_client))
    try:
        packet: Any = form.decode(captured.body)
        value = getattr(packet, field)
        setattr(packet, field, bytes(len(value)) if isinstance(value, bytes) else unreadable(value))
        body = form.encode(packet)
    except Malformed:
        body = b""
    return captured._replace(body=body if len(body) == len(captured.body) else bytes(len(captured.body)))
