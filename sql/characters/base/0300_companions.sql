-- Groups, guilds, petitions, arena teams, pets, channels.

CREATE TABLE IF NOT EXISTS `groups` (
  `guid` int unsigned NOT NULL,
  `leaderGuid` int unsigned NOT NULL,
  `lootMethod` tinyint unsigned NOT NULL,
  `looterGuid` int unsigned NOT NULL,
  `lootThreshold` tinyint unsigned NOT NULL,
  `icon1` int unsigned NOT NULL,
  `icon2` int unsigned NOT NULL,
  `icon3` int unsigned NOT NULL,
  `icon4` int unsigned NOT NULL,
  `icon5` int unsigned NOT NULL,
  `icon6` int unsigned NOT NULL,
  `icon7` int unsigned NOT NULL,
  `icon8` int unsigned NOT NULL,
  `groupType` tinyint unsigned NOT NULL,
  `difficulty` tinyint unsigned NOT NULL DEFAULT 0,
  `raidDifficulty` tinyint unsigned NOT NULL DEFAULT 0,
  `masterLooterGuid` int unsigned NOT NULL,
  PRIMARY KEY (`guid`),
  KEY `idx_leaderguid` (`leaderGuid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `group_member` (
  `guid` int unsigned NOT NULL,
  `memberGuid` int unsigned NOT NULL,
  `memberFlags` tinyint unsigned NOT NULL DEFAULT 0,
  `subgroup` tinyint unsigned NOT NULL DEFAULT 0,
  `roles` tinyint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`memberGuid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `guild` (
  `guildid` int unsigned NOT NULL DEFAULT 0,
  `name` varchar(24) NOT NULL DEFAULT '',
  `leaderguid` int unsigned NOT NULL DEFAULT 0,
  `EmblemStyle` tinyint unsigned NOT NULL DEFAULT 0,
  `EmblemColor` tinyint unsigned NOT NULL DEFAULT 0,
  `BorderStyle` tinyint unsigned NOT NULL DEFAULT 0,
  `BorderColor` tinyint unsigned NOT NULL DEFAULT 0,
  `BackgroundColor` tinyint unsigned NOT NULL DEFAULT 0,
  `info` varchar(500) NOT NULL DEFAULT '',
  `motd` varchar(128) NOT NULL DEFAULT '',
  `createdate` int unsigned NOT NULL DEFAULT 0,
  `BankMoney` bigint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guildid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `guild_member` (
  `guildid` int unsigned NOT NULL,
  `guid` int unsigned NOT NULL,
  `rank` tinyint unsigned NOT NULL,
  `pnote` varchar(31) NOT NULL DEFAULT '',
  `offnote` varchar(31) NOT NULL DEFAULT '',
  UNIQUE KEY `idx_guid` (`guid`),
  KEY `idx_guildid` (`guildid`),
  KEY `idx_guildid_rank` (`guildid`,`rank`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `guild_rank` (
  `guildid` int unsigned NOT NULL DEFAULT 0,
  `rid` tinyint unsigned NOT NULL,
  `rname` varchar(20) NOT NULL DEFAULT '',
  `rights` int unsigned NOT NULL DEFAULT 0,
  `BankMoneyPerDay` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guildid`,`rid`),
  KEY `idx_rid` (`rid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `guild_bank_tab` (
  `guildid` int unsigned NOT NULL DEFAULT 0,
  `TabId` tinyint unsigned NOT NULL DEFAULT 0,
  `TabName` varchar(16) NOT NULL DEFAULT '',
  `TabIcon` varchar(100) NOT NULL DEFAULT '',
  `TabText` varchar(500) NULL DEFAULT NULL,
  PRIMARY KEY (`guildid`,`TabId`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `guild_bank_item` (
  `guildid` int unsigned NOT NULL DEFAULT 0,
  `TabId` tinyint unsigned NOT NULL DEFAULT 0,
  `SlotId` tinyint unsigned NOT NULL DEFAULT 0,
  `item_guid` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guildid`,`TabId`,`SlotId`),
  KEY `idx_item_guid` (`item_guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `guild_bank_right` (
  `guildid` int unsigned NOT NULL DEFAULT 0,
  `TabId` tinyint unsigned NOT NULL DEFAULT 0,
  `rid` tinyint unsigned NOT NULL DEFAULT 0,
  `gbright` tinyint unsigned NOT NULL DEFAULT 0,
  `SlotPerDay` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guildid`,`TabId`,`rid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `guild_bank_eventlog` (
  `guildid` int unsigned NOT NULL DEFAULT 0,
  `LogGuid` int unsigned NOT NULL DEFAULT 0,
  `TabId` tinyint unsigned NOT NULL DEFAULT 0,
  `EventType` tinyint unsigned NOT NULL DEFAULT 0,
  `PlayerGuid` int unsigned NOT NULL DEFAULT 0,
  `ItemOrMoney` int unsigned NOT NULL DEFAULT 0,
  `ItemStackCount` smallint unsigned NOT NULL DEFAULT 0,
  `DestTabId` tinyint unsigned NOT NULL DEFAULT 0,
  `TimeStamp` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guildid`,`LogGuid`,`TabId`),
  KEY `idx_logguid` (`LogGuid`),
  KEY `idx_playerguid` (`PlayerGuid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `guild_eventlog` (
  `guildid` int unsigned NOT NULL,
  `LogGuid` int unsigned NOT NULL,
  `EventType` tinyint unsigned NOT NULL,
  `PlayerGuid1` int unsigned NOT NULL,
  `PlayerGuid2` int unsigned NOT NULL,
  `NewRank` tinyint unsigned NOT NULL,
  `TimeStamp` int unsigned NOT NULL,
  PRIMARY KEY (`guildid`,`LogGuid`),
  KEY `idx_logguid` (`LogGuid`),
  KEY `idx_playerguid1` (`PlayerGuid1`),
  KEY `idx_playerguid2` (`PlayerGuid2`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `guild_member_withdraw` (
  `guid` int unsigned NOT NULL,
  `tab0` int unsigned NOT NULL DEFAULT 0,
  `tab1` int unsigned NOT NULL DEFAULT 0,
  `tab2` int unsigned NOT NULL DEFAULT 0,
  `tab3` int unsigned NOT NULL DEFAULT 0,
  `tab4` int unsigned NOT NULL DEFAULT 0,
  `tab5` int unsigned NOT NULL DEFAULT 0,
  `money` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `petition` (
  `ownerguid` int unsigned NOT NULL,
  `petitionguid` int unsigned NOT NULL DEFAULT 0,
  `petition_id` int unsigned NOT NULL DEFAULT 0,
  `name` varchar(24) NOT NULL DEFAULT '',
  `type` tinyint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`ownerguid`,`type`),
  UNIQUE KEY `idx_ownerguid_petitionguid` (`ownerguid`,`petitionguid`),
  KEY `idx_petition_id` (`petition_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `petition_sign` (
  `ownerguid` int unsigned NOT NULL,
  `petitionguid` int unsigned NOT NULL DEFAULT 0,
  `petition_id` int unsigned NOT NULL DEFAULT 0,
  `playerguid` int unsigned NOT NULL DEFAULT 0,
  `player_account` int unsigned NOT NULL DEFAULT 0,
  `type` tinyint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`petitionguid`,`playerguid`),
  KEY `idx_ownerguid` (`ownerguid`),
  KEY `idx_playerguid` (`playerguid`),
  KEY `idx_petition_id` (`petition_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `arena_team` (
  `arenaTeamId` int unsigned NOT NULL DEFAULT 0,
  `name` varchar(24) NOT NULL DEFAULT '',
  `captainGuid` int unsigned NOT NULL DEFAULT 0,
  `type` tinyint unsigned NOT NULL DEFAULT 0,
  `rating` smallint unsigned NOT NULL DEFAULT 0,
  `seasonGames` smallint unsigned NOT NULL DEFAULT 0,
  `seasonWins` smallint unsigned NOT NULL DEFAULT 0,
  `weekGames` smallint unsigned NOT NULL DEFAULT 0,
  `weekWins` smallint unsigned NOT NULL DEFAULT 0,
  `rank` int unsigned NOT NULL DEFAULT 0,
  `backgroundColor` int unsigned NOT NULL DEFAULT 0,
  `emblemStyle` tinyint unsigned NOT NULL DEFAULT 0,
  `emblemColor` int unsigned NOT NULL DEFAULT 0,
  `borderStyle` tinyint unsigned NOT NULL DEFAULT 0,
  `borderColor` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`arenaTeamId`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `arena_team_member` (
  `arenaTeamId` int unsigned NOT NULL DEFAULT 0,
  `guid` int unsigned NOT NULL DEFAULT 0,
  `weekGames` smallint unsigned NOT NULL DEFAULT 0,
  `weekWins` smallint unsigned NOT NULL DEFAULT 0,
  `seasonGames` smallint unsigned NOT NULL DEFAULT 0,
  `seasonWins` smallint unsigned NOT NULL DEFAULT 0,
  `personalRating` smallint NOT NULL DEFAULT 0,
  PRIMARY KEY (`arenaTeamId`,`guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_arena_stats` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `slot` tinyint unsigned NOT NULL DEFAULT 0,
  `matchMakerRating` smallint unsigned NOT NULL DEFAULT 0,
  `maxMMR` smallint NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`slot`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `active_arena_season` (
  `season_id` tinyint unsigned NOT NULL,
  `season_state` tinyint unsigned NOT NULL,
  PRIMARY KEY (`season_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `log_arena_fights` (
  `fight_id` int unsigned NOT NULL,
  `time` datetime NOT NULL,
  `type` tinyint unsigned NOT NULL,
  `duration` int unsigned NOT NULL,
  `winner` int unsigned NOT NULL,
  `loser` int unsigned NOT NULL,
  `winner_tr` smallint unsigned NOT NULL,
  `winner_mmr` smallint unsigned NOT NULL,
  `winner_tr_change` smallint NOT NULL,
  `loser_tr` smallint unsigned NOT NULL,
  `loser_mmr` smallint unsigned NOT NULL,
  `loser_tr_change` smallint NOT NULL,
  PRIMARY KEY (`fight_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `log_arena_memberstats` (
  `fight_id` int unsigned NOT NULL,
  `member_id` tinyint unsigned NOT NULL,
  `name` char(20) NOT NULL DEFAULT '',
  `guid` int unsigned NOT NULL,
  `team` int unsigned NOT NULL,
  `account` int unsigned NOT NULL,
  `ip` char(45) NOT NULL DEFAULT '',
  `damage` int unsigned NOT NULL,
  `heal` int unsigned NOT NULL,
  `kblows` int unsigned NOT NULL,
  PRIMARY KEY (`fight_id`,`member_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `battleground_deserters` (
  `guid` int unsigned NOT NULL,
  `datetime` datetime NOT NULL,
  KEY `idx_guid` (`guid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `character_pet` (
  `id` int unsigned NOT NULL DEFAULT 0,
  `entry` int unsigned NOT NULL DEFAULT 0,
  `owner` int unsigned NOT NULL DEFAULT 0,
  `modelid` int unsigned NOT NULL DEFAULT 0,
  `CreatedBySpell` int unsigned NOT NULL DEFAULT 0,
  `PetType` tinyint unsigned NOT NULL DEFAULT 0,
  `level` smallint unsigned NOT NULL DEFAULT 1,
  `exp` int unsigned NOT NULL DEFAULT 0,
  `Reactstate` tinyint unsigned NOT NULL DEFAULT 0,
  `name` varchar(21) NOT NULL DEFAULT 'Pet',
  `renamed` tinyint unsigned NOT NULL DEFAULT 0,
  `slot` tinyint unsigned NOT NULL DEFAULT 0,
  `curhealth` int unsigned NOT NULL DEFAULT 1,
  `curmana` int unsigned NOT NULL DEFAULT 0,
  `curhappiness` int unsigned NOT NULL DEFAULT 0,
  `savetime` int unsigned NOT NULL DEFAULT 0,
  `abdata` text NULL DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `idx_slot` (`slot`),
  KEY `idx_owner` (`owner`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `pet_aura` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `casterGuid` bigint unsigned NOT NULL DEFAULT 0,
  `spell` int unsigned NOT NULL DEFAULT 0,
  `effectMask` tinyint unsigned NOT NULL DEFAULT 0,
  `recalculateMask` tinyint unsigned NOT NULL DEFAULT 0,
  `stackCount` tinyint unsigned NOT NULL DEFAULT 1,
  `amount0` int NULL DEFAULT NULL,
  `amount1` int NULL DEFAULT NULL,
  `amount2` int NULL DEFAULT NULL,
  `base_amount0` int NULL DEFAULT NULL,
  `base_amount1` int NULL DEFAULT NULL,
  `base_amount2` int NULL DEFAULT NULL,
  `maxDuration` int NOT NULL DEFAULT 0,
  `remainTime` int NOT NULL DEFAULT 0,
  `remainCharges` tinyint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`casterGuid`,`spell`,`effectMask`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `pet_spell` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `spell` int unsigned NOT NULL DEFAULT 0,
  `active` tinyint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`spell`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `pet_spell_cooldown` (
  `guid` int unsigned NOT NULL DEFAULT 0,
  `spell` int unsigned NOT NULL DEFAULT 0,
  `category` int unsigned NOT NULL DEFAULT 0,
  `time` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`guid`,`spell`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `channels` (
  `channelId` int unsigned PRIMARY KEY AUTO_INCREMENT,
  `name` varchar(128) NOT NULL DEFAULT '',
  `team` int unsigned NOT NULL,
  `announce` tinyint unsigned NOT NULL DEFAULT 1,
  `ownership` tinyint unsigned NOT NULL DEFAULT 1,
  `password` varchar(32) NULL DEFAULT NULL,
  `lastUsed` int unsigned NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
