"""Key logs: what is written into them, and what is made of one that anybody may have written into."""

import pathlib

import pytest

from bluemarble.wire.datagram import keylog, keys
from bluemarble.wire.datagram.keylog import KeyLog, Secrets
from tests.conformance.test_bmu1 import LINKS, link
from tests.recording import pieces

CID = 0x04003002
DOCS = pathlib.Path(__file__).parents[4] / "docs" / "bmu1.md"
A, B, C = (bytes([number]) * 32 for number in (0xAA, 0xBB, 0xCC))


def line(label, secret, cid=CID, aead=0):
    return f"{label} {cid:08x} {aead:02x} {secret.hex()}".encode()


def client(secret, **more):
    return line("BMU1_CLIENT_SECRET", secret, **more)


def server(secret, **more):
    return line("BMU1_SERVER_SECRET", secret, **more)


@pytest.mark.parametrize("name", LINKS)
def test_the_worked_examples(name):
    """What is written of their keys, and read of what is written."""
    values, _ = link(name)
    aead = int(values["aead"])
    text = keylog.written(CID, keys.link_keys(aead, values["prk"]))
    first, second = values["c2s secret 0"], values["s2c secret 0"]
    assert text == f"{client(first, aead=aead).decode()}\n{server(second, aead=aead).decode()}\n"
    log = KeyLog(text.encode().split(b"\n"))
    assert log.by_cid == {CID: [Secrets(CID, aead, first, second)]}
    assert len(log) == 1 and not log.passed_over
    if name == "aes128gcm.txt":
        assert all(one in DOCS.read_text() for one in text.splitlines())


def test_others_lines():
    """A file may serve TLS as well, have comments, capitals and carriage returns."""
    log = KeyLog(
        [
            b"# a comment",
            b"",
            b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48,
            b"QUIC_CLIENT_TRAFFIC_SECRET_0 00 11",
            client(A).replace(b"aa" * 32, b"AA" * 32) + b"\r",
            b"\xff\xfe\x00",
        ]
    )
    assert log.by_cid == {CID: [Secrets(CID, 0, A, None)]} and not log.passed_over


@pytest.mark.parametrize(
    "bad",
    [
        b"BMU1_CLIENT_SECRET",
        b"BMU1_CLIENT_SECRET 04003002 00 " + b"a" * 63,
        b"BMU1_CLIENT_SECRET 04003002 00 " + b"a" * 65,
        b"BMU1_CLIENT_SECRET 4003002 00 " + b"a" * 64,
        b"BMU1_CLIENT_SECRET 04003002 " + b"a" * 64,
        b"BMU1_CLIENT_SECRET 0400300g 00 " + b"a" * 64,
        b"BMU1_CLIENT_SECRET 04003002 00 " + "é".encode() * 64,
        b"BMU1_CLIENT_SECRET 04003002 00 " + b"a" * 64 + b" 01",
        b"BMU1_OTHER_SECRET 04003002 00 " + b"a" * 64,
        b"BMU1_CLIENT_SECRET 04003002 02 " + b"a" * 64,
    ],
)
def test_lines_that_are_none(bad):
    """Counted, and the others count."""
    log = KeyLog([bad, client(A)])
    assert log.by_cid == {CID: [Secrets(CID, 0, A, None)]}
    assert log.passed_over.total() == 1
    assert b"a" * 16 not in repr(log.passed_over).encode()


def test_one_id_for_several_links():
    """A server that was started again gives the same ids: the newest first; what is said twice is one."""
    log = KeyLog([client(A), server(B), client(A), server(B), client(C), server(A), server(C, aead=1)])
    assert log.by_cid[CID] == [Secrets(CID, 1, None, C), Secrets(CID, 0, C, A), Secrets(CID, 0, A, B)]
    assert len(log) == 3
    log = KeyLog([server(B), client(A)])
    assert log.by_cid[CID] == [Secrets(CID, 0, A, B)]


def test_no_more_than_so_many(monkeypatch):
    """Of one id, and of all: the oldest are forgotten, and counted."""
    log = KeyLog(client(number.to_bytes(32, "big")) for number in range(keylog.SAME_CID_LIMIT + 3))
    assert len(log) == len(log.by_cid[CID]) == keylog.SAME_CID_LIMIT
    assert log.by_cid[CID][-1].c2s == (3).to_bytes(32, "big")
    assert log.passed_over.total() == 3
    monkeypatch.setattr(keylog, "LINKS_LIMIT", 4)
    log = KeyLog(client(A, cid=number) for number in range(7))
    assert list(log.by_cid) == [3, 4, 5, 6] and len(log) == 4


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_lines_of_blocks(size):
    """However the file is cut; a line without an end is not kept."""
    data = client(A) + b"\nBMU1_" + b"x" * 5000 + b"\n" + b"#" * 3000 + b"\n" + server(B)
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    found = list(pieces(blocks))
    assert found == [client(A), b"BMU1_", b"#####", server(B)]
    assert max(map(len, pieces([b"y" * 1000] * 1000))) <= keylog.LINE_LIMIT + 1
