"""
Our own world: names, texts, places and spawns, made the same on every machine.

Ids of maps, zones, races, classes, factions, displays, spells, skills and items are facts that a stock client
knows; what they are called and where they stand here is ours.
"""
