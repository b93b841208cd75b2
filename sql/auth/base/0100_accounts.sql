-- Accounts, what they may do, and who is kept out.

CREATE TABLE IF NOT EXISTS `account` (
  `id` int unsigned PRIMARY KEY AUTO_INCREMENT,
  `username` varchar(32) NOT NULL DEFAULT '',
  `salt` binary(32) NOT NULL,
  `verifier` binary(32) NOT NULL,
  `session_key` binary(40) NULL DEFAULT NULL,
  `totp_secret` varbinary(128) NULL DEFAULT NULL,
  `email` varchar(255) NOT NULL DEFAULT '',
  `reg_mail` varchar(255) NOT NULL DEFAULT '',
  `joindate` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `last_ip` varchar(45) NOT NULL DEFAULT '127.0.0.1',
  `last_attempt_ip` varchar(45) NOT NULL DEFAULT '127.0.0.1',
  `failed_logins` int unsigned NOT NULL DEFAULT 0,
  `locked` tinyint unsigned NOT NULL DEFAULT 0,
  `lock_country` varchar(2) NOT NULL DEFAULT '00',
  `last_login` timestamp NULL DEFAULT NULL,
  `online` int unsigned NOT NULL DEFAULT 0,
  `expansion` tinyint unsigned NOT NULL DEFAULT 2,
  `Flags` int unsigned NOT NULL DEFAULT 0,
  `mutetime` bigint NOT NULL DEFAULT 0,
  `mutereason` varchar(255) NOT NULL DEFAULT '',
  `muteby` varchar(50) NOT NULL DEFAULT '',
  `locale` tinyint unsigned NOT NULL DEFAULT 0,
  `os` varchar(3) NOT NULL DEFAULT '',
  `recruiter` int unsigned NOT NULL DEFAULT 0,
  `totaltime` int unsigned NOT NULL DEFAULT 0,
  UNIQUE KEY `idx_username` (`username`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `account_access` (
  `id` int unsigned NOT NULL,
  `gmlevel` tinyint unsigned NOT NULL DEFAULT 0,
  `RealmID` int NOT NULL DEFAULT -1,
  `comment` varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`,`RealmID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `account_banned` (
  `id` int unsigned NOT NULL DEFAULT 0,
  `bandate` int unsigned NOT NULL DEFAULT 0,
  `unbandate` int unsigned NOT NULL DEFAULT 0,
  `bannedby` varchar(50) NOT NULL DEFAULT '',
  `banreason` varchar(255) NOT NULL DEFAULT '',
  `active` tinyint unsigned NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`,`bandate`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `account_failure` (
  `id` int unsigned NOT NULL DEFAULT 0,
  `ip` varchar(45) NOT NULL DEFAULT '127.0.0.1',
  `failures` int unsigned NOT NULL DEFAULT 0,
  `last_failure` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`,`ip`),
  KEY `idx_last_failure` (`last_failure`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `account_muted` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `mutedate` int unsigned NOT NULL DEFAULT 0,
  `mutetime` int unsigned NOT NULL DEFAULT 0,
  `mutedby` varchar(50) NOT NULL DEFAULT '',
  `mutereason` varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (`guid`,`mutedate`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `ip_banned` (
  `ip` varchar(45) NOT NULL DEFAULT '127.0.0.1',
  `bandate` int unsigned NOT NULL DEFAULT 0,
  `unbandate` int unsigned NOT NULL DEFAULT 0,
  `bannedby` varchar(50) NOT NULL DEFAULT '[Console]',
  `banreason` varchar(255) NOT NULL DEFAULT 'no reason',
  PRIMARY KEY (`ip`,`bandate`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `secret` (
  `name` varchar(32) NOT NULL DEFAULT '',
  `value` varbinary(64) NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `secret_digest` (
  `id` int unsigned NOT NULL,
  `digest` varchar(100) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
