"""`python -m bluemarble.tools.linkvectors`: worked examples of docs/bmu1.md, written from the reference."""

import pathlib
import random
from collections.abc import Iterator

import click

import opcodes
from bluemarble.wire.codec import codec
from bluemarble.wire.datagram import keys, prefix, sections
from bluemarble.wire.datagram.client import Client
from bluemarble.wire.datagram.connection import Connection
from bluemarble.wire.datagram.numbers import expanded, write_varint
from bluemarble.wire.datagram.packet import C2S_HEAD, S2C_HEAD, SAMPLE_BYTES
from bluemarble.wire.datagram.prefix import Prefix
from bluemarble.wire.datagram.protection import Opener
from bluemarble.wire.datagram.sections import (
    Attach,
    Challenge,
    Close,
    Event,
    Fragment,
    Input,
    Inputs,
    Ping,
    Pong,
    Probe,
    Response,
    Section,
    Snapshot,
    State,
)
from bluemarble.wire.datagram.server import Server
from bluemarble.wire.datagram.terms import Terms
from opcodes.datagram import (
    AEAD_AES_128_GCM,
    AEAD_CHACHA20_POLY1305,
    CLOSE_BYE,
    CMSG_UDP_ACCEPT,
    CMSG_UDP_REQUEST,
    SMSG_UDP_OFFER,
)

HERE = pathlib.Path(opcodes.__file__).parent / "vectors" / "datagram"
NAMES = {AEAD_AES_128_GCM: "aes128gcm", AEAD_CHACHA20_POLY1305: "chacha20poly1305"}
CID = 0x04003002
LINE_BYTES = 48
STEP_US = 10_000
UPDATE_NUMBERS = 8  # so that the conversation has a key update; 2^22 elsewhere
LOST = 4  # of the server's datagrams the one that does not arrive

PREFIXES = (
    Prefix(),
    Prefix(tick=0x1234),
    Prefix(ack=0),
    Prefix(ack=5, bits=0b10110),
    Prefix(ack=0xFFFF, delay=255),
    Prefix(ack=0x0102, bits=0x80000001, delay=3, tick=0xFFFE),
)
NUMBERS = (
    (0, -1),
    (65_535, -1),
    (1, 65_534),
    (65_530, 65_536),
    (40_000, 65_536),
    (32_769, 65_536),
    (5, 0x123F0),
)
VARINTS = (0, 1, 127, 128, 300, 16_383, 16_384, 2**32 - 1)
WORDS = bytes([0, 1, 1]) + bytes([7, 1, 2, 3, 4, 5, 6]) + bytes([9, 8, 7, 6, 5, 4, 3, 2, 1])
LIFE = bytes([2, 3, 2, 1, 2, 0xAA, 0xBB, 4, 0, 255, 0])
SECTIONS: tuple[Section, ...] = (
    Snapshot(WORDS),
    Snapshot(b"\1\4\0abcd"),
    State(LIFE),
    Event(0xFFFE, 300, b"hello"),
    Event(3, 0, b""),
    Fragment(7, 1, 3, b"part"),
    Inputs(9, (Input(0x0001, 0x4000, -64, 128, 2**31 - 1),)),
    Inputs(0, (Input(0x1001, 1, 10, 20, 30), Input(0x0001, 2, 9, 40, -70), Input(0, 3, -32_000, 0, -70))),
    Challenge(bytes(range(8))),
    Response(bytes(range(8))),
    Ping(0x01020304),
    Pong(0x01020304, 0xFFFFFFFE),
    Close(5),
    Attach(1452),
    Probe(1200),
)
REFUSED = (
    ("0201", "reserved kind"),
    ("0c", "unknown kind"),
    ("03 0000 80", "a varint without an end"),
    ("03 0000 ffffffff10 00", "a varint above 2^32-1"),
    ("03 0000 808080808001 00", "a varint of six bytes"),
    ("03 0000 05 03 6162", "an event's body cut short"),
    ("0a 0000 00 01 01 61", "one part is none"),
    ("0a 0000 00 41 01 61", "65 parts"),
    ("0a 0000 02 02 01 61", "part 2 of 2"),
    ("0a 0000 00 02 00", "an empty part"),
    ("04 00 00 00000000 00000000 00000000 00000000", "no inputs"),
    ("04 09 00", "nine inputs"),
    ("05 02 0001020304050607", "path 2"),
    ("05 00 00010203040506", "a token cut short"),
    ("06 02 00000000", "time 2"),
    ("06 01 00000000 000000", "a pong cut short"),
    ("07", "a close without a reason"),
    ("08 0200 b004", "an attach of protocol 2"),
    ("0b b104", "a probe of 1,201 bytes in 1,200"),
    ("01 02 00 00", "snapshot form 2"),
    ("01 00 02 00 00 000000000000", "near words cut short"),
    ("01 01 0500 61626364", "form 1 cut short"),
    ("09 01 00 00 00 05 61", "a state's value cut short"),
    ("09 02 00 00 00 00", "one state of two"),
)


