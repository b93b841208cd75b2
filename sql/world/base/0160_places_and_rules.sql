-- Places, conditions, texts and what operators edit.

CREATE TABLE IF NOT EXISTS `game_tele` (
  `id` int unsigned NOT NULL,
  `position_x` float NOT NULL DEFAULT 0,
  `position_y` float NOT NULL DEFAULT 0,
  `position_z` float NOT NULL DEFAULT 0,
  `orientation` float NOT NULL DEFAULT 0,
  `map` smallint unsigned NOT NULL DEFAULT 0,
  `name` varchar(100) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `areatrigger_teleport` (
  `ID` int unsigned NOT NULL DEFAULT 0,
  `Name` mediumtext NULL DEFAULT NULL,
  `target_map` smallint unsigned NOT NULL DEFAULT 0,
  `target_position_x` float NOT NULL DEFAULT 0,
  `target_position_y` float NOT NULL DEFAULT 0,
  `target_position_z` float NOT NULL DEFAULT 0,
  `target_orientation` float NOT NULL DEFAULT 0,
  `VerifiedBuild` int NULL DEFAULT NULL,
  PRIMARY KEY (`ID`),
  KEY `idx_name` (`Name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `areatrigger_tavern` (
  `id` int unsigned NOT NULL DEFAULT 0,
  `name` mediumtext NULL DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `graveyard_zone` (
  `ID` int unsigned NOT NULL DEFAULT 0,
  `GhostZone` int unsigned NOT NULL DEFAULT 0,
  `Faction` smallint unsigned NOT NULL DEFAULT 0,
  `Comment` mediumtext NULL DEFAULT NULL,
  PRIMARY KEY (`ID`,`GhostZone`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `game_graveyard` (
  `ID` int NOT NULL DEFAULT 0,
  `Map` int NOT NULL DEFAULT 0,
  `x` float NOT NULL DEFAULT 0,
  `y` float NOT NULL DEFAULT 0,
  `z` float NOT NULL DEFAULT 0,
  `Comment` varchar(255) NULL DEFAULT NULL,
  PRIMARY KEY (`ID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `instance_template` (
  `map` smallint unsigned NOT NULL,
  `parent` smallint unsigned NOT NULL,
  `script` varchar(128) NOT NULL DEFAULT '',
  `allowMount` tinyint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`map`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `access_requirement` (
  `mapId` int unsigned NOT NULL,
  `difficulty` tinyint unsigned NOT NULL DEFAULT 0,
  `level_min` tinyint unsigned NOT NULL DEFAULT 0,
  `level_max` tinyint unsigned NOT NULL DEFAULT 0,
  `item_level` smallint unsigned NOT NULL DEFAULT 0,
  `item` int unsigned NOT NULL DEFAULT 0,
  `item2` int unsigned NOT NULL DEFAULT 0,
  `quest_done_A` int unsigned NOT NULL DEFAULT 0,
  `quest_done_H` int unsigned NOT NULL DEFAULT 0,
  `completed_achievement` int unsigned NOT NULL DEFAULT 0,
  `quest_failed_text` mediumtext NULL DEFAULT NULL,
  `comment` mediumtext NULL DEFAULT NULL,
  PRIMARY KEY (`mapId`,`difficulty`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `spell_target_position` (
  `ID` int unsigned NOT NULL DEFAULT 0,
  `EffectIndex` tinyint unsigned NOT NULL DEFAULT 0,
  `MapID` smallint unsigned NOT NULL DEFAULT 0,
  `PositionX` float NOT NULL DEFAULT 0,
  `PositionY` float NOT NULL DEFAULT 0,
  `PositionZ` float NOT NULL DEFAULT 0,
  `Orientation` float NOT NULL DEFAULT 0,
  `VerifiedBuild` int NULL DEFAULT NULL,
  PRIMARY KEY (`ID`,`EffectIndex`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `spell_enchant_proc_data` (
  `entry` int unsigned NOT NULL,
  `customChance` int unsigned NOT NULL DEFAULT 0,
  `PPMChance` float unsigned NOT NULL DEFAULT 0,
  `procEx` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`entry`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `conditions` (
  `SourceTypeOrReferenceId` int NOT NULL DEFAULT 0,
  `SourceGroup` int unsigned NOT NULL DEFAULT 0,
  `SourceEntry` int NOT NULL DEFAULT 0,
  `SourceId` int NOT NULL DEFAULT 0,
  `ElseGroup` int unsigned NOT NULL DEFAULT 0,
  `ConditionTypeOrReference` int NOT NULL DEFAULT 0,
  `ConditionTarget` tinyint unsigned NOT NULL DEFAULT 0,
  `ConditionValue1` int unsigned NOT NULL DEFAULT 0,
  `ConditionValue2` int unsigned NOT NULL DEFAULT 0,
  `ConditionValue3` int unsigned NOT NULL DEFAULT 0,
  `NegativeCondition` tinyint unsigned NOT NULL DEFAULT 0,
  `ErrorType` int unsigned NOT NULL DEFAULT 0,
  `ErrorTextId` int unsigned NOT NULL DEFAULT 0,
  `ScriptName` char(64) NOT NULL DEFAULT '',
  `Comment` varchar(255) NULL DEFAULT NULL,
  PRIMARY KEY (`SourceTypeOrReferenceId`,`SourceGroup`,`SourceEntry`,`SourceId`,`ElseGroup`,`ConditionTypeOrReference`,`ConditionTarget`,`ConditionValue1`,`ConditionValue2`,`ConditionValue3`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `disables` (
  `sourceType` int unsigned NOT NULL,
  `entry` int unsigned NOT NULL,
  `flags` smallint NOT NULL,
  `params_0` varchar(255) NOT NULL DEFAULT '',
  `params_1` varchar(255) NOT NULL DEFAULT '',
  `comment` varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (`sourceType`,`entry`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `command` (
  `name` varchar(50) NOT NULL DEFAULT '',
  `help` longtext NULL DEFAULT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `acore_string` (
  `entry` int unsigned NOT NULL DEFAULT 0,
  `content_default` text NOT NULL,
  `locale_koKR` text NULL DEFAULT NULL,
  `locale_frFR` text NULL DEFAULT NULL,
  `locale_deDE` text NULL DEFAULT NULL,
  `locale_zhCN` text NULL DEFAULT NULL,
  `locale_zhTW` text NULL DEFAULT NULL,
  `locale_esES` text NULL DEFAULT NULL,
  `locale_esMX` text NULL DEFAULT NULL,
  `locale_ruRU` text NULL DEFAULT NULL,
  PRIMARY KEY (`entry`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `page_text` (
  `ID` int unsigned NOT NULL DEFAULT 0,
  `Text` longtext NOT NULL,
  `NextPageID` int unsigned NOT NULL DEFAULT 0,
  `VerifiedBuild` int NOT NULL DEFAULT 0,
  PRIMARY KEY (`ID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `warden_checks` (
  `id` smallint unsigned PRIMARY KEY AUTO_INCREMENT,
  `type` tinyint unsigned NULL DEFAULT NULL,
  `str` varchar(170) NULL DEFAULT NULL,
  `address` int unsigned NULL DEFAULT NULL,
  `length` tinyint unsigned NULL DEFAULT NULL,
  `comment` varchar(50) NULL DEFAULT NULL,
  `data` binary(24) NULL DEFAULT NULL,
  `result` varbinary(24) NULL DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `antidos_opcode_policies` (
  `Opcode` smallint unsigned NOT NULL,
  `Policy` tinyint unsigned NOT NULL,
  `MaxAllowedCount` smallint unsigned NOT NULL,
  PRIMARY KEY (`Opcode`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `version` (
  `core_version` varchar(255) NOT NULL DEFAULT '',
  `core_revision` varchar(120) NULL DEFAULT NULL,
  `db_version` varchar(120) NULL DEFAULT NULL,
  `cache_id` int NOT NULL DEFAULT 0,
  PRIMARY KEY (`core_version`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `updates` (
  `name` varchar(200) NOT NULL DEFAULT '',
  `hash` char(40) NOT NULL DEFAULT '',
  `state` varchar(16) NOT NULL DEFAULT 'RELEASED',
  `timestamp` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `speed` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `updates_include` (
  `path` varchar(200) NOT NULL DEFAULT '',
  `state` varchar(16) NOT NULL DEFAULT 'RELEASED',
  PRIMARY KEY (`path`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
