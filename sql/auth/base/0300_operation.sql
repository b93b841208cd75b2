-- What operators write and read.

CREATE TABLE IF NOT EXISTS `motd` (
  `realmid` int NOT NULL,
  `text` longtext NULL DEFAULT NULL,
  PRIMARY KEY (`realmid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `motd_localized` (
  `realmid` int NOT NULL,
  `locale` varchar(4) NOT NULL DEFAULT '',
  `text` longtext NULL DEFAULT NULL,
  PRIMARY KEY (`realmid`,`locale`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `autobroadcast` (
  `realmid` int NOT NULL DEFAULT -1,
  `id` tinyint unsigned NOT NULL,
  `weight` tinyint unsigned NOT NULL DEFAULT 1,
  `text` longtext NOT NULL,
  PRIMARY KEY (`id`,`realmid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `autobroadcast_locale` (
  `realmid` int NOT NULL,
  `id` int NOT NULL,
  `locale` varchar(4) NOT NULL DEFAULT '',
  `text` longtext NOT NULL,
  PRIMARY KEY (`realmid`,`id`,`locale`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `logs` (
  `time` int unsigned NOT NULL,
  `realm` int unsigned NOT NULL,
  `type` varchar(250) NOT NULL DEFAULT '',
  `level` tinyint unsigned NOT NULL DEFAULT 0,
  `string` text NULL DEFAULT NULL,
  KEY `idx_time` (`time`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `logs_ip_actions` (
  `id` int unsigned PRIMARY KEY AUTO_INCREMENT,
  `account_id` int unsigned NOT NULL,
  `character_guid` int unsigned NOT NULL,
  `type` tinyint unsigned NOT NULL,
  `ip` varchar(45) NOT NULL DEFAULT '127.0.0.1',
  `systemnote` text NULL DEFAULT NULL,
  `unixtime` int unsigned NOT NULL,
  `time` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `comment` text NULL DEFAULT NULL
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