def spelled(it: Prefix | Section) -> str:
    """A prefix or section in words: fields in order, bytes in hexadecimal, None as a dash."""
    words = [type(it).__name__]
    for name, value in it._asdict().items():
        if name == "inputs":
            words += [",".join(map(str, given)) for given in value]
        elif isinstance(value, bytes):
            words.append(f"{name}={value.hex()}")
        else:
            words.append(f"{name}={'-' if value is None else value}")
    return " ".join(words)


def block(name: str, data: bytes) -> Iterator[str]:
    """Bytes in hexadecimal, zeros at a long end counted."""
    zeros = len(data) - len(data.rstrip(b"\0"))
    if zeros < LINE_BYTES:
        zeros = 0
    shown = data[: len(data) - zeros]
    yield f"{name}:"
    for at in range(0, len(shown), LINE_BYTES):
        yield "    " + shown[at : at + LINE_BYTES].hex()
    if zeros:
        yield f"    and {zeros} zeros"


def encodings() -> Iterator[str]:
    """Varints, packet numbers, prefixes and sections, each by itself, and what is none."""
    yield from (f"varint: {value} = {write_varint(value).hex()}" for value in VARINTS)
    for low, highest in NUMBERS:
        yield f"number: {low} after {highest} = {expanded(low, highest + 1)}"
    yield from (f"prefix: {spelled(one)} = {prefix.write(one).hex()}" for one in PREFIXES)
    yield from (f"section: {spelled(one)} = {sections.write(one).hex()}" for one in SECTIONS)
    yield "# Refused, after a prefix with a tick, in a datagram of 1,200 bytes, whichever way it goes."
    yield from (f"refused: {hexed.replace(' ', '')} = {why}" for hexed, why in REFUSED)


def agreement(aead: int, lines: list[str]) -> keys.LinkKeys:
    """From the two ends' random numbers to their keys; what happens on the way goes to `lines`."""
    chance = random.Random(f"bmu1 {aead}")
    session_key, server_private, client_private = (chance.randbytes(size) for size in (40, 32, 32))
    request = CMSG_UDP_REQUEST(proto=1, aeads=1 << aead, encoders=1, mtu=1452)
    offer = SMSG_UDP_OFFER(
        proto=1,
        aead=aead,
        encoder=0,
        mtu=1452,
        port=8087,
        cid=CID,
        realm_id=1,
        account_id=7,
        keepalive_ms=1000,
        server_random=chance.randbytes(32),
        server_public=keys.public_key(server_private),
    )
    accept = CMSG_UDP_ACCEPT(
        client_random=chance.randbytes(32), client_public=keys.public_key(client_private)
    )
    said = [codec(type(packet)).encode(packet) for packet in (request, offer, accept)]
    salt = keys.salt(*said)
    shared = keys.shared_secret(server_private, accept.client_public)
    root = keys.root(salt, session_key, shared)
    named = zip(("request", "offer", "accept"), said, strict=True)
    for name, data in (
        ("session_key", session_key),
        ("server_private", server_private),
        ("client_private", client_private),
        *named,
        ("salt", salt),
        ("shared", shared),
        ("prk", root),
    ):
        lines += block(name, data)
    made = keys.link_keys(aead, root)
    for name, direction in (("c2s", made.c2s), ("s2c", made.s2c)):
        lines += block(f"{name} hp", direction.header)
        generation = keys.generation(aead, direction.secret)
        for _ in range(2):
            for what in ("secret", "key", "iv"):
                lines += block(f"{name} {what} {generation.number}", getattr(generation, what))
            generation = keys.following(aead, generation)
    return made


