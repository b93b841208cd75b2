"""Captures as they are made: a proxy between a client and a server, and a server's own; and played again."""
