"""A world's state thing by thing, in fields: {"map 0/player 5": {...}, "society/member 5": {...}}."""

from collections.abc import Iterator

from bluemarble.native.field import Field
from bluemarble.tools.replay.fields import Plain, plain
from bluemarble.wire.codec import codec
from opcodes.cluster import NMSG_WORLD, NMSG_ZONE
from opcodes.vocab import Record

STEERED = ("x", "y", "z", "facing", "flags", "speed", "epoch", "input", "kind", "eye", "cid")
LISTS = ("players", "grids", "creatures", "timers", "field")


class States:
    """One world's, tick after tick: what is as it was is not told anew, and is the same object."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[bytes, Plain]] = {}

    def of(self, world: NMSG_WORLD) -> dict[str, Plain]:
        """
        A snapshot in fields.

        @param world: it may share the world's records: this has copied them when it returns.
        """
        self._known = {key: self._told(key, it) for key, it in things(world)}
        found = {key: told for key, (_, told) in self._known.items()}
        found["world/clock"] = {"now_ms": world.now_ms, "strain": world.strain}
        found["society/clock"] = {"now_ms": world.society.now_ms}
        for zone in world.zones:
            found[f"map {zone.map}/clock"] = {n: plain(value) for n, value in zone if n not in LISTS}
            found |= dict(_steered(zone))
        return found

    def _told(self, key: str, record: Record) -> tuple[bytes, Plain]:
        form = codec(type(record))
        raw = form.encode(record)
        known = self._known.get(key)
        return known if known and known[0] == raw else (raw, plain(form.decode(raw)))


def things(world: NMSG_WORLD) -> Iterator[tuple[str, Record]]:
    """Every record of a snapshot that is somebody or something, by its name."""
    for zone in world.zones:
        where = f"map {zone.map}"
        yield from ((f"{where}/player {it.character.guid}", it) for it in zone.players)
        yield from ((f"{where}/grid {it.grid}", it) for it in zone.grids)
        yield from ((f"{where}/creature in slot {it.slot}", it) for it in zone.creatures)
        yield from ((f"{where}/timer {it.order}", it) for it in zone.timers)
    for it in world.travellers:
        yield f"world/traveller {it.travel.player.character.guid}", it
    yield from ((f"society/member {it.guid}", it) for it in world.society.members)
    for channel in world.society.channels:
        yield f"society/channel {channel.name} of team {channel.team}", channel


def _steered(zone: NMSG_ZONE) -> Iterator[tuple[str, Plain]]:
    """The field of links, as bytes, and of whom it steers in fields."""
    if zone.field:
        where = f"map {zone.map}"
        yield f"{where}/field", {"saved": plain(zone.field)}
        field = Field.load(zone.field)
        for player in zone.players:
            if player.cid:
                mover = field.read(player.slot)
                told = {name: plain(getattr(mover, name)) for name in STEERED}
                yield f"{where}/mover {player.character.guid}", told
