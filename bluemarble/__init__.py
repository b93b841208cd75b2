"""BlueMarble: a server for massively multiplayer worlds."""
