"""Captures for people: what is in them, packet by packet and counted, and from one format into another."""
