"""What operators watch a server by."""
