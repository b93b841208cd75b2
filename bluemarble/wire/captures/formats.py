"""Which format a file has: by its first bytes when it is read, by its name when it is written."""

from collections.abc import Mapping
from typing import BinaryIO

from bluemarble.wire.captures import pcapng, pkt
from bluemarble.wire.captures.record import CANONICAL_BUILD
from bluemarble.wire.errors import Malformed

Reader = pkt.Reader | pcapng.Reader
Writer = pkt.Writer | pcapng.Writer
SUFFIXES = (pkt.SUFFIX, pcapng.SUFFIX)
MAGIC_SIZE = 4
PCAP = {bytes.fromhex(magic) for magic in ("a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1")}


def reader(file: BinaryIO, begun: bytes = b"") -> Reader:
    """
    What reads an open binary file.

    @param begun: bytes of it that have been read already, at most four.
    @raise Malformed: it is of neither format, or damaged.
    """
    begun += file.read(MAGIC_SIZE - len(begun))
    if begun == pcapng.MAGIC:
        return pcapng.Reader(file, begun)
    if begun.startswith(pkt.MAGIC):
        return pkt.Reader(file, begun)
    if begun in PCAP:
        raise Malformed("a pcap of frames on the wire; .pkt and our pcapng have packets in clear")
    raise Malformed("neither a .pkt nor a pcapng")


def writer(
    file: BinaryIO,
    name: str,
    build: int = CANONICAL_BUILD,
    start_us: int = 0,
    notes: Mapping[str, str] | None = None,
) -> Writer:
    """
    What writes an open binary file.

    @param name: of the file; how it ends says the format.
    @param build, start_us, notes: as of `pkt.Writer`; a pcapng takes any build and time.
    @raise ValueError: it ends otherwise.
    """
    if name.endswith(pkt.SUFFIX):
        return pkt.Writer(file, build, start_us, notes)
    if name.endswith(pcapng.SUFFIX):
        return pcapng.Writer(file, notes)
    raise ValueError(f"{name}: a capture's name ends with {' or '.join(SUFFIXES)}")
