-- A realm, and the builds it knows.
-- Made by bluemarble.tools.make_content.

REPLACE INTO `realmlist` (`id`, `name`, `flag`, `timezone`) VALUES
(1,'BlueMarble',0,1);

REPLACE INTO `build_info` (`build`, `majorVersion`, `minorVersion`, `bugfixVersion`, `hotfixVersion`, `winChecksumSeed`, `macChecksumSeed`) VALUES
(5875,1,12,1,NULL,'95EDB27C7823B363CBDDAB56A392E7CB73FCCA20','8D173CC381961EEBABF336F5E6675B101BB513E5'),
(12340,3,3,5,'a','CDCBBD5188315E6B4D19449D492DBCFAF156A347','B706D13FF2F4018839729461E3F8A0E2B5FDC034');
