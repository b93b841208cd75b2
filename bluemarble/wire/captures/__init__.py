"""
Captures of sessions, packet by packet and in clear: files that other people's tools read and write.

`record` says what a captured packet is, `pkt` and `pcapng` are the formats, `formats` finds a file's.  Each
format has a `Reader` of an open binary file, iterated once, and a `Writer`; what either cannot keep it
counts in `lost`.  No session key is ever written, and one that is found is passed over.
"""
