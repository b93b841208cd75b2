"""The worked examples of docs/bmu1.md: current, and read by a reader written from that page alone."""

import pathlib

import pytest

import opcodes
from bluemarble.tools import linkvectors
from bluemarble.wire.datagram import numbers, prefix, sections
from bluemarble.wire.errors import Malformed
from tests.conformance import bmu1

HERE = pathlib.Path(opcodes.__file__).parent / "vectors" / "datagram"
FILES = sorted(path.name for path in HERE.glob("*.txt"))
LINKS = ["aes128gcm.txt", "chacha20poly1305.txt"]


def read(name):
    """(name, value) of each line; indented bytes below one are its value."""
    out = []
    for line in (HERE / name).read_text().splitlines():
        if line.startswith("    and "):
            out[-1][1] += bytes(int(line.split()[1]))
        elif line.startswith("    "):
            out[-1][1] += bytes.fromhex(line)
        elif line and not line.startswith("#"):
            key, _, rest = line.partition(":")
            out.append([key, rest.strip() if rest else bytearray()])
    return out


def link(name):
    """The agreement's values by name, and the datagrams as dicts."""
    values, datagrams = {}, []
    for key, value in read(name):
        if key == "datagram":
            datagrams.append({"datagram": value, "says": []})
        elif key == "says":
            datagrams[-1]["says"].append(value)
        else:
            (datagrams[-1] if datagrams else values)[key] = bytes(value) if value != str(value) else value
    return values, datagrams


def pairs(kind):
    return [value.split(" = ") for key, value in read("encodings.txt") if key == kind]


def keys_of(values):
    return bmu1.Keys(
        int(values["aead"]),
        values["session_key"],
        values["client_private"],
        values["offer"][-32:],
        values["request"],
        values["offer"],
        values["accept"],
    )


def test_files_are_current():
    """`python -m bluemarble.tools.linkvectors` would change nothing."""
    made = linkvectors.files()
    assert sorted(made) == FILES
    for name, text in made.items():
        assert (HERE / name).read_text() == text, name


@pytest.mark.parametrize("name", LINKS)
def test_keys(name):
    """From both ends' private keys and what was said."""
    values, _ = link(name)
    keys = keys_of(values)
    for what in ("salt", "shared", "prk"):
        assert getattr(keys, what) == values[what]
    for d in ("c2s", "s2c"):
        assert keys.hp[d] == values[f"{d} hp"]
        for n in range(2):
            for what in ("secret", "key", "iv"):
                assert getattr(keys, what)[d, n] == values[f"{d} {what} {n}"]
    other = bmu1.Keys(
        keys.aead,
        values["session_key"],
        values["server_private"],
        values["accept"][-32:],
        *(values[name] for name in ("request", "offer", "accept")),
    )
    assert other.prk == keys.prk


@pytest.mark.parametrize("name", LINKS)
def test_conversation(name):
    """Each datagram opens to the number, keys and plaintext it is said to have, and reads to its end."""
    values, datagrams = link(name)
    keys, cid = keys_of(values), int(values["cid"], 16)
    receivers = {d: bmu1.Receiver(keys, d, cid) for d in ("c2s", "s2c")}
    kinds, generations = set(), set()
    for it in datagrams:
        d, _, number, _, generation, *_ = it["datagram"].split()
        got = receivers[d].receive(it["sent"])
        assert got == (int(number), int(generation), it["sample"], it["mask"], it["plaintext"])
        reader = bmu1.Reader(it["plaintext"])
        head, ticked = reader.prefix()
        assert [head, *reader.sections(d, ticked, len(it["sent"]))] == it["says"]
        assert reader.at == len(it["plaintext"])
        kinds |= {said.split()[0] for said in it["says"]}
        generations.add((d, int(generation)))
    assert kinds >= {type(section).__name__ for section in linkvectors.SECTIONS}
    assert generations == {(d, n) for d in ("c2s", "s2c") for n in range(2)}


def test_varints_and_numbers():
    for value, raw in pairs("varint"):
        reader = bmu1.Reader(bytes.fromhex(raw))
        assert (reader.varint(), reader.at) == (int(value), len(raw) // 2)
    for low_after, number in pairs("number"):
        low, highest = low_after.split(" after ")
        assert bmu1.expand(int(low), int(highest)) == int(number)


def test_prefixes():
    for said, raw in pairs("prefix"):
        reader = bmu1.Reader(bytes.fromhex(raw))
        assert (reader.prefix()[0], reader.at) == (said, len(raw) // 2)


def test_sections():
    for said, raw in pairs("section"):
        reader = bmu1.Reader(bytes.fromhex(raw))
        assert list(reader.sections(None, True, 1200)) == [said]
        assert reader.at == len(raw) // 2


def test_refused():
    """Both readers refuse what is refused, whichever way it goes."""
    for raw, why in pairs("refused"):
        data = bytes.fromhex(raw)
        with pytest.raises(bmu1.Wrong):
            list(bmu1.Reader(data).sections(None, True, 1200))
        for from_server in (False, True):
            with pytest.raises(Malformed):
                list(sections.read(data, 0, from_server, True, 1200))
        assert why


@pytest.mark.parametrize("highest", [-1, 0, 5, 32_767, 32_768, 65_535, 65_536, 1 << 20, (1 << 40) + 77])
def test_numbers_expand_alike(highest):
    """Every low 16 bits after some numbers."""
    for low in range(0, 65_536, 97):
        assert numbers.expanded(low, highest + 1) == bmu1.expand(low, highest)


def test_prefixes_read_alike():
    """All flags, over every length: both read the same, or neither does."""
    for flags in range(256):
        for size in range(12):
            data = bytes([flags, *range(1, 12)])[: size + 1]
            reader = bmu1.Reader(data)
            try:
                said, _ = reader.prefix()
            except bmu1.Wrong:
                with pytest.raises(Malformed):
                    prefix.read(data)
            else:
                got, at = prefix.read(data)
                assert (linkvectors.spelled(got), at) == (said, reader.at)
