"""What the kernel alone takes for the same datagrams: clients/bare.c, in rounds."""

import random
import statistics
from collections.abc import Sequence

from bench.crowd.build import load
from bench.crowd.clients import FIRST_ADDRESS

ROUND = 4_000  # datagrams: a socket's buffer holds as many without privileges, too
ROUNDS = 9


def spread(counts: Sequence[int], many: int = ROUND, seed: int = 1) -> list[int]:
    """So many sizes, shuffled, each as often as in the histogram `counts`; all 1 byte if that is empty."""
    total = sum(counts)
    if not total:
        return [1] * many
    sizes: list[int] = []
    so_far = 0
    for size, count in enumerate(counts):
        so_far += count
        sizes += [size] * (round(so_far * many / total) - len(sizes))
    random.Random(seed).shuffle(sizes)
    return sizes


def cost_ns(
    sent: Sequence[int], received: Sequence[int], players: int, rounds: int = ROUNDS
) -> tuple[float, float]:
    """
    CPU ns of sending one datagram, and of receiving one; medians of rounds that take turns.

    @param sent, received: histograms of sizes as the server sends and receives them.
    @raise OSError: the sockets do not do it.
    """
    lib, ffi = (module := load()).lib, module.ffi
    out, into = spread(sent), spread(received)
    got = ffi.new("uint32_t *")
    send_ns, receive_ns = [], []
    for _ in range(rounds):
        took = lib.bare_send(out, len(out), FIRST_ADDRESS, players)
        took_in = lib.bare_receive(into, len(into), FIRST_ADDRESS, players, got)
        if took < 0 or took_in < 0 or not got[0]:
            raise OSError(-min(took, took_in), "bare datagrams")
        send_ns.append(took / len(out))
        receive_ns.append(took_in / got[0])
    return statistics.median(send_ns), statistics.median(receive_ns)