def conversation(made: keys.LinkKeys) -> Iterator[str]:
    """A short one with every kind of section, a loss and a key update; both ends 20 ms apart."""
    terms = Terms(made, CID, 1452, 1000, update_numbers=UPDATE_NUMBERS)
    client, server = Client(terms, "server", 0), Server(terms, random.Random("tokens").randbytes, 0)
    shown = {end: Opener(made.aead, way, CID, end) for end, way in ((True, made.c2s), (False, made.s2c))}
    flying: list[tuple[int, Connection, bytes]] = []
    for now_us in range(0, 1_500_000, STEP_US):
        for due_us, end, datagram in flying[:]:
            if due_us <= now_us:
                flying.remove((due_us, end, datagram))
                end.receive(datagram, "client" if end.is_server else "server", now_us)
        out: list[tuple[Connection, bytes]] = []
        _act(now_us // STEP_US, client, server, out)
        out += [(server, datagram) for datagram, _ in client.datagrams_to_send(now_us)]
        out += [(client, datagram) for datagram, _ in server.datagrams_to_send(now_us)]
        for end, datagram in out:
            yield from example(made, shown[end.is_server], end.is_server, datagram, now_us)
            if end.is_server or shown[False].window.highest != LOST:
                flying.append((now_us + 2 * STEP_US, end, datagram))


def _act(step: int, client: Client, server: Server, out: list[tuple[Connection, bytes]]) -> None:
    """What the two owners do in a step of 10 ms."""
    tick, now_us = step // 5, step * STEP_US
    if step == 10:
        client.ping(now_us)
        client.send_event(0x95, b"hello")
    if step == 20:
        server.send_event(0x96, b"well met")
        server.send_event(0x1F6, bytes(i & 0xFF for i in range(1100)))
    if step == 60:
        server.probe()
    if step == 140:
        client.close(CLOSE_BYE, now_us)
    if client.attached and step % 5 == 0:
        client.move(tick, 1, Input(1, 1000 * tick, 64 * tick, -3 * tick, 5))
    if step % 20 == 15:
        body = sections.write(Snapshot(WORDS)) + sections.write(State(LIFE))
        sent = server.send(now_us, body, 0x1FFF0 + tick, record=step)
        if sent is not None:
            out.append((client, sent[0]))


def example(
    made: keys.LinkKeys, opener: Opener, to_server: bool, datagram: bytes, now_us: int
) -> Iterator[str]:
    """A datagram: who sent it and when, what it says, its plaintext, sample and mask, and what was sent."""
    opened = opener.open(datagram)
    if opened is None:
        raise ValueError("the reference cannot read what it wrote")
    head, at = prefix.read(opened.plaintext)
    inside = sections.read(opened.plaintext, at, not to_server, head.tick is not None, len(datagram))
    start = C2S_HEAD if to_server else S2C_HEAD
    sample = datagram[start : start + SAMPLE_BYTES]
    direction = made.c2s if to_server else made.s2c
    generation = opener.generation.number
    way = "c2s" if to_server else "s2c"
    lost = ", lost" if not to_server and opened.number == LOST else ""
    yield ""
    yield f"datagram: {way} number {opened.number} generation {generation} at {now_us // 1000} ms{lost}"
    yield f"says: {spelled(head)}"
    yield from (f"says: {spelled(section)}" for section in inside)
    yield from block("plaintext", opened.plaintext)
    yield from block("sample", sample)
    yield from block("mask", keys.header_mask(made.aead, direction.header, sample)[:3])
    yield from block("sent", datagram)


def files() -> dict[str, str]:
    """Each file's name and text."""
    head = ["# Written by `python -m bluemarble.tools.linkvectors`; docs/bmu1.md says what it means.", ""]
    out = {"encodings.txt": [*head, *encodings()]}
    for aead, name in NAMES.items():
        lines = [*head, f"aead: {aead}", f"cid: {CID:#010x}"]
        made = agreement(aead, lines)
        out[f"{name}.txt"] = [*lines, *conversation(made)]
    return {name: "\n".join(lines) + "\n" for name, lines in out.items()}


@click.command()
@click.option("--into", type=click.Path(path_type=pathlib.Path), default=HERE, help="Where they go.")
def main(into: pathlib.Path) -> None:
    """Write opcodes/vectors/datagram/."""
    into.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (into / name).write_text(text)


if __name__ == "__main__":
    main()
