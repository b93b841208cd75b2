-- Realms, and the client builds we know.

CREATE TABLE IF NOT EXISTS `realmlist` (
  `id` int unsigned PRIMARY KEY AUTO_INCREMENT,
  `name` varchar(32) NOT NULL DEFAULT '',
  `address` varchar(255) NOT NULL DEFAULT '127.0.0.1',
  `localAddress` varchar(255) NOT NULL DEFAULT '127.0.0.1',
  `localSubnetMask` varchar(255) NOT NULL DEFAULT '255.255.255.0',
  `port` smallint unsigned NOT NULL DEFAULT 8085,
  `icon` tinyint unsigned NOT NULL DEFAULT 0,
  `flag` tinyint unsigned NOT NULL DEFAULT 2,
  `timezone` tinyint unsigned NOT NULL DEFAULT 0,
  `allowedSecurityLevel` tinyint unsigned NOT NULL DEFAULT 0,
  `population` float unsigned NOT NULL DEFAULT 0,
  `gamebuild` int unsigned NOT NULL DEFAULT 12340,
  UNIQUE KEY `idx_name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `realmcharacters` (
  `realmid` int unsigned NOT NULL DEFAULT 0,
  `acctid` int unsigned NOT NULL,
  `numchars` tinyint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`realmid`,`acctid`),
  KEY `idx_acctid` (`acctid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `build_info` (
  `build` int NOT NULL,
  `majorVersion` int NULL DEFAULT NULL,
  `minorVersion` int NULL DEFAULT NULL,
  `bugfixVersion` int NULL DEFAULT NULL,
  `hotfixVersion` char(3) NULL DEFAULT NULL,
  `winAuthSeed` varchar(32) NULL DEFAULT NULL,
  `win64AuthSeed` varchar(32) NULL DEFAULT NULL,
  `mac64AuthSeed` varchar(32) NULL DEFAULT NULL,
  `winChecksumSeed` varchar(40) NULL DEFAULT NULL,
  `macChecksumSeed` varchar(40) NULL DEFAULT NULL,
  PRIMARY KEY (`build`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `uptime` (
  `realmid` int unsigned NOT NULL,
  `starttime` int unsigned NOT NULL DEFAULT 0,
  `uptime` int unsigned NOT NULL DEFAULT 0,
  `maxplayers` smallint unsigned NOT NULL DEFAULT 0,
  `revision` varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (`realmid`,`starttime`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
