-- Game objects, and how spawns are pooled.

CREATE TABLE IF NOT EXISTS `gameobject` (
  `guid` int unsigned PRIMARY KEY AUTO_INCREMENT,
  `id` int unsigned NOT NULL DEFAULT 0,
  `map` smallint unsigned NOT NULL DEFAULT 0,
  `zoneId` smallint unsigned NOT NULL DEFAULT 0,
  `areaId` smallint unsigned NOT NULL DEFAULT 0,
  `spawnMask` tinyint unsigned NOT NULL DEFAULT 1,
  `phaseMask` int unsigned NOT NULL DEFAULT 1,
  `position_x` float NOT NULL DEFAULT 0,
  `position_y` float NOT NULL DEFAULT 0,
  `position_z` float NOT NULL DEFAULT 0,
  `orientation` float NOT NULL DEFAULT 0,
  `rotation0` float NOT NULL DEFAULT 0,
  `rotation1` float NOT NULL DEFAULT 0,
  `rotation2` float NOT NULL DEFAULT 0,
  `rotation3` float NOT NULL DEFAULT 0,
  `spawntimesecs` int NOT NULL DEFAULT 0,
  `animprogress` tinyint unsigned NOT NULL DEFAULT 0,
  `state` tinyint unsigned NOT NULL DEFAULT 0,
  `ScriptName` char(64) NOT NULL DEFAULT '',
  `VerifiedBuild` int NULL DEFAULT NULL,
  `Comment` text NULL DEFAULT NULL,
  KEY `idx_map` (`map`),
  KEY `idx_id` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `gameobject_addon` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `invisibilityType` tinyint unsigned NOT NULL DEFAULT 0,
  `invisibilityValue` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `gameobject_template` (
  `entry` int unsigned NOT NULL DEFAULT 0,
  `type` tinyint unsigned NOT NULL DEFAULT 0,
  `displayId` int unsigned NOT NULL DEFAULT 0,
  `name` varchar(100) NOT NULL DEFAULT '',
  `IconName` varchar(100) NOT NULL DEFAULT '',
  `castBarCaption` varchar(100) NOT NULL DEFAULT '',
  `unk1` varchar(100) NOT NULL DEFAULT '',
  `size` float NOT NULL DEFAULT 1,
  `Data0` int unsigned NOT NULL DEFAULT 0,
  `Data1` int NOT NULL DEFAULT 0,
  `Data2` int unsigned NOT NULL DEFAULT 0,
  `Data3` int unsigned NOT NULL DEFAULT 0,
  `Data4` int unsigned NOT NULL DEFAULT 0,
  `Data5` int unsigned NOT NULL DEFAULT 0,
  `Data6` int NOT NULL DEFAULT 0,
  `Data7` int unsigned NOT NULL DEFAULT 0,
  `Data8` int unsigned NOT NULL DEFAULT 0,
  `Data9` int unsigned NOT NULL DEFAULT 0,
  `Data10` int unsigned NOT NULL DEFAULT 0,
  `Data11` int unsigned NOT NULL DEFAULT 0,
  `Data12` int unsigned NOT NULL DEFAULT 0,
  `Data13` int unsigned NOT NULL DEFAULT 0,
  `Data14` int unsigned NOT NULL DEFAULT 0,
  `Data15` int unsigned NOT NULL DEFAULT 0,
  `Data16` int unsigned NOT NULL DEFAULT 0,
  `Data17` int unsigned NOT NULL DEFAULT 0,
  `Data18` int unsigned NOT NULL DEFAULT 0,
  `Data19` int unsigned NOT NULL DEFAULT 0,
  `Data20` int unsigned NOT NULL DEFAULT 0,
  `Data21` int unsigned NOT NULL DEFAULT 0,
  `Data22` int unsigned NOT NULL DEFAULT 0,
  `Data23` int unsigned NOT NULL DEFAULT 0,
  `AIName` char(64) NOT NULL DEFAULT '',
  `ScriptName` varchar(64) NOT NULL DEFAULT '',
  `VerifiedBuild` int NULL DEFAULT NULL,
  PRIMARY KEY (`entry`),
  KEY `idx_name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `gameobject_template_addon` (
  `entry` int unsigned NOT NULL DEFAULT 0,
  `faction` smallint unsigned NOT NULL DEFAULT 0,
  `flags` int unsigned NOT NULL DEFAULT 0,
  `mingold` int unsigned NOT NULL DEFAULT 0,
  `maxgold` int unsigned NOT NULL DEFAULT 0,
  `artkit0` int NOT NULL DEFAULT 0,
  `artkit1` int NOT NULL DEFAULT 0,
  `artkit2` int NOT NULL DEFAULT 0,
  `artkit3` int NOT NULL DEFAULT 0,
  PRIMARY KEY (`entry`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `gameobject_questitem` (
  `GameObjectEntry` int unsigned NOT NULL DEFAULT 0,
  `Idx` int unsigned NOT NULL DEFAULT 0,
  `ItemId` int unsigned NOT NULL DEFAULT 0,
  `VerifiedBuild` int NOT NULL DEFAULT 0,
  PRIMARY KEY (`GameObjectEntry`,`Idx`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `gameobject_queststarter` (
  `id` int unsigned NOT NULL DEFAULT 0,
  `quest` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`,`quest`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `gameobject_questender` (
  `id` int unsigned NOT NULL DEFAULT 0,
  `quest` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`,`quest`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `transports` (
  `guid` int unsigned PRIMARY KEY AUTO_INCREMENT,
  `entry` int unsigned NOT NULL DEFAULT 0,
  `name` mediumtext NULL DEFAULT NULL,
  `ScriptName` char(64) NOT NULL DEFAULT '',
  UNIQUE KEY `idx_entry` (`entry`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `pool_template` (
  `entry` int unsigned NOT NULL DEFAULT 0,
  `max_limit` int unsigned NOT NULL DEFAULT 0,
  `description` varchar(255) NULL DEFAULT NULL,
  PRIMARY KEY (`entry`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `pool_members` (
  `type` smallint unsigned NOT NULL,
  `spawnId` int unsigned NOT NULL,
  `poolSpawnId` int unsigned NOT NULL,
  `chance` float NOT NULL,
  `description` varchar(255) NULL DEFAULT NULL,
  PRIMARY KEY (`type`,`spawnId`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `pool_creature` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `pool_entry` int unsigned NOT NULL DEFAULT 0,
  `chance` float unsigned NOT NULL DEFAULT 0,
  `description` varchar(255) NULL DEFAULT NULL,
  PRIMARY KEY (`guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `pool_gameobject` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `pool_entry` int unsigned NOT NULL DEFAULT 0,
  `chance` float unsigned NOT NULL DEFAULT 0,
  `description` varchar(255) NULL DEFAULT NULL,
  PRIMARY KEY (`guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `pool_pool` (
  `pool_id` int unsigned NOT NULL DEFAULT 0,
  `mother_pool` int unsigned NOT NULL DEFAULT 0,
  `chance` float NOT NULL DEFAULT 0,
  `description` varchar(255) NULL DEFAULT NULL,
  PRIMARY KEY (`pool_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `spawn_group` (
  `groupId` int unsigned NOT NULL,
  `spawnType` tinyint unsigned NOT NULL,
  `spawnId` int unsigned NOT NULL,
  PRIMARY KEY (`groupId`,`spawnType`,`spawnId`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `spawn_group_template` (
  `groupId` int unsigned NOT NULL,
  `groupName` varchar(100) NOT NULL DEFAULT '',
  `groupFlags` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`groupId`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `game_event` (
  `eventEntry` tinyint unsigned NOT NULL,
  `start_time` timestamp NULL DEFAULT NULL,
  `end_time` timestamp NULL DEFAULT NULL,
  `occurence` bigint unsigned NOT NULL DEFAULT 5184000,
  `length` bigint unsigned NOT NULL DEFAULT 2592000,
  `holiday` int unsigned NOT NULL DEFAULT 0,
  `holidayStage` tinyint unsigned NOT NULL DEFAULT 0,
  `description` varchar(255) NULL DEFAULT NULL,
  `world_event` tinyint unsigned NOT NULL DEFAULT 0,
  `announce` tinyint unsigned NOT NULL DEFAULT 2,
  PRIMARY KEY (`eventEntry`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `game_event_creature` (
  `eventEntry` tinyint NOT NULL,
  `guid` int unsigned NOT NULL,
  PRIMARY KEY (`guid`,`eventEntry`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
