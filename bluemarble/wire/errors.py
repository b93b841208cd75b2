"""The other side's fault, by kind: close or drop, count, no traceback.  Everything else is ours."""


class PeerError(ValueError):
    """A peer broke the protocol."""


class Malformed(PeerError):
    """The bytes are not the packet they claim to be."""


class NotAllowed(PeerError):
    """A packet from the wrong side, out of its phase or without permission."""


class TooMuch(PeerError):
    """Over a rate or a size."""
