-- Names of places, and inns.
-- Made by bluemarble.tools.make_content.

REPLACE INTO `game_tele` (`id`, `position_x`, `position_y`, `position_z`, `orientation`, `map`, `name`) VALUES
(1,-8949.95,-132.493,83.5312,0,0,'larkmeadow'),
(2,-9464,62,56,0.6,0,'alderhithe'),
(3,-9380,-330,61,2.1,0,'pondside'),
(4,-9605,-1020,39.5,4.4,0,'fallowgate'),
(5,-9860,210,36,1.5,0,'thornwick'),
(11,-618.518,-4251.67,38.718,0,1,'cinderfold'),
(12,311,-4735,9.8,1.2,1,'ochrestead'),
(13,-826,-4921,19.6,0.3,1,'saltmouth'),
(14,640,-4420,17,2.9,1,'kilnbank'),
(15,-150,-4380,52,5.1,1,'drywell');

REPLACE INTO `areatrigger_tavern` (`id`, `name`) VALUES
(562,'Alderhithe: the Copper Kettle'),
(843,'Ochrestead: the Long Bench');
