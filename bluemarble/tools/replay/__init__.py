"""Journals run again: compared, taken apart, made smaller."""
