"""The logon vectors of opcodes/vectors, as the package wow-login-messages reads them."""

import enum

import pytest

from opcodes import logon
from tests.conformance.test_logon import VANILLA, WRATH, decoded, encoded, logon_messages
from tests.conformance.test_vectors import COMMANDS, LOGON, read

WORDS = {build.number: build.version for build in (WRATH, VANILLA)}
CHALLENGE = logon_messages.CMD_AUTH_LOGON_CHALLENGE_Client


def same(ours, theirs):
    """Fields of the same name have the same value; tells how many there are."""
    compared = 0
    for name, mine in ours:
        its = getattr(theirs, name, None)
        if isinstance(mine, list):
            assert len(mine) == len(its)
            compared += sum(same(*pair) for pair in zip(mine, its, strict=True))
        elif its is not None and mine is not None:
            its = its.value if isinstance(its, enum.Enum) else its
            assert its in (mine, [mine], list(mine) if isinstance(mine, bytes) else None), name
            compared += 1
    return compared


@pytest.mark.parametrize("path", LOGON, ids=lambda path: path.stem)
def test_the_package_reads_it(path):
    """To the last byte, and with the same values; what a client sends it writes again."""
    parts = read(path)
    packet = eval(parts["values"].strip(), dict(vars(logon)))
    name = type(packet).__name__
    words = WORDS[int(parts["build"])]
    kind = CHALLENGE if name == CHALLENGE.__name__ else getattr(words, name)
    wire = bytes.fromhex("".join(parts["bytes"].split()))
    theirs = decoded(kind, COMMANDS[type(packet)], wire)
    if name.endswith("_Client"):
        assert encoded(theirs) == wire
    else:
        assert same(packet, theirs)


def test_every_exchange_has_one():
    """Challenge, proof and realm list, both ways, for both builds."""
    told = {path.stem.partition("_refused")[0] for path in LOGON}
    exchanges = ("CMD_AUTH_LOGON_CHALLENGE", "CMD_AUTH_LOGON_PROOF", "CMD_REALM_LIST")
    assert {
        f"{exchange}_{side}.{build}"
        for exchange in exchanges
        for side in ("Client", "Server")
        for build in WORDS
    } <= told
