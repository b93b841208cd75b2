"""Logins that servers refuse which drop the zero end bytes of numbers, as wow_srp's client made them."""

import configparser
from pathlib import Path

import pytest

from bluemarble.wire import srp6

VECTORS = configparser.ConfigParser(comment_prefixes="#", interpolation=None)
VECTORS.optionxform = str
VECTORS.read(Path(__file__).with_name("srp6_vectors.txt"))
HARD = {  # what makes each class hard: the number, and its zero bytes
    "A ends in zero": ("A", 31),
    "B ends in zero": ("B", 31),
    "K ends in zero": ("K", 39),
    "M1 ends in zero": ("M1", 19),
    "S begins with zero": ("S", 0),
    "S begins with two zeros": ("S", 0, 1),
    "S begins with zero, then one, then zero": ("S", 0, 2),
    "A begins with zero": ("A", 0),
    "B begins with zero": ("B", 0),
    "nothing special": ("A",),
}


@pytest.mark.parametrize("case", VECTORS.sections())
def test_vector(case):
    block = VECTORS[case]
    name, password = block["name"], block["password"]
    salt, known, b, a_public, b_public, shared, key, proof, answer = (
        bytes.fromhex(block[n]) for n in ("salt", "verifier", "b", "A", "B", "S", "K", "M1", "M2")
    )
    assert srp6.verifier(name, password, salt) == known
    asked = srp6.challenge(srp6.upper(name), salt, known, b)
    assert asked.public == b_public
    assert srp6.interleave(shared) == key
    assert srp6.client_proof(asked, a_public, key) == proof
    assert srp6.agree(asked, a_public, proof) == (key, answer)
    assert [len(n) for n in (a_public, b_public, shared, key, proof, answer)] == [32, 32, 32, 40, 20, 20]
    number, *zeros = HARD[case]
    assert all(bytes.fromhex(block[number])[at] == 0 for at in zeros)


def test_every_class_is_there():
    assert set(VECTORS.sections()) == set(HARD)
