"""How fast a member may ask for things: so many at once, then one each so often."""

from bluemarble.sim.rules import Rules

SPEAK, ORDER, WHO, LOOK_UP = range(4)  # kinds of requests, each with its own pace
KINDS = 4


def limits(rules: Rules) -> tuple[tuple[int, int], ...]:
    """Of each kind, how many at once and then one each so many ms."""
    return rules.speak_pace, rules.order_pace, rules.who_pace, rules.look_up_pace


def take(paces: list[int], kind: int, now_ms: int, burst: int, every_ms: int) -> bool:
    """
    Whether one more is within the rate; if so it counts.

    @param paces: per kind, until when what was taken lasts; the only state.
    """
    until_ms = max(paces[kind], now_ms)
    if until_ms - now_ms > (burst - 1) * every_ms:
        return False
    paces[kind] = until_ms + every_ms
    return True
