"""Every vector of opcodes/vectors: the values make the bytes and the bytes the values."""

import importlib
import pathlib

import pytest
from wow_world_messages import vanilla, wrath

import opcodes
from bluemarble.wire.codec import codec
from opcodes import logon
from tests.conformance import agreeing
from tests.conformance.waivers import CLIENT_WAIVED, PARTLY_WAIVED, SERVER_WAIVED, SERVER_WAIVED_5875

FILES = sorted((pathlib.Path(opcodes.__file__).parent / "vectors").glob("*.txt"))
LOGON = [path for path in FILES if path.name.startswith("CMD_")]
VECTORS = [path for path in FILES if path not in LOGON]
NAMES = {
    name: thing
    for module in opcodes.MODULES
    for name, thing in vars(importlib.import_module(f"opcodes.{module}")).items()
}
COMMANDS = {cls: command for command, both in logon.COMMANDS.items() for cls in both}
PACKAGES = {
    12340: (wrath, {**SERVER_WAIVED, **CLIENT_WAIVED, **PARTLY_WAIVED}),
    5875: (vanilla, SERVER_WAIVED_5875),
}


def read(path):
    """Its headers, and the indented blocks of `values` and `bytes`."""
    parts: dict[str, str] = {}
    name = ""
    for line in path.read_text().splitlines():
        if line.startswith("    "):
            block = line.split()[0] if name == "bytes" else line
            parts[name] += block + "\n"
        elif line and not line.startswith("#"):
            name, _, rest = line.partition(":")
            parts[name] = rest.strip()
    assert parts["source"], "a vector names where it is from"
    return parts


def sender(parts, packet):
    """Who sends it: the line `from`, which a MSG_ of both may have, or the only one who does."""
    version = opcodes.version(int(parts["build"]))
    only = "server" if version.sent.get(version.numbers[type(packet)]) is type(packet) else "client"
    return parts.get("from", only)


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_vector(path):
    parts = read(path)
    version = opcodes.version(int(parts["build"]))
    packet = eval(parts["values"].strip(), dict(NAMES))
    assert path.name.startswith(type(packet).__name__)
    layout = version.layout(type(packet), received=sender(parts, packet) == "client")
    wire = bytes.fromhex("".join(parts["bytes"].split()))
    assert codec(layout).encode(packet).hex() == wire.hex()
    assert codec(layout).decode(wire) == packet
    assert layout.layout.build(packet) == wire
    assert version.numbers[type(packet)] in version.names


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_the_package_reads_it(path):
    """To the last byte, but for what is waived."""
    parts = read(path)
    package, waived = PACKAGES[int(parts["build"])]
    packet = eval(parts["values"].strip(), dict(NAMES))
    number = opcodes.version(int(parts["build"])).numbers[type(packet)]
    if type(packet).__name__ not in waived:
        kind = getattr(package, f"{sender(parts, packet)}_opcodes")[number]
        assert agreeing.read(kind, bytes.fromhex("".join(parts["bytes"].split())))[1] == 0


@pytest.mark.parametrize("path", LOGON, ids=lambda path: path.stem)
def test_logon_vector(path):
    """The bytes begin with the command; the realm list's size follows it."""
    parts = read(path)
    packet = eval(parts["values"].strip(), dict(vars(logon)))
    cls = type(packet)
    assert path.name.startswith(cls.__name__)
    layout = logon.LAYOUTS[int(parts["build"])].get(cls, cls)
    wire = bytes.fromhex("".join(parts["bytes"].split()))
    body = wire[3:] if cls is logon.CMD_REALM_LIST_Server else wire[1:]
    assert wire[0] == COMMANDS[cls]
    assert wire[1:3] == len(body).to_bytes(2, "little") or body == wire[1:]
    assert codec(layout).encode(packet).hex() == body.hex()
    assert codec(layout).encode(codec(layout).decode(body)) == body
    assert layout.layout.build(packet) == body
