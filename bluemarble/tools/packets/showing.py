"""A packet as lines for a terminal, or as what becomes a line of JSON."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bluemarble.tools.packets.decoding import Decoded, sender
from bluemarble.tools.packets.fields import Bytes, Wide, plain, unit
from bluemarble.tools.terminal import printable
from bluemarble.wire.captures.record import US, Captured

BYTES_SHOWN = 64
LINE_COLUMNS = 100  # lists of numbers that are longer go one a line
INDENT = "    "


def lines(it: Decoded, first_us: int) -> Iterator[str]:
    """
    What came when, then its fields with what they are measured in.

    @param first_us: when the capture begins; times are shown from there, in seconds.
    """
    captured = it.captured
    yield head(captured, it.name, first_us)
    if captured.comment:
        yield f"{INDENT}// {printable(captured.comment)}"
    yield from contents(it, INDENT)


def contents(it: Decoded, indent: str) -> Iterator[str]:
    """A packet's fields; of one that could not be taken apart why, and its bytes."""
    if it.packet is None:
        yield f"{indent}! {printable(it.fault)}"
        if it.captured.body:
            yield f"{indent}{_bytes(it.captured.body.hex())}"
    else:
        yield from fields(plain(it.packet), it.name, indent)


def head(captured: Captured, name: str, first_us: int) -> str:
    """One line of a packet: seconds, session, sender, name, opcode, bytes."""
    seconds = (captured.time_us - first_us) / US
    return (
        f"{seconds:.6f}  #{captured.connection}  {sender(captured)}  {name}  0x{captured.opcode:03X}, "
        f"{len(captured.body)} bytes"
    )


def as_json(it: Decoded) -> dict[str, Any]:
    """The same, all of it, as values that JSON has."""
    captured = it.captured
    out: dict[str, Any] = {
        "time": utc(captured.time_us),
        "time_us": captured.time_us,
        "from": sender(captured),
        "connection": captured.connection,
        "name": it.name,
        "opcode": captured.opcode,
        "build": captured.build,
        "size_bytes": len(captured.body),
    }
    if captured.address or captured.port:
        out |= {"address": captured.address, "port": captured.port}
    if captured.comment:
        out["comment"] = captured.comment
    if it.packet is None:
        return out | {"fault": it.fault, "body": captured.body.hex()}
    return out | {"fields": plain(it.packet)}


def utc(time_us: int) -> str:
    """A moment as ISO 8601 has it; what the calendar lacks as seconds."""
    try:
        return (
            datetime.fromtimestamp(time_us // US, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{time_us % US:06}Z"
        )
    except (ValueError, OverflowError, OSError):
        return f"{time_us / US:.6f} s"


def fields(values: dict[str, Any], packet_name: str, indent: str) -> Iterator[str]:
    """A line each, with what they are measured in."""
    for name, value in values.items():
        yield from _field(name, value, unit(packet_name, name), packet_name, indent)


def _field(name: str, value: Any, measured: str, packet_name: str, indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield f"{indent}{name}:"
        yield from fields(value, packet_name, indent + INDENT)
    elif isinstance(value, list):
        short = "" if any(isinstance(each, dict) for each in value) else ", ".join(map(_value, value))
        if not value or 0 < len(short) <= LINE_COLUMNS:
            yield f"{indent}{name}: [{short}]" + (f" {measured}" if measured and value else "")
        else:
            for at, each in enumerate(value):
                yield from _field(f"{name}[{at}]", each, measured, packet_name, indent)
    else:
        shown = (
            f"0x{value:X}" if isinstance(value, int) and name.endswith(("flags", "mask")) else _value(value)
        )
        yield f"{indent}{name}: {shown}" + (f" {measured}" if measured else "")


def _value(value: Any) -> str:
    if isinstance(value, Bytes):
        return _bytes(value)
    if isinstance(value, float):
        return f"{value:.7g}"
    if isinstance(value, str):
        return value if isinstance(value, Wide) else repr(value)
    return str(value)


def _bytes(value: str) -> str:
    size = len(value) // 2
    more = f"… {size} bytes" if size > BYTES_SHOWN else ""
    return (value[: 2 * BYTES_SHOWN] + more) or "no bytes"
