-- Quests, achievements, instances.

CREATE TABLE IF NOT EXISTS `character_queststatus` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `quest` int unsigned NOT NULL DEFAULT 0,
  `status` tinyint unsigned NOT NULL DEFAULT 0,
  `explored` tinyint unsigned NOT NULL DEFAULT 0,
  `timer` int unsigned NOT NULL DEFAULT 0,
  `mobcount1` smallint unsigned NOT NULL DEFAULT 0,
  `mobcount2` smallint unsigned NOT NULL DEFAULT 0,
  `mobcount3` smallint unsigned NOT NULL DEFAULT 0,
  `mobcount4` smallint unsigned NOT NULL DEFAULT 0,
  `itemcount1` smallint unsigned NOT NULL DEFAULT 0,
  `itemcount2` smallint unsigned NOT NULL DEFAULT 0,
  `itemcount3` smallint unsigned NOT NULL DEFAULT 0,
  `itemcount4` smallint unsigned NOT NULL DEFAULT 0,
  `itemcount5` smallint unsigned NOT NULL DEFAULT 0,
  `itemcount6` smallint unsigned NOT NULL DEFAULT 0,
  `playercount` smallint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`quest`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_queststatus_rewarded` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `quest` int unsigned NOT NULL DEFAULT 0,
  `active` tinyint unsigned NOT NULL DEFAULT 1,
  PRIMARY KEY (`guid`,`quest`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_queststatus_daily` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `quest` int unsigned NOT NULL DEFAULT 0,
  `time` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`quest`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_queststatus_weekly` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `quest` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`quest`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `quest_tracker` (
  `id` int unsigned NOT NULL DEFAULT 0,
  `character_guid` int unsigned NOT NULL DEFAULT 0,
  `quest_accept_time` datetime NOT NULL,
  `quest_complete_time` datetime NULL DEFAULT NULL,
  `quest_abandon_time` datetime NULL DEFAULT NULL,
  `completed_by_gm` tinyint NOT NULL DEFAULT 0,
  `core_hash` varchar(120) NOT NULL DEFAULT '0',
  `core_revision` varchar(120) NOT NULL DEFAULT '0'
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `pool_quest_save` (
  `pool_id` int unsigned NOT NULL DEFAULT 0,
  `quest_id` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`pool_id`,`quest_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_achievement` (
  `guid` int unsigned NOT NULL,
  `achievement` smallint unsigned NOT NULL,
  `date` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`achievement`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_achievement_progress` (
  `guid` int unsigned NOT NULL,
  `criteria` smallint unsigned NOT NULL,
  `counter` int unsigned NOT NULL,
  `date` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`criteria`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_achievement_offline_updates` (
  `guid` int unsigned NOT NULL,
  `update_type` tinyint unsigned NOT NULL,
  `arg1` int unsigned NOT NULL DEFAULT 0,
  `arg2` int unsigned NOT NULL DEFAULT 0,
  `arg3` int unsigned NOT NULL DEFAULT 0,
  KEY `idx_guid` (`guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `instance` (
  `id` int unsigned NOT NULL DEFAULT 0,
  `map` smallint unsigned NOT NULL DEFAULT 0,
  `resettime` int unsigned NOT NULL DEFAULT 0,
  `difficulty` tinyint unsigned NOT NULL DEFAULT 0,
  `completedEncounters` int unsigned NOT NULL DEFAULT 0,
  `data` tinytext NOT NULL,
  PRIMARY KEY (`id`),
  KEY `idx_difficulty` (`difficulty`),
  KEY `idx_map` (`map`),
  KEY `idx_resettime` (`resettime`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `instance_reset` (
  `mapid` smallint unsigned NOT NULL DEFAULT 0,
  `difficulty` tinyint unsigned NOT NULL DEFAULT 0,
  `resettime` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`mapid`,`difficulty`),
  KEY `idx_difficulty` (`difficulty`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `instance_saved_go_state_data` (
  `id` int unsigned NOT NULL,
  `guid` int unsigned NOT NULL,
  `state` tinyint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`,`guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_instance` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `instance` int unsigned NOT NULL DEFAULT 0,
  `permanent` tinyint unsigned NOT NULL DEFAULT 0,
  `extended` tinyint unsigned NOT NULL,
  PRIMARY KEY (`guid`,`instance`),
  KEY `idx_instance` (`instance`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `account_instance_times` (
  `accountId` int unsigned NOT NULL,
  `instanceId` int unsigned NOT NULL DEFAULT 0,
  `releaseTime` bigint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`accountId`,`instanceId`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_respawn` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `respawnTime` int unsigned NOT NULL DEFAULT 0,
  `mapId` smallint unsigned NOT NULL DEFAULT 0,
  `instanceId` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`instanceId`),
  KEY `idx_instanceid` (`instanceId`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `gameobject_respawn` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `respawnTime` int unsigned NOT NULL DEFAULT 0,
  `mapId` smallint unsigned NOT NULL DEFAULT 0,
  `instanceId` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`instanceId`),
  KEY `idx_instanceid` (`instanceId`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
