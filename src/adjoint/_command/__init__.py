"""Floor 6: what the command line does, one command a file."""
