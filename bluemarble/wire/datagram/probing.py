"""How large datagrams may be: the largest size of which a probe has arrived; docs/bmu1.md section 4."""

from opcodes.datagram import MTU_LEAST

SIZES = (1400, 1280)  # to try when the agreed one does not get through
TRIES = 3


class Probing:
    """
    One end's search.

    @ivar mtu: what gets through, as far as is known.
    """

    __slots__ = ("_flying", "_sizes", "_tries", "mtu")

    def __init__(self) -> None:
        self.mtu = MTU_LEAST
        self._sizes: list[int] = []
        self._tries = 0
        self._flying = False

    def begin(self, largest: int) -> None:
        """Look for the largest size up to that one."""
        self._sizes = [size for size in (largest, *SIZES) if self.mtu < size <= largest]
        self._sizes = sorted(set(self._sizes), reverse=True)
        self._tries, self._flying = 0, False

    def forget(self) -> None:
        """Another path: nothing is known of it."""
        self.mtu = MTU_LEAST
        self._sizes = []

    def wanted(self) -> int:
        """The size of which a probe is to be sent now, or 0."""
        return self._sizes[0] if self._sizes and not self._flying else 0

    def sent(self) -> None:
        """It is on its way."""
        self._flying = True

    def arrived(self, size: int) -> bool:
        """A probe got through; whether datagrams may be larger now."""
        if not self._sizes or size != self._sizes[0]:
            return False
        self.mtu, self._sizes, self._flying = size, [], False
        return True

    def lost(self, size: int) -> None:
        """A probe did not get through; perhaps by chance."""
        if not self._sizes or size != self._sizes[0]:
            return
        self._flying = False
        self._tries += 1
        if self._tries >= TRIES:
            del self._sizes[0]
            self._tries = 0
