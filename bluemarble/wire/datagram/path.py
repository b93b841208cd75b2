"""
Where a server sends: only to an address from which the client has repeated a token, docs/bmu1.md section 4.

To any other goes a challenge alone, and at most three times the bytes that came from there.
"""

from collections.abc import Callable, Hashable
from hmac import compare_digest

from bluemarble.wire.datagram.sections import TOKEN_BYTES

TUNNEL = "tunnel"  # the address that is the TCP connection
AMPLIFICATION = 3
REPEAT_US = 250_000
GIVEN_UP_US = 5_000_000


class Candidate:
    """
    An address that is being asked.

    @ivar came, went: bytes from and to there.
    @ivar due: it is to be sent the challenge now.
    """

    __slots__ = ("address", "asked_us", "began_us", "came", "due", "token", "went")

    def __init__(self, address: Hashable, token: bytes, now_us: int) -> None:
        self.address, self.token, self.began_us = address, token, now_us
        self.came = self.went = 0
        self.due = True
        self.asked_us = now_us

    def allows(self, size: int) -> bool:
        """Whether so many more bytes may go there."""
        return self.went + size <= AMPLIFICATION * self.came

    def asked(self, size: int, now_us: int) -> None:
        """The challenge has gone out, in so many bytes."""
        self.went += size
        self.due, self.asked_us = False, now_us


class Paths:
    """
    The address in use and the one that is being asked.

    @param random: n random bytes, for the tokens.
    @ivar valid: where to send, None before the first response.
    """

    __slots__ = ("_random", "candidate", "valid")

    def __init__(self, random: Callable[[int], bytes]) -> None:
        self._random = random
        self.valid: Hashable | None = None
        self.candidate: Candidate | None = None

    def came(self, address: Hashable, size: int, newest: bool, now_us: int) -> bool:
        """
        An authenticated datagram has come from there; whether the address is the valid one from now on.

        @param newest: its packet number is the highest so far.
        """
        if address == self.valid:
            return False
        asked = self.candidate
        if asked is not None and now_us - asked.began_us >= GIVEN_UP_US:
            asked = self.candidate = None
        if newest and address == TUNNEL:
            self.valid, self.candidate = address, None
            return True
        if newest and (asked is None or asked.address != address):
            asked = self.candidate = Candidate(address, self._random(TOKEN_BYTES), now_us)
        if asked is not None and asked.address == address:
            asked.came += size
            asked.due = asked.due or now_us - asked.asked_us >= REPEAT_US
        return False

    def responded(self, address: Hashable, token: bytes) -> bool:
        """A response has come from there; whether the address is the valid one from now on."""
        asked = self.candidate
        if asked is None or asked.address != address or not compare_digest(asked.token, token):
            return False
        self.valid, self.candidate = address, None
        return True
