"""bluemarble.native.lines in plain Python: a bytearray a line, and ARC4 from a library."""

import itertools

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher


def arc4(key):
    stream = Cipher(ARC4(key), mode=None).encryptor()
    stream.update(bytes(1024))
    return stream.update


def chain(key):
    under, last = itertools.cycle(key), 0

    def encipher(header):
        nonlocal last
        out = bytearray()
        for byte in header:
            last = (byte ^ next(under)) + last & 0xFF
            out.append(last)
        return bytes(out)

    return encipher


class Lines:
    """Lines by number; `cipher` makes one of the two above."""

    def __init__(self):
        self.waiting, self.encipher, self.touched_ = {}, {}, []

    def open(self, number):
        self.waiting[number], self.encipher[number] = bytearray(), bytes

    def close(self, number):
        del self.waiting[number], self.encipher[number]
        if number in self.touched_:
            self.touched_.remove(number)

    def cipher(self, number, make, key):
        self.encipher[number] = make(key)

    def queue(self, numbers, opcode, body):
        if len(body) > 0x7FFF - 2 or opcode > 0xFFFF:
            raise ValueError
        took = [number for number in numbers if number in self.waiting]
        for number in took:
            header = (len(body) + 2).to_bytes(2, "big") + opcode.to_bytes(2, "little")
            self.waiting[number] += self.encipher[number](header) + body
            if number not in self.touched_:
                self.touched_.append(number)
        return len(took)

    def take(self, number):
        data, self.waiting[number] = bytes(self.waiting[number]), bytearray()
        return data

    def touched(self):
        them, self.touched_ = self.touched_, []
        return them
