"""The simulation: state and inputs in, effects out; no clock, no sockets, no database."""
