"""Sockets, timers, processes: the only place where things happen."""
