-- What creatures say, sell and teach.

CREATE TABLE IF NOT EXISTS `npc_vendor` (
  `entry` int unsigned NOT NULL DEFAULT 0,
  `slot` smallint NOT NULL DEFAULT 0,
  `item` int NOT NULL DEFAULT 0,
  `maxcount` tinyint unsigned NOT NULL DEFAULT 0,
  `incrtime` int unsigned NOT NULL DEFAULT 0,
  `ExtendedCost` int unsigned NOT NULL DEFAULT 0,
  `VerifiedBuild` int NULL DEFAULT NULL,
  PRIMARY KEY (`entry`,`item`,`ExtendedCost`),
  KEY `idx_slot` (`slot`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `npc_text` (
  `ID` int unsigned NOT NULL DEFAULT 0,
  `text0_0` longtext NULL DEFAULT NULL,
  `text0_1` longtext NULL DEFAULT NULL,
  `BroadcastTextID0` int NOT NULL DEFAULT 0,
  `lang0` tinyint unsigned NOT NULL DEFAULT 0,
  `Probability0` float NOT NULL DEFAULT 0,
  `em0_0` smallint unsigned NOT NULL DEFAULT 0,
  `em0_1` smallint unsigned NOT NULL DEFAULT 0,
  `em0_2` smallint unsigned NOT NULL DEFAULT 0,
  `em0_3` smallint unsigned NOT NULL DEFAULT 0,
  `em0_4` smallint unsigned NOT NULL DEFAULT 0,
  `em0_5` smallint unsigned NOT NULL DEFAULT 0,
  `text1_0` longtext NULL DEFAULT NULL,
  `text1_1` longtext NULL DEFAULT NULL,
  `BroadcastTextID1` int NOT NULL DEFAULT 0,
  `lang1` tinyint unsigned NOT NULL DEFAULT 0,
  `Probability1` float NOT NULL DEFAULT 0,
  `em1_0` smallint unsigned NOT NULL DEFAULT 0,
  `em1_1` smallint unsigned NOT NULL DEFAULT 0,
  `em1_2` smallint unsigned NOT NULL DEFAULT 0,
  `em1_3` smallint unsigned NOT NULL DEFAULT 0,
  `em1_4` smallint unsigned NOT NULL DEFAULT 0,
  `em1_5` smallint unsigned NOT NULL DEFAULT 0,
  `text2_0` longtext NULL DEFAULT NULL,
  `text2_1` longtext NULL DEFAULT NULL,
  `BroadcastTextID2` int NOT NULL DEFAULT 0,
  `lang2` tinyint unsigned NOT NULL DEFAULT 0,
  `Probability2` float NOT NULL DEFAULT 0,
  `em2_0` smallint unsigned NOT NULL DEFAULT 0,
  `em2_1` smallint unsigned NOT NULL DEFAULT 0,
  `em2_2` smallint unsigned NOT NULL DEFAULT 0,
  `em2_3` smallint unsigned NOT NULL DEFAULT 0,
  `em2_4` smallint unsigned NOT NULL DEFAULT 0,
  `em2_5` smallint unsigned NOT NULL DEFAULT 0,
  `text3_0` longtext NULL DEFAULT NULL,
  `text3_1` longtext NULL DEFAULT NULL,
  `BroadcastTextID3` int NOT NULL DEFAULT 0,
  `lang3` tinyint unsigned NOT NULL DEFAULT 0,
  `Probability3` float NOT NULL DEFAULT 0,
  `em3_0` smallint unsigned NOT NULL DEFAULT 0,
  `em3_1` smallint unsigned NOT NULL DEFAULT 0,
  `em3_2` smallint unsigned NOT NULL DEFAULT 0,
  `em3_3` smallint unsigned NOT NULL DEFAULT 0,
  `em3_4` smallint unsigned NOT NULL DEFAULT 0,
  `em3_5` smallint unsigned NOT NULL DEFAULT 0,
  `text4_0` longtext NULL DEFAULT NULL,
  `text4_1` longtext NULL DEFAULT NULL,
  `BroadcastTextID4` int NOT NULL DEFAULT 0,
  `lang4` tinyint unsigned NOT NULL DEFAULT 0,
  `Probability4` float NOT NULL DEFAULT 0,
  `em4_0` smallint unsigned NOT NULL DEFAULT 0,
  `em4_1` smallint unsigned NOT NULL DEFAULT 0,
  `em4_2` smallint unsigned NOT NULL DEFAULT 0,
  `em4_3` smallint unsigned NOT NULL DEFAULT 0,
  `em4_4` smallint unsigned NOT NULL DEFAULT 0,
  `em4_5` smallint unsigned NOT NULL DEFAULT 0,
  `text5_0` longtext NULL DEFAULT NULL,
  `text5_1` longtext NULL DEFAULT NULL,
  `BroadcastTextID5` int NOT NULL DEFAULT 0,
  `lang5` tinyint unsigned NOT NULL DEFAULT 0,
  `Probability5` float NOT NULL DEFAULT 0,
  `em5_0` smallint unsigned NOT NULL DEFAULT 0,
  `em5_1` smallint unsigned NOT NULL DEFAULT 0,
  `em5_2` smallint unsigned NOT NULL DEFAULT 0,
  `em5_3` smallint unsigned NOT NULL DEFAULT 0,
  `em5_4` smallint unsigned NOT NULL DEFAULT 0,
  `em5_5` smallint unsigned NOT NULL DEFAULT 0,
  `text6_0` longtext NULL DEFAULT NULL,
  `text6_1` longtext NULL DEFAULT NULL,
  `BroadcastTextID6` int NOT NULL DEFAULT 0,
  `lang6` tinyint unsigned NOT NULL DEFAULT 0,
  `Probability6` float NOT NULL DEFAULT 0,
  `em6_0` smallint unsigned NOT NULL DEFAULT 0,
  `em6_1` smallint unsigned NOT NULL DEFAULT 0,
  `em6_2` smallint unsigned NOT NULL DEFAULT 0,
  `em6_3` smallint unsigned NOT NULL DEFAULT 0,
  `em6_4` smallint unsigned NOT NULL DEFAULT 0,
  `em6_5` smallint unsigned NOT NULL DEFAULT 0,
  `text7_0` longtext NULL DEFAULT NULL,
  `text7_1` longtext NULL DEFAULT NULL,
  `BroadcastTextID7` int NOT NULL DEFAULT 0,
  `lang7` tinyint unsigned NOT NULL DEFAULT 0,
  `Probability7` float NOT NULL DEFAULT 0,
  `em7_0` smallint unsigned NOT NULL DEFAULT 0,
  `em7_1` smallint unsigned NOT NULL DEFAULT 0,
  `em7_2` smallint unsigned NOT NULL DEFAULT 0,
  `em7_3` smallint unsigned NOT NULL DEFAULT 0,
  `em7_4` smallint unsigned NOT NULL DEFAULT 0,
  `em7_5` smallint unsigned NOT NULL DEFAULT 0,
  `VerifiedBuild` int NULL DEFAULT NULL,
  PRIMARY KEY (`ID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `npc_trainer` (
  `ID` int unsigned NOT NULL DEFAULT 0,
  `SpellID` int NOT NULL DEFAULT 0,
  `MoneyCost` int unsigned NOT NULL DEFAULT 0,
  `ReqSkillLine` smallint unsigned NOT NULL DEFAULT 0,
  `ReqSkillRank` smallint unsigned NOT NULL DEFAULT 0,
  `ReqLevel` tinyint unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`ID`,`SpellID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `trainer` (
  `Id` int unsigned NOT NULL DEFAULT 0,
  `Type` tinyint unsigned NOT NULL DEFAULT 2,
  `Requirement` int unsigned NOT NULL DEFAULT 0,
  `Greeting` mediumtext NULL DEFAULT NULL,
  `VerifiedBuild` int NULL DEFAULT NULL,
  PRIMARY KEY (`Id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `trainer_locale` (
  `Id` int unsigned NOT NULL DEFAULT 0,
  `locale` varchar(4) NOT NULL DEFAULT '',
  `Greeting_lang` text NULL DEFAULT NULL,
  `VerifiedBuild` int NOT NULL DEFAULT 0,
  PRIMARY KEY (`Id`,`locale`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `trainer_spell` (
  `TrainerId` int unsigned NOT NULL DEFAULT 0,
  `SpellId` int unsigned NOT NULL DEFAULT 0,
  `MoneyCost` int unsigned NOT NULL DEFAULT 0,
  `ReqSkillLine` int unsigned NOT NULL DEFAULT 0,
  `ReqSkillRank` int unsigned NOT NULL DEFAULT 0,
  `ReqAbility1` int unsigned NOT NULL DEFAULT 0,
  `ReqAbility2` int unsigned NOT NULL DEFAULT 0,
  `ReqAbility3` int unsigned NOT NULL DEFAULT 0,
  `ReqLevel` tinyint unsigned NOT NULL DEFAULT 0,
  `VerifiedBuild` int NULL DEFAULT NULL,
  PRIMARY KEY (`TrainerId`,`SpellId`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `creature_default_trainer` (
  `CreatureId` int unsigned NOT NULL,
  `TrainerId` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`CreatureId`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `gossip_menu` (
  `MenuID` bigint unsigned NOT NULL DEFAULT 0,
  `TextID` int unsigned NOT NULL DEFAULT 0,
  `VerifiedBuild` int NOT NULL DEFAULT 0,
  PRIMARY KEY (`MenuID`,`TextID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `gossip_menu_option` (
  `MenuID` bigint unsigned NOT NULL DEFAULT 0,
  `OptionID` bigint unsigned NOT NULL DEFAULT 0,
  `OptionIcon` int unsigned NOT NULL DEFAULT 0,
  `OptionText` mediumtext NULL DEFAULT NULL,
  `OptionBroadcastTextID` int NOT NULL DEFAULT 0,
  `OptionType` tinyint unsigned NOT NULL DEFAULT 0,
  `OptionNpcFlag` int unsigned NOT NULL DEFAULT 0,
  `ActionMenuID` int unsigned NOT NULL DEFAULT 0,
  `ActionPoiID` int unsigned NOT NULL DEFAULT 0,
  `BoxCoded` tinyint unsigned NOT NULL DEFAULT 0,
  `BoxMoney` int unsigned NOT NULL DEFAULT 0,
  `BoxText` mediumtext NULL DEFAULT NULL,
  `BoxBroadcastTextID` int NOT NULL DEFAULT 0,
  `VerifiedBuild` int NOT NULL DEFAULT 0,
  PRIMARY KEY (`MenuID`,`OptionID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS `broadcast_text` (
  `ID` int unsigned NOT NULL DEFAULT 0,
  `LanguageID` int unsigned NOT NULL DEFAULT 0,
  `MaleText` longtext NULL DEFAULT NULL,
  `FemaleText` longtext NULL DEFAULT NULL,
  `EmoteID1` int unsigned NOT NULL DEFAULT 0,
  `EmoteID2` int unsigned NOT NULL DEFAULT 0,
  `EmoteID3` int unsigned NOT NULL DEFAULT 0,
  `EmoteDelay1` int unsigned NOT NULL DEFAULT 0,
  `EmoteDelay2` int unsigned NOT NULL DEFAULT 0,
  `EmoteDelay3` int unsigned NOT NULL DEFAULT 0,
  `SoundEntriesId` int unsigned NOT NULL DEFAULT 0,
  `EmotesID` int unsigned NOT NULL DEFAULT 0,
  `Flags` int unsigned NOT NULL DEFAULT 0,
  `VerifiedBuild` int NULL DEFAULT NULL,
  PRIMARY KEY (`ID`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
