-- Names that no character may take.
-- Made by bluemarble.tools.make_content.

REPLACE INTO `reserved_name` (`name`) VALUES
('Admin'),
('Alderhithe'),
('Anonymous'),
('Bluemarble'),
('Cinderfold'),
('Console'),
('Developer'),
('Everyone'),
('Gamemaster'),
('Larkmeadow'),
('Moderator'),
('Nobody'),
('Null'),
('Ochrestead'),
('Operator'),
('Owner'),
('Player'),
('Root'),
('Server'),
('Someone'),
('Staff'),
('Support'),
('System'),
('Unknown');
