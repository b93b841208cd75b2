"""Who sees what, and what their clients are told of it at the end of a step."""

from typing import TYPE_CHECKING

from bluemarble.native.interest import Interest
from bluemarble.sim import motion
from bluemarble.sim.blocks import create_block, item_blocks, leave_block, values_block
from bluemarble.sim.entity import Creature, Entity, Player
from opcodes.objects import SMSG_DESTROY_OBJECT, SMSG_UPDATE_OBJECT, UpdateBlock
from opcodes.update_fields import PUBLIC

if TYPE_CHECKING:
    from bluemarble.sim.zone import Zone


class Told:
    """
    What each observer is told in a step: an observer's slot to the numbers of its blocks.

    Blocks are shared, and compared by their numbers: who is told the same gets the same packet.
    """

    __slots__ = ("blocks", "numbers")

    def __init__(self) -> None:
        self.blocks: list[UpdateBlock] = []
        self.numbers: dict[int, list[int]] = {}

    def add(self, block: UpdateBlock) -> int:
        """Number a block."""
        self.blocks.append(block)
        return len(self.blocks) - 1


class Sight:
    """
    The zone's interest grid, and its clients' view of it.

    @ivar dirty: entities with changed fields, in the order of their first change.
    @ivar gone: slot to guid of what left the zone in this step.
    """

    def __init__(self, zone: "Zone") -> None:
        self.zone = zone
        self.interest = Interest(zone.rules.sight_limit)
        self.dirty: list[Entity] = []
        self.gone: dict[int, int] = {}

    def put(self, entity: Entity) -> None:
        """Place an entity, or move it to where it now is."""
        x, y, _, _ = entity.place()
        self.interest.put(entity.slot, x, y)
        self.zone.steering.put(entity)

    def watch(self, player: Player) -> None:
        """Let a player look around: its surroundings come at the end of this step."""
        self.put(player)
        self.interest.watch(player.slot, self.zone.rules.sight_yards, self.zone.rules.sight_leave_yards)
        player.looking = True

    def unwatch(self, player: Player) -> None:
        """Let a player see nothing: its client has gone, or knows nothing yet.  Others still see it."""
        if player.looking:
            self.forget(player)
            self.interest.unwatch(player.slot)
            player.looking = False

    def drop(self, entity: Entity) -> None:
        """Take an entity out of everyone's sight, at the end of this step."""
        self.gone[entity.slot] = entity.guid
        if isinstance(entity, Player):
            if not entity.created:
                return  # nobody has seen it yet
            self.unwatch(entity)
        self.interest.drop(entity.slot)
        self.zone.steering.drop(entity)

    def forget(self, player: Player) -> None:
        """What the player sees asks again who watches it: the player's session, or its sight, changes."""
        for slot in self.interest.seen(player.slot):
            if (target := self.zone.entities.get(slot)) is not None:
                target.watchers = None

    def watchers(self, entity: Entity) -> tuple[int, ...]:
        """The sessions whose clients have this entity before them."""
        if entity.watchers is None:
            players = map(self.zone.entities.__getitem__, self.interest.watchers(entity.slot))
            entity.watchers = tuple(p.session for p in players if isinstance(p, Player))
        return entity.watchers

    def within(self, entity: Entity, radius_yards: float) -> tuple[int, ...]:
        """The sessions of other players at most so far away, in space, nearest first."""
        limit = radius_yards * radius_yards
        at = self.zone.entities
        sessions = []
        for slot in self.interest.near(entity.x, entity.y, radius_yards):
            other = at.get(slot)
            if isinstance(other, Player) and other is not entity and other.wired:
                dx, dy, dz = other.x - entity.x, other.y - entity.y, other.z - entity.z
                if dx * dx + dy * dy + dz * dz <= limit:
                    sessions.append(other.session)
        return tuple(sessions)

    def create_self(self, player: Player) -> None:
        """Send a client its own character and what that carries: the first object it learns of."""
        if player.wired:
            blocks = [*item_blocks(self.zone.content, player), create_block(self.zone, player, own=True)]
            self.zone.send(player, SMSG_UPDATE_OBJECT(blocks=blocks))
        player.changed = None
        self.dirty = [entity for entity in self.dirty if entity is not player]

    def step(self) -> None:
        """Find what came into sight and left it, and tell every client, with what has changed, at once."""
        changes = self.interest.refresh(self.zone.rules.creates_per_tick)
        if not changes.observers and not self.dirty and not self.gone:
            return
        told = Told()
        walking: list[tuple[Player, Creature]] = []
        fresh: set[tuple[int, int]] = set()
        if changes.observers:
            self._changes(changes, told, walking, fresh)
        if self.dirty:
            self._values(told, fresh)
        self._send(told)
        for player, creature in walking:
            motion.show(self.zone, player, creature)
        for slot in sorted(self.gone):
            self.zone.free(slot)
        self.gone.clear()

    def _changes(
        self,
        changes: tuple[list[int], list[int], list[int]],
        told: Told,
        walking: list[tuple[Player, Creature]],
        fresh: set[tuple[int, int]],
    ) -> None:
        entities, now = self.zone.entities, self.zone
        made: dict[int, int] = {}
        numbers = told.numbers
        left: dict[int, list[int]] = {}
        destroyed: dict[int, list[int]] = {}
        for observer, target, entered in zip(*changes, strict=True):
            player = entities[observer]
            assert isinstance(player, Player)
            entity = entities.get(target)
            if entered:
                assert entity is not None
                entity.watchers = None
                if isinstance(entity, Creature):
                    motion.seen(now, entity)
                if (block := made.get(target)) is None:
                    block = made[target] = told.add(create_block(now, entity))
                numbers.setdefault(observer, []).append(block)
                fresh.add((observer, target))
                if isinstance(entity, Creature) and entity.leg is not None:
                    walking.append((player, entity))
            elif target in self.gone:
                destroyed.setdefault(self.gone[target], []).append(player.session)
            else:
                assert entity is not None
                entity.watchers = None
                left.setdefault(observer, []).append(entity.guid)
        for guid, sessions in destroyed.items():
            self.zone.send_to(tuple(sessions), SMSG_DESTROY_OBJECT(guid=guid, target_died=0))
        for observer, guids in left.items():
            numbers.setdefault(observer, []).insert(0, told.add(leave_block(guids)))

    def _values(self, told: Told, fresh: set[tuple[int, int]]) -> None:
        entities, numbers = self.zone.entities, told.numbers
        for entity in self.dirty:
            changed, entity.changed = entity.changed, None
            if changed is None or entities.get(entity.slot) is not entity:
                continue
            if isinstance(entity, Player) and (entity.looking or entity.field is not None):
                numbers.setdefault(entity.slot, []).append(told.add(values_block(entity, changed)))
            if public := changed & PUBLIC:
                block = told.add(values_block(entity, public))
                for observer in self.interest.watchers(entity.slot):
                    if (observer, entity.slot) not in fresh:
                        numbers.setdefault(observer, []).append(block)
        self.dirty = []

    def _send(self, told: Told) -> None:
        """One packet an observer; observers who are told the same things share it."""
        alike: dict[tuple[int, ...], list[int]] = {}
        for observer, numbers in told.numbers.items():
            player = self.zone.entities[observer]
            assert isinstance(player, Player)
            alike.setdefault(tuple(numbers), []).append(player.session)
        for shared, sessions in alike.items():
            blocks = [told.blocks[n] for n in shared]
            self.zone.send_to(tuple(sessions), SMSG_UPDATE_OBJECT(blocks=blocks))
