-- Creatures: kinds, looks, spawns, ways.

CREATE TABLE IF NOT EXISTS `creature` (
  `guid` int unsigned PRIMARY KEY AUTO_INCREMENT,
  `id` int unsigned NOT NULL DEFAULT 0,
  `map` smallint unsigned NOT NULL DEFAULT 0,
  `zoneId` smallint unsigned NOT NULL DEFAULT 0,
  `areaId` smallint unsigned NOT NULL DEFAULT 0,
  `spawnMask` tinyint unsigned NOT NULL DEFAULT 1,
  `phaseMask` int unsigned NOT NULL DEFAULT 1,
  `equipment_id` tinyint NOT NULL DEFAULT 0,
  `position_x` float NOT NULL DEFAULT 0,
  `position_y` float NOT NULL DEFAULT 0,
  `position_z` float NOT NULL DEFAULT 0,
  `orientation` float NOT NULL DEFAULT 0,
  `spawntimesecs` int unsigned NOT NULL DEFAULT 120,
  `wander_distance` float NOT NULL DEFAULT 0,
  `currentwaypoint` int unsigned NOT NULL DEFAULT 0,
  `curhealth` int unsigned NOT NULL DEFAULT 1,
  `curmana` int unsigned NOT NULL DEFAULT 0,
  `MovementType` tinyint unsigned NOT NULL DEFAULT 0,
  `npcflag` int unsigned NOT NULL DEFAULT 0,
  `unit_flags` int unsigned NOT NULL DEFAULT 0,
  `dynamicflags` int unsigned NOT NULL DEFAULT 0,
  `ScriptName` char(64) NOT NULL DEFAULT '',
  `VerifiedBuild` int NULL DEFAULT NULL,
  `CreateObject` tinyint unsigned NOT NULL DEFAULT 0,
  `Comment` text NULL DEFAULT NULL,
  KEY `idx_map` (`map`),
  KEY `idx_id` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_addon` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `path_id` int unsigned NOT NULL DEFAULT 0,
  `mount` int unsigned NOT NULL DEFAULT 0,
  `bytes1` int unsigned NOT NULL DEFAULT 0,
  `bytes2` int unsigned NOT NULL DEFAULT 0,
  `emote` int unsigned NOT NULL DEFAULT 0,
  `visibilityDistanceType` tinyint unsigned NOT NULL DEFAULT 0,
  `auras` mediumtext NULL DEFAULT NULL,
  PRIMARY KEY (`guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_template` (
  `entry` int unsigned NOT NULL DEFAULT 0,
  `difficulty_entry_1` int unsigned NOT NULL DEFAULT 0,
  `difficulty_entry_2` int unsigned NOT NULL DEFAULT 0,
  `difficulty_entry_3` int unsigned NOT NULL DEFAULT 0,
  `KillCredit1` int unsigned NOT NULL DEFAULT 0,
  `KillCredit2` int unsigned NOT NULL DEFAULT 0,
  `name` char(100) NOT NULL DEFAULT '0',
  `subname` char(100) NULL DEFAULT NULL,
  `IconName` char(100) NULL DEFAULT NULL,
  `gossip_menu_id` int unsigned NOT NULL DEFAULT 0,
  `minlevel` tinyint unsigned NOT NULL DEFAULT 1,
  `maxlevel` tinyint unsigned NOT NULL DEFAULT 1,
  `exp` smallint NOT NULL DEFAULT 0,
  `faction` smallint unsigned NOT NULL DEFAULT 0,
  `npcflag` int unsigned NOT NULL DEFAULT 0,
  `speed_walk` float NOT NULL DEFAULT 1,
  `speed_run` float NOT NULL DEFAULT 1.14286,
  `speed_swim` float NOT NULL DEFAULT 1,
  `speed_flight` float NOT NULL DEFAULT 1,
  `detection_range` float NOT NULL DEFAULT 20,
  `rank` tinyint unsigned NOT NULL DEFAULT 0,
  `dmgschool` tinyint NOT NULL DEFAULT 0,
  `DamageModifier` float NOT NULL DEFAULT 1,
  `BaseAttackTime` int unsigned NOT NULL DEFAULT 0,
  `RangeAttackTime` int unsigned NOT NULL DEFAULT 0,
  `BaseVariance` float NOT NULL DEFAULT 1,
  `RangeVariance` float NOT NULL DEFAULT 1,
  `unit_class` tinyint unsigned NOT NULL DEFAULT 0,
  `unit_flags` int unsigned NOT NULL DEFAULT 0,
  `unit_flags2` int unsigned NOT NULL DEFAULT 0,
  `dynamicflags` int unsigned NOT NULL DEFAULT 0,
  `family` tinyint NOT NULL DEFAULT 0,
  `type` tinyint unsigned NOT NULL DEFAULT 0,
  `type_flags` int unsigned NOT NULL DEFAULT 0,
  `lootid` int unsigned NOT NULL DEFAULT 0,
  `pickpocketloot` int unsigned NOT NULL DEFAULT 0,
  `skinloot` int unsigned NOT NULL DEFAULT 0,
  `PetSpellDataId` int unsigned NOT NULL DEFAULT 0,
  `VehicleId` int unsigned NOT NULL DEFAULT 0,
  `mingold` int unsigned NOT NULL DEFAULT 0,
  `maxgold` int unsigned NOT NULL DEFAULT 0,
  `AIName` char(64) NOT NULL DEFAULT '',
  `MovementType` tinyint unsigned NOT NULL DEFAULT 0,
  `HoverHeight` float NOT NULL DEFAULT 1,
  `HealthModifier` float NOT NULL DEFAULT 1,
  `ManaModifier` float NOT NULL DEFAULT 1,
  `ArmorModifier` float NOT NULL DEFAULT 1,
  `ExperienceModifier` float NOT NULL DEFAULT 1,
  `RacialLeader` tinyint unsigned NOT NULL DEFAULT 0,
  `movementId` int unsigned NOT NULL DEFAULT 0,
  `RegenHealth` tinyint unsigned NOT NULL DEFAULT 1,
  `CreatureImmunitiesId` int NOT NULL DEFAULT 0,
  `flags_extra` int unsigned NOT NULL DEFAULT 0,
  `ScriptName` char(64) NOT NULL DEFAULT '',
  `VerifiedBuild` int NULL DEFAULT NULL,
  PRIMARY KEY (`entry`),
  KEY `idx_name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_template_addon` (
  `entry` int unsigned NOT NULL DEFAULT 0,
  `path_id` int unsigned NOT NULL DEFAULT 0,
  `mount` int unsigned NOT NULL DEFAULT 0,
  `bytes1` int unsigned NOT NULL DEFAULT 0,
  `bytes2` int unsigned NOT NULL DEFAULT 0,
  `emote` int unsigned NOT NULL DEFAULT 0,
  `visibilityDistanceType` tinyint unsigned NOT NULL DEFAULT 0,
  `auras` mediumtext NULL DEFAULT NULL,
  PRIMARY KEY (`entry`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_template_model` (
  `CreatureID` int unsigned NOT NULL,
  `Idx` smallint unsigned NOT NULL DEFAULT 0,
  `CreatureDisplayID` int unsigned NOT NULL,
  `DisplayScale` float NOT NULL DEFAULT 1,
  `Probability` float NOT NULL DEFAULT 0,
  `VerifiedBuild` int NULL DEFAULT NULL,
  PRIMARY KEY (`CreatureID`,`Idx`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_template_movement` (
  `CreatureId` int unsigned NOT NULL DEFAULT 0,
  `Ground` tinyint unsigned NULL DEFAULT NULL,
  `Swim` tinyint unsigned NULL DEFAULT NULL,
  `Flight` tinyint unsigned NULL DEFAULT NULL,
  `Rooted` tinyint unsigned NULL DEFAULT NULL,
  `Chase` tinyint unsigned NULL DEFAULT NULL,
  `Random` tinyint unsigned NULL DEFAULT NULL,
  `InteractionPauseTimer` int unsigned NULL DEFAULT NULL,
  PRIMARY KEY (`CreatureId`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_template_resistance` (
  `CreatureID` int unsigned NOT NULL,
  `School` tinyint unsigned NOT NULL,
  `Resistance` smallint NULL DEFAULT NULL,
  `VerifiedBuild` int NULL DEFAULT NULL,
  PRIMARY KEY (`CreatureID`,`School`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_template_spell` (
  `CreatureID` int unsigned NOT NULL,
  `Index` tinyint unsigned NOT NULL DEFAULT 0,
  `Spell` int unsigned NULL DEFAULT NULL,
  `VerifiedBuild` int NULL DEFAULT NULL,
  PRIMARY KEY (`CreatureID`,`Index`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_model_info` (
  `DisplayID` int unsigned NOT NULL DEFAULT 0,
  `BoundingRadius` float NOT NULL DEFAULT 0,
  `CombatReach` float NOT NULL DEFAULT 0,
  `Gender` tinyint unsigned NOT NULL DEFAULT 2,
  `DisplayID_Other_Gender` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`DisplayID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_equip_template` (
  `CreatureID` int unsigned NOT NULL DEFAULT 0,
  `ID` tinyint unsigned NOT NULL DEFAULT 1,
  `ItemID1` int unsigned NOT NULL DEFAULT 0,
  `ItemID2` int unsigned NOT NULL DEFAULT 0,
  `ItemID3` int unsigned NOT NULL DEFAULT 0,
  `VerifiedBuild` int NULL DEFAULT NULL,
  PRIMARY KEY (`CreatureID`,`ID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_classlevelstats` (
  `level` tinyint unsigned NOT NULL,
  `class` tinyint unsigned NOT NULL,
  `basehp0` int unsigned NOT NULL DEFAULT 1,
  `basehp1` int unsigned NOT NULL DEFAULT 1,
  `basehp2` int unsigned NOT NULL DEFAULT 1,
  `basemana` int unsigned NOT NULL DEFAULT 1,
  `basearmor` int unsigned NOT NULL DEFAULT 1,
  `attackpower` smallint unsigned NOT NULL DEFAULT 0,
  `rangedattackpower` smallint unsigned NOT NULL DEFAULT 0,
  `damage_base` float NOT NULL DEFAULT 0,
  `damage_exp1` float NOT NULL DEFAULT 0,
  `damage_exp2` float NOT NULL DEFAULT 0,
  `comment` mediumtext NULL DEFAULT NULL,
  PRIMARY KEY (`level`,`class`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_formations` (
  `leaderGUID` int unsigned NOT NULL DEFAULT 0,
  `memberGUID` int unsigned NOT NULL DEFAULT 0,
  `dist` float unsigned NOT NULL,
  `angle` float unsigned NOT NULL,
  `groupAI` int unsigned NOT NULL,
  `point_1` smallint unsigned NOT NULL DEFAULT 0,
  `point_2` smallint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`memberGUID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_immunities` (
  `ID` int NOT NULL,
  `SchoolMask` int NOT NULL DEFAULT 0,
  `DispelTypeMask` int NOT NULL DEFAULT 0,
  `MechanicsMask` bigint NOT NULL DEFAULT 0,
  `Effects` text NULL DEFAULT NULL,
  `Auras` text NULL DEFAULT NULL,
  `ImmuneAoE` tinyint unsigned NOT NULL DEFAULT 0,
  `ImmuneChain` tinyint unsigned NOT NULL DEFAULT 0,
  `Comment` varchar(255) NULL DEFAULT NULL,
  PRIMARY KEY (`ID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_text` (
  `CreatureID` int unsigned NOT NULL DEFAULT 0,
  `GroupID` tinyint unsigned NOT NULL DEFAULT 0,
  `ID` tinyint unsigned NOT NULL DEFAULT 0,
  `Text` longtext NULL DEFAULT NULL,
  `Type` tinyint unsigned NOT NULL DEFAULT 0,
  `Language` tinyint NOT NULL DEFAULT 0,
  `Probability` float unsigned NOT NULL DEFAULT 0,
  `Emote` int unsigned NOT NULL DEFAULT 0,
  `Duration` int unsigned NOT NULL DEFAULT 0,
  `Sound` int unsigned NOT NULL DEFAULT 0,
  `BroadcastTextId` int NOT NULL DEFAULT 0,
  `TextRange` tinyint unsigned NOT NULL DEFAULT 0,
  `comment` varchar(255) NULL DEFAULT NULL,
  PRIMARY KEY (`CreatureID`,`GroupID`,`ID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_onkill_reputation` (
  `creature_id` int unsigned NOT NULL DEFAULT 0,
  `RewOnKillRepFaction1` smallint NOT NULL DEFAULT 0,
  `RewOnKillRepFaction2` smallint NOT NULL DEFAULT 0,
  `MaxStanding1` tinyint NOT NULL DEFAULT 0,
  `IsTeamAward1` tinyint NOT NULL DEFAULT 0,
  `RewOnKillRepValue1` int NOT NULL DEFAULT 0,
  `MaxStanding2` tinyint NOT NULL DEFAULT 0,
  `IsTeamAward2` tinyint NOT NULL DEFAULT 0,
  `RewOnKillRepValue2` int NOT NULL DEFAULT 0,
  `TeamDependent` tinyint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`creature_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_questitem` (
  `CreatureEntry` int unsigned NOT NULL DEFAULT 0,
  `Idx` int unsigned NOT NULL DEFAULT 0,
  `ItemId` int unsigned NOT NULL DEFAULT 0,
  `VerifiedBuild` int NOT NULL DEFAULT 0,
  PRIMARY KEY (`CreatureEntry`,`Idx`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_queststarter` (
  `id` int unsigned NOT NULL DEFAULT 0,
  `quest` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`,`quest`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_questender` (
  `id` int unsigned NOT NULL DEFAULT 0,
  `quest` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`,`quest`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `waypoint_data` (
  `id` int unsigned NOT NULL DEFAULT 0,
  `point` int unsigned NOT NULL DEFAULT 0,
  `position_x` float NOT NULL DEFAULT 0,
  `position_y` float NOT NULL DEFAULT 0,
  `position_z` float NOT NULL DEFAULT 0,
  `orientation` float NULL DEFAULT NULL,
  `delay` int unsigned NOT NULL DEFAULT 0,
  `move_type` int NOT NULL DEFAULT 0,
  `action` int NOT NULL DEFAULT 0,
  `action_chance` smallint NOT NULL DEFAULT 100,
  `wpguid` int NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`,`point`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `waypoint_scripts` (
  `id` int unsigned NOT NULL DEFAULT 0,
  `delay` int unsigned NOT NULL DEFAULT 0,
  `command` int unsigned NOT NULL DEFAULT 0,
  `datalong` int unsigned NOT NULL DEFAULT 0,
  `datalong2` int unsigned NOT NULL DEFAULT 0,
  `dataint` int unsigned NOT NULL DEFAULT 0,
  `x` float NOT NULL DEFAULT 0,
  `y` float NOT NULL DEFAULT 0,
  `z` float NOT NULL DEFAULT 0,
  `o` float NOT NULL DEFAULT 0,
  `guid` int NOT NULL DEFAULT 0,
  `Comment` varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (`guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `waypoints` (
  `entry` int unsigned NOT NULL DEFAULT 0,
  `pointid` int unsigned NOT NULL DEFAULT 0,
  `position_x` float NOT NULL DEFAULT 0,
  `position_y` float NOT NULL DEFAULT 0,
  `position_z` float NOT NULL DEFAULT 0,
  `orientation` float NULL DEFAULT NULL,
  `delay` int unsigned NOT NULL DEFAULT 0,
  `point_comment` mediumtext NULL DEFAULT NULL,
  PRIMARY KEY (`entry`,`pointid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `smart_scripts` (
  `entryorguid` int NOT NULL,
  `source_type` tinyint unsigned NOT NULL DEFAULT 0,
  `id` smallint unsigned NOT NULL DEFAULT 0,
  `link` smallint unsigned NOT NULL DEFAULT 0,
  `event_type` tinyint unsigned NOT NULL DEFAULT 0,
  `event_phase_mask` smallint unsigned NOT NULL DEFAULT 0,
  `event_chance` tinyint unsigned NOT NULL DEFAULT 100,
  `event_flags` smallint unsigned NOT NULL DEFAULT 0,
  `event_param1` int unsigned NOT NULL DEFAULT 0,
  `event_param2` int unsigned NOT NULL DEFAULT 0,
  `event_param3` int unsigned NOT NULL DEFAULT 0,
  `event_param4` int unsigned NOT NULL DEFAULT 0,
  `event_param5` int unsigned NOT NULL DEFAULT 0,
  `event_param6` int unsigned NOT NULL DEFAULT 0,
  `action_type` tinyint unsigned NOT NULL DEFAULT 0,
  `action_param1` int unsigned NOT NULL DEFAULT 0,
  `action_param2` int unsigned NOT NULL DEFAULT 0,
  `action_param3` int unsigned NOT NULL DEFAULT 0,
  `action_param4` int unsigned NOT NULL DEFAULT 0,
  `action_param5` int unsigned NOT NULL DEFAULT 0,
  `action_param6` int unsigned NOT NULL DEFAULT 0,
  `target_type` tinyint unsigned NOT NULL DEFAULT 0,
  `target_param1` int unsigned NOT NULL DEFAULT 0,
  `target_param2` int unsigned NOT NULL DEFAULT 0,
  `target_param3` int unsigned NOT NULL DEFAULT 0,
  `target_param4` int unsigned NOT NULL DEFAULT 0,
  `target_x` float NOT NULL DEFAULT 0,
  `target_y` float NOT NULL DEFAULT 0,
  `target_z` float NOT NULL DEFAULT 0,
  `target_o` float NOT NULL DEFAULT 0,
  `comment` text NOT NULL,
  PRIMARY KEY (`entryorguid`,`source_type`,`id`,`link`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `npc_spellclick_spells` (
  `npc_entry` int unsigned NOT NULL,
  `spell_id` int unsigned NOT NULL,
  `cast_flags` tinyint unsigned NOT NULL,
  `user_type` smallint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`npc_entry`,`spell_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `vehicle_template_accessory` (
  `entry` int unsigned NOT NULL DEFAULT 0,
  `accessory_entry` int unsigned NOT NULL DEFAULT 0,
  `seat_id` tinyint NOT NULL DEFAULT 0,
  `minion` tinyint unsigned NOT NULL DEFAULT 0,
  `description` text NOT NULL,
  `summontype` tinyint unsigned NOT NULL DEFAULT 6,
  `summontimer` int unsigned NOT NULL DEFAULT 30000,
  PRIMARY KEY (`entry`,`seat_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
