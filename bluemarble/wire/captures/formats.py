"""Which format a file has: by its first bytes when it is read, by its name when it is written."""

from collections.abc import Mapping
from typing import BinaryIO

from bluemarble.wire.captures import pcap, pcapng, pkt
from bluemarble.wire.captures.record import CANONICAL_BUILD
from bluemarble.wire.errors import Malformed

Reader = pkt.Reader | pcapng.Reader
Writer = pkt.Writer | pcapng.Writer
SUFFIXES = (pkt.SUFFIX, pcapng.SUFFIX)
MAGIC_SIZE = 4


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
    if begun in pcap.ORDERS:
        raise Malformed(
            "a pcap of frames on the wire, which a key log opens; .pkt and our pcapng are in clear"
        )
    raise Malformed("neither a .pkt nor a pcapng")


def frames(file: BinaryIO, begun: bytes = b"") -> pcap.Reader | pcapng.Reader | None:
    """
    What reads the frames of an open binary file; None: it is of no format that has some.

    @param begun: as of `reader`, all four bytes.
    @raise Malformed: it is damaged.
    """
    if begun in pcap.ORDERS:
        return pcap.Reader(file, begun)
    return pcapng.Reader(file, begun) if begun == pcapng.MAGIC else None


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
