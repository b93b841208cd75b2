"""What a captured packet says."""

from typing import NamedTuple

import opcodes
from bluemarble.wire.captures.record import Captured
from bluemarble.wire.codec import codec
from bluemarble.wire.compress import decompressed
from bluemarble.wire.errors import Malformed
from opcodes.objects import SMSG_COMPRESSED_UPDATE_OBJECT, SMSG_UPDATE_OBJECT
from opcodes.vocab import Packet, Side

NATIVE = 0  # the build of what our own parts say
UPDATE_LIMIT = 1 << 22  # bytes of an SMSG_COMPRESSED_UPDATE_OBJECT that is unpacked


class Decoded(NamedTuple):
    """
    A captured packet, taken apart.

    @ivar name: the protocol's; of an unknown opcode its number, "0x51F".
    @ivar packet: an SMSG_UPDATE_OBJECT for a compressed one; None when it could not be read.
    @ivar fault: why not, in a line; "" when it could.
    """

    captured: Captured
    name: str
    packet: Packet | None
    fault: str


def version_of(build: int) -> opcodes.Version | None:
    """A build's opcodes, those of our own parts for 0, or None when we do not know them."""
    if build == NATIVE:
        return opcodes.native()
    return opcodes.version(build) if build in opcodes.LAYOUTS else None


def name_of(captured: Captured) -> str:
    """What its opcode is called, or its number."""
    version = version_of(captured.build)
    number = f"0x{captured.opcode:03X}"
    return version.names.get(captured.opcode, number) if version else number


def sender(captured: Captured) -> str:
    """Who sent it, in a word."""
    return "client" if captured.from_client else "server"


def decoded(captured: Captured) -> Decoded:
    """Take it apart, whatever it is; nothing is raised for what it contains."""
    name = name_of(captured)
    try:
        return Decoded(captured, name, _packet(captured, name), "")
    except Malformed as why:
        return Decoded(captured, name, None, " ".join(str(why).split()) or "not as its class says")


def _packet(captured: Captured, name: str) -> Packet:
    version = version_of(captured.build)
    if version is None:
        raise Malformed(f"no opcodes are known of build {captured.build}")
    if captured.opcode not in version.names:
        raise Malformed(f"not an opcode of build {captured.build}")
    side, table = (Side.CLIENT, version.packets) if captured.from_client else (Side.SERVER, version.sent)
    cls = table.get(captured.opcode, version.packets.get(captured.opcode))
    if cls is None:
        raise Malformed(f"{name} has no definition")
    if side not in cls.side:
        raise Malformed(f"from the {sender(captured)}, who does not send it")
    packet: Packet = codec(version.layout(cls, received=captured.from_client)).decode(captured.body)
    if isinstance(packet, SMSG_COMPRESSED_UPDATE_OBJECT):
        body = decompressed(packet.compressed_data, packet.decompressed_size, UPDATE_LIMIT)
        packet = codec(version.layout(SMSG_UPDATE_OBJECT)).decode(body)
    return packet
