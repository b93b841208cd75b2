"""Many clients that play by a scenario, in one process or several, and measure a server: docs/bots.md."""
