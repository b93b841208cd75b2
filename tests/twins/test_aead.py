"""
The AEAD and the mask that datagrams are sealed with, by libcrypto and by the processor's own instructions,
against the `cryptography` package and published vectors.
"""

import random

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from bluemarble.native._core import ffi, lib
from bluemarble.native.sealing import AES_128_GCM, CHACHA20_POLY1305, DATAGRAM_BYTES, FORGED

pytestmark = pytest.mark.native

# Source: McGrew and Viega, The Galois/Counter Mode of Operation, test cases 1 to 3, which SP 800-38D goes by;
# then NIST CAVP gcmEncryptExtIV128.rsp, the first with 128 bits of text and of additional data.
# Key, iv, additional data, text, ciphertext with tag.
GCM = [
    ("00" * 16, "00" * 12, "", "", "58e2fccefa7e3061367f1d57a4e7455a"),
    (
        "00" * 16,
        "00" * 12,
        "",
        "00" * 16,
        "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf",
    ),
    (
        "feffe9928665731c6d6a8f9467308308",
        "cafebabefacedbaddecaf888",
        "",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
        "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985"
        "4d5c2af327cd64a62cf35abd2ba6fab4",
    ),
    (
        "c939cc13397c1d37de6ae0e1cb7c423c",
        "b3d8cc017cbb89b39e0f67e2",
        "24825602bd12a984e0092d3e448eda5f",
        "c3b3c41f113a31b73d9a5cd432103069",
        "93fe7d9e9bfd10348a5606e5cafa73540032a1dc85f1c9786925a2e71d8272dd",
    ),
]


@pytest.fixture(params=["here", "narrow", "libcrypto"])
def crypto(request):
    """As this machine does it, and as every machine can."""
    it = ffi.gc(lib.bm_crypto_new(), lib.bm_crypto_free)
    if request.param == "narrow":
        lib.bm_crypto_narrow(it)
    if request.param == "libcrypto":
        lib.bm_crypto_portable(it)
    return it


def seal(crypto, aead, key, iv, additional, text):
    """Ciphertext and tag; whatever is looked at beyond the arguments' ends the sanitizers see."""
    out = ffi.new("uint8_t[]", list(text + bytes(16)))
    assert lib.bm_aead_seal(crypto, aead, key, iv, additional, len(additional), out, len(text)) == 0
    return bytes(ffi.buffer(out))


def reopen(crypto, aead, key, iv, additional, sealed):
    out = ffi.new("uint8_t[]", list(sealed))
    code = lib.bm_aead_open(crypto, aead, key, iv, additional, len(additional), out, len(sealed) - 16)
    return bytes(ffi.buffer(out))[:-16] if code == 0 else code


@pytest.mark.parametrize("vector", GCM, ids=range(len(GCM)))
def test_vectors_of_gcm(crypto, vector):
    """The published ciphertexts and tags."""
    key, iv, additional, text, sealed = map(bytes.fromhex, vector)
    assert seal(crypto, AES_128_GCM, key, iv, additional, text) == sealed
    assert reopen(crypto, AES_128_GCM, key, iv, additional, sealed) == text


def test_vector_of_aes(crypto):
    """FIPS 197, appendix C.1, as a mask."""
    mask = ffi.new("uint8_t[16]")
    text = bytes(range(0, 256, 17))
    assert lib.bm_aead_mask(crypto, AES_128_GCM, bytes(range(16)), text, mask) == 0
    assert bytes(ffi.buffer(mask)).hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"


@pytest.mark.parametrize("aead", [AES_128_GCM, CHACHA20_POLY1305])
def test_all_sizes(crypto, aead):
    """Every size of text and of additional data: the bytes of `cryptography`, and one bit is enough."""
    rng = random.Random(aead)
    kind = AESGCM if aead == AES_128_GCM else ChaCha20Poly1305
    for size in range(DATAGRAM_BYTES + 1):
        key, iv = rng.randbytes(16 if aead == AES_128_GCM else 32), rng.randbytes(12)
        additional, text = rng.randbytes(size % 17), rng.randbytes(size)
        sealed = seal(crypto, aead, key, iv, additional, text)
        assert sealed == kind(key).encrypt(iv, text, additional)
        assert reopen(crypto, aead, key, iv, additional, sealed) == text
        bit = rng.randrange(len(sealed) * 8)
        forged = bytearray(sealed)
        forged[bit // 8] ^= 1 << bit % 8
        assert reopen(crypto, aead, key, iv, additional, bytes(forged)) == FORGED


def test_edges_of_numbers(crypto):
    """Texts, keys and ivs of ones and zeros, where carries and reductions happen most and least."""
    for i, byte in enumerate((0x00, 0xFF, 0x80, 0x01)):
        for size in (1, 15, 16, 17, 111, 112, 113, 128, 1451, 1452):
            key, iv, text = bytes([byte]) * 16, bytes([i, size % 256] + [byte] * 10), bytes([byte]) * size
            assert seal(crypto, AES_128_GCM, key, iv, text[:16], text) == AESGCM(key).encrypt(
                iv, text, text[:16]
            )


def test_every_bit_counts(crypto):
    """Any bit of ciphertext, tag, additional data, iv or key, or less of them: forged."""
    key, iv, additional, text = bytes(range(16)), bytes(range(12)), bytes(range(9)), bytes(range(35))
    sealed = seal(crypto, AES_128_GCM, key, iv, additional, text)
    given = [key, iv, additional, sealed]
    for which, whole in enumerate(given):
        for bit in range(len(whole) * 8):
            changed = bytearray(whole)
            changed[bit // 8] ^= 1 << bit % 8
            other = [*given[:which], bytes(changed), *given[which + 1 :]]
            assert reopen(crypto, AES_128_GCM, *other) == FORGED
    for size in range(16, len(sealed)):
        assert reopen(crypto, AES_128_GCM, key, iv, additional, sealed[:size]) == FORGED
    for size in range(len(additional)):
        assert reopen(crypto, AES_128_GCM, key, iv, additional[:size], sealed) == FORGED


def test_masks(crypto):
    """Masks of random samples, as RFC 9001 5.4.3 has them."""
    rng = random.Random(5)
    mask = ffi.new("uint8_t[16]")
    for _ in range(300):
        key, sample = rng.randbytes(16), rng.randbytes(16)
        assert lib.bm_aead_mask(crypto, AES_128_GCM, key, sample, mask) == 0
        assert bytes(ffi.buffer(mask)) == Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(sample)
