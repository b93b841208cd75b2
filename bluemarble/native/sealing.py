"""Datagrams closed and opened in C: one direction of one connection of docs/bmu1.md, sections 1 to 3."""

from typing import Any

from bluemarble.native._core import ffi, lib

C2S, S2C = 0, 1
AES_128_GCM, CHACHA20_POLY1305 = 0, 1
DATAGRAM_BYTES = 1452  # no mtu is larger
SHORT, STRANGE, REPLAYED, FORGED = -16, -17, -18, -19  # why a datagram was refused


class Crypto:
    """
    What one thread seals and opens with; the connections' keys go through it one after the other.

    @param portable: by libcrypto alone, as where the processor has no instructions for AES.
    """

    __slots__ = ("_it",)

    def __init__(self, portable: bool = False) -> None:
        it = lib.bm_crypto_new()
        if not it:
            raise MemoryError
        self._it = ffi.gc(it, lib.bm_crypto_free)
        if portable:
            lib.bm_crypto_portable(it)


class Sealer:
    """
    The sending half of one direction: keys, the next packet number, the key generation.

    @param prk: 32 bytes, as section 1 makes them.
    @param way: C2S or S2C.
    @raise ValueError: the length of prk, or an unknown aead or way.
    Source: tests/twins/sealing.py says the same in plain Python.
    """

    __slots__ = ("_crypto", "_it", "_memory")

    def __init__(self, crypto: Crypto, prk: bytes, aead: int, way: int, cid: int) -> None:
        self._crypto = crypto
        self._memory, self._it = _started(
            lib.bm_sealer_start, lib.bm_sealer_size(), "bm_sealer", prk, aead, way, cid
        )

    def seal(self, plain: bytes) -> bytes:
        """
        The datagram for `plain`, which is padded with zeros to 4 bytes.

        @raise ValueError: the datagram would exceed DATAGRAM_BYTES.
        """
        out = ffi.new("uint8_t[]", DATAGRAM_BYTES)
        size = lib.bm_seal(self._crypto._it, self._it, plain, len(plain), out, DATAGRAM_BYTES)
        if size == lib.BM_OUT_OF_RANGE:
            raise ValueError(f"{len(plain)} bytes do not fit into a datagram")
        if size < 0:
            raise RuntimeError("libcrypto could not seal")
        return bytes(ffi.buffer(out, size))

    def update(self) -> None:
        """Go on with the next keys."""
        if lib.bm_sealer_update(self._it) < 0:
            raise RuntimeError("libcrypto could not derive keys")

    @property
    def next(self) -> int:
        """The number that the next datagram gets."""
        return int(lib.bm_sealer_next(self._it))

    @property
    def generation(self) -> int:
        """How often the keys were updated."""
        return int(lib.bm_sealer_generation(self._it))

    def state(self) -> bytes:
        """The C struct's bytes: equal when nothing has changed."""
        return bytes(ffi.buffer(self._memory))


class Opener:
    """
    The receiving half of one direction: keys, the highest number opened, the replay window.

    The arguments are a Sealer's.
    """

    __slots__ = ("_crypto", "_head", "_it", "_memory")

    def __init__(self, crypto: Crypto, prk: bytes, aead: int, way: int, cid: int) -> None:
        self._crypto = crypto
        self._head = 7 if way == C2S else 3
        self._memory, self._it = _started(
            lib.bm_opener_start, lib.bm_opener_size(), "bm_opener", prk, aead, way, cid
        )

    def open(self, datagram: bytes) -> bytes | int:
        """
        The plaintext; or why not, and then nothing has changed: SHORT, STRANGE, REPLAYED or FORGED.

        A datagram of another length than any of ours is SHORT, too.
        """
        copy = ffi.new("uint8_t[]", datagram)
        size = int(lib.bm_open(self._crypto._it, self._it, copy, len(datagram)))
        if size == lib.BM_BROKEN:
            raise RuntimeError("libcrypto could not open")
        return bytes(ffi.buffer(copy)[self._head : self._head + size]) if size >= 0 else size

    @property
    def last(self) -> int:
        """The number of the datagram opened last."""
        return int(lib.bm_opener_last(self._it))

    @property
    def next(self) -> int:
        """The highest number opened + 1; 0: none was."""
        return int(lib.bm_opener_next(self._it))

    @property
    def generation(self) -> int:
        """How often the other end has updated its keys."""
        return int(lib.bm_opener_generation(self._it))

    def state(self) -> bytes:
        """The C struct's bytes: equal when nothing has changed."""
        return bytes(ffi.buffer(self._memory))


def expand(prk: bytes, label: str, size: int) -> bytes:
    """
    HKDF-Expand with SHA-256, the label as its info.

    @param prk: 32 bytes.  @param size: at most 32.
    @raise ValueError: a length.
    """
    if len(prk) != 32:
        raise ValueError("prk: 32 bytes")
    out = ffi.new("uint8_t[32]")
    if lib.bm_expand(prk, label.encode("ascii"), out, size) < 0:
        raise ValueError(f"label {label!r}, {size} bytes")
    return bytes(ffi.buffer(out, size))


def _started(start: Any, size: int, kind: str, prk: bytes, aead: int, way: int, cid: int) -> tuple[Any, Any]:
    if len(prk) != 32:
        raise ValueError("prk: 32 bytes")
    memory = ffi.new("uint64_t[]", size // 8)
    it = ffi.cast(f"{kind} *", memory)
    if start(it, prk, aead, way, cid) < 0:
        raise ValueError(f"aead {aead}, way {way}")
    return memory, it
