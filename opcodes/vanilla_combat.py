"""
Fighting as client 1.12.1 (build 5875) is told of it; of auras it learns by update fields.

Source: checked against wow_world_messages.vanilla.
"""

from opcodes import combat
from opcodes.vocab import Record, f32, listed, packed_guid, u8, u32

__all__ = ["LAYOUTS"]

ABSORB, RESIST, CRITICAL_HIT = 0x20, 0x40, 0x80
GLANCING, CRUSHING, NO_ACTION = 0x4000, 0x8000, 0x1_0000
ALIKE = combat.HITINFO_AFFECTS_VICTIM | combat.HITINFO_OFFHAND | combat.HITINFO_MISS
# 3.3.5a's flag to 1.12.1's; back, the first of two.
FLAGS = {
    combat.HITINFO_FULL_ABSORB: ABSORB,
    combat.HITINFO_PARTIAL_ABSORB: ABSORB,
    combat.HITINFO_FULL_RESIST: RESIST,
    combat.HITINFO_PARTIAL_RESIST: RESIST,
    combat.HITINFO_CRITICALHIT: CRITICAL_HIT,
    combat.HITINFO_GLANCING: GLANCING,
    combat.HITINFO_CRUSHING: CRUSHING,
    combat.HITINFO_NO_ANIMATION: NO_ACTION,
}
OURS = {theirs: ours for ours, theirs in reversed(FLAGS.items())}


def _flags(told: int, table: dict[int, int]) -> int:
    return told & ALIKE | sum({to for of, to in table.items() if told & of})


class Damage(Record):
    """Damage of one school, and what was kept off."""

    spell_school_mask: u32
    damage_float: f32
    damage_uint: u32
    absorb: u32
    resist: u32


class AttackerState(Record):
    """SMSG_ATTACKERSTATEUPDATE: a blow; what was blocked is always there."""

    hit_info: u32
    attacker: packed_guid
    target: packed_guid
    total_damage: u32
    damages: list[Damage] = listed(count=u8, limit=1)
    damage_state: u32
    unknown1: u32
    spell_id: u32
    blocked_amount: u32

    @staticmethod
    def outward(packet: combat.SMSG_ATTACKERSTATEUPDATE) -> "AttackerState":
        """In 1.12.1's order."""
        return AttackerState(
            hit_info=_flags(packet.hit_info, FLAGS),
            attacker=packet.attacker,
            target=packet.target,
            total_damage=packet.total_damage,
            damages=[
                Damage(
                    spell_school_mask=damage.spell_school_mask,
                    damage_float=damage.damage_float,
                    damage_uint=damage.damage_uint,
                    absorb=packet.absorb or 0,
                    resist=packet.resist or 0,
                )
                for damage in packet.damage_infos
            ],
            damage_state=packet.victim_state,
            unknown1=packet.unknown1,
            spell_id=packet.unknown2,
            blocked_amount=packet.blocked_amount or 0,
        )

    @staticmethod
    def inward(read: "AttackerState") -> combat.SMSG_ATTACKERSTATEUPDATE:
        """In ours."""
        flags = _flags(read.hit_info, OURS) | combat.HITINFO_BLOCK * (read.blocked_amount > 0)
        kept_off = read.damages[0] if read.damages else None
        return combat.SMSG_ATTACKERSTATEUPDATE(
            hit_info=flags,
            attacker=read.attacker,
            target=read.target,
            total_damage=read.total_damage,
            damage_infos=[
                combat.DamageInfo(
                    spell_school_mask=damage.spell_school_mask,
                    damage_float=damage.damage_float,
                    damage_uint=damage.damage_uint,
                )
                for damage in read.damages
            ],
            absorb=(kept_off.absorb if kept_off else 0) if flags & combat.HITINFO_FULL_ABSORB else None,
            resist=(kept_off.resist if kept_off else 0) if flags & combat.HITINFO_FULL_RESIST else None,
            victim_state=read.damage_state & 0xFF,
            unknown1=read.unknown1,
            unknown2=read.spell_id,
            blocked_amount=read.blocked_amount or None,
        )


LAYOUTS: dict[tuple[type[Record], bool], type[Record]] = {
    (combat.SMSG_ATTACKERSTATEUPDATE, False): AttackerState
}
