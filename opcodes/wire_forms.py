"""
Wire forms that construct lacks: what the vocabulary's annotations name.

Each is the definition and the oracle of its bytes; `bluemarble.wire.codec` writes the same in plain Python.
"""

from typing import Any

import construct as c

__all__ = [
    "Array",
    "Counted",
    "Fixed",
    "Mapped",
    "Maybe",
    "PackedGuid",
    "Rest",
    "SizedBytes",
    "SizedText",
    "Text",
    "ToEnd",
    "Values",
    "WholeOrPacked",
]


class PackedGuid(c.Construct):
    """A 64-bit id: one mask byte, then the non-zero bytes, lowest first."""

    def _parse(self, stream, context, path):
        mask = c.stream_read(stream, 1, path)[0]
        value = 0
        for bit in range(8):
            if mask >> bit & 1:
                value |= c.stream_read(stream, 1, path)[0] << 8 * bit
        return value

    def _build(self, obj, stream, context, path):
        parts = [(i, b) for i, b in enumerate(obj.to_bytes(8, "little")) if b]
        raw = bytes([sum(1 << i for i, _ in parts), *(b for _, b in parts)])
        c.stream_write(stream, raw, len(raw), path)
        return obj


class WholeOrPacked(c.Construct):
    """A guid before the packet's last `tail` bytes: written whole, read whole or packed."""

    def __init__(self, tail):
        super().__init__()
        self.tail = tail

    def _parse(self, stream, context, path):
        whole = c.stream_size(stream) - c.stream_tell(stream, path) == 8 + self.tail
        return (c.Int64ul if whole else PackedGuid())._parse(stream, context, path)

    def _build(self, obj, stream, context, path):
        return c.Int64ul._build(obj, stream, context, path)


class Text(c.Construct):
    """UTF-8 up to a NUL, at most `limit` bytes before it."""

    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def _parse(self, stream, context, path):
        raw = bytearray()
        while (byte := c.stream_read(stream, 1, path)) != b"\0":
            raw += byte
            if len(raw) > self.limit:
                raise c.StringError(f"text over {self.limit} bytes", path=path)
        return _utf8(raw, path)

    def _build(self, obj, stream, context, path):
        raw = obj.encode()
        if len(raw) > self.limit or 0 in raw:
            raise c.StringError(f"text over {self.limit} bytes or with NUL", path=path)
        c.stream_write(stream, raw + b"\0", len(raw) + 1, path)
        return obj


class SizedText(c.Construct):
    """A u32 length that counts the NUL, UTF-8 of at most `limit` bytes, and the NUL."""

    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def _parse(self, stream, context, path):
        size = c.Int32ul._parse(stream, context, path)
        if not 1 <= size <= self.limit + 1:
            raise c.StringError(f"text of {size - 1} bytes, limit {self.limit}", path=path)
        raw = c.stream_read(stream, size, path)
        if raw.find(0) != size - 1:
            raise c.StringError("the NUL is not at the end", path=path)
        return _utf8(raw[:-1], path)

    def _build(self, obj, stream, context, path):
        raw = obj.encode()
        if len(raw) > self.limit or 0 in raw:
            raise c.StringError(f"text over {self.limit} bytes or with NUL", path=path)
        c.Int32ul._build(len(raw) + 1, stream, context, path)
        c.stream_write(stream, raw + b"\0", len(raw) + 1, path)
        return obj


def _utf8(raw, path):
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise c.StringError(str(error), path=path) from error


class Fixed(c.Bytes):
    """Exactly `length` bytes."""

    def _build(self, obj, stream, context, path):
        if len(obj) != self.length:
            raise c.StringError(f"{len(obj)} bytes, not {self.length}", path=path)
        c.stream_write(stream, bytes(obj), self.length, path)
        return obj


class Rest(c.Construct):
    """The bytes to the end of the packet, at most `limit`."""

    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def _parse(self, stream, context, path):
        raw = c.stream_read_entire(stream, path)
        if len(raw) > self.limit:
            raise c.RangeError(f"{len(raw)} bytes left, limit {self.limit}", path=path)
        return raw

    def _build(self, obj, stream, context, path):
        if len(obj) > self.limit:
            raise c.RangeError(f"{len(obj)} bytes, limit {self.limit}", path=path)
        c.stream_write(stream, bytes(obj), len(obj), path)
        return obj


class SizedBytes(c.Construct):
    """A u32 length, then so many bytes, at most `limit`."""

    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def _parse(self, stream, context, path):
        size = c.Int32ul._parse(stream, context, path)
        if size > self.limit:
            raise c.RangeError(f"{size} bytes, limit {self.limit}", path=path)
        return c.stream_read(stream, size, path)

    def _build(self, obj, stream, context, path):
        if len(obj) > self.limit:
            raise c.RangeError(f"{len(obj)} bytes, limit {self.limit}", path=path)
        c.Int32ul._build(len(obj), stream, context, path)
        c.stream_write(stream, bytes(obj), len(obj), path)
        return obj


