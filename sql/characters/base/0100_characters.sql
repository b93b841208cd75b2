-- A character and what belongs to it alone.

CREATE TABLE IF NOT EXISTS `characters` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `account` int unsigned NOT NULL DEFAULT 0,
  `name` varchar(12) NOT NULL DEFAULT '',
  `race` tinyint unsigned NOT NULL DEFAULT 0,
  `class` tinyint unsigned NOT NULL DEFAULT 0,
  `gender` tinyint unsigned NOT NULL DEFAULT 0,
  `level` tinyint unsigned NOT NULL DEFAULT 0,
  `xp` int unsigned NOT NULL DEFAULT 0,
  `money` int unsigned NOT NULL DEFAULT 0,
  `skin` tinyint unsigned NOT NULL DEFAULT 0,
  `face` tinyint unsigned NOT NULL DEFAULT 0,
  `hairStyle` tinyint unsigned NOT NULL DEFAULT 0,
  `hairColor` tinyint unsigned NOT NULL DEFAULT 0,
  `facialStyle` tinyint unsigned NOT NULL DEFAULT 0,
  `bankSlots` tinyint unsigned NOT NULL DEFAULT 0,
  `restState` tinyint unsigned NOT NULL DEFAULT 0,
  `playerFlags` int unsigned NOT NULL DEFAULT 0,
  `position_x` float NOT NULL DEFAULT 0,
  `position_y` float NOT NULL DEFAULT 0,
  `position_z` float NOT NULL DEFAULT 0,
  `map` smallint unsigned NOT NULL DEFAULT 0,
  `instance_id` int unsigned NOT NULL DEFAULT 0,
  `instance_mode_mask` tinyint unsigned NOT NULL DEFAULT 0,
  `orientation` float NOT NULL DEFAULT 0,
  `taximask` text NOT NULL,
  `online` tinyint unsigned NOT NULL DEFAULT 0,
  `cinematic` tinyint unsigned NOT NULL DEFAULT 0,
  `totaltime` int unsigned NOT NULL DEFAULT 0,
  `leveltime` int unsigned NOT NULL DEFAULT 0,
  `logout_time` int unsigned NOT NULL DEFAULT 0,
  `is_logout_resting` tinyint unsigned NOT NULL DEFAULT 0,
  `rest_bonus` float NOT NULL DEFAULT 0,
  `resettalents_cost` int unsigned NOT NULL DEFAULT 0,
  `resettalents_time` int unsigned NOT NULL DEFAULT 0,
  `trans_x` float NOT NULL DEFAULT 0,
  `trans_y` float NOT NULL DEFAULT 0,
  `trans_z` float NOT NULL DEFAULT 0,
  `trans_o` float NOT NULL DEFAULT 0,
  `transguid` int unsigned NOT NULL DEFAULT 0,
  `extra_flags` smallint unsigned NOT NULL DEFAULT 0,
  `stable_slots` tinyint unsigned NOT NULL DEFAULT 0,
  `at_login` smallint unsigned NOT NULL DEFAULT 0,
  `zone` smallint unsigned NOT NULL DEFAULT 0,
  `death_expire_time` int unsigned NOT NULL DEFAULT 0,
  `taxi_path` text NULL DEFAULT NULL,
  `arenaPoints` int unsigned NOT NULL DEFAULT 0,
  `totalHonorPoints` int unsigned NOT NULL DEFAULT 0,
  `todayHonorPoints` int unsigned NOT NULL DEFAULT 0,
  `yesterdayHonorPoints` int unsigned NOT NULL DEFAULT 0,
  `totalKills` int unsigned NOT NULL DEFAULT 0,
  `todayKills` smallint unsigned NOT NULL DEFAULT 0,
  `yesterdayKills` smallint unsigned NOT NULL DEFAULT 0,
  `chosenTitle` int unsigned NOT NULL DEFAULT 0,
  `knownCurrencies` bigint unsigned NOT NULL DEFAULT 0,
  `watchedFaction` int unsigned NOT NULL DEFAULT 0,
  `drunk` tinyint unsigned NOT NULL DEFAULT 0,
  `health` int unsigned NOT NULL DEFAULT 0,
  `power1` int unsigned NOT NULL DEFAULT 0,
  `power2` int unsigned NOT NULL DEFAULT 0,
  `power3` int unsigned NOT NULL DEFAULT 0,
  `power4` int unsigned NOT NULL DEFAULT 0,
  `power5` int unsigned NOT NULL DEFAULT 0,
  `power6` int unsigned NOT NULL DEFAULT 0,
  `power7` int unsigned NOT NULL DEFAULT 0,
  `latency` int unsigned NOT NULL DEFAULT 0,
  `talentGroupsCount` tinyint unsigned NOT NULL DEFAULT 1,
  `activeTalentGroup` tinyint unsigned NOT NULL DEFAULT 0,
  `exploredZones` longtext NULL DEFAULT NULL,
  `equipmentCache` longtext NULL DEFAULT NULL,
  `ammoId` int unsigned NOT NULL DEFAULT 0,
  `knownTitles` longtext NULL DEFAULT NULL,
  `actionBars` tinyint unsigned NOT NULL DEFAULT 0,
  `grantableLevels` tinyint unsigned NOT NULL DEFAULT 0,
  `order` tinyint NULL DEFAULT NULL,
  `creation_date` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `deleteInfos_Account` int unsigned NULL DEFAULT NULL,
  `deleteInfos_Name` varchar(12) NULL DEFAULT NULL,
  `deleteDate` int unsigned NULL DEFAULT NULL,
  `innTriggerId` int unsigned NOT NULL DEFAULT 0,
  `extraBonusTalentCount` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`),
  KEY `idx_account` (`account`),
  KEY `idx_name` (`name`),
  KEY `idx_online` (`online`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS `character_inventory` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `bag` int unsigned NOT NULL DEFAULT 0,
  `slot` tinyint unsigned NOT NULL DEFAULT 0,
  `item` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`item`),
  UNIQUE KEY `idx_guid_bag_slot` (`guid`,`bag`,`slot`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `item_instance` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `itemEntry` int unsigned NOT NULL DEFAULT 0,
  `owner_guid` int unsigned NOT NULL DEFAULT 0,
  `creatorGuid` int unsigned NOT NULL DEFAULT 0,
  `giftCreatorGuid` int unsigned NOT NULL DEFAULT 0,
  `count` int unsigned NOT NULL DEFAULT 1,
  `duration` int NOT NULL DEFAULT 0,
  `charges` tinytext NULL DEFAULT NULL,
  `flags` int unsigned NOT NULL DEFAULT 0,
  `enchantments` text NOT NULL,
  `randomPropertyId` smallint NOT NULL DEFAULT 0,
  `durability` smallint unsigned NOT NULL DEFAULT 0,
  `playedTime` int unsigned NOT NULL DEFAULT 0,
  `text` text NULL DEFAULT NULL,
  PRIMARY KEY (`guid`),
  KEY `idx_owner_guid` (`owner_guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_homebind` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `mapId` smallint unsigned NOT NULL DEFAULT 0,
  `zoneId` smallint unsigned NOT NULL DEFAULT 0,
  `posX` float NOT NULL DEFAULT 0,
  `posY` float NOT NULL DEFAULT 0,
  `posZ` float NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_spell` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `spell` int unsigned NOT NULL DEFAULT 0,
  `specMask` tinyint unsigned NOT NULL DEFAULT 1,
  PRIMARY KEY (`guid`,`spell`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_spell_cooldown` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `spell` int unsigned NOT NULL DEFAULT 0,
  `category` int unsigned NOT NULL DEFAULT 0,
  `item` int unsigned NOT NULL DEFAULT 0,
  `time` int unsigned NOT NULL DEFAULT 0,
  `needSend` tinyint unsigned NOT NULL DEFAULT 1,
  PRIMARY KEY (`guid`,`spell`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_aura` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `casterGuid` bigint unsigned NOT NULL DEFAULT 0,
  `itemGuid` bigint unsigned NOT NULL DEFAULT 0,
  `spell` int unsigned NOT NULL DEFAULT 0,
  `effectMask` tinyint unsigned NOT NULL DEFAULT 0,
  `recalculateMask` tinyint unsigned NOT NULL DEFAULT 0,
  `stackCount` tinyint unsigned NOT NULL DEFAULT 1,
  `amount0` int NOT NULL DEFAULT 0,
  `amount1` int NOT NULL DEFAULT 0,
  `amount2` int NOT NULL DEFAULT 0,
  `base_amount0` int NOT NULL DEFAULT 0,
  `base_amount1` int NOT NULL DEFAULT 0,
  `base_amount2` int NOT NULL DEFAULT 0,
  `maxDuration` int NOT NULL DEFAULT 0,
  `remainTime` int NOT NULL DEFAULT 0,
  `remainCharges` tinyint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`casterGuid`,`itemGuid`,`spell`,`effectMask`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_skills` (
  `guid` int unsigned NOT NULL,
  `skill` smallint unsigned NOT NULL,
  `value` smallint unsigned NOT NULL,
  `max` smallint unsigned NOT NULL,
  PRIMARY KEY (`guid`,`skill`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_action` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `spec` tinyint unsigned NOT NULL DEFAULT 0,
  `button` tinyint unsigned NOT NULL DEFAULT 0,
  `action` int unsigned NOT NULL DEFAULT 0,
  `type` tinyint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`spec`,`button`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_talent` (
  `guid` int unsigned NOT NULL,
  `spell` int unsigned NOT NULL,
  `specMask` tinyint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`spell`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_glyphs` (
  `guid` int unsigned NOT NULL,
  `talentGroup` tinyint unsigned NOT NULL DEFAULT 0,
  `glyph1` smallint unsigned NOT NULL DEFAULT 0,
  `glyph2` smallint unsigned NOT NULL DEFAULT 0,
  `glyph3` smallint unsigned NOT NULL DEFAULT 0,
  `glyph4` smallint unsigned NOT NULL DEFAULT 0,
  `glyph5` smallint unsigned NOT NULL DEFAULT 0,
  `glyph6` smallint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`talentGroup`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_reputation` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `faction` smallint unsigned NOT NULL DEFAULT 0,
  `standing` int NOT NULL DEFAULT 0,
  `flags` smallint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`faction`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_social` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `friend` int unsigned NOT NULL DEFAULT 0,
  `flags` tinyint unsigned NOT NULL DEFAULT 0,
  `note` varchar(48) NOT NULL DEFAULT '',
  PRIMARY KEY (`guid`,`friend`,`flags`),
  KEY `idx_friend` (`friend`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_stats` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `maxhealth` int unsigned NOT NULL DEFAULT 0,
  `maxpower1` int unsigned NOT NULL DEFAULT 0,
  `maxpower2` int unsigned NOT NULL DEFAULT 0,
  `maxpower3` int unsigned NOT NULL DEFAULT 0,
  `maxpower4` int unsigned NOT NULL DEFAULT 0,
  `maxpower5` int unsigned NOT NULL DEFAULT 0,
  `maxpower6` int unsigned NOT NULL DEFAULT 0,
  `maxpower7` int unsigned NOT NULL DEFAULT 0,
  `strength` int unsigned NOT NULL DEFAULT 0,
  `agility` int unsigned NOT NULL DEFAULT 0,
  `stamina` int unsigned NOT NULL DEFAULT 0,
  `intellect` int unsigned NOT NULL DEFAULT 0,
  `spirit` int unsigned NOT NULL DEFAULT 0,
  `armor` int unsigned NOT NULL DEFAULT 0,
  `resHoly` int unsigned NOT NULL DEFAULT 0,
  `resFire` int unsigned NOT NULL DEFAULT 0,
  `resNature` int unsigned NOT NULL DEFAULT 0,
  `resFrost` int unsigned NOT NULL DEFAULT 0,
  `resShadow` int unsigned NOT NULL DEFAULT 0,
  `resArcane` int unsigned NOT NULL DEFAULT 0,
  `blockPct` float unsigned NOT NULL DEFAULT 0,
  `dodgePct` float unsigned NOT NULL DEFAULT 0,
  `parryPct` float unsigned NOT NULL DEFAULT 0,
  `critPct` float unsigned NOT NULL DEFAULT 0,
  `rangedCritPct` float unsigned NOT NULL DEFAULT 0,
  `spellCritPct` float unsigned NOT NULL DEFAULT 0,
  `attackPower` int unsigned NOT NULL DEFAULT 0,
  `rangedAttackPower` int unsigned NOT NULL DEFAULT 0,
  `spellPower` int unsigned NOT NULL DEFAULT 0,
  `resilience` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_declinedname` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `genitive` varchar(15) NOT NULL DEFAULT '',
  `dative` varchar(15) NOT NULL DEFAULT '',
  `accusative` varchar(15) NOT NULL DEFAULT '',
  `instrumental` varchar(15) NOT NULL DEFAULT '',
  `prepositional` varchar(15) NOT NULL DEFAULT '',
  PRIMARY KEY (`guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_entry_point` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `joinX` float NOT NULL DEFAULT 0,
  `joinY` float NOT NULL DEFAULT 0,
  `joinZ` float NOT NULL DEFAULT 0,
  `joinO` float NOT NULL DEFAULT 0,
  `joinMapId` int unsigned NOT NULL DEFAULT 0,
  `taxiPath0` int unsigned NOT NULL DEFAULT 0,
  `taxiPath1` int unsigned NOT NULL DEFAULT 0,
  `mountSpell` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_equipmentsets` (
  `guid` int NOT NULL DEFAULT 0,
  `setguid` bigint PRIMARY KEY AUTO_INCREMENT,
  `setindex` tinyint unsigned NOT NULL DEFAULT 0,
  `name` varchar(31) NOT NULL DEFAULT '',
  `iconname` varchar(100) NOT NULL DEFAULT '',
  `ignore_mask` int unsigned NOT NULL DEFAULT 0,
  `item0` int unsigned NOT NULL DEFAULT 0,
  `item1` int unsigned NOT NULL DEFAULT 0,
  `item2` int unsigned NOT NULL DEFAULT 0,
  `item3` int unsigned NOT NULL DEFAULT 0,
  `item4` int unsigned NOT NULL DEFAULT 0,
  `item5` int unsigned NOT NULL DEFAULT 0,
  `item6` int unsigned NOT NULL DEFAULT 0,
  `item7` int unsigned NOT NULL DEFAULT 0,
  `item8` int unsigned NOT NULL DEFAULT 0,
  `item9` int unsigned NOT NULL DEFAULT 0,
  `item10` int unsigned NOT NULL DEFAULT 0,
  `item11` int unsigned NOT NULL DEFAULT 0,
  `item12` int unsigned NOT NULL DEFAULT 0,
  `item13` int unsigned NOT NULL DEFAULT 0,
  `item14` int unsigned NOT NULL DEFAULT 0,
  `item15` int unsigned NOT NULL DEFAULT 0,
  `item16` int unsigned NOT NULL DEFAULT 0,
  `item17` int unsigned NOT NULL DEFAULT 0,
  `item18` int unsigned NOT NULL DEFAULT 0,
  UNIQUE KEY `idx_guid_setguid_setindex` (`guid`,`setguid`,`setindex`),
  KEY `idx_setindex` (`setindex`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_gifts` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `item_guid` int unsigned NOT NULL DEFAULT 0,
  `entry` int unsigned NOT NULL DEFAULT 0,
  `flags` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`item_guid`),
  KEY `idx_guid` (`guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_settings` (
  `guid` int unsigned NOT NULL,
  `source` varchar(40) NOT NULL DEFAULT '',
  `data` text NULL DEFAULT NULL,
  PRIMARY KEY (`guid`,`source`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_account_data` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `type` tinyint unsigned NOT NULL DEFAULT 0,
  `time` int unsigned NOT NULL DEFAULT 0,
  `data` blob NOT NULL,
  PRIMARY KEY (`guid`,`type`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `account_data` (
  `accountId` int unsigned NOT NULL DEFAULT 0,
  `type` tinyint unsigned NOT NULL DEFAULT 0,
  `time` int unsigned NOT NULL DEFAULT 0,
  `data` blob NOT NULL,
  PRIMARY KEY (`accountId`,`type`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `account_tutorial` (
  `accountId` int unsigned NOT NULL DEFAULT 0,
  `tut0` int unsigned NOT NULL DEFAULT 0,
  `tut1` int unsigned NOT NULL DEFAULT 0,
  `tut2` int unsigned NOT NULL DEFAULT 0,
  `tut3` int unsigned NOT NULL DEFAULT 0,
  `tut4` int unsigned NOT NULL DEFAULT 0,
  `tut5` int unsigned NOT NULL DEFAULT 0,
  `tut6` int unsigned NOT NULL DEFAULT 0,
  `tut7` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`accountId`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_banned` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `bandate` int unsigned NOT NULL DEFAULT 0,
  `unbandate` int unsigned NOT NULL DEFAULT 0,
  `bannedby` varchar(50) NOT NULL DEFAULT '',
  `banreason` varchar(255) NOT NULL DEFAULT '',
  `active` tinyint unsigned NOT NULL DEFAULT 1,
  PRIMARY KEY (`guid`,`bandate`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `corpse` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `posX` float NOT NULL DEFAULT 0,
  `posY` float NOT NULL DEFAULT 0,
  `posZ` float NOT NULL DEFAULT 0,
  `orientation` float NOT NULL DEFAULT 0,
  `mapId` smallint unsigned NOT NULL DEFAULT 0,
  `phaseMask` int unsigned NOT NULL DEFAULT 1,
  `displayId` int unsigned NOT NULL DEFAULT 0,
  `itemCache` text NOT NULL,
  `bytes1` int unsigned NOT NULL DEFAULT 0,
  `bytes2` int unsigned NOT NULL DEFAULT 0,
  `guildId` int unsigned NOT NULL DEFAULT 0,
  `flags` tinyint unsigned NOT NULL DEFAULT 0,
  `dynFlags` tinyint unsigned NOT NULL DEFAULT 0,
  `time` int unsigned NOT NULL DEFAULT 0,
  `corpseType` tinyint unsigned NOT NULL DEFAULT 0,
  `instanceId` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`),
  KEY `idx_instanceid` (`instanceId`),
  KEY `idx_time` (`time`),
  KEY `idx_corpsetype` (`corpseType`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `reserved_name` (
  `name` varchar(12) NOT NULL DEFAULT '',
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `profanity_name` (
  `name` varchar(12) NOT NULL DEFAULT '',
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
