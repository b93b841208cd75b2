"""
Fighting: what a blow did, and what lies on a unit.

Source: wow_world_messages, but where noted: facts/wire_335.md section 4 for SMSG_AURA_UPDATE.
"""

from opcodes.vocab import Packet, Record, f32, listed, packed_guid, this, u8, u32, when

HITINFO_UNK1, HITINFO_AFFECTS_VICTIM, HITINFO_OFFHAND, HITINFO_MISS = 0x01, 0x02, 0x04, 0x10
HITINFO_FULL_ABSORB, HITINFO_PARTIAL_ABSORB = 0x20, 0x40
HITINFO_FULL_RESIST, HITINFO_PARTIAL_RESIST = 0x80, 0x100
HITINFO_CRITICALHIT, HITINFO_BLOCK = 0x200, 0x2000
HITINFO_GLANCING, HITINFO_CRUSHING, HITINFO_NO_ANIMATION = 0x1_0000, 0x2_0000, 0x4_0000
HITINFO_RAGE_GAIN = 0x80_0000

VICTIMSTATE_INTACT, VICTIMSTATE_HIT, VICTIMSTATE_DODGE, VICTIMSTATE_PARRY = range(4)

AURA_FLAG_CASTER = 0x08  # the unit cast it on itself: its guid is not said again
AURA_FLAG_CANCELLABLE, AURA_FLAG_DURATION, AURA_FLAG_NEGATIVE = 0x10, 0x20, 0x80


class DamageInfo(Record):
    """Damage of one school; `damage_float` is what the client rounds, `damage_uint` what was taken."""

    spell_school_mask: u32
    damage_float: f32
    damage_uint: u32


class HitRolls(Record):
    """What the dice said, for testers of the game."""

    unknown4: u32 = 0
    unknown5: f32 = 0.0
    unknown6: f32 = 0.0
    unknown7: f32 = 0.0
    unknown8: f32 = 0.0
    unknown9: f32 = 0.0
    unknown10: f32 = 0.0
    unknown11: f32 = 0.0
    unknown12: f32 = 0.0
    unknown13: f32 = 0.0
    unknown14: f32 = 0.0
    unknown15: u32 = 0


class SMSG_ATTACKERSTATEUPDATE(Packet):
    """
    A blow: who struck whom, and what became of it.  The last one comes before the health of 0.

    A blow has one school here; with two there would be two of `absorb` and of `resist`.
    Source: azerothcore/azerothcore-wotlk Unit.cpp (SendAttackStateUpdate) for the flags of `absorb`, `resist`
    and `unknown3`.
    """

    hit_info: u32
    attacker: packed_guid
    target: packed_guid
    total_damage: u32
    overkill: u32 = 0
    damage_infos: list[DamageInfo] = listed(count=u8, limit=1)
    absorb: u32 | None = when(this.hit_info & (HITINFO_FULL_ABSORB | HITINFO_PARTIAL_ABSORB))
    resist: u32 | None = when(this.hit_info & (HITINFO_FULL_RESIST | HITINFO_PARTIAL_RESIST))
    victim_state: u8
    unknown1: u32 = 0
    unknown2: u32 = 0
    blocked_amount: u32 | None = when(this.hit_info & HITINFO_BLOCK)
    unknown3: u32 | None = when(this.hit_info & HITINFO_RAGE_GAIN)
    rolls: HitRolls | None = when(this.hit_info & HITINFO_UNK1)


class AuraUpdate(Record):
    """
    What lies in one slot; with spell 0 nothing does, and nothing follows.

    `duration` and `time_left` are milliseconds.
    """

    visual_slot: u8
    spell: u32
    flags: u8 | None = when(this.spell)
    level: u8 | None = when(this.spell)
    aura_stack_count: u8 | None = when(this.spell)
    caster: packed_guid | None = when(this.spell, (this.flags & AURA_FLAG_CASTER) == 0)
    duration: u32 | None = when(this.spell, this.flags & AURA_FLAG_DURATION)
    time_left: u32 | None = when(this.spell, this.flags & AURA_FLAG_DURATION)


class SMSG_AURA_UPDATE(Packet):
    """
    One slot of a unit's auras has changed.

    Source: facts/wire_335.md section 4: the caster's guid is there if flag 0x08 is clear.
    """

    unit: packed_guid
    aura_update: AuraUpdate
