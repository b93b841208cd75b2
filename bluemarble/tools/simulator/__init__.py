"""The whole server and its clients in one process, on our own clock, network and disks: docs/simulator.md."""