class Counted(c.Subconstruct):
    """A count, then that many items; a count over `limit` is malformed."""

    def __init__(self, count, item, limit):
        super().__init__(item)
        self.count, self.limit = count, limit

    def _parse(self, stream, context, path):
        n = self.count(context) if callable(self.count) else self.count._parse(stream, context, path)
        if not 0 <= n <= self.limit:
            raise c.RangeError(f"{n} items, limit {self.limit}", path=path)
        return [self.subcon._parsereport(stream, context, path) for _ in range(n)]

    def _build(self, obj, stream, context, path):
        if len(obj) > self.limit:
            raise c.RangeError(f"{len(obj)} items, limit {self.limit}", path=path)
        if not callable(self.count):
            self.count._build(len(obj), stream, context, path)
        for item in obj:
            self.subcon._build(item, stream, context, path)
        return obj


class Array(c.Subconstruct):
    """Exactly `length` items."""

    def __init__(self, item, length):
        super().__init__(item)
        self.length = length

    def _parse(self, stream, context, path):
        return [self.subcon._parsereport(stream, context, path) for _ in range(self.length)]

    def _build(self, obj, stream, context, path):
        if len(obj) != self.length:
            raise c.RangeError(f"{len(obj)} items, not {self.length}", path=path)
        for item in obj:
            self.subcon._build(item, stream, context, path)
        return obj


class ToEnd(c.Subconstruct):
    """Items to the end of the packet, at most `limit`, but for the `leaving` bytes that later fields take."""

    def __init__(self, item, limit, leaving=0):
        super().__init__(item)
        self.limit, self.leaving = limit, leaving

    def _parse(self, stream, context, path):
        items: list[Any] = []
        end = c.stream_size(stream) - self.leaving
        while c.stream_tell(stream, path) < end:
            if len(items) == self.limit:
                raise c.RangeError(f"over {self.limit} items", path=path)
            items.append(self.subcon._parsereport(stream, context, path))
        return items

    def _build(self, obj, stream, context, path):
        if len(obj) > self.limit:
            raise c.RangeError(f"{len(obj)} items, limit {self.limit}", path=path)
        for item in obj:
            self.subcon._build(item, stream, context, path)
        return obj


class Maybe(c.Subconstruct):
    """There unless the packet has ended."""

    def __init__(self, item):
        super().__init__(item)
        self.flagbuildnone = True

    def _parse(self, stream, context, path):
        if c.stream_tell(stream, path) == c.stream_size(stream):
            return None
        return self.subcon._parsereport(stream, context, path)

    def _build(self, obj, stream, context, path):
        return None if obj is None else self.subcon._build(obj, stream, context, path)


class Values(c.Construct):
    """
    An update mask and its values: u8 words, u32 mask words, a u32 for each bit, as `dict[int, int]`.

    @ivar words: how many mask words a build's objects have at most.
    @ivar to_wire: our field index to the build's; None when they are the same.  Fields it lacks are left out.
    """

    def __init__(self, words, to_wire=None):
        super().__init__()
        self.words, self.to_wire = words, to_wire
        self.from_wire = to_wire and {theirs: ours for ours, theirs in to_wire.items()}

    def _parse(self, stream, context, path):
        n = c.stream_read(stream, 1, path)[0]
        if n > self.words:
            raise c.RangeError(f"{n} mask words, limit {self.words}", path=path)
        mask = int.from_bytes(c.stream_read(stream, 4 * n, path), "little")
        got = {i: c.Int32ul._parse(stream, context, path) for i in range(32 * n) if mask >> i & 1}
        if self.from_wire is None:
            return got
        return {self.from_wire[i]: value for i, value in got.items() if i in self.from_wire}

    def _build(self, obj, stream, context, path):
        if self.to_wire is not None:
            obj = {self.to_wire[i]: value for i, value in obj.items() if i in self.to_wire}
        n = (max(obj) >> 5) + 1 if obj else 0
        if n > self.words:
            raise c.RangeError(f"{n} mask words, limit {self.words}", path=path)
        mask = sum(1 << i for i in obj)
        raw = bytes([n]) + mask.to_bytes(4 * n, "little")
        c.stream_write(stream, raw, len(raw), path)
        for i in sorted(obj):
            c.Int32ul._build(obj[i], stream, context, path)
        return obj


class Mapped(c.Adapter):
    """A number that an old build writes otherwise; `decoded` and `encoded` are total functions of ints."""

    def __init__(self, form, decoded, encoded):
        super().__init__(form)
        self.decoded, self.encoded = decoded, encoded

    def _decode(self, obj, context, path):
        return self.decoded(obj)

    def _encode(self, obj, context, path):
        return self.encoded(obj)


class _Names:
    """A record whose every field is its own name."""

    def __getitem__(self, name: str) -> str:
        return name


def field_named(path: Any) -> str:
    """The field that a `this.field` names."""
    name: str = path(_Names())
    return name
