"""Measurements: numbers with budgets, as ratios or against a baseline in the same run."""
