"""A short visit to a running server, by UDP: what `bluemarble visit` prints."""

from collections.abc import Iterator
from math import dist

from bluemarble.client import events
from bluemarble.client.arrival import Wish
from bluemarble.client.gait import Keys
from bluemarble.client.link import Wanted
from bluemarble.client.sockets import AUTH_PORT, NETWORK, Game, Network, enter
from opcodes.datagram import CLOSE_WORDS, REFUSED_WORDS, UNKNOWN
from opcodes.movement import FORWARD

TURN_RADIANS = 1.2  # after each second
NAMED = 5  # of those in sight, the nearest
KINDS = {1: "a player", 2: "a creature", 3: "an object"}


def visit(
    host: str,
    account: str,
    password: str,
    character: str,
    seconds: int,
    *,
    port: int = AUTH_PORT,
    udp: bool = True,
    network: Network = NETWORK,
) -> Iterator[str]:
    """
    Log in, walk about for some seconds, and tell who is there; a line at a time.

    @param character: made when the account has none of that name; "": the account's first one.
    @param udp: False: the link goes through the TCP connection.
    @raise Refused: the server says no.  @raise LookupError, PeerError, OSError: as sockets.enter.
    """
    with enter(
        host, account, password, Wish(character), port=port, wanted=Wanted(udp=udp), network=network
    ) as game:
        for second in range(seconds):
            game.keys = Keys(FORWARD, facing=second * TURN_RADIANS)
            told = list(game.run(1.0))
            yield from (line for event in told if (line := told_of(event)))
            yield f"{second + 1:3} s  {summary(game)}"


def told_of(event: events.Event) -> str:
    """A line for an event that matters to a visitor; "" for another."""
    match event:
        case events.Entered(_, map_, x, y, z, _):
            return f"In the world: map {map_}, {x:.1f} {y:.1f} {z:.1f}"
        case events.Linked(tunnelled):
            return "The link is up, " + ("through TCP" if tunnelled else "by UDP")
        case events.NotLinked(reason, again):
            why = REFUSED_WORDS.get(reason, UNKNOWN)
            return f"The server gives no link: {why}" + ("; asking again" if again else "")
        case events.Unlinked(reason):
            return f"The link is closed: {CLOSE_WORDS.get(reason, UNKNOWN)}"
        case events.Corrected(yards, _):
            return f"The server has set us back by {yards:.1f} yards"
    return ""


def summary(game: Game) -> str:
    """Where one is, who is there, and how the link does."""
    here = game.place()
    near = sorted(
        ((dist(seen.place[:3], here[:3]), seen.other) for seen in game.picture()), key=lambda it: it[0]
    )
    shown = [f"{other.name or KINDS.get(other.kind, '?')} {yards:.0f} yd" for yards, other in near[:NAMED]]
    more = f" and {len(near) - NAMED} more" if len(near) > NAMED else ""
    line = f"at {here.x:.1f} {here.y:.1f}; sees {', '.join(shown) or 'nobody'}{more}"
    link = game.statistics()
    if link is None:
        return f"{line}; no link"
    rtt = "?" if link.rtt_us is None else f"{link.rtt_us / 1000:.1f}"
    jitter = "?" if link.jitter_us is None else f"{link.jitter_us / 1000:.1f}"
    behind = game.player.others.timeline.delay_ms
    way = ", through TCP" if game.player.link.tunnelled else ""
    loss = link.loss_ppm / 10_000
    return f"{line}; RTT {rtt} ms ± {jitter}, loss {loss:.1f} %{way}, drawn {behind:.0f} ms behind"
