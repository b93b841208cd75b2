"""A client of our servers: logs in, plays over UDP, predicts, interpolates; for programs, bots and tests."""
