"""
Where a server sends: only to an address from which the client has repeated a token, docs/bmu1.md section 4.

To any other goes a challenge alone, and never more bytes than came from there.
"""

from collections.abc import Callable, Hashable
from hmac import compare_digest

from bluemarble.wire.datagram.sections import TOKEN_BYTES

TUNNEL = "tunnel"  # the address that is the TCP connection
CHALLENGE_MOST = 37  # bytes of a datagram with one: header, prefix, section, tag
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
        self.due = False
        self.asked_us = now_us - REPEAT_US

    def heard(self, size: int, now_us: int) -> None:
        """So many bytes have come from there: ask, unless that was done just now or takes more than came."""
        self.came += size
        again = now_us - self.asked_us >= REPEAT_US
        self.due = self.due or (again and self.came - self.went >= CHALLENGE_MOST)

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
            asked.heard(size, now_us)
        return False

    def responded(self, address: Hashable, token: bytes) -> bool:
        """A response has come from there; whether the address is the valid one from now on."""
        asked = self.candidate
        if asked is None or asked.address != address or not compare_digest(asked.token, token):
            return False
        self.valid, self.candidate = address, None
        return True
