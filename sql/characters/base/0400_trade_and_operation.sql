-- Mail, auctions, tickets, and what operators read.

CREATE TABLE IF NOT EXISTS `mail` (
  `id` int unsigned NOT NULL DEFAULT 0,
  `messageType` tinyint unsigned NOT NULL DEFAULT 0,
  `stationery` tinyint NOT NULL DEFAULT 41,
  `mailTemplateId` smallint unsigned NOT NULL DEFAULT 0,
  `sender` int unsigned NOT NULL DEFAULT 0,
  `receiver` int unsigned NOT NULL DEFAULT 0,
  `subject` longtext NULL DEFAULT NULL,
  `body` longtext NULL DEFAULT NULL,
  `has_items` tinyint unsigned NOT NULL DEFAULT 0,
  `expire_time` int unsigned NOT NULL DEFAULT 0,
  `deliver_time` int unsigned NOT NULL DEFAULT 0,
  `money` int unsigned NOT NULL DEFAULT 0,
  `cod` int unsigned NOT NULL DEFAULT 0,
  `checked` tinyint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  KEY `idx_receiver` (`receiver`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `mail_items` (
  `mail_id` int unsigned NOT NULL DEFAULT 0,
  `item_guid` int unsigned NOT NULL DEFAULT 0,
  `receiver` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`item_guid`),
  KEY `idx_mail_id` (`mail_id`),
  KEY `idx_receiver` (`receiver`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `mail_server_template` (
  `id` int unsigned PRIMARY KEY AUTO_INCREMENT,
  `moneyA` int unsigned NOT NULL DEFAULT 0,
  `moneyH` int unsigned NOT NULL DEFAULT 0,
  `subject` text NOT NULL,
  `body` text NOT NULL,
  `active` tinyint unsigned NOT NULL DEFAULT 1
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `mail_server_template_conditions` (
  `id` int unsigned PRIMARY KEY AUTO_INCREMENT,
  `templateID` int unsigned NOT NULL,
  `conditionType` varchar(16) NOT NULL DEFAULT '',
  `conditionValue` int unsigned NOT NULL,
  `conditionState` int unsigned NOT NULL DEFAULT 0,
  KEY `idx_templateid` (`templateID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `mail_server_template_items` (
  `id` int unsigned PRIMARY KEY AUTO_INCREMENT,
  `templateID` int unsigned NOT NULL,
  `faction` varchar(8) NOT NULL DEFAULT '',
  `item` int unsigned NOT NULL,
  `itemCount` int unsigned NOT NULL,
  KEY `idx_templateid` (`templateID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `mail_server_character` (
  `guid` int unsigned NOT NULL,
  `mailId` int unsigned NOT NULL,
  PRIMARY KEY (`guid`,`mailId`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `auctionhouse` (
  `id` int unsigned NOT NULL DEFAULT 0,
  `houseid` tinyint unsigned NOT NULL DEFAULT 7,
  `itemguid` int unsigned NOT NULL DEFAULT 0,
  `itemowner` int unsigned NOT NULL DEFAULT 0,
  `buyoutprice` int unsigned NOT NULL DEFAULT 0,
  `time` int unsigned NOT NULL DEFAULT 0,
  `buyguid` int unsigned NOT NULL DEFAULT 0,
  `lastbid` int unsigned NOT NULL DEFAULT 0,
  `startbid` int unsigned NOT NULL DEFAULT 0,
  `deposit` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  UNIQUE KEY `idx_itemguid` (`itemguid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `item_loot_storage` (
  `containerGUID` int unsigned NOT NULL,
  `itemid` int unsigned NOT NULL,
  `item_index` int unsigned NOT NULL DEFAULT 0,
  `count` int unsigned NOT NULL DEFAULT 0,
  `randomPropertyId` int NOT NULL DEFAULT 0,
  `randomSuffix` int unsigned NOT NULL DEFAULT 0,
  `follow_loot_rules` tinyint unsigned NOT NULL DEFAULT 0,
  `freeforall` tinyint unsigned NOT NULL DEFAULT 0,
  `is_blocked` tinyint unsigned NOT NULL DEFAULT 0,
  `is_counted` tinyint unsigned NOT NULL DEFAULT 0,
  `is_underthreshold` tinyint unsigned NOT NULL DEFAULT 0,
  `needs_quest` tinyint unsigned NOT NULL DEFAULT 0,
  `conditionLootId` int NOT NULL DEFAULT 0,
  KEY `idx_containerguid` (`containerGUID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `item_refund_instance` (
  `item_guid` int unsigned NOT NULL,
  `player_guid` int unsigned NOT NULL,
  `paidMoney` int unsigned NOT NULL DEFAULT 0,
  `paidExtendedCost` smallint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`item_guid`,`player_guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `recovery_item` (
  `Id` int unsigned PRIMARY KEY AUTO_INCREMENT,
  `Guid` int unsigned NOT NULL DEFAULT 0,
  `ItemEntry` int unsigned NOT NULL DEFAULT 0,
  `Count` int unsigned NOT NULL DEFAULT 0,
  `DeleteDate` int unsigned NULL DEFAULT NULL,
  KEY `idx_guid` (`Guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `gm_ticket` (
  `id` int unsigned PRIMARY KEY AUTO_INCREMENT,
  `type` tinyint unsigned NOT NULL DEFAULT 0,
  `playerGuid` int unsigned NOT NULL DEFAULT 0,
  `name` varchar(12) NOT NULL DEFAULT '',
  `description` text NOT NULL,
  `createTime` int unsigned NOT NULL DEFAULT 0,
  `mapId` smallint unsigned NOT NULL DEFAULT 0,
  `posX` float NOT NULL DEFAULT 0,
  `posY` float NOT NULL DEFAULT 0,
  `posZ` float NOT NULL DEFAULT 0,
  `lastModifiedTime` int unsigned NOT NULL DEFAULT 0,
  `closedBy` int unsigned NOT NULL DEFAULT 0,
  `assignedTo` int unsigned NOT NULL DEFAULT 0,
  `comment` text NOT NULL,
  `response` text NOT NULL,
  `completed` tinyint unsigned NOT NULL DEFAULT 0,
  `escalated` tinyint unsigned NOT NULL DEFAULT 0,
  `viewed` tinyint unsigned NOT NULL DEFAULT 0,
  `needMoreHelp` tinyint unsigned NOT NULL DEFAULT 0,
  `resolvedBy` int unsigned NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `lag_reports` (
  `reportId` int unsigned PRIMARY KEY AUTO_INCREMENT,
  `guid` int unsigned NOT NULL DEFAULT 0,
  `lagType` tinyint unsigned NOT NULL DEFAULT 0,
  `mapId` smallint unsigned NOT NULL DEFAULT 0,
  `posX` float NOT NULL DEFAULT 0,
  `posY` float NOT NULL DEFAULT 0,
  `posZ` float NOT NULL DEFAULT 0,
  `latency` int unsigned NOT NULL DEFAULT 0,
  `createTime` int unsigned NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `addons` (
  `name` varchar(120) NOT NULL DEFAULT '',
  `crc` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `warden_action` (
  `wardenId` smallint unsigned NOT NULL,
  `action` tinyint unsigned NULL DEFAULT NULL,
  PRIMARY KEY (`wardenId`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `worldstates` (
  `entry` int unsigned NOT NULL DEFAULT 0,
  `value` int unsigned NOT NULL DEFAULT 0,
  `comment` tinytext NULL DEFAULT NULL,
  PRIMARY KEY (`entry`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `world_state` (
  `Id` int unsigned NOT NULL,
  `Data` longtext NULL DEFAULT NULL,
  PRIMARY KEY (`Id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `game_event_save` (
  `eventEntry` tinyint unsigned NOT NULL,
  `state` tinyint unsigned NOT NULL DEFAULT 1,
  `next_start` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`eventEntry`)
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
