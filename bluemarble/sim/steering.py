"""Who plays over a datagram link: steered, watched and told in the zone's field."""

from typing import TYPE_CHECKING

from bluemarble.native.field import Field
from bluemarble.sim import appearance, motion, shown
from bluemarble.sim.blocks import leave_block
from bluemarble.sim.effects import Unwatch, Watch
from bluemarble.sim.entity import RUN, SWIM, WALK, Creature, Entity, Player
from bluemarble.sim.fields import EMOTE_STATE
from bluemarble.sim.rules import TICK_MS
from bluemarble.sim.strain import sight_level
from opcodes.links import NMSG_MOVES, NMSG_STRAIN
from opcodes.objects import SMSG_UPDATE_OBJECT

if TYPE_CHECKING:
    from bluemarble.sim.zone import Zone

LATE_MS_MOST, SPARE_MM_MOST = 10_000, 200_000_000  # what a Field takes

# What Field.moves answers, in its order; inputs that were taken, or came twice, are nothing to count.
REFUSED = ("", "", "", "", "move_too_many", "move_off_map", "move_rooted", "move_too_fast")


class Steering:
    """
    A zone's field, and the players in it who have eyes of their own there.

    The field holds everything that can be seen, in the zone's slots, while there are such players; when the
    last one has gone it is dropped.  Those on TCP are told as ever: the field moves the steered ones in the
    interest grid, too.

    @ivar field: None while nobody is steered.
    @ivar eyes: slot to the number of its eye, of those who are.
    @ivar held: the slots that are in the field.
    """

    def __init__(self, zone: "Zone") -> None:
        self.zone = zone
        self.field: Field | None = None
        self.eyes: dict[int, int] = {}
        self.held: set[int] = set()

    # Players

    def begin(self, player: Player) -> None:
        """From now on its link steers it and tells it what is around; TCP tells it of itself alone."""
        zone = self.zone
        if player.looking:
            self._blind(player)
        zone.sight.put(player)
        field = self._made()
        speeds = player.speeds
        spare = (min(mm, SPARE_MM_MOST) for mm in (player.reach_mm, player.climb_mm, player.fall_mm))
        field.allow(player.slot, (*spare, player.reach_ms))
        field.bind(player.cid, player.slot, zone.real_ms)
        field.speeds(player.slot, speeds[RUN], speeds[WALK], speeds[SWIM], fly=0.0)
        field.root(player.slot, player.rooted)
        eye = self.eyes[player.slot] = field.watch(player.slot)
        player.field = field
        zone.grids.moved(player)
        zone.emit(Watch(zone.map, eye, player.cid))

    def end(self, player: Player) -> None:
        """The link is no more, or no more the player's: it stands where it is, and sees nothing yet."""
        zone, field = self.zone, player.field
        if field is None:
            player.cid = 0
            return
        place = player.place()
        flags = 0 if player.movement is None else player.movement.flags
        zone.emit(Unwatch(zone.map, self.eyes.pop(player.slot), player.cid))
        field.unwatch(player.slot)
        field.unbind(player.cid)
        player.reach_mm, player.climb_mm, player.fall_mm, player.reach_ms = field.allowance(player.slot)
        player.field, player.cid = None, 0
        player.stand(place)
        player.movement, player.moved_ms = None, zone.now_ms
        zone.sight.put(player)
        zone.grids.moved(player)
        if flags & shown.GOING and (said := shown.movement(player.guid, place, flags, 0, zone.now_ms)):
            zone.send_nearby(player, said)
        if not self.eyes:
            self.field = None
            self.held.clear()

    def _blind(self, player: Player) -> None:
        """What its client knows from TCP is gone there; the link tells it anew."""
        zone = self.zone
        guids = []
        for slot in zone.sight.interest.seen(player.slot):
            if (entity := zone.entities.get(slot)) is not None:
                guids.append(entity.guid)
            elif slot in zone.sight.gone:
                guids.append(zone.sight.gone[slot])
        zone.sight.unwatch(player)
        if guids:
            zone.send(player, SMSG_UPDATE_OBJECT(blocks=[leave_block(guids)]))

    def _made(self) -> Field:
        """The field, with all that can be seen in it."""
        if self.field is not None:
            return self.field
        zone, rules = self.zone, self.zone.rules
        field = self.field = Field(
            zone.chance.u32(),
            rules.udp_sight_yards,
            reach_yards=zone.grids.udp_reach_yards,
            slack=rules.move_slack,
            burst_yards=rules.move_burst_yards,
            late_ms=min(rules.move_late_ms_limit, LATE_MS_MOST),
        )
        field.radius(sight_level(zone.strain))
        for _, entity in sorted(zone.entities.items()):
            if not isinstance(entity, Player) or entity.created:
                self.put(entity)
            if isinstance(entity, Creature):
                motion.seen(zone, entity)
                self.walk(entity)
        return field

    # Everything that stands in the zone

    def put(self, entity: Entity) -> None:
        """Something came, or was moved by a packet or by us; who is steered moves itself."""
        field = self.field
        if field is None or (isinstance(entity, Player) and entity.field is not None):
            return
        flags, speed = 0, 0.0
        if isinstance(entity, Player) and entity.movement is not None:
            flags = entity.movement.flags & shown.SHOWN
            speed = shown.speed(flags, entity.speeds)
        x, y, z, facing = entity.place()
        field.put(entity.slot, appearance.kind(entity), x, y, z, facing, speed, flags)
        if entity.slot not in self.held:
            self.held.add(entity.slot)
            self._look(field, entity)
            self._life(field, entity)

    def walk(self, creature: Creature) -> None:
        """A creature has set out: the field takes it along its way."""
        if self.field is not None and creature.leg is not None:
            leg = creature.leg
            self.field.walk(creature.slot, leg.from_, leg.to, leg.since_ms, leg.until_ms)

    def drop(self, entity: Entity) -> None:
        """Something is gone from the zone; a player's link has ended before."""
        if entity.slot in self.held and self.field is not None:
            self.held.remove(entity.slot)
            self.field.drop(entity.slot)

    def _changed(self, field: Field, entity: Entity, fields: set[int]) -> None:
        """Update fields have: what links carry of them is told again."""
        if entity.slot in self.held:
            if not fields.isdisjoint(appearance.LOOKS):
                self._look(field, entity)
            if not fields.isdisjoint(appearance.LIVES):
                self._life(field, entity)

    def _look(self, field: Field, entity: Entity) -> None:
        field.look(entity.slot, entity.guid, appearance.look(self.zone.content, entity))

    def _life(self, field: Field, entity: Entity) -> None:
        if (life := appearance.life(entity)) is not None:
            field.component(entity.slot, appearance.LIFE, life)

    # Time

    def step(self) -> None:
        """A tick of the field, after all that moved in it; what TCP and the grids have of that."""
        field, zone = self.field, self.zone
        if field is None:
            return
        for entity in zone.sight.dirty:
            if entity.changed:
                self._changed(field, entity, entity.changed)
        field.step(zone.now_ms // TICK_MS, zone.now_ms, zone.threads)
        field.follow(zone.sight.interest)
        entities = zone.entities
        for slot in field.crossed():
            if isinstance(player := entities.get(slot), Player):
                zone.grids.moved(player)
        for slot in field.shown():
            if isinstance(player := entities.get(slot), Player):
                self._show(player, field)

    def _show(self, player: Player, field: Field) -> None:
        """Those on TCP who see the player see it move."""
        zone = self.zone
        if player.fields.get(EMOTE_STATE):
            zone.change(player, EMOTE_STATE, 0)
        if not zone.sight.watchers(player):
            return
        before = 0 if player.movement is None else player.movement.flags
        flags = field.read(player.slot).flags
        said = shown.movement(player.guid, player.place(), before, flags, zone.now_ms)
        if said is not None:
            player.movement = said
            zone.send_nearby(player, said)

    def restore(self, saved: bytes) -> None:
        """What a snapshot says, after everything else of the zone is back."""
        if not saved:
            return
        zone = self.zone
        self.field = field = Field.load(saved)
        self.held = {s for s, it in zone.entities.items() if not isinstance(it, Player) or it.created}
        for slot in sorted(self.held):
            player = zone.entities[slot]
            if isinstance(player, Player) and player.cid and (eye := field.read(slot).eye) >= 0:
                player.field, self.eyes[slot] = field, eye


def moves(zone: "Zone", session: int, message: NMSG_MOVES) -> None:
    """Inputs of everyone's links: those whose links are bound here are moved, if they could be there."""
    if (field := zone.steering.field) is not None:
        for what, times in zip(REFUSED, field.moves(message.moves, zone.real_ms), strict=True):
            if what and times:
                zone.count(what, times)


def strain(zone: "Zone", session: int, message: NMSG_STRAIN) -> None:
    """How much is left undone from now on; how far one sees is part of it."""
    zone.strain = message.level
    if (field := zone.steering.field) is not None:
        field.radius(sight_level(message.level))
