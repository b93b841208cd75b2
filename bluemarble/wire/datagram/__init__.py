"""
BMU/1, the datagram protocol, both ends: docs/bmu1.md in Python, for whoever wants to read it twice.

Read `keys` and `packet` for how a datagram is made and opened, `prefix` and `sections` for what is in it,
`connection` with `client` and `server` for what the two ends do.  Nothing here has a socket, clock or chance:
datagrams, times in whole microseconds and random bytes are arguments; equal ones give equal bytes.
"""
