"""An opened datagram as lines for a terminal, or as what becomes a line of JSON."""

from collections.abc import Iterator
from typing import Any

from bluemarble.tools.packets.decoding import decoded
from bluemarble.tools.packets.overheard import Datagram, packet_of
from bluemarble.tools.packets.saying import Said
from bluemarble.tools.packets.showing import INDENT, as_json, contents, fields, utc
from bluemarble.tools.terminal import printable
from bluemarble.wire.captures.record import US

LACKING_SHOWN = 8


def datagram_lines(it: Datagram, first_us: int) -> Iterator[str]:
    """
    What came when, then its sections with their fields.

    @param first_us: when the recording begins; times are shown from there, in seconds.
    """
    yield datagram_head(it, first_us)
    for said in it.said:
        packet = packet_of(it, said)
        again = ", again" if said.again else ""
        if packet is None:
            yield f"{INDENT}{said.name}, {said.size} bytes"
            yield from fields(said.fields, said.name, 2 * INDENT)
        else:
            whole = decoded(packet)
            told = f"{whole.name}  0x{packet.opcode:03X}, {len(packet.body)} bytes"
            yield f"{INDENT}{said.name} {said.fields['id']}{again}  {told}"
            yield from contents(whole, 2 * INDENT)
        if said.fault:
            yield f"{2 * INDENT}! {printable(said.fault)}"
    if it.fault:
        yield f"{INDENT}! {printable(it.fault)}"


def brief_line(it: Datagram, first_us: int) -> str:
    """All of it in one line, without fields."""
    names = "".join(f"  {_name(it, said)}" for said in it.said)
    faults = [printable(said.fault) for said in it.said if said.fault] + ([it.fault] if it.fault else [])
    return datagram_head(it, first_us) + names + "".join(f"  ! {printable(fault)}" for fault in faults)


def datagram_head(it: Datagram, first_us: int) -> str:
    """One line: seconds, link, sender, number, bytes, and what it acknowledges."""
    seconds = (it.time_us - first_us) / US
    sender = "client" if it.from_client else "server"
    way = " through TCP" if it.tunnelled else ""
    keys = f", keys {it.generation}" if it.generation else ""
    tick = "" if it.tick is None else f", tick {it.tick}"
    return (
        f"{seconds:.6f}  #{it.connection}  {sender}  datagram {it.number}{way}, {it.size} bytes"
        f"{keys}{tick}{_acknowledgement(it)}"
    )


def _acknowledgement(it: Datagram) -> str:
    if it.ack is None:
        return ""
    shown = ", ".join(map(str, it.lacking[:LACKING_SHOWN])) + (" …" if it.lacking[LACKING_SHOWN:] else "")
    without = f" without {shown}" if it.lacking else ""
    took = "" if it.answered_us is None else f" after {it.answered_us / 1000:.3f} ms"
    held = "" if it.delay_ms is None else f", held {it.delay_ms} ms"
    return f", acknowledges {it.ack}{without}{took}{held}"


def _name(it: Datagram, said: Said) -> str:
    packet = packet_of(it, said)
    return said.name if packet is None else decoded(packet).name


def datagram_json(it: Datagram) -> dict[str, Any]:
    """The same, all of it, as values that JSON has."""
    out: dict[str, Any] = {
        "time": utc(it.time_us),
        "time_us": it.time_us,
        "from": "client" if it.from_client else "server",
        "connection": it.connection,
        "datagram": it.number,
        "generation": it.generation,
        "size_bytes": it.size,
        "tunnelled": it.tunnelled,
    }
    if it.address:
        out |= {"address": it.address, "port": it.port}
    out |= {
        name: value
        for name, value in (
            ("tick", it.tick),
            ("ack", it.ack),
            ("lacking", list(it.lacking) or None),
            ("delay_ms", it.delay_ms),
            ("answered_us", it.answered_us),
        )
        if value is not None
    }
    out["sections"] = [_section(it, said) for said in it.said]
    return out | ({"fault": it.fault} if it.fault else {})


def _section(it: Datagram, said: Said) -> dict[str, Any]:
    packet = packet_of(it, said)
    out: dict[str, Any] = {"name": said.name, "size_bytes": said.size, "fields": said.fields}
    if packet is not None:
        whole = as_json(decoded(packet))
        kept = ("name", "opcode", "build", "size_bytes", "fields", "fault", "body")
        out["packet"] = {name: whole[name] for name in kept if name in whole}
    if said.again:
        out["again"] = True
    return out | ({"fault": said.fault} if said.fault else {})
