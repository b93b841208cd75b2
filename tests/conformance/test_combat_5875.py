"""A blow as client 1.12.1 is told of it, against wow_world_messages.vanilla; auras it is spared."""

from wow_world_messages import vanilla as w

from opcodes import combat
from tests.conformance.on_5875 import CREATURE, PLAYER, one, sent


def blow(**kwargs):
    damage = combat.DamageInfo(spell_school_mask=1, damage_float=30.5, damage_uint=30)
    return combat.SMSG_ATTACKERSTATEUPDATE(
        **{"attacker": PLAYER, "target": CREATURE, "total_damage": 30, "damage_infos": [damage]} | kwargs
    )


def test_blow():
    """What was absorbed and resisted stands with the damage; what was blocked is always there."""
    got = one(
        blow(
            hit_info=combat.HITINFO_FULL_ABSORB, absorb=6, victim_state=combat.VICTIMSTATE_PARRY, unknown2=78
        )
    )
    assert (got.hit_info, got.attacker, got.target) == (w.HitInfo.ABSORB, PLAYER, CREATURE)
    assert (got.total_damage, got.damage_state, got.spell_id, got.blocked_amount) == (30, 3, 78, 0)
    (damage,) = got.damages
    assert (damage.damage_float, damage.damage_uint, damage.absorb, damage.resist) == (30.5, 30, 6, 0)
    assert one(blow(hit_info=combat.HITINFO_BLOCK, victim_state=1, blocked_amount=9)).blocked_amount == 9


def test_flags():
    """Each has 1.12.1's number; of those that it lacks it hears nothing."""
    for ours, theirs in {
        combat.HITINFO_MISS: w.HitInfo.MISS,
        combat.HITINFO_PARTIAL_ABSORB: w.HitInfo.ABSORB,
        combat.HITINFO_PARTIAL_RESIST: w.HitInfo.RESIST,
        combat.HITINFO_CRITICALHIT: w.HitInfo.CRITICAL_HIT,
        combat.HITINFO_GLANCING: w.HitInfo.GLANCING,
        combat.HITINFO_CRUSHING: w.HitInfo.CRUSHING,
        combat.HITINFO_NO_ANIMATION: w.HitInfo.NO_ACTION,
        combat.HITINFO_RAGE_GAIN: w.HitInfo.NORMAL_SWING,
    }.items():
        assert one(blow(hit_info=ours, victim_state=1)).hit_info == theirs


def test_aura():
    """1.12.1 learns of auras by update fields."""
    update = combat.AuraUpdate(visual_slot=0, spell=0)
    assert sent(combat.SMSG_AURA_UPDATE(unit=PLAYER, aura_update=update)) == []
