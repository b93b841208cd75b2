"""The simulation's only source of chance: eight bytes of state, all of it snapshotted."""


class Chance:
    """PCG-XSH-RR 32.  Source: M. E. O'Neill, "PCG", HMC-CS-2014-0905."""

    __slots__ = ("state",)

    def __init__(self, state: int) -> None:
        self.state = state

    def u32(self) -> int:
        """A uniform integer in [0, 2**32)."""
        old = self.state
        self.state = (old * 6364136223846793005 + 1442695040888963407) & 0xFFFF_FFFF_FFFF_FFFF
        mixed = ((old >> 18 ^ old) >> 27) & 0xFFFF_FFFF
        turn = old >> 59
        return (mixed >> turn | mixed << (-turn & 31)) & 0xFFFF_FFFF
