"""What the zone and the society do about each packet."""
